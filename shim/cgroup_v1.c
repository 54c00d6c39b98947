/*
 * Version 1: a hierarchy per controller, each with a directory for the
 * container. Where two controllers share a mount they share the directory, too.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/cgroup.h"

#include "shim/message.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum controller {
    CPU,
    CPUACCT,
    CPUSET,
    MEMORY,
    DEVICES,
    FREEZER,
    BLKIO,
    PIDS,
    PERF_EVENT,
    NET_CLS,
    NET_PRIO,
    HUGETLB,
    CONTROLLER_COUNT
};

/* What controls nothing, but has a directory of each Linux container. */
enum {
    SYSTEMD = CONTROLLER_COUNT,
    UNIFIED, /* version 2 beside version 1 */
    MOUNT_COUNT
};

static const char *const names[MOUNT_COUNT] = {
    "cpu",          "cpuacct", "cpuset",     "memory",  "devices",  "freezer",
    "blkio",        "pids",    "perf_event", "net_cls", "net_prio", "hugetlb",
    "name=systemd", ""};

/* -- Mounts ---------------------------------------------------------------- */

struct mounts {
    bool known;
    char *root[MOUNT_COUNT]; /* NULL: not mounted */
};

/* "36 35 98:0 / /mount/point rw - cgroup source options" */
static void take_line(struct mounts *mounts, char *line)
{
    char *dash = strstr(line, " - cgroup"), *point = line, *options;
    bool is_v2 = dash && strncmp(dash, " - cgroup2 ", 11) == 0;

    if (!dash || (!is_v2 && dash[9] != ' '))
        return;
    for (int i = 0; i < 4 && point; i++) {
        point = strchr(point, ' ');
        point = point ? point + 1 : NULL;
    }
    options = strrchr(dash, ' ');
    if (!point || point > dash || !options)
        return;
    point[strcspn(point, " ")] = '\0';
    for (int n = 0; n < MOUNT_COUNT; n++) {
        if (!mounts->root[n] &&
            (is_v2 ? n == UNIFIED
                   : cgroup_has_word(options + 1, ",\n", names[n])))
            mounts->root[n] = strdup(point);
    }
}

/* Looked up once: they do not move while a node runs. */
static const struct mounts *find_mounts(void)
{
    static struct mounts mounts;
    char *line = NULL;
    size_t size = 0;
    FILE *file;

    if (mounts.known)
        return &mounts;
    file = fopen("/proc/self/mountinfo", "re");
    while (file && getline(&line, &size, file) > 0)
        take_line(&mounts, line);
    if (file)
        fclose(file);
    free(line);
    mounts.known = true;
    return &mounts;
}

/* The container's directory of a controller; false when that is not mounted. */
static bool dir_of(const char *path, enum controller n, char out[PATH_MAX])
{
    const char *root = find_mounts()->root[n];

    return root && snprintf(out, PATH_MAX, "%s%s", root, path) < (int)PATH_MAX;
}

static bool nth_dir(const char *path, int n, char *out, size_t size)
{
    const struct mounts *mounts = find_mounts();

    for (int i = 0; i < MOUNT_COUNT; i++) {
        if (mounts->root[i] && n-- == 0)
            return snprintf(out, size, "%s%s", mounts->root[i], path) <
                   (int)size;
    }
    return false;
}

/* -- Making ---------------------------------------------------------------- */

/* A new cpuset is empty, and no process can be in an empty one. */
static void fill_cpuset(const char *dir)
{
    static const char *const files[] = {"cpuset.cpus", "cpuset.mems"};
    char parent[PATH_MAX], text[4096];

    cgroup_parent(dir, parent);
    for (int i = 0; i < 2; i++) {
        cgroup_read(parent, files[i], text, sizeof(text));
        cgroup_write(dir, files[i], "%s", text);
    }
}

/* Sets a limit that was asked for.  A file that this kernel does not have is
 * no failure where `optional`. */
