/// Writes the seeds of every corpus: `fuzz_seeds fuzz/corpus`. They are the answers in
/// tests/vectors and what the encoders make; explorers add to them what they find interesting.

#include "base/cbor.hpp"
#include "base/env.hpp"
#include "base/json.hpp"
#include "chain/genesis_state.hpp"
#include "chain/view.hpp"
#include "client/consent_ir.hpp"
#include "client/key_list.hpp"
#include "client/keyring_file.hpp"
#include "client/sealing.hpp"
#include "contracts/shipped.hpp"
#include "identity/account.hpp"
#include "ledger/block.hpp"
#include "ledger/genesis.hpp"
#include "ledger/receipt.hpp"
#include "ledger/relation.hpp"
#include "ledger/snapshot.hpp"
#include "ledger/state_proof.hpp"
#include "ledger/transaction.hpp"
#include "sentinel/events.hpp"
#include "store/blob_format.hpp"
#include "store/segment_format.hpp"
#include "vault/access_log.hpp"

#include <cstdio>
#include <string>

using namespace salus;

namespace {

class Corpus {
  public:
    explicit Corpus(std::string root) : root_(std::move(root)) {}

    void add(const std::string& target, const std::string& name, ByteView bytes) {
        Env& env = machine_env();
        const std::string folder = root_ + "/" + target;
        SALUS_ASSERT(env.make_directories(folder).ok());
        SALUS_ASSERT(write_file_atomically(env, folder + "/seed-" + name, bytes).ok());
    }
    void add(const std::string& target, const std::string& name, std::string_view text) {
        add(target, name, as_bytes(text));
    }

  private:
    std::string root_;
};

json::Value vector(const std::string& name) {
    const auto bytes = read_file(
        machine_env(), std::string(SALUS_SOURCE_DIR) + "/tests/vectors/" + name, 8U << 20U);
    SALUS_ASSERT(bytes.ok());
    return json::parse(as_text(*bytes)).value();
}

/// The hexadecimal members of an object, as bytes.
void add_hex_members(Corpus& corpus, const std::string& target, const std::string& name,
                     const json::Value& object, std::string_view prefix = {}) {
    for (const auto& [key, value] : *object.object()) {
        if (value.text() == nullptr || value.text()->size() < 40) continue;
        if (const auto bytes = from_hex(*value.text()); bytes.ok()) {
            Bytes seed = to_bytes(prefix);
            append(seed, *bytes);
            corpus.add(target, name + "-" + key, seed);
        }
    }
}

void base_seeds(Corpus& corpus) {
    const auto lines = read_file(
        machine_env(), std::string(SALUS_SOURCE_DIR) + "/tests/vectors/rfc8949/appendix_a.txt",
        1U << 20U);
    std::string_view rest = as_text(lines.value());
    for (int number = 0; !rest.empty(); ++number) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        if (const auto bytes = from_hex(line.substr(0, line.find(' '))); bytes.ok()) {
            corpus.add("cbor", "rfc8949-" + std::to_string(number), *bytes);
        }
    }
    corpus.add(
        "json", "values",
        R"({"name":"Ada é \"q\" 😀","count":-12,"data":"00ff","list":[1.5e-7,true,null,{}]})");
    corpus.add("json", "numbers", "[0,-0,1e308,-1.25E+2,9007199254740993,0.1]");
    corpus.add("json", "base64url", R"({"data":"AQID","name":18446744073709551615})");
    corpus.add("text_codes", "hex", "00ff10AB");
    corpus.add("text_codes", "base64", "Zm9vYg==");
    corpus.add("text_codes", "base64url", "Zm9v_-8");
    corpus.add("text_codes", "base32", "MZXW6YTB");
}

