/// Deterministic CBOR: what `check` accepts, a reader and a writer reproduce to the byte.

#include "base/cbor.hpp"

#include "support/laws.hpp"

using namespace salus;

namespace {

void copy_item(cbor::Reader& reader, cbor::Writer& writer);

void copy_items(std::size_t count, cbor::Reader& reader, cbor::Writer& writer) {
    for (; count > 0; --count) copy_item(reader, writer);
}

void copy_item(cbor::Reader& reader, cbor::Writer& writer) {
    switch (reader.peek().value()) {
        case cbor::Kind::uint:
            writer.uint(reader.uint().value());
            break;
        case cbor::Kind::negative: {
            const auto value = reader.integer();
            if (value.ok()) {
                writer.integer(*value);
            } else {  // below −2^63: an item, but no number of ours
                writer.raw(reader.skip().value());
            }
            break;
        }
        case cbor::Kind::bytes:
            writer.bytes(reader.bytes().value());
            break;
        case cbor::Kind::text:
            writer.text(reader.text().value());
            break;
        case cbor::Kind::array: {
            const std::size_t items = reader.array().value();
            writer.array(items);
            copy_items(items, reader, writer);
            break;
        }
        case cbor::Kind::map: {
            const std::size_t pairs = reader.map().value();
            writer.map(pairs);
            copy_items(2 * pairs, reader, writer);
            break;
        }
        case cbor::Kind::boolean:
            writer.boolean(reader.boolean().value());
            break;
        case cbor::Kind::null:
            SALUS_ASSERT(reader.null().ok());
            writer.null();
            break;
        case cbor::Kind::tag:
            SALUS_ASSERT(reader.tag(18).ok());
            writer.tag(18);
            copy_item(reader, writer);
            break;
    }
}

/// The questions that name what they expect: the same item is refused in one and taken in another.
bool ask_expecting(cbor::Reader& reader, std::uint8_t question) {
    const std::size_t expected = question / 12;
    switch (question % 5) {
        case 0:
            return reader.array_of(expected).ok();
        case 1:
            return reader.map_of(expected).ok();
        case 2:
            return reader.fixed<Digest>().ok();
        case 3:
            return reader.bytes_max(expected).ok();
        default:
            return reader.text_max(expected).ok();
    }
}

/// Every question, in an order that the input chooses, whatever bytes come: one that is refused
/// moves nothing.
void ask_anything(fuzz::Draw draw) {
    const ByteView questions = draw.short_bytes();
    cbor::Reader reader(draw.rest());
    for (const std::uint8_t question : questions) {
        const std::size_t before = reader.offset();
        bool ok = false;
        switch (question % 12) {
            case 0:
                ok = reader.uint_max(1'000).ok();
                break;
            case 1:
                ok = reader.integer().ok();
                break;
            case 2:
                ok = reader.bytes_max(64).ok();
                break;
            case 3:
                ok = reader.text_max(64).ok();
                break;
            case 4:
                ok = reader.array().ok();
                break;
            case 5:
                ok = reader.map().ok();
                break;
            case 6:
                ok = reader.fixed<ObjectId>().ok();
                break;
            case 7:
                ok = reader.boolean().ok();
                break;
            case 8:
                ok = reader.null().ok();
                break;
            case 9:
                ok = reader.skip().ok();
                break;
            case 10:
                ok = reader.key(question).ok();
                break;
            default:
                ok = question == 11 ? reader.tag(18).ok() : ask_expecting(reader, question);
                break;
        }
        // After an error the position is where the refused item begins.
        SALUS_ASSERT(ok ? reader.offset() > before : reader.offset() == before);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    ask_anything(fuzz::Draw(input));
    const bool accepted = cbor::check(input).ok();
    cbor::Reader skipping(input);
    SALUS_ASSERT(accepted == (skipping.skip().ok() && skipping.at_end()));
    if (!accepted) return 0;
    cbor::Reader reader(input);
    cbor::Writer writer;
    copy_item(reader, writer);
    SALUS_ASSERT(reader.at_end());
    SALUS_ASSERT(writer.view() == to_bytes(input));
    return 0;
}