static bool set_number(const char *dir, const char *file,
                       struct spec_number number, bool optional,
                       struct fault *fault)
{
    return !number.given || number.value == 0 ||
           cgroup_write(dir, file, "%" PRId64, number.value) ||
           (optional && (errno == ENOENT || errno == EOPNOTSUPP)) ||
           fault_errno(fault, "cgroup: set %s to %" PRId64, file, number.value);
}

static bool set_memory(const char *dir, const struct spec_resources *limits,
                       struct fault *fault)
{
    return set_number(dir, "memory.limit_in_bytes", limits->memory_limit, false,
                      fault) &&
           set_number(dir, "memory.memsw.limit_in_bytes", limits->memory_swap,
                      true, fault) &&
           set_number(dir, "memory.soft_limit_in_bytes",
                      limits->memory_reservation, true, fault);
}

static bool set_cpu(const char *dir, const struct spec_resources *limits,
                    struct fault *fault)
{
    return set_number(dir, "cpu.shares", limits->cpu_shares, false, fault) &&
           set_number(dir, "cpu.cfs_period_us", limits->cpu_period, true,
                      fault) &&
           set_number(dir, "cpu.cfs_quota_us", limits->cpu_quota, true, fault);
}

static bool set_device(const char *dir, const struct spec_device_rule *rule,
                       struct fault *fault)
{
    const char *file = rule->allow ? "devices.allow" : "devices.deny";
    char major[24] = "*", minor[24] = "*";

    if (rule->type == 'a' && rule->major < 0 && rule->minor < 0)
        return cgroup_set(dir, file, fault, "a");
    if (rule->major >= 0)
        snprintf(major, sizeof(major), "%" PRId64, rule->major);
    if (rule->minor >= 0)
        snprintf(minor, sizeof(minor), "%" PRId64, rule->minor);
    return cgroup_set(dir, file, fault, "%c %s:%s %s",
                      rule->type == 'u' ? 'c' : rule->type, major, minor,
                      rule->access);
}

/* The devices that every container may use, whatever else is denied: null,
 * zero, full, random, urandom, tty. */
static bool allow_defaults(const char *dir, struct fault *fault)
{
    static const int minors[][2] = {{1, 3}, {1, 5}, {1, 7},
                                    {1, 8}, {1, 9}, {5, 0}};

    for (size_t i = 0; i < sizeof(minors) / sizeof(*minors); i++) {
        struct spec_device_rule rule = {true, 'c', minors[i][0], minors[i][1],
                                        "rwm"};

        if (!set_device(dir, &rule, fault))
            return false;
    }
    return true;
}

static bool set_devices(const char *dir, const struct spec_resources *limits,
                        struct fault *fault)
{
    for (size_t i = 0; i < limits->device_count; i++) {
        if (!set_device(dir, &limits->devices[i], fault))
            return false;
    }
    return limits->device_count == 0 || allow_defaults(dir, fault);
}

static bool set_pids(const char *dir, const struct spec_resources *limits,
                     struct fault *fault)
{
    if (limits->pids_limit.value < 0)
        return true;
    return set_number(dir, "pids.max", limits->pids_limit, false, fault);
}

static bool set_blkio(const char *dir, const struct spec_resources *limits,
                      struct fault *fault)
{
    return set_number(dir, "blkio.weight", limits->blkio_weight, true, fault);
}

static bool is_given(const char *list)
{
    return list && *list;
}

/* A group takes 5 to 10 kB of the kernel's memory, and 50 of the controller of
 * memory.  So there is none where it would hold no limit and count nothing that
 * is asked for; and a process that only waits has one alone, by which it is
 * found. */
static bool is_used(const struct cgroup *cgroup,
                    const struct spec_resources *limits, enum controller n)
{
    if (!limits)
        return true; /* the root group has all */
    if (cgroup->is_idle)
        return n == (find_mounts()->root[FREEZER] ? FREEZER : MEMORY);
    switch (n) {
    case CPUSET:
        return is_given(limits->cpuset_cpus) || is_given(limits->cpuset_mems);
    case BLKIO: return limits->blkio_weight.given;
    case PERF_EVENT:
    case NET_CLS:
    case NET_PRIO:
    case HUGETLB: return false;
    default: return true;
    }
}

