#include "chain/node_keys.hpp"

#include "base/sim_env.hpp"

#include <doctest/doctest.h>

using namespace salus;
using namespace salus::chain;

namespace {

Bytes example() {
    return from_hex(
               "a4010102500101010101010101010101010101010103500202020202020202020202020202020204582"
               "00707"
               "070707070707070707070707070707070707070707070707070707070707")
        .value();
}

}  // namespace

TEST_CASE("the key file of the format page is read, and written the same") {
    SimEnv env(1);
    REQUIRE(write_file_atomically(env, "/keys", example()).ok());
    const auto keys = read_node_keys(env, "/keys");
    REQUIRE(keys.ok());
    CHECK(keys->organisation.bytes[0] == 1);
    CHECK(keys->node_account.bytes[15] == 2);
    CHECK(keys->key.reveal()[31] == 7);
    REQUIRE(write_node_keys(env, "/again", *keys).ok());
    CHECK(read_file(env, "/again", 1'000).value() == example());
}

TEST_CASE("a key file with any other form is refused") {
    SimEnv env(1);
    Bytes other_version = example();
    other_version[2] = 2;
    Bytes shorter = example();
    shorter.pop_back();
    Bytes longer = example();
    longer.push_back(0);
    for (const Bytes& bytes : {other_version, shorter, longer, Bytes{}}) {
        REQUIRE(write_file_atomically(env, "/keys", bytes).ok());
        CHECK(read_node_keys(env, "/keys").error().code == Errc::malformed);
    }
    REQUIRE(write_file_atomically(env, "/keys", Bytes(1'025)).ok());
    CHECK(read_node_keys(env, "/keys").error().code == Errc::out_of_range);
    CHECK(read_node_keys(env, "/nowhere").error().code == Errc::not_found);
}

TEST_CASE("drawn keys differ, and a copy is the same") {
    SimEnv env(1);
    const NodeKeys one = draw_node_keys(env);
    const NodeKeys two = draw_node_keys(env);
    CHECK(one.organisation != two.organisation);
    CHECK(crypto::public_key(one.key) != crypto::public_key(two.key));
    CHECK(crypto::public_key(copy_of(one).key) == crypto::public_key(one.key));
}
