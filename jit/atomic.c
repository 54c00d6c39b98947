/*
 * Atomic accesses, in line: what the processor does at once, or a loop around
 * its comparison and exchange.  Waiting and notifying are C's.
 *
 * An access that is out of bounds traps as that, whatever its alignment: with
 * guard pages, where only the access itself finds out, code behind the function
 * reads the last byte before it complains of the alignment.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/emit.h"

/* Seven of each: of i32 and i64, then narrow ones. */
enum { WIDTHS = 7 };

enum action {
    ACTION_LOAD,
    ACTION_STORE,
    ACTION_ADD,
    ACTION_SUB,
    ACTION_AND,
    ACTION_OR,
    ACTION_XOR,
    ACTION_XCHG,
    ACTION_CMPXCHG,
    ACTION_COUNT
};

_Static_assert(WRT_OP_I64_ATOMIC_RMW32_CMPXCHG_U ==
                       WRT_OP_I32_ATOMIC_LOAD + WIDTHS * ACTION_COUNT - 1 &&
                   WRT_OP_I32_ATOMIC_RMW_AND ==
                       WRT_OP_I32_ATOMIC_LOAD + WIDTHS * ACTION_AND &&
                   WRT_OP_I32_ATOMIC_RMW_XCHG ==
                       WRT_OP_I32_ATOMIC_LOAD + WIDTHS * ACTION_XCHG,
               "the order of the opcodes");

struct access {
    enum action action;
    unsigned bytes;
    enum wrt_kind kind;
    bool has_guards;
};

static struct access access_of(const struct jit *j)
{
    static const uint8_t bytes[WIDTHS] = {4, 8, 1, 2, 1, 2, 4};
    unsigned at = (unsigned)(j->insn.op - WRT_OP_I32_ATOMIC_LOAD);
    unsigned width = at % WIDTHS;

    return (struct access){.action = (enum action)(at / WIDTHS),
                           .bytes = bytes[width],
                           .kind = width == 1 || width > 3 ? WRT_KIND_I64
                                                           : WRT_KIND_I32,
                           .has_guards = j->has_guards};
}

static uint32_t count_operands(enum action action)
{
    return action == ACTION_LOAD ? 1 : action == ACTION_CMPXCHG ? 3 : 2;
}

/* The first memory, at an index that is no constant and with an offset that is
 * part of the instruction. */
static bool is_in_line(const struct jit *j)
{
    const struct wrt_memarg *arg = &j->insn.imm.memarg;
    uint32_t noperands = count_operands(access_of(j).action);

    return arg->memory_idx == 0 && arg->offset <= INT32_MAX &&
           j->stack[j->height - noperands].form != JIT_CONST;
}

/* -- Where it goes --------------------------------------------------------- */

void jit_emit_late_unaligned(struct jit *j, const struct jit_late *late)
{
    struct jit_asm *a = jit_code(j);

    if (late->reg != JIT_NO_REG) {
        jit_add_place(&j->made, jit_pos(j), late->offset, true);
        jit_m_load(a, JIT_LOAD_U8, jit_target.scratch,
                   (struct jit_mem){jit_target.memory, late->reg,
                                    (int32_t)late->price});
    }
    jit_m_const(a, jit_target.scratch, WASMRT_ERR_UNALIGNED_ATOMIC);
    jit_add_far(&j->made, jit_m_call_far(a), JIT_FAR_STUB + JIT_STUB_TRAP);
    jit_note_place_of(j, late->offset);
}

static struct jit_place find(struct jit *j, struct jit_value index,
                             const struct access *x)
{
    struct jit_place p = jit_find_atomic(j, index, x->bytes);
    struct jit_asm *a = jit_code(j);
    struct jit_late late = {.kind = JIT_LATE_UNALIGNED,
                            .reg = x->has_guards ? p.mem.index : JIT_NO_REG,
                            .price = (uint32_t)p.mem.disp + x->bytes - 1,
                            .offset = jit_offset(j)};
    jit_reg at = p.mem.index;

    if (x->bytes == 1)
        return p;
    if (p.mem.disp % (int32_t)x->bytes != 0) {
        at = jit_target.scratch;
        jit_m_lea(a, at, jit_mem_at(p.mem.index, p.mem.disp));
    }
    jit_m_test(a, false, at, jit_imm_operand((int32_t)x->bytes - 1));
    late.place = jit_m_branch(a, JIT_NE, &late.second);
    jit_add_late(j, &late);
    return p;
}

/* -- What it does ---------------------------------------------------------- */

static enum jit_load load_of(unsigned bytes)
{
    return bytes == 1   ? JIT_LOAD_U8
           : bytes == 2 ? JIT_LOAD_U16
           : bytes == 4 ? JIT_LOAD_U32
                        : JIT_LOAD_U64;
}

