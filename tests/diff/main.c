/*
 * usage: diff [-n MODULES] [-t SECONDS] [-s SEED] [-p COMMAND] [-f COMMAND]
 *             [-o FOLDER] [-k] [--peer]
 *
 * Generates modules and runs each in all modes of modes.def; see
 * docs/TESTING.md.  Module number i has seed SEED + i.
 *
 *   -p       the same program in another build, started with --peer
 *   -f       another engine; says first which features it has
 *   -o       where a finding is written
 *   -k       keep a finding as it is, do not make it small
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _POSIX_C_SOURCE 200809L
#include "tests/diff/shrink.h"

#include "wasmrt.h"
#include "wasmrt/text.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64, AHEAD = 8, MODULES_PER_ENGINE = 2048, STUCK_SECONDS = 120 };
static const double report_seconds = 20;

struct options {
    uint64_t modules, seed;
    double seconds;
    const char *peer, *foreign, *folder;
    bool keep;
    wrt_features allowed;
};

static volatile uint64_t current_seed;

/* -- When the process itself breaks ---------------------------------------- */

static void on_signal(int number)
{
    char text[] = "\ndiff: signal    in module 0x0000000000000000\n";
    uint64_t seed = current_seed;

    text[14] = (char)('0' + number / 10);
    text[15] = (char)('0' + number % 10);
    for (size_t at = sizeof(text) - 3, i = 0; i < 16; i++, seed >>= 4)
        text[at - i] = "0123456789abcdef"[seed & 15];
    (void)!write(2, text, sizeof(text) - 1);
    _exit(1);
}

static void catch_signals(void)
{
    static const int numbers[] = {SIGSEGV, SIGBUS,  SIGILL,
                                  SIGFPE,  SIGABRT, SIGALRM};

    for (size_t i = 0; i < WRT_COUNTOF(numbers); i++) {
        struct sigaction action = {.sa_handler = on_signal};

        sigaction(numbers[i], &action, NULL);
    }
    signal(SIGPIPE, SIG_IGN);
}

/* -- What was reached ------------------------------------------------------ */

static uint64_t op_counts[WRT_OP_COUNT], op_total, module_bytes;

static void count_module(const struct gen *g)
{
    for (unsigned i = 0; i < WRT_OP_COUNT; i++) {
        op_counts[i] += g->counts[i];
        op_total += g->counts[i];
    }
    module_bytes += g->module.count;
}

static void print_features(void)
{
    uint64_t by_feature[WRT_FEATURE_COUNT] = {0};
    unsigned missing = 0;

    for (unsigned i = 1; i < WRT_OP_COUNT; i++) {
        by_feature[wrt_op_infos[i].feature] += op_counts[i];
        missing += op_counts[i] == 0;
    }
    for (unsigned i = 0; i < WRT_FEATURE_COUNT; i++)
        if (by_feature[i])
            printf("reached: instructions of %s %" PRIu64 "\n",
                   wrt_feature_infos[i].option, by_feature[i]);
    printf("reached: %u of %d instructions; without",
           WRT_OP_COUNT - 1 - missing, WRT_OP_COUNT - 1);
    for (unsigned i = 1, n = 0; i < WRT_OP_COUNT && n < 8; i++)
        if (!op_counts[i] && ++n)
            printf(" %s", wrt_op_infos[i].text);
    printf("%s\n", missing ? "" : " none");
}

static void print_reached(void)
{
    print_features();
    for (unsigned i = 0; i < WRT_COUNTOF(reached.traps); i++)
        if (reached.traps[i])
            printf("reached: trap, %s %" PRIu64 "\n",
                   wasmrt_code_text((wasmrt_code)i), reached.traps[i]);
    printf("reached: entries that returned %" PRIu64 ", calls %" PRIu64
           ", host calls %" PRIu64 "\n",
           reached.returned, reached.calls, reached.host_calls);
    printf("reached: exceptions caught %" PRIu64 ", not caught %" PRIu64
           ", bytes of objects %" PRIu64 "\n",
           reached.caught, reached.uncaught, reached.objects_bytes);
    fflush(stdout);
}

/* -- A finding ------------------------------------------------------------- */

static void write_file(const char *folder, uint64_t seed, const char *ending,
                       const void *bytes, size_t len)
{
    char path[512];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%" PRIx64 ".%s", folder, seed, ending);
    file = fopen(path, "wb");
    if (!file || fwrite(bytes, 1, len, file) != len)
        fprintf(stderr, "diff: cannot write %s\n", path);
    else
        printf("written: %s\n", path);
    if (file)
        fclose(file);
}

static void write_finding(const struct options *o, const struct gen *g)
{
    char *text = NULL;
    size_t len = 0;
    wasmrt_error *error =
        wasmrt_wasm2wat(g->module.items, g->module.count, 0, &text, &len);

    write_file(o->folder, g->seed, "wasm", g->module.items, g->module.count);
    if (!error)
        write_file(o->folder, g->seed, "wat", text, len);
    wasmrt_error_delete(error);
    wasmrt_bytes_delete(text);
}

