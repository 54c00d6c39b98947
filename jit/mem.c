/*
 * Loads and stores.
 *
 * A memory with guard pages is accessed without a check: the index has 32 bits,
 * the offset too, and the reservation covers their sum.  Any other is compared
 * with its length, and past the comparison the address is masked, so that a
 * processor that guesses wrong stays inside.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/emit.h"

static const struct wrt_limits *limits_of(const struct jit *j, uint32_t memory)
{
    return &j->module->memories[memory];
}

static bool is_guarded(const struct jit *j, uint32_t memory)
{
    return wrt_memory_is_guarded(j->native->options.memory_mode,
                                 limits_of(j, memory));
}

static void load_pointer(struct jit *j, jit_reg dst, jit_reg base, size_t disp)
{
    jit_m_load(jit_code(j), JIT_LOAD_U64, dst, jit_mem_at(base, (int64_t)disp));
}

/* dst = the instance of a memory */
static void load_memory_inst(struct jit *j, jit_reg dst, uint32_t memory)
{
    jit_reg instance = jit_target.instance;

    if (memory == 0) {
        load_pointer(j, dst, instance, offsetof(struct wrt_instance, mem0));
        return;
    }
    load_pointer(j, dst, instance, offsetof(struct wrt_instance, memories));
    load_pointer(j, dst, dst, 8 * (size_t)memory);
}

bool jit_has_guards(const struct jit *j)
{
    return j->module->nmemories > 0 && is_guarded(j, 0);
}

void jit_reload_memory(struct jit *j)
{
    load_memory_inst(j, jit_target.memory, 0);
    load_pointer(j, jit_target.memory, jit_target.memory,
                 offsetof(struct wrt_memory_inst, base));
}

/* -- With guard pages ------------------------------------------------------ */

static jit_reg guarded_base(struct jit *j, uint32_t memory, struct jit_place *p)
{
    if (memory == 0)
        return jit_target.memory;
    p->taken = jit_take(j, false);
    load_memory_inst(j, p->taken, memory);
    load_pointer(j, p->taken, p->taken, offsetof(struct wrt_memory_inst, base));
    return p->taken;
}

static void find_guarded(struct jit *j, const struct wrt_memarg *arg,
                         struct jit_place *p)
{
    struct jit_asm *a = jit_code(j);
    uint64_t offset = arg->offset;

    p->may_fault = true;
    if (p->index.form == JIT_CONST && p->index.bits + offset <= INT32_MAX) {
        p->mem =
            (struct jit_mem){guarded_base(j, arg->memory_idx, p), JIT_NO_REG,
                             (int32_t)(p->index.bits + offset)};
        return;
    }
    p->mem.index = jit_use(j, &p->index);
    p->mem.base = guarded_base(j, arg->memory_idx, p);
    p->mem.disp = (int32_t)offset;
    if (offset <= INT32_MAX)
        return;
    jit_m_const(a, jit_target.scratch, offset);
    jit_m_alu(a, JIT_ADD, true, jit_target.scratch, jit_target.scratch,
              jit_reg_operand(p->mem.index));
    p->mem.index = jit_target.scratch;
    p->mem.disp = 0;
}

/* -- With a comparison ----------------------------------------------------- */

/* taken = index + offset, with a trap when that overflows. */
static void add_offset(struct jit *j, const struct wrt_memarg *arg,
                       jit_reg taken)
{
    struct jit_asm *a = jit_code(j);

    if (arg->offset == 0)
        return;
    if (arg->offset <= INT32_MAX) {
        jit_m_add_flags(a, taken, (int32_t)arg->offset);
    } else {
        jit_m_const(a, jit_target.scratch, arg->offset);
        jit_m_alu(a, JIT_ADD, true, taken, taken,
                  jit_reg_operand(jit_target.scratch));
    }
    if (limits_of(j, arg->memory_idx)->is_64)
        jit_trap_if(j, JIT_OVERFLOWS, WASMRT_ERR_MEMORY_OOB);
}

static void find_checked(struct jit *j, const struct wrt_memarg *arg,
                         uint32_t bytes, bool has_mask, struct jit_place *p)
{
    struct jit_asm *a = jit_code(j);
    jit_reg at, limit = jit_target.scratch, base;

    jit_asm_room(a, 24 * JIT_INSN_BYTES);
    at = jit_own(j, &p->index);
    add_offset(j, arg, at);
    /* The last address at which such an access would fit. */
    load_memory_inst(j, limit, arg->memory_idx);
    load_pointer(j, limit, limit, offsetof(struct wrt_memory_inst, len_bytes));
    jit_m_compare(a, true, limit, jit_imm_operand((int32_t)bytes));
    jit_trap_if(j, JIT_LT_U, WASMRT_ERR_MEMORY_OOB);
    jit_m_alu(a, JIT_SUB, true, limit, limit, jit_imm_operand((int32_t)bytes));
    jit_m_compare(a, true, at, jit_reg_operand(limit));
    jit_trap_if(j, JIT_GT_U, WASMRT_ERR_MEMORY_OOB);
    /* Never: but a processor that guesses reads at the limit then. */
    if (has_mask)
        jit_m_select(a, JIT_GT_U, true, at, limit);
    base = jit_target.memory;
    if (arg->memory_idx != 0) {
        base = p->taken = jit_take(j, false);
        load_memory_inst(j, base, arg->memory_idx);
        load_pointer(j, base, base, offsetof(struct wrt_memory_inst, base));
    }
    p->mem = (struct jit_mem){base, at, 0};
}

static struct jit_place find(struct jit *j, struct jit_value index,
                             uint32_t bytes, bool has_mask)
{
    const struct wrt_memarg *arg = &j->insn.imm.memarg;
    struct jit_place p = {.index = index, .taken = JIT_NO_REG};

    if (is_guarded(j, arg->memory_idx))
        find_guarded(j, arg, &p);
    else
        find_checked(j, arg, bytes, has_mask, &p);
    return p;
}

