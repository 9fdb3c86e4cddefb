#include "learn/report.hpp"

#include "core.hpp"

/// The studio's functions: one studio per instance of the module, which a worker of its own holds.
namespace {

using salus::web::give;

/// Given by the host: shows progress; 0 stops the reading.
extern "C" __attribute__((import_module("salus"), import_name("progress"))) int salus_progress(
    double done, double total);

salus::learn::Studio& studio() {
    static salus::learn::Studio one;
    return one;
}

const std::uint8_t* run(std::string_view verb, const std::uint8_t* words, std::uint32_t words_size,
                        salus::ByteView body = {}) {
    const auto result = salus::learn::run_verb(
        studio(), verb, salus::web::read_words(words, words_size), body,
        [](std::uint64_t done, std::uint64_t total) {
            return salus_progress(static_cast<double>(done), static_cast<double>(total)) != 0;
        });
    return give(result.ok() ? *result : salus::learn::to_json(result.error()));
}

}  // namespace

SALUS_EXPORT("studio_load")
const std::uint8_t* studio_load(const std::uint8_t* file, std::uint32_t size,
                                const std::uint8_t* words, std::uint32_t words_size) {
    return run("load", words, words_size, {file, size});
}

#define SALUS_STUDIO_VERB(verb)                                                        \
    SALUS_EXPORT("studio_" #verb)                                                      \
    const std::uint8_t* studio_##verb(const std::uint8_t* words, std::uint32_t size) { \
        return run(#verb, words, size);                                                \
    }

SALUS_STUDIO_VERB(describe)
SALUS_STUDIO_VERB(chart)
SALUS_STUDIO_VERB(page)
SALUS_STUDIO_VERB(process)
SALUS_STUDIO_VERB(release)
SALUS_STUDIO_VERB(role)
SALUS_STUDIO_VERB(rows)
SALUS_STUDIO_VERB(dataset)
SALUS_STUDIO_VERB(csv)
