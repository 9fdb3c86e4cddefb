/// Signed notes, the checkpoint in them, verifier keys and lists of trusted keys; what a witness
/// remembers, and what is brought to it.

#include "ledger/checkpoint.hpp"

#include "ledger/checkpoint_sign.hpp"
#include "ledger/witness.hpp"
#include "support/laws.hpp"

using namespace salus;
using namespace salus::ledger;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    const auto text_decoder = [](auto parse) {
        return [parse](auto bytes) {
            return parse(
                std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
        };
    };
    fuzz::check_codec(input, text_decoder(parse_note),
                      [](const Note& note) { return write_note(note.text, note.signatures); });
    fuzz::check_codec(input, text_decoder(parse_checkpoint_text), checkpoint_text);
    fuzz::check_codec(input, text_decoder(parse_verifier_key), write_verifier_key);
    fuzz::check_codec(input, text_decoder(parse_keyed_note), write_keyed_note);
    fuzz::check_codec(input, text_decoder(parse_submission), write_submission);
    const auto note = parse_note(as_text(input));
    const auto keys = parse_trust(as_text(input));
    if (note.ok()) {
        std::vector<VerifierKey> signers;
        for (const NoteSignature& signature : note->signatures) {
            VerifierKey key;
            key.name = signature.name;
            key.algorithm = signature.bytes.size() == 64 ? NoteAlgorithm::ed25519
                                                         : NoteAlgorithm::cosignature_v1;
            signers.push_back(key);
        }
        (void)note_votes(*note, signers).ok();
    }
    if (keys.ok()) SALUS_ASSERT(!keys->empty());
    return 0;
}
