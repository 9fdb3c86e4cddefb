#include "ledger/limits.hpp"
#include "ledger/witness.hpp"

namespace salus::ledger {
namespace {

constexpr std::string_view key_prefix = "PRIVATE+KEY+";
constexpr std::size_t key_file_bytes_max = 1'024;

Error wrong(const char* what) {
    return Error{Errc::malformed, std::string("witness key: ") + what};
}

/// The line up to the secret part: `PRIVATE+KEY+name+hash+`.
std::string head_of_line(const VerifierKey& key) {
    const std::string text = write_verifier_key(key);
    // Base64 may hold plus signs; name and hash hold none.
    return std::string(key_prefix) + text.substr(0, text.find('+', text.find('+') + 1) + 1);
}

Result<WitnessKey> parse_key(std::string_view line) {
    if (line.ends_with('\n')) line.remove_suffix(1);
    if (!line.starts_with(key_prefix)) return wrong("the file holds no key");
    const std::size_t name_end = line.find('+', key_prefix.size());
    if (name_end == std::string_view::npos) return wrong("the key has no hash");
    const std::size_t plus = line.find('+', name_end + 1);
    if (plus == std::string_view::npos) return wrong("the file holds no key");
    Bytes material = SALUS_TRY(from_base64(line.substr(plus + 1)));
    WitnessKey out;
    const bool fits = material.size() == 1 + crypto::SigningKey::size_bytes &&
                      material[0] == static_cast<std::uint8_t>(NoteAlgorithm::cosignature_v1);
    if (fits)
        out.key = SALUS_TRY(crypto::key_from<crypto::SigningKey>(ByteView(material).subspan(1)));
    crypto::wipe(material);
    if (!fits) return wrong("the file holds a key of another algorithm");
    out.name = line.substr(key_prefix.size(), name_end - key_prefix.size());
    if (line.substr(0, plus + 1) != head_of_line(out.verifier())) {
        return wrong("the key's hash is not its own");
    }
    return out;
}

}  // namespace

VerifierKey WitnessKey::verifier() const {
    return {name, NoteAlgorithm::cosignature_v1, crypto::public_key(key)};
}

Result<WitnessKey> read_witness_key(Env& env, const std::string& path) {
    Bytes bytes = SALUS_TRY(read_file(env, path, key_file_bytes_max));
    auto key = parse_key(as_text(bytes));
    crypto::wipe(bytes);
    return key;
}

Result<WitnessKey> make_witness_key(Env& env, const std::string& path, std::string_view name) {
    WitnessKey key{std::string(name), crypto::random_key<crypto::SigningKey>(env)};
    // A name that its own verifier key cannot carry is none.
    SALUS_TRY(parse_verifier_key(write_verifier_key(key.verifier())));
    Bytes material = {static_cast<std::uint8_t>(NoteAlgorithm::cosignature_v1)};
    append(material, key.key.reveal());
    std::string secret = to_base64(material);
    crypto::wipe(material);
    Bytes line = to_bytes(head_of_line(key.verifier()));
    append(line, as_bytes(secret));
    line.push_back('\n');
    crypto::wipe({reinterpret_cast<std::uint8_t*>(secret.data()), secret.size()});
    const Status written = write_file_atomically(env, path, line);
    crypto::wipe(line);
    SALUS_TRY(Status(written));
    return key;
}

}  // namespace salus::ledger
