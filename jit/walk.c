/*
 * The walk over a function's body: who emits which instruction.
 *
 * Most code is made of few instructions with short immediates.  Those are read
 * and emitted right here, by one switch over their first byte, whose jump is
 * the one that a processor has to guess.  The general way reads any
 * instruction and asks the table; it gives the same code.
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

/* How a frequent instruction is taken. */
enum way {
    WAY_ANY, /* the general way */
    WAY_PLAIN,
    WAY_LOCAL_GET,
    WAY_LOCAL_SET,
    WAY_I32,
    WAY_I64,
    WAY_LOAD,
    WAY_STORE,
    WAY_INDEX, /* a label or a global */
    WAY_CALL,
    WAY_BLOCK,
    WAY_END,
};

#define IS(name, other)     (WRT_OP_##name == WRT_OP_##other)
#define HAS_IMM(imm, other) (WRT_IMM_##imm == WRT_IMM_##other)
#define WAY(name, imm, sig)                                                    \
    (IS(name, LOCAL_GET)                           ? WAY_LOCAL_GET             \
     : HAS_IMM(imm, LOCAL)                         ? WAY_LOCAL_SET             \
     : HAS_IMM(imm, I32)                           ? WAY_I32                   \
     : HAS_IMM(imm, I64)                           ? WAY_I64                   \
     : WRT_IMM_IS_MEMARG(WRT_IMM_##imm)            ? MEMORY_WAY(sig)           \
     : HAS_IMM(imm, LABEL) || HAS_IMM(imm, GLOBAL) ? WAY_INDEX                 \
     : IS(name, CALL)                              ? WAY_CALL                  \
     : HAS_IMM(imm, BLOCK)                         ? WAY_BLOCK                 \
     : IS(name, END)                               ? WAY_END                   \
     : HAS_IMM(imm, NONE) && WRT_SIG_COLON(sig)    ? WAY_PLAIN                 \
                                                   : WAY_ANY)
#define MEMORY_WAY(sig) (WRT_SIG_NRESULTS(sig) ? WAY_LOAD : WAY_STORE)

/* Prefixed instructions go the general way; they have entries, unused, behind
 * the bytes. */
enum { BYTES = 256 };

static const uint8_t ways[BYTES + WRT_OP_COUNT] = {
#define OP(code, name, text, imm, sig, feat, effects)                          \
    [(code) < BYTES ? (code) : BYTES + WRT_OP_##name] =                        \
        (code) < BYTES ? (uint8_t)WAY(name, imm, sig) : (uint8_t)WAY_ANY,
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

static wasmrt_error *take_any(struct jit *j)
{
    const struct emitter *e;
    enum wrt_op op;

    wrt_insn_read(j->module, &j->r, &j->insn);
    if (j->is_dead && skip_dead(j))
        return NULL;
    op = j->insn.op;
    e = &emitters[op];
    if (!e->fn) {
        j->is_unsupported = true;
        return NULL;
    }
    if (WRT_UNLIKELY(j->lines != NULL))
        add_line(j);
    jit_count_fuel(j, op);
    e->fn(j, e->arg);
    jit_split_fuel(j, op);
    return NULL;
}

/* -- The walk -------------------------------------------------------------- */

/* Where plain code is, anything may go the short way. */
static bool is_plain(const struct jit *j)
{
    return !j->lines && !j->native->options.has_fuel;
}

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

/* Takes one instruction of code that is reached; false when it goes the
 * general way, and then nothing has happened. */
WRT_INLINE bool take_frequent(struct jit *j)
{
    const uint8_t *at = j->r.pos;
    enum wrt_op op = (enum wrt_op)wrt_op_by_byte[*at];
    const struct emitter *e = &emitters[op];

    j->insn.op = op;
    j->insn.pos = at;
    j->r.pos = at + 1;
    switch ((enum way)ways[*at]) {
    case WAY_ANY: break;
    case WAY_PLAIN: e->fn(j, e->arg); return true;
    case WAY_LOCAL_GET: jit_push_local(j, wrt_read_u32(&j->r)); return true;
    case WAY_LOCAL_SET:
        j->insn.imm.index = wrt_read_u32(&j->r);
        jit_emit_local_set(j, e->arg);
        return true;
    case WAY_I32:
        jit_push_const(j, WRT_KIND_I32, (uint32_t)wrt_read_s32(&j->r));
        return true;
    case WAY_I64:
        jit_push_const(j, WRT_KIND_I64, (uint64_t)wrt_read_s64(&j->r));
        return true;
    case WAY_LOAD:
        if (!read_access(j))
            break;
        jit_emit_load(j, e->arg);
        return true;
    case WAY_STORE:
        if (!read_access(j))
            break;
        jit_emit_store(j, e->arg);
        return true;
    case WAY_INDEX:
        j->insn.imm.index = wrt_read_u32(&j->r);
        e->fn(j, e->arg);
        return true;
    case WAY_CALL:
        j->insn.imm.index = wrt_read_u32(&j->r);
        jit_emit_call(j, 0);
        return true;
    case WAY_BLOCK:
        if (!read_empty_block(j))
            break;
        e->fn(j, e->arg);
        return true;
    case WAY_END: jit_emit_end(j, 0); return true;
    }
    j->r.pos = at;
    return false;
}

wasmrt_error *jit_walk(struct jit *j, const uint32_t *stop)
{
    enum { ASK_EVERY = 4096 };
    uint32_t count = 0;
    bool plain = is_plain(j);

    while (j->nblocks > 0 && !j->is_unsupported) {
        if (WRT_UNLIKELY(++count % ASK_EVERY == 0))
            WRT_TRY(wrt_error_if_stopped(stop));
        jit_asm_room(jit_code(j), 16 * JIT_INSN_BYTES);
        if (WRT_UNLIKELY(jit_code(j)->failed))
            return wrt_error_oom();
        j->into = JIT_NO_LOCAL;
        if (!plain || j->is_dead || !take_frequent(j))
            WRT_TRY(take_any(j));
    }
    return NULL;
}
