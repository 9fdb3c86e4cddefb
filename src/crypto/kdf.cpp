#include "crypto/kdf.hpp"

#include "crypto/limits.hpp"

#include <sodium.h>

namespace salus::crypto {
namespace {

Status within_limits(ByteView password, const Argon2Parameters& parameters, std::size_t length) {
    if (password.size() > limits::argon2_password_bytes_max) {
        return Error{Errc::out_of_range, "password longer than 4096 bytes"};
    }
    if (parameters.p != 1) return Error{Errc::out_of_range, "Argon2id runs with one lane here"};
    if (parameters.m_kib < limits::argon2_m_kib_min ||
        parameters.m_kib > limits::argon2_m_kib_max) {
        return Error{Errc::out_of_range, "Argon2id memory outside 8 KiB to 2 GiB"};
    }
    if (parameters.t < 1 || parameters.t > limits::argon2_t_max) {
        return Error{Errc::out_of_range, "Argon2id passes outside 1 to 65536"};
    }
    if (length < limits::argon2_output_bytes_min || length > limits::argon2_output_bytes_max) {
        return Error{Errc::out_of_range, "Argon2id yields 16 to 1024 bytes"};
    }
    return done;
}

}  // namespace

Status meets_floor(const Argon2Parameters& parameters, const Argon2Parameters& floor) {
    if (parameters.m_kib < floor.m_kib || parameters.t < floor.t || parameters.p != floor.p) {
        return Error{Errc::denied, "password parameters are below the floor"};
    }
    return done;
}

Result<Bytes> argon2id(ByteView password, const KdfSalt& salt, const Argon2Parameters& parameters,
                       std::size_t length) {
    SALUS_TRY(within_limits(password, parameters, length));
    Bytes out(length);
    // libsodium takes no null pointer, which an empty view may hold.
    const std::string_view text = password.empty() ? std::string_view("") : as_text(password);
    if (crypto_pwhash_argon2id(out.data(), out.size(), text.data(), text.size(), salt.bytes.data(),
                               parameters.t, std::size_t{parameters.m_kib} * 1024,
                               crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0) {
        return Error{Errc::unavailable, "no memory for Argon2id"};
    }
    return out;
}

}  // namespace salus::crypto
