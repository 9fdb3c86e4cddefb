#include "learn/table.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace salus::learn {

std::string_view to_string(Kind kind) noexcept {
    switch (kind) {
        case Kind::number:
            return "number";
        case Kind::integer:
            return "integer";
        case Kind::category:
            return "category";
        case Kind::text:
            return "text";
        case Kind::date:
            return "date";
        case Kind::identifier:
            return "identifier";
    }
    return "text";
}

std::string_view to_string(Role role) noexcept {
    switch (role) {
        case Role::none:
            return "none";
        case Role::identifier:
            return "identifier";
        case Role::quasi_identifier:
            return "quasi_identifier";
        case Role::sensitive:
            return "sensitive";
        case Role::label:
            return "label";
    }
    return "none";
}

std::size_t Table::find(std::string_view name) const noexcept {
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (columns[i].name == name) {
            return i;
        }
    }
    return columns.size();
}

std::uint64_t mix(std::uint64_t value) noexcept {
    value ^= value >> 32;
    value *= 0xd6e8feb86659fd93ULL;
    value ^= value >> 32;
    value *= 0xd6e8feb86659fd93ULL;
    return value ^ (value >> 32);
}

std::uint64_t hash_text(std::string_view text) noexcept {
    std::uint64_t hash = 0x9e3779b97f4a7c15ULL + text.size();
    while (text.size() >= 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data(), 8);
        hash = mix(hash ^ word) + 0x632be59bd9b4e019ULL;
        text.remove_prefix(8);
    }
    std::uint64_t tail = 0;
    std::memcpy(&tail, text.data(), text.size());
    return mix(hash ^ tail);
}

std::string_view level_word(const Column& column, std::size_t level) noexcept {
    if (level < column.level_names.size() && !column.level_names[level].empty()) {
        return column.level_names[level];
    }
    return level < column.levels.size() ? std::string_view{column.levels[level]}
                                        : std::string_view{};
}

void append_cell(std::string& to, const Column& column, std::size_t row) {
    if (column.is_missing(row)) {
        return;
    }
    if (!column.codes.empty()) {
        to += column.levels[column.codes[row]];
    } else if (column.kind == Kind::date) {
        to += date_text(column.numbers[row]);
    } else {
        append_number(to, column.numbers[row]);
    }
}

std::string cell_text(const Column& column, std::size_t row) {
    std::string out;
    append_cell(out, column, row);
    return out;
}

std::string cell_display(const Column& column, std::size_t row) {
    if (!column.codes.empty() && column.codes[row] != missing_code) {
        return std::string{level_word(column, column.codes[row])};
    }
    if (column.codes.empty() && !column.levels.empty() && !column.is_missing(row)) {
        const double number = column.numbers[row];
        if (number >= 0 && number < static_cast<double>(column.levels.size()) &&
            number == static_cast<double>(static_cast<std::size_t>(number))) {
            return std::string{level_word(column, static_cast<std::size_t>(number))};
        }
    }
    return cell_text(column, row);
}

std::size_t missing_count(const Column& column) noexcept {
    std::size_t count = 0;
    for (const double number : column.numbers) {
        count += number != number ? 1U : 0U;
    }
    for (const std::uint32_t code : column.codes) {
        count += code == missing_code ? 1U : 0U;
    }
    return count;
}

