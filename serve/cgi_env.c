/*
 * What a guest finds in its environment and arguments.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "serve/cgi.h"

#include "wasmrt/version.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Strings with their NULs are made here, one at a time.  Nothing that goes in
 * is longer than the head of the request and what joins its fields. */
struct scratch {
    wasmrt_wasi_config *config;
    char *name, *value;
};

static const char *text_of(char *to, struct span span)
{
    if (span.len > 0)
        memcpy(to, span.at, span.len);
    to[span.len] = '\0';
    return to;
}

static void set(struct scratch *s, const char *name, struct span value)
{
    wasmrt_wasi_config_env(s->config, name, text_of(s->value, value));
}

static void set_text(struct scratch *s, const char *name, const char *value)
{
    wasmrt_wasi_config_env(s->config, name, value);
}

/* -- Fields ---------------------------------------------------------------- */

/*
 * Not passed on: what has a variable of its own; Proxy, which programs would
 * take for the variable HTTP_PROXY; and names with '_', which would pass for
 * the same name with '-', that a proxy in front may have vouched for.
 */
static bool is_passed(struct span name)
{
    return !span_is(name, "Content-Type") && !span_is(name, "Content-Length") &&
           !span_is(name, "Proxy") && !memchr(name.at, '_', name.len);
}

static bool same_name(struct span a, struct span b)
{
    char text[256];

    if (a.len != b.len || a.len >= sizeof(text))
        return false;
    return span_is(a, text_of(text, b));
}

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c & ~0x20) : c == '-' ? '_' : c;
}

/* Joins all fields of the name of number `first`, unless an earlier one did. */
static void set_field(struct scratch *s, const struct http_request *http,
                      size_t first)
{
    struct span name = http->fields[first].name;
    const char *joint = span_is(name, "Cookie") ? "; " : ", ";
    size_t len = 0;

    for (size_t i = 0; i < first; i++) {
        if (same_name(http->fields[i].name, name))
            return;
    }
    for (size_t i = first; i < http->nfields; i++) {
        struct span value = http->fields[i].value;

        if (i > first && !same_name(http->fields[i].name, name))
            continue;
        if (i > first) {
            memcpy(s->value + len, joint, 2);
            len += 2;
        }
        if (value.len > 0)
            memcpy(s->value + len, value.at, value.len);
        len += value.len;
    }
    s->value[len] = '\0';
    memcpy(s->name, "HTTP_", 5);
    for (size_t i = 0; i < name.len; i++)
        s->name[5 + i] = upper(name.at[i]);
    s->name[5 + name.len] = '\0';
    wasmrt_wasi_config_env(s->config, s->name, s->value);
}

static size_t fields_size(const struct http_request *http)
{
    size_t size = http->target.len + http->host.len + 64;

    for (size_t i = 0; i < http->nfields; i++)
        size += http->fields[i].name.len + http->fields[i].value.len + 2;
    return size;
}

/* -- Variables ------------------------------------------------------------- */

/* The host without its port. */
static struct span host_name(struct span host)
{
    size_t len = host.len;

    while (len > 0 && host.at[len - 1] >= '0' && host.at[len - 1] <= '9')
        len--;
    if (len > 0 && len < host.len && host.at[len - 1] == ':')
        return (struct span){host.at, len - 1};
    return host;
}

/* The part of the path that named the route, and the rest. */
static size_t script_len(const struct cgi_request *request)
{
    size_t len = strlen(request->route->path);

    return request->route->path[len - 1] == '/' ? len - 1 : len;
}

/* The variables of RFC 3875 that are about the request line and the body. */
static void set_request(struct scratch *s, const struct cgi_request *request)
{
    const struct http_request *http = request->http;
    size_t script = script_len(request);
    char length[24];

    set_text(s, "GATEWAY_INTERFACE", "CGI/1.1");
    set_text(s, "SERVER_PROTOCOL", http->minor ? "HTTP/1.1" : "HTTP/1.0");
    set(s, "REQUEST_METHOD", http->method);
    set(s, "REQUEST_URI", http->target);
    set(s, "QUERY_STRING", http->query);
    set(s, "SCRIPT_NAME", (struct span){request->path, script});
    if (request->path[script])
        set_text(s, "PATH_INFO", request->path + script);
    if (http->is_chunked)
        /* RFC 3875 knows no other way to say that there is a body. */
        set_text(s, "HTTP_TRANSFER_ENCODING", "chunked");
    if (http->has_length) {
        snprintf(length, sizeof(length), "%llu",
                 (unsigned long long)http->length);
        set_text(s, "CONTENT_LENGTH", length);
    }
    if (http_field(http, "Content-Type").at)
        set(s, "CONTENT_TYPE", http_field(http, "Content-Type"));
}

