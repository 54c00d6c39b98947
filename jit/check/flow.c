/*
 * Branches, calls, returns: where they go, and what must hold there.
 *
 * The convention is the one of functions (jit/params.c): parameters and results
 * of 32 bits are zero-extended in their registers, the base of memory 0 is
 * current, and what callees preserve is as it was.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/check/state.h"
#include "jit/enter.h"
#include "runtime/module/opcode.h"

enum { COND_B = 2, COND_AE = 3, COND_E = 4, COND_NE = 5, COND_A = 7 };

static const uint8_t saved[] = {BX, R12, R13, R9, R10};

/* Of those, what C functions preserve: the first so many. */
enum { SAVED_BY_C = 3 };

/* -- What must hold -------------------------------------------------------- */

static void require_memory(struct checker *c)
{
    const struct value *base = &c->now.regs[R14];

    if (base->kind != KIND_BASE || base->n != 0)
        jit_check_complain(c, "the base of memory 0 is not current");
}

static void require_saved(struct checker *c)
{
    for (unsigned i = 0; i < WRT_COUNTOF(saved); i++) {
        const struct value *v = &c->now.regs[saved[i]];

        if (v->kind != KIND_ENTRY || v->n != saved[i])
            jit_check_complain(c, "a register that callees preserve is not");
    }
}

static void require_params(struct checker *c, const struct wrt_type *type)
{
    struct jit_params params = {0};
    uint32_t slot;

    for (uint32_t i = 0; i < type->nparams; i++) {
        wrt_valtype t = wrt_type_params(type)[i];
        jit_reg reg = jit_next_param(&params, t, &slot);

        if (wrt_valtype_kind(t) == WRT_KIND_I32 && reg != JIT_NO_REG &&
            !is_u32(&c->now.regs[reg]))
            jit_check_complain(c, "an argument of 32 bits that is none");
    }
}

static bool is_i32_result(const struct wrt_type *type)
{
    return type->nresults == 1 &&
           wrt_valtype_kind(wrt_type_results(type)[0]) == WRT_KIND_I32;
}

/* What a call leaves: numbers in what callees preserve. */
static void forget(struct checker *c, unsigned nsaved)
{
    struct state *now = &c->now;

    for (unsigned reg = 0; reg < REGS; reg++) {
        bool is_kept = reg == SP || reg == BP || reg == R14 || reg == R15;

        for (unsigned i = 0; i < nsaved; i++)
            is_kept |= saved[i] == reg && (now->regs[reg].kind == KIND_NUMBER ||
                                           now->regs[reg].kind == KIND_ENTRY);
        if (!is_kept)
            now->regs[reg] = unknown();
    }
    now->not_null = now->not_i31 = 0;
    now->flags.about = ABOUT_NOTHING;
}

static void require_frame(struct checker *c, bool is_tail)
{
    if (c->now.pushed != NOTHING ||
        (is_tail ? c->now.stage != STAGE_NONE : c->now.stage < STAGE_SET))
        jit_check_complain(c, "a call with the wrong frame");
    if (is_tail)
        require_saved(c);
}

static void call_guest(struct checker *c, const struct wrt_type *type,
                       bool is_tail)
{
    require_frame(c, is_tail);
    require_memory(c);
    require_params(c, type);
    if (is_tail) {
        if (is_i32_result(c->type) != is_i32_result(type))
            jit_check_complain(c, "a tail call of a function of another type");
        c->is_live = false;
        return;
    }
    forget(c, WRT_COUNTOF(saved));
    jit_check_throw(c);
    if (is_i32_result(type))
        c->now.regs[AX] = number(UINT32_MAX);
}

/* -- C functions ----------------------------------------------------------- */

