/*
 * Validation of what has no fixed signature and is not hot: tables, bulk
 * memory, br_table, and the general form of signatures.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/module/insn_read.h"
#include "runtime/module/validator.h"

/* -- Index spaces ---------------------------------------------------------- */

/* The type of addresses: i32, or i64 with 64-bit limits. */
static wrt_valtype address_type(const struct wrt_limits *limits)
{
    return limits->is_64 ? WRT_KIND_I64 : WRT_KIND_I32;
}

/* The smaller of two address types, which lengths between them have. */
static wrt_valtype length_type(wrt_valtype a, wrt_valtype b)
{
    return a == WRT_KIND_I64 && b == WRT_KIND_I64 ? WRT_KIND_I64 : WRT_KIND_I32;
}

static wasmrt_error *find_table(const struct wrt_validator *v, uint32_t idx,
                                const struct wrt_table_type **out)
{
    if (idx >= v->module->ntables)
        return wrt_validator_unknown(v, WASMRT_ERR_UNKNOWN_TABLE, idx);
    *out = &v->module->tables[idx].type;
    return NULL;
}

static wasmrt_error *find_memory(struct wrt_validator *v, uint32_t idx,
                                 wrt_valtype *address)
{
    *address = WRT_KIND_I32;
    if (idx >= v->module->nmemories)
        return wrt_validator_unknown(v, WASMRT_ERR_UNKNOWN_MEMORY, idx);
    *address = address_type(&v->module->memories[idx]);
    return NULL;
}

static wasmrt_error *find_elem(const struct wrt_validator *v, uint32_t idx,
                               const struct wrt_elem_segment **out)
{
    if (idx >= v->module->nelems)
        return wrt_validator_unknown(v, WASMRT_ERR_UNKNOWN_ELEM, idx);
    *out = &v->module->elems[idx];
    return NULL;
}

wasmrt_error *wrt_check_data_index(const struct wrt_validator *v, uint32_t idx)
{
    if (!v->module->has_data_count)
        return wrt_error_new(WASMRT_ERR_DATA_COUNT_REQUIRED,
                             wrt_validator_offset(v), NULL);
    if (idx >= v->module->data_count)
        return wrt_validator_unknown(v, WASMRT_ERR_UNKNOWN_DATA, idx);
    return NULL;
}

static void note_grow(struct wrt_validator *v)
{
    uint32_t loop = wrt_validator_frame(v)->loop;

    v->has_grow = true;
    if (loop != WRT_NO_LOOP)
        v->loops[loop].has_grow = true;
}

/* -- Signatures in general ------------------------------------------------- */

/* Checks a memory argument; *address is the type of addresses. */
static wasmrt_error *check_memarg(struct wrt_validator *v, uint32_t natural,
                                  bool is_atomic, wrt_valtype *address)
{
    const struct wrt_memarg *arg = &v->insn.imm.memarg;
    uint64_t at = wrt_validator_offset(v);

    if (arg->memory_idx != 0 && !(v->features & WRT_FEATURE_MULTI_MEMORY))
        return wrt_feature_error(WRT_FEATURE_IDX_MULTI_MEMORY, at);
    WRT_TRY(find_memory(v, arg->memory_idx, address));
    if (is_atomic && arg->align_log2 != natural)
        return wrt_error_new(WASMRT_ERR_ATOMIC_ALIGNMENT, at, NULL);
    if (arg->align_log2 > natural)
        return wrt_error_new(WASMRT_ERR_ALIGNMENT, at,
                             "2^%u, where the access has 2^%u bytes",
                             (unsigned)arg->align_log2, (unsigned)natural);
    if (*address == WRT_KIND_I32 && arg->offset > UINT32_MAX)
        return wrt_error_new(WASMRT_ERR_OFFSET_RANGE, at, NULL);
    return NULL;
}

static wasmrt_error *check_lane(const struct wrt_validator *v, uint32_t lane,
                                uint32_t count)
{
    if (lane < count)
        return NULL;
    return wrt_validator_unknown(v, WASMRT_ERR_INVALID_LANE, lane);
}

/* Checks the immediates of an instruction with a signature, and tells what `p`
 * in the signature stands for. */
