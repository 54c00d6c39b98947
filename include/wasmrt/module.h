/*
 * wasmrt/module.h - compile, validate and inspect modules
 *
 * A module is bytes made ready to run. Making one is the expensive step;
 * instantiating it is cheap.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WASMRT_MODULE_H
#define WASMRT_MODULE_H

#include "wasmrt/config.h"
#include "wasmrt/value.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A compiled module: immutable, reference counted, shareable between threads
 * and stores. */
typedef struct wrt_module wasmrt_module;

/** One import or export of a module.  Strings live as long as the module; they
 * may contain NUL bytes, which the lengths account for. */
typedef struct wasmrt_extern_info {
    const char *module; /**< Imports only, else NULL. */
    size_t module_len;
    const char *name;
    size_t name_len;
    wasmrt_extern_kind kind;
} wasmrt_extern_info;

/**
 * Gives back a reference to a module. NULL is allowed.
 *
 * @param module   Ownership is taken.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API void wasmrt_module_delete(wasmrt_module *module);

/**
 * Decodes, validates and prepares a module.
 *
 * Function bodies are validated now and compiled at their first call.
 *
 * @param engine   Borrowed. Kept alive by the module.
 * @param bytes    Borrowed for the call; copied. The binary format, or the text
 *                 format (bytes that begin with neither the magic number nor a
 *                 known other format).
 * @param len      Length in bytes.
 * @param out      On success receives a module that the caller owns. Untouched
 *                 on failure.
 * @return         NULL, or an owned error of kind DECODE, VALIDATE, TEXT, LIMIT
 *                 or OOM.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_module_new(wasmrt_engine *engine, const void *bytes, size_t len,
                  wasmrt_module **out);

/**
 * The same without a copy of the bytes, for large modules.
 *
 * The module reads them as long as it lives. They are trusted once they are
 * validated: bytes that change later are as dangerous as machine code that
 * changes. So they must not be a file that is mapped, unless nobody else can
 * write to it or cut it.
 *
 * @param engine   Borrowed. Kept alive by the module.
 * @param bytes    As for wasmrt_module_new(), but borrowed, and unchanged,
 * until the last reference to the module is gone, which instances and their
 * stores hold as well. The text format is borrowed for the call.
 * @param len      Length in bytes.
 * @param out      As for wasmrt_module_new().
 * @return         As for wasmrt_module_new().
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_module_new_borrowed(wasmrt_engine *engine, const void *bytes, size_t len,
                           wasmrt_module **out);

/**
 * The same from a file.
 *
 * @param engine   Borrowed. Kept alive by the module.
 * @param path     Borrowed for the call.
 * @param out      As for wasmrt_module_new().
 * @return         As for wasmrt_module_new(), or an error of kind IO.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_module_from_file(wasmrt_engine *engine, const char *path,
                        wasmrt_module **out);

/**
 * Checks a module without keeping it.
 *
 * @param engine   Borrowed.
 * @param bytes    Borrowed for the call.
 * @param len      Length in bytes.
 * @return         As for wasmrt_module_new().
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_module_validate(wasmrt_engine *engine, const void *bytes, size_t len);

/**
 * Checks the custom sections that wasmrt knows: names and branch hints.
 *
 * They are no part of what a module means, and one that breaks their rules is
 * valid nevertheless: what is wrong in them is ignored.
 *
 * @param module   Borrowed.
 * @return         NULL, or an owned error of kind DECODE, VALIDATE or OOM.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_module_check_custom(wasmrt_module *module);

/**
 * Takes one more reference.
 *
 * @param module   Borrowed.
 * @return         The module; to be given back with wasmrt_module_delete().
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API wasmrt_module *wasmrt_module_ref(wasmrt_module *module);

/**
 * Number of imports.
 *
 * @param module   Borrowed.
 * @return         The count.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API size_t wasmrt_module_import_count(const wasmrt_module *module);

/**
 * Describes an import.
 *
 * @param module   Borrowed.
 * @param n        0 is the first.
 * @param out      Filled in.
 * @return         False when n is too large.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API bool wasmrt_module_import(const wasmrt_module *module, size_t n,
                                     wasmrt_extern_info *out);

/**
 * Number of exports.
 *
 * @param module   Borrowed.
 * @return         The count.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API size_t wasmrt_module_export_count(const wasmrt_module *module);

/**
 * Describes an export.
 *
 * @param module   Borrowed.
 * @param n        0 is the first.
 * @param out      Filled in.
 * @return         False when n is too large.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API bool wasmrt_module_export(const wasmrt_module *module, size_t n,
                                     wasmrt_extern_info *out);

/**
 * Writes the type of an import or export in the notation of signatures, such as
 * "(i32 i32) -> i32" or "memory 1..2".
 *
 * @param module   Borrowed.
 * @param is_import Which of the two lists.
 * @param n        0 is the first.
 * @param buf      Receives NUL-terminated text, cut to size.
 * @param size     Size of buf in bytes.
 * @return         Length of the whole text, without the NUL.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API size_t wasmrt_module_extern_type(const wasmrt_module *module,
                                            bool is_import, size_t n, char *buf,
                                            size_t size);

/** A function of a module.  Strings live as long as the module. */
typedef struct wasmrt_func_info {
    const char *name; /**< From the name section, else an export; or NULL. */
    bool is_import;
    uint64_t offset; /**< Of the body in the module; 0 for imports. */
    size_t len;      /**< Bytes of the body: locals and code. */
} wasmrt_func_info;

