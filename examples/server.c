/*
 * A server with several tenants: a tenant is a module, and each request is run
 * in a fresh instance with limits of its own, so that no request sees another
 * and none can hold the server up.  A request is a datagram with a tenant's
 * number and another number; the answer is what its handle() makes of that.
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

static wasmrt_error *handle(int tenant, int32_t number, int32_t *answer)
{
    wasmrt_store *store;
    wasmrt_instance *instance;
    wasmrt_error *error = wasmrt_store_new(engine, &store);

    if (error)
        return error;
    if (!(error = wasmrt_store_set_fuel(store, FUEL)) &&
        !(error = wasmrt_linker_instantiate(linker, store, tenants[tenant],
                                            &instance)))
        error = wasmrt_call(store, wasmrt_instance_func(instance, "handle"),
                            "(i32) -> i32", number, answer);
    wasmrt_store_delete(store);
    return error;
}

static void reply(const char *line, char *text, size_t size)
{
    int32_t tenant, number, answer;
    wasmrt_error *error = NULL;

    if (sscanf(line, "%d %d", &tenant, &number) != 2 || tenant < 0 ||
        tenant >= ntenants)
        snprintf(text, size, "no such tenant\n");
    else if ((error = handle(tenant, number, &answer)))
        snprintf(text, size, "%s\n", wasmrt_error_message(error));
    else
        snprintf(text, size, "%d\n", (int)answer);
    wasmrt_error_delete(error);
}

static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buf)
{
    static char line[64];

    (void)handle;
    (void)size;
    *buf = uv_buf_init(line, sizeof(line) - 1);
}

static void on_request(uv_udp_t *socket, ssize_t n, const uv_buf_t *buf,
                       const struct sockaddr *from, unsigned flags)
{
    char text[160];
    uv_buf_t out;

    (void)flags;
    if (n < 0 || !from)
        return;
    buf->base[n] = '\0';
    reply(buf->base, text, sizeof(text));
    out = uv_buf_init(text, (unsigned)strlen(text));
    uv_udp_try_send(socket, &out, 1, from);
}

static int serve(int port)
{
    uv_loop_t *loop = uv_default_loop();
    struct sockaddr_in addr;
    int len = sizeof(addr);
    uv_udp_t server;

    uv_udp_init(loop, &server);
    uv_ip4_addr("127.0.0.1", port, &addr);
    if (uv_udp_bind(&server, (struct sockaddr *)&addr, 0) ||
        uv_udp_recv_start(&server, on_alloc, on_request) ||
        uv_udp_getsockname(&server, (struct sockaddr *)&addr, &len))
        return 1;
    printf("port %d\n", ntohs(addr.sin_port));
    fflush(stdout);
    return uv_run(loop, UV_RUN_DEFAULT);
}

int main(int argc, char **argv)
{
    wasmrt_config *config = wasmrt_config_new();
    wasmrt_error *error;

    if (argc < 3)
        return 2;
    wasmrt_config_set_fuel(config, true);
    wasmrt_config_set_memory_limit(config, MEMORY_BYTES);
    if (!(error = wasmrt_engine_new(config, &engine)))
        error = wasmrt_linker_new(engine, &linker);
    while (!error && ntenants < argc - 2 && ntenants < MAX_TENANTS) {
        const char *path = argv[ntenants + 2];

        error = wasmrt_module_from_file(engine, path, &tenants[ntenants++]);
    }
    wasmrt_config_delete(config);
    if (!error)
        return serve(atoi(argv[1])); /* until it is killed */
    fprintf(stderr, "server: %s\n", wasmrt_error_message(error));
    wasmrt_error_delete(error);
    return 1;
}
