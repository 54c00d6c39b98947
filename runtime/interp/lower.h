/*
 * Lowering: a validated function body to threaded code.
 *
 * Two passes.  The first (lower.c) walks the body with a symbolic operand
 * stack: local.get and constants emit nothing, local.set retargets the
 * instruction that made the value, compares melt into branches.  It yields a
 * list of struct wrt_ir, and the local that a register serves best.  The second
 * (link.c) chooses each instruction's variant and packs cells.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_INTERP_LOWER_H
#define WRT_INTERP_LOWER_H

#include "runtime/base/arena.h"
#include "runtime/interp/code.h"
#include "runtime/module/validate.h"

/* Shapes of instructions, as in iop.def; they say how link.c packs one. */
enum wrt_shape {
    WRT_SHAPE_NONE,
    WRT_SHAPE_IBIN,
    WRT_SHAPE_ICMP,
    WRT_SHAPE_IUN,
    WRT_SHAPE_FBIN,
    WRT_SHAPE_FUN,
    WRT_SHAPE_FCMP,
    WRT_SHAPE_I2F,
    WRT_SHAPE_F2F,
    WRT_SHAPE_F2I,
    WRT_SHAPE_ILOAD, /* ORDER MEM */
    WRT_SHAPE_FLOAD,
    WRT_SHAPE_ISTORE,
    WRT_SHAPE_FSTORE,
    WRT_SHAPE_VSTORE,
    WRT_SHAPE_VBIN,  /* vectors; those of one operand go with the floats */
    WRT_SHAPE_VTERN, /* imm: slot of C; kb: which operand is F */
    WRT_SHAPE_VSHIFT,
    WRT_SHAPE_VSHUFFLE, /* imm, spare_imm: the indices */
    WRT_SHAPE_IEXTRACT, /* imm: the lane */
    WRT_SHAPE_FEXTRACT,
    WRT_SHAPE_IREPLACE,
    WRT_SHAPE_FREPLACE,
    /* Not of a WebAssembly instruction's own.  ORDER MEM. */
    WRT_SHAPE_ILOAD_SUM,
    WRT_SHAPE_FLOAD_SUM,
    WRT_SHAPE_ISTORE_SUM,
    WRT_SHAPE_FSTORE_SUM,
    WRT_SHAPE_VSTORE_SUM,
    WRT_SHAPE_ILOAD_INDEX64,
    WRT_SHAPE_FLOAD_INDEX64,
    WRT_SHAPE_ISTORE_INDEX64,
    WRT_SHAPE_FSTORE_INDEX64,
    WRT_SHAPE_VSTORE_INDEX64,
    WRT_SHAPE_ILOAD_ANY,
    WRT_SHAPE_FLOAD_ANY,
    WRT_SHAPE_ISTORE_ANY,
    WRT_SHAPE_FSTORE_ANY,
    WRT_SHAPE_VSTORE_ANY,
    WRT_SHAPE_FMUL, /* imm: slot of C */
    WRT_SHAPE_STEP, /* names in listings; link.c makes them of two */
    WRT_SHAPE_ICMP_BR,
    WRT_SHAPE_FCMP_BR,
    WRT_SHAPE_BR,
    WRT_SHAPE_BR_TABLE,      /* imm: first of its targets; b: count */
    WRT_SHAPE_TARGET,        /* a br_table's target; no code of its own */
    WRT_SHAPE_LABEL,         /* no code */
    WRT_SHAPE_MOV,           /* ka -> d */
    WRT_SHAPE_MOV_FACC,      /* -> d */
    WRT_SHAPE_MOV2,          /* a, b -> d, d + 1 */
    WRT_SHAPE_MOV_V,         /* v128: ka -> d */
    WRT_SHAPE_CONST_V,       /* v128 in imm, spare_imm -> kd, d */
    WRT_SHAPE_SELECT,        /* a, b -> d; condition kc, c */
    WRT_SHAPE_WIDE,          /* a, b, and two slots in imm -> d, d + 1 */
    WRT_SHAPE_GLOBAL_GET,    /* imm: index -> kd, d */
    WRT_SHAPE_GLOBAL_SET,    /* imm: index <- ka, a */
    WRT_SHAPE_GLOBAL_ANY,    /* the same by any index: slot d or a */
    WRT_SHAPE_REF_FUNC,      /* imm: index -> d */
    WRT_SHAPE_RET,           /* by iop: a, ka, imm */
    WRT_SHAPE_CALL,          /* imm: function; d: argument base */
    WRT_SHAPE_CALL_INDIRECT, /* imm: type, b: table, ka/a: index, d: args */
    WRT_SHAPE_CALL_REF,      /* imm: type, ka/a: reference, d: args */
    WRT_SHAPE_CHECK,         /* traps or not, by its operand ka/a */
    WRT_SHAPE_CLAMP_INDEX,   /* a -> d */
    WRT_SHAPE_ARGS,          /* a: first operand slot; imm: two indices */
    WRT_SHAPE_OGET,          /* imm: offset; ka/a -> kd, d */
    WRT_SHAPE_OFGET,
    WRT_SHAPE_OSET, /* imm: offset; ka/a <- kb/b, spare_imm */
    WRT_SHAPE_OFSET,
    WRT_SHAPE_AGET, /* ka/a, kb/b -> kd, d */
    WRT_SHAPE_AFGET,
    WRT_SHAPE_ASET, /* ka/a, kb/b <- kd/d, spare_imm */
    WRT_SHAPE_AFSET,
    WRT_SHAPE_TEST,       /* imm: what of; ka/a -> kd, d */
    WRT_SHAPE_CAST,       /* imm: what to; ka/a */
    WRT_SHAPE_CAST_BR,    /* imm: what to; ka/a */
    WRT_SHAPE_STRUCT_NEW, /* imm: type, size; a, b: fields -> kd, d */
    WRT_SHAPE_NEW,        /* ARGS that allocates; b: operand slots */
    WRT_SHAPE_ATOMIC,     /* a: first operand; label: memory; imm: offset */
    WRT_SHAPE_PLAIN,      /* only the operation */
    WRT_SHAPE_THROW,      /* imm: tag; a: first slot of the payload */
    WRT_SHAPE_REGION,     /* imm: the try from here on, or WRT_NO_TRY; no
                             code */
    WRT_SHAPE_FUEL,       /* imm: units of the basic block that begins */
};

