/*
 * A server in a process of its own, and a client that sends bytes as they are.
 * Strings that are returned live until the test ends.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_TESTS_SERVE_CLIENT_H
#define WRT_TESTS_SERVE_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

/* Starts `wasmrt serve` in this directory with these words, a list that ends
 * with NULL, listening on the unix sockets "http" and "admin", and waits until
 * it does.  What it says goes to the files "log" and "err".  Failures end the
 * test; without a program to serve it is skipped. */
int serve_start(const char *const *words);
#define SERVE(...) serve_start((const char *const[]){__VA_ARGS__, NULL})

/* The path of the program of tests/programs/cgi.c. */
const char *serve_program(void);

/* Sends SIGTERM; returns the exit status. */
int serve_stop(int pid);
/* The same for one that was told to end: a second signal may find a process
 * that is on its way out and listens to none. */
int serve_wait(int pid);

/* A connection to a socket of that name; ends the test when there is none. */
int client_open(const char *name);
/* -1 when there is none. */
int client_try(const char *name);

void client_send(int fd, const char *text);
/* False when the other side has closed. */
bool client_send_bytes(int fd, const void *bytes, size_t len);

/* Reads until the other side closes; NUL-terminated. */
char *client_read_all(int fd, size_t *len_out);

/* Reads a head, and a body as its head says; the body is decoded.  Returns the
 * status; -1 when the answer is not complete. */
struct answer {
    int status;
    char head[16 * 1024];
    char *body;
    size_t len;
};
int client_read(int fd, bool has_body, struct answer *out);
/* The same with a body that the caller frees. */
int client_read_raw(int fd, bool has_body, struct answer *out);
/* What comes next, of any length; 0 at the end. */
long recv_some(int fd, char *to, size_t len);

/* One request on a connection of its own; the text ends with its empty line.
 * Returns all that came. */
char *ask(const char *text);
/* "GET path" of HTTP/1.1, and close. */
char *ask_path(const char *path);
/* The same of the admin socket. */
char *ask_admin(const char *path);
/* How often that was done so far. */
unsigned long admin_asks(void);

/* What a file has in it; NUL-terminated. */
char *read_file(const char *path);

/* Waits until a page of the admin socket has this text; false after some
 * seconds. */
bool admin_says(const char *path, const char *text);
/* The same of the page of metrics. */
bool metrics_have(const char *line);

#endif
