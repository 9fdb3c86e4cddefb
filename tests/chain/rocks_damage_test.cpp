#include "chain/node.hpp"
#include "chain/world.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

/// view/ and index/ of a real directory: deleted, or damaged on the disk, with the real RocksDB.

using namespace salus;
using namespace salus::chain;
using namespace salus::chain::test;

namespace {

struct Directory {
    Directory() {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "salus-rocks-XXXXXX").string();
        path = ::mkdtemp(pattern.data());
    }
    ~Directory() { std::filesystem::remove_all(path); }
    std::string path;
};

NodeConfig config_for(const std::string& directory) {
    NodeConfig config;
    config.data_dir = directory;
    config.contracts = toy_contracts();
    config.chain_id = chain_id;
    config.segment_bytes = 1U << 20U;
    return config;
}

/// Some state, closed, so that it lies in the databases' files.
struct Stopped {
    Stopped() {
        const auto node = open().value();
        REQUIRE(node->submit_and_wait(now({ada.enrolment()})).value().code == 0);
        for (std::uint64_t i = 0; i < keys; i += 20) {
            std::vector<ledger::Operation> operations;
            for (std::uint64_t at = i; at < i + 20; ++at) operations.push_back(toy("set", at));
            REQUIRE(node->submit_and_wait(now(std::move(operations))).value().code == 0);
        }
        head = node->status().head;
    }
    Bytes now(std::vector<ledger::Operation> operations) {
        ledger::TransactionBody body = ada.body(std::move(operations));
        body.valid_until = UnixMillis{machine_env().now().value + 60'000};
        return ada.sign(body);
    }
    Result<std::unique_ptr<Node>> open() const {
        return Node::open(machine_env(), config_for(directory.path), toy_executor());
    }
    /// Opened, it has all its state, whatever had to be done for that.
    void check_whole(bool expect_rebuilt) {
        const auto node = open();
        INFO((node.ok() ? std::string() : node.error().detail));
        REQUIRE(node.ok());
        CHECK((*node)->status().head == head);
        if (expect_rebuilt) CHECK((*node)->replica().recovery().view_rebuilt);
        for (std::uint64_t i = 0; i < keys; ++i) {
            REQUIRE((*node)->query("toy", "get", cbor_uint(i)).value().data == cbor_uint(i));
        }
        const auto set = (*node)->submit_and_wait(now({toy("set", 5)})).value();
        CHECK(set.code == 0);
        CHECK((*node)->replica().receipt(set.id, {}).ok());
        head = (*node)->status().head;
    }
    /// Damage that no read of the opening met is met later: then nothing wrong is answered and
    /// nothing is acknowledged, and the next start makes the view again by itself.
    void check_never_wrong() {
        {
            const auto node = open();
            REQUIRE(node.ok());
            bool refused = false;
            for (std::uint64_t i = 0; i < keys; ++i) {
                const auto answer = (*node)->query("toy", "get", cbor_uint(i));
                if (answer.ok()) REQUIRE(answer->data == cbor_uint(i));
                refused = refused || !answer.ok();
            }
            const auto set = (*node)->submit_and_wait(now({toy("set", 5)}));
            if (set.ok()) {
                REQUIRE(set->code == 0);
                head = (*node)->status().head;
            }
            if (set.ok() && !refused) return;
        }
        check_whole(true);
    }
    std::vector<std::string> files(const std::string& part, const std::string& suffix) const {
        std::vector<std::string> found;
        for (const auto& entry : std::filesystem::directory_iterator(directory.path + "/" + part)) {
            if (entry.path().string().ends_with(suffix)) found.push_back(entry.path().string());
        }
        std::sort(found.begin(), found.end());
        return found;
    }

    static constexpr std::uint64_t keys = 400;
    Directory directory;
    Person ada{1};
    ViewHead head;
};

void flip(const std::string& path, double where) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    const auto size = static_cast<double>(std::filesystem::file_size(path));
    const auto at = static_cast<std::streamoff>(size * where);
    file.seekg(at);
    const auto byte = static_cast<char>(file.get() ^ 0x20);
    file.seekp(at);
    file.put(byte);
}

}  // namespace

