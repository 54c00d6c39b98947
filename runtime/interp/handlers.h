/*
 * The vocabulary in which handlers are written, in its two builds.
 *
 * A handler is written once, as HANDLER(NAME, VARIANT, NUMBER) { ... }: a
 * function whose parameters are the machine state, which ends in NEXT(cells),
 * JUMP(cells), TRAP(code) or CONTINUE.  In the tail build these jump to the
 * next handler; in the loop build they hand the state back to a loop that calls
 * it. Nothing else differs.
 *
 * State, in order of value (the first ones survive C calls for free):
 *   pc     the cell being executed        acc   last integer result
 *   fp     slot 0 of the frame            inst  the running instance
 *   mem    base of memory 0               l0    the pinned local's value
 *   facc   last float result, in lane 0; or the last vector
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_INTERP_HANDLERS_H
#define WRT_INTERP_HANDLERS_H

#include "runtime/base/access.h"
#include "runtime/interp/classes.h"
#include "runtime/interp/interp.h"
#include "runtime/interp/iop.h"
#include "runtime/store/atomics.h"
#include "runtime/store/gc.h"
#include "runtime/store/sample.h"
#include "runtime/store/simd.h"
#include "runtime/store/vmctx.h"

typedef wrt_f32x4 wrt_v4f;
typedef wrt_f64x2 wrt_v2d;
/* How a vector in two slots looks to the compiler. */
typedef __attribute__((aligned(8), may_alias)) wrt_v128 wrt_slot_v128;

#define UNUSED __attribute__((unused))
#define STATE_PARAMS                                                           \
    const wrt_cell *pc UNUSED, wrt_slot *fp UNUSED, uint8_t *mem UNUSED,       \
        uint64_t acc UNUSED, struct wrt_instance *inst UNUSED,                 \
        uint64_t l0 UNUSED, wrt_v4f facc UNUSED
#define STATE pc, fp, mem, acc, inst, l0, facc

/* -- The two builds -------------------------------------------------------- */

#if WRT_INTERP_TAIL
typedef WRT_PRESERVE_NONE uint64_t wrt_handler(STATE_PARAMS);

#define HANDLER_HEAD(name) WRT_PRESERVE_NONE uint64_t wrt_h_##name(STATE_PARAMS)
#define CONTINUE           WRT_MUSTTAIL return wrt_handlers[pc->op](STATE)
/* Goes on unless there is an interrupt. */
WRT_HIDDEN wrt_handler wrt_interp_resume;
#define RESUME WRT_MUSTTAIL return wrt_interp_resume(STATE)
/* Where a guarded access keeps pc and fp: in registers. */
#define BEFORE_ACCESS() ((void)0)
#else
/* The state between two handlers. */
struct wrt_machine {
    const wrt_cell *pc;
    wrt_slot *fp;
    uint8_t *mem;
    uint64_t acc;
    struct wrt_instance *inst;
    uint64_t l0;
    wrt_v4f facc;
};

typedef uint64_t wrt_handler(STATE_PARAMS, struct wrt_machine *machine);

#define HANDLER_HEAD(name)                                                     \
    uint64_t wrt_h_##name(STATE_PARAMS, struct wrt_machine *machine UNUSED)
/* What a handler returns for the loop to go on: no trap has that code. */
#define GO_ON (UINT64_MAX)
#define CONTINUE                                                               \
    do {                                                                       \
        *machine = (struct wrt_machine){STATE};                                \
        return GO_ON;                                                          \
    } while (0)
#define RESUME                                                                 \
    do {                                                                       \
        uint64_t why_ = wrt_poll(inst->ctx);                                   \
        if (why_ != 0)                                                         \
            return why_;                                                       \
        CONTINUE;                                                              \
    } while (0)
/* Registers are not dependable here: the activation holds pc and fp. */
#define BEFORE_ACCESS()                                                        \
    do {                                                                       \
        struct wrt_activation *act_ = inst->ctx->activation;                   \
        act_->pc = pc;                                                         \
        act_->fp = fp;                                                         \
        act_->instance = inst;                                                 \
    } while (0)
#endif

/* By operation.  Hidden: reached without a detour through the linkage table. */
extern WRT_HIDDEN wrt_handler *const wrt_handlers[WRT_IOP_COUNT];

