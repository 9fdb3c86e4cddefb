#include "consortium.hpp"

#include "chain/world.hpp"

#include "member.hpp"
#include <algorithm>
#include <list>

namespace salus::sim {

namespace {

using chain::test::Person;
using chain::test::start_ms;

constexpr std::int64_t tick_ms = 250;
constexpr std::size_t ticks = 120;
constexpr std::size_t ticks_to_settle = 60;

struct Delivery {
    std::int64_t due_ms;
    std::size_t member;
    const Sent* sent;
};

/// A client waits for its home to commit, and sends again until that or until it expires.
struct Waiting {
    const Sent* sent;
    std::size_t home;
};

class Consortium {
  public:
    Consortium(std::uint64_t seed, Plant plant) : dice_(seed), plant_(plant) {
        const std::size_t count = 3 + dice_.below(3);
        for (std::size_t i = 0; i < count; ++i) {
            members_.push_back(std::make_unique<Member>(i, plant, history_));
            members_.back()->clock_ms = start_ms + dice_.between(-500, 500);
        }
        for (std::uint8_t i = 1; i <= 4; ++i) people_.emplace_back(i);
        quiet_ = dice_.one_in(4);
    }

    RunReport run() {
        for (std::size_t i = 0; i < ticks && !history_.failure(); ++i) {
            faults();
            clients();
            tick();
        }
        settle();
        return {.failure = history_.failure(),
                .heights = decided_.size(),
                .transactions = history_.transactions(),
                .acknowledged = acknowledged_,
                .crashes = crashes_};
    }

  private:
    // Clients ------------------------------------------------------------------------------------

    void clients() {
        if (quiet_ && !dice_.one_in(40)) return;  // idle hours, then a burst
        for (std::uint64_t left = dice_.below(quiet_ ? 6 : 3); left > 0; --left) submit();
    }

    const Sent* submit() {
        static const char* methods[] = {"set",  "set",   "set",    "erase", "write_and_fail",
                                        "burn", "flood", "unknown"};
        Person& person = people_[dice_.below(people_.size())];
        std::vector<ledger::Operation> operations;
        if (dice_.one_in(4)) operations.push_back(person.enrolment());
        for (std::uint64_t left = 1 + dice_.below(3); left > 0; --left) {
            operations.push_back(chain::test::toy(methods[dice_.below(8)], dice_.below(20)));
        }
        ledger::TransactionBody body = person.body(std::move(operations));
        body.all_or_nothing = dice_.one_in(2);
        body.valid_until.value = true_ms_ + dice_.between(2'000, 40'000);
        if (dice_.one_in(30)) body.valid_until.value = true_ms_ + dice_.between(-5'000, 700'000);
        Sent sent{.envelope = person.sign(body), .transaction = {}, .form_code = 0};
        if (dice_.one_in(20)) {
            sent.envelope.back() ^= 1U;  // the last byte of the signature
            sent.form_code = ledger::code::bad_signature;
        }
        sent.transaction = ledger::decode_transaction(sent.envelope).value();
        sent_.push_back(std::move(sent));
        const Sent* made = &sent_.back();
        const std::size_t home = dice_.below(members_.size());
        waiting_.push_back({.sent = made, .home = home});
        spread(made, home);
        return made;
    }

