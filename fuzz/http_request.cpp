/// What the node reads of a request by itself: query parameters, cookies, routes, and the signed
/// question of POST /api/open. Its payload is signed here, since no input could guess a signature.

#include "crypto/sign.hpp"
#include "gateway/http.hpp"
#include "gateway/open_request.hpp"
#include "gateway/router.hpp"
#include "identity/account.hpp"
#include "ledger/cose.hpp"
#include "support/laws.hpp"

#include <memory>

using namespace salus;
using namespace salus::gateway;

namespace {

const crypto::SigningKey& key() {
    static const crypto::SigningKey made = [] {
        crypto::SigningKey out;
        std::fill(out.reveal_mutable().begin(), out.reveal_mutable().end(), std::uint8_t{9});
        return out;
    }();
    return made;
}

void open_request(ByteView payload) {
    const auto kid = crypto::public_key(key());
    const auto kid_bytes = ledger::PublicKey::from(kid.view()).value();
    const auto message =
        ledger::cose_sig_structure(ledger::access_request_label, kid_bytes, payload);
    const auto signature = ledger::Signature::from(crypto::sign(key(), message).view()).value();
    const auto request = read_open_request(ledger::cose_assemble(payload, kid_bytes, signature));
    if (!request.ok()) {
        SALUS_ASSERT(request.error().code != Errc::authentication);
        return;
    }
    SALUS_ASSERT(!request->records.empty() && request->records.size() <= open_records_max);
    SeenRequests seen;
    SALUS_ASSERT(seen.admit(*request, request->time).ok());
    SALUS_ASSERT(seen.admit(*request, request->time).error().code == Errc::already_exists);
}

struct NoSink final : Reply::Sink {
    void answer(Response) override {}
    void stream(std::shared_ptr<EventStream>) override {}
};

void parameters(fuzz::Draw draw) {
    Request request;
    request.method = draw.coin() ? "GET" : "POST";
    request.path = "/" + std::string(draw.short_text());
    request.headers = {{"cookie", std::string(draw.short_text())}};
    request.query = draw.short_text();
    (void)request.query_value("name").ok();
    if (const auto count = request.query_uint("count", 5, 100); count.ok()) {
        SALUS_ASSERT(*count <= 100);
    }
    SALUS_ASSERT(request.cookie("session").size() <= 255);
    Router router;
    bool called = false;
    for (const char* pattern : {"/api/tx/{}", "/api/tx/{}/receipt", "/api/{}/x", "/"}) {
        router.add({.method = "GET",
                    .pattern = pattern,
                    .summary = "",
                    .handler = [&](Request&, Reply reply) {
                        called = true;
                        reply(Response{});
                    }});
    }
    Reply reply(std::make_shared<NoSink>());
    const bool found = router.dispatch(request, reply);
    SALUS_ASSERT(found || !called);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    open_request(input);
    (void)read_open_request(to_bytes(input)).ok();
    parameters(fuzz::Draw(input));
    if (const auto name = identity::fold_name(as_text(input)); name.ok()) {
        SALUS_ASSERT(identity::fold_name(*name).value() == *name);
    }
    return 0;
}
