#include "store/log_fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>

using namespace salus;
using namespace salus::store;
using namespace salus::store::test;

namespace {

constexpr SegmentLogOptions small{.segment_bytes = 512, .entries_min = 0};

// Three batches in one segment: entries 0 · 1, 2 · 3. Returns where each batch ends.
std::vector<std::uint32_t> write_three(Env& env) {
    auto log = SegmentLog::open(env, directory, small);
    SALUS_ASSERT(log.ok());
    std::vector<std::uint32_t> ends;
    SALUS_ASSERT(append_sizes(*log, {13}, 1).ok());
    ends.push_back(log->end().offset);
    SALUS_ASSERT(append_sizes(*log, {30, 5}, 2).ok());
    ends.push_back(log->end().offset);
    SALUS_ASSERT(append_sizes(*log, {60}, 3).ok());
    ends.push_back(log->end().offset);
    return ends;
}

std::size_t entries_before(std::size_t cut, const std::vector<std::uint32_t>& ends) {
    const std::size_t after[] = {1, 3, 4};
    std::size_t entries = 0;
    for (std::size_t i = 0; i < 3; ++i)
        if (ends[i] <= cut) entries = after[i];
    return entries;
}

}  // namespace

TEST_CASE("a log cut at any byte opens with the whole batches before the cut") {
    SimEnv origin(1);
    const auto ends = write_three(origin);
    const Bytes whole = file_bytes(origin, first_file);
    for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
        CAPTURE(cut);
        SimEnv env(2);
        put_file(env, first_file, ByteView{whole}.first(cut));
        const auto report = scan_all(env, directory);
        REQUIRE(report.ok());
        CHECK_FALSE(report->first_bad.has_value());

        auto log = SegmentLog::open(env, directory, small);
        REQUIRE(log.ok());
        const std::size_t expected = entries_before(cut, ends);
        CHECK(read_all(*log).size() == expected);
        CHECK(report->entries == expected);
        CHECK(log->torn_tail().has_value() == report->torn_tail.has_value());
        // It goes on as if the torn batch had never been begun.
        REQUIRE(append_sizes(*log, {40}, 9).ok());
        CHECK(read_all(*log).size() == expected + 1);
        const auto mended = scan_all(env, directory);
        REQUIRE(mended.ok());
        CHECK_FALSE(mended->first_bad.has_value());
        CHECK_FALSE(mended->torn_tail.has_value());
    }
}

TEST_CASE("a flipped bit at any byte is found, with its file and place") {
    SimEnv env(1);
    const auto ends = write_three(env);
    const std::uint64_t size = file_bytes(env, first_file).size();
    for (std::uint64_t offset = 0; offset < size; ++offset) {
        for (const unsigned bit : {0U, 7U}) {
            CAPTURE(offset);
            REQUIRE(env.flip_bit(first_file, offset, bit).ok());
            const auto report = scan_all(env, directory);
            REQUIRE(report.ok());
            if (offset < ends[1]) {
                REQUIRE(report->first_bad.has_value());
                CHECK(report->first_bad->file == "seg-00000000.log");
                CHECK(report->first_bad->offset <= offset);
                const auto log = SegmentLog::open(env, directory, small);
                REQUIRE_FALSE(log.ok());
                CHECK(log.error().code == Errc::integrity);
            } else {
                // In the newest batch or behind it, only the ledger's checkpoint can tell a crash
                // from damage.
                REQUIRE(report->torn_tail.has_value());
                CHECK(report->torn_tail->offset <= offset);
                const auto log = SegmentLog::open_read_only(
                    env, directory, {.segment_bytes = 512, .entries_min = 4});
                CHECK(log.ok() == (offset >= ends[2]));
            }
            REQUIRE(env.flip_bit(first_file, offset, bit).ok());
        }
    }
}

