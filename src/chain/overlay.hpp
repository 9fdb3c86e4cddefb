#pragma once

#include "base/bytes.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace salus::chain {

struct KeyValue {
    Bytes key;
    Bytes value;
    bool operator==(const KeyValue&) const = default;
};

/// Committed state, read only. Errors: unavailable — the disk failed; integrity — what it gave is
/// damaged.
class StateReader {
  public:
    virtual ~StateReader() = default;
    virtual Result<std::optional<Bytes>> get(ByteView key) const = 0;
    /// Ascending bytewise, keys that begin with `prefix` and are greater than `after` (when not
    /// empty).
    virtual Result<std::vector<KeyValue>> scan(ByteView prefix, ByteView after,
                                               std::size_t limit) const = 0;
};

/// Bytewise order, also between owned and viewed keys.
struct KeyLess {
    using is_transparent = void;
    bool operator()(ByteView a, ByteView b) const noexcept { return as_text(a) < as_text(b); }
};

/// A key's new value, or nothing when it is to be removed.
using Changes = std::map<Bytes, std::optional<Bytes>, KeyLess>;

/// Writes that are not committed yet, over committed state. A failed operation takes its writes
/// back:
///
///     mark ── put, erase ──┬─ kept
///                          └─ rollback(mark): as before
///
/// A read that fails makes the whole overlay failed: no result computed on it may become a block.
/// Threads: one at a time.
class Overlay {
  public:
    explicit Overlay(const StateReader& base) : base_(base) {}

    std::optional<Bytes> get(ByteView key);
    bool has(ByteView key) { return get(key).has_value(); }
    void put(ByteView key, ByteView value);
    void erase(ByteView key);
    std::vector<KeyValue> scan(ByteView prefix, ByteView after, std::size_t limit);

    [[nodiscard]] std::size_t mark() const noexcept { return journal_.size(); }
    void rollback(std::size_t mark);
    /// Forgets how to take back what was written so far.
    void settle() { journal_.clear(); }

    [[nodiscard]] const Changes& changes() const noexcept { return changes_; }
    Changes take_changes() { return std::move(changes_); }
    /// The first error of the reader beneath, if any.
    [[nodiscard]] const std::optional<Error>& failure() const noexcept { return failure_; }
    void fail(Error error) {
        if (!failure_) {
            failure_ = std::move(error);
        }
    }

  private:
    struct Undo {
        Bytes key;
        bool was_changed = false;    ///< whether the overlay had an opinion before
        std::optional<Bytes> value;  ///< and which
    };
    void set(ByteView key, std::optional<Bytes> value);

    const StateReader& base_;
    Changes changes_;
    /// What was read from beneath: active code and accounts are asked for by every transaction.
    Changes read_;
    std::vector<Undo> journal_;
    std::optional<Error> failure_;
};

}  // namespace salus::chain
