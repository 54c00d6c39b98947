/*
 * Lowering, second pass: from struct wrt_ir to cells.
 *
 * Each instruction gets its place, with the variant that its operand classes
 * name, now that it is known which local lives in a register (l0); branches are
 * filled in last, when every label has a place.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/link_state.h"

#include "runtime/base/access.h"
#include "runtime/store/memory.h"

/* Items of a list between two looks at the stop. */
enum { SLICE_ITEMS = 4096 };

/* -- Shapes ---------------------------------------------------------------- */

static void link_ibin(struct linker *k, const struct wrt_ir *ir)
{
    uint32_t ka = pinned(k, ir->ka, ir->a), kb = pinned(k, ir->kb, ir->b);
    uint32_t kd = pinned(k, ir->kd, ir->d);

    put_op(k, ir->iop + (uint32_t)WRT_IBIN_VARIANT(ka, kb, kd), ir->a,
           field(kb, ir->b, ir->imm), ir->d);
    if (kb == WRT_CLASS_X)
        put_imm(k, ir->imm);
}

static void link_iun(struct linker *k, const struct wrt_ir *ir)
{
    uint32_t ka = pinned(k, ir->ka, ir->a), kd = pinned(k, ir->kd, ir->d);

    put_op(k, ir->iop + (uint32_t)WRT_IUN_VARIANT(ka, kd), ir->a, 0, ir->d);
}

/* The branching twin of a compare follows it in the enumeration. */
static void link_icmp_br(struct linker *k, const struct wrt_ir *ir)
{
    uint32_t ka = pinned(k, ir->ka, ir->a), kb = pinned(k, ir->kb, ir->b);
    uint32_t origin = (uint32_t)k->count, back = is_back(k, ir->label);
    uint32_t iop = (uint32_t)ir->iop + WRT_IBIN_COUNT;

    put_op(k, iop + WRT_ICMP_BR_VARIANT(ka, kb, back), ir->a,
           field(kb, ir->b, ir->imm), 0);
    if (kb == WRT_CLASS_X)
        put_imm(k, ir->imm);
    put_target(k, origin, ir->label);
}

static void put_float_imm(struct linker *k, const struct wrt_ir *ir)
{
    if (ir->ka == WRT_CLASS_X || ir->kb == WRT_CLASS_X)
        put_imm(k, ir->imm);
}

static void link_fcmp_br(struct linker *k, const struct wrt_ir *ir)
{
    uint32_t origin = (uint32_t)k->count, back = is_back(k, ir->label);
    uint32_t iop = (uint32_t)ir->iop + WRT_FCMP_COUNT;

    put_op(k,
           iop +
               (uint32_t)WRT_FCMP_BR_VARIANT(ir->ka, ir->kb, ir->negate, back),
           ir->a, ir->b, 0);
    put_float_imm(k, ir);
    put_target(k, origin, ir->label);
}

/* Which variant of an operation it is follows from the classes of operands. */
static void link_float(struct linker *k, const struct wrt_ir *ir)
{
    uint32_t variant, kd = ir->kd;

    switch ((enum wrt_shape)ir->shape) {
    case WRT_SHAPE_FBIN:
        variant = (uint32_t)WRT_FBIN_VARIANT(ir->ka, ir->kb, kd);
        break;
    case WRT_SHAPE_FCMP:
        kd = pinned(k, kd, ir->d);
        variant = (uint32_t)WRT_FCMP_VARIANT(ir->ka, ir->kb, ir->negate, kd);
        break;
    case WRT_SHAPE_I2F:
        variant = WRT_I2F_VARIANT(pinned(k, ir->ka, ir->a), kd);
        break;
    case WRT_SHAPE_F2I:
        variant = WRT_F2I_VARIANT(ir->ka, pinned(k, kd, ir->d));
        break;
    default: variant = WRT_FUN_VARIANT((uint32_t)ir->ka, kd); break;
    }
    put_op(k, ir->iop + variant, ir->a, ir->b, ir->d);
    put_float_imm(k, ir);
    /* An integer local may hold a float's bits (reinterpretation). */
    if (kd != WRT_CLASS_L && ir->shape != WRT_SHAPE_F2I)
        reload_l0(k, ir->d);
}

