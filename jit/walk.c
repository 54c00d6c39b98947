/*
 * The walk over a function's body: who emits which instruction.
 *
 * Most code is made of few instructions with short immediates.  Those are read
 * and emitted right here, by a jump over their first byte, the one that a
 * processor has to guess.  Each way of taking one ends in a jump of its own, so
 * that the guess knows what came before.  The general way reads any instruction
 * and asks the table; it gives the same code.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/emit.h"
#include "jit/vec.h"
#include "runtime/module/insn_read.h"
#include "runtime/module/opcode_sig.h"

/* -- Who emits ------------------------------------------------------------- */

/* Who emits an instruction; families without a row are run elsewhere. */
struct emitter {
    jit_emit_fn *fn;
    uint32_t arg;
};

static const struct emitter emitters[WRT_OP_COUNT] = {
#define EMIT(NAME, function, arg) [WRT_OP_##NAME] = {jit_emit_##function, arg},
#include "jit/emit.def"
#undef EMIT
#define ROW(name, function)   [WRT_OP_##name] = {jit_emit_##function, 0},
#define VBIN(name, v, expr)   ROW(name, vec_binary)
#define VUN(name, v, expr)    ROW(name, vec_unary)
#define VTERN(name, v, expr)  ROW(name, vec_ternary)
#define VSHIFT(name, v, expr) ROW(name, vec_shift)
#define VTEST(name, v, expr)  ROW(name, vec_test)
#define ATOMIC(name, t, expr) ROW(name, atomic)
#include "runtime/store/iop_rows.h"
#define SAME_VBIN(name)          ROW(name, vec_binary)
#define SAME_FUN(name)           ROW(name, vec_unary)
#define SAME_VTERN(name)         ROW(name, vec_ternary)
#define SAME_ATOMIC(name)        ROW(name, atomic)
#define SAME(name, shape, other) SAME_##shape(name)
#include "runtime/store/same.def"
#undef SAME
};

/* How a frequent instruction is taken, and where: those of a way have the same
 * immediate.  A C compiler gives each a jump of its own while there are no more
 * than sixteen. */
#define WAYS(WAY)                                                              \
    WAY(ANY, any) /* the general way */                                        \
    WAY(LOCAL_GET, local_get)                                                  \
    WAY(I32, i32)                                                              \
    WAY(I64, i64)                                                              \
    WAY(PLAIN, plain)                                                          \
    WAY(ALU, alu)                                                              \
    WAY(EQZ, eqz)                                                              \
    WAY(COMPARE, compare)                                                      \
    WAY(WIDEN, widen)                                                          \
    WAY(LOCAL_SET, local_set)                                                  \
    WAY(LOAD, load)                                                            \
    WAY(STORE, store)                                                          \
    WAY(INDEX, index) /* a label or a global */                                \
    WAY(CALL, call)                                                            \
    WAY(BLOCK, block)                                                          \
    WAY(END, end)

enum way {
#define WAY(NAME, label) WAY_##NAME,
    WAYS(WAY)
#undef WAY
};

#define IS(name, other)     (WRT_OP_##name == WRT_OP_##other)
#define HAS_IMM(imm, other) (WRT_IMM_##imm == WRT_IMM_##other)
#define IS_ALU(name)                                                           \
    (IS(name, I32_ADD) || IS(name, I32_SUB) || IS(name, I32_AND) ||            \
     IS(name, I64_ADD) || IS(name, I64_SUB) || IS(name, I64_AND))
