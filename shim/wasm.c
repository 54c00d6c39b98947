/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/wasm.h"

#include "shim/annotation.h"
#include "shim/grant.h"
#include "shim/memory.h"
#include "wasmrt/text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    EXIT_REFUSED = 1,
    EXIT_TIMEOUT = 124,
    EXIT_INTERRUPTED = 130,
    EXIT_TRAP = 134, /* as a process that aborts */
    MAX_NAMED_IMPORTS = 5
};

static bool fail(struct fault *fault, const char *what, wasmrt_error *error)
{
    fault_set(fault, FAULT_INVALID, "%s: %s", what,
              wasmrt_error_message(error));
    wasmrt_error_delete(error);
    return false;
}

/* -- Granting -------------------------------------------------------------- */

static void take_env(void *user, const char *name, const char *value)
{
    wasmrt_wasi_config_env(user, name, value);
}

static void take_dir(void *user, const char *host, const char *guest,
                     bool is_read_only)
{
    wasmrt_wasi_config_preopen(user, host, guest,
                               is_read_only ? WASMRT_WASI_READ_ONLY
                                            : WASMRT_WASI_READ_WRITE);
}

static void grant_listeners(wasmrt_wasi_config *wasi, const char *list)
{
    while (list && *list) {
        size_t len = strcspn(list, ",");
        char *item = mem_format("%.*s", (int)len, list);

        wasmrt_wasi_config_listen(wasi, item);
        free(item);
        list += len + (list[len] == ',');
    }
}

/* Compiling functions has taken memory. */
static void on_idle(void *user)
{
    (void)user;
    mem_trim();
}

static void grant_all(wasmrt_wasi_config *wasi, const struct spec *spec)
{
    const struct grant_taker taker = {take_env, take_dir, wasi};
    uint64_t max_fds = UINT32_MAX;

    wasmrt_wasi_config_idle(wasi, on_idle, NULL);
    wasmrt_wasi_config_inherit(wasi, WASMRT_WASI_STDIN);
    wasmrt_wasi_config_inherit(wasi, WASMRT_WASI_STDOUT);
    wasmrt_wasi_config_inherit(wasi, WASMRT_WASI_STDERR);
    for (size_t i = 0; i < spec->args.count; i++)
        wasmrt_wasi_config_arg(wasi, spec->args.items[i]);
    grant_env(&taker, spec);
    grant_dirs(&taker, spec);
    grant_listeners(wasi, annotation_find(spec, "listen"));
    for (size_t i = 0; i < spec->rlimit_count; i++) {
        if (spec->rlimits[i].resource == RLIMIT_NOFILE)
            max_fds = spec->rlimits[i].soft;
    }
    if (max_fds < UINT32_MAX)
        wasmrt_wasi_config_max_fds(wasi, (uint32_t)max_fds);
}

wasmrt_config *wasm_configure(const struct spec *spec, struct fault *fault)
{
    wasmrt_config *config;
    uint64_t stack_bytes = 0;

    if (!annotation_size(spec, "max-stack", &stack_bytes, fault))
        return NULL;
    config = wasmrt_config_new();
    if (!config) {
        fault_set(fault, FAULT_EXHAUSTED, "out of memory");
        return NULL;
    }
    wasmrt_config_set_max_stack(config, stack_bytes);
    /* The filter lets nothing become executable. */
    wasmrt_config_set_strategy(config, WASMRT_STRATEGY_INTERP);
    return config;
}

static bool make_store(struct wasm *wasm, const struct spec *spec,
                       struct fault *fault)
{
    wasmrt_config *config;
    wasmrt_error *error;

    if (!annotation_size(spec, "max-memory", &wasm->memory_limit, fault) ||
        !annotation_seconds(spec, "timeout", &wasm->timeout_ns, fault))
        return false;
    config = wasm_configure(spec, fault);
    if (!config)
        return false;
    error = wasmrt_engine_new(config, &wasm->engine);
    wasmrt_config_delete(config);
    if (!error)
        error = wasmrt_store_new(wasm->engine, &wasm->store);
    return !error || fail(fault, "cannot start the engine", error);
}

bool wasm_prepare(struct wasm *wasm, const struct spec *spec,
                  struct fault *fault)
{
    const struct spec_number *limit = &spec->resources.memory_limit;
    wasmrt_error *error;

    if (limit->given && limit->value > 0)
        wasm->cgroup_limit = (uint64_t)limit->value;
    if (!make_store(wasm, spec, fault))
        return false;
    error = wasmrt_linker_new(wasm->engine, &wasm->linker);
    return !error || fail(fault, "cannot start the engine", error);
}

