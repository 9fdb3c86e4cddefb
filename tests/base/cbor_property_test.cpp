#include "base/cbor.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <string>

using namespace salus;

namespace {

/// Any value of the subset. Items of a map are key, value, key, value …
struct Item {
    cbor::Kind kind = cbor::Kind::null;
    std::uint64_t number = 0;  ///< negative: the value is −1 − number
    std::string content;
    std::vector<Item> items;
    bool operator==(const Item&) const = default;
};

/// Decisions of the generator: a list of bytes, so that a failing value shrinks with the list.
class Choices {
  public:
    explicit Choices(const std::vector<std::uint8_t>& bytes) : bytes_(bytes) {}
    std::uint8_t next() { return at_ < bytes_.size() ? bytes_[at_++] : std::uint8_t{0}; }
    std::uint64_t number() {
        std::uint64_t value = 0;
        for (int bytes = next() % 9; bytes > 0; --bytes) value = (value << 8U) | next();
        return value;
    }

  private:
    const std::vector<std::uint8_t>& bytes_;
    std::size_t at_ = 0;
};

void write(cbor::Writer& writer, const Item& item);

Bytes encode(const Item& item) {
    cbor::Writer writer;
    write(writer, item);
    return writer.take();
}

void write(cbor::Writer& writer, const Item& item) {
    switch (item.kind) {
        case cbor::Kind::uint: writer.uint(item.number); break;
        case cbor::Kind::negative:
            writer.integer(-1 - static_cast<std::int64_t>(item.number));
            break;
        case cbor::Kind::bytes: writer.bytes(as_bytes(item.content)); break;
        case cbor::Kind::text: writer.text(item.content); break;
        case cbor::Kind::boolean: writer.boolean(item.number != 0); break;
        case cbor::Kind::array: writer.array(item.items.size()); break;
        case cbor::Kind::map: writer.map(item.items.size() / 2); break;
        default: writer.null(); break;
    }
    for (const Item& inner : item.items) writer.raw(encode(inner));
}

Item make_item(Choices& choices, std::size_t depth);

Item make_text(Choices& choices) {
    static constexpr std::array<const char*, 5> letters = {"a", "b", "ü", "水", "𐅑"};
    Item item{cbor::Kind::text, 0, {}, {}};
    for (int n = choices.next() % 40; n > 0; --n) item.content += letters[choices.next() % 5];
    return item;
}

Item make_key(Choices& choices) {
    const std::uint8_t which = choices.next() % 3;
    if (which == 0) return make_text(choices);
    const std::uint64_t number = choices.number() >> 1U;
    return {which == 1 ? cbor::Kind::uint : cbor::Kind::negative, number, {}, {}};
}

Item make_map(Choices& choices, std::size_t depth) {
    std::map<Bytes, std::pair<Item, Item>> members;
    for (int n = choices.next() % 6; n > 0; --n) {
        Item key = make_key(choices);
        Bytes order = encode(key);
        members[std::move(order)] = {std::move(key), make_item(choices, depth + 1)};
    }
    Item item{cbor::Kind::map, 0, {}, {}};
    for (auto& [order, member] : members) {
        item.items.push_back(member.first);
        item.items.push_back(member.second);
    }
    return item;
}

Item make_item(Choices& choices, std::size_t depth) {
    Item item;
    switch (choices.next() % (depth < 6 ? 8 : 6)) {
        case 1: return {cbor::Kind::uint, choices.number(), {}, {}};
        case 2: return {cbor::Kind::negative, choices.number() >> 1U, {}, {}};
        case 3: return {cbor::Kind::boolean, choices.next() % 2U, {}, {}};
        case 4: return make_text(choices);
        case 5: {
            item.kind = cbor::Kind::bytes;
            item.content.assign(choices.next() * 3U, static_cast<char>(choices.next()));
            return item;
        }
        case 6: {
            item.kind = cbor::Kind::array;
            for (int n = choices.next() % 30; n > 0; --n) {
                item.items.push_back(make_item(choices, depth + 1));
            }
            return item;
        }
        case 7: return make_map(choices, depth);
        default: return item;
    }
}

Result<Item> read(cbor::Reader& reader) {
    Item item;
    item.kind = SALUS_TRY(reader.peek());
    std::size_t inner = 0;
    switch (item.kind) {
        case cbor::Kind::uint: item.number = SALUS_TRY(reader.uint()); break;
        case cbor::Kind::negative:
            item.number = ~static_cast<std::uint64_t>(SALUS_TRY(reader.integer()));
            break;
        case cbor::Kind::bytes: item.content = as_text(SALUS_TRY(reader.bytes())); break;
        case cbor::Kind::text: item.content = SALUS_TRY(reader.text()); break;
        case cbor::Kind::boolean: item.number = SALUS_TRY(reader.boolean()) ? 1 : 0; break;
        case cbor::Kind::array: inner = SALUS_TRY(reader.array()); break;
        case cbor::Kind::map: inner = 2 * SALUS_TRY(reader.map()); break;
        default: SALUS_TRY(reader.null()); break;
    }
    for (; inner > 0; --inner) item.items.push_back(SALUS_TRY(read(reader)));
    return item;
}

Result<Item> decode(ByteView bytes) {
    cbor::Reader reader(bytes);
    Item item = SALUS_TRY(read(reader));
    SALUS_TRY(reader.end());
    return item;
}

Bytes bytes_of(const std::vector<std::uint8_t>& choices) {
    Choices source(choices);
    return encode(make_item(source, 0));
}

}  // namespace

TEST_CASE("what is written is read again as the same value") {
    CHECK(rc::check("decode(encode(x)) == x", [](const std::vector<std::uint8_t>& choices) {
        Choices source(choices);
        const Item item = make_item(source, 0);
        const Bytes bytes = encode(item);
        RC_ASSERT(cbor::check(bytes).ok());
        const Result<Item> again = decode(bytes);
        RC_ASSERT(again.ok());
        RC_ASSERT(*again == item);
    }));
}

TEST_CASE("whatever bytes are accepted, writing their value gives the same bytes") {
    CHECK(rc::check("encode(decode(b)) == b", [](const std::vector<std::uint8_t>& choices,
                                                 std::uint16_t where, std::uint8_t change) {
        Bytes bytes = bytes_of(choices);
        bytes[where % bytes.size()] ^= change;
        const Result<Item> item = decode(bytes);
        // The two ways into a value agree on what is canonical. Integers below −2^63 are canonical
        // but have no signed 64-bit form, so only one direction holds.
        if (item.ok()) {
            RC_ASSERT(cbor::check(bytes).ok());
            RC_ASSERT(encode(*item) == bytes);
        }
    }));
    CHECK(rc::check("encode(decode(b)) == b for any bytes", [](const Bytes& bytes) {
        const Result<Item> item = decode(bytes);
        if (item.ok()) RC_ASSERT(encode(*item) == bytes);
    }));
}

TEST_CASE("an item with a byte removed or added is never the same item") {
    CHECK(rc::check("cut or longer is refused", [](const std::vector<std::uint8_t>& choices,
                                                   std::uint8_t more) {
        Bytes bytes = bytes_of(choices);
        bytes.push_back(more);
        RC_ASSERT(!cbor::check(bytes).ok());
        bytes.resize(bytes.size() - 2);
        RC_ASSERT(!cbor::check(bytes).ok());
    }));
}
