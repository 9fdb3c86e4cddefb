/// JSON: what is accepted reads back as the same value, and is written the same way ever after.

#include "base/json.hpp"

#include "support/laws.hpp"

using namespace salus;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto value = json::parse(as_text({data, size}), 1U << 20U);
    if (!value.ok()) {
        SALUS_ASSERT(!value.error().detail.empty());
        return 0;
    }
    const std::string text = json::write(*value);
    const auto again = json::parse(text);
    SALUS_ASSERT(again.ok() && *again == *value);
    SALUS_ASSERT(json::write(*again) == text);
    for (const char* key : {"name", "count", "data"}) {
        const auto number = json::need_double(*value, key);
        SALUS_ASSERT(!number.ok() || *number - *number == 0.0);  // finite
        const auto whole = json::need_int(*value, key);
        const auto natural = json::need_uint(*value, key);
        if (whole.ok() && *whole >= 0) {
            SALUS_ASSERT(natural.ok() && *natural == static_cast<std::uint64_t>(*whole));
        }
        if (const auto bytes = json::need_hex(*value, key); bytes.ok()) {
            SALUS_ASSERT(from_hex(to_hex(*bytes)).value() == *bytes);
        }
        if (const auto bytes = json::need_base64url(*value, key); bytes.ok()) {
            SALUS_ASSERT(to_base64url(*bytes) == json::need_text(*value, key, 16U << 20U).value());
        }
    }
    return 0;
}
