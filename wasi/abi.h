/*
 * The binary interface of WASI preview1: numbers and layouts that guests are
 * compiled against.
 *
 * Structures have the guest's layout (little-endian, as the host), so they are
 * copied to and from guest memory whole; the asserts below pin every size and
 * offset.  wasi_unstable, the dialect before it, differs in the three layouts
 * that carry its name and in the order of `whence`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WASI_ABI_H
#define WASI_ABI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum p1_errno {
#define P1_ERRNO_ROW(name, host) P1_##name,
#include "wasi/errno.def"
#undef P1_ERRNO_ROW
    P1_ERRNO_COUNT
};

/* WASI's number for a host's errno value; P1_IO for unknown ones. */
enum p1_errno p1_errno_from_host(int host_errno);

/* "NOENT" and so on; "?" for values out of range.  Static. */
const char *p1_errno_name(enum p1_errno err);

/* In words, for messages to humans. */
const char *p1_errno_text(enum p1_errno err);

/* What distinguishes wasi_unstable from wasi_snapshot_preview1. */
enum p1_dialect { P1_PREVIEW1, P1_UNSTABLE };

/* -- Rights ---------------------------------------------------------------- */

#define P1_RIGHTS(X)                                                           \
    X(FD_DATASYNC, 0)                                                          \
    X(FD_READ, 1)                                                              \
    X(FD_SEEK, 2)                                                              \
    X(FD_FDSTAT_SET_FLAGS, 3)                                                  \
    X(FD_SYNC, 4)                                                              \
    X(FD_TELL, 5)                                                              \
    X(FD_WRITE, 6)                                                             \
    X(FD_ADVISE, 7)                                                            \
    X(FD_ALLOCATE, 8)                                                          \
    X(PATH_CREATE_DIRECTORY, 9)                                                \
    X(PATH_CREATE_FILE, 10)                                                    \
    X(PATH_LINK_SOURCE, 11)                                                    \
    X(PATH_LINK_TARGET, 12)                                                    \
    X(PATH_OPEN, 13)                                                           \
    X(FD_READDIR, 14)                                                          \
    X(PATH_READLINK, 15)                                                       \
    X(PATH_RENAME_SOURCE, 16)                                                  \
    X(PATH_RENAME_TARGET, 17)                                                  \
    X(PATH_FILESTAT_GET, 18)                                                   \
    X(PATH_FILESTAT_SET_SIZE, 19)                                              \
    X(PATH_FILESTAT_SET_TIMES, 20)                                             \
    X(FD_FILESTAT_GET, 21)                                                     \
    X(FD_FILESTAT_SET_SIZE, 22)                                                \
    X(FD_FILESTAT_SET_TIMES, 23)                                               \
    X(PATH_SYMLINK, 24)                                                        \
    X(PATH_REMOVE_DIRECTORY, 25)                                               \
    X(PATH_UNLINK_FILE, 26)                                                    \
    X(POLL_FD_READWRITE, 27)                                                   \
    X(SOCK_SHUTDOWN, 28)                                                       \
    X(SOCK_ACCEPT, 29)

enum p1_rights {
#define P1_RIGHT_ROW(name, bit) P1_RIGHT_##name = 1 << (bit),
    P1_RIGHTS(P1_RIGHT_ROW)
#undef P1_RIGHT_ROW
        P1_RIGHTS_ALL = (1 << 30) - 1
};

/* -- Enumerations and flags ------------------------------------------------ */

enum p1_filetype {
    P1_FILETYPE_UNKNOWN,
    P1_FILETYPE_BLOCK_DEVICE,
    P1_FILETYPE_CHARACTER_DEVICE,
    P1_FILETYPE_DIRECTORY,
    P1_FILETYPE_REGULAR_FILE,
    P1_FILETYPE_SOCKET_DGRAM,
    P1_FILETYPE_SOCKET_STREAM,
    P1_FILETYPE_SYMBOLIC_LINK
};

enum p1_whence { P1_WHENCE_SET, P1_WHENCE_CUR, P1_WHENCE_END };

enum p1_clockid {
    P1_CLOCK_REALTIME,
    P1_CLOCK_MONOTONIC,
    P1_CLOCK_PROCESS_CPUTIME,
    P1_CLOCK_THREAD_CPUTIME,
    P1_CLOCK_COUNT
};

enum p1_advice { P1_ADVICE_NORMAL, P1_ADVICE_NOREUSE = 5 };

enum p1_lookupflags { P1_LOOKUP_SYMLINK_FOLLOW = 1 };

enum p1_oflags {
    P1_O_CREAT = 1,
    P1_O_DIRECTORY = 2,
    P1_O_EXCL = 4,
    P1_O_TRUNC = 8,
    P1_O_ALL = 15
};

enum p1_fdflags {
    P1_FD_APPEND = 1,
    P1_FD_DSYNC = 2,
    P1_FD_NONBLOCK = 4,
    P1_FD_RSYNC = 8,
    P1_FD_SYNC = 16,
    P1_FD_ALL = 31
};

enum p1_fstflags {
    P1_FST_ATIM = 1,
    P1_FST_ATIM_NOW = 2,
    P1_FST_MTIM = 4,
    P1_FST_MTIM_NOW = 8,
    P1_FST_ALL = 15
};

