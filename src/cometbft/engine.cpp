#include "cometbft/engine.hpp"

#include "base/log.hpp"
#include "cometbft/bundle.hpp"
#include "cometbft/limits.hpp"
#include "crypto/hash.hpp"
#include "ledger/limits.hpp"
#include "ledger/result_code.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace salus::cometbft {

namespace {

constexpr std::int64_t tick_ms = 100;
constexpr std::int64_t engine_away_ms = 200;
constexpr std::int64_t look_for_old_ms = 500;
constexpr std::size_t arrivals_at_once = 2'000;
constexpr std::size_t address_bytes = 20;

chain::TransactionOutcome refused(const Digest& id, std::uint32_t code) {
    chain::TransactionOutcome out;
    out.id = id;
    out.code = code;
    return out;
}

}  // namespace

CometEngine::CometEngine(Env& env, chain::Replica& replica, CometOptions options)
    : env_(env),
      replica_(replica),
      options_(std::move(options)),
      application_(env, replica, application_options(replica, options_)),
      rpc_(options_.directory) {}

Application::Options CometEngine::application_options(const chain::Replica& replica,
                                                      const CometOptions& options) {
    Application::Options out;
    out.verify_threads = options.limits.verify_threads;
    for (const ledger::Member& member : replica.genesis().config.members) {
        if (!member.validator_key) continue;
        const Digest hash = crypto::sha256(member.validator_key->view());
        const ByteView address = hash.view().first(address_bytes);
        out.proposers.emplace(Bytes(address.begin(), address.end()), member.organisation);
    }
    return out;
}

Result<std::unique_ptr<CometEngine>> CometEngine::start(Env& env, chain::Replica& replica,
                                                        CometOptions options) {
    std::unique_ptr<CometEngine> engine(new CometEngine(env, replica, std::move(options)));
    SALUS_TRY(engine->begin());
    return engine;
}

Status CometEngine::begin() {
    outbox_ = SALUS_TRY(Outbox::open(options_.directory + "/outbox"));
    for (Outbox::Entry& entry : SALUS_TRY(outbox_->entries())) {
        const chain::PreparedTransaction prepared = replica_.prepare(std::move(entry.envelope));
        if (prepared.code != 0) continue;
        waiting_[entry.id] = {.envelope = prepared.envelope,
                              .valid_until = prepared.transaction.body.valid_until,
                              .callbacks = {}};
        queued_bytes_ += prepared.envelope.size();
        fresh_.push_back(entry.id);
    }
    progress_ms_ = steady_ms();
    application_.on_committed([this](const chain::FinalizedBlock& block,
                                     const std::vector<Digest>& ids) { committed(block, ids); });
    // The application first: a child that finds nobody ends at once.
    server_ = SALUS_TRY(AbciServer::start(application_, options_.directory));
    if (!options_.program.empty()) {
        child_ = std::make_unique<Child>(
            env_, Child::Options{.command = {options_.program, "node", "--home", "."},
                                 .directory = options_.directory,
                                 .socket_file = options_.directory + "/" + rpc_socket_name,
                                 .log_file = options_.directory + "/cometbft.log"});
    }
    thread_ = std::thread([this] { loop(); });
    return done;
}

CometEngine::~CometEngine() {
    stop();
}

Status CometEngine::submit(Bytes envelope, chain::OutcomeCallback callback) {
    if (envelope.size() > ledger::transaction_bytes_max) {
        return Error{Errc::out_of_range, "a transaction has at most 122,880 bytes"};
    }
    const std::lock_guard lock(mutex_);
    if (stopping_) return Error{Errc::unavailable, "the node is stopping"};
    if (arrived_.size() + waiting_.size() >= options_.limits.queue_transactions_max ||
        queued_bytes_ + envelope.size() > options_.limits.queue_bytes_max) {
        return Error{Errc::exhausted, "the queue of transactions is full"};
    }
    queued_bytes_ += envelope.size();
    arrived_.push_back({.envelope = std::move(envelope), .callback = std::move(callback)});
    wake_.notify_one();
    return done;
}

void CometEngine::on_commit(chain::CommitListener listener) {
    const std::lock_guard lock(listeners_mutex_);
    listeners_.push_back(std::move(listener));
}

std::size_t CometEngine::queued() const {
    const std::lock_guard lock(mutex_);
    return arrived_.size() + waiting_.size();
}

