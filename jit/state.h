/*
 * The state of compiling one function, and what the families of instructions
 * use of it.
 *
 * One pass over the body.  Where each local lives is decided before the first
 * instruction is emitted (assign.c) and never changes: a register, or a home in
 * the frame.  Operands are descriptors that become code when they are used:
 * constants, locals that are read in place, comparisons that are still in the
 * flags, registers, slots of the frame.
 *
 * At labels all is where everybody expects it: operands below the block are in
 * their slots (or constants), the block's single result is in the result
 * register, several are in slots, locals are where they live.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef JIT_STATE_H
#define JIT_STATE_H

#include "jit/code.h"
#include "runtime/module/insn.h"
#include "runtime/module/validate.h"
#include "runtime/store/memory.h"

/* -- Operands -------------------------------------------------------------- */

enum jit_form {
    JIT_CONST,  /* bits */
    JIT_LOCAL,  /* local: its present value */
    JIT_TEMP,   /* reg, which is the operand's alone */
    JIT_SLOT,   /* in the frame, at the place of its height */
    JIT_FLAGS,  /* cond: i32 0 or 1; only when the next instruction takes it */
    JIT_SCALED, /* i32: the operand `reg` or `local` << shift; as FLAGS */
};

struct jit_value {
    uint8_t form; /* enum jit_form */
    uint8_t kind; /* enum wrt_kind */
    jit_reg reg;
    uint8_t cond; /* or shift */
    uint32_t local;
    uint64_t bits;
};

#define JIT_NO_LOCAL UINT32_MAX

/* -- Locals ---------------------------------------------------------------- */

struct jit_local {
    struct jit_value value; /* as an operand */
    wrt_valtype type;
    jit_reg reg;      /* or JIT_NO_REG */
    uint32_t pending; /* operands that are this local */
    int32_t home;     /* from the frame pointer */
};

/* -- Control --------------------------------------------------------------- */

#define JIT_NO_FIXUP UINT32_MAX

/* A jump to a label that is not bound yet: a list per label. */
struct jit_fixup {
    uint32_t place, next;
    bool is_entry; /* of the jump table whose place follows */
    bool is_pad;   /* place: the number of a pad, which jumps to the label */
    uint32_t table;
};

struct jit_block {
    enum wrt_op op;  /* BLOCK, LOOP, IF, ELSE */
    uint32_t height; /* below its parameters */
    uint32_t nparams, nresults;
    const wrt_valtype *params, *results;
    wrt_valtype value; /* what results points at, when the block type has it */
    uint32_t start;    /* LOOP: where it is */
    uint32_t fixups;   /* of the end */
    uint32_t else_fixups;
    bool is_dead; /* entered by nobody */

    /* Of blocks that catch. */
    bool is_try;       /* `try`: its handlers are parts of it */
    uint32_t try_from; /* offset of the block */
    uint32_t try_to;   /* of the first handler; 0 until then */
    uint32_t exn_slot; /* `try`: of the exception that was caught */
    uint32_t ncatches; /* try_table */
    const uint8_t *catches;
};

/* Where control lands on its way from a clause of try_table to the label. */
struct jit_pad {
    uint32_t clause;
    uint32_t target;   /* once the label is bound */
    wrt_valtype value; /* what the label expects in a register, if it does */
    bool has_value, is_exit;
};

/* Code that is emitted behind the function's. */
enum jit_late_kind {
    JIT_LATE_TRAP,      /* code */
    JIT_LATE_TRAP_CODE, /* the code is in the result register */
    JIT_LATE_MATCH, /* whether a function is of a type below; code: the type */
    JIT_LATE_POLL,
    JIT_LATE_STOP,
    JIT_LATE_CALL,      /* of a function elsewhere; reference in the scratch */
    JIT_LATE_JUMP,      /* the same, and no return */
    JIT_LATE_UNALIGNED, /* price: where the last byte is; reg: its index, or
                           none when it is known to be in bounds */
    JIT_LATE_ALLOC,     /* code: the type's index; len */
    JIT_LATE_FUEL,      /* code: what the basic block costs */
};

struct jit_late {
    enum jit_late_kind kind;
    uint32_t place, second; /* branches that lead here */
    uint32_t back;          /* where it goes on, if it does */
    uint32_t code;          /* of a trap; the type of a call */
    uint32_t price;         /* FUEL: where the code has what the block costs;
                               ALLOC: bytes of the object */
    uint32_t len;           /* ALLOC: of an array; 0 for structs */
    jit_reg reg;     /* MATCH: the reference; ALLOC: its end goes there */
    uint32_t offset; /* in the body, of the instruction */
};

/* Positions of code and of the instructions that it belongs to, in the order of
 * the code; for listings. */
struct jit_line {
    uint32_t pos, offset;
    enum wrt_op op;
};

struct jit_lines {
    WRT_VEC(struct jit_line) all;
    uint32_t end_at; /* where the end of the function begins */
};

/* -- All of it ------------------------------------------------------------- */

struct jit {
    /* What goes from function to function, with the memory that it has. */
    struct wrt_native *native;
    const struct wrt_module *module;
    struct wrt_arena scratch;
    struct jit_made made;
    WRT_VEC(struct jit_fixup) fixups;
    WRT_VEC(struct jit_late) lates;
    WRT_VEC(struct jit_pad) pads;
    bool has_guards;         /* the first memory has guard pages */
    struct jit_lines *lines; /* where instructions begin, or NULL */
    uint32_t reg_local[64];  /* whose register it is */
    WRT_VEC(uint32_t)
    ordinals; /* 0, 1, 2 ...: slots of heights where all
                 operands take one */

