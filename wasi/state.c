/*
 * A store's WASI state: grants made real.
 *
 * Preopened directories and files come first, from descriptor 3, listeners
 * after them: C libraries look for preopens up to the first descriptor that is
 * none.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "wasi/state.h"

#include "wasi/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Its address is the key of the attachment. */
static const char state_key;

struct p1_state *p1_state_of(wasmrt_store *store)
{
    return wasmrt_store_attached(store, &state_key);
}

wasmrt_error *p1_state_share(struct p1_state *state, wasmrt_store *store)
{
    return wasmrt_store_attach(store, &state_key, state, NULL);
}

static void state_delete(void *data)
{
    struct p1_state *state = data;

    if (!state)
        return;
    p1_threads_fini(&state->threads);
    p1_fdtable_fini(&state->fds);
    for (int i = 0; i < 3; i++)
        free(state->streams[i].bytes);
    free(state->args.bytes);
    free(state->env.bytes);
    free(state->refused);
    free(state);
}

static wasmrt_error *out_of_memory(void)
{
    return wasmrt_error_new(WASMRT_ERR_OUT_OF_MEMORY, "WASI");
}

static wasmrt_error *cannot_grant(wasmrt_code code, const char *what,
                                  const char *why)
{
    char message[512];

    snprintf(message, sizeof(message), "cannot grant %.400s: %s", what, why);
    return wasmrt_error_new(code, message);
}

static wasmrt_error *refused(const char *what, enum p1_errno err)
{
    return cannot_grant(WASMRT_ERR_IO, what, p1_errno_text(err));
}

static wasmrt_error *insert(struct p1_state *state, struct p1_file *file,
                            const char *what)
{
    char why[64];
    uint32_t fd;
    enum p1_errno err = p1_fdtable_insert(&state->fds, file, &fd);

    if (err == P1_NOMEM)
        return out_of_memory();
    if (err == P1_MFILE) {
        snprintf(why, sizeof(why), "%lu descriptors are all that there may be",
                 (unsigned long)state->fds.max);
        return cannot_grant(WASMRT_ERR_FD_LIMIT, what, why);
    }
    return err ? refused(what, err) : NULL;
}

/* -- Standard streams ------------------------------------------------------ */

/* A stream in memory, whose input is copied, or of the embedder's functions. */
static struct p1_file *memory_stdio(struct p1_stream *stream,
                                    const struct p1_stdio *stdio)
{
    struct p1_file *file = p1_file_new(-1, P1_FILETYPE_UNKNOWN);

    if (!file)
        return NULL;
    stream->is_capture = stdio->kind == P1_STDIO_CAPTURE;
    stream->write = stdio->write;
    stream->user = stdio->user;
    stream->max = stdio->len;
    stream->source = stdio->source;
    stream->sink = stdio->sink;
    stream->ready = stdio->ready;
    stream->ready_user = stdio->ready_user;
    if (stdio->kind == P1_STDIO_BYTES && stdio->len > 0) {
        stream->bytes = malloc(stdio->len);
        if (!stream->bytes) {
            p1_file_unref(file);
            return NULL;
        }
        memcpy(stream->bytes, stdio->bytes, stdio->len);
        stream->len = stream->cap = stdio->len;
    }
    file->source = P1_SOURCE_STREAM;
    file->stream = stream;
    return file;
}

/* A descriptor of the host, duplicated, since the guest may close it. */
static enum p1_errno host_stdio(int fd, struct p1_file **out)
{
    struct p1_filestat st;
    int host;
    enum p1_errno err = p1_os_dup(fd, &host);

    if (err)
        return err;
    err = p1_os_stat(host, &st);
    if (err) {
        p1_os_close(host);
        return err;
    }
    *out = p1_file_new(host, (enum p1_filetype)st.filetype);
    if (!*out)
        return P1_NOMEM;
    (*out)->is_shared = true;
    (*out)->fdflags = p1_os_fdflags(host);
    return P1_SUCCESS;
}