static wasmrt_error *check_immediates(struct wrt_validator *v,
                                      wrt_valtype *address)
{
    const struct wrt_elem_segment *elem;
    uint32_t imm = wrt_op_infos[v->insn.op].imm;

    *address = WRT_KIND_I32;
    switch ((enum wrt_imm)imm) {
    case WRT_IMM_MEMORY: return find_memory(v, v->insn.imm.index, address);
    case WRT_IMM_DATA: return wrt_check_data_index(v, v->insn.imm.index);
    case WRT_IMM_ELEM: return find_elem(v, v->insn.imm.index, &elem);
    case WRT_IMM_MEMARG0:
    case WRT_IMM_MEMARG1:
    case WRT_IMM_MEMARG2:
    case WRT_IMM_MEMARG3:
    case WRT_IMM_MEMARG4:
        return check_memarg(v, imm - WRT_IMM_MEMARG0, false, address);
    case WRT_IMM_ATOMIC0:
    case WRT_IMM_ATOMIC1:
    case WRT_IMM_ATOMIC2:
    case WRT_IMM_ATOMIC3:
        return check_memarg(v, imm - WRT_IMM_ATOMIC0, true, address);
    case WRT_IMM_MEMARG0_LANE:
    case WRT_IMM_MEMARG1_LANE:
    case WRT_IMM_MEMARG2_LANE:
    case WRT_IMM_MEMARG3_LANE:
        imm -= WRT_IMM_MEMARG0_LANE;
        WRT_TRY(check_memarg(v, imm, false, address));
        return check_lane(v, v->insn.imm.memarg.lane, 16u >> imm);
    case WRT_IMM_LANE2:
    case WRT_IMM_LANE4:
    case WRT_IMM_LANE8:
    case WRT_IMM_LANE16:
        return check_lane(v, v->insn.imm.index, 2u << (imm - WRT_IMM_LANE2));
    case WRT_IMM_SHUFFLE:
        for (unsigned i = 0; i < 16; i++)
            WRT_TRY(check_lane(v, v->insn.imm.bytes[i], 32));
        return NULL;
    default: return NULL;
    }
}

static wrt_valtype type_of_letter(char letter, wrt_valtype address)
{
    switch (letter) {
    case 'i': return WRT_KIND_I32;
    case 'l': return WRT_KIND_I64;
    case 'f': return WRT_KIND_F32;
    case 'd': return WRT_KIND_F64;
    case 'v': return WRT_KIND_V128;
    default: return address;
    }
}

/* The general form of what apply_rule() does. */
static wasmrt_error *apply_signature(struct wrt_validator *v,
                                     const char *signature)
{
    const char *colon = strchr(signature, ':');
    wrt_valtype address;

    WRT_TRY(check_immediates(v, &address));
    for (const char *p = colon; p > signature; p--)
        WRT_TRY(wrt_pop(v, type_of_letter(p[-1], address)));
    for (const char *p = colon + 1; *p; p++)
        WRT_TRY(wrt_push(v, type_of_letter(*p, address)));
    return NULL;
}

/* -- Control --------------------------------------------------------------- */

/* Whether the top of the stack could be passed to a label; changes nothing. */
static wasmrt_error *check_label_types(const struct wrt_validator *v,
                                       const struct wrt_label *label)
{
    uint32_t have = v->height - v->base;
    uint32_t n = WRT_MIN(have, label->count);
    const wrt_valtype *top, *want;

    if (n < label->count && !v->frames[v->nframes - 1].is_unreachable)
        return wrt_validator_mismatch(v, label->types[label->count - n - 1],
                                      WRT_KIND_BOT);
    if (n == 0)
        return NULL;
    top = v->stack + v->height - n;
    want = label->types + (label->count - n);
    if (memcmp(top, want, n * sizeof(*top)) == 0)
        return NULL;
    for (uint32_t i = 0; i < n; i++) {
        if (!wrt_valtype_matches(v->types, top[i], want[i]))
            return wrt_validator_mismatch(v, want[i], top[i]);
    }
    return NULL;
}

/* Most pass nothing, which the innermost frame knows of so many. */
WRT_INLINE wasmrt_error *find_target(const struct wrt_validator *v,
                                     uint32_t depth, struct wrt_label *label)
{
    if (WRT_UNLIKELY(depth >= v->nplain))
        return wrt_find_label(v, depth, label);
    *label = (struct wrt_label){0};
    return NULL;
}

