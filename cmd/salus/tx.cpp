#include "client/consent_ir.hpp"
#include "ledger/transaction.hpp"
#include "ledger/transaction_sign.hpp"

#include "command.hpp"
#include "connect.hpp"
#include "disk_ledger.hpp"
#include <atomic>
#include <memory>
#include <mutex>
#include <thread>

namespace salus::command {
namespace {

constexpr std::uint64_t submit_count_max = 1'000'000;
constexpr std::size_t in_flight = 16;
constexpr std::int64_t hour_ms = 3'600'000;
constexpr std::int64_t wait_step_ms = 50;

/// An account that exists for one command: keys in memory, enrolled by itself.
struct Visitor {
    crypto::SigningKey key;
    AccountId account;
    std::string chain_id;
    std::int64_t clock_offset_ms = 0;
    [[nodiscard]] client::Occasion occasion(Env& env) const {
        return {chain_id, UnixMillis{env.now().value + clock_offset_ms}};
    }
};

Result<Bytes> sign_as(Env& env, const Visitor& visitor, std::vector<ledger::Operation> operations) {
    return ledger::sign_transaction(
        client::make_body(env, visitor.account, visitor.occasion(env), std::move(operations)),
        visitor.key);
}

Result<Visitor> enrol_visitor(Env& env, client::Api& api) {
    const client::NodeStatus status = SALUS_TRY(api.status());
    Visitor visitor;
    visitor.key = crypto::random_key<crypto::SigningKey>(env);
    visitor.account = random_bytes<AccountId>(env);
    visitor.chain_id = status.chain_id;
    visitor.clock_offset_ms = status.time.value - env.now().value;
    const crypto::X25519Pair kem = crypto::random_x25519_pair(env);
    const Bytes enrol =
        SALUS_TRY(sign_as(env, visitor,
                          {client::operation::enrol("patient", crypto::public_key(visitor.key),
                                                    kem.public_half, std::nullopt)}));
    const client::TxReceipt receipt = SALUS_TRY(api.submit(enrol));
    SALUS_TRY(client::check_done(receipt));
    return visitor;
}

/// A consent of the visitor about itself: nobody's data, a whole transaction all the same.
Result<Bytes> consent_transaction(Env& env, const Visitor& visitor) {
    client::ConsentIr ir;
    ir.actors = {random_bytes<client::Label>(env)};
    ir.purposes = {"TREAT"};
    ir.actions = {"access"};
    ir.from = visitor.occasion(env).node_time;
    ir.until = UnixMillis{ir.from.value + hour_ms};
    client::operation::ConsentPut put;
    put.directive = random_bytes<ObjectId>(env);
    put.ir = SALUS_TRY(client::encode(ir));
    put.text_hash = random_bytes<Digest>(env);
    return sign_as(env, visitor, {client::operation::consent_put(put)});
}

/// What the submitting threads share.
struct Run {
    std::atomic<std::uint64_t> left;
    std::mutex mutex;
    std::optional<Error> error;
};

Status submit_one(Env& env, const Visitor& visitor, client::Api& api, Run& run) {
    Bytes transaction = SALUS_TRY(consent_transaction(env, visitor));
    const client::TxReceipt receipt = SALUS_TRY(api.submit(std::move(transaction)));
    SALUS_TRY(client::check_done(receipt));
    const std::lock_guard lock(run.mutex);
    print_json(json::Value(json::Object{{"id", receipt.id}, {"height", receipt.height}}));
    return done;
}

void submit_loop(Env& env, const Visitor& visitor, client::Api& api, Run& run) {
    while (true) {
        std::uint64_t left = run.left.load();
        while (left > 0 && !run.left.compare_exchange_weak(left, left - 1)) {
        }
        if (left == 0) return;
        if (const Status status = submit_one(env, visitor, api, run); !status.ok()) {
            const std::lock_guard lock(run.mutex);
            if (!run.error) run.error = status.error();
            run.left = 0;
            return;
        }
    }
}

int submit(Env& env, const Args& args) {
    const std::uint64_t count = SALUS_OR_USAGE(args.number("count", 1, 1, submit_count_max));
    client::Api first = SALUS_OR_FAIL(connect(args));
    const Visitor visitor = SALUS_OR_FAIL(enrol_visitor(env, first));
    Run run{count, {}, {}};
    std::vector<client::Api> connections;
    connections.push_back(std::move(first));
    while (connections.size() < std::min<std::uint64_t>(count, in_flight)) {
        connections.push_back(SALUS_OR_FAIL(connect(args)));
    }
    std::vector<std::thread> threads;
    for (client::Api& api : connections) {
        threads.emplace_back([&] { submit_loop(env, visitor, api, run); });
    }
    for (std::thread& thread : threads) thread.join();
    return run.error ? fail(*run.error) : exit_done;
}

Result<json::Value> look_up(client::Api& api, const std::string& id) {
    SALUS_TRY(client::id_from<Digest>(id));
    return api.get("/api/tx/" + id);
}

Result<json::Value> look_up_on_disk(Env& env, const std::string& directory, const std::string& id) {
    const Digest wanted = SALUS_TRY(client::id_from<Digest>(id));
    ledger::BlockStore store = SALUS_TRY(open_ledger(env, directory));
    return transaction_of(store, wanted);
}

int show(Env& env, const Args& args, const std::string& id) {
    if (const auto directory = args.value("data")) {
        if (args.has("receipt"))
            return wrong_use("a receipt is signed by a running node: take --url");
        print_json(SALUS_OR_FAIL(look_up_on_disk(env, *directory, id)));
        return exit_done;
    }
    client::Api api = SALUS_OR_FAIL(connect(args));
    const json::Value transaction = SALUS_OR_FAIL(look_up(api, id));
    if (const auto path = args.value("receipt")) {
        const Bytes bundle = SALUS_OR_FAIL(api.receipt(id));
        SALUS_OR_FAIL(write_file_atomically(env, *path, bundle));
    }
    print_json(transaction);
    return exit_done;
}

/// The embedded engine answers only what is durable, so a transaction that is there is final.
int wait(Env& env, const Args& args, const std::string& id) {
    const std::uint64_t seconds = SALUS_OR_USAGE(args.number("timeout", 60, 0, 3'600));
    client::Api api = SALUS_OR_FAIL(connect(args));
    const std::int64_t end = env.steady_ns() + static_cast<std::int64_t>(seconds) * 1'000'000'000;
    while (true) {
        const Result<json::Value> found = look_up(api, id);
        if (found.ok()) {
            print_json(*found);
            return exit_done;
        }
        if (found.error().code != Errc::not_found || env.steady_ns() >= end)
            return fail(found.error());
        std::this_thread::sleep_for(std::chrono::milliseconds(wait_step_ms));
    }
}

}  // namespace

int run_tx(Env& env, const Words& words) {
    const Args args =
        SALUS_OR_USAGE(Args::parse(words, {.valued = {"url", "data", "count", "receipt", "timeout"},
                                           .plain = {"json"},
                                           .words_min = 1,
                                           .words_max = 2}));
    const std::string& verb = args.words().front();
    const bool has_id = args.words().size() == 2;
    if (verb == "submit" && !has_id) return submit(env, args);
    if (verb == "show" && has_id) return show(env, args, args.words().back());
    if (verb == "wait" && has_id) return wait(env, args, args.words().back());
    return wrong_use("tx wants submit, show ID or wait ID");
}

}  // namespace salus::command
