/*
 * Which part of a path says who answers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SERVE_ROUTE_H
#define SERVE_ROUTE_H

#include "serve/app.h"

/* Owner: the server.  Constant while requests are served. */
struct route {
    const struct serve_route *config;
    struct app app; /* of a module */
    int dir;        /* of files, or -1 */
};

/* The route with the longest path that is `path` or leads to it; or NULL. */
const struct route *route_find(const struct route *routes, size_t count,
                               const char *path);

/* What a path has behind that of its route; begins with '/' or is empty. */
const char *route_rest(const struct route *route, const char *path);

#endif
