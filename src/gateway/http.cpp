#include "gateway/http.hpp"

#include "base/log.hpp"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <deque>
#include <mutex>

namespace salus::gateway {

namespace {

int hex_digit(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string percent_decode(std::string_view text) {
    const bool plain =
        std::none_of(text.begin(), text.end(), [](char c) { return c == '%' || c == '+'; });
    if (plain) return std::string(text);
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+') {
            out.push_back(' ');
        } else if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
                   hex_digit(text[i + 2]) >= 0) {
            out.push_back(static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2])));
            i += 2;
        } else {
            out.push_back(text[i]);
        }
    }
    return out;
}

/// A short number that an operator finds in the log and a user can read out on the telephone.
std::string next_reference() {
    static std::atomic<std::uint32_t> counter{1};
    return "SAL-" + std::to_string(counter.fetch_add(1));
}

}  // namespace

std::string_view Request::header(std::string_view lower_name) const noexcept {
    for (const Header& h : headers) {
        if (h.first == lower_name) return h.second;
    }
    return {};
}

Result<std::string> Request::query_value(std::string_view name) const {
    std::string_view rest = query;
    while (!rest.empty()) {
        const std::size_t end = rest.find('&');
        const std::string_view pair = rest.substr(0, end);
        const std::size_t equals = pair.find('=');
        if (pair.substr(0, equals) == name) {
            return percent_decode(equals == std::string_view::npos ? "" : pair.substr(equals + 1));
        }
        if (end == std::string_view::npos) break;
        rest.remove_prefix(end + 1);
    }
    return Error{Errc::not_found, "query parameter " + std::string(name) + " is missing"};
}

Result<std::uint64_t> Request::query_uint(std::string_view name, std::uint64_t otherwise,
                                          std::uint64_t max) const {
    const auto text = query_value(name);
    if (!text.ok()) return otherwise;
    std::uint64_t value = 0;
    const auto [end, code] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (code != std::errc{} || end != text->data() + text->size()) {
        return Error{Errc::malformed,
                     "query parameter " + std::string(name) + " is no whole number"};
    }
    if (value > max) {
        return Error{Errc::out_of_range,
                     "query parameter " + std::string(name) + " is above " + std::to_string(max)};
    }
    return value;
}

std::string_view Request::cookie(std::string_view name) const noexcept {
    std::string_view rest = header("cookie");
    while (!rest.empty()) {
        while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
        const std::size_t end = rest.find(';');
        const std::string_view pair = rest.substr(0, end);
        const std::size_t equals = pair.find('=');
        if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
            return pair.substr(equals + 1);
        }
        if (end == std::string_view::npos) break;
        rest.remove_prefix(end + 1);
    }
    return {};
}

unsigned http_status(Errc code) noexcept {
    switch (code) {
        case Errc::malformed:
        case Errc::out_of_range:
            return 400;
        case Errc::authentication:
            return 401;
        case Errc::denied:
            return 403;
        case Errc::not_found:
            return 404;
        case Errc::already_exists:
            return 409;
        case Errc::integrity:
            return 422;
        case Errc::exhausted:
            return 429;
        case Errc::unavailable:
            return 503;
    }
    return 500;
}

Response Response::json(const json::Value& value, unsigned status) {
    Response out;
    out.status = status;
    out.body = to_bytes(json::write(value));
    return out;
}

Response Response::cbor(Bytes body) {
    return bytes(std::move(body), "application/cbor");
}

Response Response::bytes(Bytes body, std::string content_type) {
    Response out;
    out.content_type = std::move(content_type);
    out.body = std::move(body);
    return out;
}

Response Response::text(std::string_view text, std::string content_type) {
    return bytes(to_bytes(text), std::move(content_type));
}

Response Response::error(const Error& error, std::string_view reason) {
    const std::string reference = next_reference();
    const std::string_view code = to_string(error.code);
    if (error.code == Errc::unavailable || error.code == Errc::integrity) {
        log::warn("http.error",
                  {{"reference", reference}, {"code", code}, {"detail", error.detail}});
    }
    return json(json::Object{{"error", json::Object{{"code", code},
                                                    {"reason", reason.empty() ? code : reason},
                                                    {"message", error.detail},
                                                    {"reference", reference}}}},
                http_status(error.code));
}

struct EventStream::State {
    mutable std::mutex mutex;
    std::deque<std::string> lines;
    std::function<void()> wake;
    std::function<bool()> over;
    bool closed = false;
    bool lost = false;
};

EventStream::EventStream() : state_(std::make_unique<State>()) {}
EventStream::~EventStream() = default;

void EventStream::push(std::string_view event, std::string_view json_data) {
    std::string line =
        "event: " + std::string(event) + "\ndata: " + std::string(json_data) + "\n\n";
    std::function<void()> wake;
    {
        const std::lock_guard lock(state_->mutex);
        if (state_->closed) return;
        if (state_->lines.size() == lines_max) {
            state_->lines.pop_front();
            state_->lost = true;
        }
        state_->lines.push_back(std::move(line));
        wake = state_->wake;
    }
    if (wake) wake();
}

void EventStream::close() {
    std::function<void()> wake;
    {
        const std::lock_guard lock(state_->mutex);
        state_->closed = true;
        wake = std::exchange(state_->wake, nullptr);
    }
    if (wake) wake();
}

void EventStream::ends_when(std::function<bool()> over) {
    const std::lock_guard lock(state_->mutex);
    state_->over = std::move(over);
}

std::string EventStream::drain() {
    std::function<bool()> over;
    {
        const std::lock_guard lock(state_->mutex);
        if (state_->closed) return {};
        over = state_->over;
    }
    // Without the lock: the answer takes other locks.
    if (over && over()) {
        close();
        return {};
    }
    const std::lock_guard lock(state_->mutex);
    std::string out;
    if (std::exchange(state_->lost, false)) out = "event: gap\ndata: {}\n\n";
    for (const std::string& line : state_->lines) out += line;
    state_->lines.clear();
    return out;
}

void EventStream::on_ready(std::function<void()> wake) {
    const std::lock_guard lock(state_->mutex);
    state_->wake = std::move(wake);
}

bool EventStream::closed() const {
    const std::lock_guard lock(state_->mutex);
    return state_->closed;
}

Reply::~Reply() {
    if (sink_) sink_->answer(Response::error({Errc::unavailable, "the request was dropped"}));
}

void Reply::operator()(Response response) {
    SALUS_ASSERT(sink_ != nullptr);
    std::exchange(sink_, nullptr)->answer(std::move(response));
}

void Reply::operator()(const Error& error, std::string_view reason) {
    (*this)(Response::error(error, reason));
}

void Reply::stream(std::shared_ptr<EventStream> events) {
    SALUS_ASSERT(sink_ != nullptr);
    std::exchange(sink_, nullptr)->stream(std::move(events));
}

}  // namespace salus::gateway
