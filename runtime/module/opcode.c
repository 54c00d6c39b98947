/*
 * The opcode table as data: one row per instruction, and the way from bytes to
 * rows.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/module/opcode.h"

#include "runtime/module/opcode_sig.h"
#include "runtime/module/types.h"

/* The effect names of opcode.def, for this file only. */
#define PURE     WRT_EFFECT_PURE
#define TRAPS    WRT_EFFECT_TRAPS
#define READS    WRT_EFFECT_READS
#define WRITES   WRT_EFFECT_WRITES
#define GROWS    WRT_EFFECT_GROWS
#define CALLS    WRT_EFFECT_CALLS
#define COMPARES WRT_EFFECT_COMPARES
#define COMMUTES WRT_EFFECT_COMMUTES
#define FREE     WRT_EFFECT_FREE
#define SPLITS   WRT_EFFECT_SPLITS

const struct wrt_op_info wrt_op_infos[WRT_OP_COUNT] = {
    [WRT_OP_NONE] = {.text = "(none)"},
#define OP(code, name, text, imm, sig, feature, effects)                       \
    [WRT_OP_##name] = {code,                                                   \
                       effects,                                                \
                       WRT_IMM_##imm,                                          \
                       WRT_FEATURE_IDX_##feature,                              \
                       WRT_SIG_LAST(sig),                                      \
                       WRT_SIG_CHARS(sig),                                     \
                       text},
#include "runtime/module/opcode.def"
#undef OP
};

/* The slot of a code in wrt_op_by_byte. */
#define SLOT(code)                                                             \
    ((code) < 0x100         ? (code)                                           \
     : (code) >> 12 == 0xfb ? WRT_OPTAB_FB + ((code) & 0xfff)                  \
     : (code) >> 12 == 0xfc ? WRT_OPTAB_FC + ((code) & 0xfff)                  \
     : (code) >> 12 == 0xfd ? WRT_OPTAB_FD + ((code) & 0xfff)                  \
                            : WRT_OPTAB_FE + ((code) & 0xfff))

const uint16_t wrt_op_by_byte[WRT_OPTAB_SIZE] = {
#define OP(code, name, text, imm, sig, feature, effects)                       \
    [SLOT(code)] = WRT_OP_##name,
#include "runtime/module/opcode.def"
#undef OP
};

enum wrt_op wrt_op_by_prefix(uint8_t prefix, uint32_t number)
{
    static const uint16_t starts[] = {WRT_OPTAB_FB, WRT_OPTAB_FC, WRT_OPTAB_FD,
                                      WRT_OPTAB_FE, WRT_OPTAB_SIZE};
    uint32_t row = (uint32_t)prefix - 0xfb;

    if (row >= WRT_COUNTOF(starts) - 1 ||
        number >= (uint32_t)(starts[row + 1] - starts[row]))
        return WRT_OP_NONE;
    return (enum wrt_op)wrt_op_by_byte[starts[row] + number];
}