void CometEngine::stop() {
    {
        const std::lock_guard lock(mutex_);
        if (ended_) return;
        ended_ = stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
    if (child_) child_->stop();
    if (server_) server_->stop();
    // What waits stays in the outbox; whoever asked hears that nothing is promised.
    std::vector<chain::OutcomeCallback> callbacks;
    {
        const std::lock_guard lock(mutex_);
        for (Arrival& one : arrived_) callbacks.push_back(std::move(one.callback));
        for (auto& [id, one] : waiting_) {
            for (auto& callback : one.callbacks) callbacks.push_back(std::move(callback));
        }
        arrived_.clear();
        waiting_.clear();
    }
    for (const chain::OutcomeCallback& callback : callbacks) {
        callback(Error{Errc::unavailable, "the node is stopping"});
    }
    if (const Status saved = replica_.save_checkpoint(); !saved) {
        log::error("checkpoint-not-saved", {{"reason", saved.error().detail}});
    }
}

std::vector<CometEngine::Arrival> CometEngine::take_arrivals() {
    const std::lock_guard lock(mutex_);
    std::vector<Arrival> out;
    while (!arrived_.empty() && out.size() < arrivals_at_once) {
        out.push_back(std::move(arrived_.front()));
        arrived_.pop_front();
    }
    return out;
}

void CometEngine::loop() {
    std::int64_t next_ms = 0;
    while (true) {
        {
            std::unique_lock lock(mutex_);
            wake_.wait_for(lock, std::chrono::milliseconds(tick_ms),
                           [this] { return stopping_ || !arrived_.empty(); });
            // A lone one goes at once; many come together while the last offer is young.
            const std::int64_t rest = next_ms - machine_ms();
            if (!stopping_ && rest > 0) {
                wake_.wait_for(lock, std::chrono::milliseconds(rest), [this] { return stopping_; });
            }
            if (stopping_) return;
        }
        next_ms = machine_ms() + offer_pause_ms;
        admit(take_arrivals());
        offer();
        watch_progress();
    }
}

void CometEngine::admit(std::vector<Arrival> arrivals) {
    std::vector<Bytes> envelopes;
    std::vector<std::size_t> sizes;
    for (Arrival& arrival : arrivals) {
        sizes.push_back(arrival.envelope.size());
        envelopes.push_back(std::move(arrival.envelope));
    }
    std::vector<chain::PreparedTransaction> all = application_.prepare_all(std::move(envelopes));
    std::vector<chain::PreparedTransaction> prepared;
    std::vector<chain::OutcomeCallback> callbacks;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto known = known_outcome(all[i]);
        if (!known) {
            prepared.push_back(std::move(all[i]));
            callbacks.push_back(std::move(arrivals[i].callback));
            continue;
        }
        arrivals[i].callback(*known);
        const std::lock_guard lock(mutex_);
        queued_bytes_ -= sizes[i];
    }
    keep(std::move(prepared), std::move(callbacks));
}

/// One that the log holds already keeps the outcome it has there; one that no block would take
/// hears so at once.
std::optional<chain::TransactionOutcome> CometEngine::known_outcome(
    const chain::PreparedTransaction& prepared) {
    const Digest& id = prepared.transaction.id;
    if (prepared.code != 0) return refused(id, prepared.code);
    if (auto stored = chain::stored_outcome(replica_, id)) return *stored;
    const auto code = application_.check(prepared);
    if (!code || *code == 0) return {};
    // A block may have brought it between the two looks.
    if (auto stored = chain::stored_outcome(replica_, id)) return *stored;
    return refused(id, *code);
}

void CometEngine::keep(std::vector<chain::PreparedTransaction> prepared,
                       std::vector<chain::OutcomeCallback> callbacks) {
    std::vector<Outbox::Entry> entries;
    for (const auto& one : prepared) entries.push_back({one.transaction.id, one.envelope});
    const Status kept = outbox_->add(entries);
    if (!kept) {
        log::error("outbox-not-written", {{"reason", kept.error().detail}});
        for (const auto& callback : callbacks) callback(kept.error());
    }
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < prepared.size(); ++i) {
        const std::size_t bytes = prepared[i].envelope.size();
        const auto [place, fresh] = waiting_.try_emplace(prepared[i].transaction.id);
        if (!kept || !fresh) queued_bytes_ -= bytes;
        if (!kept && fresh) waiting_.erase(place);
        if (!kept) continue;
        if (fresh) {
            place->second.envelope = std::move(prepared[i].envelope);
            place->second.valid_until = prepared[i].transaction.body.valid_until;
            fresh_.push_back(place->first);
        }
        place->second.callbacks.push_back(std::move(callbacks[i]));
    }
}

std::vector<Outbox::Entry> CometEngine::due(std::size_t bytes_max) {
    const std::int64_t now = steady_ms();
    const std::lock_guard lock(mutex_);
    std::vector<Outbox::Entry> out;
    std::size_t bytes = 0;
    // `fresh_` may name some that are over; then a few less are on their way than could be.
    std::size_t offered = waiting_.size() - std::min(waiting_.size(), fresh_.size());
    while (!fresh_.empty() && bytes < bytes_max && offered < offered_max) {
        const auto place = waiting_.find(fresh_.front());
        fresh_.pop_front();
        if (place == waiting_.end()) continue;
        place->second.offered_ms = now;
        ++offered;
        bytes += place->second.envelope.size();
        out.push_back({place->first, place->second.envelope});
    }
    // Those that nobody brought are rare: looking through all of them now and then is enough.
    if (now - looked_for_old_ms_ < look_for_old_ms) return out;
    looked_for_old_ms_ = now;
    for (auto& [id, one] : waiting_) {
        if (bytes >= bytes_max) break;
        if (one.offered_ms == 0 || now - one.offered_ms < resubmit_after_ms) continue;
        one.offered_ms = now;
        bytes += one.envelope.size();
        out.push_back({id, one.envelope});
    }
    return out;
}

