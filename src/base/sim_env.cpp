#include "base/sim_env.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <utility>

namespace salus {
namespace {

/// SplitMix64 (Steele, Lea, Flood 2014): every seed is good, and a test can repeat it anywhere.
std::uint64_t next_random(std::uint64_t& state) noexcept {
    state += 0x9e3779b97f4a7c15U;
    std::uint64_t mixed = state;
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
    return mixed ^ (mixed >> 31U);
}

std::string normal(const std::string& path) {
    std::string out = std::filesystem::path(path).lexically_normal().string();
    if (out.size() > 1 && out.back() == '/') out.pop_back();
    return out.empty() ? "." : out;
}

std::string parent_of(const std::string& path) {
    const std::string parent = std::filesystem::path(path).parent_path().string();
    return parent.empty() ? "." : parent;
}

Error world(Errc code, const char* what, const std::string& path, const char* name) {
    return Error{code, std::string(what) + " " + path + ": " + name};
}

/// A change that waits for a sync: bytes at an offset, or a new size.
struct Change {
    std::uint64_t offset = 0;
    Bytes bytes;
    bool is_resize = false;
};

void apply(Bytes& content, const Change& change, std::size_t prefix) {
    const auto offset = static_cast<std::size_t>(change.offset);
    if (change.is_resize) {
        content.resize(offset);
        return;
    }
    if (prefix == 0) return;
    content.resize(std::max(content.size(), offset + prefix));
    std::copy_n(change.bytes.begin(), prefix,
                std::next(content.begin(), static_cast<std::ptrdiff_t>(offset)));
}

/// What a power cut leaves of waiting changes: each is there, torn or lost on its own.
void apply_by_chance(Bytes& content, const std::vector<Change>& changes, std::uint64_t& random) {
    for (const Change& change : changes) {
        const std::uint64_t fate = next_random(random) % 3;
        if (fate == 0) continue;
        std::size_t prefix = change.bytes.size();
        if (fate == 1 && !change.is_resize && prefix != 0) {
            prefix = static_cast<std::size_t>(next_random(random) % prefix);
        }
        apply(content, change, prefix);
    }
}

}  // namespace

struct SimEnv::Node {
    Bytes content;                ///< what a reader sees
    Bytes durable;                ///< what a crash cannot take
    std::vector<Change> waiting;  ///< written, not synced, oldest first
};

class SimEnv::SimFile final : public File {
  public:
    SimFile(SimEnv& env, std::shared_ptr<Node> node, std::string path, bool writable)
        : env_(env), node_(std::move(node)), path_(std::move(path)), writable_(writable) {}

    Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> into) override {
        const std::lock_guard lock(env_.mutex_);
        SALUS_TRY(env_.count_operation("read", path_));
        const Bytes& content = node_->content;
        if (offset >= content.size()) return std::size_t{0};
        const std::size_t count =
            std::min(into.size(), content.size() - static_cast<std::size_t>(offset));
        std::copy_n(std::next(content.begin(), static_cast<std::ptrdiff_t>(offset)), count,
                    into.begin());
        return count;
    }

    Status write_at(std::uint64_t offset, ByteView bytes) override {
        const std::lock_guard lock(env_.mutex_);
        SALUS_TRY(begin_change("write"));
        const std::uint64_t size = node_->content.size();
        const std::uint64_t room = env_.space_left_ == never ? never : size + env_.space_left_;
        std::size_t fits = bytes.size();
        if (room != never && offset + bytes.size() > room) {
            fits = offset >= room ? 0 : static_cast<std::size_t>(room - offset);
        }
        change(Change{offset, to_bytes(bytes.first(fits)), false});
        if (fits < bytes.size()) return world(Errc::unavailable, "write", path_, "ENOSPC");
        return done;
    }

    Status sync_data() override {
        const std::lock_guard lock(env_.mutex_);
        return env_.sync(node_, path_);
    }

    Status resize(std::uint64_t bytes) override {
        const std::lock_guard lock(env_.mutex_);
        SALUS_TRY(begin_change("resize"));
        change(Change{bytes, {}, true});
        return done;
    }

    Status preallocate(std::uint64_t bytes) override {
        const std::lock_guard lock(env_.mutex_);
        SALUS_TRY(begin_change("preallocate"));
        const std::uint64_t size = node_->content.size();
        if (bytes <= size) return done;
        if (bytes - size > env_.space_left_) {
            return world(Errc::unavailable, "preallocate", path_, "ENOSPC");
        }
        change(Change{bytes, {}, true});
        return done;
    }

    Result<std::uint64_t> size() override {
        const std::lock_guard lock(env_.mutex_);
        return std::uint64_t{node_->content.size()};
    }