void crypto_seeds(Corpus& corpus) {
    using namespace std::string_view_literals;
    // The first byte chooses: even to open, odd to seal and change.
    for (const char* name : {"sealed-record", "key-slot", "hpke-wrap"}) {
        add_hex_members(corpus, "sealed_record", name,
                        vector("salus/" + std::string(name) + ".json"), "\0"sv);
    }
    const json::Value shares = vector("salus/shamir-share.json");
    for (const json::Value& share : **json::need_array(shares, "shares")) {
        Bytes seed{0};
        append(seed, from_hex(*share.text()).value());
        corpus.add("sealed_record", "share-" + std::to_string(seed.back()), seed);
    }
    corpus.add("sealed_record", "seal-flip",
               "\x01"
               "12345678"
               "\0\0\3\1\1\0\5\2"
               "a note of a few words"sv);
    corpus.add("sealed_record", "seal-cut",
               "\x01"
               "12345678"
               "\0\0\1\0\7\1\0\5"
               "another"sv);
    int number = 0;
    const json::Value tokens = vector("jws/tokens.json");
    for (const json::Value& one : **json::need_array(tokens, "cases")) {
        if (++number > 12) break;
        corpus.add("tokens", "jws-" + std::to_string(number), *one.find("jws")->text());
        corpus.add("tokens", "jwk-" + std::to_string(number), json::write(*one.find("jwk")));
    }
    number = 0;
    const json::Value assertions = vector("webauthn/assertions.json");
    for (const json::Value& one : **json::need_array(assertions, "cases")) {
        if (++number > 8) break;
        const Bytes key = json::need_hex(one, "public_key").value();
        corpus.add("tokens", "cose-key-" + std::to_string(number), key);
        Bytes seed;
        for (const char* member : {"public_key", "authenticator_data", "client_data_json"}) {
            const Bytes part = json::need_hex(one, member).value();
            if (part.size() > 255) continue;
            seed.push_back(static_cast<std::uint8_t>(part.size()));
            append(seed, part);
            if (seed.size() == part.size() + 1) seed.push_back(1);  // require_uv
        }
        append(seed, json::need_hex(one, "signature").value());
        corpus.add("tokens", "assertion-" + std::to_string(number), seed);
    }
}

/// A manifest whose parts agree: a log of three lines.
void snapshot_seeds(Corpus& corpus, const ledger::Genesis& genesis) {
    using namespace ledger;
    SnapshotManifest manifest;
    manifest.genesis = encode_genesis(genesis).value();
    const std::vector<Digest> leaves{merkle_leaf(encode_log_link(genesis_hash(manifest.genesis))),
                                     merkle_leaf(encode_log_entry({})),
                                     merkle_leaf(encode_log_link(Digest{}))};
    Frontier log;
    for (const Digest& leaf : leaves) log.append(leaf);
    BlockHeader header;
    header.height = BlockHeight{2};
    header.log_size = leaves.size();
    header.log_root = log.root();
    header.config_root = config_root(genesis.config);
    manifest.header = encode_header(header);
    manifest.edge = log.hashes();
    manifest.first_path = merkle_inclusion(leaves, 0).value();
    manifest.transactions = 1;
    manifest.keys = 2;
    manifest.chunks = {Digest{}};
    const Bytes bytes = encode_manifest(manifest).value();
    SALUS_ASSERT(check_manifest(bytes).ok());
    corpus.add("snapshot", "manifest", bytes);
    cbor::Writer chunk;
    chunk.bytes(to_bytes("a")).bytes(to_bytes("one")).bytes(to_bytes("b")).bytes(Bytes{});
    corpus.add("snapshot", "chunk", chunk.take());
}

/// Proofs about state: the bundles, and what lies in them.
void state_seeds(Corpus& corpus) {
    using namespace ledger;
    const json::Value examples = vector("ledger-receipt/state.json");
    for (const json::Value& one : *json::need_array(examples, "bundles").value()) {
        const Bytes bundle = json::need_hex(one, "bundle").value();
        const std::string kind = json::need_text(one, "kind").value();
        corpus.add("receipt_bundle", kind + "-" + std::to_string(bundle.size()), bundle);
        corpus.add("receipt_bundle", kind + "-subject-" + std::to_string(bundle.size()),
                   decode_bundle(bundle).value().subject);
    }
    const RelationEntry entry{7, UnixMillis{1'767'225'600'000}};
    corpus.add("state_proof", "relation-entry", encode_relation_entry(entry));
    corpus.add("state_proof", "relation", encode_relation({entry, Digest{}, 3}));
}

