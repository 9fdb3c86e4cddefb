#include "contracts/host.hpp"

#include "base/cbor.hpp"
#include "contracts/gas.hpp"
#include "contracts/host_imports.hpp"
#include "contracts/limits.hpp"
#include "contracts/vm_frame.hpp"
#include "crypto/hash.hpp"
#include "crypto/sign.hpp"
#include "ledger/merkle.hpp"

#include <algorithm>
#include <iterator>

namespace salus::contracts {
namespace {

constexpr std::uint64_t minus_one = 0xFFFF'FFFFU;  // −1 as the i32 that contracts read

bool is_topic(std::string_view topic) {
    return !topic.empty() && topic.size() <= event_topic_bytes_max &&
           std::all_of(topic.begin(), topic.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
           });
}

}  // namespace

bool is_contract_name(std::string_view name) noexcept {
    return !name.empty() && name.size() <= contract_name_bytes_max && name[0] >= 'a' &&
           name[0] <= 'z' && std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
           });
}

AccountId contract_account(std::string_view name) {
    const Digest digest = crypto::sha256({as_bytes("salus/v1/contract/"), as_bytes(name)});
    AccountId account;
    std::copy_n(digest.bytes.begin(), account.bytes.size(), account.bytes.begin());
    return account;
}

Bytes state_key(std::string_view contract, ByteView key) {
    Bytes out;
    out.reserve(contract.size() + 1 + key.size());
    append(out, as_bytes(contract));
    out.push_back(0);
    append(out, key);
    return out;
}

Bytes call_input(std::string_view method, ByteView args) {
    return cbor::Writer().array(2).text(method).bytes(args).take();
}

bool Frame::host_call(Window& window, std::uint32_t import, const std::uint64_t* arguments,
                      std::uint64_t& result) {
    static constexpr Function functions[] = {
        &Frame::kv_get,         &Frame::kv_put,      &Frame::kv_del,        &Frame::kv_scan,
        &Frame::kv_next,        &Frame::caller,      &Frame::origin,        &Frame::caller_contract,
        &Frame::tx_hash,        &Frame::payload,     &Frame::block_height,  &Frame::block_time,
        &Frame::call,           &Frame::call_result, &Frame::emit,          &Frame::sha256,
        &Frame::ed25519_verify, &Frame::p256_verify, &Frame::merkle_verify, &Frame::abort,
    };
    static_assert(std::size(functions) == host_imports_count);
    SALUS_ASSERT(import < host_imports_count);
    return (this->*functions[import])(window, arguments, result);
}

bool Frame::trap(const char* why) {
    if (!session_.stop.has_value()) {
        session_.stop = Stop{Outcome::trap, code_trap, {}, why};
    }
    return false;
}

bool Frame::fail(Error error) {
    if (!session_.failure.has_value()) {
        session_.failure = std::move(error);
    }
    return false;
}

bool Frame::charge(Window& window, std::uint64_t base, std::uint64_t count, std::uint64_t each) {
    // Counts are 32-bit lengths and prices small: the sum stays far below 2^63.
    window.gas -= static_cast<std::int64_t>(base + count * each);
    if (window.gas < 0 && !session_.stop.has_value()) {
        session_.stop =
            Stop{Outcome::out_of_gas, code_out_of_gas, {}, "out of gas in a host function"};
    }
    return window.gas >= 0;
}

std::optional<ByteView> Frame::read(const Window& window, std::uint64_t at, std::uint64_t size) {
    if (at > window.memory_bytes || size > window.memory_bytes - at) {
        trap("a host function was given a range outside memory");
        return std::nullopt;
    }
    return ByteView{window.memory + at, static_cast<std::size_t>(size)};
}

bool Frame::write(Window& window, std::uint64_t at, ByteView bytes) {
    return write_some(window, at, bytes.size(), bytes);
}

bool Frame::write_some(Window& window, std::uint64_t at, std::uint64_t max, ByteView bytes) {
    if (!read(window, at, max).has_value()) {
        return false;
    }
    const std::size_t size = std::min<std::size_t>(max, bytes.size());
    if (size == 0) {
        return true;
    }
    std::copy_n(bytes.begin(), size, window.memory + at);
    if (window.dirty != nullptr) {
        std::fill(window.dirty + (at >> SALUS_RT_CHUNK_SHIFT),
                  window.dirty + ((at + size - 1) >> SALUS_RT_CHUNK_SHIFT) + 1, std::uint8_t{1});
    }
    return true;
}

