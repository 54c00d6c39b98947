/*
 * Machine code of a module: where it is, how it is entered, whose it is.
 *
 * One range of addresses per module.  First data: addresses of C functions,
 * then per function the word through which it is called, then per type index
 * that of its adapter.  Then code: the stubs, and functions in the order in
 * which they were compiled.  Code reaches data and other code by distances, so
 * nothing in it depends on where the range is.
 *
 * A function's word is at first the stub that compiles it.  Publishing is one
 * release store to that word: code that has been written never changes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef JIT_CODE_H
#define JIT_CODE_H

#include "jit/masm.h"
#include "runtime/base/os.h"
#include "runtime/base/vec.h"
#include "runtime/store/backend.h"

/* C functions that code calls; helpers.def. */
enum jit_helper {
#define HELPER(NAME, function) JIT_HELPER_##NAME,
#include "jit/helpers.def"
#undef HELPER
    JIT_HELPER_VECTORS, /* not one: jit_vec_functions */
    JIT_HELPER_COUNT
};

/* Pieces of code that a module has once; stubs.c. */
enum jit_stub {
    JIT_STUB_UNWIND, /* back to the C function that entered */
    JIT_STUB_TRAP,   /* called with the code in the scratch register */
    JIT_STUB_C,      /* calls the C function in the scratch register, around
                        which it saves what C does not preserve but we do */
    JIT_STUB_POLL,   /* called where a loop finds the limit raised */
    JIT_STUB_STOP,   /* the same where a function begins, before its frame */
    JIT_STUB_LAZY,   /* in place of the function numbered in the scratch
                        register */
    JIT_STUB_RETURN, /* back to whoever called a function that C has run; the
                        memory may have grown */
    JIT_STUB_MATCH,  /* called with a function in the scratch register and a
                        type's index on the stack; whether it is of a type
                        below, in the scratch register */
    JIT_STUB_FUEL,   /* called where a basic block found too little; what it
                        costs, which was taken, in the scratch register */
    JIT_STUB_ALLOC,  /* called with the index of a type and, above 32 bits, the
                        length of an array in the scratch register, which is the
                        new object then */
    JIT_STUB_FAULT,  /* where the signal handler resumes; the activation is its
                        argument */
    JIT_STUB_COUNT
};

/* Who catches what is thrown in a part of a function's body.  Clauses are asked
 * in their order, which is that of blocks from inside out. */
struct jit_clause {
    uint32_t from, to;    /* the part: offsets in the body */
    uint32_t level;       /* of the block, counted from the outermost */
    uint32_t tag;         /* or one of the below */
    uint32_t landing;     /* in the function's code; DELEGATE: the level of the
                             block that is asked next */
    int32_t payload, exn; /* where they go, from the frame pointer; exn may be
                             JIT_NO_EXN */
};

#define JIT_ANY_TAG  UINT32_MAX
#define JIT_DELEGATE (UINT32_MAX - 1)
#define JIT_NO_EXN   0 /* the caller's frame pointer is there */

/* What code there is at an offset, and for which function. */
struct jit_func {
    uint32_t start, len; /* in the range's code */
    uint32_t func_idx;
    uint32_t places_len, nclauses;
    uint32_t saved;        /* registers that it keeps below its frame pointer */
    const uint8_t *places; /* see jit_add_place() */
    const struct jit_clause *clauses;
};

/* Functions by address.  Read without a lock: grows by copies, of which the old
 * ones stay until the module goes. */
struct jit_index {
    struct jit_index *older;
    size_t capacity, count; /* count: atomic */
    struct jit_func funcs[];
};

/* Code through which C calls functions of a type.  NULL when the function has
 * returned; else what the activation's `unwound` says.  The second kind, which
 * doors go through, leaves the activation when the function has returned. */
struct jit_activation;
typedef wasmrt_error *(*jit_thunk)(struct wrt_instance *inst,
                                   struct jit_activation *act, wrt_slot *slots,
                                   uintptr_t code);

/* Code that has its address and is not written yet: only while a module is
 * compiled as a whole. */
struct jit_staged {
    bool is_on, has_failed;
    size_t from; /* of the first byte, in the range's code */
    WRT_VEC(uint8_t) bytes;
    struct wrt_os_code_part part; /* what goes there needs not be written */
};

/* How functions of a type index are called. */
struct jit_sig {
    const struct wrt_type *type;
    const jit_reg *regs; /* of the parameters; JIT_NO_REG: in memory */
    uint64_t mask;       /* all of them */
    bool in_memory;      /* some are there */
};

