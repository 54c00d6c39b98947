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
#include "runtime/base/leb.h"
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
    WAY_UNARY, /* integer <- integer */
    WAY_FLOAT, /* float, or integer <- float, float */
    WAY_LOAD,
    WAY_STORE,
    WAY_EQZ,
    WAY_WRAP,
    WAY_BLOCK,
    WAY_END,
    WAY_BR,
    WAY_BR_IF,
    WAY_CALL,
    WAY_GLOBAL_GET,
    WAY_GLOBAL_SET,
    WAY_SELECT,
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
#define IUN(name, t, expr)           [BYTE_##name] = WAY_UNARY,
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
    [BYTE_I32_WRAP_I64] = WAY_WRAP,
    [BYTE_BLOCK] = WAY_BLOCK,
    [BYTE_LOOP] = WAY_BLOCK,
    [BYTE_IF] = WAY_BLOCK,
    [BYTE_END] = WAY_END,
    [BYTE_BR_IF] = WAY_BR_IF,
    [BYTE_BR] = WAY_BR,
    [BYTE_CALL] = WAY_CALL,
    [BYTE_GLOBAL_GET] = WAY_GLOBAL_GET,
    [BYTE_GLOBAL_SET] = WAY_GLOBAL_SET,
    [BYTE_SELECT] = WAY_SELECT,
    [BYTE_DROP] = WAY_DROP,
};

/* -- Immediates ------------------------------------------------------------ */

/* How far an instruction is read at most: its byte, an alignment of up to four
 * bytes, and eight that may be a LEB128. */
enum { HOT_BYTES = 13 };

/* Validation has seen that numbers end, and that they fit: of 32 bits in five
 * bytes. */
WRT_INLINE uint32_t read_index(const uint8_t **at)
{
    uint64_t word = **at;
    unsigned len = 1;

    if (WRT_UNLIKELY(word >= 0x80)) {
        word = wrt_load_u64(*at);
        len = wrt_leb_len(word);
        WRT_ASSERT(len != 0, "validation has seen its end");
        word = wrt_leb_bits(word, len);
    }
    *at += len;
    return (uint32_t)word;
}

/* Half of the constants have one byte, so nothing guesses. */
WRT_INLINE void lower_i32_const(struct lower *l, const uint8_t **at)
{
    uint64_t word = wrt_load_u64(*at);
    unsigned len = wrt_leb_len(word);

    WRT_ASSERT(len != 0, "validation has seen its end");
    *at += len;
    wrt_lower_const(l, WRT_KIND_I32, (uint64_t)wrt_leb_signed(word, len));
}

/* False when it is longer than eight bytes. */
WRT_INLINE bool lower_i64_const(struct lower *l, const uint8_t **at)
{
    uint64_t word = wrt_load_u64(*at);
    unsigned len = wrt_leb_len(word);

    if (WRT_UNLIKELY(len == 0))
        return false;
    *at += len;
    wrt_lower_const(l, WRT_KIND_I64, (uint64_t)wrt_leb_signed(word, len));
    return true;
}

/* The plain form: memory 0, an offset of at most eight bytes. */
WRT_INLINE bool read_memarg(const uint8_t **at, struct wrt_memarg *memarg)
{
    uint32_t flags = **at;
    uint64_t word = (*at)[1];
    unsigned len = 1;

    if (WRT_UNLIKELY(flags >= WRT_MEMARG_HAS_MEMORY))
        return false;
    if (word >= 0x80) {
        word = wrt_load_u64(*at + 1);
        len = wrt_leb_len(word);
        if (len == 0)
            return false;
        word = wrt_leb_bits(word, len);
    }
    *memarg = (struct wrt_memarg){.align_log2 = flags, .offset = word};
    *at += 1 + len;
    return true;
}

/* -- Instructions ---------------------------------------------------------- */

WRT_INLINE void set_local(struct lower *l, uint32_t local, bool keep)
{
    wrt_lower_local_set(l, local, wrt_lower_pop(l));
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

WRT_INLINE bool lower_load(struct lower *l, const uint8_t **at, enum wrt_op op)
{
    struct wrt_memarg memarg;

    if (!read_memarg(at, &memarg))
        return false;
    wrt_lower_load(l, &wrt_lower_rows[op], &memarg, wrt_op_infos[op].result);
    return true;
}

WRT_INLINE bool lower_store(struct lower *l, const uint8_t **at, enum wrt_op op)
{
    struct wrt_memarg memarg;

    if (!read_memarg(at, &memarg))
        return false;
    wrt_lower_store(l, &wrt_lower_rows[op], &memarg);
    return true;
}

/* One instruction, whose opcode has been read.  False when it is not for this
 * file. */
WRT_INLINE bool lower_one(struct lower *l, const uint8_t byte,
                          const uint8_t **at)
{
    const enum wrt_op op = (enum wrt_op)wrt_op_by_byte[byte];

    switch ((enum way)ways[byte]) {
    case WAY_LOCAL_GET: wrt_lower_local_get(l, read_index(at)); return true;
    case WAY_LOCAL_SET: set_local(l, read_index(at), false); return true;
    case WAY_LOCAL_TEE: set_local(l, read_index(at), true); return true;
    case WAY_I32_CONST: lower_i32_const(l, at); return true;
    case WAY_I64_CONST: return lower_i64_const(l, at);
    case WAY_INT:
        wrt_lower_ibin(l, &wrt_lower_rows[op], wrt_op_infos[op].result,
                       wrt_op_infos[op].effects & WRT_EFFECT_COMMUTES);
        return true;
    case WAY_UNARY:
        wrt_lower_iun(l, &wrt_lower_rows[op], wrt_op_infos[op].result);
        return true;
    case WAY_FLOAT:
        wrt_lower_fbin(l, &wrt_lower_rows[op], wrt_op_infos[op].result);
        return true;
    case WAY_LOAD: return lower_load(l, at, op);
    case WAY_STORE: return lower_store(l, at, op);
    case WAY_EQZ: wrt_lower_eqz(l, &wrt_lower_rows[op]); return true;
    case WAY_WRAP: wrt_lower_retype(l, WRT_KIND_I32); return true;
    case WAY_BLOCK: return open_block(l, at, op);
    case WAY_END: return l->nframes > 1 && wrt_lower_end(l);
    case WAY_BR: wrt_lower_br(l, read_index(at)); return true;
    case WAY_BR_IF: wrt_lower_br_if(l, read_index(at)); return true;
    case WAY_CALL: lower_call(l, read_index(at)); return true;
    case WAY_GLOBAL_GET: wrt_lower_global_get(l, read_index(at)); return true;
    case WAY_GLOBAL_SET: wrt_lower_global_set(l, read_index(at)); return true;
    case WAY_SELECT: wrt_lower_select(l); return true;
    case WAY_DROP: wrt_lower_pop(l); return true;
    case WAY_OUT: break;
    }
    return false;
}

void wrt_lower_hot(struct lower *l, struct wrt_reader *r)
{
    const struct wrt_module *m = l->module;
    const uint8_t *at = r->pos, *end = l->look_at;

    /* Code that counts takes the general walk, and so does the end of the
     * module, behind which nothing is to be read. */
    if (l->has_fuel || m->len < HOT_BYTES)
        return;
    end = WRT_MIN(end, m->bytes + m->len - HOT_BYTES);
    while (l->reachable && at < end) {
        l->at = at++;
        if (!lower_one(l, *l->at, &at)) {
            at = l->at;
            break;
        }
    }
    r->pos = at;
}
