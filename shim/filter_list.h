/*
 * Our own list of system calls as a program for the kernel.
 *
 * It is made here and not by libseccomp, because each container's process makes
 * it while containerd waits: a search by halves, which the kernel also checks
 * faster than the list of comparisons that libseccomp would write.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SHIM_FILTER_LIST_H
#define SHIM_FILTER_LIST_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>

enum { FILTER_LIST_MAX = 512 };

/* Writes the program, with what the HTTP server needs or without; its length,
 * or 0 when it does not fit. */
size_t filter_list_make(struct sock_filter out[FILTER_LIST_MAX], bool serves);

/* Whether that list has a call of that name, whatever its arguments. */
bool filter_list_has(const char *name, bool serves);

#endif
