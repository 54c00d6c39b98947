/*
 * Vector and atomic instructions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/vec.h"

#include "jit/emit.h"

/* -- Left to C ------------------------------------------------------------- */

static uint32_t count_operands(const struct jit *j)
{
    const char *signature = wrt_op_infos[j->insn.op].signature;

    return (uint32_t)(strchr(signature, ':') - signature);
}

/* The result that C has put into the slot of the first operand. */
static void push_c_result(struct jit *j)
{
    enum wrt_kind kind = (enum wrt_kind)wrt_op_infos[j->insn.op].result;

    if (kind != WRT_KIND_BOT)
        jit_push_slot(j, kind);
}

/* A function of slots alone. */
static void emit_in_c(struct jit *j)
{
    struct jit_asm *a = jit_code(j);
    uint32_t noperands = count_operands(j);

    jit_before_c(j, noperands);
    while (noperands-- > 0)
        jit_pop(j);
    jit_m_lea(a, jit_target.c_args[0], jit_slot(j, j->height));
    jit_add_far(&j->made, jit_m_load_word(a, jit_target.scratch),
                jit_helper_at(JIT_HELPER_VECTORS));
    jit_m_load(a, JIT_LOAD_U64, jit_target.scratch,
               jit_mem_at(jit_target.scratch, 8 * (int64_t)j->insn.op));
    jit_call_scratch_c(j);
    jit_after_c(j);
    push_c_result(j);
}

/* -- Lane by lane ---------------------------------------------------------- */

void jit_emit_vec_binary(struct jit *j, uint32_t arg)
{
    enum wrt_op op = j->insn.op;
    struct jit_value rhs, lhs;
    jit_reg right, left, dst;

    (void)arg;
    if (!jit_m_knows_vec(op)) {
        emit_in_c(j);
        return;
    }
    rhs = jit_pop(j);
    lhs = jit_pop(j);
    right = jit_use(j, &rhs);
    left = jit_use(j, &lhs);
    dst = jit_result(j, true, &lhs, &rhs, false);
    jit_m_vec_binary(jit_code(j), op, dst, left, right);
    jit_push_result(j, WRT_KIND_V128, dst, &lhs, &rhs);
}

void jit_emit_vec_unary(struct jit *j, uint32_t arg)
{
    enum wrt_op op = j->insn.op;
    struct jit_value v;
    jit_reg src, dst;

    (void)arg;
    if (!jit_m_knows_vec(op)) {
        emit_in_c(j);
        return;
    }
    v = jit_pop(j);
    src = jit_use(j, &v);
    dst = jit_result(j, true, &v, NULL, false);
    jit_m_vec_unary(jit_code(j), op, dst, src);
    jit_push_result(j, WRT_KIND_V128, dst, &v, NULL);
}

void jit_emit_vec_ternary(struct jit *j, uint32_t arg)
{
    enum wrt_op op = j->insn.op;
    struct jit_value x, y, z;
    jit_reg rx, ry, rz, dst;

    (void)arg;
    if (!jit_m_knows_vec(op)) {
        emit_in_c(j);
        return;
    }
    z = jit_pop(j);
    y = jit_pop(j);
    x = jit_pop(j);
    rz = jit_use(j, &z);
    ry = jit_use(j, &y);
    rx = jit_use(j, &x);
    dst = jit_result(j, true, &x, &y, false);
    jit_m_vec_ternary(jit_code(j), op, dst, rx, ry, rz);
    jit_release(j, &z);
    jit_push_result(j, WRT_KIND_V128, dst, &x, &y);
}

