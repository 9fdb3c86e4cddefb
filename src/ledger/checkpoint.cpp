#include "ledger/checkpoint.hpp"

#include "crypto/hash.hpp"

#include <charconv>
#include <set>

namespace salus::ledger {
namespace {

constexpr std::string_view em_dash = "\xE2\x80\x94 ";  // U+2014 and a blank
constexpr std::size_t ed25519_bytes = 64;
constexpr std::size_t cosignature_bytes = 72;  // be64 seconds before the signature

Error wrong(const std::string& what) {
    return Error{Errc::malformed, "checkpoint: " + what};
}
Error limit(const std::string& what) {
    return Error{Errc::out_of_range, "checkpoint: " + what};
}

/// Takes the text up to the next newline. C2SP signed-note: every line ends in one.
Result<std::string_view> take_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return wrong("a line does not end");
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    return line;
}

/// Decimal without sign or leading zeros.
Result<std::uint64_t> parse_decimal(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || text != std::to_string(value)) {
        return wrong("a number is not decimal");
    }
    return value;
}

Result<Digest> parse_digest(std::string_view text) {
    const Bytes bytes = SALUS_TRY(from_base64(text));
    return Digest::from(bytes);
}

/// C2SP signed-note: not empty, UTF-8, neither Unicode spaces nor plus. Ours are ASCII without
/// control characters, which leaves no other kind of space.
bool is_key_name(std::string_view name) noexcept {
    if (name.empty() || name.size() > key_name_bytes_max) return false;
    return std::all_of(name.begin(), name.end(),
                       [](char c) { return c > ' ' && c < 0x7F && c != '+'; });
}

Status check_note_text(std::string_view note) {
    if (note.size() > note_bytes_max) return limit(std::to_string(note.size()) + " bytes");
    if (!is_utf8(as_bytes(note))) return wrong("not UTF-8");
    for (const char c : note) {
        if (static_cast<unsigned char>(c) < 0x20 && c != '\n') return wrong("a control character");
    }
    return done;
}

Result<NoteSignature> parse_signature(std::string_view line) {
    if (!line.starts_with(em_dash)) return wrong("a signature line does not begin with a dash");
    line.remove_prefix(em_dash.size());
    const std::size_t blank = line.find(' ');
    if (blank == std::string_view::npos) return wrong("a signature line without a blank");
    NoteSignature signature;
    signature.name = line.substr(0, blank);
    if (!is_key_name(signature.name)) return wrong("a key name");
    const Bytes bytes = SALUS_TRY(from_base64(line.substr(blank + 1)));
    if (bytes.size() <= 4) return wrong("a signature line is too short");
    signature.key_hash = read_be32(bytes.data());
    signature.bytes.assign(bytes.begin() + 4, bytes.end());
    return signature;
}

/// `prefix` and the rest of the line.
Result<std::string_view> after(std::string_view line, std::string_view prefix) {
    if (!line.starts_with(prefix))
        return wrong("the line '" + std::string(prefix) + "' is missing");
    return line.substr(prefix.size());
}

Status parse_height(std::string_view line, Checkpoint& into) {
    const std::string_view rest = SALUS_TRY(after(line, "height "));
    const std::size_t blank = rest.find(' ');
    if (blank == std::string_view::npos) return wrong("the height line has no header hash");
    into.height.value = SALUS_TRY(parse_decimal(rest.substr(0, blank)));
    into.header_hash = SALUS_TRY(parse_digest(rest.substr(blank + 1)));
    return done;
}

std::size_t signature_bytes(NoteAlgorithm algorithm) {
    return algorithm == NoteAlgorithm::ed25519 ? ed25519_bytes : cosignature_bytes;
}

