/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/io.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* The container's end waits; O_NONBLOCK was only for opening. */
static bool make_blocking(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    return flags >= 0 && fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) == 0;
}

/* A FIFO opens without waiting for reading; for writing, once there is a
 * reader: the end for reading comes first, whichever of the two is the
 * container's. */
static bool open_fifo(struct io *io, int n, const char *path,
                      struct fault *fault)
{
    int flags = O_NONBLOCK | O_CLOEXEC;
    int reader = open(path, O_RDONLY | flags);
    int writer = reader < 0 ? -1 : open(path, O_WRONLY | flags);
    struct stat st;

    io->child[n] = n == 0 ? reader : writer;
    io->kept[n] = n == 0 ? writer : reader;
    if (reader < 0 || writer < 0)
        return fault_errno(fault, "open %s", path);
    if (fstat(reader, &st) != 0 || !S_ISFIFO(st.st_mode))
        return fault_set(fault, FAULT_INVALID, "%s: not a FIFO", path);
    return make_blocking(io->child[n]) || fault_errno(fault, "%s", path);
}

static bool open_plain(struct io *io, int n, const char *path,
                       struct fault *fault)
{
    int flags = n == 0 ? O_RDONLY : O_WRONLY | O_APPEND | O_CREAT;

    io->child[n] = open(path, flags | O_CLOEXEC | O_NOCTTY, 0640);
    return io->child[n] >= 0 || fault_errno(fault, "open %s", path);
}

static bool open_stream(struct io *io, int n, const char *path,
                        struct fault *fault)
{
    struct stat st;

    if (!*path)
        return open_plain(io, n, "/dev/null", fault);
    if (strncmp(path, "file://", 7) == 0)
        return open_plain(io, n, path + 7, fault);
    if (strncmp(path, "fifo://", 7) == 0)
        path += 7;
    if (path[0] != '/')
        return fault_set(
            fault, FAULT_UNIMPLEMENTED,
            "%s: only paths, fifo:// and file:// are supported for "
            "standard streams",
            path);
    if (stat(path, &st) != 0)
        return fault_errno(fault, "standard stream %s", path);
    return S_ISFIFO(st.st_mode) ? open_fifo(io, n, path, fault)
                                : open_plain(io, n, path, fault);
}

bool io_open(struct io *io, const char *const paths[3], struct fault *fault)
{
    *io = IO_NONE;
    for (int n = 0; n < 3; n++) {
        if (!open_stream(io, n, paths[n] ? paths[n] : "", fault)) {
            io_fini(io);
            return false;
        }
    }
    return true;
}

void io_close_child(struct io *io)
{
    for (int n = 0; n < 3; n++)
        close_fd(&io->child[n]);
}

void io_close_stdin(struct io *io)
{
    close_fd(&io->kept[0]);
}

void io_fini(struct io *io)
{
    io_close_child(io);
    for (int n = 0; n < 3; n++)
        close_fd(&io->kept[n]);
}
