// docs/contracts/access.md: each node's access receipts, anchored without gaps.
#include "../common/fields.hpp"

namespace {

using namespace salus;

constexpr std::uint32_t gap = 120;
constexpr std::uint32_t other_previous = 121;
constexpr std::uint32_t not_empty = 122;

struct Node {
    std::uint64_t next = 1;
    Digest root;
    Digest relation_root;
};

Key node_key(const Id& account) {
    return Key("n/").bytes(account);
}

Node find_node(const Id& account) {
    Node node;
    const auto value = kv::get(node_key(account));
    if (value.has_value()) {
        Reader in(*value);
        in.map_of(5);
        in.key(1);
        node.next = in.uint();
        in.key(2);
        node.root = in.digest();
        in.key(3);
        node.relation_root = in.digest();
    }
    return node;
}

bool is_node(const Call& call) {
    Writer args;
    args.map(1).uint(1).bytes(call.caller);
    const auto answer = host::call("registry", "is_node", args.view());
    return call.by_account() && answer.has_value() && Reader(*answer).boolean();
}
constexpr Role node_account{"a member's node account", is_node};

void anchor(Call& call) {
    Reader args(call.args);
    args.map_of(5);
    args.key(1);
    const std::uint64_t from = args.uint();
    args.key(2);
    const std::uint64_t to = args.uint();
    args.key(3);
    const Digest root = args.digest();
    args.key(4);
    const Digest relation_root = args.digest();
    args.key(5);
    const Digest previous = args.digest();
    args.end();
    const Node node = find_node(call.caller);
    require(from == node.next && to + 1 >= from, gap,
            "receipts are missing or were anchored already");
    require(previous == node.root, other_previous, "the previous root is another");
    require(to >= from || root == host::sha256({}), not_empty, "an empty range has the empty root");
    Writer value;
    value.map(5).uint(1).uint(to + 1).uint(2).bytes(root).uint(3).bytes(relation_root);
    value.uint(4).uint(host::block_height()).uint(5).integer(host::block_time());
    kv::put(node_key(call.caller), value);
}

void node(Call& call) {
    Reader args(call.args);
    args.map_of(1);
    args.key(1);
    const auto value = kv::get(node_key(args.id()));
    args.end();
    if (value.has_value()) {
        call.out.raw(*value);
    } else {
        call.out.null();
    }
}

constexpr Method methods[] = {
    {"anchor", Kind::exec, node_account, anchor},
    {"node", Kind::query, anyone, node},
};

void init(Reader& args) {
    args.null();
}
void migrate(Reader& args) {
    read_migration(args);
}

}  // namespace

SALUS_CONTRACT(methods, init, migrate);
