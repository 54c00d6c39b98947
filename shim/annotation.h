/*
 * Settings of a container by annotation: `wasmrt.NAME`, or, in a pod with
 * several containers, `wasmrt.NAME.CONTAINER`, which counts first.
 *
 *   wasmrt.listen      ADDR:PORT,...            sockets the guest may accept on
 *   wasmrt.preopens    PATH[::GUEST][:ro],...   instead of the whole root
 *   wasmrt.timeout     seconds                  then the guest ends with 124
 *   wasmrt.max-memory  bytes, or with K M G     linear memory
 *   wasmrt.max-stack   bytes, or with K M G     the guest's stack
 *   wasmrt.pause       image                    run the pause image's program
 *   wasmrt.serve       PORT or ADDR:PORT        answer HTTP by the guest; this
 *                                               and what belongs to it:
 * serving.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SHIM_ANNOTATION_H
#define SHIM_ANNOTATION_H

#include "shim/spec.h"

/* The value, borrowed, or NULL. */
const char *annotation_find(const struct spec *spec, const char *name);

/* A number of bytes; *out stays when there is none. */
bool annotation_size(const struct spec *spec, const char *name, uint64_t *out,
                     struct fault *fault);

/* Seconds, with a fraction, as nanoseconds; *out stays when there is none. */
bool annotation_seconds(const struct spec *spec, const char *name,
                        uint64_t *out, struct fault *fault);

/* A whole number from 1 to max; *out stays when there is none. */
bool annotation_count(const struct spec *spec, const char *name, uint64_t max,
                      uint64_t *out, struct fault *fault);

/* Says what is wrong with a value; false. */
bool annotation_refuse(const char *name, const char *value, const char *wanted,
                       struct fault *fault);

#endif