SignatureCheck check_of(const Note& note, const NoteSignature& line, const VerifierKey& key) {
    SignatureCheck check;
    check.key = key.key;
    std::uint64_t seconds = 0;
    const std::uint8_t* at = line.bytes.data();
    if (key.algorithm == NoteAlgorithm::cosignature_v1) {
        seconds = read_be64(at);
        at += 8;
    }
    std::copy(at, at + ed25519_bytes, check.signature.bytes.begin());
    check.message = note_message(key.algorithm, note.text, seconds);
    return check;
}

}  // namespace

std::string checkpoint_origin(std::string_view chain_id) {
    return "salus/" + std::string(chain_id);
}

Checkpoint checkpoint_of(std::string_view chain_id, const BlockHeader& header,
                         const Digest& header_hash) {
    return {checkpoint_origin(chain_id),
            header.log_size,
            header.log_root,
            header.height,
            header_hash,
            header.state_root,
            {}};
}

std::string checkpoint_text(const Checkpoint& checkpoint) {
    std::string text = checkpoint.origin + "\n" + std::to_string(checkpoint.log_size) + "\n" +
                       to_base64(checkpoint.log_root.view()) + "\nheight " +
                       std::to_string(checkpoint.height.value) + " " +
                       to_base64(checkpoint.header_hash.view()) + "\nstate " +
                       to_base64(checkpoint.state_root.view()) + "\n";
    for (const std::string& line : checkpoint.extensions) text += line + "\n";
    return text;
}

Result<Checkpoint> parse_checkpoint_text(std::string_view text) {
    SALUS_TRY(check_note_text(text));
    Checkpoint checkpoint;
    checkpoint.origin = SALUS_TRY(take_line(text));
    if (!is_key_name(checkpoint.origin)) return wrong("the origin");
    const std::string_view size = SALUS_TRY(take_line(text));
    checkpoint.log_size = SALUS_TRY(parse_decimal(size));
    const std::string_view root = SALUS_TRY(take_line(text));
    checkpoint.log_root = SALUS_TRY(parse_digest(root));
    const std::string_view height = SALUS_TRY(take_line(text));
    SALUS_TRY(parse_height(height, checkpoint));
    const std::string_view state_line = SALUS_TRY(take_line(text));
    const std::string_view state = SALUS_TRY(after(state_line, "state "));
    checkpoint.state_root = SALUS_TRY(parse_digest(state));
    while (!text.empty()) {
        const std::string_view line = SALUS_TRY(take_line(text));
        if (line.empty()) return wrong("an empty extension line");
        if (checkpoint.extensions.size() == note_extensions_max) return limit("extension lines");
        checkpoint.extensions.emplace_back(line);
    }
    return checkpoint;
}

std::string write_note(std::string_view text, std::span<const NoteSignature> signatures) {
    std::string note = std::string(text) + "\n";
    for (const NoteSignature& signature : signatures) {
        Bytes bytes;
        append_be32(bytes, signature.key_hash);
        append(bytes, signature.bytes);
        note += std::string(em_dash) + signature.name + " " + to_base64(bytes) + "\n";
    }
    return note;
}

Result<Note> parse_note(std::string_view input) {
    SALUS_TRY(check_note_text(input));
    // The last empty line separates; a checkpoint's text holds no other.
    const std::size_t split = input.rfind("\n\n");
    if (split == std::string_view::npos) return wrong("no empty line before the signatures");
    Note note;
    note.text = input.substr(0, split + 1);
    note.checkpoint = SALUS_TRY(parse_checkpoint_text(note.text));
    std::string_view rest = input.substr(split + 2);
    if (rest.empty()) return wrong("no signature");
    while (!rest.empty()) {
        if (note.signatures.size() == note_signatures_max) return limit("signatures");
        const std::string_view line = SALUS_TRY(take_line(rest));
        note.signatures.push_back(SALUS_TRY(parse_signature(line)));
    }
    return note;
}

std::uint32_t key_hash(const VerifierKey& key) {
    const std::array<std::uint8_t, 2> middle = {'\n', static_cast<std::uint8_t>(key.algorithm)};
    const Digest digest = crypto::sha256({as_bytes(key.name), middle, key.key.view()});
    return read_be32(digest.bytes.data());
}

