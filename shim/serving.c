/*
 * Annotations, all with the prefix of annotation.h; the first one asks for the
 * rest:
 *
 *   serve          PORT, ADDR:PORT, unix:PATH   where requests come
 *   serve-admin    the same                     where health and metrics are
 *   timeout        seconds                      of a request
 *   max-memory     bytes, or with K M G         of a guest
 *   max-stack      the same                     of a guest
 *   fuel           a number                     of a guest
 *   max-guests     a number                     at once
 *   workers        a number                     threads that serve connections
 *   drain-timeout  seconds                      for what runs at SIGTERM
 *   access-log     text, json or none
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/serving.h"

#include "shim/annotation.h"
#include "shim/grant.h"
#include "shim/memory.h"
#include "shim/wasm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_REFUSED = 1, MAX_WORKERS = 256 };

/* A drain ends before Kubernetes loses its patience, which is 30 seconds by
 * default; and there is a limit of time per request and not per container. */
static const struct serving defaults = {
    .config = {SERVE_DEFAULT_CONFIG, .inherited_fd = -1,
               .drain_timeout_ns = 25 * SERVE_SECOND_NS},
    .route = {.path = "/", .limits = {SERVE_DEFAULT_LIMITS}},
};

bool serving_is_wanted(const struct spec *spec)
{
    return annotation_find(spec, "serve") != NULL;
}

/* -- Annotations ----------------------------------------------------------- */

/* A port alone is one of all addresses, as a service wants it. */
static bool read_address(const struct spec *spec, const char *name,
                         const char **out, struct fault *fault)
{
    const char *value = annotation_find(spec, name);
    bool is_port = value && strspn(value, "0123456789") == strlen(value);

    if (!value)
        return true;
    if (!*value || (is_port && (strlen(value) > 5 || atoi(value) < 1 ||
                                atoi(value) > UINT16_MAX)))
        return annotation_refuse(name, value,
                                 "a port, ADDRESS:PORT or unix:PATH", fault);
    *out = is_port ? mem_format("0.0.0.0:%s", value) : mem_string(value);
    return true;
}

static bool read_log(struct serve_config *config, const struct spec *spec,
                     struct fault *fault)
{
    static const char name[] = "access-log";
    const char *value = annotation_find(spec, name);

    if (!value || strcmp(value, "text") == 0)
        return true;
    config->has_json_log = strcmp(value, "json") == 0;
    if (strcmp(value, "none") == 0)
        config->log_path = "none";
    return config->has_json_log || config->log_path ||
           annotation_refuse(name, value, "text, json or none", fault);
}

static bool read_counts(struct serving *serving, const struct spec *spec,
                        struct fault *fault)
{
    struct serve_config *config = &serving->config;
    /* Fewer by default than elsewhere: they share the pod's memory. */
    uint64_t guests = 64, workers = config->workers;

    if (!annotation_count(spec, "max-guests", 4096, &guests, fault) ||
        !annotation_count(spec, "workers", MAX_WORKERS, &workers, fault) ||
        !annotation_count(spec, "fuel", UINT64_MAX - 1,
                          &serving->route.limits.fuel, fault))
        return false;
    config->guests = (unsigned)guests;
    config->workers = (unsigned)workers;
    return true;
}

static bool read_settings(struct serving *serving, const struct spec *spec,
                          struct fault *fault)
{
    struct serve_config *config = &serving->config;
    struct serve_limits *limits = &serving->route.limits;
    const char *listen = annotation_find(spec, "listen");

    if (listen)
        return annotation_refuse("listen", listen,
                                 "no sockets of the module beside wasmrt.serve",
                                 fault);
    return read_address(spec, "serve", &config->address, fault) &&
           read_address(spec, "serve-admin", &config->admin_address, fault) &&
           annotation_seconds(spec, "timeout", &limits->timeout_ns, fault) &&
           annotation_size(spec, "max-memory", &limits->memory_bytes, fault) &&
           annotation_seconds(spec, "drain-timeout", &config->drain_timeout_ns,
                              fault) &&
           read_counts(serving, spec, fault) && read_log(config, spec, fault);
}

