/*
 * Compiling a function: its beginning and its end, making and publishing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/emit.h"
#include "jit/tell.h"
#include "jit/vec.h"

#include "runtime/base/share.h"

enum { BIG_FRAME_BYTES = 1024 };

/* -- The beginning --------------------------------------------------------- */

static bool is_leaf(const struct jit *j)
{
    return !j->info.has_call && j->frame_bytes < 1024 &&
           !j->native->options.has_samples;
}

/* Before there is a frame, so that the trace begins with the caller. */
static void check_stack(struct jit *j)
{
    struct jit_asm *a = jit_code(j);
    struct jit_late late = {.kind = JIT_LATE_STOP};

    if (j->frame_bytes > BIG_FRAME_BYTES) {
        jit_m_compare_limit_below(
            a, offsetof(struct wrt_instance, native_limit), j->frame_bytes);
        late.code = j->frame_bytes;
    } else {
        jit_m_compare_limit(a, offsetof(struct wrt_instance, native_limit));
    }
    late.place = jit_m_branch(a, JIT_LT_U, &late.second);
    late.back = jit_pos(j);
    jit_add_late(j, &late);
}

/* Stores or loads what callees preserve. */
static void save_registers(struct jit *j, bool is_load)
{
    int64_t at = -8;

    for (uint64_t left = j->used; left; left &= left - 1, at -= 8) {
        jit_reg reg = (jit_reg)__builtin_ctzll(left);
        struct jit_mem mem = jit_mem_at(jit_target.frame, at);

        if (is_load)
            jit_m_load(jit_code(j), JIT_LOAD_U64, reg, mem);
        else
            jit_m_store(jit_code(j), JIT_STORE_64, reg, mem);
    }
}

/* Parameters to where they live: homes first, then registers, then what came in
 * memory. */
static void place_params(struct jit *j)
{
    const struct wrt_type *type = j->info.type;
    struct jit_move *moves =
        wrt_arena_raw(&j->scratch, (size_t)type->nparams + 1, sizeof(*moves));
    struct jit_params params = {0};
    uint32_t count = 0, slot;

    if (!moves) {
        jit_code(j)->failed = true;
        return;
    }
    for (uint32_t i = 0; i < type->nparams; i++) {
        struct jit_local *l = &j->locals[i];
        jit_reg reg = jit_next_param(&params, l->type, &slot);

        jit_asm_room(jit_code(j), 2 * JIT_INSN_BYTES);
        if (reg == JIT_NO_REG || j->info.weights[i] == 0)
            continue;
        if (l->reg == JIT_NO_REG)
            jit_m_store(jit_code(j), jit_store_of(l->type), reg,
                        jit_home(j, i));
        else
            moves[count++] = (struct jit_move){
                .value = {.form = JIT_TEMP,
                          .kind = (uint8_t)wrt_valtype_kind(l->type),
                          .reg = reg},
                .dst = l->reg};
    }
    jit_asm_room(jit_code(j), (2 * (size_t)count + 2) * JIT_INSN_BYTES);
    jit_move_all(j, moves, count);
}

static void place_params_in_memory(struct jit *j)
{
    const struct wrt_type *type = j->info.type;
    struct jit_asm *a = jit_code(j);
    struct jit_params params = {0};
    uint32_t slot = 0;
    bool has_args = false;

    for (uint32_t i = 0; i < type->nparams; i++) {
        struct jit_local *l = &j->locals[i];
        jit_reg reg = jit_next_param(&params, l->type, &slot);
        bool in_home = l->reg == JIT_NO_REG;
        jit_reg to = in_home ? jit_target.float_scratch : l->reg;

        if (reg != JIT_NO_REG || j->info.weights[i] == 0)
            continue;
        jit_asm_room(a, 4 * JIT_INSN_BYTES);
        if (!has_args)
            jit_m_load(a, JIT_LOAD_U64, jit_target.scratch,
                       jit_mem_at(jit_target.instance,
                                  offsetof(struct wrt_instance, native_args)));
        has_args = true;
        jit_m_load(a,
                   !in_home                          ? jit_load_of(l->type)
                   : wrt_valtype_slots(l->type) == 2 ? JIT_LOAD_V128
                                                     : JIT_LOAD_F64,
                   to, jit_mem_at(jit_target.scratch, 8 * (int64_t)slot));
        if (in_home)
            jit_m_store(a,
                        wrt_valtype_slots(l->type) == 2 ? JIT_STORE_V128
                                                        : JIT_STORE_F64,
                        to, jit_home(j, i));
    }
}

