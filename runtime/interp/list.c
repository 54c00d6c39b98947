/*
 * Listing of threaded code for humans: operation names with their classes, and
 * the code of functions.
 *
 * The name of a variant is computed from its number and the operation's shape,
 * so no table of five thousand strings exists.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/interp/list.h"

#include "runtime/interp/code.h"
#include "runtime/interp/lower.h"
#include "runtime/interp/places.h"
#include "runtime/module/dump.h"

#include <stdio.h>

/* Names in place: see opcode.h. */
struct op_row {
    char name[36];
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
#define ILOAD(name, c)             MEM(name, ILOAD)
#define FLOAD(name, t)             MEM(name, FLOAD)
#define ISTORE(name, c)            MEM(name, ISTORE)
#define FSTORE(name, t)            MEM(name, FSTORE)
#define FMUL(name, t, expr)        ROW(name, FMUL)
#define VBIN(name, v, expr)        ROW(name, VBIN)
#define VUN(name, v, expr)         ROW(name, FUN)
#define VTERN(name, v, expr)       ROW(name, VTERN)
#define VSHIFT(name, v, expr)      ROW(name, VSHIFT)
#define VTEST(name, v, expr)       ROW(name, F2I)
#define VSHUFFLE(name, v, expr)    ROW(name, VBIN)
#define ISPLAT(name, t, expr)      ROW(name, I2F)
#define FSPLAT(name, t, expr)      ROW(name, FUN)
#define IEXTRACT(name, c)          ROW(name, IEXTRACT)
#define FEXTRACT(name, t)          ROW(name, FEXTRACT)
#define IREPLACE(name, v, type)    ROW(name, IREPLACE)
#define FREPLACE(name, v, t)       ROW(name, VBIN)
#define VLOAD(name, c, expr)       MEM(name, FLOAD)
#define VSTORE(name, c)            MEM(name, VSTORE)
#define ICHECKED(name, trap, expr) ROW(name, IUN)
#define IGET(name, c)              ROW(STRUCT_GET_##name, OGET) ROW(ARRAY_GET_##name, AGET)
#define FGET(name, t)              ROW(STRUCT_GET_##name, OFGET) ROW(ARRAY_GET_##name, AFGET)
#define ISET(name, c)              ROW(STRUCT_SET_##name, OSET) ROW(ARRAY_SET_##name, ASET)
#define FSET(name, t)              ROW(STRUCT_SET_##name, OFSET) ROW(ARRAY_SET_##name, AFSET)
#define ITEST(name, expr)                                                      \
    ROW(TEST_##name, TEST) ROW(CAST_##name, CAST) ROW(BR_CAST_##name, CAST_BR)
#define ATOMIC(name, t, expr) ROW(name, NONE)
#define MISC(name, count)     ROW(name, NONE)
#include "runtime/store/iop_rows.h"
    {"", WRT_IOP_COUNT, WRT_SHAPE_NONE},
};

static const struct op_row *find_row(uint16_t op)
{
    const struct op_row *row = op_rows;

    while (row[1].first <= op)
        row++;
    return row;
}

/*
 * How a variant's number is made of its classes, by shape (the formulas of
 * iop.h): each class counts `step`, and its number picks a letter.  What
 * follows the last class is not told apart.
 */
static const struct {
    char letters[3][6];
    uint8_t step[3];
} shape_classes[] = {
    [WRT_SHAPE_IBIN] = {{"SALKX", "SALKX", "SAL"}, {15, 3, 1}},
    [WRT_SHAPE_ICMP_BR] = {{"SALKX", "SALKX"}, {10, 2}},
    [WRT_SHAPE_IUN] = {{"SAL", "SAL"}, {3, 1}},
    [WRT_SHAPE_FBIN] = {{"SFX", "SFX", "SF"}, {6, 2, 1}},
    [WRT_SHAPE_FUN] = {{"SF", "SF"}, {2, 1}},
    [WRT_SHAPE_FCMP] = {{"SFX", "SFX", "SAL"}, {18, 6, 1}},
    [WRT_SHAPE_FCMP_BR] = {{"SFX", "SFX"}, {12, 4}},
    [WRT_SHAPE_I2F] = {{"SAL", "SF"}, {2, 1}},
    [WRT_SHAPE_F2I] = {{"SF", "SAL"}, {3, 1}},
    [WRT_SHAPE_ILOAD] = {{"SALZ", "SAL"}, {12, 4}},
    [WRT_SHAPE_FLOAD] = {{"SALZ", "SF"}, {8, 4}},
    [WRT_SHAPE_ISTORE] = {{"SALZ", "SALK"}, {16, 4}},
    [WRT_SHAPE_FSTORE] = {{"SALZ"}, {4}},
    [WRT_SHAPE_VSTORE] = {{"SALZ", "SF"}, {8, 4}},
    [WRT_SHAPE_ILOAD_SUM] = {{"SAL", "SALK", "SA"}, {16, 4, 2}},
    [WRT_SHAPE_FLOAD_SUM] = {{"SAL", "SALK", "SF"}, {16, 4, 2}},
    [WRT_SHAPE_ISTORE_SUM] = {{"SAL", "SALK", "SALK"}, {32, 8, 2}},
    [WRT_SHAPE_FSTORE_SUM] = {{"SAL", "SALK"}, {8, 2}},
    [WRT_SHAPE_VSTORE_SUM] = {{"SAL", "SALK", "SF"}, {16, 4, 2}},
    [WRT_SHAPE_ILOAD_INDEX64] = {{"SALZ", "SAL"}, {6, 2}},
    [WRT_SHAPE_FLOAD_INDEX64] = {{"SALZ", "SF"}, {4, 2}},
    [WRT_SHAPE_ISTORE_INDEX64] = {{"SALZ", "SALK"}, {8, 2}},
    [WRT_SHAPE_FSTORE_INDEX64] = {{"SALZ"}, {2}},
    [WRT_SHAPE_VSTORE_INDEX64] = {{"SALZ", "SF"}, {4, 2}},
    [WRT_SHAPE_ILOAD_ANY] = {{"SA", "SA"}, {2, 1}},
    [WRT_SHAPE_FLOAD_ANY] = {{"SA", "SF"}, {2, 1}},
    [WRT_SHAPE_ISTORE_ANY] = {{"SA", "SA"}, {2, 1}},
    [WRT_SHAPE_FSTORE_ANY] = {{"SA"}, {1}},
    [WRT_SHAPE_VSTORE_ANY] = {{"SA", "SF"}, {2, 1}},
    [WRT_SHAPE_FMUL] = {{"SF", "SF", "SF"}, {4, 2, 1}},
    [WRT_SHAPE_STEP] = {{"SL", "SALK"}, {8, 2}},
    [WRT_SHAPE_VBIN] = {{"SF", "SF", "SF"}, {4, 2, 1}},
    [WRT_SHAPE_VTERN] = {{"SABC", "SF"}, {2, 1}},
    [WRT_SHAPE_VSHIFT] = {{"SF", "SALK", "SF"}, {8, 2, 1}},
    [WRT_SHAPE_IEXTRACT] = {{"SAL"}, {1}},
    [WRT_SHAPE_FEXTRACT] = {{"SF"}, {1}},
    [WRT_SHAPE_IREPLACE] = {{"SF", "SAL", "SF"}, {6, 2, 1}},
    [WRT_SHAPE_OGET] = {{"SAL", "SAL"}, {3, 1}},
    [WRT_SHAPE_OFGET] = {{"SAL", "SF"}, {2, 1}},
    [WRT_SHAPE_OSET] = {{"SAL", "SALK"}, {4, 1}},
    [WRT_SHAPE_OFSET] = {{"SAL"}, {1}},
    [WRT_SHAPE_AGET] = {{"SAL", "SALK", "SAL"}, {12, 3, 1}},
    [WRT_SHAPE_AFGET] = {{"SAL", "SALK", "SF"}, {8, 2, 1}},
    [WRT_SHAPE_ASET] = {{"SAL", "SALK", "SALK"}, {16, 4, 1}},
    [WRT_SHAPE_AFSET] = {{"SAL", "SALK"}, {4, 1}},
    [WRT_SHAPE_TEST] = {{"SAL", "SAL"}, {3, 1}},
    [WRT_SHAPE_CAST] = {{"SAL"}, {1}},
    [WRT_SHAPE_CAST_BR] = {{"SAL"}, {4}},
};

/* Letters of the classes of variant v.  Returns their number. */
static int class_letters(enum wrt_shape shape, uint32_t v, char out[4])
{
    int n = 0;

    if (shape >= WRT_COUNTOF(shape_classes))
        return 0;
    for (; n < 3 && shape_classes[shape].letters[n][0]; n++) {
        const char *letters = shape_classes[shape].letters[n];

        out[n] = letters[v / shape_classes[shape].step[n] % strlen(letters)];
    }
    return n;
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

/* -- Functions ------------------------------------------------------------- */

/* The cells from `first` to `end` that one instruction became: the operation
 * with its fields, then what follows it as it is. */
static void list_cells(const struct wrt_out *out, const struct wrt_icode *code,
                       uint32_t first, uint32_t end, uint32_t offset)
{
    const wrt_cell *cell = &code->cells[first];
    char name[32];

    wrt_out_put(out, "  0x%06x  [%u] %s %u %u %u", (unsigned)offset,
                (unsigned)first, wrt_iop_name(cell->op, name, sizeof(name)),
                (unsigned)cell->a, (unsigned)cell->b, (unsigned)cell->d);
    for (uint32_t i = first + 1; i < end; i++)
        wrt_out_put(out, " %llx", (unsigned long long)code->cells[i].u64);
    wrt_out_put(out, "\n");
}

wasmrt_error *wrt_interp_list(struct wrt_module *module, uint32_t func_idx,
                              wrt_write_fn *write, void *user)
{
    const struct wrt_out out = {write, user};
    struct wrt_places_cursor next;
    struct wrt_icode *code;
    uint32_t first = 0, offset = 0;

    WRT_TRY(wrt_interp_lower_now(module, func_idx, NULL, &code));
    wrt_out_put(&out, "  code: %u cells, a frame of %u slots",
                (unsigned)code->ncells, (unsigned)code->frame_slots);
    if (code->l0_slot)
        wrt_out_put(&out, ", local %u pinned", (unsigned)code->l0_slot);
    wrt_out_put(&out, "\n");
    next = (struct wrt_places_cursor){
        .bytes = wrt_icode_places(code),
        .at = wrt_icode_places(code),
        .len = (size_t)code->cells[code->ncells].u64,
    };
    while (wrt_places_next(&next)) {
        if (next.cell > first)
            list_cells(&out, code, first, next.cell, offset);
        first = next.cell;
        offset = next.offset;
    }
    if (first < code->ncells)
        list_cells(&out, code, first, code->ncells, offset);
    wrt_out_put(&out, "\n");
    return NULL;
}
