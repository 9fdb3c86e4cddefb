#include "base/crash_env.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace salus {
namespace {

// Append only: a number that was once in a report means the same for ever.
constexpr std::array<CrashPoint, 62> all_points{{
    {1, "keys.make.after"},          {2, "keys.write.half"},
    {3, "keys.write.after"},         {4, "keys.sync.after"},
    {5, "keys.rename.after"},        {6, "ledger.make.after"},
    {7, "ledger.grow.after"},        {8, "ledger.write.before"},
    {9, "ledger.write.half"},        {10, "ledger.write.after"},
    {11, "ledger.sync.after"},       {12, "ledger.list.before"},
    {13, "ledger.list.after"},       {14, "view.write.before"},
    {15, "view.write.after"},        {16, "checkpoint.make.after"},
    {17, "checkpoint.write.half"},   {18, "checkpoint.write.after"},
    {19, "checkpoint.sync.after"},   {20, "checkpoint.rename.before"},
    {21, "checkpoint.rename.after"}, {22, "index.write.before"},
    {23, "index.write.half"},        {24, "index.write.after"},
    {25, "log-tree.write.half"},     {26, "access.make.after"},
    {27, "access.grow.after"},       {28, "access.write.before"},
    {29, "access.write.half"},       {30, "access.write.after"},
    {31, "access.sync.after"},       {32, "access.list.after"},
    {33, "bodies.make.after"},       {34, "bodies.grow.after"},
    {35, "bodies.write.before"},     {36, "bodies.write.half"},
    {37, "bodies.write.after"},      {38, "bodies.sync.after"},
    {39, "bodies.list.after"},       {40, "body.make.after"},
    {41, "body.write.half"},         {42, "body.write.after"},
    {43, "body.sync.after"},         {44, "body.rename.before"},
    {45, "body.rename.after"},       {46, "body.remove.before"},
    {47, "body.remove.after"},       {48, "vault-db.write.before"},
    {49, "vault-db.write.after"},    {50, "vault-db.compact.before"},
    {51, "vault-db.compact.after"},  {52, "vault-index.write.before"},
    {53, "vault-index.write.after"}, {54, "erasures.make.after"},
    {55, "erasures.write.half"},     {56, "erasures.sync.after"},
    {57, "erasures.rename.before"},  {58, "erasures.rename.after"},
    {59, "erasures.remove.before"},  {60, "erasures.remove.after"},
    {61, "setup-token.write.half"},  {62, "setup-token.rename.after"},
}};

struct Place {
    std::string_view part;  ///< of a path
    std::string_view name;
};
// The first that occurs in the path.
constexpr std::array<Place, 15> places{{{"/ledger/seg-", "ledger"},
                                        {"/ledger/checkpoint", "checkpoint"},
                                        {"/vault/access", "access"},
                                        {"/vault/blobs/journal", "erasures"},
                                        {"/vault/blobs/own-", "body"},
                                        {"/vault/blobs", "bodies"},
                                        {"/vault/db", "vault-db"},
                                        {"/vault/index", "vault-index"},
                                        {"/index/blocks", "index"},
                                        {"/index/log-tree", "log-tree"},
                                        {"/keys", "keys"},
                                        {"/ledger", "ledger"},
                                        {"/view", "view"},
                                        {"/setup-token", "setup-token"},
                                        {"/snapshot", "snapshot"}}};

std::string_view place_of(std::string_view path) {
    for (const Place& place : places) {
        if (path.find(place.part) != std::string_view::npos) return place.name;
    }
    return {};
}

class CrashFile final : public File {
  public:
    CrashFile(CrashEnv& env, std::unique_ptr<File> below, std::string path)
        : env_(env), below_(std::move(below)), path_(std::move(path)) {}

    Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> into) override {
        return below_->read_at(offset, into);
    }
    Status write_at(std::uint64_t offset, ByteView bytes) override {
        env_.reach_at(path_, "write", "before");
        if (env_.halves(path_)) {
            SALUS_TRY(below_->write_at(offset, bytes.first(bytes.size() / 2)));
            env_.reach_at(path_, "write", "half");
        }
        SALUS_TRY(below_->write_at(offset, bytes));
        env_.reach_at(path_, "write", "after");
        return done;
    }
    Status sync_data() override {
        env_.reach_at(path_, "sync", "before");
        SALUS_TRY(below_->sync_data());
        env_.reach_at(path_, "sync", "after");
        return done;
    }
    Status resize(std::uint64_t bytes) override {
        env_.reach_at(path_, "cut", "before");
        SALUS_TRY(below_->resize(bytes));
        env_.reach_at(path_, "cut", "after");
        return done;
    }
    Status preallocate(std::uint64_t bytes) override {
        env_.reach_at(path_, "grow", "before");
        SALUS_TRY(below_->preallocate(bytes));
        env_.reach_at(path_, "grow", "after");
        return done;
    }
    Result<std::uint64_t> size() override { return below_->size(); }

