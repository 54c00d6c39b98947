/*
 * Disassembly: one instruction per line, with its offset in the module,
 * indented by nesting, immediates in the text format, names in angle brackets.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/module/dump_out.h"
#include "runtime/module/insn.h"
#include "runtime/module/type_read.h"

#include <math.h>

enum { MAX_INDENT = 40 };

/* -- Immediates ------------------------------------------------------------ */

/* A float so that reading it gives the same bits. */
static void dump_float(struct wrt_dump *d, double value, bool is_nan,
                       bool is_negative, uint64_t payload)
{
    if (is_nan)
        wrt_dump_text(d, " %snan:0x%llx", is_negative ? "-" : "",
                      (unsigned long long)payload);
    else if (isinf(value))
        wrt_dump_text(d, " %sinf", is_negative ? "-" : "");
    else
        wrt_dump_text(d, " %a (; %g ;)", value, value);
}

static void dump_f32(struct wrt_dump *d, uint32_t bits)
{
    float value;

    memcpy(&value, &bits, sizeof(value));
    dump_float(d, (double)value, isnan(value), bits >> 31 != 0,
               bits & 0x7fffff);
}

static void dump_f64(struct wrt_dump *d, uint64_t bits)
{
    double value;

    memcpy(&value, &bits, sizeof(value));
    dump_float(d, value, isnan(value), bits >> 63 != 0,
               bits & 0xfffffffffffffu);
}

static void dump_index(struct wrt_dump *d, enum wrt_names_kind kind,
                       uint32_t idx)
{
    wrt_dump_text(d, " %u", (unsigned)idx);
    wrt_dump_name(d, kind, 0, idx);
}

/* An index that is left out when it is zero. */
static void dump_optional(struct wrt_dump *d, enum wrt_names_kind kind,
                          uint32_t idx)
{
    if (idx != 0)
        dump_index(d, kind, idx);
}

static void dump_block_type(struct wrt_dump *d,
                            const struct wrt_block_type *block)
{
    if (block->form == WRT_BLOCK_VALUE) {
        wrt_dump_text(d, " (result ");
        wrt_dump_valtype(d, block->value);
        wrt_dump_text(d, ")");
    } else if (block->form == WRT_BLOCK_TYPE) {
        wrt_dump_text(d, " (type %u)", (unsigned)block->type_idx);
        wrt_dump_func_type(d, wrt_module_type(d->m, block->type_idx));
    }
}

static void dump_memarg(struct wrt_dump *d, const struct wrt_memarg *arg,
                        uint32_t natural)
{
    dump_optional(d, WRT_NAMES_MEMORY, arg->memory_idx);
    if (arg->offset != 0)
        wrt_dump_text(d, " offset=%llu", (unsigned long long)arg->offset);
    if (arg->align_log2 != natural)
        wrt_dump_text(d, " align=%llu",
                      (unsigned long long)1 << arg->align_log2);
}

/* A reader at bytes of the module that have been validated. */
static struct wrt_reader reader_at(const struct wrt_dump *d, const uint8_t *pos)
{
    struct wrt_reader r;

    wrt_reader_init(&r, d->m->bytes, d->m->len);
    r.pos = pos;
    return r;
}

static void dump_br_table(struct wrt_dump *d, const struct wrt_insn *insn)
{
    struct wrt_reader r = reader_at(d, insn->imm.targets);

    for (uint64_t i = 0; i <= insn->imm.count; i++)
        wrt_dump_text(d, " %u", (unsigned)wrt_read_u32(&r));
}

static void dump_try_table(struct wrt_dump *d, const struct wrt_insn *insn)
{
    static const char *const texts[] = {"catch", "catch_ref", "catch_all",
                                        "catch_all_ref"};
    struct wrt_reader r = reader_at(d, insn->imm.try_table.catches);
    struct wrt_catch clause;

    dump_block_type(d, &insn->imm.try_table.block);
    for (uint32_t i = 0; i < insn->imm.try_table.ncatches; i++) {
        wrt_catch_read(&r, &clause);
        wrt_dump_text(d, " (%s", texts[clause.kind]);
        if (clause.kind <= WRT_CATCH_REF)
            dump_index(d, WRT_NAMES_TAG, clause.tag);
        wrt_dump_text(d, " %u)", (unsigned)clause.label);
    }
}

static void dump_vector(struct wrt_dump *d, const uint8_t *bytes, bool is_lanes)
{
    if (!is_lanes)
        wrt_dump_text(d, " i8x16");
    for (unsigned i = 0; i < 16; i++)
        wrt_dump_text(d, is_lanes ? " %u" : " 0x%02x", bytes[i]);
}

