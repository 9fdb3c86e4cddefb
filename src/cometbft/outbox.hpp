#pragma once

#include "base/env.hpp"
#include "store/kv.hpp"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace salus::cometbft {

/// Transactions that somebody handed to this node and no block has brought yet. Durable, so that
/// a node that falls offers them again when it rises: a mempool forgets. Threads: any.
class Outbox {
  public:
    struct Entry {
        Digest id;
        Bytes envelope;
    };
    /// Errors: unavailable, integrity — the database.
    static Result<std::unique_ptr<Outbox>> open(const std::string& directory);
    /// For worlds without a directory.
    static std::unique_ptr<Outbox> in_memory();

    /// All of them durable when this returns; one sync. Errors: unavailable — none was kept.
    Status add(std::span<const Entry> entries);
    Status remove(std::span<const Digest> ids);
    Result<std::vector<Entry>> entries() const;

  private:
    explicit Outbox(std::unique_ptr<store::Kv> kv) : kv_(std::move(kv)) {}
    std::unique_ptr<store::Kv> kv_;
};

}  // namespace salus::cometbft
