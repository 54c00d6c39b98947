/*
 * Source lines, from the DWARF sections of a module.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_CLI_LINES_H
#define WRT_CLI_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A section's contents; bytes NULL when there is none. */
struct lines_section {
    const uint8_t *bytes;
    size_t len;
};

/* What a look-up reads: .debug_line, and the strings of its fifth version. */
struct lines_sections {
    struct lines_section line, line_str, str;
};

struct lines_place {
    char file[512];        /* cut to size; not yet fit for a terminal */
    uint64_t line, column; /* 0: unknown */
};

/*
 * Finds the line of an address: the distance of an instruction from the start
 * of the code section's contents.  False when nothing covers it, also because
 * the sections are malformed: whatever they are, the search ends.
 */
bool lines_find(const struct lines_sections *sections, uint64_t address,
                struct lines_place *out);

#endif