  private:
    Status begin_change(const char* what) {
        SALUS_TRY(env_.count_operation(what, path_));
        if (!writable_) return world(Errc::unavailable, what, path_, "EBADF");
        return done;
    }

    void change(Change made) {
        const std::size_t before = node_->content.size();
        apply(node_->content, made, made.bytes.size());
        const std::size_t after = node_->content.size();
        // A sparse resize takes no space on a real disk either; it is counted all the same, so
        // that a full disk shows at the earliest moment.
        if (env_.space_left_ != never && after > before) {
            env_.space_left_ -= std::min<std::uint64_t>(env_.space_left_, after - before);
        }
        node_->waiting.push_back(std::move(made));
    }

    SimEnv& env_;
    std::shared_ptr<Node> node_;
    std::string path_;
    bool writable_;
};

UnixMillis SimEnv::now() {
    const std::lock_guard lock(mutex_);
    return now_;
}

std::int64_t SimEnv::steady_ns() {
    const std::lock_guard lock(mutex_);
    return steady_ns_;
}

void SimEnv::random(std::span<std::uint8_t> into) {
    const std::lock_guard lock(mutex_);
    for (std::uint8_t& byte : into) {
        byte = static_cast<std::uint8_t>(next_random(random_state_) & 0xffU);
    }
}

Result<std::unique_ptr<File>> SimEnv::open(const std::string& path, OpenMode mode) {
    const std::lock_guard lock(mutex_);
    const std::string name = normal(path);
    SALUS_TRY(count_operation("open", name));
    if (is_directory(name)) return world(Errc::unavailable, "open", name, "EISDIR");
    auto found = names_.find(name);
    if (found == names_.end()) {
        if (mode != OpenMode::create || !is_directory(parent_of(name))) {
            return world(Errc::not_found, "open", name, "ENOENT");
        }
        found = names_.emplace(name, std::make_shared<Node>()).first;
    }
    return std::unique_ptr<File>(
        std::make_unique<SimFile>(*this, found->second, name, mode != OpenMode::read_only));
}

Status SimEnv::make_directories(const std::string& path) {
    const std::lock_guard lock(mutex_);
    std::string name = normal(path);
    SALUS_TRY(count_operation("make directory", name));
    for (; !is_directory(name); name = parent_of(name)) {
        if (names_.contains(name)) {
            return world(Errc::unavailable, "make directory", name, "ENOTDIR");
        }
        directories_.insert(name);
    }
    return done;
}

Status SimEnv::remove(const std::string& path) {
    const std::lock_guard lock(mutex_);
    const std::string name = normal(path);
    SALUS_TRY(count_operation("remove", name));
    if (names_.erase(name) == 0) return world(Errc::not_found, "remove", name, "ENOENT");
    return done;
}

Status SimEnv::rename(const std::string& from, const std::string& to) {
    const std::lock_guard lock(mutex_);
    const std::string old_name = normal(from);
    const std::string new_name = normal(to);
    SALUS_TRY(count_operation("rename", old_name));
    const auto found = names_.find(old_name);
    if (found == names_.end() || !is_directory(parent_of(new_name))) {
        return world(Errc::not_found, "rename", old_name, "ENOENT");
    }
    std::shared_ptr<Node> node = std::move(found->second);
    names_.erase(found);
    names_[new_name] = std::move(node);
    sync_names(parent_of(new_name));
    sync_names(parent_of(old_name));
    return done;
}

Status SimEnv::sync_directory(const std::string& path) {
    const std::lock_guard lock(mutex_);
    const std::string name = normal(path);
    SALUS_TRY(count_operation("sync directory", name));
    if (!is_directory(name)) return world(Errc::not_found, "open directory", name, "ENOENT");
    sync_names(name);
    return done;
}

Result<std::vector<std::string>> SimEnv::list(const std::string& directory) {
    const std::lock_guard lock(mutex_);
    const std::string name = normal(directory);
    SALUS_TRY(count_operation("list", name));
    if (!is_directory(name)) return world(Errc::not_found, "list", name, "ENOENT");
    std::vector<std::string> out;
    const auto take = [&](const std::string& path) {
        if (path != name && parent_of(path) == name) {
            out.push_back(std::filesystem::path(path).filename().string());
        }
    };
    for (const auto& [path, node] : names_) take(path);
    for (const std::string& path : directories_) take(path);
    std::sort(out.begin(), out.end());
    return out;
}

bool SimEnv::exists(const std::string& path) {
    const std::lock_guard lock(mutex_);
    const std::string name = normal(path);
    return names_.contains(name) || is_directory(name);
}

