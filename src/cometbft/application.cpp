#include "cometbft/application.hpp"

#include "base/log.hpp"
#include "cometbft/abci.pb.h"
#include "cometbft/bundle.hpp"
#include "cometbft/limits.hpp"
#include "ledger/result_code.hpp"

#include <algorithm>
#include <atomic>
#include <span>
#include <thread>
#include <utility>

namespace salus::cometbft {

namespace {

/// Offer and chunk results, proposal status: numbers of the protocol.
constexpr int proposal_accept = 1;
constexpr int proposal_reject = 2;
constexpr int snapshot_reject = 3;
constexpr int snapshot_abort = 2;
/// Below this many transactions another thread costs more than it saves.
constexpr std::size_t parallel_from = 4;

Bytes bytes_of(const std::string& text) {
    return {text.begin(), text.end()};
}
std::string text_of(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

UnixMillis millis(const abci::Timestamp& time) {
    return UnixMillis{time.seconds() * 1'000 + time.nanos() / 1'000'000};
}

/// The envelopes of what the engine ordered, and where those of each end. Bytes that are no bundle
/// of its form stand as one envelope, which is refused like any other bytes.
struct Envelopes {
    std::vector<Bytes> all;
    std::vector<std::size_t> ends;
};
template <class Strings>
Envelopes envelopes_of(const Strings& transactions) {
    Envelopes out;
    for (const std::string& one : transactions) {
        auto parts = unbundle(as_bytes(one));
        if (!parts) parts = std::vector<Bytes>{bytes_of(one)};
        for (Bytes& envelope : *parts) out.all.push_back(std::move(envelope));
        out.ends.push_back(out.all.size());
    }
    return out;
}

Error out_of_order(const char* what) {
    return {Errc::malformed, std::string(what) + " is out of order"};
}

}  // namespace

/// One function for each request; each fills the answer or says what is wrong.
struct Application::Calls {
    Application& app;
    chain::Replica& replica;

    static Status echo(const abci::Request::Echo& in, abci::Response& out) {
        out.mutable_echo()->set_message(in.message());
        return done;
    }

    Status info(abci::Response& out) {
        const std::lock_guard lock(app.machine_mutex_);
        // The engine asks when it (re)starts: what was finalized and not committed is replayed.
        app.finalized_.reset();
        SALUS_TRY(app.recover_when_due());
        const chain::ViewHead head = replica.head();
        auto& answer = *out.mutable_info();
        answer.set_data("salus");
        answer.set_version("1");
        answer.set_app_version(app_version);
        answer.set_last_block_height(static_cast<std::int64_t>(head.height.value));
        // Before the first block the engine takes the app hash from init_chain.
        if (head.height.value != 0) answer.set_last_block_app_hash(text_of(head.app_hash.view()));
        return done;
    }

    Status init_chain(const abci::Request::InitChain& in, abci::Response& out) {
        const std::lock_guard lock(app.machine_mutex_);
        const chain::ViewHead head = replica.head();
        if (in.chain_id() != replica.genesis().chain_id) {
            return Error{Errc::malformed, "the engine has a genesis of another chain"};
        }
        if (head.height.value != 0) return out_of_order("init_chain");
        out.mutable_init_chain()->set_app_hash(text_of(head.app_hash.view()));
        return done;
    }

    /// A bundle is worth its place when one of its envelopes is, and none is what no honest member
    /// would have sent.
    Status check_tx(const abci::Request::CheckTx& in, abci::Response& out) const {
        const auto parts = unbundle(as_bytes(in.tx()));
        std::uint32_t code = parts.ok() ? 0 : ledger::code::malformed;
        if (parts.ok()) {
            const auto prepared = app.prepare_all(*parts);
            bool useful = false;
            for (const auto& one : prepared) {
                const std::uint32_t own = SALUS_TRY(app.check(one));
                if (one.code != 0 || (own != 0 && code == 0)) code = own;
                if (one.code != 0) break;
                useful = useful || own == 0;
            }
            if (useful && prepared.back().code == 0) code = 0;
        }
        out.mutable_check_tx()->set_code(code);
        return done;
    }

    Status prepare_proposal(const abci::Request::PrepareProposal& in, abci::Response& out) const {
        const Envelopes envelopes = envelopes_of(in.txs());
        const auto prepared = app.prepare_all(envelopes.all);
        // What is refused whatever the state takes no place in a block, nor does a bundle with it.
        std::vector<chain::PreparedTransaction> good;
        std::vector<std::pair<int, std::size_t>> taken;  // of the engine's, and where it ends
        std::size_t begin = 0;
        for (int i = 0; i < in.txs_size(); ++i) {
            const std::size_t end = envelopes.ends[static_cast<std::size_t>(i)];
            const auto first = prepared.begin() + static_cast<std::ptrdiff_t>(begin);
            const auto last = prepared.begin() + static_cast<std::ptrdiff_t>(end);
            begin = end;
            if (std::any_of(first, last, [](const auto& one) { return one.code != 0; })) continue;
            good.insert(good.end(), first, last);
            taken.emplace_back(i, good.size());
        }
        const std::size_t fit = chain::StateMachine::prepare_proposal(
            good, chain::block_bytes_max, millis(in.time()), app.env_.now());
        auto& answer = *out.mutable_prepare_proposal();
        std::int64_t bytes = 0;
        for (const auto& [index, end] : taken) {
            // The engine counts a few bytes more for each.
            bytes += static_cast<std::int64_t>(in.txs(index).size()) + 8;
            if (end > fit || bytes > in.max_tx_bytes()) break;
            answer.add_txs(in.txs(index));
        }
        return done;
    }

    Status process_proposal(const abci::Request::ProcessProposal& in, abci::Response& out) const {
        const auto prepared = app.prepare_all(envelopes_of(in.txs()).all);
        out.mutable_process_proposal()->set_status(
            chain::StateMachine::process_proposal(prepared) ? proposal_accept : proposal_reject);
        return done;
    }

    Status finalize_block(const abci::Request::FinalizeBlock& in, abci::Response& out) {
        const Envelopes envelopes = envelopes_of(in.txs());
        const auto prepared = app.prepare_all(envelopes.all);
        for (const abci::Misbehavior& one : in.misbehavior()) {
            log::warn("validator-misbehaved",
                      {{"type", one.type()},
                       {"height", one.height()},
                       {"validator", to_hex(as_bytes(one.validator().address()))}});
        }
        const std::lock_guard lock(app.machine_mutex_);
        SALUS_TRY(app.recover_when_due());
        Finalized next;
        next.height = static_cast<std::uint64_t>(in.height());
        for (const auto& one : prepared) next.ids.push_back(one.transaction.id);
        next.block =
            SALUS_TRY(replica.finalize({.height = BlockHeight{next.height},
                                        .time = millis(in.time()),
                                        .proposer = app.proposer_of(in.proposer_address())},
                                       prepared));
        auto& answer = *out.mutable_finalize_block();
        // Of a bundle the first code that is not 0: nobody asks the engine for more.
        std::size_t at = 0;
        for (const std::size_t end : envelopes.ends) {
            std::uint32_t code = 0;
            for (; at < end; ++at) code = code != 0 ? code : next.block.verdicts[at].code;
            answer.add_tx_results()->set_code(code);
        }
        answer.set_app_hash(text_of(next.block.app_hash.view()));
        app.finalized_ = std::move(next);
        return done;
    }

    Status commit(abci::Response& out) {
        Finalized block;
        {
            const std::lock_guard lock(app.machine_mutex_);
            if (!app.finalized_) return out_of_order("commit");
            block = std::move(*app.finalized_);
            app.finalized_.reset();
            const Status committed = replica.commit_finalized(block.block);
            app.needs_recovery_ = !committed.ok();
            SALUS_TRY(committed);
        }
        app.engine_height_.store(block.height);
        if (app.committed_) app.committed_(block.block, block.ids);
        out.mutable_commit()->set_retain_height(0);
        return done;
    }

    static Status query(abci::Response& out) {
        // Questions come to the node's own doors, which know who asks.
        out.mutable_query()->set_code(static_cast<std::uint32_t>(Errc::not_found));
        return done;
    }

    Status answer(const abci::Request& in, abci::Response& out) {
        using Case = abci::Request::ValueCase;
        switch (in.value_case()) {
            case Case::kEcho:
                return echo(in.echo(), out);
            case Case::kFlush:
                out.mutable_flush();
                return done;
            case Case::kInfo:
                return info(out);
            case Case::kInitChain:
                return init_chain(in.init_chain(), out);
            case Case::kQuery:
                return query(out);
            case Case::kCheckTx:
                return check_tx(in.check_tx(), out);
            case Case::kCommit:
                return commit(out);
            case Case::kPrepareProposal:
                return prepare_proposal(in.prepare_proposal(), out);
            case Case::kProcessProposal:
                return process_proposal(in.process_proposal(), out);
            case Case::kFinalizeBlock:
                return finalize_block(in.finalize_block(), out);
            case Case::kListSnapshots:
                out.mutable_list_snapshots();
                return done;
            case Case::kOfferSnapshot:
                out.mutable_offer_snapshot()->set_result(snapshot_reject);
                return done;
            case Case::kLoadSnapshotChunk:
                out.mutable_load_snapshot_chunk();
                return done;
            case Case::kApplySnapshotChunk:
                out.mutable_apply_snapshot_chunk()->set_result(snapshot_abort);
                return done;
            case Case::VALUE_NOT_SET:
                break;
        }
        return Error{Errc::malformed, "a request of a kind that is not spoken here"};
    }
};

Application::Application(Env& env, chain::Replica& replica, Options options)
    : env_(env), replica_(replica), options_(std::move(options)) {
    engine_height_.store(replica_.head().height.value);
}

Application::~Application() = default;

Application::Answer Application::answer(ByteView request) {
    abci::Request in;
    abci::Response out;
    Answer answer;
    Status answered = Error{Errc::malformed, "bytes that are no request"};
    if (request.size() <= message_bytes_max &&
        in.ParseFromArray(request.data(), static_cast<int>(request.size()))) {
        answered = Calls{*this, replica_}.answer(in, out);
        answer.flush = in.has_flush();
    }
    if (!answered) {
        log::error("abci-refused", {{"code", to_string(answered.error().code)},
                                    {"reason", answered.error().detail}});
        out.Clear();
        out.mutable_exception()->set_error(answered.error().detail);
        answer.flush = true;
        answer.fatal = true;
    }
    answer.message.resize(out.ByteSizeLong());
    out.SerializeWithCachedSizesToArray(answer.message.data());
    return answer;
}

std::vector<chain::PreparedTransaction> Application::prepare_all(
    std::vector<Bytes> envelopes) const {
    std::vector<chain::PreparedTransaction> out(envelopes.size());
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
        for (std::size_t i = next++; i < envelopes.size(); i = next++) {
            out[i] = replica_.prepare(std::move(envelopes[i]));
        }
    };
    std::vector<std::thread> helpers;
    if (envelopes.size() >= parallel_from) {
        for (unsigned i = 1; i < options_.verify_threads; ++i) helpers.emplace_back(work);
    }
    work();
    for (std::thread& helper : helpers) helper.join();
    return out;
}

Result<std::uint32_t> Application::check(const chain::PreparedTransaction& prepared) {
    if (prepared.code != 0) return prepared.code;
    const std::lock_guard lock(machine_mutex_);
    const UnixMillis at{std::max(replica_.head().time.value, env_.now().value)};
    return replica_.check_tx(prepared, at);
}

ObjectId Application::proposer_of(const std::string& address) const {
    const auto found = options_.proposers.find(bytes_of(address));
    return found == options_.proposers.end() ? ObjectId{} : found->second;
}

Status Application::recover_when_due() {
    if (!needs_recovery_) return done;
    SALUS_TRY(replica_.recover());
    needs_recovery_ = false;
    return done;
}

}  // namespace salus::cometbft
