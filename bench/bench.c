/*
 * Times commands that run the programs in bench/wasm.  It knows nothing of any
 * engine: bench/run and bench/compare find those and call this with one
 * NAME=COMMAND for each.  Times are printed, never judged.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "bench/plan.h"
#include "bench/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

static const char usage[] =
    "usage: bench [OPTION]... NAME=COMMAND...\n"
    "  -d DIR   where wasm/ and expected/ are (default bench)\n"
    "  -t TEXT  only programs whose name contains TEXT\n"
    "  -r N     rounds (default 5)\n"
    "  -s N     rounds of the start-up probe (default 0)\n"
    "  -e CMD   empty program, the floor of the start-up probe\n"
    "  -f NAME  reference engine\n"
    "  -l SEC   time limit of one run (default 120)\n"
    "  -j FILE  write every sample as JSON\n"
    "  -c       compare the second engine with the first\n";

static void refuse(const char *why)
{
    fprintf(stderr, "bench: %s\n%s", why, usage);
    exit(2);
}

static unsigned parse_count(const char *text, unsigned least)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);

    if (*end || end == text || value < least || value > 1000000)
        refuse("not a usable number");
    return (unsigned)value;
}

/* Prints the first "model name" of /proc/cpuinfo, where there is one. */
static void print_cpu(void)
{
    FILE *file = fopen("/proc/cpuinfo", "r");
    char line[256];

    while (file && fgets(line, sizeof(line), file)) {
        if (strncmp(line, "model name", 10) == 0 && strchr(line, ':')) {
            line[strcspn(line, "\n")] = '\0';
            printf("%s, ", strchr(line, ':') + 2);
            break;
        }
    }
    if (file)
        fclose(file);
}

/* Results without the machine and its load cannot be read later. */
static void print_machine(const struct plan *plan)
{
    struct utsname name;
    double load = 0;
    char date[32];
    time_t now = time(NULL);

    strftime(date, sizeof(date), "%Y-%m-%d %H:%M UTC", gmtime(&now));
    uname(&name);
    if (getloadavg(&load, 1) != 1)
        load = 0;
    print_cpu();
    printf("%ld CPUs, %s %s, %s, load %.2f, %zu rounds\n",
           sysconf(_SC_NPROCESSORS_ONLN), name.sysname, name.machine, date,
           load, plan->rounds);
}

struct settings {
    const char *json;
    bool compare;
};

static void parse_option(struct plan *plan, struct settings *settings, int c)
{
    switch (c) {
    case 'd': plan->dir = optarg; break;
    case 't': plan->filter = optarg; break;
    case 'r': plan->rounds = parse_count(optarg, 1); break;
    case 's': plan->starts = parse_count(optarg, 0); break;
    case 'e': plan->floor = optarg; break;
    case 'f': plan->reference = optarg; break;
    case 'l': plan->limit_s = parse_count(optarg, 1); break;
    case 'j': settings->json = optarg; break;
    case 'c': settings->compare = true; break;
    default: refuse("bad option");
    }
}

int main(int argc, char **argv)
{
    /* Static, because it is large and the peak RSS of children starts at
     * ours: untouched pages cost nothing. */
    static struct plan plan = {.dir = "bench", .rounds = 5, .limit_s = 120};
    struct settings settings = {0};
    int c;

    while ((c = getopt(argc, argv, "d:t:r:s:e:f:l:j:c")) != -1)
        parse_option(&plan, &settings, c);
    for (; optind < argc; optind++)
        plan_add_engine(&plan, argv[optind]);
    if (plan.engine_count == 0)
        refuse("nothing to run");
    if (settings.compare && plan.engine_count != 2)
        refuse("a comparison needs two engines");
    plan_find_programs(&plan);
    print_machine(&plan);
    for (size_t e = 0; !settings.compare && e < plan.engine_count; e++)
        printf("%-16s %s\n", plan.engines[e].name, plan.engines[e].command);
    fflush(stdout);
    plan_execute(&plan);
    if (settings.compare)
        report_comparison(&plan);
    else
        report_tables(&plan);
    if (settings.json)
        report_json(&plan, settings.json);
    return 0;
}
