/*
 * Lines for containerd's own log.
 *
 * containerd gives every bundle a FIFO named `log` and copies what comes out of
 * it.  Nothing here ever waits: while containerd is away and the FIFO is full,
 * lines are dropped.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SHIM_LOG_H
#define SHIM_LOG_H

#include <stdbool.h>

/* Opens the FIFO of the bundle in the working directory.  Without it lines go
 * nowhere. */
void log_open(bool debug);

void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Only with -debug. */
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
