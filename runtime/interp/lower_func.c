/*
 * Lowering, first pass: set-up and the walk over the instructions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/lower_emit.h"

#include "runtime/store/memory.h"

/* Rows by opcode: every WebAssembly instruction whose name is in iop.def, then
 * those that share another's operation. */
const struct lower_row wrt_lower_rows[WRT_OP_COUNT] = {
#define ROW(name, shape)             [WRT_OP_##name] = {WRT_SHAPE_##shape, WRT_IOP_##name},
#define IBIN(name, t, expr)          ROW(name, IBIN)
#define IDIV(name, t, trap, expr)    ROW(name, IBIN)
#define ICMP(name, t, expr, inverse) ROW(name, ICMP)
#define IUN(name, t, expr)           ROW(name, IUN)
#define FBIN(name, t, expr)          ROW(name, FBIN)
#define FUN(name, t, expr)           ROW(name, FUN)
#define FCMP(name, t, expr)          ROW(name, FCMP)
#define I2F(name, t, u, expr)        ROW(name, I2F)
#define F2F(name, t, u, expr)        ROW(name, F2F)
#define F2I(name, t, trap, expr)     ROW(name, F2I)
#define ILOAD(name, c)               ROW(name, ILOAD)
#define FLOAD(name, t)               ROW(name, FLOAD)
#define ISTORE(name, c)              ROW(name, ISTORE)
#define FSTORE(name, t)              ROW(name, FSTORE)
#define VBIN(name, v, expr)          ROW(name, VBIN)
#define VUN(name, v, expr)           ROW(name, FUN)
#define VTERN(name, v, expr)         ROW(name, VTERN)
#define VSHIFT(name, v, expr)        ROW(name, VSHIFT)
#define VTEST(name, v, expr)         ROW(name, F2I)
#define VSHUFFLE(name, v, expr)      ROW(name, VSHUFFLE)
#define ISPLAT(name, t, expr)        ROW(name, I2F)
#define FSPLAT(name, t, expr)        ROW(name, FUN)
#define IEXTRACT(name, c)            ROW(name, IEXTRACT)
#define FEXTRACT(name, t)            ROW(name, FEXTRACT)
#define IREPLACE(name, v, type)      ROW(name, IREPLACE)
#define FREPLACE(name, v, t)         ROW(name, FREPLACE)
#define VLOAD(name, c, expr)         ROW(name, FLOAD)
#define VSTORE(name, c)              ROW(name, VSTORE)
#define ATOMIC(name, t, expr)        ROW(name, ATOMIC)
#include "runtime/store/iop_rows.h"
    /* Results are zero-extended, so these equal their 32-bit forms. */
    [WRT_OP_I64_LOAD8_U] = {WRT_SHAPE_ILOAD, WRT_IOP_I32_LOAD8_U},
    [WRT_OP_I64_LOAD16_U] = {WRT_SHAPE_ILOAD, WRT_IOP_I32_LOAD16_U},
    [WRT_OP_I64_LOAD32_U] = {WRT_SHAPE_ILOAD, WRT_IOP_I32_LOAD},
    /* A store takes the low bits, whatever the width they come from. */
    [WRT_OP_I64_STORE8] = {WRT_SHAPE_ISTORE, WRT_IOP_I32_STORE8},
    [WRT_OP_I64_STORE16] = {WRT_SHAPE_ISTORE, WRT_IOP_I32_STORE16},
    [WRT_OP_I64_STORE32] = {WRT_SHAPE_ISTORE, WRT_IOP_I32_STORE},
    [WRT_OP_I32_EQZ] = {WRT_SHAPE_NONE, WRT_IOP_I32_EQ},
    [WRT_OP_I64_EQZ] = {WRT_SHAPE_NONE, WRT_IOP_I64_EQ},
    [WRT_OP_REF_IS_NULL] = {WRT_SHAPE_NONE, WRT_IOP_I64_EQ},
#define SAME(name, shape, other)                                               \
    [WRT_OP_##name] = {WRT_SHAPE_##shape, WRT_IOP_##other},
#include "runtime/store/same.def"
#undef SAME
    ROW(MEMORY_ATOMIC_WAIT32, ATOMIC) ROW(MEMORY_ATOMIC_WAIT64, ATOMIC)
        ROW(MEMORY_ATOMIC_NOTIFY, ATOMIC)
#define ARGS(name) [WRT_OP_##name] = {WRT_SHAPE_ARGS, WRT_IOP_##name}
            ARGS(MEMORY_SIZE),
    ARGS(MEMORY_GROW),
    ARGS(MEMORY_INIT),
    ARGS(MEMORY_COPY),
    ARGS(MEMORY_FILL),
    ARGS(DATA_DROP),
    ARGS(ELEM_DROP),
    ARGS(TABLE_GET),
    ARGS(TABLE_SET),
    ARGS(TABLE_SIZE),
    ARGS(TABLE_GROW),
    ARGS(TABLE_FILL),
    ARGS(TABLE_INIT),
    ARGS(TABLE_COPY),
};

/* Operands and result of the instructions of shape ARGS. */
static void args_arity(enum wrt_op op, uint32_t *noperands, bool *has_result)
{
    *has_result = false;
    switch (op) {
    case WRT_OP_MEMORY_SIZE:
    case WRT_OP_TABLE_SIZE:
        *has_result = true;
        *noperands = 0;
        break;
    case WRT_OP_DATA_DROP:
    case WRT_OP_ELEM_DROP: *noperands = 0; break;
    case WRT_OP_MEMORY_GROW:
    case WRT_OP_TABLE_GET:
        *has_result = true;
        *noperands = 1;
        break;
    case WRT_OP_TABLE_GROW:
        *has_result = true;
        *noperands = 2;
        break;
    case WRT_OP_TABLE_SET: *noperands = 2; break;
    default: *noperands = 3; break;
    }
}

/* Instructions that take their operands from consecutive slots. */
static void lower_args(struct lower *l, const struct wrt_insn *insn)
{
    uint32_t noperands, base;
    bool has_result;
    wrt_valtype type = WRT_KIND_I32;
    struct wrt_ir *ir;

    args_arity(insn->op, &noperands, &has_result);
    wrt_lower_materialize_top(l, noperands, 0);
    for (uint32_t i = 0; i < noperands; i++)
        wrt_lower_pop(l);
    base = l->top;
    ir = wrt_lower_emit(l, WRT_SHAPE_ARGS, wrt_lower_rows[insn->op].iop);
    ir->a = base;
    ir->imm = insn->imm.index | (uint64_t)insn->imm.index2 << 32;
    wrt_lower_forget(l);
    if (!has_result)
        return;
    if (insn->op == WRT_OP_TABLE_GET)
        type = l->module->tables[insn->imm.index].type.elem;
    l->acc.slot = wrt_lower_push(l, type)->slot;
    l->acc.elidable = false;
    l->acc.ir = l->list->count - 1;
}

/* -- Variables and selects ------------------------------------------------- */

/* A value in a slot, never in a register. */
static uint32_t slot_operand(struct lower *l, struct value *v)
{
    if (v->kind == VALUE_CONST) {
        wrt_lower_move_to(l, v, v->home);
        v->slot = v->home;
    }
    return v->slot;
}

void wrt_lower_global_get(struct lower *l, uint32_t index)
{
    wrt_valtype type = l->module->globals[index].type.type;
    uint32_t nimported = l->module->nimported_globals;
    bool near = index >= nimported && index - nimported <= UINT16_MAX;
    struct wrt_ir *ir;

    if (type == WRT_KIND_V128) {
        ir = wrt_lower_emit(l, WRT_SHAPE_GLOBAL_ANY, WRT_IOP_GLOBAL_GET_V);
        ir->imm = index;
        wrt_lower_push_result(l, ir, type);
        return;
    }
    if (near) {
        ir = wrt_lower_emit(l, WRT_SHAPE_GLOBAL_GET, WRT_IOP_GLOBAL_GET);
        ir->imm = index - nimported;
    } else {
        ir = wrt_lower_emit(l, WRT_SHAPE_GLOBAL_ANY, WRT_IOP_GLOBAL_GET_ANY);
        ir->imm = index;
    }
    wrt_lower_int_result(l, ir, wrt_lower_push(l, type)->slot);
}

void wrt_lower_global_set(struct lower *l, uint32_t index)
{
    uint32_t nimported = l->module->nimported_globals;
    bool near = index >= nimported && index - nimported <= UINT16_MAX;
    struct value *v = wrt_lower_pop(l);
    struct wrt_ir operands = {0}, *ir;

    if (!near || v->type == WRT_KIND_V128) {
        uint32_t slot = slot_operand(l, v);

        ir = wrt_lower_emit(l, WRT_SHAPE_GLOBAL_ANY,
                            v->type == WRT_KIND_V128 ? WRT_IOP_GLOBAL_SET_V
                                                     : WRT_IOP_GLOBAL_SET_ANY);
        ir->a = slot;
        ir->imm = index;
        return;
    }
    if (v->kind == VALUE_CONST && fits_k(v->bits)) {
        operands.ka = WRT_CLASS_K;
        operands.a = (uint32_t)v->bits;
    } else {
        operands.ka = (uint8_t)wrt_lower_int_operand(l, v, &operands.a);
    }
    ir = wrt_lower_emit(l, WRT_SHAPE_GLOBAL_SET, WRT_IOP_GLOBAL_SET);
    lower_set_operands(ir, &operands);
    ir->imm = index - nimported;
}

void wrt_lower_select(struct lower *l)
{
    struct value *condition = wrt_lower_pop(l), *b = wrt_lower_pop(l),
                 *a = wrt_lower_pop(l);
    const wrt_valtype type = a->type;
    struct wrt_ir *ir;
    uint32_t slot_a = slot_operand(l, a), slot_b = slot_operand(l, b);
    uint32_t slot_c;
    enum wrt_class class_c = wrt_lower_int_operand(l, condition, &slot_c);

    ir = wrt_lower_emit(l, WRT_SHAPE_SELECT,
                        type == WRT_KIND_V128 ? WRT_IOP_SELECT_V
                                              : WRT_IOP_SELECT);
    ir->a = slot_a;
    ir->b = slot_b;
    ir->kb = (uint8_t)class_c;
    ir->imm = slot_c;
    if (type == WRT_KIND_V128)
        wrt_lower_push_result(l, ir, type);
    else
        wrt_lower_int_result(l, ir, wrt_lower_push(l, type)->slot);
}

/* Two or four i64 that make one or two 128-bit operands; the result is two i64,
 * the upper one on top and in the accumulator. */
static void lower_wide(struct lower *l, uint32_t iop, uint32_t noperands)
{
    uint32_t slots[4] = {0};
    struct wrt_ir *ir;

    for (uint32_t i = noperands; i-- > 0;) {
        slots[i] = slot_operand(l, wrt_lower_pop(l));
    }
    ir = wrt_lower_emit(l, WRT_SHAPE_WIDE, iop);
    ir->a = slots[0];
    ir->b = slots[1];
    ir->imm = slots[2] | (uint64_t)slots[3] << 32;
    ir->d = wrt_lower_push(l, WRT_KIND_I64)->slot;
    wrt_lower_forget(l);
    l->acc.slot = wrt_lower_push(l, WRT_KIND_I64)->slot;
    l->acc.elidable = false;
    l->acc.ir = l->list->count - 1;
}

/* The same bits under another type: i32.wrap_i64 and reinterpretations. */
void wrt_lower_retype(struct lower *l, wrt_valtype type)
{
    struct value *v = &l->values[l->nvalues - 1];

    v->type = type;
    if (v->kind == VALUE_CONST && type == WRT_KIND_I32)
        v->bits = (uint64_t)(int64_t)(int32_t)v->bits;
    else if (v->kind == VALUE_CONST && type == WRT_KIND_F32)
        v->bits = (uint32_t)v->bits;
}

static void lower_ref_func(struct lower *l, uint32_t func_idx)
{
    struct wrt_ir *ir = wrt_lower_emit(l, WRT_SHAPE_REF_FUNC, WRT_IOP_REF_FUNC);

    ir->imm = func_idx;
    wrt_lower_int_result(l, ir, wrt_lower_push(l, WRT_FUNCREF)->slot);
}

/* -- The walk -------------------------------------------------------------- */

/* Instructions that are rows of iop.def. */
static void lower_row(struct lower *l, const struct wrt_insn *insn)
{
    const struct lower_row *row = &wrt_lower_rows[insn->op];
    bool commutes = wrt_op_infos[insn->op].effects & WRT_EFFECT_COMMUTES;

    switch ((enum wrt_shape)row->shape) {
    case WRT_SHAPE_IBIN:
    case WRT_SHAPE_ICMP:
        wrt_lower_ibin(l, row, wrt_op_infos[insn->op].result, commutes);
        break;
    case WRT_SHAPE_IUN:
        wrt_lower_iun(l, row, wrt_op_infos[insn->op].result);
        break;
    case WRT_SHAPE_FBIN:
    case WRT_SHAPE_FCMP:
        wrt_lower_fbin(l, row, wrt_op_infos[insn->op].result);
        break;
    case WRT_SHAPE_ILOAD:
    case WRT_SHAPE_FLOAD:
        wrt_lower_load(l, row, &insn->imm.memarg,
                       wrt_op_infos[insn->op].result);
        break;
    case WRT_SHAPE_ISTORE:
    case WRT_SHAPE_FSTORE:
    case WRT_SHAPE_VSTORE: wrt_lower_store(l, row, &insn->imm.memarg); break;
    case WRT_SHAPE_VBIN:
    case WRT_SHAPE_VTERN:
    case WRT_SHAPE_VSHIFT:
    case WRT_SHAPE_VSHUFFLE:
    case WRT_SHAPE_IEXTRACT:
    case WRT_SHAPE_FEXTRACT:
    case WRT_SHAPE_IREPLACE:
    case WRT_SHAPE_FREPLACE:
        wrt_lower_vec_row(l, row, insn, wrt_op_infos[insn->op].result);
        break;
    case WRT_SHAPE_ARGS: lower_args(l, insn); break;
    case WRT_SHAPE_ATOMIC:
        wrt_lower_atomic(l, insn, row->iop, wrt_op_infos[insn->op].result);
        break;
    default: wrt_lower_fun(l, row, wrt_op_infos[insn->op].result); break;
    }
}

/* Variables, constants and the rest without control flow. */
static void lower_other(struct lower *l, const struct wrt_insn *insn)
{
    switch (insn->op) {
    case WRT_OP_NOP: break;
    case WRT_OP_ATOMIC_FENCE:
        wrt_lower_emit(l, WRT_SHAPE_PLAIN, WRT_IOP_ATOMIC_FENCE);
        break;
    case WRT_OP_DROP: wrt_lower_pop(l); break;
    case WRT_OP_SELECT:
    case WRT_OP_SELECT_T: wrt_lower_select(l); break;
    case WRT_OP_LOCAL_GET: wrt_lower_local_get(l, insn->imm.index); break;
    case WRT_OP_LOCAL_SET:
        wrt_lower_local_set(l, insn->imm.index, wrt_lower_pop(l));
        break;
    case WRT_OP_LOCAL_TEE:
        wrt_lower_local_set(l, insn->imm.index, wrt_lower_pop(l));
        wrt_lower_local_get(l, insn->imm.index);
        break;
    case WRT_OP_GLOBAL_GET: wrt_lower_global_get(l, insn->imm.index); break;
    case WRT_OP_GLOBAL_SET: wrt_lower_global_set(l, insn->imm.index); break;
    case WRT_OP_I32_CONST:
        wrt_lower_const(l, WRT_KIND_I32,
                        (uint64_t)(int64_t)(int32_t)insn->imm.bits);
        break;
    case WRT_OP_I64_CONST:
        wrt_lower_const(l, WRT_KIND_I64, insn->imm.bits);
        break;
    case WRT_OP_F32_CONST:
        wrt_lower_const(l, WRT_KIND_F32, insn->imm.bits);
        break;
    case WRT_OP_F64_CONST:
        wrt_lower_const(l, WRT_KIND_F64, insn->imm.bits);
        break;
    case WRT_OP_I64_ADD128: lower_wide(l, WRT_IOP_I64_ADD128, 4); break;
    case WRT_OP_I64_SUB128: lower_wide(l, WRT_IOP_I64_SUB128, 4); break;
    case WRT_OP_I64_MUL_WIDE_S: lower_wide(l, WRT_IOP_I64_MUL_WIDE_S, 2); break;
    case WRT_OP_I64_MUL_WIDE_U: lower_wide(l, WRT_IOP_I64_MUL_WIDE_U, 2); break;
    case WRT_OP_V128_CONST: wrt_lower_vec_const(l, insn->imm.bytes); break;
    case WRT_OP_V128_LOAD8_LANE:
    case WRT_OP_V128_LOAD16_LANE:
    case WRT_OP_V128_LOAD32_LANE:
    case WRT_OP_V128_LOAD64_LANE: wrt_lower_load_lane(l, insn); break;
    case WRT_OP_V128_STORE8_LANE:
    case WRT_OP_V128_STORE16_LANE:
    case WRT_OP_V128_STORE32_LANE:
    case WRT_OP_V128_STORE64_LANE: wrt_lower_store_lane(l, insn); break;
    case WRT_OP_REF_NULL: wrt_lower_const(l, insn->imm.type, 0); break;
    case WRT_OP_REF_FUNC: lower_ref_func(l, insn->imm.index); break;
    case WRT_OP_REF_AS_NON_NULL: wrt_lower_ref_as_non_null(l); break;
    case WRT_OP_I32_EQZ:
    case WRT_OP_I64_EQZ:
    case WRT_OP_REF_IS_NULL: wrt_lower_eqz(l, &wrt_lower_rows[insn->op]); break;
    case WRT_OP_I32_WRAP_I64:
    case WRT_OP_I32_REINTERPRET_F32: wrt_lower_retype(l, WRT_KIND_I32); break;
    case WRT_OP_I64_REINTERPRET_F64: wrt_lower_retype(l, WRT_KIND_I64); break;
    case WRT_OP_F32_REINTERPRET_I32: wrt_lower_retype(l, WRT_KIND_F32); break;
    case WRT_OP_F64_REINTERPRET_I64: wrt_lower_retype(l, WRT_KIND_F64); break;
    default:
        if (!wrt_lower_ref(l, insn))
            WRT_ASSERT(false, "validation admits no other instruction");
    }
}

/* Control flow; false at the end of the body. */
static bool lower_insn(struct lower *l, const struct wrt_insn *insn)
{
    if (l->trace_kinds)
        wrt_lower_trace_insn(l, insn);
    switch (insn->op) {
    case WRT_OP_BLOCK:
    case WRT_OP_LOOP:
    case WRT_OP_IF: wrt_lower_block(l, insn); return true;
    case WRT_OP_ELSE: wrt_lower_else(l); return true;
    case WRT_OP_TRY_TABLE: wrt_lower_try_table(l, insn); return true;
    case WRT_OP_TRY: wrt_lower_try(l, insn); return true;
    case WRT_OP_CATCH:
    case WRT_OP_CATCH_ALL: wrt_lower_catch(l, insn); return true;
    case WRT_OP_DELEGATE: wrt_lower_delegate(l, insn->imm.index); return true;
    case WRT_OP_END: return wrt_lower_end(l);
    default: break;
    }
    if (!l->reachable)
        return true;
    switch (insn->op) {
    case WRT_OP_BR: wrt_lower_br(l, insn->imm.index); break;
    case WRT_OP_BR_IF: wrt_lower_br_if(l, insn->imm.index); break;
    case WRT_OP_BR_TABLE: wrt_lower_br_table(l, insn); break;
    case WRT_OP_RETURN: wrt_lower_return(l); break;
    case WRT_OP_UNREACHABLE: wrt_lower_unreachable(l); break;
    case WRT_OP_THROW: wrt_lower_throw(l, insn->imm.index); break;
    case WRT_OP_THROW_REF: wrt_lower_throw_ref(l); break;
    case WRT_OP_RETHROW: wrt_lower_rethrow(l, insn->imm.index); break;
    case WRT_OP_CALL:
    case WRT_OP_RETURN_CALL: wrt_lower_call(l, insn); break;
    case WRT_OP_CALL_INDIRECT:
    case WRT_OP_CALL_REF:
    case WRT_OP_RETURN_CALL_INDIRECT:
    case WRT_OP_RETURN_CALL_REF: wrt_lower_call_indirect(l, insn); break;
    case WRT_OP_BR_ON_NULL: wrt_lower_br_on_null(l, insn->imm.index); break;
    case WRT_OP_BR_ON_CAST:
    case WRT_OP_BR_ON_CAST_FAIL: wrt_lower_br_on_cast(l, insn); break;
    case WRT_OP_BR_ON_NON_NULL:
        wrt_lower_br_on_non_null(l, insn->imm.index);
        break;
    default:
        if (wrt_lower_rows[insn->op].shape != WRT_SHAPE_NONE)
            lower_row(l, insn);
        else
            lower_other(l, insn);
    }
    return true;
}

/*
 * Fuel: every instruction that the table does not call free costs one unit, and
 * a basic block pays for all of its instructions when it is entered.  This is
 * about WebAssembly's instructions and knows nothing of what they become, so it
 * counts those that fuse, vanish or are added later.  Code that cannot be
 * reached is part of no block that is ever entered.
 */
static void count_fuel(struct lower *l, const struct wrt_insn *insn)
{
    if (!l->reachable || wrt_op_infos[insn->op].effects & WRT_EFFECT_FREE)
        return;
    if (l->fuel_ir == NO_IR) {
        wrt_lower_emit(l, WRT_SHAPE_FUEL, WRT_IOP_FUEL);
        l->fuel_ir = l->list->count - 1;
    }
    l->list->items[l->fuel_ir].imm++;
}

/* Far less than a millisecond, whatever the instructions are. */
enum { SLICE_BYTES = 4 * 1024 };

/* The hot walk takes what it knows; the instruction that stopped it goes
 * through the general path. */
static wasmrt_error *walk(struct lower *l)
{
    struct wrt_reader r = wrt_lower_reader(l);
    struct wrt_insn insn;
    bool goes_on;

    l->look_at = r.pos;
    do {
        if (WRT_UNLIKELY(r.pos >= l->look_at)) {
            WRT_TRY(wrt_error_if_stopped(l->stop));
            l->look_at =
                r.pos + WRT_MIN((size_t)(r.end - r.pos), (size_t)SLICE_BYTES);
        }
        if (!l->trace_kinds)
            wrt_lower_hot(l, &r);
        wrt_insn_read(l->module, &r, &insn);
        l->at = insn.pos;
        if (l->has_fuel)
            count_fuel(l, &insn);
        goes_on = lower_insn(l, &insn);
        if (wrt_op_infos[insn.op].effects & WRT_EFFECT_SPLITS)
            l->fuel_ir = NO_IR;
    } while (goes_on && !l->scratch->failed);
    return l->scratch->failed ? wrt_error_oom() : NULL;
}

/* -- Set-up ---------------------------------------------------------------- */

static void set_local_slot(struct lower *l, uint32_t local, uint32_t slot,
                           wrt_valtype type)
{
    l->locals[local] = (struct value){
        .kind = VALUE_LOCAL, .type = type, .slot = slot, .local = local + 1};
}

/* Gives each local its slot: parameters, the return address, the others, and
 * constants; then what blocks of the older try need. */
static bool assign_slots(struct lower *l)
{
    const struct wrt_finfo *info = l->info;
    uint32_t slot = 0, nparams = info->type->nparams;
    size_t count = (size_t)info->nlocals + l->nconsts;

    l->locals = wrt_arena_raw(l->scratch, count, sizeof(*l->locals));
    l->uses = wrt_arena_array(l->scratch, count + 1, sizeof(*l->uses));
    if (!l->locals || !l->uses)
        return false;
    for (uint32_t i = 0; i < info->nlocals; i++) {
        if (i == nparams)
            slot++;
        set_local_slot(l, i, slot, info->locals[i]);
        slot += wrt_valtype_slots(info->locals[i]);
    }
    if (info->nlocals == nparams)
        slot++;
    for (uint32_t i = 0; i < l->nconsts; i++, slot += 2)
        set_local_slot(l, info->nlocals + i, slot, WRT_KIND_V128);
    l->list->nparams = info->type->param_slots;
    l->first_exn = slot;
    l->list->first_temp = l->top = slot + l->deepest_try;
    return true;
}

/* The range of locals whose initial zero may be read. */
static void find_zeroed(struct lower *l)
{
    const struct wrt_finfo *info = l->info;
    uint32_t first = NO_SLOT, last = 0;

    for (uint32_t i = info->type->nparams; i < info->nlocals; i++) {
        if (info->written_first[i])
            continue;
        if (first == NO_SLOT)
            first = l->locals[i].slot;
        last = l->locals[i].slot + wrt_valtype_slots(info->locals[i]);
    }
    l->list->zero_first = first == NO_SLOT ? 0 : first;
    l->list->zero_count = first == NO_SLOT ? 0 : last - first;
}

/* Whether slots fit the 16-bit fields; 2 more for what calls of other
 * instances keep behind the parameters. */
static wasmrt_error *check_frame(struct lower *l)
{
    uint64_t slots = (uint64_t)l->list->first_temp + l->info->max_slots + 2;

    if (slots < l->info->type->result_slots)
        slots = l->info->type->result_slots;
    if (slots > WRT_MAX_FRAME_SLOTS)
        return wrt_error_new(WASMRT_ERR_LIMIT, WRT_NO_OFFSET,
                             "stack frame of %llu slots (at most %d): locals "
                             "and operands of the function",
                             (unsigned long long)slots,
                             (int)WRT_MAX_FRAME_SLOTS);
    l->list->frame_slots = (uint32_t)slots;
    return NULL;
}

/* The local that a register serves best: one that is used twice or more, since
 * the register is loaded once per entry. */
static uint32_t choose_l0(const struct lower *l)
{
    uint64_t best = 1;
    uint32_t slot = WRT_NO_L0;

    for (uint32_t i = 0; FAST && i < l->info->nlocals; i++) {
        if (l->uses[i + 1].weight > best) {
            best = l->uses[i + 1].weight;
            slot = l->locals[i].slot;
        }
    }
    return slot;
}

/* Room for what the first pass makes of so many instructions.  It is about
 * half; a list that is huge must not be copied to grow, see
 * wrt_error_if_stopped(). */
static size_t guess_length(uint32_t ninsns)
{
    return (ninsns < 1 << 16 ? ninsns / 2 : ninsns) + (size_t)48;
}

wasmrt_error *wrt_lower_func(const struct wrt_module *module, uint32_t func_idx,
                             const struct wrt_code_options *options,
                             struct wrt_arena *scratch, const uint32_t *stop,
                             struct wrt_ir_list *out)
{
    struct wrt_finfo info;
    struct lower l = {.module = module,
                      .func = &module->funcs[func_idx],
                      .info = &info,
                      .scratch = scratch,
                      .list = out,
                      .sums = FAST && module->nmemories > 0 &&
                              wrt_memory_is_guarded(options->memory_mode,
                                                    &module->memories[0]),
                      .weight = 1,
                      .at = module->bytes,
                      .current_try = WRT_NO_TRY,
                      .has_fuel = options->has_fuel,
                      .has_samples = options->has_samples,
                      .trace_kinds = options->debug.trace_kinds,
                      .fuel_ir = NO_IR,
                      .stop = stop};

    WRT_TRY(wrt_validate_func(module, func_idx, scratch, stop, &info));
    *out = (struct wrt_ir_list){.capacity = guess_length(info.ninsns)};
    wrt_lower_forget(&l);
    WRT_TRY(wrt_lower_find_consts(&l));
    WRT_TRY(wrt_lower_count_tries(&l));
    if (!assign_slots(&l))
        return wrt_error_oom();
    WRT_TRY(check_frame(&l));
    find_zeroed(&l);
    out->items = wrt_arena_raw(scratch, out->capacity, sizeof(*out->items));
    l.values =
        wrt_arena_raw(scratch, (size_t)info.max_height + 1, sizeof(*l.values));
    if (!wrt_lower_open_body(&l) || scratch->failed)
        return wrt_error_oom();
    wrt_lower_set_consts(&l);
    WRT_TRY(walk(&l));
    out->l0 = choose_l0(&l);
    return NULL;
}
