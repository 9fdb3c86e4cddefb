#include "ledger/checkpoint.hpp"

#include "fixture.hpp"

using namespace salus;
using namespace salus::ledger;
using namespace salus::ledger::test;

namespace {

Checkpoint example() {
    return {"salus/test",      42, filled<Digest>(1), BlockHeight{7}, filled<Digest>(2),
            filled<Digest>(3), {}};
}

VerifierKey verifier(std::uint8_t seed, NoteAlgorithm algorithm = NoteAlgorithm::ed25519) {
    return {"salus/test/" + std::to_string(seed), algorithm, crypto::public_key(key_of(seed))};
}

Note signed_by(std::size_t count) {
    const std::string text = checkpoint_text(example());
    std::vector<NoteSignature> signatures;
    for (std::size_t i = 0; i < count; ++i) {
        const auto seed = static_cast<std::uint8_t>(i + 1);
        signatures.push_back(sign_checkpoint(text, verifier(seed).name, key_of(seed)));
    }
    return must(parse_note(write_note(text, signatures)));
}

std::vector<VerifierKey> first_keys(std::size_t count) {
    std::vector<VerifierKey> keys;
    for (std::size_t i = 0; i < count; ++i) {
        keys.push_back(verifier(static_cast<std::uint8_t>(i + 1)));
    }
    return keys;
}

}  // namespace

TEST_CASE("a checkpoint's text is read as it was written, with further lines kept") {
    Checkpoint checkpoint = example();
    CHECK(must(parse_checkpoint_text(checkpoint_text(checkpoint))) == checkpoint);
    checkpoint.extensions = {"stamp abc", "another one"};
    CHECK(must(parse_checkpoint_text(checkpoint_text(checkpoint))) == checkpoint);
    for (std::size_t lines : {15U, 16U, 17U}) {
        checkpoint.extensions.assign(lines, "x");
        CHECK(parse_checkpoint_text(checkpoint_text(checkpoint)).ok() == (lines <= 16));
    }
}

TEST_CASE("a text that is not to the letter is refused") {
    const std::string good = checkpoint_text(example());
    const auto with = [&](const std::string& from, const std::string& to) {
        std::string text = good;
        text.replace(text.find(from), from.size(), to);
        return parse_checkpoint_text(text);
    };
    CHECK(parse_checkpoint_text(good).ok());
    CHECK(code_of(with("\n42\n", "\n042\n")) == Errc::malformed);
    CHECK(code_of(with("\n42\n", "\n+42\n")) == Errc::malformed);
    CHECK(code_of(with("\n42\n", "\n18446744073709551616\n")) == Errc::malformed);
    CHECK(code_of(with("height 7 ", "height 07 ")) == Errc::malformed);
    CHECK(code_of(with("height 7 ", "height 7")) == Errc::malformed);
    CHECK(code_of(with("state ", "State ")) == Errc::malformed);
    CHECK(code_of(with("salus/test", "salus test")) == Errc::malformed);
    CHECK(code_of(with("salus/test", "salus\ttest")) == Errc::malformed);
    CHECK(code_of(parse_checkpoint_text(good + "\n")) == Errc::malformed);
    CHECK(code_of(parse_checkpoint_text(good.substr(0, good.size() - 1))) == Errc::malformed);
}

TEST_CASE("more than two thirds of the trusted keys must have signed") {
    CHECK_FALSE(is_quorum(0, 0));
    CHECK(is_quorum(1, 1));
    CHECK_FALSE(is_quorum(1, 2));
    CHECK_FALSE(is_quorum(2, 3));
    CHECK(is_quorum(3, 3));
    CHECK(is_quorum(3, 4));
    CHECK_FALSE(is_quorum(4, 6));
    CHECK(is_quorum(5, 6));
    CHECK(check_quorum(signed_by(3), first_keys(4)).ok());
    CHECK(code_of(check_quorum(signed_by(2), first_keys(4))) == Errc::authentication);
    CHECK(code_of(check_quorum(signed_by(2), first_keys(3))) == Errc::authentication);
    CHECK(must(count_signatures(signed_by(4), first_keys(2))) == 2);
}

TEST_CASE("a false signature of a known key refuses the note, an unknown one is passed over") {
    Note note = signed_by(3);
    note.signatures[1].bytes[9] ^= 1;
    CHECK(code_of(count_signatures(note, first_keys(3))) == Errc::authentication);
    const std::vector<VerifierKey> first = first_keys(1);
    CHECK(must(count_signatures(note, first)) == 1);
    CHECK(check_signed_by(note, first[0]).ok());
    CHECK(code_of(check_signed_by(note, verifier(9))) == Errc::authentication);
}

TEST_CASE("one key counts once, in a note and in a list of trusted keys") {
    Note note = signed_by(2);
    note.signatures.push_back(note.signatures[0]);
    CHECK(code_of(count_signatures(note, first_keys(3))) == Errc::malformed);
    const std::string line = write_verifier_key(verifier(1));
    VerifierKey renamed = verifier(1);
    renamed.name = "other";
    CHECK(must(parse_trust("# members\n\n" + line + "\r\n")).size() == 1);
    CHECK(code_of(parse_trust(line + "\n" + line)) == Errc::malformed);
    CHECK(code_of(parse_trust(line + "\n" + write_verifier_key(renamed))) == Errc::malformed);
    CHECK(code_of(parse_trust("# nobody\n")) == Errc::out_of_range);
}

TEST_CASE("a cosignature holds for its time only") {
    const std::string text = checkpoint_text(example());
    const VerifierKey key = verifier(5, NoteAlgorithm::cosignature_v1);
    NoteSignature line = cosign_checkpoint(text, key.name, key_of(5), 1'700'000'000);
    Note note = must(parse_note(write_note(text, std::span(&line, 1))));
    CHECK(check_signed_by(note, key).ok());
    CHECK(code_of(check_signed_by(note, verifier(5))) == Errc::authentication);
    note.signatures[0].bytes[7] ^= 1;
    CHECK(code_of(check_signed_by(note, key)) == Errc::authentication);
    note.signatures[0].bytes.pop_back();
    CHECK(code_of(check_signed_by(note, key)) == Errc::malformed);
}

TEST_CASE("no bit of a signed note may change") {
    const std::string text = seal_checkpoint(example(), verifier(1).name, key_of(1));
    const VerifierKey key = verifier(1);
    REQUIRE(check_signed_by(must(parse_note(text)), key).ok());
    for (std::size_t at = 0; at < text.size(); ++at) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            std::string bad = text;
            bad[at] = static_cast<char>(static_cast<unsigned char>(bad[at]) ^ (1U << bit));
            const Result<Note> note = parse_note(bad);
            CHECK_FALSE((note.ok() && check_signed_by(*note, key).ok()));
            if (note.ok()) CHECK(write_note(note->text, note->signatures) == bad);
        }
    }
}

TEST_CASE("a verifier key whose hash is another's is refused") {
    std::string line = write_verifier_key(verifier(1));
    CHECK(must(parse_verifier_key(line)) == verifier(1));
    CHECK(code_of(parse_verifier_key("x" + line)) == Errc::malformed);
    CHECK(code_of(parse_verifier_key(line.substr(0, line.size() - 4))) == Errc::malformed);
    CHECK(code_of(parse_verifier_key("name")) == Errc::malformed);
    CHECK(code_of(parse_verifier_key("a b+00000000+AA==")) == Errc::malformed);
}