static void link_fmul(struct linker *k, const struct wrt_ir *ir)
{
    put_op(k, ir->iop + (uint32_t)WRT_FMUL_VARIANT(ir->ka, ir->kb, ir->kd),
           ir->a, ir->b, ir->d);
    put_op(k, 0, (uint32_t)ir->imm, 0, 0);
    reload_l0(k, ir->d);
}

/* A move whose source and destination are plain slots. */
static bool is_slot_move(const struct linker *k, const struct wrt_ir *ir)
{
    return ir->shape == WRT_SHAPE_MOV && ir->ka == WRT_CLASS_S &&
           ir->a != k->l0 && ir->d != k->l0;
}

/* Two such moves in a row.  Returns whether it took both. */
static bool link_mov_mov(struct linker *k, const struct wrt_ir *ir,
                         const struct wrt_ir *end)
{
    if (!WRT_INTERP_TAIL || ir + 1 == end || !is_slot_move(k, ir) ||
        !is_slot_move(k, ir + 1))
        return false;
    put_op(k, WRT_IOP_MOV_MOV, ir[0].a, ir[1].a, ir[0].d);
    put_op(k, 0, ir[1].d, 0, 0);
    return true;
}

/* local += constant (an IBIN), then a branch on it.  Returns whether it took
 * both. */
static bool link_step(struct linker *k, const struct wrt_ir *ir,
                      const struct wrt_ir *end)
{
    const struct wrt_ir *br = ir + 1;
    uint32_t origin = (uint32_t)k->count, kb, is_l0 = ir->d == k->l0;

    if (!WRT_INTERP_TAIL || ir->iop != WRT_IOP_I32_ADD || br == end ||
        br->shape != WRT_SHAPE_ICMP_BR || ir->kb != WRT_CLASS_K ||
        ir->ka != WRT_CLASS_S || ir->kd != WRT_CLASS_S || ir->a != ir->d ||
        br->ka != WRT_CLASS_A || br->iop > WRT_IOP_I32_GE_U)
        return false;
    kb = pinned(k, br->kb, br->b);
    if (kb == WRT_CLASS_X || kb == WRT_CLASS_A || (is_l0 && kb == WRT_CLASS_L))
        return false;
    put_op(k,
           (uint32_t)br->iop + WRT_IBIN_COUNT + WRT_ICMP_BR_COUNT +
               WRT_STEP_VARIANT(is_l0, kb, is_back(k, br->label)),
           ir->a, (uint32_t)ir->imm & 0xffff, ir->d);
    put_target(k, origin, br->label);
    k->cells[k->count - 1].spare = field(kb, br->b, br->imm);
    return true;
}

static void link_mov(struct linker *k, const struct wrt_ir *ir)
{
    uint32_t ka = pinned(k, ir->ka, ir->a);
    uint32_t iop = ir->d == k->l0 ? WRT_IOP_MOV_TO_L : WRT_IOP_MOV;

    put_op(k, iop + ka, field(ka, ir->a, ir->imm), 0, ir->d);
    if (ka == WRT_CLASS_X)
        put_imm(k, ir->imm);
}

static void link_select(struct linker *k, const struct wrt_ir *ir)
{
    uint32_t condition = pinned(k, ir->kb, (uint32_t)ir->imm);

    put_op(k, ir->iop + condition, ir->a, ir->b, ir->d);
    if (condition == WRT_CLASS_S)
        put_op(k, 0, (uint32_t)ir->imm, 0, 0);
    reload_l0(k, ir->d);
}

/* 128-bit operands take a second cell. */
static void link_wide(struct linker *k, const struct wrt_ir *ir)
{
    put_op(k, ir->iop, ir->a, ir->b, ir->d);
    if (ir->iop == WRT_IOP_I64_ADD128 || ir->iop == WRT_IOP_I64_SUB128)
        put_op(k, 0, (uint32_t)ir->imm, (uint32_t)(ir->imm >> 32), 0);
}

