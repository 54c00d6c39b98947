/*
 * What the server needs of the system beyond libuv: sockets that several loops
 * listen on, and files that are found beneath a directory.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SERVE_OS_H
#define SERVE_OS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Makes a listening socket for "IP:PORT", "[IP6]:PORT" or "unix:PATH".  Returns
 * NULL, or why not: a static string. */
const char *os_listen(const char *address, int *fd_out);

/* Whether it is a listening stream socket. */
bool os_is_listening(int fd);
/* Whether it is of the family of unix sockets. */
bool os_is_unix(int fd);
/* Removes the file of a unix socket, when it is one. */
void os_remove_socket(const char *address);

/* One more descriptor for the same; -1 on failure. */
int os_dup(int fd);
void os_close(int fd);

/* The number of a descriptor that was handed over (LISTEN_FDS), or -1. */
int os_inherited_listener(void);

/* Descriptors that the process has open; 0 where /proc is missing, as in
 * pods. */
unsigned os_open_fds(void);
/* Raises the limit of open descriptors to what is allowed. */
void os_raise_fd_limit(void);
/* Bytes of memory that the process occupies; 0 where /proc is missing.  The
 * most so far, and the processor time so far, are known everywhere. */
uint64_t os_memory_bytes(void);
uint64_t os_peak_memory_bytes(void);
double os_cpu_seconds(void);
/* Processors that this process may use. */
unsigned os_cores(void);
/* Bytes nobody can guess. */
uint64_t os_random(void);
/* Writing to a closed connection is an error, not a signal. */
void os_ignore_sigpipe(void);
/* Seconds since 1970. */
int64_t os_now_s(void);

/* -- Files ----------------------------------------------------------------- */

struct os_stat {
    bool is_file, is_dir;
    uint64_t size, inode;
    int64_t mtime_s, mtime_ns;
};

/* -1 on failure. */
int os_open_dir(const char *path);

/*
 * Opens a path beneath a directory for reading, without leaving it by dots or
 * links.  Never waits for the other end of a pipe.  Returns 0 and a descriptor,
 * or an HTTP status: 404, 403, 500.
 */
int os_open_beneath(int dir, const char *path, int *fd_out,
                    struct os_stat *stat_out);

/* Reads at a place; -1 on failure. */
int64_t os_read_at(int fd, void *buf, size_t len, uint64_t at);

#endif
