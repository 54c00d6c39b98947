/* A CGI program: says what it was given, how often it was asked, and by its
 * path traps, loops, or takes a second. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *text(const char *name)
{
    const char *value = getenv(name);

    return value ? value : "nothing";
}

int main(int argc, char **argv)
{
    static int requests; /* of this instance: always the first */
    static void *volatile block;
    const char *path = text("PATH_INFO");

    if (strcmp(path, "/trap") == 0)
        __builtin_trap();
    while (strcmp(path, "/loop") == 0)
        requests = 0;
    if (strcmp(path, "/grow") == 0) {
        block = malloc(8 << 20);
        path = block ? "memory" : "no memory";
    }
    if (strcmp(path, "/slow") == 0)
        usleep(1000000);
    if (strcmp(path, "/write") == 0)
        path = fopen("/new", "w") ? "written" : "not written";
    fprintf(stderr, "asked for %s\n", path);
    printf("Content-Type: text/plain\n\n%s %s %s %s %d\n",
           text("REQUEST_METHOD"), path, text("GREETING"),
           argc > 1 ? argv[1] : "", ++requests);
    return 0;
}
