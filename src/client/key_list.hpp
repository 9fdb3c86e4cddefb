#pragma once

#include "base/env.hpp"
#include "base/json.hpp"
#include "client/account.hpp"

#include <map>
#include <string>
#include <vector>

/// What an account needs to find its own things again: names of collections and people, the
/// sentences it agreed to. The node keeps it sealed and knows its version only ("keyring" in
/// docs/formats/http-api.md).
namespace salus::client {

struct KnownCollection {
    ObjectId id;
    std::string name;
    std::string category;
    std::uint32_t epoch = 1;
    bool is_data_set = false;
    UnixMillis created;
    json::Value columns;  ///< of a data set: [{name, kind, unit?}]; null otherwise
    json::Value release;  ///< of a noised release: how it was made; null otherwise
};

struct KeyList {
    std::vector<KnownCollection> collections;
    json::Object contacts;  ///< account → name
    json::Object grants;    ///< directive → sentence
    json::Object settings;
    json::Object further;  ///< members other clients wrote; kept as they are

    [[nodiscard]] const KnownCollection* find(const ObjectId& collection) const noexcept;
    [[nodiscard]] const KnownCollection* find_category(std::string_view category) const noexcept;
};

std::string write_key_list(const KeyList& list);
/// Errors: malformed; out_of_range.
Result<KeyList> read_key_list(std::string_view text);

/// Chunked body under the account's keyring key, bound to account and version. Errors of open:
/// integrity.
Bytes seal_key_list(Env& env, const AccountKeys& keys, std::uint64_t version, const KeyList& list);
Result<KeyList> open_key_list(const AccountKeys& keys, std::uint64_t version, ByteView blob);

}  // namespace salus::client