/* How many slots it writes. */
static uint32_t result_slots(struct checker *c, enum jit_helper helper)
{
    uint64_t op = c->now.regs[SI].max & 0xffff; /* jit_atomic() */

    switch (helper) {
    case JIT_HELPER_MEMORY_INIT:
    case JIT_HELPER_MEMORY_COPY:
    case JIT_HELPER_MEMORY_FILL:
    case JIT_HELPER_DATA_DROP:
    case JIT_HELPER_ELEM_DROP:
    case JIT_HELPER_TABLE_INIT:
    case JIT_HELPER_TABLE_COPY:
    case JIT_HELPER_TABLE_FILL:
    case JIT_HELPER_STRUCT_SET:
    case JIT_HELPER_ARRAY_SET:
    case JIT_HELPER_ARRAY_FILL:
    case JIT_HELPER_ARRAY_COPY:
    case JIT_HELPER_ARRAY_INIT_DATA:
    case JIT_HELPER_ARRAY_INIT_ELEM:
    case JIT_HELPER_THROW:
    case JIT_HELPER_THROW_REF: return 0;
    case JIT_HELPER_ADD128:
    case JIT_HELPER_SUB128: return 2;
    case JIT_HELPER_CALL_IMPORT:
    case JIT_HELPER_CALL_REF:
    case JIT_HELPER_TAIL_REF:
    case JIT_HELPER_CALL_THREADED:
        return WRT_MAX(c->type->param_slots, c->type->result_slots);
    case JIT_HELPER_ATOMIC: return op != WRT_OP_ATOMIC_FENCE;
    default: return 1;
    }
}

static void require_c_args(struct checker *c, uint8_t slots, bool is_helper,
                           uint32_t nresults)
{
    const struct value *at = &c->now.regs[slots];

    if (c->now.stage < STAGE_SET)
        jit_check_complain(c, "a call of C without a frame");
    if (c->now.pushed != NOTHING)
        jit_check_complain(c, "a call of C with a word pushed");
    if (is_helper && c->now.regs[DI].kind != KIND_INSTANCE)
        jit_check_complain(c, "a call of C without the instance");
    if (at->kind != KIND_FRAME)
        jit_check_complain(c, "a call of C without slots");
    else if (8 * (uint64_t)nresults > at->max)
        jit_check_complain(c, "a call of C with slots outside of the frame");
    else
        jit_check_forget_frame(c, -(int64_t)at->max, 8 * (int64_t)nresults);
}

static void call_helper(struct checker *c, enum jit_helper helper,
                        unsigned nsaved)
{
    bool may_grow = helper == JIT_HELPER_MEMORY_GROW;

    require_c_args(c, DX, true, result_slots(c, helper));
    switch (helper) {
    case JIT_HELPER_TRAP:
    case JIT_HELPER_FAULT:
    case JIT_HELPER_STOP:
    case JIT_HELPER_ALLOC:
    case JIT_HELPER_LAZY:
    case JIT_HELPER_VECTORS:
        jit_check_complain(c, "a C function that only stubs may call");
        break;
    case JIT_HELPER_CALL_IMPORT:
    case JIT_HELPER_CALL_REF:
    case JIT_HELPER_TAIL_REF:
    case JIT_HELPER_CALL_THREADED: may_grow = true; break;
    default: break;
    }
    forget(c, nsaved);
    if (may_grow)
        c->now.regs[R14] = unknown();
    if (helper == JIT_HELPER_THROW || helper == JIT_HELPER_THROW_REF)
        c->now.regs[AX] = value_of(KIND_THROWN, 0, 0);
    if (helper == JIT_HELPER_REF_TEST)
        c->now.regs[AX] = number(1);
}

/* Through the stub that saves what C does not preserve. */
static void call_c(struct checker *c)
{
    struct value which = c->now.regs[R11];

    if (which.kind == KIND_HELPER) {
        call_helper(c, (enum jit_helper)which.n, WRT_COUNTOF(saved));
    } else if (which.kind == KIND_VECTOR) {
        require_c_args(c, DI, false, 2);
        forget(c, WRT_COUNTOF(saved));
    } else {
        jit_check_complain(c, "a call of what is no C function");
    }
}

/* Whether the function that was copied to r11 is of the type on the stack. */
static void call_match(struct checker *c)
{
    const struct value *which = &c->now.regs[R11];

    if (which->kind != KIND_FUNC || c->now.source == NO_REG ||
        c->now.pushed >= c->module->ntypes)
        jit_check_complain(c, "a type is compared with what is no function's");
    else
        c->now.regs[R11] = value_of(KIND_MATCH, c->now.pushed, c->now.source);
    c->now.flags.about = ABOUT_NOTHING;
}

/* -- Words of the data ----------------------------------------------------- */

