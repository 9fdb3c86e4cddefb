#pragma once

#include "learn/random_stream.hpp"
#include "learn/table.hpp"

/// Rows of people who do not exist, for trying things out: no real record was looked at.
namespace salus::learn {

struct DemoOptions {
    std::size_t rows = 5'000;  ///< 1 to rows_max
    Seed seed = seed_from(1);
};

/// Columns: patient_code, gender, age, bmi, systolic, cholesterol, hba1c, smoker, diabetes,
/// visit_date. Blood pressure and weight rise with age, HbA1c with weight, diabetes follows HbA1c;
/// about 4 cells in 100 rows are missing, 1 % state no gender, and 6 rows in 10,000 repeat the row
/// before them. The same seed gives the same rows.
Table demo_table(const DemoOptions& options = {});

}  // namespace salus::learn