void SimEnv::set_time(UnixMillis time) {
    const std::lock_guard lock(mutex_);
    now_ = time;
}

void SimEnv::advance_ms(std::int64_t span) {
    const std::lock_guard lock(mutex_);
    now_.value += span;
    steady_ns_ += span * 1'000'000;
}

void SimEnv::fill_disk_after(std::uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    space_left_ = bytes;
}

void SimEnv::fail_operation(std::uint64_t skip, std::uint64_t times) {
    const std::lock_guard lock(mutex_);
    fail_from_ = operations_ + skip;
    fail_times_ = times;
}

void SimEnv::heal() {
    const std::lock_guard lock(mutex_);
    fail_from_ = never;
    fail_times_ = 0;
    space_left_ = never;
}

std::uint64_t SimEnv::operations() const {
    const std::lock_guard lock(mutex_);
    return operations_;
}

Status SimEnv::flip_bit(const std::string& path, std::uint64_t offset, unsigned bit) {
    const std::lock_guard lock(mutex_);
    const auto found = names_.find(normal(path));
    if (found == names_.end()) return world(Errc::not_found, "flip bit", path, "ENOENT");
    Node& node = *found->second;
    if (offset >= node.content.size() || bit > 7) {
        return world(Errc::out_of_range, "flip bit", path, "past the end");
    }
    const auto at = static_cast<std::size_t>(offset);
    const auto mask = static_cast<std::uint8_t>(1U << bit);
    node.content[at] ^= mask;
    if (at < node.durable.size()) node.durable[at] ^= mask;
    for (Change& change : node.waiting) {
        if (offset >= change.offset && offset - change.offset < change.bytes.size()) {
            change.bytes[static_cast<std::size_t>(offset - change.offset)] ^= mask;
        }
    }
    return done;
}

std::unique_ptr<SimEnv> SimEnv::crash(std::uint64_t seed) const {
    const std::lock_guard lock(mutex_);
    auto after = std::make_unique<SimEnv>(seed, now_);
    after->steady_ns_ = steady_ns_;
    after->directories_ = directories_;
    // One node may bear two names here (a rename half done); it still has one fate.
    std::map<const Node*, std::shared_ptr<Node>> fates;
    const auto survivor = [&](const std::shared_ptr<Node>& node) {
        std::shared_ptr<Node>& fate = fates[node.get()];
        if (!fate) {
            fate = std::make_shared<Node>();
            fate->durable = node->durable;
            apply_by_chance(fate->durable, node->waiting, after->random_state_);
            fate->content = fate->durable;
        }
        return fate;
    };
    std::set<std::string> paths;
    for (const auto& [path, node] : names_) paths.insert(path);
    for (const auto& [path, node] : durable_names_) paths.insert(path);
    for (const std::string& path : paths) {
        const auto now = names_.find(path);
        const auto kept = durable_names_.find(path);
        std::shared_ptr<Node> node = kept == durable_names_.end() ? nullptr : kept->second;
        const std::shared_ptr<Node> wanted = now == names_.end() ? nullptr : now->second;
        if (node != wanted && next_random(after->random_state_) % 2 == 0) node = wanted;
        if (node) after->names_[path] = after->durable_names_[path] = survivor(node);
    }
    return after;
}

Status SimEnv::count_operation(const char* what, const std::string& path) {
    const std::uint64_t number = operations_++;
    if (number >= fail_from_ && number - fail_from_ < fail_times_) {
        return world(Errc::unavailable, what, path, "EIO");
    }
    return done;
}

Status SimEnv::sync(const std::shared_ptr<Node>& node, const std::string& path) {
    const Status counted = count_operation("sync", path);
    if (!counted.ok()) {
        // Linux marks the pages of a failed fsync clean: they never reach the disk afterwards.
        apply_by_chance(node->durable, node->waiting, random_state_);
        node->waiting.clear();
        return counted;
    }
    for (const Change& change : node->waiting) apply(node->durable, change, change.bytes.size());
    node->waiting.clear();
    for (const auto& [name, named] : names_) {
        if (named == node) durable_names_[name] = node;
    }
    return done;
}

void SimEnv::sync_names(const std::string& directory) {
    std::erase_if(durable_names_, [&](const auto& entry) {
        return parent_of(entry.first) == directory && !names_.contains(entry.first);
    });
    for (const auto& [path, node] : names_) {
        if (parent_of(path) == directory) durable_names_[path] = node;
    }
}

bool SimEnv::is_directory(const std::string& path) const {
    return path == "." || path == "/" || directories_.contains(path);
}

}  // namespace salus
