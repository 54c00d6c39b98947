/*
 * A web page from the sandbox, for `wasmrt serve`: shows the request, and
 * greets whoever sends a form. See docs/SERVE.md.
 *
 *     clang-19 --target=wasm32-wasi -O2 -o hello.wasm hello.c
 *     wasmrt serve hello.wasm
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What comes from outside must not become markup. */
static void put_escaped(const char *text)
{
    for (; *text; text++) {
        if (strchr("<>&\"'", *text))
            printf("&#%d;", *text);
        else
            putchar(*text);
    }
}

static void put_request(void)
{
    static const char *const names[] = {"REQUEST_METHOD", "PATH_INFO",
                                        "QUERY_STRING", "HTTP_USER_AGENT",
                                        "REQUEST_ID"};

    printf("<table>\n");
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        const char *value = getenv(names[i]);

        printf("<tr><td>%s<td>", names[i]);
        put_escaped(value ? value : "");
        putchar('\n');
    }
    printf("</table>\n");
}

/* The form has one field, so what it sends is "name=" and the name. */
static void greet(void)
{
    char form[256];
    size_t len = fread(form, 1, sizeof(form) - 1, stdin);

    form[len] = '\0';
    if (strncmp(form, "name=", 5) != 0)
        return;
    printf("<p>Hello, ");
    put_escaped(form + 5);
    printf("!\n");
}

int main(void)
{
    printf("Content-Type: text/html; charset=utf-8\n\n");
    printf("<!doctype html><title>Hello</title>\n");
    greet();
    printf(
        "<form method=post><input name=name><button>Greet</button></form>\n");
    put_request();
    return 0;
}
