/*
 * Threaded code of a module: what `inst->code` points at.
 *
 * Each function has a struct wrt_icode.  At first it is a stub whose one
 * instruction lowers the function; the lowered code then takes its place in
 * the module's array by one release store, so instances on other threads see
 * either the stub or the finished code.
 *
 * A frame on the guest stack:
 *
 *   fp[0 .. nparams)      parameters, placed there by the caller as its topmost
 *                         operands; results replace them from fp[0] on
 *   fp[nparams]           return address: the cell behind the call, whose
 *                         predecessor says how far below fp the caller's is
 *   fp[nparams + 1 ..)    other locals, then operands by height
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_INTERP_CODE_H
#define WRT_INTERP_CODE_H

#include "runtime/interp/iop.h"
#include "runtime/store/backend.h"

struct wrt_icode {
    uint16_t frame_slots; /* everything that running it may touch */
    uint16_t nparams;     /* in slots */
    uint16_t l0_slot;     /* the pinned local; 0 when there is none */
    uint16_t has_catches; /* there is a struct wrt_catches */
    uint32_t func_idx;    /* WRT_NO_FUNC in adapters */
    uint32_t ncells;
    wrt_cell cells[];
};

_Static_assert(sizeof(struct wrt_icode) == 16, "a call reads one line");
_Static_assert(WRT_LIMIT_FUNC_PARAMS * 4 + 2 <= UINT16_MAX &&
                   WRT_LIMIT_FUNC_RESULTS * 4 + 2 <= UINT16_MAX,
               "the frames of adapters are counted in 16 bits");

/*
 * Who catches what is thrown where.  Code that throws nothing pays nothing: the
 * table is read when something was thrown.
 *
 * Regions are sorted and say which clause is asked first from a cell on; each
 * clause names the next one to ask, of the same block or of one around it.
 */
struct wrt_catch_region {
    uint32_t cell;
    uint32_t clause; /* or WRT_NO_CLAUSE */
};

struct wrt_catch_clause {
    uint32_t tag;     /* of the module, or WRT_ANY_TAG */
    uint32_t target;  /* the cell where the handler begins */
    uint32_t next;    /* or WRT_NO_CLAUSE */
    uint16_t payload; /* slot that it expects the payload at, unless any tag */
    uint16_t exn;     /* slot that it expects the reference at, or WRT_NO_EXN */
};

struct wrt_catches {
    uint32_t nregions, nclauses;
    struct wrt_catch_region regions[]; /* then the clauses */
};

#define WRT_NO_CLAUSE UINT32_MAX
#define WRT_ANY_TAG   UINT32_MAX
#define WRT_NO_EXN    UINT16_MAX

/* The table of code that has one. */
WRT_INLINE struct wrt_catches *wrt_icode_catches(const struct wrt_icode *code)
{
    return (struct wrt_catches *)(uintptr_t)(code->cells + code->ncells + 1);
}

WRT_INLINE struct wrt_catch_clause *
wrt_catches_clauses(const struct wrt_catches *catches)
{
    return (struct wrt_catch_clause *)(uintptr_t)(catches->regions +
                                                  catches->nregions);
}

/* The last cell of every call: where the return finds its way. */
#define WRT_RETURN_INFO(arg_base, l0)                                          \
    ((wrt_cell){.a = (uint16_t)(arg_base), .b = (uint16_t)(l0)})

enum { WRT_MAX_FRAME_SLOTS = UINT16_MAX - 64 };

/* Allocated per module; module->code. */
struct wrt_backend_code {
    struct wrt_code_options options;
    struct wrt_icode **entries;  /* per function; atomic */
    struct wrt_icode **adapters; /* per type index: calls of funcrefs of other
                                    instances; NULL for other types */
    uint8_t *stubs;              /* storage of stubs and adapters */
    size_t stubs_bytes;
    struct wrt_mutex lock; /* held while publishing and while indexing */
    uint32_t nlowered;
    size_t code_bytes; /* of lowered functions */
    /* Lowered functions by address, for stack walks; rebuilt when stale. */
    uint32_t *sorted; /* function indices */
    uint32_t nsorted;
    uint32_t nscans; /* questions that were answered without it */
};

wasmrt_error *wrt_interp_compile(struct wrt_module *module,
                                 const struct wrt_code_options *options);
void *const *wrt_interp_entries(const struct wrt_module *module);

/* The lowered code of a function, made now if need be.  Thread-safe.  On
 * failure *out is untouched.  stop: see wrt_error_if_stopped(). */
wasmrt_error *wrt_interp_lower_now(struct wrt_module *module, uint32_t func_idx,
                                   const uint32_t *stop,
                                   struct wrt_icode **out);

/* The lowered function, stub or adapter of this module that pc lies in; NULL
 * when it lies elsewhere. */
const struct wrt_icode *wrt_interp_find(struct wrt_module *module,
                                        const wrt_cell *pc);

/* Where in the module's bytes the instruction at pc comes from. */
uint64_t wrt_interp_place(const struct wrt_icode *code, const wrt_cell *pc);

/* How many functions were lowered so far, and the bytes of their code. */
void wrt_interp_count(const struct wrt_module *module, uint64_t *nfuncs,
                      uint64_t *ninterpreted, uint64_t *nbytes);

/* What a lowered function consists of. */
struct wrt_icode_sizes {
    uint32_t ncells;
    uint32_t nregions, nclauses; /* of its catches; no regions: none */
    size_t places_len;
};

/* Code of a lowered function, to be filled: cells, catches and places
 * (places.h), for which there is room.  NULL when memory is exhausted. */
struct wrt_icode *wrt_icode_new(const struct wrt_alloc *alloc,
                                const struct wrt_icode_sizes *sizes);
void wrt_icode_delete(const struct wrt_alloc *alloc, struct wrt_icode *code);

/* Of a lowered function: the cell behind its code holds the length of the
 * places, which are last. */
uint8_t *wrt_icode_places(const struct wrt_icode *code);

#endif