void jit_emit_vec_shift(struct jit *j, uint32_t arg)
{
    enum wrt_op op = j->insn.op;
    struct jit_value count, v;
    jit_reg by, src, dst;

    (void)arg;
    if (!jit_m_knows_vec(op)) {
        emit_in_c(j);
        return;
    }
    count = jit_pop(j);
    v = jit_pop(j);
    by = jit_use(j, &count);
    src = jit_use(j, &v);
    dst = jit_result(j, true, &v, NULL, false);
    jit_m_vec_shift(jit_code(j), op, dst, src, by);
    jit_release(j, &count);
    jit_push_result(j, WRT_KIND_V128, dst, &v, NULL);
}

void jit_emit_vec_test(struct jit *j, uint32_t arg)
{
    struct jit_value v = jit_pop(j);
    jit_reg src = jit_use(j, &v);
    jit_reg dst = jit_result(j, false, NULL, NULL, false);

    (void)arg;
    jit_m_vec_test(jit_code(j), j->insn.op, dst, src);
    jit_push_result(j, WRT_KIND_I32, dst, &v, NULL);
}

/* -- Lanes ----------------------------------------------------------------- */

/* arg of these: the number of lanes, and flags. */
enum { LANES = 31 };

void jit_emit_vec_const(struct jit *j, uint32_t arg)
{
    jit_reg dst = jit_result(j, true, NULL, NULL, false);

    (void)arg;
    jit_m_vec_const(jit_code(j), dst, j->insn.imm.bytes);
    jit_push_result(j, WRT_KIND_V128, dst, NULL, NULL);
}

void jit_emit_vec_shuffle(struct jit *j, uint32_t arg)
{
    struct jit_value rhs = jit_pop(j), lhs = jit_pop(j);
    jit_reg right = jit_use(j, &rhs), left = jit_use(j, &lhs), dst;

    (void)arg;
    dst = jit_result(j, true, &lhs, &rhs, false);
    jit_m_vec_shuffle(jit_code(j), dst, left, right, j->insn.imm.bytes);
    jit_push_result(j, WRT_KIND_V128, dst, &lhs, &rhs);
}

void jit_emit_splat(struct jit *j, uint32_t arg)
{
    struct jit_value v = jit_pop(j);
    jit_reg src = jit_use(j, &v);
    jit_reg dst = jit_result(j, true, &v, NULL, false);

    jit_m_vec_splat(jit_code(j), arg & LANES, arg & EMIT_FLOAT, dst, src);
    jit_push_result(j, WRT_KIND_V128, dst, &v, NULL);
}

void jit_emit_extract_lane(struct jit *j, uint32_t arg)
{
    enum wrt_kind kind = (enum wrt_kind)wrt_op_infos[j->insn.op].result;
    bool is_float = arg & EMIT_FLOAT;
    struct jit_value v = jit_pop(j);
    jit_reg src = jit_use(j, &v);
    jit_reg dst = jit_result(j, is_float, &v, NULL, false);

    jit_m_vec_extract(jit_code(j), arg & LANES, is_float, arg & EMIT_SIGNED,
                      dst, src, j->insn.imm.index);
    jit_push_result(j, kind, dst, &v, NULL);
}

void jit_emit_replace_lane(struct jit *j, uint32_t arg)
{
    struct jit_value value = jit_pop(j), v = jit_pop(j);
    jit_reg src = jit_use(j, &value), dst = jit_own(j, &v);

    jit_m_vec_replace(jit_code(j), arg & LANES, arg & EMIT_FLOAT, dst, src,
                      j->insn.imm.index);
    jit_push_result(j, WRT_KIND_V128, dst, &v, &value);
}

/* -- Memory ---------------------------------------------------------------- */

void jit_emit_vec_load_wide(struct jit *j, uint32_t arg)
{
    struct jit_place p = jit_find_access(j, jit_pop(j), 8);
    jit_reg dst = jit_result(j, true, NULL, NULL, false);

    (void)arg;
    jit_begin_access(j, &p);
    jit_m_vec_load_wide(jit_code(j), j->insn.op, dst, p.mem);
    jit_release_access(j, &p);
    jit_push_result(j, WRT_KIND_V128, dst, &p.index, NULL);
}

