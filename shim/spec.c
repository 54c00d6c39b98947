/*
 * Reading is written straight down: the first fault is kept, and everything
 * behind it does nothing, so only the ends are checked.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/spec.h"

#include "shim/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* More of anything is no container. */
enum { MAX_ITEMS = 8192 };

struct reader {
    struct fault *fault;
    bool failed;
};

static void complain(struct reader *r, const char *where, const char *what)
{
    if (!r->failed)
        fault_set(r->fault, FAULT_INVALID, "config.json: %s %s", where, what);
    r->failed = true;
}

/* -- Values ---------------------------------------------------------------- */

/* The member of an object if it is there and not null, of this type. */
static struct json_object *find(struct reader *r, struct json_object *object,
                                const char *name, json_type type)
{
    struct json_object *value;

    if (r->failed || !object ||
        !json_object_object_get_ex(object, name, &value))
        return NULL;
    if (!value || json_object_get_type(value) == type)
        return value;
    complain(r, name, "has the wrong type");
    return NULL;
}

static const char *text_of(struct reader *r, struct json_object *value,
                           const char *name)
{
    const char *text = json_object_get_string(value);

    if (!json_object_is_type(value, json_type_string))
        complain(r, name, "must be a string");
    else if (strlen(text) != (size_t)json_object_get_string_len(value))
        complain(r, name, "has a NUL character");
    return r->failed ? "" : text;
}

/* NULL when absent. */
static const char *find_text(struct reader *r, struct json_object *object,
                             const char *name)
{
    struct json_object *value = find(r, object, name, json_type_string);

    return value ? text_of(r, value, name) : NULL;
}

static bool find_bool(struct reader *r, struct json_object *object,
                      const char *name)
{
    return json_object_get_boolean(find(r, object, name, json_type_boolean));
}

/* json-c clamps what does not fit, which shows at the ends of the range. */
static struct spec_number
find_number(struct reader *r, struct json_object *object, const char *name)
{
    struct json_object *value = find(r, object, name, json_type_int);
    struct spec_number number = {0};

    if (!value)
        return number;
    number.given = true;
    number.value = json_object_get_int64(value);
    if (number.value < 0)
        return number;
    if (json_object_get_uint64(value) > INT64_MAX)
        number.value = INT64_MAX;
    return number;
}

static uint64_t find_unsigned(struct reader *r, struct json_object *object,
                              const char *name, uint64_t max)
{
    struct json_object *value = find(r, object, name, json_type_int);
    uint64_t number = value ? json_object_get_uint64(value) : 0;

    if (value && (json_object_get_int64(value) < 0 || number > max))
        complain(r, name, "is out of range");
    return r->failed ? 0 : number;
}

/* An array and its length; items of mem_alloc'ed memory hang on the spec. */
static struct json_object *find_array(struct reader *r,
                                      struct json_object *object,
                                      const char *name, size_t *count_out)
{
    struct json_object *array = find(r, object, name, json_type_array);

    *count_out = array ? json_object_array_length(array) : 0;
    if (*count_out > MAX_ITEMS)
        complain(r, name, "has too many items");
    if (r->failed)
        *count_out = 0;
    return array;
}

/* One of its items; NULL, with a complaint, when that is no object. */
static struct json_object *take_object(struct reader *r,
                                       struct json_object *array, size_t i,
                                       const char *name)
{
    struct json_object *item = json_object_array_get_idx(array, i);

    if (json_object_is_type(item, json_type_object))
        return item;
    complain(r, name, "must be objects");
    return NULL;
}

static struct spec_strings
find_strings(struct reader *r, struct json_object *object, const char *name)
{
    struct spec_strings strings = {0};
    struct json_object *array = find_array(r, object, name, &strings.count);

    strings.items = mem_alloc((strings.count + 1) * sizeof(*strings.items));
    for (size_t i = 0; i < strings.count; i++)
        strings.items[i] =
            text_of(r, json_object_array_get_idx(array, i), name);
    return strings;
}

/* -- process --------------------------------------------------------------- */

