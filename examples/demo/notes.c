/*
 * A small note keeper, the program of `make demo`: plain C and stdio, compiled
 * for the sandbox.  It knows nothing of wasmrt.
 *
 *     notes add FILE TEXT...   appends a line and says how many there are
 *     notes show FILE          prints the lines with numbers
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

static int complain(const char *file)
{
    printf("notes: cannot open %s: %s\n", file, strerror(errno));
    return 1;
}

static int show(const char *file, int print)
{
    char line[256];
    int count = 0;
    FILE *f = fopen(file, "r");

    if (!f)
        return -1;
    while (fgets(line, sizeof(line), f)) {
        count++;
        if (print)
            printf("%4d  %s", count, line);
    }
    fclose(f);
    return count;
}

static int add(const char *file, int argc, char **argv)
{
    FILE *f = fopen(file, "a");

    if (!f)
        return complain(file);
    for (int i = 0; i < argc; i++)
        fprintf(f, "%s%c", argv[i], i + 1 < argc ? ' ' : '\n');
    fclose(f);
    printf("notes: %s now has %d lines\n", file, show(file, 0));
    return 0;
}

int main(int argc, char **argv)
{
    if (argc >= 4 && strcmp(argv[1], "add") == 0)
        return add(argv[2], argc - 3, argv + 3);
    if (argc == 3 && strcmp(argv[1], "show") == 0)
        return show(argv[2], 1) < 0 ? complain(argv[2]) : 0;
    printf("usage: notes add FILE TEXT... | notes show FILE\n");
    return 2;
}
