#include "contracts/consent_reference.hpp"
#include "contracts/support/standard_people.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace salus;
using namespace salus::contracts;
using namespace salus::contracts::testing;
using reference::Decision;
using reference::Reason;
using reference::Stored;
using reference::Verdict;

namespace {

using Random = std::mt19937_64;

std::uint64_t below(Random& random, std::uint64_t bound) {
    return random() % bound;
}

/// Few of everything, so that rules meet questions often.
ObjectId label(std::uint64_t n) {
    return object(0x99, n);
}
std::optional<ObjectId> thing(Random& random, std::uint8_t kind) {
    const std::uint64_t n = below(random, 4);
    return n == 0 ? std::nullopt : std::optional(object(kind, n));
}
constexpr std::array<std::string_view, 3> purposes{"TREAT", "HRESCH", "ETREAT"};
constexpr std::array<std::string_view, 2> actions{"access", "write"};

template <std::size_t N>
std::vector<std::string> some(Random& random, const std::array<std::string_view, N>& words) {
    std::vector<std::string> out;
    for (const std::string_view word : words) {
        if (below(random, 2) == 0) {
            out.emplace_back(word);
        }
    }
    if (out.empty()) {
        out.emplace_back(words[below(random, N)]);
    }
    return out;
}

std::vector<ObjectId> some_ids(Random& random, std::uint8_t kind) {
    std::vector<ObjectId> out;
    for (std::uint64_t left = 1 + below(random, 2); left > 0; --left) {
        out.push_back(object(kind, 1 + below(random, 3)));
    }
    return out;
}

constexpr std::int64_t moments = 100;  ///< start_time … start_time + 99

args::Directive random_directive(Random& random) {
    args::Directive d;
    d.permit = below(random, 4) != 0;
    d.actors = some_ids(random, 0x99);
    d.scope = static_cast<args::ScopeKind>(below(random, 2) * (1 + below(random, 3)));
    if (d.scope != args::ScopeKind::everything) {
        d.scope_ids = some_ids(random, static_cast<std::uint8_t>(0x20 + static_cast<int>(d.scope)));
    }
    d.purposes = some(random, purposes);
    d.actions = some(random, actions);
    d.from = start_time - 20 + static_cast<std::int64_t>(below(random, 60));
    d.until = d.from + 1 + static_cast<std::int64_t>(below(random, moments));
    d.until = std::max(d.until, start_time + moments / 2);  // not over before it is written
    return d;
}

args::Question random_question(Random& random, const AccountId& patient) {
    args::Question q;
    q.patient = patient;
    q.actors.clear();
    for (std::uint64_t left = below(random, 8) == 0 ? 0 : 1 + below(random, 3); left > 0; --left) {
        q.actors.push_back(label(1 + below(random, 3)));
    }
    q.purpose = purposes[below(random, purposes.size())];
    q.action = actions[below(random, actions.size())];
    q.collection = thing(random, 0x21);
    q.record = thing(random, 0x22);
    q.category = thing(random, 0x23);
    q.time = start_time - 10 + static_cast<std::int64_t>(below(random, moments + 40));
    return q;
}

const std::vector<AccountId> patients{ada, ben, patient_of_a};

/// The contract and, beside it, what it should know.
class Chain {
  public:
    explicit Chain(EngineChoice engine) : world(engine) {
        for (const AccountId& patient : patients) {
            must(patient, "registry", "enrol", args::enrol("patient"));
        }
        empty_ = world.state.entries;
    }
    void clear() {
        world.state.entries = empty_;
        world.at(start_time);
        known.clear();
        next_id_ = 0;
    }
    ObjectId put(const AccountId& patient, const args::Directive& d, const ObjectId& id,
                 const std::optional<ObjectId>& supersedes = std::nullopt) {
        must(patient, "consent", "put", args::consent_put(id, d, supersedes));
        if (supersedes) {
            find(*supersedes).revoked = world.now();
        }
        known.push_back({patient, id, d, world.now(), std::nullopt});
        return id;
    }
    ObjectId put(const AccountId& patient, const args::Directive& d) {
        return put(patient, d, next_id());
    }
    void revoke(const ObjectId& id) {
        must(find(id).patient, "consent", "revoke", args::revoke(id));
        find(id).revoked = world.now();
    }
    Verdict ask(const args::Question& q) {
        return read(world.query("consent", "decide", args::decide(q)));
    }
    /// The contract's verdict, after checking that it is the reference's.
    Verdict verdict(const args::Question& q) {
        const Verdict got = ask(q);
        REQUIRE(got == reference::decide(q, known));
        return got;
    }
    /// Mixed, so that the order of writing and the order of ids differ.
    ObjectId next_id() { return object(0xF0, (next_id_++ * 0x9E3779B97F4A7C15ULL) >> 8U); }

