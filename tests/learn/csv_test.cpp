#include "learn/csv.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using namespace salus;
using namespace salus::learn;

namespace {

Result<CsvResult> read(std::string_view text, const CsvOptions& options = {}) {
    return read_csv(as_bytes(text), options);
}

CsvResult good(std::string_view text, const CsvOptions& options = {}) {
    Result<CsvResult> result = read(text, options);
    REQUIRE_MESSAGE(result.ok(), result.error().detail);
    return std::move(*result);
}

Error refused(std::string_view text, const CsvOptions& options = {}) {
    Result<CsvResult> result = read(text, options);
    REQUIRE_FALSE(result.ok());
    return result.error();
}

bool warns(const CsvResult& result, std::string_view code) {
    for (const Warning& warning : result.warnings) {
        if (warning.code == code) {
            return true;
        }
    }
    return false;
}

std::string cell(const CsvResult& result, std::size_t row, std::size_t column) {
    return cell_text(result.table.columns[column], row);
}

}  // namespace

TEST_CASE("a plain file becomes typed columns with their missing and distinct counts") {
    const CsvResult r = good("name,age,chol\nAda,36,5.10\nBen,?,4.2\nCai,36,NA\n");
    REQUIRE(r.table.rows == 3);
    REQUIRE(r.table.columns.size() == 3);
    CHECK(r.table.columns[0].kind == Kind::category);
    CHECK(r.table.columns[1].kind == Kind::integer);
    CHECK(r.table.columns[2].kind == Kind::number);
    CHECK(r.missing == std::vector<std::size_t>{0, 1, 1});
    CHECK(r.distinct == std::vector<std::size_t>{3, 1, 2});
    CHECK(cell(r, 0, 2) == "5.1");
    CHECK(cell(r, 2, 2).empty());
    CHECK_FALSE(warns(r, "header"));
}

TEST_CASE("quotes hold delimiters, line ends and doubled quotes") {
    const CsvResult r =
        good("a,b\r\n\"x, y\",1\r\n\"say \"\"hi\"\"\",2\r\n\"two\nlines\",3\r\n\"\",4\r\n");
    REQUIRE(r.table.rows == 4);
    CHECK(cell(r, 0, 0) == "x, y");
    CHECK(cell(r, 1, 0) == "say \"hi\"");
    CHECK(cell(r, 2, 0) == "two\nlines");
    CHECK(r.missing[0] == 1);
}

TEST_CASE("a byte order mark, blank lines, spaces and a missing last line end do no harm") {
    const CsvResult r = good("\xef\xbb\xbfid,sex\n\n 1 , F\n2,M\n   \n3,F");
    CHECK(r.table.rows == 3);
    CHECK(r.table.columns[0].name == "id");
    CHECK(cell(r, 0, 1) == "F");
}

TEST_CASE("semicolons, tabs and bars are found out") {
    for (const char delimiter : {',', ';', '\t', '|'}) {
        std::string text = "a;b;c\n1;2,5;x\n3;4,5;y\n";
        for (char& c : text) {
            c = c == ',' ? '.' : (c == ';' ? delimiter : c);
        }
        const CsvResult r = good(text);
        REQUIRE(r.table.columns.size() == 3);
        CHECK(r.table.columns[1].kind == Kind::number);
    }
    CHECK(good("a;b\n1,5;2\n2,5;3\n").table.columns.size() == 2);
}

TEST_CASE("a lone carriage return ends a line") {
    CHECK(good("a,b\r1,2\r3,4\r").table.rows == 2);
}

TEST_CASE("a ragged row is named by its line") {
    const Error more = refused("a,b\n1,2\n1,2,3\n");
    CHECK(more.code == Errc::malformed);
    CHECK(more.detail.find("line 3") != std::string::npos);
    CHECK(refused("a,b\n1\n").code == Errc::malformed);
}

TEST_CASE("quotes that do not close, and text after them, are refused") {
    CHECK(refused("a,b\n\"1,2\n").code == Errc::malformed);
    CHECK(refused("a,b\n\"1\"x,2\n").code == Errc::malformed);
    CHECK(refused("\"").code == Errc::malformed);
}

