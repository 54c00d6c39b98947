/*
 * What goes wrong, for humans, on standard error; and the exit statuses.
 *
 * Names and messages may come from a hostile module: control characters in them
 * and bytes that are no UTF-8 are shown as \xNN, so that no module can write
 * escape sequences to a terminal.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_CLI_REPORT_H
#define WRT_CLI_REPORT_H

#include "cli/file.h"
#include "wasmrt/error.h"
#include "wasmrt/module.h"

#include <stdio.h>

enum cli_exit {
#define EXIT(id, status, meaning) CLI_EXIT_##id = (status),
#include "cli/exits.def"
#undef EXIT
};

/* Prints "wasmrt: " and a message. */
void cli_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints what the user could do about it. */
void cli_hint(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* cli_error() and a pointer to the help.  Returns CLI_EXIT_USAGE. */
int cli_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Prints an error of the library, with where and a hint if there is one; for an
 * exit of the guest nothing.  `file` is the module, or NULL when it is about
 * none.  Returns the exit status that goes with it.  The error stays the
 * caller's.
 */
int cli_report(const struct cli_file *file, const wasmrt_error *error);

/* From now on stack traces have source lines, if the module, which lives as
 * long as the process, has DWARF sections: for programs of one module. */
void cli_report_lines(const wasmrt_module *module);

/* Writes text with control characters, and what is no UTF-8, made visible. */
void cli_put_clean(FILE *out, const char *text, size_t len);

/* The exit status of a process for the guest's: a failure stays one. */
int cli_exit_status(int32_t guest_status);

#endif