#define HANDLER(name, variant, number)                                         \
    WRT_HIDDEN wrt_handler wrt_h_##name##_##variant;                           \
    HANDLER_HEAD(name##_##variant)
#define EXIT(code) return (code)

#define NEXT(cells)                                                            \
    do {                                                                       \
        pc += (cells);                                                         \
        CONTINUE;                                                              \
    } while (0)
#define JUMP(cells) NEXT(cells)

/* Leaves the interpreter with a trap at this instruction. */
#define TRAP(code)                                                             \
    do {                                                                       \
        struct wrt_activation *trap_act_ = inst->ctx->activation;              \
        trap_act_->pc = pc;                                                    \
        trap_act_->fp = fp;                                                    \
        trap_act_->instance = inst;                                            \
        EXIT(code);                                                            \
    } while (0)

/* Whether somebody wants to know where guest code stands: to stop it (an
 * interrupt or a deadline), or for a sample. */
#define POLLED()                                                               \
    WRT_UNLIKELY(__atomic_load_n(&inst->ctx->poll, __ATOMIC_RELAXED) != 0)

/* Answers, as standing at this instruction; what follows sets the state to go
 * on with, if there is no interrupt, and RESUME. */
#define STAND_HERE()                                                           \
    do {                                                                       \
        struct wrt_activation *here_act_ = inst->ctx->activation;              \
        here_act_->pc = pc;                                                    \
        here_act_->fp = fp;                                                    \
        here_act_->instance = inst;                                            \
    } while (0)
#define JUMP_POLLED(cells)                                                     \
    do {                                                                       \
        STAND_HERE();                                                          \
        pc += (cells);                                                         \
        RESUME;                                                                \
    } while (0)

/* The target follows the constant, if any.  Backwards, loops are stopped. */
#define BRANCH_IF(condition, back, target_cell)                                \
    do {                                                                       \
        if (condition) {                                                       \
            if ((back) && POLLED())                                            \
                JUMP_POLLED(pc[target_cell].target);                           \
            JUMP(pc[target_cell].target);                                      \
        }                                                                      \
        NEXT((target_cell) + 1);                                               \
    } while (0)

/* In the trap column of iop.def. */
#define NO_TRAP WASMRT_ERR_NONE

/* Lane 0 as f64 replaced, the rest kept: no instruction but the one that makes
 * the value. */
WRT_INLINE wrt_v4f with_f64(wrt_v4f v, double value)
{
    wrt_v2d lanes = (wrt_v2d)v;

    lanes[0] = value;
    return (wrt_v4f)lanes;
}

/* A 16-bit constant, sign-extended to each type.  Functions, because gcc takes
 * the conversions inside a larger expression for mistakes. */
WRT_INLINE int32_t k_i32(uint16_t field)
{
    return (int16_t)field;
}

WRT_INLINE uint32_t k_u32(uint16_t field)
{
    return (uint32_t)k_i32(field);
}

WRT_INLINE int64_t k_i64(uint16_t field)
{
    return (int16_t)field;
}

WRT_INLINE uint64_t k_u64(uint16_t field)
{
    return (uint64_t)k_i64(field);
}

/* -- Operands -------------------------------------------------------------- */

#define TYPE_u32 uint32_t
#define TYPE_i32 int32_t
#define TYPE_u64 uint64_t
#define TYPE_i64 int64_t
#define TYPE_f32 float
#define TYPE_f64 double
#define TYPE_ref void *
/* An integer result as the accumulator holds it: zero-extended. */
#define BITS_u32(v) ((uint64_t)(uint32_t)(v))
#define BITS_i32(v) ((uint64_t)(uint32_t)(v))
#define BITS_u64(v) ((uint64_t)(v))
#define BITS_i64(v) ((uint64_t)(v))

/* FETCH(class, type, field): the value of an operand. */
#define FETCH_S(t, field) (fp[pc->field].t)
#define FETCH_A(t, field) ((TYPE_##t)acc)
#define FETCH_L(t, field) ((TYPE_##t)l0)
#define FETCH_K(t, field) k_##t(pc->field)
#define FETCH_X(t, field) (pc[1].t)
#define FETCH_F(t, field) LANE_##t(facc)
#define LANE_f32(v)       ((v)[0])
#define LANE_f64(v)       (((wrt_v2d)(v))[0])

/* Cells of an instruction with an operand of that class at the end. */
#define CELLS_S 1
#define CELLS_A 1
#define CELLS_L 1
#define CELLS_K 1
#define CELLS_F 1
#define CELLS_X 2

/* PUT(class, bits): an integer result, zero-extended. */
#define PUT_S(bits) (acc = (bits), (void)(fp[pc->d].u64 = acc))
#define PUT_A(bits) ((void)(acc = (bits)))
#define PUT_L(bits) (acc = l0 = (bits), (void)(fp[pc->d].u64 = acc))

/* PUTF(class, type, value): a float result. */
#define SET_LANE_f32(v) (facc[0] = (v))
#define SET_LANE_f64(v) (facc = with_f64(facc, (v)))
#define PUTF_S(t, v)    (SET_LANE_##t(v), (void)(fp[pc->d].f64 = LANE_f64(facc)))
#define PUTF_F(t, v)    ((void)SET_LANE_##t(v))

/* -- Guest memory ---------------------------------------------------------- */

/* What a cast of iop.def's rows of memory and lanes loads or stores. */
#define GUEST_u8     wrt_guest_u8
#define GUEST_u16    wrt_guest_u16
#define GUEST_u32    wrt_guest_u32
#define GUEST_u64    wrt_guest_u64
#define GUEST_i8_32  wrt_guest_i8
#define GUEST_i16_32 wrt_guest_i16
#define GUEST_i8_64  wrt_guest_i8
#define GUEST_i16_64 wrt_guest_i16
#define GUEST_i32_64 wrt_guest_i32
#define GUEST_f32    wrt_guest_f32
#define GUEST_f64    wrt_guest_f64
#define GUEST_v128   wrt_guest_v128
/* What a loaded value is widened to.  A guarded load fills a whole register,
 * whose upper half the machine's 32-bit forms clear. */
#define REG_u8     uint32_t
#define REG_u16    uint32_t
#define REG_u32    uint32_t
#define REG_u64    uint64_t
#define REG_i8_32  uint32_t
#define REG_i16_32 uint32_t
#define REG_i8_64  uint64_t
#define REG_i16_64 uint64_t
#define REG_i32_64 uint64_t
#define REG_f32    float
#define REG_f64    double
#define REG_v128   wrt_v128

/* VFETCH(class, field): a v128 operand.  PUTV(class, value): a v128 result. */
#define VSLOT(index)    (*(wrt_slot_v128 *)(void *)&fp[index])
#define VFETCH_S(field) VSLOT(pc->field)
#define VFETCH_F(field) ((wrt_v128)facc)
#define PUTV_S(v)       (facc = (wrt_v4f)(v), (void)(VSLOT(pc->d) = (wrt_v128)facc))
#define PUTV_F(v)       ((void)(facc = (wrt_v4f)(v)))

/* The offset: field b or, wide, the next cell. */
#define OFFSET_0         (pc->b)
#define OFFSET_1         (pc[1].u64)
#define CELLS_WIDE(wide) ((wide) + 1)

/*
 * Accesses after a check: GUEST_LOAD(cast, out, ptr), where out is as wide as a
 * register, and GUEST_STORE(cast, value, ptr).
 */
#if WRT_HAS_GUARDED_ACCESS
#define GUEST_LOAD(c, out, ptr) GUEST_LOAD_(WRT_LOAD_##c, out, GUEST_##c, ptr)
#define GUEST_LOAD_(...)        WRT_CHECKED_LOAD(__VA_ARGS__)
#define GUEST_STORE(c, value, p)                                               \
    GUEST_STORE_(WRT_STORE_##c, value, GUEST_##c, p)
#define GUEST_STORE_(...) WRT_CHECKED_STORE(__VA_ARGS__)
#else
#define GUEST_LOAD(c, out, ptr)                                                \
    ((out) = (__typeof__(out))(REG_##c)(*(const volatile GUEST_##c *)(ptr)))
#define GUEST_STORE(c, value, ptr)                                             \
    ((void)(*(volatile GUEST_##c *)(ptr) = (GUEST_##c)(value)))
#endif

/* -- References ------------------------------------------------------------ */

/* Whether a reference is of a type that the module defines. */
WRT_INLINE bool is_of_type(struct wrt_instance *inst, uint64_t ref,
                           uint32_t type_idx, uint32_t is_nullable)
{
    uint32_t info;

    if (ref == 0 || wrt_ref_is_i31(ref))
        return ref == 0 && is_nullable;
    info = wrt_ref_object(ref)->info;
    return (info & WRT_OBJECT_ID_MASK) == inst->module->type_ids[type_idx] ||
           wrt_interp_is_below(inst, info, type_idx);
}

#endif
