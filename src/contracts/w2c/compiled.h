#ifndef SALUS_W2C_COMPILED_H
#define SALUS_W2C_COMPILED_H

/* What salus-gatekeeper writes for each contract compiled into a release, and what vm_compiled.cpp
 * runs. Read by C and C++20. */

#include "contracts/w2c/wasm-rt.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The host as generated code sees it (module `salus`). `call` returns 0 to go on; anything else
 * ends the run, after every C++ frame has returned. */
struct Z_salus_instance_t {
    int (*call)(void* frame, uint32_t import, const uint64_t* arguments, uint64_t* result);
    void* frame;
};

enum salus_entry { SALUS_ALLOC, SALUS_INIT, SALUS_EXEC, SALUS_QUERY, SALUS_MIGRATE };

struct salus_compiled {
    const char* name;
    const uint8_t* original; /* the module as it goes on chain */
    size_t original_size;
    uint8_t original_hash[32];
    uint8_t instrumented_hash[32];
    uint32_t gatekeeper_version;
    uint32_t gas_version;
    size_t instance_bytes;
    void (*init_module)(void);
    void (*instantiate)(void* instance, struct Z_salus_instance_t* host);
    wasm_rt_memory_t* (*memory)(void* instance);
    uint64_t* (*gas)(void* instance);
    uint32_t* (*stack)(void* instance);
    void (*enter)(void* instance, enum salus_entry entry, uint32_t a, uint32_t b, uint64_t* result);
    /* Runs `enter`; 0, or the trap that ended it. */
    int (*run)(const struct salus_compiled*, void* instance, enum salus_entry entry, uint32_t a,
               uint32_t b, uint64_t* result);
    void (*free_instance)(void* instance);
};

int salus_rt_run(const struct salus_compiled*, void* instance, enum salus_entry entry, uint32_t a,
                 uint32_t b, uint64_t* result);

#ifdef __cplusplus
}
#endif
#endif
