/*
 * What makes a forked process unlike its siblings.
 *
 * After a fork all of them would have the same addresses and the same stack
 * canary: what one guest learned would hold for all.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SHIM_RANDOM_H
#define SHIM_RANDOM_H

/* Moves what will be mapped and allocated from here on to random places, and
 * changes the stack canary where the C library allows it.  Its caller, and
 * those above, must never return.  Inline, so that it has no canary of its own.
 */
void random_apart(void);

#endif
