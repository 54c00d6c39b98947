/*
 * wasmrt/memory.h - guest memories, tables and globals
 *
 * The only ways into guest memory check bounds, overflow-safe.
 *
 * A shared memory may be used by several stores on several threads at once. The
 * functions here may be called on it from any of them; what other threads write
 * meanwhile is read as it comes, byte by byte. It lives as long as any store
 * that uses it or linker that defines it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WASMRT_MEMORY_H
#define WASMRT_MEMORY_H

#include "wasmrt/func.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Size of a memory.
 *
 * @param memory   Borrowed; NULL is no memory, and has no bytes.
 * @return         Bytes that are accessible now; a shared memory may have grown
 *                 since.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API uint64_t wasmrt_memory_size(const wasmrt_memory *memory);

/**
 * Grows a memory.
 *
 * @param memory   Borrowed.
 * @param pages    Number of pages to add.
 * @param old_pages_out Receives the size before, in pages; may be NULL.
 * @return         NULL, or an owned error of kind LIMIT.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_memory_grow(wasmrt_memory *memory, uint64_t pages,
                   uint64_t *old_pages_out);

/**
 * Translates a range of guest addresses, once and overflow-safe.
 *
 * @param memory   Borrowed; of NULL every byte is out of bounds, also below.
 * @param addr     Guest address.
 * @param len      Bytes that will be accessed.
 * @return         A host pointer to len bytes, or NULL when any of them is out
 *                 of bounds. Invalid after the guest runs or the memory grows;
 *                 that of a shared memory stays valid.
 *                 A length of 0 gives a pointer that must not be dereferenced.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API uint8_t *wasmrt_memory_ptr(wasmrt_memory *memory, uint64_t addr,
                                      uint64_t len);

/**
 * Copies out of guest memory.
 *
 * @param memory   Borrowed.
 * @param addr     Guest address.
 * @param buf      Receives len bytes.
 * @param len      Number of bytes.
 * @return         False, with nothing copied, when out of bounds.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API bool wasmrt_memory_read(const wasmrt_memory *memory, uint64_t addr,
                                   void *buf, size_t len);

/**
 * Copies into guest memory.
 *
 * @param memory   Borrowed.
 * @param addr     Guest address.
 * @param buf      len bytes.
 * @param len      Number of bytes.
 * @return         False, with nothing copied, when out of bounds.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API bool wasmrt_memory_write(wasmrt_memory *memory, uint64_t addr,
                                    const void *buf, size_t len);

/**
 * The trap for a host function that was given a wrong guest pointer.
 *
 * @param addr     Guest address.
 * @param len      Length in bytes.
 * @return         An owned error of kind TRAP, never NULL.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API wasmrt_error *wasmrt_bad_pointer(uint64_t addr, uint64_t len);

/**
 * Reads a global.
 *
 * @param global   Borrowed.
 * @return         Its value.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API wasmrt_val wasmrt_global_get(const wasmrt_global *global);

/**
 * Writes a global.
 *
 * @param global   Borrowed.
 * @param value    Borrowed; of the global's kind.
 * @return         NULL, or an owned error of kind MISUSE when immutable or of
 *                 another kind.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_global_set(wasmrt_global *global, const wasmrt_val *value);

/**
 * Makes a global.
 *
 * @param store    Borrowed.
 * @param value    Borrowed; its kind becomes the global's.
 * @param is_mutable Whether it can be written.
 * @param out      Receives the global.
 * @return         NULL, or an owned error of kind OOM.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_global_new(wasmrt_store *store, const wasmrt_val *value, bool is_mutable,
                  wasmrt_global **out);

/**
 * Makes a 32-bit memory of 64 KiB pages.
 *
 * @param store    Borrowed.
 * @param min_pages Initial size.
 * @param max_pages UINT64_MAX for none.
 * @param out      Receives the memory.
 * @return         NULL, or an owned error of kind LIMIT, MISUSE or OOM.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *wasmrt_memory_new(wasmrt_store *store,
                                                           uint64_t min_pages,
                                                           uint64_t max_pages,
                                                           wasmrt_memory **out);

/**
 * Makes a shared memory of 64 KiB pages with 32-bit indices. Its address space
 * is reserved up to the maximum at once. It counts in the limits of the store
 * that makes it, also where others grow it.
 *
 * @param store    Borrowed; uses the memory from now on.
 * @param min_pages Initial size.
 * @param max_pages At most 65536.
 * @param out      Receives the memory.
 * @return         NULL, or an owned error of kind LIMIT, MISUSE or OOM.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_memory_new_shared(wasmrt_store *store, uint64_t min_pages,
                         uint64_t max_pages, wasmrt_memory **out);

/**
 * Whether a memory is shared: usable in every store of its engine.
 *
 * @param memory   Borrowed.
 * @return         True when it is.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API bool wasmrt_memory_is_shared(const wasmrt_memory *memory);

/**
 * Wakes guest threads that wait at an address, oldest first, as the instruction
 * memory.atomic.notify does.
 *
 * @param memory   Borrowed. Nobody waits in one that is not shared.
 * @param addr     Guest address.
 * @param count    At most so many; UINT32_MAX for all.
 * @return         How many were woken.
 * @threadsafe     Yes, for shared memories.
 * @since          0.1
 */
WASMRT_API uint32_t wasmrt_memory_notify(wasmrt_memory *memory, uint64_t addr,
                                         uint32_t count);

/**
 * Makes a table of null references.
 *
 * @param store    Borrowed.
 * @param kind     FUNCREF or EXTERNREF.
 * @param min      Initial size.
 * @param max      UINT64_MAX for none.
 * @param out      Receives the table.
 * @return         NULL, or an owned error of kind LIMIT, MISUSE or OOM.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_table_new(wasmrt_store *store, wasmrt_kind kind, uint64_t min,
                 uint64_t max, wasmrt_table **out);

/**
 * Size of a table.
 *
 * @param table    Borrowed.
 * @return         Number of elements.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API uint64_t wasmrt_table_size(const wasmrt_table *table);

/**
 * Reads an element.
 *
 * @param table    Borrowed.
 * @param n        Index.
 * @param out      Receives the reference.
 * @return         False when out of bounds.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API bool wasmrt_table_get(const wasmrt_table *table, uint64_t n,
                                 wasmrt_val *out);

/**
 * Writes an element.
 *
 * @param table    Borrowed.
 * @param n        Index.
 * @param value    Borrowed; of the table's kind.
 * @return         NULL, or an owned error of kind MISUSE.
 * @threadsafe     Store.
 * @since          0.1
 */
WASMRT_API WASMRT_MUST_USE wasmrt_error *
wasmrt_table_set(wasmrt_table *table, uint64_t n, const wasmrt_val *value);

#ifdef __cplusplus
}
#endif

#endif
