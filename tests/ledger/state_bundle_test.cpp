#include "ledger/state_claim.hpp"

#include "absence_world.hpp"

using namespace salus;
using namespace salus::ledger;
using namespace salus::ledger::test;

namespace {

struct Signed {
    AbsenceWorld world;
    std::vector<StateClaim> claims;
    Signed() {
        world.bundle();
        claims = {world.claim(contract_key("registry", "a", {world.patient.view()})),
                  world.claim(contract_key("registry", "z", {world.patient.view()}))};
    }
    Bytes bundle() {
        return must(
            make_state_bundle(BundleKind::state, encode_state_claims(claims), world.note()));
    }
};

}  // namespace

TEST_CASE("a state bundle shows what a key is, and that another is absent") {
    Signed s;
    const BundleClaims claims = must(verify_bundle(s.bundle(), s.world.trust()));
    CHECK(claims.kind == BundleKind::state);
    CHECK(claims.state == s.claims);
    CHECK(claims.state[0].value);
    CHECK_FALSE(claims.state[1].value);
    CHECK(claims.height == BlockHeight{4});
    CHECK(claims.log_size == 9);
    CHECK(claims.origin == "salus/test");
    CHECK(must(encode_bundle(must(decode_bundle(s.bundle())))) == s.bundle());
}

TEST_CASE("a state bundle with any byte changed, missing or added is refused") {
    Signed s;
    const Bytes good = s.bundle();
    const auto trust = s.world.trust();
    const auto refused = [&](const Bytes& bytes) { return !check_bundle(bytes, trust).ok(); };
    for (std::size_t i = 0; i < good.size(); ++i) {
        Bytes bytes = good;
        bytes[i] ^= static_cast<std::uint8_t>(1U << (i % 8));
        CHECK(refused(bytes));
        bytes = good;
        bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(i));
        CHECK(refused(bytes));
        bytes = good;
        bytes.resize(i);
        CHECK(refused(bytes));
    }
}

TEST_CASE("a forged value, an absence that is none and a false signature are refused") {
    Signed s;
    const auto trust = s.world.trust();
    const auto code = [&](auto change) {
        Signed forged;
        change(forged);
        return code_of(verify_bundle(forged.bundle(), trust));
    };
    CHECK(code([](Signed& f) { f.claims[0].value->back() ^= 1; }) == Errc::integrity);
    CHECK(code([](Signed& f) { f.claims[0].value.reset(); }) == Errc::integrity);
    CHECK(code([](Signed& f) { f.claims[1].value = Bytes{1}; }) == Errc::integrity);
    CHECK(code([](Signed& f) { std::swap(f.claims[0], f.claims[1]); }) == Errc::malformed);
    CHECK(code([](Signed& f) { f.claims.clear(); }) == Errc::out_of_range);
    CHECK(code([](Signed& f) { f.claims[1].proof = f.claims[0].proof; }) == Errc::integrity);

    Bundle bundle = must(decode_bundle(s.bundle()));
    std::string note(as_text(bundle.checkpoint));
    note[note.size() - 3] = note[note.size() - 3] == 'A' ? 'B' : 'A';
    bundle.checkpoint = to_bytes(note);
    CHECK_FALSE(verify_bundle(must(encode_bundle(bundle)), trust).ok());
    bundle = must(decode_bundle(s.bundle()));
    bundle.receipt = Bytes{1};
    CHECK(code_of(verify_bundle(must(encode_bundle(bundle)), trust)) == Errc::malformed);
}

TEST_CASE("a checkpoint from elsewhere counts for a state bundle only when it is the same") {
    Signed s;
    const Bytes own = s.world.note();
    CHECK(verify_bundle(s.bundle(), s.world.trust(), {as_text(own), {}}).ok());
    ChainBuilder chain(genesis_of(3));
    const Block other = chain.next();
    CHECK(code_of(verify_bundle(s.bundle(), s.world.trust(), {as_text(other.checkpoint), {}})) ==
          Errc::integrity);
}

TEST_CASE("a list of state claims has at least one and at most 1,024") {
    Signed s;
    std::vector<StateClaim> claims;
    const auto fill = [&](std::size_t count) {
        claims.clear();
        for (std::size_t i = 0; i < count; ++i) {
            Bytes key;
            append_be64(key, i);
            claims.push_back({key, std::nullopt, {}});
        }
        return decode_state_claims(encode_state_claims(claims));
    };
    CHECK(code_of(fill(0)) == Errc::out_of_range);
    CHECK(fill(1).ok());
    CHECK(fill(state_claims_max - 1).ok());
    CHECK(fill(state_claims_max).ok());
    CHECK(code_of(fill(state_claims_max + 1)) == Errc::out_of_range);
}
