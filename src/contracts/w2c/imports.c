/* The functions of module `salus` under the names wasm2c calls them by. Their numbers are the order
 * of host_imports.hpp; a test runs every one through both engines. */
#include "contracts/w2c/compiled.h"

typedef struct Z_salus_instance_t Host;

static uint64_t ask(Host* host, uint32_t import, const uint64_t* arguments) {
    uint64_t result = 0;
    if (host->call(host->frame, import, arguments, &result) != 0) {
        wasm_rt_trap(SALUS_RT_STOPPED);
    }
    return result;
}

enum {
    kv_get,
    kv_put,
    kv_del,
    kv_scan,
    kv_next,
    caller,
    origin,
    caller_contract,
    tx_hash,
    payload,
    block_height,
    block_time,
    call,
    call_result,
    emit,
    sha256,
    ed25519_verify,
    p256_verify,
    merkle_verify,
    abort_
};

#define ASK(import, ...) ask(host, import, (const uint64_t[]){__VA_ARGS__})

uint32_t Z_salusZ_kv_get(Host* host, uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
    return (uint32_t)ASK(kv_get, a, b, c, d);
}
void Z_salusZ_kv_put(Host* host, uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
    ASK(kv_put, a, b, c, d);
}
void Z_salusZ_kv_del(Host* host, uint32_t a, uint32_t b) {
    ASK(kv_del, a, b);
}
uint32_t Z_salusZ_kv_scan(Host* host, uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t e) {
    return (uint32_t)ASK(kv_scan, a, b, c, d, e);
}
uint32_t Z_salusZ_kv_next(Host* host, uint32_t a, uint32_t b, uint32_t c) {
    return (uint32_t)ASK(kv_next, a, b, c);
}
void Z_salusZ_caller(Host* host, uint32_t a) {
    ASK(caller, a);
}
void Z_salusZ_origin(Host* host, uint32_t a) {
    ASK(origin, a);
}
uint32_t Z_salusZ_caller_contract(Host* host, uint32_t a, uint32_t b) {
    return (uint32_t)ASK(caller_contract, a, b);
}
void Z_salusZ_tx_hash(Host* host, uint32_t a) {
    ASK(tx_hash, a);
}
uint32_t Z_salusZ_payload(Host* host, uint32_t a) {
    return (uint32_t)ASK(payload, a);
}
uint64_t Z_salusZ_block_height(Host* host) {
    return ASK(block_height, 0);
}
uint64_t Z_salusZ_block_time(Host* host) {
    return ASK(block_time, 0);
}
uint32_t Z_salusZ_call(Host* host, uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t e,
                       uint32_t f) {
    return (uint32_t)ASK(call, a, b, c, d, e, f);
}
uint32_t Z_salusZ_call_result(Host* host, uint32_t a, uint32_t b) {
    return (uint32_t)ASK(call_result, a, b);
}
void Z_salusZ_emit(Host* host, uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
    ASK(emit, a, b, c, d);
}
void Z_salusZ_sha256(Host* host, uint32_t a, uint32_t b, uint32_t c) {
    ASK(sha256, a, b, c);
}
uint32_t Z_salusZ_ed25519_verify(Host* host, uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
    return (uint32_t)ASK(ed25519_verify, a, b, c, d);
}
uint32_t Z_salusZ_p256_verify(Host* host, uint32_t a, uint32_t b, uint32_t c, uint32_t d,
                              uint32_t e) {
    return (uint32_t)ASK(p256_verify, a, b, c, d, e);
}
uint32_t Z_salusZ_merkle_verify(Host* host, uint32_t a, uint64_t b, uint64_t c, uint32_t d,
                                uint32_t e, uint32_t f) {
    return (uint32_t)ASK(merkle_verify, a, b, c, d, e, f);
}
void Z_salusZ_abort(Host* host, uint32_t a, uint32_t b, uint32_t c) {
    ASK(abort_, a, b, c);
}