void ledger_seeds(Corpus& corpus) {
    using namespace ledger;
    add_hex_members(corpus, "transaction", "cose", vector("ledger-cose/transaction.json"));
    const json::Value bundles = vector("ledger-receipt/bundle.json");
    for (const char* kind : {"transaction", "operation", "access"}) {
        if (bundles.find(kind) == nullptr) continue;
        const auto bytes = json::need_hex(bundles, kind);
        if (bytes.ok()) corpus.add("receipt_bundle", kind, *bytes);
    }
    const json::Value note = vector("ledger-note/note.json");
    corpus.add("checkpoint", "note", *note.find("note")->text());
    corpus.add("checkpoint", "text",
               note.find("note")->text()->substr(0, note.find("note")->text()->find("\n\n") + 1));
    for (std::size_t i = 0; i < note.find("keys")->array()->size(); ++i) {
        corpus.add("checkpoint", "key-" + std::to_string(i),
                   *(*note.find("keys")->array())[i].text());
    }
    BlockHeader header;
    header.height = BlockHeight{3};
    header.time = UnixMillis{1'767'225'600'000};
    header.log_size = 7;
    corpus.add("block", "header", encode_header(header));
    corpus.add("block", "link", encode_log_link(Digest{}));
    LogEntry entry;
    entry.height = BlockHeight{3};
    entry.code = 103;
    corpus.add("block", "entry", encode_log_entry(entry));
    TransactionResult result{.code = 101,
                             .gas_used = 12,
                             .operations = {{0, 5, {0xF6}}, {101, 7, {}}},
                             .events = {{0, "record", "put", to_bytes("x")}}};
    corpus.add("block", "result", encode_result(result).value());
    const json::Value cose = vector("ledger-cose/transaction.json");
    Block block{.header = encode_header(header),
                .transactions = {},
                .results = {encode_result(result).value()},
                .checkpoint = to_bytes(*note.find("note")->text())};
    for (const auto& [key, value] : *cose.object()) {
        if (value.text() == nullptr || !block.transactions.empty()) continue;
        const auto bytes = from_hex(*value.text());
        if (bytes.ok() && decode_transaction(*bytes).ok()) block.transactions.push_back(*bytes);
    }
    SALUS_ASSERT(block.transactions.size() == 1);
    corpus.add("block", "block", encode_block(block).value());
    Genesis genesis;
    genesis.chain_id = "test";
    genesis.config.members = {{{}, "Hospital", {}, {}}};
    genesis.config.contracts = {{"record", Digest{}}};
    genesis.config.parameters = {{"gas", 1'000}};
    corpus.add("block", "genesis", encode_genesis(genesis).value());
    snapshot_seeds(corpus, genesis);
    state_seeds(corpus);
    for (const StateProofKind kind :
         {StateProofKind::present, StateProofKind::absent_empty, StateProofKind::absent_other}) {
        StateProof proof{.kind = kind, .siblings = {Digest{}, Digest{}}, .other = {}};
        proof.siblings[1].bytes[0] = 1;
        if (kind == StateProofKind::absent_other) proof.other.key_hash.bytes[5] = 3;
        corpus.add("state_proof", "kind-" + std::to_string(static_cast<int>(kind)),
                   encode_state_proof(proof));
    }
    corpus.add("state_proof", "tree", "a\1\2xyb\1\1zc\1\0a\2d\3\3abc");
}

void store_seeds(Corpus& corpus) {
    using namespace store;
    using namespace std::string_view_literals;
    corpus.add(
        "segment_log", "header",
        encode_segment_header(
            {.number = 2, .segment_bytes = 512, .first_sequence = 9, .chain = {}, .salt = {}}));
    Bytes entry;
    append_entry(entry, {}, {.type = 3, .ends_batch = true, .sequence = 4}, as_bytes("payload"));
    corpus.add("segment_log", "entry", entry);
    corpus.add("segment_log", "name", segment_name(7));
    corpus.add("segment_log", "append-cut", "\0\0\1\5hello\3\7\0\1\1\3abc"sv);
    corpus.add("segment_log", "forge", "\4\0\0\1\1\0\x05hello\0\0\0\0\2"sv);
    corpus.add("blob_pack", "header",
               encode_pack_header({.number = 1, .pack_bytes = 1'024, .salt = {}}));
    corpus.add("blob_pack", "record",
               encode_record_header({}, {.payload_check = 5,
                                         .length = 9,
                                         .place = BlobPlace::packed,
                                         .erased = false,
                                         .digest = {}}));
    corpus.add(
        "blob_pack", "location",
        encode_location({.pack = 1, .offset = 64, .length = 9, .place = BlobPlace::own_file}));
    BlobJournal journal;
    journal.erasures = {
        {.digest = {},
         .location = {.pack = 1, .offset = 64, .length = 9, .place = BlobPlace::packed}}};
    journal.compacting = 3;
    corpus.add("blob_pack", "journal", encode_journal(journal));
    corpus.add("blob_pack", "name", pack_name(7));
    corpus.add("blob_pack", "story",
               "\0\1\0\x20"
               "a12345678"
               "\0\0\x01\x90"
               "b12345678"
               "\6\3\1\3\0\4\5"sv);
}

void upper_seeds(Corpus& corpus) {
    corpus.add("csv", "table", "age,sex,bp\n63,M,145\n41,F,?\n57,,120.5\n");
    corpus.add("csv", "semicolon", "\"a \"\"b\"\"\";c\r\n1,5;x\r\n2,5;\"y\nz\"\r\n");
    corpus.add("csv", "headless", "5.1\t3.5\tIris\n4.9\t3.0\tIris\n");
    corpus.add("csv", "dates", "when,what\n2024-02-29,NA\n2024-03-01,walk\n");
    corpus.add("csv", "dictionary",
               "column,label,unit,kind,role,low,high,levels\nage,Age,years,integer,quasi-"
               "identifier,0,120,\n");
    vault::AccessReceipt receipt;
    receipt.purpose = "TREAT";
    receipt.permitted = true;
    corpus.add("stored_rows", "receipt", vault::encode(receipt));
    corpus.add("stored_rows", "account", identity::encode(identity::UserAccount{}));
    sentinel::Alert alert;
    alert.sentence = "Opened at night.";
    alert.evidence = {{"time", "03:10"}};
    alert.searched = {"consent"};
    alert.events = {1, 2};
    corpus.add("stored_rows", "alert", sentinel::encode(alert));
    corpus.add("stored_rows", "context", sentinel::encode(sentinel::Context{}));
    corpus.add("stored_rows", "head", chain::encode_view_head({}));
    corpus.add("stored_rows", "contract", chain::encode_active_contract({}));
    client::Manifest manifest;
    manifest.media_type = "application/json";
    corpus.add("client", "manifest", client::encode(manifest));
    client::ConsentIr ir;
    ir.actors = {client::Label{}};
    ir.purposes = {"TREAT"};
    ir.actions = {"access"};
    ir.until = UnixMillis{5};
    if (const auto bytes = client::encode(ir); bytes.ok()) corpus.add("client", "consent", *bytes);
    corpus.add("client", "keyring",
               client::encode(client::KeyringFile{.name = "ada",
                                                  .account = {},
                                                  .organisation = {},
                                                  .url = "http://localhost:8080",
                                                  .slots = {{"password", {1, 2, 3}}}}));
    client::KeyList keys;
    keys.contacts = {{"00112233445566778899aabbccddeeff", json::Value("Dr Bo")}};
    client::KnownCollection notes;
    notes.name = "Notes";
    notes.category = "notes";
    keys.collections = {notes};
    corpus.add("client", "key-list", client::write_key_list(keys));
    corpus.add("client", "url", "http://127.0.0.1:8080/x");
    const Bytes question = cbor::Writer{}.map(1).uint(1).text("test").take();
    corpus.add("http_request", "question", question);
    corpus.add("http_request", "get",
               "\1\x0b"
               "api/tx/ab/x"
               "\x0fsession=abc; a=b"
               "\x11name=a%20b&count=5");
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 2) {
        std::fputs("fuzz_seeds CORPUS-DIRECTORY\n", stderr);
        return 2;
    }
    Corpus corpus(arguments[1]);
    base_seeds(corpus);
    crypto_seeds(corpus);
    ledger_seeds(corpus);
    store_seeds(corpus);
    upper_seeds(corpus);
    for (const contracts::ShippedContract& contract : contracts::shipped_contracts()) {
        corpus.add("gatekeeper", std::string(contract.name), to_bytes(contract.module));
    }
    return 0;
}
