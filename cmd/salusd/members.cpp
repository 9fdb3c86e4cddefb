#include "members.hpp"

#include "base/log.hpp"
#include "client/api.hpp"

#include <chrono>
#include <set>
#include <utility>

namespace salus {

namespace {

constexpr std::int64_t ask_timeout_ms = 1'000;
constexpr int look_ms = 200;
/// A member that has the block a little later is asked again; one that is away is not waited for.
constexpr int rounds_max = 10;
/// At most one height in this time: signatures of a busy chain must not cost more than its blocks.
constexpr int between_heights_ms = 500;

}  // namespace

MemberSignatures::MemberSignatures(Env& env, chain::Node& node, std::vector<std::string> urls)
    : env_(env), node_(node), urls_(std::move(urls)) {
    if (!urls_.empty()) thread_ = std::thread([this] { loop(); });
}

MemberSignatures::~MemberSignatures() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

/// True: time to end.
bool MemberSignatures::pause(int ms) {
    std::unique_lock lock(mutex_);
    return wake_.wait_for(lock, std::chrono::milliseconds(ms), [this] { return stopping_; });
}

/// What that member signed of its own copy of the block; false: ask again later.
bool MemberSignatures::ask(const std::string& url, BlockHeight height) {
    auto address = client::Address::parse(url);
    if (!address) return true;
    client::Api api(client::HttpClient(std::move(*address), ask_timeout_ms));
    const auto block = api.get("/api/block/" + std::to_string(height.value));
    if (!block) return false;
    const auto note = json::need_text(*block, "checkpoint");
    if (!note) return false;
    if (const Status added = node_.cosignatures().add(*note); !added) {
        log::warn("member-signature",
                  {{"member", url}, {"height", height.value}, {"reason", added.error().detail}});
    }
    return true;
}

void MemberSignatures::loop() {
    BlockHeight asked{0};
    while (!pause(look_ms)) {
        const BlockHeight newest = node_.status().head.height;
        if (newest == asked) continue;
        std::set<std::string> missing(urls_.begin(), urls_.end());
        for (int round = 0; round < rounds_max && !missing.empty(); ++round) {
            if (round != 0 && pause(look_ms)) return;
            std::erase_if(missing, [&](const std::string& url) { return ask(url, newest); });
        }
        asked = newest;
        if (pause(between_heights_ms)) return;
    }
}

}  // namespace salus
