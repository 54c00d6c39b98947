/*
 * wasm.h - the standard C API of WebAssembly
 *
 * Names, types and ownership are those that the WebAssembly community publishes
 * for embedding in C, so a program written for another engine compiles and
 * links here unchanged. What the standard leaves open, and what wasmrt adds, is
 * said below; wasmrt.h is the richer interface, and wasmrt/bridge.h leads from
 * one to the other.
 *
 * Ownership. `own` in front of a parameter or a result says that responsibility
 * for the object changes hands: whoever holds it calls its _delete function
 * once. An `own` vector owns its elements too. An `own` pointer named `out`
 * points at storage of the caller, whose contents it owns afterwards. Anything
 * without `own` is borrowed. Pointers may be NULL only where it is said.
 *
 * Handles. wasm_func_t, wasm_memory_t and the others that stand for things in a
 * store are counted handles. Deleting one gives the thing up and does not end
 * it: what is in a store lives until the store is deleted, as long as instances
 * may use it. Two handles of the same thing are the same pointer, and have the
 * host info in common. A handle may be deleted after its store; anything else
 * then fails.
 *
 * Threads. Engines, shared modules, types and vectors may be used by any thread
 * (one that is being changed, by one at a time). All else belongs to a store,
 * and a store is used by one thread at a time.
 *
 * Vectors. A wasm_val_t of the standard has 8 bytes for a value, which programs
 * rely on, so there are no values of v128 here. Types have them, as
 * WASMRT_WASM_V128. Calls of functions that take or give v128, and globals of
 * it, end with a trap or fail, and say so; wasmrt_func_call() takes such
 * functions, by way of wasmrt/bridge.h.
 *
 * Memory. When the host's memory is exhausted a function that returns an object
 * returns NULL, and one that fills a vector leaves it empty.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WASM_H
#define WASM_H

/* Programs rely on all of these coming with the header. */
#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** Marks what the library exports. */
#ifndef WASM_API_EXTERN
#if defined(__GNUC__)
#define WASM_API_EXTERN __attribute__((visibility("default")))
#else
#define WASM_API_EXTERN
#endif
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** Says that ownership changes hands; for readers, not for the compiler.  Gone
 * at the end of this header. */
#define own

/* -- Basics ---------------------------------------------------------------- */

/** A byte of a binary or of a name. */
typedef char byte_t;
/** The type of an f32. */
typedef float float32_t;
/** The type of an f64. */
typedef double float64_t;

/*
 * The families of declarations. Every opaque type X has wasm_X_delete(), to
 * which NULL may be given; vectors, types and references have more, as below.
 */

/** Declares the opaque type wasm_X_t and wasm_X_delete(), which ends it. */
#define WASM_DECLARE_OWN(name)                                                 \
    typedef struct wasm_##name##_t wasm_##name##_t;                            \
    WASM_API_EXTERN void wasm_##name##_delete(own wasm_##name##_t *);

/**
 * Declares vectors of wasm_X_t (or of pointers to them):
 *
 *   vec_new_empty          no elements
 *   vec_new_uninitialized  that many, all zero, for the caller to fill in
 *   vec_new                takes over that many elements, copying the array
 *   vec_copy               with a copy of each element
 *   vec_delete             ends the elements and the array; the vector itself
 *                          is the caller's and is empty afterwards
 */
#define WASM_DECLARE_VEC(name, ptr_or_none)                                    \
    typedef struct wasm_##name##_vec_t {                                       \
        size_t size;                                                           \
        wasm_##name##_t ptr_or_none *data;                                     \
    } wasm_##name##_vec_t;                                                     \
    WASM_API_EXTERN void wasm_##name##_vec_new_empty(                          \
        own wasm_##name##_vec_t *out);                                         \
    WASM_API_EXTERN void wasm_##name##_vec_new_uninitialized(                  \
        own wasm_##name##_vec_t *out, size_t);                                 \
    WASM_API_EXTERN void wasm_##name##_vec_new(                                \
        own wasm_##name##_vec_t *out, size_t,                                  \
        own wasm_##name##_t ptr_or_none const[]);                              \
    WASM_API_EXTERN void wasm_##name##_vec_copy(own wasm_##name##_vec_t *out,  \
                                                const wasm_##name##_vec_t *);  \
    WASM_API_EXTERN void wasm_##name##_vec_delete(own wasm_##name##_vec_t *);

/** A byte of a binary or of a name. */
typedef byte_t wasm_byte_t;
/** Bytes: wasm_byte_vec_t. */
WASM_DECLARE_VEC(byte, )

/** A name: UTF-8, without a NUL behind it unless that is counted. */
typedef wasm_byte_vec_t wasm_name_t;

/** Names have the functions of vectors of bytes.  (The name that says `new`
 * twice is the published one.) */
#define wasm_name                       wasm_byte_vec
#define wasm_name_new                   wasm_byte_vec_new
#define wasm_name_new_empty             wasm_byte_vec_new_empty
#define wasm_name_new_new_uninitialized wasm_byte_vec_new_uninitialized
#define wasm_name_copy                  wasm_byte_vec_copy
#define wasm_name_delete                wasm_byte_vec_delete