TEST_CASE("a flipped bit at any byte of an older segment is corruption, unused space included") {
    SimEnv env(1);
    {
        auto log = SegmentLog::open(env, directory, {.segment_bytes = 256, .entries_min = 0});
        REQUIRE(log.ok());
        REQUIRE(append_sizes(*log, {50, 11}, 1).ok());
        REQUIRE(append_sizes(*log, {100}, 2).ok());
        REQUIRE(log->segments() == 2);
    }
    for (std::uint64_t offset = 0; offset < 256; ++offset) {
        CAPTURE(offset);
        REQUIRE(env.flip_bit(first_file, offset, offset % 8).ok());
        const auto report = scan_all(env, directory);
        REQUIRE(report.ok());
        REQUIRE(report->first_bad.has_value());
        CHECK(report->first_bad->file == "seg-00000000.log");
        CHECK(report->first_bad->offset <= offset);
        REQUIRE(env.flip_bit(first_file, offset, offset % 8).ok());
    }
    Bytes bytes = file_bytes(env, first_file);
    bytes.push_back(0);
    put_file(env, first_file, bytes);
    CHECK(scan_all(env, directory)->first_bad.has_value());
    bytes.resize(255);
    put_file(env, first_file, bytes);
    CHECK(scan_all(env, directory)->first_bad.has_value());
}

TEST_CASE("swapped, repeated and removed entries are corruption") {
    SimEnv env(1);
    {
        auto log = SegmentLog::open(env, directory, small);
        REQUIRE(log.ok());
        for (std::uint8_t i = 0; i < 4; ++i) REQUIRE(append_sizes(*log, {40}, i).ok());
    }
    const Bytes whole = file_bytes(env, first_file);
    const auto entry_at = [](std::size_t i) {
        return static_cast<std::ptrdiff_t>(segment_header_bytes + i * 64);
    };
    const auto is_bad = [&](const Bytes& bytes) {
        put_file(env, first_file, bytes);
        return scan_all(env, directory)->first_bad.has_value() &&
               !SegmentLog::open(env, directory, small).ok();
    };
    const auto begin = [](Bytes& bytes, std::ptrdiff_t offset) { return bytes.begin() + offset; };
    Bytes swapped = whole;
    std::swap_ranges(begin(swapped, entry_at(1)), begin(swapped, entry_at(2)),
                     begin(swapped, entry_at(2)));
    CHECK(is_bad(swapped));
    Bytes repeated = whole;
    std::copy_n(whole.begin() + entry_at(0), 64, begin(repeated, entry_at(4)));
    CHECK(is_bad(repeated));
    Bytes removed = whole;
    std::copy_n(whole.begin() + entry_at(2), 128, begin(removed, entry_at(1)));
    CHECK(is_bad(removed));
    Bytes zeroed = whole;
    std::fill_n(begin(zeroed, entry_at(1)), 64, std::uint8_t{0});
    CHECK(is_bad(zeroed));
    Bytes headless = whole;
    std::fill_n(headless.begin(), segment_header_bytes, std::uint8_t{0});
    CHECK(is_bad(headless));
    CHECK_FALSE(is_bad(whole));
}

