/*
 * Handlers of moves, variables, branches, calls and returns.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/handlers.h"
#include "runtime/store/memory.h"
#include "runtime/store/ops.h"

/* -- Moves ----------------------------------------------------------------- */

#define MOV_HANDLER(k, n)                                                      \
    HANDLER(MOV, n, n)                                                         \
    {                                                                          \
        PUT_S(FETCH_##k(u64, a));                                              \
        NEXT(CELLS_##k);                                                       \
    }                                                                          \
    HANDLER(MOV_TO_L, n, n)                                                    \
    {                                                                          \
        PUT_L(FETCH_##k(u64, a));                                              \
        NEXT(CELLS_##k);                                                       \
    }

MOV_HANDLER(S, 0)
MOV_HANDLER(A, 1)
MOV_HANDLER(L, 2)
MOV_HANDLER(K, 3)
MOV_HANDLER(X, 4)

HANDLER(MOV_FACC, 0, 0)
{
    fp[pc->d].f64 = LANE_f64(facc);
    NEXT(1);
}

HANDLER(MOV2, 0, 0)
{
    uint64_t first = fp[pc->a].u64, second = fp[pc->b].u64;

    fp[pc->d].u64 = first;
    fp[pc->d + 1].u64 = second;
    NEXT(1);
}

/* The second destination is in the next cell. */
HANDLER(MOV_MOV, 0, 0)
{
    fp[pc->d].u64 = fp[pc->a].u64;
    acc = fp[pc->b].u64;
    fp[pc[1].a].u64 = acc;
    NEXT(2);
}

HANDLER(RELOAD_L, 0, 0)
{
    l0 = fp[pc->d].u64;
    NEXT(1);
}

/* The condition in a slot is named by the next cell. */
HANDLER(SELECT, 0, 0)
{
    bool chosen = fp[pc[1].a].u32 != 0;

    PUT_S(chosen ? fp[pc->a].u64 : fp[pc->b].u64);
    NEXT(2);
}

HANDLER(SELECT, 1, 1)
{
    bool chosen = (uint32_t)acc != 0;

    PUT_S(chosen ? fp[pc->a].u64 : fp[pc->b].u64);
    NEXT(1);
}

HANDLER(SELECT, 2, 2)
{
    bool chosen = (uint32_t)l0 != 0;

    PUT_S(chosen ? fp[pc->a].u64 : fp[pc->b].u64);
    NEXT(1);
}

/* v128: two slots. */
#define MOV_V_HANDLER(k, n)                                                    \
    HANDLER(MOV_V, n, n)                                                       \
    {                                                                          \
        PUTV_S(VFETCH_##k(a));                                                 \
        NEXT(1);                                                               \
    }

MOV_V_HANDLER(S, 0)
MOV_V_HANDLER(F, 1)

#define CONST_V_HANDLER(k, n)                                                  \
    HANDLER(CONST_V, n, n)                                                     \
    {                                                                          \
        PUTV_##k(*(const wrt_slot_v128 *)(const void *)&pc[1]);                \
        NEXT(3);                                                               \
    }

CONST_V_HANDLER(S, 0)
CONST_V_HANDLER(F, 1)

#define SELECT_V_HANDLER(chosen, n, cells)                                     \
    HANDLER(SELECT_V, n, n)                                                    \
    {                                                                          \
        PUTV_S((chosen) != 0 ? VFETCH_S(a) : VFETCH_S(b));                     \
        NEXT(cells);                                                           \
    }

SELECT_V_HANDLER(fp[pc[1].a].u32, 0, 2)
SELECT_V_HANDLER((uint32_t)acc, 1, 1)
SELECT_V_HANDLER((uint32_t)l0, 2, 1)

/* -- Variables ------------------------------------------------------------- */

HANDLER(GLOBAL_GET, 0, 0)
{
    PUT_S(inst->globals[2 * (size_t)pc->a].u64);
    NEXT(1);
}

HANDLER(GLOBAL_GET, 1, 1)
{
    PUT_A(inst->globals[2 * (size_t)pc->a].u64);
    NEXT(1);
}

HANDLER(GLOBAL_GET, 2, 2)
{
    PUT_L(inst->globals[2 * (size_t)pc->a].u64);
    NEXT(1);
}

#define GLOBAL_SET_HANDLER(k, n)                                               \
    HANDLER(GLOBAL_SET, n, n)                                                  \
    {                                                                          \
        inst->globals[2 * (size_t)pc->d].u64 = FETCH_##k(u64, a);              \
        NEXT(1);                                                               \
    }

GLOBAL_SET_HANDLER(S, 0)
GLOBAL_SET_HANDLER(A, 1)
GLOBAL_SET_HANDLER(L, 2)
GLOBAL_SET_HANDLER(K, 3)

HANDLER(GLOBAL_GET_ANY, 0, 0)
{
    PUT_S(wrt_instance_global(inst, pc[1].index)->u64);
    NEXT(2);
}

HANDLER(GLOBAL_SET_ANY, 0, 0)
{
    wrt_instance_global(inst, pc[1].index)->u64 = fp[pc->a].u64;
    NEXT(2);
}

HANDLER(GLOBAL_GET_V, 0, 0)
{
    const wrt_slot *cell = wrt_instance_global(inst, pc[1].index);

    PUTV_S(*(const wrt_slot_v128 *)(const void *)cell);
    NEXT(2);
}

HANDLER(GLOBAL_SET_V, 0, 0)
{
    wrt_slot *cell = wrt_instance_global(inst, pc[1].index);

    *(wrt_slot_v128 *)(void *)cell = VFETCH_S(a);
    NEXT(2);
}

HANDLER(REF_FUNC, 0, 0)
{
    PUT_S((uintptr_t)wrt_instance_funcref(inst, pc[1].index));
    NEXT(2);
}

#define REF_AS_NON_NULL_HANDLER(k, n)                                          \
    HANDLER(REF_AS_NON_NULL, n, n)                                             \
    {                                                                          \
        if (WRT_UNLIKELY(FETCH_##k(ref, a) == NULL))                           \
            TRAP(WASMRT_ERR_NULL_REFERENCE);                                   \
        NEXT(1);                                                               \
    }

REF_AS_NON_NULL_HANDLER(S, 0)
REF_AS_NON_NULL_HANDLER(A, 1)
REF_AS_NON_NULL_HANDLER(L, 2)

/* -- Branches -------------------------------------------------------------- */

HANDLER(BR, 0, 0)
{
    JUMP(pc[1].target);
}

HANDLER(BR, 1, 1)
{
    if (POLLED())
        JUMP_POLLED(pc[1].target);
    JUMP(pc[1].target);
}

/* imm32 targets and the default, two to a cell. */
#define BR_TABLE_HANDLER(k, n)                                                 \
    HANDLER(BR_TABLE, n, n)                                                    \
    {                                                                          \
        uint32_t chosen = FETCH_##k(u32, a);                                   \
        uint32_t count = pc->imm32;                                            \
        int32_t target;                                                        \
        chosen = chosen < count ? chosen : count;                              \
        memcpy(&target, (const char *)(pc + 1) + 4 * (size_t)chosen, 4);       \
        if (target < 0 && POLLED())                                            \
            JUMP_POLLED(target);                                               \
        JUMP(target);                                                          \
    }

BR_TABLE_HANDLER(S, 0)
BR_TABLE_HANDLER(A, 1)
BR_TABLE_HANDLER(L, 2)

HANDLER(UNREACHABLE, 0, 0)
{
    TRAP(WASMRT_ERR_UNREACHABLE);
}

#if WRT_INTERP_TAIL
WRT_PRESERVE_NONE uint64_t wrt_interp_resume(STATE_PARAMS)
{
    uint32_t why = wrt_poll(inst->ctx);

    if (why != 0)
        EXIT(why);
    CONTINUE;
}
#endif

HANDLER(TRACE, 0, 0)
{
    STAND_HERE();
    wrt_interp_trace(inst, pc, fp);
    NEXT(1);
}

/* At a return, in code that samples. */
HANDLER(POLL, 0, 0)
{
    if (POLLED())
        JUMP_POLLED(1);
    NEXT(1);
}

HANDLER(FUEL, 0, 0)
{
    if (WRT_UNLIKELY(!wrt_fuel_take(inst->ctx, pc->imm32)))
        TRAP(WASMRT_ERR_FUEL_EXHAUSTED);
    NEXT(1);
}

/* -- Entering a function --------------------------------------------------- */

HANDLER(ZERO, 0, 0)
{
    memset(&fp[pc->a], 0, sizeof(wrt_slot) * pc->b);
    l0 = fp[pc->d].u64;
    NEXT(1);
}

HANDLER(ZERO1, 0, 0)
{
    fp[pc->a].u64 = 0;
    l0 = fp[pc->d].u64;
    NEXT(1);
}

/* The state at the beginning of a function. */
#define BEGIN(code, instance_, frame, ret)                                     \
    do {                                                                       \
        const wrt_cell *ret_ = (ret);                                          \
        fp = (frame);                                                          \
        fp[(code)->nparams].ref = (void *)(uintptr_t)ret_;                     \
        inst = (instance_);                                                    \
        l0 = fp[(code)->l0_slot].u64;                                          \
        pc = (code)->cells;                                                    \
    } while (0)

/*
 * Continues in `code` of `instance` with its frame at `frame`; the callee will
 * return to `ret`.  The one place where the stack is checked, and where
 * recursion can be stopped.
 */
#define ENTER(code, instance_, frame, ret)                                     \
    do {                                                                       \
        const struct wrt_icode *enter_ = (code);                               \
        wrt_slot *frame_ = (frame);                                            \
        if (WRT_UNLIKELY(frame_ + enter_->frame_slots > inst->ctx->stack_end)) \
            TRAP(WASMRT_ERR_STACK_OVERFLOW);                                   \
        if (POLLED()) {                                                        \
            STAND_HERE();                                                      \
            BEGIN(enter_, instance_, frame_, ret);                             \
            RESUME;                                                            \
        }                                                                      \
        BEGIN(enter_, instance_, frame_, ret);                                 \
        CONTINUE;                                                              \
    } while (0)

/* The code of a function of an instance; another thread may publish it. */
#define CODE_OF(instance, func_idx)                                            \
    ((const struct wrt_icode *)__atomic_load_n(&(instance)->code[func_idx],    \
                                               __ATOMIC_ACQUIRE))

HANDLER(CALL, 0, 0)
{
    ENTER(CODE_OF(inst, pc->imm32), inst, fp + pc[1].a, pc + 2);
}

/* No table has so many elements, so what is out of bounds stays so. */
HANDLER(CLAMP_INDEX, 0, 0)
{
    uint64_t index = fp[pc->a].u64;

    PUT_S(index < UINT32_MAX ? index : UINT32_MAX);
    NEXT(1);
}

/* Finds what a call through a table calls, or traps.  k, a: index; imm32:
 * type; next cell: table. */
#define FIND_IN_TABLE(k, ref)                                                  \
    struct wrt_funcref *ref;                                                   \
    do {                                                                       \
        uint64_t chosen_ = FETCH_##k(u32, a);                                  \
        struct wrt_table_inst *table_ = inst->tables[pc[1].index];             \
        if (WRT_UNLIKELY(chosen_ >= table_->size))                             \
            TRAP(WASMRT_ERR_UNDEFINED_ELEMENT);                                \
        ref = table_->elems[wrt_mask_index(chosen_, table_->size)];            \
        if (WRT_UNLIKELY(ref == NULL))                                         \
            TRAP(WASMRT_ERR_UNINITIALIZED_ELEMENT);                            \
        if (WRT_UNLIKELY(ref->type_id != inst->module->type_ids[pc->imm32]) && \
            !wrt_interp_type_matches(inst, ref, pc->imm32))                    \
            TRAP(WASMRT_ERR_INDIRECT_CALL_TYPE);                               \
    } while (0)

/* The stub that calls what another instance or the host has. */
#define ADAPTER() (inst->module->code->adapters[pc->imm32])

/* Calls a funcref; the return information is in the cell info. */
#define CALL_FUNCREF(ref, info)                                                \
    do {                                                                       \
        if (WRT_LIKELY((ref)->instance == inst))                               \
            ENTER(CODE_OF(inst, (ref)->func_idx), inst, fp + (info)->a,        \
                  (info) + 1);                                                 \
        acc = (uintptr_t)(ref);                                                \
        ENTER(ADAPTER(), inst, fp + (info)->a, (info) + 1);                    \
    } while (0)

#define CALL_INDIRECT_HANDLER(k, n)                                            \
    HANDLER(CALL_INDIRECT, n, n)                                               \
    {                                                                          \
        FIND_IN_TABLE(k, ref);                                                 \
        CALL_FUNCREF(ref, pc + 2);                                             \
    }

CALL_INDIRECT_HANDLER(S, 0)
CALL_INDIRECT_HANDLER(A, 1)
CALL_INDIRECT_HANDLER(L, 2)

/* The funcref that a call by reference calls.  k, a: reference. */
#define FIND_BY_REF(k, ref)                                                    \
    struct wrt_funcref *ref = FETCH_##k(ref, a);                               \
    do {                                                                       \
        if (WRT_UNLIKELY(ref == NULL))                                         \
            TRAP(WASMRT_ERR_NULL_FUNC_REFERENCE);                              \
    } while (0)

#define CALL_REF_HANDLER(k, n)                                                 \
    HANDLER(CALL_REF, n, n)                                                    \
    {                                                                          \
        FIND_BY_REF(k, ref);                                                   \
        CALL_FUNCREF(ref, pc + 1);                                             \
    }

CALL_REF_HANDLER(S, 0)
CALL_REF_HANDLER(A, 1)
CALL_REF_HANDLER(L, 2)

/* -- Tail calls ------------------------------------------------------------ */

/*
 * Puts the frame of `code` in place of this one and continues there.  tail: the
 * cell that says where the arguments are (a) and the return address (b).  The
 * arguments never go up, so they move in ascending order; the return address
 * goes behind them, wherever that is in the new frame.
 */
#define REPLACE(code, instance_, tail)                                         \
    do {                                                                       \
        const struct wrt_icode *enter_ = (code);                               \
        const wrt_slot *args_ = fp + (tail)->a;                                \
        void *ret_ = fp[(tail)->b].ref;                                        \
        if (WRT_UNLIKELY(fp + enter_->frame_slots > inst->ctx->stack_end))     \
            TRAP(WASMRT_ERR_STACK_OVERFLOW);                                   \
        if (POLLED()) {                                                        \
            STAND_HERE();                                                      \
            if (wrt_poll(inst->ctx) != 0)                                      \
                EXIT(wrt_interp_interrupt(inst->ctx));                         \
        }                                                                      \
        for (uint32_t i_ = 0; i_ < enter_->nparams; i_++)                      \
            fp[i_].u64 = args_[i_].u64;                                        \
        fp[enter_->nparams].ref = ret_;                                        \
        inst = (instance_);                                                    \
        l0 = fp[enter_->l0_slot].u64;                                          \
        pc = enter_->cells;                                                    \
        CONTINUE;                                                              \
    } while (0)

/* Whether the frame returns to a stub, which restores its caller's instance
 * whichever this one is. */
#define RETURNS_TO_STUB(tail)                                                  \
    (((const wrt_cell *)fp[(tail)->b].ref)->op == WRT_IOP_IMPORT_RET)

/*
 * Puts a call of a funcref in place of this frame.  Into another instance it
 * goes through a stub, unless there is one already: so calls back and forth
 * between instances do not pile up stubs.
 */
#define REPLACE_BY_FUNCREF(ref, stub, tail)                                    \
    do {                                                                       \
        struct wrt_instance *to_ = (ref)->instance;                            \
        if (WRT_LIKELY(to_ == inst))                                           \
            REPLACE(CODE_OF(inst, (ref)->func_idx), inst, tail);               \
        if (to_ != NULL && RETURNS_TO_STUB(tail)) {                            \
            mem = to_->mem0->base;                                             \
            REPLACE(CODE_OF(to_, (ref)->func_idx), to_, tail);                 \
        }                                                                      \
        acc = (uintptr_t)(ref);                                                \
        REPLACE(stub, inst, tail);                                             \
    } while (0)

HANDLER(RETURN_CALL, 0, 0)
{
    REPLACE(CODE_OF(inst, pc->imm32), inst, pc + 1);
}

HANDLER(RETURN_CALL_IMPORT, 0, 0)
{
    struct wrt_funcref *ref = inst->imported_funcs[pc->imm32];

    REPLACE_BY_FUNCREF(ref, CODE_OF(inst, pc->imm32), pc + 1);
}

#define RETURN_CALL_INDIRECT_HANDLER(k, n)                                     \
    HANDLER(RETURN_CALL_INDIRECT, n, n)                                        \
    {                                                                          \
        FIND_IN_TABLE(k, ref);                                                 \
        REPLACE_BY_FUNCREF(ref, ADAPTER(), pc + 2);                            \
    }

RETURN_CALL_INDIRECT_HANDLER(S, 0)
RETURN_CALL_INDIRECT_HANDLER(A, 1)
RETURN_CALL_INDIRECT_HANDLER(L, 2)

#define RETURN_CALL_REF_HANDLER(k, n)                                          \
    HANDLER(RETURN_CALL_REF, n, n)                                             \
    {                                                                          \
        FIND_BY_REF(k, ref);                                                   \
        REPLACE_BY_FUNCREF(ref, ADAPTER(), pc + 1);                            \
    }

RETURN_CALL_REF_HANDLER(S, 0)
RETURN_CALL_REF_HANDLER(A, 1)
RETURN_CALL_REF_HANDLER(L, 2)

/* -- Returning ------------------------------------------------------------- */

/* Goes back to ret; the results are in place. */
#define LEAVE(ret)                                                             \
    do {                                                                       \
        pc = (ret);                                                            \
        fp -= pc[-1].a;                                                        \
        l0 = fp[pc[-1].b].u64;                                                 \
        CONTINUE;                                                              \
    } while (0)

/* b: slot of the return address, read before results may overwrite it. */
#define RETURN_ADDRESS() ((const wrt_cell *)fp[pc->b].ref)

HANDLER(RET, 0, 0)
{
    LEAVE(RETURN_ADDRESS());
}

#define RET_I_HANDLER(k, n)                                                    \
    HANDLER(RET_I, n, n)                                                       \
    {                                                                          \
        const wrt_cell *ret = RETURN_ADDRESS();                                \
        acc = FETCH_##k(u64, a);                                               \
        fp[0].u64 = acc;                                                       \
        LEAVE(ret);                                                            \
    }

RET_I_HANDLER(S, 0)
RET_I_HANDLER(A, 1)
RET_I_HANDLER(L, 2)
RET_I_HANDLER(K, 3)
RET_I_HANDLER(X, 4)

HANDLER(RET_F, 0, 0)
{
    const wrt_cell *ret = RETURN_ADDRESS();

    SET_LANE_f64(fp[pc->a].f64);
    fp[0].f64 = LANE_f64(facc);
    LEAVE(ret);
}

HANDLER(RET_F, 1, 1)
{
    const wrt_cell *ret = RETURN_ADDRESS();

    fp[0].f64 = LANE_f64(facc);
    LEAVE(ret);
}

#define RET_V_HANDLER(k, n)                                                    \
    HANDLER(RET_V, n, n)                                                       \
    {                                                                          \
        const wrt_cell *ret = RETURN_ADDRESS();                                \
        facc = (wrt_v4f)VFETCH_##k(a);                                         \
        VSLOT(0) = (wrt_v128)facc;                                             \
        LEAVE(ret);                                                            \
    }

RET_V_HANDLER(S, 0)
RET_V_HANDLER(F, 1)

/* d slots from a, which all lie above where they go. */
HANDLER(RET_N, 0, 0)
{
    const wrt_cell *ret = RETURN_ADDRESS();

    for (uint32_t i = 0; i < pc->d; i++)
        fp[i].u64 = fp[pc->a + i].u64;
    LEAVE(ret);
}

/* -- Exceptions ------------------------------------------------------------ */

/* Goes on where an exception was caught: in the function whose code this is, at
 * the place that the activation holds; or ends the run. */
#define LAND(code)                                                             \
    do {                                                                       \
        const struct wrt_icode *land_ = (code);                                \
        const struct wrt_activation *at_ = inst->ctx->activation;              \
        if (land_ == NULL)                                                     \
            EXIT(WRT_INTERP_ERROR);                                            \
        pc = at_->pc;                                                          \
        fp = at_->fp;                                                          \
        inst = at_->instance;                                                  \
        mem = inst->mem0->base;                                                \
        l0 = fp[land_->l0_slot].u64;                                           \
        CONTINUE;                                                              \
    } while (0)

HANDLER(THROW, 0, 0)
{
    LAND(wrt_interp_throw(inst, pc, fp));
}

#define THROW_REF_HANDLER(k, n)                                                \
    HANDLER(THROW_REF, n, n)                                                   \
    {                                                                          \
        void *exn = FETCH_##k(ref, a);                                         \
        if (WRT_UNLIKELY(exn == NULL))                                         \
            TRAP(WASMRT_ERR_NULL_EXN_REFERENCE);                               \
        LAND(wrt_interp_throw_ref(inst, pc, fp, exn));                         \
    }

THROW_REF_HANDLER(S, 0)
THROW_REF_HANDLER(A, 1)
THROW_REF_HANDLER(L, 2)

/* -- Other instances and the host ------------------------------------------ */

/* The stub of a function that is called for the first time. */
HANDLER(LAZY, 0, 0)
{
    const struct wrt_icode *stub =
        WRT_CONTAINER_OF(pc, const struct wrt_icode, cells);
    const wrt_cell *ret = fp[stub->nparams].ref;
    const struct wrt_icode *code;

    /* Should it fail, the caller is where it failed. */
    pc = ret - 1;
    fp -= pc->a;
    code = wrt_interp_lower(inst, stub->func_idx);
    if (WRT_UNLIKELY(code == NULL))
        TRAP(wrt_interp_why_not(inst->ctx));
    ENTER(code, inst, fp + pc->a, ret);
}

HANDLER(IMPORT_CALL, 0, 0)
{
    const struct wrt_icode *stub =
        WRT_CONTAINER_OF(pc, const struct wrt_icode, cells);

    acc = (uintptr_t)inst->imported_funcs[stub->func_idx];
    NEXT(1);
}

/*
 * Calls the funcref in the accumulator from a stub's frame.  a: parameter
 * slots, b: result slots; then the return information and IMPORT_RET.  The
 * frame has the caller's instance behind the return address, and from there on
 * the parameters once more, as the callee's frame.
 */
HANDLER(FOREIGN_CALL, 0, 0)
{
    struct wrt_funcref *ref = (struct wrt_funcref *)(uintptr_t)acc;
    wrt_slot *frame = fp + pc->a + 2;
    uint64_t code;

    fp[pc->a + 1].ref = inst;
    if (ref->host) {
        code = wrt_interp_call_host(inst, ref, fp, pc->a, pc->b);
        if (WRT_UNLIKELY(code != 0))
            LAND(wrt_interp_throw_host(inst));
        NEXT(2);
    }
    memcpy(frame, fp, sizeof(wrt_slot) * pc->a);
    mem = ref->instance->mem0->base;
    ENTER(CODE_OF(ref->instance, ref->func_idx), ref->instance, frame, pc + 2);
}

/* The stub of a function that the module's engine runs, which is not this one.
 * As FOREIGN_CALL. */
HANDLER(ENGINE_CALL, 0, 0)
{
    const struct wrt_icode *stub =
        WRT_CONTAINER_OF(pc, const struct wrt_icode, cells);
    uint64_t code;

    fp[pc->a + 1].ref = inst;
    code = wrt_interp_call_engine(inst, stub->func_idx, fp, pc->a, pc->b);
    if (WRT_UNLIKELY(code != 0))
        LAND(wrt_interp_throw_host(inst));
    NEXT(2);
}

/* a: where the results are; b: the return address; d: result slots. */
HANDLER(IMPORT_RET, 0, 0)
{
    const wrt_cell *ret = RETURN_ADDRESS();

    inst = fp[pc->b + 1].ref;
    mem = inst->mem0->base;
    for (uint32_t i = 0; i < pc->d; i++)
        fp[i].u64 = fp[pc->a + i].u64;
    acc = fp[0].u64;
    facc = (wrt_v4f)VSLOT(0);
    LEAVE(ret);
}

HANDLER(EXIT, 0, 0)
{
    EXIT(0);
}
