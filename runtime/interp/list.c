/*
 * Listing of threaded code for humans: operation names with their classes.
 *
 * The name of a variant is computed from its number and the operation's shape,
 * so no table of five thousand strings exists.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/list.h"

#include "runtime/interp/lower.h"

#include <stdio.h>

struct op_row {
    const char *name;
    uint16_t first;
    uint8_t shape;
};

/* In the order of numbers; a row ends where the next begins. */
static const struct op_row op_rows[] = {
#define ROW(name, shape)          {#name, WRT_IOP_##name, WRT_SHAPE_##shape},
#define IBIN(name, t, expr)       ROW(name, IBIN)
#define IFUSED(name, t, expr)     ROW(name, IBIN)
#define IDIV(name, t, trap, expr) ROW(name, IBIN)
#define ICMP(name, t, expr, inverse)                                           \
    ROW(name, IBIN) ROW(BR_##name, ICMP_BR) ROW(STEP_##name, STEP)
#define IUN(name, t, expr)       ROW(name, IUN)
#define FBIN(name, t, expr)      ROW(name, FBIN)
#define FUN(name, t, expr)       ROW(name, FUN)
#define FCMP(name, t, expr)      ROW(name, FCMP) ROW(BR_##name, FCMP_BR)
#define I2F(name, t, u, expr)    ROW(name, I2F)
#define F2F(name, t, u, expr)    ROW(name, FUN)
#define F2I(name, t, trap, expr) ROW(name, F2I)
#define MEM(name, shape)                                                       \
    ROW(name, shape)                                                           \
    ROW(SUM_##name, shape##_SUM)                                               \
    ROW(INDEX64_##name, shape##_INDEX64)                                       \
    ROW(ANY_##name, shape##_ANY)
#define ILOAD(name, c)      MEM(name, ILOAD)
#define FLOAD(name, t)      MEM(name, FLOAD)
#define ISTORE(name, c)     MEM(name, ISTORE)
#define FSTORE(name, t)     MEM(name, FSTORE)
#define FMUL(name, t, expr) ROW(name, FMUL)
#define MISC(name, count)   ROW(name, NONE)
#include "runtime/interp/iop_rows.h"
    {NULL, WRT_IOP_COUNT, WRT_SHAPE_NONE},
};

static const struct op_row *find_row(uint16_t op)
{
    const struct op_row *row = op_rows;

    while (row[1].first <= op)
        row++;
    return row;
}

/* Letters of the classes, by shape; see the formulas in iop.h.  Returns their
 * number. */
static int class_letters(enum wrt_shape shape, uint32_t v, char out[4])
{
    static const char ints[] = "SALKX", floats[] = "SFX", dest[] = "SAL";

    switch (shape) {
    case WRT_SHAPE_IBIN:
        out[0] = ints[v / 15], out[1] = ints[v / 3 % 5], out[2] = dest[v % 3];
        return 3;
    case WRT_SHAPE_ICMP_BR:
        out[0] = ints[v / 10], out[1] = ints[v / 2 % 5];
        return 2;
    case WRT_SHAPE_IUN: out[0] = ints[v / 3], out[1] = dest[v % 3]; return 2;
    case WRT_SHAPE_FBIN:
        out[0] = floats[v / 6], out[1] = floats[v / 2 % 3];
        out[2] = floats[v % 2];
        return 3;
    case WRT_SHAPE_FUN:
        out[0] = floats[v / 2], out[1] = floats[v % 2];
        return 2;
    case WRT_SHAPE_FCMP:
        out[0] = floats[v / 18], out[1] = floats[v / 6 % 3];
        out[2] = dest[v % 3];
        return 3;
    case WRT_SHAPE_FCMP_BR:
        out[0] = floats[v / 12], out[1] = floats[v / 4 % 3];
        return 2;
    case WRT_SHAPE_I2F: out[0] = ints[v / 2], out[1] = floats[v % 2]; return 2;
    case WRT_SHAPE_F2I: out[0] = floats[v / 3], out[1] = dest[v % 3]; return 2;
    case WRT_SHAPE_ILOAD:
        out[0] = "SALZ"[v / 12], out[1] = dest[v / 4 % 3];
        return 2;
    case WRT_SHAPE_FLOAD:
        out[0] = "SALZ"[v / 8], out[1] = floats[v / 4 % 2];
        return 2;
    case WRT_SHAPE_ISTORE:
        out[0] = "SALZ"[v / 16], out[1] = "SALK"[v / 4 % 4];
        return 2;
    case WRT_SHAPE_FSTORE: out[0] = "SALZ"[v / 4]; return 1;
    case WRT_SHAPE_ILOAD_SUM:
        out[0] = "SAL"[v / 16], out[1] = "SALK"[v / 4 % 4];
        out[2] = dest[v / 2 % 2];
        return 3;
    case WRT_SHAPE_FLOAD_SUM:
        out[0] = "SAL"[v / 16], out[1] = "SALK"[v / 4 % 4];
        out[2] = floats[v / 2 % 2];
        return 3;
    case WRT_SHAPE_ISTORE_SUM:
        out[0] = "SAL"[v / 32], out[1] = "SALK"[v / 8 % 4];
        out[2] = "SALK"[v / 2 % 4];
        return 3;
    case WRT_SHAPE_FSTORE_SUM:
        out[0] = "SAL"[v / 8], out[1] = "SALK"[v / 2 % 4];
        return 2;
    case WRT_SHAPE_ILOAD_INDEX64:
        return class_letters(WRT_SHAPE_ILOAD, v * 2, out);
    case WRT_SHAPE_FLOAD_INDEX64:
        return class_letters(WRT_SHAPE_FLOAD, v * 2, out);
    case WRT_SHAPE_ISTORE_INDEX64:
        return class_letters(WRT_SHAPE_ISTORE, v * 2, out);
    case WRT_SHAPE_FSTORE_INDEX64:
        return class_letters(WRT_SHAPE_FSTORE, v * 2, out);
    case WRT_SHAPE_ILOAD_ANY:
    case WRT_SHAPE_FLOAD_ANY:
    case WRT_SHAPE_ISTORE_ANY:
        out[0] = "SA"[v / 2];
        out[1] = (shape == WRT_SHAPE_FLOAD_ANY ? floats : dest)[v % 2];
        return 2;
    case WRT_SHAPE_FSTORE_ANY: out[0] = "SA"[v]; return 1;
    case WRT_SHAPE_FMUL:
        out[0] = floats[v / 4], out[1] = floats[v / 2 % 2];
        out[2] = floats[v % 2];
        return 3;
    case WRT_SHAPE_STEP:
        out[0] = "SL"[v / 8], out[1] = "SALK"[v / 2 % 4];
        return 2;
    default: return 0;
    }
}

const char *wrt_iop_name(uint16_t op, char *buf, size_t size)
{
    const struct op_row *row = find_row(op);
    uint32_t variant = (uint32_t)op - row->first;
    char letters[5] = "";
    int n = class_letters((enum wrt_shape)row->shape, variant, letters);

    letters[n] = '\0';
    if (n > 0)
        snprintf(buf, size, "%s.%s", row->name, letters);
    else if (row[1].first - row->first > 1)
        snprintf(buf, size, "%s.%u", row->name, (unsigned)variant);
    else
        snprintf(buf, size, "%s", row->name);
    return buf;
}