/* What was read lies in the lowest bytes of the register. */
static void extend(struct jit *j, unsigned bytes, jit_reg reg)
{
    if (bytes <= 2)
        jit_m_alu(jit_code(j), JIT_AND, false, reg, reg,
                  jit_imm_operand(bytes == 1 ? UINT8_MAX : UINT16_MAX));
    else if (bytes == 4)
        jit_m_move(jit_code(j), false, reg, reg);
}

static void load(struct jit *j, const struct access *x)
{
    struct jit_place p = find(j, jit_pop(j), x);
    jit_reg dst = jit_result(j, false, &p.index, NULL, false);

    jit_begin_access(j, &p);
    jit_m_load(jit_code(j), load_of(x->bytes), dst, p.mem);
    jit_push_result(j, x->kind, dst, &p.index, NULL);
}

/* Store, exchange, addition: one instruction, which gives the old value. */
static void exchange(struct jit *j, const struct access *x)
{
    struct jit_asm *a = jit_code(j);
    struct jit_value v = jit_pop(j);
    jit_reg reg = jit_own(j, &v);
    struct jit_place p;

    if (x->action == ACTION_SUB)
        jit_m_negate(a, reg);
    p = find(j, jit_pop(j), x);
    jit_begin_access(j, &p);
    if (x->action == ACTION_ADD || x->action == ACTION_SUB)
        jit_m_atomic_add(a, x->bytes, reg, p.mem);
    else
        jit_m_atomic_swap(a, x->bytes, reg, p.mem);
    jit_release(j, &p.index);
    if (x->action == ACTION_STORE) {
        jit_release(j, &v);
        return;
    }
    extend(j, x->bytes, reg);
    jit_push_temp(j, x->kind, reg);
}

/* The result register holds what is expected, then what was there. */
static void compare_exchange(struct jit *j, const struct access *x)
{
    struct jit_asm *a = jit_code(j);
    jit_reg old = jit_target.result, src;
    struct jit_value v, expected;
    struct jit_place p;

    jit_take_reg(j, old);
    v = jit_pop(j);
    src = jit_use(j, &v);
    expected = jit_pop(j);
    jit_load_value(j, &expected, old);
    jit_release(j, &expected);
    p = find(j, jit_pop(j), x);
    jit_begin_access(j, &p);
    jit_m_atomic_compare(a, x->bytes, src, p.mem);
    jit_release(j, &p.index);
    jit_release(j, &v);
    extend(j, x->bytes, old);
    jit_push_temp(j, x->kind, old);
}

/* And, or, xor: until nobody has come between. */
static void repeat(struct jit *j, const struct access *x)
{
    static const enum jit_alu ops[] = {
        [ACTION_AND] = JIT_AND, [ACTION_OR] = JIT_OR, [ACTION_XOR] = JIT_XOR};
    struct jit_asm *a = jit_code(j);
    jit_reg old = jit_target.result, fresh = jit_target.scratch, src;
    struct jit_value v;
    struct jit_place p;
    uint32_t start, none;

    jit_take_reg(j, old);
    v = jit_pop(j);
    src = jit_use(j, &v);
    p = find(j, jit_pop(j), x);
    jit_begin_access(j, &p);
    jit_m_load(a, load_of(x->bytes), old, p.mem);
    start = jit_pos(j);
    jit_m_move(a, true, fresh, old);
    jit_m_alu(a, ops[x->action], true, fresh, fresh, jit_reg_operand(src));
    jit_begin_access(j, &p);
    jit_m_atomic_compare(a, x->bytes, fresh, p.mem);
    jit_m_bind(a, jit_m_branch(a, JIT_NE, &none), start);
    jit_release(j, &p.index);
    jit_release(j, &v);
    extend(j, x->bytes, old);
    jit_push_temp(j, x->kind, old);
}

void jit_emit_atomic(struct jit *j, uint32_t arg)
{
    struct access x;

    if (!is_in_line(j)) {
        jit_emit_atomic_c(j, arg);
        return;
    }
    x = access_of(j);
    jit_asm_room(jit_code(j), 40 * JIT_INSN_BYTES);
    switch (x.action) {
    case ACTION_LOAD: load(j, &x); break;
    case ACTION_AND:
    case ACTION_OR:
    case ACTION_XOR: repeat(j, &x); break;
    case ACTION_CMPXCHG: compare_exchange(j, &x); break;
    default: exchange(j, &x); break;
    }
}

void jit_emit_fence(struct jit *j, uint32_t arg)
{
    (void)arg;
    jit_m_fence(jit_code(j));
}