struct wrt_native {
    struct wrt_module *module;
    struct wrt_code_options options;
    void (*free_threaded)(struct wrt_module *module);
    struct wrt_mutex lock; /* of all below, except where atomic */
    bool is_ready, is_refused;
    bool is_full; /* atomic: no code can be added, so the rest is interpreted */
    struct wrt_os_code range;
    size_t used; /* of the range's code */
    uint32_t stubs[JIT_STUB_COUNT];
    uintptr_t *slots;     /* in the range: per function; atomic */
    uintptr_t *adapters;  /* two per type index, the second for tail calls;
                             atomic; 0 until needed */
    uintptr_t *thunks;    /* two per type index, the second for doors; atomic; 0
                             until needed */
    uint32_t arg_slots;   /* that calls may pass in memory */
    struct jit_sig *sigs; /* per type index, in one piece with registers; set
                             when it is ready */
    size_t sig_bytes;
    struct jit_index *index; /* atomic */
    struct wrt_arena tables; /* what the index's entries point to */
    uint64_t nfuncs, nbytes;
    struct jit_staged staged;
    struct jit_gdb_code *told; /* what gdb knows */
};

WRT_INLINE bool jit_is_ready(const struct wrt_native *native)
{
    return __atomic_load_n(&native->is_ready, __ATOMIC_ACQUIRE);
}

WRT_INLINE bool jit_is_full(const struct wrt_native *native)
{
    return __atomic_load_n(&native->is_full, __ATOMIC_ACQUIRE);
}

/* -- Places in the range, from its start ----------------------------------- */

WRT_INLINE uint64_t jit_helper_at(enum jit_helper helper)
{
    return 8 * (uint64_t)helper;
}

WRT_INLINE uint64_t jit_slot_at(uint32_t func_idx)
{
    return 8 * ((uint64_t)JIT_HELPER_COUNT + func_idx);
}

WRT_INLINE uint64_t jit_adapter_at(const struct wrt_native *native,
                                   uint32_t type_idx, bool is_tail)
{
    return jit_slot_at(native->module->nfuncs) + 16 * (uint64_t)type_idx +
           8 * (uint64_t)is_tail;
}

WRT_INLINE uint64_t jit_code_at(const struct wrt_native *native,
                                uint32_t offset)
{
    return native->range.data_bytes + offset;
}

WRT_INLINE uintptr_t jit_code_address(const struct wrt_native *native,
                                      uint32_t offset)
{
    return (uintptr_t)native->range.base + jit_code_at(native, offset);
}

/* -- Code that has been made ----------------------------------------------- */

/* A place whose distance is filled in when the code has its address. */
struct jit_far {
    uint32_t place;
    uint64_t target;
};

/* Targets besides places in the range: the code itself; stub number n. */
#define JIT_FAR_SELF UINT64_MAX
#define JIT_FAR_STUB ((uint64_t)1 << 62)

/* What a piece of code is: glue is written by hand for a module or a type. */
enum jit_piece { JIT_PIECE_GLUE, JIT_PIECE_FUNC, JIT_PIECE_ADAPTER };

struct jit_made {
    struct jit_asm code;
    enum jit_piece piece;
    uint32_t number; /* of the function, or of the adapter's type */
    WRT_VEC(struct jit_far) fars;
    WRT_VEC(uint8_t) places;
    WRT_VEC(struct jit_clause) clauses;
    uint32_t last_pc, last_offset; /* of places */
    const char *what;      /* for tell.h: what it is, when it is no function */
    wasmrt_error *refusal; /* owned: why it, or an adapter that it needs, was
                              refused (check/check.h), until that is reported */
    /* For unwinding: where the frame is made, and where there is none. */
    uint32_t frame_at, nbare;
    struct {
        uint32_t start, end;
    } bare[2];
};

/* Empties it, and keeps the memory. */
void jit_made_reset(struct jit_made *made);
void jit_made_fini(struct jit_made *made);

/* What was emitted from `start` to here has no frame, in the order of the code:
 * the return, and where a stop comes before the frame. */
WRT_INLINE void jit_add_bare(struct jit_made *made, uint32_t start)
{
    if (made->nbare == WRT_COUNTOF(made->bare))
        return;
    made->bare[made->nbare].start = start;
    made->bare[made->nbare++].end = jit_asm_pos(&made->code);
}

/* Notes that `place` is to hold the distance to `target`. */
void jit_add_far(struct jit_made *made, uint32_t place, uint64_t target);

/* Fills them in, for code that is to start there. */
void jit_bind_fars(const struct wrt_native *native, struct jit_made *made,
                   uint32_t start);

/* Notes where the instruction at pc comes from.  Places are pairs of LEB128:
 * twice the distance from the last pc, plus whether it may fault; the distance
 * from the last offset, zigzag.  Most have a byte each. */
void jit_add_far_place(struct jit_made *made, uint32_t step, uint32_t delta);

