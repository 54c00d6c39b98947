/*
 * wasmrt/debug.h - looking inside; not part of the stable API
 *
 * For tools. Declarations here may change with any version.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WASMRT_DEBUG_H
#define WASMRT_DEBUG_H

#include "wasmrt/gc.h"
#include "wasmrt/module.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Receives text in pieces. */
typedef void (*wasmrt_write_fn)(void *user, const char *text, size_t len);

/** What wasmrt_module_dump() writes; combine with |. */
typedef enum wasmrt_dump_parts {
    WASMRT_DUMP_HEADERS = 1, /**< Sections with offsets and sizes. */
    WASMRT_DUMP_EXTERNS = 2, /**< Types, imports, exports, definitions. */
    WASMRT_DUMP_CODE = 4,    /**< Disassembly. */
    WASMRT_DUMP_DATA = 8,    /**< Data and element segments. */
    WASMRT_DUMP_CUSTOM = 16, /**< Custom sections. */
    WASMRT_DUMP_IOPS = 32,   /**< The interpreter's code beside the module's. */
    WASMRT_DUMP_ASM = 64     /**< Machine code beside the module's. */
} wasmrt_dump_parts;

/**
 * Writes a listing of a module for humans. The text is not a stable format.
 *
 * @param module   Borrowed.
 * @param parts    Sum of wasmrt_dump_parts.
 * @param func     Restricts code to one function, by name or index; NULL for
 *                 all.
 * @param write    Receives the text.
 * @param user     Passed through.
 * @return         NULL, or an owned error of kind MISUSE (no such function),
 * OOM, LIMIT (with WASMRT_DUMP_IOPS: the engine cannot run a function), or
 * ENGINE_UNAVAILABLE (with WASMRT_DUMP_ASM: the engine makes no machine code).
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_module_dump(wasmrt_module *module, unsigned parts, const char *func,
                   wasmrt_write_fn write, void *user);

/** Machine code that was made. */
typedef struct wasmrt_code_event {
    const void *address; /**< Where it is, until its module is deleted. */
    size_t len;          /**< Its bytes. */
    uint32_t func;       /**< The function's index; UINT32_MAX for what
                              functions have in common. */
    const char *name;    /**< Its name, during the call. */
} wasmrt_code_event;

/** Is told of machine code, before it runs. Called under locks of the module,
 * from any thread: it may not call this library. */
typedef void (*wasmrt_code_fn)(void *user, const wasmrt_code_event *event);

/**
 * Tells a profiler or another tool about machine code as it is made. Engines
 * that make none tell nothing.
 *
 * @param config   Borrowed.
 * @param fn       Called for each piece of code; NULL (the default) for none.
 * @param user     Passed through.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_config_on_code(wasmrt_config *config, wasmrt_code_fn fn,
                                      void *user);

/**
 * Tells a debugger that is attached about machine code, through the interface
 * of gdb for code that is made at run time: stack traces then have the names of
 * functions. It costs a page or so for each function.
 *
 * @param config   Borrowed.
 * @param on       Default false.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_config_set_debugger(wasmrt_config *config, bool on);

/**
 * Lets an engine of machine code compile some functions only, and interpret the
 * others: to find the one that is compiled wrong.
 *
 * @param config   Borrowed.
 * @param first    Index of the first function that is compiled.
 * @param end      Index behind the last one.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_config_set_native_range(wasmrt_config *config,
                                               uint32_t first, uint32_t end);

/** What is traced; combine with |. */
typedef enum wasmrt_trace_kinds {
    WASMRT_TRACE_CALLS = 1, /**< Functions as they begin and return. */
    WASMRT_TRACE_INSNS = 2, /**< Every instruction. */
    WASMRT_TRACE_MEMORY = 4 /**< Loads and stores. */
} wasmrt_trace_kinds;

/** Something that guest code is about to do, or for a return has done. Borrowed
 * for the call; names live as long as the module. */
typedef struct wasmrt_trace_event {
    wasmrt_trace_kinds kind;
    bool is_return; /**< CALLS: of the function; else it begins. */
    bool is_store;  /**< MEMORY */
    uint32_t func_idx;
    const char *func_name;  /**< NULL when it has none. */
    uint64_t module_offset; /**< Of the instruction. */
    uint64_t func_offset;   /**< From the start of the function. */
    const char *insn;       /**< "i32.add"; NULL for CALLS. */
    const wasmrt_val *vals; /**< CALLS: parameters or results, 16 at most. */
    size_t nvals;           /**< How many there are, which may be more. */
    uint64_t address;       /**< MEMORY: with the offset. */
    uint32_t len;           /**< MEMORY: bytes. */
    bool has_value;         /**< MEMORY: false for loads out of bounds. */
    uint64_t value; /**< MEMORY: what is loaded or stored; of a vector the low
                         half. */
} wasmrt_trace_event;

