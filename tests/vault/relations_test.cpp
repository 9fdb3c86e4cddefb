#include "vault/relations.hpp"

#include "base/sim_env.hpp"
#include "vault/access_log.hpp"

#include <doctest/doctest.h>

#include <map>

/// The relation tree: docs/formats/relation-tree.md.

using namespace salus;
using namespace salus::vault;
using ledger::Label;
using ledger::Opened;

namespace {

Label label(std::uint8_t number) {
    Label out;
    out.bytes.fill(number);
    return out;
}

/// What the claim says about [from, until) under the tree's own root.
Opened opened(const store::Kv& index, const Label& of, std::int64_t from, std::int64_t until) {
    const Label labels[] = {of};
    const auto shown = Relations::show(index, labels, {from}, {until}).value();
    const auto answer = ledger::check_relation(shown.claims[0], shown.root, {from}, {until});
    REQUIRE(answer.ok());
    return *answer;
}

struct Receipts {
    SimEnv env{1};
    std::unique_ptr<store::Kv> index = store::memory_kv();
    std::unique_ptr<AccessLog> log;
    Receipts() { reopen(); }
    void reopen() {
        log.reset();
        auto opened = AccessLog::open(env, "/access", *index);
        REQUIRE(opened.ok());
        log = std::move(*opened);
    }
    void append(std::int64_t time, std::vector<Label> labels, bool permitted = true) {
        AccessReceipt r;
        r.purpose = "TREAT";
        r.permitted = permitted;
        r.node_time = {time};
        std::vector<AccessLog::Draft> drafts(1);
        drafts[0] = {r, to_bytes("request"), std::move(labels)};
        REQUIRE(log->append(std::move(drafts)).ok());
    }
    Digest anchor() {
        const AccessLog::Range range = log->unanchored().value();
        REQUIRE(
            log->anchored({range.from, range.to, range.root, range.relation_root, {}, {5}}).ok());
        return range.relation_root;
    }
};

}  // namespace

TEST_CASE("an opening counts under each of its labels, once it is anchored") {
    Receipts r;
    CHECK(r.anchor().is_zero());
    r.append(1'000, {label(1), label(2), label(1)});
    CHECK(opened(*r.index, label(1), 0, 5'000) == Opened::no);
    r.anchor();
    CHECK(opened(*r.index, label(1), 0, 5'000) == Opened::yes);
    CHECK(opened(*r.index, label(2), 1'000, 1'001) == Opened::yes);
    CHECK(opened(*r.index, label(1), 0, 1'000) == Opened::no);
    CHECK(opened(*r.index, label(1), 1'001, 5'000) == Opened::no);
    CHECK(opened(*r.index, label(3), 0, 5'000) == Opened::no);
}

TEST_CASE("a refusal counts under no label") {
    Receipts r;
    r.append(1'000, {label(1)}, false);
    CHECK(r.anchor().is_zero());
    CHECK(opened(*r.index, label(1), 0, 5'000) == Opened::no);
}

TEST_CASE("the entries around a day show that nothing lies within it, however many there are") {
    for (const std::int64_t count : {1, 2, 3, 8, 21}) {
        Receipts r;
        for (std::int64_t i = 1; i <= count; ++i) {
            r.append(i * 1'000, {label(7)});
            if (i % 3 == 0) r.anchor();
        }
        r.anchor();
        for (std::int64_t i = 0; i <= count; ++i) {
            CHECK(opened(*r.index, label(7), i * 1'000 + 1, (i + 1) * 1'000) == Opened::no);
            const bool last = i == count;
            CHECK(opened(*r.index, label(7), i * 1'000 + 1, (i + 1) * 1'000 + 1) ==
                  (last ? Opened::no : Opened::yes));
        }
    }
}

TEST_CASE("a clock that goes back makes no entry lie before its neighbour") {
    Receipts r;
    r.append(5'000, {label(1)});
    r.append(2'000, {label(1)});
    r.anchor();
    CHECK(opened(*r.index, label(1), 0, 5'000) == Opened::no);
    CHECK(opened(*r.index, label(1), 5'000, 5'001) == Opened::yes);
}

TEST_CASE("the tree does not depend on how the receipts were grouped, and is rebuilt without one") {
    std::map<int, Digest> roots;
    for (const int group : {1, 4, 30}) {
        Receipts r;
        for (int i = 0; i < 30; ++i) {
            r.append(1'000 + i, {label(static_cast<std::uint8_t>(i % 5)), label(9)}, i % 7 != 0);
            if (i % group == 0) r.anchor();
        }
        roots[group] = r.anchor();
        const auto before = Relations::open(*r.index).value().root();
        CHECK(before == roots[group]);
        r.log.reset();
        r.index = store::memory_kv();
        r.reopen();
        CHECK(r.anchor() == before);
    }
    CHECK(roots[1] == roots[4]);
    CHECK(roots[4] == roots[30]);
}

TEST_CASE("a tree that a crash left behind its anchor catches up") {
    Receipts r;
    r.append(1'000, {label(1)});
    const AccessLog::Range range = r.log->unanchored().value();
    store::WriteBatch batch;
    AccessLog::index_anchor(batch,
                            {range.from, range.to, range.root, range.relation_root, {}, {5}});
    REQUIRE(r.index->write(batch).ok());
    r.reopen();
    CHECK(opened(*r.index, label(1), 0, 5'000) == Opened::yes);
    CHECK(r.log->adopt_anchors().ok());
}

TEST_CASE("the mark of the tree is a number") {
    const auto index = store::memory_kv();
    store::WriteBatch batch;
    batch.put(store::Column::access, to_bytes("t"), to_bytes("seven"));
    REQUIRE(index->write(batch).ok());
    CHECK(Relations::open(*index).error().code == Errc::integrity);
}
