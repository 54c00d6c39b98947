/*
 * An answer that is a file: found beneath the directory of its route, sent as
 * it is, or a range of it, or only the news that it has not changed.
 *
 * Files are read on the loop: what is read often is in the system's cache.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "serve/file.h"

#include "serve/conn.h"
#include "serve/date.h"
#include "serve/exchange.h"
#include "serve/os.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE_BYTES = 32 * 1024 };

/* -- Pure parts ------------------------------------------------------------ */

const char *file_type(const char *name)
{
    static const struct {
        const char *end, *type;
    } types[] = {
#define MIME(end, type) {end, type},
#include "serve/mime.def"
#undef MIME
    };
    const char *dot = strrchr(name, '.');

    for (size_t i = 0; dot && i < sizeof(types) / sizeof(*types); i++) {
        if (span_is((struct span){dot + 1, strlen(dot + 1)}, types[i].end))
            return types[i].type;
    }
    return "application/octet-stream";
}

/* Names that begin with a dot are not for the public, but for one. */
bool file_is_hidden(const char *path)
{
    static const char known[] = "/.well-known";
    const char *at = path;

    while ((at = strstr(at, "/."))) {
        size_t len = sizeof(known) - 1;

        if (strncmp(at, known, len) != 0 || (at[len] != '/' && at[len]))
            return true;
        at++;
    }
    return false;
}

/* "bytes=0-99", "bytes=100-", "bytes=-100". */
enum file_range file_range(struct span value, uint64_t size, uint64_t *at,
                           uint64_t *len)
{
    struct span first, last;
    uint64_t end = 0;
    const char *dash;

    if (value.len < 7 || !span_is((struct span){value.at, 6}, "bytes="))
        return FILE_WHOLE;
    first.at = value.at + 6;
    dash = memchr(first.at, '-', value.len - 6);
    if (!dash)
        return FILE_WHOLE;
    first.len = (size_t)(dash - first.at);
    last = (struct span){dash + 1, value.len - 7 - first.len};
    if (first.len == 0) {
        if (!http_number(last, len))
            return FILE_WHOLE;
        *len = *len < size ? *len : size;
        *at = size - *len;
        return *len > 0 ? FILE_PART : FILE_OUTSIDE;
    }
    if (!http_number(first, at) ||
        (last.len > 0 && (!http_number(last, &end) || end < *at)))
        return FILE_WHOLE;
    if (*at >= size)
        return FILE_OUTSIDE;
    end = last.len > 0 && end < size ? end + 1 : size;
    *len = end - *at;
    return FILE_PART;
}

/* Whether a list of entity tags has this one; weak ones compare as well. */
bool file_has_tag(struct span list, const char *tag)
{
    struct span one;

    while (span_next(&list, &one)) {
        if (one.len > 2 && one.at[0] == 'W' && one.at[1] == '/') {
            one.at += 2;
            one.len -= 2;
        }
        if (span_is(one, "*") ||
            (one.len == strlen(tag) && memcmp(one.at, tag, one.len) == 0))
            return true;
    }
    return false;
}

/* -- Conditions ------------------------------------------------------------ */

struct file {
    struct os_stat stat;
    char tag[64], date[DATE_BYTES], range[80];
    const char *type;
    uint64_t at, len;
};

static bool is_unchanged(const struct http_request *http,
                         const struct file *file)
{
    struct span tags = http_field(http, "If-None-Match");
    struct span since = http_field(http, "If-Modified-Since");
    int64_t seconds;

    if (tags.at)
        return file_has_tag(tags, file->tag);
    return since.at && date_read(since, &seconds) &&
           file->stat.mtime_s <= seconds;
}

/* A range is wanted of this very file only. */
static bool wants_range(const struct http_request *http,
                        const struct file *file)
{
    struct span condition = http_field(http, "If-Range");

    return !condition.at || span_is(condition, file->tag) ||
           span_is(condition, file->date);
}

/* -- Answering ------------------------------------------------------------- */

static struct http_field field(const char *name, const char *value)
{
    return (struct http_field){{name, strlen(name)}, {value, strlen(value)}};
}

/* The head, and how much is to follow: the file, a part of it, or nothing. */
static void send_file(struct exchange *exchange, struct file *file, int status)
{
    struct http_field fields[6] = {
        field("Content-Type", file->type), field("ETag", file->tag),
        field("Last-Modified", file->date), field("Accept-Ranges", "bytes"),
        field("X-Content-Type-Options", "nosniff")};
    size_t nfields = 5;

    if (status == 206 || status == 416)
        fields[nfields++] = field("Content-Range", file->range);
    if (status == 304 || status == 416)
        file->len = 0;
    answer_frame(exchange, status, status != 304, file->len);
    answer_head(exchange, status, (struct span){NULL, 0}, fields, nfields);
    exchange->source = SOURCE_FILE;
    exchange->file_at = file->at;
    if (exchange->has_no_body || file->len == 0) {
        exchange->left = 0;
        answer_end(exchange);
    }
}

/* The status: 206 for a range that is asked for and there, 416 for one outside,
 * or 200 for all of it. */