static void read_user(struct reader *r, struct spec *spec,
                      struct json_object *user)
{
    struct json_object *groups;

    spec->uid = (uid_t)find_unsigned(r, user, "uid", UINT32_MAX - 1);
    spec->gid = (gid_t)find_unsigned(r, user, "gid", UINT32_MAX - 1);
    spec->umask = find_number(r, user, "umask");
    groups = find_array(r, user, "additionalGids", &spec->group_count);
    spec->groups = mem_alloc((spec->group_count + 1) * sizeof(gid_t));
    for (size_t i = 0; i < spec->group_count; i++) {
        struct json_object *gid = json_object_array_get_idx(groups, i);

        if (!json_object_is_type(gid, json_type_int))
            complain(r, "additionalGids", "must be numbers");
        else if (json_object_get_int64(gid) < 0 ||
                 json_object_get_uint64(gid) >= UINT32_MAX)
            complain(r, "additionalGids", "is out of range");
        spec->groups[i] = (gid_t)json_object_get_uint64(gid);
    }
}

/* Names that this system does not know are ignored, as the specification has
 * it. */
static uint64_t capability_set(const struct spec_strings *names)
{
    uint64_t set = 0;

    for (size_t i = 0; i < names->count; i++) {
        cap_value_t value;

        if (cap_from_name(names->items[i], &value) == 0 && value < 64)
            set |= (uint64_t)1 << value;
    }
    return set;
}

static void read_capabilities(struct reader *r, struct spec *spec,
                              struct json_object *process)
{
    static const char *const names[SPEC_CAP_COUNT] = {
        "bounding", "effective", "permitted", "inheritable", "ambient"};
    struct json_object *sets =
        find(r, process, "capabilities", json_type_object);

    spec->has_capabilities = sets != NULL;
    for (int i = 0; sets && i < SPEC_CAP_COUNT; i++) {
        struct spec_strings set = find_strings(r, sets, names[i]);

        if (!r->failed)
            spec->capabilities[i] = capability_set(&set);
        free(set.items);
    }
}