/* Descriptor n: of the host, or in memory.  Input cannot be written to, nor
 * output be read. */
static wasmrt_error *add_stdio(struct p1_state *state, int n,
                               const wasmrt_wasi_config *config)
{
    const struct p1_stdio *stdio = &config->stdio[n];
    static const struct p1_stdio none = {.kind = P1_STDIO_NONE};
    static const char *const names[] = {"standard input", "standard output",
                                        "standard error"};
    struct p1_file *file = NULL;
    bool inherits = stdio->kind == P1_STDIO_INHERIT;
    enum p1_errno err = P1_SUCCESS;

    if (inherits || stdio->kind == P1_STDIO_FD)
        err = host_stdio(inherits ? n : stdio->fd, &file);
    /* A host without that stream gives its guest none either. */
    if (inherits && err == P1_BADF) {
        stdio = &none;
        err = P1_SUCCESS;
    }
    if (err && err != P1_NOMEM)
        return refused(names[n], err);
    if (!err && !file)
        file = memory_stdio(&state->streams[n], stdio);
    if (!file)
        return out_of_memory();
    file->raises_sigpipe = config->raises_sigpipe;
    file->base = p1_file_base_rights(file) & p1_stdio_rights;
    file->base &= ~(uint64_t)(n == 0 ? P1_RIGHT_FD_WRITE : P1_RIGHT_FD_READ);
    return insert(state, file, names[n]);
}

/* -- Grants ---------------------------------------------------------------- */

static char *copy_text(const char *text)
{
    size_t bytes = strlen(text) + 1;
    char *copy = malloc(bytes);

    return copy ? memcpy(copy, text, bytes) : NULL;
}

/* A directory, or whatever else the path names as a single file. */
static enum p1_errno open_grant(const struct p1_grant *grant,
                                struct p1_file **out)
{
    char leaf[P1_PATH_MAX];
    struct p1_filestat st;
    bool is_dir = true;
    int host;
    enum p1_errno err =
        p1_os_open_host(grant->host, P1_OPEN_READ | P1_OPEN_DIRECTORY, &host);

    if (err == P1_ACCES)
        err = p1_os_open_host(grant->host, P1_OPEN_PATH | P1_OPEN_DIRECTORY,
                              &host);
    if (err == P1_NOTDIR) {
        is_dir = false;
        err = p1_os_open_parent(grant->host, &host, leaf);
    }
    if (err)
        return err;
    err = is_dir ? p1_os_stat(host, &st) : p1_os_stat_at(host, leaf, &st);
    if (err) {
        p1_os_close(host);
        return err;
    }
    *out = p1_file_new(host, (enum p1_filetype)st.filetype);
    if (*out && !is_dir)
        (*out)->only = copy_text(leaf);
    if (*out && !is_dir && !(*out)->only) {
        p1_file_unref(*out);
        *out = NULL;
    }
    return *out ? P1_SUCCESS : P1_NOMEM;
}

static wasmrt_error *add_preopen(struct p1_state *state,
                                 const struct p1_grant *grant)
{
    struct p1_file *file;
    enum p1_errno err = open_grant(grant, &file);

    if (err == P1_NOMEM)
        return out_of_memory();
    if (err)
        return refused(grant->host, err);
    file->preopen_name = copy_text(grant->guest);
    if (!file->preopen_name) {
        p1_file_unref(file);
        return out_of_memory();
    }
    if (grant->access == WASMRT_WASI_READ_ONLY)
        file->grant = p1_read_only_rights;
    /* Inheriting keeps what a read-only grant refuses, so that a guest that
     * asks for it is told instead of being served less. */
    file->base = p1_file_base_rights(file) & file->grant;
    file->inheriting = p1_file_inheriting_rights(file);
    return insert(state, file, grant->host);
}

/* One that was handed over is shared with others, so its flags stay as they
 * are. */
