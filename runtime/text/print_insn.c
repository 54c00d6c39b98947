/*
 * The printer: one instruction, its keyword and immediates.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/text/bytes.h"
#include "runtime/text/printer.h"

static void put_ref(struct wrt_printer *p, enum wrt_names_kind kind,
                    uint32_t idx)
{
    wrt_buf_u8(&p->text, ' ');
    wrt_put_ref(&p->text, &p->ids[kind], idx);
}

/* An index that is left out when it is zero. */
static void put_optional(struct wrt_printer *p, enum wrt_names_kind kind,
                         uint32_t idx)
{
    if (idx != 0)
        put_ref(p, kind, idx);
}

static void put_local(struct wrt_printer *p, uint32_t idx)
{
    wrt_buf_u8(&p->text, ' ');
    wrt_put_ref(&p->text, &p->locals, idx);
}

/* A label by the number of blocks between: by identifier, or by this number
 * and then the block's own number in a comment. */
static void put_label(struct wrt_printer *p, uint32_t depth)
{
    const struct wrt_print_frame *frame =
        &p->frames.items[p->frames.count - 1 - depth];
    struct wrt_print_block *block;
    uint32_t label;

    wrt_buf_u8(&p->text, ' ');
    if (frame->node == WRT_NO_NODE) {
        wrt_put_uint(&p->text, depth);
        return;
    }
    label = p->nodes.items[frame->node].label;
    block = &p->blocks.items[label];
    if (block->id.id.len) {
        wrt_put_id(&p->text, block->id.id.text, block->id.id.len);
        return;
    }
    block->is_target = true;
    wrt_put_uint(&p->text, depth);
    wrt_put_text(&p->text, " (;@");
    wrt_put_uint(&p->text, label);
    wrt_put_text(&p->text, ";)");
}

struct wrt_reader wrt_print_immediates(const struct wrt_printer *p,
                                       const struct wrt_insn *insn)
{
    struct wrt_reader r;

    wrt_reader_init(&r, p->m->bytes, p->m->len);
    r.pos = insn->pos + 1;
    if (wrt_op_infos[insn->op].code > 0xff)
        wrt_read_u32(&r);
    return r;
}

/* -- Types ----------------------------------------------------------------- */

static void put_block_type(struct wrt_printer *p, const struct wrt_insn *insn)
{
    const struct wrt_block_type *block = &insn->imm.block;
    struct wrt_reader r = wrt_print_immediates(p, insn);

    if (block->form == WRT_BLOCK_VALUE) {
        wrt_put_text(&p->text, " (result ");
        wrt_put_valtype(p, &p->text, &r);
        wrt_buf_u8(&p->text, ')');
    } else if (block->form == WRT_BLOCK_TYPE) {
        wrt_put_type_use(p, &p->text, block->type_idx);
        wrt_put_signature(p, &p->text, block->type_idx, NULL);
    }
}

/* " (ref null? ht)" with the heap type at the reader. */
static void put_reftype(struct wrt_printer *p, struct wrt_reader *r,
                        bool is_nullable)
{
    wrt_put_text(&p->text, is_nullable ? " (ref null " : " (ref ");
    wrt_put_heaptype(p, &p->text, r);
    wrt_buf_u8(&p->text, ')');
}

static void put_cast(struct wrt_printer *p, const struct wrt_insn *insn)
{
    struct wrt_reader r = wrt_print_immediates(p, insn);
    unsigned flags = wrt_read_u8(&r);

    put_label(p, wrt_read_u32(&r));
    put_reftype(p, &r, flags & CAST_FROM_NULL);
    put_reftype(p, &r, flags & CAST_TO_NULL);
}

/* The immediates that are types; false for the other kinds. */
static bool put_types(struct wrt_printer *p, const struct wrt_insn *insn)
{
    struct wrt_reader r = wrt_print_immediates(p, insn);

    switch ((enum wrt_imm)wrt_op_infos[insn->op].imm) {
    case WRT_IMM_BLOCK: put_block_type(p, insn); return true;
    case WRT_IMM_SELECT_T:
        wrt_read_u32(&r); /* one type */
        wrt_put_text(&p->text, " (result ");
        wrt_put_valtype(p, &p->text, &r);
        wrt_buf_u8(&p->text, ')');
        return true;
    case WRT_IMM_HEAP_TYPE:
        wrt_buf_u8(&p->text, ' ');
        wrt_put_heaptype(p, &p->text, &r);
        return true;
    case WRT_IMM_REF_TYPE:
        /* The nullable forms have odd numbers. */
        put_reftype(p, &r, wrt_op_infos[insn->op].code & 1);
        return true;
    case WRT_IMM_CAST: put_cast(p, insn); return true;
    default: return false;
    }
}

