/*
 * Descriptors and rights.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "wasi/fdtable.h"

#include "wasi/dir.h"

#include <stdlib.h>

/* -- Files ----------------------------------------------------------------- */

struct p1_file *p1_file_new(int host_taken, enum p1_filetype filetype)
{
    struct p1_file *file = calloc(1, sizeof(*file));

    if (!file) {
        p1_os_close(host_taken);
        return NULL;
    }
    file->refs = 1;
    file->host = host_taken;
    file->filetype = filetype;
    file->grant = P1_RIGHTS_ALL;
    return file;
}

struct p1_file *p1_file_ref(struct p1_file *file)
{
    atomic_fetch_add_explicit(&file->refs, 1, memory_order_relaxed);
    return file;
}

void p1_file_unref(struct p1_file *file)
{
    if (atomic_fetch_sub_explicit(&file->refs, 1, memory_order_acq_rel) > 1)
        return;
    p1_os_close(file->host);
    p1_listing_delete(file->listing);
    free(file->preopen_name);
    free(file->only);
    free(file);
}

/* -- Rights ---------------------------------------------------------------- */

enum {
    ANY_FILE = P1_RIGHT_FD_FDSTAT_SET_FLAGS | P1_RIGHT_FD_FILESTAT_GET |
               P1_RIGHT_POLL_FD_READWRITE,
    STREAM = ANY_FILE | P1_RIGHT_FD_READ | P1_RIGHT_FD_WRITE |
             P1_RIGHT_FD_SYNC | P1_RIGHT_FD_DATASYNC,
    SEEKABLE = STREAM | P1_RIGHT_FD_SEEK | P1_RIGHT_FD_TELL,
    REGULAR = SEEKABLE | P1_RIGHT_FD_ADVISE | P1_RIGHT_FD_ALLOCATE |
              P1_RIGHT_FD_FILESTAT_SET_SIZE | P1_RIGHT_FD_FILESTAT_SET_TIMES,
    DIRECTORY = ANY_FILE | P1_RIGHT_FD_SYNC | P1_RIGHT_FD_DATASYNC |
                P1_RIGHT_FD_READDIR | P1_RIGHT_FD_FILESTAT_SET_TIMES |
                P1_RIGHT_PATH_CREATE_DIRECTORY | P1_RIGHT_PATH_CREATE_FILE |
                P1_RIGHT_PATH_LINK_SOURCE | P1_RIGHT_PATH_LINK_TARGET |
                P1_RIGHT_PATH_OPEN | P1_RIGHT_PATH_READLINK |
                P1_RIGHT_PATH_RENAME_SOURCE | P1_RIGHT_PATH_RENAME_TARGET |
                P1_RIGHT_PATH_FILESTAT_GET | P1_RIGHT_PATH_FILESTAT_SET_SIZE |
                P1_RIGHT_PATH_FILESTAT_SET_TIMES | P1_RIGHT_PATH_SYMLINK |
                P1_RIGHT_PATH_REMOVE_DIRECTORY | P1_RIGHT_PATH_UNLINK_FILE,
    ONLY_FILE = P1_RIGHT_PATH_OPEN | P1_RIGHT_PATH_FILESTAT_GET |
                P1_RIGHT_PATH_FILESTAT_SET_SIZE |
                P1_RIGHT_PATH_FILESTAT_SET_TIMES | P1_RIGHT_FD_FILESTAT_GET |
                P1_RIGHT_FD_FDSTAT_SET_FLAGS,
    SOCKET = ANY_FILE | P1_RIGHT_FD_READ | P1_RIGHT_FD_WRITE |
             P1_RIGHT_SOCK_SHUTDOWN,
    LISTENER = ANY_FILE | P1_RIGHT_SOCK_ACCEPT
};

const uint64_t p1_stdio_rights = REGULAR;

const uint64_t p1_read_only_rights =
    P1_RIGHT_FD_DATASYNC | P1_RIGHT_FD_READ | P1_RIGHT_FD_SEEK |
    P1_RIGHT_FD_FDSTAT_SET_FLAGS | P1_RIGHT_FD_SYNC | P1_RIGHT_FD_TELL |
    P1_RIGHT_FD_ADVISE | P1_RIGHT_PATH_OPEN | P1_RIGHT_FD_READDIR |
    P1_RIGHT_PATH_READLINK | P1_RIGHT_PATH_FILESTAT_GET |
    P1_RIGHT_FD_FILESTAT_GET | P1_RIGHT_POLL_FD_READWRITE;

bool p1_file_is_seekable(const struct p1_file *file)
{
    switch (file->filetype) {
    case P1_FILETYPE_REGULAR_FILE:
    case P1_FILETYPE_BLOCK_DEVICE: return true;
    /* C libraries take a character device that cannot seek for a terminal. */
    case P1_FILETYPE_CHARACTER_DEVICE: return !p1_os_is_terminal(file->host);
    default: return false;
    }
}

uint64_t p1_file_base_rights(const struct p1_file *file)
{
    if (file->only)
        return ONLY_FILE;
    if (file->is_listener)
        return LISTENER;
    switch (file->filetype) {
    case P1_FILETYPE_DIRECTORY: return DIRECTORY;
    case P1_FILETYPE_REGULAR_FILE: return REGULAR;
    case P1_FILETYPE_SOCKET_DGRAM:
    case P1_FILETYPE_SOCKET_STREAM: return SOCKET;
    default: return p1_file_is_seekable(file) ? SEEKABLE : STREAM;
    }
}

