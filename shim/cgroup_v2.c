/*
 * Version 2: one hierarchy.  A controller works in a group only when each group
 * above hands it down.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/cgroup.h"

#include "shim/message.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#define ROOT "/sys/fs/cgroup"

static void dir_of(const char *path, char out[PATH_MAX])
{
    snprintf(out, PATH_MAX, ROOT "%s", path);
}

static bool nth_dir(const char *path, int n, char *out, size_t size)
{
    return n == 0 && snprintf(out, size, ROOT "%s", path) < (int)size;
}

/* Lets a directory's groups have what it has itself, for the directory above a
 * group.  Each controller on its own, so that one that is refused does not keep
 * the others away; what is there is not written, since the kernel would wait
 * for groups that are on their way out. */
static bool hand_down_to(const char *dir, void *unused)
{
    static const char *const names[] = {"cpu", "cpuset", "memory", "pids",
                                        "io"};
    char parent[PATH_MAX], own[256], handed[256];

    (void)unused;
    cgroup_parent(dir, parent);
    cgroup_read(parent, "cgroup.controllers", own, sizeof(own));
    cgroup_read(parent, "cgroup.subtree_control", handed, sizeof(handed));
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (cgroup_has_word(own, " \n", names[i]) &&
            !cgroup_has_word(handed, " \n", names[i]))
            cgroup_write(parent, "cgroup.subtree_control", "+%s", names[i]);
    }
    return true;
}

/* A negative limit is none. */
static bool set_limit(const char *dir, const char *file, int64_t value,
                      struct fault *fault)
{
    return value < 0 ? cgroup_set(dir, file, fault, "max")
                     : cgroup_set(dir, file, fault, "%" PRId64, value);
}

/* Maps a value of version 1 to one from 1 to 10000, as every container runtime
 * does. */
static int64_t weight_of(int64_t value, int64_t min, int64_t max)
{
    value = value < min ? min : value > max ? max : value;
    return 1 + (value - min) * 9999 / (max - min);
}

static bool set_cpu(const char *dir, const struct spec_resources *limits,
                    struct fault *fault)
{
    int64_t shares = limits->cpu_shares.value;
    int64_t quota = limits->cpu_quota.value, period = limits->cpu_period.value;

    if (shares > 0 && !cgroup_set(dir, "cpu.weight", fault, "%" PRId64,
                                  weight_of(shares, 2, 262144)))
        return false;
    if (period <= 0)
        period = 100000;
    return quota <= 0 || cgroup_set(dir, "cpu.max", fault,
                                    "%" PRId64 " %" PRId64, quota, period);
}

/* In version 1 the limit of swap includes memory, here it does not. */
static bool set_memory(const char *dir, const struct spec_resources *limits,
                       struct fault *fault)
{
    int64_t limit = limits->memory_limit.value;
    int64_t swap = limits->memory_swap.value;

    if (limit != 0 && !set_limit(dir, "memory.max", limit, fault))
        return false;
    if (limit > 0 && swap >= limit &&
        !cgroup_write(dir, "memory.swap.max", "%" PRId64, swap - limit) &&
        errno != ENOENT)
        return fault_errno(fault, "cgroup: set memory.swap.max");
    return limits->memory_reservation.value <= 0 ||
           set_limit(dir, "memory.low", limits->memory_reservation.value,
                     fault);
}

/* What schedules the disks decides which file there is, if any. */
static bool set_io(const char *dir, const struct spec_resources *limits,
                   struct fault *fault)
{
    int64_t weight = limits->blkio_weight.value;

    return weight <= 0 ||
           cgroup_write(dir, "io.bfq.weight", "%" PRId64, weight) ||
           cgroup_write(dir, "io.weight", "%" PRId64,
                        weight_of(weight, 10, 1000)) ||
           errno == ENOENT || errno == EOPNOTSUPP ||
           fault_errno(fault, "cgroup: set io.weight");
}

/* Last, so that what is said in the words of this version counts. */
static bool set_unified(const char *dir, const struct spec_resources *limits,
                        struct fault *fault)
{
    for (size_t i = 0; i < limits->unified_count; i++) {
        const struct spec_setting *setting = &limits->unified[i];

        if (!cgroup_set(dir, setting->file, fault, "%s", setting->value))
            return false;
    }
    return true;
}