/** Is told of what guest code does, on its thread. May not call guest code. */
typedef void (*wasmrt_trace_fn)(void *user, const wasmrt_trace_event *event);

/**
 * Tells what guest code does, step by step. Everything is interpreted then,
 * whatever the strategy, and many times slower. Returns in the form of tail
 * calls are not told.
 *
 * @param config   Borrowed.
 * @param kinds    Sum of wasmrt_trace_kinds; 0 (the default) for nothing.
 * @param fn       Called for each event.
 * @param user     Passed through.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_config_on_trace(wasmrt_config *config, unsigned kinds,
                                       wasmrt_trace_fn fn, void *user);

/** Where guest code stands at a moment: a stack of frames that is gone through
 * once, during the call that gives it. */
typedef struct wasmrt_sample wasmrt_sample;

/** Is told of a sample, on the thread of the guest, which waits: several at
 * once when the engine has several stores. It may call nothing of this library
 * but the functions of samples and wasmrt_store_interrupt(). */
typedef void (*wasmrt_sample_fn)(void *user, wasmrt_sample *sample);

/**
 * Asks regularly where guest code stands, for a profile. Works in every engine:
 * a thread asks, and the guest answers at its next loop, call or return. Code
 * that is compiled for this looks up at each return as well, which costs a
 * comparison.
 *
 * @param config   Borrowed.
 * @param period_ns Nanoseconds between two samples of a store; not 0.
 * @param fn       Called for each sample; NULL (the default) for none.
 * @param user     Passed through.
 * @threadsafe     Distinct.
 * @since          0.1
 */
WASMRT_API void wasmrt_config_on_sample(wasmrt_config *config,
                                        uint64_t period_ns, wasmrt_sample_fn fn,
                                        void *user);

/**
 * The next frame of a sample, the innermost one first. At most 8,192 are given.
 *
 * @param sample   Borrowed.
 * @param out      Filled in; the offsets are 0, and strings live as long as the
 *                 module.
 * @return         False when there are no more.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API bool wasmrt_sample_next(wasmrt_sample *sample, wasmrt_frame *out);

/**
 * How many periods the sample stands for: those that began since the last one
 * of this store, whether or not guest code ran.
 *
 * @param sample   Borrowed.
 * @return         At least 1.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API uint64_t wasmrt_sample_ticks(const wasmrt_sample *sample);

/**
 * Whether the time was spent in a function of the host that the innermost frame
 * has called.
 *
 * @param sample   Borrowed.
 * @return         True for a function of the host.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API bool wasmrt_sample_in_host(const wasmrt_sample *sample);

/** Numbers about a module, for --stats. */
typedef struct wasmrt_module_stats {
    uint64_t module_bytes;      /**< Size of the module. */
    uint64_t funcs;             /**< Functions that it defines. */
    uint64_t lowered_funcs;     /**< Of those, made ready to run so far. */
    uint64_t code_bytes;        /**< Size of their code for the engine. */
    uint64_t arena_bytes;       /**< Decoded structures. */
    uint64_t interpreted_funcs; /**< Of `lowered_funcs`, not machine code. */
} wasmrt_module_stats;

/**
 * Counts what a module takes.
 *
 * @param module   Borrowed.
 * @param out      Filled in.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API void wasmrt_module_get_stats(const wasmrt_module *module,
                                        wasmrt_module_stats *out);

/**
 * Counts calls of functions of the host, such as WASI's, by guest code.
 *
 * @param store    Borrowed.
 * @return         The number since the store was made.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API uint64_t wasmrt_store_host_calls(const wasmrt_store *store);

/**
 * Collects at every allocation, to find what is referred to but not found:
 * slow. Debug builds also check the heap and overwrite what is freed.
 *
 * @param store    Borrowed.
 * @param on       Default false.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API void wasmrt_store_set_gc_stress(wasmrt_store *store, bool on);

#ifdef __cplusplus
}
#endif

#endif
