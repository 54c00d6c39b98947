/*
 * wasmrt/value.h - values and the handles of a store
 *
 * Values cross between host and guest as wasmrt_val (with a kind) or, on the
 * fast path, as wasmrt_slot (without). Handles of functions, memories, tables
 * and globals are borrowed from their store and stay valid until it is deleted.
 *
 * Other references (externref, anyref, exnref) are to objects that the store
 * collects when nothing refers to them; gc.h says how long the host may use
 * those that it is given.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WASMRT_VALUE_H
#define WASMRT_VALUE_H

#include "wasmrt/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What a value is. */
typedef enum wasmrt_kind {
    WASMRT_I32 = 1,
    WASMRT_I64,
    WASMRT_F32,
    WASMRT_F64,
    WASMRT_V128,
    WASMRT_FUNCREF,   /**< (ref null func) and its subtypes. */
    WASMRT_EXTERNREF, /**< (ref null extern) and its subtypes. */
    WASMRT_ANYREF,    /**< (ref null any) and its subtypes. */
    WASMRT_EXNREF     /**< (ref null exn) and its subtypes. */
} wasmrt_kind;

/** What can be imported and exported. */
typedef enum wasmrt_extern_kind {
    WASMRT_EXTERN_FUNC = 0,
    WASMRT_EXTERN_TABLE,
    WASMRT_EXTERN_MEMORY,
    WASMRT_EXTERN_GLOBAL,
    WASMRT_EXTERN_TAG
} wasmrt_extern_kind;

/** A function of a store, by identity.  Lives as long as its store. */
typedef struct wrt_funcref wasmrt_func;
/** A memory of a store.  Lives as long as its store. */
typedef struct wrt_memory_inst wasmrt_memory;
/** A table of a store.  Lives as long as its store. */
typedef struct wrt_table_inst wasmrt_table;
/** An exception tag of a store, by identity.  Lives as long as its store. */
typedef struct wrt_tag_inst wasmrt_tag;
/** A global of a store.  Lives as long as its store. */
typedef struct wasmrt_global wasmrt_global;
/** What an externref refers to: a reference of the host, boxed, that guests
 * hold opaquely; or an object of a guest's own that it has made an externref.
 * Garbage collected: see wasmrt_extern_new(). */
typedef struct wasmrt_extern wasmrt_extern;

/** 128 bits, as 16 bytes in memory order. */
typedef struct wasmrt_v128 {
    uint8_t bytes[16];
} wasmrt_v128;

/** A value with its kind. */
typedef struct wasmrt_val {
    wasmrt_kind kind;
    union {
        int32_t i32;
        int64_t i64;
        float f32;
        double f64;
        wasmrt_v128 v128;
        wasmrt_func *func;  /**< FUNCREF; NULL is null. */
        wasmrt_extern *ext; /**< EXTERNREF; NULL is null. */
        void *ref;          /**< Other references; NULL is null. */
    } of;
} wasmrt_val;

/**
 * One untyped 8-byte slot of the raw calling convention: parameters in order,
 * replaced by results in order.  An i32 or f32 uses the low half, the high half
 * is unspecified; a v128 takes two slots.
 */
typedef union wasmrt_slot {
    int32_t i32;
    uint32_t u32;
    int64_t i64;
    uint64_t u64;
    float f32;
    double f64;
    void *ref;
} wasmrt_slot;

/** Makes an i32 value.  @threadsafe Yes. */
static inline wasmrt_val wasmrt_i32(int32_t v)
{
    wasmrt_val out;
    out.kind = WASMRT_I32;
    out.of.i32 = v;
    return out;
}

/** Makes an i64 value.  @threadsafe Yes. */
static inline wasmrt_val wasmrt_i64(int64_t v)
{
    wasmrt_val out;
    out.kind = WASMRT_I64;
    out.of.i64 = v;
    return out;
}

/** Makes an f32 value.  @threadsafe Yes. */
static inline wasmrt_val wasmrt_f32(float v)
{
    wasmrt_val out;
    out.kind = WASMRT_F32;
    out.of.f32 = v;
    return out;
}

/** Makes an f64 value.  @threadsafe Yes. */
static inline wasmrt_val wasmrt_f64(double v)
{
    wasmrt_val out;
    out.kind = WASMRT_F64;
    out.of.f64 = v;
    return out;
}

#ifdef __cplusplus
}
#endif

#endif
