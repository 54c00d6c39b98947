/*
 * Decoding of immediates (spec 5.4).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/module/insn.h"

#include "runtime/module/insn_read.h"
#include "runtime/module/type_read.h"

enum {
    BLOCK_EMPTY = 0x40,
    CAST_FROM_NULL = 1,
    CAST_TO_NULL = 2,
    VECTOR_BYTES = 16,
};

/* Fails at `at`, an earlier place than where the reader stands. */
static void fail_at(struct wrt_reader *r, const uint8_t *at, wasmrt_code code)
{
    if (!r->failed) {
        r->pos = at;
        wrt_reader_fail(r, code);
    }
}

enum wrt_op wrt_insn_read_prefixed(struct wrt_reader *r, uint8_t prefix)
{
    const uint8_t *start = r->pos - 1;
    enum wrt_op op;

    if (r->failed)
        return WRT_OP_NONE;
    if (prefix < 0xfb || prefix == 0xff) {
        fail_at(r, start, WASMRT_ERR_BAD_OPCODE);
        return WRT_OP_NONE;
    }
    op = wrt_op_by_prefix(prefix, wrt_read_u32(r));
    if (op == WRT_OP_NONE)
        fail_at(r, start, WASMRT_ERR_BAD_OPCODE);
    return op;
}

/* A block type: 0x40, a value type, or a type index as s33. */
static void read_block_type(const struct wrt_module *module,
                            struct wrt_reader *r, struct wrt_block_type *block)
{
    const uint8_t *start = r->pos;
    int64_t idx;

    if (start == r->end) {
        wrt_reader_fail(r, WASMRT_ERR_UNEXPECTED_END);
        return;
    }
    if (*start == BLOCK_EMPTY) {
        r->pos++;
        block->form = WRT_BLOCK_EMPTY;
        return;
    }
    if ((*start & 0xc0) == 0x40) {
        block->form = WRT_BLOCK_VALUE;
        block->value = wrt_read_valtype(module, 0, r);
        return;
    }
    idx = wrt_read_s33(r);
    if (idx < 0)
        fail_at(r, start, WASMRT_ERR_BAD_BLOCK_TYPE);
    block->form = WRT_BLOCK_TYPE;
    block->type_idx = (uint32_t)idx;
}

/* Steps over the targets; each is a byte at least, so a count that cannot fit
 * fails before the loop runs for long. */
static void read_br_table(struct wrt_reader *r, struct wrt_insn *insn)
{
    uint32_t count = wrt_read_u32(r);

    if (!r->failed && count >= wrt_reader_left(r))
        wrt_reader_fail(r, WASMRT_ERR_UNEXPECTED_END);
    insn->imm.count = count;
    insn->imm.targets = r->pos;
    for (uint64_t i = 0; i <= count && !r->failed; i++)
        wrt_read_u32(r);
}

/* The specification permits a vector of types and validates its length as one;
 * nothing but a length of one is ever valid. */
static void read_select_t(const struct wrt_module *module, struct wrt_reader *r,
                          struct wrt_insn *insn)
{
    const uint8_t *start = r->pos;
    uint32_t count = wrt_read_u32(r);

    if (count != 1)
        fail_at(r, start, WASMRT_ERR_INVALID_RESULT_ARITY);
    insn->imm.type = wrt_read_valtype(module, 0, r);
}

static void read_cast(const struct wrt_module *module, struct wrt_reader *r,
                      struct wrt_insn *insn)
{
    const uint8_t *start = r->pos;
    uint8_t flags = wrt_read_u8(r);

    if (flags > (CAST_FROM_NULL | CAST_TO_NULL))
        fail_at(r, start, WASMRT_ERR_BAD_CAST_FLAGS);
    insn->imm.cast.label = wrt_read_u32(r);
    insn->imm.cast.from =
        wrt_read_heap_type(module, 0, r, (flags & CAST_FROM_NULL) != 0);
    insn->imm.cast.to =
        wrt_read_heap_type(module, 0, r, (flags & CAST_TO_NULL) != 0);
}

void wrt_catch_read(struct wrt_reader *r, struct wrt_catch *clause)
{
    const uint8_t *start = r->pos;
    uint8_t kind = wrt_read_u8(r);

    if (kind > WRT_CATCH_ALL_REF)
        fail_at(r, start, WASMRT_ERR_BAD_CATCH);
    clause->kind = (enum wrt_catch_kind)kind;
    clause->tag = kind <= WRT_CATCH_REF ? wrt_read_u32(r) : 0;
    clause->label = wrt_read_u32(r);
}

static void read_try_table(const struct wrt_module *module,
                           struct wrt_reader *r, struct wrt_insn *insn)
{
    struct wrt_catch clause;
    uint32_t count;

    read_block_type(module, r, &insn->imm.try_table.block);
    count = wrt_read_u32(r);
    insn->imm.try_table.ncatches = count;
    insn->imm.try_table.catches = r->pos;
    for (uint32_t i = 0; i < count && !r->failed; i++)
        wrt_catch_read(r, &clause);
}

