#include "base/json.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>
#include <simdjson.h>

#include <array>
#include <string>
#include <vector>

using namespace salus;

namespace {

/// Makes a value out of a list of decisions, so that a failing value shrinks with the list.
class Maker {
  public:
    explicit Maker(const std::vector<std::uint8_t>& choices) : choices_(choices) {}

    json::Value value(int depth = 0) {
        switch (next() % (depth < 5 ? 8 : 6)) {
            case 1: return next() % 2 == 0;
            case 2: return static_cast<std::int64_t>(next()) * next() - 1000;
            case 3: return (next() - 128.0) / 7.0;
            case 4: return text();
            case 5: return json::Number{numbers[next() % numbers.size()]};
            case 6: return array(depth);
            case 7: return object(depth);
            default: return nullptr;
        }
    }
    std::uint8_t next() { return at_ < choices_.size() ? choices_[at_++] : std::uint8_t{0}; }

  private:
    static constexpr std::array<const char*, 6> numbers = {"0", "-0", "1.50", "1E+2", "1e-400",
                                                           "1.7976931348623157e308"};
    static constexpr std::array<const char*, 8> pieces = {"a", "\"", "\\", "\n", "\x01", "ü", "水",
                                                          "𐅑"};

    std::string text() {
        std::string out;
        for (int n = next() % 8; n > 0; --n) out += pieces[next() % pieces.size()];
        return out;
    }
    json::Value array(int depth) {
        json::Array items;
        for (int n = next() % 5; n > 0; --n) items.push_back(value(depth + 1));
        return items;
    }
    json::Value object(int depth) {
        json::Object members;
        for (int n = next() % 20; n > 0; --n) {
            members.emplace_back(std::to_string(n) + text(), value(depth + 1));
        }
        return members;
    }

    const std::vector<std::uint8_t>& choices_;
    std::size_t at_ = 0;
};

enum class Verdict { accepted, number_out_of_range, refused };

Verdict simdjson_verdict(const std::string& text) {
    simdjson::dom::parser parser;
    simdjson::dom::element element;
    const auto error = parser.parse(simdjson::padded_string(text)).get(element);
    if (error == simdjson::SUCCESS) return Verdict::accepted;
    return error == simdjson::NUMBER_ERROR ? Verdict::number_out_of_range : Verdict::refused;
}

}  // namespace

TEST_CASE("what is written is read again as the same value, and simdjson reads it too") {
    CHECK(rc::check("parse(write(x)) == x", [](const std::vector<std::uint8_t>& choices) {
        const json::Value value = Maker(choices).value();
        const std::string text = json::write(value);
        const Result<json::Value> again = json::parse(text);
        RC_ASSERT(again.ok());
        RC_ASSERT(*again == value);
        RC_ASSERT(simdjson_verdict(text) == Verdict::accepted);
    }));
}

TEST_CASE("a damaged text is accepted only if simdjson accepts it, and refused with a reason") {
    CHECK(rc::check("accepted here, accepted there", [](const std::vector<std::uint8_t>& choices,
                                                        std::uint16_t where, std::uint8_t what) {
        static constexpr std::string_view damage = "{}[],:\"\\0123456789eE+-.tfnu \n\x80\xc3\xed";
        std::string text = json::write(Maker(choices).value());
        const char byte = damage[what % damage.size()];
        if (where % 2 == 0) {
            text[where / 2U % text.size()] = byte;
        } else {
            text.insert(where / 2U % text.size(), 1, byte);
        }
        const Result<json::Value> ours = json::parse(text);
        const Verdict theirs = simdjson_verdict(text);
        if (ours.ok()) {
            // A whole number beyond 64 bits is no number for simdjson; its text is kept here.
            RC_ASSERT(theirs != Verdict::refused);
        } else if (theirs == Verdict::accepted) {
            // Only the rules that this parser has beyond the grammar may make the difference.
            RC_ASSERT(ours.error().detail.find("twice") != std::string::npos);
        }
    }));
}

TEST_CASE("any bytes at all are parsed or refused") {
    CHECK(rc::check("no crash", [](const std::string& bytes) {
        const Result<json::Value> value = json::parse(bytes);
        if (!value.ok()) RC_ASSERT(!value.error().detail.empty());
    }));
}