/** Makes a name of a C string, without its NUL. */
static inline void wasm_name_new_from_string(own wasm_name_t *out,
                                             const char *s)
{
    wasm_name_new(out, strlen(s), s);
}

/** Makes a name of a C string, its NUL included. */
static inline void wasm_name_new_from_string_nt(own wasm_name_t *out,
                                                const char *s)
{
    wasm_name_new(out, strlen(s) + 1, s);
}

/* -- Configuration, engines, stores ---------------------------------------- */

/** How an engine is to work.  The same object as a wasmrt_config, with whose
 * functions it is filled in: see wasmrt_config_from_wasm(). */
WASM_DECLARE_OWN(config)

/** Makes a configuration with the default settings. */
WASM_API_EXTERN own wasm_config_t *wasm_config_new(void);

/** What modules and stores share.  There may be any number of engines in a
 * process.  The same object as a wasmrt_engine; it ends when everything that
 * was made with it has ended. */
WASM_DECLARE_OWN(engine)

/** Makes an engine with the default settings. */
WASM_API_EXTERN own wasm_engine_t *wasm_engine_new(void);
/** Makes an engine as it was configured; NULL also when this build cannot do
 * that.  The configuration is used up either way. */
WASM_API_EXTERN own wasm_engine_t *
wasm_engine_new_with_config(own wasm_config_t *);

/** A world of live objects, used by one thread at a time.  Deleting it ends
 * everything in it and calls the finalizers that are still due; not while a
 * function of it runs: then nothing is deleted. */
WASM_DECLARE_OWN(store)

/** Makes an empty store. */
WASM_API_EXTERN own wasm_store_t *wasm_store_new(wasm_engine_t *);

/* -- Types ----------------------------------------------------------------- */

/** Whether a global can change: one of wasm_mutability_enum. */
typedef uint8_t wasm_mutability_t;
/** The values of wasm_mutability_t. */
enum wasm_mutability_enum {
    WASM_CONST,
    WASM_VAR,
};

/** The size of a table or a memory, in elements or pages.  No maximum is
 * wasm_limits_max_default; 64-bit limits show as the largest number here. */
typedef struct wasm_limits_t {
    uint32_t min;
    uint32_t max;
} wasm_limits_t;

/** Stands for no maximum. */
static const uint32_t wasm_limits_max_default = 0xffffffff;

/** Declares a type of types: opaque, with vectors of pointers and a copy. */
#define WASM_DECLARE_TYPE(name)                                                \
    WASM_DECLARE_OWN(name)                                                     \
    WASM_DECLARE_VEC(name, *)                                                  \
    WASM_API_EXTERN own wasm_##name##_t *wasm_##name##_copy(                   \
        const wasm_##name##_t *);

/** The type of a value.  Never fails to be made: there are only a few. */
WASM_DECLARE_TYPE(valtype)

/** What a value is: one of wasm_valkind_enum, or of wasmrt_wasm_kind. */
typedef uint8_t wasm_valkind_t;
/** The kinds of the standard; all references are from 128 on. */
enum wasm_valkind_enum {
    WASM_I32,
    WASM_I64,
    WASM_F32,
    WASM_F64,
    WASM_EXTERNREF = 128,
    WASM_FUNCREF,
};

/** The type of a kind; NULL for a number that is no kind. */
WASM_API_EXTERN own wasm_valtype_t *wasm_valtype_new(wasm_valkind_t);
/** The kind of a type. */
WASM_API_EXTERN wasm_valkind_t wasm_valtype_kind(const wasm_valtype_t *);

/** Whether values of a kind are numbers. */
static inline bool wasm_valkind_is_num(wasm_valkind_t k)
{
    return k < WASM_EXTERNREF;
}

/** Whether values of a kind are references. */
static inline bool wasm_valkind_is_ref(wasm_valkind_t k)
{
    return !wasm_valkind_is_num(k);
}

/** Whether values of a type are numbers. */
static inline bool wasm_valtype_is_num(const wasm_valtype_t *t)
{
    return wasm_valkind_is_num(wasm_valtype_kind(t));
}

/** Whether values of a type are references. */
static inline bool wasm_valtype_is_ref(const wasm_valtype_t *t)
{
    return wasm_valkind_is_ref(wasm_valtype_kind(t));
}

/** The type of a function: its parameters and its results. */
WASM_DECLARE_TYPE(functype)

/** Makes a function type; empties both vectors, also on failure. */
WASM_API_EXTERN own wasm_functype_t *
wasm_functype_new(own wasm_valtype_vec_t *params,
                  own wasm_valtype_vec_t *results);
/** The parameters; valid as long as the type. */
WASM_API_EXTERN const wasm_valtype_vec_t *
wasm_functype_params(const wasm_functype_t *);
/** The results; valid as long as the type. */
WASM_API_EXTERN const wasm_valtype_vec_t *
wasm_functype_results(const wasm_functype_t *);

/** The type of a global: of its value, and whether it can change. */
WASM_DECLARE_TYPE(globaltype)

/** Makes a global type. */
WASM_API_EXTERN own wasm_globaltype_t *wasm_globaltype_new(own wasm_valtype_t *,
                                                           wasm_mutability_t);
