/*
 * Memory for machine code on Linux.
 *
 * No page of it is ever mapped writable while it may be running: code is
 * written into a file in memory by a system call, and what is mapped is that
 * file, readable and executable.  So publishing needs neither a moment in which
 * pages change their protection, with other threads running in them, nor a
 * second mapping.  Only a part that nobody runs before it is complete may be
 * made writable first, and executable afterwards.
 *
 * A file has many ranges, each a part of its own that no other ever gets.  A
 * child of fork() goes on with what its parent had mapped: it has closed the
 * files, so it cannot write there, and for its own ranges it opens others.  The
 * parent leaves what the child may be running as it is: files that were there
 * at a fork are let go as a whole, with their last range, and never in part.
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

enum { MOST_FILES = 16 };

static struct wrt_mutex code_lock; /* of all below */

static struct code_file {
    int fd;           /* where has_fd */
    bool has_fd;      /* it is this process's, or it was its parent's */
    bool is_shared;   /* with a child, since a fork */
    uint32_t nranges; /* not free while there are some */
    uint64_t end;     /* of what has been given out */
} files[MOST_FILES];

static struct code_file *newest; /* what new ranges are taken from, or NULL */
static pid_t owner; /* atomic: whoever writes code reads it without the lock */

static bool is_of(pid_t pid)
{
    return __atomic_load_n(&owner, __ATOMIC_RELAXED) == pid;
}

static void set_owner(void)
{
    __atomic_store_n(&owner, getpid(), __ATOMIC_RELAXED);
}

/* -- Forks ----------------------------------------------------------------- */

static void before_fork(void)
{
    wrt_mutex_lock(&code_lock);
}

/* With its last range, when nobody takes more from it. */
static void close_if_done(struct code_file *file)
{
    if (!file->has_fd || file->nranges > 0 || file == newest)
        return;
    close(file->fd);
    file->has_fd = false;
}

static void in_parent(void)
{
    struct code_file *last = newest;

    for (unsigned i = 0; i < MOST_FILES; i++)
        files[i].is_shared |= files[i].nranges > 0;
    if (last && last->is_shared) {
        newest = NULL;
        close_if_done(last);
    }
    wrt_mutex_unlock(&code_lock);
}

/* What is mapped stays; nobody writes there any more. */
static void disown(void)
{
    for (unsigned i = 0; i < MOST_FILES; i++) {
        if (files[i].has_fd)
            close(files[i].fd);
        files[i].has_fd = false;
    }
    newest = NULL;
    set_owner();
}

static void in_child(void)
{
    disown();
    wrt_mutex_unlock(&code_lock);
}

/* -- Files ----------------------------------------------------------------- */

/* A child that no handler has seen begins as any other. */
static void find_owner(void)
{
    static bool is_watching;

    if (is_of(0))
        set_owner();
    else if (!is_of(getpid()))
        disown();
    if (!is_watching)
        is_watching = pthread_atfork(before_fork, in_parent, in_child) == 0;
}

/* Never the number of a standard stream, which may be closed: a guest would be
 * given it as its own. */
static int new_file(void)
{
    const int first = STDERR_FILENO + 1;
    int low = memfd_create("wasmrt-code", MFD_CLOEXEC), fd;

    if (low < 0 || low >= first)
        return low;
    fd = fcntl(low, F_DUPFD_CLOEXEC, first);
    close(low);
    return fd;
}

static struct code_file *find_free(void)
{
    struct code_file *ours = NULL;

    for (unsigned i = 0; i < MOST_FILES; i++) {
        if (!files[i].has_fd && files[i].nranges == 0)
            return &files[i];
        if (files[i].has_fd)
            ours = &files[i];
    }
    /* After so many forks, one that is shared has to do. */
    return ours;
}

/* Why there is no file for new ranges, or NULL: it is newest. */
static const char *open_file(void)
{
    struct code_file *file;
    struct rlimit limit;

    find_owner();
    if (newest)
        return NULL;
    /* Writing past this limit would end the process by a signal. */
    if (getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur != RLIM_INFINITY)
        return "it is written to files in memory, and the process has a limit "
               "of file sizes (RLIMIT_FSIZE)";
    file = find_free();
    if (file && !file->has_fd) {
        *file = (struct code_file){.fd = new_file()};
        file->has_fd = file->fd >= 0;
    }
    if (!file || !file->has_fd)
        return "it needs a file in memory, and memfd_create() is refused";
    newest = file;
    return NULL;
}

/* Writing makes the file as long as it has to be: nobody runs what has not been
 * written. */
static struct code_file *take_part(uint64_t nbytes, uint64_t *at)
{
    uint64_t end;

    if (open_file() != NULL ||
        __builtin_add_overflow(newest->end, nbytes, &end) || end > INT64_MAX)
        return NULL;
    *at = newest->end;
    newest->end = end;
    return newest;
}

