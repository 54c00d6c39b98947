/*
 * A request and its answer.
 *
 * The connection gives it bytes of the body and asks it to go on; it writes
 * into the connection's output (conn_put()).  When its connection is gone and
 * its guest is not, it stays until the guest has ended.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SERVE_EXCHANGE_H
#define SERVE_EXCHANGE_H

#include "serve/cgi.h"
#include "serve/chunked.h"
#include "serve/server.h"

/* What makes the answer. */
enum exchange_source {
    SOURCE_NONE, /* not known yet */
    SOURCE_GUEST,
    SOURCE_FILE,
    SOURCE_TEXT /* all of it is in the connection's output already */
};

struct exchange {
    struct exchange *next, **link; /* of the worker's list */
    struct exchange *next_ready;   /* with the worker's lock: */
    bool is_ready;
    struct worker *worker;
    struct conn *conn; /* NULL: gone */
    char id[24], remote[64];
    uint64_t begin_ns, deadline_ns; /* deadline: of the guest */
    int64_t begin_s;

    /* The request. */
    char *head; /* owned; what http points into */
    char *path; /* owned; decoded */
    const struct route *route;
    struct chunked chunked;
    uint64_t body_left; /* of a body with a length */
    uint64_t received_bytes;
    bool has_body;     /* all of it */
    bool drops_body;   /* nobody wants it any more */
    bool has_continue; /* 100 was sent, or is not needed */

    /* The answer. */
    enum exchange_source source;
    int status;      /* 0: not begun */
    bool is_chunked; /* how its end is told: this, */
    bool has_length; /* or this, or by closing */
    bool has_no_body;
    bool is_done;
    bool is_broken; /* the connection must end without telling that it is
                       complete */
    uint64_t left;  /* of the length */
    uint64_t sent_bytes;

    struct guest *guest;
    uv_timer_t alarm; /* when there is one: wakes the guest */
    bool has_alarm;
    uint64_t alarm_ns; /* what it is set to; UINT64_MAX: nothing */
    char *cgi; /* owned; what came of the guest's head, and may be more */
    size_t cgi_len;
    unsigned redirects;

    int file;
    uint64_t file_at;

    struct http_request http; /* last: large */
};

/* Takes a head that is not owned yet.  NULL when memory is exhausted. */
struct exchange *exchange_new(struct conn *conn, const char *head, size_t len);

/* Finds who answers, and begins. */
void exchange_begin(struct exchange *exchange);

/* Refuses the request, or reports that its answer failed; closes the
 * connection if that is all that can be done. */
void exchange_fail(struct exchange *exchange, int status, const char *why);

/* Answers with a text of our own. */
void exchange_text(struct exchange *exchange, int status, const char *type,
                   const char *text, size_t len);

/* Takes bytes of the body off *in, as many as fit.  Whether more would be
 * taken now. */
bool exchange_feed(struct exchange *exchange, struct span *in);

/* Writes what there is of the answer, up to about as much as the connection
 * should hold; call again when it is written. */
void exchange_pump(struct exchange *exchange);

/* The client is gone, or not worth waiting for: the connection forgets the
 * exchange, whatever state it is in. */
void exchange_release(struct exchange *exchange);

/* Has exchange_wake() called by the loop soon; from any thread. */
void exchange_ready(struct exchange *exchange);

/* Takes the next one off the list of a worker; NULL at its end. */
struct exchange *exchange_next_ready(struct worker *worker);

/* The guest has something to tell; or time has passed. */
void exchange_wake(struct exchange *exchange);
void exchange_tick(struct exchange *exchange, uint64_t now_ns);

/* -- Parts ----------------------------------------------------------------- */

/* Writes the head of an answer (answer.c).  How the end of the body is told
 * must be decided. */
void answer_head(struct exchange *exchange, int status, struct span reason,
                 const struct http_field *fields, size_t nfields);
/* Writes bytes of the body, framed; and its end. */
void answer_body(struct exchange *exchange, const char *bytes, size_t len);
void answer_end(struct exchange *exchange);
/* Decides how the end is told: by the length if it is known. */
void answer_frame(struct exchange *exchange, int status, bool has_length,
                  uint64_t length);

/* A file (file.c). */
void file_begin(struct exchange *exchange);
void file_pump(struct exchange *exchange);

/* Forgets a guest that has ended. */
void exchange_drop_guest(struct exchange *exchange);

/* A guest (program.c). */
void program_begin(struct exchange *exchange);
void program_pump(struct exchange *exchange);

/* Pages of the admin address (admin.c). */
void admin_begin(struct exchange *exchange);

#endif
