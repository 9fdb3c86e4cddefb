#include "crypto/fixed_env.hpp"
#include "crypto/sealed_record.hpp"
#include "crypto/vectors.hpp"
#include "crypto/wrap.hpp"

namespace salus::crypto {
namespace {

template <class Key>
Key secret_of(const vectors::Case& c, std::string_view field) {
    return std::move(*key_from<Key>(c.hex(field)));
}

WrapContext context_of(const vectors::Case& c) {
    WrapContext out;
    out.chain_id = c.text("chain_id");
    out.patient = c.fixed<AccountId>("patient");
    out.object = c.fixed<ObjectId>("object");
    out.category = c.hex("category");
    out.epoch = static_cast<std::uint32_t>(c.number("epoch"));
    out.granter = c.fixed<KeyId>("granter");
    if (c.has("version")) out.version = c.number("version");
    if (c.has("grant")) {
        out.grant = c.fixed<ObjectId>("grant");
        out.not_after = UnixMillis{static_cast<std::int64_t>(c.number("not_after"))};
        out.purpose = c.text("purpose");
    }
    return out;
}

}  // namespace

TEST_CASE("the wrap of the worked example comes out byte for byte and opens") {
    const auto c = vectors::file("salus/hpke-wrap.json");
    const auto grantee = secret_of<X25519PrivateKey>(c, "grantee_private");
    const WrapContext context = context_of(c);
    const auto kind = BlobKind::wrapped_collection_key;
    CHECK(to_hex(key_id(public_key(grantee).view()).view()) == c.text("grantee_key_id"));
    CHECK(to_hex(*wrap_aad(kind, context, c.fixed<KeyId>("grantee_key_id"))) == c.text("aad"));
    FixedEnv env({c.hex("ephemeral_private")});
    const auto blob = wrap(env, kind, c.hex("payload"), public_key(grantee), context);
    REQUIRE(blob.ok());
    CHECK(to_hex(*blob) == c.text("blob"));
    CHECK(to_hex(wrap_digest(kind, *blob)->view()) == c.text("digest"));
    const auto key = unwrap_key<CollectionPrivateKey>(kind, *blob, grantee, context);
    REQUIRE(key.ok());
    CHECK(to_hex(key->reveal()) == c.text("payload"));
}

TEST_CASE("the sealed record of the worked example comes out byte for byte and opens") {
    const auto c = vectors::file("salus/sealed-record.json");
    const auto collection = secret_of<CollectionPrivateKey>(c, "collection_private");
    const WrapContext context = context_of(c);
    FixedEnv env({c.hex("data_key"), c.hex("ephemeral_private"), c.hex("chunked_salt")});
    const auto sealed =
        seal_record(env, as_bytes(c.text("plaintext")), public_key(collection), context);
    REQUIRE(sealed.ok());
    CHECK(to_hex(record_body_context(context)) == c.text("context"));
    CHECK(to_hex(sealed->wrap) == c.text("wrap"));
    CHECK(to_hex(sealed->body) == c.text("body"));
    CHECK(as_text(*open_record(sealed->wrap, sealed->body, collection, context)) ==
          c.text("plaintext"));
    for (const auto& size : c.list("padding")) {
        CHECK(padded_bytes(static_cast<std::size_t>(size.number("plaintext"))) ==
              size.number("padded"));
    }
}

TEST_CASE("a wrap opens in its own context only: each of the twelve fields counts") {
    const auto c = vectors::file("salus/hpke-wrap.json");
    const auto grantee = secret_of<X25519PrivateKey>(c, "grantee_private");
    const auto kind = BlobKind::wrapped_collection_key;
    const Bytes blob = c.hex("blob");
    const auto opens = [&](auto change) {
        WrapContext context = context_of(c);
        change(context);
        const auto opened = unwrap(kind, blob, grantee, context);
        if (!opened.ok()) CHECK(opened.error().code == Errc::integrity);
        return opened.ok();
    };
    CHECK(opens([](WrapContext&) {}));
    CHECK_FALSE(opens([](WrapContext& x) { x.chain_id += "x"; }));
    CHECK_FALSE(opens([](WrapContext& x) { x.patient->bytes[15] ^= 1; }));
    CHECK_FALSE(opens([](WrapContext& x) { x.patient.reset(); }));
    CHECK_FALSE(opens([](WrapContext& x) { x.object->bytes[0] ^= 1; }));
    CHECK_FALSE(opens([](WrapContext& x) { x.version = 1; }));
    CHECK_FALSE(opens([](WrapContext& x) { x.category.pop_back(); }));
    CHECK_FALSE(opens([](WrapContext& x) { x.epoch = 3; }));
    CHECK_FALSE(opens([](WrapContext& x) { x.granter->bytes[0] ^= 1; }));
    CHECK_FALSE(opens([](WrapContext& x) { x.grant->bytes[0] ^= 1; }));
    CHECK_FALSE(opens([](WrapContext& x) { x.not_after->value += 1; }));
    CHECK_FALSE(opens([](WrapContext& x) { x.purpose = "HRESCH"; }));
    const X25519Pair other = random_x25519_pair(machine_env());
    CHECK(unwrap(kind, blob, other.private_half, context_of(c)).error().code == Errc::integrity);
}

TEST_CASE("a wrap with any bit changed, cut, or taken for another kind stays shut") {
    const auto c = vectors::file("salus/hpke-wrap.json");
    const auto grantee = secret_of<X25519PrivateKey>(c, "grantee_private");
    const auto kind = BlobKind::wrapped_collection_key;
    const Bytes blob = c.hex("blob");
    std::size_t opened = 0;
    for (std::size_t bit = 0; bit < blob.size() * 8; ++bit) {
        Bytes bent = blob;
        bent[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        opened += unwrap(kind, bent, grantee, context_of(c)).ok() ? 1U : 0U;
    }
    CHECK(opened == 0);
    for (std::size_t size = 0; size < blob.size(); ++size) {
        CHECK_FALSE(unwrap(kind, ByteView(blob).first(size), grantee, context_of(c)).ok());
    }
    Bytes other_kind = blob;
    other_kind[7] = static_cast<std::uint8_t>(BlobKind::wrapped_data_key);
    CHECK(unwrap(kind, other_kind, grantee, context_of(c)).error().code == Errc::malformed);
    CHECK(unwrap(BlobKind::wrapped_data_key, other_kind, grantee, context_of(c)).error().code ==
          Errc::integrity);
}

TEST_CASE("a wrap carries what its kind says and keeps its limits") {
    Env& env = machine_env();
    const X25519Pair to = random_x25519_pair(env);
    const auto sealed = [&](BlobKind kind, std::size_t size, const WrapContext& context) {
        return wrap(env, kind, Bytes(size), to.public_half, context);
    };
    for (const auto kind :
         {BlobKind::wrapped_collection_key, BlobKind::wrapped_data_key,
          BlobKind::wrapped_organisation_key, BlobKind::wrapped_break_glass_key}) {
        CHECK(sealed(kind, 31, {}).error().code == Errc::malformed);
        CHECK(sealed(kind, 32, {})->size() == 8 + 32 + 32 + 16);
        CHECK(sealed(kind, 33, {}).error().code == Errc::malformed);
    }
    CHECK(sealed(BlobKind::wrapped_card, 0, {}).error().code == Errc::out_of_range);
    CHECK(sealed(BlobKind::wrapped_card, 65535, {}).ok());
    const auto card = sealed(BlobKind::wrapped_card, 65536, {});
    CHECK(unwrap(BlobKind::wrapped_card, *card, to.private_half, {})->size() == 65536);
    CHECK(sealed(BlobKind::wrapped_card, 65537, {}).error().code == Errc::out_of_range);
    CHECK(sealed(BlobKind::key_slot, 32, {}).error().code == Errc::malformed);
    WrapContext context;
    context.purpose = std::string(256, 'p');
    context.chain_id = std::string(256, 'c');
    context.category = Bytes(64);
    CHECK(sealed(BlobKind::wrapped_share, 9, context).ok());
    for (auto change :
         {+[](WrapContext& x) { x.purpose += 'p'; }, +[](WrapContext& x) { x.chain_id += 'c'; },
          +[](WrapContext& x) { x.category.push_back(0); }}) {
        WrapContext longer = context;
        change(longer);
        CHECK(sealed(BlobKind::wrapped_share, 9, longer).error().code == Errc::out_of_range);
    }
}

TEST_CASE("a record sealed to several opens for each of them and for nobody else") {
    Env& env = machine_env();
    const X25519Pair patient = random_x25519_pair(env);
    const X25519Pair laboratory = random_x25519_pair(env);
    const X25519Pair stranger = random_x25519_pair(env);
    WrapContext context;
    context.chain_id = "c";
    context.object = ObjectId{};
    context.version = 1;
    const X25519PublicKey to[] = {patient.public_half, laboratory.public_half};
    const auto sealed = seal_record_to_all(env, as_bytes("HbA1c 5.4 %"), to, context);
    REQUIRE(sealed.ok());
    REQUIRE(sealed->wraps.size() == 2);
    CHECK(as_text(*open_record(sealed->wraps[0], sealed->body, patient.private_half, context)) ==
          "HbA1c 5.4 %");
    CHECK(as_text(*open_record(sealed->wraps[1], sealed->body, laboratory.private_half, context)) ==
          "HbA1c 5.4 %");
    CHECK_FALSE(open_record(sealed->wraps[0], sealed->body, laboratory.private_half, context).ok());
    CHECK_FALSE(open_record(sealed->wraps[0], sealed->body, stranger.private_half, context).ok());
    WrapContext moved = context;
    moved.object->bytes[0] = 1;
    CHECK_FALSE(open_record(sealed->wraps[0], sealed->body, patient.private_half, moved).ok());
}

TEST_CASE("a body keeps its limit, its padding and every bit") {
    const auto key = random_key<DataKey>(machine_env());
    Env& env = machine_env();
    for (const std::size_t size : {0UL, 1UL, 248UL, 249UL, 16376UL, 20000UL}) {
        const Bytes text(size, 'x');
        const auto blob = seal_body(env, key, as_bytes("ctx"), text);
        REQUIRE(blob.ok());
        CHECK(*open_body(key, as_bytes("ctx"), *blob) == text);
        CHECK(open_body(key, as_bytes("other"), *blob).error().code == Errc::integrity);
    }
    const Bytes blob = *seal_body(env, key, {}, as_bytes("short"));
    for (std::size_t bit = 0; bit < blob.size() * 8; ++bit) {
        Bytes bent = blob;
        bent[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        CHECK_FALSE(open_body(key, {}, bent).ok());
    }
    const std::size_t most = std::size_t{16} << 20U;
    CHECK(seal_body(env, key, {}, Bytes(most - 1)).ok());
    const auto largest = seal_body(env, key, {}, Bytes(most));
    CHECK(open_body(key, {}, *largest)->size() == most);
    CHECK(seal_body(env, key, {}, Bytes(most + 1)).error().code == Errc::out_of_range);
}

TEST_CASE("texts of about the same length are sealed to the same size") {
    CHECK(padded_bytes(0) == padded_bytes(248));
    CHECK(padded_bytes(10'000) == padded_bytes(10'200));
    for (std::size_t size = 1; size < 3'000'000; size += 1 + size / 7) {
        const std::size_t padded = padded_bytes(size);
        CHECK(padded >= size + 8);
        if (size > 256) CHECK(static_cast<double>(padded) <= 1.12 * static_cast<double>(size + 8));
        CHECK(padded_bytes(padded - 8) == padded);
    }
}

}  // namespace salus::crypto