TEST_CASE("what is not UTF-8 text is refused with the reason") {
    CHECK(refused(std::string_view("a,b\n1,\0\n", 8)).detail.find("binary") != std::string::npos);
    CHECK(refused("a,b\nM\xfcller,1\n").detail.find("UTF-8") != std::string::npos);
    CHECK(refused("\xff\xfe"
                  "a")
              .detail.find("UTF-16") != std::string::npos);
    CHECK(good("a,b\nMüller,1\n").table.rows == 1);
}

TEST_CASE("a file without rows is refused") {
    for (const char* text : {"", "\n\n", "   \n", "a,b\n", "a,b"}) {
        CHECK(refused(text).code == Errc::malformed);
    }
}

TEST_CASE("a cell may hold one mebibyte and no byte more") {
    const auto with_cell = [](std::size_t bytes, bool quoted) {
        const std::string inside(bytes, 'x');
        return "a,b\n" + (quoted ? "\"" + inside + "\"" : inside) + ",1\n";
    };
    for (const bool quoted : {false, true}) {
        CHECK(good(with_cell(cell_bytes_max - 1, quoted)).table.rows == 1);
        CHECK(good(with_cell(cell_bytes_max, quoted)).table.rows == 1);
        const Error error = refused(with_cell(cell_bytes_max + 1, quoted));
        CHECK(error.code == Errc::out_of_range);
        CHECK(error.detail.size() < 200);
    }
    CHECK(refused(with_cell(10'000'000, false)).code == Errc::out_of_range);
}

TEST_CASE("a table may have a thousand columns and no more") {
    const auto wide = [](std::size_t columns) {
        std::string names;
        std::string row;
        for (std::size_t i = 0; i < columns; ++i) {
            names += (i == 0 ? "c" : ",c") + std::to_string(i);
            row += i == 0 ? "x" : ",1";
        }
        return names + "\n" + row + "\n";
    };
    CHECK(good(wide(columns_max - 1)).table.columns.size() == columns_max - 1);
    CHECK(good(wide(columns_max)).table.columns.size() == columns_max);
    CHECK(refused(wide(columns_max + 1)).code == Errc::out_of_range);
}

TEST_CASE("a table may have rows_max rows, the header not counted") {
    const auto tall = [](std::size_t rows) {
        std::string text = "a,b\n";
        for (std::size_t i = 0; i < rows; ++i) {
            text += std::to_string(i) + ",x\n";
        }
        return text;
    };
    CHECK(good(tall(9), {.rows_max = 10}).table.rows == 9);
    CHECK(good(tall(10), {.rows_max = 10}).table.rows == 10);
    CHECK(refused(tall(11), {.rows_max = 10}).code == Errc::out_of_range);
    CHECK(refused("1,2\n3,4\n5,6\n", {.rows_max = 2}).code == Errc::out_of_range);
    CHECK(good("1,2\n3,4\n", {.rows_max = 2}).table.rows == 2);
}

TEST_CASE("a column name may have 256 bytes") {
    const std::string name(column_name_bytes_max, 'n');
    CHECK(good(name + ",b\n1,2\n").table.columns[0].name == name);
    CHECK(refused(name + "n,b\n1,2\n").code == Errc::out_of_range);
}

TEST_CASE("a file without a header keeps its first row and says so") {
    const CsvResult r = good("63.0,1.0,?\n67.0,0.0,2\n41,1,3\n");
    CHECK(r.table.rows == 3);
    CHECK(r.table.columns[0].name == "column_1");
    REQUIRE(warns(r, "header"));
    CHECK(r.warnings[0].text.find("header") != std::string::npos);
}

TEST_CASE(
    "a first row that nothing tells apart from data is taken as the header only with a warning") {
    const CsvResult r = good("colour,shape\nred,round\nblue,square\n");
    CHECK(r.table.columns[0].name == "colour");
    CHECK(warns(r, "header"));
    const CsvResult repeated = good("red,round\nred,round\nblue,square\n");
    CHECK(repeated.table.rows == 3);
    CHECK(warns(repeated, "header"));
}

TEST_CASE("a header with a year among its names is kept with a warning") {
    const CsvResult mixed = good("age,2019\n36,1\n40,2\n");
    CHECK(mixed.table.columns[1].name == "2019");
    CHECK(warns(mixed, "header"));
}

