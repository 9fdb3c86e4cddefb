#include "learn/demo.hpp"

#include "learn/dictionary.hpp"
#include "learn/limits.hpp"
#include "learn/portable_math.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace salus::learn {
namespace {

struct Person {
    std::uint32_t gender, smoker, diabetes;
    double age, bmi, systolic, cholesterol, hba1c, visit;
};

double held(double value, double low, double high) {
    return std::clamp(value, low, high);
}

Person draw_person(RandomStream& random) {
    Person p{};
    const double g = random.unit();
    p.gender = g < 0.512 ? 0U : (g < 0.991 ? 1U : 2U);
    p.age = std::nearbyint(held(54 + 16 * random.gaussian(), 18, 96));
    p.smoker = random.chance(p.age < 65 ? 0.24 : 0.12) ? 1U : 0U;
    p.bmi = round_to(held(26.6 + 0.03 * (p.age - 54) + 4.4 * random.gaussian(), 15, 58), 1);
    const double over = p.bmi - 26.6;
    p.systolic = std::nearbyint(held(
        130 + 0.45 * (p.age - 54) + 0.9 * over + (p.gender == 1 ? 2.5 : 0) + 13 * random.gaussian(),
        84, 230));
    p.cholesterol = round_to(held(5.2 + 0.008 * (p.age - 54) + 0.02 * over +
                                      (p.smoker == 1 ? 0.2 : 0) + 0.95 * random.gaussian(),
                                  2.1, 11.5),
                             2);
    const double z = -2.3 + 0.035 * (p.age - 54) + 0.14 * over;
    p.diabetes = random.chance(1 / (1 + portable_exp(-z))) ? 1U : 0U;
    const double sugar = p.diabetes == 1 ? 52 + 11 * random.gaussian()
                                         : 38 + 0.06 * (p.age - 54) + 4 * random.gaussian();
    p.hba1c = std::nearbyint(held(sugar, 22, 130));
    // Visits of one year from 2025-01-01, on working days for the most part.
    p.visit = 20089 + static_cast<double>(random.below(365));
    return p;
}

std::string patient_code(std::uint64_t number) {
    std::string digits = std::to_string(number);
    return "P-" + std::string(digits.size() < 6 ? 6 - digits.size() : 0, '0') + digits;
}

Column number_column(const char* name, Kind kind, int decimals, std::size_t rows) {
    Column column;
    column.name = name;
    column.kind = kind;
    column.decimals = decimals;
    column.numbers.resize(rows);
    return column;
}

Column code_column(const char* name, Kind kind, std::vector<std::string> levels, std::size_t rows) {
    Column column;
    column.name = name;
    column.kind = kind;
    column.levels = std::move(levels);
    column.codes.resize(rows);
    return column;
}

enum : std::size_t {
    code,
    gender,
    age,
    bmi,
    systolic,
    cholesterol,
    hba1c,
    smoker,
    diabetes,
    visit
};

Table empty_table(std::size_t rows) {
    Table table;
    table.rows = rows;
    table.columns.push_back(code_column("patient_code", Kind::identifier, {}, rows));
    table.columns.push_back(
        code_column("gender", Kind::category, {"Female", "Male", "Not stated"}, rows));
    table.columns.push_back(number_column("age", Kind::integer, 0, rows));
    table.columns.push_back(number_column("bmi", Kind::number, 1, rows));
    table.columns.push_back(number_column("systolic", Kind::integer, 0, rows));
    table.columns.push_back(number_column("cholesterol", Kind::number, 2, rows));
    table.columns.push_back(number_column("hba1c", Kind::integer, 0, rows));
    table.columns.push_back(code_column("smoker", Kind::category, {"No", "Yes"}, rows));
    table.columns.push_back(code_column("diabetes", Kind::category, {"No", "Yes"}, rows));
    table.columns.push_back(number_column("visit_date", Kind::date, 0, rows));
    return table;
}

void put(Table& table, std::size_t row, const Person& p) {
    table.columns[gender].codes[row] = p.gender;
    table.columns[age].numbers[row] = p.age;
    table.columns[bmi].numbers[row] = p.bmi;
    table.columns[systolic].numbers[row] = p.systolic;
    table.columns[cholesterol].numbers[row] = p.cholesterol;
    table.columns[hba1c].numbers[row] = p.hba1c;
    table.columns[smoker].codes[row] = p.smoker;
    table.columns[diabetes].codes[row] = p.diabetes;
    table.columns[visit].numbers[row] = p.visit;
}

// Tests are skipped now and then; the rates are per cell.
void lose_cells(Table& table, std::size_t row, RandomStream& random) {
    constexpr std::array<std::pair<std::size_t, double>, 5> rates{
        {{bmi, 0.004}, {systolic, 0.006}, {cholesterol, 0.016}, {hba1c, 0.014}, {smoker, 0.003}}};
    for (const auto& [column, rate] : rates) {
        if (!random.chance(rate)) {
            continue;
        }
        if (table.columns[column].codes.empty()) {
            table.columns[column].numbers[row] = missing_number;
        } else {
            table.columns[column].codes[row] = missing_code;
        }
    }
}

void repeat_row(Table& table, std::size_t row) {
    for (Column& column : table.columns) {
        if (column.codes.empty()) {
            column.numbers[row] = column.numbers[row - 1];
        } else {
            column.codes[row] = column.codes[row - 1];
        }
    }
}

}  // namespace

Table demo_table(const DemoOptions& options) {
    const std::size_t rows = std::clamp<std::size_t>(options.rows, 1, rows_max);
    Table table = empty_table(rows);
    RandomStream people(options.seed, "demo people");
    RandomStream gaps(options.seed, "demo gaps");
    std::vector<std::uint8_t> repeats(rows, 0);
    for (const std::uint32_t row : gaps.sample(rows * 6 / 10'000, rows)) {
        repeats[row] = row > 0 ? 1 : 0;
    }
    for (std::size_t row = 0; row < rows; ++row) {
        if (repeats[row] != 0) {
            repeat_row(table, row);
            continue;
        }
        put(table, row, draw_person(people));
        lose_cells(table, row, gaps);
        table.columns[code].codes[row] =
            static_cast<std::uint32_t>(table.columns[code].levels.size());
        table.columns[code].levels.push_back(patient_code(row + 1));
    }
    apply_dictionary(table, *builtin_dictionary_for(table));
    return table;
}

}  // namespace salus::learn
