/*
 * The embedder's side: what is granted.
 *
 * Setters have no results; the first failed allocation is remembered and
 * reported when a store gets the configuration.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "wasi/config.h"

#include "array/grow.h"

#include <stdlib.h>
#include <string.h>

enum { DEFAULT_MAX_FDS = 1024, MAX_MAX_FDS = 1 << 20 };

/* -- Strings --------------------------------------------------------------- */

/* A copy of len bytes with a NUL behind; NULL sets out_of_memory. */
static char *copy_bytes(wasmrt_wasi_config *config, const void *bytes,
                        size_t len)
{
    char *copy = malloc(len + 1);

    if (!copy) {
        config->out_of_memory = true;
        return NULL;
    }
    if (len > 0)
        memcpy(copy, bytes, len);
    copy[len] = '\0';
    return copy;
}

static char *copy_string(wasmrt_wasi_config *config, const char *string)
{
    return copy_bytes(config, string, strlen(string));
}

/* Makes room for len bytes more.  Guests count in 32 bits. */
static bool reserve(struct p1_strings *list, size_t len)
{
    return len < UINT32_MAX - list->len &&
           array_reserve(&list->bytes, &list->cap, list->len + len, 1);
}

/* Appends a string of three parts. */
static void append(wasmrt_wasi_config *config, struct p1_strings *list,
                   const char *head, const char *middle, const char *tail)
{
    const char *parts[] = {head, middle, tail};
    size_t lens[] = {strlen(head), strlen(middle), strlen(tail)};

    if (!reserve(list, lens[0] + lens[1] + lens[2] + 1)) {
        config->out_of_memory = true;
        return;
    }
    for (int i = 0; i < 3; i++) {
        memcpy(list->bytes + list->len, parts[i], lens[i]);
        list->len += lens[i];
    }
    list->bytes[list->len++] = '\0';
    list->count++;
}

/* One of 64 bits for each name, which an '=' ends. */
static uint64_t name_bit(const char *name)
{
    uint32_t hash = 0;

    for (; *name && *name != '='; name++)
        hash = hash * 31 + (unsigned char)*name;
    return (uint64_t)1 << ((hash ^ hash >> 16) * 0x9e3779b1u >> 26);
}

/* Removes the string that begins with `name` and '='. */
static void remove_name(struct p1_strings *list, const char *name)
{
    size_t name_len = strlen(name), at = 0;

    while (at < list->len) {
        char *string = list->bytes + at;
        size_t len = strlen(string) + 1;

        if (strncmp(string, name, name_len) == 0 && string[name_len] == '=') {
            memmove(string, string + len, list->len - at - len);
            list->len -= len;
            list->count--;
            return;
        }
        at += len;
    }
}

bool p1_strings_copy(struct p1_strings *to, const struct p1_strings *from)
{
    *to = (struct p1_strings){0};
    if (from->len == 0)
        return true;
    to->bytes = malloc(from->len);
    if (!to->bytes)
        return false;
    memcpy(to->bytes, from->bytes, from->len);
    to->len = to->cap = from->len;
    to->count = from->count;
    return true;
}

/* -- The configuration ----------------------------------------------------- */

wasmrt_wasi_config *wasmrt_wasi_config_new(void)
{
    wasmrt_wasi_config *config = calloc(1, sizeof(*config));

    if (config)
        config->max_fds = DEFAULT_MAX_FDS;
    return config;
}

void wasmrt_wasi_config_delete(wasmrt_wasi_config *config)
{
    if (!config)
        return;
    while (config->grants) {
        struct p1_grant *grant = config->grants;

        config->grants = grant->next;
        free(grant->host);
        free(grant->guest);
        free(grant);
    }
    for (int i = 0; i < 3; i++)
        free(config->stdio[i].bytes);
    free(config->args.bytes);
    free(config->env.bytes);
    free(config);
}

void wasmrt_wasi_config_arg(wasmrt_wasi_config *config, const char *arg)
{
    append(config, &config->args, arg, "", "");
}

void wasmrt_wasi_config_env(wasmrt_wasi_config *config, const char *name,
                            const char *value)
{
    uint64_t bit = name_bit(name);

    /* Most names are new, and looking for each among all others takes long. */
    if (config->env_names & bit)
        remove_name(&config->env, name);
    config->env_names |= bit;
    append(config, &config->env, name, "=", value);
}

/* Appends a grant; host and guest are copied. */
static struct p1_grant *add_grant(wasmrt_wasi_config *config, const char *host,
                                  const char *guest)
{
    struct p1_grant *grant = calloc(1, sizeof(*grant)), **end;

    if (!grant) {
        config->out_of_memory = true;
        return NULL;
    }
    grant->listen_fd = -1;
    grant->host = host ? copy_string(config, host) : NULL;
    grant->guest = guest ? copy_string(config, guest) : NULL;
    for (end = &config->grants; *end; end = &(*end)->next)
        ;
    *end = grant;
    return grant;
}

