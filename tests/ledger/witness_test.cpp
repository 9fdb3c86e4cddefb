#include "ledger/witness.hpp"

#include "fixture.hpp"

using namespace salus;
using namespace salus::ledger;
using namespace salus::ledger::test;

namespace {

constexpr const char* state = "/witness/state";

struct World {
    World() {
        must(env.make_directories("/witness"));
        for (int i = 0; i < 4; ++i) notes.push_back(note_of(chain.next()));
    }
    static Note note_of(const Block& block) { return must(parse_note(as_text(block.checkpoint))); }
    std::vector<VerifierKey> log_keys() const {
        const Member& member = chain.genesis().config.members[0];
        return {member_key("test", member.organisation, member.signing_key)};
    }
    Witness witness() {
        WitnessKey key{"witness.example", key_of(0x33)};
        return must(Witness::open(env, std::move(key), state));
    }
    Witness trusting() {
        Witness out = witness();
        must(out.trust(log_keys()));
        return out;
    }
    Submission step(std::uint64_t from, const Note& to) {
        Submission out{from, {}, to};
        const std::uint64_t size = to.checkpoint.log_size;
        if (from != 0 && from < size) out.path = must(chain.log().consistency(from, size));
        return out;
    }
    std::string remembered() const {
        return std::string(as_text(must(read_file(env, state, keyed_note_bytes_max))));
    }
    mutable SimEnv env{1};
    ChainBuilder chain;
    std::vector<Note> notes;  ///< sizes 3, 6, 9, 12
};

/// The first blocks are the world's; what comes after differs.
Note forked_note(std::size_t common, std::size_t blocks, LogTree** tree = nullptr) {
    static std::vector<std::unique_ptr<ChainBuilder>> kept;
    kept.push_back(std::make_unique<ChainBuilder>());
    ChainBuilder& chain = *kept.back();
    for (std::size_t i = 0; i < common; ++i) chain.next();
    Block last = chain.next(2, 2);
    for (std::size_t i = 1; i < blocks; ++i) last = chain.next();
    if (tree != nullptr) *tree = &chain.log();
    return World::note_of(last);
}

}  // namespace

TEST_CASE("a witness cosigns the first checkpoint it sees and each that continues it") {
    World world;
    Witness witness = world.trusting();
    std::uint64_t seen = 0;
    for (const Note& note : world.notes) {
        const NoteSignature line = must(witness.add(world.step(seen, note)));
        const std::array<NoteSignature, 1> lines = {line};
        must(check_signed_by(with_signatures(note, lines), witness.verifier()));
        CHECK(read_be64(line.bytes.data()) == 1'767'225'600U);
        seen = note.checkpoint.log_size;
    }
    must(witness.add(world.step(12, world.notes[3])));
    must(check_signed_by(must(parse_note(must(witness.cosigned()))), witness.verifier()));
}

TEST_CASE("a fork is refused and what was seen before stays remembered") {
    World world;
    Witness witness = world.trusting();
    must(witness.add(world.step(0, world.notes[2])));
    const std::string before = world.remembered();

    LogTree* other = nullptr;
    Submission larger{9, {}, forked_note(1, 3, &other)};
    REQUIRE(larger.note.checkpoint.log_size == 12);
    larger.path = must(other->consistency(9, 12));
    CHECK(code_of(witness.add(larger)) == Errc::integrity);
    const Submission same_size{9, {}, forked_note(1, 2)};
    CHECK(code_of(witness.add(same_size)) == Errc::integrity);
    CHECK(code_of(witness.add(world.step(9, world.notes[1]))) == Errc::out_of_range);
    CHECK(code_of(witness.add(world.step(3, world.notes[3]))) == Errc::already_exists);
    CHECK(code_of(witness.add(world.step(0, world.notes[3]))) == Errc::already_exists);
    Submission no_proof = world.step(9, world.notes[3]);
    no_proof.path.clear();
    CHECK(code_of(witness.add(no_proof)) == Errc::integrity);

    CHECK(world.remembered() == before);
    CHECK(world.trusting().add(world.step(9, world.notes[3])).ok());
}

TEST_CASE("two checkpoints of one size that differ in a later line are a fork") {
    World world;
    Witness witness = world.trusting();
    must(witness.add(world.step(0, world.notes[1])));
    Checkpoint other = world.notes[1].checkpoint;
    other.state_root.bytes[0] ^= 1;
    const std::string note =
        seal_checkpoint(other, world.log_keys()[0].name, key_of(member_key_seed));
    const auto refused = witness.add({6, {}, must(parse_note(note))});
    CHECK(code_of(refused) == Errc::integrity);
    CHECK(refused.error().detail.find("two different checkpoints of 6 lines") != std::string::npos);
}

TEST_CASE("a checkpoint that the log did not sign, or of another log, is refused") {
    World world;
    Witness witness = world.trusting();
    Checkpoint stranger = world.notes[0].checkpoint;
    const std::string note = seal_checkpoint(stranger, world.log_keys()[0].name, key_of(0x44));
    CHECK(code_of(witness.add({0, {}, must(parse_note(note))})) == Errc::authentication);
    must(witness.add(world.step(0, world.notes[0])));
    stranger.origin = "salus/other";
    const std::string other = seal_checkpoint(stranger, "x", key_of(member_key_seed));
    CHECK(code_of(witness.add({3, {}, must(parse_note(other))})) == Errc::not_found);
}

TEST_CASE("a witness follows the keys it was first told, and signs nothing before") {
    World world;
    Witness witness = world.witness();
    CHECK(code_of(witness.add(world.step(0, world.notes[0]))) == Errc::denied);
    CHECK(code_of(witness.cosigned()) == Errc::not_found);
    must(witness.trust(world.log_keys()));
    must(witness.trust(world.log_keys()));
    std::vector<VerifierKey> others = world.log_keys();
    others[0].key.bytes[0] ^= 1;
    const Status refused = witness.trust(others);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == Errc::denied);
}

