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

/// Bytes of rows that one answer carries.
inline constexpr std::size_t answer_bytes_max = 250'000;

/// Answers a list of what lies under `prefix` ‖ the owner's id: args {1: owner, 2: after this id or
/// null, 3: count ≤ count_max}. `row` writes one entry, given the id its key ends in. As many as
/// one answer carries: the reader goes on behind the last.
template <class Row>
void answer_list(Call& call, Text prefix, std::uint64_t count_max, Row row) {
    Reader args(call.args);
    args.map_of(3);
    args.key(1);
    const Key owner = Key(prefix).bytes(args.id_view());
    args.key(2);
    const auto after = read_optional_id(args);
    args.key(3);
    const auto limit = static_cast<std::uint32_t>(args.uint_max(count_max));
    args.end();
    require(limit > 0, code::out_of_range, "count is zero");
    const Key last = after.has_value() ? Key(owner).bytes(*after) : Key("");
    kv::Scan scan(owner.view(), last.view(), limit);
    Writer rows;
    std::uint64_t count = 0;
    while (const auto entry = scan.step()) {
        if (rows.view().size() + entry->value.size() > answer_bytes_max) {
            break;
        }
        row(rows, entry->key.subspan(owner.view().size()), entry->value);
        ++count;
    }
    call.out.array(count).raw(rows.view());
}

/// Whether an account is enrolled and active.
inline bool is_enrolled(const Id& account) {
    Writer args;
    args.map(1).uint(1).bytes(account);
    const auto answer = host::call("registry", "is_active", args.view());
    return answer.has_value() && Reader(*answer).boolean();
}

}  // namespace salus
