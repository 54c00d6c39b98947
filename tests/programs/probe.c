/*
 * Tells what it was given; the first argument says what to do:
 *
 *     env          prints the environment
 *     exit N       exits with that status
 *     cat FILE     copies a file, or standard input (-), to standard output
 *     trap         divides by zero, two calls deep
 *     loop         never ends
 *     deep N       calls itself N times
 *     spam         prints lines forever, whether or not that works
 *     grow N       grows the memory by N MiB and says whether it could
 *     need N       the same, and fails if it could not
 *     open FILE    opens a file until it cannot, and says how often and why
 *
 * Anything else: prints its arguments, one per line, its name first.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

static int print_all(char **texts)
{
    for (; *texts; texts++)
        puts(*texts);
    return 0;
}

static int cat(const char *path)
{
    FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
    int c;

    if (!f) {
        fprintf(stderr, "cannot open %s\n", path);
        return 1;
    }
    while ((c = getc(f)) != EOF)
        putchar(c);
    fclose(f);
    return 0;
}

__attribute__((noinline)) static int divide(volatile int *a, volatile int *b)
{
    return *a / *b;
}

__attribute__((noinline)) static int trap(void)
{
    volatile int one = 1, zero = 0;

    return divide(&one, &zero) + 1;
}

__attribute__((noinline)) static void loop(void)
{
    for (volatile int i = 0;; i++)
        ;
}

__attribute__((noinline)) static int deep(int n, volatile int *sum)
{
    if (n == 0)
        return *sum;
    *sum += n;
    return deep(n - 1, sum) + *sum;
}

static void spam(void)
{
    for (;;)
        puts("spam");
}

static int grow(size_t mib)
{
    bool could = __builtin_wasm_memory_grow(0, mib * 16) != (size_t)-1;

    puts(could ? "could" : "could not");
    return could;
}

static int open_many(const char *path)
{
    int count = 0;

    while (fopen(path, "r"))
        count++;
    printf("%d times, then: %s\n", count, strerror(errno));
    return 0;
}

int main(int argc, char **argv)
{
    const char *verb = argc > 1 ? argv[1] : "";
    const char *arg = argc > 2 ? argv[2] : "";
    volatile int sum = 0;

    if (strcmp(verb, "env") == 0)
        return print_all(environ);
    if (strcmp(verb, "exit") == 0)
        exit(atoi(arg));
    if (strcmp(verb, "cat") == 0)
        return cat(arg);
    if (strcmp(verb, "trap") == 0)
        return trap();
    if (strcmp(verb, "loop") == 0)
        loop();
    if (strcmp(verb, "spam") == 0)
        spam();
    if (strcmp(verb, "deep") == 0)
        return deep(atoi(arg), &sum) == 1;
    if (strcmp(verb, "grow") == 0)
        return grow((size_t)atoi(arg)), 0;
    if (strcmp(verb, "need") == 0)
        return !grow((size_t)atoi(arg));
    if (strcmp(verb, "open") == 0)
        return open_many(arg);
    return print_all(argv);
}