/** The type of the value; valid as long as the type of the global. */
WASM_API_EXTERN const wasm_valtype_t *
wasm_globaltype_content(const wasm_globaltype_t *);
/** Whether the global can change. */
WASM_API_EXTERN wasm_mutability_t
wasm_globaltype_mutability(const wasm_globaltype_t *);

/** The type of a table: of its elements, and how many there may be. */
WASM_DECLARE_TYPE(tabletype)

/** Makes a table type; the elements must be references. */
WASM_API_EXTERN own wasm_tabletype_t *wasm_tabletype_new(own wasm_valtype_t *,
                                                         const wasm_limits_t *);
/** The type of the elements; valid as long as the type of the table. */
WASM_API_EXTERN const wasm_valtype_t *
wasm_tabletype_element(const wasm_tabletype_t *);
/** How many there may be; valid as long as the type of the table. */
WASM_API_EXTERN const wasm_limits_t *
wasm_tabletype_limits(const wasm_tabletype_t *);

/** The type of a memory: how many pages of 64 KiB it may have. */
WASM_DECLARE_TYPE(memorytype)

/** Makes a memory type. */
WASM_API_EXTERN own wasm_memorytype_t *
wasm_memorytype_new(const wasm_limits_t *);
/** How many pages there may be; valid as long as the type. */
WASM_API_EXTERN const wasm_limits_t *
wasm_memorytype_limits(const wasm_memorytype_t *);

/** The type of anything that can be imported or exported. */
WASM_DECLARE_TYPE(externtype)

/** What is imported or exported: one of wasm_externkind_enum, or
 * WASMRT_WASM_EXTERN_TAG. */
typedef uint8_t wasm_externkind_t;
/** The values of wasm_externkind_t. */
enum wasm_externkind_enum {
    WASM_EXTERN_FUNC,
    WASM_EXTERN_GLOBAL,
    WASM_EXTERN_TABLE,
    WASM_EXTERN_MEMORY,
};

/** Which sort of type it is. */
WASM_API_EXTERN wasm_externkind_t
wasm_externtype_kind(const wasm_externtype_t *);

/*
 * The same type as the general one, and back. The result is the same object,
 * borrowed; the way back gives NULL for a type of another kind.
 */

/** A function type as an extern type. */
WASM_API_EXTERN wasm_externtype_t *
wasm_functype_as_externtype(wasm_functype_t *);
/** A global type as an extern type. */
WASM_API_EXTERN wasm_externtype_t *
wasm_globaltype_as_externtype(wasm_globaltype_t *);
/** A table type as an extern type. */
WASM_API_EXTERN wasm_externtype_t *
wasm_tabletype_as_externtype(wasm_tabletype_t *);
/** A memory type as an extern type. */
WASM_API_EXTERN wasm_externtype_t *
wasm_memorytype_as_externtype(wasm_memorytype_t *);

/** The function type that it is, or NULL. */
WASM_API_EXTERN wasm_functype_t *
wasm_externtype_as_functype(wasm_externtype_t *);
/** The global type that it is, or NULL. */
WASM_API_EXTERN wasm_globaltype_t *
wasm_externtype_as_globaltype(wasm_externtype_t *);
/** The table type that it is, or NULL. */
WASM_API_EXTERN wasm_tabletype_t *
wasm_externtype_as_tabletype(wasm_externtype_t *);
/** The memory type that it is, or NULL. */
WASM_API_EXTERN wasm_memorytype_t *
wasm_externtype_as_memorytype(wasm_externtype_t *);

/** A function type as an extern type, to be read. */
WASM_API_EXTERN const wasm_externtype_t *
wasm_functype_as_externtype_const(const wasm_functype_t *);
/** A global type as an extern type, to be read. */
WASM_API_EXTERN const wasm_externtype_t *
wasm_globaltype_as_externtype_const(const wasm_globaltype_t *);
/** A table type as an extern type, to be read. */
WASM_API_EXTERN const wasm_externtype_t *
wasm_tabletype_as_externtype_const(const wasm_tabletype_t *);
/** A memory type as an extern type, to be read. */
WASM_API_EXTERN const wasm_externtype_t *
wasm_memorytype_as_externtype_const(const wasm_memorytype_t *);

/** The function type that it is, to be read, or NULL. */
WASM_API_EXTERN const wasm_functype_t *
wasm_externtype_as_functype_const(const wasm_externtype_t *);
/** The global type that it is, to be read, or NULL. */
WASM_API_EXTERN const wasm_globaltype_t *
wasm_externtype_as_globaltype_const(const wasm_externtype_t *);
/** The table type that it is, to be read, or NULL. */
WASM_API_EXTERN const wasm_tabletype_t *
wasm_externtype_as_tabletype_const(const wasm_externtype_t *);
/** The memory type that it is, to be read, or NULL. */
WASM_API_EXTERN const wasm_memorytype_t *
wasm_externtype_as_memorytype_const(const wasm_externtype_t *);

/** What a module wants: two names and a type. */
WASM_DECLARE_TYPE(importtype)

/** Makes an import type; uses up all three, also on failure. */
WASM_API_EXTERN own wasm_importtype_t *
wasm_importtype_new(own wasm_name_t *module, own wasm_name_t *name,
                    own wasm_externtype_t *);
