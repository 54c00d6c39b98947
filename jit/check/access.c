/*
 * Loads and stores: each through one of the pointers that code may have, with
 * an offset that is bounded.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/check/state.h"
#include "runtime/module/opcode.h"
#include "runtime/store/gc.h"
#include "runtime/store/memory.h"

/* -- The frame ------------------------------------------------------------- */

static bool is_frame(const struct checker *c, uint8_t base)
{
    return base == BP || base == SP || c->now.regs[base].kind == KIND_FRAME;
}

/* Where the operand is, from the frame's top: negative. */
static int64_t frame_place(struct checker *c, unsigned bytes)
{
    uint8_t base = c->insn->base;
    int64_t at = c->insn->disp;

    if (c->now.stage < STAGE_SET || c->insn->index != NO_REG ||
        (base == SP && c->now.pushed != NOTHING)) {
        jit_check_complain(
            c, "the stack is accessed without a frame, or by index");
        return -8;
    }
    if (base == SP)
        at -= c->frame_bytes;
    else if (base != BP)
        at -= (int64_t)c->now.regs[base].max;
    if (at < -(int64_t)c->frame_bytes || at + bytes > 0) {
        jit_check_complain(c, "an access outside of the frame");
        return -8;
    }
    return at;
}

static struct value load_frame(struct checker *c, unsigned bytes)
{
    int64_t at = frame_place(c, bytes);

    for (unsigned i = 0; i < FACTS; i++) {
        if (c->now.facts[i].at == at && bytes == 8)
            return c->now.facts[i].value;
    }
    return number(bytes == 8 ? UINT64_MAX : UINT32_MAX);
}

void jit_check_forget_frame(struct checker *c, int64_t at, int64_t bytes)
{
    for (unsigned i = 0; i < FACTS; i++) {
        int64_t fact = c->now.facts[i].at;

        if (fact < at + bytes && at < fact + 8)
            c->now.facts[i].at = 0;
    }
}

static void store_frame(struct checker *c, unsigned bytes,
                        const struct value *v)
{
    int64_t at = frame_place(c, bytes);
    unsigned unused = FACTS;

    jit_check_forget_frame(c, at, bytes);
    for (unsigned i = 0; i < FACTS; i++) {
        if (!c->now.facts[i].at)
            unused = i;
    }
    if (!v || v->kind == KIND_NUMBER || v->kind >= KIND_ARRAY_LEN ||
        bytes != 8 || unused == FACTS)
        return;
    c->now.facts[unused].at = (int32_t)at;
    c->now.facts[unused].value = *v;
}

/* -- What the runtime owns ------------------------------------------------- */

/* Fields that code may read: 8 bytes each. */
static const struct {
    uint32_t at;
    enum kind kind;
} fields[] = {
    {offsetof(struct wrt_instance, mem0), KIND_MEMORY},
    {offsetof(struct wrt_instance, memories), KIND_MEMORIES},
    {offsetof(struct wrt_instance, tables), KIND_TABLES},
    {offsetof(struct wrt_instance, imported_globals), KIND_GLOBALS},
    {offsetof(struct wrt_instance, imported_funcs), KIND_IMPORTS},
    {offsetof(struct wrt_instance, native_args), KIND_ARGS},
    {offsetof(struct wrt_instance, native_limit), KIND_NUMBER},
    {offsetof(struct wrt_instance, ctx), KIND_CONTEXT},
    {offsetof(struct wrt_instance, types), KIND_TYPES},
    {offsetof(struct wrt_instance, funcrefs), KIND_NUMBER},
};

static bool is_own_global(const struct checker *c, unsigned bytes)
{
    int64_t at =
        c->insn->disp - (int64_t)offsetof(struct wrt_instance, globals);
    int64_t size = 2 * (int64_t)sizeof(wrt_slot) *
                   (c->module->nglobals - c->module->nimported_globals);

    return c->insn->index == NO_REG && at >= 0 && at + bytes <= size;
}