/* Locals begin as zero; also those that are written first, when a collection
 * would look at what the frame holds. */
static void zero_locals(struct jit *j)
{
    struct jit_asm *a = jit_code(j);
    bool has_zero = false;

    for (uint32_t i = j->info.type->nparams; i < j->info.nlocals; i++) {
        struct jit_local *l = &j->locals[i];
        bool is_wide = wrt_valtype_slots(l->type) == 2;

        if (j->info.weights[i] == 0 || j->info.written_first[i])
            continue;
        jit_asm_room(a, 2 * JIT_INSN_BYTES);
        if (l->reg != JIT_NO_REG) {
            jit_m_zero(a, l->reg);
            continue;
        }
        if (!has_zero)
            jit_m_zero(a, jit_target.float_scratch);
        has_zero = true;
        jit_m_store(a, is_wide ? JIT_STORE_V128 : JIT_STORE_F64,
                    jit_target.float_scratch, jit_home(j, i));
    }
}

void jit_begin_func(struct jit *j)
{
    struct jit_asm *a = jit_code(j);

    jit_asm_room(a, 16 * JIT_INSN_BYTES);
    if (a->failed)
        return;
    if (!is_leaf(j))
        check_stack(j);
    j->made.frame_at = jit_pos(j);
    jit_m_enter_frame(a, j->frame_bytes);
    save_registers(j, false);
    place_params(j);
    place_params_in_memory(j);
    zero_locals(j);
}

/* -- The end --------------------------------------------------------------- */

void jit_end_func(struct jit *j)
{
    const struct wrt_type *type = j->info.type;
    struct jit_asm *a = jit_code(j);

    jit_asm_room(a, 16 * JIT_INSN_BYTES);
    if (!j->is_dead) {
        if (type->nresults > 1)
            jit_m_load(a, JIT_LOAD_U64, jit_target.scratch,
                       jit_mem_at(jit_target.instance,
                                  offsetof(struct wrt_instance, native_args)));
        for (uint32_t i = 0; type->nresults > 1 && i < type->result_slots;
             i++) {
            jit_asm_room(a, 2 * JIT_INSN_BYTES);
            jit_m_load(a, JIT_LOAD_F64, jit_target.float_scratch,
                       jit_slot_number(j, i));
            jit_m_store(a, JIT_STORE_F64, jit_target.float_scratch,
                        jit_mem_at(jit_target.scratch, 8 * (int64_t)i));
        }
        jit_asm_room(a, 8 * JIT_INSN_BYTES);
        if (j->native->options.has_samples)
            jit_poll(j);
        save_registers(j, true);
        jit_m_leave_frame(a);
        jit_add_bare(&j->made, jit_pos(j) - 1);
    }
    jit_emit_lates(j);
    jit_emit_pads(j);
}

void jit_leave_for_tail(struct jit *j)
{
    save_registers(j, true);
    jit_m_drop_frame(jit_code(j));
}

/* -- Making and publishing ------------------------------------------------- */

/* The slots of operands by height, as many. */
static uint32_t *make_slots(struct jit *j, size_t count)
{
    size_t have = j->ordinals.count;

    if (j->info.has_v128)
        return wrt_arena_array(&j->scratch, count, sizeof(*j->slot_of));
    if (have < count &&
        !wrt_vec_reserve(j->module->alloc, &j->ordinals, count - have))
        return NULL;
    for (; have < count; have++)
        j->ordinals.items[have] = (uint32_t)have;
    j->ordinals.count = have;
    return j->ordinals.items;
}

