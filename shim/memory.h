/*
 * Memory of the shim itself, which is small and never sized by a guest.
 *
 * Running out of it ends the process: there is no state worth saving that
 * containerd does not have, and its `delete` cleans up behind us.  Sizes that
 * come from outside are bounded before they get here.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SHIM_MEMORY_H
#define SHIM_MEMORY_H

#include <stddef.h>

/* Zeroed; never NULL.  Released with free(). */
void *mem_alloc(size_t size);

/* A copy; NULL is copied as "". */
char *mem_string(const char *text);

/* "%s..." into fresh memory. */
char *mem_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Of large data that is seldom touched: linkers put it behind all other, where
 * it does not part what is touched often, and which so needs fewer pages.  For
 * variables that are not static and begin as zeros. */
#define MEM_LAST __attribute__((common))

/* For what is read in a callback of the loop, until that returns. */
enum { MEM_SCRATCH_BYTES = 16 * 1024 };
extern char mem_scratch[MEM_SCRATCH_BYTES];

/* The next execution of this program returns freed memory, and does not keep
 * some of each size: after config.json was read that is half of the heap.  The
 * other forgets that wish again, for whatever else is executed. */
void mem_tune_next(void);
void mem_tune_done(void);

/* Gives the system back what is free in the heap, and the stack below the
 * caller. */
void mem_trim(void);

#endif
