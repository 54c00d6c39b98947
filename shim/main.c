/*
 * containerd-shim-wasmrt-v1: what containerd starts to run Wasm containers.
 *
 * The verbs are:
 *
 *   start     finds or makes the shim of the container's group, prints its
 *             address
 *
 *   delete    removes what a shim left behind; needs no shim
 *
 *   serve     the shim itself; run by `start`, its socket is descriptor 3
 *
 *   zygote    run by the shim should it lose its first one; -address is the
 *             socket of the shim
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/shim.h"
#include "shim/zygote.h"

#include "wasmrt/version.h"

#include <stdio.h>
#include <string.h>

/* Go's flags: -name value, -name=value, --name likewise. */
static const char *flag_value(char **argv, int *i, const char *name)
{
    const char *word = argv[*i];
    size_t len = strlen(name);

    word += *word == '-';
    word += *word == '-';
    if (word == argv[*i] || strncmp(word, name, len) != 0)
        return NULL;
    if (word[len] == '=')
        return word + len + 1;
    if (word[len] != '\0' || !argv[*i + 1])
        return NULL;
    return argv[++*i];
}

static bool is_switch(const char *word, const char *name)
{
    word += *word == '-';
    word += *word == '-';
    return strcmp(word, name) == 0;
}

static bool read_word(struct options *options, char **argv, int *i)
{
    const struct {
        const char *name;
        const char **value;
    } flags[] = {
        {"namespace", &options->namespace_name},
        {"id", &options->id},
        {"address", &options->address},
        {"publish-binary", &options->publish_binary},
        {"bundle", &options->bundle},
    };

    if (argv[*i][0] != '-') {
        options->action = argv[*i];
        return true;
    }
    options->debug = options->debug || is_switch(argv[*i], "debug");
    options->info = options->info || is_switch(argv[*i], "info");
    options->version = options->version || is_switch(argv[*i], "v") ||
                       is_switch(argv[*i], "version");
    if (is_switch(argv[*i], "debug") || options->info || options->version)
        return true;
    for (size_t n = 0; n < sizeof(flags) / sizeof(*flags); n++) {
        const char *value = flag_value(argv, i, flags[n].name);

        if (value) {
            *flags[n].value = value;
            return true;
        }
    }
    fprintf(stderr, "containerd-shim-wasmrt-v1: unknown option %s\n", argv[*i]);
    return false;
}

static int run_action(const struct options *options)
{
    static const struct {
        const char *name;
        int (*run)(const struct options *options);
    } actions[] = {
        {"start", shim_start},
        {"delete", shim_delete},
        {"serve", shim_serve},
    };

    if (options->action && strcmp(options->action, "zygote") == 0)
        zygote_run(options->address);
    for (size_t i = 0;
         options->action && i < sizeof(actions) / sizeof(*actions); i++) {
        if (strcmp(actions[i].name, options->action) != 0)
            continue;
        if (*options->id && *options->namespace_name)
            return actions[i].run(options);
        fputs("containerd-shim-wasmrt-v1: -id and -namespace are needed\n",
              stderr);
        return 1;
    }
    fputs("usage: containerd-shim-wasmrt-v1 -namespace NS -id ID -address "
          "SOCKET start|delete, or -v, or -info\n"
          "It is started by containerd; see docs/KUBERNETES.md.\n",
          stderr);
    return 1;
}

int main(int argc, char **argv)
{
    struct options options = {
        .namespace_name = "", .id = "", .address = "", .publish_binary = ""};

    argv = uv_setup_args(argc, argv); /* so that ps can show something else */
    for (int i = 1; i < argc; i++) {
        if (!read_word(&options, argv, &i))
            return 1;
    }
    if (options.version) {
        puts("containerd-shim-wasmrt-v1:\n  Version:  " WASMRT_VERSION);
        return 0;
    }
    return options.info ? shim_info() : run_action(&options);
}