static wasmrt_error *prepare(struct jit *j, const uint32_t *stop)
{
    const struct wrt_func *func = &j->module->funcs[j->func_idx];
    struct jit_block *outermost;

    WRT_TRY(
        wrt_validate_func(j->module, j->func_idx, &j->scratch, stop, &j->info));
    j->body = func->body;
    j->r = (struct wrt_reader){.pos = func->body + j->info.code_start,
                               .end = func->body + func->body_len,
                               .base = j->module->bytes};
    j->stack = wrt_arena_raw(&j->scratch, (size_t)j->info.max_height + 8,
                             sizeof(*j->stack));
    j->slot_of = make_slots(j, (size_t)j->info.max_height + 9);
    j->blocks = wrt_arena_raw(&j->scratch, (size_t)j->info.max_nesting + 1,
                              sizeof(*j->blocks));
    if (!j->stack || !j->slot_of || !j->blocks || !jit_assign(j))
        return wrt_error_oom();
    outermost = &j->blocks[j->nblocks++];
    *outermost = (struct jit_block){.op = WRT_OP_BLOCK,
                                    .nresults = j->info.type->nresults,
                                    .results = wrt_type_results(j->info.type),
                                    .fixups = JIT_NO_FIXUP,
                                    .else_fixups = JIT_NO_FIXUP};
    return NULL;
}

void jit_init(struct jit *j, struct wrt_native *native)
{
    const struct wrt_alloc *alloc = native->module->alloc;

    *j = (struct jit){.native = native,
                      .module = native->module,
                      .made = {.code = {.alloc = alloc}}};
    wrt_arena_init(&j->scratch, alloc);
    j->has_guards = jit_has_guards(j);
}

/* Back to what jit_init() left, but for the memory. */
static void start_func(struct jit *j, uint32_t func_idx)
{
    const size_t kept = offsetof(struct jit, func_idx);

    memset((char *)j + kept, 0, sizeof(*j) - kept);
    wrt_arena_reset(&j->scratch);
    jit_made_reset(&j->made);
    j->made.piece = JIT_PIECE_FUNC;
    j->made.number = func_idx;
    j->fixups.count = j->lates.count = j->pads.count = 0;
    j->func_idx = func_idx;
}

wasmrt_error *jit_make(struct jit *j, uint32_t func_idx, const uint32_t *stop)
{
    start_func(j, func_idx);
    WRT_TRY(prepare(j, stop));
    if ((j->info.has_v128 && !jit_m_has_vectors()) ||
        !wrt_wants_native(&j->native->options, j->func_idx)) {
        j->is_unsupported = true;
        return NULL;
    }
    jit_begin_func(j);
    if (jit_code(j)->failed)
        return wrt_error_oom();
    WRT_TRY(jit_walk(j, stop));
    if (j->lines)
        j->lines->end_at = jit_pos(j);
    if (!j->is_unsupported)
        jit_end_func(j);
    return jit_code(j)->failed ? wrt_error_oom() : NULL;
}

/* In place of code: a call of the threaded function. */
static void make_fallback(struct jit *j)
{
    struct jit_made *made = &j->made;

    jit_made_reset(made);
    made->what = "call of the interpreter";
    jit_emit_adapter(made, wrt_module_func_type(j->module, j->func_idx),
                     JIT_HELPER_CALL_THREADED, true, j->func_idx);
}

/* The tables that go with the code; false when memory is exhausted.  The lock
 * is held. */
static bool keep_tables(struct wrt_native *native, const struct jit_made *made,
                        struct jit_func *func)
{
    size_t clauses = made->clauses.count * sizeof(struct jit_clause);
    uint8_t *tables;

    func->places_len = (uint32_t)made->places.count;
    func->nclauses = (uint32_t)made->clauses.count;
    if (clauses + made->places.count == 0)
        return true;
    tables = wrt_arena_raw(&native->tables, clauses + made->places.count, 1);
    if (!tables) {
        native->tables.failed = false; /* the next function may be small */
        return false;
    }
    if (clauses)
        memcpy(tables, made->clauses.items, clauses);
    if (func->places_len)
        memcpy(tables + clauses, made->places.items, func->places_len);
    func->clauses = (const struct jit_clause *)(void *)tables;
    func->places = tables + clauses;
    return true;
}