/* Writes what is limited to a controller's directory. */
typedef bool set_limits(const char *dir, const struct spec_resources *limits,
                        struct fault *fault);

static bool make(const struct cgroup *cgroup,
                 const struct spec_resources *limits, struct fault *fault)
{
    static set_limits *const set[CONTROLLER_COUNT] = {
        [CPU] = set_cpu,       [CPUSET] = cgroup_set_cpuset,
        [MEMORY] = set_memory, [DEVICES] = set_devices,
        [BLKIO] = set_blkio,   [PIDS] = set_pids};
    char dir[PATH_MAX];

    if (limits->unified_count > 0)
        return fault_set(fault, FAULT_INVALID, "config.json: %s",
                         "linux.resources.unified is for version 2 of control "
                         "groups, and this node has version 1");
    for (enum controller n = CPU; n < CONTROLLER_COUNT; n++) {
        if (!is_used(cgroup, limits, n) || !dir_of(cgroup->path, n, dir))
            continue;
        if (!cgroup_mkdirs(dir, strlen(dir) - strlen(cgroup->path),
                           n == CPUSET ? fill_cpuset : NULL, fault) ||
            (set[n] && !set[n](dir, limits, fault)))
            return false;
    }
    return true;
}

/* Writing 0 to `tasks` moves the calling thread, which needs none of the locks
 * that moving a process needs. */
static bool enter(const char *dir)
{
    return cgroup_write(dir, "tasks", "0");
}

/* Where a container has no group, that of its pod has it, if there is one: it
 * may have limits, and it counts what is in it. */
static void enter_above(const char *path, enum controller n)
{
    char above[PATH_MAX], dir[PATH_MAX];

    cgroup_parent(path, above);
    if (above[0] && dir_of(above, n, dir))
        enter(dir);
}

static bool join(const struct cgroup *cgroup,
                 const struct spec_resources *limits, struct fault *fault)
{
    char dir[PATH_MAX];

    for (enum controller n = CPU; n < CONTROLLER_COUNT; n++) {
        if (!is_used(cgroup, limits, n))
            enter_above(cgroup->path, n);
        else if (dir_of(cgroup->path, n, dir) && !enter(dir))
            return fault_errno(fault, "join cgroup %s", dir);
    }
    return true;
}

/* -- Using ----------------------------------------------------------------- */

static bool freeze(const char *path, bool on)
{
    char dir[PATH_MAX];

    return dir_of(path, FREEZER, dir) &&
           cgroup_write(dir, "freezer.state", "%s", on ? "FROZEN" : "THAWED");
}

static bool is_frozen(const char *path)
{
    char dir[PATH_MAX], text[32];

    if (!dir_of(path, FREEZER, dir))
        return false;
    cgroup_read(dir, "freezer.state", text, sizeof(text));
    return strncmp(text, "FROZEN", 6) == 0;
}

static uint64_t oom_kills(const char *path)
{
    char dir[PATH_MAX];

    return dir_of(path, MEMORY, dir)
               ? cgroup_read_word(dir, "memory.oom_control", "oom_kill")
               : 0;
}

static void watch_oom(const char *path, struct cgroup_oom *oom)
{
    char dir[PATH_MAX], file[PATH_MAX + 32];

    if (!dir_of(path, MEMORY, dir))
        return;
    snprintf(file, sizeof(file), "%s/memory.oom_control", dir);
    oom->watch_fd = open(file, O_RDONLY | O_CLOEXEC);
    oom->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (oom->watch_fd < 0 || oom->event_fd < 0 ||
        !cgroup_write(dir, "cgroup.event_control", "%d %d", oom->event_fd,
                      oom->watch_fd))
        cgroup_oom_close(oom);
}

/* -- Statistics ------------------------------------------------------------ */