TEST_CASE("a zeroed page in the middle of a log is corruption") {
    SimEnv env(1);
    {
        auto log = SegmentLog::open(env, directory, {.segment_bytes = 65'536, .entries_min = 0});
        REQUIRE(log.ok());
        for (std::uint8_t i = 0; i < 20; ++i) REQUIRE(append_sizes(*log, {1500, 300}, i).ok());
    }
    Bytes bytes = file_bytes(env, first_file);
    std::fill_n(bytes.begin() + 8192, 4096, std::uint8_t{0});
    put_file(env, first_file, bytes);
    const auto report = scan_all(env, directory);
    REQUIRE(report->first_bad.has_value());
    CHECK(report->first_bad->offset <= 8192);
    CHECK(report->first_bad->offset > 4096);
    CHECK_FALSE(SegmentLog::open(env, directory, {.segment_bytes = 65'536, .entries_min = 0}).ok());
}

TEST_CASE(
    "any part of the batch being written may reach the disk: the tail is torn, never corrupt") {
    SimEnv origin(1);
    const auto ends = write_three(origin);
    const Bytes whole = file_bytes(origin, first_file);
    // Sectors of 8 bytes of the second and third batch as if they were one batch in flight.
    SimEnv one(1);
    {
        auto log = SegmentLog::open(one, directory, small);
        REQUIRE(log.ok());
        REQUIRE(append_sizes(*log, {13}, 1).ok());
        REQUIRE(append_sizes(*log, {20, 30, 5}, 2).ok());
    }
    const Bytes after = file_bytes(one, first_file);
    const std::size_t sectors = (176 - 112) / 8;
    for (std::size_t lost = 1; lost < (std::size_t{1} << sectors); ++lost) {
        Bytes bytes = after;
        for (std::size_t s = 0; s < sectors; ++s) {
            if ((lost >> s & 1U) != 0)
                std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(112 + s * 8), 8,
                            std::uint8_t{0});
        }
        SimEnv env(2);
        put_file(env, first_file, bytes);
        auto log = SegmentLog::open(env, directory, small);
        REQUIRE(log.ok());
        CHECK(log->next_sequence() == (bytes == after ? 4 : 1));
    }
}

TEST_CASE("a payload that imitates entries cannot make a torn tail look like corruption") {
    // The stranger knows the format and the log's sequence, but not the salt of the segment.
    SegmentSalt guess;
    guess.bytes.fill(0x55);
    Bytes imitation;
    for (std::uint64_t s = 5; s < 25; ++s) {
        const EntryHeader header{.payload_check = 0,
                                 .length = 0,
                                 .batch_index = 0,
                                 .type = 3,
                                 .ends_batch = true,
                                 .sequence = s};
        append_entry(imitation, guess, header, payload_of(8, 1));
    }
    SimEnv env(3);
    {
        auto log = SegmentLog::open(env, directory, {.segment_bytes = 4096, .entries_min = 0});
        REQUIRE(log.ok());
        REQUIRE(append_sizes(*log, {10}).ok());
        const NewEntry entry{3, imitation};
        REQUIRE(log->append({&entry, 1}, {}).ok());
    }
    Bytes bytes = file_bytes(env, first_file);
    bytes[112] ^= 1U;  // the header of the second entry did not reach the disk
    put_file(env, first_file, bytes);
    auto log = SegmentLog::open(env, directory, {.segment_bytes = 4096, .entries_min = 0});
    REQUIRE(log.ok());
    CHECK(log->next_sequence() == 1);
}

TEST_CASE("after a crash at any operation every acknowledged batch is there") {
    for (std::uint64_t operation = 0; operation < 70; ++operation) {
        CAPTURE(operation);
        SimEnv world(operation);
        auto log = SegmentLog::open(world, directory, small);
        REQUIRE(log.ok());
        world.fail_operation(operation, 1'000'000);  // from here on the machine is dead
        std::uint64_t acknowledged = 0;
        for (std::uint8_t i = 0; i < 20; ++i) {
            if (!append_sizes(*log, {static_cast<std::size_t>(60 + 11 * i), 5}, i).ok()) break;
            acknowledged += 2;
        }
        for (std::uint64_t seed = 0; seed < 12; ++seed) {
            const auto after = world.crash(seed);
            auto reopened = SegmentLog::open(*after, directory,
                                             {.segment_bytes = 512, .entries_min = acknowledged});
            REQUIRE(reopened.ok());
            CHECK(reopened->next_sequence() >= acknowledged);
            CHECK(reopened->next_sequence() <= acknowledged + 2);
            REQUIRE(append_sizes(*reopened, {33}, 77).ok());
            const auto report = scan_all(*after, directory);
            CHECK_FALSE(report->first_bad.has_value());
            CHECK_FALSE(report->torn_tail.has_value());
        }
    }
}

TEST_CASE("a segment that was begun and never used takes the chain of the batch that comes") {
    Digest first;
    first.bytes.fill(1);
    Digest second;
    second.bytes.fill(2);
    const Bytes payload(40, 7);
    const NewEntry entry{3, payload};
    // The machine stops between the header of the first segment and its first batch, wherever that
    // is; afterwards the caller begins something else.
    std::uint64_t begun_before = 0;
    for (std::uint64_t operation = 0; operation < 12; ++operation) {
        CAPTURE(operation);
        SimEnv world(operation);
        auto log = SegmentLog::open(world, directory, small);
        REQUIRE(log.ok());
        world.fail_operation(operation, 1'000'000);
        const bool kept = log->append({&entry, 1}, first).ok();
        for (std::uint64_t seed = 0; seed < 8; ++seed) {
            const auto after = world.crash(seed);
            auto again = SegmentLog::open(*after, directory, small);
            REQUIRE(again.ok());
            begun_before += again->segments();
            if (again->next_sequence() != 0) continue;
            REQUIRE_FALSE(kept);
            REQUIRE(again->append({&entry, 1}, second).ok());
            CHECK(again->segment_header(0)->chain == second);
            CHECK(again->segments() == 1);
            const auto report = scan_all(*after, directory);
            CHECK_FALSE(report->first_bad.has_value());
            CHECK(report->entries == 1);
        }
    }
    CHECK(begun_before > 0);
}

TEST_CASE("an operation that fails leaves a log that reads on and opens again") {
    for (std::uint64_t skip = 0; skip < 60; ++skip) {
        CAPTURE(skip);
        SimEnv world(skip + 1);
        auto log = SegmentLog::open(world, directory, small);
        REQUIRE(log.ok());
        world.fail_operation(skip);
        std::uint64_t acknowledged = 0;
        std::optional<Error> first_error;
        for (std::uint8_t i = 0; i < 12; ++i) {
            const auto appended = append_sizes(*log, {70, 9}, i);
            if (appended.ok()) acknowledged += 2;
            if (!appended.ok()) CHECK(appended.error().code == Errc::unavailable);
            REQUIRE(log->next_sequence() == acknowledged);
        }
        world.heal();
        CHECK(read_all(*log).size() == acknowledged);
        const auto after = world.crash(skip);
        auto reopened = SegmentLog::open(*after, directory,
                                         {.segment_bytes = 512, .entries_min = acknowledged});
        REQUIRE(reopened.ok());
        // A batch whose sync failed may be there: it was written, only nobody was told.
        CHECK(reopened->next_sequence() >= acknowledged);
        CHECK(reopened->next_sequence() <= acknowledged + 2);
        REQUIRE(append_sizes(*reopened, {10}, 1).ok());
        CHECK_FALSE(scan_all(*after, directory)->first_bad.has_value());
    }
}

TEST_CASE("what is read back after a failed sync is durable, and so is what follows it") {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        CAPTURE(seed);
        SimEnv world(seed);
        std::size_t seen = 0;
        {
            auto log = SegmentLog::open(world, directory, small);
            REQUIRE(log.ok());
            REQUIRE(append_sizes(*log, {70}, 1).ok());
            world.fail_operation(1);
            REQUIRE_FALSE(append_sizes(*log, {90, 20}, 2).ok());
            CHECK(log->stopped());
        }
        {
            auto log = SegmentLog::open(world, directory, small);
            REQUIRE(log.ok());
            CHECK_FALSE(log->stopped());
            seen = read_all(*log).size();
            if (seed % 2 == 0) {
                REQUIRE(append_sizes(*log, {30}, 3).ok());
                ++seen;
            }
        }
        const auto after = world.crash(seed);
        auto log = SegmentLog::open(*after, directory, small);
        REQUIRE(log.ok());
        CHECK(read_all(*log).size() == seen);
    }
}

TEST_CASE("a full disk refuses the batch before commit, and the log stays usable and readable") {
    for (std::uint64_t room = 0; room < 2600; room += 100) {
        SimEnv world(3);
        auto log = SegmentLog::open(world, directory, small);
        REQUIRE(log.ok());
        world.fill_disk_after(room);
        std::uint64_t acknowledged = 0;
        for (std::uint8_t i = 0; i < 12; ++i) {
            const auto appended = append_sizes(*log, {200}, i);
            if (appended.ok()) ++acknowledged;
            if (!appended.ok()) CHECK(appended.error().code == Errc::unavailable);
        }
        CHECK(acknowledged < 12);
        CHECK(read_all(*log).size() == acknowledged);
        CHECK_FALSE(scan_all(world, directory)->first_bad.has_value());
        world.heal();
        CHECK(append_sizes(*log, {200}, 7).ok());
        CHECK(read_all(*log).size() == acknowledged + 1);
    }
}
