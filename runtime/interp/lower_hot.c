/*
 * Lowering, first pass: the instructions that make up most code.
 *
 * The general walk reads an instruction by the form of its immediates, then
 * finds its family, then its function: three jumps that a processor cannot
 * guess.  Here one switch does all of it.  What is not in it ends the loop and
 * is taken up by the general walk.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/lower_emit.h"
#include "runtime/module/insn_read.h"

/* Who handles an instruction. */
enum way {
    WAY_OUT, /* the general walk */
    WAY_LOCAL_GET,
    WAY_LOCAL_SET,
    WAY_LOCAL_TEE,
    WAY_I32_CONST,
    WAY_I64_CONST,
    WAY_INT,   /* integer <- integer, integer */
    WAY_FLOAT, /* the same of floats, compares included */
    WAY_LOAD,
    WAY_STORE,
    WAY_EQZ,
    WAY_BLOCK,
    WAY_END,
    WAY_BR_IF,
    WAY_CALL,
    WAY_DROP,
};

/* The byte of an instruction. */
enum {
#define OP(code, name, text, imm, sig, feat, effects) BYTE_##name = (code),
#include "runtime/module/opcode.def"
#undef OP
};

/* By that byte: the less to look up, the sooner a jump is known. */
static const uint8_t ways[256] = {
#define IBIN(name, t, expr)          [BYTE_##name] = WAY_INT,
#define IDIV(name, t, trap, expr)    [BYTE_##name] = WAY_INT,
#define ICMP(name, t, expr, inverse) [BYTE_##name] = WAY_INT,
#define FBIN(name, t, expr)          [BYTE_##name] = WAY_FLOAT,
#define FCMP(name, t, expr)          [BYTE_##name] = WAY_FLOAT,
#define ILOAD(name, c)               [BYTE_##name] = WAY_LOAD,
#define FLOAD(name, t)               [BYTE_##name] = WAY_LOAD,
#define ISTORE(name, c)              [BYTE_##name] = WAY_STORE,
#define FSTORE(name, t)              [BYTE_##name] = WAY_STORE,
#include "runtime/store/iop_rows.h"
    [BYTE_I64_LOAD8_U] = WAY_LOAD,
    [BYTE_I64_LOAD16_U] = WAY_LOAD,
    [BYTE_I64_LOAD32_U] = WAY_LOAD,
    [BYTE_I64_STORE8] = WAY_STORE,
    [BYTE_I64_STORE16] = WAY_STORE,
    [BYTE_I64_STORE32] = WAY_STORE,
    [BYTE_LOCAL_GET] = WAY_LOCAL_GET,
    [BYTE_LOCAL_SET] = WAY_LOCAL_SET,
    [BYTE_LOCAL_TEE] = WAY_LOCAL_TEE,
    [BYTE_I32_CONST] = WAY_I32_CONST,
    [BYTE_I64_CONST] = WAY_I64_CONST,
    [BYTE_I32_EQZ] = WAY_EQZ,
    [BYTE_I64_EQZ] = WAY_EQZ,
    [BYTE_BLOCK] = WAY_BLOCK,
    [BYTE_LOOP] = WAY_BLOCK,
    [BYTE_IF] = WAY_BLOCK,
    [BYTE_END] = WAY_END,
    [BYTE_BR_IF] = WAY_BR_IF,
    [BYTE_CALL] = WAY_CALL,
    [BYTE_DROP] = WAY_DROP,
};

/* -- Immediates ------------------------------------------------------------ */

/* Validation has seen that numbers end, and that they fit. */
WRT_INLINE uint64_t read_unsigned(const uint8_t **at)
{
    uint64_t value = *(*at)++;

    if (WRT_LIKELY(value < 0x80))
        return value;
    value &= 0x7f;
    for (unsigned shift = 7;; shift += 7) {
        uint64_t byte = *(*at)++;

        value |= (byte & 0x7f) << shift;
        if (byte < 0x80)
            return value;
    }
}

WRT_INLINE uint64_t read_signed(const uint8_t **at)
{
    const uint8_t *start = *at;
    uint64_t value = read_unsigned(at);
    unsigned nbits = 7 * (unsigned)(*at - start);

    if (nbits >= 64)
        return value;
    return (uint64_t)((int64_t)(value << (64 - nbits)) >> (64 - nbits));
}