void wasmrt_wasi_config_preopen(wasmrt_wasi_config *config,
                                const char *host_path, const char *guest_path,
                                wasmrt_wasi_access access)
{
    struct p1_grant *grant = add_grant(config, host_path, guest_path);

    if (grant)
        grant->access = access;
}

void wasmrt_wasi_config_listen(wasmrt_wasi_config *config, const char *address)
{
    add_grant(config, address, NULL);
}

void wasmrt_wasi_config_listen_fd(wasmrt_wasi_config *config, int fd)
{
    struct p1_grant *grant = add_grant(config, NULL, NULL);

    if (grant)
        grant->listen_fd = fd;
}

/* -- Standard streams ------------------------------------------------------ */

/* Replaces what the stream was connected to.  False: no such stream. */
static bool set_stdio(wasmrt_wasi_config *config, wasmrt_wasi_stream stream,
                      struct p1_stdio stdio)
{
    if ((unsigned)stream > WASMRT_WASI_STDERR)
        return false;
    free(config->stdio[stream].bytes);
    config->stdio[stream] = stdio;
    return true;
}

void wasmrt_wasi_config_inherit(wasmrt_wasi_config *config,
                                wasmrt_wasi_stream stream)
{
    set_stdio(config, stream, (struct p1_stdio){.kind = P1_STDIO_INHERIT});
}

void wasmrt_wasi_config_stream_fd(wasmrt_wasi_config *config,
                                  wasmrt_wasi_stream stream, int fd)
{
    set_stdio(config, stream, (struct p1_stdio){.kind = P1_STDIO_FD, .fd = fd});
}

void wasmrt_wasi_config_sigpipe(wasmrt_wasi_config *config, bool on)
{
    config->raises_sigpipe = on;
}

void wasmrt_wasi_config_stdin_bytes(wasmrt_wasi_config *config,
                                    const void *bytes, size_t len)
{
    struct p1_stdio stdio = {.kind = P1_STDIO_BYTES, .len = len};

    stdio.bytes = (uint8_t *)copy_bytes(config, bytes, len);
    set_stdio(config, WASMRT_WASI_STDIN, stdio);
}

void wasmrt_wasi_config_capture(wasmrt_wasi_config *config,
                                wasmrt_wasi_stream stream, size_t max_bytes)
{
    if (stream != WASMRT_WASI_STDIN)
        set_stdio(
            config, stream,
            (struct p1_stdio){.kind = P1_STDIO_CAPTURE, .len = max_bytes});
}

void wasmrt_wasi_config_writer(
    wasmrt_wasi_config *config, wasmrt_wasi_stream stream,
    void (*write)(void *user, const void *bytes, size_t len), void *user)
{
    if (stream != WASMRT_WASI_STDIN)
        set_stdio(config, stream,
                  (struct p1_stdio){
                      .kind = P1_STDIO_WRITER, .write = write, .user = user});
}

void wasmrt_wasi_config_source(wasmrt_wasi_config *config,
                               wasmrt_wasi_source_fn read, void *user)
{
    set_stdio(
        config, WASMRT_WASI_STDIN,
        (struct p1_stdio){.kind = P1_STDIO_CALL, .source = read, .user = user});
}

void wasmrt_wasi_config_sink(wasmrt_wasi_config *config,
                             wasmrt_wasi_stream stream,
                             wasmrt_wasi_sink_fn write, void *user)
{
    if (stream != WASMRT_WASI_STDIN)
        set_stdio(config, stream,
                  (struct p1_stdio){
                      .kind = P1_STDIO_CALL, .sink = write, .user = user});
}

void wasmrt_wasi_config_ready(wasmrt_wasi_config *config,
                              wasmrt_wasi_stream stream,
                              wasmrt_wasi_ready_fn ready, void *user)
{
    struct p1_stdio *stdio = &config->stdio[stream];

    if (stdio->kind != P1_STDIO_CALL)
        return;
    stdio->ready = ready;
    stdio->ready_user = user;
}

/* -- Replacements and limits ----------------------------------------------- */

void wasmrt_wasi_config_clock(wasmrt_wasi_config *config,
                              uint64_t (*now_ns)(void *user, uint32_t clock_id),
                              void *user)
{
    config->now_ns = now_ns;
    config->now_user = user;
}

void wasmrt_wasi_config_random(wasmrt_wasi_config *config,
                               void (*fill)(void *user, void *buf, size_t len),
                               void *user)
{
    config->fill_random = fill;
    config->random_user = user;
}

void wasmrt_wasi_config_max_fds(wasmrt_wasi_config *config, uint32_t count)
{
    config->max_fds = count < MAX_MAX_FDS ? count : MAX_MAX_FDS;
}

void wasmrt_wasi_config_threads(wasmrt_wasi_config *config, uint32_t max)
{
    config->max_threads = max;
}

void wasmrt_wasi_config_trace(wasmrt_wasi_config *config,
                              void (*write)(void *user, const char *line),
                              void *user)
{
    config->trace = write;
    config->trace_user = user;
}

void wasmrt_wasi_config_idle(wasmrt_wasi_config *config,
                             void (*idle)(void *user), void *user)
{
    config->idle = idle;
    config->idle_user = user;
}
