/*
 * A reader of .debug_line, versions 2 to 5.
 *
 * Each unit has a header, with tables of directories and files, and a program
 * whose instructions make rows of addresses and lines, in sequences of
 * ascending addresses (DWARF 5, section 6.2).  A row covers what is between its
 * address and the next one's.  Nothing is kept: a look-up, of which a stack
 * trace needs a few, goes through all units until one covers the address.
 *
 * The sections are as hostile as the module: all reading is checked, and each
 * step of the program consumes bytes, so that the work is bounded by the size.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/lines.h"

#include "cli/bytes.h"

#include <stdio.h>
#include <string.h>

enum {
    FORMATS_MAX = 16, /* columns of a table of the fifth version */
    LNS_COPY = 1,
    LNS_ADVANCE_PC,
    LNS_ADVANCE_LINE,
    LNS_SET_FILE,
    LNS_SET_COLUMN,
    LNS_NEGATE_STMT,
    LNS_SET_BASIC_BLOCK,
    LNS_CONST_ADD_PC,
    LNS_FIXED_ADVANCE_PC,
    LNE_END_SEQUENCE = 1,
    LNE_SET_ADDRESS,
    LNCT_PATH = 1,
    LNCT_DIRECTORY = 2,
};

/* A unit: its header, the places of its tables, and its program. */
struct unit {
    const struct lines_sections *sections;
    unsigned version, offset_size, address_size;
    uint8_t min_insn_len, line_range, opcode_base;
    int8_t line_base;
    uint8_t arg_counts[256]; /* of standard opcodes */
    struct cli_bytes dirs, files, program;
};

struct row {
    uint64_t address, file, line, column;
};

/* -- Tables of files ------------------------------------------------------- */

/* A column: what it is, and how it is written. */
struct format {
    uint64_t content, form;
};

static const char *section_text(const struct lines_section *section,
                                uint64_t offset)
{
    struct cli_bytes b = cli_bytes_of(section->bytes, section->len);

    if (!section->bytes || offset > section->len)
        return NULL;
    b.pos += offset;
    return cli_bytes_text(&b);
}

/* Reads a value of a form: a text, or a number.  False for unknown forms, whose
 * length nobody knows. */
static bool read_form(const struct unit *unit, struct cli_bytes *b,
                      uint64_t form, const char **text, uint64_t *number)
{
    enum {
        FORM_BLOCK = 0x09,
        FORM_DATA1 = 0x0b,
        FORM_DATA2 = 0x05,
        FORM_DATA4 = 0x06,
        FORM_DATA8 = 0x07,
        FORM_DATA16 = 0x1e,
        FORM_UDATA = 0x0f,
        FORM_STRING = 0x08,
        FORM_STRP = 0x0e,
        FORM_LINE_STRP = 0x1f,
    };

    *text = NULL;
    *number = 0;
    switch (form) {
    case FORM_STRING: *text = cli_bytes_text(b); break;
    case FORM_STRP:
        *text = section_text(&unit->sections->str,
                             cli_bytes_fixed(b, unit->offset_size));
        break;
    case FORM_LINE_STRP:
        *text = section_text(&unit->sections->line_str,
                             cli_bytes_fixed(b, unit->offset_size));
        break;
    case FORM_DATA1: *number = cli_bytes_fixed(b, 1); break;
    case FORM_DATA2: *number = cli_bytes_fixed(b, 2); break;
    case FORM_DATA4: *number = cli_bytes_fixed(b, 4); break;
    case FORM_DATA8: *number = cli_bytes_fixed(b, 8); break;
    case FORM_DATA16: cli_bytes_take(b, 16); break;
    case FORM_UDATA: *number = cli_bytes_uleb(b); break;
    case FORM_BLOCK: cli_bytes_take(b, cli_bytes_uleb(b)); break;
    default: return false;
    }
    return !b->failed;
}

/* The columns of a table of the fifth version; how many, or 0. */
static unsigned read_formats(struct cli_bytes *b, struct format *formats)
{
    unsigned count = (unsigned)cli_bytes_fixed(b, 1);

    if (count > FORMATS_MAX)
        return 0;
    for (unsigned i = 0; i < count; i++) {
        formats[i].content = cli_bytes_uleb(b);
        formats[i].form = cli_bytes_uleb(b);
    }
    return b->failed ? 0 : count;
}

/* Reads the table of directories or files up to entry n, whose path and
 * directory are given; or over all of it.  An entry takes a byte at least, so
 * that the count cannot make this long. */