/* The word at a distance, as the number of what it calls. */
enum word { WORD_NONE, WORD_HELPER, WORD_FUNC, WORD_ADAPTER };

static enum word find_word(const struct checker *c, int64_t disp, uint32_t *n,
                           bool *is_tail)
{
    uint64_t word = (c->in->at + (uint64_t)disp) / 8;
    uint64_t nfuncs = c->module->nfuncs, ntypes = c->module->ntypes;

    if ((c->in->at + (uint64_t)disp) % 8 != 0)
        return WORD_NONE;
    *n = (uint32_t)word;
    if (word < JIT_HELPER_COUNT)
        return WORD_HELPER;
    word -= JIT_HELPER_COUNT;
    *n = (uint32_t)word;
    if (word < nfuncs)
        return WORD_FUNC;
    word -= nfuncs;
    *n = (uint32_t)(word / 2);
    *is_tail = word & 1;
    if (word >= 2 * ntypes ||
        wrt_module_type(c->module, *n)->form != WRT_FORM_FUNC)
        return WORD_NONE;
    return WORD_ADAPTER;
}

/* Whether the value is a function of that type. */
static bool is_func_of(const struct checker *c, const struct value *v,
                       uint32_t type_idx)
{
    return v->kind == KIND_FUNC && (v->n == c->module->type_ids[type_idx] ||
                                    v->n == (uint32_t)VALID_TYPE);
}

static void through_word(struct checker *c, bool is_jump)
{
    uint32_t n;
    bool is_tail = is_jump;
    const struct value *which = &c->now.regs[R11];

    switch (find_word(c, c->insn->disp, &n, &is_tail)) {
    case WORD_HELPER:
        if (is_jump)
            jit_check_complain(c, "a jump to C");
        call_helper(c, (enum jit_helper)n, SAVED_BY_C);
        break;
    case WORD_FUNC:
        if (which->kind != KIND_NUMBER || !which->n || which->max != n)
            jit_check_complain(c, "a function is called by another's number");
        call_guest(c, wrt_module_func_type(c->module, n), is_jump);
        break;
    case WORD_ADAPTER:
        if (!is_func_of(c, which, n) || is_tail != is_jump)
            jit_check_complain(c, "an adapter of another type");
        call_guest(c, wrt_module_type(c->module, n), is_jump);
        break;
    case WORD_NONE: jit_check_complain(c, "a word that calls nothing"); break;
    }
}

/* -- Indirect calls and jumps ---------------------------------------------- */

static void through_table(struct checker *c, const struct value *target)
{
    uint32_t table = target->n, len = c->in->len;
    const uint8_t *code = c->in->code;

    if (table != c->insn->next || target->max > (len - table) / 4) {
        jit_check_complain(c, "a table of jumps that is not behind the jump");
        return;
    }
    for (uint32_t i = 0; i < target->max; i++) {
        int32_t distance = (int32_t)wrt_load_u32(code + table + 4 * (size_t)i);

        jit_check_reach(c, (int64_t)table + distance);
    }
    c->end = table + 4 * (uint32_t)target->max;
    c->is_live = false;
}

void jit_check_indirect(struct checker *c)
{
    const struct insn *insn = c->insn;
    bool is_jump = insn->reg == 4;
    const struct value *base, *index;

    c->counts.branches++;
    if (insn->is_rip) {
        through_word(c, is_jump);
        return;
    }
    if (!insn->has_mem) {
        base = &c->now.regs[insn->rm];
        if (is_jump && base->kind == KIND_TARGET) {
            through_table(c, base);
        } else {
            jit_check_complain(c, "a jump to an unknown place");
        }
        return;
    }
    base = &c->now.regs[insn->base];
    index = insn->index == NO_REG ? NULL : &c->now.regs[insn->index];
    if (base->kind != KIND_WORDS || !index || index->kind != KIND_FUNC_IDX ||
        insn->index != R11 || insn->scale != 3 || insn->disp != 0) {
        jit_check_complain(c, "a call through no checked word");
        return;
    }
    call_guest(c, wrt_module_type(c->module, index->n), is_jump);
}

/* -- Direct ones ----------------------------------------------------------- */