    /// Some directives of everybody, some of them ended since, as time goes by.
    void live_a_while(Random& random) {
        for (std::uint64_t steps = below(random, 40); steps > 0; --steps) {
            world.at(world.now() + static_cast<std::int64_t>(below(random, 2)));
            const AccountId& patient = patients[below(random, patients.size())];
            std::vector<ObjectId> open;
            for (const Stored& s : known) {
                if (s.patient == patient && !s.revoked) {
                    open.push_back(s.id);
                }
            }
            const std::uint64_t what = open.empty() ? 0 : below(random, 8);
            if (what == 7) {
                revoke(open[below(random, open.size())]);
            } else if (what == 6) {
                const ObjectId old = open[below(random, open.size())];
                args::Directive d = random_directive(random);
                d.scope = find(old).directive.scope;
                d.scope_ids = find(old).directive.scope_ids;
                put(patient, d, next_id(), old);
            } else {
                put(patient, random_directive(random));
            }
        }
    }

    StandardWorld world;
    std::vector<Stored> known;

  private:
    void must(const AccountId& who, std::string_view contract, std::string_view method,
              const Bytes& args) {
        const Answer answer = world.as(who).call(contract, method, args);
        INFO(contract << "." << method << ": " << as_text(answer.data) << answer.detail);
        REQUIRE(answer.code == 0);
    }
    Stored& find(const ObjectId& id) {
        const auto found =
            std::find_if(known.begin(), known.end(), [&](const Stored& s) { return s.id == id; });
        REQUIRE(found != known.end());
        return *found;
    }
    static Verdict read(const Answer& answer) {
        REQUIRE(answer.code == 0);
        Verdict out;
        cbor::Reader in(answer.data);
        REQUIRE(in.map_of(4).ok());
        REQUIRE(in.key(1).ok());
        out.decision = static_cast<Decision>(in.uint_max(2).value());
        REQUIRE(in.key(2).ok());
        for (std::size_t left = in.array().value(); left > 0; --left) {
            out.directives.push_back(in.fixed<ObjectId>().value());
        }
        REQUIRE(in.key(3).ok());
        out.reason = static_cast<Reason>(in.uint_max(4).value());
        REQUIRE(in.key(4).ok());
        out.until = in.integer().value();
        REQUIRE(in.end().ok());
        return out;
    }

    JournalState::Entries empty_;
    std::uint64_t next_id_ = 0;
};

/// How often each answer came: a comparison of nothing but refusals would prove little.
struct Tally {
    std::map<Decision, int> decisions;
    std::map<Reason, int> reasons;
    int cases = 0;
    void count(const Verdict& v) {
        ++decisions[v.decision];
        ++reasons[v.reason];
        ++cases;
    }
};

void compare(EngineChoice engine, std::uint64_t seed, int rounds, Tally& tally) {
    CAPTURE(seed);
    Random random(seed);
    Chain chain(engine);
    for (int round = 0; round < rounds; ++round) {
        chain.clear();
        chain.live_a_while(random);
        for (int i = 0; i < 40; ++i) {
            tally.count(chain.verdict(random_question(random, patients[below(random, 3)])));
        }
    }
}

constexpr auto compiled = EngineChoice::compiled_when_shipped;

}  // namespace