bool wasm_grant(struct wasm *wasm, const struct spec *spec, struct fault *fault)
{
    wasmrt_wasi_config *wasi;
    wasmrt_error *error;

    wasi = wasmrt_wasi_config_new();
    if (!wasi)
        return fault_set(fault, FAULT_EXHAUSTED, "out of memory");
    grant_all(wasi, spec);
    error = wasmrt_store_set_wasi(wasm->store, wasi);
    wasmrt_wasi_config_delete(wasi);
    return !error || fail(fault, "cannot grant", error);
}

/* -- Loading --------------------------------------------------------------- */

/* Maps the file; the runtime copies what it needs. */
static void *map_file(const char *path, size_t *len_out, struct fault *fault)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    void *bytes = MAP_FAILED;
    struct stat st;

    if (fd < 0 || fstat(fd, &st) != 0) {
        fault_errno(fault, "entrypoint %s", path);
    } else if (!S_ISREG(st.st_mode) || st.st_size == 0) {
        fault_set(fault, FAULT_INVALID,
                  "entrypoint %s: expected a WebAssembly module, found %s",
                  path, st.st_size == 0 ? "an empty file" : "no regular file");
    } else {
        *len_out = (size_t)st.st_size;
        bytes = mmap(NULL, *len_out, PROT_READ, MAP_PRIVATE, fd, 0);
        if (bytes == MAP_FAILED)
            fault_errno(fault, "entrypoint %s", path);
    }
    if (fd >= 0)
        close(fd);
    return bytes == MAP_FAILED ? NULL : bytes;
}

/* What is wrong with a module, and where. */
static bool refuse_module(const char *path, wasmrt_error *error,
                          const void *bytes, size_t len, struct fault *fault)
{
    char place[64] = "";
    uint64_t offset;

    if (wasmrt_error_kind(error) == WASMRT_KIND_TEXT) {
        wasmrt_text_explain(error, path, bytes, len, fault->text,
                            sizeof(fault->text));
        fault->code = FAULT_INVALID;
        wasmrt_error_delete(error);
        return false;
    }
    if (wasmrt_error_offset(error, &offset))
        snprintf(place, sizeof(place), " at offset 0x%" PRIx64, offset);
    fault_set(
        fault, FAULT_INVALID, "entrypoint %s: %s%s%s", path,
        wasmrt_error_kind(error) == WASMRT_KIND_VALIDATE ? "invalid module: "
        : wasmrt_error_kind(error) == WASMRT_KIND_DECODE ? "malformed module: "
                                                         : "",
        wasmrt_error_message(error), place);
    wasmrt_error_delete(error);
    return false;
}

/* Names what nobody provides, so that a pod says at once what it lacks. */
static bool check_imports(const struct wasm *wasm, struct fault *fault)
{
    wasmrt_extern_info info;
    size_t missing = 0, len;

    fault_set(fault, FAULT_INVALID,
              "entrypoint %s: imports that nobody provides:", wasm->path);
    for (size_t i = 0; wasmrt_module_import(wasm->module, i, &info); i++) {
        if (wasmrt_linker_has(wasm->linker, &info))
            continue;
        len = strlen(fault->text);
        if (missing++ < MAX_NAMED_IMPORTS)
            snprintf(fault->text + len, sizeof(fault->text) - len, " %.*s.%.*s",
                     (int)info.module_len, info.module, (int)info.name_len,
                     info.name);
    }
    if (missing > MAX_NAMED_IMPORTS) {
        len = strlen(fault->text);
        snprintf(fault->text + len, sizeof(fault->text) - len, " and %zu more",
                 missing - MAX_NAMED_IMPORTS);
    }
    return missing == 0;
}

static bool check_entry(const struct wasm *wasm, struct fault *fault)
{
    const char *wanted = wasm->func ? wasm->func : "_start";
    wasmrt_extern_info info;

    for (size_t i = 0; wasmrt_module_export(wasm->module, i, &info); i++) {
        if (info.kind == WASMRT_EXTERN_FUNC &&
            info.name_len == strlen(wanted) &&
            memcmp(info.name, wanted, info.name_len) == 0)
            return true;
    }
    return fault_set(fault, FAULT_INVALID,
                     "entrypoint %s: the module exports no function %s",
                     wasm->path, wanted);
}

/* The other functions of WASI would only take memory. */
static bool link_wasi(struct wasm *wasm, struct fault *fault)
{
    wasmrt_error *error = wasmrt_wasi_link_imports(wasm->linker, wasm->module);

    if (!error)
        error = wasmrt_wasi_link_stubs(wasm->linker, wasm->module);
    return !error || fail(fault, wasm->path, error);
}

/* "app.wasm#func" names an export to call instead of _start. */
static void split_entry(struct wasm *wasm, const char *path)
{
    char *copy = mem_string(path), *hash = strrchr(copy, '#');

    if (hash && access(path, F_OK) != 0) {
        *hash = '\0';
        wasm->func = hash + 1;
    }
    wasm->path = copy;
}