static void print_difference(const char *title, const struct gen *g,
                             const struct difference *d)
{
    printf("%s: module 0x%" PRIx64 ", %zu bytes: %s\n    %-14s %s\n"
           "    %-14s %s\n",
           title, g->seed, g->module.count, d->what, modes[d->a].name, d->in_a,
           modes[d->b].name, d->in_b);
}

static void report(const struct options *o, struct gen *g, struct difference *d)
{
    print_difference("DIFFERENCE", g, d);
    if (!o->keep && strcmp(d->what, "another process ended") != 0) {
        size_t tries = shrink(g, d);

        printf("made small in %zu steps\n", tries);
        print_difference("SMALL", g, d);
    }
    write_finding(o, g);
    printf("again: make diff N=1 SEED=0x%" PRIx64 "\n", g->seed);
    fflush(stdout);
}

/* -- The run --------------------------------------------------------------- */

static double now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* True when all modes agree about the module. */
static bool one_module(const struct options *o, uint64_t seed, uint64_t waiting)
{
    static struct gen g;
    struct candidate c = {.seed = seed, .is_ordered = true};
    struct difference d;
    bool ok;

    current_seed = seed;
    alarm(STUCK_SECONDS);
    g.seed = seed;
    g.allowed = o->allowed;
    shrink_generate(&g, NULL, NULL);
    count_module(&g);
    c.bytes = g.module.items;
    c.len = g.module.count;
    ok = compare(&c, &d);
    if (!ok) {
        if (other_build.pid)
            compare_skip(seed + 1, waiting);
        report(o, &g, &d);
    }
    alarm(0);
    return ok;
}

/* Lets the other build work ahead, from seed + *ordered. */
static bool order_ahead(const struct options *o, uint64_t done,
                        uint64_t *ordered)
{
    while (other_build.pid && *ordered < o->modules &&
           *ordered < done + AHEAD * BATCH) {
        const struct peer_order order = {
            .count = (uint32_t)WRT_MIN(o->modules - *ordered, (uint64_t)BATCH),
            .seed = o->seed + *ordered,
            .allowed = o->allowed};

        if (!peer_send(&other_build, &order, NULL)) {
            fprintf(stderr, "diff: the other build ended\n");
            return false;
        }
        *ordered += order.count;
    }
    return true;
}

static int run(const struct options *o)
{
    double start = now(), next = start + report_seconds;
    uint64_t done = 0, ordered = 0;
    bool ok = true;

    while (ok && done < o->modules &&
           (o->seconds <= 0 || now() - start < o->seconds)) {
        if (done % BATCH == 0 && !order_ahead(o, done, &ordered))
            return 1;
        ok = one_module(o, o->seed + done, ordered - done - 1);
        if (++done % MODULES_PER_ENGINE == 0)
            mode_close();
        if (now() > next) {
            printf("%" PRIu64 " modules, %d differences, %.0f s\n", done, !ok,
                   now() - start);
            fflush(stdout);
            next = now() + report_seconds;
        }
    }
    print_reached();
    printf("reached: %" PRIu64 " instructions in %" PRIu64 " bytes, %.0f s\n",
           op_total, module_bytes, now() - start);
    printf("%" PRIu64 " modules, %d differences\n", done, !ok);
    mode_close();
    return !ok;
}

/* The features whose names the other engine sent. */
static wrt_features foreign_features(void)
{
    static struct outcome names;
    wrt_features all = WRT_FEATURE_MVP;

    if (!peer_receive(&other_engine, &names)) {
        fprintf(stderr, "diff: the other engine does not start\n");
        exit(2);
    }
    for (char *word = strtok(names.text, " "); word; word = strtok(NULL, " "))
        for (unsigned i = 0; i < WRT_FEATURE_COUNT; i++)
            if (strcmp(word, wrt_feature_infos[i].option) == 0) {
                all |= (wrt_features)1 << i;
                printf("other engine: %s\n", word);
            }
    return all;
}

static bool read_options(struct options *o, int argc, char **argv)
{
    int c;

    while ((c = getopt(argc, argv, "n:t:s:p:f:o:k")) != -1) {
        switch (c) {
        case 'n': o->modules = strtoull(optarg, NULL, 0); break;
        case 't': o->seconds = strtod(optarg, NULL); break;
        case 's': o->seed = strtoull(optarg, NULL, 0); break;
        case 'p': o->peer = optarg; break;
        case 'f': o->foreign = optarg; break;
        case 'o': o->folder = optarg; break;
        case 'k': o->keep = true; break;
        default: return false;
        }
    }
    return optind == argc;
}

int main(int argc, char **argv)
{
    struct options o = {
        .modules = UINT64_MAX, .folder = ".", .allowed = WRT_FEATURES_ALL};
    int result;

    if (argc == 2 && strcmp(argv[1], "--peer") == 0)
        return peer_serve();
    if (!read_options(&o, argc, argv)) {
        fprintf(stderr, "diff: wrong option, see main.c\n");
        return 2;
    }
    catch_signals();
    if ((o.peer && !peer_start(&other_build, o.peer)) ||
        (o.foreign && !peer_start(&other_engine, o.foreign))) {
        perror("diff: cannot start the other process");
        return 2;
    }
    if (o.foreign)
        o.allowed = foreign_features();
    result = run(&o);
    peer_stop(&other_build);
    peer_stop(&other_engine);
    return result;
}
