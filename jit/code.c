/*
 * Machine code of a module: the range, functions by address, places.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/code.h"

#include "jit/check/check.h"
#include "jit/enter.h"
#include "jit/tell.h"
#include "jit/vec.h"

/* Room for code, by what there is to compile; address space only. */
enum {
    CODE_PER_BYTE = 24,
    CODE_PER_FUNC = 512,
    CODE_AT_LEAST = 64 * 1024,
    CODE_AT_MOST = 1 << 30,
    CODE_ALIGN = 16,
};

/* -- Functions by address -------------------------------------------------- */

/* Entries are written before they count, so nothing has to be zero. */
static struct jit_index *grow_index(struct wrt_native *native, size_t capacity)
{
    const struct wrt_alloc *alloc = native->module->alloc;
    struct jit_index *old = native->index, *fresh;
    size_t nbytes;

    if (!wrt_size_mul(capacity, sizeof(fresh->funcs[0]), &nbytes) ||
        !wrt_size_add(nbytes, sizeof(*fresh), &nbytes))
        return NULL;
    fresh = alloc->resize(alloc->user, NULL, 0, nbytes);
    if (!fresh)
        return NULL;
    *fresh = (struct jit_index){.capacity = capacity, .older = old};
    if (old) {
        fresh->count = old->count;
        memcpy(fresh->funcs, old->funcs, old->count * sizeof(old->funcs[0]));
    }
    __atomic_store_n(&native->index, fresh, __ATOMIC_RELEASE);
    return fresh;
}

void jit_reserve_index(struct wrt_native *native, size_t count)
{
    const struct jit_index *index = native->index;
    size_t have = index ? index->count : 0;

    if (count > 0 && (!index || index->capacity - have < count))
        (void)grow_index(native, have + count);
}

static bool add_to_index(struct wrt_native *native, const struct jit_func *func)
{
    struct jit_index *index = native->index;

    if (!index || index->count == index->capacity)
        index = grow_index(native, index ? index->capacity * 2 : 16);
    if (!index)
        return false;
    index->funcs[index->count] = *func;
    __atomic_store_n(&index->count, index->count + 1, __ATOMIC_RELEASE);
    return true;
}

const struct jit_func *jit_find_func(const struct wrt_native *native,
                                     uintptr_t pc)
{
    const struct jit_index *index =
        __atomic_load_n(&native->index, __ATOMIC_ACQUIRE);
    uintptr_t code = jit_code_address(native, 0);
    size_t low = 0, high;

    if (!index || pc < code || pc - code >= native->range.code_bytes)
        return NULL;
    high = __atomic_load_n(&index->count, __ATOMIC_ACQUIRE);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct jit_func *func = &index->funcs[middle];

        /* The end counts in: a call may be the last instruction. */
        if (pc - code <= func->start)
            high = middle;
        else if (pc - code > func->start + func->len)
            low = middle + 1;
        else
            return func;
    }
    return NULL;
}

/* -- Places ---------------------------------------------------------------- */

enum { PLACE_BYTES = 10 }; /* at most */

static size_t put_leb(uint8_t *to, uint32_t value)
{
    size_t len = 0;

    for (; value > 0x7f; value >>= 7)
        to[len++] = (uint8_t)(value | 0x80);
    to[len++] = (uint8_t)value;
    return len;
}

static uint32_t read_leb(const uint8_t **p)
{
    uint32_t value = 0, shift = 0;
    uint8_t byte;

    do {
        byte = *(*p)++;
        value |= (uint32_t)(byte & 0x7f) << shift;
        shift += 7;
    } while (byte & 0x80);
    return value;
}

void jit_add_far_place(struct jit_made *made, uint32_t step, uint32_t delta)
{
    uint8_t *to;
    size_t len;

    if (!wrt_vec_reserve(made->code.alloc, &made->places, PLACE_BYTES)) {
        made->code.failed = true;
        return;
    }
    to = made->places.items + made->places.count;
    len = put_leb(to, step);
    made->places.count += len + put_leb(to + len, delta);
}

void jit_read_spot(const uint8_t **p, struct jit_spot *spot)
{
    uint32_t step = read_leb(p), delta = read_leb(p);

    spot->pc += step >> 1;
    spot->offset += delta >> 1 ^ (0u - (delta & 1));
    spot->may_fault = step & 1;
}

