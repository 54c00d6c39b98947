/*
 * wasm.h: vectors.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/base/alloc.h"

#include "wasm.h"

static bool copy_byte(wasm_byte_t *out, const wasm_byte_t *byte)
{
    *out = *byte;
    return true;
}

static void delete_byte(wasm_byte_t *byte)
{
    (void)byte;
}

static bool copy_val(wasm_val_t *out, const wasm_val_t *val)
{
    wasm_val_copy(out, val);
    return true;
}

static void delete_val(wasm_val_t *val)
{
    wasm_val_delete(val);
}

/* Vectors of pointers: how their elements are copied and deleted.  NULL is one
 * that nobody has filled in. */
#define POINTER(name)                                                          \
    static bool copy_##name(wasm_##name##_t **out,                             \
                            wasm_##name##_t *const *from)                      \
    {                                                                          \
        *out = *from ? wasm_##name##_copy(*from) : NULL;                       \
        return *out || !*from;                                                 \
    }                                                                          \
    static void delete_##name(wasm_##name##_t **p)                             \
    {                                                                          \
        wasm_##name##_delete(*p);                                              \
    }

#define VECTOR(name, ptr_or_none)                                              \
    void wasm_##name##_vec_new_empty(wasm_##name##_vec_t *out)                 \
    {                                                                          \
        out->size = 0;                                                         \
        out->data = NULL;                                                      \
    }                                                                          \
    void wasm_##name##_vec_new_uninitialized(wasm_##name##_vec_t *out,         \
                                             size_t size)                      \
    {                                                                          \
        out->data = NULL;                                                      \
        if (size)                                                              \
            out->data =                                                        \
                wrt_alloc_array(&wrt_alloc_libc, size, sizeof(*out->data));    \
        out->size = out->data ? size : 0;                                      \
    }                                                                          \
    void wasm_##name##_vec_new(wasm_##name##_vec_t *out, size_t size,          \
                               wasm_##name##_t ptr_or_none const data[])       \
    {                                                                          \
        wasm_##name##_vec_new_uninitialized(out, size);                        \
        if (out->size)                                                         \
            memcpy(out->data, data, size * sizeof(*data));                     \
        for (size_t i = out->size; i < size; i++) {                            \
            wasm_##name##_t ptr_or_none lost = data[i];                        \
            delete_##name(&lost);                                              \
        }                                                                      \
    }                                                                          \
    void wasm_##name##_vec_copy(wasm_##name##_vec_t *out,                      \
                                const wasm_##name##_vec_t *vec)                \
    {                                                                          \
        wasm_##name##_vec_new_uninitialized(out, vec->size);                   \
        for (size_t i = 0; i < out->size; i++) {                               \
            if (!copy_##name(&out->data[i], &vec->data[i])) {                  \
                wasm_##name##_vec_delete(out);                                 \
                return;                                                        \
            }                                                                  \
        }                                                                      \
    }                                                                          \
    void wasm_##name##_vec_delete(wasm_##name##_vec_t *vec)                    \
    {                                                                          \
        for (size_t i = 0; vec->data && i < vec->size; i++)                    \
            delete_##name(&vec->data[i]);                                      \
        wrt_free_array(&wrt_alloc_libc, vec->data, vec->size,                  \
                       sizeof(*vec->data));                                    \
        wasm_##name##_vec_new_empty(vec);                                      \
    }

#define POINTERS(name)                                                         \
    POINTER(name)                                                              \
    VECTOR(name, *)

VECTOR(byte, )
VECTOR(val, )
POINTERS(valtype)
POINTERS(functype)
POINTERS(globaltype)
POINTERS(tabletype)
POINTERS(memorytype)
POINTERS(externtype)
POINTERS(importtype)
POINTERS(exporttype)
POINTERS(frame)
POINTERS(extern)
