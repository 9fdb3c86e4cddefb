#include "contracts/w2c/compiled.h"

#include <stdarg.h>
#include <sys/mman.h>

/* Where a trap on this thread jumps to. Only generated code and the shims in imports.c lie between:
 * no C++ frame is skipped. */
static __thread jmp_buf* unwind;

int salus_rt_run(const struct salus_compiled* code, void* instance, enum salus_entry entry,
                 uint32_t a, uint32_t b, uint64_t* result) {
    jmp_buf here;
    jmp_buf* const outer = unwind;
    unwind = &here;
    const int trap = _setjmp(here);
    if (trap == 0) {
        code->enter(instance, entry, a, b, result);
    }
    unwind = outer;
    return trap;
}

void wasm_rt_trap(wasm_rt_trap_t trap) {
    longjmp(*unwind, (int)trap);
}

/* Function types get numbers by their signature, one sequence for the process. Callers hold a lock.
 */
#define TYPES_MAX 4096u
#define TEXT_MAX 24u
static char types[TYPES_MAX][TEXT_MAX];
static uint32_t types_count;

uint32_t wasm_rt_register_func_type(uint32_t params, uint32_t results, ...) {
    char text[TEXT_MAX] = {0};
    va_list list;
    va_start(list, results);
    for (uint32_t i = 0; i < params + results && i + 2 < TEXT_MAX; ++i) {
        text[i + (i >= params)] = va_arg(list, int) == WASM_RT_I32 ? 'i' : 'I';
        if (i + 1 == params) {
            text[i + 1] = ':';
        }
    }
    va_end(list);
    for (uint32_t i = 0; i < types_count; ++i) {
        if (memcmp(types[i], text, TEXT_MAX) == 0) {
            return i + 1;
        }
    }
    if (types_count == TYPES_MAX) {
        abort();
    }
    memcpy(types[types_count], text, TEXT_MAX);
    return ++types_count;
}

void wasm_rt_allocate_memory(wasm_rt_memory_t* memory, uint32_t initial_pages, uint32_t max_pages) {
    void* at = mmap(NULL, (size_t)SALUS_RT_PAGES_MAX * SALUS_RT_PAGE_BYTES, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED || initial_pages > max_pages || max_pages > SALUS_RT_PAGES_MAX) {
        abort();
    }
    memory->data = at;
    memory->pages = initial_pages;
    memory->max_pages = max_pages;
    memory->size = initial_pages * SALUS_RT_PAGE_BYTES;
    memset(memory->dirty, 0, sizeof memory->dirty);
}

uint32_t wasm_rt_grow_memory(wasm_rt_memory_t* memory, uint32_t pages) {
    const uint32_t before = memory->pages;
    if (pages > memory->max_pages - before) {
        return UINT32_MAX;
    }
    memory->pages = before + pages;
    memory->size = memory->pages * SALUS_RT_PAGE_BYTES;
    return before;
}

void wasm_rt_free_memory(wasm_rt_memory_t* memory) {
    munmap(memory->data, (size_t)SALUS_RT_PAGES_MAX * SALUS_RT_PAGE_BYTES);
}

void wasm_rt_allocate_funcref_table(wasm_rt_funcref_table_t* table, uint32_t elements,
                                    uint32_t max_elements) {
    table->data = calloc(elements == 0 ? 1 : elements, sizeof *table->data);
    if (table->data == NULL) {
        abort();
    }
    table->size = elements;
    table->max_size = max_elements;
}

void wasm_rt_free_funcref_table(wasm_rt_funcref_table_t* table) {
    free(table->data);
}
