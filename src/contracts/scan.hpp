#pragma once

#include "base/bytes.hpp"

#include <cstdint>
#include <vector>

namespace salus::contracts {

/// What one scan found: keys, ascending, and their values at that moment. Entries lie one behind
/// the other in the form that `kv_next` hands over: be16 key size ‖ key ‖ value. Values beyond
/// `scan_value_bytes_kept` are left out and read when they are asked for.
class ScanEntries {
  public:
    struct Entry {
        ByteView key;
        ByteView packed;  ///< the whole entry; its head and key alone when the value is out
        bool has_value = false;
    };

    /// `key` as the contract knows it, without the prefix of its name.
    void add(ByteView key, ByteView value);

    [[nodiscard]] std::size_t size() const noexcept { return items_.size(); }
    [[nodiscard]] Entry operator[](std::size_t at) const noexcept;
    void clear() noexcept {
        items_.clear();
        packed_.clear();
    }

  private:
    struct Item {
        std::uint32_t begin = 0;
        std::uint32_t size = 0;
        std::uint16_t key_size = 0;
        bool has_value = false;
    };
    std::vector<Item> items_;
    Bytes packed_;
};

/// A key without the prefix of its contract (`state_key`).
ByteView own_key(ByteView state_key) noexcept;

}  // namespace salus::contracts
