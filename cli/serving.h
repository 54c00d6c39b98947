/*
 * The pieces of `wasmrt serve`: reading its words (cmd_serve.c), reading its
 * file of routes (routes.c), and what both share: settings by the names of
 * their options (serving.c).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_CLI_SERVING_H
#define WRT_CLI_SERVING_H

#include "cli/cmd.h"
#include "serve/serve.h"

/* One server.  Owner: cmd_serve(); everything lives until the process ends. */
struct serving {
    wasmrt_config *engine;
    struct serve_config config;
    struct serve_route *routes; /* the first is that of FILE, if there is one */
    struct serve_route program; /* of the command line: limits, grants */
    const char *routes_path;    /* --config, or NULL */
};

/* Sets what an option of the server or of a route is about: a number in its
 * notation, an address or a file.  Returns NULL, or what is wrong. */
const char *serving_set(struct serving *serving, struct serve_route *route,
                        enum opt_id id, char *value);

/* Whether the option is about a route, and not about the server. */
bool serving_is_of_route(enum opt_id id);

/* Grants of a route.  Return NULL, or what is wrong. */
const char *serving_add_dir(struct serve_route *route, enum opt_id id,
                            char *text);
const char *serving_add_var(struct serve_route *route, const char *name,
                            const char *value);
const char *serving_add_arg(struct serve_route *route, const char *arg);
const char *serving_add_route(struct serving *serving,
                              const struct serve_route *route);

/* Reads --config.  Complains; returns CLI_GO_ON or the exit status. */
int serving_read_routes(struct serving *serving);

#endif
