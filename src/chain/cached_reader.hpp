#pragma once

#include "store/kv.hpp"

#include <cstddef>
#include <memory>

namespace salus::chain {

inline constexpr std::size_t read_cache_bytes_max = std::size_t{8} << 20U;
/// A longer scan is read from the view each time.
inline constexpr std::size_t read_cache_scan_entries_max = 64;

/// A view that does not change any more, with what was read from it kept at hand: every query asks
/// for the active code, and a page of the portal asks many times about one patient. What does not
/// fit into `bytes_max` (keys and values) is read from the view each time.
///
/// Errors:  those of `fixed`; they are not kept.
/// Threads: any; its iterators one at a time, and they must not outlive it.
std::unique_ptr<store::KvReader> cached_reader(std::unique_ptr<store::KvReader> fixed,
                                               std::size_t bytes_max = read_cache_bytes_max);

}  // namespace salus::chain
