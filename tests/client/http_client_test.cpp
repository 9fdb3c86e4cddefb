#include "client/http_client.hpp"

#include "client/api.hpp"

#include <doctest/doctest.h>

using namespace salus;
using namespace salus::client;

TEST_CASE("a node's address is http on this machine, with or without a port") {
    const auto plain = Address::parse("http://localhost:8080/");
    REQUIRE(plain.ok());
    CHECK(plain->host == "localhost");
    CHECK(plain->port == "8080");
    CHECK(Address::parse("http://127.0.0.1").value().port == "80");
    CHECK(Address::parse("http://[::1]:8080").value().host == "::1");
}

TEST_CASE("without TLS no other machine is spoken to, whatever its name begins with") {
    for (const char* url : {"http://example.org", "http://10.0.0.1:80", "http://127.example.org:80",
                            "http://localhost.example.org", "http://[fe80::1]:80"}) {
        CHECK_MESSAGE(Address::parse(url).error().code == Errc::denied, url);
    }
}

TEST_CASE("what is no address is refused") {
    for (const char* url : {"", "localhost:8080", "https://localhost", "ftp://localhost", "http://",
                            "http://localhost:", "http://localhost:80a", "http://localhost:123456",
                            "http://user@localhost", "http://localhost/path", "http://a b"}) {
        CHECK_MESSAGE(Address::parse(url).error().code == Errc::malformed, url);
    }
}

TEST_CASE("nobody listening is unavailable, and says where") {
    HttpClient client(Address{"127.0.0.1", "1"}, 2'000);
    const auto answer = client.send({"GET", "/healthz", "", {}, ""});
    REQUIRE_FALSE(answer.ok());
    CHECK(answer.error().code == Errc::unavailable);
    CHECK(answer.error().detail.find("127.0.0.1:1") != std::string::npos);
}

TEST_CASE("the node's reason ends an error's sentence and is read back from it") {
    CHECK(reason_of({Errc::denied, "No longer shared. (consent-revoked)"}) == "consent-revoked");
    CHECK(reason_of({Errc::denied, "No reason"}).empty());
    CHECK(reason_of({Errc::denied, ""}).empty());
}
