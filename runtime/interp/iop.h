/*
 * Threaded code: cells, operations and their variants.
 *
 * A function's code is a row of 8-byte cells: a 16-bit operation and three
 * 16-bit fields, followed by up to two cells of immediates.  No pointers, so
 * code is position independent and can be shared by instances and processes.
 *
 * An operation comes in variants, one per combination of operand classes:
 *
 *   S  slot of the frame              K  16-bit constant in the field
 *   A  accumulator register           X  constant in the next cell
 *   L  pinned local's register        F  float accumulator (A's number)
 *   Z  (addresses) no operand: the offset is the address
 *
 * An S destination also leaves the value in the accumulator, an L destination
 * in slot, accumulator and register: the slot of a local is always right.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_INTERP_IOP_H
#define WRT_INTERP_IOP_H

#include "runtime/base/base.h"

typedef union wrt_cell {
    struct {
        uint16_t op, a, b, d;
    };
    struct {
        uint16_t op_, a_;
        uint32_t imm32; /* beside a: calls, BR_TABLE, FUEL, THROW */
    };
    struct {
        int32_t target; /* branches: cells from the branch's first cell */
        uint32_t spare;
    };
    struct {
        uint32_t index, index2;
    };
    uint64_t u64;
    int64_t i64;
    uint32_t u32;
    int32_t i32;
    float f32;
    double f64;
} wrt_cell;

_Static_assert(sizeof(wrt_cell) == 8, "cells are 8 bytes");

/* Operand classes.  ORDER CLASS: the formulas below and classes.h. */
enum wrt_class {
    WRT_CLASS_S,
    WRT_CLASS_A,
    WRT_CLASS_L,
    WRT_CLASS_K,
    WRT_CLASS_X,
    WRT_CLASS_Z = WRT_CLASS_K,
    WRT_CLASS_F = WRT_CLASS_A,
};

/* Number of a variant within its operation, and how many a shape has. */
#define WRT_IBIN_VARIANT(ka, kb, kd)      (((ka) * 5 + (kb)) * 3 + (kd))
#define WRT_ICMP_BR_VARIANT(ka, kb, back) (((ka) * 5 + (kb)) * 2 + (back))
#define WRT_IUN_VARIANT(ka, kd)           ((ka) * 3 + (kd))
/* Float operands are S, F, and X as number 2. */
#define WRT_FX(k)                    ((k) == WRT_CLASS_X ? 2u : (uint32_t)(k))
#define WRT_FBIN_VARIANT(ka, kb, kd) ((WRT_FX(ka) * 3 + WRT_FX(kb)) * 2 + (kd))
#define WRT_FUN_VARIANT(ka, kd)      ((ka) * 2 + (kd))
#define WRT_FCMP_VARIANT(ka, kb, neg, kd)                                      \
    (((WRT_FX(ka) * 3 + WRT_FX(kb)) * 2 + (neg)) * 3 + (kd))
#define WRT_FCMP_BR_VARIANT(ka, kb, neg, back)                                 \
    (((WRT_FX(ka) * 3 + WRT_FX(kb)) * 2 + (neg)) * 2 + (back))
#define WRT_I2F_VARIANT(ka, kd) ((ka) * 2 + (kd))
#define WRT_F2I_VARIANT(ka, kd) ((ka) * 3 + (kd))
/* Memory: offset in the next cell (wide); guard pages or explicit checks. */
#define WRT_ILOAD_VARIANT(ka, kd, wide, guarded)                               \
    ((((ka) * 3 + (kd)) * 2 + (wide)) * 2 + (guarded))
#define WRT_FLOAD_VARIANT(ka, kd, wide, guarded)                               \
    ((((ka) * 2 + (kd)) * 2 + (wide)) * 2 + (guarded))
#define WRT_ISTORE_VARIANT(ka, kv, wide, guarded)                              \
    ((((ka) * 4 + (kv)) * 2 + (wide)) * 2 + (guarded))
#define WRT_FSTORE_VARIANT(ka, wide, guarded)                                  \
    (((ka) * 2 + (wide)) * 2 + (guarded))
/* The same at the sum of two operands; guarded memories only. */
#define WRT_LOAD_SUM_VARIANT(ka, kb, kd, wide)                                 \
    ((((ka) * 4 + (kb)) * 2 + (kd)) * 2 + (wide))
#define WRT_ISTORE_SUM_VARIANT(ka, kb, kv, wide)                               \
    ((((ka) * 4 + (kb)) * 4 + (kv)) * 2 + (wide))
