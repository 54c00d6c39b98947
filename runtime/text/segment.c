/*
 * Tables and memories, and the segments that fill them (spec 6.6.5 to 6.6.12).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/text/bytes.h"
#include "runtime/text/parser.h"

enum segment_mode { MODE_ACTIVE, MODE_PASSIVE, MODE_DECLARED };

struct limits {
    unsigned flags;
    uint64_t min, max;
    unsigned page_log2;
};

/* A list of references, encoded in p->items. */
struct elem_list {
    bool is_exprs; /* expressions, not function indices */
    uint32_t count;
    uint8_t type[8]; /* encoded reference type */
    uint32_t type_len;
};

/* -- Limits ---------------------------------------------------------------- */

static void address_type(struct wrt_parser *p, struct limits *limits)
{
    if (wrt_text_eat(p, WRT_WORD_I64))
        limits->flags |= LIMITS_64;
    else
        wrt_text_eat(p, WRT_WORD_I32);
}

static void limit_numbers(struct wrt_parser *p, struct limits *limits)
{
    limits->min = wrt_text_nat(p, 64);
    if (wrt_text_kind(p) == WRT_TOKEN_NAT) {
        limits->flags |= LIMITS_HAS_MAX;
        limits->max = wrt_text_nat(p, 64);
    }
}

static void page_size(struct wrt_parser *p, struct limits *limits)
{
    const struct wrt_token *at;
    uint64_t bytes;

    if (!wrt_text_open(p, WRT_WORD_PAGESIZE))
        return;
    at = wrt_text_ahead(p, 0);
    bytes = wrt_text_nat(p, 64);
    if (bytes == 0 || (bytes & (bytes - 1)) != 0) {
        wrt_text_fail(p, WASMRT_ERR_TEXT_PAGE_SIZE, at,
                      "%llu is no power of two", (unsigned long long)bytes);
        return;
    }
    limits->flags |= LIMITS_PAGE_SIZE;
    limits->page_log2 = (unsigned)__builtin_ctzll(bytes);
    wrt_text_close(p);
}

static void put_limits(const struct limits *limits, struct wrt_buf *out)
{
    wrt_buf_u8(out, limits->flags);
    wrt_buf_uleb(out, limits->min);
    if (limits->flags & LIMITS_HAS_MAX)
        wrt_buf_uleb(out, limits->max);
    if (limits->flags & LIMITS_PAGE_SIZE)
        wrt_buf_uleb(out, limits->page_log2);
}

void wrt_text_tabletype(struct wrt_parser *p, struct wrt_buf *out)
{
    struct limits limits = {0};

    address_type(p, &limits);
    limit_numbers(p, &limits);
    if (wrt_text_eat(p, WRT_WORD_SHARED))
        limits.flags |= LIMITS_SHARED;
    wrt_text_reftype(p, out);
    put_limits(&limits, out);
}

void wrt_text_memtype(struct wrt_parser *p, struct wrt_buf *out)
{
    struct limits limits = {0};

    address_type(p, &limits);
    limit_numbers(p, &limits);
    if (wrt_text_eat(p, WRT_WORD_SHARED))
        limits.flags |= LIMITS_SHARED;
    page_size(p, &limits);
    put_limits(&limits, out);
}

/* The offset of a segment made in place: zero in the object's index type. */
static void put_zero_offset(const struct limits *limits, struct wrt_buf *out)
{
    bool is_64 = limits->flags & LIMITS_64;

    wrt_buf_opcode(
        out, wrt_op_infos[is_64 ? WRT_OP_I64_CONST : WRT_OP_I32_CONST].code);
    wrt_buf_u8(out, 0);
    wrt_buf_opcode(out, wrt_op_infos[WRT_OP_END].code);
}

/* -- Element segments ------------------------------------------------------ */

static bool is_funcref(const struct elem_list *list)
{
    return list->type_len == 1 && list->type[0] == BYTE_FUNCREF;
}

static void elem_type(struct wrt_parser *p, struct elem_list *list)
{
    p->scratch.count = 0;
    wrt_text_reftype(p, &p->scratch);
    if (p->error || p->scratch.failed)
        return;
    list->type_len = (uint32_t)p->scratch.count;
    memcpy(list->type, p->scratch.items, p->scratch.count);
}

/* Function indices; where the element type is not that of functions in
 * general, each becomes an expression. */
static void elem_funcs(struct wrt_parser *p, struct elem_list *list)
{
    list->is_exprs = !is_funcref(list);
    for (; wrt_text_at_index(p); list->count++) {
        if (list->is_exprs)
            wrt_buf_opcode(&p->items, wrt_op_infos[WRT_OP_REF_FUNC].code);
        wrt_buf_uleb(&p->items, wrt_text_index(p, WRT_SPACE_FUNC));
        if (list->is_exprs)
            wrt_buf_opcode(&p->items, wrt_op_infos[WRT_OP_END].code);
    }
}

