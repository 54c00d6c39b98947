/*
 * What is known about imports by their names: who provides them, and what a
 * module that has them was built for.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_CLI_IMPORTS_H
#define WRT_CLI_IMPORTS_H

#include "wasmrt/linker.h"

#include <stdio.h>

/* Whether the module imports anything of WASI. */
bool cli_imports_wasi(const wasmrt_module *module);

/* Whether an import is what starts threads, which --wasi=threads provides. */
bool cli_import_is_thread_spawn(const wasmrt_extern_info *info);

/* What to do about an import that nobody provides; or NULL. */
const char *cli_import_advice(const wasmrt_extern_info *info);

/* Writes a word so that a shell takes it as it is, on one line. */
void cli_put_shell(FILE *out, const char *text, size_t len);

/* Lists on standard error every import that the linker does not define, with
 * its type and advice. */
void cli_list_missing(const wasmrt_module *module, const wasmrt_linker *linker);

#endif
