#include "tour.hpp"
#include "verify_data.hpp"
#include <algorithm>
#include <filesystem>

/// Step 14: the chain is checked without the node, and a changed byte is found.
namespace salus::command {
namespace {

namespace fs = std::filesystem;

/// A directory that goes away with its holder.
class Scratch {
  public:
    static Result<Scratch> make(Env& env) {
        std::error_code error;
        const fs::path path = fs::temp_directory_path(error) /
                              ("salus-tour-" + to_hex(random_bytes<ObjectId>(env).view()));
        if (error) return Error{Errc::unavailable, "there is no directory for temporary files"};
        SALUS_TRY(env.make_directories(path.string()));
        return Scratch(path);
    }
    ~Scratch() {
        std::error_code ignored;
        if (!path_.empty()) fs::remove_all(path_, ignored);
    }
    Scratch(Scratch&& other) noexcept : path_(std::exchange(other.path_, {})) {}
    Scratch& operator=(Scratch&&) = delete;
    [[nodiscard]] const fs::path& path() const noexcept { return path_; }

  private:
    explicit Scratch(fs::path path) : path_(std::move(path)) {}
    fs::path path_;
};

/// Copies the files of a directory that is being written to.
Status copy_files(const fs::path& from, const fs::path& to, std::string_view but = {}) {
    std::error_code error;
    fs::create_directories(to, error);
    for (fs::directory_iterator one(from, error), end; !error && one != end; one.increment(error)) {
        const fs::path name = one->path().filename();
        if (name != but) fs::copy_file(one->path(), to / name, error);
    }
    if (error)
        return Error{Errc::unavailable, "the data could not be copied (" + error.message() + ")"};
    return done;
}

/// What `verify` reads, in the order in which no part is behind one it must hold: the log is never
/// shorter than its checkpoint, and every body that the log names is stored before it.
Status copy_data(const fs::path& from, const fs::path& to) {
    std::error_code error;
    fs::create_directories(to / "ledger", error);
    fs::copy_file(from / "ledger" / "checkpoint", to / "ledger" / "checkpoint", error);
    if (error)
        return Error{Errc::unavailable, "the data could not be copied (" + error.message() + ")"};
    SALUS_TRY(copy_files(from / "ledger", to / "ledger", "checkpoint"));
    for (const char* part : {"access", "blobs"}) {
        SALUS_TRY(copy_files(from / "vault" / part, to / "vault" / part));
    }
    return done;
}

/// Inverts a bit in the middle of what the first segment holds.
Status flip_one_bit(Env& env, const fs::path& ledger) {
    std::vector<std::string> names = SALUS_TRY(env.list(ledger.string()));
    std::erase(names, "checkpoint");
    if (names.empty()) return Error{Errc::not_found, "the ledger has no segment"};
    const auto file = SALUS_TRY(env.open((ledger / names.front()).string(), OpenMode::read_write));
    const std::uint64_t size = SALUS_TRY(file->size());
    // Behind the last entry there is zero padding, which nothing checks.
    constexpr std::uint64_t block = 1U << 16U;
    Bytes buffer(block);
    std::uint64_t end = size;
    while (end > 0) {
        const std::uint64_t at = end >= block ? end - block : 0;
        const std::size_t got = SALUS_TRY(file->read_at(at, buffer));
        if (std::any_of(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(got),
                        [](auto b) { return b != 0; }))
            break;
        end = at;
    }
    // The first byte at the middle that is no padding between two entries.
    std::array<std::uint8_t, 1> byte{};
    std::uint64_t place = end / 2;
    while (place < end && byte[0] == 0) SALUS_TRY(file->read_at(place++, byte));
    byte[0] ^= 1U;
    return file->write_at(place - 1, byte);
}

}  // namespace

Result<std::string> Tour::verify_copies() {
    const Scratch scratch = SALUS_TRY(Scratch::make(env_));
    const fs::path good = scratch.path() / "data";
    SALUS_TRY(copy_data(options_.data_dir, good));
    const std::int64_t began = env_.steady_ns();
    const ledger::LedgerReport whole = SALUS_TRY(verify_data_directory(env_, good.string()));
    const double seconds = since(began);
    if (!whole.ok()) {
        return Error{Errc::integrity, "the chain does not verify: " + whole.first_bad->what};
    }
    SALUS_TRY(flip_one_bit(env_, good / "ledger"));
    const ledger::LedgerReport broken = SALUS_TRY(verify_data_directory(env_, good.string()));
    if (broken.ok()) return Error{Errc::integrity, "a changed byte was not found"};
    const ledger::FirstBad& bad = *broken.first_bad;
    return "A copy of the chain was checked without the server: " + counted(whole.height.value) +
           " blocks and " + counted(whole.transactions) +
           " transactions hold, every hash, signature, contract's answer and sealed body (" +
           seconds_text(seconds) +
           "); then one byte of the copy was changed, and the check named " + bad.file + ", byte " +
           counted(bad.offset) +
           (bad.height ? ", block " + counted(bad.height->value) : std::string()) + ": " +
           bad.what + ".";
}

}  // namespace salus::command
