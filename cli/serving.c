/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/serving.h"

#include "array/grow.h"
#include "cli/parse.h"

#include <stdlib.h>
#include <string.h>

static const char *const no_memory = "no memory";

/* -- Numbers --------------------------------------------------------------- */

static const char *set_duration(const char *value, uint64_t *out)
{
    return cli_parse_duration(value, out) ? NULL
                                          : "this is no duration, like 10s";
}

static const char *set_size(const char *value, uint64_t *out)
{
    return cli_parse_size(value, out) ? NULL : "this is no size, like 64M";
}

static const char *set_count(const char *value, uint64_t max, unsigned *out)
{
    uint64_t n;

    if (!cli_parse_count(value, max, &n) || n == 0)
        return "this is no number, or none that is possible here";
    *out = (unsigned)n;
    return NULL;
}

static const char *set_head(struct serve_config *config, const char *value)
{
    uint64_t bytes;

    if (!cli_parse_size(value, &bytes) || bytes < 1024 || bytes > 1 << 20)
        return "a head has 1K to 1M";
    config->head_bytes = (size_t)bytes;
    return NULL;
}

static const char *set_format(struct serve_config *config, const char *value)
{
    config->has_json_log = strcmp(value, "json") == 0;
    return config->has_json_log || strcmp(value, "text") == 0
               ? NULL
               : "the value is one of text|json";
}

bool serving_is_of_route(enum opt_id id)
{
    switch (id) {
    case OPT_TIMEOUT:
    case OPT_MAX_MEMORY:
    case OPT_MAX_OUTPUT:
    case OPT_MAX_BODY:
    case OPT_FUEL: return true;
    default: return false;
    }
}

static const char *set_limit(struct serve_limits *limits, enum opt_id id,
                             const char *value)
{
    switch (id) {
    case OPT_TIMEOUT: return set_duration(value, &limits->timeout_ns);
    case OPT_MAX_MEMORY: return set_size(value, &limits->memory_bytes);
    case OPT_MAX_OUTPUT: return set_size(value, &limits->output_bytes);
    case OPT_MAX_BODY: return set_size(value, &limits->body_bytes);
    default:
        return cli_parse_count(value, UINT64_MAX - 1, &limits->fuel)
                   ? NULL
                   : "this is no number";
    }
}

const char *serving_set(struct serving *serving, struct serve_route *route,
                        enum opt_id id, char *value)
{
    struct serve_config *config = &serving->config;

    switch (id) {
    case OPT_ADDR: config->address = value; return NULL;
    case OPT_ADMIN_ADDR: config->admin_address = value; return NULL;
    case OPT_ACCESS_LOG: config->log_path = value; return NULL;
    case OPT_LOG_FORMAT: return set_format(config, value);
    case OPT_WORKERS: return set_count(value, 256, &config->workers);
    case OPT_MAX_GUESTS: return set_count(value, 1 << 20, &config->guests);
    case OPT_GUEST_THREADS: return set_count(value, 4096, &config->threads);
    case OPT_MAX_WAITING: return set_count(value, 1 << 20, &config->queue);
    case OPT_MAX_CONNECTIONS:
        return set_count(value, 1 << 20, &config->connections);
    case OPT_MAX_HEAD: return set_head(config, value);
    case OPT_HEAD_TIMEOUT: return set_duration(value, &config->head_timeout_ns);
    case OPT_BODY_TIMEOUT: return set_duration(value, &config->body_timeout_ns);
    case OPT_IDLE_TIMEOUT: return set_duration(value, &config->idle_timeout_ns);
    case OPT_DRAIN_TIMEOUT:
        return set_duration(value, &config->drain_timeout_ns);
    default: return set_limit(&route->limits, id, value);
    }
}

/* -- Lists ----------------------------------------------------------------- */

const char *serving_add_dir(struct serve_route *route, enum opt_id id,
                            char *text)
{
    struct cli_mount mount;
    const char *why = id == OPT_DIR ? cli_parse_dir(text, &mount)
                                    : cli_parse_mount(text, &mount);

    if (why)
        return why;
    if (!array_resize(&route->dirs, route->ndirs + 1, sizeof(route->dirs[0])))
        return no_memory;
    route->dirs[route->ndirs++] =
        (struct serve_dir){mount.host, mount.guest, mount.is_read_only};
    return NULL;
}

const char *serving_add_var(struct serve_route *route, const char *name,
                            const char *value)
{
    if (!*name)
        return "a variable has no name";
    value = value ? value : getenv(name);
    if (!value)
        return NULL;
    if (!array_resize(&route->vars, route->nvars + 1, sizeof(route->vars[0])))
        return no_memory;
    route->vars[route->nvars++] = (struct serve_var){name, value};
    return NULL;
}

const char *serving_add_arg(struct serve_route *route, const char *arg)
{
    if (!array_resize(&route->args, route->nargs + 1, sizeof(route->args[0])))
        return no_memory;
    route->args[route->nargs++] = arg;
    return NULL;
}

const char *serving_add_route(struct serving *serving,
                              const struct serve_route *route)
{
    if (!array_resize(&serving->routes, serving->config.nroutes + 1,
                      sizeof(serving->routes[0])))
        return no_memory;
    serving->routes[serving->config.nroutes++] = *route;
    serving->config.routes = serving->routes;
    return NULL;
}