    /* Of one function, zero at first. */
    uint32_t func_idx;
    struct wrt_finfo info;
    struct wrt_reader r;
    struct wrt_insn insn;
    const uint8_t *body;
    bool is_unsupported;

    struct jit_value *stack;
    uint32_t height;
    uint32_t *slot_of; /* per height up to the present one: its first slot */
    struct jit_local *locals; /* one more lies below: see jit_forget() */
    struct jit_block *blocks;
    uint32_t nblocks;
    bool is_dead;        /* nothing here is reached */
    uint32_t dead_depth; /* blocks opened since */

    uint64_t free;    /* registers that no operand has */
    uint64_t temps;   /* all that operands may have */
    uint64_t used;    /* registers of locals that callees preserve */
    uint64_t at_risk; /* registers of locals that calls destroy */
    uint64_t clean;   /* of those: also in the home */
    uint64_t stale;   /* of those: only in the home */

    uint32_t into; /* local that the result goes to, or JIT_NO_LOCAL */

    uint32_t frame_bytes, slots_at; /* slot h is at frame - slots_at + 8 h */
    int32_t saves_at;
    uint32_t fuel_late; /* the one that counts the present basic block, from 1;
                           0: none yet */
    uint32_t ntries;    /* `try`s around this instruction */
};

WRT_INLINE struct jit_asm *jit_code(struct jit *j)
{
    return &j->made.code;
}

WRT_INLINE uint32_t jit_pos(const struct jit *j)
{
    return jit_asm_pos(&j->made.code);
}

/* Where the current instruction is in the body. */
WRT_INLINE uint32_t jit_offset(const struct jit *j)
{
    return (uint32_t)(j->insn.pos - j->body);
}

WRT_INLINE bool jit_is_64(enum wrt_kind kind)
{
    return kind == WRT_KIND_I64 || kind == WRT_KIND_F64 || kind == WRT_KIND_REF;
}

WRT_INLINE struct jit_operand jit_reg_operand(jit_reg reg)
{
    return (struct jit_operand){.form = JIT_REG, .reg = reg};
}

WRT_INLINE struct jit_operand jit_imm_operand(int32_t imm)
{
    return (struct jit_operand){.form = JIT_IMM, .imm = imm};
}

WRT_INLINE struct jit_mem jit_mem_at(jit_reg base, int64_t disp)
{
    return (struct jit_mem){base, JIT_NO_REG, (int32_t)disp};
}

/* -- Control; control.c ---------------------------------------------------- */

/* Traps when the condition holds. */
void jit_trap_if(struct jit *j, enum jit_cond cond, wasmrt_code code);
void jit_add_late(struct jit *j, const struct jit_late *late);
void jit_emit_lates(struct jit *j);
void jit_bind_all(struct jit *j, uint32_t fixups, uint32_t target);
void jit_begin_func(struct jit *j);
/* Prepares for compiling functions of a module, one after the other. */
void jit_init(struct jit *j, struct wrt_native *native);
/* Compiles a function and does not publish it. */
wasmrt_error *jit_make(struct jit *j, uint32_t func_idx, const uint32_t *stop);
void jit_fini(struct jit *j);
/* Gives the frame up, in front of a jump to a function. */
void jit_leave_for_tail(struct jit *j);
void jit_end_func(struct jit *j);
void jit_set_dead(struct jit *j);
/* What comes next is reached only by jumps: a label. */
void jit_at_label(struct jit *j);
/* Turns the value into a condition of the flags, for an instruction that
 * follows at once. */
enum jit_cond jit_condition(struct jit *j, struct jit_value *v);
/* The current instruction's place, for code at this position. */
WRT_INLINE void jit_note_place(struct jit *j, bool may_fault)
{
    jit_add_place(&j->made, jit_pos(j), jit_offset(j), may_fault);
}
void jit_note_place_of(struct jit *j, uint32_t offset);

/* Emits all instructions of the body; walk.c. */
wasmrt_error *jit_walk(struct jit *j, const uint32_t *stop);

/* -- Fuel; fuel.c ---------------------------------------------------------- */

/* Counts an instruction, if fuel is counted; the first of a basic block, before
 * it is emitted. */
void jit_count_one(struct jit *j, enum wrt_op op);
WRT_INLINE void jit_count_fuel(struct jit *j, enum wrt_op op)
{
    if (WRT_UNLIKELY(j->native->options.has_fuel))
        jit_count_one(j, op);
}
/* Behind an instruction: ends the basic block, if that ends one. */
void jit_split_fuel(struct jit *j, enum wrt_op op);
void jit_emit_late_fuel(struct jit *j, const struct jit_late *late);

/* -- Objects and atomics; object.c, atomic.c
 * ----------------------------------------------------- */

void jit_emit_late_unaligned(struct jit *j, const struct jit_late *late);
void jit_emit_late_alloc(struct jit *j, const struct jit_late *late);

/* -- Assignment; assign.c -------------------------------------------------- */

bool jit_assign(struct jit *j);

/* -- The families' emitters ------------------------------------------------ */

typedef void jit_emit_fn(struct jit *j, uint32_t arg);

extern jit_emit_fn jit_emit_vec_binary, jit_emit_vec_unary,
    jit_emit_vec_ternary, jit_emit_vec_shift, jit_emit_vec_test,
    jit_emit_atomic;

#define EMIT(NAME, function, arg) extern jit_emit_fn jit_emit_##function;
#include "jit/emit.def"
#undef EMIT

#endif
