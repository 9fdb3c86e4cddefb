#include "store/blob_packs.hpp"

#include "store/crc32c.hpp"
#include "store/segment_scan.hpp"

#include <algorithm>

namespace salus::store {
namespace {

constexpr std::size_t open_packs_max = 8;
constexpr std::string_view own_prefix = "own-";
constexpr std::string_view own_suffix = ".blob";
constexpr std::string_view unfinished_suffix = ".new";
constexpr std::size_t zero_chunk_bytes = std::size_t{1} << 20U;

Error damaged(const Digest& digest, std::string_view what) {
    return Error{Errc::integrity, "blob " + to_hex(digest.view()) + ": " + std::string(what)};
}

}  // namespace

Packs::Packs(Env& env, std::string directory, LocalBlobsOptions options)
    : env_(&env), directory_(std::move(directory)), options_(options) {}

Result<Packs> Packs::open(Env& env, std::string directory, LocalBlobsOptions options) {
    if (options.pack_bytes < segment_bytes_min || options.pack_bytes > segment_bytes_max ||
        options.pack_bytes % 8 != 0 || options.packed_bytes_max > packed_blob_bytes_max ||
        record_bytes(BlobPlace::packed, options.packed_bytes_max) + pack_header_bytes >
            options.pack_bytes)
        return Error{Errc::out_of_range, "pack size is outside its limits"};
    SALUS_TRY(env.make_directories(directory));
    Packs packs(env, std::move(directory), options);
    SALUS_TRY(packs.load());
    return packs;
}

std::string Packs::path_of(std::uint32_t number) const {
    return directory_ + "/" + pack_name(number);
}

std::string Packs::own_path(const Digest& digest) const {
    return directory_ + "/" + std::string(own_prefix) + to_hex(digest.view()) +
           std::string(own_suffix);
}

PackMark Packs::end() const noexcept {
    return numbers_.empty() ? PackMark{next_number_, pack_header_bytes}
                            : PackMark{numbers_.back(), tail_};
}

// ---- opening

Status Packs::load() {
    for (const std::string& name : SALUS_TRY(env_->list(directory_))) {
        if (const auto number = pack_number(name)) numbers_.push_back(*number);
    }
    std::sort(numbers_.begin(), numbers_.end());
    if (numbers_.empty()) return done;
    next_number_ = numbers_.back() + 1;
    const auto newest = pack(numbers_.back());
    if (newest.ok()) return done;
    if (newest.error().code != Errc::malformed) return newest.error();
    const auto file = SALUS_TRY(env_->open(path_of(numbers_.back()), OpenMode::read_only));
    return drop_unbegun(numbers_.back(), *file, newest.error());
}

// The header is synced before any record is written, so a pack with a bad one is empty or damaged.
Status Packs::drop_unbegun(std::uint32_t number, File& file, const Error& error) {
    const std::uint64_t bytes = SALUS_TRY(file.size());
    if (SALUS_TRY(end_of_data(file, 0, bytes)) > pack_header_bytes)
        return Error{Errc::integrity, pack_name(number) + ": " + error.detail};
    numbers_.pop_back();
    return env_->remove(path_of(number));
}

Status Packs::recover(PackMark from, const Visit& visit) {
    // A mark beyond the newest pack cannot be trusted: look at all of that pack.
    if (!numbers_.empty() && from.pack > numbers_.back()) from = {numbers_.back()};
    for (const std::uint32_t number : numbers_) {
        if (number < from.pack) continue;
        const std::uint32_t start =
            number == from.pack ? from.offset : std::uint32_t{pack_header_bytes};
        Pack* const found = SALUS_TRY(pack(number));
        const bool newest = number == numbers_.back();
        const std::uint32_t end = SALUS_TRY(recover_pack(*found, start, newest, visit));
        if (newest) tail_ = end;
    }
    return done;
}

// Returns the offset after the last good record.
Result<std::uint32_t> Packs::recover_pack(Pack& pack, std::uint32_t from, bool newest,
                                          const Visit& visit) {
    File& file = *pack.file;
    const std::uint64_t file_bytes = SALUS_TRY(file.size());
    const std::uint64_t data_end = SALUS_TRY(end_of_data(file, from, file_bytes));
    Window window;
    std::uint64_t good_end = from;
    for (std::uint64_t at = from; at < data_end;) {
        const auto record = decode_record_header(
            pack.header.salt, SALUS_TRY(window.at(file, at, blob_record_bytes, file_bytes)));
        const std::size_t size = record ? record_bytes(record->place, record->length) : 8;
        const bool fits = record && at + size <= file_bytes;
        bool whole = fits;
        if (fits && record->place == BlobPlace::packed && !record->erased) {
            const ByteView bytes = SALUS_TRY(window.at(file, at, size, file_bytes));
            const ByteView payload =
                bytes.subspan(blob_record_bytes, static_cast<std::size_t>(record->length));
            whole = crc32c(payload) == record->payload_check;
        }
        // Torn or damaged records are passed over: what stands after them was promised to somebody.
        if (whole) {
            SALUS_TRY(visit(*record, {pack.header.number, static_cast<std::uint32_t>(at),
                                      record->length, record->place}));
            good_end = at + size;
        }
        at += whole ? size : 8;
    }
    if (newest && data_end > good_end) {
        SALUS_TRY(zero(file, good_end, data_end));
        SALUS_TRY(file.sync_data());
    }
    if (newest && file_bytes < pack.header.pack_bytes)
        SALUS_TRY(file.preallocate(pack.header.pack_bytes));
    return static_cast<std::uint32_t>(good_end);
}

Status Packs::walk(std::uint32_t number, const Visit& visit) {
    Pack* const found = SALUS_TRY(pack(number));
    const std::uint64_t limit = number == numbers_.back() ? tail_ : SALUS_TRY(found->file->size());
    Window window;
    for (std::uint64_t at = pack_header_bytes; at + blob_record_bytes <= limit;) {
        const auto record = decode_record_header(
            found->header.salt, SALUS_TRY(window.at(*found->file, at, blob_record_bytes, limit)));
        if (record) {
            SALUS_TRY(visit(
                *record, {number, static_cast<std::uint32_t>(at), record->length, record->place}));
        }
        at += record ? record_bytes(record->place, record->length) : 8;
    }
    return done;
}

Result<Packs::Pack> Packs::open_pack(std::uint32_t number) {
    Pack out;
    out.file = SALUS_TRY(env_->open(path_of(number), OpenMode::read_write));
    Bytes head(pack_header_bytes);
    head.resize(SALUS_TRY(out.file->read_at(0, head)));
    out.header = SALUS_TRY(decode_pack_header(head));
    if (out.header.number != number)
        return Error{Errc::integrity, pack_name(number) + " holds another pack"};
    return out;
}

Result<Packs::Pack*> Packs::pack(std::uint32_t number) {
    for (Pack& open : open_) {
        if (open.header.number == number) return &open;
    }
    Pack opened = SALUS_TRY(open_pack(number));
    if (open_.size() < open_packs_max) {
        open_.push_back(std::move(opened));
        return &open_.back();
    }
    open_next_ = (open_next_ + 1) % open_packs_max;
    open_[open_next_] = std::move(opened);
    return &open_[open_next_];
}

// ---- writing

Status Packs::roll() {
    if (next_number_ > segment_number_max)
        return Error{Errc::exhausted, "the blob store has used up its pack numbers"};
    const PackHeader header{next_number_, options_.pack_bytes, random_bytes<PackSalt>(*env_)};
    const std::string path = path_of(next_number_);
    const auto make = [&]() -> Status {
        const auto file = SALUS_TRY(env_->open(path, OpenMode::create));
        SALUS_TRY(file->resize(0));
        SALUS_TRY(file->preallocate(header.pack_bytes));
        SALUS_TRY(file->write_at(0, encode_pack_header(header)));
        SALUS_TRY(file->sync_data());
        return env_->sync_directory(directory_);
    };
    if (auto made = make(); !made.ok()) {
        static_cast<void>(env_->remove(path));
        return Error{Errc::unavailable, "no new pack: " + made.error().detail};
    }
    numbers_.push_back(next_number_++);
    tail_ = pack_header_bytes;
    return done;
}

Packs::Appended Packs::append(std::span<const NewRecord> records) {
    Appended out;
    if (stopped_) {
        out.status =
            Error{Errc::unavailable, "the blob store stopped after a failed write; open it again"};
    } else {
        out.status = append_all(records, out);
    }
    return out;
}

Status Packs::append_all(std::span<const NewRecord> records, Appended& out) {
    Bytes pending;
    for (const NewRecord& record : records) {
        const std::size_t size = record_bytes(record.place, record.length);
        Pack* newest = numbers_.empty() ? nullptr : SALUS_TRY(pack(numbers_.back()));
        if (newest == nullptr || tail_ + pending.size() + size > newest->header.pack_bytes) {
            SALUS_TRY(flush_records(pending));
            out.done_through = out.locations.size();
            SALUS_TRY(roll());
            newest = SALUS_TRY(pack(numbers_.back()));
        }
        const std::size_t start = pending.size();
        out.locations.push_back({newest->header.number, tail_ + static_cast<std::uint32_t>(start),
                                 record.length, record.place});
        salus::append(pending, encode_record_header(newest->header.salt,
                                                    {.payload_check = crc32c(record.payload),
                                                     .length = record.length,
                                                     .place = record.place,
                                                     .erased = false,
                                                     .digest = record.digest}));
        salus::append(pending, record.payload);
        pending.resize(start + size, 0);
    }
    SALUS_TRY(flush_records(pending));
    out.done_through = out.locations.size();
    return done;
}

Status Packs::flush_records(Bytes& pending) {
    if (pending.empty()) return done;
    File& file = *SALUS_TRY(pack(numbers_.back()))->file;
    if (auto written = file.write_at(tail_, pending); !written.ok()) {
        stopped_ = !zero(file, tail_, tail_ + pending.size()).ok() || !file.sync_data().ok();
        return Error{Errc::unavailable, "blob write failed: " + written.error().detail};
    }
    if (auto synced = file.sync_data(); !synced.ok()) {
        stopped_ = true;
        return Error{Errc::unavailable, "blob sync failed: " + synced.error().detail};
    }
    tail_ += static_cast<std::uint32_t>(pending.size());
    pending.clear();
    return done;
}

Status Packs::write_own_file(const Digest& digest, ByteView bytes) {
    const std::string path = own_path(digest);
    const std::string beside = path + std::string(unfinished_suffix);
    const PackHeader header{own_file_number, 0, random_bytes<PackSalt>(*env_)};
    const auto make = [&]() -> Status {
        const auto file = SALUS_TRY(env_->open(beside, OpenMode::create));
        SALUS_TRY(file->resize(0));
        Bytes head = encode_pack_header(header);
        salus::append(head, encode_record_header(header.salt, {.payload_check = crc32c(bytes),
                                                               .length = bytes.size(),
                                                               .place = BlobPlace::own_file,
                                                               .erased = false,
                                                               .digest = digest}));
        SALUS_TRY(file->write_at(0, head));
        SALUS_TRY(file->write_at(head.size(), bytes));
        return file->sync_data();
    };
    if (auto made = make(); !made.ok()) {
        static_cast<void>(env_->remove(beside));
        return Error{Errc::unavailable, "blob write failed: " + made.error().detail};
    }
    return env_->rename(beside, path);
}

namespace {

/// Nothing but zeros: it was being erased, and only its name is left to take away.
Result<bool> is_destroyed(Env& env, const std::string& path) {
    const auto file = SALUS_TRY(env.open(path, OpenMode::read_only));
    const std::uint64_t bytes = SALUS_TRY(file->size());
    Bytes head(pack_header_bytes);
    head.resize(SALUS_TRY(file->read_at(0, head)));
    const bool zero = std::all_of(head.begin(), head.end(), [](auto byte) { return byte == 0; });
    return zero && SALUS_TRY(end_of_data(*file, 0, bytes)) == 0;
}

}  // namespace

Result<std::vector<Digest>> Packs::own_files() {
    std::vector<Digest> out;
    for (const std::string& name : SALUS_TRY(env_->list(directory_))) {
        const std::string_view prefix = own_prefix;
        if (!name.starts_with(prefix)) continue;
        if (name.ends_with(unfinished_suffix)) {
            SALUS_TRY(erase_file(directory_ + "/" + name));
            continue;
        }
        const auto bytes = from_hex(std::string_view{name}.substr(
            prefix.size(), std::min<std::size_t>(64, name.size() - prefix.size())));
        const auto digest = bytes.ok() ? Digest::from(*bytes) : Result<Digest>{bytes.error()};
        const std::string path = directory_ + "/" + name;
        if (!digest.ok() || path != own_path(*digest)) continue;
        if (SALUS_TRY(is_destroyed(*env_, path))) {
            SALUS_TRY(erase_file(path));
        } else {
            out.push_back(*digest);
        }
    }
    return out;
}

Result<std::uint64_t> Packs::own_file_length(const Digest& digest) {
    const Pack own = SALUS_TRY(open_own_file(digest));
    Bytes head(blob_record_bytes);
    head.resize(SALUS_TRY(own.file->read_at(pack_header_bytes, head)));
    const auto record = decode_record_header(own.header.salt, head);
    if (!record || record->digest != digest) return damaged(digest, "its record is damaged");
    return record->length;
}

// ---- reading

Result<Packs::Pack> Packs::open_own_file(const Digest& digest) {
    Pack out;
    out.file = SALUS_TRY(env_->open(own_path(digest), OpenMode::read_write));
    Bytes head(pack_header_bytes);
    head.resize(SALUS_TRY(out.file->read_at(0, head)));
    const auto header = decode_pack_header(head);
    if (!header.ok() || header->number != own_file_number)
        return damaged(digest, "bad file header");
    out.header = *header;
    return out;
}

Result<Packs::Found> Packs::find(const Digest& digest, const BlobLocation& location) {
    Found found;
    Pack own;
    Pack* holder = nullptr;
    std::uint64_t at = location.offset;
    if (location.place == BlobPlace::own_file) {
        own = SALUS_TRY(open_own_file(digest));
        holder = &own;
        at = pack_header_bytes;
    } else {
        auto packed = pack(location.pack);
        if (!packed.ok()) return damaged(digest, packed.error().detail);
        holder = *packed;
    }
    Bytes head(blob_record_bytes);
    head.resize(SALUS_TRY(holder->file->read_at(at, head)));
    const auto record = decode_record_header(holder->header.salt, head);
    if (!record || record->digest != digest || record->length != location.length)
        return damaged(digest, "its record is damaged");
    if (record->erased) return Error{Errc::not_found, "no such blob"};
    found.file = holder->file.get();
    found.own = std::move(own.file);
    found.payload_at = at + blob_record_bytes;
    found.record = *record;
    return found;
}

Result<bool> Packs::is_live(const Digest& digest, const BlobLocation& location) {
    const auto found = find(digest, location);
    if (found.ok()) return true;
    if (found.error().code == Errc::not_found) return false;
    return found.error();
}

Result<Bytes> Packs::read(const Digest& digest, const BlobLocation& location) {
    const Found found = SALUS_TRY(find(digest, location));
    Bytes bytes(static_cast<std::size_t>(found.record.length));
    const std::size_t got = SALUS_TRY(found.file->read_at(found.payload_at, bytes));
    if (got != bytes.size() || crc32c(bytes) != found.record.payload_check)
        return damaged(digest, "its bytes do not fit their check sum");
    return bytes;
}

Result<Bytes> Packs::read_range(const Digest& digest, const BlobLocation& location,
                                std::uint64_t offset, std::uint64_t length) {
    const Found found = SALUS_TRY(find(digest, location));
    if (offset > found.record.length)
        return Error{Errc::out_of_range, "the range starts beyond the end of the blob"};
    Bytes bytes(static_cast<std::size_t>(std::min(length, found.record.length - offset)));
    const std::size_t got = SALUS_TRY(found.file->read_at(found.payload_at + offset, bytes));
    if (got != bytes.size()) return damaged(digest, "its file is cut short");
    return bytes;
}

// ---- erasing

Status Packs::zero(File& file, std::uint64_t from, std::uint64_t to) {
    const Bytes zeros(
        static_cast<std::size_t>(std::min<std::uint64_t>(zero_chunk_bytes, to - from)), 0);
    for (std::uint64_t at = from; at < to;) {
        const std::uint64_t part = std::min<std::uint64_t>(zeros.size(), to - at);
        SALUS_TRY(file.write_at(at, ByteView{zeros}.first(static_cast<std::size_t>(part))));
        at += part;
    }
    return done;
}

Status Packs::erase_file(const std::string& path) {
    auto file = env_->open(path, OpenMode::read_write);
    if (!file.ok()) return file.error().code == Errc::not_found ? Status{done} : file.error();
    const std::uint64_t bytes = SALUS_TRY((*file)->size());
    SALUS_TRY(zero(**file, 0, bytes));
    SALUS_TRY((*file)->sync_data());
    file->reset();
    SALUS_TRY(env_->remove(path));
    return env_->sync_directory(directory_);
}

Status Packs::erase(std::span<const BlobJournal::Erasure> erasures) {
    for (const auto& [digest, location] : erasures) {
        if (location.place == BlobPlace::own_file) SALUS_TRY(erase_file(own_path(digest)));
    }
    return erase_records(erasures);
}

Status Packs::erase_records(std::span<const BlobJournal::Erasure> erasures) {
    std::vector<std::uint32_t> touched;
    for (const auto& [digest, location] : erasures) {
        if (!std::binary_search(numbers_.begin(), numbers_.end(), location.pack)) continue;
        Pack* const holder = SALUS_TRY(pack(location.pack));
        Bytes record = encode_record_header(holder->header.salt, {.payload_check = 0,
                                                                  .length = location.length,
                                                                  .place = location.place,
                                                                  .erased = true,
                                                                  .digest = digest});
        record.resize(record_bytes(location.place, location.length), 0);
        SALUS_TRY(holder->file->write_at(location.offset, record));
        touched.push_back(location.pack);
    }
    std::sort(touched.begin(), touched.end());
    touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
    for (const std::uint32_t number : touched) {
        Pack* const holder = SALUS_TRY(pack(number));
        SALUS_TRY(holder->file->sync_data());
    }
    return done;
}

Result<std::uint64_t> Packs::discard(std::uint32_t number) {
    if (!std::binary_search(numbers_.begin(), numbers_.end(), number)) return std::uint64_t{0};
    SALUS_ASSERT(number != numbers_.back());
    const auto file = SALUS_TRY(env_->open(path_of(number), OpenMode::read_write));
    const std::uint64_t bytes = SALUS_TRY(file->size());
    // The header stays until the file is gone, so that an opening after a crash can read it.
    SALUS_TRY(zero(*file, pack_header_bytes, bytes));
    SALUS_TRY(file->sync_data());
    SALUS_TRY(env_->remove(path_of(number)));
    SALUS_TRY(env_->sync_directory(directory_));
    numbers_.erase(std::find(numbers_.begin(), numbers_.end(), number));
    open_.erase(std::remove_if(open_.begin(), open_.end(),
                               [&](const Pack& open) { return open.header.number == number; }),
                open_.end());
    open_next_ = 0;
    return bytes;
}

}  // namespace salus::store
