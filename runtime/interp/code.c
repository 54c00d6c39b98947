/*
 * Threaded code of a module: stubs, lazy lowering, and finding a function by
 * an address in its code.
 *
 * Every function begins as a stub; so do imports, whose stubs stay.  All stubs
 * and adapters of a module live in one block.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/code.h"

#include "runtime/base/share.h"
#include "runtime/base/sort.h"
#include "runtime/interp/lower.h"
#include "runtime/interp/places.h"

#include <inttypes.h>

/* Header and cells of a stub: LAZY; or a call of another instance's function:
 * IMPORT_CALL, FOREIGN_CALL, return information, IMPORT_RET; of one that the
 * module's engine runs: ENGINE_CALL, the latter two. */
enum {
    LAZY_CELLS = 1,
    ADAPTER_CELLS = 3,
    IMPORT_CELLS = 4,
};

static size_t icode_bytes(size_t ncells)
{
    return sizeof(struct wrt_icode) + ncells * sizeof(wrt_cell);
}

static size_t catches_bytes(size_t nregions, size_t nclauses)
{
    return sizeof(struct wrt_catches) +
           nregions * sizeof(struct wrt_catch_region) +
           nclauses * sizeof(struct wrt_catch_clause);
}

uint8_t *wrt_icode_places(const struct wrt_icode *code)
{
    const struct wrt_catches *catches = wrt_icode_catches(code);
    uint8_t *behind = (uint8_t *)(uintptr_t)&code->cells[code->ncells + 1];

    return code->has_catches
               ? behind + catches_bytes(catches->nregions, catches->nclauses)
               : behind;
}

/* The size of what wrt_icode_new() made. */
static size_t lowered_bytes(const struct wrt_icode *code)
{
    return (size_t)(wrt_icode_places(code) - (uint8_t *)code) +
           (size_t)code->cells[code->ncells].u64;
}

struct wrt_icode *wrt_icode_new(const struct wrt_alloc *alloc,
                                const struct wrt_icode_sizes *sizes)
{
    size_t nbytes = icode_bytes((size_t)sizes->ncells + 1) + sizes->places_len;
    struct wrt_icode *code;

    if (sizes->nregions)
        nbytes += catches_bytes(sizes->nregions, sizes->nclauses);
    code = alloc->resize(alloc->user, NULL, 0, nbytes);
    if (!code)
        return NULL;
    *code = (struct wrt_icode){
        .ncells = sizes->ncells,
        .has_catches = sizes->nregions != 0,
    };
    code->cells[sizes->ncells].u64 = sizes->places_len;
    if (sizes->nregions)
        *wrt_icode_catches(code) = (struct wrt_catches){
            .nregions = sizes->nregions,
            .nclauses = sizes->nclauses,
        };
    return code;
}

void wrt_icode_delete(const struct wrt_alloc *alloc, struct wrt_icode *code)
{
    wrt_free(alloc, code, lowered_bytes(code));
}

/* -- Stubs ----------------------------------------------------------------- */

static void fill_lazy(struct wrt_icode *stub, uint32_t func_idx,
                      const struct wrt_type *type)
{
    stub->func_idx = func_idx;
    stub->nparams = (uint16_t)type->param_slots;
    stub->frame_slots = (uint16_t)(type->param_slots + 1);
    stub->ncells = LAZY_CELLS;
    stub->cells[0] = (wrt_cell){.op = WRT_IOP_LAZY};
}

/* The frame: parameters, return address, caller's instance, then a copy of the
 * parameters that results replace. */
static void fill_foreign(struct wrt_icode *stub, wrt_cell *cells,
                         const struct wrt_type *type)
{
    uint32_t nparams = type->param_slots, nresults = type->result_slots;

    stub->nparams = (uint16_t)nparams;
    stub->frame_slots = (uint16_t)(nparams + 2 + WRT_MAX(nparams, nresults));
    cells[0] = (wrt_cell){.op = WRT_IOP_FOREIGN_CALL,
                          .a = (uint16_t)nparams,
                          .b = (uint16_t)nresults};
    cells[1] = WRT_RETURN_INFO(nparams + 2, 0);
    cells[2] = (wrt_cell){.op = WRT_IOP_IMPORT_RET,
                          .a = (uint16_t)(nparams + 2),
                          .b = (uint16_t)nparams,
                          .d = (uint16_t)nresults};
}

/* The block of stubs: groups of equal size, in this order. */
struct stub_group {
    size_t count, bytes_each;
};

enum { STUB_GROUPS = 3 };

static void plan_stubs(const struct wrt_module *module,
                       struct stub_group groups[STUB_GROUPS])
{
    size_t nimported = module->nimported_funcs;
    bool has_range = module->code->options.debug.has_range;