static wasmrt_error *validate_br_table(struct wrt_validator *v)
{
    struct wrt_reader r = v->r;
    struct wrt_label label, previous = {0};
    uint32_t count = v->insn.imm.count;

    if (count > WRT_LIMIT_BR_TABLE_TARGETS)
        return wrt_limit_error(WRT_LIMIT_IDX_BR_TABLE_TARGETS, count,
                               wrt_validator_offset(v));
    WRT_TRY(wrt_pop(v, WRT_KIND_I32));
    r.pos = v->insn.imm.targets;
    for (uint32_t i = 0; i <= count; i++) {
        WRT_TRY(find_target(v, wrt_read_u32(&r), &label));
        if (i != 0 && label.count != previous.count)
            return wrt_error_new(
                WASMRT_ERR_TYPE_MISMATCH, wrt_validator_offset(v),
                "targets of br_table take %u and %u values",
                (unsigned)previous.count, (unsigned)label.count);
        if (label.count != 0 && label.types != previous.types)
            WRT_TRY(check_label_types(v, &label));
        previous = label;
    }
    WRT_TRY(wrt_pop_all(v, label.types, label.count));
    wrt_set_unreachable(v);
    return NULL;
}

wasmrt_error *wrt_check_indirect(struct wrt_validator *v,
                                 const struct wrt_type **type)
{
    const struct wrt_table_type *table;

    WRT_TRY(find_table(v, v->insn.imm.index2, &table));
    if (!wrt_valtype_matches(v->types, table->elem, WRT_FUNCREF))
        return wrt_validator_mismatch(v, WRT_FUNCREF, table->elem);
    WRT_TRY(wrt_find_func_type(v, v->insn.imm.index, type));
    return wrt_pop(v, address_type(&table->limits));
}

static wasmrt_error *validate_call_indirect(struct wrt_validator *v)
{
    const struct wrt_type *type;

    WRT_TRY(wrt_check_indirect(v, &type));
    return wrt_apply_call(v, type);
}

static wasmrt_error *validate_select_t(struct wrt_validator *v)
{
    wrt_valtype t = v->insn.imm.type;

    WRT_TRY(wrt_check_valtype(v, t));
    WRT_TRY(wrt_pop(v, WRT_KIND_I32));
    WRT_TRY(wrt_pop(v, t));
    WRT_TRY(wrt_pop(v, t));
    return wrt_push(v, t);
}

/* -- Tables ---------------------------------------------------------------- */

static wasmrt_error *validate_table_get(struct wrt_validator *v)
{
    const struct wrt_table_type *table;

    WRT_TRY(find_table(v, v->insn.imm.index, &table));
    WRT_TRY(wrt_pop(v, address_type(&table->limits)));
    return wrt_push(v, table->elem);
}

static wasmrt_error *validate_table_set(struct wrt_validator *v)
{
    const struct wrt_table_type *table;

    WRT_TRY(find_table(v, v->insn.imm.index, &table));
    WRT_TRY(wrt_pop(v, table->elem));
    return wrt_pop(v, address_type(&table->limits));
}

static wasmrt_error *validate_table_size(struct wrt_validator *v)
{
    const struct wrt_table_type *table;

    WRT_TRY(find_table(v, v->insn.imm.index, &table));
    return wrt_push(v, address_type(&table->limits));
}

static wasmrt_error *validate_table_grow(struct wrt_validator *v)
{
    const struct wrt_table_type *table;

    WRT_TRY(find_table(v, v->insn.imm.index, &table));
    note_grow(v);
    WRT_TRY(wrt_pop(v, address_type(&table->limits)));
    WRT_TRY(wrt_pop(v, table->elem));
    return wrt_push(v, address_type(&table->limits));
}

static wasmrt_error *validate_table_fill(struct wrt_validator *v)
{
    const struct wrt_table_type *table;
    wrt_valtype address;

    WRT_TRY(find_table(v, v->insn.imm.index, &table));
    address = address_type(&table->limits);
    WRT_TRY(wrt_pop(v, address));
    WRT_TRY(wrt_pop(v, table->elem));
    return wrt_pop(v, address);
}

static wasmrt_error *validate_table_copy(struct wrt_validator *v)
{
    const struct wrt_table_type *to, *from;
    wrt_valtype to_address, from_address;

    WRT_TRY(find_table(v, v->insn.imm.index, &to));
    WRT_TRY(find_table(v, v->insn.imm.index2, &from));
    if (!wrt_valtype_matches(v->types, from->elem, to->elem))
        return wrt_validator_mismatch(v, to->elem, from->elem);
    to_address = address_type(&to->limits);
    from_address = address_type(&from->limits);
    WRT_TRY(wrt_pop(v, length_type(to_address, from_address)));
    WRT_TRY(wrt_pop(v, from_address));
    return wrt_pop(v, to_address);
}

