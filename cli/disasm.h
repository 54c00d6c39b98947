/*
 * The listing of machine code, disassembled where a disassembler is installed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_CLI_DISASM_H
#define WRT_CLI_DISASM_H

#include "wasmrt/debug.h"

#include <stddef.h>

/* Says where the listing goes: to standard output if nobody does. */
void cli_disasm_begin(wasmrt_write_fn write, void *user);

/* Receives the listing in pieces and writes it there, where each
 * instruction of machine code has a line of its own. */
void cli_disasm_write(void *user, const char *text, size_t len);

/* Writes what was held back, and says so when there is no disassembler. */
void cli_disasm_end(void);

#endif
