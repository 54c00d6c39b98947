/*
 * Listing of threaded code for humans.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_INTERP_LIST_H
#define WRT_INTERP_LIST_H

#include "runtime/interp/iop.h"
#include "runtime/module/dump.h"

/* The operation's name with the classes of its operands, such as
 * "I32_ADD.LKA"; returns buf.  32 bytes hold every name. */
const char *wrt_iop_name(uint16_t op, char *buf, size_t size);

/* Lists the code of a function, which is lowered for it if need be. */
wasmrt_error *wrt_interp_list(struct wrt_module *module, uint32_t func_idx,
                              wrt_write_fn *write, void *user);

#endif