    /// Gossip: to the home at once, to others late, twice, or never; in any order.
    void spread(const Sent* sent, std::size_t home) {
        for (std::size_t i = 0; i < members_.size(); ++i) {
            if (i != home && dice_.one_in(5)) continue;
            const std::uint64_t copies = dice_.one_in(8) ? 2 : 1;
            for (std::uint64_t copy = 0; copy < copies; ++copy) {
                const std::int64_t late = i == home ? 0 : dice_.between(0, 2'000);
                deliveries_.push_back({.due_ms = true_ms_ + late, .member = i, .sent = sent});
            }
        }
    }

    void deliver() {
        for (auto it = deliveries_.begin(); it != deliveries_.end();) {
            if (it->due_ms > true_ms_) {
                ++it;
                continue;
            }
            Member& member = *members_[it->member];
            if (member.reachable(true_ms_)) {
                member.check(*it->sent);
                // A mempool refuses bad forms; a lying member does not.
                if (it->sent->form_code == 0 || dice_.one_in(4)) {
                    member.mempool.push_back(it->sent);
                }
            }
            it = deliveries_.erase(it);
        }
    }

    /// Answers clients whose home has committed, and sends again for the others.
    void answer() {
        std::erase_if(waiting_, [&](const Waiting& one) {
            const Digest& id = one.sent->transaction.id;
            const bool committed = members_[one.home]->holds(id);
            const bool hasty = plant_ == Plant::hasty && dice_.one_in(10);
            if (committed || hasty) {
                history_.acknowledged(id);
                ++acknowledged_;
                return true;
            }
            if (one.sent->transaction.body.valid_until.value < true_ms_ - 10'000) return true;
            if (dice_.one_in(12)) spread(one.sent, one.home);
            return false;
        });
        // Somebody sends what is long done once more.
        if (!sent_.empty() && dice_.one_in(6)) {
            spread(&sent_[dice_.below(sent_.size())], dice_.below(members_.size()));
        }
    }

    // Faults -------------------------------------------------------------------------------------

    void faults() {
        for (const auto& member : members_) {
            if (member->up && dice_.one_in(60)) crash(*member);
            if (dice_.one_in(60)) {
                member->cut_until_ms = true_ms_ + dice_.between(1'000, 15'000);
            }
            if (dice_.one_in(50)) member->clock_ms += dice_.between(-8'000, 8'000);
            if (dice_.one_in(20)) member->clock_ms = true_ms_ + dice_.between(-300, 300);
        }
        if (dice_.one_in(50)) skip(dice_.between(1'000, 60'000));  // nothing happens for a while
    }

    void crash(Member& member) {
        ++crashes_;
        member.crash(dice_.one_in(5));
        member.down_until_ms = true_ms_ + dice_.between(0, 10'000);
    }

    void skip(std::int64_t span) {
        true_ms_ += span;
        for (const auto& member : members_) member->clock_ms += span;
    }

    // Ordering -----------------------------------------------------------------------------------

    void tick() {
        skip(tick_ms);
        for (const auto& member : members_) {
            if (!member->up && member->down_until_ms <= true_ms_) member->start();
        }
        deliver();
        order();
        catch_up();
        answer();
    }

    [[nodiscard]] bool has_all(const Member& member) const {
        return member.reachable(true_ms_) && member.applied() == decided_.size();
    }

    [[nodiscard]] bool quorum(std::size_t count) const {
        return ledger::is_quorum(count, members_.size());
    }

    /// Rounds of one height: any of them may come to nothing.
    void order() {
        for (std::size_t round = 0; round < 3 && !history_.failure(); ++round) {
            Member& proposer = *members_[(decided_.size() + round) % members_.size()];
            if (!has_all(proposer)) continue;
            const bool heartbeat = true_ms_ - last_decision_ms_ > 30'000;
            if (proposer.mempool.empty() && !heartbeat) continue;
            std::vector<const Sent*> proposal;
            for (std::uint64_t times = 1 + dice_.below(2); times > 0; --times) {
                proposal = proposer.prepare(next_time());
            }
            lie(proposal);
            if (quorum(votes(proposal))) return decide(proposal, proposer);
            // A refused proposal must not stop the chain: what a liar brought along goes.
            std::erase_if(proposer.mempool, [](const Sent* s) { return s->form_code != 0; });
        }
    }

    /// A proposer that repeats, reorders, or brings what is long done.
    void lie(std::vector<const Sent*>& proposal) {
        if (proposal.empty()) return;
        if (dice_.one_in(10)) proposal.push_back(proposal[dice_.below(proposal.size())]);
        if (dice_.one_in(10)) std::reverse(proposal.begin(), proposal.end());
        if (dice_.one_in(10)) proposal.push_back(&sent_[dice_.below(sent_.size())]);
    }

    std::size_t votes(const std::vector<const Sent*>& proposal) {
        std::size_t yes = 0;
        for (const auto& member : members_) {
            if (!has_all(*member)) continue;
            bool accepted = false;
            for (std::uint64_t times = 1 + dice_.below(2); times > 0; --times) {
                accepted = member->process(proposal);
            }
            if (accepted && !dice_.one_in(15)) ++yes;  // or the vote is lost
        }
        return yes;
    }

    void decide(const std::vector<const Sent*>& proposal, const Member& proposer) {
        Decided block;
        height_ += dice_.one_in(10) ? 2U : 1U;  // heights are the engine's and may skip
        block.input = {.height = BlockHeight{height_}, .time = next_time(), .proposer = {}};
        for (const Sent* sent : proposal) block.offered.push_back(sent->envelope);
        history_.decide(block, proposal);
        last_time_ = block.input.time;
        last_decision_ms_ = true_ms_;
        decided_.push_back(std::move(block));
        (void)proposer;
        catch_up();
        // The next block is dated by those who committed this one.
        std::vector<std::int64_t> clocks;
        for (const auto& member : members_) {
            if (has_all(*member)) clocks.push_back(member->clock_ms);
        }
        std::sort(clocks.begin(), clocks.end());
        if (!clocks.empty()) commit_median_ms_ = clocks[clocks.size() / 2];
    }

    [[nodiscard]] UnixMillis next_time() const {
        return UnixMillis{std::max(last_time_.value + 1, commit_median_ms_)};
    }

    void catch_up() {
        for (const auto& member : members_) {
            while (!history_.failure() && member->reachable(true_ms_) &&
                   member->applied() < decided_.size()) {
                if (!settling_ && dice_.one_in(6)) break;  // lags
                const Decided& block = decided_[member->applied()];
                auto at = Member::CrashAt::never;
                if (!settling_ && dice_.one_in(80)) at = Member::CrashAt::before_commit;
                if (!settling_ && dice_.one_in(80)) at = Member::CrashAt::after_commit;
                if (!member->execute(block, at)) crash(*member);
            }
        }
    }

    // The end ------------------------------------------------------------------------------------

    /// Faults end; then the chain must move, everybody must stand at one place, and nothing that
    /// was acknowledged may be missing.
    void settle() {
        settling_ = true;
        for (const auto& member : members_) {
            member->cut_until_ms = 0;
            member->down_until_ms = 0;
            member->clock_ms = true_ms_;
        }
        const Sent* last = nullptr;
        for (std::size_t i = 0; i < ticks_to_settle && !history_.failure(); ++i) {
            if (i == ticks_to_settle / 2) last = lively();
            tick();
        }
        if (history_.failure()) return;
        if (!history_.is_acknowledged(last->transaction.id)) {
            return history_.fail("after all faults ended a transaction is not answered");
        }
        for (const auto& member : members_) {
            if (member->applied() != decided_.size()) history_.fail("a member does not catch up");
            member->finish();
        }
    }

    const Sent* lively() {
        Person person(200);
        ledger::TransactionBody body = person.body({person.enrolment()});
        body.valid_until.value = true_ms_ + 60'000;
        Sent sent{.envelope = person.sign(body), .transaction = {}, .form_code = 0};
        sent.transaction = ledger::decode_transaction(sent.envelope).value();
        sent_.push_back(std::move(sent));
        waiting_.push_back({.sent = &sent_.back(), .home = 0});
        for (std::size_t i = 0; i < members_.size(); ++i) {
            deliveries_.push_back({.due_ms = true_ms_, .member = i, .sent = &sent_.back()});
        }
        return &sent_.back();
    }

    Dice dice_;
    Plant plant_;
    History history_;
    std::vector<std::unique_ptr<Member>> members_;
    std::vector<Person> people_;
    std::deque<Sent> sent_;  ///< stable addresses
    std::list<Delivery> deliveries_;
    std::vector<Waiting> waiting_;
    std::vector<Decided> decided_;
    std::int64_t true_ms_ = start_ms;
    std::int64_t last_decision_ms_ = start_ms;
    std::int64_t commit_median_ms_ = start_ms;
    UnixMillis last_time_{start_ms};
    std::uint64_t height_ = 0;
    std::uint64_t acknowledged_ = 0;
    std::uint64_t crashes_ = 0;
    bool quiet_ = false;
    bool settling_ = false;
};

}  // namespace

RunReport run_consortium(std::uint64_t seed, Plant plant) {
    return Consortium(seed, plant).run();
}

}  // namespace salus::sim
