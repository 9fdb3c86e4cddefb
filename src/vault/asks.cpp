#include "vault/asks.hpp"

#include "base/cbor.hpp"

#include <algorithm>
#include <array>

namespace salus::vault {

namespace {

using store::Column;

constexpr std::string_view by_id = "q/";
constexpr std::string_view by_asker = "k/";
constexpr std::string_view by_patient = "p/";

Bytes key(std::string_view prefix, ByteView first, ByteView second = {}) {
    Bytes out = to_bytes(prefix);
    append(out, first);
    append(out, second);
    return out;
}

Bytes encode(const AccessAsk& ask) {
    cbor::Writer out;
    out.array(9).bytes(ask.id.view()).bytes(ask.asker.view()).bytes(ask.patient.view());
    out.bytes(ask.to_patient).bytes(ask.to_asker).integer(ask.made.value);
    out.uint(static_cast<std::uint64_t>(ask.state)).integer(ask.answered.value);
    if (ask.directive)
        out.bytes(ask.directive->view());
    else
        out.null();
    return out.take();
}

Result<AccessAsk> decode(ByteView bytes) {
    cbor::Reader in(bytes);
    AccessAsk out;
    SALUS_TRY(in.array_of(9));
    out.id = SALUS_TRY(in.fixed<ObjectId>());
    out.asker = SALUS_TRY(in.fixed<AccountId>());
    out.patient = SALUS_TRY(in.fixed<AccountId>());
    out.to_patient = to_bytes(SALUS_TRY(in.bytes_max(ask_blob_bytes_max)));
    out.to_asker = to_bytes(SALUS_TRY(in.bytes_max(ask_blob_bytes_max)));
    out.made = UnixMillis{SALUS_TRY(in.integer())};
    out.state = static_cast<AskState>(
        SALUS_TRY(in.uint_max(static_cast<std::uint64_t>(AskState::withdrawn))));
    out.answered = UnixMillis{SALUS_TRY(in.integer())};
    if (in.null_next())
        SALUS_TRY(in.null());
    else
        out.directive = SALUS_TRY(in.fixed<ObjectId>());
    SALUS_TRY(in.end());
    return out;
}

bool is_open(const AccessAsk& ask, UnixMillis now) {
    return ask.state_at(now) == AskState::open;
}

void forget(const AccessAsk& ask, store::WriteBatch& batch) {
    batch.del(Column::vault, key(by_id, ask.id.view()));
    batch.del(Column::vault, key(by_asker, ask.asker.view(), ask.id.view()));
    batch.del(Column::vault, key(by_patient, ask.patient.view(), ask.id.view()));
}

}  // namespace

std::string_view to_string(AskState state) {
    static constexpr std::array<std::string_view, 6> names = {"open",    "allowed",   "narrowed",
                                                              "refused", "withdrawn", "expired"};
    return names[static_cast<std::size_t>(state)];
}

AskState AccessAsk::state_at(UnixMillis now) const {
    return state == AskState::open && now >= expires() ? AskState::expired : state;
}

Status AccessAsks::check_room(const AccessAsk& ask, const std::vector<AccessAsk>& of_asker) const {
    std::size_t open = 0;
    std::size_t open_to_this = 0;
    for (const AccessAsk& other : of_asker) {
        if (!is_open(other, ask.made)) continue;
        ++open;
        if (other.patient == ask.patient) ++open_to_this;
    }
    if (open_to_this >= asks_open_to_one_max)
        return Error{Errc::exhausted, "three asks already wait for this person's answer"};
    if (open >= asks_open_of_one_max)
        return Error{Errc::exhausted, "a hundred of your asks wait for an answer"};
    return done;
}

Status AccessAsks::add(const AccessAsk& ask) {
    for (const Bytes* blob : {&ask.to_patient, &ask.to_asker}) {
        if (blob->empty() || blob->size() > ask_blob_bytes_max)
            return Error{Errc::out_of_range, "a sealed ask has 1 to 8,192 bytes"};
    }
    const std::lock_guard lock(change_);
    if (SALUS_TRY(kv_.get(Column::vault, key(by_id, ask.id.view()))))
        return Error{Errc::already_exists, "this ask was made already"};
    const std::vector<AccessAsk> earlier = SALUS_TRY(of_asker(ask.asker));
    SALUS_TRY(check_room(ask, earlier));
    store::WriteBatch batch;
    for (const AccessAsk& old : earlier) {
        if (old.made.value + ask_kept_ms <= ask.made.value) forget(old, batch);
    }
    batch.put(Column::vault, key(by_id, ask.id.view()), encode(ask));
    batch.put(Column::vault, key(by_asker, ask.asker.view(), ask.id.view()), {});
    batch.put(Column::vault, key(by_patient, ask.patient.view(), ask.id.view()), {});
    return kv_.write(batch);
}

Result<AccessAsk> AccessAsks::get(const ObjectId& id) const {
    const auto bytes = SALUS_TRY(kv_.get(Column::vault, key(by_id, id.view())));
    if (!bytes) return Error{Errc::not_found, "no such ask"};
    return decode(*bytes);
}

Result<std::vector<AccessAsk>> AccessAsks::listed(ByteView prefix) const {
    std::vector<AccessAsk> out;
    const auto it = kv_.scan(Column::vault, {.prefix = to_bytes(prefix), .from = {}});
    for (; it->valid(); it->next())
        out.push_back(SALUS_TRY(get(SALUS_TRY(ObjectId::from(it->key().subspan(prefix.size()))))));
    SALUS_TRY(it->status());
    std::sort(out.begin(), out.end(),
              [](const AccessAsk& a, const AccessAsk& b) { return a.made.value > b.made.value; });
    return out;
}

Result<std::vector<AccessAsk>> AccessAsks::of_asker(const AccountId& asker) const {
    return listed(key(by_asker, asker.view()));
}

Result<std::vector<AccessAsk>> AccessAsks::to_patient(const AccountId& patient) const {
    return listed(key(by_patient, patient.view()));
}

Result<AccessAsk> AccessAsks::end(const ObjectId& id, AskState state,
                                  std::optional<ObjectId> directive, UnixMillis now) {
    const std::lock_guard lock(change_);
    AccessAsk ask = SALUS_TRY(get(id));
    if (!is_open(ask, now)) {
        return Error{Errc::denied,
                     "this ask is over: " + std::string(to_string(ask.state_at(now)))};
    }
    ask.state = state;
    ask.answered = now;
    ask.directive = directive;
    store::WriteBatch batch;
    batch.put(Column::vault, key(by_id, ask.id.view()), encode(ask));
    SALUS_TRY(kv_.write(batch));
    return ask;
}

}  // namespace salus::vault
