/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/cgroup.h"

#include "shim/memory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

enum { CGROUP2_MAGIC = 0x63677270, MAX_PIDS = 1 << 16 };

/* -- Files ----------------------------------------------------------------- */

bool cgroup_walk(const char *dir, size_t root_len, cgroup_visit *visit,
                 void *context)
{
    char part[PATH_MAX];
    size_t len = strlen(dir);

    for (size_t at = root_len + 1; at <= len && at < sizeof(part); at++) {
        if (dir[at] != '/' && dir[at] != '\0')
            continue;
        memcpy(part, dir, at);
        part[at] = '\0';
        if (!visit(part, context))
            return false;
    }
    return true;
}

/* For one directory of many. */
struct making {
    void (*made)(const char *);
    struct fault *fault;
};

static bool make_one(const char *dir, void *context)
{
    const struct making *making = context;

    if (mkdir(dir, 0755) != 0)
        return errno == EEXIST ||
               fault_errno(making->fault, "make cgroup %s", dir);
    if (making->made)
        making->made(dir);
    return true;
}

bool cgroup_mkdirs(const char *dir, size_t root_len, void (*made)(const char *),
                   struct fault *fault)
{
    struct making making = {made, fault};

    if (strlen(dir) >= PATH_MAX)
        return fault_set(fault, FAULT_INVALID, "%s: path too long", dir);
    /* Mostly those above are there. */
    if (mkdir(dir, 0755) == 0) {
        if (made)
            made(dir);
        return true;
    }
    return errno == EEXIST || cgroup_walk(dir, root_len, make_one, &making);
}

void cgroup_parent(const char *dir, char out[PATH_MAX])
{
    snprintf(out, PATH_MAX, "%.*s", (int)(strrchr(dir, '/') - dir), dir);
}

static bool write_text(const char *dir, const char *file, const char *format,
                       va_list args)
{
    char path[PATH_MAX], text[PATH_MAX];
    int len = vsnprintf(text, sizeof(text), format, args);
    int fd, error = 0;

    errno = EMSGSIZE;
    if (len < 0 || (size_t)len >= sizeof(text))
        return false;
    snprintf(path, sizeof(path), "%s/%s", dir, file);
    fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    if (write(fd, text, (size_t)len) != len)
        error = errno;
    close(fd);
    errno = error;
    return error == 0;
}

bool cgroup_write(const char *dir, const char *file, const char *format, ...)
{
    va_list args;
    bool ok;

    va_start(args, format);
    ok = write_text(dir, file, format, args);
    va_end(args);
    return ok;
}

bool cgroup_set(const char *dir, const char *file, struct fault *fault,
                const char *format, ...)
{
    char text[64];
    va_list args;
    int error;
    bool ok;

    va_start(args, format);
    ok = write_text(dir, file, format, args);
    va_end(args);
    if (ok)
        return true;
    error = errno;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    errno = error;
    return fault_errno(fault, "cgroup: set %s to %s", file, text);
}

bool cgroup_set_cpuset(const char *dir, const struct spec_resources *limits,
                       struct fault *fault)
{
    const char *cpus = limits->cpuset_cpus, *mems = limits->cpuset_mems;

    return (!cpus || !*cpus ||
            cgroup_set(dir, "cpuset.cpus", fault, "%s", cpus)) &&
           (!mems || !*mems ||
            cgroup_set(dir, "cpuset.mems", fault, "%s", mems));
}

void cgroup_read(const char *dir, const char *file, char *buf, size_t size)
{
    char path[PATH_MAX];
    size_t len = 0;
    ssize_t n = 1;
    int fd;

    snprintf(path, sizeof(path), "%s/%s", dir, file);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && n > 0 && len + 1 < size) {
        n = read(fd, buf + len, size - 1 - len);
        len += n > 0 ? (size_t)n : 0;
    }
    buf[len] = '\0';
    if (fd >= 0)
        close(fd);
}

uint64_t cgroup_read_number(const char *dir, const char *file)
{
    char text[64];

    cgroup_read(dir, file, text, sizeof(text));
    return strncmp(text, "max", 3) == 0 ? UINT64_MAX : strtoull(text, NULL, 10);
}

bool cgroup_has_word(const char *list, const char *separators, const char *word)
{
    size_t len = strlen(word);

    while (*list) {
        size_t part = strcspn(list, separators);

        if (part == len && strncmp(list, word, len) == 0)
            return true;
        list += part + (list[part] != '\0');
    }
    return false;
}