/* Indices and constants; false for the other kinds. */
static bool dump_simple(struct wrt_dump *d, const struct wrt_insn *insn,
                        uint32_t func_idx)
{
    uint32_t idx = insn->imm.index, idx2 = insn->imm.index2;

    switch ((enum wrt_imm)wrt_op_infos[insn->op].imm) {
    case WRT_IMM_NONE:
    case WRT_IMM_FENCE: return true;
    case WRT_IMM_LABEL:
    case WRT_IMM_LANE2:
    case WRT_IMM_LANE4:
    case WRT_IMM_LANE8:
    case WRT_IMM_LANE16: wrt_dump_text(d, " %u", (unsigned)idx); return true;
    case WRT_IMM_FUNC: dump_index(d, WRT_NAMES_FUNC, idx); return true;
    case WRT_IMM_GLOBAL: dump_index(d, WRT_NAMES_GLOBAL, idx); return true;
    case WRT_IMM_TABLE: dump_index(d, WRT_NAMES_TABLE, idx); return true;
    case WRT_IMM_ELEM: dump_index(d, WRT_NAMES_ELEM, idx); return true;
    case WRT_IMM_DATA: dump_index(d, WRT_NAMES_DATA, idx); return true;
    case WRT_IMM_TYPE: dump_index(d, WRT_NAMES_TYPE, idx); return true;
    case WRT_IMM_TAG: dump_index(d, WRT_NAMES_TAG, idx); return true;
    case WRT_IMM_MEMORY: dump_optional(d, WRT_NAMES_MEMORY, idx); return true;
    case WRT_IMM_LOCAL:
        wrt_dump_text(d, " %u", (unsigned)idx);
        wrt_dump_name(d, WRT_NAMES_LOCAL, func_idx, idx);
        return true;
    case WRT_IMM_CALL_INDIRECT:
        dump_optional(d, WRT_NAMES_TABLE, idx2);
        wrt_dump_text(d, " (type %u)", (unsigned)idx);
        wrt_dump_func_type(d, wrt_module_type(d->m, idx));
        return true;
    case WRT_IMM_TABLE_INIT:
    case WRT_IMM_MEMORY_INIT:
    case WRT_IMM_TABLE_COPY:
    case WRT_IMM_MEMORY_COPY:
    case WRT_IMM_TYPE_FIELD:
    case WRT_IMM_TYPE_COUNT:
    case WRT_IMM_TYPE_DATA:
    case WRT_IMM_TYPE_ELEM:
    case WRT_IMM_TYPE_TYPE:
        wrt_dump_text(d, " %u %u", (unsigned)idx, (unsigned)idx2);
        return true;
    default: return false;
    }
}

/* What stands behind an instruction's name, much as in the text format. */
static void dump_immediates(struct wrt_dump *d, const struct wrt_insn *insn,
                            uint32_t func_idx)
{
    uint32_t imm = wrt_op_infos[insn->op].imm;

    if (dump_simple(d, insn, func_idx))
        return;
    switch ((enum wrt_imm)imm) {
    case WRT_IMM_BLOCK: dump_block_type(d, &insn->imm.block); break;
    case WRT_IMM_BR_TABLE: dump_br_table(d, insn); break;
    case WRT_IMM_TRY_TABLE: dump_try_table(d, insn); break;
    case WRT_IMM_I32:
    case WRT_IMM_I64:
        wrt_dump_text(d, " %lld", (long long)insn->imm.bits);
        break;
    case WRT_IMM_F32: dump_f32(d, (uint32_t)insn->imm.bits); break;
    case WRT_IMM_F64: dump_f64(d, insn->imm.bits); break;
    case WRT_IMM_V128: dump_vector(d, insn->imm.bytes, false); break;
    case WRT_IMM_SHUFFLE: dump_vector(d, insn->imm.bytes, true); break;
    case WRT_IMM_SELECT_T:
        wrt_dump_text(d, " (result ");
        wrt_dump_valtype(d, insn->imm.type);
        wrt_dump_text(d, ")");
        break;
    case WRT_IMM_HEAP_TYPE:
        wrt_dump_text(d, " ");
        wrt_dump_heap_type(d, insn->imm.type);
        break;
    case WRT_IMM_REF_TYPE:
        wrt_dump_text(d, " ");
        wrt_dump_valtype(d, insn->imm.type);
        break;
    case WRT_IMM_CAST:
        wrt_dump_text(d, " %u ", (unsigned)insn->imm.cast.label);
        wrt_dump_valtype(d, insn->imm.cast.from);
        wrt_dump_text(d, " ");
        wrt_dump_valtype(d, insn->imm.cast.to);
        break;
    default: /* a memory access of some kind */
        if (imm >= WRT_IMM_ATOMIC0)
            dump_memarg(d, &insn->imm.memarg, imm - WRT_IMM_ATOMIC0);
        else if (imm >= WRT_IMM_MEMARG0_LANE)
            dump_memarg(d, &insn->imm.memarg, imm - WRT_IMM_MEMARG0_LANE);
        else
            dump_memarg(d, &insn->imm.memarg, imm - WRT_IMM_MEMARG0);
        if (imm >= WRT_IMM_MEMARG0_LANE && imm <= WRT_IMM_MEMARG3_LANE)
            wrt_dump_text(d, " %u", insn->imm.memarg.lane);
    }
}