    groups[0] = (struct stub_group){nimported, icode_bytes(IMPORT_CELLS)};
    groups[1] = (struct stub_group){
        module->nfuncs - nimported,
        icode_bytes(has_range ? ADAPTER_CELLS : LAZY_CELLS)};
    groups[2] = (struct stub_group){module->ntypes, icode_bytes(ADAPTER_CELLS)};
}

static size_t stubs_bytes(const struct wrt_module *module)
{
    struct stub_group groups[STUB_GROUPS];
    size_t total = 0;

    plan_stubs(module, groups);
    for (int i = 0; i < STUB_GROUPS; i++)
        total += groups[i].count * groups[i].bytes_each;
    return total;
}

/* Cuts the block into stubs and adapters. */
static void fill_stubs(struct wrt_module *module, struct wrt_backend_code *code)
{
    struct stub_group groups[STUB_GROUPS];
    uint8_t *next = code->stubs;

    plan_stubs(module, groups);
    for (uint32_t i = 0; i < module->nfuncs; i++) {
        const struct wrt_type *type = wrt_module_func_type(module, i);
        struct wrt_icode *stub = (struct wrt_icode *)(void *)next;

        code->entries[i] = stub;
        if (i < module->nimported_funcs) {
            stub->func_idx = i;
            stub->ncells = IMPORT_CELLS;
            stub->cells[0] = (wrt_cell){.op = WRT_IOP_IMPORT_CALL};
            fill_foreign(stub, stub->cells + 1, type);
        } else if (code->options.debug.has_range &&
                   wrt_wants_native(&code->options, i)) {
            stub->func_idx = i;
            stub->ncells = ADAPTER_CELLS;
            fill_foreign(stub, stub->cells, type);
            stub->cells[0].op = WRT_IOP_ENGINE_CALL;
        } else {
            fill_lazy(stub, i, type);
        }
        next += groups[i >= module->nimported_funcs].bytes_each;
    }
    for (uint32_t i = 0; i < module->ntypes; i++) {
        const struct wrt_type *type = wrt_module_type(module, i);
        struct wrt_icode *adapter = (struct wrt_icode *)(void *)next;

        next += icode_bytes(ADAPTER_CELLS);
        if (type->form != WRT_FORM_FUNC)
            continue;
        /* The stubs were sized for every type of the module. */
        /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
        adapter->func_idx = WRT_NO_FUNC;
        adapter->ncells = ADAPTER_CELLS;
        fill_foreign(adapter, adapter->cells, type);
        code->adapters[i] = adapter;
    }
}

/* -- A module's code ------------------------------------------------------- */

/* Whether the entry is still the stub. */
static bool is_stub(const struct wrt_backend_code *code,
                    const struct wrt_icode *entry)
{
    const uint8_t *at = (const uint8_t *)entry;

    return at >= code->stubs && at < code->stubs + code->stubs_bytes;
}

/* Also of code that was made in part. */
static void free_code(struct wrt_module *module)
{
    struct wrt_backend_code *code = module->code;
    const struct wrt_alloc *alloc = module->alloc;

    if (!code)
        return;
    for (uint32_t i = 0; code->entries && i < module->nfuncs; i++) {
        struct wrt_icode *entry = code->entries[i];

        if (entry && !is_stub(code, entry))
            wrt_icode_delete(alloc, entry);
    }
    wrt_free_array(alloc, code->sorted, code->nsorted, sizeof(*code->sorted));
    wrt_free_array(alloc, code->entries, module->nfuncs,
                   sizeof(*code->entries));
    wrt_free_array(alloc, code->adapters, module->ntypes,
                   sizeof(*code->adapters));
    wrt_free(alloc, code->stubs, code->stubs_bytes);
    wrt_free(alloc, code, sizeof(*code));
    module->code = NULL;
}

/* -- Lazy lowering --------------------------------------------------------- */

static wasmrt_error *lower(struct wrt_module *module, uint32_t func_idx,
                           struct wrt_arena *scratch, const uint32_t *stop,
                           struct wrt_icode **out)
{
    const struct wrt_code_options *options = &module->code->options;
    struct wrt_ir_list list;
    wasmrt_error *error =
        wrt_lower_func(module, func_idx, options, scratch, stop, &list);

    if (!error)
        error =
            wrt_link_func(module, func_idx, options, &list, scratch, stop, out);
    if (error && wasmrt_error_kind(error) != WASMRT_KIND_TRAP)
        wrt_error_set_func(error, func_idx,
                           wrt_module_func_name(module, func_idx));
    return error;
}