/* One instruction before linking. */
struct wrt_ir {
    uint16_t iop;  /* base number, enum wrt_iop */
    uint8_t shape; /* enum wrt_shape */
    uint8_t ka, kb, kd;
    bool negate;      /* float compares */
    bool writes_int;  /* d receives an integer: kd may become L */
    uint32_t a, b, d; /* slots; c shares d where there is no destination */
    uint32_t label;   /* branches; the memory of an _ANY shape */
    uint64_t imm;
    uint64_t spare_imm;   /* ISTORE: the constant value, imm being the offset */
    uint32_t wasm_offset; /* of the instruction, in the module's bytes */
};

/* A block that catches.  Outer ones come before inner ones. */
struct wrt_ir_try {
    uint32_t parent;      /* who is asked after its own clauses; WRT_NO_TRY */
    uint32_t first, last; /* of its clauses, linked; or WRT_NO_CLAUSE */
};

struct wrt_ir_clause {
    uint32_t tag;          /* or WRT_ANY_TAG */
    uint32_t label;        /* of the handler */
    uint32_t payload, exn; /* slots, as in struct wrt_catch_clause */
    uint32_t next;         /* of the same try; or WRT_NO_CLAUSE */
};

#define WRT_NO_TRY UINT32_MAX
#define WRT_NO_L0  UINT32_MAX

/* What the first pass hands to the second. */
struct wrt_ir_list {
    struct wrt_ir *items;
    size_t count, capacity;
    uint32_t nlabels;
    uint32_t frame_slots, nparams;   /* in slots */
    uint32_t first_temp;             /* slots below are locals and the header */
    uint32_t zero_first, zero_count; /* locals to be zeroed */
    uint32_t l0; /* slot of the local to be pinned, or WRT_NO_L0 */
    struct wrt_ir_try *tries;
    size_t ntries, tries_capacity;
    struct wrt_ir_clause *clauses;
    size_t nclauses, clauses_capacity;
};

/* Pass 1.  Fills out (allocated from scratch).  stop: see
 * wrt_error_if_stopped(); a function may be huge. */
WRT_MUST_USE wasmrt_error *
wrt_lower_func(const struct wrt_module *module, uint32_t func_idx,
               const struct wrt_code_options *options,
               struct wrt_arena *scratch, const uint32_t *stop,
               struct wrt_ir_list *out);

/* Pass 2. */
WRT_MUST_USE wasmrt_error *
wrt_link_func(const struct wrt_module *module, uint32_t func_idx,
              const struct wrt_code_options *options, struct wrt_ir_list *list,
              struct wrt_arena *scratch, const uint32_t *stop,
              struct wrt_icode **out);

#endif
