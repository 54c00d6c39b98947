/*
 * Which --dir was missing, when a guest failed.
 *
 * Two traces are left of that: a path that WASI refused because it leads out of
 * what is granted, and an argument that names a file of the host which no grant
 * has under that name.  For the latter, C libraries look in their list of
 * directories and fail without a call.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "array/grow.h"
#include "cli/imports.h"
#include "cli/os.h"
#include "cli/report.h"
#include "cli/run.h"

#include <stdlib.h>
#include <string.h>

enum { PATH_BYTES = 4096 };

void run_note_grant(struct run *run, const char *host, const char *guest)
{
    if (array_resize(&run->grants, run->grant_count + 1, sizeof(*run->grants)))
        run->grants[run->grant_count++] = (struct run_grant){host, guest};
}

/* Without "./" in front, and so that "." is nothing. */
static const char *skip_dot(const char *path)
{
    while (path[0] == '.' && path[1] == '/')
        path += 2 + strspn(path + 2, "/");
    return strcmp(path, ".") == 0 ? "" : path;
}

/* What follows the grant's name in a path of the guest, or NULL. */
static const char *behind_grant(const char *path, const char *guest)
{
    size_t len;

    path = skip_dot(path);
    guest = skip_dot(guest);
    len = strlen(guest);
    while (len > 1 && guest[len - 1] == '/')
        len--;
    if (strncmp(path, guest, len) != 0)
        return NULL;
    if (len == 0)
        return *path == '/' ? NULL : path;
    if (path[len] == '\0' || path[len] == '/' || guest[len - 1] == '/')
        return path + len + strspn(path + len, "/");
    return NULL;
}

/* PATH_BYTES of a path below what is granted; false when it is longer. */
static bool host_path(const struct run_grant *grant, const char *rest,
                      char *host)
{
    return (size_t)snprintf(host, PATH_BYTES, "%s/%s", grant->host, rest) <
           PATH_BYTES;
}

/* The grant with the longest name that fits, as C libraries choose; or NULL. */
static const struct run_grant *find_grant(const struct run *run,
                                          const char *path, const char **rest)
{
    const struct run_grant *best = NULL;

    for (size_t i = 0; i < run->grant_count; i++) {
        const char *behind = behind_grant(path, run->grants[i].guest);

        if (behind && (!best || behind > *rest)) {
            best = &run->grants[i];
            *rest = behind;
        }
    }
    return best;
}

static void put_grant(const char *dir)
{
    fputs("    --dir=", stderr);
    cli_put_shell(stderr, dir, strlen(dir));
    putc('\n', stderr);
}

/* Where on the host that is, if the path begins with the name of a grant. */
static bool explain_refused(const struct run *run)
{
    char path[PATH_BYTES], host[PATH_BYTES], dir[PATH_BYTES];
    size_t len = wasmrt_wasi_refused_path(run->store, path, sizeof(path));
    const struct run_grant *grant;
    const char *rest = "";

    if (len == 0 || len >= sizeof(path))
        return false;
    cli_hint("it was refused %s, which leads out of the directories that are "
             "granted",
             path);
    grant = find_grant(run, path, &rest);
    if (!grant || !host_path(grant, rest, host))
        return true;
    if (cli_directory_of(host, dir, sizeof(dir))) {
        cli_hint("this grants where it leads, under its own name:");
        put_grant(dir);
    }
    return true;
}

/* The part of an argument that may be a path: --name=PATH, or all. */
static const char *path_in(const char *arg)
{
    const char *equals = strchr(arg, '=');

    if (*arg != '-')
        return arg;
    return equals ? equals + 1 : NULL;
}

/* The directory part of a path as it is written. */
static void put_directory_of(const char *path)
{
    char dir[PATH_BYTES];
    const char *slash = strrchr(path, '/');
    size_t len = slash ? (size_t)(slash - path) : 0;

    if (!slash) {
        put_grant(".");
    } else if (len < sizeof(dir)) {
        memcpy(dir, path, len);
        dir[len] = '\0';
        put_grant(len ? dir : "/");
    }
}

/* C libraries start in "/", so a grant of that name has relative paths too. */
static bool is_below_root(const struct run *run, const char *path)
{
    const struct run_grant *root = NULL;
    char host[PATH_BYTES];

    for (size_t i = 0; i < run->grant_count; i++) {
        if (strcmp(run->grants[i].guest, "/") == 0)
            root = &run->grants[i];
    }
    return root && host_path(root, path, host) && cli_exists(host);
}

static void explain_arguments(const struct run *run)
{
    const char *rest;

    for (int i = 0; i < run->arg_count; i++) {
        const char *path = path_in(run->args[i]);

        if (!path || !*path || find_grant(run, path, &rest) ||
            is_below_root(run, path) || !cli_exists(path))
            continue;
        cli_hint("no --dir grants %s; this does:", path);
        put_directory_of(path);
        return;
    }
}

/* Whether the guest could open a file if it had a directory. */
static bool opens_files(const wasmrt_module *module)
{
    wasmrt_extern_info info;

    for (size_t i = 0; wasmrt_module_import(module, i, &info); i++) {
        if (info.name_len == 9 && memcmp(info.name, "path_open", 9) == 0)
            return true;
    }
    return false;
}

void run_explain_paths(const struct run *run)
{
    if (run->invoke || !opens_files(run->module))
        return;
    if (!explain_refused(run))
        explain_arguments(run);
}