static struct value load_instance(struct checker *c, unsigned bytes)
{
    if (is_own_global(c, bytes))
        return number(bytes == 8 ? UINT64_MAX : UINT32_MAX);
    for (unsigned i = 0; i < WRT_COUNTOF(fields); i++) {
        if (c->insn->disp == fields[i].at && bytes == 8 &&
            c->insn->index == NO_REG)
            return value_of(fields[i].kind, 0,
                            fields[i].kind == KIND_NUMBER ? UINT64_MAX : 0);
    }
    jit_check_complain(c, "a field of the instance that code must not read");
    return unknown();
}

/* An element of one of the instance's arrays of pointers. */
static struct value load_array(struct checker *c, unsigned bytes,
                               const struct value *array)
{
    int64_t i = c->insn->disp / 8;
    const struct wrt_module *m = c->module;
    uint32_t count = array->kind == KIND_MEMORIES  ? m->nmemories
                     : array->kind == KIND_TABLES  ? m->ntables
                     : array->kind == KIND_GLOBALS ? m->nimported_globals
                                                   : m->nimported_funcs;

    if (bytes != 8 || c->insn->index != NO_REG || c->insn->disp % 8 != 0 ||
        i < 0 || i >= count) {
        jit_check_complain(c, "an element of the instance that there is not");
        return unknown();
    }
    switch (array->kind) {
    case KIND_MEMORIES: return value_of(KIND_MEMORY, (uint32_t)i, 0);
    case KIND_TABLES: return value_of(KIND_TABLE, (uint32_t)i, 0);
    case KIND_GLOBALS: return value_of(KIND_CELL, (uint32_t)i, 0);
    default: return value_of(KIND_FUNC, m->type_ids[m->funcs[i].type_idx], 0);
    }
}

/* A field of a memory, a table, a function. */
static struct value load_field(struct checker *c, unsigned bytes,
                               const struct value *of)
{
    int64_t at = c->insn->disp;

    if (c->insn->index != NO_REG)
        at = -1;
    if (of->kind == KIND_MEMORY && bytes == 8) {
        if (at == offsetof(struct wrt_memory_inst, base))
            return value_of(KIND_BASE, of->n, 0);
        if (at == offsetof(struct wrt_memory_inst, len_bytes))
            return value_of(KIND_LENGTH, of->n, 0);
    }
    if (of->kind == KIND_MEMORY && bytes >= 4 &&
        at == offsetof(struct wrt_memory_inst, npages))
        return number(bytes == 8 ? UINT64_MAX : UINT32_MAX);
    if (of->kind == KIND_TABLE && bytes == 8) {
        if (at == offsetof(struct wrt_table_inst, elems))
            return value_of(KIND_ELEMENTS, of->n, 0);
        if (at == offsetof(struct wrt_table_inst, size))
            return unknown();
    }
    if (of->kind == KIND_TABLE && bytes == 4 &&
        at == offsetof(struct wrt_table_inst, size))
        return number(UINT32_MAX);
    if (of->kind == KIND_FUNC || of->kind == KIND_OWN_FUNC) {
        if (at == offsetof(struct wrt_funcref, type_id) && bytes == 4)
            return number(UINT32_MAX);
        if (at == offsetof(struct wrt_funcref, instance) && bytes == 8)
            return unknown();
        if (at == offsetof(struct wrt_funcref, func_idx) && bytes == 4)
            return of->kind == KIND_OWN_FUNC ? value_of(KIND_FUNC_IDX, of->n, 0)
                                             : number(UINT32_MAX);
    }
    jit_check_complain(c, "a field that code must not read");
    return unknown();
}

/* -- Guest memory ---------------------------------------------------------- */

/* How many bytes may be accessed at an index of a memory: by a mask, or by the
 * branch right before. */
static uint64_t checked_bytes(const struct checker *c,
                              const struct value *index, uint32_t memory)
{
    const struct flags *flags = &c->now.flags;
    const struct value *limit;

    if (index->kind == KIND_PLACE)
        return index->n == memory ? index->max : 0;
    if (c->in->native->options.has_masks || flags->about != ABOUT_REGS ||
        !flags->is_below || flags->width != 8 || flags->lhs != c->insn->index ||
        index->kind != KIND_NUMBER)
        return 0;
    limit = &c->now.regs[flags->rhs];
    return limit->kind == KIND_LIMIT && limit->n == memory ? limit->max : 0;
}

