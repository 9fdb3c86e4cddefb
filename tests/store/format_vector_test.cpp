#include "store/blob_format.hpp"
#include "store/crc32c.hpp"
#include "store/segment_format.hpp"

#include <doctest/doctest.h>

using namespace salus;
using namespace salus::store;

TEST_CASE("the worked example of docs/formats/segment-log.md is what is written and read") {
    SegmentHeader header{.number = 1,
                         .segment_bytes = 256,
                         .first_sequence = 7,
                         .chain = {},
                         .salt = SegmentSalt{{1, 2, 3, 4, 5, 6, 7, 8}}};
    header.chain.bytes.fill(0xAA);
    Bytes bytes = encode_segment_header(header);
    EntryHeader entry{.payload_check = 0,
                      .length = 0,
                      .batch_index = 0,
                      .type = 3,
                      .ends_batch = false,
                      .sequence = 7};
    append_entry(bytes, header.salt, entry, as_bytes("salus"));
    entry.batch_index = 1;
    entry.ends_batch = true;
    entry.sequence = 8;
    append_entry(bytes, header.salt, entry, {});
    CHECK(to_hex(bytes) ==
          "53414c55534c4f470000000100000001000001000000000000000007aaaaaaaa"
          "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa01020304"
          "05060708d1f45c76555b42c20f4bf2f800000005000003000000000000000007"
          "73616c75730000000e7b2b800000000000000000000103010000000000000008");

    CHECK(*decode_segment_header(bytes) == header);
    const ByteView first = ByteView{bytes}.subspan(72, 32);
    const auto decoded = decode_entry_header(header.salt, first);
    REQUIRE(decoded.has_value());
    CHECK(decoded->length == 5);
    CHECK(decoded->sequence == 7);
    CHECK_FALSE(decoded->ends_batch);
    CHECK(payload_is_whole(*decoded, first));
}

TEST_CASE("the worked example of docs/formats/blob-pack.md is what is written and read") {
    const PackHeader header{
        .number = 2, .pack_bytes = 1024, .salt = PackSalt{{8, 7, 6, 5, 4, 3, 2, 1}}};
    BlobRecord kept{.payload_check = crc32c(as_bytes("salus")),
                    .length = 5,
                    .place = BlobPlace::packed,
                    .erased = false,
                    .digest = {}};
    kept.digest.bytes.fill(0xBB);
    BlobRecord erased{
        .payload_check = 0, .length = 3, .place = BlobPlace::packed, .erased = true, .digest = {}};
    erased.digest.bytes.fill(0xCC);
    Bytes bytes = encode_pack_header(header);
    append(bytes, encode_record_header(header.salt, kept));
    append(bytes, as_bytes("salus"));
    bytes.resize(32 + 64, 0);
    append(bytes, encode_record_header(header.salt, erased));
    bytes.resize(32 + 64 + 64, 0);
    CHECK(to_hex(bytes) ==
          "53414c555350414b00000001000000020000040008070605040302014c071ad8"
          "78213d370f4bf2f800000000000000050100000000000000bbbbbbbbbbbbbbbb"
          "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb73616c7573000000"
          "74b04bb80000000000000000000000030101000000000000cccccccccccccccc"
          "cccccccccccccccccccccccccccccccccccccccccccccccc0000000000000000");
    CHECK(*decode_pack_header(bytes) == header);
    CHECK(*decode_record_header(header.salt, ByteView{bytes}.subspan(32)) == kept);
    CHECK(*decode_record_header(header.salt, ByteView{bytes}.subspan(96)) == erased);
}

TEST_CASE("a journal decodes to what was encoded, and any changed byte is refused") {
    BlobJournal journal;
    journal.erasures.push_back({Digest{}, {3, 32, 100, BlobPlace::packed}});
    journal.erasures.push_back({Digest{}, {4, 96, 2'000'000, BlobPlace::own_file}});
    for (const bool compacting : {false, true}) {
        if (compacting) journal = {.erasures = {}, .compacting = 7};
        const Bytes bytes = encode_journal(journal);
        CHECK(*decode_journal(bytes) == journal);
        for (std::size_t at = 0; at < bytes.size(); ++at) {
            Bytes changed = bytes;
            changed[at] ^= 0x10U;
            CHECK_FALSE(decode_journal(changed).ok());
            CHECK_FALSE(decode_journal(ByteView{bytes}.first(at)).ok());
        }
    }
}

TEST_CASE("names of files carry eight digits and nothing else") {
    CHECK(segment_name(0) == "seg-00000000.log");
    CHECK(segment_name(segment_number_max) == "seg-99999999.log");
    CHECK(segment_number("seg-00000042.log") == 42U);
    CHECK(pack_name(7) == "pack-00000007.blob");
    CHECK(pack_number("pack-99999999.blob") == segment_number_max);
    for (const std::string_view wrong :
         {"", "seg-0000000.log", "seg-000000000.log", "seg-0000000a.log", "Seg-00000000.log",
          " seg-00000000.log", "seg-00000000.log~", "pack-00000000.blob", "seg--0000001.log"})
        CHECK_FALSE(segment_number(wrong).has_value());
    CHECK_FALSE(pack_number("seg-00000000.log").has_value());
    CHECK_FALSE(pack_number("pack-0000000x.blob").has_value());
}

TEST_CASE("headers of an unknown version are told apart from damaged ones") {
    Bytes segment = encode_segment_header(
        {.number = 0, .segment_bytes = 256, .first_sequence = 0, .chain = {}, .salt = {}});
    segment[11] = 2;
    CHECK(decode_segment_header(segment).error().code == Errc::malformed);
    Bytes check;
    append_be32(check, crc32c(ByteView{segment}.first(68)));
    std::copy(check.begin(), check.end(), segment.begin() + 68);
    CHECK(decode_segment_header(segment).error().code == Errc::out_of_range);
}