static bool walk_table(const struct unit *unit, struct cli_bytes *b, uint64_t n,
                       const char **path, uint64_t *dir)
{
    struct format formats[FORMATS_MAX];
    unsigned nformats = read_formats(b, formats);
    uint64_t count = cli_bytes_uleb(b);

    if (nformats == 0)
        return false;
    for (uint64_t i = 0; i < count; i++) {
        const uint8_t *start = b->pos;

        *path = NULL;
        *dir = 0;
        for (unsigned k = 0; k < nformats; k++) {
            const char *text;
            uint64_t number;

            if (!read_form(unit, b, formats[k].form, &text, &number))
                return false;
            if (formats[k].content == LNCT_PATH)
                *path = text;
            else if (formats[k].content == LNCT_DIRECTORY)
                *dir = number;
        }
        if (i == n)
            return *path != NULL;
        if (b->pos == start)
            return false;
    }
    return n == UINT64_MAX;
}

/* An entry of an older table, which ends with an empty name; n from 1. */
static bool walk_old_table(struct cli_bytes *b, bool has_numbers, uint64_t n,
                           const char **path, uint64_t *dir)
{
    for (uint64_t i = 1;; i++) {
        *path = cli_bytes_text(b);
        *dir = 0;
        if (!*path || !**path)
            return n == UINT64_MAX && *path;
        if (has_numbers) {
            *dir = cli_bytes_uleb(b);
            cli_bytes_uleb(b); /* time */
            cli_bytes_uleb(b); /* size */
        }
        if (i == n)
            return !b->failed;
    }
}

static void put_path(char *out, size_t size, const char *dir, const char *path)
{
    if (dir && *dir && *path != '/')
        snprintf(out, size, "%s/%s", dir, path);
    else
        snprintf(out, size, "%s", path);
}

/* The name of a file of the unit; false when its table has none. */
static bool find_file(const struct unit *unit, uint64_t file, char *out,
                      size_t size)
{
    struct cli_bytes files = unit->files, dirs = unit->dirs;
    const char *path = NULL, *dir_path = NULL;
    uint64_t dir = 0, unused;

    if (unit->version >= 5) {
        if (!walk_table(unit, &files, file, &path, &dir))
            return false;
        if (!walk_table(unit, &dirs, dir, &dir_path, &unused))
            dir_path = NULL;
    } else {
        if (!walk_old_table(&files, true, file, &path, &dir))
            return false;
        /* Directory 0 is that of the compilation, which is elsewhere. */
        if (dir == 0 || !walk_old_table(&dirs, false, dir, &dir_path, &unused))
            dir_path = NULL;
    }
    /* A number that stands for all of a table finds nothing in it. */
    if (!path)
        return false;
    put_path(out, size, dir_path, path);
    return true;
}

/* -- Units ----------------------------------------------------------------- */

/* Reads over the tables, and notes where they are. */
static bool read_tables(struct unit *unit, struct cli_bytes *b)
{
    const char *path;
    uint64_t dir;
    bool ok;

    unit->dirs = *b;
    ok = unit->version >= 5 ? walk_table(unit, b, UINT64_MAX, &path, &dir)
                            : walk_old_table(b, false, UINT64_MAX, &path, &dir);
    unit->files = *b;
    return ok;
}

/* Reads the header; b is what the unit's length covers. */
static bool read_header(struct unit *unit, struct cli_bytes *b)
{
    uint64_t header_len;
    const uint8_t *start;

    unit->version = (unsigned)cli_bytes_fixed(b, 2);
    if (unit->version < 2 || unit->version > 5)
        return false;
    unit->address_size = 4;
    if (unit->version >= 5) {
        unit->address_size = (unsigned)cli_bytes_fixed(b, 1);
        cli_bytes_fixed(b, 1); /* size of segment selectors */
    }
    header_len = cli_bytes_fixed(b, unit->offset_size);
    start = b->pos;
    if (b->failed || header_len > cli_bytes_left(b))
        return false;
    unit->min_insn_len = (uint8_t)cli_bytes_fixed(b, 1);
    if (unit->version >= 4)
        cli_bytes_fixed(b, 1); /* operations of an instruction */
    cli_bytes_fixed(b, 1);     /* default of is_stmt */
    unit->line_base = (int8_t)cli_bytes_fixed(b, 1);
    unit->line_range = (uint8_t)cli_bytes_fixed(b, 1);
    unit->opcode_base = (uint8_t)cli_bytes_fixed(b, 1);
    for (unsigned i = 1; i < unit->opcode_base; i++)
        unit->arg_counts[i] = (uint8_t)cli_bytes_fixed(b, 1);
    if (b->failed || unit->line_range == 0 || unit->opcode_base == 0)
        return false;
    unit->program = (struct cli_bytes){start + header_len, b->end, false};
    return read_tables(unit, b);
}

/* -- The program ----------------------------------------------------------- */

/* The state machine, and what it is to find. */
struct machine {
    const struct unit *unit;
    struct row now, last;
    bool has_last;
    bool in_sequence_of_dead_code;
    uint64_t wanted;
    struct row found;
    bool is_found;
};