/* -1 for a name that is none. */
static int rlimit_number(const char *name)
{
    static const struct {
        const char *name;
        int resource;
    } limits[] = {
        {"RLIMIT_AS", RLIMIT_AS},
        {"RLIMIT_CORE", RLIMIT_CORE},
        {"RLIMIT_CPU", RLIMIT_CPU},
        {"RLIMIT_DATA", RLIMIT_DATA},
        {"RLIMIT_FSIZE", RLIMIT_FSIZE},
        {"RLIMIT_LOCKS", RLIMIT_LOCKS},
        {"RLIMIT_MEMLOCK", RLIMIT_MEMLOCK},
        {"RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE},
        {"RLIMIT_NICE", RLIMIT_NICE},
        {"RLIMIT_NOFILE", RLIMIT_NOFILE},
        {"RLIMIT_NPROC", RLIMIT_NPROC},
        {"RLIMIT_RSS", RLIMIT_RSS},
        {"RLIMIT_RTPRIO", RLIMIT_RTPRIO},
        {"RLIMIT_RTTIME", RLIMIT_RTTIME},
        {"RLIMIT_SIGPENDING", RLIMIT_SIGPENDING},
        {"RLIMIT_STACK", RLIMIT_STACK},
    };

    for (size_t i = 0; name && i < sizeof(limits) / sizeof(*limits); i++) {
        if (strcmp(limits[i].name, name) == 0)
            return limits[i].resource;
    }
    return -1;
}

static void read_rlimits(struct reader *r, struct spec *spec,
                         struct json_object *process)
{
    struct json_object *array =
        find_array(r, process, "rlimits", &spec->rlimit_count);

    spec->rlimits =
        mem_alloc((spec->rlimit_count + 1) * sizeof(*spec->rlimits));
    for (size_t i = 0; i < spec->rlimit_count; i++) {
        struct json_object *item = take_object(r, array, i, "rlimits");
        struct spec_rlimit *limit = &spec->rlimits[i];

        if (!item)
            return;
        limit->name = find_text(r, item, "type");
        limit->resource = rlimit_number(limit->name);
        limit->soft = find_unsigned(r, item, "soft", UINT64_MAX);
        limit->hard = find_unsigned(r, item, "hard", UINT64_MAX);
        if (limit->resource < 0)
            complain(r, "rlimits", "name an unknown limit");
    }
}

static void read_process(struct reader *r, struct spec *spec)
{
    struct json_object *process =
        find(r, spec->json, "process", json_type_object);

    spec->args = find_strings(r, process, "args");
    spec->env = find_strings(r, process, "env");
    spec->cwd = find_text(r, process, "cwd");
    spec->terminal = find_bool(r, process, "terminal");
    spec->no_new_privileges = find_bool(r, process, "noNewPrivileges");
    spec->oom_score_adj = find_number(r, process, "oomScoreAdj");
    read_user(r, spec, find(r, process, "user", json_type_object));
    read_capabilities(r, spec, process);
    read_rlimits(r, spec, process);
    if (!process)
        complain(r, "process", "is missing");
    if (spec->args.count == 0)
        complain(r, "process.args", "is empty");
    if (!spec->cwd || spec->cwd[0] != '/')
        complain(r, "process.cwd", "must be an absolute path");
}

/* -- linux ----------------------------------------------------------------- */

static void read_namespaces(struct reader *r, struct spec *spec,
                            struct json_object *linux_part)
{
    static const char *const names[SPEC_NS_COUNT] = {
#define NAMESPACE(id, name, file, flag) name,
#include "shim/namespaces.def"
#undef NAMESPACE
    };
    size_t count;
    struct json_object *array = find_array(r, linux_part, "namespaces", &count);

    for (size_t i = 0; i < count && !r->failed; i++) {
        struct json_object *item = json_object_array_get_idx(array, i);
        const char *type = NULL, *path = NULL;
        int n = 0;

        if (json_object_is_type(item, json_type_object)) {
            type = find_text(r, item, "type");
            path = find_text(r, item, "path");
        }
        while (n < SPEC_NS_COUNT && strcmp(names[n], type ? type : "") != 0)
            n++;
        if (n == SPEC_NS_COUNT) {
            complain(r, "linux.namespaces:",
                     type && strcmp(type, "user") == 0
                         ? "user namespaces are not supported"
                         : "has a type that is not supported");
            return;
        }
        spec->has_namespace[n] = true;
        spec->namespace_path[n] = path && *path ? path : NULL;
    }
}

static void read_devices(struct reader *r, struct spec_resources *out,
                         struct json_object *resources)
{
    struct json_object *array =
        find_array(r, resources, "devices", &out->device_count);

    out->devices = mem_alloc((out->device_count + 1) * sizeof(*out->devices));
    for (size_t i = 0; i < out->device_count; i++) {
        struct json_object *item =
            take_object(r, array, i, "linux.resources.devices");
        struct spec_device_rule *rule = &out->devices[i];
        struct spec_number major, minor;
        const char *type;

        if (!item)
            return;
        type = find_text(r, item, "type");
        major = find_number(r, item, "major");
        minor = find_number(r, item, "minor");
        rule->allow = find_bool(r, item, "allow");
        rule->access = find_text(r, item, "access");
        if (!rule->access)
            rule->access = "rwm";
        rule->type = type && *type ? type[0] : 'a';
        rule->major = major.given ? major.value : -1;
        rule->minor = minor.given ? minor.value : -1;
        if (!strchr("abcup", rule->type) ||
            strspn(rule->access, "rwm") != strlen(rule->access))
            complain(r, "linux.resources.devices", "has an unknown value");
    }
}

/* Names of files of the group, none of another place. */
static void read_unified(struct reader *r, struct spec_resources *out,
                         struct json_object *resources)
{
    struct json_object *map = find(r, resources, "unified", json_type_object);
    size_t count = map ? (size_t)json_object_object_length(map) : 0;

    if (count > MAX_ITEMS)
        complain(r, "linux.resources.unified", "has too many items");
    if (r->failed || count == 0)
        return;
    out->unified = mem_alloc(count * sizeof(*out->unified));
    json_object_object_foreach(map, file, value)
    {
        if (!strchr(file, '.') || file[0] == '.' || strchr(file, '/'))
            complain(r, "linux.resources.unified", "names no file of a group");
        out->unified[out->unified_count++] = (struct spec_setting){
            file, text_of(r, value, "linux.resources.unified")};
    }
}

static void read_resources(struct reader *r, struct spec *spec,
                           struct json_object *linux_part)
{
    struct spec_resources *out = &spec->resources;
    struct json_object *all =
        find(r, linux_part, "resources", json_type_object);
    struct json_object *memory = find(r, all, "memory", json_type_object);
    struct json_object *cpu = find(r, all, "cpu", json_type_object);
    struct json_object *pids = find(r, all, "pids", json_type_object);
    struct json_object *blkio = find(r, all, "blockIO", json_type_object);

    out->memory_limit = find_number(r, memory, "limit");
    out->memory_swap = find_number(r, memory, "swap");
    out->memory_reservation = find_number(r, memory, "reservation");
    out->cpu_shares = find_number(r, cpu, "shares");
    out->cpu_quota = find_number(r, cpu, "quota");
    out->cpu_period = find_number(r, cpu, "period");
    out->cpuset_cpus = find_text(r, cpu, "cpus");
    out->cpuset_mems = find_text(r, cpu, "mems");
    out->pids_limit = find_number(r, pids, "limit");
    out->blkio_weight = find_number(r, blkio, "weight");
    read_devices(r, out, all);
    read_unified(r, out, all);
}

static void read_linux(struct reader *r, struct spec *spec)
{
    struct json_object *part = find(r, spec->json, "linux", json_type_object);

    spec->cgroups_path = find_text(r, part, "cgroupsPath");
    spec->rootfs_propagation = find_text(r, part, "rootfsPropagation");
    spec->masked_paths = find_strings(r, part, "maskedPaths");
    spec->readonly_paths = find_strings(r, part, "readonlyPaths");
    spec->sysctl = find(r, part, "sysctl", json_type_object);
    spec->seccomp = find(r, part, "seccomp", json_type_object);
    read_namespaces(r, spec, part);
    read_resources(r, spec, part);
}

/* -- The rest -------------------------------------------------------------- */

static void read_mounts(struct reader *r, struct spec *spec)
{
    struct json_object *array =
        find_array(r, spec->json, "mounts", &spec->mount_count);

    spec->mounts = mem_alloc((spec->mount_count + 1) * sizeof(*spec->mounts));
    for (size_t i = 0; i < spec->mount_count; i++) {
        struct json_object *item = take_object(r, array, i, "mounts");
        struct spec_mount *mount = &spec->mounts[i];

        if (!item)
            return;
        mount->destination = find_text(r, item, "destination");
        mount->type = find_text(r, item, "type");
        mount->source = find_text(r, item, "source");
        mount->options = find_strings(r, item, "options");
        if (!mount->destination || mount->destination[0] != '/')
            complain(r, "mounts: destination", "must be an absolute path");
    }
}

static void read_all(struct reader *r, struct spec *spec)
{
    struct json_object *root = find(r, spec->json, "root", json_type_object);

    spec->root_path = find_text(r, root, "path");
    spec->root_readonly = find_bool(r, root, "readonly");
    spec->hostname = find_text(r, spec->json, "hostname");
    spec->annotations = find(r, spec->json, "annotations", json_type_object);
    if (!spec->root_path || !*spec->root_path)
        complain(r, "root.path", "is missing");
    read_process(r, spec);
    read_mounts(r, spec);
    read_linux(r, spec);
}

bool spec_parse(struct spec *spec, const char *text, size_t len,
                struct fault *fault)
{
    struct json_tokener *tokener = json_tokener_new_ex(SPEC_MAX_DEPTH);
    struct reader r = {.fault = fault};
    enum json_tokener_error error;

    memset(spec, 0, sizeof(*spec));
    if (!tokener || len > SPEC_MAX_BYTES) {
        json_tokener_free(tokener);
        return fault_set(fault, FAULT_INVALID, "config.json: too large");
    }
    json_tokener_set_flags(tokener,
                           JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    spec->json = json_tokener_parse_ex(tokener, text, (int)len);
    error = json_tokener_get_error(tokener);
    json_tokener_free(tokener);
    if (error == json_tokener_success &&
        json_object_is_type(spec->json, json_type_object)) {
        read_all(&r, spec);
        if (!r.failed)
            return true;
    } else {
        fault_set(fault, FAULT_INVALID, "config.json: %s",
                  error == json_tokener_success
                      ? "not an object"
                      : json_tokener_error_desc(error));
    }
    spec_fini(spec);
    return false;
}

/* Reads a whole regular file into fresh memory. */
static char *read_file(int fd, size_t *len_out, struct fault *fault)
{
    struct stat st;
    char *text;
    size_t len = 0;
    ssize_t n = 1;

    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
        st.st_size > SPEC_MAX_BYTES) {
        fault_set(fault, FAULT_INVALID,
                  "config.json: not a regular file of at most %d bytes",
                  SPEC_MAX_BYTES);
        return NULL;
    }
    text = mem_alloc((size_t)st.st_size + 1);
    while (len < (size_t)st.st_size && n > 0) {
        n = read(fd, text + len, (size_t)st.st_size - len);
        if (n > 0)
            len += (size_t)n;
    }
    *len_out = len;
    return text;
}

char *spec_read_text(const char *dir, size_t *len_out, struct fault *fault)
{
    char *path = mem_format("%s/config.json", dir ? dir : "."), *text = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0) {
        fault_errno(fault, "open %s", path);
    } else {
        text = read_file(fd, len_out, fault);
        close(fd);
    }
    free(path);
    return text;
}

