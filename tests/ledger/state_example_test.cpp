#include "absence_world.hpp"
#include <cctype>
#include <cstdlib>

using namespace salus;
using namespace salus::ledger;
using namespace salus::ledger::test;

namespace {

json::Value example(const char* name, const Bytes& bundle, json::Object says) {
    says.insert(says.begin(), {{"name", name}, {"bundle", to_hex(bundle)}});
    return json::Value(std::move(says));
}

json::Value absence_example(const char* name, AbsenceWorld& world, bool permitted, bool opened) {
    return example(name, world.bundle(),
                   {{"kind", "absence"}, {"not_permitted", !permitted}, {"not_opened", !opened}});
}

}  // namespace

TEST_CASE("the example bundles about state verify, and the code still makes their bytes") {
    AbsenceWorld world;
    json::Array bundles;
    bundles.push_back(absence_example("nothing at all", world, false, false));
    const std::vector<StateClaim> claims{
        world.claim(contract_key("registry", "a", {world.patient.view()})),
        world.claim(contract_key("registry", "z", {world.patient.view()}))};
    bundles.push_back(example(
        "an account, and a key that is absent",
        must(make_state_bundle(BundleKind::state, encode_state_claims(claims), world.note())),
        {{"kind", "state"}, {"present", 1}, {"absent", 1}}));
    const auto hour = [](std::int64_t h) { return UnixMillis{day_from.value + h * 3'600'000}; };
    world.openings[world.person()] = {{2, hour(-5)}, {5, hour(30)}};
    world.openings[world.house()] = {{2, hour(-5)}, {4, hour(12)}, {5, hour(30)}};
    world.intervals[world.person()] = {{filled<ObjectId>(0xD1), hour(-9), hour(99), hour(-1)}};
    bundles.push_back(
        absence_example("a consent revoked before, openings around the day", world, false, false));
    world.intervals[world.role()] = {{filled<ObjectId>(0xD2), hour(23), hour(99), std::nullopt}};
    bundles.push_back(absence_example("the role was permitted", world, true, false));
    world.openings[world.person()].insert(world.openings[world.person()].begin() + 1, {3, hour(1)});
    bundles.push_back(absence_example("permitted and opened", world, true, true));

    std::string trust;
    for (const VerifierKey& key : world.trust()) trust += write_verifier_key(key) + "\n";
    const json::Value made = json::Object{{"trust", trust}, {"bundles", std::move(bundles)}};
    if (std::getenv("SALUS_WRITE_VECTORS") != nullptr) {
        const std::string path =
            std::string(SALUS_SOURCE_DIR) + "/tests/vectors/ledger-receipt/state.json";
        must(write_file_atomically(machine_env(), path, as_bytes(json::write(made) + "\n")));
    }
    CHECK(vector_file("ledger-receipt/state.json") == made);
    const std::vector<VerifierKey> keys = must(parse_trust(trust));
    for (const json::Value& one : *made.find("bundles")->array()) {
        const BundleClaims said = must(verify_bundle(must(json::need_hex(one, "bundle")), keys));
        if (!said.absence) continue;
        CHECK(*one.find("not_permitted")->boolean() == said.absence->not_permitted);
        CHECK(*one.find("not_opened")->boolean() == said.absence->not_opened);
    }
}

TEST_CASE("the example on the page of the relation tree is what the code makes") {
    const RelationEntry first{1, UnixMillis{1000}};
    const RelationEntry second{3, UnixMillis{2000}};
    const auto leaf = [](const RelationEntry& e) { return merkle_leaf(encode_relation_entry(e)); };
    const std::vector<Digest> both{leaf(first), leaf(second)};
    const Bytes a = encode_relation({second, merkle_root(both), 2});
    const Bytes b = encode_relation({second, leaf(second), 1});
    StateTree tree = StateTree::in_memory();
    const Label one = filled<Label>(0x01);
    const Label two = filled<Label>(0x02);
    tree.commit(
        must(tree.prepare({StateChange::put(one.view(), a), StateChange::put(two.view(), b)})));
    const std::string shown = "entry [1, 1000]   " + to_hex(encode_relation_entry(first)) +
                              "\nleaf of 01…01     " + to_hex(a) + "\nleaf of 02…02     " +
                              to_hex(b) + "\nroot              " + to_hex(tree.root().view());
    const auto squeeze = [](std::string_view text) {
        std::string out;
        for (const char c : text)
            if (std::isspace(static_cast<unsigned char>(c)) == 0) out.push_back(c);
        return out;
    };
    const Bytes page = must(read_file(
        machine_env(), std::string(SALUS_SOURCE_DIR) + "/docs/formats/relation-tree.md", 65'536));
    const bool found = squeeze(as_text(page)).find(squeeze(shown)) != std::string::npos;
    if (!found) MESSAGE(shown);
    CHECK(found);
}