static void set_server(struct scratch *s, const struct cgi_request *request)
{
    static const char software[] = "wasmrt/" WASMRT_VERSION;
    struct span host = host_name(request->http->host);

    set_text(s, "SERVER_SOFTWARE", software);
    if (host.len > 0)
        set(s, "SERVER_NAME", host);
    else
        set_text(s, "SERVER_NAME", request->server_addr);
    set_text(s, "SERVER_PORT", request->server_port);
    set_text(s, "REMOTE_ADDR", request->remote_addr);
    set_text(s, "REMOTE_PORT", request->remote_port);
    set_text(s, "REQUEST_ID", request->id);
}

/* Names that WAGI gives to guests, for programs that were written for it. */
static void set_wagi(struct scratch *s, const struct cgi_request *request)
{
    const struct http_request *http = request->http;
    size_t len = 0;

    set_text(s, "X_MATCHED_ROUTE", request->route->path);
    set(s, "X_RAW_PATH_INFO", http->path);
    memcpy(s->value, "http://", 7);
    len = 7;
    if (http->host.len > 0)
        memcpy(s->value + len, http->host.at, http->host.len);
    len += http->host.len;
    memcpy(s->value + len, http->target.at, http->target.len);
    s->value[len + http->target.len] = '\0';
    if (http->target.at[0] == '/')
        wasmrt_wasi_config_env(s->config, "X_FULL_URL", s->value);
}

/* -- Arguments and grants -------------------------------------------------- */

/* The pieces of the query between '&', as they are. */
static void add_query_args(struct scratch *s, struct span query)
{
    while (query.len > 0) {
        const char *and = memchr(query.at, '&', query.len);
        size_t len = and ? (size_t)(and-query.at) : query.len;

        if (len > 0)
            wasmrt_wasi_config_arg(
                s->config, text_of(s->value, (struct span){query.at, len}));
        query.at += len + (and? 1 : 0);
        query.len -= len + (and? 1 : 0);
    }
}

void cgi_grant(wasmrt_wasi_config *config, const struct serve_route *route)
{
    for (size_t i = 0; i < route->ndirs; i++)
        wasmrt_wasi_config_preopen(
            config, route->dirs[i].host, route->dirs[i].guest,
            route->dirs[i].is_read_only ? WASMRT_WASI_READ_ONLY
                                        : WASMRT_WASI_READ_WRITE);
}

static void add_route(struct scratch *s, const struct cgi_request *request)
{
    const struct serve_route *route = request->route;
    const char *slash = strrchr(route->module, '/');

    wasmrt_wasi_config_arg(s->config, slash ? slash + 1 : route->module);
    for (size_t i = 0; i < route->nargs; i++)
        wasmrt_wasi_config_arg(s->config, route->args[i]);
    if (route->has_query_args)
        add_query_args(s, request->http->query);
    for (size_t i = 0; i < route->nvars; i++)
        set_text(s, route->vars[i].name, route->vars[i].value);
    cgi_grant(s->config, route);
}

/* The route's own variables come last and so replace what a client sent. */
wasmrt_wasi_config *cgi_configure(const struct cgi_request *request)
{
    size_t size = fields_size(request->http) + strlen(request->path);
    struct scratch s = {wasmrt_wasi_config_new(), malloc(size), malloc(size)};

    if (!s.config || !s.name || !s.value) {
        wasmrt_wasi_config_delete(s.config);
        s.config = NULL;
    } else {
        for (size_t i = 0; i < request->http->nfields; i++) {
            if (is_passed(request->http->fields[i].name))
                set_field(&s, request->http, i);
        }
        set_request(&s, request);
        set_server(&s, request);
        set_wagi(&s, request);
        add_route(&s, request);
    }
    free(s.name);
    free(s.value);
    return s.config;
}
