/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "serve/route.h"

#include <string.h>

/* Without the slash at its end, so that "/" leads to everything. */
static size_t prefix_len(const struct route *route)
{
    size_t len = strlen(route->config->path);

    return route->config->path[len - 1] == '/' ? len - 1 : len;
}

const struct route *route_find(const struct route *routes, size_t count,
                               const char *path)
{
    const struct route *best = NULL;

    for (size_t i = 0; i < count; i++) {
        size_t len = prefix_len(&routes[i]);

        if (strncmp(path, routes[i].config->path, len) != 0 ||
            (path[len] != '/' && path[len] != '\0'))
            continue;
        if (!best || len > prefix_len(best))
            best = &routes[i];
    }
    return best;
}

const char *route_rest(const struct route *route, const char *path)
{
    return path + prefix_len(route);
}
