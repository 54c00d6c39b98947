/*
 * cli/os.h for Linux.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "cli/os.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { PIPE_BYTES = 64 * 1024 };

/* One byte more than the size says, so that the end of a regular file is seen
 * without growing the buffer. */
static size_t first_size(int fd)
{
    struct stat st;

    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size <= 0 ||
        (uint64_t)st.st_size >= SIZE_MAX / 2)
        return PIPE_BYTES;
    return (size_t)st.st_size + 1;
}

/* Returns 0 or an errno.  Reads until there is no more, with room left. */
static int read_whole(int fd, uint8_t **bytes_out, size_t *len_out)
{
    size_t cap = first_size(fd), len = 0;
    uint8_t *bytes = malloc(cap);
    ssize_t got = 1;

    while (bytes && got != 0) {
        got = read(fd, bytes + len, cap - len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            int why = errno;

            free(bytes);
            return why;
        }
        len += (size_t)got;
        if (len == cap && got > 0) {
            uint8_t *more = cap < SIZE_MAX / 2 ? realloc(bytes, cap * 2) : NULL;

            if (!more)
                free(bytes);
            bytes = more;
            cap *= 2;
        }
    }
    if (!bytes)
        return ENOMEM;
    bytes[len] = 0;
    *bytes_out = bytes;
    *len_out = len;
    return 0;
}

const char *cli_read_file(const char *path, uint8_t **bytes_out,
                          size_t *len_out)
{
    bool is_stdin = strcmp(path, "-") == 0;
    int fd = is_stdin ? 0 : open(path, O_RDONLY | O_CLOEXEC), why;

    if (fd < 0)
        return strerror(errno);
    why = read_whole(fd, bytes_out, len_out);
    if (!is_stdin)
        close(fd);
    return why ? strerror(why) : NULL;
}

bool cli_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

/* Of the text alone. */
static void cut_last_name(char *path)
{
    char *slash = strrchr(path, '/');

    if (!slash)
        strcpy(path, ".");
    else if (slash == path)
        path[1] = '\0';
    else
        *slash = '\0';
}

bool cli_directory_of(const char *path, char *out, size_t size)
{
    char *real = realpath(path, NULL), *copy;
    struct stat st;
    bool fits;

    if (!real) { /* what is to be made */
        copy = strdup(path);
        if (copy) {
            cut_last_name(copy);
            real = realpath(copy, NULL);
        }
        free(copy);
    }
    if (!real)
        return false;
    if (stat(real, &st) == 0 && !S_ISDIR(st.st_mode))
        cut_last_name(real);
    fits = strlen(real) < size;
    if (fits)
        strcpy(out, real);
    free(real);
    return fits;
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void cli_lock(void)
{
    pthread_mutex_lock(&lock);
}

void cli_unlock(void)
{
    pthread_mutex_unlock(&lock);
}

const char *cli_why(void)
{
    return strerror(errno);
}

bool cli_is_terminal(int fd)
{
    return isatty(fd);
}

unsigned long cli_process_id(void)
{
    return (unsigned long)getpid();
}

uint64_t cli_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

uint64_t cli_peak_bytes(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (uint64_t)usage.ru_maxrss * 1024;
}

static void (*on_interrupt)(void);

static void handle_sigint(int signal)
{
    (void)signal;
    on_interrupt();
}

/* Without SA_RESTART, a system call that waits for input returns to the guest,
 * where the interrupt takes effect. */
void cli_on_interrupt(void (*fn)(void))
{
    struct sigaction action = {.sa_flags = (int)SA_RESETHAND}, old;

    if (sigaction(SIGINT, NULL, &old) == 0 && old.sa_handler == SIG_IGN)
        return;
    on_interrupt = fn;
    action.sa_handler = handle_sigint;
    sigaction(SIGINT, &action, NULL);
}

/* -- Files for other tools ------------------------------------------------- */

unsigned long cli_thread_id(void)
{
    return (unsigned long)syscall(SYS_gettid);
}

/* The names are known in advance, and some places are everybody's. */
FILE *cli_create_file(const char *path, const char **why)
{
    int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    FILE *file = NULL;
    struct stat st;

    if (fd < 0) {
        *why = strerror(errno);
        return NULL;
    }
    *why = "it is not a file of ours";
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1 &&
        st.st_uid == geteuid()) {
        *why = "it cannot be emptied";
        if (ftruncate(fd, 0) == 0)
            file = fdopen(fd, "w");
        if (file)
            *why = NULL;
    }
    if (!file)
        close(fd);
    return file;
}

bool cli_map_as_code(FILE *file)
{
    long page = sysconf(_SC_PAGESIZE);

    return mmap(NULL, (size_t)page, PROT_READ | PROT_EXEC, MAP_PRIVATE,
                fileno(file), 0) != MAP_FAILED;
}

char *cli_output_of(const char *command)
{
    FILE *pipe = popen(command, "r");
    uint8_t *bytes = NULL;
    size_t len = 0;

    if (!pipe)
        return NULL;
    if (read_whole(fileno(pipe), &bytes, &len) != 0)
        bytes = NULL;
    if (bytes)
        bytes[len] = '\0';
    if (pclose(pipe) != 0 || len == 0) {
        free(bytes);
        bytes = NULL;
    }
    return (char *)bytes;
}

bool cli_write_temporary(const void *bytes, size_t len, char path[64])
{
    int fd;
    bool ok;

    strcpy(path, "/tmp/wasmrt-XXXXXX");
    fd = mkstemp(path);
    if (fd < 0)
        return false;
    ok = write(fd, bytes, len) == (ssize_t)len;
    close(fd);
    if (!ok)
        cli_remove(path);
    return ok;
}

void cli_remove(const char *path)
{
    unlink(path);
}
