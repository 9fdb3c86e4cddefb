#pragma once

#include "base/env.hpp"
#include "ledger/block.hpp"
#include "store/kv.hpp"
#include "store/segment_log.hpp"
#include "vault/relations.hpp"

#include <atomic>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace salus::vault {

/// Why a decision came out as it did: docs/contracts/consent.md, plus the custodian's own.
enum class Reason : std::uint8_t {
    permitted = 0,
    no_directive = 1,
    denied = 2,
    revoked = 3,
    expired = 4,
    own_record = 10,
    held = 11,         ///< an officer stopped this account's openings
    own_writing = 12,  ///< its author reads what it wrote
};
std::string_view to_string(Reason reason) noexcept;

/// What a node writes down before it releases anything: docs/formats/access-receipt.md.
struct AccessReceipt {
    std::uint64_t sequence = 0;
    Digest request_hash;
    AccountId actor;
    AccountId patient;
    std::vector<ObjectId> records;
    std::string purpose;
    bool permitted = false;
    std::vector<ObjectId> directives;
    Reason reason = Reason::no_directive;
    Digest code_hash;
    BlockHeight height;
    Digest app_hash;
    UnixMillis block_time;
    UnixMillis node_time;
    Digest previous;
};
Bytes encode(const AccessReceipt& receipt);
Result<AccessReceipt> decode_access_receipt(ByteView bytes);
Digest receipt_hash(const AccessReceipt& receipt);

inline constexpr std::size_t receipts_per_anchor_max = 1'024;

/// A range of receipts that the chain holds the root of.
struct Anchor {
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    Digest root;
    Digest relation_root;  ///< docs/formats/relation-tree.md, with the receipts up to `to`
    Digest transaction;
    BlockHeight height;
    /// An empty anchor says that there was nothing new: `to` is from − 1.
    [[nodiscard]] bool covers_some() const noexcept { return from <= to; }
};

/// The gap-free, hash-chained file of access receipts, and who looked at whom.
///
///     append ──▶ [log, one sync] ──▶ released ──▶ [unanchored] ──▶ anchored
///                    │ fails
///                    ▼
///              nothing released; the next append opens the file again, takes over what turns out
///              to be durable, and goes on behind it
///
/// The index column can be rebuilt from the file and is when it lags behind. Threads: one at a time
/// for append and anchored; reads of the index may come from any thread.
class AccessLog {
  public:
    /// Errors: integrity — a link, sequence or encoding does not fit; unavailable — the disk.
    static Result<std::unique_ptr<AccessLog>> open(Env& env, std::string directory,
                                                   store::Kv& index);

    /// A receipt to be written, and the signed request that caused it.
    struct Draft {
        AccessReceipt receipt;  ///< sequence and previous are set here
        Bytes request;
        /// Of the actor: person, organisations and roles. What a permitted opening counts under.
        std::vector<ledger::Label> labels = {};
    };
    /// Durable when this returns; one sync for all. Errors: unavailable — nothing was appended.
    Result<std::vector<AccessReceipt>> append(std::vector<Draft> drafts);

    [[nodiscard]] std::uint64_t next_sequence() const noexcept { return next_.load(); }
    Result<AccessReceipt> read(std::uint64_t sequence) const;
    /// Newest first, from below `before` (0: from the newest).
    Result<std::vector<AccessReceipt>> of_patient(const AccountId& patient, std::uint64_t before,
                                                  std::size_t count) const;
    Result<std::vector<AccessReceipt>> newest(std::uint64_t before, std::size_t count) const;

    /// The next range to anchor, from the first receipt that no anchor covers; empty when all are
    /// covered.
    struct Range {
        std::uint64_t from = 0;
        std::uint64_t to = 0;  ///< from − 1 when empty
        Digest root;
        Digest relation_root;
        UnixMillis oldest;
    };
    Result<Range> unanchored() const;
    /// Receipts are written, and no anchor covers them: since when. Cheap.
    Result<std::optional<UnixMillis>> oldest_unanchored() const;
    Status anchored(const Anchor& anchor);
    /// Notes an anchor that the chain carries; counts from the next `adopt_anchors` on.
    static void index_anchor(store::WriteBatch& batch, const Anchor& anchor);
    /// Takes over what `index_anchor` noted, and holds the newest anchor against this file.
    /// Errors: integrity — the chain holds a root of receipts, or of their labels, that this file
    /// lost or changed.
    Status adopt_anchors();
    /// Holds an anchor against this file: the root of its receipts, and that of the labels of all
    /// receipts up to its `to`. For a log whose index is new, over every anchor in the chain's
    /// order. Errors: integrity — which receipts, and what of them.
    Status check_anchor(const Anchor& anchor);
    Result<std::optional<Anchor>> anchor_of(std::uint64_t sequence) const;
    /// Path from a receipt to its anchor's root. Errors: not_found — not anchored yet.
    struct Proof {
        Anchor anchor;
        std::vector<Digest> path;
        Bytes receipt;
    };
    Result<Proof> proof(std::uint64_t sequence) const;

  private:
    AccessLog(Env& env, std::string directory, store::SegmentLog log, store::Kv& index,
              Relations relations)
        : env_(env),
          directory_(std::move(directory)),
          log_(std::move(log)),
          index_(index),
          relations_(std::move(relations)) {}
    static Result<store::SegmentLog> open_file(Env& env, const std::string& directory,
                                               std::uint64_t receipts);
    Status replay();
    Status take_over(store::Position from);
    Status go_on();
    static void index_receipt(store::WriteBatch& batch, const AccessReceipt& receipt,
                              ByteView bytes, ByteView labels);
    Result<std::vector<LabelledOpening>> openings(std::uint64_t to) const;
    Status advance_relations(std::uint64_t to);
    Result<std::optional<Anchor>> newest_anchor() const;
    Result<std::vector<Digest>> leaves(std::uint64_t from, std::uint64_t to) const;
    Result<Bytes> bytes_of(std::uint64_t sequence) const;

    Env& env_;
    std::string directory_;
    store::SegmentLog log_;
    store::Position end_ = store::first_position;  ///< behind the last receipt of the index
    bool behind_ = false;  ///< the file may hold receipts that the index does not
    store::Kv& index_;
    Relations relations_;
    std::atomic<std::uint64_t> next_{1};  ///< read by any thread
    std::atomic<std::uint64_t> anchored_to_{0};
    Digest last_hash_;
};

}  // namespace salus::vault