/* -- Indices --------------------------------------------------------------- */

static void put_field(struct wrt_printer *p, uint32_t type_idx, uint32_t idx)
{
    put_ref(p, WRT_NAMES_TYPE, type_idx);
    wrt_buf_u8(&p->text, ' ');
    if (p->fields)
        wrt_put_ref(&p->text, &p->fields[type_idx], idx);
    else
        wrt_put_uint(&p->text, idx);
}

/* Both indices, unless both are zero. */
static void put_copy(struct wrt_printer *p, enum wrt_names_kind kind,
                     uint32_t to, uint32_t from)
{
    if (to == 0 && from == 0)
        return;
    put_ref(p, kind, to);
    put_ref(p, kind, from);
}

/* One index; false for the other kinds. */
static bool put_index(struct wrt_printer *p, const struct wrt_insn *insn)
{
    uint32_t idx = insn->imm.index;

    switch ((enum wrt_imm)wrt_op_infos[insn->op].imm) {
    case WRT_IMM_NONE:
    case WRT_IMM_FENCE: return true;
    case WRT_IMM_LABEL: put_label(p, idx); return true;
    case WRT_IMM_FUNC: put_ref(p, WRT_NAMES_FUNC, idx); return true;
    case WRT_IMM_TYPE: put_ref(p, WRT_NAMES_TYPE, idx); return true;
    case WRT_IMM_LOCAL: put_local(p, idx); return true;
    case WRT_IMM_GLOBAL: put_ref(p, WRT_NAMES_GLOBAL, idx); return true;
    case WRT_IMM_TABLE: put_optional(p, WRT_NAMES_TABLE, idx); return true;
    case WRT_IMM_MEMORY: put_optional(p, WRT_NAMES_MEMORY, idx); return true;
    case WRT_IMM_ELEM: put_ref(p, WRT_NAMES_ELEM, idx); return true;
    case WRT_IMM_DATA: put_ref(p, WRT_NAMES_DATA, idx); return true;
    case WRT_IMM_TAG: put_ref(p, WRT_NAMES_TAG, idx); return true;
    case WRT_IMM_LANE2:
    case WRT_IMM_LANE4:
    case WRT_IMM_LANE8:
    case WRT_IMM_LANE16:
        wrt_buf_u8(&p->text, ' ');
        wrt_put_uint(&p->text, idx);
        return true;
    default: return false;
    }
}

/* Two indices; false for the other kinds. */
static bool put_indices(struct wrt_printer *p, const struct wrt_insn *insn)
{
    uint32_t a = insn->imm.index, b = insn->imm.index2;

    switch ((enum wrt_imm)wrt_op_infos[insn->op].imm) {
    case WRT_IMM_CALL_INDIRECT:
        put_optional(p, WRT_NAMES_TABLE, b);
        wrt_put_type_use(p, &p->text, a);
        return true;
    case WRT_IMM_TABLE_INIT:
        put_optional(p, WRT_NAMES_TABLE, b);
        put_ref(p, WRT_NAMES_ELEM, a);
        return true;
    case WRT_IMM_MEMORY_INIT:
        put_optional(p, WRT_NAMES_MEMORY, b);
        put_ref(p, WRT_NAMES_DATA, a);
        return true;
    case WRT_IMM_TABLE_COPY: put_copy(p, WRT_NAMES_TABLE, a, b); return true;
    case WRT_IMM_MEMORY_COPY: put_copy(p, WRT_NAMES_MEMORY, a, b); return true;
    case WRT_IMM_TYPE_FIELD: put_field(p, a, b); return true;
    case WRT_IMM_TYPE_COUNT:
        put_ref(p, WRT_NAMES_TYPE, a);
        wrt_buf_u8(&p->text, ' ');
        wrt_put_uint(&p->text, b);
        return true;
    case WRT_IMM_TYPE_DATA:
        put_ref(p, WRT_NAMES_TYPE, a);
        put_ref(p, WRT_NAMES_DATA, b);
        return true;
    case WRT_IMM_TYPE_ELEM:
        put_ref(p, WRT_NAMES_TYPE, a);
        put_ref(p, WRT_NAMES_ELEM, b);
        return true;
    case WRT_IMM_TYPE_TYPE:
        put_ref(p, WRT_NAMES_TYPE, a);
        put_ref(p, WRT_NAMES_TYPE, b);
        return true;
    default: return false;
    }
}

/* -- Other immediates ------------------------------------------------------ */