void Frame::StateKey::set(std::string_view contract, ByteView key) noexcept {
    std::uint8_t* out = std::copy(contract.begin(), contract.end(), bytes_.begin());
    *out++ = 0;
    std::copy(key.begin(), key.end(), out);
    size_ = contract.size() + 1 + key.size();
}

bool Frame::key(const Window& window, std::uint64_t at, std::uint64_t size, std::size_t least,
                StateKey& into) {
    const auto bytes = read(window, at, size);
    if (!bytes.has_value()) {
        return false;
    }
    if (size < least || size > key_bytes_max) {
        return trap("a key is empty or longer than 256 bytes");
    }
    into.set(contract_, *bytes);
    return true;
}

bool Frame::writable() {
    return !session_.read_only || trap("a query tried to write");
}

bool Frame::kv_get(Window& window, Arguments a, std::uint64_t& result) {
    if (!charge(window, gas::kv_get) || !key(window, a[0], a[1], 1, key_) ||
        !read(window, a[2], a[3]).has_value()) {
        return false;
    }
    const auto value = session_.context.state.get(key_.view());
    if (!value.ok()) {
        return fail(value.error());
    }
    if (!value->has_value()) {
        result = minus_one;
        return true;
    }
    const Bytes& bytes = **value;
    result = bytes.size();
    return charge(window, 0, std::min<std::uint64_t>(a[3], bytes.size()), gas::copied_byte) &&
           write_some(window, a[2], a[3], bytes);
}

bool Frame::kv_put(Window& window, Arguments a, std::uint64_t&) {
    if (!writable() || !charge(window, gas::kv_put, a[1] + a[3], gas::kv_put_byte) ||
        !key(window, a[0], a[1], 1, key_)) {
        return false;
    }
    const auto value = read(window, a[2], a[3]);
    if (!value.has_value()) {
        return false;
    }
    if (value->size() > value_bytes_max) {
        return trap("a value is longer than 65536 bytes");
    }
    ++session_.writes;
    const Status status = session_.context.state.put(key_.view(), *value);
    return status.ok() || fail(status.error());
}

bool Frame::kv_del(Window& window, Arguments a, std::uint64_t&) {
    if (!writable() || !charge(window, gas::kv_del) || !key(window, a[0], a[1], 1, key_)) {
        return false;
    }
    ++session_.writes;
    const Status status = session_.context.state.del(key_.view());
    return status.ok() || fail(status.error());
}

Frame::~Frame() {
    for (std::size_t i = 0; i < scans_count_; ++i) {
        if (session_.spare_scans.size() < open_scans_max) {
            session_.spare_scans.push_back(std::move(scans_[i]));
        }
    }
}

Scan& Frame::open_scan() {
    auto& scan = scans_[scans_count_++];
    if (session_.spare_scans.empty()) {
        scan = std::make_unique<Scan>();
    } else {
        scan = std::move(session_.spare_scans.back());
        session_.spare_scans.pop_back();
        scan->entries.clear();
        scan->next = 0;
    }
    return *scan;
}

bool Frame::kv_scan(Window& window, Arguments a, std::uint64_t& result) {
    StateKey after;
    if (!charge(window, gas::kv_scan) || !key(window, a[0], a[1], 0, key_) ||
        !key(window, a[2], a[3], 0, after)) {
        return false;
    }
    if (a[4] > scan_keys_max) {
        return trap("a scan asks for more than 1024 keys");
    }
    if (scans_count_ >= open_scans_max) {
        return trap("more than 16 scans in one call");
    }
    Scan& scan = open_scan();
    const Status status = session_.context.state.scan(
        key_.view(), a[3] == 0 ? ByteView{} : after.view(),
        a[4] == 0 ? scan_keys_max : static_cast<std::size_t>(a[4]), scan.entries);
    if (!status.ok()) {
        return fail(status.error());
    }
    scan.writes = session_.writes;
    result = scans_count_ - 1;
    return charge(window, 0, scan.entries.size(), gas::kv_scan_key);
}

