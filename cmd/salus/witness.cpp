#include "ledger/witness.hpp"

#include "gateway/http_server.hpp"
#include "gateway/router.hpp"
#include "ledger/consistency_sign.hpp"
#include "ledger/limits.hpp"

#include "command.hpp"
#include "connect.hpp"
#include <chrono>
#include <mutex>
#include <thread>

/// `salus witness`: another party's small process that cosigns a node's log and refuses a fork.
namespace salus::command {
namespace {

constexpr std::uint64_t trust_bytes_max = 1U << 20U;
constexpr std::uint64_t every_seconds_max = 86'400;

/// One witness, visited by its own loop and by whoever submits to it.
struct Post {
    explicit Post(ledger::Witness opened) : witness(std::move(opened)) {}
    std::mutex mutex;
    ledger::Witness witness;
};

Result<ledger::WitnessKey> open_key(Env& env, const Args& args) {
    const std::string path = args.value_or("key", "");
    const auto name = args.value("name");
    if (!env.exists(path)) {
        if (!name) return Error{Errc::malformed, "a new key wants --name NAME"};
        return ledger::make_witness_key(env, path, *name);
    }
    ledger::WitnessKey key = SALUS_TRY(ledger::read_witness_key(env, path));
    if (name && *name != key.name) {
        return Error{Errc::denied, "the key file is that of a witness with another name"};
    }
    return key;
}

/// Who signs the log: --trust, or what the node says of itself at the first visit.
Result<std::vector<ledger::VerifierKey>> log_keys(Env& env, const Args& args, client::Api& api) {
    if (const auto path = args.value("trust")) {
        const Bytes keys = SALUS_TRY(read_input(env, *path, trust_bytes_max));
        return ledger::parse_trust(as_text(keys));
    }
    std::string text;
    for (const std::string& key : SALUS_TRY(api.verifier_keys())) text += key + "\n";
    note("the log's keys are taken from the node itself; compare them once by another way");
    return ledger::parse_trust(text);
}

/// The proof that the newest note continues what was seen.
Result<ledger::Submission> submission_for(const ledger::KeyedNote& memory, ledger::Note newest,
                                          client::Api& api) {
    ledger::Submission out;
    const std::uint64_t size = newest.checkpoint.log_size;
    out.note = std::move(newest);
    if (!memory.note) return out;
    out.old_size = memory.note->checkpoint.log_size;
    if (size < out.old_size) {
        return Error{Errc::integrity, "the log went back: " + std::to_string(out.old_size) +
                                          " lines were witnessed, now it shows " +
                                          std::to_string(size)};
    }
    if (size == out.old_size) return out;
    const auto proof = api.get_bytes("/api/consistency?from=" + std::to_string(out.old_size) +
                                     "&to=" + std::to_string(size));
    if (!proof && proof.error().code != Errc::unavailable) {
        return Error{Errc::integrity,
                     "the node shows no proof that its log continues the one "
                     "witnessed before"};
    }
    out.path = SALUS_TRY(ledger::decode_consistency(SALUS_TRY(Result(proof)))).path;
    return out;
}

Status bring(client::Api& api, const std::string& cosigned) {
    SALUS_TRY(api.post_bytes("/api/checkpoint/cosignature", "text/plain; charset=utf-8",
                             to_bytes(cosigned)));
    return done;
}

/// One visit: asks, judges, remembers, cosigns, brings the cosignature back.
/// Errors: not_found — the log has no block yet; integrity — a fork or a step back; unavailable.
Result<std::uint64_t> visit(Env& env, const Args& args, Post& post, client::Api& api) {
    const Bytes text = SALUS_TRY(api.get_bytes("/api/checkpoint"));
    ledger::Note newest = SALUS_TRY(ledger::parse_note(as_text(text)));
    const std::uint64_t size = newest.checkpoint.log_size;
    const std::lock_guard lock(post.mutex);
    if (!post.witness.memory()) {
        SALUS_TRY(post.witness.trust(SALUS_TRY(log_keys(env, args, api))));
    }
    const auto looked = [&]() -> Status {
        SALUS_TRY(post.witness.add(
            SALUS_TRY(submission_for(*post.witness.memory(), std::move(newest), api))));
        return done;
    }();
    if (!looked) {
        // The node learns what was witnessed: it shows there whether it was its operator who erred.
        if (looked.error().code == Errc::integrity) {
            if (const auto seen = post.witness.cosigned()) static_cast<void>(bring(api, *seen));
        }
        return looked.error();
    }
    SALUS_TRY(bring(api, SALUS_TRY(post.witness.cosigned())));
    return size;
}

/// 409 has two meanings in C2SP tlog-witness; the one with another old size tells the right one.
gateway::Response refusal(const Error& error, const ledger::KeyedNote* memory) {
    gateway::Response out = gateway::Response::text(error.detail + "\n");
    switch (error.code) {
        case Errc::not_found:
            out.status = 404;
            break;
        case Errc::authentication:
            out.status = 403;
            break;
        case Errc::already_exists:
            out = gateway::Response::text(
                std::to_string(memory != nullptr && memory->note ? memory->note->checkpoint.log_size
                                                                 : 0) +
                    "\n",
                "text/x.tlog.size");
            out.status = 409;
            break;
        case Errc::integrity:
            out.status = 422;
            break;
        case Errc::unavailable:
            out.status = 503;
            break;
        default:
            out.status = 400;
    }
    return out;
}

gateway::Response add_checkpoint(Post& post, const gateway::Request& request) {
    const auto submission = ledger::parse_submission(as_text(request.body));
    if (!submission) return refusal(submission.error(), nullptr);
    const std::lock_guard lock(post.mutex);
    const auto& memory = post.witness.memory();
    const bool same_size =
        memory && memory->note &&
        memory->note->checkpoint.log_size == submission->note.checkpoint.log_size;
    const auto line = post.witness.add(*submission);
    if (!line) {
        gateway::Response out = refusal(line.error(), memory ? &*memory : nullptr);
        if (same_size && line.error().code == Errc::integrity) out.status = 409;
        return out;
    }
    const std::array<ledger::NoteSignature, 1> lines = {*line};
    return gateway::Response::text(ledger::write_note("", lines).substr(1));
}

Result<std::unique_ptr<gateway::HttpServer>> serve(const std::string& listen, Post& post) {
    gateway::ServerOptions options;
    const std::size_t colon = listen.rfind(':');
    const std::string port = colon == std::string::npos ? "" : listen.substr(colon + 1);
    if (port.empty() || port.size() > 5 || port.find_first_not_of("0123456789") != port.npos ||
        std::stoul(port) > 65'535) {
        return Error{Errc::malformed, "--listen wants ADDRESS:PORT"};
    }
    options.address =
        listen.substr(0, colon) == "localhost" ? "127.0.0.1" : listen.substr(0, colon);
    options.port = static_cast<std::uint16_t>(std::stoul(port));
    options.threads = 1;
    options.body_bytes_max = std::size_t{1} << 17U;
    auto router = std::make_shared<gateway::Router>();
    router->add({"POST", "/add-checkpoint", "C2SP tlog-witness",
                 [&post](gateway::Request& request, gateway::Reply reply) {
                     reply(add_checkpoint(post, request));
                 }});
    router->add({"GET", "/checkpoint", "The last checkpoint witnessed, cosigned now",
                 [&post](gateway::Request&, gateway::Reply reply) {
                     const std::lock_guard lock(post.mutex);
                     const auto note = post.witness.cosigned();
                     if (!note) return reply(note.error());
                     reply(gateway::Response::text(*note));
                 }});
    return gateway::HttpServer::start(options,
                                      [router](gateway::Request& request, gateway::Reply reply) {
                                          if (!router->dispatch(request, reply)) {
                                              reply(Error{Errc::not_found, "no such address"});
                                          }
                                      });
}

int say(const Post& post, std::uint64_t size) {
    const ledger::KeyedNote& memory = *post.witness.memory();
    print_json(json::Value(json::Object{{"ok", true},
                                        {"origin", memory.note->checkpoint.origin},
                                        {"log_size", size},
                                        {"height", memory.note->checkpoint.height.value},
                                        {"name", post.witness.verifier().name}}));
    return exit_done;
}

int say_no(const Error& error) {
    print_json(json::Value(json::Object{{"ok", false}, {"error", error.detail}}));
    return fail(error);
}

/// For ever: a node that does not answer is visited again, one that forked is not.
int watch(Env& env, const Args& args, Post& post, client::Api& api, std::uint64_t seconds) {
    std::uint64_t said = 0;
    while (true) {
        const auto size = visit(env, args, post, api);
        if (size) {
            if (*size != said) say(post, *size);
            said = *size;
        } else if (size.error().code == Errc::unavailable || size.error().code == Errc::not_found) {
            note("salus: " + size.error().detail);
        } else {
            return say_no(size.error());
        }
        std::this_thread::sleep_for(std::chrono::seconds(seconds));
    }
}

}  // namespace

int run_witness(Env& env, const Words& words) {
    const Args args = SALUS_OR_USAGE(
        Args::parse(words, {.valued = {"url", "key", "state", "name", "trust", "every", "listen"},
                            .plain = {"once", "json"}}));
    if (!args.has("key")) return wrong_use("witness wants --key FILE");
    if (args.has("once") && args.has("every")) return wrong_use("--once or --every, not both");
    const std::uint64_t every = SALUS_OR_USAGE(args.number("every", 60, 1, every_seconds_max));
    ledger::WitnessKey key = SALUS_OR_FAIL(open_key(env, args));
    if (!args.has("state")) {
        print(ledger::write_verifier_key(key.verifier()));
        return exit_done;
    }
    Post post(
        SALUS_OR_FAIL(ledger::Witness::open(env, std::move(key), args.value_or("state", ""))));
    client::Api api = SALUS_OR_FAIL(connect(args));
    if (args.has("once")) {
        const auto size = visit(env, args, post, api);
        return size ? say(post, *size) : say_no(size.error());
    }
    std::unique_ptr<gateway::HttpServer> server;
    if (const auto listen = args.value("listen")) {
        server = SALUS_OR_FAIL(serve(*listen, post));
        print("ready http://" + listen->substr(0, listen->rfind(':')) + ":" +
              std::to_string(server->port()));
    }
    return watch(env, args, post, api, every);
}

}  // namespace salus::command