/** The name of the module; valid as long as the import type. */
WASM_API_EXTERN const wasm_name_t *
wasm_importtype_module(const wasm_importtype_t *);
/** The name in the module; valid as long as the import type. */
WASM_API_EXTERN const wasm_name_t *
wasm_importtype_name(const wasm_importtype_t *);
/** The type; valid as long as the import type. */
WASM_API_EXTERN const wasm_externtype_t *
wasm_importtype_type(const wasm_importtype_t *);

/** What a module offers: a name and a type. */
WASM_DECLARE_TYPE(exporttype)

/** Makes an export type; uses up both, also on failure. */
WASM_API_EXTERN own wasm_exporttype_t *
wasm_exporttype_new(own wasm_name_t *, own wasm_externtype_t *);
/** The name; valid as long as the export type. */
WASM_API_EXTERN const wasm_name_t *
wasm_exporttype_name(const wasm_exporttype_t *);
/** The type; valid as long as the export type. */
WASM_API_EXTERN const wasm_externtype_t *
wasm_exporttype_type(const wasm_exporttype_t *);

/* -- Values ---------------------------------------------------------------- */

struct wasm_ref_t;

/** A value.  One that is a reference and not NULL owns it, where the value is
 * owned. */
typedef struct wasm_val_t {
    wasm_valkind_t kind;
    union {
        int32_t i32;
        int64_t i64;
        float32_t f32;
        float64_t f64;
        struct wasm_ref_t *ref;
    } of;
} wasm_val_t;

/** Gives up what a value owns; it is null afterwards if it was a reference. */
WASM_API_EXTERN void wasm_val_delete(own wasm_val_t *v);
/** Copies a value, a reference as another handle of the same. */
WASM_API_EXTERN void wasm_val_copy(own wasm_val_t *out, const wasm_val_t *);

/** Values: wasm_val_vec_t. */
WASM_DECLARE_VEC(val, )

/* -- References ------------------------------------------------------------ */

/**
 * Declares counted handles:
 *
 *   copy                 one more handle of the same thing
 *   same                 whether two are handles of the same thing
 *   get_host_info        what the host has attached to the thing; NULL at first
 *   set_host_info        attaches something; an older one is finalized
 *   set_host_info_with_finalizer  with a function that gets it in the end: when
 *                        the thing ends, something else is attached, or the
 *                        store is deleted. It must not use the store.
 */
#define WASM_DECLARE_REF_BASE(name)                                            \
    WASM_DECLARE_OWN(name)                                                     \
    WASM_API_EXTERN own wasm_##name##_t *wasm_##name##_copy(                   \
        const wasm_##name##_t *);                                              \
    WASM_API_EXTERN bool wasm_##name##_same(const wasm_##name##_t *,           \
                                            const wasm_##name##_t *);          \
    WASM_API_EXTERN void *wasm_##name##_get_host_info(                         \
        const wasm_##name##_t *);                                              \
    WASM_API_EXTERN void wasm_##name##_set_host_info(wasm_##name##_t *,        \
                                                     void *);                  \
    WASM_API_EXTERN void wasm_##name##_set_host_info_with_finalizer(           \
        wasm_##name##_t *, void *, void (*)(void *));

/** Declares handles that can be seen as wasm_ref_t, and back: the same object,
 * borrowed; the way back gives NULL for a reference to something else. */
#define WASM_DECLARE_REF(name)                                                 \
    WASM_DECLARE_REF_BASE(name)                                                \
    WASM_API_EXTERN wasm_ref_t *wasm_##name##_as_ref(wasm_##name##_t *);       \
    WASM_API_EXTERN wasm_##name##_t *wasm_ref_as_##name(wasm_ref_t *);         \
    WASM_API_EXTERN const wasm_ref_t *wasm_##name##_as_ref_const(              \
        const wasm_##name##_t *);                                              \
    WASM_API_EXTERN const wasm_##name##_t *wasm_ref_as_##name##_const(         \
        const wasm_ref_t *);

/** Declares handles whose thing can be given to another store of the engine,
 * by way of wasm_shared_X_t, which belongs to no store: share makes one, obtain
 * makes a handle of it for a store (NULL when that is of another engine). */