#define WRT_FSTORE_SUM_VARIANT(ka, kb, wide) (((ka) * 4 + (kb)) * 2 + (wide))
/* The same in a first memory with 64-bit indices: unguarded, so half as many.
 */
#define WRT_ILOAD64_VARIANT(ka, kd, wide)                                      \
    (WRT_ILOAD_VARIANT(ka, kd, wide, 0) / 2)
#define WRT_FLOAD64_VARIANT(ka, kd, wide)                                      \
    (WRT_FLOAD_VARIANT(ka, kd, wide, 0) / 2)
#define WRT_ISTORE64_VARIANT(ka, kv, wide)                                     \
    (WRT_ISTORE_VARIANT(ka, kv, wide, 0) / 2)
#define WRT_FSTORE64_VARIANT(ka, wide) (WRT_FSTORE_VARIANT(ka, wide, 0) / 2)
/* The same in any memory, which field b names; the offset in the next cell.  No
 * Z; kd (kv) is S, A or F, ka S or A. */
#define WRT_ANY_VARIANT(ka, kd)    ((ka) * 2 + (kd))
#define WRT_FSTORE_ANY_VARIANT(ka) ((uint32_t)(ka))
/* A product and a third operand, in a slot: of A and B at most one is F. */
#define WRT_FMUL_VARIANT(ka, kb, kd) (((ka) * 2 + (kb)) * 2 + (kd))
/* Vectors: at most one of A, B and C is F; its number, or 0 (A 1, B 2, C 3). */
#define WRT_VBIN_VARIANT(ka, kb, kd)     (((ka) * 2 + (kb)) * 2 + (kd))
#define WRT_LANE_VARIANT(kd)             ((uint32_t)(kd))
#define WRT_VTERN_VARIANT(which, kd)     ((which) * 2 + (kd))
#define WRT_VSHIFT_VARIANT(ka, kb, kd)   (((ka) * 4 + (kb)) * 2 + (kd))
#define WRT_IREPLACE_VARIANT(ka, kb, kd) (((ka) * 3 + (kb)) * 2 + (kd))
#define WRT_VSTORE_VARIANT(ka, kv, wide, guarded)                              \
    ((((ka) * 2 + (kv)) * 2 + (wide)) * 2 + (guarded))
#define WRT_VSTORE_SUM_VARIANT(ka, kb, kv, wide)                               \
    ((((ka) * 4 + (kb)) * 2 + (kv)) * 2 + (wide))
#define WRT_VSTORE64_VARIANT(ka, kv, wide)                                     \
    (WRT_VSTORE_VARIANT(ka, kv, wide, 0) / 2)
/* Fields: ka S, A or L; what is stored (kv) S, A or K. */
#define WRT_OSET_VARIANT(ka, kv) ((ka) * 4 + (kv))
/* Elements: array, index (also K), then as above. */
#define WRT_AGET_VARIANT(ka, kb, kd)  (((ka) * 4 + (kb)) * 3 + (kd))
#define WRT_AFGET_VARIANT(ka, kb, kd) (((ka) * 4 + (kb)) * 2 + (kd))
#define WRT_ASET_VARIANT(ka, kb, kv)  (((ka) * 4 + (kb)) * 4 + (kv))
#define WRT_AFSET_VARIANT(ka, kb)     ((ka) * 4 + (kb))
#define WRT_OFSET_VARIANT(ka)         ((uint32_t)(ka))
#define WRT_CAST_VARIANT(ka)          ((uint32_t)(ka))
/* A branch when the test succeeds or (neg) fails. */
#define WRT_CAST_BR_VARIANT(ka, neg, back) (((ka) * 2 + (neg)) * 2 + (back))
/* Add a constant to a local, compare and branch; pinned: that local is l0. */
#define WRT_STEP_VARIANT(pinned, kb, back) (((pinned) * 4 + (kb)) * 2 + (back))