static WRT_COLD wasmrt_error *too_much(const struct wrt_backend_code *code,
                                       uint32_t func_idx)
{
    return wrt_error_new(WASMRT_ERR_LIMIT, WRT_NO_OFFSET,
                         "code of function %u, with %zu bytes of others (limit "
                         "%" PRIu64 ")",
                         func_idx, code->code_bytes, code->options.max_bytes);
}

/* Makes fresh code the function's, unless another thread was faster, or it is
 * too much. */
static wasmrt_error *publish(struct wrt_module *module, uint32_t func_idx,
                             struct wrt_icode *fresh_taken,
                             struct wrt_icode **out)
{
    struct wrt_backend_code *code = module->code;
    struct wrt_icode **entry = &code->entries[func_idx], *won;
    size_t nbytes = lowered_bytes(fresh_taken);
    wasmrt_error *error = NULL;

    wrt_mutex_lock(&code->lock);
    won = *entry;
    if (is_stub(code, won) &&
        (nbytes > code->options.max_bytes ||
         code->code_bytes > code->options.max_bytes - nbytes)) {
        error = too_much(code, func_idx);
    } else if (is_stub(code, won)) {
        won = fresh_taken;
        code->nlowered++;
        code->code_bytes += nbytes;
        __atomic_store_n(entry, won, __ATOMIC_RELEASE);
    }
    wrt_mutex_unlock(&code->lock);
    if (won != fresh_taken)
        wrt_icode_delete(module->alloc, fresh_taken);
    if (!error)
        *out = won;
    return error;
}

/* Without the lock: threads that need different functions do not wait for each
 * other, and none waits where nothing could interrupt it.  The price is that
 * two may lower the same function, and one of them in vain. */
wasmrt_error *wrt_interp_lower_now(struct wrt_module *module, uint32_t func_idx,
                                   const uint32_t *stop, struct wrt_icode **out)
{
    struct wrt_backend_code *code = module->code;
    struct wrt_icode *entry =
        __atomic_load_n(&code->entries[func_idx], __ATOMIC_ACQUIRE);
    struct wrt_arena scratch;
    wasmrt_error *error;

    if (!is_stub(code, entry)) {
        *out = entry;
        return NULL;
    }
    wrt_arena_init(&scratch, module->alloc);
    error = lower(module, func_idx, &scratch, stop, &entry);
    wrt_arena_fini(&scratch);
    return error ? error : publish(module, func_idx, entry, out);
}

static void lower_share(void *user, struct wrt_share *share)
{
    enum { SCRATCH_BYTES = 256 * 1024 }; /* what most functions need */
    struct wrt_module *module = user;
    struct wrt_arena scratch;
    uint32_t i;

    wrt_arena_init(&scratch, module->alloc);
    scratch.usual_bytes = SCRATCH_BYTES;
    while (wrt_share_next(share, &i)) {
        struct wrt_icode *fresh;
        wasmrt_error *error = lower(module, i, &scratch, NULL, &fresh);

        if (!error)
            error = publish(module, i, fresh, &fresh);
        if (error)
            wrt_share_fail(share, i, error);
        wrt_arena_reset(&scratch);
    }
    wrt_arena_fini(&scratch);
}

static wasmrt_error *lower_all(struct wrt_module *module,
                               const struct wrt_code_options *options)
{
    return wrt_share_out(wrt_compile_threads(module, options),
                         module->nimported_funcs, module->nfuncs, lower_share,
                         module);
}

/* -- Making a module's code ------------------------------------------------ */

/* An array that may have no elements. */
static void *alloc_some(const struct wrt_alloc *alloc, size_t count,
                        size_t elem, bool *ok)
{
    void *ptr = count ? wrt_alloc_array(alloc, count, elem) : NULL;

    if (count && !ptr)
        *ok = false;
    return ptr;
}

wasmrt_error *wrt_interp_compile(struct wrt_module *module,
                                 const struct wrt_code_options *options)
{
    const struct wrt_alloc *alloc = module->alloc;
    struct wrt_backend_code *code = wrt_alloc_zero(alloc, sizeof(*code));
    bool ok = true;

    if (!code)
        return wrt_error_oom();
    module->code = code;
    module->code_free = free_code;
    code->options = *options;
    code->stubs_bytes = stubs_bytes(module);
    code->stubs = alloc_some(alloc, code->stubs_bytes, 1, &ok);
    code->entries =
        alloc_some(alloc, module->nfuncs, sizeof(*code->entries), &ok);
    code->adapters =
        alloc_some(alloc, module->ntypes, sizeof(*code->adapters), &ok);
    if (!ok) {
        free_code(module);
        return wrt_error_oom();
    }
    fill_stubs(module, code);
    return options->is_eager ? lower_all(module, options) : NULL;
}