WRT_INLINE void jit_add_place(struct jit_made *made, uint32_t pc,
                              uint32_t offset, bool may_fault)
{
    uint32_t delta = offset - made->last_offset;
    uint32_t step = (pc - made->last_pc) << 1 | may_fault;

    made->last_pc = pc;
    made->last_offset = offset;
    delta = delta << 1 ^ (uint32_t)((int32_t)delta >> 31);
    if (WRT_LIKELY((step | delta) < 0x80 &&
                   made->places.capacity - made->places.count >= 2)) {
        uint8_t *to = made->places.items + made->places.count;

        to[0] = (uint8_t)step;
        to[1] = (uint8_t)delta;
        made->places.count += 2;
        return;
    }
    jit_add_far_place(made, step, delta);
}

/* Where an instruction of the body has code, from the code's and the body's
 * begin. */
struct jit_spot {
    uint32_t pc, offset;
    bool may_fault;
};

/* Reads the next one; *place is the one before, zero before the first. */
void jit_read_spot(const uint8_t **p, struct jit_spot *spot);

/* Finds the entry of exactly that pc: that of an access that may fault there,
 * or that of a call that comes back there; one pc may be both.  False when
 * there is none. */
bool jit_find_place(const struct jit_func *func, uint32_t pc, bool is_fault,
                    uint32_t *offset);

/* Makes room in the index for so many functions more, if there is memory. */
void jit_reserve_index(struct wrt_native *native, size_t count);

/* Gives code its address, writes it and tells where it is: 0 when there is no
 * room, and is_full then.  The lock is held.  func, if not NULL, gets start and
 * len and goes into the index. */
uintptr_t jit_place_code(struct wrt_native *native, struct jit_made *made,
                         struct jit_func *func);

/* Between these, code that gets its address is not written yet.  Nobody runs
 * it, or compiles anything else. */
void jit_begin_staging(struct wrt_native *native);
bool jit_end_staging(struct wrt_native *native);

/* The function that an address lies in, or NULL.  Async-signal-safe. */
const struct jit_func *jit_find_func(const struct wrt_native *native,
                                     uintptr_t pc);

/* What runs functions that cannot be compiled. */
extern const struct wrt_backend *const jit_threaded_backend;

/* -- Making ---------------------------------------------------------------- */

wasmrt_error *jit_compile_module(struct wrt_module *module,
                                 const struct wrt_code_options *options);
void *const *jit_entries(const struct wrt_module *module);
void jit_count(const struct wrt_module *module, uint64_t *nfuncs,
               uint64_t *ninterpreted, uint64_t *nbytes);

/* Maps the range and writes the stubs, once; then is_ready, unless there can be
 * no code. */
wasmrt_error *jit_make_ready(struct wrt_native *native);
/* False when memory is exhausted. */
bool jit_make_sigs(struct wrt_native *native);
bool jit_write_stubs(struct wrt_native *native);

/* The code of a function, made now if need be; *out 0 when there is no room for
 * it.  Thread-safe. */
wasmrt_error *jit_compile_now(struct wrt_native *native, uint32_t func_idx,
                              const uint32_t *stop, uintptr_t *out);

/* All functions, before anyone runs the module. */
wasmrt_error *jit_compile_all(struct wrt_native *native);

/* A thunk, made now if need be; 0 when there is no room for it.  Thread-safe.
 */
uintptr_t jit_make_thunk(struct wrt_native *native, uint32_t type_idx,
                         bool is_door);

/* The thunk if it is there, else 0. */
WRT_INLINE uintptr_t jit_find_thunk(const struct wrt_native *native,
                                    uint32_t type_idx)
{
    return __atomic_load_n(&native->thunks[2 * (size_t)type_idx],
                           __ATOMIC_ACQUIRE);
}

/* Emits the body of an adapter: passes arguments in slots to a C function. */
void jit_emit_adapter(struct jit_made *made, const struct wrt_type *type,
                      enum jit_helper helper, bool has_constant,
                      uint32_t constant);
void jit_emit_thunk(struct jit_made *made, const struct wrt_type *type,
                    bool is_door);

/* -- The calling convention ------------------------------------------------ */

/* Hands out the places of parameters in their order. */
struct jit_params {
    uint32_t nints, nfloats, nslots;
};

/* The register of the next parameter, or JIT_NO_REG and *slot, its place in the
 * instance's args. */
jit_reg jit_next_param(struct jit_params *params, wrt_valtype type,
                       uint32_t *slot);

WRT_INLINE bool jit_is_float(wrt_valtype type)
{
    enum wrt_kind kind = wrt_valtype_kind(type);

    return kind == WRT_KIND_F32 || kind == WRT_KIND_F64 ||
           kind == WRT_KIND_V128;
}

/* How values of a type are loaded and stored. */
enum jit_load jit_load_of(wrt_valtype type);
enum jit_store jit_store_of(wrt_valtype type);

#endif
