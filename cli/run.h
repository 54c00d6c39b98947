/*
 * The pieces of `wasmrt run`: reading its words (run_opts.c), doing it
 * (cmd_run.c), calling one export (invoke.c), modules beside the
 * program (preload.c).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_CLI_RUN_H
#define WRT_CLI_RUN_H

#include "cli/cmd.h"
#include "wasmrt/linker.h"
#include "wasmrt/wasi.h"

/* --stats */
enum run_stats { STATS_OFF, STATS_TEXT, STATS_JSON };

/* What is measured for it, in this order. */
enum run_phase { PHASE_READ, PHASE_LOAD, PHASE_LINK, PHASE_RUN, PHASE_COUNT };

/* A directory or file that is granted: words of the command line. */
struct run_grant {
    const char *host, *guest;
};

/* One run.  Owner: cmd_run(); everything lives until the process ends. */
struct run {
    wasmrt_config *config;
    wasmrt_wasi_config *wasi;
    const char *path;
    const char *invoke; /* NULL: run as a command */
    const char *argv0;  /* NULL: derived from path */
    char **args;        /* the guest's arguments */
    int arg_count;
    struct run_grant *grants;
    size_t grant_count;
    struct run_preload *preloads;
    size_t preload_count;
    enum run_stats stats;
    unsigned trace_kinds;        /* of wasmrt_trace_kinds */
    uint64_t timeout_ns;         /* 0: none */
    uint64_t max_memory_bytes;   /* UINT64_MAX: the default */
    uint64_t max_table_elements; /* UINT64_MAX: the default */
    uint64_t max_gc_bytes;       /* UINT64_MAX: the default */
    uint64_t fuel;               /* UINT64_MAX: not counted */
    bool gc_stress;
    bool has_threads;
    const char *profile;      /* a path, or NULL */
    const char *perf;         /* "map" or "jitdump"; or NULL */
    const char *about_native; /* an option that only the JIT heeds, or NULL */
    uint32_t max_threads;
    struct cli_file file;
    wasmrt_module *module;
    wasmrt_store *store;
    wasmrt_instance *instance;
    uint64_t phase_ns[PHASE_COUNT];
};

/* Reads the command line into *run.  Returns CLI_GO_ON or an exit status. */
int run_read_words(struct run *run, struct opts *opts);

/* Keeps a grant, for explanations.  Without memory there are fewer. */
void run_note_grant(struct run *run, const char *host, const char *guest);
/* Says which --dir may have been missing when the guest failed (grants.c). */
void run_explain_paths(const struct run *run);

/* Acts on --trace=KINDS, which it takes apart, and --trace-out=FILE (trace.c).
 * Return CLI_GO_ON or an exit status. */
int run_choose_trace(struct run *run, char *what);
int run_choose_trace_file(const char *path);
/* Returns status, or another one when the file cannot be written. */
int run_end_trace(int status);

/* Prints --stats (stats.c): what a failed run has not reached is left out or
 * zero. */
void run_print_stats(const struct run *run);

/* Acts on --profile (profile.c): samples from now on, into a file that
 * run_start_profile() makes and run_end_profile() writes.  The first returns
 * CLI_GO_ON or an exit status, the second an exit status, the third `status` or
 * another one when the file cannot be written. */
int run_choose_profile(struct run *run, const char *path);
int run_start_profile(const struct run *run);
int run_end_profile(const struct run *run, int status);

/* Acts on --perf (perf.c).  Returns CLI_GO_ON or an exit status. */
int run_choose_perf(struct run *run, const char *what);
/* Begins the file, if one is asked for, before code is made.  Complains;
 * returns the exit status. */
int run_start_perf(const struct run *run);

/* Calls the export run->invoke with run->args and prints its results.  Returns
 * the exit status. */
int run_invoke(struct run *run);

/* Lists on standard error the functions that --invoke could name. */
void run_hint_exports(const wasmrt_module *module);

/* A module whose exports others may import (preload.c). */
struct run_preload {
    const char *name, *path;
    struct cli_file file;
};

/* Keeps --preload=NAME=FILE, which it takes apart, for later.  Returns
 * CLI_GO_ON or an exit status. */
int run_add_preload(struct run *run, char *text);

/* Makes instances of them, in the order of the command line, each of which may
 * import from those before it, and defines their exports in the linker.
 * Complains; returns the exit status. */
int run_link_preloads(struct run *run, wasmrt_engine *engine,
                      wasmrt_linker *linker);

#endif
