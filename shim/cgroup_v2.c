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

/* Each on its own: one that the kernel lacks must not keep the others away. */
static void hand_down(const char *dir)
{
    static const char *const names[] = {"cpu", "cpuset", "memory", "pids",
                                        "io"};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        cgroup_write(dir, "cgroup.subtree_control", "+%s", names[i]);
}

static void hand_down_above(const char *path)
{
    char dir[PATH_MAX];

    hand_down(ROOT);
    dir_of(path, dir);
    for (size_t at = sizeof(ROOT); dir[at]; at++) {
        if (dir[at] != '/')
            continue;
        dir[at] = '\0';
        hand_down(dir);
        dir[at] = '/';
    }
}

static bool set(const char *dir, const char *file, int64_t value,
                struct fault *fault)
{
    bool ok = value < 0 ? cgroup_write(dir, file, "max")
                        : cgroup_write(dir, file, "%" PRId64, value);

    return ok || fault_errno(fault, "cgroup: set %s to %" PRId64, file, value);
}

/* Shares go from 2 to 262144 with 1024 in the middle, weights from 1 to 10000
 * with 100: this is the mapping that every container runtime uses. */
static bool set_cpu(const char *dir, const struct spec_resources *limits,
                    struct fault *fault)
{
    int64_t shares = limits->cpu_shares.value;
    int64_t period =
        limits->cpu_period.value > 0 ? limits->cpu_period.value : 100000;

    if (shares > 262144)
        shares = 262144;
    if (shares >= 2 &&
        !set(dir, "cpu.weight", 1 + (shares - 2) * 9999 / 262142, fault))
        return false;
    if (limits->cpu_quota.value > 0 &&
        !cgroup_write(dir, "cpu.max", "%" PRId64 " %" PRId64,
                      limits->cpu_quota.value, period))
        return fault_errno(fault, "cgroup: set cpu.max");
    return true;
}

/* In version 1 the limit of swap includes memory, here it does not. */
static bool set_memory(const char *dir, const struct spec_resources *limits,
                       struct fault *fault)
{
    int64_t limit = limits->memory_limit.value;
    int64_t swap = limits->memory_swap.value;

    if (limit != 0 && !set(dir, "memory.max", limit, fault))
        return false;
    if (limit > 0 && swap >= limit &&
        !cgroup_write(dir, "memory.swap.max", "%" PRId64, swap - limit) &&
        errno != ENOENT)
        return fault_errno(fault, "cgroup: set memory.swap.max");
    return limits->memory_reservation.value <= 0 ||
           set(dir, "memory.low", limits->memory_reservation.value, fault);
}

static bool set_cpuset(const char *dir, const struct spec_resources *limits,
                       struct fault *fault)
{
    const char *cpus = limits->cpuset_cpus, *mems = limits->cpuset_mems;

    if (cpus && *cpus && !cgroup_write(dir, "cpuset.cpus", "%s", cpus))
        return fault_errno(fault, "cgroup: set cpuset.cpus to %s", cpus);
    if (mems && *mems && !cgroup_write(dir, "cpuset.mems", "%s", mems))
        return fault_errno(fault, "cgroup: set cpuset.mems to %s", mems);
    return true;
}

static bool make(const struct cgroup *cgroup,
                 const struct spec_resources *limits, struct fault *fault)
{
    char dir[PATH_MAX];

    dir_of(cgroup->path, dir);
    if (!cgroup_mkdirs(dir, sizeof(ROOT) - 1, NULL, fault))
        return false;
    hand_down_above(cgroup->path);
    return set_memory(dir, limits, fault) && set_cpu(dir, limits, fault) &&
           set_cpuset(dir, limits, fault) &&
           (limits->pids_limit.value <= 0 ||
            set(dir, "pids.max", limits->pids_limit.value, fault));
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
    char dir[PATH_MAX], text[256];

    dir_of(path, dir);
    cgroup_read(dir, "cgroup.events", text, sizeof(text));
    return cgroup_find_number(text, "frozen") == 1;
}

static uint64_t oom_kills(const char *path)
{
    char dir[PATH_MAX], text[512];

    dir_of(path, dir);
    cgroup_read(dir, "memory.events", text, sizeof(text));
    return cgroup_find_number(text, "oom_kill");
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

static void read_cpu(const char *dir, Pb__V2Cpu *cpu)
{
    char text[1024];

    cgroup_read(dir, "cpu.stat", text, sizeof(text));
    cpu->usage_usec = cgroup_find_number(text, "usage_usec");
    cpu->user_usec = cgroup_find_number(text, "user_usec");
    cpu->system_usec = cgroup_find_number(text, "system_usec");
    cpu->nr_periods = cgroup_find_number(text, "nr_periods");
    cpu->nr_throttled = cgroup_find_number(text, "nr_throttled");
    cpu->throttled_usec = cgroup_find_number(text, "throttled_usec");
}

static void read_memory(const char *dir, Pb__V2Memory *memory)
{
    static const struct {
        const char *word;
        size_t offset;
    } fields[] = {
#define FIELD(word, member) {word, offsetof(Pb__V2Memory, member)},
#include "shim/memory_v2.def"
#undef FIELD
    };
    char text[4096];

    cgroup_read(dir, "memory.stat", text, sizeof(text));
    for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
        *(uint64_t *)(void *)((char *)memory + fields[i].offset) =
            cgroup_find_number(text, fields[i].word);
    memory->usage = cgroup_read_number(dir, "memory.current");
    memory->usage_limit = cgroup_read_number(dir, "memory.max");
}

static void read_events(const char *dir, Pb__V2MemoryEvents *events)
{
    char text[512];

    cgroup_read(dir, "memory.events", text, sizeof(text));
    events->low = cgroup_find_number(text, "low");
    events->high = cgroup_find_number(text, "high");
    events->max = cgroup_find_number(text, "max");
    events->oom = cgroup_find_number(text, "oom");
    events->oom_kill = cgroup_find_number(text, "oom_kill");
}

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
    read_cpu(dir, metrics.cpu = &cpu);
    read_memory(dir, metrics.memory = &memory);
    read_events(dir, metrics.memory_events = &events);
    cgroup_read_pids(dir, &pids);
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