static void reset(struct machine *m)
{
    m->now = (struct row){.file = 1, .line = 1};
    m->has_last = false;
    m->in_sequence_of_dead_code = false;
}

/* A row ends what the last one covers. */
static void add_row(struct machine *m)
{
    if (m->has_last && !m->in_sequence_of_dead_code &&
        m->last.address <= m->wanted && m->wanted < m->now.address) {
        m->found = m->last;
        m->is_found = true;
    }
    m->last = m->now;
    m->has_last = true;
}

static void special(struct machine *m, unsigned opcode)
{
    unsigned adjusted = opcode - m->unit->opcode_base;

    m->now.address +=
        (uint64_t)(adjusted / m->unit->line_range) * m->unit->min_insn_len;
    m->now.line += (uint64_t)(int64_t)(m->unit->line_base +
                                       (int)(adjusted % m->unit->line_range));
}

/* Unknown ones are skipped by their length. */
static void extended(struct machine *m, struct cli_bytes *b)
{
    uint64_t len = cli_bytes_uleb(b);
    const uint8_t *p = cli_bytes_take(b, len);
    struct cli_bytes args;

    if (!p || len == 0)
        return;
    args = (struct cli_bytes){p + 1, p + len, false};
    switch (*p) {
    case LNE_END_SEQUENCE:
        add_row(m);
        reset(m);
        break;
    case LNE_SET_ADDRESS:
        m->now.address =
            cli_bytes_fixed(&args, len - 1 > 8 ? 8 : (unsigned)len - 1);
        /* Linkers leave functions that they drop at 0 or at the top. */
        m->in_sequence_of_dead_code =
            m->now.address == 0 || m->now.address >= UINT32_MAX - 1;
        break;
    default: break;
    }
}

/* Unknown ones are skipped by the number of their arguments. */
static void standard(struct machine *m, unsigned opcode, struct cli_bytes *b)
{
    switch (opcode) {
    case LNS_COPY: add_row(m); break;
    case LNS_ADVANCE_PC:
        m->now.address += cli_bytes_uleb(b) * m->unit->min_insn_len;
        break;
    case LNS_ADVANCE_LINE: m->now.line += (uint64_t)cli_bytes_sleb(b); break;
    case LNS_SET_FILE: m->now.file = cli_bytes_uleb(b); break;
    case LNS_SET_COLUMN: m->now.column = cli_bytes_uleb(b); break;
    case LNS_NEGATE_STMT:
    case LNS_SET_BASIC_BLOCK: break;
    case LNS_CONST_ADD_PC:
        m->now.address +=
            (uint64_t)((255u - m->unit->opcode_base) / m->unit->line_range) *
            m->unit->min_insn_len;
        break;
    case LNS_FIXED_ADVANCE_PC: m->now.address += cli_bytes_fixed(b, 2); break;
    default:
        for (unsigned i = 0; i < m->unit->arg_counts[opcode]; i++)
            cli_bytes_uleb(b);
    }
}

static bool run(struct machine *m)
{
    struct cli_bytes b = m->unit->program;

    reset(m);
    while (cli_bytes_left(&b) > 0 && !m->is_found) {
        unsigned opcode = (unsigned)cli_bytes_fixed(&b, 1);

        if (opcode >= m->unit->opcode_base) {
            special(m, opcode);
            add_row(m);
        } else if (opcode == 0) {
            extended(m, &b);
        } else {
            standard(m, opcode, &b);
        }
    }
    return m->is_found;
}

/* The bytes of the next unit behind its length. */
static bool next_unit(struct cli_bytes *section, struct unit *unit,
                      struct cli_bytes *out)
{
    uint64_t len = cli_bytes_fixed(section, 4);
    const uint8_t *p;

    unit->offset_size = 4;
    if (len == 0xffffffff) {
        unit->offset_size = 8;
        len = cli_bytes_fixed(section, 8);
    }
    p = cli_bytes_take(section, len);
    if (!p || section->failed)
        return false;
    *out = (struct cli_bytes){p, p + len, false};
    return true;
}

bool lines_find(const struct lines_sections *sections, uint64_t address,
                struct lines_place *out)
{
    struct cli_bytes section =
        cli_bytes_of(sections->line.bytes, sections->line.len);
    struct cli_bytes bytes;
    struct unit unit = {.sections = sections};
    struct machine m = {.unit = &unit, .wanted = address};

    if (!sections->line.bytes)
        return false;
    while (next_unit(&section, &unit, &bytes)) {
        if (!read_header(&unit, &bytes) || !run(&m))
            continue;
        *out = (struct lines_place){.line = m.found.line,
                                    .column = m.found.column};
        return find_file(&unit, m.found.file, out->file, sizeof(out->file));
    }
    return false;
}
