/*
 * The file of --config: a table [server], and a table [[route]] for each route
 * with [route.env] behind it. Keys are the names of options.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/serving.h"

#include "cli/os.h"
#include "cli/report.h"
#include "cli/toml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct serve_route *last_route(struct serving *serving)
{
    return &serving->routes[serving->config.nroutes - 1];
}

/* Options whose text is kept. */
static bool is_text(enum opt_id id)
{
    return id == OPT_ADDR || id == OPT_ADMIN_ADDR || id == OPT_ACCESS_LOG;
}

/* What an option takes, from a string or a number. */
static const char *set_option(struct serving *serving,
                              struct serve_route *route,
                              const struct toml_item *item)
{
    const struct opt_spec *spec = opts_find(item->key, strlen(item->key));
    enum opt_id id = spec ? (enum opt_id)(spec - opt_specs) : OPT_COUNT;
    char text[32];

    if (!spec || !(spec->verbs & VERB_SERVE) || id == OPT_CONFIG ||
        spec->group == GROUP_ABOUT || spec->group == GROUP_RUNNING ||
        serving_is_of_route(id) != (route != NULL))
        return "no such key in this table";
    if (item->kind == TOML_STRING)
        return serving_set(serving, route, id, item->string);
    if (is_text(id))
        return "a string is expected";
    if (item->kind != TOML_NUMBER || item->number < 0)
        return "a string or a number is expected";
    snprintf(text, sizeof(text), "%lld", (long long)item->number);
    return serving_set(serving, route, id, text);
}

static const char *set_text(const struct toml_item *item, const char **out)
{
    if (item->kind != TOML_STRING)
        return "a string is expected";
    *out = item->string;
    return NULL;
}

/* Calls add for each string of a list. */
static const char *add_all(struct serve_route *route,
                           const struct toml_item *item)
{
    const char *why =
        item->kind == TOML_STRINGS ? NULL : "an array of strings is expected";

    for (size_t i = 0; i < item->nstrings && !why; i++)
        why = strcmp(item->key, "args") == 0
                  ? serving_add_arg(route, item->strings[i])
                  : serving_add_dir(route, OPT_DIR, item->strings[i]);
    return why;
}

static const char *set_of_route(struct serving *serving,
                                const struct toml_item *item)
{
    struct serve_route *route = last_route(serving);

    if (strcmp(item->key, "path") == 0)
        return set_text(item, &route->path);
    if (strcmp(item->key, "module") == 0)
        return set_text(item, &route->module);
    if (strcmp(item->key, "files") == 0)
        return set_text(item, &route->files);
    if (strcmp(item->key, "args") == 0 || strcmp(item->key, "dirs") == 0)
        return add_all(route, item);
    if (strcmp(item->key, "query-args") != 0)
        return set_option(serving, route, item);
    route->has_query_args = item->is_true;
    return item->kind == TOML_BOOL ? NULL : "true or false is expected";
}

/* Limits of the command line are those of every route that says nothing
 * else; grants are not. */
static const char *begin_route(struct serving *serving)
{
    struct serve_route route = {.limits = serving->program.limits};

    return serving_add_route(serving, &route);
}

static const char *begin_table(struct serving *serving,
                               const struct toml_item *item)
{
    bool is_element = item->kind == TOML_ELEMENT;

    if (is_element && strcmp(item->table, "route") == 0)
        return begin_route(serving);
    if (!is_element && strcmp(item->table, "server") == 0)
        return NULL;
    if (!is_element && strcmp(item->table, "route.env") == 0)
        return serving->config.nroutes > 0 ? NULL
                                           : "there is no [[route]] before it";
    return "the tables are [server], [[route]] and [route.env]";
}

static const char *take(void *user, const struct toml_item *item)
{
    struct serving *serving = user;
    const char *why;

    if (item->kind == TOML_TABLE || item->kind == TOML_ELEMENT)
        return begin_table(serving, item);
    if (strcmp(item->table, "route") == 0)
        why = set_of_route(serving, item);
    else if (strcmp(item->table, "server") == 0)
        why = set_option(serving, NULL, item);
    else if (strcmp(item->table, "route.env") == 0)
        why =
            item->kind == TOML_STRING
                ? serving_add_var(last_route(serving), item->key, item->string)
                : "a string is expected";
    else
        why = "a table like [server] is expected first";
    free(item->strings);
    return why;
}

static const char *check_route(const struct serve_route *route)
{
    if (!route->path || route->path[0] != '/')
        return "a route has no path that begins with /";
    if (!route->module == !route->files)
        return "a route has either module or files";
    return NULL;
}

/* Of two for one path, one would never be asked. */
static const char *check_path(const struct serving *serving, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(serving->routes[i].path, serving->routes[n].path) == 0)
            return "there are two routes for one path";
    }
    return NULL;
}

static int check_routes(const struct serving *serving)
{
    for (size_t i = 0; i < serving->config.nroutes; i++) {
        const char *why = check_route(&serving->routes[i]);

        if (!why)
            why = check_path(serving, i);

        if (why) {
            cli_error("%s: %s", serving->routes_path, why);
            return CLI_EXIT_USAGE;
        }
    }
    return CLI_GO_ON;
}

/* What was read stays: the strings lie in it. */
int serving_read_routes(struct serving *serving)
{
    static uint8_t *bytes;
    struct toml_fault fault;
    size_t len;
    const char *why = cli_read_file(serving->routes_path, &bytes, &len);

    if (why) {
        cli_error("cannot read %s: %s", serving->routes_path, why);
        return CLI_EXIT_REFUSED;
    }
    if (!toml_read((char *)bytes, take, serving, &fault)) {
        cli_error("%s:%u: %s", serving->routes_path, fault.line, fault.why);
        return CLI_EXIT_USAGE;
    }
    return check_routes(serving);
}
