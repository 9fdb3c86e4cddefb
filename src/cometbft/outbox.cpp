#include "cometbft/outbox.hpp"

#include <algorithm>
#include <utility>

namespace salus::cometbft {

Result<std::unique_ptr<Outbox>> Outbox::open(const std::string& directory) {
    auto kv = SALUS_TRY(store::open_rocks(
        directory, {.durability = store::Durability::own_log, .columns = {store::Column::outbox}}));
    return std::unique_ptr<Outbox>(new Outbox(std::move(kv)));
}

std::unique_ptr<Outbox> Outbox::in_memory() {
    return std::unique_ptr<Outbox>(new Outbox(store::memory_kv()));
}

Status Outbox::add(std::span<const Entry> entries) {
    store::WriteBatch batch;
    for (const Entry& one : entries) {
        batch.put(store::Column::outbox, one.id.view(), one.envelope);
    }
    return batch.empty() ? Status{done} : kv_->write(batch);
}

Status Outbox::remove(std::span<const Digest> ids) {
    store::WriteBatch batch;
    for (const Digest& id : ids) batch.del(store::Column::outbox, id.view());
    return batch.empty() ? Status{done} : kv_->write(batch);
}

Result<std::vector<Outbox::Entry>> Outbox::entries() const {
    std::vector<Entry> out;
    const auto it = kv_->scan(store::Column::outbox, {});
    for (; it->valid(); it->next()) {
        Entry entry;
        if (it->key().size() != entry.id.bytes.size()) {
            return Error{Errc::integrity, "the outbox holds a key that is no transaction id"};
        }
        std::copy(it->key().begin(), it->key().end(), entry.id.bytes.begin());
        entry.envelope.assign(it->value().begin(), it->value().end());
        out.push_back(std::move(entry));
    }
    SALUS_TRY(it->status());
    return out;
}

}  // namespace salus::cometbft