void *const *wrt_interp_entries(const struct wrt_module *module)
{
    return (void *const *)module->code->entries;
}

uint64_t wrt_interp_place(const struct wrt_icode *code, const wrt_cell *pc)
{
    return wrt_places_find(wrt_icode_places(code),
                           (size_t)code->cells[code->ncells].u64,
                           (uint32_t)(pc - code->cells));
}

/* -- Finding a function by address ----------------------------------------- */

static int by_address(const void *user, uint32_t a, uint32_t b)
{
    const struct wrt_backend_code *code = user;

    return code->entries[a] < code->entries[b] ? -1 : 1;
}

/* Brings the index up to date; false when memory is exhausted. */
static bool rebuild_index(struct wrt_module *module,
                          struct wrt_backend_code *code)
{
    const struct wrt_alloc *alloc = module->alloc;
    uint32_t *fresh;
    uint32_t count = 0;

    if (code->nsorted == code->nlowered)
        return true;
    fresh = wrt_alloc_array(alloc, code->nlowered, sizeof(*fresh));
    if (!fresh)
        return false;
    for (uint32_t i = module->nimported_funcs; i < module->nfuncs; i++) {
        if (!is_stub(code, code->entries[i]))
            fresh[count++] = i;
    }
    wrt_sort_u32(fresh, count, by_address, code);
    wrt_free_array(alloc, code->sorted, code->nsorted, sizeof(*fresh));
    code->sorted = fresh;
    code->nsorted = count;
    return true;
}

static const struct wrt_icode *search(const struct wrt_backend_code *code,
                                      const wrt_cell *pc)
{
    uint32_t low = 0, high = code->nsorted;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct wrt_icode *entry = code->entries[code->sorted[middle]];

        if (pc < entry->cells)
            high = middle;
        else if (pc >= entry->cells + entry->ncells)
            low = middle + 1;
        else
            return entry;
    }
    return NULL;
}

/* The lowered function that pc lies in, without the index: the last one that
 * begins before it. */
static const struct wrt_icode *scan(const struct wrt_module *module,
                                    const struct wrt_backend_code *code,
                                    const wrt_cell *pc)
{
    const struct wrt_icode *last = NULL;

    for (uint32_t i = module->nimported_funcs; i < module->nfuncs; i++) {
        const struct wrt_icode *entry = code->entries[i];

        if (entry->cells <= pc && entry > last && !is_stub(code, entry))
            last = entry;
    }
    return last && pc < last->cells + last->ncells ? last : NULL;
}

/* Few questions are not worth an index: making it takes as long as a hundred
 * scans, and the guest may have been interrupted. */
static const struct wrt_icode *find_lowered(struct wrt_module *module,
                                            struct wrt_backend_code *code,
                                            const wrt_cell *pc)
{
    enum { FEW = 32 };

    if (code->nsorted != code->nlowered && code->nscans < FEW) {
        code->nscans++;
        return scan(module, code, pc);
    }
    code->nscans = 0;
    return rebuild_index(module, code) ? search(code, pc)
                                       : scan(module, code, pc);
}

/* The stub or adapter that pc lies in, or NULL. */
static const struct wrt_icode *find_stub(const struct wrt_module *module,
                                         const struct wrt_backend_code *code,
                                         const wrt_cell *pc)
{
    struct stub_group groups[STUB_GROUPS];
    const uint8_t *group = code->stubs, *at = (const uint8_t *)pc;

    if (!is_stub(code, (const struct wrt_icode *)(const void *)pc))
        return NULL;
    plan_stubs(module, groups);
    for (int i = 0; i < STUB_GROUPS; i++) {
        size_t each = groups[i].bytes_each, offset = (size_t)(at - group);

        if (offset < groups[i].count * each)
            return (const void *)(group + offset / each * each);
        group += groups[i].count * each;
    }
    return NULL;
}

const struct wrt_icode *wrt_interp_find(struct wrt_module *module,
                                        const wrt_cell *pc)
{
    struct wrt_backend_code *code = module->code;
    const struct wrt_icode *found = find_stub(module, code, pc);

    if (found)
        return found;
    wrt_mutex_lock(&code->lock);
    found = find_lowered(module, code, pc);
    wrt_mutex_unlock(&code->lock);
    return found;
}

void wrt_interp_count(const struct wrt_module *module, uint64_t *nfuncs,
                      uint64_t *ninterpreted, uint64_t *nbytes)
{
    struct wrt_backend_code *code = module->code;

    wrt_mutex_lock(&code->lock);
    *nfuncs = *ninterpreted = code->nlowered;
    *nbytes = code->code_bytes;
    wrt_mutex_unlock(&code->lock);
}