Result<std::optional<ByteView>> Frame::current(const Scan& scan) {
    const ScanEntries::Entry entry = scan.entries[scan.next];
    if (entry.has_value && scan.writes == session_.writes) {
        return std::optional(entry.packed);
    }
    key_.set(contract_, entry.key);
    const auto value = SALUS_TRY(session_.context.state.get(key_.view()));
    if (!value.has_value()) {
        return std::optional<ByteView>{};
    }
    entry_ = to_bytes(entry.packed.first(2 + entry.key.size()));
    append(entry_, *value);
    return std::optional(ByteView(entry_));
}

bool Frame::kv_next(Window& window, Arguments a, std::uint64_t& result) {
    if (!read(window, a[1], a[2]).has_value()) {
        return false;
    }
    if (a[0] >= scans_count_) {
        return trap("no such scan");
    }
    Scan& scan = *scans_[static_cast<std::size_t>(a[0])];
    for (; scan.next < scan.entries.size(); ++scan.next) {
        if (!charge(window, gas::kv_get)) {
            return false;
        }
        const auto entry = current(scan);
        if (!entry.ok()) {
            return fail(entry.error());
        }
        if (!entry->has_value()) {
            continue;  // removed since the scan began
        }
        result = (*entry)->size();
        if (result > a[2]) {
            return true;
        }
        ++scan.next;
        return charge(window, 0, result, gas::copied_byte) && write(window, a[1], **entry);
    }
    result = minus_one;
    return charge(window, gas::host_small);
}

bool Frame::caller(Window& window, Arguments a, std::uint64_t&) {
    return charge(window, gas::host_small) && write(window, a[0], caller_.view());
}

bool Frame::origin(Window& window, Arguments a, std::uint64_t&) {
    return charge(window, gas::host_small) && write(window, a[0], session_.context.caller.view());
}

bool Frame::caller_contract(Window& window, Arguments a, std::uint64_t& result) {
    result = caller_contract_.size();
    return charge(window, gas::host_small) &&
           write_some(window, a[0], a[1], as_bytes(caller_contract_));
}

bool Frame::tx_hash(Window& window, Arguments a, std::uint64_t&) {
    return charge(window, gas::host_small) &&
           write(window, a[0], session_.context.transaction.view());
}

bool Frame::payload(Window& window, Arguments a, std::uint64_t& result) {
    const auto& payload = session_.context.payload;
    if (!charge(window, gas::host_small) || !read(window, a[0], 40).has_value()) {
        return false;
    }
    if (!payload.has_value() || session_.read_only || session_.depth > 1) {
        result = 0;
        return true;
    }
    Bytes out = to_bytes(payload->digest.view());
    append_be64(out, payload->size);
    result = 1;
    return write(window, a[0], out);
}

bool Frame::block_height(Window& window, Arguments, std::uint64_t& result) {
    result = session_.context.height.value;
    return charge(window, gas::host_small);
}

bool Frame::block_time(Window& window, Arguments, std::uint64_t& result) {
    result = static_cast<std::uint64_t>(session_.context.time.value);
    return charge(window, gas::host_small);
}

bool Frame::call(Window& window, Arguments a, std::uint64_t& result) {
    if (!charge(window, gas::contract_call, a[1] + a[3], gas::copied_byte)) {
        return false;
    }
    const auto name = read(window, a[0], a[1]);
    const auto input = name.has_value() ? read(window, a[2], a[3]) : std::nullopt;
    if (!input.has_value() || !read(window, a[4], a[5]).has_value()) {
        return false;
    }
    if (!is_contract_name(as_text(*name)) || input->size() > input_bytes_max) {
        return trap("call: not a contract's name, or the input is too long");
    }
    if (session_.depth >= call_depth_max) {
        return trap("call: more than 8 contracts deep");
    }
    const auto running = std::span(session_.active).first(session_.depth);
    if (std::find(running.begin(), running.end(), as_text(*name)) != running.end()) {
        return trap("call: the contract is running already");
    }
    const auto code = session_.context.codes.active(as_text(*name));
    if (!code.ok()) {
        return fail(code.error());
    }
    if (!code->has_value()) {
        result = minus_one;
        return true;
    }
    Frame callee(session_, (*code)->name, contract_account(contract_), contract_);
    std::optional<Bytes> data =
        session_.runner.run_frame(**code, session_.read_only ? Export::query : Export::exec, *input,
                                  callee, window.gas, window.stack);
    if (!data.has_value()) {
        return false;
    }
    last_result_ = std::move(*data);
    result = last_result_.size();
    return charge(window, 0, std::min<std::uint64_t>(a[5], last_result_.size()),
                  gas::copied_byte) &&
           write_some(window, a[4], a[5], last_result_);
}

