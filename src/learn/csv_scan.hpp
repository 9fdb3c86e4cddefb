#pragma once

#include "base/bytes.hpp"
#include "learn/csv.hpp"

#include <string>
#include <string_view>
#include <vector>

/// The first half of read_csv: bytes to cells. Cells are views into the file, or into `unescaped`
/// where the file doubles a quote.
namespace salus::learn {

struct CellSpan {
    std::uint32_t start = 0;
    std::uint32_t length_and_flags = 0;  ///< bit 31: lies in `unescaped`; bit 30: was quoted
};

class Cells {
  public:
    Cells(std::string_view file, std::size_t columns) : file_(file), columns_(columns) {}

    [[nodiscard]] std::size_t columns() const noexcept { return columns_; }
    [[nodiscard]] std::size_t rows() const noexcept { return spans_.size() / columns_; }
    [[nodiscard]] std::string_view at(std::size_t row, std::size_t column) const noexcept {
        const CellSpan span = spans_[row * columns_ + column];
        const std::string_view from =
            (span.length_and_flags & in_unescaped) != 0 ? std::string_view{unescaped_} : file_;
        return from.substr(span.start, span.length_and_flags & length_mask);
    }
    void add(std::uint32_t start, std::uint32_t length) { spans_.push_back({start, length}); }
    void add_unescaped(std::string_view text) {
        spans_.push_back({static_cast<std::uint32_t>(unescaped_.size()),
                          static_cast<std::uint32_t>(text.size()) | in_unescaped});
        unescaped_ += text;
    }
    void reserve(std::size_t cells) { spans_.reserve(cells); }
    [[nodiscard]] std::size_t size() const noexcept { return spans_.size(); }

  private:
    static constexpr std::uint32_t in_unescaped = 1U << 31;
    static constexpr std::uint32_t length_mask = (1U << 30) - 1;
    std::string_view file_;
    std::size_t columns_;
    std::vector<CellSpan> spans_;
    std::string unescaped_;
};

/// The whole file, first row included. `file` must outlive the result.
Result<Cells> scan_csv(std::string_view file, const CsvOptions& options);

/// Comma, semicolon, tab or bar: the one that splits the first lines most evenly.
char detect_delimiter(std::string_view file) noexcept;

}  // namespace salus::learn