std::string write_verifier_key(const VerifierKey& key) {
    Bytes hash;
    append_be32(hash, key_hash(key));
    Bytes material = {static_cast<std::uint8_t>(key.algorithm)};
    append(material, key.key.view());
    return key.name + "+" + to_hex(hash) + "+" + to_base64(material);
}

Result<VerifierKey> parse_verifier_key(std::string_view text) {
    const std::size_t first = text.find('+');
    if (first == std::string_view::npos) return wrong("a verifier key without a hash");
    const std::size_t second = text.find('+', first + 1);
    if (second == std::string_view::npos) return wrong("a verifier key without a key");
    VerifierKey key;
    key.name = text.substr(0, first);
    if (!is_key_name(key.name)) return wrong("a key name");
    const Bytes material = SALUS_TRY(from_base64(text.substr(second + 1)));
    if (material.size() != 1 + PublicKey::size_bytes) return wrong("a verifier key's size");
    if (material[0] != static_cast<std::uint8_t>(NoteAlgorithm::ed25519) &&
        material[0] != static_cast<std::uint8_t>(NoteAlgorithm::cosignature_v1)) {
        return wrong("a verifier key of an unknown algorithm");
    }
    key.algorithm = static_cast<NoteAlgorithm>(material[0]);
    key.key = SALUS_TRY(PublicKey::from(ByteView(material).subspan(1)));
    if (write_verifier_key(key) != text) return wrong("a verifier key's hash is not its own");
    return key;
}

Result<std::vector<VerifierKey>> parse_trust(std::string_view text) {
    std::vector<VerifierKey> keys;
    std::set<PublicKey> seen;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty() || line.front() == '#') continue;
        if (keys.size() == trust_keys_max) return limit("trusted keys");
        keys.push_back(SALUS_TRY(parse_verifier_key(line)));
        // One key under two names would count twice.
        if (!seen.insert(keys.back().key).second) return wrong("one trusted key twice");
    }
    if (keys.empty()) return limit("no trusted key");
    return keys;
}

std::string member_key_name(std::string_view chain_id, const ObjectId& organisation) {
    return checkpoint_origin(chain_id) + "/" + to_hex(organisation.view());
}

VerifierKey member_key(std::string_view chain_id, const ObjectId& organisation,
                       const PublicKey& key) {
    return {member_key_name(chain_id, organisation), NoteAlgorithm::ed25519, key};
}

Bytes note_message(NoteAlgorithm algorithm, std::string_view text, std::uint64_t unix_seconds) {
    if (algorithm == NoteAlgorithm::ed25519) return to_bytes(text);
    // C2SP tlog-cosignature, "Ed25519 signed message".
    Bytes message = to_bytes("cosignature/v1\ntime " + std::to_string(unix_seconds) + "\n");
    append(message, as_bytes(text));
    return message;
}

NoteSignature note_signature(const VerifierKey& key, const Signature& signature,
                             std::uint64_t unix_seconds) {
    NoteSignature line{key.name, key_hash(key), {}};
    if (key.algorithm == NoteAlgorithm::cosignature_v1) append_be64(line.bytes, unix_seconds);
    append(line.bytes, signature.view());
    return line;
}

Result<std::vector<Vote>> note_votes(const Note& note, std::span<const VerifierKey> keys) {
    std::vector<Vote> votes;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const std::uint32_t hash = key_hash(keys[i]);
        bool found = false;
        for (const NoteSignature& line : note.signatures) {
            if (line.key_hash != hash || line.name != keys[i].name) continue;
            if (found) return wrong("two signatures of " + keys[i].name);
            if (line.bytes.size() != signature_bytes(keys[i].algorithm)) {
                return wrong("a signature of another size by " + keys[i].name);
            }
            found = true;
            votes.push_back({i, check_of(note, line, keys[i])});
        }
    }
    return votes;
}

}  // namespace salus::ledger
