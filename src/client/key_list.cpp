#include "client/key_list.hpp"

#include "client/limits.hpp"
#include "crypto/chunked.hpp"

#include <algorithm>

namespace salus::client {
namespace {

json::Value collection_json(const KnownCollection& one) {
    json::Object out{{"id", to_hex(one.id.view())},
                     {"name", one.name},
                     {"category", one.category},
                     {"epoch", std::uint64_t{one.epoch}},
                     {"kind", one.is_data_set ? "data_set" : "records"},
                     {"created", one.created.value}};
    if (!one.columns.is_null()) out.emplace_back("columns", one.columns);
    if (!one.release.is_null()) out.emplace_back("release", one.release);
    return json::Value(std::move(out));
}

Result<KnownCollection> read_collection(const json::Value& value) {
    KnownCollection out;
    const Bytes id = SALUS_TRY(json::need_hex(value, "id", 16));
    out.id = SALUS_TRY(ObjectId::from(id));
    out.name = SALUS_TRY(json::need_text(value, "name"));
    out.category = SALUS_TRY(json::need_text(value, "category"));
    const std::uint64_t epoch = SALUS_TRY(json::need_uint(value, "epoch"));
    if (epoch == 0 || epoch > UINT32_MAX)
        return Error{Errc::malformed, "an epoch is outside its range"};
    out.epoch = static_cast<std::uint32_t>(epoch);
    out.is_data_set = SALUS_TRY(json::need_text(value, "kind")) == "data_set";
    if (const auto created = json::need_int(value, "created"); created.ok())
        out.created.value = *created;
    if (const json::Value* columns = value.find("columns")) out.columns = *columns;
    if (const json::Value* release = value.find("release")) out.release = *release;
    return out;
}

Bytes context_of(const AccountKeys& keys, std::uint64_t version) {
    Bytes context = to_bytes("salus/v1/keyring");
    context.push_back(0);
    append(context, keys.account.view());
    append_be64(context, version);
    return context;
}

}  // namespace

const KnownCollection* KeyList::find(const ObjectId& collection) const noexcept {
    const auto found =
        std::find_if(collections.begin(), collections.end(),
                     [&](const KnownCollection& one) { return one.id == collection; });
    return found == collections.end() ? nullptr : &*found;
}

const KnownCollection* KeyList::find_category(std::string_view category) const noexcept {
    const auto found = std::find_if(
        collections.begin(), collections.end(),
        [&](const KnownCollection& one) { return !one.is_data_set && one.category == category; });
    return found == collections.end() ? nullptr : &*found;
}

std::string write_key_list(const KeyList& list) {
    json::Array collections;
    for (const KnownCollection& one : list.collections) collections.push_back(collection_json(one));
    json::Object out{{"collections", std::move(collections)},
                     {"contacts", list.contacts},
                     {"grants", list.grants},
                     {"settings", list.settings}};
    out.insert(out.end(), list.further.begin(), list.further.end());
    return json::write(json::Value(std::move(out)));
}

Result<KeyList> read_key_list(std::string_view text) {
    const json::Value value = SALUS_TRY(json::parse(text, key_list_bytes_max));
    if (value.object() == nullptr) return Error{Errc::malformed, "the key list is no object"};
    KeyList list;
    for (const json::Member& member : *value.object()) {
        json::Object* into = member.first == "contacts"   ? &list.contacts
                             : member.first == "grants"   ? &list.grants
                             : member.first == "settings" ? &list.settings
                                                          : nullptr;
        if (into != nullptr && member.second.object() != nullptr) {
            *into = *member.second.object();
        } else if (member.first == "collections" && member.second.array() != nullptr) {
            for (const json::Value& one : *member.second.array()) {
                list.collections.push_back(SALUS_TRY(read_collection(one)));
            }
        } else {
            list.further.push_back(member);
        }
    }
    return list;
}

Bytes seal_key_list(Env& env, const AccountKeys& keys, std::uint64_t version, const KeyList& list) {
    const crypto::KeyringKey key = crypto::keyring_key(keys.amk, keys.account);
    return crypto::chunked::seal(env, key, context_of(keys, version),
                                 as_bytes(write_key_list(list)));
}

Result<KeyList> open_key_list(const AccountKeys& keys, std::uint64_t version, ByteView blob) {
    const crypto::KeyringKey key = crypto::keyring_key(keys.amk, keys.account);
    const Bytes text = SALUS_TRY(crypto::chunked::open(key, context_of(keys, version), blob));
    return read_key_list(as_text(text));
}

}  // namespace salus::client
