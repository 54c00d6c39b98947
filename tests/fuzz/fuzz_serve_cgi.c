/*
 * Heads of answers as guests write them: arbitrary bytes.  What is accepted can
 * be written to a client as it is: no field can end a line or the head.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "serve/cgi.h"
#include "tests/fuzz/reach.h"

#include <stdlib.h>
#include <string.h>

static void check_clean(struct span span)
{
    for (size_t i = 0; i < span.len; i++) {
        if (span.at[i] == '\r' || span.at[i] == '\n' || span.at[i] == '\0')
            abort();
    }
}

static void check_head(const struct cgi_head *head)
{
    if (head->status < 200 || head->status > 599)
        abort();
    check_clean(head->reason);
    check_clean(head->location);
    for (size_t i = 0; i < head->nfields; i++) {
        if (!http_is_token(head->fields[i].name) ||
            span_is(head->fields[i].name, "Transfer-Encoding") ||
            span_is(head->fields[i].name, "Content-Length"))
            abort();
        check_clean(head->fields[i].value);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data;
    size_t len = cgi_find_end(bytes, size);
    struct cgi_head *head;

    if (len == 0) {
        reach("head without an end");
        return 0;
    }
    head = malloc(sizeof(*head));
    if (cgi_parse(bytes, len, head)) {
        reach("head that is refused");
    } else {
        check_head(head);
        reach(head->is_local       ? "local redirect"
              : head->location.len ? "redirect"
              : head->has_length   ? "answer with a length"
                                   : "answer");
    }
    free(head);
    return 0;
}
