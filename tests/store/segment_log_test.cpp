#include "store/segment_log.hpp"

#include "store/log_fixture.hpp"

#include <doctest/doctest.h>

using namespace salus;
using namespace salus::store;
using namespace salus::store::test;

namespace {

constexpr SegmentLogOptions small{.segment_bytes = 1024, .entries_min = 0};

Errc code_of(const auto& result) {
    return result.ok() ? Errc{} : result.error().code;
}

}  // namespace

TEST_CASE("what was appended is read back in order, by cursor and by position") {
    SimEnv env(1);
    auto log = SegmentLog::open(env, directory, small);
    REQUIRE(log.ok());
    const auto first = append_sizes(*log, {0, 1, 7, 8, 9}, 1);
    const auto second = append_sizes(*log, {100}, 2);
    REQUIRE(first.ok());
    REQUIRE(second.ok());
    CHECK(log->next_sequence() == 6);

    const auto entries = read_all(*log);
    REQUIRE(entries.size() == 6);
    for (std::size_t i = 0; i < 5; ++i) {
        CHECK(entries[i].sequence == i);
        CHECK(entries[i].at == (*first)[i]);
        CHECK(entries[i].ends_batch == (i == 4));
    }
    CHECK(entries[5].payload == payload_of(100, 2));
    CHECK(entries[5].type == 3);
    const auto read = log->read((*first)[4]);
    REQUIRE(read.ok());
    CHECK(read->payload == payload_of(9, 1));
    CHECK(read->sequence == 4);
}

TEST_CASE(
    "a batch that does not fit starts the next segment, whose header carries the chain value") {
    SimEnv env(2);
    auto log = SegmentLog::open(env, directory, small);
    REQUIRE(log.ok());
    for (std::uint8_t i = 0; i < 10; ++i) REQUIRE(append_sizes(*log, {200, 150}, i).ok());
    CHECK(log->segments() == 5);
    const auto header = log->segment_header(1);
    REQUIRE(header.ok());
    CHECK(header->first_sequence == 4);
    CHECK(header->chain == digest_of(2));
    CHECK(read_all(*log).size() == 20);

    auto again = SegmentLog::open(env, directory, small);
    REQUIRE(again.ok());
    CHECK(again->next_sequence() == 20);
    CHECK(again->end() == log->end());
    CHECK_FALSE(again->torn_tail().has_value());
    const auto report = scan_all(env, directory);
    REQUIRE(report.ok());
    CHECK_FALSE(report->first_bad.has_value());
    CHECK(report->entries == 20);
    CHECK(report->segments == 5);
}

TEST_CASE("a cursor sees what is appended while it walks, also in a new segment") {
    SimEnv env(3);
    auto log = SegmentLog::open(env, directory, small);
    REQUIRE(log.ok());
    auto cursor = log->cursor();
    for (std::uint8_t i = 0; i < 12; ++i) {
        auto none = cursor.next();
        REQUIRE(none.ok());
        CHECK_FALSE(none->has_value());
        REQUIRE(append_sizes(*log, {300}, i).ok());
        auto next = cursor.next();
        REQUIRE(next.ok());
        REQUIRE(next->has_value());
        CHECK((*next)->sequence == i);
        CHECK((*next)->payload == payload_of(300, i));
    }
}

TEST_CASE("limits of a batch hold one below, at and one above") {
    SimEnv env(4);
    auto log = SegmentLog::open(env, directory, small);
    REQUIRE(log.ok());
    const std::size_t room = 1024 - segment_header_bytes - entry_header_bytes;
    CHECK(append_sizes(*log, {room - 8}).ok());
    CHECK(append_sizes(*log, {room}).ok());
    CHECK(code_of(append_sizes(*log, {room + 1})) == Errc::out_of_range);
    CHECK(code_of(append_sizes(*log, {})) == Errc::out_of_range);
    CHECK(log->next_sequence() == 2);

    SimEnv big(5);
    auto large = SegmentLog::open(big, directory, {.segment_bytes = 32U << 20U, .entries_min = 0});
    REQUIRE(large.ok());
    CHECK(append_sizes(*large, {entry_payload_bytes_max - 1}).ok());
    CHECK(append_sizes(*large, {entry_payload_bytes_max}).ok());
    CHECK(code_of(append_sizes(*large, {entry_payload_bytes_max + 1})) == Errc::out_of_range);
    CHECK(append_sizes(*large, std::vector<std::size_t>(batch_entries_max, 0)).ok());
    CHECK(code_of(append_sizes(*large, std::vector<std::size_t>(batch_entries_max + 1, 0))) ==
          Errc::out_of_range);
}