/* The number behind a word at the start of a line; 0 when there is none. */
static uint64_t find_number(const char *text, const char *word)
{
    size_t len = strlen(word);

    while (*text) {
        if (strncmp(text, word, len) == 0 && text[len] == ' ')
            return strtoull(text + len, NULL, 10);
        text += strcspn(text, "\n");
        text += *text == '\n';
    }
    return 0;
}

uint64_t cgroup_read_word(const char *dir, const char *file, const char *word)
{
    char text[1024];

    cgroup_read(dir, file, text, sizeof(text));
    return find_number(text, word);
}

void cgroup_read_fields(const char *dir, const char *file,
                        const struct cgroup_field *fields, void *message)
{
    char text[4096];

    cgroup_read(dir, file, text, sizeof(text));
    for (; fields->word; fields++)
        *(uint64_t *)(void *)((char *)message + fields->offset) =
            find_number(text, fields->word);
}

void cgroup_read_pids(const char *dir, Pb__PidsStat *pids)
{
    pids->current = cgroup_read_number(dir, "pids.current");
    pids->limit = cgroup_read_number(dir, "pids.max");
    if (pids->limit == UINT64_MAX)
        pids->limit = 0;
}

/* -- Its place ------------------------------------------------------------- */

/* "a-b.slice:prefix:name" as systemd nests it: /a.slice/a-b.slice/prefix-name
 * .scope.  NULL when it is not of that form. */
static char *expand_slice(const char *path)
{
    const char *colon = strchr(path, ':');
    const char *second = colon ? strchr(colon + 1, ':') : NULL;
    char *out;
    size_t len = 0, slice_len;

    if (!second || colon - path < 6 || strncmp(colon - 6, ".slice", 6) != 0)
        return NULL;
    slice_len = (size_t)(colon - path) - 6;
    out = mem_alloc((slice_len + 8) * (slice_len + 2) + strlen(path) + 16);
    for (size_t i = 1; i <= slice_len; i++) {
        if (i == slice_len || path[i] == '-')
            len += (size_t)sprintf(out + len, "/%.*s.slice", (int)i, path);
    }
    sprintf(out + len, "/%.*s-%s.scope", (int)(second - colon - 1), colon + 1,
            second + 1);
    return out;
}

/* No empty, "." or ".." component. */
static bool is_plain_path(const char *path)
{
    if (path[0] != '/' || path[1] == '\0' || strlen(path) > PATH_MAX / 2)
        return false;
    while (*path == '/') {
        size_t len = strcspn(++path, "/");

        if (len == 0 || (len == 1 && path[0] == '.') ||
            (len == 2 && path[0] == '.' && path[1] == '.'))
            return false;
        path += len;
    }
    return true;
}

static const struct cgroup_ops *find_ops(void)
{
    static const struct cgroup_ops *ops;
    static bool known;
    struct statfs fs;
    char dir[PATH_MAX];

    if (known)
        return ops;
    if (statfs("/sys/fs/cgroup", &fs) == 0 && fs.f_type == CGROUP2_MAGIC)
        ops = &cgroup_v2;
    else if (cgroup_v1.dir("", 0, dir, sizeof(dir)))
        ops = &cgroup_v1;
    known = true;
    return ops;
}

void cgroup_look(void)
{
    find_ops();
}

bool cgroup_init(struct cgroup *cgroup, const struct spec *spec, const char *id,
                 struct fault *fault)
{
    const char *path = spec->cgroups_path;
    char *slice = path ? expand_slice(path) : NULL;

    *cgroup = (struct cgroup){.ops = find_ops()};
    if (slice)
        cgroup->path = slice;
    else if (path && *path)
        cgroup->path = mem_format("%s%s", path[0] == '/' ? "" : "/", path);
    else
        cgroup->path = mem_format("/wasmrt/%s", id);
    if (is_plain_path(cgroup->path))
        return true;
    fault_set(fault, FAULT_INVALID, "config.json: linux.cgroupsPath %s: %s",
              cgroup->path, "not a path below the root");
    cgroup_fini(cgroup);
    return false;
}

void cgroup_fini(struct cgroup *cgroup)
{
    free(cgroup->path);
    *cgroup = (struct cgroup){0};
}

/* -- Processes ------------------------------------------------------------- */

bool cgroup_make(const struct cgroup *cgroup,
                 const struct spec_resources *limits, struct fault *fault)
{
    return !cgroup->ops || cgroup->ops->make(cgroup, limits, fault);
}

bool cgroup_join(const struct cgroup *cgroup,
                 const struct spec_resources *limits, struct fault *fault)
{
    return !cgroup->ops || cgroup->ops->join(cgroup, limits, fault);
}

void cgroup_leave(const struct cgroup *cgroup)
{
    struct cgroup root = {.ops = cgroup->ops, .path = (char *)""};
    struct fault ignored;

    cgroup_join(&root, NULL, &ignored);
}