  private:
    CrashEnv& env_;
    std::unique_ptr<File> below_;
    std::string path_;
};

}  // namespace

std::span<const CrashPoint> crash_points() noexcept {
    return all_points;
}

Result<CrashEnv::At> CrashEnv::parse(std::string_view text) {
    At at;
    const std::size_t colon = text.find(':');
    std::string_view point = text.substr(0, colon);
    const auto number = [](std::string_view digits, std::uint64_t& into) {
        const auto [end, code] =
            std::from_chars(digits.data(), digits.data() + digits.size(), into);
        return code == std::errc{} && end == digits.data() + digits.size() && into > 0;
    };
    if (colon != std::string_view::npos && !number(text.substr(colon + 1), at.count)) {
        return Error{Errc::malformed, "a crash point is NAME or NAME:COUNT"};
    }
    std::uint64_t which = 0;
    const bool by_number = number(point, which);
    const auto found = std::find_if(
        all_points.begin(), all_points.end(),
        [&](const CrashPoint& one) { return by_number ? one.number == which : one.name == point; });
    if (found == all_points.end()) {
        return Error{Errc::malformed, "no crash point has this name"};
    }
    at.point = found->name;
    return at;
}

void CrashEnv::reach(std::string_view place, std::string_view operation, std::string_view moment) {
    const std::size_t parts = place.size() + operation.size() + moment.size() + 2;
    if (parts != at_.point.size()) return;
    const std::string name =
        std::string(place) + "." + std::string(operation) + "." + std::string(moment);
    if (name == at_.point && reached_.fetch_add(1) + 1 == at_.count) stop_();
}

void CrashEnv::reach_at(std::string_view path, std::string_view operation,
                        std::string_view moment) {
    const std::string_view place = place_of(path);
    if (!place.empty()) reach(place, operation, moment);
}

bool CrashEnv::halves(std::string_view path) const {
    return at_.point == std::string(place_of(path)) + ".write.half";
}

Result<std::unique_ptr<File>> CrashEnv::open(const std::string& path, OpenMode mode) {
    const bool made = mode == OpenMode::create && !below_.exists(path);
    if (made) reach_at(path, "make", "before");
    auto file = SALUS_TRY(below_.open(path, mode));
    if (made) reach_at(path, "make", "after");
    return std::unique_ptr<File>(std::make_unique<CrashFile>(*this, std::move(file), path));
}

Status CrashEnv::remove(const std::string& path) {
    reach_at(path, "remove", "before");
    SALUS_TRY(below_.remove(path));
    reach_at(path, "remove", "after");
    return done;
}

Status CrashEnv::rename(const std::string& from, const std::string& to) {
    reach_at(to, "rename", "before");
    SALUS_TRY(below_.rename(from, to));
    reach_at(to, "rename", "after");
    return done;
}

Status CrashEnv::sync_directory(const std::string& path) {
    reach_at(path, "list", "before");
    SALUS_TRY(below_.sync_directory(path));
    reach_at(path, "list", "after");
    return done;
}

}  // namespace salus