enum {
    WRT_IBIN_COUNT = 45,
    WRT_ICMP_BR_COUNT = 30,
    WRT_IUN_COUNT = 9,
    WRT_FBIN_COUNT = 18,
    WRT_FUN_COUNT = 4,
    WRT_FCMP_COUNT = 54,
    WRT_FCMP_BR_COUNT = 36,
    WRT_I2F_COUNT = 6,
    WRT_F2I_COUNT = 6,
    WRT_ILOAD_COUNT = 48,
    WRT_FLOAD_COUNT = 32,
    WRT_ISTORE_COUNT = 64,
    WRT_FSTORE_COUNT = 16,
    WRT_LOAD_SUM_COUNT = 48,
    WRT_ISTORE_SUM_COUNT = 96,
    WRT_FSTORE_SUM_COUNT = 24,
    WRT_ILOAD64_COUNT = 24,
    WRT_FLOAD64_COUNT = 16,
    WRT_ISTORE64_COUNT = 32,
    WRT_FSTORE64_COUNT = 8,
    WRT_ANY_COUNT = 4,
    WRT_FSTORE_ANY_COUNT = 2,
    WRT_FMUL_COUNT = 8,
    WRT_STEP_COUNT = 16,
    WRT_VBIN_COUNT = 8,
    WRT_VTERN_COUNT = 8,
    WRT_VSHIFT_COUNT = 16,
    WRT_IEXTRACT_COUNT = 3, /* by the destination's class */
    WRT_FEXTRACT_COUNT = 2,
    WRT_IREPLACE_COUNT = 12,
    WRT_VSTORE_COUNT = 32,
    WRT_VSTORE_SUM_COUNT = 48,
    WRT_VSTORE64_COUNT = 16,
    WRT_OSET_COUNT = 12,
    WRT_OFSET_COUNT = 3,
    WRT_AGET_COUNT = 36,
    WRT_AFGET_COUNT = 24,
    WRT_ASET_COUNT = 48,
    WRT_AFSET_COUNT = 12,
    WRT_CAST_COUNT = 3,
    WRT_CAST_BR_COUNT = 12,
};

/* First handler number of each operation; _LAST only keeps the count. */
#define WRT_IOP_RANGE(name, count)                                             \
    WRT_IOP_##name, WRT_IOP_##name##_LAST = WRT_IOP_##name + (count) - 1,

