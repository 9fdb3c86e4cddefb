#include "chain/cosignatures.hpp"

#include "chain/node.hpp"
#include "chain/world.hpp"
#include "ledger/checkpoint_sign.hpp"

#include <doctest/doctest.h>

using namespace salus;
using namespace salus::chain;
using namespace salus::chain::test;

namespace {

crypto::SigningKey witness_secret(std::uint8_t byte) {
    crypto::SigningKey key;
    std::fill(key.reveal_mutable().begin(), key.reveal_mutable().end(), byte);
    return key;
}
ledger::VerifierKey witness_key(std::uint8_t byte) {
    return {"witness-" + std::to_string(byte), ledger::NoteAlgorithm::cosignature_v1,
            crypto::public_key(witness_secret(byte))};
}

struct World {
    explicit World(std::uint64_t seed = 1) : env(seed, UnixMillis{start_ms}) { open(); }
    void open() {
        node.reset();
        NodeConfig config;
        config.data_dir = "/data";
        config.contracts = toy_contracts();
        config.chain_id = chain_id;
        config.in_memory_view = true;
        config.segment_bytes = 65'536;
        config.witnesses = {witness_key(1), witness_key(2)};
        auto opened = Node::open(env, std::move(config), std::make_unique<ToyExecutor>());
        if (!opened) MESSAGE(opened.error().detail);
        REQUIRE(opened.ok());
        node = std::move(*opened);
    }
    void grow() {
        REQUIRE(node->submit_and_wait(enrolled ? person.set(person.count) : person.enrol()).ok());
        enrolled = true;
    }
    std::string newest() const { return node->replica().checkpoint().value(); }
    static std::string cosigned(const std::string& text, std::uint8_t by,
                                std::uint64_t seconds = 1'767'225'700) {
        ledger::Note note = ledger::parse_note(text).value();
        const std::array<ledger::NoteSignature, 1> line = {ledger::cosign_checkpoint(
            note.text, witness_key(by).name, witness_secret(by), seconds)};
        note = ledger::with_signatures(std::move(note), line);
        return ledger::write_note(note.text, note.signatures);
    }
    Errc refusal(const std::string& note) {
        const Status added = node->cosignatures().add(note);
        REQUIRE_FALSE(added.ok());
        return added.error().code;
    }
    SimEnv env;
    Person person{7};
    bool enrolled = false;
    std::unique_ptr<Node> node;
};

}  // namespace

TEST_CASE("a known witness's cosignature is kept, shown, and survives a restart") {
    World world;
    world.grow();
    CHECK_FALSE(world.node->cosignatures().cosigned().ok());
    const std::string note = World::cosigned(world.newest(), 1);
    REQUIRE(world.node->cosignatures().add(note).ok());
    CHECK(world.node->cosignatures().newest().value() == note);
    const std::uint64_t size = world.node->status().head.log_size;
    const WitnessStatus seen = world.node->status().witnesses[0];
    CHECK(seen.log_size == size);
    CHECK(seen.time == UnixMillis{1'767'225'700'000});
    CHECK_FALSE(world.node->status().witnesses[1].log_size);
    world.open();
    CHECK(world.node->cosignatures().cosigned().value() == note);
    CHECK(world.node->status().witnesses[0] == seen);
}

TEST_CASE("cosignatures of one size come together, and the newest size wins") {
    World world;
    world.grow();
    const std::string first = world.newest();
    REQUIRE(world.node->cosignatures().add(World::cosigned(first, 1)).ok());
    REQUIRE(world.node->cosignatures().add(World::cosigned(first, 2)).ok());
    REQUIRE(world.node->cosignatures().add(World::cosigned(first, 1, 1'767'225'800)).ok());
    const auto both = ledger::parse_note(world.node->cosignatures().cosigned().value()).value();
    CHECK(both.signatures.size() == 3);
    const std::vector<ledger::VerifierKey> keys = {witness_key(1), witness_key(2)};
    CHECK(ledger::count_signatures(both, keys).value() == 2);
    world.grow();
    const std::string second = World::cosigned(world.newest(), 2);
    REQUIRE(world.node->cosignatures().add(second).ok());
    REQUIRE(world.node->cosignatures().add(World::cosigned(first, 1)).ok());
    CHECK(world.node->cosignatures().cosigned().value() == second);
    CHECK(world.node->cosignatures().covering(LogPosition{1}).value() == second);
    world.grow();
    const std::uint64_t last = world.node->status().head.log_size - 1;
    CHECK(world.node->cosignatures().covering(LogPosition{last}).value() == world.newest());
}

TEST_CASE("strangers, wrong signatures and other logs are refused and leave nothing") {
    World world;
    world.grow();
    const std::string note = world.newest();
    CHECK(world.refusal(note) == Errc::denied);
    CHECK(world.refusal(World::cosigned(note, 3)) == Errc::denied);
    CHECK(world.refusal("nonsense") == Errc::malformed);
    ledger::Note wrong = ledger::parse_note(World::cosigned(note, 1)).value();
    wrong.signatures.back().bytes.back() ^= 1;
    CHECK(world.refusal(ledger::write_note(wrong.text, wrong.signatures)) == Errc::authentication);
    CHECK_FALSE(world.env.exists("/data/ledger/cosigned"));
    CHECK(world.node->cosignatures().alarm().empty());
}

TEST_CASE("a witness that saw another history raises the alarm, and compare says why") {
    World world;
    world.grow();
    World other;
    other.grow();
    other.grow();
    const std::string larger = World::cosigned(other.newest(), 1);
    CHECK(world.refusal(larger) == Errc::integrity);
    CHECK(world.node->cosignatures().alarm().find("older copy") != std::string::npos);
    const Status compared = world.node->cosignatures().compare(larger);
    REQUIRE_FALSE(compared.ok());
    CHECK(compared.error().code == Errc::integrity);
    World third(2);
    third.grow();
    CHECK(world.refusal(World::cosigned(third.newest(), 1)) == Errc::integrity);
    CHECK(world.node->cosignatures().alarm().find("forked") != std::string::npos);
    CHECK(world.node->cosignatures().compare(world.newest()).ok());
}
