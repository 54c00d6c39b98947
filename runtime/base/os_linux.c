/*
 * The operating system layer on Linux.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "runtime/base/os.h"

#include "runtime/base/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#if defined(WRT_DEBUG) && WRT_DEBUG
_Noreturn void wrt_assert_failed(const char *cond, const char *why,
                                 const char *file, int line)
{
    fprintf(stderr, "%s:%d: broken invariant: %s (%s)\n", file, line, cond,
            why);
    __builtin_trap();
}
#endif

/* -- Address space --------------------------------------------------------- */

size_t wrt_os_page_size(void)
{
    static size_t known; /* asking takes longer than most of what follows */
    size_t size = __atomic_load_n(&known, __ATOMIC_RELAXED);

    if (WRT_UNLIKELY(!size)) {
        size = (size_t)sysconf(_SC_PAGESIZE);
        __atomic_store_n(&known, size, __ATOMIC_RELAXED);
    }
    return size;
}

void *wrt_os_reserve(size_t size_bytes)
{
    void *ptr = mmap(NULL, size_bytes, PROT_NONE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    return ptr == MAP_FAILED ? NULL : ptr;
}

bool wrt_os_commit(void *ptr, size_t size_bytes)
{
    return mprotect(ptr, size_bytes, PROT_READ | PROT_WRITE) == 0;
}

bool wrt_os_decommit(void *ptr, size_t size_bytes)
{
    /* A fresh mapping in place: one call, and the old pages are gone. */
    return mmap(ptr, size_bytes, PROT_NONE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1,
                0) != MAP_FAILED;
}

void wrt_os_prefer_large_pages(void *ptr, size_t size_bytes)
{
    uintptr_t page = wrt_os_page_size();
    uintptr_t start = WRT_ALIGN_UP((uintptr_t)ptr, page);
    uintptr_t end = ((uintptr_t)ptr + size_bytes) & ~(page - 1);

    if (end > start)
        madvise((void *)start, end - start, MADV_HUGEPAGE);
}

bool wrt_os_discard(void *ptr, size_t size_bytes)
{
    return madvise(ptr, size_bytes, MADV_DONTNEED) == 0;
}

void wrt_os_release(void *ptr, size_t size_bytes)
{
    if (ptr)
        munmap(ptr, size_bytes);
}

bool wrt_os_move(void *to, void *from, size_t size_bytes)
{
    if (size_bytes == 0)
        return true;
    if (mremap(from, size_bytes, size_bytes, MREMAP_MAYMOVE | MREMAP_FIXED,
               to) != MAP_FAILED)
        return true;
    /* Fails when something (a debugger, mlock) has split the mapping. */
    if (!wrt_os_commit(to, size_bytes))
        return false;
    memcpy(to, from, size_bytes);
    return true;
}

size_t wrt_os_address_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return SIZE_MAX;
    return (size_t)limit.rlim_cur;
}

/* -- Time ------------------------------------------------------------------ */

uint64_t wrt_os_monotonic_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* -- Threads --------------------------------------------------------------- */

static void futex(uint32_t *word, int op, uint32_t value)
{
    syscall(SYS_futex, word, op | FUTEX_PRIVATE_FLAG, value, NULL, NULL, 0);
}

/* The three-state futex lock: the kernel is called only when threads meet. */

void wrt_mutex_lock(struct wrt_mutex *mutex)
{
    uint32_t seen = 0;

    if (__atomic_compare_exchange_n(&mutex->state, &seen, 1, false,
                                    __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        return;
    while (__atomic_exchange_n(&mutex->state, 2, __ATOMIC_ACQUIRE) != 0)
        futex(&mutex->state, FUTEX_WAIT, 2);
}

void wrt_mutex_unlock(struct wrt_mutex *mutex)
{
    if (__atomic_exchange_n(&mutex->state, 0, __ATOMIC_RELEASE) == 2)
        futex(&mutex->state, FUTEX_WAKE, 1);
}

/* -- Files ----------------------------------------------------------------- */

static const char *errno_text(void)
{
    switch (errno) {
    case ENOENT: return "no such file or directory";
    case EACCES:
    case EPERM: return "permission denied";
    case EISDIR: return "is a directory";
    case EMFILE:
    case ENFILE: return "too many open files";
    case ELOOP: return "too many symbolic links";
    case ENAMETOOLONG: return "file name too long";
    case ENOTDIR: return "a part of the path is not a directory";
    case EIO: return "input/output error";
    default: return "cannot be read";
    }
}

/* Fits the block to what was read, so that its size is honest. */
static const char *shrink(const struct wrt_alloc *alloc, uint8_t *buf,
                          size_t held, size_t len, uint8_t **out)
{
    *out = alloc->resize(alloc->user, buf, held, len);
    if (*out || len == 0)
        return NULL;
    wrt_free(alloc, buf, held);
    return "out of memory";
}

/* Reads fd to its end into a growing buffer, at most max_bytes. */
static const char *read_all(int fd, const struct wrt_alloc *alloc,
                            size_t max_bytes, size_t capacity, uint8_t **out,
                            size_t *len)
{
    uint8_t *buf = NULL, *grown;
    const char *why;
    size_t held = 0;
    ssize_t n;

    *len = 0;
    for (;;) {
        if (*len == held) {
            size_t next = held ? held + held / 2 : capacity;

            grown = alloc->resize(alloc->user, buf, held, next);
            why = "out of memory";
            if (!grown)
                break;
            buf = grown;
            held = next;
        }
        n = read(fd, buf + *len, held - *len);
        if (n == 0)
            return shrink(alloc, buf, held, *len, out);
        if (n < 0 && errno == EINTR)
            continue;
        why = n < 0 ? errno_text() : "larger than the limit";
        if (n < 0 || (size_t)n > max_bytes - *len)
            break;
        *len += (size_t)n;
    }
    wrt_free(alloc, buf, held);
    return why;
}

const char *wrt_os_read_file(const char *path, const struct wrt_alloc *alloc,
                             size_t max_bytes, uint8_t **out, size_t *len)
{
    struct stat st;
    const char *why;
    size_t capacity = 64 * 1024;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return errno_text();
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0) {
        /* One byte more than the size, so that the end is seen at once. */
        capacity = (size_t)st.st_size + 1;
    }
    why = read_all(fd, alloc, max_bytes, capacity, out, len);
    close(fd);
    return why;
}
