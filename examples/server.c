/*
 * A server with several tenants: a tenant is a module, and each request is run
 * in a fresh instance with limits of its own, so that no request sees another
 * and none can hold the server up.  A request is a line with a tenant's number
 * and another number; the answer is what the tenant's handle() makes of that.
 *
 *     server PORT MODULE...        port 0: any; it is printed
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>
#include <wasmrt.h>

enum { MAX_TENANTS = 8, MEMORY_BYTES = 1 << 20, FUEL = 1000000 };

static wasmrt_engine *engine;
static wasmrt_linker *linker;
static wasmrt_module *tenants[MAX_TENANTS];
static int ntenants;

/* A connection; requests come in pieces. */
struct client {
    uv_tcp_t tcp;
    char line[64];
    size_t len;
};

/* -- Requests -------------------------------------------------------------- */

static wasmrt_error *handle(int tenant, int32_t number, int32_t *answer)
{
    wasmrt_store *store;
    wasmrt_instance *instance;
    wasmrt_error *error = wasmrt_store_new(engine, &store);

    if (error)
        return error;
    wasmrt_store_set_memory_limit(store, MEMORY_BYTES);
    if (!(error = wasmrt_store_set_fuel(store, FUEL)) &&
        !(error = wasmrt_linker_instantiate(linker, store, tenants[tenant],
                                            &instance)))
        error = wasmrt_call(store, wasmrt_instance_func(instance, "handle"),
                            "(i32) -> i32", number, answer);
    wasmrt_store_delete(store);
    return error;
}

static void reply(struct client *client)
{
    char text[160];
    int tenant, number;
    int32_t answer;
    wasmrt_error *error = NULL;
    uv_buf_t buf;

    if (sscanf(client->line, "%d %d", &tenant, &number) != 2 || tenant < 0 ||
        tenant >= ntenants)
        snprintf(text, sizeof(text), "no such tenant\n");
    else if ((error = handle(tenant, number, &answer)))
        snprintf(text, sizeof(text), "%.150s\n", wasmrt_error_message(error));
    else
        snprintf(text, sizeof(text), "%d\n", (int)answer);
    wasmrt_error_delete(error);
    buf = uv_buf_init(text, (unsigned)strlen(text));
    /* A client that does not read its answers loses them. */
    uv_try_write((uv_stream_t *)&client->tcp, &buf, 1);
}

/* -- The loop -------------------------------------------------------------- */

static void on_close(uv_handle_t *handle)
{
    free(handle->data);
}

static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buf)
{
    struct client *client = handle->data;

    (void)size;
    *buf = uv_buf_init(client->line + client->len,
                       (unsigned)(sizeof(client->line) - 1 - client->len));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct client *client = stream->data;
    char *end;

    (void)buf;
    if (n < 0) { /* also a line that is too long */
        uv_close((uv_handle_t *)stream, on_close);
        return;
    }
    client->len += (size_t)n;
    client->line[client->len] = '\0';
    while ((end = strchr(client->line, '\n')) != NULL) {
        reply(client);
        client->len -= (size_t)(end + 1 - client->line);
        memmove(client->line, end + 1, client->len + 1);
    }
}

static void on_connection(uv_stream_t *server, int status)
{
    struct client *client = calloc(1, sizeof(*client));

    if (status < 0 || !client) {
        free(client);
        return;
    }
    uv_tcp_init(server->loop, &client->tcp);
    client->tcp.data = client;
    if (uv_accept(server, (uv_stream_t *)&client->tcp) == 0 &&
        uv_read_start((uv_stream_t *)&client->tcp, on_alloc, on_read) == 0)
        return;
    uv_close((uv_handle_t *)&client->tcp, on_close);
}

static int serve(int port)
{
    uv_loop_t *loop = uv_default_loop();
    struct sockaddr_in addr;
    int len = sizeof(addr);
    uv_tcp_t server;

    uv_tcp_init(loop, &server);
    uv_ip4_addr("127.0.0.1", port, &addr);
    if (uv_tcp_bind(&server, (struct sockaddr *)&addr, 0) ||
        uv_listen((uv_stream_t *)&server, 16, on_connection) ||
        uv_tcp_getsockname(&server, (struct sockaddr *)&addr, &len))
        return 1;
    printf("port %d\n", ntohs(addr.sin_port));
    fflush(stdout);
    return uv_run(loop, UV_RUN_DEFAULT);
}

int main(int argc, char **argv)
{
    wasmrt_config *config = wasmrt_config_new();
    wasmrt_error *error;

    if (!config || argc < 3)
        return 2;
    wasmrt_config_set_fuel(config, true);
    if (!(error = wasmrt_engine_new(config, &engine)))
        error = wasmrt_linker_new(engine, &linker);
    while (!error && ntenants < argc - 2 && ntenants < MAX_TENANTS) {
        error = wasmrt_module_from_file(engine, argv[ntenants + 2],
                                        &tenants[ntenants]);
        ntenants++;
    }
    wasmrt_config_delete(config);
    if (!error)
        return serve(atoi(argv[1])); /* until it is killed */
    fprintf(stderr, "server: %s\n", wasmrt_error_message(error));
    wasmrt_error_delete(error);
    return 1;
}