bool spec_read(struct spec *spec, const char *dir, struct fault *fault)
{
    size_t len;
    char *text = spec_read_text(dir, &len, fault);
    bool ok = text && spec_parse(spec, text, len, fault);

    if (!text)
        memset(spec, 0, sizeof(*spec));
    free(text);
    return ok;
}

void spec_fini(struct spec *spec)
{
    for (size_t i = 0; spec->mounts && i < spec->mount_count; i++)
        free(spec->mounts[i].options.items);
    free(spec->args.items);
    free(spec->env.items);
    free(spec->groups);
    free(spec->rlimits);
    free(spec->mounts);
    free(spec->masked_paths.items);
    free(spec->readonly_paths.items);
    free(spec->resources.devices);
    free(spec->resources.unified);
    json_object_put(spec->json);
    memset(spec, 0, sizeof(*spec));
}

const char *spec_annotation(const struct spec *spec, const char *name)
{
    struct json_object *value;

    if (!spec->annotations ||
        !json_object_object_get_ex(spec->annotations, name, &value) ||
        !json_object_is_type(value, json_type_string))
        return NULL;
    return json_object_get_string(value);
}

const char *spec_sandbox_id(const struct spec *spec)
{
    return spec_annotation(spec, SPEC_SANDBOX_ID);
}

char *spec_root_dir(const struct spec *spec, const char *bundle)
{
    return spec->root_path[0] == '/'
               ? mem_string(spec->root_path)
               : mem_format("%s/%s", bundle, spec->root_path);
}

bool spec_is_sandbox(const struct spec *spec)
{
    const char *type =
        spec_annotation(spec, "io.kubernetes.cri.container-type");

    return type && strcmp(type, "sandbox") == 0;
}

const char *spec_env(const struct spec *spec, const char *name)
{
    size_t len = strlen(name);

    for (size_t i = spec->env.count; i-- > 0;) {
        if (strncmp(spec->env.items[i], name, len) == 0 &&
            spec->env.items[i][len] == '=')
            return spec->env.items[i] + len + 1;
    }
    return NULL;
}
