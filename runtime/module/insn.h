/*
 * Instruction iterator: bytes of a body -> opcode and immediates.
 *
 * The one place that knows how immediates are encoded.  The validator uses it
 * on unchecked input and must look at the reader's failure; after validation
 * the engines, the printer and the tracer walk the same bytes without checks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_MODULE_INSN_H
#define WRT_MODULE_INSN_H

#include "runtime/base/reader.h"
#include "runtime/module/module.h"
#include "runtime/module/opcode.h"

/* A block type (spec 5.4.1): no value, one value, or a type index. */
struct wrt_block_type {
    enum { WRT_BLOCK_EMPTY, WRT_BLOCK_VALUE, WRT_BLOCK_TYPE } form;
    wrt_valtype value; /* VALUE */
    uint32_t type_idx; /* TYPE: the module's type index */
};

struct wrt_memarg {
    uint32_t align_log2;
    uint32_t memory_idx;
    uint64_t offset;
    uint8_t lane; /* MEMARGn_LANE */
};

/* One decoded instruction.  Which members are set follows from its imm kind. */
struct wrt_insn {
    enum wrt_op op;
    const uint8_t *pos; /* its first byte */
    union {
        struct wrt_block_type block; /* BLOCK */
        struct wrt_memarg memarg;    /* MEMARGn, MEMARGn_LANE, ATOMICn */
        struct {
            uint32_t index;  /* the first or only index; LABEL: the depth;
                                CALL_INDIRECT: the type; *_COPY: dst; LANEn */
            uint32_t index2; /* the second index: table, memory, field, data,
                                elem, type; *_COPY: src; TYPE_COUNT: count */
        };
        struct {
            uint32_t count;         /* BR_TABLE: targets without the default */
            const uint8_t *targets; /* count + 1 LEB128 depths follow here */
        };
        struct {
            struct wrt_block_type block; /* same place as imm.block */
            uint32_t ncatches;
            const uint8_t *catches; /* for wrt_catch_read() */
        } try_table;                /* TRY_TABLE */
        struct {
            uint32_t label;
            wrt_valtype from, to;
        } cast;               /* CAST */
        uint64_t bits;        /* I32 (sign-extended), I64, F32, F64 */
        const uint8_t *bytes; /* V128, SHUFFLE: 16 bytes */
        wrt_valtype type;     /* SELECT_T; HEAP_TYPE, REF_TYPE: the reference */
    } imm;
};

/* A catch clause of try_table (spec 5.4.1). */
enum wrt_catch_kind {
    WRT_CATCH,
    WRT_CATCH_REF,
    WRT_CATCH_ALL,
    WRT_CATCH_ALL_REF,
};

struct wrt_catch {
    enum wrt_catch_kind kind;
    uint32_t tag; /* CATCH, CATCH_REF */
    uint32_t label;
};

/* Reads the next instruction.  On malformed input the reader fails; then the
 * contents of insn are unspecified.  Feature gates and index checks are the
 * validator's. */
void wrt_insn_read(const struct wrt_module *module, struct wrt_reader *r,
                   struct wrt_insn *insn);

/* Moves from the start of a body of the module to its first instruction; how
 * many locals are declared, parameters aside. */
uint32_t wrt_locals_skip(const struct wrt_module *module, struct wrt_reader *r);

/* Reads one catch clause. */
void wrt_catch_read(struct wrt_reader *r, struct wrt_catch *clause);

/* Parameters and results of a block type, of a module that has been decoded.
 * For VALUE the single result is insn->imm.block.value itself. */
struct wrt_block_sig {
    uint32_t nparams, nresults;
    const wrt_valtype *params, *results;
};

struct wrt_block_sig wrt_block_sig(const struct wrt_module *module,
                                   const struct wrt_block_type *block);

#endif
