#include "base/result.hpp"

#include <cstdio>
#include <cstdlib>

namespace salus {

std::string_view to_string(Errc code) noexcept {
    switch (code) {
        case Errc::malformed: return "malformed";
        case Errc::out_of_range: return "out_of_range";
        case Errc::not_found: return "not_found";
        case Errc::already_exists: return "already_exists";
        case Errc::denied: return "denied";
        case Errc::authentication: return "authentication";
        case Errc::integrity: return "integrity";
        case Errc::exhausted: return "exhausted";
        case Errc::unavailable: return "unavailable";
    }
    return "unknown";
}

namespace detail {
void assertion_failed(const char* what, const char* file, int line) noexcept {
    std::fprintf(stderr, "salus: broken invariant %s at %s:%d\n", what, file, line);
    std::abort();
}
}  // namespace detail

}  // namespace salus
