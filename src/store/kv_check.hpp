#pragma once

#include "store/kv.hpp"

/// What every implementation of Kv shares.
namespace salus::store {

Status check_batch(const WriteBatch& batch);

/// Where the marker lies in `Column::meta`. Callers' own keys there must not begin with a zero
/// byte.
inline const Bytes marker_key = {0, 'm', 'a', 'r', 'k', 'e', 'r'};
Bytes encode_marker(BlockHeight height);
Result<BlockHeight> decode_marker(const std::optional<Bytes>& stored);

/// The least key above all keys with this prefix; empty when there is none.
Bytes end_of_prefix(ByteView prefix);

}  // namespace salus::store
