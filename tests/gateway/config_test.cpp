#include "config.hpp"

#include "base/sim_env.hpp"

#include <doctest/doctest.h>

using namespace salus;

namespace {

Result<DaemonConfig> read(std::string_view text) {
    SimEnv env(1);
    REQUIRE(write_file_atomically(env, "/salus.json", as_bytes(text)).ok());
    return read_config(env, "/salus.json");
}

Result<DaemonConfig> listening_on(std::string_view listen) {
    return read(R"({"data_dir": "/d", "listen": ")" + std::string(listen) + "\"}");
}

}  // namespace

TEST_CASE("a short configuration names its data and leaves the rest") {
    const auto config = read(R"({"data_dir": "/srv/salus"})");
    REQUIRE(config.ok());
    CHECK(config->data_dir == "/srv/salus");
    CHECK(config->server.address == "127.0.0.1");
    CHECK(config->server.port == 8080);
    CHECK_FALSE(config->demo);
    CHECK(config->server.tls_key.empty());
}

TEST_CASE("a key that nobody knows is refused, and named") {
    const auto config = read(R"({"data_dir": "/d", "insecure": true})");
    REQUIRE_FALSE(config.ok());
    CHECK(config.error().code == Errc::malformed);
    CHECK(config.error().detail.find("insecure") != std::string::npos);
}

TEST_CASE("witnesses are verifier keys of cosigners, and their urls texts") {
    const std::string key = ledger::write_verifier_key(
        {"witness", ledger::NoteAlgorithm::cosignature_v1, ledger::PublicKey{}});
    const std::string member =
        ledger::write_verifier_key({"member", ledger::NoteAlgorithm::ed25519, ledger::PublicKey{}});
    const auto config = read(R"({"data_dir": "/d", "witnesses": [")" + key +
                             R"("], "witness_urls": ["http://localhost:1"],
                                 "witnessed_checkpoint": "/w"})");
    REQUIRE(config.ok());
    REQUIRE(config->witnesses.size() == 1);
    CHECK(config->witnesses[0].name == "witness");
    CHECK(config->witness_urls == std::vector<std::string>{"http://localhost:1"});
    CHECK(config->witnessed_checkpoint == "/w");
    for (const std::string& bad : {std::string("\"x\""), "\"" + member + "\"", std::string("5")}) {
        CHECK_FALSE(read(R"({"data_dir": "/d", "witnesses": [)" + bad + "]}").ok());
    }
    for (const std::size_t count : {31U, 32U, 33U}) {
        std::string list = "\"u\"";
        for (std::size_t i = 1; i < count; ++i) list += ", \"u\"";
        CHECK(read(R"({"data_dir": "/d", "witness_urls": [)" + list + "]}").ok() == (count <= 32));
    }
}

TEST_CASE("a configuration of another form is refused") {
    for (const char* text :
         {"", "[]", "{}", R"({"data_dir": ""})", R"({"data_dir": 5})",
          R"({"data_dir": "/d", "demo": "yes"})", R"({"data_dir": "/d", "threads": 0})",
          R"({"data_dir": "/d", "threads": 65})", R"({"data_dir": "/d", "threads": -1})",
          R"({"data_dir": "/d", "data_dir": "/e"})",
          R"({"data_dir": "/d"} )"
          "x"}) {
        INFO(text);
        CHECK_FALSE(read(text).ok());
    }
    CHECK(read(R"({"data_dir": "/d", "threads": 64})").ok());
    SimEnv empty(1);
    CHECK(read_config(empty, "/nothing").error().code == Errc::not_found);
}

TEST_CASE("listen is an address and a port") {
    CHECK(listening_on("127.0.0.1:0")->server.port == 0);
    CHECK(listening_on("localhost:80")->server.address == "127.0.0.1");
    CHECK(listening_on("[::1]:65535")->server.address == "::1");
    for (const char* listen :
         {"", "8080", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
          "127.0.0.1:80x", "127.0.0.1: 80", ":8080", "[:80", "[]:80", "[::1:80", "::1:80"}) {
        INFO(listen);
        CHECK_FALSE(listening_on(listen).ok());
    }
}

TEST_CASE("TLS needs both of its files") {
    CHECK(read(R"({"data_dir": "/d", "tls_certificate": "/c", "tls_key": "/k"})").ok());
    CHECK_FALSE(read(R"({"data_dir": "/d", "tls_certificate": "/c"})").ok());
    CHECK_FALSE(read(R"({"data_dir": "/d", "tls_key": "/k"})").ok());
}
