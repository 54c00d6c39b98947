/*
 * The live structures that running code touches.
 *
 * Interpreter handlers and (later) machine code read these by fixed offsets,
 * so their layout is an interface of its own: hot fields first, no bit-fields,
 * and what generated code uses is asserted where it is used.  Everything else
 * about live objects is behind the functions of this folder.
 *
 * Ownership: a store owns its instances, memories, tables, globals and host
 * functions until it is deleted; shared memories are reference counted.  All of
 * it belongs to the store's thread, except `interrupt` and shared memories.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_STORE_VMCTX_H
#define WRT_STORE_VMCTX_H

#include "runtime/module/module.h"

#include "wasmrt/func.h"

/* One 8-byte stack slot: an untyped value.  v128 takes two, low half first.
 * An i32 or f32 occupies the low half; the high half is unspecified. */
typedef wasmrt_slot wrt_slot;

/* Copies parameters or results.  Most have one or two, for which a call of
 * memcpy() takes longer than the rest of a call. */
WRT_INLINE void wrt_slots_copy(wrt_slot *to, const wrt_slot *from, size_t count)
{
    if (count > 2) {
        memcpy(to, from, sizeof(*to) * count);
        return;
    }
    if (count > 0)
        to[0] = from[0];
    if (count > 1)
        to[1] = from[1];
}

struct wrt_ctx;
struct wrt_store;
struct wrt_instance;
struct wrt_activation;

/* -- Memories and tables --------------------------------------------------- */

/* A linear memory.  base may change when it grows in checked mode, never in
 * guard mode and never when shared; so code reloads base after whatever may
 * have grown it: memory.grow, and calls that left the instance. */
struct wrt_memory_inst {
    uint8_t *base;
    uint64_t len_bytes;  /* accessible now; atomic when shared */
    uint64_t npages;     /* in units of the page size; atomic when shared */
    uint64_t index_mask; /* the bits of an index: 32 or 64 */
    struct wrt_limits limits;
    size_t reserved_bytes;   /* address space held at base, guard included */
    bool is_guarded;         /* every 32-bit access stays in the reservation */
    struct wrt_quota *quota; /* what it counts in; the store's or shared's */
    struct wrt_store *store; /* NULL when shared */
    struct wrt_shared_memory *shared; /* around it, when shared */
    struct wrt_memory_inst *next;     /* the store's list */
    uint32_t npins; /* C functions that have pointers into it: it must not move
                       while there are any */
};

/* The accessible bytes, of a memory that others may be growing: a length that
 * grew is seen by whoever knows of it. */
WRT_INLINE uint64_t wrt_memory_len(const struct wrt_memory_inst *memory)
{
    return __atomic_load_n(&memory->len_bytes, __ATOMIC_ACQUIRE);
}

/* A table of references, 8 bytes each, as in slots (gc.h): addresses of
 * functions (struct wrt_funcref) or of objects; NULL is null. */
struct wrt_table_inst {
    void **elems;
    uint64_t size;
    uint64_t index_mask; /* as for memories */
    struct wrt_table_type type;
    uint64_t capacity;
    struct wrt_store *store;
    struct wrt_table_inst *next; /* the store's list */
};

/* An exception tag.  Its address is its identity. */
struct wrt_tag_inst {
    const struct wrt_type *type;
    struct wrt_store *store;
};

/* -- Functions ------------------------------------------------------------- */

/* A host function, owned by the store. */
struct wrt_host_func {
    wasmrt_raw_fn fn;
    void *env;
    void (*env_delete)(void *env); /* or NULL */
    const struct wrt_type *type;
    struct wrt_host_func *next; /* the store's list */
    uint32_t packed;            /* its number in objects, or 0: see gc.h */
};

/* A quick way from the host into one function of one instance, which a backend
 * keeps ready.  It does all that wrt_func_call() does; none of the results is
 * an object.  Lives as long as the store. */
struct wrt_door {
    wasmrt_error *(*enter)(struct wrt_door *door, wrt_slot *slots);
    const struct wrt_type *type;
    struct wrt_store *store;
};

/*
 * What a funcref points to: a function together with its instance.  Its address
 * is its identity (ref.eq, tables), so there is exactly one per function and
 * instance, and it lives as long as the store.
 */
struct wrt_funcref {
    uint32_t type_id;
    uint32_t func_idx;             /* in the instance's module */
    struct wrt_instance *instance; /* NULL for a host function */
    struct wrt_host_func *host;    /* NULL for a wasm function */
    struct wrt_door *door;         /* of wasm functions, or NULL */
};

_Static_assert(sizeof(struct wrt_funcref) == 32, "table calls index by 32");

/* -- Instances ------------------------------------------------------------- */