static wasmrt_error *add_listener(struct p1_state *state,
                                  const struct p1_grant *grant)
{
    struct p1_file *file;
    int host;
    enum p1_errno err = grant->host ? p1_os_listen(grant->host, &host)
                                    : p1_os_dup(grant->listen_fd, &host);
    const char *what = grant->host ? grant->host : "an inherited listener";

    if (err)
        return refused(what, err);
    if (!p1_os_is_listening(host)) {
        p1_os_close(host);
        return refused(what, P1_NOTSOCK);
    }
    file = p1_file_new(host, P1_FILETYPE_SOCKET_STREAM);
    if (!file)
        return out_of_memory();
    file->is_listener = true;
    file->is_shared = !grant->host;
    file->base = p1_file_base_rights(file);
    file->inheriting = p1_file_inheriting_rights(file);
    return insert(state, file, what);
}

/* In two rounds: listeners come behind all preopens. */
static wasmrt_error *add_grants(struct p1_state *state,
                                const wasmrt_wasi_config *config)
{
    const struct p1_grant *grant;
    wasmrt_error *error = NULL;
    bool has_resolver = false;

    for (grant = config->grants; grant && !error; grant = grant->next) {
        if (!grant->guest)
            continue;
        /* Asks the kernel, which a guest without files need not wait for. */
        if (!has_resolver)
            state->resolver = p1_resolver_choose();
        has_resolver = true;
        error = add_preopen(state, grant);
    }
    for (grant = config->grants; grant && !error; grant = grant->next) {
        if (!grant->guest)
            error = add_listener(state, grant);
    }
    return error;
}

/* -- The interface --------------------------------------------------------- */

static wasmrt_error *fill(struct p1_state *state,
                          const wasmrt_wasi_config *config)
{
    wasmrt_error *error = NULL;

    state->fds.max = config->max_fds;
    state->threads.max = config->max_threads;
    state->now_ns = config->now_ns;
    state->now_user = config->now_user;
    state->fill_random = config->fill_random;
    state->random_user = config->random_user;
    state->trace = config->trace;
    state->trace_user = config->trace_user;
    state->idle = config->idle;
    state->idle_user = config->idle_user;
    if (!p1_strings_copy(&state->args, &config->args) ||
        !p1_strings_copy(&state->env, &config->env))
        return out_of_memory();
    for (int i = 0; i < 3 && !error; i++)
        error = add_stdio(state, i, config);
    return error ? error : add_grants(state, config);
}

wasmrt_error *wasmrt_store_set_wasi(wasmrt_store *store,
                                    const wasmrt_wasi_config *config)
{
    struct p1_state *state;
    wasmrt_error *error;

    if (!store || !config)
        return wasmrt_error_new(WASMRT_ERR_MISUSE,
                                "store_set_wasi: an argument is NULL");
    state = config->out_of_memory ? NULL : calloc(1, sizeof(*state));
    if (!state)
        return out_of_memory();
    state->threads.first = store;
    error = fill(state, config);
    if (error) {
        state_delete(state);
        return error;
    }
    return wasmrt_store_attach(store, &state_key, state, state_delete);
}

const uint8_t *wasmrt_wasi_captured(wasmrt_store *store,
                                    wasmrt_wasi_stream stream, size_t *len_out)
{
    static const uint8_t nothing;
    const struct p1_state *state = p1_state_of(store);

    *len_out = 0;
    if (!state || (unsigned)stream > WASMRT_WASI_STDERR ||
        !state->streams[stream].is_capture)
        return NULL;
    *len_out = state->streams[stream].len;
    return *len_out ? state->streams[stream].bytes : &nothing;
}

size_t wasmrt_wasi_refused_path(wasmrt_store *store, char *buf, size_t size)
{
    struct p1_state *state = p1_state_of(store);
    size_t len = 0;

    if (size)
        buf[0] = '\0';
    if (!state)
        return 0;
    p1_lock(&state->refused_lock);
    if (state->refused)
        len = (size_t)snprintf(buf, size, "%s", state->refused);
    p1_unlock(&state->refused_lock);
    return len;
}
