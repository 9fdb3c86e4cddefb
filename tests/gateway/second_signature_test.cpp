#include "ledger/second_signature.hpp"

#include "gateway/world.hpp"

using namespace salus;
using namespace salus::gateway;
using namespace salus::gateway::test;

TEST_CASE("over HTTP two signatures of one body are one transaction with one answer") {
    World world;
    const Person ada = world.patient("ada");
    const auto id = random_bytes<ObjectId>(world.env);
    const Bytes one = world.signed_by(ada, {world.new_collection(ada, id)});
    const Bytes two = ledger::test::second_signature(one, ada.account.keys.signing);
    const Answer first = world.post_bytes("/api/tx", one, nullptr);
    REQUIRE(first.status == 200);
    CHECK(json::need_uint(first.json, "code").value() == 0);
    const std::uint64_t transactions = world.node->status().head.transactions;
    const Answer second = world.post_bytes("/api/tx", two, nullptr);
    CHECK(second.status == 200);
    CHECK(second.raw.body == first.raw.body);
    CHECK(world.node->status().head.transactions == transactions);
}