namespace {

// Minus zero and zero are one value; every NaN is the one missing value.
std::uint64_t number_bits(double number) noexcept {
    if (number != number) {
        return ~std::uint64_t{0};
    }
    return std::bit_cast<std::uint64_t>(number == 0 ? 0.0 : number);
}

std::size_t table_size_for(std::size_t entries) {
    return std::bit_ceil(entries * 2 + 16);
}

std::size_t distinct_numbers(const std::vector<double>& numbers) {
    constexpr std::uint64_t empty = ~std::uint64_t{0};  // the bits of "missing", never stored
    std::vector<std::uint64_t> slots(64, empty);
    std::size_t used = 0;
    const auto insert = [](std::vector<std::uint64_t>& into, std::uint64_t bits) {
        const std::size_t mask = into.size() - 1;
        std::size_t at = mix(bits) & mask;
        while (into[at] != empty && into[at] != bits) {
            at = (at + 1) & mask;
        }
        const bool fresh = into[at] == empty;
        into[at] = bits;
        return fresh;
    };
    for (const double number : numbers) {
        if (number != number || !insert(slots, number_bits(number))) {
            continue;
        }
        if (++used * 2 > slots.size()) {
            std::vector<std::uint64_t> larger(slots.size() * 4, empty);
            for (const std::uint64_t bits : slots) {
                if (bits != empty) {
                    insert(larger, bits);
                }
            }
            slots.swap(larger);
        }
    }
    return used;
}

std::uint64_t cell_bits(const Column& column, std::size_t row) noexcept {
    return column.codes.empty() ? number_bits(column.numbers[row]) : column.codes[row];
}

bool same_row(const Table& table, std::size_t a, std::size_t b) noexcept {
    return std::all_of(table.columns.begin(), table.columns.end(), [&](const Column& column) {
        return cell_bits(column, a) == cell_bits(column, b);
    });
}

std::vector<std::uint64_t> row_hashes(const Table& table) {
    std::vector<std::uint64_t> hashes(table.rows, 0x51ed270b);
    for (const Column& column : table.columns) {
        for (std::size_t row = 0; row < table.rows; ++row) {
            hashes[row] = mix(hashes[row] ^ cell_bits(column, row)) + 0x9e3779b97f4a7c15ULL;
        }
    }
    return hashes;
}

}  // namespace

std::size_t distinct_count(const Column& column) {
    if (column.codes.empty()) {
        return distinct_numbers(column.numbers);
    }
    std::vector<std::uint8_t> seen(column.levels.size(), 0);
    for (const std::uint32_t code : column.codes) {
        if (code != missing_code) {
            seen[code] = 1;
        }
    }
    return static_cast<std::size_t>(std::count(seen.begin(), seen.end(), 1));
}

std::vector<std::uint8_t> duplicate_flags(const Table& table) {
    std::vector<std::uint8_t> flags(table.rows, 0);
    const std::vector<std::uint64_t> hashes = row_hashes(table);
    const std::size_t mask = table_size_for(table.rows) - 1;
    std::vector<std::uint32_t> slots(mask + 1, missing_code);
    for (std::size_t row = 0; row < table.rows; ++row) {
        std::size_t at = hashes[row] & mask;
        while (slots[at] != missing_code) {
            const std::size_t earlier = slots[at];
            if (hashes[earlier] == hashes[row] && same_row(table, earlier, row)) {
                flags[row] = 1;
                break;
            }
            at = (at + 1) & mask;
        }
        if (flags[row] == 0) {
            slots[at] = static_cast<std::uint32_t>(row);
        }
    }
    return flags;
}

std::size_t duplicate_count(const Table& table) {
    const std::vector<std::uint8_t> flags = duplicate_flags(table);
    return static_cast<std::size_t>(std::count(flags.begin(), flags.end(), 1));
}

void drop_rows(Table& table, std::span<const std::uint8_t> flags) {
    const auto keep = [&](auto& cells) {
        if (cells.empty()) {
            return;
        }
        std::size_t to = 0;
        for (std::size_t row = 0; row < table.rows; ++row) {
            if (flags[row] == 0) {
                cells[to++] = cells[row];
            }
        }
        cells.resize(to);
    };
    for (Column& column : table.columns) {
        keep(column.numbers);
        keep(column.codes);
        keep(column.filled);
    }
    const auto dropped = std::count_if(flags.begin(), flags.end(), [](auto f) { return f != 0; });
    table.rows -= static_cast<std::size_t>(dropped);
}

}  // namespace salus::learn