TEST_CASE("whatever a witness signed it remembers after a power cut at any moment") {
    for (std::uint64_t at = 0; at < 40; ++at) {
        World world;
        Witness witness = world.trusting();
        must(witness.add(world.step(0, world.notes[0])));
        world.env.fail_operation(at);
        const bool signed_it = witness.add(world.step(3, world.notes[2])).ok();
        const auto after = world.env.crash(at);
        WitnessKey key{"witness.example", key_of(0x33)};
        const Witness again = must(Witness::open(*after, std::move(key), state));
        REQUIRE(again.memory());
        REQUIRE(again.memory()->note);
        const std::uint64_t size = again.memory()->note->checkpoint.log_size;
        CHECK((size == 9 || (!signed_it && size == 3)));
    }
}

TEST_CASE("a state file and a submission read back to the byte, and no bit of the keys is free") {
    World world;
    const KeyedNote keyed{world.log_keys(), world.notes[0]};
    const std::string text = write_keyed_note(keyed);
    CHECK(must(parse_keyed_note(text)) == keyed);
    CHECK(must(parse_keyed_note(write_keyed_note({world.log_keys(), {}}))).note == std::nullopt);
    const std::size_t keys_end = text.find("\n\n") + 2;
    for (std::size_t at = 0; at < keys_end; ++at) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            std::string changed = text;
            changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
            const auto read = parse_keyed_note(changed);
            CHECK((!read.ok() || read->keys != keyed.keys));
        }
    }
    CHECK_FALSE(parse_keyed_note("").ok());
    CHECK_FALSE(parse_keyed_note("\n").ok());
    CHECK_FALSE(parse_keyed_note(text.substr(0, text.size() - 1)).ok());
    const std::string twice = text.substr(0, text.find('\n') + 1) + text;
    CHECK(code_of(parse_keyed_note(twice)) == Errc::malformed);

    const Submission step = world.step(3, world.notes[2]);
    const std::string body = write_submission(step);
    CHECK(must(parse_submission(body)) == step);
    for (const std::string_view bad : {"", "old\n\n", "old 03\n\n", "new 3\n\n", "old -1\n\n"}) {
        CHECK_FALSE(parse_submission(std::string(bad) + body.substr(body.find("\n\n") + 2)).ok());
    }
}

TEST_CASE("a proof in a submission has at most 63 lines") {
    World world;
    Submission step = world.step(3, world.notes[2]);
    for (const std::size_t nodes : {submission_path_max - 1, submission_path_max}) {
        step.path.assign(nodes, Digest{});
        CHECK(parse_submission(write_submission(step)).ok());
    }
    step.path.assign(submission_path_max + 1, Digest{});
    CHECK(code_of(parse_submission(write_submission(step))) == Errc::out_of_range);
}

TEST_CASE("a witness's key file reads back, and any changed character is refused") {
    SimEnv env(7);
    must(env.make_directories("/w"));
    const WitnessKey made = must(make_witness_key(env, "/w/key", "witness.example"));
    const WitnessKey read = must(read_witness_key(env, "/w/key"));
    CHECK(read.verifier() == made.verifier());
    const Bytes line = must(read_file(env, "/w/key", 1'024));
    CHECK(as_text(line).starts_with("PRIVATE+KEY+witness.example+"));
    for (std::size_t at = 0; at + 1 < line.size(); ++at) {
        Bytes changed = line;
        changed[at] ^= 1;
        must(write_file_atomically(env, "/w/changed", changed));
        const auto again = read_witness_key(env, "/w/changed");
        CHECK_FALSE(again.ok());
    }
    CHECK(code_of(make_witness_key(env, "/w/other", "two words")) == Errc::malformed);
    CHECK(code_of(make_witness_key(env, "/w/other", "")) == Errc::malformed);
    CHECK(code_of(make_witness_key(env, "/w/other", "a+b")) == Errc::malformed);
    CHECK_FALSE(env.exists("/w/other"));
}
