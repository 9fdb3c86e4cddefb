#pragma once

#include <tl/expected.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace salus {

/// What a caller can do about a failure. Codes are append-only: they travel in audit entries and
/// HTTP bodies.
enum class Errc : std::uint16_t {
    malformed = 1,       ///< the bytes are not of the form asked for: do not retry
    out_of_range = 2,    ///< well-formed, but outside a stated limit or window
    not_found = 3,       ///< no such thing, or none the caller may know of
    already_exists = 4,  ///< it is there already; nothing was done
    denied = 5,          ///< a rule refused
    authentication = 6,  ///< who you are could not be shown
    integrity = 7,       ///< a hash, signature or link does not fit: raise the alarm
    exhausted = 8,       ///< a quota, gas or memory bound was reached
    unavailable = 9,     ///< the world failed (disk, network): retry later
};

/// "malformed", "denied", …: the code as it is written in logs and HTTP bodies.
std::string_view to_string(Errc code) noexcept;

/// `detail` is for the operator: one sentence with ids, sizes and codes;
/// no health data, no secrets.
struct Error {
    Errc code;
    std::string detail;
};

/// A value or the reason why there is none. The caller must look: the class is [[nodiscard]].
template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
  public:
    using tl::expected<T, Error>::expected;
    Result(Error error) : tl::expected<T, Error>(tl::unexpect, std::move(error)) {}
    [[nodiscard]] bool ok() const noexcept { return this->has_value(); }
};

/// A Result without a value. Success is written `return done;`.
struct Done {};
inline constexpr Done done{};

template <>
class [[nodiscard]] Result<void> : public tl::expected<void, Error> {
  public:
    using tl::expected<void, Error>::expected;
    Result(Done) : tl::expected<void, Error>() {}
    Result(Error error) : tl::expected<void, Error>(tl::unexpect, std::move(error)) {}
    [[nodiscard]] bool ok() const noexcept { return this->has_value(); }
};
using Status = Result<void>;

namespace detail {
template <class T>
T&& take(Result<T>& result) {
    return std::move(*result);
}
inline void take(Result<void>&) {}
[[noreturn]] void assertion_failed(const char* what, const char* file, int line) noexcept;
}  // namespace detail

}  // namespace salus

/// Value of a Result, or an early return of its error:
/// `const Transaction transaction = SALUS_TRY(decode(bytes));`
/// The counter gives each use its own name, so that uses may nest.
#define SALUS_TRY(expression) SALUS_TRY_COUNTED(expression, __COUNTER__)
#define SALUS_TRY_COUNTED(expression, count) SALUS_TRY_NAMED(expression, count)
#define SALUS_TRY_NAMED(expression, count)                                       \
    __extension__({                                                              \
        auto salus_try_##count = (expression);                                   \
        if (!salus_try_##count.has_value())                                      \
            return ::salus::Error{std::move(salus_try_##count).error()};         \
        ::salus::detail::take(salus_try_##count);                                \
    })

/// An invariant of Salus itself, checked in every build. Never for input.
#define SALUS_ASSERT(condition)                                                             \
    ((condition) ? static_cast<void>(0)                                                     \
                 : ::salus::detail::assertion_failed(#condition, __FILE__, __LINE__))