TEST_CASE("the contract decides as the reference does") {
    Tally tally;
    compare(compiled, 20'241, 600, tally);
    CHECK(tally.cases == 24'000);
    for (const Decision d : {Decision::deny, Decision::permit, Decision::not_applicable}) {
        CHECK(tally.decisions[d] > 1'000);
    }
    for (const Reason r : {Reason::permitted, Reason::no_directive, Reason::denied, Reason::revoked,
                           Reason::expired}) {
        CHECK(tally.reasons[r] > 300);
    }
}

TEST_CASE("the contract decides so on the interpreter too") {
    Tally tally;
    compare(EngineChoice::interpreter_only, 20'242, 20, tally);
    CHECK(tally.cases == 800);
}

TEST_CASE("without a directive nothing is permitted, whatever is asked") {
    Random random(3);
    Chain chain(compiled);
    for (int i = 0; i < 500; ++i) {
        const Verdict v = chain.verdict(random_question(random, ada));
        REQUIRE(v == Verdict{Decision::not_applicable, {}, Reason::no_directive, 0});
    }
}

TEST_CASE("a deny that applies decides, whatever permits there are") {
    Random random(4);
    Chain chain(compiled);
    for (int round = 0; round < 300; ++round) {
        chain.clear();
        chain.live_a_while(random);
        args::Question q = random_question(random, ada);
        q.actors = {label(1)};
        q.time = chain.world.now();
        args::Directive everything;
        everything.permit = false;
        everything.actors = {label(1)};
        everything.purposes = {q.purpose};
        everything.actions = {q.action};
        const ObjectId deny = chain.put(ada, everything);
        const Verdict v = chain.verdict(q);
        REQUIRE(v.decision == Decision::deny);
        REQUIRE(reference::contains(v.directives, deny));
    }
}

TEST_CASE("the order of directives, in writing and by id, changes no decision") {
    Random random(5);
    Chain chain(compiled);
    for (int round = 0; round < 200; ++round) {
        chain.clear();
        std::vector<args::Directive> rules(1 + below(random, 8));
        std::vector<ObjectId> first_ids;
        for (args::Directive& rule : rules) {
            rule = random_directive(random);
            first_ids.push_back(chain.put(ada, rule));
        }
        std::vector<std::size_t> order(rules.size());
        for (std::size_t i = 0; i < order.size(); ++i) {
            order[i] = i;
        }
        std::shuffle(order.begin(), order.end(), random);
        std::map<ObjectId, ObjectId> renamed;
        for (const std::size_t i : order) {
            renamed[first_ids[i]] = chain.put(ben, rules[i]);
        }
        for (int i = 0; i < 10; ++i) {
            args::Question q = random_question(random, ada);
            Verdict of_ada = chain.verdict(q);
            q.patient = ben;
            for (ObjectId& id : of_ada.directives) {
                id = renamed[id];
            }
            std::sort(of_ada.directives.begin(), of_ada.directives.end());
            REQUIRE(chain.verdict(q) == of_ada);
        }
    }
}

TEST_CASE("after a revocation no permit cites the directive") {
    Random random(6);
    Chain chain(compiled);
    int cited_before = 0;
    for (int round = 0; round < 200; ++round) {
        chain.clear();
        args::Directive rule = random_directive(random);
        rule.permit = true;
        rule.from = std::min(rule.from, start_time);
        const ObjectId id = chain.put(ada, rule);
        chain.live_a_while(random);
        const bool open =
            !std::any_of(chain.known.begin(), chain.known.end(),
                         [&](const Stored& s) { return s.id == id && s.revoked.has_value(); });
        args::Question q = random_question(random, ada);
        q.actors = rule.actors;
        q.purpose = rule.purposes.front();
        q.action = rule.actions.front();
        q.time = chain.world.now();
        cited_before += reference::contains(chain.verdict(q).directives, id) ? 1 : 0;
        if (open) {
            chain.revoke(id);
        }
        for (int i = 0; i < 20; ++i) {
            REQUIRE_FALSE(reference::contains(chain.verdict(q).directives, id));
            q = random_question(random, ada);
            q.time = std::max(q.time, chain.world.now());
        }
    }
    CHECK(cited_before > 30);
}

TEST_CASE("one patient's directives never change another's answers") {
    Random random(7);
    Chain chain(compiled);
    for (int round = 0; round < 100; ++round) {
        chain.clear();
        for (int i = 0; i < 5; ++i) {
            chain.put(ada, random_directive(random));
        }
        std::vector<args::Question> questions;
        std::vector<Verdict> before;
        for (int i = 0; i < 20; ++i) {
            questions.push_back(random_question(random, ada));
            before.push_back(chain.ask(questions.back()));
        }
        for (int i = 0; i < 10; ++i) {
            // Also under an id that Ada uses.
            const ObjectId id = i == 0 ? chain.known.front().id : chain.next_id();
            const Bytes put = args::consent_put(id, random_directive(random));
            REQUIRE(chain.world.as(ben).call("consent", "put", put).code == 0);
        }
        REQUIRE(
            chain.world.as(ben).call("consent", "revoke", args::revoke(chain.known[0].id)).code ==
            0);
        for (std::size_t i = 0; i < questions.size(); ++i) {
            REQUIRE(chain.ask(questions[i]) == before[i]);
        }
    }
}

TEST_CASE("who knows less of a record is never permitted more") {
    Random random(8);
    Chain chain(compiled);
    int permits_lost = 0;
    for (int round = 0; round < 200; ++round) {
        chain.clear();
        chain.live_a_while(random);
        for (int i = 0; i < 20; ++i) {
            args::Question q = random_question(random, ada);
            const Verdict known = chain.verdict(q);
            (i % 3 == 0 ? q.record : i % 3 == 1 ? q.collection : q.category) = std::nullopt;
            const Verdict unknown = chain.verdict(q);
            REQUIRE((unknown.decision != Decision::permit || known.decision == Decision::permit));
            permits_lost += known.decision != unknown.decision ? 1 : 0;
        }
    }
    CHECK(permits_lost > 30);
}

TEST_CASE("a directive lives from its first moment up to its last, that one excluded") {
    Chain chain(compiled);
    for (const bool permit : {true, false}) {
        chain.clear();
        chain.put(ada, {.permit = permit, .from = start_time + 10, .until = start_time + 20});
        const Decision live = permit ? Decision::permit : Decision::deny;
        for (const auto& [moment, decision] :
             std::vector<std::pair<std::int64_t, Decision>>{{9, Decision::not_applicable},
                                                            {10, live},
                                                            {19, live},
                                                            {20, Decision::not_applicable}}) {
            CHECK(chain.verdict({.patient = ada, .time = start_time + moment}).decision ==
                  decision);
        }
    }
}

TEST_CASE("what supersedes takes over in the same moment") {
    Chain chain(compiled);
    const ObjectId old_id = chain.put(ada, {.until = start_time + 100});
    chain.world.at(start_time + 10);
    const ObjectId new_id =
        chain.put(ada, {.from = start_time + 10, .until = start_time + 50}, object(0xF1), old_id);
    const Verdict before = chain.verdict({.patient = ada, .time = start_time + 9});
    CHECK(before == Verdict{Decision::permit, {old_id}, Reason::permitted, start_time + 100});
    const Verdict after = chain.verdict({.patient = ada, .time = start_time + 10});
    CHECK(after == Verdict{Decision::permit, {new_id}, Reason::permitted, start_time + 50});
    const Verdict over = chain.verdict({.patient = ada, .time = start_time + 50});
    CHECK(over == Verdict{Decision::not_applicable, {}, Reason::revoked, 0});
}

TEST_CASE("what was put later says nothing of a moment before") {
    Chain chain(compiled);
    for (const bool permit : {true, false}) {
        chain.clear();
        chain.world.at(start_time + 10);
        // In force by its own dates, but nobody had written it.
        chain.put(ada, {.permit = permit, .from = start_time});
        const Decision live = permit ? Decision::permit : Decision::deny;
        CHECK(chain.verdict({.patient = ada, .time = start_time + 9}) ==
              Verdict{Decision::not_applicable, {}, Reason::no_directive, 0});
        CHECK(chain.verdict({.patient = ada, .time = start_time + 10}).decision == live);
        CHECK(chain.verdict({.patient = ada, .time = start_time + 11}).decision == live);
    }
}

TEST_CASE("a damaged directive ends the question instead of being left out of it") {
    Chain chain(compiled);
    chain.put(ada, {.permit = false, .scope = args::ScopeKind::records, .scope_ids = {object(1)}});
    const args::Question q{.patient = ada, .record = object(1)};
    REQUIRE(chain.ask(q).decision == Decision::deny);
    auto stored = std::find_if(
        chain.world.state.entries.begin(), chain.world.state.entries.end(),
        [](const auto& entry) { return std::string_view(entry.first).starts_with("consent"); });
    REQUIRE(stored != chain.world.state.entries.end());
    const std::string whole = stored->second;
    // Behind the time of its end nothing is read any more.
    const std::size_t read = whole.size() - 34 - 2 - 2;
    for (std::size_t size = 0; size < read; ++size) {
        CAPTURE(size);
        stored->second = whole.substr(0, size);
        CHECK(chain.world.query("consent", "decide", args::decide(q)).code == code_trap);
    }
    Random random(9);
    for (int round = 0; round < 2'000; ++round) {
        stored->second = whole;
        stored->second[below(random, whole.size())] = static_cast<char>(below(random, 256));
        const Answer answer = chain.world.query("consent", "decide", args::decide(q));
        CHECK((answer.code == 0 || answer.code == code_trap));
    }
}

TEST_CASE("no directive is forgotten, however many a patient has") {
    Chain chain(compiled);
    args::Question q{.patient = ada};
    // One scan of the state gives 1,024 keys: the deny is the last of them, and the one behind.
    for (const std::uint64_t last : {1'023U, 1'024U, 1'025U, 2'100U}) {
        chain.clear();
        for (std::uint64_t i = 0; i < last; ++i) {
            // The first is the asker's; one name has few entries, so the others are about others.
            chain.put(ada, {.actors = {object(0x99, i)}}, object(0xF0, i));
        }
        CHECK(chain.ask(q).decision == Decision::permit);
        chain.put(ada, {.permit = false}, object(0xF0, last));
        CHECK(chain.verdict(q) == Verdict{Decision::deny, {object(0xF0, last)}, Reason::denied, 0});
    }
}
