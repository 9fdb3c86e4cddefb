#include "vault/access_log.hpp"

#include "base/cbor.hpp"
#include "base/log.hpp"
#include "crypto/hash.hpp"
#include "ledger/merkle.hpp"

#include <algorithm>

namespace salus::vault {

namespace {

using store::Column;

constexpr std::uint8_t entry_receipt = 1;
constexpr std::size_t records_per_receipt_max = 1'000;
constexpr std::size_t labels_per_receipt_max = 1'024;

Bytes key(char kind, std::uint64_t number) {
    Bytes out{static_cast<std::uint8_t>(kind), '/'};
    append_be64(out, number);
    return out;
}

Bytes patient_prefix(const AccountId& patient) {
    Bytes out = to_bytes("p/");
    append(out, patient.view());
    return out;
}

template <class Id>
Result<std::vector<Id>> read_ids(cbor::Reader& in, std::size_t max) {
    std::vector<Id> out;
    std::size_t left = SALUS_TRY(in.array());
    if (left > max) return Error{Errc::out_of_range, "too many ids in an access receipt"};
    for (; left > 0; --left) out.push_back(SALUS_TRY(in.fixed<Id>()));
    return out;
}

template <class Id>
void write_ids(cbor::Writer& out, const std::vector<Id>& ids) {
    out.array(ids.size());
    for (const Id& id : ids) out.bytes(id.view());
}

Bytes encode(const Anchor& anchor) {
    cbor::Writer out;
    out.array(6).uint(anchor.from).uint(anchor.to).bytes(anchor.root.view());
    out.bytes(anchor.relation_root.view());
    out.bytes(anchor.transaction.view()).uint(anchor.height.value);
    return out.take();
}

Result<Anchor> decode_anchor(ByteView bytes) {
    cbor::Reader in(bytes);
    Anchor anchor;
    SALUS_TRY(in.array_of(6));
    anchor.from = SALUS_TRY(in.uint());
    anchor.to = SALUS_TRY(in.uint());
    anchor.root = SALUS_TRY(in.fixed<Digest>());
    anchor.relation_root = SALUS_TRY(in.fixed<Digest>());
    anchor.transaction = SALUS_TRY(in.fixed<Digest>());
    anchor.height = BlockHeight{SALUS_TRY(in.uint())};
    SALUS_TRY(in.end());
    return anchor;
}

Bytes encode_labels(std::vector<ledger::Label> labels) {
    std::sort(labels.begin(), labels.end());
    labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
    cbor::Writer out;
    write_ids(out, labels);
    return out.take();
}

}  // namespace

std::string_view to_string(Reason reason) noexcept {
    switch (reason) {
        case Reason::permitted:
            return "permitted";
        case Reason::no_directive:
            return "consent-none";
        case Reason::denied:
            return "consent-denied";
        case Reason::revoked:
            return "consent-revoked";
        case Reason::expired:
            return "consent-expired";
        case Reason::own_record:
            return "own-record";
        case Reason::held:
            return "held";
        case Reason::own_writing:
            return "own-writing";
    }
    return "unknown";
}

Bytes encode(const AccessReceipt& r) {
    cbor::Writer out;
    out.map(15).uint(1).uint(r.sequence).uint(2).bytes(r.request_hash.view());
    out.uint(3).bytes(r.actor.view()).uint(4).bytes(r.patient.view());
    out.uint(5);
    write_ids(out, r.records);
    out.uint(6).text(r.purpose).uint(7).uint(r.permitted ? 1 : 0).uint(8);
    write_ids(out, r.directives);
    out.uint(9).uint(static_cast<std::uint64_t>(r.reason)).uint(10).bytes(r.code_hash.view());
    out.uint(11).uint(r.height.value).uint(12).bytes(r.app_hash.view());
    out.uint(13).integer(r.block_time.value).uint(14).integer(r.node_time.value);
    out.uint(15).bytes(r.previous.view());
    return out.take();
}

Result<AccessReceipt> decode_access_receipt(ByteView bytes) {
    cbor::Reader in(bytes);
    AccessReceipt r;
    SALUS_TRY(in.map_of(15));
    SALUS_TRY(in.key(1));
    r.sequence = SALUS_TRY(in.uint());
    SALUS_TRY(in.key(2));
    r.request_hash = SALUS_TRY(in.fixed<Digest>());
    SALUS_TRY(in.key(3));
    r.actor = SALUS_TRY(in.fixed<AccountId>());
    SALUS_TRY(in.key(4));
    r.patient = SALUS_TRY(in.fixed<AccountId>());
    SALUS_TRY(in.key(5));
    r.records = SALUS_TRY(read_ids<ObjectId>(in, records_per_receipt_max));
    SALUS_TRY(in.key(6));
    r.purpose = SALUS_TRY(in.text_max(32));
    SALUS_TRY(in.key(7));
    r.permitted = SALUS_TRY(in.uint_max(1)) == 1;
    SALUS_TRY(in.key(8));
    r.directives = SALUS_TRY(read_ids<ObjectId>(in, records_per_receipt_max));
    SALUS_TRY(in.key(9));
    r.reason = static_cast<Reason>(SALUS_TRY(in.uint_max(255)));
    SALUS_TRY(in.key(10));
    r.code_hash = SALUS_TRY(in.fixed<Digest>());
    SALUS_TRY(in.key(11));
    r.height = BlockHeight{SALUS_TRY(in.uint())};
    SALUS_TRY(in.key(12));
    r.app_hash = SALUS_TRY(in.fixed<Digest>());
    SALUS_TRY(in.key(13));
    r.block_time = UnixMillis{SALUS_TRY(in.integer())};
    SALUS_TRY(in.key(14));
    r.node_time = UnixMillis{SALUS_TRY(in.integer())};
    SALUS_TRY(in.key(15));
    r.previous = SALUS_TRY(in.fixed<Digest>());
    SALUS_TRY(in.end());
    return r;
}

Digest receipt_hash(const AccessReceipt& receipt) {
    return crypto::sha256(encode(receipt));
}

Result<store::SegmentLog> AccessLog::open_file(Env& env, const std::string& directory,
                                               std::uint64_t receipts) {
    return store::SegmentLog::open(env, directory,
                                   {.segment_bytes = 8U << 20U, .entries_min = receipts});
}

Result<std::unique_ptr<AccessLog>> AccessLog::open(Env& env, std::string directory,
                                                   store::Kv& index) {
    SALUS_TRY(env.make_directories(directory));
    auto file = SALUS_TRY(open_file(env, directory, 0));
    std::unique_ptr<AccessLog> log(new AccessLog(env, std::move(directory), std::move(file), index,
                                                 SALUS_TRY(Relations::open(index))));
    SALUS_TRY(log->replay());
    return log;
}

Status AccessLog::replay() {
    SALUS_TRY(take_over(store::first_position));
    if (const auto newest = SALUS_TRY(newest_anchor())) anchored_to_ = newest->to;
    // A crash may have come between an anchor and the tree that it speaks of.
    return advance_relations(std::min<std::uint64_t>(anchored_to_, next_ - 1));
}

/// The file is the truth: every link is checked, and what the index does not hold yet is added.
Status AccessLog::take_over(store::Position from) {
    auto cursor = log_.cursor(from);
    store::WriteBatch batch;
    Digest last = last_hash_;
    std::uint64_t next = next_;
    while (true) {
        const auto entry = SALUS_TRY(cursor.next());
        if (!entry) break;
        cbor::Reader in(entry->payload);
        SALUS_TRY(in.array_of(3));
        const Bytes bytes = to_bytes(SALUS_TRY(in.bytes()));
        SALUS_TRY(in.bytes());  // the request
        const Bytes labels = to_bytes(SALUS_TRY(in.skip()));
        SALUS_TRY(in.end());
        const AccessReceipt receipt = SALUS_TRY(decode_access_receipt(bytes));
        if (receipt.sequence != next || receipt.previous != last) {
            return Error{Errc::integrity,
                         "access receipt " + std::to_string(next) + " breaks the chain"};
        }
        last = crypto::sha256(bytes);
        ++next;
        index_receipt(batch, receipt, bytes, labels);
        if (batch.size() > 10'000) {
            SALUS_TRY(index_.write(batch));
            batch.clear();
        }
    }
    // Readers count by `next_`: what it covers is indexed first.
    SALUS_TRY(index_.write(batch));
    last_hash_ = last;
    next_ = next;
    end_ = log_.end();
    return done;
}

/// After a failure: only a new opening can tell what of it is durable.
Status AccessLog::go_on() {
    if (!behind_) return done;
    log_ = SALUS_TRY(open_file(env_, directory_, next_ - 1));
    SALUS_TRY(take_over(end_));
    behind_ = false;
    log::info("access-log-goes-on", {{"next", next_.load()}});
    return done;
}

Result<std::vector<LabelledOpening>> AccessLog::openings(std::uint64_t to) const {
    std::vector<LabelledOpening> out;
    for (std::uint64_t s = relations_.applied() + 1; s <= to; ++s) {
        const auto labels = SALUS_TRY(index_.get(Column::access, key('o', s)));
        if (!labels) continue;
        cbor::Reader in(*labels);
        out.push_back({s, SALUS_TRY(read(s)).node_time,
                       SALUS_TRY(read_ids<ledger::Label>(in, labels_per_receipt_max))});
    }
    return out;
}

Status AccessLog::advance_relations(std::uint64_t to) {
    // In pages: a tree that is made anew has the whole file before it.
    constexpr std::uint64_t page = 10'000;
    while (relations_.applied() < to) {
        const std::uint64_t end = std::min(to, relations_.applied() + page);
        SALUS_TRY(relations_.advance(SALUS_TRY(openings(end)), end));
    }
    return done;
}

Result<std::optional<Anchor>> AccessLog::newest_anchor() const {
    const auto it =
        index_.scan(Column::access, {.prefix = to_bytes("a/"), .from = {}, .descending = true});
    SALUS_TRY(it->status());
    if (!it->valid()) return std::optional<Anchor>{};
    return std::optional{SALUS_TRY(decode_anchor(it->value()))};
}

void AccessLog::index_anchor(store::WriteBatch& batch, const Anchor& anchor) {
    batch.put(Column::access, key('a', anchor.to), encode(anchor));
}

Status AccessLog::adopt_anchors() {
    const auto newest = SALUS_TRY(newest_anchor());
    if (!newest) return done;
    // The hash chain binds every earlier receipt to this range: one root speaks for the whole file.
    if (newest->to >= next_ ||
        ledger::merkle_root(SALUS_TRY(leaves(newest->from, newest->to))) != newest->root) {
        return Error{Errc::integrity,
                     "the chain holds anchors of access receipts that this node lost or changed"};
    }
    SALUS_TRY(advance_relations(newest->to));
    if (relations_.root() != newest->relation_root) {
        return Error{Errc::integrity,
                     "the chain holds a relation root to which this node's receipts do not lead"};
    }
    anchored_to_ = newest->to;
    return done;
}

void AccessLog::index_receipt(store::WriteBatch& batch, const AccessReceipt& receipt,
                              ByteView bytes, ByteView labels) {
    if (receipt.permitted) batch.put(Column::access, key('o', receipt.sequence), labels);
    batch.put(Column::access, key('r', receipt.sequence), bytes);
    Bytes by_patient = patient_prefix(receipt.patient);
    append_be64(by_patient, receipt.sequence);
    batch.put(Column::access, by_patient, {});
}

Result<std::vector<AccessReceipt>> AccessLog::append(std::vector<Draft> drafts) {
    SALUS_TRY(go_on());
    std::vector<Bytes> payloads;
    std::vector<AccessReceipt> receipts;
    store::WriteBatch batch;
    Digest last = last_hash_;
    std::uint64_t next = next_;
    for (Draft& draft : drafts) {
        draft.receipt.sequence = next++;
        draft.receipt.previous = last;
        const Bytes bytes = encode(draft.receipt);
        last = crypto::sha256(bytes);
        const Bytes labels = encode_labels(std::move(draft.labels));
        cbor::Writer payload;
        payload.array(3).bytes(bytes).bytes(draft.request).raw(labels);
        payloads.push_back(payload.take());
        index_receipt(batch, draft.receipt, bytes, labels);
        receipts.push_back(std::move(draft.receipt));
    }
    std::vector<store::NewEntry> entries;
    entries.reserve(payloads.size());
    for (const Bytes& payload : payloads) entries.push_back({entry_receipt, payload});
    // Until the index has them too, they are the next opening's to take over.
    behind_ = true;
    if (const auto written = log_.append(entries, last_hash_); !written) {
        behind_ = log_.stopped();
        return written.error();
    }
    SALUS_TRY(index_.write(batch));
    behind_ = false;
    last_hash_ = last;
    next_ = next;
    end_ = log_.end();
    return receipts;
}

Result<Bytes> AccessLog::bytes_of(std::uint64_t sequence) const {
    auto bytes = SALUS_TRY(index_.get(Column::access, key('r', sequence)));
    if (!bytes) return Error{Errc::not_found, "no access receipt with this number"};
    return std::move(*bytes);
}

Result<AccessReceipt> AccessLog::read(std::uint64_t sequence) const {
    return decode_access_receipt(SALUS_TRY(bytes_of(sequence)));
}

Result<std::vector<AccessReceipt>> AccessLog::of_patient(const AccountId& patient,
                                                         std::uint64_t before,
                                                         std::size_t count) const {
    std::vector<AccessReceipt> out;
    if (before == 1) return out;
    const Bytes prefix = patient_prefix(patient);
    Bytes from;
    if (before != 0) {
        from = prefix;
        append_be64(from, before - 1);
    }
    const auto it =
        index_.scan(Column::access, {.prefix = prefix, .from = from, .descending = true});
    for (; it->valid() && out.size() < count; it->next()) {
        out.push_back(SALUS_TRY(read(read_be64(it->key().data() + prefix.size()))));
    }
    SALUS_TRY(it->status());
    return out;
}

Result<std::vector<AccessReceipt>> AccessLog::newest(std::uint64_t before,
                                                     std::size_t count) const {
    std::vector<AccessReceipt> out;
    const std::uint64_t end = before == 0 ? next_.load() : std::min(before, next_.load());
    for (std::uint64_t s = end; s > 1 && out.size() < count; --s)
        out.push_back(SALUS_TRY(read(s - 1)));
    return out;
}

Result<std::vector<Digest>> AccessLog::leaves(std::uint64_t from, std::uint64_t to) const {
    std::vector<Digest> out;
    for (std::uint64_t s = from; s <= to; ++s)
        out.push_back(ledger::merkle_leaf(SALUS_TRY(bytes_of(s))));
    return out;
}

Result<AccessLog::Range> AccessLog::unanchored() const {
    Range range;
    range.from = anchored_to_ + 1;
    range.to = std::min<std::uint64_t>(next_ - 1, anchored_to_ + receipts_per_anchor_max);
    const std::vector<Digest> hashes = SALUS_TRY(leaves(range.from, range.to));
    range.root = ledger::merkle_root(hashes);
    range.relation_root = SALUS_TRY(relations_.root_after(SALUS_TRY(openings(range.to))));
    if (range.to >= range.from) range.oldest = SALUS_TRY(read(range.from)).node_time;
    return range;
}

Result<std::optional<UnixMillis>> AccessLog::oldest_unanchored() const {
    if (anchored_to_ + 1 >= next_) return std::optional<UnixMillis>{};
    return std::optional{SALUS_TRY(read(anchored_to_ + 1)).node_time};
}

Status AccessLog::anchored(const Anchor& anchor) {
    if (anchor.from != anchored_to_ + 1) return Error{Errc::integrity, "an anchor leaves a gap"};
    if (anchor.to < anchor.from) return done;  // an empty anchor covers no receipt
    store::WriteBatch batch;
    index_anchor(batch, anchor);
    SALUS_TRY(index_.write(batch));
    anchored_to_ = anchor.to;
    return advance_relations(anchor.to);
}

Status AccessLog::check_anchor(const Anchor& anchor) {
    const std::string which = anchor.covers_some()
                                  ? "the anchor of access receipts " + std::to_string(anchor.from) +
                                        " to " + std::to_string(anchor.to)
                                  : "the anchor after access receipt " + std::to_string(anchor.to);
    if (anchor.to >= next_) {
        return Error{Errc::integrity, which + " is in the chain, and the vault has " +
                                          std::to_string(next_ - 1) + " receipts"};
    }
    if (ledger::merkle_root(SALUS_TRY(leaves(anchor.from, anchor.to))) != anchor.root) {
        return Error{Errc::integrity, which + " has another root than the vault's receipts"};
    }
    SALUS_TRY(advance_relations(anchor.to));
    if (relations_.applied() != anchor.to || relations_.root() != anchor.relation_root) {
        return Error{Errc::integrity,
                     which + " has another relation root than the vault's receipts lead to"};
    }
    return done;
}

Result<std::optional<Anchor>> AccessLog::anchor_of(std::uint64_t sequence) const {
    const auto it =
        index_.scan(Column::access, {.prefix = to_bytes("a/"), .from = key('a', sequence)});
    SALUS_TRY(it->status());
    if (!it->valid()) return std::optional<Anchor>{};
    return std::optional<Anchor>{SALUS_TRY(decode_anchor(it->value()))};
}

Result<AccessLog::Proof> AccessLog::proof(std::uint64_t sequence) const {
    const auto anchor = SALUS_TRY(anchor_of(sequence));
    if (!anchor)
        return Error{Errc::not_found, "this opening is not anchored yet; try again in a second"};
    const std::vector<Digest> hashes = SALUS_TRY(leaves(anchor->from, anchor->to));
    Proof proof;
    proof.anchor = *anchor;
    proof.receipt = SALUS_TRY(bytes_of(sequence));
    proof.path = SALUS_TRY(ledger::merkle_inclusion(hashes, sequence - anchor->from));
    return proof;
}

}  // namespace salus::vault