static void put_br_table(struct wrt_printer *p, const struct wrt_insn *insn)
{
    struct wrt_reader r = wrt_print_immediates(p, insn);

    wrt_read_u32(&r);
    for (uint64_t i = 0; i <= insn->imm.count; i++)
        put_label(p, wrt_read_u32(&r));
}

static void put_try_table(struct wrt_printer *p, const struct wrt_insn *insn)
{
    static const char *const keywords[] = {"catch", "catch_ref", "catch_all",
                                           "catch_all_ref"};
    struct wrt_reader r = wrt_print_immediates(p, insn);
    struct wrt_catch clause;

    put_block_type(p, insn);
    r.pos = insn->imm.try_table.catches;
    for (uint32_t i = 0; i < insn->imm.try_table.ncatches; i++) {
        wrt_catch_read(&r, &clause);
        wrt_put_text(&p->text, " (");
        wrt_put_text(&p->text, keywords[clause.kind]);
        if (clause.kind <= WRT_CATCH_REF)
            put_ref(p, WRT_NAMES_TAG, clause.tag);
        put_label(p, clause.label);
        wrt_buf_u8(&p->text, ')');
    }
}

static void put_memarg(struct wrt_printer *p, const struct wrt_memarg *arg,
                       uint32_t natural_log2)
{
    put_optional(p, WRT_NAMES_MEMORY, arg->memory_idx);
    if (arg->offset != 0) {
        wrt_put_text(&p->text, " offset=");
        wrt_put_uint(&p->text, arg->offset);
    }
    if (arg->align_log2 != natural_log2) {
        wrt_put_text(&p->text, " align=");
        wrt_put_uint(&p->text, (uint64_t)1 << arg->align_log2);
    }
}

/* Memory accesses of all kinds. */
static void put_access(struct wrt_printer *p, const struct wrt_insn *insn)
{
    uint32_t imm = wrt_op_infos[insn->op].imm;

    if (imm >= WRT_IMM_ATOMIC0) {
        put_memarg(p, &insn->imm.memarg, imm - WRT_IMM_ATOMIC0);
    } else if (imm >= WRT_IMM_MEMARG0_LANE) {
        put_memarg(p, &insn->imm.memarg, imm - WRT_IMM_MEMARG0_LANE);
        wrt_buf_u8(&p->text, ' ');
        wrt_put_uint(&p->text, insn->imm.memarg.lane);
    } else {
        put_memarg(p, &insn->imm.memarg, imm - WRT_IMM_MEMARG0);
    }
}

static void put_vector(struct wrt_printer *p, const uint8_t *bytes)
{
    wrt_put_text(&p->text, " i32x4");
    for (unsigned i = 0; i < 16; i += 4) {
        wrt_buf_u8(&p->text, ' ');
        wrt_put_hex(&p->text, wrt_load_u32(bytes + i), 8);
    }
}

static void put_lanes(struct wrt_printer *p, const uint8_t *bytes)
{
    for (unsigned i = 0; i < 16; i++) {
        wrt_buf_u8(&p->text, ' ');
        wrt_put_uint(&p->text, bytes[i]);
    }
}

static void put_others(struct wrt_printer *p, const struct wrt_insn *insn)
{
    switch ((enum wrt_imm)wrt_op_infos[insn->op].imm) {
    case WRT_IMM_I32:
    case WRT_IMM_I64:
        wrt_buf_u8(&p->text, ' ');
        wrt_put_int(&p->text, (int64_t)insn->imm.bits);
        break;
    case WRT_IMM_F32:
    case WRT_IMM_F64:
        wrt_buf_u8(&p->text, ' ');
        wrt_put_float(&p->text, insn->imm.bits,
                      insn->op == WRT_OP_F32_CONST ? 32 : 64);
        break;
    case WRT_IMM_BR_TABLE: put_br_table(p, insn); break;
    case WRT_IMM_TRY_TABLE: put_try_table(p, insn); break;
    case WRT_IMM_V128: put_vector(p, insn->imm.bytes); break;
    case WRT_IMM_SHUFFLE: put_lanes(p, insn->imm.bytes); break;
    default: put_access(p, insn);
    }
}

void wrt_print_insn(struct wrt_printer *p, const struct wrt_insn *insn)
{
    uint32_t imm = wrt_op_infos[insn->op].imm;

    if (imm != WRT_IMM_BLOCK && imm != WRT_IMM_TRY_TABLE)
        wrt_put_text(&p->text, wrt_op_infos[insn->op].text);
    if (!put_index(p, insn) && !put_indices(p, insn) && !put_types(p, insn))
        put_others(p, insn);
}