bool Frame::call_result(Window& window, Arguments a, std::uint64_t& result) {
    result = last_result_.size();
    return charge(window, gas::host_small, std::min<std::uint64_t>(a[1], last_result_.size()),
                  gas::copied_byte) &&
           write_some(window, a[0], a[1], last_result_);
}

bool Frame::emit(Window& window, Arguments a, std::uint64_t&) {
    if (!writable() || !charge(window, gas::emit, a[1] + a[3], gas::emit_byte)) {
        return false;
    }
    const auto topic = read(window, a[0], a[1]);
    const auto data = topic.has_value() ? read(window, a[2], a[3]) : std::nullopt;
    if (!data.has_value()) {
        return false;
    }
    if (!is_topic(as_text(*topic)) || data->size() > event_data_bytes_max ||
        session_.events.size() >= events_max) {
        return trap("an event's topic, size or number is outside its limit");
    }
    session_.events.push_back(
        {std::string(contract_), std::string(as_text(*topic)), to_bytes(*data)});
    return true;
}

bool Frame::sha256(Window& window, Arguments a, std::uint64_t&) {
    if (!charge(window, gas::sha256, a[1], gas::sha256_byte)) {
        return false;
    }
    const auto bytes = read(window, a[0], a[1]);
    return bytes.has_value() && write(window, a[2], crypto::sha256(*bytes).view());
}

bool Frame::ed25519_verify(Window& window, Arguments a, std::uint64_t& result) {
    if (!charge(window, gas::ed25519_verify, a[2], gas::signed_byte)) {
        return false;
    }
    const auto public_key = read(window, a[0], 32);
    const auto message = public_key.has_value() ? read(window, a[1], a[2]) : std::nullopt;
    const auto signature = message.has_value() ? read(window, a[3], 64) : std::nullopt;
    if (!signature.has_value()) {
        return false;
    }
    result = crypto::verify(*crypto::Ed25519PublicKey::from(*public_key), *message,
                            *crypto::Ed25519Signature::from(*signature))
                 ? 1
                 : 0;
    return true;
}

bool Frame::p256_verify(Window& window, Arguments a, std::uint64_t& result) {
    if (!charge(window, gas::p256_verify, a[2] + a[4], gas::signed_byte)) {
        return false;
    }
    const auto public_key = read(window, a[0], 65);
    const auto message = public_key.has_value() ? read(window, a[1], a[2]) : std::nullopt;
    const auto signature = message.has_value() ? read(window, a[3], a[4]) : std::nullopt;
    if (!signature.has_value()) {
        return false;
    }
    result = crypto::verify_p256(*public_key, *message, *signature) ? 1 : 0;
    return true;
}

bool Frame::merkle_verify(Window& window, Arguments a, std::uint64_t& result) {
    if (!charge(window, gas::merkle_verify, a[4] / 32, gas::merkle_step)) {
        return false;
    }
    const auto leaf = read(window, a[0], 32);
    const auto path = leaf.has_value() ? read(window, a[3], a[4]) : std::nullopt;
    const auto root = path.has_value() ? read(window, a[5], 32) : std::nullopt;
    if (!root.has_value()) {
        return false;
    }
    if (path->size() % 32 != 0 || path->size() > 64 * 32) {
        result = 0;
        return true;
    }
    std::vector<Digest> hashes;
    for (std::size_t at = 0; at < path->size(); at += 32) {
        hashes.push_back(*Digest::from(path->subspan(at, 32)));
    }
    result =
        ledger::verify_inclusion(*Digest::from(*leaf), a[1], a[2], hashes, *Digest::from(*root))
                .ok()
            ? 1
            : 0;
    return true;
}

bool Frame::abort(Window& window, Arguments a, std::uint64_t&) {
    const auto reason = read(window, a[1], a[2]);
    if (!reason.has_value()) {
        return false;
    }
    const bool known =
        a[0] == code_unknown_method || (a[0] >= contract_code_min && a[0] <= contract_code_max);
    if (!known || reason->size() > reason_bytes_max || !is_utf8(*reason)) {
        return trap("abort: the code or the reason is outside its limit");
    }
    session_.stop = Stop{Outcome::revert, static_cast<std::uint32_t>(a[0]), to_bytes(*reason), {}};
    return false;
}

}  // namespace salus::contracts
