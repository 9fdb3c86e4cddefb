#include "learn/dp_sampler.hpp"

#include <numeric>

namespace salus::learn {
namespace {

/// Uniform below a bound (Lemire 2019): the division is needed once in bound / 2^64 draws.
std::uint64_t below_narrow(RandomStream& random, std::uint64_t bound) noexcept {
    Wide product = static_cast<Wide>(random.next()) * bound;
    if (static_cast<std::uint64_t>(product) < bound) {
        const std::uint64_t refused = (0 - bound) % bound;
        while (static_cast<std::uint64_t>(product) < refused) {
            product = static_cast<Wide>(random.next()) * bound;
        }
    }
    return static_cast<std::uint64_t>(product >> 64U);
}

/// Uniform below a bound that may need more than 64 bits.
Wide below(RandomStream& random, Wide bound) noexcept {
    if (bound >> 64U == 0) return below_narrow(random, static_cast<std::uint64_t>(bound));
    // As many random bits as the bound has, drawn again until they lie below it.
    const auto top = static_cast<std::uint64_t>((bound - 1) >> 64U);
    std::uint64_t mask = ~std::uint64_t{0};
    while (mask >> 1U >= top && mask > 1) mask >>= 1U;
    while (true) {
        const Wide drawn = static_cast<Wide>(random.next() & mask) << 64U | random.next();
        if (drawn < bound) return drawn;
    }
}

/// e^(-over / under) for over ≤ under: how long a falling run of coins lasts.
bool bernoulli_exp_small(RandomStream& random, Wide over, Wide under) noexcept {
    Wide tries = 1;
    while (below(random, under * tries) < over) ++tries;
    return (tries & 1U) != 0;
}

/// The same for over < under < 2^48, where products stay within 64 bits.
bool bernoulli_exp_narrow(RandomStream& random, std::uint64_t over, std::uint64_t under) noexcept {
    std::uint64_t tries = 1;
    while (below_narrow(random, under * tries) < over) ++tries;
    return (tries & 1U) != 0;
}

/// True with probability 1 / e: the series of bernoulli_exp_narrow(1, 1), whose draws below 2, 3, …
/// 12 are the digits of one number below 12!.
bool one_in_e(RandomStream& random) noexcept {
    constexpr std::uint64_t factorial_12 = 479'001'600;
    std::uint64_t digits = below_narrow(random, factorial_12);
    std::uint64_t tries = 2;
    for (; tries <= 12; ++tries) {
        const std::uint64_t rest = digits / tries;
        if (digits != rest * tries) return (tries & 1U) != 0;
        digits = rest;
    }
    while (below_narrow(random, tries) == 0) ++tries;
    return (tries & 1U) != 0;
}

}  // namespace

Result<Rational> rational_from(std::string_view text) {
    const Error malformed{Errc::malformed, "a positive number is like 2.5, 1e-3 or 5/2"};
    const Error range{Errc::out_of_range,
                      "a number's numerator and denominator are from 1 to 2^26"};
    if (text.empty() || text.size() > 64) return malformed;
    std::uint64_t over = 0;
    std::uint64_t under = 1;
    int exponent = 0;
    std::size_t at = 0;
    std::size_t digits = 0;
    bool after_point = false;
    for (; at < text.size(); ++at) {
        if (text[at] == '.' && !after_point) {
            after_point = true;
        } else if (text[at] >= '0' && text[at] <= '9') {
            if (over > UINT64_MAX / 10 - 1) return range;
            over = over * 10 + static_cast<std::uint64_t>(text[at] - '0');
            exponent -= after_point ? 1 : 0;
            ++digits;
        } else {
            break;
        }
    }
    if (digits == 0) return malformed;
    if (at < text.size()) {
        const char mark = text[at++];
        if (at == text.size()) return malformed;
        bool negative = false;
        if (mark != '/' && (text[at] == '-' || text[at] == '+')) negative = text[at++] == '-';
        if (at == text.size()) return malformed;
        std::uint64_t number = 0;
        for (; at < text.size(); ++at) {
            if (text[at] < '0' || text[at] > '9') return malformed;
            number = number * 10 + static_cast<std::uint64_t>(text[at] - '0');
            if (number > rational_part_max) return range;
        }
        if (mark == '/' && !after_point) {
            under = number;
        } else if (mark == 'e' || mark == 'E') {
            if (number > 40) return range;
            exponent += negative ? -static_cast<int>(number) : static_cast<int>(number);
        } else {
            return malformed;
        }
    }
    if (over == 0 || under == 0) return range;
    for (; exponent < 0; ++exponent) {
        if (over % 10 == 0) {
            over /= 10;
        } else {
            if (under > UINT64_MAX / 10) return range;
            under *= 10;
        }
    }
    for (; exponent > 0; --exponent) {
        if (over > UINT64_MAX / 10) return range;
        over *= 10;
    }
    const std::uint64_t common = std::gcd(over, under);
    const Rational out{over / common, under / common};
    if (out.over > rational_part_max || out.under > rational_part_max) return range;
    return out;
}

bool bernoulli_exp(RandomStream& random, Wide over, Wide under) noexcept {
    // e^-γ for γ above 1 is e^-1 so many times over, and e^ of what is left.
    while (over > under) {
        if (!one_in_e(random)) return false;
        over -= under;
    }
    if (under >> 48U == 0) {
        return bernoulli_exp_narrow(random, static_cast<std::uint64_t>(over),
                                    static_cast<std::uint64_t>(under));
    }
    return bernoulli_exp_small(random, over, under);
}

std::int64_t DiscreteLaplace::draw(RandomStream& random) const noexcept {
    while (true) {
        // A geometric of mean `over`, from its remainder and its whole parts.
        const std::uint64_t rest = below_narrow(random, scale_.over);
        if (!bernoulli_exp_narrow(random, rest, scale_.over)) continue;
        std::uint64_t whole = 0;
        while (one_in_e(random)) ++whole;
        const std::uint64_t size = (rest + scale_.over * whole) / scale_.under;
        const bool negative = (random.next() & 1U) != 0;
        if (negative && size == 0) continue;  // zero has one sign only
        const auto value = static_cast<std::int64_t>(size);
        return negative ? -value : value;
    }
}

Result<DiscreteGaussian> DiscreteGaussian::create(const Rational& sigma) {
    if (sigma.over == 0 || sigma.under == 0 || sigma.over + sigma.under > rational_part_max) {
        return Error{Errc::out_of_range, "sigma's numerator and denominator reach 2^26 together"};
    }
    DiscreteGaussian out;
    out.proposal_ = sigma.over / sigma.under + 1;
    out.square_over_ = sigma.over * sigma.over;
    out.square_under_ = sigma.under * sigma.under;
    return out;
}

std::int64_t DiscreteGaussian::draw(RandomStream& random) const noexcept {
    const DiscreteLaplace proposal({proposal_, 1});
    const Wide unit = static_cast<Wide>(square_under_) * proposal_;
    // γ = (|y| − σ²/t)² / 2σ² = (|y| b t − a)² / 2abt² for σ² = a/b.
    const Wide under = 2 * static_cast<Wide>(square_over_) * unit * proposal_;
    while (true) {
        const std::int64_t y = proposal.draw(random);
        const auto size = static_cast<std::uint64_t>(y < 0 ? -y : y);
        if (size > 64 * proposal_) continue;
        const Wide place = size * unit;
        const Wide away = place > square_over_ ? place - square_over_ : square_over_ - place;
        if (bernoulli_exp(random, away * away, under)) return y;
    }
}

Result<RandomisedResponse> RandomisedResponse::create(std::uint64_t k, const Rational& epsilon) {
    if (k < 2 || k > std::uint64_t{1} << 32U) {
        return Error{Errc::out_of_range, "k is from 2 to 2^32"};
    }
    RandomisedResponse out;
    out.k_ = k;
    out.epsilon_ = epsilon;
    return out;
}

std::uint64_t RandomisedResponse::draw(RandomStream& random, std::uint64_t value) const noexcept {
    while (true) {
        const std::uint64_t answer = below_narrow(random, k_);
        if (answer == value || bernoulli_exp(random, epsilon_.over, epsilon_.under)) return answer;
    }
}

}  // namespace salus::learn