static void drop_range(struct code_file *file, uint64_t at, uint64_t nbytes)
{
    file->nranges--;
    if (file->has_fd && !file->is_shared)
        (void)fallocate(file->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                        (off_t)at, (off_t)nbytes);
    close_if_done(file);
}

/* -- Ranges ---------------------------------------------------------------- */

/* Maps a part of a file that is nobody's yet. */
static bool map_part(struct wrt_os_code *code, uint8_t *at)
{
    struct code_file *file;
    bool ok;

    wrt_mutex_lock(&code_lock);
    file = take_part(code->code_bytes, &code->file_offset);
    ok = file && mmap(at, code->code_bytes, PROT_READ | PROT_EXEC,
                      MAP_SHARED | MAP_FIXED, file->fd,
                      (off_t)code->file_offset) != MAP_FAILED;
    if (ok) {
        code->file = file;
        file->nranges++;
    }
    wrt_mutex_unlock(&code_lock);
    return ok;
}

/* Something is mapped, so that the answer is certain. */
static const char *try_to_map(void)
{
    static bool is_proven;
    size_t page = wrt_os_page_size();
    void *at;

    if (is_proven)
        return NULL;
    at = mmap(NULL, page, PROT_READ | PROT_EXEC, MAP_SHARED, newest->fd, 0);
    if (at == MAP_FAILED)
        return "mapping memory executable is refused";
    munmap(at, page);
    is_proven = true;
    return NULL;
}

const char *wrt_os_code_refusal(bool is_thorough)
{
    const char *why;

    wrt_mutex_lock(&code_lock);
    why = open_file();
    if (!why && is_thorough)
        why = try_to_map();
    wrt_mutex_unlock(&code_lock);
    return why;
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

static bool write_all(int fd, const uint8_t *from, size_t len, uint64_t at)
{
    while (len > 0) {
        ssize_t n = pwrite(fd, from, len, (off_t)at);

        if (n <= 0)
            return false;
        from += n;
        at += (uint64_t)n;
        len -= (size_t)n;
    }
    return true;
}

bool wrt_os_code_write(const struct wrt_os_code *code, size_t offset,
                       const void *bytes, size_t len)
{
    const struct code_file *file = code->file;

    /* The range is the caller's, so its file does not change meanwhile. */
    return offset <= code->code_bytes && len <= code->code_bytes - offset &&
           file->has_fd && is_of(getpid()) &&
           write_all(file->fd, bytes, len, code->file_offset + offset);
}

/* -- Parts in large pages -------------------------------------------------- */

/* Of processors with 4 KiB pages; elsewhere it is just a size. */
enum { LARGE_BYTES = 2 << 20 };

/* The file again. */
static bool map_back(const struct wrt_os_code *code, size_t from, size_t end)
{
    const struct code_file *file = code->file;

    return from == end ||
           mmap(code->base + code->data_bytes + from, end - from,
                PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED, file->fd,
                (off_t)(code->file_offset + from)) != MAP_FAILED;
}

void wrt_os_code_open(const struct wrt_os_code *code, size_t from,
                      size_t about_bytes, struct wrt_os_code_part *part)
{
    uintptr_t first = (uintptr_t)code->base + code->data_bytes;
    uintptr_t at = WRT_ALIGN_UP(first + from, (uintptr_t)LARGE_BYTES);
    /* A page that is half full is worth it: zeroing it takes less time than a
     * quarter of writing it. */
    size_t len = (about_bytes + LARGE_BYTES / 2) & ~(size_t)(LARGE_BYTES - 1);

    *part = (struct wrt_os_code_part){0};
    if (len == 0 || at - first > code->code_bytes ||
        len > code->code_bytes - (at - first))
        return;
    if (mmap((void *)at, len, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED) {
        (void)map_back(code, at - first, at - first + len);
        return;
    }
    *part =
        (struct wrt_os_code_part){at - first, at - first + len, (uint8_t *)at};
    wrt_os_prefer_large_pages(part->memory, len);
}

bool wrt_os_code_close(const struct wrt_os_code *code,
                       const struct wrt_os_code_part *part, size_t *used)
{
    size_t end;

    if (part->start == part->end)
        return true;
    end = WRT_MIN(WRT_ALIGN_UP(*used, wrt_os_page_size()), part->end);
    *used = WRT_MAX(*used, end);
    if (mprotect(part->memory, end - part->start, PROT_READ | PROT_EXEC) == 0)
        return map_back(code, end, part->end);
    /* What was writable must never be executable, says the system. */
    return wrt_os_code_write(code, part->start, part->memory,
                             end - part->start) &&
           map_back(code, part->start, part->end);
}

void wrt_os_code_unmap(struct wrt_os_code *code)
{
    if (!code->base)
        return;
    wrt_os_release(code->base, code->data_bytes + code->code_bytes);
    wrt_mutex_lock(&code_lock);
    find_owner();
    drop_range(code->file, code->file_offset, code->code_bytes);
    wrt_mutex_unlock(&code_lock);
    code->base = NULL;
}
