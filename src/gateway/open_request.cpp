#include "gateway/open_request.hpp"

#include "base/cbor.hpp"
#include "crypto/hash.hpp"
#include "ledger/cose_sign.hpp"

namespace salus::gateway {

Result<OpenRequest> read_open_request(Bytes envelope) {
    const auto cose = SALUS_TRY(ledger::cose_decode(envelope));
    SALUS_TRY(ledger::cose_check(ledger::access_request_label, cose));
    cbor::Reader in(cose.payload);
    OpenRequest out;
    out.kid = cose.kid;
    SALUS_TRY(in.map_of(8));
    SALUS_TRY(in.key(1));
    out.chain_id = SALUS_TRY(in.text_max(64));
    SALUS_TRY(in.key(2));
    out.account = SALUS_TRY(in.fixed<AccountId>());
    SALUS_TRY(in.key(3));
    out.nonce = SALUS_TRY(in.fixed<ObjectId>());
    SALUS_TRY(in.key(4));
    out.time = UnixMillis{SALUS_TRY(in.integer())};
    SALUS_TRY(in.key(5));
    out.patient = SALUS_TRY(in.fixed<AccountId>());
    SALUS_TRY(in.key(6));
    const std::size_t count = SALUS_TRY(in.array());
    if (count == 0 || count > open_records_max) {
        return Error{Errc::out_of_range, "a request names 1 to 1,000 records"};
    }
    for (std::size_t i = 0; i < count; ++i) out.records.push_back(SALUS_TRY(in.fixed<ObjectId>()));
    SALUS_TRY(in.key(7));
    out.purpose = SALUS_TRY(in.text_max(32));
    SALUS_TRY(in.key(8));
    out.action = SALUS_TRY(in.text_max(32));
    SALUS_TRY(in.end());
    // The right to add is no right to be given bytes: what is released is always an access.
    if (out.action != "access")
        return Error{Errc::out_of_range, "records are opened for the action access alone"};
    out.hash = crypto::sha256(envelope);
    out.envelope = std::move(envelope);
    return out;
}

Status SeenRequests::admit(const OpenRequest& request, UnixMillis now) {
    if (request.time.value < now.value - open_window_ms ||
        request.time.value > now.value + open_window_ms) {
        return Error{Errc::out_of_range,
                     "the request's time is more than two minutes off; check this device's clock"};
    }
    const std::lock_guard lock(mutex_);
    forget_before(now.value - 2 * open_window_ms);
    if (!seen_.insert(request.hash).second) {
        return Error{Errc::already_exists, "this request was used already"};
    }
    by_time_.emplace(now, request.hash);
    return done;
}

void SeenRequests::remember(const Digest& request, UnixMillis when) {
    const std::lock_guard lock(mutex_);
    if (seen_.insert(request).second) by_time_.emplace(when, request);
}

void SeenRequests::forget_before(std::int64_t time) {
    while (!by_time_.empty() && by_time_.begin()->first.value < time) {
        seen_.erase(by_time_.begin()->second);
        by_time_.erase(by_time_.begin());
    }
}

}  // namespace salus::gateway
