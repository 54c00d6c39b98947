/*
 * Telling others about machine code: profilers, debuggers, readers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef JIT_TELL_H
#define JIT_TELL_H

#include "jit/code.h"

/* Whether anyone wants to know, and may look at the code then. */
WRT_INLINE bool jit_has_listeners(const struct wrt_native *native)
{
    return native->options.debug.on_code || native->options.debug.has_debugger;
}

/* Tells whoever wants to know that code is at start.  The lock is held.  func
 * is NULL for what is no function's. */
void jit_tell_code(struct wrt_native *native, const struct jit_made *made,
                   const struct jit_func *func, uint32_t start, uint32_t len);

/* Lets gdb know; what does not work out is left out.  gdb.c */
void jit_gdb_tell(struct wrt_native *native, const struct jit_made *made,
                  const wasmrt_code_event *event);
/* Lets it forget all code of the module. */
void jit_gdb_forget(struct wrt_native *native);

/* How frames are left, in the form of .eh_frame: at most JIT_UNWIND_BYTES.
 * Returns the number. */
enum { JIT_UNWIND_BYTES = 160 };
size_t jit_m_unwind_info(const struct jit_made *made, uint64_t address,
                         uint64_t len, uint8_t *buf);
/* The machine in headers of ELF files. */
enum { JIT_ELF_X64 = 62 };
extern const uint16_t jit_m_elf_machine;

/* Lists machine code, and threaded code, of a function; list.c. */
wasmrt_error *jit_list(struct wrt_module *module, uint32_t func_idx,
                       wrt_write_fn *write, void *user);
wasmrt_error *jit_list_threaded(struct wrt_module *module, uint32_t func_idx,
                                wrt_write_fn *write, void *user);

#endif