enum wrt_iop {
    WRT_IOP_NONE,
#define IBIN(name, t, expr)       WRT_IOP_RANGE(name, WRT_IBIN_COUNT)
#define IFUSED(name, t, expr)     WRT_IOP_RANGE(name, WRT_IBIN_COUNT)
#define IDIV(name, t, trap, expr) WRT_IOP_RANGE(name, WRT_IBIN_COUNT)
#define ICMP(name, t, expr, inverse)                                           \
    WRT_IOP_RANGE(name, WRT_IBIN_COUNT)                                        \
    WRT_IOP_RANGE(BR_##name, WRT_ICMP_BR_COUNT)                                \
    WRT_IOP_RANGE(STEP_##name, WRT_STEP_COUNT)
#define IUN(name, t, expr)  WRT_IOP_RANGE(name, WRT_IUN_COUNT)
#define FBIN(name, t, expr) WRT_IOP_RANGE(name, WRT_FBIN_COUNT)
#define FUN(name, t, expr)  WRT_IOP_RANGE(name, WRT_FUN_COUNT)
#define FCMP(name, t, expr)                                                    \
    WRT_IOP_RANGE(name, WRT_FCMP_COUNT)                                        \
    WRT_IOP_RANGE(BR_##name, WRT_FCMP_BR_COUNT)
#define I2F(name, t, u, expr)    WRT_IOP_RANGE(name, WRT_I2F_COUNT)
#define F2F(name, t, u, expr)    WRT_IOP_RANGE(name, WRT_FUN_COUNT)
#define F2I(name, t, trap, expr) WRT_IOP_RANGE(name, WRT_F2I_COUNT)
#define ILOAD(name, c)                                                         \
    WRT_IOP_RANGE(name, WRT_ILOAD_COUNT)                                       \
    WRT_IOP_RANGE(SUM_##name, WRT_LOAD_SUM_COUNT)                              \
    WRT_IOP_RANGE(INDEX64_##name, WRT_ILOAD64_COUNT)                           \
    WRT_IOP_RANGE(ANY_##name, WRT_ANY_COUNT)
#define FLOAD(name, t)                                                         \
    WRT_IOP_RANGE(name, WRT_FLOAD_COUNT)                                       \
    WRT_IOP_RANGE(SUM_##name, WRT_LOAD_SUM_COUNT)                              \
    WRT_IOP_RANGE(INDEX64_##name, WRT_FLOAD64_COUNT)                           \
    WRT_IOP_RANGE(ANY_##name, WRT_ANY_COUNT)
#define ISTORE(name, c)                                                        \
    WRT_IOP_RANGE(name, WRT_ISTORE_COUNT)                                      \
    WRT_IOP_RANGE(SUM_##name, WRT_ISTORE_SUM_COUNT)                            \
    WRT_IOP_RANGE(INDEX64_##name, WRT_ISTORE64_COUNT)                          \
    WRT_IOP_RANGE(ANY_##name, WRT_ANY_COUNT)
#define FSTORE(name, t)                                                        \
    WRT_IOP_RANGE(name, WRT_FSTORE_COUNT)                                      \
    WRT_IOP_RANGE(SUM_##name, WRT_FSTORE_SUM_COUNT)                            \
    WRT_IOP_RANGE(INDEX64_##name, WRT_FSTORE64_COUNT)                          \
    WRT_IOP_RANGE(ANY_##name, WRT_FSTORE_ANY_COUNT)
#define FMUL(name, t, expr)     WRT_IOP_RANGE(name, WRT_FMUL_COUNT)
#define VBIN(name, v, expr)     WRT_IOP_RANGE(name, WRT_VBIN_COUNT)
#define VUN(name, v, expr)      WRT_IOP_RANGE(name, WRT_FUN_COUNT)
#define VTERN(name, v, expr)    WRT_IOP_RANGE(name, WRT_VTERN_COUNT)
#define VSHIFT(name, v, expr)   WRT_IOP_RANGE(name, WRT_VSHIFT_COUNT)
#define VTEST(name, v, expr)    WRT_IOP_RANGE(name, WRT_F2I_COUNT)
#define VSHUFFLE(name, v, expr) WRT_IOP_RANGE(name, WRT_VBIN_COUNT)
#define ISPLAT(name, t, expr)   WRT_IOP_RANGE(name, WRT_I2F_COUNT)
#define FSPLAT(name, t, expr)   WRT_IOP_RANGE(name, WRT_FUN_COUNT)
#define IEXTRACT(name, c)       WRT_IOP_RANGE(name, WRT_IEXTRACT_COUNT)
#define FEXTRACT(name, t)       WRT_IOP_RANGE(name, WRT_FEXTRACT_COUNT)
#define IREPLACE(name, v, type) WRT_IOP_RANGE(name, WRT_IREPLACE_COUNT)
#define FREPLACE(name, v, t)    WRT_IOP_RANGE(name, WRT_VBIN_COUNT)
#define VLOAD(name, c, expr)                                                   \
    WRT_IOP_RANGE(name, WRT_FLOAD_COUNT)                                       \
    WRT_IOP_RANGE(SUM_##name, WRT_LOAD_SUM_COUNT)                              \
    WRT_IOP_RANGE(INDEX64_##name, WRT_FLOAD64_COUNT)                           \
    WRT_IOP_RANGE(ANY_##name, WRT_ANY_COUNT)
#define VSTORE(name, c)                                                        \
    WRT_IOP_RANGE(name, WRT_VSTORE_COUNT)                                      \
    WRT_IOP_RANGE(SUM_##name, WRT_VSTORE_SUM_COUNT)                            \
    WRT_IOP_RANGE(INDEX64_##name, WRT_VSTORE64_COUNT)                          \
    WRT_IOP_RANGE(ANY_##name, WRT_ANY_COUNT)
#define ICHECKED(name, trap, expr) WRT_IOP_RANGE(name, WRT_IUN_COUNT)
#define IGET(name, c)                                                          \
    WRT_IOP_RANGE(STRUCT_GET_##name, WRT_IUN_COUNT)                            \
    WRT_IOP_RANGE(ARRAY_GET_##name, WRT_AGET_COUNT)
#define FGET(name, t)                                                          \
    WRT_IOP_RANGE(STRUCT_GET_##name, WRT_I2F_COUNT)                            \
    WRT_IOP_RANGE(ARRAY_GET_##name, WRT_AFGET_COUNT)
#define ISET(name, c)                                                          \
    WRT_IOP_RANGE(STRUCT_SET_##name, WRT_OSET_COUNT)                           \
    WRT_IOP_RANGE(ARRAY_SET_##name, WRT_ASET_COUNT)
#define FSET(name, t)                                                          \
    WRT_IOP_RANGE(STRUCT_SET_##name, WRT_OFSET_COUNT)                          \
    WRT_IOP_RANGE(ARRAY_SET_##name, WRT_AFSET_COUNT)
#define ITEST(name, expr)                                                      \
    WRT_IOP_RANGE(TEST_##name, WRT_IUN_COUNT)                                  \
    WRT_IOP_RANGE(CAST_##name, WRT_CAST_COUNT)                                 \
    WRT_IOP_RANGE(BR_CAST_##name, WRT_CAST_BR_COUNT)
#define ATOMIC(name, t, expr) WRT_IOP_RANGE(name, 1)
#define MISC(name, count)     WRT_IOP_RANGE(name, count)
#include "runtime/store/iop_rows.h"
    WRT_IOP_COUNT
};

_Static_assert(WRT_IOP_COUNT <= UINT16_MAX, "an operation fits 16 bits");

#endif