static bool make(const struct cgroup *cgroup,
                 const struct spec_resources *limits, struct fault *fault)
{
    char dir[PATH_MAX];

    dir_of(cgroup->path, dir);
    return cgroup_mkdirs(dir, sizeof(ROOT) - 1, NULL, fault) &&
           cgroup_walk(dir, sizeof(ROOT) - 1, hand_down_to, NULL) &&
           set_memory(dir, limits, fault) && set_cpu(dir, limits, fault) &&
           cgroup_set_cpuset(dir, limits, fault) &&
           set_io(dir, limits, fault) &&
           (limits->pids_limit.value <= 0 ||
            set_limit(dir, "pids.max", limits->pids_limit.value, fault)) &&
           set_unified(dir, limits, fault);
}

static bool join(const struct cgroup *cgroup,
                 const struct spec_resources *limits, struct fault *fault)
{
    char dir[PATH_MAX];

    (void)limits;
    dir_of(cgroup->path, dir);
    return cgroup_write(dir, "cgroup.procs", "0") ||
           fault_errno(fault, "join cgroup %s", dir);
}

static bool freeze(const char *path, bool on)
{
    char dir[PATH_MAX];

    dir_of(path, dir);
    return cgroup_write(dir, "cgroup.freeze", "%d", on);
}

static bool is_frozen(const char *path)
{
    char dir[PATH_MAX];

    dir_of(path, dir);
    return cgroup_read_word(dir, "cgroup.events", "frozen") == 1;
}

static uint64_t oom_kills(const char *path)
{
    char dir[PATH_MAX];

    dir_of(path, dir);
    return cgroup_read_word(dir, "memory.events", "oom_kill");
}

static void watch_oom(const char *path, struct cgroup_oom *oom)
{
    char dir[PATH_MAX], file[PATH_MAX + 32];

    dir_of(path, dir);
    snprintf(file, sizeof(file), "%s/memory.events", dir);
    oom->event_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (oom->event_fd >= 0 &&
        inotify_add_watch(oom->event_fd, file, IN_MODIFY) < 0)
        cgroup_oom_close(oom);
}

/* -- Statistics ------------------------------------------------------------ */

static const struct cgroup_field cpu_fields[] = {
#define FIELD(name) {#name, offsetof(Pb__V2Cpu, name)}
    FIELD(usage_usec),
    FIELD(user_usec),
    FIELD(system_usec),
    FIELD(nr_periods),
    FIELD(nr_throttled),
    FIELD(throttled_usec),
#undef FIELD
    {0}};

static const struct cgroup_field memory_fields[] = {
#define FIELD(word, member) {word, offsetof(Pb__V2Memory, member)},
#include "shim/memory_v2.def"
#undef FIELD
    {0}};

static const struct cgroup_field event_fields[] = {
#define FIELD(name) {#name, offsetof(Pb__V2MemoryEvents, name)}
    FIELD(low), FIELD(high), FIELD(max), FIELD(oom), FIELD(oom_kill),
#undef FIELD
    {0}};

static bool stats(const char *path, Pb__Any *out)
{
    Pb__V2Metrics metrics = PB__V2_METRICS__INIT;
    Pb__PidsStat pids = PB__PIDS_STAT__INIT;
    Pb__V2Cpu cpu = PB__V2_CPU__INIT;
    Pb__V2Memory memory = PB__V2_MEMORY__INIT;
    Pb__V2MemoryEvents events = PB__V2_MEMORY_EVENTS__INIT;
    char dir[PATH_MAX];

    dir_of(path, dir);
    if (access(dir, F_OK) != 0)
        return false;
    cgroup_read_fields(dir, "cpu.stat", cpu_fields, &cpu);
    cgroup_read_fields(dir, "memory.stat", memory_fields, &memory);
    memory.usage = cgroup_read_number(dir, "memory.current");
    memory.usage_limit = cgroup_read_number(dir, "memory.max");
    memory.swap_usage = cgroup_read_number(dir, "memory.swap.current");
    memory.swap_limit = cgroup_read_number(dir, "memory.swap.max");
    cgroup_read_fields(dir, "memory.events", event_fields, &events);
    cgroup_read_pids(dir, &pids);
    metrics.cpu = &cpu;
    metrics.memory = &memory;
    metrics.memory_events = &events;
    metrics.pids = &pids;
    out->type_url = (char *)"io.containerd.cgroups.v2.Metrics";
    out->value = message_pack_bytes(&metrics);
    return true;
}

const struct cgroup_ops cgroup_v2 = {
    .make = make,
    .join = join,
    .dir = nth_dir,
    .freeze = freeze,
    .is_frozen = is_frozen,
    .oom_kills = oom_kills,
    .watch_oom = watch_oom,
    .stats = stats,
};