static void read_pids(const char *dir, pid_t **pids, size_t *count)
{
    char *path = mem_format("%s/cgroup.procs", dir);
    FILE *file = fopen(path, "re");
    long pid;

    free(path);
    while (file && fscanf(file, "%ld", &pid) == 1 && *count < MAX_PIDS) {
        if (*count % 64 == 0) {
            pid_t *more = realloc(*pids, (*count + 64) * sizeof(**pids));

            if (!more)
                break;
            *pids = more;
        }
        (*pids)[(*count)++] = (pid_t)pid;
    }
    if (file)
        fclose(file);
}

/* The first directory that exists has all processes: they are in each. */
pid_t *cgroup_pids(const struct cgroup *cgroup, size_t *count_out)
{
    pid_t *pids = NULL;
    char dir[PATH_MAX];

    *count_out = 0;
    if (!cgroup->ops)
        return NULL;
    for (int n = 0; cgroup->ops->dir(cgroup->path, n, dir, sizeof(dir)); n++) {
        if (access(dir, F_OK) != 0)
            continue;
        read_pids(dir, &pids, count_out);
        if (*count_out > 0)
            break;
    }
    return pids;
}

void cgroup_signal(const struct cgroup *cgroup, int signal)
{
    size_t count;
    pid_t *pids = cgroup_pids(cgroup, &count);

    for (size_t i = 0; i < count; i++)
        kill(pids[i], signal);
    free(pids);
    if (signal == SIGKILL && cgroup->ops)
        cgroup->ops->freeze(cgroup->path, false);
}

/* Removes a directory and the groups below it, which the container made.  Its
 * depth is bounded by the length of a path. */
static bool remove_tree(const char *dir)
{
    DIR *list;
    struct dirent *entry;

    if (rmdir(dir) == 0 || errno == ENOENT || errno == ENOTDIR)
        return true;
    list = opendir(dir);
    while (list && (entry = readdir(list)) != NULL) {
        char *path = NULL;

        if (entry->d_type == DT_DIR && entry->d_name[0] != '.' &&
            strlen(dir) < PATH_MAX)
            path = mem_format("%s/%s", dir, entry->d_name);
        if (path)
            remove_tree(path);
        free(path);
    }
    if (list)
        closedir(list);
    return rmdir(dir) == 0 || errno == ENOENT;
}

bool cgroup_remove(const struct cgroup *cgroup)
{
    bool gone = true;
    char dir[PATH_MAX];

    if (!cgroup->ops)
        return true;
    for (int n = 0; cgroup->ops->dir(cgroup->path, n, dir, sizeof(dir)); n++)
        gone = remove_tree(dir) && gone;
    return gone;
}

bool cgroup_destroy(const struct cgroup *cgroup)
{
    struct timespec pause = {.tv_nsec = 1000 * 1000};

    for (int i = 0; i < 1000; i++) {
        cgroup_signal(cgroup, SIGKILL);
        if (cgroup_remove(cgroup))
            return true;
        nanosleep(&pause, NULL);
    }
    return false;
}

/* -- The rest -------------------------------------------------------------- */

bool cgroup_freeze(const struct cgroup *cgroup, bool on)
{
    return cgroup->ops && cgroup->ops->freeze(cgroup->path, on);
}

bool cgroup_is_frozen(const struct cgroup *cgroup)
{
    return cgroup->ops && cgroup->ops->is_frozen(cgroup->path);
}

void cgroup_oom_open(const struct cgroup *cgroup, struct cgroup_oom *oom)
{
    *oom = (struct cgroup_oom){.event_fd = -1, .watch_fd = -1};
    if (!cgroup->ops)
        return;
    oom->seen = cgroup->ops->oom_kills(cgroup->path);
    cgroup->ops->watch_oom(cgroup->path, oom);
}

bool cgroup_oom_happened(const struct cgroup *cgroup, struct cgroup_oom *oom)
{
    uint64_t kills = cgroup->ops ? cgroup->ops->oom_kills(cgroup->path) : 0;
    bool happened = kills > oom->seen;

    if (happened)
        oom->seen = kills;
    return happened;
}

void cgroup_oom_close(struct cgroup_oom *oom)
{
    if (oom->event_fd >= 0)
        close(oom->event_fd);
    if (oom->watch_fd >= 0)
        close(oom->watch_fd);
    oom->event_fd = oom->watch_fd = -1;
}

bool cgroup_stats(const struct cgroup *cgroup, Pb__Any *out)
{
    return cgroup->ops && cgroup->ops->stats(cgroup->path, out);
}
