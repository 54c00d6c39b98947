/*
 * wasmrt.h - everything: the ergonomic C API of wasmrt.
 *
 *     #include <wasmrt.h>
 *
 * An engine compiles modules; a store holds live instances; a linker names what
 * modules may import.  Every fallible function returns a wasmrt_error that is
 * NULL on success.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WASMRT_H
#define WASMRT_H

#include "wasmrt/config.h"
#include "wasmrt/error.h"
#include "wasmrt/exception.h"
#include "wasmrt/func.h"
#include "wasmrt/gc.h"
#include "wasmrt/linker.h"
#include "wasmrt/memory.h"
#include "wasmrt/module.h"
#include "wasmrt/native.h"
#include "wasmrt/store.h"
#include "wasmrt/task.h"
#include "wasmrt/value.h"
#include "wasmrt/version.h"
#include "wasmrt/wasi.h"

#endif
