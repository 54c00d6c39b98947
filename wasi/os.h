/*
 * The operating system as WASI sees it.
 *
 * os_linux.c and os_net_linux.c are the only files of wasi/ with system headers
 * beyond C11; another system means other files of that kind.  The vocabulary is
 * WASI's: error numbers, file types and flags are translated here, once.  A
 * host descriptor is an int, -1 for none, and never inherited by children.
 *
 * No function here follows a symbolic link at the end of a name, and none but
 * p1_os_open_beneath takes a name with a slash in it: resolving paths is the
 * business of path.c.  None blocks unless it says so.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WASI_OS_H
#define WASI_OS_H

#include "wasi/abi.h"

/* Part of a transfer; same layout as the system's own. */
struct p1_buf {
    void *base;
    size_t len;
};

/* How to open; combine with |. */
enum p1_open {
    P1_OPEN_READ = 1,
    P1_OPEN_WRITE = 2,
    P1_OPEN_CREATE = 4,
    P1_OPEN_EXCLUSIVE = 8,
    P1_OPEN_TRUNCATE = 16,
    P1_OPEN_DIRECTORY = 32,
    P1_OPEN_APPEND = 64,
    P1_OPEN_DSYNC = 128,
    P1_OPEN_SYNC = 256,
    P1_OPEN_PATH = 512,   /* only a place: for *_at, stat, never for data */
    P1_OPEN_FOLLOW = 1024 /* p1_os_open_beneath: the last component, too */
};

/* Length of the longest path, with its NUL. */
enum { P1_PATH_MAX = 4096 };

/* Asked between slices of work that a guest can make long.  goes_on NULL:
 * always. */
struct p1_slices {
    bool (*goes_on)(void *user);
    void *user;
};

static inline bool p1_goes_on(const struct p1_slices *slices)
{
    return !slices->goes_on || slices->goes_on(slices->user);
}

/* -- Opening and closing --------------------------------------------------- */

/* Whether the kernel offers p1_os_open_beneath, asked anew each time. */
bool p1_os_can_open_beneath(void);

/* Opens a path whose every component, link and ".." stays below dir; P1_XDEV
 * when it does not. */
enum p1_errno p1_os_open_beneath(int dir, const char *path, unsigned flags,
                                 int *out);

/* Opens `leaf` in dir; P1_LOOP for a symbolic link.  A FIFO is opened without
 * waiting for its other end: P1_NXIO for writing without a reader. */
enum p1_errno p1_os_open_at(int dir, const char *leaf, unsigned flags,
                            int *out);

/* Opens a path of the host, with all its rights: what the host grants. */
enum p1_errno p1_os_open_host(const char *path, unsigned flags, int *out);

/* Splits a host path into its directory, opened as a place, and the name in it
 * after all links; buf has P1_PATH_MAX bytes. */
enum p1_errno p1_os_open_parent(const char *path, int *dir_out, char *buf);

enum p1_errno p1_os_dup(int fd, int *out);
void p1_os_close(int fd);

/* -- Metadata -------------------------------------------------------------- */

enum p1_errno p1_os_stat(int fd, struct p1_filestat *out);
enum p1_errno p1_os_stat_at(int dir, const char *leaf, struct p1_filestat *out);

/* True for files of a proc filesystem, which lead to this very process. */
bool p1_os_is_proc(int fd);

bool p1_os_is_terminal(int fd);

/* Bytes that a read would get at once; 0 where the system cannot tell. */
uint64_t p1_os_available(int fd);

/* P1_FD_APPEND, P1_FD_SYNC, P1_FD_DSYNC as the open file has them. */
uint16_t p1_os_fdflags(int fd);
enum p1_errno p1_os_set_append(int fd, bool on);

