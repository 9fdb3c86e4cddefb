#include "ledger/checkpoint.hpp"

#include "fixture.hpp"

using namespace salus;
using namespace salus::ledger;
using namespace salus::ledger::test;

TEST_CASE("a note signed and cosigned by the Go packages is read, verified and made again") {
    const json::Value file = vector_file("ledger-note/note.json");
    const std::string text = must(json::need_text(file, "note"));
    const json::Array& lines = *must(json::need_array(file, "keys"));
    const std::vector<VerifierKey> keys =
        must(parse_trust(*lines[0].text() + "\n" + *lines[1].text() + "\n"));
    const Note note = must(parse_note(text));
    CHECK(note.text == must(json::need_text(file, "text")));
    CHECK(checkpoint_text(note.checkpoint) == note.text);
    CHECK(write_note(note.text, note.signatures) == text);
    CHECK(must(count_signatures(note, keys)) == 2);
    CHECK(check_quorum(note, keys).ok());
    for (std::size_t i = 0; i < keys.size(); ++i) {
        CHECK(write_verifier_key(keys[i]) == *lines[i].text());
    }

    // The first signature is deterministic; the second carries the time it was made at.
    CHECK(sign_checkpoint(note.text, keys[0].name, key_of(16)) == note.signatures[0]);
    const std::uint64_t seconds = read_be64(note.signatures[1].bytes.data());
    CHECK(cosign_checkpoint(note.text, keys[1].name, key_of(17), seconds) == note.signatures[1]);
}

TEST_CASE("the example key of the signed-note implementations is read") {
    const std::string line =
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    const VerifierKey key = must(parse_verifier_key(line));
    CHECK(key.name == "example.com/foo");
    CHECK(key_hash(key) == 0x530d903a);
    CHECK(write_verifier_key(key) == line);

    const std::string text = "This is an example message.\n";
    const std::string signature =
        "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72Ineya"
        "QM=";
    const Bytes bytes = must(from_base64(signature));
    CHECK(read_be32(bytes.data()) == key_hash(key));
    const auto value = must(Signature::from(ByteView(bytes).subspan(4)));
    CHECK(crypto::verify(key.key, note_message(key.algorithm, text), value));
}