/* Gives the function that has none yet its code.  The lock is held. */
static uintptr_t publish_first(struct jit *j)
{
    struct wrt_native *native = j->native;
    struct jit_func func = {.func_idx = j->func_idx,
                            .saved = (uint32_t)j->used};
    uintptr_t code;

    if (!j->is_unsupported && !keep_tables(native, &j->made, &func)) {
        jit_code(j)->failed = true;
        return 0;
    }
    code = jit_place_code(native, &j->made, j->is_unsupported ? NULL : &func);
    if (!code)
        return 0;
    native->nfuncs += !j->is_unsupported;
    __atomic_store_n(&native->slots[j->func_idx], code, __ATOMIC_RELEASE);
    return code;
}

/* Writes the code and makes it the function's, unless another thread was
 * faster.  0 when there is no room. */
static uintptr_t publish(struct jit *j)
{
    struct wrt_native *native = j->native;
    uintptr_t lazy = jit_code_address(native, native->stubs[JIT_STUB_LAZY]);
    uintptr_t code;

    if (jit_code(j)->failed)
        return 0;
    wrt_mutex_lock(&native->lock);
    code = native->slots[j->func_idx];
    if (code == lazy)
        code = publish_first(j);
    wrt_mutex_unlock(&native->lock);
    return code;
}

/* An imported function: a call of whatever it is here. */
static void make_import(struct jit *j)
{
    j->is_unsupported = true; /* no frame of its own, no place in the index */
    j->made.what = "call of an import";
    jit_emit_adapter(&j->made, wrt_module_func_type(j->module, j->func_idx),
                     JIT_HELPER_CALL_IMPORT, true, j->func_idx);
}

void jit_fini(struct jit *j)
{
    const struct wrt_alloc *alloc = j->module->alloc;

    wrt_vec_fini(alloc, &j->fixups);
    wrt_vec_fini(alloc, &j->lates);
    wrt_vec_fini(alloc, &j->pads);
    wrt_vec_fini(alloc, &j->ordinals);
    jit_made_fini(&j->made);
    wrt_arena_fini(&j->scratch);
}

/* Code that the checker refused, be it this function's or an adapter's, looks
 * like exhausted memory until here. */
static wasmrt_error *blame_refusal(struct jit_made *made, wasmrt_error *error)
{
    wasmrt_error *refusal = made->refusal;

    if (!refusal)
        return error;
    made->refusal = NULL;
    wasmrt_error_delete(error);
    return refusal;
}

static wasmrt_error *compile(struct jit *j, uint32_t func_idx,
                             const uint32_t *stop, uintptr_t *out)
{
    wasmrt_error *error = NULL;

    if (wrt_module_func_is_import(j->module, func_idx)) {
        start_func(j, func_idx);
        jit_asm_room(jit_code(j), 16 * JIT_INSN_BYTES);
        if (jit_code(j)->failed)
            return wrt_error_oom();
        make_import(j);
    } else {
        error = jit_make(j, func_idx, stop);
        if (!error && j->is_unsupported)
            make_fallback(j);
    }
    if (!error) {
        *out = publish(j);
        if (!*out && jit_code(j)->failed)
            error = wrt_error_oom();
    } else if (wasmrt_error_kind(error) != WASMRT_KIND_TRAP) {
        wrt_error_set_func(error, func_idx,
                           wrt_module_func_name(j->native->module, func_idx));
    }
    return error ? blame_refusal(&j->made, error) : NULL;
}

wasmrt_error *jit_compile_now(struct wrt_native *native, uint32_t func_idx,
                              const uint32_t *stop, uintptr_t *out)
{
    wasmrt_error *error;
    struct jit j;

    *out = 0;
    WRT_TRY(jit_make_ready(native));
    if (!jit_is_ready(native) || jit_is_full(native))
        return NULL;
    jit_init(&j, native);
    error = compile(&j, func_idx, stop, out);
    jit_fini(&j);
    /* There was no room for an adapter that the function needs. */
    if (error && jit_is_full(native) &&
        wasmrt_error_kind(error) == WASMRT_KIND_OOM) {
        wasmrt_error_delete(error);
        error = NULL;
    }
    return error;
}