/* "(item instr*)" or a folded instruction each. */
static void elem_exprs(struct wrt_parser *p, struct elem_list *list)
{
    list->is_exprs = true;
    for (; wrt_text_kind(p) == WRT_TOKEN_LPAR; list->count++) {
        if (wrt_text_open(p, WRT_WORD_ITEM)) {
            wrt_text_expr(p, &p->items, false);
            wrt_text_close(p);
        } else {
            wrt_text_expr(p, &p->items, true);
        }
    }
}

/* "func x*", "reftype expr*", or, where the grammar is that of old, "x*". */
static void elem_list(struct wrt_parser *p, struct elem_list *list,
                      bool allow_bare)
{
    *list = (struct elem_list){.type = {BYTE_FUNCREF}, .type_len = 1};
    p->items.count = 0;
    if (wrt_text_eat(p, WRT_WORD_FUNC) ||
        (allow_bare &&
         (wrt_text_at_index(p) || wrt_text_kind(p) == WRT_TOKEN_RPAR))) {
        elem_funcs(p, list);
    } else {
        elem_type(p, list);
        elem_exprs(p, list);
    }
}

/* By the short form of an element segment where that says it all. */
static void put_elem(struct wrt_parser *p, enum segment_mode mode,
                     uint32_t table, const struct elem_list *list)
{
    struct wrt_buf *out = wrt_text_section(p, WRT_SECTION_ELEM);
    bool is_short = mode == MODE_ACTIVE && table == 0 && is_funcref(list);
    unsigned flags = list->is_exprs ? ELEM_EXPRS : 0;

    if (mode != MODE_ACTIVE)
        flags |= ELEM_NOT_ACTIVE;
    if (mode == MODE_DECLARED || (mode == MODE_ACTIVE && !is_short))
        flags |= ELEM_EXPLICIT;
    wrt_buf_uleb(out, flags);
    if (mode == MODE_ACTIVE) {
        if (!is_short)
            wrt_buf_uleb(out, table);
        wrt_buf_bytes(out, p->offset.items, p->offset.count);
    }
    if (!is_short && list->is_exprs)
        wrt_buf_bytes(out, list->type, list->type_len);
    else if (!is_short)
        wrt_buf_u8(out, 0); /* element kind: functions */
    wrt_buf_uleb(out, list->count);
    wrt_buf_bytes(out, p->items.items, p->items.count);
}

/* "(offset instr*)" or one folded instruction, into p->offset. */
static void segment_offset(struct wrt_parser *p)
{
    p->offset.count = 0;
    if (wrt_text_open(p, WRT_WORD_OFFSET)) {
        wrt_text_expr(p, &p->offset, false);
        wrt_text_close(p);
    } else {
        wrt_text_expr(p, &p->offset, true);
    }
}

/* "(table x)" or "(memory x)": the object an active segment is for.  A bare
 * number before the offset is how the first version of the format had it. */
static bool segment_object(struct wrt_parser *p, enum wrt_word word,
                           enum wrt_space space, uint32_t *index_out)
{
    *index_out = 0;
    if (wrt_text_kind(p) == WRT_TOKEN_NAT &&
        wrt_text_ahead(p, 1)->kind == WRT_TOKEN_LPAR) {
        *index_out = wrt_text_index(p, space);
        return true;
    }
    if (!wrt_text_open(p, word))
        return false;
    *index_out = wrt_text_index(p, space);
    wrt_text_close(p);
    return true;
}

void wrt_text_elem(struct wrt_parser *p)
{
    struct elem_list list;
    enum segment_mode mode = MODE_PASSIVE;
    uint32_t table;
    bool has_table;

    wrt_text_bind_name(p, WRT_NAMES_ELEM, p->sections[WRT_SECTION_ELEM].count,
                       wrt_text_id(p));
    if (wrt_text_eat(p, WRT_WORD_DECLARE)) {
        elem_list(p, &list, false);
        put_elem(p, MODE_DECLARED, 0, &list);
        return;
    }
    has_table = segment_object(p, WRT_WORD_TABLE, WRT_SPACE_TABLE, &table);
    /* A reference type in parentheses is no offset. */
    if (has_table || (wrt_text_kind(p) == WRT_TOKEN_LPAR &&
                      wrt_text_group(p) != WRT_WORD_REF)) {
        mode = MODE_ACTIVE;
        segment_offset(p);
    }
    elem_list(p, &list, mode == MODE_ACTIVE);
    put_elem(p, mode, table, &list);
}

