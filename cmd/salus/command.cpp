#include "command.hpp"

#include <cstdio>

namespace salus::command {
namespace {

constexpr std::size_t error_bytes_max = 4'000;

}  // namespace

void print(std::string_view line) {
    std::fwrite(line.data(), 1, line.size(), stdout);
    std::fputc('\n', stdout);
    std::fflush(stdout);
}

void print_json(const json::Value& value) {
    print(json::write(value));
}

void note(std::string_view line) {
    std::fwrite(line.data(), 1, line.size(), stderr);
    std::fputc('\n', stderr);
}

int fail(const Error& error) {
    const std::string sentence = error.detail.substr(0, error_bytes_max);
    note("salus: " + sentence + " [" + std::string(to_string(error.code)) + "]");
    return error.code == Errc::unavailable ? exit_world : exit_no;
}

int wrong_use(std::string_view sentence) {
    note("salus: " + std::string(sentence.substr(0, error_bytes_max)) + " [usage]");
    return exit_wrong_use;
}

Result<Bytes> read_input(Env& env, const std::string& path, std::uint64_t bytes_max) {
    Result<Bytes> read = read_file(env, path, bytes_max);
    if (read.ok()) return read;
    // The path is the caller's own word, and may be anybody's: the sentence does without it.
    switch (read.error().code) {
        case Errc::not_found:
            return Error{Errc::not_found, "the input file is not there"};
        case Errc::out_of_range:
            return Error{Errc::out_of_range,
                         "the input file is larger than " + std::to_string(bytes_max) + " bytes"};
        default:
            return read;
    }
}

}  // namespace salus::command