TEST_CASE("segment sizes outside the limits are refused") {
    SimEnv env(6);
    const auto open = [&](std::uint32_t bytes) {
        return code_of(
            SegmentLog::open(env, directory, {.segment_bytes = bytes, .entries_min = 0}));
    };
    CHECK(open(segment_bytes_min - 8) == Errc::out_of_range);
    CHECK(open(segment_bytes_min) == Errc{});
    CHECK(open(segment_bytes_min + 1) == Errc::out_of_range);
    CHECK(open(segment_bytes_max) == Errc{});
    CHECK(open(segment_bytes_max + 8) == Errc::out_of_range);
}

TEST_CASE("a position where no entry starts is not found or fails its check") {
    SimEnv env(7);
    auto log = SegmentLog::open(env, directory, small);
    REQUIRE(log.ok());
    CHECK(code_of(log->read(first_position)) == Errc::not_found);
    REQUIRE(append_sizes(*log, {50}).ok());
    CHECK(log->read(first_position).ok());
    CHECK(code_of(log->read({0, 0})) == Errc::not_found);
    CHECK(code_of(log->read({0, 73})) == Errc::not_found);
    CHECK(code_of(log->read({0, 80})) == Errc::integrity);
    CHECK(code_of(log->read(log->end())) == Errc::not_found);
    CHECK(code_of(log->read({1, 72})) == Errc::not_found);
}

TEST_CASE("read-only opening never writes and refuses to append") {
    SimEnv env(8);
    CHECK(code_of(SegmentLog::open_read_only(env, directory, small)) == Errc::not_found);
    {
        auto log = SegmentLog::open(env, directory, small);
        REQUIRE(log.ok());
        REQUIRE(append_sizes(*log, {50}).ok());
    }
    Bytes bytes = file_bytes(env, first_file);
    bytes[160] = 0xAA;  // a torn tail
    put_file(env, first_file, bytes);
    auto log = SegmentLog::open_read_only(env, directory, small);
    REQUIRE(log.ok());
    REQUIRE(log->torn_tail().has_value());
    CHECK(log->torn_tail()->offset == 152);
    CHECK(log->torn_tail()->bytes == 9);
    CHECK(code_of(append_sizes(*log, {1})) == Errc::denied);
    CHECK(file_bytes(env, first_file) == bytes);

    auto writable = SegmentLog::open(env, directory, small);
    REQUIRE(writable.ok());
    CHECK(writable->torn_tail()->bytes == 9);
    CHECK(file_bytes(env, first_file)[160] == 0);
    CHECK(append_sizes(*writable, {10}).ok());
}

TEST_CASE("a log that ends before what was committed is refused untouched") {
    SimEnv env(9);
    {
        auto log = SegmentLog::open(env, directory, small);
        REQUIRE(log.ok());
        REQUIRE(append_sizes(*log, {50}).ok());
        REQUIRE(append_sizes(*log, {50}).ok());
    }
    Bytes bytes = file_bytes(env, first_file);
    bytes[160] ^= 1U;
    put_file(env, first_file, bytes);
    const auto open = [&](std::uint64_t entries_min) {
        return SegmentLog::open(env, directory,
                                {.segment_bytes = 1024, .entries_min = entries_min});
    };
    CHECK(code_of(open(2)) == Errc::integrity);
    CHECK(file_bytes(env, first_file) == bytes);
    auto log = open(1);
    REQUIRE(log.ok());
    CHECK(log->next_sequence() == 1);
}

TEST_CASE("a missing segment is corruption") {
    SimEnv env(10);
    {
        auto log = SegmentLog::open(env, directory, small);
        REQUIRE(log.ok());
        for (std::uint8_t i = 0; i < 6; ++i) REQUIRE(append_sizes(*log, {500}, i).ok());
        REQUIRE(log->segments() >= 3);
    }
    REQUIRE(env.remove(directory + "/seg-00000001.log").ok());
    CHECK(code_of(SegmentLog::open(env, directory, small)) == Errc::integrity);
    const auto report = scan_all(env, directory);
    REQUIRE(report.ok());
    REQUIRE(report->first_bad.has_value());
    CHECK(report->first_bad->file == "seg-00000001.log");
}

TEST_CASE("a visitor sees committed entries in order and can stop the scan") {
    SimEnv env(11);
    auto log = SegmentLog::open(env, directory, small);
    REQUIRE(log.ok());
    for (std::uint8_t i = 0; i < 6; ++i) REQUIRE(append_sizes(*log, {300, 20}, i).ok());
    std::uint64_t seen = 0;
    std::uint32_t headers = 0;
    LogVisitor visitor{[&](const SegmentHeader& header) {
                           CHECK(header.number == headers++);
                           return Status{done};
                       },
                       [&](const Entry& entry) {
                           CHECK(entry.sequence == seen++);
                           return Status{done};
                       }};
    REQUIRE(scan_all(env, directory, visitor).ok());
    CHECK(seen == 12);
    CHECK(headers == log->segments());
    visitor.entry = [](const Entry&) -> Status { return Error{Errc::denied, "stop"}; };
    visitor.segment = {};
    CHECK(code_of(scan_all(env, directory, visitor)) == Errc::denied);
}
