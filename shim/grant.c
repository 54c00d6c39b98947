/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/grant.h"

#include "shim/annotation.h"
#include "shim/memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void grant_env(const struct grant_taker *taker, const struct spec *spec)
{
    for (size_t i = 0; i < spec->env.count; i++) {
        const char *text = spec->env.items[i], *equals = strchr(text, '=');
        char *name;

        if (!equals)
            continue;
        name = mem_format("%.*s", (int)(equals - text), text);
        taker->env(taker->user, name, equals + 1);
        free(name);
    }
    if (!spec_env(spec, "PWD"))
        taker->env(taker->user, "PWD", spec->cwd);
}

static bool is_read_only(const struct spec_mount *mount)
{
    bool read_only = false;

    for (size_t i = 0; i < mount->options.count; i++) {
        const char *option = mount->options.items[i];

        if (strcmp(option, "ro") == 0 || strcmp(option, "rro") == 0)
            read_only = true;
        else if (strcmp(option, "rw") == 0)
            read_only = false;
    }
    return read_only;
}

static bool is_directory(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The whole root file system, and each mounted directory once more with rights
 * of its own: C libraries choose the longest name that fits.  A single file in
 * a read-only root needs a grant of its own only where it may be written. */
static void grant_everything(const struct grant_taker *taker,
                             const struct spec *spec)
{
    taker->dir(taker->user, "/", "/", spec->root_readonly);
    for (size_t i = 0; i < spec->mount_count; i++) {
        const char *path = spec->mounts[i].destination;
        bool read_only = is_read_only(&spec->mounts[i]);
        bool differs = read_only != spec->root_readonly;

        if (!differs || access(path, F_OK) != 0 ||
            (!is_directory(path) && read_only))
            continue;
        taker->dir(taker->user, path, path, read_only);
    }
}

/* "PATH[::GUEST][:ro]" separated by commas, instead of everything. */
static void grant_named(const struct grant_taker *taker,
                        const struct spec *spec, const char *list)
{
    while (*list) {
        size_t len = strcspn(list, ",");
        char *item = mem_format("%.*s", (int)len, list), *guest;
        bool read_only = len > 3 && strcmp(item + len - 3, ":ro") == 0;

        if (read_only)
            item[len - 3] = '\0';
        guest = strstr(item, "::");
        if (guest) {
            *guest = '\0';
            guest += 2;
        }
        taker->dir(taker->user, item, guest ? guest : item,
                   read_only || spec->root_readonly);
        free(item);
        list += len + (list[len] == ',');
    }
}

void grant_dirs(const struct grant_taker *taker, const struct spec *spec)
{
    const char *list = annotation_find(spec, "preopens");

    if (list)
        grant_named(taker, spec, list);
    else
        grant_everything(taker, spec);
}