static void link_global(struct linker *k, const struct wrt_ir *ir)
{
    uint32_t index = (uint32_t)ir->imm;

    if (ir->shape == WRT_SHAPE_GLOBAL_GET) {
        put_op(k, WRT_IOP_GLOBAL_GET + pinned(k, ir->kd, ir->d), index, 0,
               ir->d);
    } else if (ir->shape == WRT_SHAPE_GLOBAL_SET) {
        put_op(k, WRT_IOP_GLOBAL_SET + pinned(k, ir->ka, ir->a), ir->a, 0,
               index);
    } else {
        put_op(k, ir->iop, ir->a, 0, ir->d);
        put_imm(k, index);
        if (ir->writes_int)
            reload_l0(k, ir->d);
    }
}

static void link_return(struct linker *k, const struct wrt_ir *ir)
{
    uint32_t ka = ir->iop == WRT_IOP_RET_I ? pinned(k, ir->ka, ir->a) : ir->ka;

    put_op(k, ir->iop + ka, field(ka, ir->a, ir->imm), k->list->nparams, ir->d);
    if (ka == WRT_CLASS_X)
        put_imm(k, ir->imm);
}

static void put_return_info(struct linker *k, uint32_t arg_base)
{
    put(k, WRT_RETURN_INFO(arg_base, k->l0 == WRT_NO_L0 ? 0 : k->l0));
}

static bool is_tail_call(uint32_t iop)
{
    return iop >= WRT_IOP_RETURN_CALL && iop < WRT_IOP_RETURN_CALL_REF + 3;
}

/* The last cell says where the arguments are, and what else it takes to leave
 * the callee, or this frame. */
static void link_call(struct linker *k, const struct wrt_ir *ir)
{
    const bool has_operand = ir->shape != WRT_SHAPE_CALL;
    wrt_cell *cell = put_op(
        k, ir->iop + (has_operand ? pinned(k, ir->ka, ir->a) : 0), ir->a, 0, 0);

    cell->imm32 = (uint32_t)ir->imm;
    if (ir->shape == WRT_SHAPE_CALL_INDIRECT)
        put_imm(k, ir->b);
    if (is_tail_call(ir->iop))
        put_op(k, 0, ir->d, k->list->nparams, 0);
    else
        put_return_info(k, ir->d);
}

/* The index, then its targets two to a cell. */
static void link_br_table(struct linker *k, const struct wrt_ir *ir)
{
    uint32_t origin = (uint32_t)k->count;
    wrt_cell *cell =
        put_op(k, WRT_IOP_BR_TABLE + pinned(k, ir->ka, ir->a), ir->a, 0, 0);

    cell->imm32 = ir->b;
    for (uint32_t i = 0; i <= ir->b; i++) {
        if (i % 2 == 0)
            put_imm(k, 0);
        k->fixups[k->nfixups++] = (struct fixup){
            .cell = (uint32_t)k->count - 1,
            .origin = origin,
            .label = ir[1 + i].label,
            .high = i % 2 != 0,
        };
    }
}

/* What is not frequent. */
static void link_rare(struct linker *k, const struct wrt_ir *ir)
{
    if (wrt_link_mem(k, ir) || wrt_link_vec(k, ir) || wrt_link_ref(k, ir))
        return;
    switch ((enum wrt_shape)ir->shape) {
    case WRT_SHAPE_FMUL: link_fmul(k, ir); break;
    case WRT_SHAPE_BR_TABLE: link_br_table(k, ir); break;
    case WRT_SHAPE_MOV_FACC:
    case WRT_SHAPE_CLAMP_INDEX:
        put_op(k, ir->iop, ir->a, 0, ir->d);
        reload_l0(k, ir->d);
        break;
    case WRT_SHAPE_WIDE: link_wide(k, ir); break;
    case WRT_SHAPE_REF_FUNC:
        put_op(k, ir->iop, 0, 0, ir->d);
        put_imm(k, ir->imm);
        reload_l0(k, ir->d);
        break;
    case WRT_SHAPE_CHECK:
        put_op(k, ir->iop + pinned(k, ir->ka, ir->a), ir->a, 0, 0);
        break;
    case WRT_SHAPE_ARGS:
    case WRT_SHAPE_NEW:
        put_op(k, ir->iop, ir->a, ir->b, ir->d);
        put_imm(k, ir->imm);
        break;
    case WRT_SHAPE_ATOMIC:
        put_op(k, ir->iop, ir->a, ir->label, 0);
        put_imm(k, ir->imm);
        break;
    case WRT_SHAPE_PLAIN: put_op(k, ir->iop, 0, 0, 0); break;
    case WRT_SHAPE_THROW:
        put_op(k, ir->iop, ir->a, 0, 0)->imm32 = (uint32_t)ir->imm;
        break;
    case WRT_SHAPE_REGION: wrt_link_region(k, (uint32_t)ir->imm); break;
    case WRT_SHAPE_FUEL:
        put_op(k, ir->iop, 0, 0, 0)->imm32 = (uint32_t)ir->imm;
        break;
    default: break; /* no code of its own */
    }
}

