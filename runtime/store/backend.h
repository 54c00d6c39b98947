/*
 * What an execution engine implements.
 *
 * Engines are siblings: the interpreter (runtime/interp) and the JIT (jit/)
 * know this header and not each other.  The store drives them through it and
 * owns the walk over mixed frames.  Which engines a build has is decided by
 * which file defines wrt_backends at link time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_STORE_BACKEND_H
#define WRT_STORE_BACKEND_H

#include "runtime/module/dump.h"
#include "runtime/store/vmctx.h"

#include "wasmrt/debug.h"

/* How guest memory is accessed; fixed per engine before anything is compiled
 * (design: guard pages or explicit checks). */
enum wrt_memory_mode { WRT_MEMORY_CHECKED, WRT_MEMORY_GUARDED };

/* For whoever looks for a bug, or for what takes time. */
struct wrt_code_debug {
    /* When has_range, functions from native_first to below native_end become
     * machine code, and the others are interpreted. */
    bool has_range;
    uint32_t native_first, native_end;
    bool has_debugger;    /* gdb gets to know machine code */
    unsigned trace_kinds; /* of wasmrt_trace_kinds */
    wasmrt_trace_fn trace;
    void *trace_user;
    wasmrt_code_fn on_code; /* and so does this; or NULL */
    void *on_code_user;
};

/* What the engine's configuration says about code. */
struct wrt_code_options {
    enum wrt_memory_mode memory_mode;
    bool has_fuel;
    bool has_masks;      /* indices are masked against speculation */
    bool must_be_native; /* where machine code is made: no memory for it is an
                            error */
    bool is_eager;       /* compile every function with the module, whose bodies
                            nobody has validated then */
    unsigned nthreads;   /* that compile together, when is_eager */
    uint64_t max_bytes;  /* of a module's code, of each engine's kind */
    struct wrt_code_debug debug;
    /* NULL, or machine code is proven to stay inside before it runs, and
     * counted here; atomic. */
    struct wasmrt_code_checks *checks;
    bool has_samples; /* code polls at returns, too */
};

/* Whether the function may be machine code. */
WRT_INLINE bool wrt_wants_native(const struct wrt_code_options *options,
                                 uint32_t func_idx)
{
    const struct wrt_code_debug *debug = &options->debug;

    return !debug->has_range ||
           (func_idx >= debug->native_first && func_idx < debug->native_end);
}

/* How many threads should compile all functions of a module: none is started
 * for less than takes a millisecond. */
unsigned wrt_compile_threads(const struct wrt_module *module,
                             const struct wrt_code_options *options);

/* One guest frame during a walk.  The backend fills func_idx and offset. */
struct wrt_frame_iter {
    const struct wrt_activation *activation;
    const void *pc;
    wrt_slot *fp;
    struct wrt_instance *instance;
    const void *last;  /* the backend's: code of the last frame */
    bool wants_offset; /* finding it takes time, and frames may be many */
    /* Outputs: */
    uint32_t func_idx;
    uint64_t module_offset; /* of the instruction, in the module's bytes */
};

/* A hardware fault, as the OS layer reports it to a backend. */
struct wrt_fault {
    uintptr_t pc;
    uintptr_t addr;
    const uint64_t *regs; /* general registers, in the ISA's own numbering:
                             x86-64 rax rcx rdx rbx rsp rbp rsi rdi r8..r15;
                             aarch64 x0..x30 sp */
};

struct wrt_backend {
    const char *name; /* "interp", "jit": the value of --engine */

    /* Why it cannot run in this process, or NULL; or NULL itself: it always
     * can.  is_asked_for: no other engine will do. */
    wasmrt_error *(*check)(bool is_asked_for);

    /* What it can run.  Features may be decoded and validated before. */
    wrt_features features;

    /* Prepares code for a module: fills module->code and module->code_free.
     * Function bodies may be compiled later, at their first call. */
    wasmrt_error *(*compile)(struct wrt_module *module,
                             const struct wrt_code_options *options);

    /* The array that instances point `code` at. */
    void *const *(*entries)(const struct wrt_module *module);

    /*
     * Runs a wasm function of an instance.  slots holds the parameters and has
     * room for the results, which replace them.  On a trap, the error carries
     * the guest's frames.  Reentrant: host functions may call in again.
     */
    wasmrt_error *(*enter)(struct wrt_ctx *ctx, struct wrt_instance *instance,
                           uint32_t func_idx, wrt_slot *slots);

    /* After a call of a wasm function: makes a door for those to come, or NULL.
     * NULL when the backend has none. */
    struct wrt_door *(*open)(const struct wrt_funcref *func);

    /*
     * Starts (pc, fp, instance from the activation, *first true) or continues a
     * walk, towards the caller.  False when the activation has no more frames.
     */
    bool (*next_frame)(struct wrt_frame_iter *iter, bool first);

    /* Another stack is in use: what instances hold for code that runs is to be
     * what ctx's activations need.  NULL when they hold nothing. */
    void (*switched)(struct wrt_ctx *ctx);

    /*
     * In the signal handler: whether the fault is a guest access of this
     * backend (pc in its fault table).  When so, it has recorded the trap in
     * the activation and *resume receives a function that never returns, to be
     * run on the interrupted stack with the activation as its argument.
     * Async-signal-safe.  NULL when this build of the backend has no guarded
     * accesses; then memories are checked.
     */
    bool (*claim_fault)(struct wrt_activation *activation,
                        const struct wrt_fault *fault,
                        void (**resume)(struct wrt_activation *));

    /* Counts the functions of a module that are ready to run so far, those of
     * them that are interpreted, and the bytes of their code. */
    void (*count_code)(const struct wrt_module *module, uint64_t *nfuncs,
                       uint64_t *ninterpreted, uint64_t *nbytes);

    /* Lists the code of a function for humans, made now if need be; or NULL. */
    wasmrt_error *(*list_code)(struct wrt_module *module, uint32_t func_idx,
                               wrt_write_fn *write, void *user);

    /* The same for machine code; NULL in backends that make none. */
    wasmrt_error *(*list_machine_code)(struct wrt_module *module,
                                       uint32_t func_idx, wrt_write_fn *write,
                                       void *user);
};

/* The engines of this build, best first, NULL-terminated. */
extern const struct wrt_backend *const wrt_backends[];

#endif