static int choose_part(const struct http_request *http, struct file *file)
{
    struct span range = http_field(http, "Range");

    if (!range.at || !span_is(http->method, "GET") || !wants_range(http, file))
        return 200;
    switch (file_range(range, file->stat.size, &file->at, &file->len)) {
    case FILE_PART:
        snprintf(file->range, sizeof(file->range), "bytes %llu-%llu/%llu",
                 (unsigned long long)file->at,
                 (unsigned long long)(file->at + file->len - 1),
                 (unsigned long long)file->stat.size);
        return 206;
    case FILE_OUTSIDE:
        snprintf(file->range, sizeof(file->range), "bytes */%llu",
                 (unsigned long long)file->stat.size);
        return 416;
    case FILE_WHOLE: break;
    }
    file->at = 0;
    file->len = file->stat.size;
    return 200;
}

static void answer(struct exchange *exchange, const struct os_stat *stat,
                   const char *name)
{
    struct file file = {
        .stat = *stat, .type = file_type(name), .len = stat->size};
    int status;

    snprintf(file.tag, sizeof(file.tag), "\"%llx-%llx-%llx%08llx\"",
             (unsigned long long)stat->inode, (unsigned long long)stat->size,
             (unsigned long long)stat->mtime_s,
             (unsigned long long)stat->mtime_ns);
    date_write(stat->mtime_s, file.date);
    status = is_unchanged(&exchange->http, &file)
                 ? 304
                 : choose_part(&exchange->http, &file);
    send_file(exchange, &file, status);
}

/* Relative links of an index work only behind a slash. */
static void add_slash(struct exchange *exchange)
{
    struct http_request *http = &exchange->http;
    size_t len = http->path.len + http->query.len + 3;
    char *to = malloc(len);
    struct http_field fields[1];

    if (!to) {
        exchange_fail(exchange, 503, "no memory");
        return;
    }
    snprintf(to, len, "%.*s/%s%.*s", (int)http->path.len, http->path.at,
             http->query.len ? "?" : "", (int)http->query.len,
             http->query.len ? http->query.at : "");
    fields[0] = field("Location", to);
    exchange->source = SOURCE_TEXT;
    answer_frame(exchange, 301, true, 0);
    answer_head(exchange, 301, (struct span){NULL, 0}, fields, 1);
    answer_end(exchange);
    free(to);
}

static bool ends_with_slash(const char *path)
{
    size_t len = strlen(path);

    return len > 0 && path[len - 1] == '/';
}

/* Replaces a directory by its index; 0 or a status. */
static int open_index(struct exchange *exchange, struct os_stat *stat)
{
    int dir = exchange->file, status;

    exchange->file = -1;
    status = os_open_beneath(dir, "index.html", &exchange->file, stat);
    os_close(dir);
    return status == 404 ? 403 : status;
}

/* A directory is its index.html, but only under a path that ends in a slash,
 * since its relative links would lead elsewhere. */
static void find(struct exchange *exchange, const char *path)
{
    struct os_stat stat;
    const char *name = path;
    int status = os_open_beneath(exchange->route->dir,
                                 path[0] && path[1] ? path + 1 : ".",
                                 &exchange->file, &stat);

    if (status == 0 && stat.is_dir) {
        if (!ends_with_slash(path)) {
            add_slash(exchange);
            return;
        }
        name = "index.html";
        status = open_index(exchange, &stat);
    }
    if (status == 0 && !stat.is_file)
        status = 403;
    if (status)
        exchange_fail(exchange, status,
                      status == 404 ? "no such file" : "no file to be read");
    else
        answer(exchange, &stat, name);
}

static void refuse_method(struct exchange *exchange)
{
    struct http_field fields[] = {field("Allow", "GET, HEAD")};

    exchange->source = SOURCE_TEXT;
    if (!exchange->has_body)
        exchange->conn->keeps_alive = false;
    answer_frame(exchange, 405, true, 0);
    answer_head(exchange, 405, (struct span){NULL, 0}, fields, 1);
    answer_end(exchange);
}

void file_begin(struct exchange *exchange)
{
    const char *path = route_rest(exchange->route, exchange->path);

    if (!span_is(exchange->http.method, "GET") &&
        !span_is(exchange->http.method, "HEAD"))
        refuse_method(exchange);
    else if (file_is_hidden(path))
        exchange_fail(exchange, 404, "no such file");
    else
        find(exchange, path);
}

/* A file that has become shorter cannot be what the head said. */
void file_pump(struct exchange *exchange)
{
    char piece[PIECE_BYTES];

    while (!exchange->is_done && conn_unsent(exchange->conn) < CONN_OUT_BYTES) {
        size_t want = exchange->left < sizeof(piece) ? (size_t)exchange->left
                                                     : sizeof(piece);
        int64_t got =
            os_read_at(exchange->file, piece, want, exchange->file_at);

        if (got <= 0) {
            exchange_fail(exchange, 500, "a file became shorter");
            return;
        }
        exchange->file_at += (uint64_t)got;
        answer_body(exchange, piece, (size_t)got);
        if (exchange->left == 0)
            answer_end(exchange);
    }
}
