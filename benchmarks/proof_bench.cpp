#include "crypto/hash.hpp"
#include "ledger/checkpoint_sign.hpp"
#include "ledger/log_tree_file.hpp"
#include "ledger/receipt_sign.hpp"
#include "ledger/state_tree.hpp"
#include "ledger/transaction_sign.hpp"

#include "bench.hpp"
#include "ledger_world.hpp"
#include <algorithm>

/// Proofs out of a log and a state of many keys, both on disk as a node has them. The keys are
/// numbers: trees see hashes only, so what a proof costs does not depend on what they stand for.
namespace salus::bench {

namespace {

constexpr std::size_t samples = 2'000;

Bytes key_of(std::uint64_t number) {
    Bytes key;
    append_be64(key, number);
    return key;
}

/// One transaction with its line, so that receipts can be made of it.
struct Subject {
    Bytes transaction;
    Bytes result;
    Digest leaf;
};

class World {
  public:
    explicit World(std::uint64_t keys) : keys_(keys), key_(crypto::random_key<Key>(env_)) {
        make_subject();
        make_log();
        make_state();
        make_checkpoint();
    }

    [[nodiscard]] std::uint64_t keys() const noexcept { return keys_; }
    [[nodiscard]] std::uint64_t any() {
        return read_be64(random_bytes<ObjectId>(env_).bytes.data()) % keys_;
    }
    std::vector<Digest> inclusion(std::uint64_t at) {
        return need(log_->inclusion(at, keys_), "no inclusion");
    }
    Bytes membership(std::uint64_t at) {
        return ledger::encode_state_proof(need(tree_->prove(key_of(at)), "no membership"));
    }
    void check(std::uint64_t at, const std::vector<Digest>& path, const Bytes& proof) {
        need(ledger::verify_inclusion(leaf_of(at), at, keys_, path, log_root_).ok(),
             "an inclusion does not hold");
        need(ledger::verify_state(key_of(at), key_of(at), proof, tree_->root()).ok(),
             "a membership does not hold");
    }
    Bytes receipt() {
        const ledger::BundleSource source{.log = *log_,
                                          .position = LogPosition{subject_at()},
                                          .transaction = subject_.transaction,
                                          .result = subject_.result,
                                          .height = BlockHeight{1},
                                          .time = UnixMillis{1},
                                          .checkpoint = as_bytes(note_)};
        return need(ledger::make_bundle(source, key_), "no receipt");
    }
    void check(const Bytes& receipt) {
        need(ledger::verify_bundle(receipt, trust_).ok(), "a receipt does not hold");
    }

  private:
    using Key = crypto::SigningKey;
    [[nodiscard]] std::uint64_t subject_at() const noexcept { return keys_ / 3; }
    [[nodiscard]] Digest leaf_of(std::uint64_t at) const {
        return at == subject_at() ? subject_.leaf : crypto::sha256(key_of(at));
    }

    void make_subject() {
        Patient patient(env_);
        subject_.transaction = patient.consent("bench");
        const auto transaction =
            need(ledger::decode_transaction(subject_.transaction), "no transaction");
        const ledger::TransactionResult result{.code = 0,
                                               .gas_used = 1,
                                               .operations = {{.code = 0, .gas = 1, .data = {}}},
                                               .events = {}};
        subject_.result = need(ledger::encode_result(result), "no result");
        const auto entry = ledger::log_entry_of(transaction, result, BlockHeight{1}, UnixMillis{1});
        subject_.leaf = ledger::merkle_leaf(ledger::encode_log_entry(entry));
    }

    void make_log() {
        auto nodes = need(ledger::file_node_store(env_, directory_.path() + "/log"), "no log");
        log_ = std::make_unique<ledger::LogTree>(
            need(ledger::LogTree::open(std::move(nodes)), "no log"));
        for (std::uint64_t at = 0; at < keys_; ++at) {
            need(log_->append(leaf_of(at)).ok(), "the log does not grow");
        }
        log_root_ = log_->root();
    }

    /// In the order of their hashes: each page is then written once or twice, so that ten million
    /// keys are a matter of a minute. The tree is the same whatever the order.
    void make_state() {
        constexpr std::size_t batch = 50'000;
        kv_ = need(store::open_rocks(directory_.path() + "/state",
                                     {.durability = store::Durability::rebuilt_from_log,
                                      .columns = {store::Column::tree}}),
                   "no state");
        tree_.emplace(need(ledger::StateTree::open(*kv_), "no state tree"));
        std::vector<std::pair<Digest, std::uint64_t>> hashes;
        hashes.reserve(keys_);
        for (std::uint64_t at = 0; at < keys_; ++at) {
            hashes.emplace_back(crypto::sha256(key_of(at)), at);
        }
        std::sort(hashes.begin(), hashes.end());
        for (std::size_t from = 0; from < hashes.size(); from += batch) {
            std::vector<ledger::StateChange> changes;
            for (std::size_t i = from; i < std::min(hashes.size(), from + batch); ++i) {
                const Bytes value = key_of(hashes[i].second);
                changes.push_back({hashes[i].first, crypto::sha256(value)});
            }
            const auto update = need(tree_->prepare(std::move(changes)), "no update");
            store::WriteBatch pages;
            tree_->stage(update, pages);
            need(kv_->write(pages).ok(), "pages are not written");
            tree_->commit(update);
        }
        need(kv_->flush().ok(), "pages are not written");
    }

