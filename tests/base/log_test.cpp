#include "base/log.hpp"

#include "base/json.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>

#include <fcntl.h>
#include <unistd.h>

using namespace salus;

namespace {

/// What `write` puts on stderr.
template <class Write>
std::string on_stderr(Write write) {
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    const int kept = ::dup(STDERR_FILENO);
    REQUIRE(::dup2(ends[1], STDERR_FILENO) >= 0);
    write();
    ::dup2(kept, STDERR_FILENO);
    ::close(kept);
    ::close(ends[1]);
    std::string out;
    std::array<char, 4096> buffer{};
    for (ssize_t got = 0; (got = ::read(ends[0], buffer.data(), buffer.size())) > 0;) {
        out.append(buffer.data(), static_cast<std::size_t>(got));
    }
    ::close(ends[0]);
    return out;
}

}  // namespace

TEST_CASE("a log line is one JSON object with time, level and event") {
    const std::string line = on_stderr([] {
        log::warn("block-sealed", {{"height", std::uint64_t{7}}, {"code", "denied"}, {"left", -1}});
    });
    REQUIRE(line.ends_with("}\n"));
    const json::Value value = *json::parse(line);
    CHECK(*json::need_int(value, "t") > 1'700'000'000'000);
    CHECK(*json::need_text(value, "level") == "warn");
    CHECK(*json::need_text(value, "event") == "block-sealed");
    CHECK(*json::need_uint(value, "height") == 7);
    CHECK(*json::need_text(value, "code") == "denied");
    CHECK(*json::need_int(value, "left") == -1);
}

TEST_CASE("a field keeps 256 bytes, is cut between characters and cannot break the line") {
    const auto field = [](const std::string& text) {
        const std::string line = on_stderr([&] { log::info("x", {{"f", text}}); });
        CHECK(line.find('\n') == line.size() - 1);
        return *json::need_text(*json::parse(line), "f");
    };
    CHECK(field(std::string(255, 'a')).size() == 255);
    CHECK(field(std::string(256, 'a')).size() == 256);
    CHECK(field(std::string(257, 'a')).size() == 256);
    CHECK(field(std::string(255, 'a') + "ü") == std::string(255, 'a'));
    CHECK(field("a\n{\"level\":\"error\"}") == "a\n{\"level\":\"error\"}");
    CHECK(field("a\xff") == "a\xef\xbf\xbd");
}