static void check_guest(struct checker *c, unsigned bytes,
                        const struct value *base)
{
    const struct insn *insn = c->insn;
    const struct value *index =
        insn->index == NO_REG ? NULL : &c->now.regs[insn->index];
    uint64_t most = 0;

    if (base->n >= c->module->nmemories) {
        jit_check_complain(c, "a memory that there is not");
        return;
    }
    if (wrt_memory_is_guarded(c->in->native->options.memory_mode,
                              &c->module->memories[base->n])) {
        if (index && index->kind != KIND_NUMBER)
            most = UINT64_MAX;
        else if (index)
            most = index->max >> (63 - insn->scale) ? UINT64_MAX
                                                    : index->max << insn->scale;
        if (insn->disp < 0 || most > WRT_GUARDED_BYTES ||
            most + (uint64_t)insn->disp + bytes > WRT_GUARDED_BYTES)
            jit_check_complain(c, "an index of guest memory without a bound");
        return;
    }
    if (!index || insn->scale != 0 || insn->disp != 0 ||
        bytes > checked_bytes(c, index, base->n))
        jit_check_complain(c, "guest memory is accessed unchecked or unmasked");
}

/* Whether the index is one of the table: by a mask, or by the branch before. */
static bool is_element(const struct checker *c, const struct value *index,
                       uint32_t table)
{
    const struct flags *flags = &c->now.flags;

    if (index->kind == KIND_ELEMENT)
        return index->n == table;
    return !c->in->native->options.has_masks && flags->about == ABOUT_SIZE &&
           flags->is_below && flags->width == 8 && flags->n == table &&
           flags->lhs == c->insn->index && index->kind == KIND_NUMBER;
}

static struct value load_element(struct checker *c, unsigned bytes,
                                 const struct value *elements)
{
    const struct insn *insn = c->insn;
    const struct value *index =
        insn->index == NO_REG ? NULL : &c->now.regs[insn->index];

    if (bytes != 8 || !index || insn->scale != 3 || insn->disp != 0 ||
        !is_element(c, index, elements->n))
        jit_check_complain(c, "an element of a table, unchecked or unmasked");
    return jit_check_is_for(c, WRT_OP_TABLE_GET)
               ? unknown()
               : value_of(KIND_MAYBE_FUNC, 0, 0);
}

/* What goes into a table is what validation has proven. */
static void store_element(struct checker *c, unsigned bytes,
                          const struct value *elements)
{
    const struct insn *insn = c->insn;

    if (bytes != 8 || insn->index == NO_REG || insn->scale != 3 ||
        insn->disp != 0 || insn->effect != EFFECT_STORE ||
        !is_element(c, &c->now.regs[insn->index], elements->n))
        jit_check_complain(c, "an element of a table, unchecked or unmasked");
    if (!jit_check_is_for(c, WRT_OP_TABLE_SET))
        jit_check_complain(c, "a store to a table that the body has not");
}

static struct value load_distance(struct checker *c, unsigned bytes,
                                  const struct value *table)
{
    const struct insn *insn = c->insn;
    const struct value *index =
        insn->index == NO_REG ? NULL : &c->now.regs[insn->index];

    if (bytes != 4 || !index || !is_u32(index) || insn->scale != 2 ||
        insn->disp != 0 || insn->effect != EFFECT_SIGN_EXTEND ||
        index->max >= c->in->len)
        jit_check_complain(c, "an index of a table of jumps without a bound");
    return value_of(KIND_DISTANCE, table->n, index ? index->max + 1 : 1);
}

/* Words that code knows by their distance. */
static struct value load_word(struct checker *c, unsigned bytes)
{
    uint64_t at = c->in->at + (uint64_t)c->insn->disp;

    if (at == jit_helper_at(JIT_HELPER_VECTORS) && bytes == 8)
        return value_of(KIND_VECTORS, 0, 0);
    if (at % 8 == 0 && at < jit_helper_at(JIT_HELPER_VECTORS) && bytes == 8)
        return value_of(KIND_HELPER, (uint32_t)(at / 8), 0);
    jit_check_complain(c, "a word of the data that code must not read");
    return unknown();
}

