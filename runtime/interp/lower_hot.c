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
#include "runtime/interp/lower_state.h"
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

static const uint8_t ways[WRT_OP_COUNT] = {
#define IBIN(name, t, expr)          [WRT_OP_##name] = WAY_INT,
#define IDIV(name, t, trap, expr)    [WRT_OP_##name] = WAY_INT,
#define ICMP(name, t, expr, inverse) [WRT_OP_##name] = WAY_INT,
#define FBIN(name, t, expr)          [WRT_OP_##name] = WAY_FLOAT,
#define FCMP(name, t, expr)          [WRT_OP_##name] = WAY_FLOAT,
#define ILOAD(name, c)               [WRT_OP_##name] = WAY_LOAD,
#define FLOAD(name, t)               [WRT_OP_##name] = WAY_LOAD,
#define ISTORE(name, c)              [WRT_OP_##name] = WAY_STORE,
#define FSTORE(name, t)              [WRT_OP_##name] = WAY_STORE,
#include "runtime/store/iop_rows.h"
    [WRT_OP_I64_LOAD8_U] = WAY_LOAD,
    [WRT_OP_I64_LOAD16_U] = WAY_LOAD,
    [WRT_OP_I64_LOAD32_U] = WAY_LOAD,
    [WRT_OP_I64_STORE8] = WAY_STORE,
    [WRT_OP_I64_STORE16] = WAY_STORE,
    [WRT_OP_I64_STORE32] = WAY_STORE,
    [WRT_OP_LOCAL_GET] = WAY_LOCAL_GET,
    [WRT_OP_LOCAL_SET] = WAY_LOCAL_SET,
    [WRT_OP_LOCAL_TEE] = WAY_LOCAL_TEE,
    [WRT_OP_I32_CONST] = WAY_I32_CONST,
    [WRT_OP_I64_CONST] = WAY_I64_CONST,
    [WRT_OP_I32_EQZ] = WAY_EQZ,
    [WRT_OP_I64_EQZ] = WAY_EQZ,
    [WRT_OP_BLOCK] = WAY_BLOCK,
    [WRT_OP_LOOP] = WAY_BLOCK,
    [WRT_OP_IF] = WAY_BLOCK,
    [WRT_OP_END] = WAY_END,
    [WRT_OP_BR_IF] = WAY_BR_IF,
    [WRT_OP_CALL] = WAY_CALL,
    [WRT_OP_DROP] = WAY_DROP,
};

WRT_INLINE void set_local(struct lower *l, struct wrt_reader *r, bool keep)
{
    uint32_t local = wrt_read_u32(r);
    struct value v = wrt_lower_pop(l);

    wrt_lower_local_set(l, local, &v);
    if (keep)
        wrt_lower_local_get(l, local);
}

WRT_INLINE void lower_call(struct lower *l, struct wrt_reader *r)
{
    struct wrt_insn insn;

    insn.op = WRT_OP_CALL;
    insn.imm.index = wrt_read_u32(r);
    wrt_lower_call(l, &insn);
}

/* A block without parameters or results; false when it has any. */
WRT_INLINE bool open_block(struct lower *l, struct wrt_reader *r,
                           enum wrt_op op)
{
    enum { EMPTY = 0x40 };
    struct wrt_insn insn;

    if (*r->pos != EMPTY)
        return false;
    r->pos++;
    insn.op = op;
    insn.imm.block.form = WRT_BLOCK_EMPTY;
    wrt_lower_block(l, &insn);
    return true;
}

/* One instruction, whose opcode has been read.  False when it is not for this
 * file. */
WRT_INLINE bool lower_one(struct lower *l, struct wrt_reader *r, enum wrt_op op)
{
    const struct lower_row *row = &wrt_lower_rows[op];
    const struct wrt_op_info *info = &wrt_op_infos[op];
    struct wrt_memarg memarg;

    switch ((enum way)ways[op]) {
    case WAY_LOCAL_GET: wrt_lower_local_get(l, wrt_read_u32(r)); return true;
    case WAY_LOCAL_SET: set_local(l, r, false); return true;
    case WAY_LOCAL_TEE: set_local(l, r, true); return true;
    case WAY_I32_CONST:
        wrt_lower_const(l, WRT_KIND_I32, (uint64_t)(int64_t)wrt_read_s32(r));
        return true;
    case WAY_I64_CONST:
        wrt_lower_const(l, WRT_KIND_I64, (uint64_t)wrt_read_s64(r));
        return true;
    case WAY_INT:
        wrt_lower_ibin(l, row, info->result,
                       info->effects & WRT_EFFECT_COMMUTES);
        return true;
    case WAY_FLOAT: wrt_lower_fbin(l, row, info->result); return true;
    case WAY_LOAD:
        wrt_memarg_read(r, &memarg);
        wrt_lower_load(l, row, &memarg, info->result);
        return true;
    case WAY_STORE:
        wrt_memarg_read(r, &memarg);
        wrt_lower_store(l, row, &memarg);
        return true;
    case WAY_EQZ: wrt_lower_eqz(l, row); return true;
    case WAY_BLOCK: return open_block(l, r, op);
    case WAY_END: return l->nframes > 1 && wrt_lower_end(l);
    case WAY_BR_IF: wrt_lower_br_if(l, wrt_read_u32(r)); return true;
    case WAY_CALL: lower_call(l, r); return true;
    case WAY_DROP: wrt_lower_pop(l); return true;
    case WAY_OUT: break;
    }
    return false;
}

void wrt_lower_hot(struct lower *l, struct wrt_reader *r)
{
    /* Code that cannot be reached, or that counts, takes the general walk. */
    while (l->reachable && !l->has_fuel && r->pos < l->look_at) {
        const uint8_t *start = r->pos;

        l->wasm_offset = (uint32_t)wrt_module_offset(l->module, start);
        r->pos++;
        if (!lower_one(l, r, (enum wrt_op)wrt_op_by_byte[*start])) {
            r->pos = start;
            return;
        }
    }
}