static void read_zero(struct wrt_reader *r)
{
    const uint8_t *start = r->pos;

    if (wrt_read_u8(r) != 0)
        fail_at(r, start, WASMRT_ERR_ZERO_BYTE);
}

/* table.init and memory.init name the segment first; in this structure, too. */
static void read_two_indices(struct wrt_reader *r, struct wrt_insn *insn)
{
    insn->imm.index = wrt_read_u32(r);
    insn->imm.index2 = wrt_read_u32(r);
}

void wrt_insn_read_rare(const struct wrt_module *module, struct wrt_reader *r,
                        struct wrt_insn *insn)
{
    switch ((enum wrt_imm)wrt_op_infos[insn->op].imm) {
    case WRT_IMM_BLOCK: read_block_type(module, r, &insn->imm.block); break;
    case WRT_IMM_BR_TABLE: read_br_table(r, insn); break;
    case WRT_IMM_TYPE:
    case WRT_IMM_TABLE:
    case WRT_IMM_ELEM:
    case WRT_IMM_MEMORY:
    case WRT_IMM_DATA:
    case WRT_IMM_TAG:
        insn->imm.index = wrt_read_u32(r);
        insn->imm.index2 = 0; /* lowering stores both for some */
        break;
    case WRT_IMM_LANE2:
    case WRT_IMM_LANE4:
    case WRT_IMM_LANE8:
    case WRT_IMM_LANE16: insn->imm.index = wrt_read_u8(r); break;
    case WRT_IMM_CALL_INDIRECT:
    case WRT_IMM_TABLE_INIT:
    case WRT_IMM_TABLE_COPY:
    case WRT_IMM_MEMORY_INIT:
    case WRT_IMM_MEMORY_COPY:
    case WRT_IMM_TYPE_FIELD:
    case WRT_IMM_TYPE_COUNT:
    case WRT_IMM_TYPE_DATA:
    case WRT_IMM_TYPE_ELEM:
    case WRT_IMM_TYPE_TYPE: read_two_indices(r, insn); break;
    case WRT_IMM_SELECT_T: read_select_t(module, r, insn); break;
    case WRT_IMM_F32: insn->imm.bits = wrt_read_fixed32(r); break;
    case WRT_IMM_F64: insn->imm.bits = wrt_read_fixed64(r); break;
    case WRT_IMM_V128:
    case WRT_IMM_SHUFFLE:
        insn->imm.bytes = wrt_read_bytes(r, VECTOR_BYTES);
        break;
    case WRT_IMM_HEAP_TYPE:
        insn->imm.type = wrt_read_heap_type(module, 0, r, true);
        break;
    case WRT_IMM_REF_TYPE:
        insn->imm.type =
            wrt_read_heap_type(module, 0, r, wrt_op_infos[insn->op].code & 1);
        break;
    case WRT_IMM_CAST: read_cast(module, r, insn); break;
    case WRT_IMM_TRY_TABLE: read_try_table(module, r, insn); break;
    case WRT_IMM_MEMARG0_LANE:
    case WRT_IMM_MEMARG1_LANE:
    case WRT_IMM_MEMARG2_LANE:
    case WRT_IMM_MEMARG3_LANE:
        wrt_memarg_read(r, &insn->imm.memarg);
        insn->imm.memarg.lane = wrt_read_u8(r);
        break;
    case WRT_IMM_ATOMIC0:
    case WRT_IMM_ATOMIC1:
    case WRT_IMM_ATOMIC2:
    case WRT_IMM_ATOMIC3: wrt_memarg_read(r, &insn->imm.memarg); break;
    case WRT_IMM_FENCE: read_zero(r); break;
    default: /* read inline */ break;
    }
}

void wrt_insn_read(const struct wrt_module *module, struct wrt_reader *r,
                   struct wrt_insn *insn)
{
    wrt_insn_read_inline(module, r, insn);
}

struct wrt_block_sig wrt_block_sig(const struct wrt_module *module,
                                   const struct wrt_block_type *block)
{
    struct wrt_block_sig sig = {0};
    const struct wrt_type *type;

    if (block->form == WRT_BLOCK_VALUE) {
        sig.nresults = 1;
        sig.results = &block->value;
    } else if (block->form == WRT_BLOCK_TYPE) {
        type = wrt_module_type(module, block->type_idx);
        sig.nparams = type->nparams;
        sig.params = wrt_type_params(type);
        sig.nresults = type->nresults;
        sig.results = wrt_type_results(type);
    }
    return sig;
}

uint32_t wrt_locals_skip(const struct wrt_module *module, struct wrt_reader *r)
{
    uint32_t count = 0;

    for (uint32_t n = wrt_read_u32(r); n > 0; n--) {
        count += wrt_read_u32(r);
        wrt_read_valtype(module, 0, r);
    }
    return count;
}
