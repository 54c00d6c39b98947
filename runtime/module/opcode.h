/*
 * Opcodes, derived from opcode.def.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_MODULE_OPCODE_H
#define WRT_MODULE_OPCODE_H

#include "runtime/base/base.h"
#include "runtime/module/features.h"

/* Dense numbers in the order of opcode.def; 0 is no instruction. */
enum wrt_op {
    WRT_OP_NONE,
#define OP(code, name, text, imm, sig, feature, effects) WRT_OP_##name,
#include "runtime/module/opcode.def"
#undef OP
    WRT_OP_COUNT
};

/* How the immediates of an instruction are encoded (spec 5.4). */
enum wrt_imm {
    WRT_IMM_NONE,
    WRT_IMM_BLOCK,         /* block type */
    WRT_IMM_LABEL,         /* relative depth */
    WRT_IMM_BR_TABLE,      /* vector of depths, default depth */
    WRT_IMM_FUNC,          /* function index */
    WRT_IMM_CALL_INDIRECT, /* type index, table index */
    WRT_IMM_TYPE,          /* type index */
    WRT_IMM_SELECT_T,      /* vector of value types */
    WRT_IMM_LOCAL,
    WRT_IMM_GLOBAL,
    WRT_IMM_TABLE,
    WRT_IMM_TABLE_INIT, /* elem index, table index */
    WRT_IMM_TABLE_COPY, /* table index dst, src */
    WRT_IMM_ELEM,
    WRT_IMM_MEMORY,
    WRT_IMM_MEMORY_INIT, /* data index, memory index */
    WRT_IMM_MEMORY_COPY, /* memory index dst, src */
    WRT_IMM_DATA,
    WRT_IMM_MEMARG0, /* alignment, memory index when flagged, offset; */
    WRT_IMM_MEMARG1, /* the number is log2 of the natural alignment */
    WRT_IMM_MEMARG2,
    WRT_IMM_MEMARG3,
    WRT_IMM_MEMARG4,
    WRT_IMM_I32,
    WRT_IMM_I64,
    WRT_IMM_F32,
    WRT_IMM_F64,
    WRT_IMM_HEAP_TYPE, /* heap type, nullable by itself: ref.null */
    WRT_IMM_REF_TYPE,  /* heap type; the opcode says whether nullable */
    WRT_IMM_CAST,      /* null flags, label, heap types from and to */
    WRT_IMM_TYPE_FIELD,
    WRT_IMM_TYPE_COUNT, /* type index, number of operands */
    WRT_IMM_TYPE_DATA,
    WRT_IMM_TYPE_ELEM,
    WRT_IMM_TYPE_TYPE,
    WRT_IMM_TAG,
    WRT_IMM_TRY_TABLE, /* block type, vector of catch clauses */
    WRT_IMM_V128,      /* 16 bytes */
    WRT_IMM_SHUFFLE,   /* 16 lanes */
    WRT_IMM_LANE2,     /* a lane below 2, 4 ... */
    WRT_IMM_LANE4,
    WRT_IMM_LANE8,
    WRT_IMM_LANE16,
    WRT_IMM_MEMARG0_LANE, /* memory argument, lane */
    WRT_IMM_MEMARG1_LANE,
    WRT_IMM_MEMARG2_LANE,
    WRT_IMM_MEMARG3_LANE,
    WRT_IMM_ATOMIC0, /* memory argument whose alignment must be natural */
    WRT_IMM_ATOMIC1,
    WRT_IMM_ATOMIC2,
    WRT_IMM_ATOMIC3,
    WRT_IMM_FENCE, /* a zero byte */
};

/* What an instruction does besides computing its results. */
enum wrt_effect {
    WRT_EFFECT_0 = 0,
    WRT_EFFECT_PURE = 1 << 0,     /* nothing, and cannot trap */
    WRT_EFFECT_TRAPS = 1 << 1,    /* may trap */
    WRT_EFFECT_READS = 1 << 2,    /* reads a memory */
    WRT_EFFECT_WRITES = 1 << 3,   /* writes a memory */
    WRT_EFFECT_GROWS = 1 << 4,    /* may move or grow a memory or table */
    WRT_EFFECT_CALLS = 1 << 5,    /* runs other code */
    WRT_EFFECT_COMPARES = 1 << 6, /* result is 0 or 1 */
    WRT_EFFECT_COMMUTES = 1 << 7, /* operands may be swapped, NaN bits apart */
    /* Fuel: what is not counted, and where a basic block ends, so that all of
     * it is executed or none: where control may leave or come in. */
    WRT_EFFECT_FREE = 1 << 8,
    WRT_EFFECT_SPLITS = 1 << 9,
};

/* Text in place: pointers to it would have to be relocated wherever the program
 * is loaded. */
struct wrt_op_info {
    uint32_t code;     /* as in opcode.def */
    uint16_t effects;  /* WRT_EFFECT_* */
    uint8_t imm;       /* enum wrt_imm */
    uint8_t feature;   /* enum wrt_feature_idx */
    uint8_t result;    /* enum wrt_kind of the signature's last, or BOT */
    char signature[8]; /* "" when there is none */
    char text[36];     /* keyword of the text format */
};

/* One row per opcode, indexed by enum wrt_op. */
extern const struct wrt_op_info wrt_op_infos[WRT_OP_COUNT];

/* Where wrt_op_by_byte continues with the instructions of each prefix. */
enum {
    WRT_OPTAB_FB = 256,
    WRT_OPTAB_FC = WRT_OPTAB_FB + 64,
    WRT_OPTAB_FD = WRT_OPTAB_FC + 64,
    WRT_OPTAB_FE = WRT_OPTAB_FD + 512,
    WRT_OPTAB_SIZE = WRT_OPTAB_FE + 128,
};

/* The instruction with an unprefixed byte, or WRT_OP_NONE.  Entries from 256 on
 * are for wrt_op_by_prefix(). */
extern const uint16_t wrt_op_by_byte[WRT_OPTAB_SIZE];

/* The instruction `number` behind prefix 0xfb..0xfe, or WRT_OP_NONE. */
enum wrt_op wrt_op_by_prefix(uint8_t prefix, uint32_t number);

#endif
