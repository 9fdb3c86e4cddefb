#pragma once

#include "base/strong.hpp"
#include "chain/overlay.hpp"
#include "ledger/transaction.hpp"
#include "store/kv.hpp"

#include <cstdint>
#include <optional>

/// How the state machine lays its committed state into a `store::Kv`. Everything here can be
/// rebuilt from the log.
namespace salus::chain {

/// Where the view stands. Written in the same batch as the state it speaks of.
struct ViewHead {
    BlockHeight height;  ///< 0: genesis state
    UnixMillis time;     ///< of that block; of genesis
    Digest header_hash;  ///< genesis hash at height 0
    Digest state_root;
    Digest app_hash;
    std::uint64_t log_size = 0;
    std::uint64_t transactions = 0;
    bool operator==(const ViewHead&) const = default;
};

Bytes encode_view_head(const ViewHead& head);
Result<ViewHead> decode_view_head(ByteView bytes);
/// Nothing when the view is empty.
Result<std::optional<ViewHead>> read_view_head(const store::KvReader& kv);
void put_view_head(store::WriteBatch& batch, const ViewHead& head);

/// Where a transaction lies.
struct TransactionPlace {
    BlockHeight height;
    std::uint32_t index = 0;  ///< in its block
    LogPosition position;
    bool operator==(const TransactionPlace&) const = default;
};
Result<std::optional<TransactionPlace>> find_transaction(const store::KvReader& kv,
                                                         const Digest& id);
void put_transaction_place(store::WriteBatch& batch, const Digest& id,
                           const TransactionPlace& place);

/// The seen-set once more, by (account, nonce) alone: one nonce is used once, whatever its
/// `valid_until`.
Bytes seen_index_key(const AccountId& account, const ledger::Nonce& nonce);
/// `s/` valid_until be64 ‖ account ‖ nonce, the seen-set as it is in state (docs/formats/block.md).
Bytes seen_state_key(UnixMillis valid_until, const AccountId& account, const ledger::Nonce& nonce);
/// The (account, nonce) part of such a key, and its time.
ByteView seen_index_part(ByteView state_key);
UnixMillis seen_valid_until(ByteView state_key);
inline constexpr std::string_view seen_prefix = "s/";

/// State as it is committed in a Kv or a snapshot of one, which must outlive it.
class KvState final : public StateReader {
  public:
    explicit KvState(const store::KvReader& kv) : kv_(kv) {}
    Result<std::optional<Bytes>> get(ByteView key) const override;
    Result<std::vector<KeyValue>> scan(ByteView prefix, ByteView after,
                                       std::size_t limit) const override;

  private:
    const store::KvReader& kv_;
};

}  // namespace salus::chain
