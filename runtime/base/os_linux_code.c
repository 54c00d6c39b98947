/*
 * Memory for machine code on Linux.
 *
 * No page of it is ever mapped writable: code is written into a file in memory
 * by a system call, and what is mapped is that file, readable and executable.
 * So publishing needs neither a moment in which pages change their protection,
 * with other threads running in them, nor a second mapping.
 *
 * The process has one such file, of which every range takes a part of its own.
 * A child of fork() shares its pages with the parent, so what a child would
 * write to them is refused, and a parent does not give back the pages of a
 * range that a child may have. What either makes later is its own.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "runtime/base/os.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

static struct wrt_mutex code_lock;
static int code_fd = -1;
static pid_t code_owner;
static uint64_t code_end; /* of what has been given out, in the file */
static uint32_t nforks;

/* -- Forking --------------------------------------------------------------- */

static void before_fork(void)
{
    wrt_mutex_lock(&code_lock);
    nforks++;
}

static void after_fork(void)
{
    wrt_mutex_unlock(&code_lock);
}

static void watch_forks(void)
{
    (void)pthread_atfork(before_fork, after_fork, after_fork);
}

/* -- Ranges ---------------------------------------------------------------- */

/* Opens the file for this process; code_lock is held. */
static bool open_file(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct rlimit limit;

    if (code_fd >= 0 && code_owner == getpid())
        return true;
    /* Writing past this limit would end the process by a signal. */
    if (getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur != RLIM_INFINITY)
        return false;
    pthread_once(&once, watch_forks);
    code_fd = memfd_create("wasmrt-code", MFD_CLOEXEC);
    code_owner = getpid();
    code_end = 0;
    return code_fd >= 0;
}

/* Maps a part of the file that is nobody's yet over base. */
static bool map_part(struct wrt_os_code *code, uint8_t *at)
{
    uint64_t end = 0;
    bool ok;

    wrt_mutex_lock(&code_lock);
    ok = open_file() &&
         !__builtin_add_overflow(code_end, code->code_bytes, &end) &&
         end <= INT64_MAX && ftruncate(code_fd, (off_t)end) == 0;
    if (ok) {
        code->fd = code_fd;
        code->owner = (int64_t)code_owner;
        code->file_offset = code_end;
        code->forks = nforks;
        code_end = end;
    }
    wrt_mutex_unlock(&code_lock);
    return ok && mmap(at, code->code_bytes, PROT_READ | PROT_EXEC,
                      MAP_SHARED | MAP_FIXED, code->fd,
                      (off_t)code->file_offset) != MAP_FAILED;
}

bool wrt_os_code_map(struct wrt_os_code *code, size_t data_bytes,
                     size_t code_bytes)
{
    size_t page = wrt_os_page_size();

    code->data_bytes = WRT_ALIGN_UP(data_bytes, page);
    code->code_bytes = WRT_ALIGN_UP(code_bytes, page);
    code->base = wrt_os_reserve(code->data_bytes + code->code_bytes);
    if (!code->base)
        return false;
    if (wrt_os_commit(code->base, code->data_bytes) &&
        map_part(code, code->base + code->data_bytes))
        return true;
    wrt_os_release(code->base, code->data_bytes + code->code_bytes);
    code->base = NULL;
    return false;
}

bool wrt_os_code_write(const struct wrt_os_code *code, size_t offset,
                       const void *bytes, size_t len)
{
    const uint8_t *from = bytes;

    if (offset > code->code_bytes || len > code->code_bytes - offset ||
        code->owner != (int64_t)getpid())
        return false;
    while (len > 0) {
        ssize_t n =
            pwrite(code->fd, from, len, (off_t)(code->file_offset + offset));

        if (n <= 0)
            return false;
        from += n;
        offset += (size_t)n;
        len -= (size_t)n;
    }
    return true;
}

/* Nobody else has it: its maker is this process, which has not forked since. */
static bool is_ours_alone(const struct wrt_os_code *code)
{
    return code->owner == (int64_t)getpid() && code->forks == nforks;
}

void wrt_os_code_unmap(struct wrt_os_code *code)
{
    if (!code->base)
        return;
    wrt_os_release(code->base, code->data_bytes + code->code_bytes);
    wrt_mutex_lock(&code_lock); /* no fork now */
    if (is_ours_alone(code))
        (void)fallocate(code->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                        (off_t)code->file_offset, (off_t)code->code_bytes);
    wrt_mutex_unlock(&code_lock);
    code->base = NULL;
}