#define WASM_DECLARE_SHARABLE_REF(name)                                        \
    WASM_DECLARE_REF(name)                                                     \
    WASM_DECLARE_OWN(shared_##name)                                            \
    WASM_API_EXTERN own wasm_shared_##name##_t *wasm_##name##_share(           \
        const wasm_##name##_t *);                                              \
    WASM_API_EXTERN own wasm_##name##_t *wasm_##name##_obtain(                 \
        wasm_store_t *, const wasm_shared_##name##_t *);

/** A handle of anything.  As an externref a guest holds any of them; what a
 * guest itself has made an externref of comes out as one that is none of the
 * other kinds. */
WASM_DECLARE_REF_BASE(ref)

/* -- Frames and traps ------------------------------------------------------ */

/** A place on the stack of a trap. */
WASM_DECLARE_OWN(frame)
/** Frames: wasm_frame_vec_t. */
WASM_DECLARE_VEC(frame, *)
/** The same frame once more. */
WASM_API_EXTERN own wasm_frame_t *wasm_frame_copy(const wasm_frame_t *);

/** The instance; valid as long as the frame.  NULL once the store is deleted.
 */
WASM_API_EXTERN struct wasm_instance_t *
wasm_frame_instance(const wasm_frame_t *);
/** The function's index in its module, imports counted. */
WASM_API_EXTERN uint32_t wasm_frame_func_index(const wasm_frame_t *);
/** The instruction, in bytes from where the function's body begins. */
WASM_API_EXTERN size_t wasm_frame_func_offset(const wasm_frame_t *);
/** The instruction, in bytes from where the module begins. */
WASM_API_EXTERN size_t wasm_frame_module_offset(const wasm_frame_t *);

/** What a trap says, with a NUL at its end that is counted. */
typedef wasm_name_t wasm_message_t;

/** Why a call has ended without results.  Whatever goes wrong in a call is one:
 * a trap of the guest, a limit, an exit, wrong arguments; wasmrt_trap_error()
 * tells which. */
WASM_DECLARE_REF(trap)

/** Makes a trap, for a host function to return.  The guest's frames are added
 * when it is returned. */
WASM_API_EXTERN own wasm_trap_t *wasm_trap_new(wasm_store_t *store,
                                               const wasm_message_t *);
/** Copies the message: as it was given to wasm_trap_new(), or ours. */
WASM_API_EXTERN void wasm_trap_message(const wasm_trap_t *,
                                       own wasm_message_t *out);
/** The innermost frame; NULL when there is none. */
WASM_API_EXTERN own wasm_frame_t *wasm_trap_origin(const wasm_trap_t *);
/** All frames, innermost first. */
WASM_API_EXTERN void wasm_trap_trace(const wasm_trap_t *,
                                     own wasm_frame_vec_t *out);

/* -- Foreign objects ------------------------------------------------------- */

/** An object of the host's own, to be given to guests as an externref; what it
 * is says its host info. */
WASM_DECLARE_REF(foreign)

/** Makes a foreign object. */
WASM_API_EXTERN own wasm_foreign_t *wasm_foreign_new(wasm_store_t *);

/* -- Modules --------------------------------------------------------------- */

/** Compiled code, immutable.  May outlive its store. */
WASM_DECLARE_SHARABLE_REF(module)

/** Compiles a binary; NULL when it is not valid.  (Why, tells
 * wasmrt_module_new().) */
WASM_API_EXTERN own wasm_module_t *
wasm_module_new(wasm_store_t *, const wasm_byte_vec_t *binary);
/** Whether a binary could be compiled. */
WASM_API_EXTERN bool wasm_module_validate(wasm_store_t *,
                                          const wasm_byte_vec_t *binary);
/** Lists what the module imports, in its order. */
WASM_API_EXTERN void wasm_module_imports(const wasm_module_t *,
                                         own wasm_importtype_vec_t *out);
/** Lists what the module exports, in its order. */
WASM_API_EXTERN void wasm_module_exports(const wasm_module_t *,
                                         own wasm_exporttype_vec_t *out);
/** Writes the module as bytes for wasm_module_deserialize(), which must be of
 * the same version.  They hold the binary; nobody need trust them. */
WASM_API_EXTERN void wasm_module_serialize(const wasm_module_t *,
                                           own wasm_byte_vec_t *out);
/** Reads what wasm_module_serialize() wrote, and validates and compiles it
 * again; NULL for anything else. */
WASM_API_EXTERN own wasm_module_t *
wasm_module_deserialize(wasm_store_t *, const wasm_byte_vec_t *);

/* -- Functions ------------------------------------------------------------- */

/** A function of the guest or of the host. */
WASM_DECLARE_REF(func)

/** A host function.  args are borrowed; results are as many as the type says,
 * of the right kinds, zero or null, and are to be filled in (ownership of
 * references goes over). Returns NULL, or a trap that ends the guest. */
typedef own wasm_trap_t *(*wasm_func_callback_t)(const wasm_val_vec_t *args,
                                                 own wasm_val_vec_t *results);
/** The same with a pointer of the host. */
typedef own wasm_trap_t *(*wasm_func_callback_with_env_t)(
    void *env, const wasm_val_vec_t *args, wasm_val_vec_t *results);

/** Makes a host function. */
WASM_API_EXTERN own wasm_func_t *
wasm_func_new(wasm_store_t *, const wasm_functype_t *, wasm_func_callback_t);
/** Makes a host function that is given env; finalizer, or NULL, gets env when
 * the store is deleted, or at once when NULL is returned. */
WASM_API_EXTERN own wasm_func_t *
wasm_func_new_with_env(wasm_store_t *, const wasm_functype_t *type,
                       wasm_func_callback_with_env_t, void *env,
                       void (*finalizer)(void *));
/** The type of a function. */
WASM_API_EXTERN own wasm_functype_t *wasm_func_type(const wasm_func_t *);
/** How many parameters it has. */
WASM_API_EXTERN size_t wasm_func_param_arity(const wasm_func_t *);
/** How many results it has. */
WASM_API_EXTERN size_t wasm_func_result_arity(const wasm_func_t *);
/** Calls a function.  As many args as parameters, and room for the results;
 * what was in results is written over. Returns NULL, or a trap, also when the
 * arguments are not what the type says; results are then untouched. */
WASM_API_EXTERN own wasm_trap_t *wasm_func_call(const wasm_func_t *,
                                                const wasm_val_vec_t *args,
                                                wasm_val_vec_t *results);

/* -- Globals --------------------------------------------------------------- */

/** A global of the guest or of the host. */
WASM_DECLARE_REF(global)

/** Makes a global; NULL when the value is not of its type. */
WASM_API_EXTERN own wasm_global_t *
wasm_global_new(wasm_store_t *, const wasm_globaltype_t *, const wasm_val_t *);
/** The type of a global. */
WASM_API_EXTERN own wasm_globaltype_t *wasm_global_type(const wasm_global_t *);
/** Reads a global. */
WASM_API_EXTERN void wasm_global_get(const wasm_global_t *,
                                     own wasm_val_t *out);
/** Writes a global.  Does nothing when it cannot change or the value is of
 * another type. */
WASM_API_EXTERN void wasm_global_set(wasm_global_t *, const wasm_val_t *);

/* -- Tables ---------------------------------------------------------------- */

/** A table of references. */
WASM_DECLARE_REF(table)

/** A number of elements, or of one. */
typedef uint32_t wasm_table_size_t;

/** Makes a table full of init, which may be NULL; NULL when init is not of the
 * elements' type, or when a limit is reached. */
WASM_API_EXTERN own wasm_table_t *
wasm_table_new(wasm_store_t *, const wasm_tabletype_t *, wasm_ref_t *init);
/** The type of a table, with its size of now as the minimum. */
WASM_API_EXTERN own wasm_tabletype_t *wasm_table_type(const wasm_table_t *);
/** Reads an element; NULL for null and beyond the end. */
WASM_API_EXTERN own wasm_ref_t *wasm_table_get(const wasm_table_t *,
                                               wasm_table_size_t index);
/** Writes an element, NULL for null; false beyond the end or for a reference of
 * another type. */
WASM_API_EXTERN bool wasm_table_set(wasm_table_t *, wasm_table_size_t index,
                                    wasm_ref_t *);
/** How many elements there are. */
WASM_API_EXTERN wasm_table_size_t wasm_table_size(const wasm_table_t *);
/** Adds elements, all init, which may be NULL; false when that is impossible,
 * with nothing changed. */
WASM_API_EXTERN bool wasm_table_grow(wasm_table_t *, wasm_table_size_t delta,
                                     wasm_ref_t *init);

/* -- Memories -------------------------------------------------------------- */

/** A linear memory. */
WASM_DECLARE_REF(memory)

/** A number of pages. */
typedef uint32_t wasm_memory_pages_t;

/** The bytes of a page. */
static const size_t MEMORY_PAGE_SIZE = 0x10000;

/** Makes a memory; NULL when a limit is reached. */
WASM_API_EXTERN own wasm_memory_t *wasm_memory_new(wasm_store_t *,
                                                   const wasm_memorytype_t *);
/** The type of a memory, with its size of now as the minimum. */
WASM_API_EXTERN own wasm_memorytype_t *wasm_memory_type(const wasm_memory_t *);
/** The bytes; valid until the memory grows.  NULL when there is none. */
WASM_API_EXTERN byte_t *wasm_memory_data(wasm_memory_t *);
/** How many bytes there are. */
WASM_API_EXTERN size_t wasm_memory_data_size(const wasm_memory_t *);
/** How many pages there are. */
WASM_API_EXTERN wasm_memory_pages_t wasm_memory_size(const wasm_memory_t *);
/** Adds pages; false when that is impossible, with nothing changed. */
WASM_API_EXTERN bool wasm_memory_grow(wasm_memory_t *,
                                      wasm_memory_pages_t delta);

/* -- Externs --------------------------------------------------------------- */

/** Anything that can be imported or exported. */
WASM_DECLARE_REF(extern)
/** Externs: wasm_extern_vec_t. */
WASM_DECLARE_VEC(extern, *)

/** What it is. */
WASM_API_EXTERN wasm_externkind_t wasm_extern_kind(const wasm_extern_t *);
/** Its type. */
WASM_API_EXTERN own wasm_externtype_t *wasm_extern_type(const wasm_extern_t *);

/*
 * The same thing as the general one, and back. The result is the same object,
 * borrowed; the way back gives NULL for a thing of another kind.
 */

/** A function as an extern. */
WASM_API_EXTERN wasm_extern_t *wasm_func_as_extern(wasm_func_t *);
/** A global as an extern. */
WASM_API_EXTERN wasm_extern_t *wasm_global_as_extern(wasm_global_t *);
/** A table as an extern. */
WASM_API_EXTERN wasm_extern_t *wasm_table_as_extern(wasm_table_t *);
/** A memory as an extern. */
WASM_API_EXTERN wasm_extern_t *wasm_memory_as_extern(wasm_memory_t *);

/** The function that it is, or NULL. */
WASM_API_EXTERN wasm_func_t *wasm_extern_as_func(wasm_extern_t *);
/** The global that it is, or NULL. */
WASM_API_EXTERN wasm_global_t *wasm_extern_as_global(wasm_extern_t *);
/** The table that it is, or NULL. */
WASM_API_EXTERN wasm_table_t *wasm_extern_as_table(wasm_extern_t *);
/** The memory that it is, or NULL. */
WASM_API_EXTERN wasm_memory_t *wasm_extern_as_memory(wasm_extern_t *);

/** A function as an extern, to be read. */
WASM_API_EXTERN const wasm_extern_t *
wasm_func_as_extern_const(const wasm_func_t *);
/** A global as an extern, to be read. */
WASM_API_EXTERN const wasm_extern_t *
wasm_global_as_extern_const(const wasm_global_t *);
/** A table as an extern, to be read. */
WASM_API_EXTERN const wasm_extern_t *
wasm_table_as_extern_const(const wasm_table_t *);
/** A memory as an extern, to be read. */
WASM_API_EXTERN const wasm_extern_t *
wasm_memory_as_extern_const(const wasm_memory_t *);

/** The function that it is, to be read, or NULL. */
WASM_API_EXTERN const wasm_func_t *
wasm_extern_as_func_const(const wasm_extern_t *);
/** The global that it is, to be read, or NULL. */
WASM_API_EXTERN const wasm_global_t *
wasm_extern_as_global_const(const wasm_extern_t *);
/** The table that it is, to be read, or NULL. */
WASM_API_EXTERN const wasm_table_t *
wasm_extern_as_table_const(const wasm_extern_t *);
/** The memory that it is, to be read, or NULL. */
WASM_API_EXTERN const wasm_memory_t *
wasm_extern_as_memory_const(const wasm_extern_t *);

/* -- Instances ------------------------------------------------------------- */

/** A module that has been given what it imports. */
WASM_DECLARE_REF(instance)

/** Makes an instance: imports[i] is what import i of the module gets. Its start
 * function runs. NULL when it cannot be made; then the trap, if the pointer is
 * not NULL, says why: as well when an import does not fit as when the start
 * function traps. */
WASM_API_EXTERN own wasm_instance_t *
wasm_instance_new(wasm_store_t *, const wasm_module_t *,
                  const wasm_extern_vec_t *imports, own wasm_trap_t **);
/** Lists what the instance exports, in the order of wasm_module_exports(). */
WASM_API_EXTERN void wasm_instance_exports(const wasm_instance_t *,
                                           own wasm_extern_vec_t *out);

/* -- Shorthands ------------------------------------------------------------ */

/** Initializes a vector with no elements. */
#define WASM_EMPTY_VEC {0, NULL}
/** Initializes a vector with the elements of an array, which it does not own.
 */
#define WASM_ARRAY_VEC(array) {sizeof(array) / sizeof(*(array)), array}

/** The type of an i32. */
static inline own wasm_valtype_t *wasm_valtype_new_i32(void)
{
    return wasm_valtype_new(WASM_I32);
}

/** The type of an i64. */
static inline own wasm_valtype_t *wasm_valtype_new_i64(void)
{
    return wasm_valtype_new(WASM_I64);
}

/** The type of an f32. */
static inline own wasm_valtype_t *wasm_valtype_new_f32(void)
{
    return wasm_valtype_new(WASM_F32);
}

/** The type of an f64. */
static inline own wasm_valtype_t *wasm_valtype_new_f64(void)
{
    return wasm_valtype_new(WASM_F64);
}

/** The type of an externref. */
static inline own wasm_valtype_t *wasm_valtype_new_externref(void)
{
    return wasm_valtype_new(WASM_EXTERNREF);
}

/** The type of a funcref. */
static inline own wasm_valtype_t *wasm_valtype_new_funcref(void)
{
    return wasm_valtype_new(WASM_FUNCREF);
}

/** Makes a function type of two arrays, of which NULL is an empty one.  (What
 * the shorthands below have in common; not of the standard.) */
static inline own wasm_functype_t *
wasmrt_functype_of(size_t nparams, own wasm_valtype_t *const *params,
                   size_t nresults, own wasm_valtype_t *const *results)
{
    wasm_valtype_vec_t param_vec, result_vec;
    wasm_valtype_vec_new(&param_vec, nparams, params);
    wasm_valtype_vec_new(&result_vec, nresults, results);
    return wasm_functype_new(&param_vec, &result_vec);
}

/** () -> () */
static inline own wasm_functype_t *wasm_functype_new_0_0(void)
{
    return wasmrt_functype_of(0, NULL, 0, NULL);
}

/** (p) -> () */
static inline own wasm_functype_t *wasm_functype_new_1_0(own wasm_valtype_t *p)
{
    return wasmrt_functype_of(1, &p, 0, NULL);
}

/** (p1 p2) -> () */
static inline own wasm_functype_t *wasm_functype_new_2_0(own wasm_valtype_t *p1,
                                                         own wasm_valtype_t *p2)
{
    wasm_valtype_t *const ps[] = {p1, p2};
    return wasmrt_functype_of(2, ps, 0, NULL);
}

/** (p1 p2 p3) -> () */
static inline own wasm_functype_t *wasm_functype_new_3_0(own wasm_valtype_t *p1,
                                                         own wasm_valtype_t *p2,
                                                         own wasm_valtype_t *p3)
{
    wasm_valtype_t *const ps[] = {p1, p2, p3};
    return wasmrt_functype_of(3, ps, 0, NULL);
}

/** () -> r */
static inline own wasm_functype_t *wasm_functype_new_0_1(own wasm_valtype_t *r)
{
    return wasmrt_functype_of(0, NULL, 1, &r);
}

/** (p) -> r */
static inline own wasm_functype_t *wasm_functype_new_1_1(own wasm_valtype_t *p,
                                                         own wasm_valtype_t *r)
{
    return wasmrt_functype_of(1, &p, 1, &r);
}

/** (p1 p2) -> r */
static inline own wasm_functype_t *wasm_functype_new_2_1(own wasm_valtype_t *p1,
                                                         own wasm_valtype_t *p2,
                                                         own wasm_valtype_t *r)
{
    wasm_valtype_t *const ps[] = {p1, p2};
    return wasmrt_functype_of(2, ps, 1, &r);
}

/** (p1 p2 p3) -> r */
static inline own wasm_functype_t *wasm_functype_new_3_1(own wasm_valtype_t *p1,
                                                         own wasm_valtype_t *p2,
                                                         own wasm_valtype_t *p3,
                                                         own wasm_valtype_t *r)
{
    wasm_valtype_t *const ps[] = {p1, p2, p3};
    return wasmrt_functype_of(3, ps, 1, &r);
}

/** () -> (r1 r2) */
static inline own wasm_functype_t *wasm_functype_new_0_2(own wasm_valtype_t *r1,
                                                         own wasm_valtype_t *r2)
{
    wasm_valtype_t *const rs[] = {r1, r2};
    return wasmrt_functype_of(0, NULL, 2, rs);
}

/** (p) -> (r1 r2) */
static inline own wasm_functype_t *wasm_functype_new_1_2(own wasm_valtype_t *p,
                                                         own wasm_valtype_t *r1,
                                                         own wasm_valtype_t *r2)
{
    wasm_valtype_t *const rs[] = {r1, r2};
    return wasmrt_functype_of(1, &p, 2, rs);
}

/** (p1 p2) -> (r1 r2) */
static inline own wasm_functype_t *wasm_functype_new_2_2(own wasm_valtype_t *p1,
                                                         own wasm_valtype_t *p2,
                                                         own wasm_valtype_t *r1,
                                                         own wasm_valtype_t *r2)
{
    wasm_valtype_t *const ps[] = {p1, p2};
    wasm_valtype_t *const rs[] = {r1, r2};
    return wasmrt_functype_of(2, ps, 2, rs);
}

/** (p1 p2 p3) -> (r1 r2) */
static inline own wasm_functype_t *wasm_functype_new_3_2(own wasm_valtype_t *p1,
                                                         own wasm_valtype_t *p2,
                                                         own wasm_valtype_t *p3,
                                                         own wasm_valtype_t *r1,
                                                         own wasm_valtype_t *r2)
{
    wasm_valtype_t *const ps[] = {p1, p2, p3};
    wasm_valtype_t *const rs[] = {r1, r2};
    return wasmrt_functype_of(3, ps, 2, rs);
}

/** Makes a value of a pointer of the host: an i32 or an i64, by its size. */
static inline void wasm_val_init_ptr(own wasm_val_t *out, void *p)
{
#if UINTPTR_MAX == UINT32_MAX
    out->kind = WASM_I32;
    out->of.i32 = (int32_t)(intptr_t)p;
#else
    out->kind = WASM_I64;
    out->of.i64 = (int64_t)(intptr_t)p;
#endif
}

/** The pointer that wasm_val_init_ptr() was given. */
static inline void *wasm_val_ptr(const wasm_val_t *val)
{
#if UINTPTR_MAX == UINT32_MAX
    return (void *)(intptr_t)val->of.i32;
#else
    return (void *)(intptr_t)val->of.i64;
#endif
}

/** Initializes a value with an i32. */
#define WASM_I32_VAL(i)                                                        \
    {                                                                          \
        .kind = WASM_I32, .of = {.i32 = i }                                    \
    }
/** Initializes a value with an i64. */
#define WASM_I64_VAL(i)                                                        \
    {                                                                          \
        .kind = WASM_I64, .of = {.i64 = i }                                    \
    }
/** Initializes a value with an f32. */
#define WASM_F32_VAL(z)                                                        \
    {                                                                          \
        .kind = WASM_F32, .of = {.f32 = z }                                    \
    }
/** Initializes a value with an f64. */
#define WASM_F64_VAL(z)                                                        \
    {                                                                          \
        .kind = WASM_F64, .of = {.f64 = z }                                    \
    }
/** Initializes a value with a reference. */
#define WASM_REF_VAL(r)                                                        \
    {                                                                          \
        .kind = WASM_EXTERNREF, .of = {.ref = r }                              \
    }
/** Initializes a value that is to be filled in. */
#define WASM_INIT_VAL                                                          \
    {                                                                          \
        .kind = WASM_EXTERNREF, .of = {.ref = NULL }                           \
    }

#undef own

#ifdef __cplusplus
} // extern "C"
#endif

#endif
