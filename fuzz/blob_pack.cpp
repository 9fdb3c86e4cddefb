/// The blob store on a disk that the input mistreats: put, remove, compact, reopen with or without
/// its index, cut the power, overwrite, flip a bit. Without damage by a stranger every blob that
/// was put is there with its bytes, and every removed one is gone; with it, nothing worse than an
/// error comes back, and never the bytes of another blob.

#include "base/sim_env.hpp"
#include "crypto/hash.hpp"
#include "store/blob_format.hpp"
#include "store/blobs.hpp"
#include "store/kv.hpp"
#include "support/laws.hpp"

#include <map>
#include <memory>

using namespace salus;
using namespace salus::store;

namespace {

constexpr std::uint32_t pack_bytes = 1'024;
constexpr std::size_t packed_bytes_max = 200;
constexpr const char* directory = "/blobs";
constexpr std::size_t deeds_max = 24;

class Story {
  public:
    explicit Story(fuzz::Draw draw) : draw_(draw), env_(std::make_unique<SimEnv>(1)) { reopen(); }

    void run() {
        for (std::size_t i = 0; i < deeds_max && !draw_.empty(); ++i) deed();
        reopen();
    }

  private:
    void deed() {
        switch (draw_.byte() % 9) {
            case 0:
            case 1:
            case 2:
                put();
                break;
            case 3:
                remove();
                break;
            case 4:
                compact();
                break;
            case 5:
                lose_index();
                break;
            case 6:
                cut_power();
                break;
            case 7:
                overwrite();
                break;
            default:
                flip();
                break;
        }
    }

    Bytes body() {
        // Up to twice the size that still lies in a pack.
        Bytes bytes(draw_.below(packed_bytes_max * 2), draw_.byte());
        const ByteView start = draw_.bytes(std::min<std::size_t>(bytes.size(), 8));
        std::copy(start.begin(), start.end(), bytes.begin());
        return bytes;
    }

    void put() {
        std::vector<Bytes> bodies;
        for (std::uint64_t left = 1 + draw_.below(3); left > 0; --left) bodies.push_back(body());
        std::vector<NewBlob> batch;
        for (const Bytes& one : bodies) batch.push_back({crypto::sha256(one), one});
        if (!blobs_ || !blobs_->put_batch(batch).ok()) return;
        for (const Bytes& one : bodies) model_[crypto::sha256(one)] = one;
    }

    void remove() {
        if (!blobs_ || model_.empty()) return;
        auto at = model_.begin();
        std::advance(at, static_cast<std::ptrdiff_t>(draw_.below(model_.size())));
        const Digest digest = at->first;
        const Status removed = blobs_->remove(digest);
        if (!damaged_) SALUS_ASSERT(removed.ok());
        model_.erase(at);
        if (!damaged_) SALUS_ASSERT(blobs_->get(digest).error().code == Errc::not_found);
    }

    void compact() {
        if (!blobs_) return;
        const auto compacted = blobs_->compact();
        if (!damaged_) SALUS_ASSERT(compacted.ok());
        look();
    }

    void reopen() {
        blobs_.reset();
        auto opened =
            open_local_blobs(*env_, directory, *index_,
                             {.pack_bytes = pack_bytes, .packed_bytes_max = packed_bytes_max});
        if (!damaged_) SALUS_ASSERT(opened.ok());
        if (opened.ok()) blobs_ = std::move(*opened);
        look();
    }

    void look() {
        if (!blobs_) return;
        std::uint64_t total = 0;
        for (const auto& [digest, bytes] : model_) {
            const auto found = blobs_->get(digest);
            total += bytes.size();
            if (!damaged_) SALUS_ASSERT(found.ok() && *found == bytes);
        }
        const auto listed = blobs_->list(Digest{}, 1'000);
        if (damaged_) return;
        SALUS_ASSERT(listed.ok() && listed->size() == model_.size());
        SALUS_ASSERT(blobs_->total_bytes().value() == total);
    }

    void lose_index() {
        blobs_.reset();
        index_ = memory_kv();
        reopen();
    }

    void cut_power() {
        blobs_.reset();
        env_ = env_->crash(draw_.byte());
        if (draw_.coin()) index_ = memory_kv();
        reopen();
    }

    std::string path() {
        const auto names = env_->list(directory);
        if (!names.ok() || names->empty()) return directory;
        return std::string(directory) + "/" + (*names)[draw_.below(names->size())];
    }

    void overwrite() {
        const std::string target = path();
        auto file = env_->open(target, OpenMode::read_write);
        const std::uint64_t offset = draw_.below(pack_bytes);
        const ByteView bytes = draw_.bytes(draw_.below(80));
        if (!file.ok() || offset + bytes.size() > (*file)->size().value()) return;
        blobs_.reset();
        damaged_ = overwritten_ = true;
        SALUS_ASSERT((*file)->write_at(offset, bytes).ok());
        if (draw_.coin()) index_ = memory_kv();
        reopen();
    }

    void flip() {
        const std::string target = path();
        const std::uint64_t offset = draw_.below(pack_bytes);
        blobs_.reset();
        if (env_->flip_bit(target, offset, static_cast<unsigned>(draw_.below(8))).ok()) {
            damaged_ = true;
        }
        if (draw_.coin()) index_ = memory_kv();
        reopen();
        if (!blobs_) return;
        // One flipped bit is always seen: whatever is still given out is what was put.
        for (const auto& [digest, bytes] : model_) {
            const auto found = blobs_->get(digest);
            SALUS_ASSERT(!found.ok() || overwritten_ || *found == bytes);
        }
    }

    fuzz::Draw draw_;
    std::unique_ptr<SimEnv> env_;
    std::unique_ptr<Kv> index_ = memory_kv();
    std::unique_ptr<Blobs> blobs_;
    std::map<Digest, Bytes> model_;
    bool damaged_ = false;
    bool overwritten_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    fuzz::check_codec(input, [](ByteView b) { return decode_pack_header(b); }, encode_pack_header);
    fuzz::check_codec(input, [](ByteView b) { return decode_location(b); }, encode_location);
    fuzz::check_codec(input, [](ByteView b) { return decode_journal(b); }, encode_journal);
    if (const auto record = decode_record_header({}, input)) {
        SALUS_ASSERT(decode_record_header({}, encode_record_header({}, *record)) == record);
    }
    if (const auto number = pack_number(as_text(input))) {
        SALUS_ASSERT(pack_name(*number) == as_text(input));
    }
    Story(fuzz::Draw(input)).run();
    return 0;
}