    void make_checkpoint() {
        const auto organisation = random_bytes<ObjectId>(env_);
        const ledger::Checkpoint checkpoint{.origin = ledger::checkpoint_origin("bench"),
                                            .log_size = keys_,
                                            .log_root = log_root_,
                                            .height = BlockHeight{1},
                                            .header_hash = {},
                                            .state_root = tree_->root(),
                                            .extensions = {}};
        note_ = ledger::seal_checkpoint(checkpoint, ledger::member_key_name("bench", organisation),
                                        key_);
        trust_ = {ledger::member_key("bench", organisation, crypto::public_key(key_))};
    }

    Env& env_ = machine_env();
    Directory directory_;
    std::uint64_t keys_;
    Key key_;
    Subject subject_;
    std::unique_ptr<ledger::LogTree> log_;
    Digest log_root_;
    std::unique_ptr<store::Kv> kv_;
    std::optional<ledger::StateTree> tree_;
    std::string note_;
    std::vector<ledger::VerifierKey> trust_;
};

/// Times `step` for each sample; the value of the row is the median.
Row time_each(std::string name, std::size_t count, const std::function<void(std::size_t)>& step,
              std::string note) {
    std::vector<std::int64_t> times;
    const double cpu_before = cpu_us();
    for (std::size_t i = 0; i < count; ++i) {
        const std::int64_t start = machine_env().steady_ns();
        step(i);
        times.push_back(machine_env().steady_ns() - start);
    }
    const double median = percentile_ms(times, 0.5);
    return {.name = std::move(name),
            .value = median,
            .unit = "ms",
            .p50_ms = median,
            .p99_ms = percentile_ms(times, 0.99),
            .cpu_us_per_op = (cpu_us() - cpu_before) / static_cast<double>(count),
            .n = count,
            .note = std::move(note)};
}

void proofs(const Print& print, std::uint64_t keys, const std::string& suffix) {
    World world(keys);
    std::vector<std::uint64_t> places;
    for (std::size_t i = 0; i < samples; ++i) places.push_back(world.any());
    std::vector<std::vector<Digest>> paths(samples);
    std::vector<Bytes> members(samples);
    const auto make = [&](std::size_t i) {
        paths[i] = world.inclusion(places[i]);
        members[i] = world.membership(places[i]);
    };
    const std::string many = std::to_string(keys);
    Row made = time_each("ledger.proof_make_" + suffix, samples, make,
                         "inclusion in a log of " + many + " lines and membership in a state of " +
                             many + " keys, both on disk");
    std::size_t path_bytes = 0;
    std::size_t member_bytes = 0;
    for (std::size_t i = 0; i < samples; ++i) {
        path_bytes += paths[i].size() * Digest::size_bytes;
        member_bytes += members[i].size();
    }
    made.note += ": " + std::to_string(path_bytes / samples) + " and " +
                 std::to_string(member_bytes / samples) + " bytes";
    print(made);
    print(time_each(
        "ledger.proof_verify_" + suffix, samples,
        [&](std::size_t i) { world.check(places[i], paths[i], members[i]); },
        "both, from bytes, without signatures"));
    Bytes receipt;
    Row receipt_made = time_each(
        "ledger.receipt_make_" + suffix, samples, [&](std::size_t) { receipt = world.receipt(); },
        "a patient's bundle: the transaction, its inclusion, a signature and the checkpoint");
    receipt_made.note += ": " + std::to_string(receipt.size()) + " bytes";
    print(receipt_made);
    print(time_each(
        "ledger.receipt_verify_" + suffix, samples, [&](std::size_t) { world.check(receipt); },
        "the bundle offline, its three signatures included"));
}

std::vector<std::string> rows_of(const std::string& suffix) {
    return {"ledger.proof_verify_" + suffix, "ledger.receipt_make_" + suffix,
            "ledger.receipt_verify_" + suffix};
}

const Registered million{"ledger.proof_make_1m",
                         [](const Print& print) { proofs(print, 1'000'000, "1m"); }, rows_of("1m")};
const Registered ten_million{"ledger.proof_make_10m",
                             [](const Print& print) { proofs(print, 10'000'000, "10m"); },
                             rows_of("10m")};

}  // namespace

}  // namespace salus::bench
