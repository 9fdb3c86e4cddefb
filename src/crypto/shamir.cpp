#include "crypto/shamir.hpp"

#include "crypto/blob.hpp"
#include "crypto/hash.hpp"
#include "crypto/limits.hpp"
#include "crypto/secret.hpp"

namespace salus::crypto {
namespace {

constexpr std::size_t set_bytes = ShareSet::size_bytes;
constexpr std::size_t checksum_bytes = 4;
constexpr std::size_t fixed_bytes = set_bytes + 2;

/// Product in GF(2^8) modulo x^8 + x^4 + x^3 + x + 1, without a branch or a table.
std::uint8_t multiply(std::uint8_t a, std::uint8_t b) {
    unsigned product = 0;
    unsigned factor = a;
    for (unsigned bit = 0; bit < 8; ++bit) {
        product ^= factor & (0U - ((static_cast<unsigned>(b) >> bit) & 1U));
        factor = (factor << 1U) ^ (0x11bU & (0U - (factor >> 7U)));
    }
    return static_cast<std::uint8_t>(product);
}

/// a^254 = 1/a.
std::uint8_t inverse(std::uint8_t a) {
    std::uint8_t power = a;
    std::uint8_t result = 1;
    for (int i = 0; i < 7; ++i) {
        power = multiply(power, power);
        result = multiply(result, power);
    }
    return result;
}

/// Lagrange weights for the value at `at`, in the order of the points.
Bytes weights(std::span<const SharePoint> points, std::uint8_t at) {
    Bytes out;
    for (const SharePoint& own : points) {
        std::uint8_t weight = 1;
        for (const SharePoint& other : points) {
            if (other.x == own.x) continue;
            const auto above = static_cast<std::uint8_t>(at ^ other.x);
            const auto below = static_cast<std::uint8_t>(own.x ^ other.x);
            weight = multiply(weight, multiply(above, inverse(below)));
        }
        out.push_back(weight);
    }
    return out;
}

Bytes interpolate(std::span<const SharePoint> points, std::uint8_t at) {
    const Bytes weight = weights(points, at);
    Bytes out(points.front().y.size());
    for (std::size_t i = 0; i < points.size(); ++i) {
        for (std::size_t j = 0; j < out.size(); ++j) {
            out[j] ^= multiply(weight[i], points[i].y[j]);
        }
    }
    return out;
}

Status check_points(std::span<const SharePoint> points) {
    if (points.empty()) return Error{Errc::malformed, "no share"};
    std::array<bool, 256> seen{};
    for (const SharePoint& point : points) {
        if (point.x == 0 || seen[point.x]) {
            return Error{Errc::malformed, "share indexes are 1 to 255, each once"};
        }
        if (point.y.empty() || point.y.size() != points.front().y.size()) {
            return Error{Errc::malformed, "shares differ in size"};
        }
        seen[point.x] = true;
    }
    return done;
}

void append_checksum(Bytes& blob) {
    const Digest digest = sha256(blob);
    append(blob, digest.view().first(checksum_bytes));
}

struct Parsed {
    ShareInfo info;
    SharePoint point;
};

Result<Parsed> parse(ByteView blob) {
    const ByteView body = SALUS_TRY(blob_body(blob, BlobKind::shamir_share));
    if (body.size() <= fixed_bytes + checksum_bytes) {
        return Error{Errc::malformed, "share ends early"};
    }
    const Digest digest = sha256(blob.first(blob.size() - checksum_bytes));
    if (!equal_constant_time(digest.view().first(checksum_bytes), blob.last(checksum_bytes))) {
        return Error{Errc::malformed, "the share's checksum does not fit: a mistyped share"};
    }
    Parsed out;
    std::copy_n(body.begin(), set_bytes, out.info.set.bytes.begin());
    out.info.threshold = body[set_bytes];
    out.info.index = body[set_bytes + 1];
    out.point.x = out.info.index;
    out.point.y = to_bytes(body.subspan(fixed_bytes, body.size() - fixed_bytes - checksum_bytes));
    if (out.info.threshold < 2 || out.info.index == 0 ||
        out.point.y.size() > limits::share_secret_bytes_max) {
        return Error{Errc::malformed, "share with an impossible index, threshold or size"};
    }
    return out;
}

}  // namespace

Result<Bytes> interpolate_at_zero(std::span<const SharePoint> points) {
    SALUS_TRY(check_points(points));
    return interpolate(points, 0);
}

Result<std::vector<Bytes>> split_secret(Env& env, ByteView secret, std::uint8_t threshold,
                                        std::uint8_t shares) {
    if (threshold < 2 || threshold > shares) {
        return Error{Errc::out_of_range, "a split needs 2 ≤ threshold ≤ shares ≤ 255"};
    }
    if (secret.empty() || secret.size() > limits::share_secret_bytes_max) {
        return Error{Errc::out_of_range, "a split secret has 1 to 1024 bytes"};
    }
    // Coefficient 0 is the secret, the others are drawn: degree t − 1.
    std::vector<Bytes> coefficients(threshold, Bytes(secret.size()));
    coefficients[0] = to_bytes(secret);
    for (std::size_t i = 1; i < threshold; ++i) env.random(coefficients[i]);
    const auto set = random_bytes<ShareSet>(env);

    std::vector<Bytes> out;
    for (unsigned x = 1; x <= shares; ++x) {
        Bytes y(secret.size());
        for (std::size_t i = threshold; i-- > 0;) {  // Horner
            for (std::size_t j = 0; j < y.size(); ++j) {
                y[j] = static_cast<std::uint8_t>(multiply(y[j], static_cast<std::uint8_t>(x)) ^
                                                 coefficients[i][j]);
            }
        }
        Bytes blob = blob_head(BlobKind::shamir_share);
        append(blob, set.view());
        blob.push_back(threshold);
        blob.push_back(static_cast<std::uint8_t>(x));
        append(blob, y);
        append_checksum(blob);
        wipe(y);
        out.push_back(std::move(blob));
    }
    for (Bytes& coefficient : coefficients) wipe(coefficient);
    return out;
}

Result<Bytes> combine_shares(std::span<const Bytes> blobs) {
    std::vector<SharePoint> points;
    ShareInfo first;
    for (const Bytes& blob : blobs) {
        Parsed parsed = SALUS_TRY(parse(blob));
        if (points.empty()) first = parsed.info;
        if (parsed.info.set != first.set || parsed.info.threshold != first.threshold) {
            return Error{Errc::denied, "the shares come from different splits"};
        }
        points.push_back(std::move(parsed.point));
    }
    SALUS_TRY(check_points(points));
    if (points.size() < first.threshold) {
        return Error{Errc::not_found,
                     "too few shares: " + std::to_string(first.threshold) + " are needed"};
    }
    const auto enough = std::span(points).first(first.threshold);
    for (const SharePoint& further : std::span(points).subspan(first.threshold)) {
        if (!equal_constant_time(interpolate(enough, further.x), further.y)) {
            return Error{Errc::integrity, "a share does not belong to the others"};
        }
    }
    Bytes secret = interpolate(enough, 0);
    for (SharePoint& point : points) wipe(point.y);
    return secret;
}

Result<ShareInfo> read_share(ByteView blob) {
    const Parsed parsed = SALUS_TRY(parse(blob));
    return parsed.info;
}

}  // namespace salus::crypto
