/*
 * Memory faults of guest code: from the signal to the backend.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_STORE_SIGNAL_H
#define WRT_STORE_SIGNAL_H

#include "runtime/base/os.h"
#include "runtime/store/vmctx.h"

/* The context whose guest code this thread runs, or NULL.  Set around each
 * entry, so that entries nest (also over several stores). */
extern WRT_THREAD_LOCAL struct wrt_ctx *wrt_signal_current;

/* Installs the process's handler.  False when the system refuses. */
bool wrt_signal_install(void);

#endif