uint64_t p1_file_inheriting_rights(const struct p1_file *file)
{
    if (file->only)
        return REGULAR;
    if (file->is_listener)
        return SOCKET;
    return file->filetype == P1_FILETYPE_DIRECTORY ? DIRECTORY | REGULAR : 0;
}

/* The error tells a C program what POSIX would; NOTCAPABLE is for what POSIX
 * has no word for. */
enum p1_errno p1_file_check(const struct p1_file *file, uint64_t rights)
{
    uint64_t missing = rights & ~file->base;
    bool is_dir = file->filetype == P1_FILETYPE_DIRECTORY;

    if (missing == 0)
        return P1_SUCCESS;
    if (missing & ~file->grant)
        return P1_ROFS;
    if (missing & DIRECTORY & ~(uint64_t)REGULAR)
        return is_dir || file->only ? P1_NOTCAPABLE : P1_NOTDIR;
    if (is_dir && (missing & REGULAR & ~(uint64_t)DIRECTORY))
        return P1_ISDIR;
    if (missing & (P1_RIGHT_SOCK_SHUTDOWN | P1_RIGHT_SOCK_ACCEPT))
        return file->filetype == P1_FILETYPE_SOCKET_STREAM ||
                       file->filetype == P1_FILETYPE_SOCKET_DGRAM
                   ? P1_NOTCAPABLE
                   : P1_NOTSOCK;
    if (missing & (P1_RIGHT_FD_READ | P1_RIGHT_FD_WRITE))
        return P1_BADF;
    if ((missing & (P1_RIGHT_FD_SEEK | P1_RIGHT_FD_TELL)) &&
        !p1_file_is_seekable(file))
        return P1_SPIPE;
    return P1_NOTCAPABLE;
}

/* -- Numbers --------------------------------------------------------------- */

void p1_fdtable_fini(struct p1_fdtable *table)
{
    for (uint32_t fd = 0; fd < table->cap; fd++) {
        if (table->files[fd])
            p1_file_unref(table->files[fd]);
    }
    free(table->files);
    table->files = NULL;
    table->cap = table->open = 0;
}

/* The file of a number, borrowed, under the lock; NULL when it is not open. */
static struct p1_file *find(const struct p1_fdtable *table, uint32_t fd)
{
    return fd < table->cap ? table->files[fd] : NULL;
}

struct p1_file *p1_fdtable_get(struct p1_fdtable *table, uint32_t fd)
{
    struct p1_file *file;

    p1_lock(&table->lock);
    file = find(table, fd);
    if (file)
        p1_file_ref(file);
    p1_unlock(&table->lock);
    return file;
}

/* Doubles the table.  max bounds it, so the product cannot overflow. */
static bool grow(struct p1_fdtable *table)
{
    uint32_t cap = table->cap ? table->cap * 2 : 16;
    struct p1_file **files = realloc(table->files, cap * sizeof(files[0]));

    if (!files)
        return false;
    for (uint32_t fd = table->cap; fd < cap; fd++)
        files[fd] = NULL;
    table->files = files;
    table->cap = cap;
    return true;
}

static enum p1_errno insert(struct p1_fdtable *table, struct p1_file *file,
                            uint32_t *fd_out)
{
    uint32_t fd = 0;

    while (fd < table->cap && table->files[fd])
        fd++;
    if (table->open >= table->max)
        return P1_MFILE;
    if (fd == table->cap && !grow(table))
        return P1_NOMEM;
    table->files[fd] = file;
    table->open++;
    *fd_out = fd;
    return P1_SUCCESS;
}

enum p1_errno p1_fdtable_insert(struct p1_fdtable *table,
                                struct p1_file *file_taken, uint32_t *fd_out)
{
    enum p1_errno err;

    p1_lock(&table->lock);
    err = insert(table, file_taken, fd_out);
    p1_unlock(&table->lock);
    if (err)
        p1_file_unref(file_taken);
    return err;
}

/* Removes a number; its file, with the table's reference, or NULL. */
static struct p1_file *take(struct p1_fdtable *table, uint32_t fd)
{
    struct p1_file *file = find(table, fd);

    if (file) {
        table->files[fd] = NULL;
        table->open--;
    }
    return file;
}

/* The last reference closes the host's descriptor, which may take its time: not
 * under the lock. */
enum p1_errno p1_fdtable_close(struct p1_fdtable *table, uint32_t fd)
{
    struct p1_file *file;

    p1_lock(&table->lock);
    file = take(table, fd);
    p1_unlock(&table->lock);
    if (!file)
        return P1_BADF;
    p1_file_unref(file);
    return P1_SUCCESS;
}

enum p1_errno p1_fdtable_renumber(struct p1_fdtable *table, uint32_t from,
                                  uint32_t to)
{
    struct p1_file *old = NULL;
    enum p1_errno err = P1_SUCCESS;

    p1_lock(&table->lock);
    if (!find(table, from) || !find(table, to)) {
        err = P1_BADF;
    } else if (from != to) {
        old = table->files[to];
        table->files[to] = take(table, from);
    }
    p1_unlock(&table->lock);
    if (old)
        p1_file_unref(old);
    return err;
}