bool jit_find_place(const struct jit_func *func, uint32_t pc, bool is_fault,
                    uint32_t *offset)
{
    const uint8_t *p = func->places, *end = p + func->places_len;
    struct jit_spot place = {0};

    while (p < end && place.pc <= pc) {
        jit_read_spot(&p, &place);
        if (place.pc == pc && place.may_fault == is_fault) {
            *offset = place.offset;
            return true;
        }
    }
    return false;
}

/* -- Code that has been made ----------------------------------------------- */

void jit_add_far(struct jit_made *made, uint32_t place, uint64_t target)
{
    struct jit_far far = {place, target};

    if (!wrt_vec_push(made->code.alloc, &made->fars, far))
        made->code.failed = true;
}

void jit_made_reset(struct jit_made *made)
{
    made->code.p = made->code.start;
    made->code.failed = false;
    made->fars.count = made->places.count = made->clauses.count = 0;
    made->last_pc = made->last_offset = 0;
    made->what = NULL;
    made->frame_at = made->nbare = 0;
}

void jit_made_fini(struct jit_made *made)
{
    const struct wrt_alloc *alloc = made->code.alloc;

    wrt_vec_fini(alloc, &made->fars);
    wrt_vec_fini(alloc, &made->places);
    wrt_vec_fini(alloc, &made->clauses);
    wasmrt_error_delete(made->refusal);
    jit_asm_fini(&made->code);
}

void jit_bind_fars(const struct wrt_native *native, struct jit_made *made,
                   uint32_t start)
{
    uint64_t self = jit_code_at(native, start);

    for (size_t i = 0; i < made->fars.count; i++) {
        const struct jit_far *far = &made->fars.items[i];
        uint64_t target = far->target;

        if (target == JIT_FAR_SELF)
            target = self;
        else if (target >= JIT_FAR_STUB)
            target = jit_code_at(native, native->stubs[target - JIT_FAR_STUB]);
        jit_m_bind_far(&made->code, far->place, self + far->place, target);
    }
}

/* Reads back what is about to be code. */
static bool is_proven(struct wrt_native *native, struct jit_made *made,
                      const struct jit_func *func, uint32_t start)
{
    const struct jit_check check = {.native = native,
                                    .code = made->code.start,
                                    .len = jit_asm_pos(&made->code),
                                    .at = jit_code_at(native, start),
                                    .piece = made->piece,
                                    .number = made->number,
                                    .func = func};
    wasmrt_error *error = jit_check_code(&check);

    if (!error)
        return true;
    made->refusal = error;
    made->code.failed = true;
    return false;
}

/* -- Writing --------------------------------------------------------------- */

static bool write_staged(struct wrt_native *native)
{
    struct jit_staged *s = &native->staged;
    bool ok = s->bytes.count == 0 ||
              wrt_os_code_write(&native->range, s->from, s->bytes.items,
                                s->bytes.count);

    s->bytes.count = 0;
    s->has_failed |= !ok;
    return ok;
}

/* Puts code behind what waits to be written together. */
static bool stage(struct wrt_native *native, size_t start, const void *code,
                  size_t len)
{
    enum { AT_ONCE = 256 * 1024 };
    struct jit_staged *s = &native->staged;
    size_t gap;

    if (s->bytes.count >= AT_ONCE && !write_staged(native))
        return false;
    if (s->bytes.count == 0)
        s->from = start;
    gap = start - s->from - s->bytes.count;
    if (!wrt_vec_reserve(native->module->alloc, &s->bytes, gap + len)) {
        s->has_failed = true;
        return false;
    }
    memset(s->bytes.items + s->bytes.count, 0, gap);
    memcpy(s->bytes.items + s->bytes.count + gap, code, len);
    s->bytes.count += gap + len;
    return true;
}

void jit_begin_staging(struct wrt_native *native)
{
    enum { USUAL_EXPANSION = 2, ENOUGH = 4 };
    const struct wrt_module *module = native->module;
    struct jit_staged *s = &native->staged;
    size_t nbytes = 0;

    for (uint32_t i = module->nimported_funcs; i < module->nfuncs; i++)
        nbytes += module->funcs[i].body_len;
    nbytes *= USUAL_EXPANSION;
    s->is_on = true;
    /* Where code is limited, nothing is left out to find large pages. */
    if (nbytes > native->range.code_bytes / ENOUGH)
        return;
    wrt_os_code_open(&native->range, native->used, nbytes, &s->part);
    if (s->part.start != s->part.end)
        native->used = s->part.start;
}

bool jit_end_staging(struct wrt_native *native)
{
    struct jit_staged *s = &native->staged;

    write_staged(native);
    s->has_failed |=
        !wrt_os_code_close(&native->range, &s->part, &native->used);
    s->is_on = false;
    wrt_vec_fini(native->module->alloc, &s->bytes);
    return !s->has_failed;
}

