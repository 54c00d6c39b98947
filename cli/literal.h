/*
 * WebAssembly values as words of the command line.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_CLI_LITERAL_H
#define WRT_CLI_LITERAL_H

#include "wasmrt/value.h"

#include <stdio.h>

/* "i32" and so on. */
const char *cli_kind_name(wasmrt_kind kind);

/*
 * Reads a value of a kind: integers signed or unsigned, decimal or hexadecimal;
 * floats also as inf, nan, nan:0xPAYLOAD and hexadecimal floats; a v128 as a
 * hexadecimal number of up to 32 digits; references only as null.
 */
bool cli_parse_value(const char *text, wasmrt_kind kind, wasmrt_val *out);

/* Writes "VALUE : KIND".  What is written reads back as the same bits. */
void cli_put_value(FILE *out, const wasmrt_val *value);

#endif