/* -- Tables ---------------------------------------------------------------- */

/* "reftype (elem ...)": a table as large as its segment. */
static void table_with_elems(struct wrt_parser *p, uint32_t index,
                             struct limits *limits)
{
    struct wrt_buf *out = wrt_text_section(p, WRT_SECTION_TABLE);
    struct elem_list list = {0};

    elem_type(p, &list);
    wrt_buf_bytes(out, list.type, list.type_len);
    if (!wrt_text_open(p, WRT_WORD_ELEM)) {
        wrt_text_unexpected(p, "(elem");
        return;
    }
    p->items.count = p->offset.count = 0;
    if (wrt_text_at_index(p) || wrt_text_kind(p) == WRT_TOKEN_RPAR)
        elem_funcs(p, &list);
    else
        elem_exprs(p, &list);
    wrt_text_close(p);
    limits->flags |= LIMITS_HAS_MAX;
    limits->min = limits->max = list.count;
    put_limits(limits, out);
    put_zero_offset(limits, &p->offset);
    put_elem(p, MODE_ACTIVE, index, &list);
}

void wrt_text_table(struct wrt_parser *p, uint32_t index)
{
    struct limits limits = {0};
    uint32_t begin = p->pos;

    address_type(p, &limits);
    if (wrt_text_kind(p) != WRT_TOKEN_NAT) {
        table_with_elems(p, index, &limits);
        return;
    }
    p->pos = p->error ? p->end : begin;
    p->items.count = 0;
    wrt_text_tabletype(p, &p->items);
    struct wrt_buf *out = wrt_text_section(p, WRT_SECTION_TABLE);
    bool has_init = wrt_text_kind(p) != WRT_TOKEN_RPAR;

    if (has_init)
        wrt_buf_fixed(out, TABLE_WITH_INIT, 2);
    wrt_buf_bytes(out, p->items.items, p->items.count);
    if (has_init)
        wrt_text_expr(p, out, false);
}

/* -- Memories and data segments -------------------------------------------- */

static void put_data(struct wrt_parser *p, enum segment_mode mode,
                     uint32_t memory)
{
    struct wrt_buf *out = wrt_text_section(p, WRT_SECTION_DATA);

    if (mode == MODE_PASSIVE)
        wrt_buf_uleb(out, DATA_PASSIVE);
    else
        wrt_buf_uleb(out, memory ? DATA_ACTIVE_EXPLICIT : DATA_ACTIVE);
    if (mode == MODE_ACTIVE) {
        if (memory)
            wrt_buf_uleb(out, memory);
        wrt_buf_bytes(out, p->offset.items, p->offset.count);
    }
    wrt_buf_sized(out, p->items.items, p->items.count);
}

/* Strings, joined in p->items. */
static void data_strings(struct wrt_parser *p)
{
    p->items.count = 0;
    while (wrt_text_kind(p) == WRT_TOKEN_STRING)
        wrt_text_string(p, &p->items);
}

void wrt_text_data(struct wrt_parser *p)
{
    enum segment_mode mode = MODE_PASSIVE;
    uint32_t memory;

    wrt_text_bind_name(p, WRT_NAMES_DATA, p->sections[WRT_SECTION_DATA].count,
                       wrt_text_id(p));
    if (segment_object(p, WRT_WORD_MEMORY, WRT_SPACE_MEMORY, &memory) ||
        wrt_text_kind(p) == WRT_TOKEN_LPAR) {
        mode = MODE_ACTIVE;
        segment_offset(p);
    }
    data_strings(p);
    put_data(p, mode, memory);
}

void wrt_text_memory(struct wrt_parser *p, uint32_t index)
{
    struct limits limits = {.page_log2 = 16};
    uint32_t begin = p->pos;

    address_type(p, &limits);
    page_size(p, &limits);
    if (!wrt_text_open(p, WRT_WORD_DATA)) {
        p->pos = p->error ? p->end : begin;
        wrt_text_memtype(p, wrt_text_section(p, WRT_SECTION_MEMORY));
        return;
    }
    data_strings(p);
    wrt_text_close(p);
    limits.flags |= LIMITS_HAS_MAX;
    limits.min = p->items.count >> limits.page_log2;
    if (p->items.count & (((size_t)1 << limits.page_log2) - 1))
        limits.min++;
    limits.max = limits.min;
    put_limits(&limits, wrt_text_section(p, WRT_SECTION_MEMORY));
    p->offset.count = 0;
    put_zero_offset(&limits, &p->offset);
    put_data(p, MODE_ACTIVE, index);
}
