#include "crypto/timestamp.hpp"

#include "crypto/openssl.hpp"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/ts.h>
#include <openssl/x509_vfy.h>

#include <ctime>
#include <limits>
#include <memory>

namespace salus::crypto {
namespace {

using openssl::Freed;
using Request = std::unique_ptr<TS_REQ, Freed<TS_REQ_free>>;
using Imprint = std::unique_ptr<TS_MSG_IMPRINT, Freed<TS_MSG_IMPRINT_free>>;
using Algorithm = std::unique_ptr<X509_ALGOR, Freed<X509_ALGOR_free>>;
using Response = std::unique_ptr<TS_RESP, Freed<TS_RESP_free>>;
using Context = std::unique_ptr<TS_VERIFY_CTX, Freed<TS_VERIFY_CTX_free>>;
using Store = std::unique_ptr<X509_STORE, Freed<X509_STORE_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Source = std::unique_ptr<BIO, Freed<BIO_free_all>>;

constexpr std::size_t certificates_max = 100;

Error refused(Errc code, const char* what) {
    ERR_clear_error();
    return Error{code, std::string("time stamp: ") + what};
}

Result<Store> read_store(ByteView pem) {
    if (pem.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
        return refused(Errc::malformed, "the certificates are too long");
    }
    const Source source(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    Store store(X509_STORE_new());
    std::size_t count = 0;
    while (source && store && count < certificates_max) {
        const Certificate one(PEM_read_bio_X509(source.get(), nullptr, nullptr, nullptr));
        if (!one) break;
        if (X509_STORE_add_cert(store.get(), one.get()) != 1) break;
        ++count;
    }
    ERR_clear_error();
    if (count == 0) return refused(Errc::malformed, "no certificate of an authority");
    return store;
}

/// Whether the token is over this imprint, as SHA-256.
Status check_imprint(TS_TST_INFO* info, const Digest& imprint) {
    TS_MSG_IMPRINT* const stated = TS_TST_INFO_get_msg_imprint(info);
    const ASN1_OBJECT* algorithm = nullptr;
    X509_ALGOR_get0(&algorithm, nullptr, nullptr, TS_MSG_IMPRINT_get_algo(stated));
    const ASN1_OCTET_STRING* const bytes = TS_MSG_IMPRINT_get_msg(stated);
    const auto length = static_cast<std::size_t>(ASN1_STRING_length(bytes));
    const ByteView stated_bytes(ASN1_STRING_get0_data(bytes), length);
    if (OBJ_obj2nid(algorithm) != NID_sha256 ||
        !std::equal(stated_bytes.begin(), stated_bytes.end(), imprint.bytes.begin(),
                    imprint.bytes.end())) {
        return refused(Errc::integrity, "it is over something else");
    }
    return done;
}

Result<std::time_t> time_of(TS_TST_INFO* info) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(TS_TST_INFO_get_time(info), &parts) != 1) {
        return refused(Errc::malformed, "its time cannot be read");
    }
    return timegm(&parts);
}

}  // namespace

Result<Bytes> timestamp_request(const Digest& imprint) {
    const Request request(TS_REQ_new());
    const Imprint stated(TS_MSG_IMPRINT_new());
    const Algorithm algorithm(X509_ALGOR_new());
    Digest bytes = imprint;
    const bool built =
        request && stated && algorithm &&
        X509_ALGOR_set0(algorithm.get(), OBJ_nid2obj(NID_sha256), V_ASN1_NULL, nullptr) == 1 &&
        TS_MSG_IMPRINT_set_algo(stated.get(), algorithm.get()) == 1 &&
        TS_MSG_IMPRINT_set_msg(stated.get(), bytes.bytes.data(), Digest::size_bytes) == 1 &&
        TS_REQ_set_version(request.get(), 1) == 1 &&
        TS_REQ_set_msg_imprint(request.get(), stated.get()) == 1 &&
        TS_REQ_set_cert_req(request.get(), 1) == 1;
    const int size = built ? i2d_TS_REQ(request.get(), nullptr) : -1;
    if (size <= 0) return refused(Errc::unavailable, "the request could not be built");
    Bytes out(static_cast<std::size_t>(size));
    std::uint8_t* at = out.data();
    i2d_TS_REQ(request.get(), &at);
    return out;
}

Result<UnixMillis> check_timestamp(ByteView response, const Digest& imprint, ByteView authorities) {
    const std::uint8_t* at = response.data();
    const Response parsed(d2i_TS_RESP(nullptr, &at, static_cast<long>(response.size())));
    if (!parsed || at != response.data() + response.size()) {
        return refused(Errc::malformed, "this is no response of an authority");
    }
    TS_TST_INFO* const info = TS_RESP_get_tst_info(parsed.get());
    if (info == nullptr) return refused(Errc::authentication, "the authority refused");
    SALUS_TRY(check_imprint(info, imprint));
    const std::time_t time = SALUS_TRY(time_of(info));

    Store store = SALUS_TRY(read_store(authorities));
    // A certificate that ran out since then was good when it stamped.
    X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store.get()), time);
    const Context context(TS_VERIFY_CTX_new());
    if (!context) return refused(Errc::unavailable, "out of memory");
    TS_VERIFY_CTX_set_flags(context.get(), TS_VFY_VERSION | TS_VFY_SIGNATURE);
    TS_VERIFY_CTX_set_store(context.get(), store.release());
    if (TS_RESP_verify_response(context.get(), parsed.get()) != 1) {
        return refused(Errc::authentication, "it is not signed by one of the authorities");
    }
    return UnixMillis{static_cast<std::int64_t>(time) * 1'000};
}

}  // namespace salus::crypto
