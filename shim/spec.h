/*
 * A container's config.json (OCI runtime specification), as far as this shim
 * acts on it.
 *
 * The file is written by containerd, but much of what is in it comes from users
 * and images, so it is read as hostile: bounded in size and depth, each value
 * of the right type, numbers in range, no NUL inside a string.  What we do not
 * act on is not looked at.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SHIM_SPEC_H
#define SHIM_SPEC_H

#include "shim/fault.h"

#include <json-c/json.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { SPEC_MAX_BYTES = 4 << 20, SPEC_MAX_DEPTH = 24 };

enum spec_namespace {
#define NAMESPACE(id, name, file, flag) SPEC_NS_##id,
#include "shim/namespaces.def"
#undef NAMESPACE
    SPEC_NS_COUNT
};

/* The five sets of capabilities, as bits of their numbers. */
enum spec_capset {
    SPEC_CAP_BOUNDING,
    SPEC_CAP_EFFECTIVE,
    SPEC_CAP_PERMITTED,
    SPEC_CAP_INHERITABLE,
    SPEC_CAP_AMBIENT,
    SPEC_CAP_COUNT
};

struct spec_strings {
    const char **items; /* NULL at the end */
    size_t count;
};

struct spec_mount {
    const char *destination, *type, *source;
    struct spec_strings options;
};

struct spec_rlimit {
    const char *name;
    int resource; /* RLIMIT_* */
    uint64_t soft, hard;
};

struct spec_device_rule {
    bool allow;
    char type;            /* a, b or c */
    int64_t major, minor; /* -1: any */
    const char *access;
};

/* A value that may be absent. */
struct spec_number {
    bool given;
    int64_t value;
};

/* What to write to a file of a control group of version 2. */
struct spec_setting {
    const char *file, *value;
};

struct spec_resources {
    struct spec_number memory_limit, memory_swap, memory_reservation;
    struct spec_number cpu_shares, cpu_quota, cpu_period;
    const char *cpuset_cpus, *cpuset_mems; /* NULL when absent */
    struct spec_number pids_limit, blkio_weight;
    struct spec_device_rule *devices;
    size_t device_count;
    struct spec_setting *unified;
    size_t unified_count;
};

/* Owner: whoever read it.  All strings live in `json`. */
struct spec {
    struct json_object *json;
    const char *root_path;
    bool root_readonly;

    struct spec_strings args, env;
    const char *cwd;
    bool terminal, no_new_privileges, has_capabilities;
    uid_t uid;
    gid_t gid;
    gid_t *groups;
    size_t group_count;
    struct spec_number umask, oom_score_adj;
    uint64_t capabilities[SPEC_CAP_COUNT];
    struct spec_rlimit *rlimits;
    size_t rlimit_count;

    const char *hostname; /* NULL when absent */
    struct spec_mount *mounts;
    size_t mount_count;
    const char *cgroups_path; /* NULL when absent */
    const char *rootfs_propagation;
    bool has_namespace[SPEC_NS_COUNT];
    const char *namespace_path[SPEC_NS_COUNT]; /* NULL: a new one */
    struct spec_strings masked_paths, readonly_paths;
    struct spec_resources resources;

    struct json_object *annotations, *sysctl, *seccomp; /* borrowed or NULL */
};

/* Reads `dir`/config.json; dir NULL is the working directory.  On failure the
 * spec is empty. */
bool spec_read(struct spec *spec, const char *dir, struct fault *fault);

/* Its bytes, in fresh memory; NULL with a fault. */
char *spec_read_text(const char *dir, size_t *len_out, struct fault *fault);

/* The same from memory. */
bool spec_parse(struct spec *spec, const char *text, size_t len,
                struct fault *fault);

void spec_fini(struct spec *spec);

/* The value of an annotation, borrowed; NULL when there is none. */
const char *spec_annotation(const struct spec *spec, const char *name);

/* The pod that the container belongs to, or NULL. */
#define SPEC_SANDBOX_ID "io.kubernetes.cri.sandbox-id"
const char *spec_sandbox_id(const struct spec *spec);

/* Whether the container is the one that keeps a pod's namespaces. */
bool spec_is_sandbox(const struct spec *spec);

/* The root file system's directory on the node, in fresh memory. */
char *spec_root_dir(const struct spec *spec, const char *bundle);

/* The value of an environment variable of the container, or NULL. */
const char *spec_env(const struct spec *spec, const char *name);

#endif
