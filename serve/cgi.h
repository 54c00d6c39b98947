/*
 * CGI (RFC 3875) for guests: the environment of a request, and the head of what
 * the guest answers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SERVE_CGI_H
#define SERVE_CGI_H

#include "serve/http.h"
#include "serve/serve.h"
#include "wasmrt/wasi.h"

enum { CGI_FIELDS_MAX = 128, CGI_HEAD_MAX = 64 * 1024 };

/* What the environment is made of. */
struct cgi_request {
    const struct http_request *http;
    const struct serve_route *route;
    const char *path; /* decoded; begins with the route's */
    const char *server_addr, *server_port;
    const char *remote_addr, *remote_port;
    const char *id;
};

/*
 * Makes the configuration of a guest: environment, arguments and grants, and
 * whatever the route adds.  NULL when memory is exhausted.
 */
wasmrt_wasi_config *cgi_configure(const struct cgi_request *request);

/* The part of it that is the same for all requests and can fail: grants. */
void cgi_grant(wasmrt_wasi_config *config, const struct serve_route *route);

/* What a guest's head says; points into it. */
struct cgi_head {
    int status;
    struct span reason;
    struct span location;
    bool is_local; /* the location is a path of this server, alone in its head:
                      the answer is what that path answers */
    bool has_length;
    uint64_t length;
    size_t nfields; /* to be passed on */
    struct http_field fields[CGI_FIELDS_MAX];
};

/* Length of a whole head with its empty line, or 0.  Lines may end with a line
 * feed alone here, as they do in most programs. */
size_t cgi_find_end(const char *bytes, size_t len);

/* NULL, or what is wrong with the head. */
const char *cgi_parse(const char *head, size_t len, struct cgi_head *out);

#endif
