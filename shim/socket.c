/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/socket.h"

#include "shim/memory.h"
#include "shim/sha256.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define SOCKET_DIR "/run/containerd/s"

char *socket_path(const char *containerd, const char *namespace_name,
                  const char *group)
{
    char *text =
        mem_format("wasmrt\n%s\n%s\n%s", containerd, namespace_name, group);
    char hex[SHA256_HEX_BYTES];

    sha256_hex(text, strlen(text), hex);
    free(text);
    return mem_format(SOCKET_DIR "/%s", hex);
}

int socket_lock(struct fault *fault)
{
    int lock;

    if ((mkdir("/run/containerd", 0711) != 0 && errno != EEXIST) ||
        (mkdir(SOCKET_DIR, 0700) != 0 && errno != EEXIST)) {
        fault_errno(fault, "make %s", SOCKET_DIR);
        return -1;
    }
    lock = open(SOCKET_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lock >= 0 && flock(lock, LOCK_EX) == 0)
        return lock;
    fault_errno(fault, "lock %s", SOCKET_DIR);
    if (lock >= 0)
        close(lock);
    return -1;
}

static bool fill_address(struct sockaddr_un *address, const char *path)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(address->sun_path))
        return false;
    memcpy(address->sun_path, path, strlen(path) + 1);
    return true;
}

int socket_connect(const char *path)
{
    struct sockaddr_un address;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd >= 0 && fill_address(&address, path) &&
        connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

bool socket_is_served(const char *path)
{
    int fd = socket_connect(path);

    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

/* Only the owner gets in: the mask holds from the first moment on. */
int socket_listen(const char *path, struct fault *fault)
{
    struct sockaddr_un address;
    mode_t mask = umask(0177);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool ok = fd >= 0 && fill_address(&address, path) &&
              (unlink(path) == 0 || errno == ENOENT) &&
              bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
              listen(fd, 64) == 0;

    umask(mask);
    if (ok)
        return fd;
    fault_errno(fault, "listen on %s", path);
    if (fd >= 0)
        close(fd);
    return -1;
}