static void compile_share(void *user, struct wrt_share *share)
{
    wasmrt_error *error;
    uintptr_t code;
    struct jit j;
    uint32_t i;

    jit_init(&j, user);
    while (wrt_share_next(share, &i)) {
        error = compile(&j, i, NULL, &code);
        if (error)
            wrt_share_fail(share, i, error);
    }
    jit_fini(&j);
}

wasmrt_error *jit_compile_all(struct wrt_native *native)
{
    const struct wrt_module *module = native->module;
    bool is_heard = jit_has_listeners(native);
    wasmrt_error *error;

    WRT_TRY(jit_make_ready(native));
    if (!jit_is_ready(native))
        return NULL;
    jit_reserve_index(native, module->nfuncs - module->nimported_funcs);
    if (!is_heard)
        jit_begin_staging(native);
    error = wrt_share_out(
        is_heard ? 1 : wrt_compile_threads(module, &native->options),
        module->nimported_funcs, module->nfuncs, compile_share, native);
    if (!is_heard && !jit_end_staging(native) && !error)
        error = wrt_error_oom();
    return error;
}

/* -- Adapters and thunks --------------------------------------------------- */

/* Pieces of code that there is one of per type.  Thunks are not checked. */
enum piece { ADAPTER, TAIL_ADAPTER, THUNK, DOOR_THUNK };

/* Where the address of one is kept. */
static uintptr_t *piece_word(struct wrt_native *native, uint32_t type_idx,
                             enum piece piece)
{
    uintptr_t *words = piece < THUNK ? native->adapters : native->thunks;

    return &words[2 * (size_t)type_idx + piece % 2];
}

static void emit_piece(struct jit_made *made, const struct wrt_type *type,
                       enum piece piece)
{
    jit_asm_room(&made->code, 16 * JIT_INSN_BYTES);
    if (made->code.failed)
        return;
    if (piece >= THUNK)
        jit_emit_thunk(made, type, piece == DOOR_THUNK);
    else
        jit_emit_adapter(made, type,
                         piece == TAIL_ADAPTER ? JIT_HELPER_TAIL_REF
                                               : JIT_HELPER_CALL_REF,
                         false, 0);
}

/* Makes one.  *refusal, unless something is there, gets why it was refused. */
static uintptr_t make_piece(struct wrt_native *native, uint32_t type_idx,
                            enum piece piece, wasmrt_error **refusal)
{
    uintptr_t *word = piece_word(native, type_idx, piece);
    struct jit_made made = {
        .code = {.alloc = native->module->alloc},
        .what = piece >= THUNK ? "entry from C" : "call of another instance",
        .piece = piece >= THUNK ? JIT_PIECE_GLUE : JIT_PIECE_ADAPTER,
        .number = type_idx};
    uintptr_t code = __atomic_load_n(word, __ATOMIC_ACQUIRE);

    if (WRT_LIKELY(code != 0))
        return code;
    emit_piece(&made, wrt_module_type(native->module, type_idx), piece);
    wrt_mutex_lock(&native->lock);
    code = *word;
    if (!code)
        code = jit_place_code(native, &made, NULL);
    __atomic_store_n(word, code, __ATOMIC_RELEASE);
    wrt_mutex_unlock(&native->lock);
    if (refusal && !*refusal) {
        *refusal = made.refusal;
        made.refusal = NULL;
    }
    jit_made_fini(&made);
    return code;
}

uintptr_t jit_make_adapter(struct jit *j, uint32_t type_idx, bool is_tail)
{
    return make_piece(j->native, type_idx, is_tail ? TAIL_ADAPTER : ADAPTER,
                      &j->made.refusal);
}

uintptr_t jit_make_thunk(struct wrt_native *native, uint32_t type_idx,
                         bool is_door)
{
    return make_piece(native, type_idx, is_door ? DOOR_THUNK : THUNK, NULL);
}
