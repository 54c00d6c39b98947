/*
 * Files that tell perf about machine code.
 *
 * map: a line of text per piece of code.  jitdump: records with the code
 * itself, for `perf inject --jit`; perf notices the file because a page of it
 * is mapped.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/os.h"
#include "cli/report.h"
#include "cli/run.h"
#include "wasmrt/debug.h"

#include <inttypes.h>
#include <string.h>

static FILE *file; /* until the process ends */

/* -- map ------------------------------------------------------------------- */

static void write_map(void *user, const wasmrt_code_event *event)
{
    (void)user;
    fprintf(file, "%" PRIxPTR " %zx ", (uintptr_t)event->address, event->len);
    cli_put_clean(file, event->name, strlen(event->name));
    putc('\n', file);
    fflush(file);
}

/* -- jitdump --------------------------------------------------------------- */

enum {
    DUMP_MAGIC = 0x4a695444,
    DUMP_VERSION = 1,
    DUMP_X64 = 62,
    DUMP_LOAD = 0,
};

struct dump_header {
    uint32_t magic, version, bytes, machine, reserved, process;
    uint64_t time_ns, flags;
};

/* Then the name, with a NUL, and the code. */
struct dump_load {
    uint32_t kind, bytes;
    uint64_t time_ns;
    uint32_t process, thread;
    uint64_t vma, address, len, number;
};

static void write_header(void)
{
    struct dump_header header = {
        .magic = DUMP_MAGIC,
        .version = DUMP_VERSION,
        .bytes = sizeof(header),
        .machine = DUMP_X64,
        .process = (uint32_t)cli_process_id(),
        .time_ns = cli_now_ns(),
    };

    fwrite(&header, sizeof(header), 1, file);
    fflush(file);
}

/* With the bytes of the code, which are gone when perf reads this. */
static void write_load(void *user, const wasmrt_code_event *event)
{
    static uint64_t count; /* of one module, whose events come one by one */
    size_t name_bytes = strlen(event->name) + 1;
    struct dump_load load = {
        .kind = DUMP_LOAD,
        .bytes = (uint32_t)(sizeof(load) + name_bytes + event->len),
        .time_ns = cli_now_ns(),
        .process = (uint32_t)cli_process_id(),
        .thread = (uint32_t)cli_thread_id(),
        .vma = (uintptr_t)event->address,
        .address = (uintptr_t)event->address,
        .len = event->len,
        .number = ++count,
    };

    (void)user;
    fwrite(&load, sizeof(load), 1, file);
    fwrite(event->name, 1, name_bytes, file);
    fwrite(event->address, 1, event->len, file);
    fflush(file);
}

/* -- Both ------------------------------------------------------------------ */

int run_choose_perf(struct run *run, const char *what)
{
    bool is_map = strcmp(what, "map") == 0;

    if (!is_map && strcmp(what, "jitdump") != 0)
        return cli_usage("--perf=%s: the value is one of map|jitdump", what);
    run->perf = what;
    run->about_native = "--perf";
    wasmrt_config_on_code(run->config, is_map ? write_map : write_load, NULL);
    return CLI_GO_ON;
}

int run_start_perf(const struct run *run)
{
    bool is_map = run->perf && strcmp(run->perf, "map") == 0;
    const char *why = NULL;
    char path[64];

    if (!run->perf)
        return CLI_EXIT_OK;
    snprintf(path, sizeof(path), is_map ? "/tmp/perf-%lu.map" : "jit-%lu.dump",
             cli_process_id());
    file = cli_create_file(path, &why);
    if (file && !is_map)
        write_header();
    if (file && !is_map && !cli_map_as_code(file))
        why = "it cannot be mapped as code; is it on a file system that "
              "forbids to execute?";
    if (why) {
        cli_error("--perf=%s: cannot write %s: %s", run->perf, path, why);
        return CLI_EXIT_REFUSED;
    }
    return CLI_EXIT_OK;
}