/* Where code of that length gets its address. */
static size_t next_start(const struct wrt_native *native, size_t len)
{
    const struct jit_staged *s = &native->staged;

    return s->is_on && native->used < s->part.end &&
                   len > s->part.end - native->used
               ? s->part.end
               : native->used;
}

static bool write_code(struct wrt_native *native, size_t start,
                       const void *code, size_t len)
{
    const struct wrt_os_code_part *part = &native->staged.part;

    if (native->staged.is_on && start < part->end) {
        memcpy(part->memory + (start - part->start), code, len);
        return true;
    }
    return native->staged.is_on
               ? stage(native, start, code, len)
               : wrt_os_code_write(&native->range, start, code, len);
}

/* What waits to be written has its address already, so there is no way back. */
static uintptr_t refuse_code(struct wrt_native *native, struct jit_made *made)
{
    if (native->staged.has_failed)
        made->code.failed = true;
    else
        __atomic_store_n(&native->is_full, true, __ATOMIC_RELEASE);
    return 0;
}

uintptr_t jit_place_code(struct wrt_native *native, struct jit_made *made,
                         struct jit_func *func)
{
    struct jit_asm *code = &made->code;
    size_t len = jit_asm_pos(code), start = next_start(native, len);

    if (code->failed)
        return 0;
    if (start > native->range.code_bytes ||
        len > native->range.code_bytes - start)
        return refuse_code(native, made);
    jit_bind_fars(native, made, (uint32_t)start);
    if (native->options.checks &&
        !is_proven(native, made, func, (uint32_t)start))
        return 0;
    if (!write_code(native, start, code->start, len))
        return refuse_code(native, made);
    if (func) {
        func->start = (uint32_t)start;
        func->len = (uint32_t)len;
        if (!add_to_index(native, func)) {
            code->failed = true;
            return 0;
        }
    }
    native->used = WRT_MIN(WRT_ALIGN_UP(start + len, (size_t)CODE_ALIGN),
                           native->range.code_bytes);
    native->nbytes += len;
    jit_tell_code(native, made, func, (uint32_t)start, (uint32_t)len);
    return jit_code_address(native, (uint32_t)start);
}

/* -- The range ------------------------------------------------------------- */

static size_t code_bytes(const struct wrt_native *native)
{
    const struct wrt_module *module = native->module;
    uint64_t total = CODE_AT_LEAST;

    for (uint32_t i = 0; i < module->nfuncs; i++)
        total +=
            CODE_PER_FUNC + CODE_PER_BYTE * (uint64_t)module->funcs[i].body_len;
    total = WRT_MIN(total, (uint64_t)CODE_AT_MOST);
    return (size_t)WRT_MIN(total, native->options.max_bytes);
}

static void fill_data(struct wrt_native *native)
{
    static uint64_t (*const helpers[])(struct wrt_instance *, uintptr_t,
                                       wrt_slot *, uintptr_t) = {
#define HELPER(NAME, function) [JIT_HELPER_##NAME] = function,
#include "jit/helpers.def"
#undef HELPER
    };
    uint8_t *base = native->range.base;
    uintptr_t *words = (uintptr_t *)(void *)base;

    for (uint32_t i = 0; i < WRT_COUNTOF(helpers); i++)
        words[i] = (uintptr_t)helpers[i];
    words[JIT_HELPER_VECTORS] = (uintptr_t)jit_vec_functions;
    native->slots = words + JIT_HELPER_COUNT;
    native->adapters = native->slots + native->module->nfuncs;
}

static void free_range(struct wrt_native *native)
{
    jit_gdb_forget(native);
    wrt_free_array(native->module->alloc, native->sigs, native->sig_bytes, 1);
    native->sigs = NULL;
    wrt_os_code_unmap(&native->range);
}

/* The lock is held. */
static wasmrt_error *make_ready(struct wrt_native *native)
{
    const struct wrt_module *module = native->module;
    size_t data = 8 * ((size_t)JIT_HELPER_COUNT + module->nfuncs +
                       2 * (size_t)module->ntypes);

    if (native->is_ready || native->is_refused)
        return NULL;
    if (native->options.max_bytes < CODE_AT_LEAST) {
        native->is_refused = true;
        return NULL;
    }
    if (!wrt_os_code_map(&native->range, data, code_bytes(native))) {
        native->is_refused = true;
        return native->options.must_be_native
                   ? wrt_error_new(WASMRT_ERR_ENGINE_UNAVAILABLE, WRT_NO_OFFSET,
                                   "no memory for machine code")
                   : NULL;
    }
    native->used = 0;
    fill_data(native);
    if (!jit_make_sigs(native) || !jit_write_stubs(native)) {
        free_range(native);
        return wrt_error_oom();
    }
    for (uint32_t i = 0; i < module->nfuncs; i++)
        native->slots[i] =
            jit_code_address(native, native->stubs[JIT_STUB_LAZY]);
    __atomic_store_n(&native->is_ready, true, __ATOMIC_RELEASE);
    return NULL;
}