struct jit_place jit_find_access(struct jit *j, struct jit_value index,
                                 uint32_t bytes)
{
    return find(j, index, bytes, j->native->options.has_masks);
}

struct jit_place jit_find_atomic(struct jit *j, struct jit_value index,
                                 uint32_t bytes)
{
    return find(j, index, bytes, true);
}

void jit_begin_access(struct jit *j, const struct jit_place *p)
{
    if (p->may_fault)
        jit_note_place(j, true);
}

void jit_release_access(struct jit *j, const struct jit_place *p)
{
    if (p->taken != JIT_NO_REG)
        jit_give(j, p->taken);
}

/* -- The simple case ------------------------------------------------------- */

/* The first memory, with guard pages. */
WRT_INLINE bool is_simple(const struct jit *j)
{
    const struct wrt_memarg *arg = &j->insn.imm.memarg;

    return j->has_guards && arg->memory_idx == 0 && arg->offset <= INT32_MAX;
}

/* -- Instructions ---------------------------------------------------------- */

static enum wrt_kind loaded_kind(enum wrt_op op)
{
    return (enum wrt_kind)wrt_op_infos[op].result;
}

static void load_any(struct jit *j, enum jit_load what)
{
    static const uint8_t sizes[] = {
        [JIT_LOAD_U8] = 1,    [JIT_LOAD_U16] = 2,    [JIT_LOAD_U32] = 4,
        [JIT_LOAD_U64] = 8,   [JIT_LOAD_S8_32] = 1,  [JIT_LOAD_S16_32] = 2,
        [JIT_LOAD_S8_64] = 1, [JIT_LOAD_S16_64] = 2, [JIT_LOAD_S32_64] = 4,
        [JIT_LOAD_F32] = 4,   [JIT_LOAD_F64] = 8,    [JIT_LOAD_V128] = 16,
    };
    struct jit_place p = jit_find_access(j, jit_pop(j), sizes[what]);
    jit_reg dst = jit_result(j, what >= JIT_LOAD_F32, &p.index, NULL, false);

    jit_begin_access(j, &p);
    jit_m_load(jit_code(j), what, dst, p.mem);
    jit_release_access(j, &p);
    jit_push_result(j, loaded_kind(j->insn.op), dst, &p.index, NULL);
}

void jit_emit_load(struct jit *j, uint32_t arg)
{
    enum jit_load what = (enum jit_load)arg;
    struct jit_value *index = &j->stack[j->height - 1];
    jit_reg reg, dst;

    if (WRT_UNLIKELY(!is_simple(j) || !jit_ready(j, index))) {
        load_any(j, what);
        return;
    }
    reg = index->reg;
    jit_drop_top(j, 1);
    dst = jit_result(j, what >= JIT_LOAD_F32, index, NULL, false);
    jit_note_place(j, true);
    jit_m_load_indexed(jit_code(j), what, dst, reg,
                       (int32_t)j->insn.imm.memarg.offset);
    jit_push_result(j, loaded_kind(j->insn.op), dst, index, NULL);
}

/* Whether the value goes into the instruction. */
WRT_INLINE bool is_imm(const struct jit_value *v, enum jit_store what)
{
    return v->form == JIT_CONST && what <= JIT_STORE_64 &&
           (what != JIT_STORE_64 || (int64_t)v->bits == (int32_t)v->bits);
}

/* What is in src, or the constant. */
WRT_INLINE void put(struct jit *j, enum jit_store what, struct jit_mem mem,
                    jit_reg src, const struct jit_value *v)
{
    if (src == JIT_NO_REG)
        jit_m_store_const(jit_code(j), what, (int32_t)(uint32_t)v->bits, mem);
    else
        jit_m_store(jit_code(j), what, src, mem);
}

static void store_any(struct jit *j, enum jit_store what)
{
    static const uint8_t sizes[] = {
        [JIT_STORE_8] = 1,     [JIT_STORE_16] = 2,  [JIT_STORE_32] = 4,
        [JIT_STORE_64] = 8,    [JIT_STORE_F32] = 4, [JIT_STORE_F64] = 8,
        [JIT_STORE_V128] = 16,
    };
    struct jit_value v = jit_pop(j), index = jit_pop(j);
    jit_reg src = is_imm(&v, what) ? JIT_NO_REG : jit_use(j, &v);
    struct jit_place p = jit_find_access(j, index, sizes[what]);

    jit_begin_access(j, &p);
    put(j, what, p.mem, src, &v);
    jit_release_access(j, &p);
    jit_release(j, &p.index);
    jit_release(j, &v);
}

void jit_emit_store(struct jit *j, uint32_t arg)
{
    enum jit_store what = (enum jit_store)arg;
    struct jit_value *v = &j->stack[j->height - 1], *index = v - 1;
    bool is_const = is_imm(v, what);

    if (WRT_UNLIKELY(!is_simple(j) || (!is_const && !jit_ready(j, v)) ||
                     !jit_ready(j, index) ||
                     (!is_const && !jit_is_in_reg(j, v)))) {
        store_any(j, what);
        return;
    }
    jit_drop_top(j, 2);
    jit_note_place(j, true);
    if (is_const)
        jit_m_store_const(jit_code(j), what, (int32_t)(uint32_t)v->bits,
                          (struct jit_mem){jit_target.memory, index->reg,
                                           (int32_t)j->insn.imm.memarg.offset});
    else
        jit_m_store_indexed(jit_code(j), what, v->reg, index->reg,
                            (int32_t)j->insn.imm.memarg.offset);
    jit_release(j, index);
    jit_release(j, v);
}