/* What a lane is loaded and stored as. */
static enum jit_load lane_load(uint32_t lanes)
{
    return lanes == 16  ? JIT_LOAD_U8
           : lanes == 8 ? JIT_LOAD_U16
           : lanes == 4 ? JIT_LOAD_U32
                        : JIT_LOAD_U64;
}

void jit_emit_vec_load_splat(struct jit *j, uint32_t lanes)
{
    struct jit_place p = jit_find_access(j, jit_pop(j), 16 / lanes);
    jit_reg dst = jit_result(j, true, NULL, NULL, false);

    jit_begin_access(j, &p);
    jit_m_load(jit_code(j), lane_load(lanes), jit_target.scratch, p.mem);
    jit_m_vec_splat(jit_code(j), lanes, false, dst, jit_target.scratch);
    jit_release_access(j, &p);
    jit_push_result(j, WRT_KIND_V128, dst, &p.index, NULL);
}

void jit_emit_vec_load_lane(struct jit *j, uint32_t lanes)
{
    struct jit_value v = jit_pop(j);
    jit_reg dst = jit_own(j, &v);
    struct jit_place p = jit_find_access(j, jit_pop(j), 16 / lanes);

    jit_begin_access(j, &p);
    jit_m_load(jit_code(j), lane_load(lanes), jit_target.scratch, p.mem);
    jit_m_vec_replace(jit_code(j), lanes, false, dst, jit_target.scratch,
                      j->insn.imm.memarg.lane);
    jit_release_access(j, &p);
    jit_push_result(j, WRT_KIND_V128, dst, &v, &p.index);
}

void jit_emit_vec_store_lane(struct jit *j, uint32_t lanes)
{
    static const enum jit_store stores[] = {[2] = JIT_STORE_64,
                                            [4] = JIT_STORE_32,
                                            [8] = JIT_STORE_16,
                                            [16] = JIT_STORE_8};
    struct jit_value v = jit_pop(j);
    jit_reg src = jit_use(j, &v), lane = jit_take(j, false);
    struct jit_place p;

    jit_m_vec_extract(jit_code(j), lanes, false, false, lane, src,
                      j->insn.imm.memarg.lane);
    p = jit_find_access(j, jit_pop(j), 16 / lanes);
    jit_begin_access(j, &p);
    jit_m_store(jit_code(j), stores[lanes], lane, p.mem);
    jit_give(j, lane);
    jit_release_access(j, &p);
    jit_release(j, &p.index);
    jit_release(j, &v);
}

/* -- Atomics --------------------------------------------------------------- */

void jit_emit_atomic_c(struct jit *j, uint32_t arg)
{
    const struct wrt_memarg *memarg = &j->insn.imm.memarg;
    struct jit_late late = {.kind = JIT_LATE_TRAP_CODE,
                            .offset = jit_offset(j)};
    struct jit_asm *a = jit_code(j);
    uint32_t noperands = count_operands(j);

    (void)arg;
    jit_before_c(j, noperands);
    while (noperands-- > 0)
        jit_pop(j);
    jit_m_move(a, true, jit_target.c_args[0], jit_target.instance);
    jit_m_const(a, jit_target.c_args[1],
                memarg->memory_idx << 16 | (uint32_t)j->insn.op);
    jit_m_lea(a, jit_target.c_args[2], jit_slot(j, j->height));
    jit_m_const(a, jit_target.c_args[3], memarg->offset);
    jit_add_far(&j->made, jit_m_load_word(a, jit_target.scratch),
                jit_helper_at(JIT_HELPER_ATOMIC));
    jit_call_scratch_c(j);
    jit_after_c(j);
    jit_m_compare(a, false, jit_target.result, jit_imm_operand(0));
    late.place = jit_m_branch(a, JIT_NE, &late.second);
    jit_add_late(j, &late);
    push_c_result(j);
}
