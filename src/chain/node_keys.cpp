#include "chain/node_keys.hpp"

#include "base/cbor.hpp"

#include <utility>

namespace salus::chain {

namespace {
constexpr std::size_t key_file_bytes_max = 1024;
constexpr std::uint64_t key_file_version = 1;
}  // namespace

NodeKeys draw_node_keys(Env& env) {
    return {.organisation = random_bytes<ObjectId>(env),
            .node_account = random_bytes<AccountId>(env),
            .key = crypto::random_key<crypto::SigningKey>(env)};
}

Result<NodeKeys> read_node_keys(Env& env, const std::string& path) {
    Bytes bytes = SALUS_TRY(read_file(env, path, key_file_bytes_max));
    const auto parse = [&]() -> Result<NodeKeys> {
        cbor::Reader reader(bytes);
        SALUS_TRY(reader.map_of(4));
        SALUS_TRY(reader.key(1));
        if (SALUS_TRY(reader.uint()) != key_file_version) {
            return Error{Errc::malformed, "the key file has an unknown version"};
        }
        NodeKeys keys;
        SALUS_TRY(reader.key(2));
        keys.organisation = SALUS_TRY(reader.fixed<ObjectId>());
        SALUS_TRY(reader.key(3));
        keys.node_account = SALUS_TRY(reader.fixed<AccountId>());
        SALUS_TRY(reader.key(4));
        keys.key = SALUS_TRY(crypto::key_from<crypto::SigningKey>(SALUS_TRY(reader.bytes())));
        SALUS_TRY(reader.end());
        return keys;
    };
    auto keys = parse();
    crypto::wipe(bytes);
    return keys;
}

Status write_node_keys(Env& env, const std::string& path, const NodeKeys& keys) {
    cbor::Writer writer;
    writer.map(4)
        .uint(1)
        .uint(key_file_version)
        .uint(2)
        .bytes(keys.organisation.view())
        .uint(3)
        .bytes(keys.node_account.view())
        .uint(4)
        .bytes(keys.key.reveal());
    Bytes bytes = writer.take();
    const Status written = write_file_atomically(env, path, bytes);
    crypto::wipe(bytes);
    return written;
}

NodeKeys copy_of(const NodeKeys& keys) {
    auto key = crypto::key_from<crypto::SigningKey>(keys.key.reveal());
    SALUS_ASSERT(key.ok());
    return {.organisation = keys.organisation,
            .node_account = keys.node_account,
            .key = std::move(*key)};
}

}  // namespace salus::chain