void CometEngine::offer() {
    if (steady_ms() < engine_away_until_ms_) return;
    std::vector<Outbox::Entry> entries = due(offer_bytes_max);
    if (entries.empty()) return;
    std::vector<Bytes> bundles;
    std::vector<std::size_t> ends;
    std::vector<Bytes> together;
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        bytes += entries[i].envelope.size();
        together.push_back(std::move(entries[i].envelope));
        const bool last = i + 1 == entries.size();
        if (!last && bytes + entries[i + 1].envelope.size() <= bundle_bytes_max &&
            together.size() < bundle_envelopes_max) {
            continue;
        }
        bundles.push_back(bundle(together));
        ends.push_back(i + 1);
        together.clear();
        bytes = 0;
    }
    const auto answers = rpc_.broadcast(bundles);
    if (!answers.ok()) return offer_again(entries);
    std::size_t at = 0;
    for (std::size_t i = 0; i < ends.size(); ++i) {
        const bool is_refused = (*answers)[i].kind == BroadcastAnswer::Kind::refused;
        for (; at < ends[i]; ++at) {
            if (is_refused) heed_refusal(entries[at].id);
        }
    }
}

/// The engine is starting, or away: these are due again at once when it answers.
void CometEngine::offer_again(const std::vector<Outbox::Entry>& entries) {
    engine_away_until_ms_ = steady_ms() + engine_away_ms;
    const std::lock_guard lock(mutex_);
    for (const Outbox::Entry& entry : entries) {
        const auto place = waiting_.find(entry.id);
        if (place == waiting_.end()) continue;
        place->second.offered_ms = 0;
        fresh_.push_back(entry.id);
    }
}

/// The engine's code is of a whole bundle: which of them it was, we know ourselves.
void CometEngine::heed_refusal(const Digest& id) {
    Bytes envelope;
    {
        const std::lock_guard lock(mutex_);
        const auto place = waiting_.find(id);
        if (place == waiting_.end()) return;
        envelope = place->second.envelope;
    }
    const auto known = known_outcome(replica_.prepare(std::move(envelope)));
    if (!known) return;
    finish(id, *known);
    if (const Status removed = outbox_->remove(std::array{id}); !removed) {
        log::warn("outbox-not-written", {{"reason", removed.error().detail}});
    }
}

void CometEngine::finish(const Digest& id, const chain::TransactionOutcome& outcome) {
    std::vector<chain::OutcomeCallback> callbacks;
    {
        const std::lock_guard lock(mutex_);
        const auto place = waiting_.find(id);
        if (place == waiting_.end()) return;
        callbacks = std::move(place->second.callbacks);
        queued_bytes_ -= place->second.envelope.size();
        waiting_.erase(place);
    }
    for (const chain::OutcomeCallback& callback : callbacks) callback(outcome);
}

void CometEngine::committed(const chain::FinalizedBlock& block, const std::vector<Digest>& ids) {
    if (block.has_block) {
        const std::lock_guard lock(listeners_mutex_);
        for (const chain::CommitListener& listener : listeners_) {
            listener(chain::committed_block(block));
        }
    }
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const chain::Verdict& verdict = block.verdicts[i];
        auto stored =
            verdict.index
                ? Result<chain::TransactionOutcome>(chain::outcome_in_block(ids[i], verdict, block))
                : chain::stored_outcome(replica_, ids[i]);
        finish(ids[i], stored.ok() ? *stored : refused(ids[i], verdict.code));
    }
    if (const Status removed = outbox_->remove(ids); !removed) {
        log::warn("outbox-not-written", {{"reason", removed.error().detail}});
    }
    drop_expired(replica_.head().time);
    const std::lock_guard lock(mutex_);
    progress_ms_ = steady_ms();
}

void CometEngine::drop_expired(UnixMillis block_time) {
    std::vector<Digest> expired;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [id, one] : waiting_) {
            if (one.valid_until <= block_time) expired.push_back(id);
        }
    }
    for (const Digest& id : expired) finish(id, refused(id, ledger::code::expired));
    if (const Status removed = outbox_->remove(expired); !removed) {
        log::warn("outbox-not-written", {{"reason", removed.error().detail}});
    }
}

void CometEngine::watch_progress() {
    if (!child_) return;
    {
        const std::lock_guard lock(mutex_);
        if (waiting_.empty()) progress_ms_ = steady_ms();
        if (steady_ms() - progress_ms_ < stalled_ms_max) return;
        progress_ms_ = steady_ms();
    }
    // A consensus failure leaves the child alive with its RPC up; a lost quorum looks the same
    // from here, and a restart does it no harm.
    log::warn("engine-stalled", {{"height", application_.engine_height()}});
    child_->restart();
}

}  // namespace salus::cometbft