/* Returns the instruction that follows: one jump chooses, since nobody can
 * guess the shape, and what joins two is asked where it may apply. */
WRT_INLINE const struct wrt_ir *
link_ir(struct linker *k, const struct wrt_ir *ir, const struct wrt_ir *end)
{
    switch ((enum wrt_shape)ir->shape) {
    case WRT_SHAPE_IBIN:
        if (link_step(k, ir, end))
            return ir + 2;
        link_ibin(k, ir);
        break;
    case WRT_SHAPE_ICMP: link_ibin(k, ir); break;
    case WRT_SHAPE_IUN: link_iun(k, ir); break;
    case WRT_SHAPE_ICMP_BR: link_icmp_br(k, ir); break;
    case WRT_SHAPE_FCMP_BR: link_fcmp_br(k, ir); break;
    case WRT_SHAPE_FBIN:
    case WRT_SHAPE_FUN:
    case WRT_SHAPE_FCMP:
    case WRT_SHAPE_I2F:
    case WRT_SHAPE_F2F:
    case WRT_SHAPE_F2I: link_float(k, ir); break;
    case WRT_SHAPE_ILOAD: wrt_link_iload(k, ir); break;
    case WRT_SHAPE_ISTORE: wrt_link_istore(k, ir); break;
    case WRT_SHAPE_BR:
        put_op(k, WRT_IOP_BR + is_back(k, ir->label), 0, 0, 0);
        put_target(k, (uint32_t)k->count - 1, ir->label);
        break;
    case WRT_SHAPE_LABEL: k->labels[ir->label] = (uint32_t)k->count; break;
    case WRT_SHAPE_MOV:
        if (link_mov_mov(k, ir, end))
            return ir + 2;
        link_mov(k, ir);
        break;
    case WRT_SHAPE_MOV2: put_op(k, ir->iop, ir->a, ir->b, ir->d); break;
    case WRT_SHAPE_SELECT: link_select(k, ir); break;
    case WRT_SHAPE_GLOBAL_GET:
    case WRT_SHAPE_GLOBAL_SET:
    case WRT_SHAPE_GLOBAL_ANY: link_global(k, ir); break;
    case WRT_SHAPE_RET: link_return(k, ir); break;
    case WRT_SHAPE_CALL:
    case WRT_SHAPE_CALL_INDIRECT:
    case WRT_SHAPE_CALL_REF: link_call(k, ir); break;
    default: link_rare(k, ir); break;
    }
    return ir + 1;
}

/* -- The whole function ---------------------------------------------------- */

static void link_prologue(struct linker *k)
{
    uint32_t count = k->list->zero_count;

    if (count == 0)
        return;
    put_op(k, count == 1 ? WRT_IOP_ZERO1 : WRT_IOP_ZERO, k->list->zero_first,
           count, k->l0 == WRT_NO_L0 ? 0 : k->l0);
}

static wasmrt_error *resolve(struct linker *k)
{
    for (size_t i = 0; i < k->nfixups; i++) {
        const struct fixup *f = &k->fixups[i];
        int32_t distance = (int32_t)(k->labels[f->label] - f->origin);

        WRT_ASSERT(k->labels[f->label] != UNPLACED, "lowering placed it");
        if (i % SLICE_ITEMS == 0)
            WRT_TRY(wrt_error_if_stopped(k->stop));
        if (f->high)
            k->cells[f->cell].spare = (uint32_t)distance;
        else
            k->cells[f->cell].target = distance;
    }
    return NULL;
}

/* The longest instruction has 3 cells, and may need a reload. */
enum { MAX_CELLS = 4 };