/* The stub at a distance, or JIT_STUB_COUNT. */
static enum jit_stub find_stub(const struct checker *c, int64_t to)
{
    const struct wrt_native *native = c->in->native;
    unsigned i = 0;

    while (i < JIT_STUB_COUNT &&
           jit_code_at(native, native->stubs[i]) != c->in->at + (uint64_t)to)
        i++;
    return (enum jit_stub)i;
}

/* The function whose code begins there. */
static const struct wrt_type *find_func(const struct checker *c, int64_t to)
{
    const struct wrt_native *native = c->in->native;
    uintptr_t code =
        (uintptr_t)native->range.base + (uintptr_t)(c->in->at + (uint64_t)to);
    /* It takes where calls come back: behind what is meant. */
    const struct jit_func *func = jit_find_func(native, code + 1);

    if (func)
        return jit_code_address(native, func->start) == code
                   ? wrt_module_func_type(c->module, func->func_idx)
                   : NULL;
    /* Code of functions that run elsewhere is in no index. */
    for (uint32_t i = 0; i < c->module->nfuncs; i++) {
        if (native->slots[i] == code)
            return wrt_module_func_type(c->module, i);
    }
    return NULL;
}

static bool is_inside(const struct checker *c, int64_t to)
{
    return to >= 0 && to < c->in->len;
}

/* The code may be that of a throw, unless it is a constant. */
static void call_trap(struct checker *c)
{
    const struct value *code = &c->now.regs[R11];

    if (c->now.stage < STAGE_SET)
        jit_check_complain(c, "a trap without a frame");
    if (code->kind != KIND_NUMBER || !code->n || code->max >= JIT_CODE_THROWN)
        jit_check_throw(c);
    c->is_live = false;
}

void jit_check_call(struct checker *c)
{
    int64_t to = c->insn->imm;
    const struct wrt_type *type;

    c->counts.branches++;
    switch (find_stub(c, to)) {
    case JIT_STUB_TRAP: call_trap(c); return;
    case JIT_STUB_POLL:
    case JIT_STUB_STOP:
    case JIT_STUB_FUEL:
        require_memory(c);
        c->now.regs[R11] = unknown();
        c->now.flags.about = ABOUT_NOTHING;
        return;
    case JIT_STUB_ALLOC: jit_check_alloc(c); return;
    case JIT_STUB_C: call_c(c); return;
    case JIT_STUB_MATCH: call_match(c); return;
    case JIT_STUB_COUNT: break;
    default:
        jit_check_complain(c, "a stub that functions must not call");
        return;
    }
    type = is_inside(c, to) ? (to == 0 ? c->type : NULL) : find_func(c, to);
    if (type)
        call_guest(c, type, false);
    else
        jit_check_complain(c, "a call of what is no function");
}

void jit_check_jump(struct checker *c)
{
    int64_t to = c->insn->imm;
    const struct wrt_type *type;

    c->counts.branches++;
    if (to == 0)
        require_frame(c, true);
    if (is_inside(c, to)) {
        jit_check_reach(c, to);
        c->is_live = false;
        return;
    }
    if (find_stub(c, to) == JIT_STUB_UNWIND) {
        require_saved(c);
        c->is_live = false;
        return;
    }
    type = find_func(c, to);
    if (type)
        call_guest(c, type, true);
    else
        jit_check_complain(c, "a jump to what is no function");
    c->is_live = false;
}

void jit_check_return(struct checker *c)
{
    c->counts.branches++;
    if (c->now.stage != STAGE_NONE)
        jit_check_complain(c, "a return with a frame");
    require_saved(c);
    require_memory(c);
    if (is_i32_result(c->type) && !is_u32(&c->now.regs[AX]))
        jit_check_complain(c, "a result of 32 bits that is none");
    c->is_live = false;
}

/* -- Branches -------------------------------------------------------------- */

/* The type of the adapter that the code at a place calls. */
static bool finds_adapter(const struct checker *c, int64_t at, uint32_t *type)
{
    struct insn insn;
    bool is_tail;

    return jit_check_decode(c->in->code, c->in->len, (uint32_t)at, &insn) &&
           insn.effect == EFFECT_INDIRECT && insn.is_rip &&
           find_word(c, insn.disp, type, &is_tail) == WORD_ADAPTER;
}