enum p1_riflags { P1_RI_PEEK = 1, P1_RI_WAITALL = 2, P1_RI_ALL = 3 };
enum p1_roflags { P1_RO_TRUNCATED = 1 };
enum p1_sdflags { P1_SD_RD = 1, P1_SD_WR = 2, P1_SD_ALL = 3 };

enum p1_eventtype { P1_EVENT_CLOCK, P1_EVENT_FD_READ, P1_EVENT_FD_WRITE };
enum p1_subclockflags { P1_SUBCLOCK_ABSTIME = 1 };
enum p1_eventrwflags { P1_EVENT_HANGUP = 1 };

/* -- Layouts --------------------------------------------------------------- */

#define P1_OFFSET(type, member, offset)                                        \
    _Static_assert(offsetof(struct type, member) == (offset),                  \
                   "guest layout of " #type "." #member)
#define P1_SIZE(type, size)                                                    \
    _Static_assert(sizeof(struct type) == (size), "guest layout of " #type)

/* A piece of guest memory: iovec and ciovec. */
struct p1_iovec {
    uint32_t addr;
    uint32_t len;
};
P1_OFFSET(p1_iovec, len, 4);
P1_SIZE(p1_iovec, 8);

struct p1_fdstat {
    uint8_t filetype;
    uint8_t pad0;
    uint16_t flags;
    uint32_t pad1;
    uint64_t rights_base;
    uint64_t rights_inheriting;
};
P1_OFFSET(p1_fdstat, flags, 2);
P1_OFFSET(p1_fdstat, rights_base, 8);
P1_OFFSET(p1_fdstat, rights_inheriting, 16);
P1_SIZE(p1_fdstat, 24);

/* Times are nanoseconds since 1970. */
struct p1_filestat {
    uint64_t dev;
    uint64_t ino;
    uint8_t filetype;
    uint8_t pad[7];
    uint64_t nlink;
    uint64_t size;
    uint64_t atim;
    uint64_t mtim;
    uint64_t ctim;
};
P1_OFFSET(p1_filestat, filetype, 16);
P1_OFFSET(p1_filestat, nlink, 24);
P1_OFFSET(p1_filestat, size, 32);
P1_OFFSET(p1_filestat, atim, 40);
P1_OFFSET(p1_filestat, ctim, 56);
P1_SIZE(p1_filestat, 64);

/* wasi_unstable counts links in 32 bits, in the padding after the type. */
struct p1_filestat_unstable {
    uint64_t dev;
    uint64_t ino;
    uint8_t filetype;
    uint8_t pad[3];
    uint32_t nlink;
    uint64_t size;
    uint64_t atim;
    uint64_t mtim;
    uint64_t ctim;
};
P1_OFFSET(p1_filestat_unstable, nlink, 20);
P1_OFFSET(p1_filestat_unstable, size, 24);
P1_SIZE(p1_filestat_unstable, 56);

/* Followed by the name, which is neither padded nor terminated. */
struct p1_dirent {
    uint64_t next; /* cookie of the entry after this one */
    uint64_t ino;
    uint32_t name_len;
    uint8_t filetype;
    uint8_t pad[3];
};
P1_OFFSET(p1_dirent, ino, 8);
P1_OFFSET(p1_dirent, name_len, 16);
P1_OFFSET(p1_dirent, filetype, 20);
P1_SIZE(p1_dirent, 24);

struct p1_prestat {
    uint8_t tag; /* 0: a directory, the only kind */
    uint8_t pad[3];
    uint32_t name_len;
};
P1_OFFSET(p1_prestat, name_len, 4);
P1_SIZE(p1_prestat, 8);

struct p1_subscription_clock {
    uint32_t id;
    uint32_t pad0;
    uint64_t timeout_ns;
    uint64_t precision_ns;
    uint16_t flags;
    uint16_t pad1[3];
};
P1_OFFSET(p1_subscription_clock, timeout_ns, 8);
P1_OFFSET(p1_subscription_clock, flags, 24);
P1_SIZE(p1_subscription_clock, 32);

struct p1_subscription {
    uint64_t userdata;
    uint8_t tag; /* enum p1_eventtype */
    uint8_t pad[7];
    union {
        struct p1_subscription_clock clock;
        uint32_t fd;
    } of;
};
P1_OFFSET(p1_subscription, tag, 8);
P1_OFFSET(p1_subscription, of, 16);
P1_SIZE(p1_subscription, 48);

/* wasi_unstable puts an identifier of its own before each clock. */
struct p1_subscription_unstable {
    uint64_t userdata;
    uint8_t tag;
    uint8_t pad[7];
    union {
        struct {
            uint64_t identifier;
            struct p1_subscription_clock clock;
        } timer;
        uint32_t fd;
    } of;
};
P1_OFFSET(p1_subscription_unstable, of.timer.clock, 24);
P1_SIZE(p1_subscription_unstable, 56);

struct p1_event {
    uint64_t userdata;
    uint16_t error;
    uint8_t type;
    uint8_t pad0[5];
    uint64_t nbytes;
    uint16_t flags;
    uint16_t pad1[3];
};
P1_OFFSET(p1_event, error, 8);
P1_OFFSET(p1_event, type, 10);
P1_OFFSET(p1_event, nbytes, 16);
P1_OFFSET(p1_event, flags, 24);
P1_SIZE(p1_event, 32);

#endif
