/*
 * The control group of a container, version 1 or 2 behind one interface.
 *
 * Its place follows from config.json alone, so that a `delete` without a shim
 * finds it.  It is made and joined by the container's own process while that is
 * still privileged: moving oneself is far cheaper for the kernel than being
 * moved, and the shim's loop never waits for it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SHIM_CGROUP_H
#define SHIM_CGROUP_H

#include "shim/proto/stats.pb-c.h"
#include "shim/proto/ttrpc.pb-c.h"
#include "shim/spec.h"

#include <limits.h>
#include <stdio.h>

struct cgroup {
    const struct cgroup_ops *ops; /* NULL: this system has none */
    char *path;                   /* below the mounts; starts with '/' */
    /* Of a process that only waits: of version 1 it has one group, by which it
     * is found, and is counted by those of its pod. */
    bool is_idle;
};

/* How often the kernel killed for lack of memory, and that it did again. */
struct cgroup_oom {
    int event_fd; /* readable when something may have happened; -1: none */
    int watch_fd; /* what event_fd hangs on, or -1 */
    uint64_t seen;
};

/* One version; a path is that of a struct cgroup. */
struct cgroup_ops {
    bool (*make)(const struct cgroup *cgroup,
                 const struct spec_resources *limits, struct fault *fault);
    /* limits: as they were made with; NULL: the root group */
    bool (*join)(const struct cgroup *cgroup,
                 const struct spec_resources *limits, struct fault *fault);
    /* One directory per controller; n counts from 0; false past the last. */
    bool (*dir)(const char *path, int n, char *out, size_t size);
    bool (*freeze)(const char *path, bool on);
    bool (*is_frozen)(const char *path);
    uint64_t (*oom_kills)(const char *path);
    void (*watch_oom)(const char *path, struct cgroup_oom *oom);
    bool (*stats)(const char *path, Pb__Any *out);
};

extern const struct cgroup_ops cgroup_v1, cgroup_v2;

/* Looks for the version and the mounts once, also for processes that are forked
 * from here on. */
void cgroup_look(void);

/* Finds the place; makes nothing.  `id` names it when config.json does not. */
bool cgroup_init(struct cgroup *cgroup, const struct spec *spec, const char *id,
                 struct fault *fault);
void cgroup_fini(struct cgroup *cgroup);

/* Makes it with its limits, or takes the one that is there. */
bool cgroup_make(const struct cgroup *cgroup,
                 const struct spec_resources *limits, struct fault *fault);

/* Moves the calling process, which has one thread, to where it was made. */
bool cgroup_join(const struct cgroup *cgroup,
                 const struct spec_resources *limits, struct fault *fault);

/* Moves the calling process to the root group. */
void cgroup_leave(const struct cgroup *cgroup);

/* All processes in it, in fresh memory. */
pid_t *cgroup_pids(const struct cgroup *cgroup, size_t *count_out);

/* Sends a signal to all; thaws for SIGKILL. */
void cgroup_signal(const struct cgroup *cgroup, int signal);

/* Kills whatever is left, waiting up to a second, and removes it.  Whether it
 * is gone. */
bool cgroup_destroy(const struct cgroup *cgroup);

/* Whether it is gone after one attempt; kills nothing. */
bool cgroup_remove(const struct cgroup *cgroup);

bool cgroup_freeze(const struct cgroup *cgroup, bool on);
bool cgroup_is_frozen(const struct cgroup *cgroup);

void cgroup_oom_open(const struct cgroup *cgroup, struct cgroup_oom *oom);
/* Whether there were kills since the last call. */
bool cgroup_oom_happened(const struct cgroup *cgroup, struct cgroup_oom *oom);
void cgroup_oom_close(struct cgroup_oom *oom);

/* Usage as a message that containerd's clients know; value is the caller's. */
bool cgroup_stats(const struct cgroup *cgroup, Pb__Any *out);

/* -- For the two versions -------------------------------------------------- */

/* Visits the directories from the first one below the root, whose path is the
 * first `root_len` bytes, down to `dir`, until one is refused. */
typedef bool cgroup_visit(const char *dir, void *context);
bool cgroup_walk(const char *dir, size_t root_len, cgroup_visit *visit,
                 void *context);
/* Makes a directory and those above it that are missing; `made` may be NULL and
 * hears of each that is new. */
bool cgroup_mkdirs(const char *dir, size_t root_len, void (*made)(const char *),
                   struct fault *fault);
/* The directory above. */
void cgroup_parent(const char *dir, char out[PATH_MAX]);

/* Writes a value to DIR/FILE; on failure errno is set. */
bool cgroup_write(const char *dir, const char *file, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same with a fault that says what could not be set. */
bool cgroup_set(const char *dir, const char *file, struct fault *fault,
                const char *format, ...) __attribute__((format(printf, 4, 5)));
/* Both versions have these files. */
bool cgroup_set_cpuset(const char *dir, const struct spec_resources *limits,
                       struct fault *fault);

/* Reads DIR/FILE into buf, with a NUL; "" when it cannot be read. */
void cgroup_read(const char *dir, const char *file, char *buf, size_t size);
/* Whether a word is one of a list with these separators. */
bool cgroup_has_word(const char *list, const char *separators,
                     const char *word);
/* A number that is a whole file; "max" is UINT64_MAX, and what the kernel does
 * not count is 0. */
uint64_t cgroup_read_number(const char *dir, const char *file);
/* The number behind a word at the start of a line; 0 when there is none. */
uint64_t cgroup_read_word(const char *dir, const char *file, const char *word);

/* Where in a message the number behind a word goes, a uint64_t; a list of them
 * ends with a word that is NULL. */
struct cgroup_field {
    const char *word;
    size_t offset;
};
void cgroup_read_fields(const char *dir, const char *file,
                        const struct cgroup_field *fields, void *message);
/* Both versions have these files; the limit is 0 when there is none. */
void cgroup_read_pids(const char *dir, Pb__PidsStat *pids);

#endif