WRT_INLINE uint32_t read_index(const uint8_t **at)
{
    return (uint32_t)read_unsigned(at);
}

WRT_INLINE struct wrt_memarg read_memarg(const uint8_t **at)
{
    uint32_t flags = read_index(at);
    struct wrt_memarg memarg = {0};

    if (WRT_UNLIKELY(flags & WRT_MEMARG_HAS_MEMORY))
        memarg.memory_idx = read_index(at);
    memarg.align_log2 = flags & (WRT_MEMARG_HAS_MEMORY - 1);
    memarg.offset = read_unsigned(at);
    return memarg;
}

/* -- Instructions ---------------------------------------------------------- */

WRT_INLINE void set_local(struct lower *l, uint32_t local, bool keep)
{
    struct value v = wrt_lower_pop(l);

    wrt_lower_local_set(l, local, &v);
    if (keep)
        wrt_lower_local_get(l, local);
}

WRT_INLINE void lower_call(struct lower *l, uint32_t func_idx)
{
    struct wrt_insn insn;

    insn.op = WRT_OP_CALL;
    insn.imm.index = func_idx;
    wrt_lower_call(l, &insn);
}

/* A block without parameters or results; false when it has any. */
WRT_INLINE bool open_block(struct lower *l, const uint8_t **at, enum wrt_op op)
{
    enum { EMPTY = 0x40 };
    struct wrt_insn insn;

    if (**at != EMPTY)
        return false;
    ++*at;
    insn.op = op;
    insn.imm.block.form = WRT_BLOCK_EMPTY;
    wrt_lower_block(l, &insn);
    return true;
}

/* One instruction, whose opcode has been read.  False when it is not for this
 * file. */
WRT_INLINE bool lower_one(struct lower *l, enum way way, const uint8_t **at,
                          enum wrt_op op)
{
    const struct lower_row *row = &wrt_lower_rows[op];
    const struct wrt_op_info *info = &wrt_op_infos[op];
    struct wrt_memarg memarg;

    switch (way) {
    case WAY_LOCAL_GET: wrt_lower_local_get(l, read_index(at)); return true;
    case WAY_LOCAL_SET: set_local(l, read_index(at), false); return true;
    case WAY_LOCAL_TEE: set_local(l, read_index(at), true); return true;
    case WAY_I32_CONST:
        wrt_lower_const(l, WRT_KIND_I32, read_signed(at));
        return true;
    case WAY_I64_CONST:
        wrt_lower_const(l, WRT_KIND_I64, read_signed(at));
        return true;
    case WAY_INT:
        wrt_lower_ibin(l, row, info->result,
                       info->effects & WRT_EFFECT_COMMUTES);
        return true;
    case WAY_FLOAT: wrt_lower_fbin(l, row, info->result); return true;
    case WAY_LOAD:
        memarg = read_memarg(at);
        wrt_lower_load(l, row, &memarg, info->result);
        return true;
    case WAY_STORE:
        memarg = read_memarg(at);
        wrt_lower_store(l, row, &memarg);
        return true;
    case WAY_EQZ: wrt_lower_eqz(l, row); return true;
    case WAY_BLOCK: return open_block(l, at, op);
    case WAY_END: return l->nframes > 1 && wrt_lower_end(l);
    case WAY_BR_IF: wrt_lower_br_if(l, read_index(at)); return true;
    case WAY_CALL: lower_call(l, read_index(at)); return true;
    case WAY_DROP: wrt_lower_pop(l); return true;
    case WAY_OUT: break;
    }
    return false;
}

void wrt_lower_hot(struct lower *l, struct wrt_reader *r)
{
    const uint8_t *at = r->pos;

    /* Code that cannot be reached, or that counts, takes the general walk. */
    while (l->reachable && !l->has_fuel && at < l->look_at) {
        const uint8_t *start = at++;

        l->wasm_offset = (uint32_t)wrt_module_offset(l->module, start);
        if (!lower_one(l, (enum way)ways[*start], &at,
                       (enum wrt_op)wrt_op_by_byte[*start])) {
            at = start;
            break;
        }
    }
    r->pos = at;
}