static bool is_fixed(const struct checker *c, int64_t size, unsigned bytes)
{
    return c->insn->index == NO_REG && c->insn->disp >= 0 &&
           c->insn->disp + bytes <= size;
}

static int64_t args_bytes(const struct checker *c)
{
    return (int64_t)sizeof(wrt_slot) * c->in->native->arg_slots;
}

struct value jit_check_load(struct checker *c, unsigned bytes)
{
    const struct value *base;
    struct value v;

    c->counts.loads++;
    if (c->insn->is_rip)
        return load_word(c, bytes);
    if (is_frame(c, c->insn->base))
        return load_frame(c, bytes);
    base = &c->now.regs[c->insn->base];
    switch (base->kind) {
    case KIND_INSTANCE: return load_instance(c, bytes);
    case KIND_MEMORIES:
    case KIND_TABLES:
    case KIND_GLOBALS:
    case KIND_IMPORTS: return load_array(c, bytes, base);
    case KIND_MEMORY:
    case KIND_TABLE:
    case KIND_FUNC:
    case KIND_OWN_FUNC: return load_field(c, bytes, base);
    case KIND_ELEMENTS: return load_element(c, bytes, base);
    case KIND_JUMPS: return load_distance(c, bytes, base);
    case KIND_BASE: check_guest(c, bytes, base); break;
    case KIND_VECTORS:
        if (!is_fixed(c, 8 * (int64_t)WRT_OP_COUNT, bytes) || bytes != 8)
            jit_check_complain(c, "a function on vectors that there is not");
        return value_of(KIND_VECTOR, 0, 0);
    case KIND_CELL:
        if (!is_fixed(c, 2 * (int64_t)sizeof(wrt_slot), bytes))
            jit_check_complain(c, "an access outside of a global");
        break;
    case KIND_ARGS:
        if (!is_fixed(c, args_bytes(c), bytes))
            jit_check_complain(c, "an access outside of the arguments");
        break;
    case KIND_CONTEXT: return jit_check_load_context(c, bytes);
    case KIND_TYPES:
    case KIND_TYPE: return jit_check_load_type(c, bytes, base);
    case KIND_FUNCS: return jit_check_load_func(c, bytes);
    default:
        if (jit_check_object(c, bytes, false, &v))
            return v;
        jit_check_complain(c, "a load through what is no pointer");
    }
    return number(bytes == 8 ? UINT64_MAX : UINT32_MAX);
}

void jit_check_store(struct checker *c, unsigned bytes, const struct value *v)
{
    const struct value *base;

    c->counts.stores++;
    if (!c->insn->is_rip && is_frame(c, c->insn->base)) {
        store_frame(c, bytes, v);
        return;
    }
    base = c->insn->is_rip ? NULL : &c->now.regs[c->insn->base];
    if (base && base->kind == KIND_BASE)
        check_guest(c, bytes, base);
    else if (base && base->kind == KIND_ELEMENTS)
        store_element(c, bytes, base);
    else if (base && base->kind == KIND_ROOM)
        jit_check_store_room(c, bytes);
    else if (base && base->kind == KIND_CONTEXT &&
             jit_check_store_bump(c, bytes))
        return;
    else if (base && jit_check_object(c, bytes, true, &(struct value){0}))
        return;
    else if (!base ||
             !((base->kind == KIND_INSTANCE && is_own_global(c, bytes)) ||
               (base->kind == KIND_CELL &&
                is_fixed(c, 2 * (int64_t)sizeof(wrt_slot), bytes)) ||
               (base->kind == KIND_ARGS && is_fixed(c, args_bytes(c), bytes))))
        jit_check_complain(c, "a store through what is no pointer, or outside");
}

void jit_check_atomic(struct checker *c, unsigned bytes)
{
    c->counts.loads++;
    c->counts.stores++;
    if (c->insn->is_rip || c->now.regs[c->insn->base].kind != KIND_BASE)
        jit_check_complain(c, "an atomic access of what is no guest memory");
    else
        check_guest(c, bytes, &c->now.regs[c->insn->base]);
}
