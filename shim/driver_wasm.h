/*
 * What the serving shim sets up for containers that it runs itself.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SHIM_DRIVER_WASM_H
#define SHIM_DRIVER_WASM_H

#include "shim/shim.h"

/* Watches the zygote that was started before the loop. */
void driver_wasm_init(struct shim *shim);

#endif