#define IS_FROM_TO(name, first, last)                                          \
    (WRT_OP_##name >= WRT_OP_##first && WRT_OP_##name <= WRT_OP_##last)
#define IS_COMPARE(name)                                                       \
    (IS_FROM_TO(name, I32_EQ, I32_GE_U) || IS_FROM_TO(name, I64_EQ, I64_GE_U))
#define WAY_OF(name, imm, sig)                                                 \
    (IS(name, LOCAL_GET)                           ? WAY_LOCAL_GET             \
     : HAS_IMM(imm, LOCAL)                         ? WAY_LOCAL_SET             \
     : HAS_IMM(imm, I32)                           ? WAY_I32                   \
     : HAS_IMM(imm, I64)                           ? WAY_I64                   \
     : WRT_IMM_IS_MEMARG(WRT_IMM_##imm)            ? MEMORY_WAY(sig)           \
     : HAS_IMM(imm, LABEL) || HAS_IMM(imm, GLOBAL) ? WAY_INDEX                 \
     : IS(name, CALL)                              ? WAY_CALL                  \
     : HAS_IMM(imm, BLOCK)                         ? WAY_BLOCK                 \
     : IS(name, END)                               ? WAY_END                   \
     : IS_ALU(name)                                ? WAY_ALU                   \
     : IS_COMPARE(name)                            ? WAY_COMPARE               \
     : IS(name, I32_EQZ) || IS(name, I64_EQZ)      ? WAY_EQZ                   \
     : IS(name, I32_WRAP_I64)                      ? WAY_WIDEN                 \
     : IS(name, I64_EXTEND_I32_U)                  ? WAY_WIDEN                 \
     : HAS_IMM(imm, NONE) && WRT_SIG_COLON(sig)    ? WAY_PLAIN                 \
                                                   : WAY_ANY)
#define MEMORY_WAY(sig) (WRT_SIG_NRESULTS(sig) ? WAY_LOAD : WAY_STORE)

/* Prefixed instructions go the general way; they have entries, unused, behind
 * the bytes. */
enum { BYTES = 256 };

static const uint8_t ways[BYTES + WRT_OP_COUNT] = {
#define OP(code, name, text, imm, sig, feat, effects)                          \
    [(code) < BYTES ? (code) : BYTES + WRT_OP_##name] =                        \
        (code) < BYTES ? (uint8_t)WAY_OF(name, imm, sig) : (uint8_t)WAY_ANY,
#include "runtime/module/opcode.def"
#undef OP
};

/* -- The general way ------------------------------------------------------- */

/* Instructions that nobody reaches: only where that ends matters. */
static bool skip_dead(struct jit *j)
{
    switch (j->insn.op) {
    case WRT_OP_BLOCK:
    case WRT_OP_LOOP:
    case WRT_OP_IF:
    case WRT_OP_TRY:
    case WRT_OP_TRY_TABLE: j->dead_depth++; return true;
    case WRT_OP_CATCH:
    case WRT_OP_CATCH_ALL:
    case WRT_OP_ELSE: return j->dead_depth > 0;
    case WRT_OP_DELEGATE:
    case WRT_OP_END:
        if (j->dead_depth == 0)
            return false;
        j->dead_depth--;
        return true;
    default: return true;
    }
}

static void add_line(struct jit *j)
{
    struct jit_line line = {jit_pos(j), jit_offset(j), j->insn.op};

    if (!wrt_vec_push(j->module->alloc, &j->lines->all, line))
        jit_code(j)->failed = true;
}

static void take_any(struct jit *j)
{
    const struct emitter *e;
    enum wrt_op op;

    wrt_insn_read(j->module, &j->r, &j->insn);
    if (j->is_dead && skip_dead(j))
        return;
    op = j->insn.op;
    e = &emitters[op];
    if (!e->fn) {
        j->is_unsupported = true;
        return;
    }
    if (WRT_UNLIKELY(j->lines != NULL))
        add_line(j);
    jit_count_fuel(j, op);
    e->fn(j, e->arg);
    jit_split_fuel(j, op);
}

/* -- The walk -------------------------------------------------------------- */

/* Reads the flags and the offset of an access to the first memory; false when
 * that is not all. */
WRT_INLINE bool read_access(struct jit *j)
{
    struct wrt_memarg *arg = &j->insn.imm.memarg;

    if (WRT_UNLIKELY(*j->r.pos >= WRT_MEMARG_HAS_MEMORY))
        return false;
    j->r.pos++;
    arg->memory_idx = 0;
    arg->offset = wrt_read_u64(&j->r);
    return true;
}

/* A block without values. */
WRT_INLINE bool read_empty_block(struct jit *j)
{
    enum { EMPTY = 0x40 };

    if (*j->r.pos != EMPTY)
        return false;
    j->r.pos++;
    j->insn.imm.block.form = WRT_BLOCK_EMPTY;
    return true;
}

/* A local, a label, a function or a global. */
WRT_INLINE bool read_index(struct jit *j)
{
    j->insn.imm.index = wrt_read_u32(&j->r);
    return true;
}

/* An i32 of up to four bytes, without a guess about how many. */
WRT_INLINE int32_t read_s32(struct wrt_reader *r)
{
    uint32_t word, ends, bits;

    if (WRT_UNLIKELY(wrt_reader_left(r) < sizeof(word)))
        return wrt_read_s32(r);
    word = wrt_load_u32(r->pos);
    ends = ~word & 0x80808080u;
    if (WRT_UNLIKELY(ends == 0))
        return wrt_read_s32(r);
    bits = (uint32_t)__builtin_ctz(ends) + 1; /* 8 for each byte */
    word &= UINT32_MAX >> (32 - bits);
    word = (word & 0x7f) | (word >> 1 & 0x3f80) | (word >> 2 & 0x1fc000) |
           (word >> 3 & 0xfe00000);
    r->pos += bits / 8;
    bits = 32 - bits / 8 * 7;
    return (int32_t)(word << bits) >> bits;
}

WRT_INLINE const struct emitter *begin_insn(struct jit *j, const uint8_t *at)
{
    jit_asm_room(jit_code(j), 16 * JIT_INSN_BYTES);
    j->into = JIT_NO_LOCAL;
    j->insn.op = (enum wrt_op)wrt_op_by_byte[*at];
    j->insn.pos = at;
    return &emitters[j->insn.op];
}

#define NEXT()                                                                 \
    at = j->r.pos;                                                             \
    j->r.pos = at + 1;                                                         \
    goto *labels[ways[*at]]
#define TAKE(label, read, emit)                                                \
    label:                                                                     \
    e = begin_insn(j, at);                                                     \
    if (WRT_UNLIKELY(at >= pause || !(read)))                                  \
        goto any;                                                              \
    emit

/* Takes frequent instructions until control flow changes; false when one goes
 * the general way, or after a while, which has not been touched then. */
static bool take_frequent(struct jit *j)
{
    static const void *const labels[] = {
#define WAY(NAME, label) [WAY_##NAME] = &&label,
        WAYS(WAY)
#undef WAY
    };
    enum { AT_MOST_BYTES = 16 * 1024 };
    const uint8_t *at, *pause = j->r.end;
    const struct emitter *e;

    if (wrt_reader_left(&j->r) > AT_MOST_BYTES)
        pause = j->r.pos + AT_MOST_BYTES;
    NEXT();

any:
    j->r.pos = at;
    return false;

    /* Nothing is emitted for most. */
local_get:
    jit_push_local(j, wrt_read_u32(&j->r));
    NEXT();
i32:
    jit_push_const(j, WRT_KIND_I32, (uint32_t)read_s32(&j->r));
    NEXT();
i64:
    jit_push_const(j, WRT_KIND_I64, (uint64_t)wrt_read_s64(&j->r));
    NEXT();

    TAKE(plain, true, e->fn(j, e->arg));
    NEXT();
    TAKE(alu, true, jit_emit_alu(j, e->arg));
    NEXT();
    TAKE(eqz, true, jit_emit_eqz(j, e->arg));
    NEXT();
    TAKE(compare, true, jit_emit_compare(j, e->arg));
    NEXT();
    TAKE(widen, true, jit_emit_widen(j, e->arg));
    NEXT();
    TAKE(local_set, read_index(j), jit_emit_local_set(j, e->arg));
    NEXT();
    TAKE(load, read_access(j), jit_emit_load(j, e->arg));
    NEXT();
    TAKE(store, read_access(j), jit_emit_store(j, e->arg));
    NEXT();
    TAKE(call, read_index(j), jit_emit_call(j, 0));
    NEXT();
    TAKE(block, read_empty_block(j), e->fn(j, e->arg));
    NEXT();

    TAKE(index, read_index(j), e->fn(j, e->arg));
    if (j->is_dead)
        return true;
    NEXT();
    TAKE(end, true, jit_emit_end(j, 0));
    if (j->is_dead || j->nblocks == 0)
        return true;
    NEXT();
}

/* Code that is not reached, and what a listing or fuel wants to know of, goes
 * the general way. */
wasmrt_error *jit_walk(struct jit *j, const uint32_t *stop)
{
    enum { ASK_EVERY = 4096 };
    uint32_t count = 0;
    bool is_plain = !j->lines && !j->native->options.has_fuel;

    while (j->nblocks > 0 && !j->is_unsupported) {
        if (is_plain && !j->is_dead) {
            bool done = take_frequent(j);

            WRT_TRY(wrt_error_if_stopped(stop));
            if (done)
                continue;
        } else if (++count % ASK_EVERY == 0) {
            WRT_TRY(wrt_error_if_stopped(stop));
        }
        jit_asm_room(jit_code(j), 16 * JIT_INSN_BYTES);
        if (WRT_UNLIKELY(jit_code(j)->failed))
            return wrt_error_oom();
        j->into = JIT_NO_LOCAL;
        take_any(j);
    }
    return NULL;
}
