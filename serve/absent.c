/*
 * What a build without libuv has in place of the server.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "serve/serve.h"

const char *serve_missing(void)
{
    return "this build has no server: libuv was not there when it was made";
}

int serve_inherited(void)
{
    return -1;
}

bool serve_run(const struct serve_config *config)
{
    (void)config;
    return false;
}

const char *serve_open(const struct serve_config *config)
{
    (void)config;
    return serve_missing();
}

const char *serve_load(void)
{
    return serve_missing();
}

const char *serve_loop(void)
{
    return serve_missing();
}

void serve_close(void)
{
}