/* A time to set; `now` overrides `ns`, `omit` leaves it as it is. */
struct p1_time {
    uint64_t ns;
    bool now;
    bool omit;
};
enum p1_errno p1_os_set_times(int fd, const struct p1_time times[2]);
enum p1_errno p1_os_set_times_at(int dir, const char *leaf,
                                 const struct p1_time times[2]);

/* -- Data ------------------------------------------------------------------ */

/* At the file's position.  nowait: P1_AGAIN instead of waiting, or P1_NOTSUP
 * where that cannot be had.  Without it a call may block. */
enum p1_errno p1_os_read(int fd, const struct p1_buf *bufs, int count,
                         bool nowait, size_t *out);
/* No signal when the reader is gone, only P1_PIPE.  `pipe`: the descriptor is
 * one whose reader can be gone. */
enum p1_errno p1_os_write(int fd, const struct p1_buf *bufs, int count,
                          bool nowait, bool pipe, size_t *out);
enum p1_errno p1_os_pread(int fd, const struct p1_buf *bufs, int count,
                          uint64_t offset, size_t *out);
enum p1_errno p1_os_pwrite(int fd, const struct p1_buf *bufs, int count,
                           uint64_t offset, size_t *out);
enum p1_errno p1_os_seek(int fd, int64_t offset, enum p1_whence whence,
                         uint64_t *out);
enum p1_errno p1_os_set_size(int fd, uint64_t size);
/* Takes space for a range; the file's size stays. */
enum p1_errno p1_os_allocate(int fd, uint64_t offset, uint64_t len);
enum p1_errno p1_os_advise(int fd, uint64_t offset, uint64_t len,
                           enum p1_advice advice);
enum p1_errno p1_os_sync(int fd, bool data_only);

/* -- Directories ----------------------------------------------------------- */

/* Lists a directory from its start; stops at the first error of `each`. */
enum p1_errno p1_os_list(int fd,
                         enum p1_errno (*each)(void *user, const char *name,
                                               uint64_t ino,
                                               enum p1_filetype type),
                         void *user);
/* *len_out: length of the target, cut to size. */
enum p1_errno p1_os_readlink_at(int dir, const char *leaf, char *buf,
                                size_t size, size_t *len_out);
enum p1_errno p1_os_mkdir_at(int dir, const char *leaf);
enum p1_errno p1_os_unlink_at(int dir, const char *leaf);
enum p1_errno p1_os_rmdir_at(int dir, const char *leaf);
enum p1_errno p1_os_symlink_at(const char *target, int dir, const char *leaf);
enum p1_errno p1_os_link_at(int old_dir, const char *old_leaf, int new_dir,
                            const char *new_leaf);
enum p1_errno p1_os_rename_at(int old_dir, const char *old_leaf, int new_dir,
                              const char *new_leaf);

/* -- Sockets --------------------------------------------------------------- */

/* Listens on "ADDR:PORT" or "[ADDR6]:PORT"; addresses are numeric. */
enum p1_errno p1_os_listen(const char *address, int *out);
/* P1_AGAIN when nobody is waiting to be accepted. */
enum p1_errno p1_os_accept(int fd, int *out);
/* P1_AGAIN instead of waiting; `riflags` and *roflags_out as in WASI. */
enum p1_errno p1_os_recv(int fd, const struct p1_buf *bufs, int count,
                         unsigned riflags, size_t *out, uint16_t *roflags_out);
enum p1_errno p1_os_send(int fd, const struct p1_buf *bufs, int count,
                         size_t *out);
enum p1_errno p1_os_shutdown(int fd, unsigned sdflags);
bool p1_os_is_listening(int fd);

/* -- Time, chance, processor ----------------------------------------------- */

enum p1_errno p1_os_clock_now(enum p1_clockid id, uint64_t *ns_out);
enum p1_errno p1_os_clock_res(enum p1_clockid id, uint64_t *ns_out);
/* Unpredictable bytes. */
enum p1_errno p1_os_random(void *buf, size_t len);
void p1_os_yield(void);

#endif
