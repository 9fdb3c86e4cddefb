#include "contracts/shipped.hpp"
#include "contracts/support/standard_args.hpp"
#include "crypto/hash.hpp"
#include "crypto/sign.hpp"
#include "ledger/transaction_sign.hpp"

#include "recorded.hpp"
#include <algorithm>
#include <utility>

namespace salus::determinism {

namespace {

namespace args = contracts::testing::args;
constexpr std::string_view chain_id = "salus-recorded";
constexpr std::int64_t start_ms = 1'767'225'600'000;

class Dice {
  public:
    explicit Dice(std::uint64_t seed) : state_(seed) {}
    std::uint64_t below(std::uint64_t limit) {  // splitmix64
        state_ += 0x9E3779B97F4A7C15U;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
        z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
        return (z ^ (z >> 31U)) % limit;
    }
    bool one_in(std::uint64_t n) { return below(n) == 0; }
    template <class Fixed>
    Fixed id() {
        Fixed out;
        for (std::uint8_t& b : out.bytes) b = static_cast<std::uint8_t>(below(256));
        return out;
    }
    template <class T>
    const T& of(const std::vector<T>& list) {
        return list[below(list.size())];
    }

  private:
    std::uint64_t state_;
};

struct Person {
    AccountId account;
    crypto::SigningKey key;
    std::vector<ObjectId> collections;
    std::vector<ObjectId> records;
    std::vector<ObjectId> directives;
    bool came = false;  ///< tried to enrol
};

class Story {
  public:
    explicit Story(std::uint64_t seed) : dice_(seed) {
        for (int i = 0; i < 9; ++i) {
            Person person;
            person.account = dice_.id<AccountId>();
            const auto secret = dice_.id<Digest>();
            std::copy(secret.bytes.begin(), secret.bytes.end(),
                      person.key.reveal_mutable().begin());
            people_.push_back(std::move(person));
        }
        organisation_ = dice_.id<ObjectId>();
    }

