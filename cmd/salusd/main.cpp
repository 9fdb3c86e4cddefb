// salusd: one organisation's node. Reads flags, builds the objects, runs until SIGTERM.
#include "base/log.hpp"
#include "chain/vm_executor.hpp"
#include "cometbft/engine.hpp"
#include "contracts/shipped.hpp"
#include "crypto/sign.hpp"
#include "gateway/api.hpp"
#include "gateway/portal.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>

#include "config.hpp"
#include "insecure_for_tests.hpp"
#include "members.hpp"
#include "witnessed.hpp"
#include <csignal>
#include <cstdio>

namespace {

using namespace salus;

int fail(const Error& error) {
    std::fprintf(stderr, "salusd: %s (%s)\n", error.detail.c_str(),
                 std::string(to_string(error.code)).c_str());
    return error.code == Errc::unavailable || error.code == Errc::already_exists ? 3 : 1;
}

/// Keys live in this process: no core dumps, no ptrace.
void keep_secrets_in() {
    prctl(PR_SET_DUMPABLE, 0);
    const rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none);
}

/// The genesis says who orders: members with validator keys agree among themselves.
Result<std::unique_ptr<chain::Engine>> make_engine(Env& env, chain::Replica& replica,
                                                   const DaemonConfig& config) {
    const auto& members = replica.genesis().config.members;
    if (!members.front().validator_key) {
        return std::unique_ptr<chain::Engine>(
            std::make_unique<chain::EmbeddedEngine>(env, replica));
    }
    cometbft::CometOptions options{.directory = config.data_dir + "/cometbft",
                                   .program = SALUS_TRY(cometbft::find_cometbft(config.cometbft)),
                                   .limits = {}};
    return std::unique_ptr<chain::Engine>(
        SALUS_TRY(cometbft::CometEngine::start(env, replica, std::move(options))));
}

chain::NodeConfig node_config(const DaemonConfig& config) {
    chain::NodeConfig out;
    out.data_dir = config.data_dir;
    out.organisation_name = config.organisation_name;
    out.witnesses = config.witnesses;
    if (config.insecure_for_tests_segment_bytes != 0)
        out.segment_bytes = config.insecure_for_tests_segment_bytes;
    out.make_engine = [&config](Env& env, chain::Replica& replica) {
        return make_engine(env, replica, config);
    };
    for (const contracts::ShippedContract& contract : contracts::shipped_contracts()) {
        out.contracts.push_back({std::string(contract.name), to_bytes(contract.module)});
    }
    return out;
}

Status publish_setup_token(Env& env, const DaemonConfig& config, const gateway::House& house) {
    const std::string path = config.data_dir + "/setup-token";
    if (house.setup_token().empty()) {
        if (env.exists(path)) SALUS_TRY(env.remove(path));
        return done;
    }
    std::printf("setup token %s\n", house.setup_token().c_str());
    return write_file_atomically(env, path, as_bytes(house.setup_token()));
}

Status serve(Env& env, const DaemonConfig& config, const sigset_t& signals) {
    SALUS_TRY(crypto::ed25519_self_test());
    contracts::ContractVm::Options vm;
    vm.shipped = contracts::shipped_contracts();
    const auto node = SALUS_TRY(
        chain::Node::open(env, node_config(config), std::make_unique<chain::VmExecutor>(vm)));
    SALUS_TRY(compare_with_witnesses(env, config, *node));
    gateway::HouseConfig house_config{config.data_dir, config.web_dir, config.demo,
                                      config.server.tls_key.empty()};
    const auto house = SALUS_TRY(gateway::House::open(env, *node, std::move(house_config)));
    const auto portal = SALUS_TRY(gateway::Portal::load(env, config.web_dir));
    gateway::Router router;
    gateway::add_chain_api(router, *house);
    gateway::add_account_api(router, *house);
    gateway::add_people_api(router, *house);
    gateway::add_record_api(router, *house);
    gateway::add_grant_api(router, *house);
    gateway::add_offer_api(router, *house);
    gateway::add_ask_api(router, *house);
    gateway::add_watch_api(router, *house);
    const std::string openapi = router.openapi();
    router.add({"GET", "/api/openapi.json", "This page",
                [openapi](gateway::Request&, gateway::Reply reply) {
                    reply(gateway::Response::bytes(to_bytes(openapi), "application/json"));
                }});
    const auto server = SALUS_TRY(gateway::HttpServer::start(
        config.server, [&](gateway::Request& request, gateway::Reply reply) {
            const bool api = request.path.starts_with("/api/") || request.path == "/healthz" ||
                             request.path == "/metrics" || request.path.starts_with("/log/");
            if (router.dispatch(request, reply)) return;
            if (api) return reply(Error{Errc::not_found, "no such address"});
            portal.serve(request, reply);
        }));
    SALUS_TRY(publish_setup_token(env, config, *house));
    const char* scheme = config.server.tls_key.empty() ? "http" : "https";
    const std::string host =
        config.server.address == "127.0.0.1" ? "localhost" : config.server.address;
    std::printf("ready %s://%s:%u\n", scheme, host.c_str(), static_cast<unsigned>(server->port()));
    std::fflush(stdout);
    const MemberSignatures members(env, *node, config.member_urls);
    int signal = 0;
    sigwait(&signals, &signal);
    log::info("stopping", {{"signal", signal}});
    house->close();
    server->stop();
    return node->close();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3 || std::string_view(argv[1]) != "--config") {
        std::fprintf(stderr, "usage: salusd --config FILE\n");
        return 2;
    }
    keep_secrets_in();
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    // Before any thread: only sigwait below sees them.
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    const auto tests = insecure_for_tests(machine_env());
    if (!tests.ok()) return fail(tests.error());
    Env& env = *tests->env;
    auto config = read_config(env, argv[2]);
    if (!config.ok()) return fail(config.error());
    config->insecure_for_tests_segment_bytes = tests->segment_bytes;
    const Status served = serve(env, *config, signals);
    return served.ok() ? 0 : fail(served.error());
}