/**
 * Describes a function.
 *
 * @param module   Borrowed.
 * @param func_idx In the index space of functions: imports come first.
 * @param out      Filled in.
 * @return         False when func_idx is too large.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API bool wasmrt_module_func(wasmrt_module *module, uint32_t func_idx,
                                   wasmrt_func_info *out);

/**
 * Writes the type of a function as wasmrt_module_extern_type() does.
 *
 * @param module   Borrowed.
 * @param func_idx In the index space of functions.
 * @param buf      Receives NUL-terminated text, cut to size.
 * @param size     Size of buf in bytes.
 * @return         Length of the whole text, without the NUL.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API size_t wasmrt_module_func_type(const wasmrt_module *module,
                                          uint32_t func_idx, char *buf,
                                          size_t size);

/** A memory of a module. */
typedef struct wasmrt_memory_info {
    bool is_import;
    bool has_max;
    bool is_64;          /**< Its indices are i64. */
    bool is_shared;      /**< Between threads. */
    uint64_t min, max;   /**< In pages; max UINT64_MAX without has_max. */
    uint32_t page_bytes; /**< 65536, or 1 with custom page sizes. */
} wasmrt_memory_info;

/**
 * Describes a memory.
 *
 * @param module   Borrowed.
 * @param n        In the index space of memories: imports come first.
 * @param out      Filled in.
 * @return         False when n is too large.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API bool wasmrt_module_memory(const wasmrt_module *module, size_t n,
                                     wasmrt_memory_info *out);

/**
 * The function that runs when the module is instantiated.
 *
 * @param module   Borrowed.
 * @param func_out Receives its index when there is one.
 * @return         Whether there is one.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API bool wasmrt_module_start(const wasmrt_module *module,
                                    uint32_t *func_out);

/** A section of a module.  What is pointed to lives as long as the module. */
typedef struct wasmrt_section_info {
    uint8_t id;           /**< As in the binary format; 0 is custom. */
    const char *id_name;  /**< "type", "code", "custom" ... */
    const char *name;     /**< Of a custom section; else NULL. */
    size_t name_len;      /**< It may contain NUL bytes. */
    uint64_t offset;      /**< Of the contents in the module, behind the size;
                               with the name of a custom section. */
    size_t len;           /**< Bytes of the contents, with that name. */
    const uint8_t *bytes; /**< The contents, without that name. */
    size_t bytes_len;
    uint32_t count; /**< Items; the function for start; 0 for custom. */
} wasmrt_section_info;

/**
 * Goes through the sections in their order.
 *
 * @param module   Borrowed.
 * @param section  All zero for the first one; then the one that was given,
 * which the next one replaces.
 * @return         False when there are no more.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API bool wasmrt_module_next_section(const wasmrt_module *module,
                                           wasmrt_section_info *section);

/**
 * The size of a module in the binary format, which a module in the text format
 * has been translated to.
 *
 * @param module   Borrowed.
 * @return         Bytes.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API size_t wasmrt_module_size(const wasmrt_module *module);

#ifdef __cplusplus
}
#endif

#endif
