#include "gateway/custodian.hpp"

#include "base/cbor.hpp"
#include "base/log.hpp"
#include "crypto/hash.hpp"

namespace salus::gateway {

namespace {

struct NodeAnchors {
    std::uint64_t next = 1;
    Digest root;
};

/// What the contract holds of this node: docs/contracts/access.md.
Result<NodeAnchors> read_anchors(const chain::Node& node) {
    const Bytes args = cbor::Writer{}.map(1).uint(1).bytes(node.account().view()).take();
    const auto answer = SALUS_TRY(node.query("access", "node", args));
    NodeAnchors anchors;
    cbor::Reader in(answer.data);
    if (in.null_next()) return anchors;
    SALUS_TRY(in.map_of(5));
    SALUS_TRY(in.key(1));
    anchors.next = SALUS_TRY(in.uint());
    SALUS_TRY(in.key(2));
    anchors.root = SALUS_TRY(in.fixed<Digest>());
    return anchors;
}

ledger::Operation anchor_operation(const vault::AccessLog::Range& range, const Digest& previous) {
    cbor::Writer args;
    args.map(5).uint(1).uint(range.from).uint(2).uint(range.to).uint(3).bytes(range.root.view());
    args.uint(4).bytes(range.relation_root.view()).uint(5).bytes(previous.view());
    ledger::Operation operation;
    operation.contract = "access";
    operation.method = "anchor";
    operation.args = args.take();
    return operation;
}

}  // namespace

Custodian::Custodian(Env& env, chain::Node& node, vault::AccessLog& log)
    : env_(env),
      node_(node),
      log_(log),
      last_anchor_ms_(steady_ms() - anchor_every_ms),
      thread_([this] { loop(); }) {}

std::int64_t Custodian::steady_ms() const {
    return env_.steady_ns() / 1'000'000;
}

Custodian::~Custodian() {
    stop();
}

void Custodian::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void Custodian::record(vault::AccessLog::Draft draft, OnWritten written) {
    {
        const std::lock_guard lock(mutex_);
        if (!stopping_) {
            waiting_.push_back({std::move(draft), std::move(written)});
            wake_.notify_one();
            return;
        }
    }
    written(Error{Errc::unavailable, "this node is stopping"});
}

void Custodian::loop() {
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait_for(lock, std::chrono::milliseconds(anchor_every_ms / 4),
                       [this] { return stopping_ || !waiting_.empty(); });
        std::vector<Waiting> batch = std::exchange(waiting_, {});
        const bool last = stopping_ && batch.empty();
        lock.unlock();
        if (!batch.empty()) write_batch(std::move(batch));
        anchor();
        if (last) return;
        lock.lock();
    }
}

Status Custodian::may_release() const {
    const auto oldest = log_.oldest_unanchored();
    if (!oldest.ok()) return oldest.error();
    if (*oldest && env_.now().value - (*oldest)->value > lag_ms_max) {
        return Error{Errc::unavailable,
                     "openings are not reaching the log; nothing is released until they do"};
    }
    return done;
}

void Custodian::write_batch(std::vector<Waiting> batch) {
    if (const Status may = may_release(); !may.ok()) {
        for (const Waiting& w : batch) w.written(may.error());
        return;
    }
    std::vector<vault::AccessLog::Draft> drafts;
    drafts.reserve(batch.size());
    for (Waiting& w : batch) drafts.push_back(std::move(w.draft));
    const auto receipts = log_.append(std::move(drafts));
    for (std::size_t i = 0; i < batch.size(); ++i) {
        if (receipts.ok()) {
            batch[i].written((*receipts)[i]);
        } else {
            batch[i].written(receipts.error());
        }
    }
}

void Custodian::anchor() {
    if (const Status status = try_anchor(); !status.ok()) {
        log::warn("custodian.anchor",
                  {{"code", to_string(status.error().code)}, {"detail", status.error().detail}});
        last_anchor_ms_ = steady_ms();  // and again after a second
    }
}

Status Custodian::try_anchor() {
    const std::int64_t now = steady_ms();
    const bool some = SALUS_TRY(log_.oldest_unanchored()).has_value();
    if (now - last_anchor_ms_ < (some ? anchor_every_ms / 2 : idle_anchor_every_ms)) return done;
    const auto range = SALUS_TRY(log_.unanchored());
    const NodeAnchors anchors = SALUS_TRY(read_anchors(node_));
    // An anchor reached the chain and its outcome did not reach this thread: the index has it.
    if (anchors.next > range.from) return log_.adopt_anchors();
    const auto outcome = SALUS_TRY(node_.submit_own({anchor_operation(range, anchors.root)}));
    if (outcome.code != 0) {
        return Error{Errc::integrity,
                     "an anchor was refused with code " + std::to_string(outcome.code)};
    }
    last_anchor_ms_ = now;
    const vault::Anchor anchor{range.from,          range.to,   range.root,
                               range.relation_root, outcome.id, outcome.height};
    SALUS_TRY(log_.anchored(anchor));
    if (some && on_anchored_) on_anchored_(anchor);
    return done;
}

}  // namespace salus::gateway
