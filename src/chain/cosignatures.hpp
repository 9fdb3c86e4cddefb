#pragma once

#include "chain/replica.hpp"
#include "ledger/witness.hpp"

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace salus::chain {

/// A witness that this node knows, and what it cosigned last.
struct WitnessStatus {
    std::string name;
    std::optional<std::uint64_t> log_size;  ///< nothing: it never cosigned
    std::optional<UnixMillis> time;
    bool operator==(const WitnessStatus&) const = default;
};

/// What the witnesses of this node's log have signed: docs/formats/checkpoint.md, "Witness". The
/// newest cosigned checkpoint lies in `data_dir/ledger/cosigned`. Threads: any.
class Cosignatures {
  public:
    /// Errors: integrity — the cosigned checkpoint on the disk is not of this log, or the log is
    /// shorter than it; malformed; unavailable.
    static Result<std::unique_ptr<Cosignatures>> open(Env& env, std::string path,
                                                      const Replica& replica,
                                                      std::vector<ledger::VerifierKey> known);

    /// Takes the cosignatures of known witnesses from a note. A note older than the newest cosigned
    /// one changes nothing.
    ///
    /// Errors: denied — another log, or none of the signatures is of a known witness;
    ///         authentication — one is wrong; integrity — this log does not hold what the witness
    ///         saw (remembered as `alarm`); malformed; unavailable.
    Status add(std::string_view note);

    /// Whether this log holds what a note from outside says. Errors: integrity — it is shorter, or
    /// another history: the data are an old copy, or were forked; denied — another log, or nobody
    /// signed whom this node knows; malformed.
    [[nodiscard]] Status compare(std::string_view note) const;

    /// The newest note: the newest block's, with the cosignatures that it has.
    [[nodiscard]] Result<std::string> newest() const;
    /// The newest cosigned note. Errors: not_found — none.
    [[nodiscard]] Result<std::string> cosigned() const;
    /// The note that proves a position best: the cosigned one when it reaches so far.
    [[nodiscard]] Result<std::string> covering(LogPosition position) const;
    /// Whether more than 2/3 of this node and the witnesses it names signed the note: a stranger
    /// who trusts those accepts it. Errors: authentication — not so many, or one is wrong.
    [[nodiscard]] Status check_final(std::string_view note) const;
    /// One for each known witness.
    [[nodiscard]] std::vector<WitnessStatus> witnesses() const;
    /// What a witness saw that this log does not hold, in one sentence; empty: nothing.
    [[nodiscard]] std::string alarm() const;

  private:
    Cosignatures(Env& env, std::string path, const Replica& replica,
                 std::vector<ledger::VerifierKey> known)
        : env_(env), path_(std::move(path)), replica_(replica), known_(std::move(known)) {}
    Status load();
    [[nodiscard]] Result<ledger::Note> own_note(std::uint64_t log_size) const;
    [[nodiscard]] Status check_history(const ledger::Checkpoint& checkpoint) const;
    void note_seen(const ledger::Note& note);
    Status keep(const ledger::Note& note, std::vector<ledger::VerifierKey> keys);

    Env& env_;
    std::string path_;
    const Replica& replica_;
    std::vector<ledger::VerifierKey> known_;
    mutable std::mutex mutex_;
    std::optional<ledger::KeyedNote> cosigned_;  ///< its keys: those of the cosignatures
    std::vector<WitnessStatus> seen_;            ///< in the order of known_
    std::string alarm_;
};

}  // namespace salus::chain