/* Below the limit of the control group stays what this process has taken by
 * now, and room for what it will, such as code and page tables. */
uint64_t wasm_memory_room(uint64_t cgroup_limit)
{
    struct rusage usage;
    uint64_t taken;

    getrusage(RUSAGE_SELF, &usage);
    taken = (uint64_t)usage.ru_maxrss * 1024 + (1 << 20) + cgroup_limit / 32;
    return cgroup_limit > taken ? cgroup_limit - taken : 1;
}

static void set_memory_limit(struct wasm *wasm)
{
    if (wasm->cgroup_limit) {
        uint64_t room = wasm_memory_room(wasm->cgroup_limit);

        if (!wasm->memory_limit || room < wasm->memory_limit)
            wasm->memory_limit = room;
    }
    if (wasm->memory_limit)
        wasmrt_store_set_memory_limit(wasm->store, wasm->memory_limit);
}

bool wasm_load(struct wasm *wasm, const char *path, struct fault *fault)
{
    wasmrt_error *error;
    size_t len;
    void *bytes;

    split_entry(wasm, path);
    bytes = map_file(wasm->path, &len, fault);
    if (!bytes)
        return false;
    error = wasmrt_module_new(wasm->engine, bytes, len, &wasm->module);
    if (error)
        return refuse_module(wasm->path, error, bytes, len, fault);
    munmap(bytes, len);
    if (!check_entry(wasm, fault) || !link_wasi(wasm, fault) ||
        !check_imports(wasm, fault))
        return false;
    set_memory_limit(wasm);
    return true;
}

/* -- Running --------------------------------------------------------------- */

/* Names come from the module: nothing in them may steer a terminal. */
static void print_clean(const char *text)
{
    for (; *text; text++)
        putc((unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text,
             stderr);
}

static void report(const struct wasm *wasm, const wasmrt_error *error)
{
    size_t count = wasmrt_error_frame_count(error);
    size_t depth = wasmrt_error_stack_depth(error);

    fprintf(stderr, "wasmrt: %s: %s", wasm->path,
            wasmrt_error_kind(error) == WASMRT_KIND_TRAP ? "trap: " : "");
    print_clean(wasmrt_error_message(error));
    putc('\n', stderr);
    for (size_t i = 0; i < count; i++) {
        const wasmrt_frame *frame = wasmrt_error_frame(error, i);

        fprintf(stderr, "    at func[%" PRIu32 "] ", frame->func_idx);
        print_clean(frame->func_name ? frame->func_name : "");
        fprintf(stderr, "+0x%" PRIx64 " (0x%" PRIx64 ")\n", frame->func_offset,
                frame->module_offset);
    }
    if (depth > count)
        fprintf(stderr, "    and %zu more frames\n", depth - count);
}

/* As `wasmrt run` has them: a failure never becomes a success by being cut to
 * eight bits. */
static int exit_status(const wasmrt_error *error)
{
    int32_t status;

    switch (wasmrt_error_code(error)) {
    case WASMRT_ERR_DEADLINE: return EXIT_TIMEOUT;
    case WASMRT_ERR_INTERRUPTED: return EXIT_INTERRUPTED;
    default: break;
    }
    switch (wasmrt_error_kind(error)) {
    case WASMRT_KIND_TRAP: return EXIT_TRAP;
    case WASMRT_KIND_EXIT:
        status = wasmrt_error_exit_status(error);
        return (status & 0xff) == 0 && status != 0 ? 1 : status & 0xff;
    default: return EXIT_REFUSED;
    }
}

static wasmrt_error *call(struct wasm *wasm, wasmrt_instance *instance)
{
    wasmrt_func *func;

    if (!wasm->func)
        return wasmrt_wasi_start(wasm->store, instance);
    func = wasmrt_instance_func(instance, wasm->func);
    return wasmrt_func_call(wasm->store, func, NULL, 0, NULL, 0);
}

int wasm_run(struct wasm *wasm)
{
    static wasmrt_instance *instance;
    struct timespec now;
    wasmrt_error *error;
    int status = 0;

    if (wasm->timeout_ns) {
        clock_gettime(CLOCK_MONOTONIC, &now);
        wasmrt_store_set_deadline(wasm->store,
                                  (uint64_t)now.tv_sec * 1000000000u +
                                      (uint64_t)now.tv_nsec + wasm->timeout_ns);
    }
    error = wasmrt_linker_instantiate(wasm->linker, wasm->store, wasm->module,
                                      &instance);
    mem_trim();
    if (!error)
        error = call(wasm, instance);
    if (error) {
        status = exit_status(error);
        if (wasmrt_error_kind(error) != WASMRT_KIND_EXIT)
            report(wasm, error);
    }
    fflush(stderr);
    return status;
}