static wasmrt_error *validate_table_init(struct wrt_validator *v)
{
    const struct wrt_table_type *table;
    const struct wrt_elem_segment *elem;

    WRT_TRY(find_table(v, v->insn.imm.index2, &table));
    WRT_TRY(find_elem(v, v->insn.imm.index, &elem));
    if (!wrt_valtype_matches(v->types, elem->type, table->elem))
        return wrt_validator_mismatch(v, table->elem, elem->type);
    WRT_TRY(wrt_pop(v, WRT_KIND_I32));
    WRT_TRY(wrt_pop(v, WRT_KIND_I32));
    return wrt_pop(v, address_type(&table->limits));
}

/* -- Memories -------------------------------------------------------------- */

static wasmrt_error *validate_memory_init(struct wrt_validator *v)
{
    wrt_valtype address;

    WRT_TRY(find_memory(v, v->insn.imm.index2, &address));
    WRT_TRY(wrt_check_data_index(v, v->insn.imm.index));
    WRT_TRY(wrt_pop(v, WRT_KIND_I32));
    WRT_TRY(wrt_pop(v, WRT_KIND_I32));
    return wrt_pop(v, address);
}

static wasmrt_error *validate_memory_copy(struct wrt_validator *v)
{
    wrt_valtype to, from;

    WRT_TRY(find_memory(v, v->insn.imm.index, &to));
    WRT_TRY(find_memory(v, v->insn.imm.index2, &from));
    WRT_TRY(wrt_pop(v, length_type(to, from)));
    WRT_TRY(wrt_pop(v, from));
    return wrt_pop(v, to);
}

static wasmrt_error *validate_memory_fill(struct wrt_validator *v)
{
    wrt_valtype address;

    WRT_TRY(find_memory(v, v->insn.imm.index, &address));
    WRT_TRY(wrt_pop(v, address));
    WRT_TRY(wrt_pop(v, WRT_KIND_I32));
    return wrt_pop(v, address);
}

/* -- References ------------------------------------------------------------ */

static wasmrt_error *validate_ref_null(struct wrt_validator *v)
{
    WRT_TRY(wrt_check_valtype(v, v->insn.imm.type));
    return wrt_push(v, v->insn.imm.type);
}

static wasmrt_error *validate_ref_is_null(struct wrt_validator *v)
{
    wrt_valtype found;

    WRT_TRY(wrt_pop_ref(v, &found));
    return wrt_push(v, WRT_KIND_I32);
}

static wasmrt_error *validate_ref_func(struct wrt_validator *v)
{
    const struct wrt_module *m = v->module;
    uint32_t idx = v->insn.imm.index;

    if (idx >= m->nfuncs)
        return wrt_validator_unknown(v, WASMRT_ERR_UNKNOWN_FUNC, idx);
    if (v->is_const)
        m->funcs[idx].is_declared = m->funcs[idx].is_escaping = true;
    else if (!m->funcs[idx].is_declared)
        return wrt_validator_unknown(v, WASMRT_ERR_UNDECLARED_REF, idx);
    return wrt_push(v, WRT_REF_TO(m->funcs[idx].type_id, false));
}

wasmrt_error *wrt_validate_rare(struct wrt_validator *v)
{
    const char *signature = wrt_op_infos[v->insn.op].signature;

    if (signature[0]) {
        if (v->insn.op == WRT_OP_MEMORY_GROW)
            note_grow(v);
        return apply_signature(v, signature);
    }
    switch (v->insn.op) {
    case WRT_OP_BR_TABLE: return validate_br_table(v);
    case WRT_OP_CALL_INDIRECT: return validate_call_indirect(v);
    case WRT_OP_SELECT_T: return validate_select_t(v);
    case WRT_OP_TABLE_GET: return validate_table_get(v);
    case WRT_OP_TABLE_SET: return validate_table_set(v);
    case WRT_OP_TABLE_SIZE: return validate_table_size(v);
    case WRT_OP_TABLE_GROW: return validate_table_grow(v);
    case WRT_OP_TABLE_FILL: return validate_table_fill(v);
    case WRT_OP_TABLE_COPY: return validate_table_copy(v);
    case WRT_OP_TABLE_INIT: return validate_table_init(v);
    case WRT_OP_MEMORY_INIT: return validate_memory_init(v);
    case WRT_OP_MEMORY_COPY: return validate_memory_copy(v);
    case WRT_OP_MEMORY_FILL: return validate_memory_fill(v);
    case WRT_OP_REF_NULL: return validate_ref_null(v);
    case WRT_OP_REF_IS_NULL: return validate_ref_is_null(v);
    case WRT_OP_REF_FUNC: return validate_ref_func(v);
    default: return wrt_validate_ref(v);
    }
}