static bool prepare(struct linker *k, struct wrt_arena *scratch)
{
    size_t n = k->list->count;

    k->capacity = n * MAX_CELLS + MAX_CELLS;
    k->cells = wrt_arena_raw(scratch, k->capacity, sizeof(*k->cells));
    k->fixups = wrt_arena_raw(scratch, n, sizeof(*k->fixups));
    k->labels = wrt_arena_raw(scratch, k->list->nlabels, sizeof(*k->labels));
    k->places.arena = scratch;
    /* A try begins once and ends once. */
    k->regions =
        wrt_arena_raw(scratch, k->list->ntries * 2, sizeof(*k->regions));
    k->first_clauses =
        wrt_arena_raw(scratch, k->list->ntries, sizeof(*k->first_clauses));
    if (!wrt_places_reserve(&k->places, n) || scratch->failed)
        return false;
    memset(k->labels, 0xff, k->list->nlabels * sizeof(*k->labels));
    return true;
}

/* Every instruction of a slice, and of the next what is joined with its last,
 * with its place.  Returns where to go on, or NULL when memory is exhausted. */
static const struct wrt_ir *
link_slice(struct linker *k, const struct wrt_ir *ir, const struct wrt_ir *end)
{
    const struct wrt_ir *stop =
        ir + WRT_MIN((size_t)(end - ir), (size_t)SLICE_ITEMS);

    while (ir < stop) {
        if (WRT_UNLIKELY(!wrt_places_has_room(&k->places)) &&
            !wrt_places_reserve(&k->places, (size_t)(end - ir)))
            return NULL;
        wrt_places_add(&k->places, (uint32_t)k->count, ir->wasm_offset);
        ir = link_ir(k, ir, end);
    }
    return ir;
}

static wasmrt_error *link_all(struct linker *k)
{
    const struct wrt_ir *ir = k->list->items, *end = ir + k->list->count;

    link_prologue(k);
    while (ir < end) {
        WRT_TRY(wrt_error_if_stopped(k->stop));
        ir = link_slice(k, ir, end);
        if (!ir)
            return wrt_error_oom();
    }
    return NULL;
}

/* Copies what will live as long as the module. */
static wasmrt_error *finish(struct linker *k, const struct wrt_alloc *alloc,
                            uint32_t func_idx, struct wrt_icode **out)
{
    struct wrt_icode_sizes sizes = {
        .ncells = (uint32_t)k->count,
        .nregions = k->list->nclauses ? (uint32_t)k->nregions : 0,
        .nclauses = (uint32_t)k->list->nclauses,
        .places_len = k->places.len,
    };
    struct wrt_icode *code = wrt_icode_new(alloc, &sizes);
    wasmrt_error *error = NULL;

    if (!code)
        return wrt_error_oom();
    for (size_t i = 0; !error && i < k->count; i += SLICE_ITEMS) {
        size_t n = WRT_MIN(k->count - i, (size_t)SLICE_ITEMS);

        memcpy(code->cells + i, k->cells + i, n * sizeof(*k->cells));
        error = wrt_error_if_stopped(k->stop);
    }
    if (!error && code->has_catches)
        error = wrt_link_catches(k, wrt_icode_catches(code));
    if (error) {
        wrt_icode_delete(alloc, code);
        return error;
    }
    memcpy(wrt_icode_places(code), k->places.bytes, k->places.len);
    code->func_idx = func_idx;
    code->nparams = (uint16_t)k->list->nparams;
    code->frame_slots = (uint16_t)k->list->frame_slots;
    code->l0_slot = (uint16_t)(k->l0 == WRT_NO_L0 ? 0 : k->l0);
    *out = code;
    return NULL;
}

wasmrt_error *wrt_link_func(const struct wrt_module *module, uint32_t func_idx,
                            const struct wrt_code_options *options,
                            struct wrt_ir_list *list, struct wrt_arena *scratch,
                            const uint32_t *stop, struct wrt_icode **out)
{
    struct linker k = {
        .options = options,
        .list = list,
        .l0 = list->l0,
        .stop = stop,
        .guarded =
            module->nmemories > 0 &&
            wrt_memory_is_guarded(options->memory_mode, &module->memories[0]),
    };

    if (!prepare(&k, scratch))
        return wrt_error_oom();
    WRT_TRY(link_all(&k));
    WRT_TRY(resolve(&k));
    return finish(&k, module->alloc, func_idx, out);
}
