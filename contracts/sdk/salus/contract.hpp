#pragma once

#include "salus/host.hpp"

/// The table of methods, and the five entries made from it.
namespace salus {

/// One call of one method: its decoded frame, and where the answer goes.
struct Call {
    Text method;
    View args;           ///< canonical CBOR the method reads
    Id caller;           ///< the account that signed, or the calling contract's account
    Text from_contract;  ///< name of the calling contract; empty when an account calls
    Writer& out;         ///< becomes `data` of the result; nothing written is an empty answer

    [[nodiscard]] bool by_account() const { return from_contract.empty(); }
};

/// Who may call a method: the sentence that `describe` gives, and the check that makes it true. The
/// check sees the arguments too; whoever it refuses gets code::denied before the handler runs.
struct Role {
    Text who;
    bool (*allows)(const Call&);
};

/// The method itself decides by the arguments' proofs, not by the caller.
inline constexpr Role anyone{"anyone", [](const Call&) { return true; }};
/// Any account, not a contract.
inline constexpr Role any_account{"any account",
                                  [](const Call& call) { return call.by_account(); }};

enum class Kind : std::uint8_t { exec, query };

struct Method {
    Text name;
    Kind kind;
    Role role;
    void (*handler)(Call&);
};

namespace detail {

inline std::uint64_t pack(const std::uint8_t* at, std::size_t size) {
    return std::uint64_t{reinterpret_cast<std::uintptr_t>(at)} << 32U | size;
}

/// [0, data]: the head goes into the space that the writer keeps before its first item.
inline std::uint64_t finish(Writer& out) {
    const std::size_t size = out.view().size();
    std::uint8_t* at = out.front_end() - size;
    std::size_t head = 1;
    if (size < 24) {
        *--at = static_cast<std::uint8_t>(0x40U | size);
    } else {
        const std::uint32_t bytes = size <= 0xFF ? 1 : size <= 0xFFFF ? 2 : 4;
        for (std::uint32_t i = 0; i < bytes; ++i) {
            *--at = static_cast<std::uint8_t>(size >> (8U * i));
        }
        *--at = static_cast<std::uint8_t>(0x58U + (bytes == 1 ? 0 : bytes == 2 ? 1 : 2));
        head += bytes;
    }
    *--at = 0x00;
    *--at = 0x82;
    return pack(at, size + head + 2);
}

inline void describe(std::span<const Method> methods, Writer& out) {
    out.array(methods.size());
    for (const Method& method : methods) {
        out.array(3)
            .text(method.name)
            .text(method.kind == Kind::exec ? "exec" : "query")
            .text(method.role.who);
    }
}

inline std::uint64_t dispatch(std::span<const Method> methods, bool query, std::uint32_t at,
                              std::uint32_t size) {
    Reader input(View{reinterpret_cast<const std::uint8_t*>(at), size});
    input.array_of(2);
    const Text name = input.text_max(64);
    const View args = input.bytes();
    input.end();
    Writer out;
    if (query && name == "describe") {
        describe(methods, out);
        return finish(out);
    }
    for (const Method& method : methods) {
        if (method.name == name && (!query || method.kind == Kind::query)) {
            Call call{name, args, host::caller(), host::caller_contract(), out};
            require(method.role.allows(call), code::denied, method.role.who);
            method.handler(call);
            return finish(out);
        }
    }
    fail(code::unknown_method, "unknown method");
}

inline std::uint64_t once(void (*handler)(Reader&), std::uint32_t at, std::uint32_t size) {
    Reader input(View{reinterpret_cast<const std::uint8_t*>(at), size});
    handler(input);
    input.end();
    Writer out;
    return finish(out);
}

}  // namespace detail

/// What `migrate` reads before the contract's own arguments.
struct Migration {
    Digest from;  ///< hash of the code that was active
    View args;
};
inline Migration read_migration(Reader& input) {
    input.array_of(2);
    const Digest from = input.digest();
    return {from, input.bytes()};
}

}  // namespace salus

/// Exports the ABI's entries. `methods`: an array of salus::Method; `on_init`, `on_migrate`:
/// void(salus::Reader&).
#define SALUS_CONTRACT(methods, on_init, on_migrate)                                          \
    extern "C" {                                                                              \
    __attribute__((export_name("alloc"))) std::uint32_t salus_alloc(std::uint32_t size) {     \
        return static_cast<std::uint32_t>(                                                    \
            reinterpret_cast<std::uintptr_t>(::salus::allocate(size)));                       \
    }                                                                                         \
    __attribute__((export_name("init"))) std::uint64_t salus_init(std::uint32_t at,           \
                                                                  std::uint32_t size) {       \
        return ::salus::detail::once(on_init, at, size);                                      \
    }                                                                                         \
    __attribute__((export_name("exec"))) std::uint64_t salus_exec(std::uint32_t at,           \
                                                                  std::uint32_t size) {       \
        return ::salus::detail::dispatch(methods, false, at, size);                           \
    }                                                                                         \
    __attribute__((export_name("query"))) std::uint64_t salus_query(std::uint32_t at,         \
                                                                    std::uint32_t size) {     \
        return ::salus::detail::dispatch(methods, true, at, size);                            \
    }                                                                                         \
    __attribute__((export_name("migrate"))) std::uint64_t salus_migrate(std::uint32_t at,     \
                                                                        std::uint32_t size) { \
        return ::salus::detail::once(on_migrate, at, size);                                   \
    }                                                                                         \
    }                                                                                         \
    static_assert(true, "a semicolon follows")