    RecordedChain tell(std::size_t blocks) {
        RecordedChain chain{.genesis = genesis(), .blocks = {}};
        std::uint64_t height = 0;
        for (std::size_t i = 0; i < blocks; ++i) {
            height += dice_.one_in(9) ? 1 + dice_.below(40) : 1;
            now_ms_ += dice_.one_in(25) ? 3'600'000 : static_cast<std::int64_t>(dice_.below(9'000));
            RecordedBlock block;
            block.input = {.height = BlockHeight{height},
                           .time = UnixMillis{now_ms_},
                           .proposer = organisation_};
            for (std::uint64_t left = 1 + dice_.below(3); left > 0; --left) {
                block.offered.push_back(transaction());
            }
            chain.blocks.push_back(std::move(block));
        }
        return chain;
    }

  private:
    /// The first person is the node itself.
    ledger::GenesisEntry genesis() {
        ledger::GenesisEntry entry;
        ledger::Genesis genesis;
        genesis.chain_id = chain_id;
        genesis.time = UnixMillis{start_ms};
        ledger::Member member;
        member.organisation = organisation_;
        member.name = "Recorded hospital";
        member.signing_key =
            ledger::PublicKey::from(crypto::public_key(people_[0].key).view()).value();
        member.node_account = people_[0].account;
        genesis.config.members = {member};
        for (const contracts::ShippedContract& contract : contracts::shipped_contracts()) {
            genesis.config.contracts.push_back({.contract = std::string(contract.name),
                                                .code_hash = crypto::sha256(contract.module)});
            entry.codes.push_back(to_bytes(contract.module));
        }
        entry.genesis = ledger::encode_genesis(genesis).value();
        return entry;
    }

    Bytes transaction() {
        if (!sent_.empty() && dice_.one_in(20)) return dice_.of(sent_);  // a replay
        Person& who = people_[dice_.below(people_.size())];
        ledger::TransactionBody body{.chain_id = std::string(chain_id),
                                     .account = who.account,
                                     .nonce = dice_.id<ledger::Nonce>(),
                                     .valid_until = UnixMillis{now_ms_ + 60'000},
                                     .operations = {},
                                     .all_or_nothing = dice_.one_in(3)};
        const std::uint64_t operations = dice_.one_in(5) ? 2 + dice_.below(9) : 1;
        for (std::uint64_t i = 0; i < operations; ++i) body.operations.push_back(operation(who));
        if (dice_.one_in(40)) body.valid_until.value = now_ms_ - 1;
        if (dice_.one_in(40)) body.valid_until.value = now_ms_ + 3'600'000;
        if (dice_.one_in(30)) body.chain_id = "another-chain";
        Bytes envelope = ledger::sign_transaction(body, who.key).value();
        if (dice_.one_in(40)) {  // most often the signature, sometimes the form
            envelope[envelope.size() - 1 - dice_.below(100)] ^= 1U;
        }
        sent_.push_back(envelope);
        return envelope;
    }

    static ledger::Operation call(std::string contract, std::string method, Bytes with) {
        return {.contract = std::move(contract),
                .method = std::move(method),
                .args = std::move(with),
                .payload = {}};
    }

    ledger::Operation operation(Person& who) {
        if (&who == &people_[0]) return of_the_node();
        if (!who.came || dice_.one_in(20)) {
            who.came = true;
            return enrolment(who);
        }
        switch (dice_.below(5)) {
            case 0:
                return of_collections(who);
            case 1:
            case 2:
                return of_records(who);
            default:
                return of_consents(who);
        }
    }

    ledger::Operation enrolment(const Person& who) {
        // A key that is rotated away, and an account that is closed, sign nothing any more.
        if (who.records.size() > 15 && dice_.one_in(6)) {
            return call("registry", "rotate", args::rotate(2 + dice_.below(3)));
        }
        if (who.records.size() > 15 && dice_.one_in(12)) {
            return call("registry", "deactivate", args::one_id(who.account.view()));
        }
        cbor::Writer out;
        const auto key = crypto::public_key(who.key);
        out.map(4).uint(1).text("patient").uint(2).bytes(key.view());
        out.uint(3).bytes(key.view()).uint(4).null();
        return call("registry", "enrol", out.take());
    }

    ledger::Operation of_the_node() {
        if (dice_.one_in(3)) {
            args::Credential credential;
            credential.id = dice_.id<ObjectId>();
            credential.account = dice_.of(accounts());
            credential.organisation = organisation_;
            credential.expires = now_ms_ + 1'000'000;
            return call("registry", "credential_issue", args::issue(credential));
        }
        const std::uint64_t from = dice_.one_in(6) ? anchored_ : anchored_ + 1;
        const Digest root = dice_.id<Digest>();
        const Digest previous = dice_.one_in(6) ? dice_.id<Digest>() : anchor_root_;
        anchored_ = from + dice_.below(20);
        anchor_root_ = root;
        return call(
            "access", "anchor",
            args::anchor({.from = from, .to = anchored_, .root = root, .previous = previous}));
    }

    ledger::Operation of_collections(Person& who) {
        if (who.collections.empty() || dice_.one_in(2)) {
            who.collections.push_back(dice_.id<ObjectId>());
            return call("record", "collection_put",
                        args::collection_put(who.collections.back(), dice_.below(3)));
        }
        const ObjectId& collection = dice_.of(who.collections);
        if (dice_.one_in(2)) {
            return call("record", "collection_rotate",
                        args::collection_rotate(collection, 2 + dice_.below(2)));
        }
        return call("record", "writer_put",
                    args::writer_put(collection, dice_.of(accounts()), now_ms_ + 500'000));
    }

    ledger::Operation of_records(Person& who) {
        const Person& owner = dice_.one_in(12) ? people_[dice_.below(people_.size())] : who;
        const ObjectId nowhere{};
        const ObjectId& collection =
            owner.collections.empty() ? nowhere : dice_.of(owner.collections);
        if (who.records.empty() || !dice_.one_in(4)) {
            who.records.push_back(dice_.id<ObjectId>());
            ledger::Operation put =
                call("record", "put",
                     args::record_put(who.records.back(), collection, 1 + dice_.below(2)));
            if (!dice_.one_in(10)) {
                put.payload = ledger::DetachedPayload{.digest = dice_.id<Digest>(),
                                                      .size_bytes = 1 + dice_.below(100'000)};
            }
            return put;
        }
        if (dice_.one_in(2)) return call("record", "erase", args::erase({dice_.of(who.records)}));
        return call("record", "amend", args::amend(dice_.of(who.records), dice_.id<ObjectId>()));
    }

    ledger::Operation of_consents(Person& who) {
        if (!who.directives.empty() && dice_.one_in(3)) {
            return call("consent", "revoke", args::revoke(dice_.of(who.directives)));
        }
        args::Directive directive;
        directive.permit = !dice_.one_in(4);
        directive.actors = {dice_.id<ObjectId>()};
        directive.until = now_ms_ + 10'000 + static_cast<std::int64_t>(dice_.below(9'000'000));
        if (!who.collections.empty() && dice_.one_in(2)) {
            directive.scope = args::ScopeKind::collections;
            directive.scope_ids = {dice_.of(who.collections)};
        }
        const bool replaces = !who.directives.empty() && dice_.one_in(5);
        const auto before = replaces ? std::optional(dice_.of(who.directives)) : std::nullopt;
        who.directives.push_back(dice_.id<ObjectId>());
        return call("consent", "put", args::consent_put(who.directives.back(), directive, before));
    }

    std::vector<AccountId> accounts() const {
        std::vector<AccountId> out;
        for (const Person& person : people_) out.push_back(person.account);
        return out;
    }

    Dice dice_;
    std::vector<Person> people_;
    ObjectId organisation_;
    std::vector<Bytes> sent_;
    std::int64_t now_ms_ = start_ms;
    std::uint64_t anchored_ = 0;
    Digest anchor_root_;
};

}  // namespace

RecordedChain tell(std::uint64_t seed, std::size_t blocks) {
    return Story(seed).tell(blocks);
}

}  // namespace salus::determinism