TEST_CASE("given column names name a file without a header and replace one that is there") {
    CsvOptions options;
    options.columns = {"age", "sex"};
    const CsvResult bare = good("63,1\n67,0\n", options);
    CHECK(bare.table.rows == 2);
    CHECK(bare.table.columns[1].name == "sex");
    CHECK_FALSE(warns(bare, "header"));
    const CsvResult headed = good("Age,Sex\n63,1\n67,0\n", options);
    CHECK(headed.table.rows == 2);
    CHECK(warns(headed, "header"));
    options.columns.emplace_back("third");
    CHECK(refused("63,1\n67,0\n", options).code == Errc::malformed);
}

TEST_CASE("empty and repeated names are mended") {
    const CsvResult r = good("a,,a,a\n1,2,3,4\n");
    CHECK(r.table.columns[1].name == "column_2");
    CHECK(r.table.columns[2].name == "a_2");
    CHECK(r.table.columns[3].name == "a_3");
    CHECK(warns(r, "duplicate_names"));
}

TEST_CASE("more marks of missing cells may be named, sixty-four at most") {
    CsvOptions options;
    options.missing = {"-9", "unknown"};
    const CsvResult r = good("a,b\n1,unknown\n-9,x\n3,NaN\n", options);
    CHECK(r.missing == std::vector<std::size_t>{1, 2});
    CHECK(r.table.columns[0].kind == Kind::integer);
    options.missing.assign(missing_marks_max, "m");
    CHECK(read("a,b\n1,2\n", options).ok());
    options.missing.emplace_back("m");
    CHECK(refused("a,b\n1,2\n", options).code == Errc::out_of_range);
}

TEST_CASE("a column without a value, and one with a single value, are pointed out") {
    const CsvResult r = good("a,b,c\n1,,7\n2,?,7\n3,NA,7\n");
    CHECK(warns(r, "all_missing"));
    CHECK(warns(r, "single_value"));
    CHECK(r.missing[1] == 3);
    CHECK(r.distinct[1] == 0);
}

TEST_CASE("a column of numbers with a few words is pointed out") {
    std::string text = "id,dose\n";
    for (int i = 0; i < 40; ++i) {
        text +=
            std::to_string(100 + i * 7) + (i == 5 ? ",none\n" : "," + std::to_string(i % 9) + "\n");
    }
    CHECK(warns(good(text), "mixed_numbers"));
}

TEST_CASE("rows that repeat an earlier one are counted") {
    const CsvResult r = good("a,b\n1,x\n1.0,x\n2,x\n1,x\n?,x\n,x\n");
    CHECK(r.duplicate_rows == 3);
    CHECK(warns(r, "duplicates"));
}

TEST_CASE("no sentence of an error or a warning holds a cell") {
    const std::string canary = "CANARY-Smith-1970";
    for (const std::string& text : {"a,b\n" + canary + "\n", "a,b\n\"" + canary + "\n",
                                    "a,b\n\"" + canary + "\"x,2\n", "a,b\n" + canary + ",\xff\n"}) {
        CHECK(refused(text).detail.find("CANARY") == std::string::npos);
    }
    for (const Warning& warning : good("a,b\n" + canary + ",1\n" + canary + ",1\n").warnings) {
        CHECK(warning.text.find("CANARY") == std::string::npos);
    }
}

TEST_CASE("reading reports progress and stops when told to") {
    std::string text = "a,b\n";
    while (text.size() < 5'000'000) {
        text += "12345,67890\n";
    }
    std::vector<double> shares;
    CsvOptions options;
    options.progress = [&](std::uint64_t done, std::uint64_t total) {
        shares.push_back(static_cast<double>(done) / static_cast<double>(total));
        return true;
    };
    CHECK(read(text, options).ok());
    REQUIRE(shares.size() >= 4);
    CHECK(std::is_sorted(shares.begin(), shares.end()));
    CHECK(shares.back() <= 1);
    options.progress = [](std::uint64_t, std::uint64_t) { return false; };
    CHECK(refused(text, options).code == Errc::denied);
}

TEST_CASE("what is written is read back the same") {
    const CsvResult r = good(
        "id,word,n,day\n007,\"a,b\",1.50,2024-02-29\n008,\"say "
        "\"\"x\"\"\",-3e-7,2025-01-01\n009,,?,\n");
    const std::string once = write_csv(r.table);
    const CsvResult again = good(once);
    CHECK(write_csv(again.table) == once);
    CHECK(cell(again, 0, 0) == "007");
    CHECK(cell(again, 0, 3) == "2024-02-29");
    CHECK(again.table.columns[2].numbers[1] == -3e-7);
}
