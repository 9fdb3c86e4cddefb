#include "verify_data.hpp"

#include "gateway/world.hpp"
#include "store/segment_log.hpp"

#include <functional>

/// `salus verify --data` holds what the chain anchored against the custodian's own file.

using namespace salus;
using namespace salus::gateway::test;

namespace {

using Payloads = std::vector<Bytes>;
using Change = std::function<void(Payloads&)>;

/// The file of access receipts again, with other payloads: every check sum in it is right.
void rewrite(const std::string& directory, const Change& change) {
    const std::string folder = directory + "/vault/access";
    Payloads payloads;
    std::uint8_t type = 0;
    {
        auto log = store::SegmentLog::open(machine_env(), folder).value();
        auto cursor = log.cursor();
        while (const auto entry = cursor.next().value()) {
            payloads.push_back(to_bytes(entry->payload));
            type = entry->type;
        }
    }
    change(payloads);
    std::filesystem::remove_all(folder);
    REQUIRE(machine_env().make_directories(folder).ok());
    auto log = store::SegmentLog::open(machine_env(), folder, {.segment_bytes = 8U << 20U}).value();
    for (const Bytes& payload : payloads) {
        const std::vector<store::NewEntry> one{{type, payload}};
        REQUIRE(log.append(one, Digest{}).ok());
    }
}

/// A node that closed, with three openings in three anchors, and copies of its directory.
struct ClosedNode {
    ClosedNode() {
        World world;
        const Person ada = world.patient("ada");
        const Person bob = world.patient("bob");
        const auto kept = world.keep(ada, "a note");
        world.grant(ada, kept.collection, world.to_person(ada, bob));
        for (const Person* reader : {&ada, &bob, &ada}) {
            REQUIRE(world.ask(*reader, ada.id(), {kept.item.record}).status == 200);
            REQUIRE(world.settled());
        }
        world.close();
        std::filesystem::copy(world.directory.path, directory.path,
                              std::filesystem::copy_options::recursive);
    }
    /// What is said about a copy that was changed.
    [[nodiscard]] std::optional<ledger::FirstBad> after(const Change& change,
                                                        bool with_keys = true) const {
        const TempDirectory copy;
        std::filesystem::copy(directory.path, copy.path, std::filesystem::copy_options::recursive);
        if (!with_keys) std::filesystem::remove_all(copy.path + "/keys");
        if (change) rewrite(copy.path, change);
        return command::verify_data_directory(machine_env(), copy.path).value().first_bad;
    }
    TempDirectory directory;
};

/// [receipt, request, labels] with the labels in another place, or none at all.
Bytes without_labels(ByteView payload) {
    cbor::Reader in(payload);
    REQUIRE(in.array_of(3).ok());
    const Bytes receipt = to_bytes(in.bytes().value());
    const Bytes request = to_bytes(in.bytes().value());
    cbor::Writer out;
    out.array(3).bytes(receipt).bytes(request).array(0);
    return out.take();
}

}  // namespace

TEST_CASE("a data directory's anchors are held against its access receipts and their labels") {
    const ClosedNode kept;
    CHECK_FALSE(kept.after({}).has_value());
    CHECK_FALSE(kept.after([](Payloads&) {}).has_value());
    CHECK_FALSE(kept.after({}, false).has_value());

    // Labels lie beside the receipts and are in no hash chain: only the relation root tells.
    for (const bool with_keys : {true, false}) {
        const auto relabelled = kept.after(
            [](Payloads& payloads) { payloads[1] = without_labels(payloads[1]); }, with_keys);
        REQUIRE(relabelled.has_value());
        CHECK(relabelled->what ==
              "the anchor of access receipts 2 to 2 has another relation root than the vault's "
              "receipts lead to");
        CHECK(relabelled->file == "vault/access");
        CHECK(relabelled->height.has_value());
    }
}

TEST_CASE("an access receipt that is gone from a data directory is missed") {
    const ClosedNode kept;
    const auto last = kept.after([](Payloads& payloads) { payloads.pop_back(); });
    REQUIRE(last.has_value());
    CHECK(last->what ==
          "the anchor of access receipts 3 to 3 is in the chain, and the vault has 2 receipts");
    const auto middle = kept.after([](Payloads& payloads) { payloads.erase(payloads.begin()); });
    REQUIRE(middle.has_value());
    CHECK(middle->what.find("breaks the chain") != std::string::npos);
    const auto all = kept.after([](Payloads& payloads) { payloads.clear(); });
    REQUIRE(all.has_value());
    CHECK(all->what.find("the vault has 0 receipts") != std::string::npos);
}

TEST_CASE("receipts of another node's file do not fit this chain's anchors") {
    const ClosedNode kept;
    const ClosedNode other;
    const TempDirectory copy;
    std::filesystem::copy(kept.directory.path, copy.path, std::filesystem::copy_options::recursive);
    std::filesystem::remove_all(copy.path + "/vault/access");
    std::filesystem::copy(other.directory.path + "/vault/access", copy.path + "/vault/access",
                          std::filesystem::copy_options::recursive);
    const auto bad = command::verify_data_directory(machine_env(), copy.path).value().first_bad;
    REQUIRE(bad.has_value());
    CHECK(bad->what ==
          "the anchor of access receipts 1 to 1 has another root than the vault's receipts");
    // A copy of the ledger alone holds no receipts to compare with.
    std::filesystem::remove_all(copy.path + "/vault");
    CHECK(command::verify_data_directory(machine_env(), copy.path).value().ok());
}
