/*
 * What the checker knows at a place in the code.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef JIT_CHECK_STATE_H
#define JIT_CHECK_STATE_H

#include "jit/check/check.h"
#include "jit/check/decode.h"
#include "runtime/base/arena.h"
#include "runtime/module/insn.h"

/* What a register or a word of the frame holds.  n is the number of a memory,
 * table, register or type; all that has no kind of its own is a number. */
enum kind {
    KIND_NUMBER, /* at most max */
    KIND_ENTRY,  /* what register n held when the function began */
    KIND_INSTANCE,
    KIND_FRAME,    /* max: how far below the frame's top */
    KIND_MEMORIES, /* the instance's arrays */
    KIND_TABLES,
    KIND_GLOBALS,
    KIND_IMPORTS,
    KIND_ARGS,
    KIND_CONTEXT,    /* struct wrt_ctx, whose fuel code takes */
    KIND_MEMORY,     /* struct wrt_memory_inst of memory n */
    KIND_BASE,       /* of memory n */
    KIND_LENGTH,     /* of memory n, which is at least max */
    KIND_LIMIT,      /* that length less max */
    KIND_PLACE,      /* at most such a limit: max bytes may be accessed */
    KIND_TABLE,      /* struct wrt_table_inst of table n */
    KIND_ELEMENTS,   /* of table n */
    KIND_ELEMENT,    /* index of one */
    KIND_CELL,       /* of an imported global */
    KIND_MAYBE_FUNC, /* a funcref or null */
    KIND_FUNC,       /* a funcref of type id n, or any type: ANY_TYPE, or what
                        validation knows: VALID_TYPE */
    KIND_OWN_FUNC,   /* one of this instance, of the module's type n */
    KIND_FUNC_IDX,   /* of this module, of the module's type n */
    KIND_WORDS,      /* through which functions are called */
    KIND_JUMPS,      /* a table of distances at n */
    KIND_DISTANCE,   /* one of its first max */
    KIND_TARGET,     /* that one's address */
    KIND_HELPER,     /* C function n of helpers.def */
    KIND_VECTORS,    /* C functions on vectors, and one */
    KIND_VECTOR,
    KIND_MATCH,       /* whether the function in register max is of type n */
    KIND_THROWN,      /* what C gives that has thrown: not 0 */
    KIND_ARRAY_LEN,   /* of the array in register n */
    KIND_ARRAY_BELOW, /* all ones, and register max is below the length of the
                         array in register n; or 0 */
    KIND_ARRAY_INDEX, /* of an element of the array in register n, << max */
    KIND_FUNC_NUMBER, /* what objects hold for a function, not null */
    KIND_FUNCS,       /* the store's functions by those numbers */
    KIND_TYPES,       /* the engine's types by their ids */
    KIND_TYPE,
    KIND_HEAP_LIMIT, /* where the room for new objects ends */
    KIND_BUMP,       /* max bytes behind where it begins */
    KIND_ROOM,       /* behind max bytes of it, which are a new object; n: what
                        its header has */
    KIND_MADE,       /* a new object of max bytes */
};

enum {
    ANY_TYPE = -1,
    VALID_TYPE = -2,
    FACTS = 12 /* words of the frame that are known */
};

enum { HEADER_INFO = 1, HEADER_LEN = 2 }; /* of KIND_ROOM */

struct value {
    enum kind kind;
    uint32_t n;
    uint64_t max;
};

/* What flags are about. */
enum about {
    ABOUT_NOTHING,
    ABOUT_REGS,  /* lhs with rhs */
    ABOUT_IMM,   /* lhs with imm */
    ABOUT_SIZE,  /* lhs with the size of table n */
    ABOUT_TYPE,  /* the type id of the funcref lhs with imm */
    ABOUT_OWNER, /* the instance with that of the funcref lhs */
    ABOUT_ZERO,  /* lhs with 0 */
    ABOUT_SCAN,  /* zero: lhs is undefined */
    ABOUT_BIT,   /* the lowest bit of lhs */
    ABOUT_LEN,   /* lhs with the length of the array in rhs */
    ABOUT_ROOM,  /* lhs with KIND_HEAP_LIMIT */
};

struct flags {
    enum about about;
    uint8_t lhs, rhs, width;
    bool is_below; /* lhs < the size, the length; lhs <= the limit: otherwise a
                      branch was taken */
    uint32_t n;
    int64_t imm;
};

/* The frame: none yet, half made, or complete; then it has frame_bytes. LANDED:
 * complete, but the stack pointer is not at its end yet. */
enum stage { STAGE_NONE, STAGE_PUSHED, STAGE_LANDED, STAGE_SET, STAGE_OPEN };

/* Code that nothing is known to reach, where nothing has to hold.  LANDING:
 * only what is thrown would, and nothing is. */
enum phantom { PHANTOM_NONE, PHANTOM_LANDING, PHANTOM_UNREACHED };

