/*
 * wasmrt/version.h - version at build time and at run time
 *
 * The two differ when a program runs with another library than it was built
 * with.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WASMRT_VERSION_H
#define WASMRT_VERSION_H

#include "wasmrt/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Version of these headers. */
#define WASMRT_VERSION_MAJOR 0
#define WASMRT_VERSION_MINOR 1
#define WASMRT_VERSION_PATCH 0
#define WASMRT_VERSION       "0.1.0"

/** Counts the changes of the interface after which programs must be compiled
 * again.  Additions are none. */
#define WASMRT_ABI_VERSION 0

/**
 * The interface of the library that is running, for programs that load it
 * themselves: equal to WASMRT_ABI_VERSION, or it must not be used.
 *
 * @return         Its WASMRT_ABI_VERSION.
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API int wasmrt_abi_version(void);

/**
 * Version of the library that is running.
 *
 * @return         A static string such as "0.1.0".
 * @threadsafe     Yes.
 * @since          0.1
 */
WASMRT_API const char *wasmrt_version(void);

#ifdef __cplusplus
}
#endif

#endif