void wrt_dump_expr(struct wrt_dump *d, const struct wrt_const_expr *expr)
{
    struct wrt_reader r = reader_at(d, expr->code);
    const uint8_t *end = expr->code + expr->code_len;
    struct wrt_insn insn;

    while (r.pos != end) {
        wrt_insn_read(d->m, &r, &insn);
        wrt_dump_text(d, "(%s", wrt_op_infos[insn.op].text);
        dump_immediates(d, &insn, 0);
        wrt_dump_text(d, r.pos == end ? ")" : ") ");
    }
}

/* -- Functions ------------------------------------------------------------- */

/* Reads the declarations of locals and lists them, one per line and run. */
static void dump_locals(struct wrt_dump *d, struct wrt_reader *r,
                        uint32_t func_idx, uint32_t first)
{
    uint32_t ngroups = wrt_read_u32(r);

    for (uint32_t i = 0; i < ngroups; i++) {
        uint32_t count = wrt_read_u32(r);
        wrt_valtype type = wrt_read_valtype(d->m, 0, r);

        if (count == 1)
            wrt_dump_text(d, "    local %u", (unsigned)first);
        else if (count > 1)
            wrt_dump_text(d, "    local %u..%u", (unsigned)first,
                          (unsigned)(first + count - 1));
        else
            continue;
        wrt_dump_name(d, WRT_NAMES_LOCAL, func_idx, first);
        wrt_dump_text(d, ": ");
        wrt_dump_valtype(d, type);
        wrt_dump_text(d, "\n");
        first += count;
    }
}

/* How far an instruction moves the indentation: of itself, and of what comes
 * after it. */
static void nesting_of(enum wrt_op op, int *self, int *after)
{
    *self = *after = 0;
    switch (op) {
    case WRT_OP_BLOCK:
    case WRT_OP_LOOP:
    case WRT_OP_IF:
    case WRT_OP_TRY:
    case WRT_OP_TRY_TABLE: *after = 1; break;
    case WRT_OP_ELSE:
    case WRT_OP_CATCH:
    case WRT_OP_CATCH_ALL: *self = -1; break;
    case WRT_OP_END:
    case WRT_OP_DELEGATE: *self = *after = -1; break;
    default: break;
    }
}

static void dump_body(struct wrt_dump *d, uint32_t func_idx)
{
    const struct wrt_func *func = &d->m->funcs[func_idx];
    struct wrt_reader r = reader_at(d, func->body);
    const uint8_t *end = func->body + func->body_len;
    struct wrt_insn insn;
    int depth = 1, self, after;

    dump_locals(d, &r, func_idx, wrt_module_func_type(d->m, func_idx)->nparams);
    while (r.pos != end) {
        wrt_insn_read(d->m, &r, &insn);
        nesting_of(insn.op, &self, &after);
        /* Deep nesting goes on without further indentation. */
        wrt_dump_text(d, "  0x%06llx  %*s%s",
                      (unsigned long long)wrt_module_offset(d->m, insn.pos),
                      2 * WRT_MIN(depth + self, (int)MAX_INDENT), "",
                      wrt_op_infos[insn.op].text);
        dump_immediates(d, &insn, func_idx);
        wrt_dump_text(d, "\n");
        depth += after;
    }
}

void wrt_dump_func(struct wrt_dump *d, uint32_t func_idx)
{
    const struct wrt_func *func = &d->m->funcs[func_idx];

    wrt_dump_text(d, "func %u", (unsigned)func_idx);
    wrt_dump_name(d, WRT_NAMES_FUNC, 0, func_idx);
    wrt_dump_func_type(d, wrt_module_func_type(d->m, func_idx));
    if (wrt_module_func_is_import(d->m, func_idx)) {
        wrt_dump_text(d, ": imported\n\n");
        return;
    }
    wrt_dump_text(d, " at 0x%06llx, %u bytes\n",
                  (unsigned long long)wrt_module_offset(d->m, func->body),
                  (unsigned)func->body_len);
    dump_body(d, func_idx);
    wrt_dump_text(d, "\n");
}
