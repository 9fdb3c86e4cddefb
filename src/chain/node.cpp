#include "chain/node.hpp"

#include "base/log.hpp"
#include "crypto/hash.hpp"
#include "ledger/transaction_sign.hpp"

#include <algorithm>
#include <utility>

namespace salus::chain {

namespace {

/// Half of the validity window, so that a clock may be off by as much either way.
constexpr std::int64_t own_validity_ms = ledger::validity_window_ms / 2;

std::string draw_chain_id(Env& env) {
    return "salus-" + to_hex(random_bytes<FixedBytes<struct ChainIdTag, 8>>(env).view());
}

Status remove_files(Env& env, const std::string& directory) {
    if (!env.exists(directory)) {
        return done;
    }
    for (const std::string& name : SALUS_TRY(env.list(directory))) {
        SALUS_TRY(env.remove(directory + "/" + name));
    }
    return done;
}

Result<std::vector<LogListing>> list_block(const ledger::BlockPlace& place,
                                           const ledger::Block& block) {
    const ledger::BlockHeader header = SALUS_TRY(ledger::decode_header(block.header));
    std::vector<LogListing> lines;
    lines.reserve(block.transactions.size());
    for (std::size_t i = 0; i < block.transactions.size(); ++i) {
        const auto transaction = SALUS_TRY(ledger::decode_transaction(block.transactions[i]));
        const auto result = SALUS_TRY(ledger::decode_result(block.results[i]));
        const ledger::Operation& first = transaction.body.operations.front();
        lines.push_back({.position = LogPosition{place.log_begin + 1 + i},
                         .id = transaction.id,
                         .height = header.height,
                         .time = header.time,
                         .code = result.code,
                         .account = transaction.body.account,
                         .contract = first.contract,
                         .method = first.method,
                         .operations = transaction.body.operations.size()});
    }
    return lines;
}

/// The witnesses that the configuration names, and every other member.
std::vector<ledger::VerifierKey> known_cosigners(std::vector<ledger::VerifierKey> known,
                                                 const Replica& replica) {
    for (const ledger::Member& member : replica.genesis().config.members) {
        if (member.organisation == replica.organisation()) continue;
        known.push_back(ledger::member_key(replica.genesis().chain_id, member.organisation,
                                           member.signing_key));
    }
    return known;
}

}  // namespace

Result<std::unique_ptr<store::Kv>> open_rocks_view(Env& env, const std::string& directory,
                                                   bool fresh) {
    if (fresh) {
        SALUS_TRY(remove_files(env, directory));
    }
    return store::open_rocks(directory, {.durability = store::Durability::rebuilt_from_log,
                                         .columns = {store::Column::state, store::Column::seen,
                                                     store::Column::index, store::Column::tree}});
}

Node::Node(Env& env, NodeConfig config, std::unique_ptr<ContractExecutor> executor)
    : env_(env), config_(std::move(config)), executor_(std::move(executor)) {}

Node::~Node() {
    if (const Status closed = close(); !closed) {
        log::warn("node-not-closed", {{"reason", closed.error().detail}});
    }
}

Result<std::unique_ptr<Node>> Node::open(Env& env, NodeConfig config,
                                         std::unique_ptr<ContractExecutor> executor) {
    SALUS_TRY(crypto::ed25519_self_test());
    std::unique_ptr<Node> node(new Node(env, std::move(config), std::move(executor)));
    SALUS_TRY(env.make_directories(node->config_.data_dir));
    if (!node->config_.in_memory_view) {
        node->lock_ = SALUS_TRY(DirectoryLock::take(node->path("lock")));
    }
    SALUS_TRY(node->open_keys());
    SALUS_TRY(node->create_ledger_when_absent());
    SALUS_TRY(node->open_replica());
    node->cosignatures_ = SALUS_TRY(Cosignatures::open(
        env, node->path("ledger/" + std::string(ledger::cosigned_file_name)), *node->replica_,
        known_cosigners(node->config_.witnesses, *node->replica_)));
    if (node->config_.make_engine) {
        node->engine_ = SALUS_TRY(node->config_.make_engine(env, *node->replica_));
    } else {
        node->engine_ =
            std::make_unique<EmbeddedEngine>(env, *node->replica_, node->config_.engine);
    }
    return node;
}

std::string Node::path(std::string_view name) const {
    return config_.data_dir + "/" + std::string(name);
}

Status Node::open_keys() {
    const std::string file = path("keys/organisation");
    if (env_.exists(file)) {
        keys_ = SALUS_TRY(read_node_keys(env_, file));
        return done;
    }
    if (env_.exists(path("ledger")) && !SALUS_TRY(env_.list(path("ledger"))).empty()) {
        return Error{Errc::denied, "the ledger is there, but the keys that seal it are not"};
    }
    keys_ = draw_node_keys(env_);
    SALUS_TRY(env_.make_directories(path("keys")));
    SALUS_TRY(write_node_keys(env_, file, keys_));
    return env_.sync_directory(config_.data_dir);
}

Status Node::create_ledger_when_absent() {
    const ledger::BlockStore::Options options{
        .index_path = {}, .read_only = true, .segment_bytes = config_.segment_bytes};
    const auto there = ledger::BlockStore::open(env_, path("ledger"), options);
    if (there.ok() || there.error().code != Errc::not_found) {
        return done;  // what is wrong with it, opening will say
    }
    if (env_.exists(path(own_snapshot_name))) {
        return Error{Errc::denied,
                     "a snapshot was begun to be restored here and is not whole: restore it again"};
    }
    ledger::Genesis genesis;
    genesis.chain_id = config_.chain_id.empty() ? draw_chain_id(env_) : config_.chain_id;
    genesis.time = env_.now();
    genesis.config.members = {{.organisation = keys_.organisation,
                               .name = config_.organisation_name,
                               .signing_key = crypto::public_key(keys_.key),
                               .node_account = keys_.node_account}};
    ledger::GenesisEntry entry;
    for (const GenesisContract& contract : config_.contracts) {
        genesis.config.contracts.push_back(
            {.contract = contract.name, .code_hash = crypto::sha256(contract.module)});
        entry.codes.push_back(contract.module);
    }
    entry.genesis = SALUS_TRY(ledger::encode_genesis(genesis));
    SALUS_TRY(ledger::BlockStore::create(
        env_, path("ledger"), entry,
        {.index_path = {}, .read_only = false, .segment_bytes = config_.segment_bytes}));
    SALUS_TRY(env_.sync_directory(config_.data_dir));
    log::info("genesis", {{"chain", genesis.chain_id}});
    return done;
}

Status Node::open_replica() {
    Replica::Options options;
    options.ledger_directory = path("ledger");
    options.segment_bytes = config_.segment_bytes;
    options.snapshot_directory = path(own_snapshot_name);
    if (config_.in_memory_view) {
        options.log_tree_in_memory = true;
        options.open_view = [](bool) -> Result<std::unique_ptr<store::Kv>> {
            return store::memory_kv();
        };
    } else {
        options.index_directory = path("index");
        SALUS_TRY(env_.make_directories(options.index_directory));
        options.open_view = [this](bool fresh) {
            return open_rocks_view(env_, path("view"), fresh);
        };
    }
    const NodeKeys keys = copy_of(keys_);
    NodeKeys sealing = copy_of(keys);
    replica_ = SALUS_TRY(
        Replica::open(env_, std::move(options), *executor_,
                      {.organisation = sealing.organisation, .key = std::move(sealing.key)}));
    const auto& members = replica_->genesis().config.members;
    const bool member = std::any_of(members.begin(), members.end(), [&](const auto& one) {
        return one.organisation == keys_.organisation;
    });
    if (!member) {
        return Error{Errc::denied, "these keys belong to no member of this chain"};
    }
    return done;
}

Status Node::close() {
    if (closed_) {
        return done;
    }
    closed_ = true;
    if (engine_) {
        engine_->stop();
    }
    return replica_ ? replica_->close() : done;
}

Result<TransactionOutcome> Node::submit_own(std::vector<ledger::Operation> operations,
                                            bool all_or_nothing) {
    const UnixMillis now{std::max(env_.now().value, replica_->head().time.value)};
    const ledger::TransactionBody body{.chain_id = replica_->genesis().chain_id,
                                       .account = keys_.node_account,
                                       .nonce = random_bytes<ledger::Nonce>(env_),
                                       .valid_until = UnixMillis{now.value + own_validity_ms},
                                       .operations = std::move(operations),
                                       .all_or_nothing = all_or_nothing};
    return submit_and_wait(SALUS_TRY(ledger::sign_transaction(body, keys_.key)));
}

Result<Bytes> Node::receipt(const Digest& id, std::optional<std::size_t> operation) const {
    const TransactionPlace place = SALUS_TRY(replica_->find(id));
    const std::string note = SALUS_TRY(cosignatures_->covering(place.position));
    return replica_->receipt(id, operation, note);
}

Result<std::vector<LogListing>> Node::entries_of(BlockHeight height) const {
    const ledger::BlockPlace place = SALUS_TRY(replica_->block_place(height));
    return list_block(place, SALUS_TRY(replica_->block(height)));
}

Result<std::vector<LogListing>> Node::entries(LogPosition from, std::size_t count) const {
    const std::size_t wanted = std::min(count, listed_entries_max);
    std::vector<LogListing> lines;
    LogPosition at = from;
    while (lines.size() < wanted && at.value < replica_->head().log_size) {
        const ledger::BlockPlace place = SALUS_TRY(replica_->block_of(at));
        for (LogListing& line : SALUS_TRY(entries_of(place.height))) {
            if (line.position >= from && lines.size() < wanted) {
                lines.push_back(std::move(line));
            }
        }
        at = LogPosition{place.log_end};
    }
    return lines;
}

Result<std::vector<LogListing>> Node::newest_entries(std::size_t count) const {
    const std::size_t wanted = std::min(count, listed_entries_max);
    const std::uint64_t end = replica_->head().log_size;
    std::vector<LogListing> newest_first;
    std::uint64_t before = end;
    while (newest_first.size() < wanted && before > 0) {
        const ledger::BlockPlace place = SALUS_TRY(replica_->block_of(LogPosition{before - 1}));
        std::vector<LogListing> lines = SALUS_TRY(entries_of(place.height));
        std::reverse(lines.begin(), lines.end());
        for (LogListing& line : lines) {
            if (newest_first.size() < wanted) {
                newest_first.push_back(std::move(line));
            }
        }
        before = place.log_begin;
    }
    std::reverse(newest_first.begin(), newest_first.end());
    return newest_first;
}

NodeStatus Node::status() const {
    return {.engine = engine_->name(),
            .chain_id = replica_->genesis().chain_id,
            .genesis = replica_->genesis_digest(),
            .head = replica_->head(),
            .members = replica_->genesis().config.members,
            .witnesses = cosignatures_->witnesses(),
            .witness_alarm = cosignatures_->alarm(),
            .queued = engine_->queued()};
}

std::vector<std::string> Node::verifier_keys() const {
    std::vector<std::string> keys;
    for (const ledger::Member& member : replica_->genesis().config.members) {
        keys.push_back(ledger::write_verifier_key(ledger::member_key(
            replica_->genesis().chain_id, member.organisation, member.signing_key)));
    }
    return keys;
}

}  // namespace salus::chain