static void read_cpu(const char *path, Pb__V1CpuUsage *usage,
                     Pb__V1Throttle *throttle)
{
    static const struct cgroup_field throttle_fields[] = {
        {"nr_periods", offsetof(Pb__V1Throttle, periods)},
        {"nr_throttled", offsetof(Pb__V1Throttle, throttled_periods)},
        {"throttled_time", offsetof(Pb__V1Throttle, throttled_time)},
        {0}};
    char dir[PATH_MAX];
    uint64_t tick_ns = 1000000000u / (uint64_t)sysconf(_SC_CLK_TCK);

    if (dir_of(path, CPUACCT, dir)) {
        usage->total = cgroup_read_number(dir, "cpuacct.usage");
        usage->user = cgroup_read_word(dir, "cpuacct.stat", "user") * tick_ns;
        usage->kernel =
            cgroup_read_word(dir, "cpuacct.stat", "system") * tick_ns;
    }
    if (dir_of(path, CPU, dir))
        cgroup_read_fields(dir, "cpu.stat", throttle_fields, throttle);
}

static void read_entry(const char *dir, const char *prefix,
                       Pb__V1MemoryEntry *entry)
{
    static const char *const suffixes[] = {"limit_in_bytes", "usage_in_bytes",
                                           "max_usage_in_bytes", "failcnt"};
    uint64_t *const values[] = {&entry->limit, &entry->usage, &entry->max,
                                &entry->failcnt};

    for (int i = 0; i < 4; i++) {
        char file[64];

        snprintf(file, sizeof(file), "%s.%s", prefix, suffixes[i]);
        *values[i] = cgroup_read_number(dir, file);
    }
}

/* The names of the fields, where they differ, are the message's. */
static const struct cgroup_field memory_fields[] = {
#define FIELD(word, member) {word, offsetof(Pb__V1Memory, member)},
#include "shim/memory_v1.def"
#undef FIELD
    {0}};

static bool stats(const char *path, Pb__Any *out)
{
    Pb__V1Metrics metrics = PB__V1_METRICS__INIT;
    Pb__PidsStat pids = PB__PIDS_STAT__INIT;
    Pb__V1Cpu cpu = PB__V1_CPU__INIT;
    Pb__V1CpuUsage usage = PB__V1_CPU_USAGE__INIT;
    Pb__V1Throttle throttle = PB__V1_THROTTLE__INIT;
    Pb__V1Memory memory = PB__V1_MEMORY__INIT;
    Pb__V1MemoryEntry entries[4] = {
        PB__V1_MEMORY_ENTRY__INIT, PB__V1_MEMORY_ENTRY__INIT,
        PB__V1_MEMORY_ENTRY__INIT, PB__V1_MEMORY_ENTRY__INIT};
    char dir[PATH_MAX];

    if (!dir_of(path, MEMORY, dir) || access(dir, F_OK) != 0)
        return false;
    cgroup_read_fields(dir, "memory.stat", memory_fields, &memory);
    read_entry(dir, "memory", memory.usage = &entries[0]);
    read_entry(dir, "memory.memsw", memory.swap = &entries[1]);
    read_entry(dir, "memory.kmem", memory.kernel = &entries[2]);
    read_entry(dir, "memory.kmem.tcp", memory.kernel_tcp = &entries[3]);
    metrics.memory = &memory;
    read_cpu(path, &usage, &throttle);
    cpu.usage = &usage;
    cpu.throttling = &throttle;
    metrics.cpu = &cpu;
    if (dir_of(path, PIDS, dir)) {
        cgroup_read_pids(dir, &pids);
        metrics.pids = &pids;
    }
    out->type_url = (char *)"io.containerd.cgroups.v1.Metrics";
    out->value = message_pack_bytes(&metrics);
    return true;
}

const struct cgroup_ops cgroup_v1 = {
    .make = make,
    .join = join,
    .dir = nth_dir,
    .freeze = freeze,
    .is_frozen = is_frozen,
    .oom_kills = oom_kills,
    .watch_oom = watch_oom,
    .stats = stats,
};