/* Whether the code at a place traps with a code. */
static bool traps_with(const struct checker *c, int64_t at, wasmrt_code code)
{
    struct insn insn;

    return jit_check_decode(c->in->code, c->in->len, (uint32_t)at, &insn) &&
           insn.effect == EFFECT_CONST && insn.rm == R11 &&
           insn.imm == (int64_t)code &&
           jit_check_decode(c->in->code, c->in->len, insn.next, &insn) &&
           insn.effect == EFFECT_CALL &&
           find_stub(c, insn.imm) == JIT_STUB_TRAP;
}

/* A reference that is not null.  Its type is what its table's functions are
 * compared with; elsewhere, validation has made sure of it. */
static void learn_not_null(struct checker *c, struct value *v, int64_t to)
{
    if (v->kind == KIND_MAYBE_FUNC)
        *v = value_of(KIND_FUNC, (uint32_t)ANY_TYPE, 0);
    else if (v->kind != KIND_NUMBER)
        return;
    else if (traps_with(c, to, WASMRT_ERR_NULL_FUNC_REFERENCE))
        *v = value_of(KIND_FUNC, (uint32_t)VALID_TYPE, 0);
}

/* What is known behind a branch that was not taken. */
static void learn(struct checker *c, unsigned cond, int64_t to)
{
    struct flags *flags = &c->now.flags;
    struct value *v = flags->lhs < REGS ? &c->now.regs[flags->lhs] : NULL;
    uint32_t type;

    if (!v)
        return;
    switch (flags->about) {
    case ABOUT_ZERO:
        if (cond == COND_E && flags->width == 8) {
            c->now.not_null |= (uint16_t)(1 << flags->lhs);
            learn_not_null(c, v, to);
        }
        break;
    case ABOUT_BIT:
        if (cond == COND_NE)
            c->now.not_i31 |= (uint16_t)(1 << flags->lhs);
        break;
    case ABOUT_ROOM:
        if (cond == COND_A && v->kind == KIND_BUMP && v->max) {
            *v = value_of(KIND_ROOM, 0, v->max);
            flags->is_below = true;
        }
        break;
    case ABOUT_TYPE:
        if (cond == COND_NE && v->kind == KIND_FUNC)
            v->n = (uint32_t)flags->imm;
        break;
    case ABOUT_OWNER:
        if (cond == COND_NE && finds_adapter(c, to, &type) &&
            is_func_of(c, v, type))
            *v = value_of(KIND_OWN_FUNC, type, 0);
        break;
    case ABOUT_IMM:
        if (cond == COND_B && v->kind == KIND_LENGTH && flags->width == 8 &&
            flags->imm > 0)
            v->max = WRT_MAX(v->max, (uint64_t)flags->imm);
        break;
    case ABOUT_REGS:
        if (cond == COND_A)
            flags->is_below = true;
        break;
    case ABOUT_LEN:
    case ABOUT_SIZE:
        if (cond == COND_AE)
            flags->is_below = true;
        break;
    default: break;
    }
}

/* A branch that is taken when a function is of the type that was asked for, and
 * one that always is. */
static bool reach_by_value(struct checker *c, int64_t to)
{
    struct flags flags = c->now.flags;
    struct value v = c->now.regs[flags.lhs & 15], *func, old;

    if (flags.about != ABOUT_ZERO || (c->insn->opcode & 15) != COND_NE)
        return false;
    if (v.kind == KIND_THROWN) {
        jit_check_reach(c, to);
        c->is_live = false;
        return true;
    }
    if (v.kind != KIND_MATCH)
        return false;
    func = &c->now.regs[v.max];
    old = *func;
    if (func->kind == KIND_FUNC)
        func->n = c->module->type_ids[v.n];
    jit_check_reach(c, to);
    *func = old;
    return true;
}

void jit_check_branch(struct checker *c)
{
    int64_t to = c->insn->imm;

    c->counts.branches++;
    if (to == 0)
        jit_check_complain(c, "a branch to the function's beginning");
    if (reach_by_value(c, to))
        return;
    jit_check_reach(c, to);
    if (is_inside(c, to))
        learn(c, c->insn->opcode & 15, to);
}
