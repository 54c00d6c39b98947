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
                         uint32_t bytes, struct jit_place *p)
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
    jit_m_select(a, JIT_GT_U, true, at, limit);
    base = jit_target.memory;
    if (arg->memory_idx != 0) {
        base = p->taken = jit_take(j, false);
        load_memory_inst(j, base, arg->memory_idx);
        load_pointer(j, base, base, offsetof(struct wrt_memory_inst, base));
    }
    p->mem = (struct jit_mem){base, at, 0};
}

struct jit_place jit_find_access(struct jit *j, struct jit_value index,
                                 uint32_t bytes)
{
    const struct wrt_memarg *arg = &j->insn.imm.memarg;
    struct jit_place p = {.index = index, .taken = JIT_NO_REG};

    if (is_guarded(j, arg->memory_idx))
        find_guarded(j, arg, &p);
    else
        find_checked(j, arg, bytes, &p);
    return p;
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

/* -- Instructions ---------------------------------------------------------- */

void jit_emit_load(struct jit *j, uint32_t what)
{
    static const uint8_t sizes[] = {
        [JIT_LOAD_U8] = 1,    [JIT_LOAD_U16] = 2,    [JIT_LOAD_U32] = 4,
        [JIT_LOAD_U64] = 8,   [JIT_LOAD_S8_32] = 1,  [JIT_LOAD_S16_32] = 2,
        [JIT_LOAD_S8_64] = 1, [JIT_LOAD_S16_64] = 2, [JIT_LOAD_S32_64] = 4,
        [JIT_LOAD_F32] = 4,   [JIT_LOAD_F64] = 8,    [JIT_LOAD_V128] = 16,
    };
    enum wrt_kind kind = (enum wrt_kind)wrt_op_infos[j->insn.op].result;
    bool is_float = jit_is_float(kind);
    struct jit_place p = jit_find_access(j, jit_pop(j), sizes[what]);
    jit_reg dst = jit_result(j, is_float, &p.index, NULL, false);

    jit_begin_access(j, &p);
    jit_m_load(jit_code(j), (enum jit_load)what, dst, p.mem);
    jit_release_access(j, &p);
    jit_push_result(j, kind, dst, &p.index, NULL);
}

void jit_emit_store(struct jit *j, uint32_t what)
{
    static const uint8_t sizes[] = {
        [JIT_STORE_8] = 1,     [JIT_STORE_16] = 2,  [JIT_STORE_32] = 4,
        [JIT_STORE_64] = 8,    [JIT_STORE_F32] = 4, [JIT_STORE_F64] = 8,
        [JIT_STORE_V128] = 16,
    };
    struct jit_value v = jit_pop(j);
    struct jit_value index = jit_pop(j);
    struct jit_place p;
    bool is_imm = v.form == JIT_CONST && what <= JIT_STORE_64 &&
                  (what != JIT_STORE_64 || (int64_t)v.bits == (int32_t)v.bits);
    jit_reg src = is_imm ? JIT_NO_REG : jit_use(j, &v);

    p = jit_find_access(j, index, sizes[what]);
    jit_begin_access(j, &p);
    if (is_imm)
        jit_m_store_const(jit_code(j), (enum jit_store)what,
                          (int32_t)(uint32_t)v.bits, p.mem);
    else
        jit_m_store(jit_code(j), (enum jit_store)what, src, p.mem);
    jit_release_access(j, &p);
    jit_release(j, &p.index);
    jit_release(j, &v);
}
