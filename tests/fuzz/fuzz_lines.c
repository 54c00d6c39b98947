/*
 * The reader of DWARF lines: arbitrary sections, and an address to look for in
 * the first two bytes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/lines.h"
#include "tests/fuzz/reach.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lines_sections sections = {.line = {data, size}};
    struct lines_place place;
    uint64_t address;

    if (size < 2)
        return 0;
    address = (uint64_t)data[0] | (uint64_t)data[1] << 8;
    sections.line = (struct lines_section){data + 2, size - 2};
    sections.line_str = sections.str = sections.line;
    if (!lines_find(&sections, address, &place))
        reach("no line");
    else if (place.file[0] && memchr(place.file, 0, sizeof(place.file)))
        reach("line with a file");
    else
        reach("line without a name");
    return 0;
}