TEST_CASE("view and index may be deleted: they are made again from the log") {
    Stopped stopped;
    std::filesystem::remove_all(stopped.directory.path + "/view");
    stopped.check_whole(true);
    std::filesystem::remove_all(stopped.directory.path + "/index");
    stopped.check_whole(false);
    std::filesystem::remove_all(stopped.directory.path + "/index");
    std::filesystem::remove_all(stopped.directory.path + "/view");
    stopped.check_whole(true);
    std::filesystem::remove(stopped.directory.path + "/index/blocks");
    stopped.check_whole(false);
    std::filesystem::remove(stopped.directory.path + "/index/log-tree");
    stopped.check_whole(false);
}

TEST_CASE("a byte of the databases' files that is changed never becomes an answer") {
    Stopped stopped;
    std::size_t damaged = 0;
    for (const std::string suffix : {".sst", "CURRENT"}) {
        for (const double where : {0.02, 0.3, 0.6, 0.97}) {
            for (const std::string& file : stopped.files("view", suffix)) {
                CAPTURE(file);
                CAPTURE(where);
                flip(file, where);
                ++damaged;
                break;
            }
            stopped.check_never_wrong();
        }
    }
    CHECK(damaged >= 5);
}

TEST_CASE("damage that is met while a node runs ends its writing, and its next start mends it") {
    Stopped stopped;
    const std::string mark = stopped.directory.path + "/index/view-damaged";
    {
        const auto node = stopped.open().value();
        for (const std::string& file : stopped.files("view", ".sst")) {
            for (const double where : {0.1, 0.2, 0.3, 0.4, 0.5}) flip(file, where);
        }
        CHECK_FALSE(std::filesystem::exists(mark));
        std::size_t refused = 0;
        for (std::uint64_t i = 0; i < Stopped::keys; ++i) {
            const auto answer = node->query("toy", "get", cbor_uint(i));
            if (answer.ok()) {
                REQUIRE(answer->data == cbor_uint(i));
            } else {
                REQUIRE(answer.error().code == Errc::integrity);
                ++refused;
            }
        }
        REQUIRE(refused > 0);
        CHECK(std::filesystem::exists(mark));
        // Also of what needs none of the damaged blocks nothing is written any more.
        const auto set = node->submit_and_wait(stopped.now({toy("set", 5)}));
        REQUIRE_FALSE(set.ok());
        CHECK(set.error().code == Errc::unavailable);
        CHECK(node->status().head == stopped.head);
    }
    stopped.check_whole(true);
    CHECK_FALSE(std::filesystem::exists(mark));
    stopped.check_whole(false);
}

TEST_CASE("files of the databases that are gone, empty or cut are made again") {
    Stopped stopped;
    for (const std::string suffix : {".sst", "CURRENT", "000"}) {
        const auto found = stopped.files("view", suffix);
        if (found.empty()) continue;
        std::filesystem::resize_file(found.front(), 0);
        stopped.check_whole(false);
        const auto next = stopped.files("view", suffix);
        if (!next.empty()) std::filesystem::remove(next.front());
        stopped.check_whole(false);
    }
    for (const auto& entry :
         std::filesystem::directory_iterator(stopped.directory.path + "/view")) {
        if (entry.path().filename().string().starts_with("MANIFEST")) {
            std::filesystem::resize_file(entry.path(), 40);
            break;
        }
    }
    stopped.check_whole(false);
}

TEST_CASE("a damaged edge of the log's tree, and a file that is no tree, are made again") {
    Stopped stopped;
    const std::string tree = stopped.directory.path + "/index/log-tree";
    flip(tree, 0.999);
    stopped.check_whole(false);
    std::filesystem::resize_file(tree, 32 * 2);
    stopped.check_whole(false);
    std::filesystem::resize_file(tree, std::filesystem::file_size(tree) + 640);
    stopped.check_whole(false);
    flip(stopped.directory.path + "/index/blocks", 0.5);
    stopped.check_whole(false);
}
