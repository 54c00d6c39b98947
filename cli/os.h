/*
 * What the command line tool needs from the operating system.  os_linux.c is
 * the only file of cli/ with system headers beyond C11.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_CLI_OS_H
#define WRT_CLI_OS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Reads a whole file; "-" is standard input.  *bytes_out is released with
 * free(); a NUL that *len_out does not count follows the bytes.  Returns NULL,
 * or why not: a static string. */
const char *cli_read_file(const char *path, uint8_t **bytes_out,
                          size_t *len_out);

/* The directory that a path names, or that the file is in which it names or
 * would name; links are followed.  False when there is none, or no room. */
bool cli_directory_of(const char *path, char *out, size_t size);

/* Whether there is a file or directory of this name. */
bool cli_exists(const char *path);

/* One lock, for what the guest's threads tell. */
void cli_lock(void);
void cli_unlock(void);

/* Why the last call of the C library failed: errno in words. */
const char *cli_why(void);

/* Whether a descriptor is a terminal. */
bool cli_is_terminal(int fd);

/* The numbers of this process and of this thread. */
unsigned long cli_process_id(void);
unsigned long cli_thread_id(void);

/* Makes a file of our own to write to: one that is there is emptied when it is
 * ours and no link.  NULL, and *why is a static string. */
FILE *cli_create_file(const char *path, const char **why);

/* Maps the first page of a file as code, by which perf notices the file.  Until
 * the process ends. */
bool cli_map_as_code(FILE *file);

/* Reads what a shell command writes to standard output; NULL when it fails or
 * writes nothing.  Released with free(). */
char *cli_output_of(const char *command);

/* Writes bytes to a file in a temporary place, whose name path receives. */
bool cli_write_temporary(const void *bytes, size_t len, char path[64]);
void cli_remove(const char *path);

/* The monotonic clock, in nanoseconds. */
uint64_t cli_now_ns(void);

/* The largest amount of memory that the process occupied, in bytes. */
uint64_t cli_peak_bytes(void);

/* Calls fn, in signal context, at the first SIGINT.  The second one ends the
 * process.  A SIGINT that is ignored stays ignored. */
void cli_on_interrupt(void (*fn)(void));

#endif