/* A module instance: one block of memory, owned by the store. */
struct wrt_instance {
    struct wrt_ctx *ctx;
    struct wrt_memory_inst *mem0; /* never NULL: an empty one when absent */
    void *const *code;            /* per function: the backend's entry; the
                                     module's own array, see backend.h */
    /* For machine code; of the thread that runs it.  Its stack must stay above
     * the limit, which an interrupt raises above everything: one comparison
     * finds both.  What registers cannot hold is passed in args. */
    uintptr_t native_limit; /* atomic */
    wrt_slot *native_args;
    struct wrt_table_inst **tables;
    struct wrt_memory_inst **memories;
    struct wrt_funcref **imported_funcs; /* per imported function */
    wrt_slot **imported_globals;         /* per imported global: its cell */
    struct wrt_tag_inst **tags;
    const struct wrt_type *const *types; /* the engine's, by id */
    struct wrt_funcref *funcrefs; /* per escaping function (escape_idx) */
    struct wrt_module *module;
    uint8_t *dropped_elems; /* per segment: 1 after elem.drop */
    uint8_t *dropped_datas;
    void ***elem_objects; /* per segment: its items, when they are objects that
                             exist only once; or NULL, as is the whole array */
    struct wrt_store *store;
    struct wrt_instance *next; /* the store's list, append-only */
    size_t size_bytes;         /* of this block */
    uint32_t packed_funcs; /* number of funcrefs[0] in objects; 0: none yet */
    uint64_t switched;     /* the switch at which machine code's part was set */

    /* The module's own globals, two slots each. */
    wrt_slot globals[];
};

/* The funcref of a function of an instance, which must be escaping or
 * imported. */
WRT_INLINE struct wrt_funcref *wrt_instance_funcref(struct wrt_instance *inst,
                                                    uint32_t func_idx)
{
    if (func_idx < inst->module->nimported_funcs)
        return inst->imported_funcs[func_idx];
    return &inst->funcrefs[inst->module->funcs[func_idx].escape_idx];
}

/* The cell of a global: two slots. */
WRT_INLINE wrt_slot *wrt_instance_global(struct wrt_instance *inst,
                                         uint32_t global_idx)
{
    uint32_t nimported = inst->module->nimported_globals;

    if (global_idx < nimported)
        return inst->imported_globals[global_idx];
    return &inst->globals[2 * (global_idx - nimported)];
}

/* -- Execution ------------------------------------------------------------- */

/*
 * One entry from the host into guest code, on the C stack of the backend's
 * enter().  While host code runs on behalf of the guest (and when a trap is
 * being reported) pc, fp, instance say where the guest stands.
 */
struct wrt_activation {
    struct wrt_activation *prev;
    const struct wrt_backend *backend;
    wrt_slot *base; /* first slot of this entry's frames */
    const void *pc; /* the backend's notion of a place */
    wrt_slot *fp;
    struct wrt_instance *instance;
    wrt_slot *sp; /* first slot above everything in use; the next activation
                     and host scratch begin here */
    /* Machine code's frames, which are on the C stack: roots of the heap. */
    const wrt_slot *native_low, *native_high;
};

/* What running code sees of the store's heap of objects; gc.h has the rest. */
struct wrt_gc {
    uint8_t *bump, *limit;       /* zeroed memory for the next objects */
    uint64_t window;             /* the high half of every object's address */
    struct wrt_gc_heap *heap;    /* NULL until the first allocation */
    struct wrt_gc_frame *frames; /* values in C frames that are roots */
    wasmrt_code failure;    /* for engines: why the last allocation failed */
    uint64_t refused_bytes; /* the size of what the full heap had no room for;
                               0 when it was numbers for functions */

    /* Objects that the host was given, packed: those from scope on were given
     * during the innermost call of a host function and go when it returns. */
    uint32_t *handles;
    size_t nhandles, handles_capacity, scope;
    struct wasmrt_root *roots; /* what the host keeps: a list */

    /* Functions by the number that stands for them in objects; 0 is null. */
    struct wrt_funcref **funcs;
    size_t nfuncs, funcs_capacity;
};

/* Execution state of a store: the guest stack in use, its limits, its flags. */
struct wrt_ctx {
    wrt_slot *stack_end; /* frames must end at or below this */
    uint32_t interrupt;  /* atomic; nonzero: stop at the next poll.  Holds a
                            wasmrt_code: INTERRUPTED or DEADLINE */
    uint32_t poll; /* atomic; nonzero: guest code looks, at its next loop or
                      call, whether there is an interrupt or a sample to take */
    struct wrt_activation *activation; /* innermost, or NULL */
    uint64_t fuel; /* units left; more than there can ever be work, in an engine
                      that does not count */
    struct wrt_gc gc;
    struct wrt_store *store;
    wrt_slot *stack_base;
    size_t stack_bytes;    /* reserved: the frames, then a guard */
    uint32_t event_plus_1; /* atomic; descriptor that an interrupt signals, plus
                              1; 0 until the first wait */
    struct wasmrt_task *task; /* that runs, or NULL; see task.h */
    uint64_t nswitches;       /* between stacks */
    uint64_t host_calls;      /* of functions of the host by the guest */
    uint32_t host_entries;    /* in progress, of the host by the host */
    uint32_t ticks; /* atomic; periods that no sample has answered yet */
    struct wrt_ctx *sample_next; /* the sampler's list */
    uint32_t parking; /* atomic; what memory.atomic.wait sleeps on: changes when
                         it is woken or interrupted */
};

/* Bytes of a bulk operation that cost a unit of fuel. */
enum { WRT_FUEL_BYTES = 64 };

/* The same, when ctx has too little, from what all threads of a guest share. */
bool wrt_fuel_refill(struct wrt_ctx *ctx, uint64_t units);

/* Takes units of fuel.  False, and nothing is taken, when fewer are left. */
WRT_INLINE bool wrt_fuel_take(struct wrt_ctx *ctx, uint64_t units)
{
    if (WRT_UNLIKELY(ctx->fuel < units))
        return wrt_fuel_refill(ctx, units);
    ctx->fuel -= units;
    return true;
}

#endif
