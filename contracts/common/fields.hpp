#pragma once
#include "salus.hpp"

/// What several standard contracts read and ask alike.
namespace salus {

using PublicKey = Fixed<32>;

/// A moment: whole milliseconds since 1970, not negative.
inline std::int64_t read_time(Reader& args) {
    const std::int64_t time = args.integer();
    require(time >= 0, code::out_of_range, "a time before 1970");
    return time;
}

inline std::optional<Id> read_optional_id(Reader& args) {
    if (args.null_next()) {
        return std::nullopt;
    }
    return args.id();
}

inline void write_optional_id(Writer& out, const std::optional<Id>& id) {
    if (id.has_value()) {
        out.bytes(*id);
    } else {
        out.null();
    }
}

/// Visits every key under a prefix, also beyond the 1,024 of one scan; `visit` answers whether to
/// go on, and keeps no view of the entry: the next one takes its place. Deciding on a part would
/// let the rest be forgotten: past 16 scans the host ends the call instead, which denies.
template <class Visit>
void for_each(const Key& prefix, Visit visit) {
    constexpr std::uint32_t page = 1'024;
    Key last("");
    std::uint32_t count = page;
    while (count == page) {
        kv::Scan scan(prefix.view(), last.view(), page);
        count = 0;
        while (const auto entry = scan.step()) {
            if (!visit(*entry)) {
                return;
            }
            if (++count == page) {
                last = Key("").bytes(entry->key);
            }
        }
    }
}

/// Whether an account is enrolled and active.
inline bool is_enrolled(const Id& account) {
    Writer args;
    args.map(1).uint(1).bytes(account);
    const auto answer = host::call("registry", "is_active", args.view());
    return answer.has_value() && Reader(*answer).boolean();
}

}  // namespace salus