struct state {
    struct value regs[REGS];
    struct flags flags;
    uint16_t not_null, not_i31; /* bits of registers that were asked */
    struct {
        int32_t at; /* from the frame's top; 0: no fact */
        struct value value;
    } facts[FACTS];
    enum stage stage;
    uint32_t pushed; /* below the frame: a type, or NOTHING */
    uint8_t source;  /* the register that r11 is a copy of, or NO_REG */
    enum phantom phantom;
};

#define NOTHING UINT32_MAX

enum mark {
    MARK_START = 1,   /* an instruction begins */
    MARK_LANDING = 2, /* what is thrown may land here */
};

struct counts {
    uint64_t insns, loads, stores, branches;
};

/* The run over one piece of code. */
struct checker {
    const struct jit_check *in;
    const struct wrt_module *module;
    const struct wrt_type *type; /* of the function */
    struct wrt_arena arena;
    struct state now;
    bool is_live;
    bool is_again; /* what a loop's begin knew has changed */
    uint32_t frame_bytes;
    uint32_t end;      /* of what is decoded: tables of jumps are not */
    uint32_t *states;  /* per byte: number of the state there, or 0 */
    uint8_t *marks;    /* per byte: enum mark */
    struct state kept; /* what holds at a call, while its landings are told */
    const uint8_t *places; /* those behind this instruction */
    struct jit_spot place; /* the one before them */
    /* The same for what accesses objects. */
    struct {
        const uint8_t *places;
        struct jit_spot place;
    } object;
    struct flags was; /* the flags before the instruction */
    WRT_VEC(struct state *) known;
    const struct insn *insn;
    const char *complaint; /* the first; static */
    uint32_t complaint_at;
    uint32_t unreached_at; /* the first such code, or NOTHING */
    bool is_oom;
    struct counts counts;
};

WRT_INLINE struct value number(uint64_t max)
{
    return (struct value){KIND_NUMBER, 0, max};
}

WRT_INLINE struct value unknown(void)
{
    return number(UINT64_MAX);
}

WRT_INLINE struct value value_of(enum kind kind, uint32_t n, uint64_t max)
{
    return (struct value){kind, n, max};
}

/* Whether it is a number of 32 bits in 64. */
WRT_INLINE bool is_u32(const struct value *v)
{
    return v->kind == KIND_NUMBER && v->max <= UINT32_MAX;
}

/* Keeps the first complaint. */
void jit_check_complain(struct checker *c, const char *what);

/* -- Joins; join.c --------------------------------------------------------- */

/* Notes that the code at `to` is reached with what is known now. */
void jit_check_reach(struct checker *c, int64_t to);
/* Begins an instruction: what is known there includes all jumps to it. */
void jit_check_arrive(struct checker *c, uint32_t pos);

/* -- Memory; access.c ------------------------------------------------------ */

/* A load through the instruction's operand: what it gives. */
struct value jit_check_load(struct checker *c, unsigned bytes);
/* Such words of the frame hold whatever C has put there. */
void jit_check_forget_frame(struct checker *c, int64_t at, int64_t bytes);
/* A store; NULL when what is stored has no kind. */
void jit_check_store(struct checker *c, unsigned bytes, const struct value *v);

/* An access of memory that reads and writes at once. */
void jit_check_atomic(struct checker *c, unsigned bytes);

/* -- Objects; object.c ----------------------------------------------------- */

/* An access through the instruction's base as a reference: what it gives. False
 * when the body has no instruction that does that here. */
bool jit_check_object(struct checker *c, unsigned bytes, bool is_store,
                      struct value *out);
/* Whether the instruction is an access for such an instruction of the body. */
bool jit_check_is_for(struct checker *c, enum wrt_op op);
/* Loads of the context, a table of types, a type, a function by its number. */
struct value jit_check_load_context(struct checker *c, unsigned bytes);
struct value jit_check_load_type(struct checker *c, unsigned bytes,
                                 const struct value *of);
struct value jit_check_load_func(struct checker *c, unsigned bytes);
/* Whether a store to the context moves the begin of the room as it may. */
bool jit_check_store_bump(const struct checker *c, unsigned bytes);
void jit_check_store_room(struct checker *c, unsigned bytes);
struct value jit_check_finish_room(struct checker *c, const struct value *room,
                                   const struct value *size);
void jit_check_alloc(struct checker *c);

/* -- Control; flow.c ------------------------------------------------------- */

void jit_check_branch(struct checker *c);
void jit_check_jump(struct checker *c);
void jit_check_call(struct checker *c);
void jit_check_indirect(struct checker *c);
void jit_check_return(struct checker *c);

/* -- Throwing; landing.c --------------------------------------------------- */

/* What the instruction calls may throw: tells its landings what is known. */
void jit_check_throw(struct checker *c);
void jit_check_mark_landings(struct checker *c);
/* Begins code that nothing has reached yet. */
void jit_check_enter_phantom(struct checker *c, enum phantom phantom);

/* -- Others; effect.c ------------------------------------------------------ */

void jit_check_effect(struct checker *c);
/* Writes an integer register, as far as that is allowed. */
void jit_check_write(struct checker *c, uint8_t reg, struct value v);

#endif