/* -- Grants ---------------------------------------------------------------- */

/* Makes room for one more; lists grow rarely and are short. */
static void *grow(void *list, size_t count, size_t size)
{
    char *grown = mem_alloc((count + 1) * size);

    if (count > 0)
        memcpy(grown, list, count * size);
    free(list);
    return grown;
}

static void take_env(void *user, const char *name, const char *value)
{
    struct serve_route *route = user;

    route->vars = grow(route->vars, route->nvars, sizeof(route->vars[0]));
    route->vars[route->nvars++] =
        (struct serve_var){mem_string(name), mem_string(value)};
}

static void take_dir(void *user, const char *host, const char *guest,
                     bool is_read_only)
{
    struct serve_route *route = user;

    route->dirs = grow(route->dirs, route->ndirs, sizeof(route->dirs[0]));
    route->dirs[route->ndirs++] =
        (struct serve_dir){mem_string(host), mem_string(guest), is_read_only};
}

/* The program's name is the module's. */
static void take_args(struct serve_route *route, const struct spec *spec)
{
    if (spec->args.count < 2)
        return;
    route->args = mem_alloc(spec->args.count * sizeof(route->args[0]));
    for (size_t i = 1; i < spec->args.count; i++)
        route->args[route->nargs++] = mem_string(spec->args.items[i]);
}

bool serving_read(struct serving *serving, const struct spec *spec,
                  struct fault *fault)
{
    const struct spec_number *limit = &spec->resources.memory_limit;
    const struct grant_taker taker = {take_env, take_dir, &serving->route};

    *serving = defaults;
    if (serve_missing())
        return fault_set(fault, FAULT_UNIMPLEMENTED,
                         "annotation wasmrt.serve: %s", serve_missing());
    if (limit->given && limit->value > 0)
        serving->cgroup_limit = (uint64_t)limit->value;
    if (!read_settings(serving, spec, fault))
        return false;
    take_args(&serving->route, spec);
    grant_env(&taker, spec);
    grant_dirs(&taker, spec);
    serving->config.routes = &serving->route;
    serving->config.nroutes = 1;
    return true;
}

bool serving_grant(struct serving *serving, const struct spec *spec,
                   struct fault *fault)
{
    const struct serve_config *config = &serving->config;
    wasmrt_config *engine;
    uint64_t stack_bytes = 0;
    const char *why;

    if (!serving_read(serving, spec, fault))
        return false;
    engine = wasm_configure(spec, fault);
    if (!engine || !annotation_size(spec, "max-stack", &stack_bytes, fault))
        return false;
    serve_set_stack(engine, (size_t)stack_bytes);
    wasmrt_config_set_fuel(engine, serving->route.limits.fuel != UINT64_MAX);
    serving->config.engine = engine;
    why = serve_open(config);
    return !why ||
           fault_set(fault, FAULT_INVALID, "annotation wasmrt.serve%s: %s",
                     config->admin_address ? " or wasmrt.serve-admin" : "",
                     why);
}

/* -- The module ------------------------------------------------------------ */

bool serving_load(struct serving *serving, const char *path,
                  struct fault *fault)
{
    struct serve_limits *limits = &serving->route.limits;
    const char *why;

    if (strchr(path, '#') && access(path, F_OK) != 0)
        return fault_set(fault, FAULT_INVALID,
                         "entrypoint %s: wasmrt.serve calls _start, and no "
                         "export by name",
                         path);
    if (serving->cgroup_limit) {
        uint64_t room = wasm_memory_room(serving->cgroup_limit);

        if (room < limits->memory_bytes)
            limits->memory_bytes = room;
    }
    serving->route.module = mem_string(path);
    why = serve_load();
    return !why || fault_set(fault, FAULT_INVALID, "entrypoint %s", why);
}

int serving_run(void)
{
    const char *why = serve_loop();

    if (why)
        fprintf(stderr, "wasmrt: %s\n", why);
    serve_close();
    fflush(stderr);
    return why ? EXIT_REFUSED : 0;
}
