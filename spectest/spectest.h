/*
 * The runner of test scripts (.wast files), on the public API alone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_SPECTEST_SPECTEST_H
#define WRT_SPECTEST_SPECTEST_H

#include "wasmrt.h"

struct spectest_options {
    wasmrt_config *config; /* borrowed; NULL for the defaults */
    size_t line; /* stop after the directive on this line; 0: run all */
    /* A module that needs a feature which is off is skipped and counted as
     * such, with what depends on it; else it fails. */
    bool skip_disabled;
    uint64_t fuel;     /* of each file, where the configuration counts fuel */
    bool gc_stress;    /* collect at every allocation */
    bool roundtrip;    /* each module goes through the text format first */
    bool tells_checks; /* print how much machine code was checked */
};

struct spectest_counts {
    size_t passed, failed, skipped;
};

/*
 * Runs scripts.  Prints failures as they come, one line per file, and a total
 * last.  Returns whether nothing failed; counts may be NULL.
 */
bool spectest_run(const struct spectest_options *options,
                  const char *const *paths, size_t npaths,
                  struct spectest_counts *counts);

#endif