wasmrt_error *jit_make_ready(struct wrt_native *native)
{
    wasmrt_error *error;

    if (jit_is_ready(native))
        return NULL;
    wrt_mutex_lock(&native->lock);
    error = make_ready(native);
    wrt_mutex_unlock(&native->lock);
    return error;
}

/* -- A module's code ------------------------------------------------------- */

static void free_code(struct wrt_module *module)
{
    struct wrt_native *native = module->native;
    const struct wrt_alloc *alloc = module->alloc;
    struct jit_index *index = native->index, *older;

    wrt_arena_fini(&native->tables);
    for (; index; index = older) {
        older = index->older;
        wrt_free(alloc, index,
                 sizeof(*index) + index->capacity * sizeof(index->funcs[0]));
    }
    free_range(native);
    wrt_free_array(alloc, native->thunks, 2 * (size_t)module->ntypes,
                   sizeof(*native->thunks));
    module->native = NULL;
    native->free_threaded(module);
    wrt_free(alloc, native, sizeof(*native));
}

/* What calls of functions of the module's types pass in memory, at most. */
static uint32_t max_arg_slots(const struct wrt_module *module)
{
    uint32_t most = 0;

    for (uint32_t i = 0; i < module->ntypes; i++) {
        const struct wrt_type *type = wrt_module_type(module, i);
        struct jit_params params = {0};
        uint32_t slot;

        if (type->form != WRT_FORM_FUNC)
            continue;
        for (uint32_t k = 0; k < type->nparams; k++)
            jit_next_param(&params, wrt_type_params(type)[k], &slot);
        most = WRT_MAX(most, params.nslots);
        if (type->nresults > 1)
            most = WRT_MAX(most, type->result_slots);
    }
    return most;
}

/* What runs what machine code cannot: every function, when there is none. */
static wasmrt_error *compile_threaded(struct wrt_native *native)
{
    struct wrt_code_options options = native->options;

    options.is_eager = options.is_eager && native->is_refused;
    options.debug.has_range &= !native->is_refused;
    WRT_TRY(jit_threaded_backend->compile(native->module, &options));
    native->free_threaded = native->module->code_free;
    return NULL;
}

wasmrt_error *jit_compile_module(struct wrt_module *module,
                                 const struct wrt_code_options *options)
{
    const struct wrt_alloc *alloc = module->alloc;
    struct wrt_native *native;
    wasmrt_error *error;

    native = wrt_alloc_zero(alloc, sizeof(*native));
    if (!native)
        return wrt_error_oom();
    native->module = module;
    native->options = *options;
    wrt_arena_init(&native->tables, alloc);
    native->is_refused = !jit_target_is_usable();
    /* Whoever compiles everything validates it, too. */
    error = options->is_eager && !native->is_refused ? jit_make_ready(native)
                                                     : NULL;
    if (!error)
        error = compile_threaded(native);
    if (error) {
        free_range(native);
        wrt_free(alloc, native, sizeof(*native));
        return error;
    }
    native->arg_slots = max_arg_slots(module);
    module->native = native;
    module->code_free = free_code;
    if (module->ntypes)
        native->thunks = wrt_alloc_array(alloc, 2 * (size_t)module->ntypes,
                                         sizeof(*native->thunks));
    if (module->ntypes && !native->thunks)
        return wrt_error_oom();
    return options->is_eager ? jit_compile_all(native) : NULL;
}

void *const *jit_entries(const struct wrt_module *module)
{
    return jit_threaded_backend->entries(module);
}

void jit_count(const struct wrt_module *module, uint64_t *nfuncs,
               uint64_t *ninterpreted, uint64_t *nbytes)
{
    struct wrt_native *native = module->native;

    jit_threaded_backend->count_code(module, nfuncs, ninterpreted, nbytes);
    if (!native)
        return;
    wrt_mutex_lock(&native->lock);
    *nfuncs += native->nfuncs;
    *nbytes += native->nbytes;
    wrt_mutex_unlock(&native->lock);
}
