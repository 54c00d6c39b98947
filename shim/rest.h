/*
 * The rest of a process that only waits for a signal to end it, and until then
 * takes as little memory as can be: a page, and tables for that and its code.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SHIM_REST_H
#define SHIM_REST_H

/* What /proc/PID/cmdline shows from now on.  Where that cannot be, nothing
 * changes, and what is there goes with the rest.  heap_begin: something at the
 * begin of the heap, from where the C library does not take it back. */
void rest_prepare(const char *title, void *heap_begin);

/* Waits; what handles signals may use nothing but rest_end(). */
_Noreturn void rest_forever(void);

/* Ends the process; needs no memory. */
_Noreturn void rest_end(int status);

#endif
