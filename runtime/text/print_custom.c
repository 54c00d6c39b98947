/*
 * The printer: custom sections, as annotations; branch hints.
 *
 * A custom section is printed where it stands, with its bytes, unless the text
 * says the same otherwise: the name section by identifiers, where the encoder
 * puts one, and branch hints in front of the branches.  Hints name instructions
 * by their offsets, which change when the code is encoded anew, so they are
 * printed as bytes only when they break their rules.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/text/parser.h"
#include "runtime/text/printer.h"

#include "wasmrt/text.h"

/* -- Places ---------------------------------------------------------------- */

/* Whether the code names data segments, which is why there is a data count. */
static bool uses_data(const struct wrt_module *m)
{
    for (uint32_t i = m->nimported_funcs; i < m->nfuncs; i++) {
        const struct wrt_func *func = &m->funcs[i];
        struct wrt_reader r;
        struct wrt_insn insn;

        wrt_reader_init(&r, m->bytes, m->len);
        r.pos = func->body;
        wrt_locals_skip(m, &r);
        while (r.pos != func->body + func->body_len) {
            wrt_insn_read(m, &r, &insn);
            switch ((enum wrt_imm)wrt_op_infos[insn.op].imm) {
            case WRT_IMM_DATA:
            case WRT_IMM_MEMORY_INIT:
            case WRT_IMM_TYPE_DATA: return true;
            default: break;
            }
        }
    }
    return false;
}

bool wrt_print_is_kept(const struct wrt_printer *p, unsigned id,
                       struct wrt_reader content)
{
    if (id == WRT_SECTION_DATA_COUNT)
        return p->uses_data;
    return id == WRT_SECTION_START || wrt_read_u32(&content) > 0;
}

/* The id of the last section that is kept and not custom; 0 when there is
 * none. */
static unsigned last_section(const struct wrt_printer *p)
{
    unsigned last = 0;
    struct wrt_reader r;

    wrt_reader_init(&r, p->m->bytes, p->m->len);
    wrt_read_bytes(&r, 8);
    while (r.pos != r.end) {
        unsigned id = wrt_read_u8(&r);
        uint32_t size = wrt_read_u32(&r);

        if (id != WRT_SECTION_CUSTOM && wrt_print_is_kept(p, id, r))
            last = id;
        wrt_read_bytes(&r, size);
    }
    return last;
}

/* -- The name section ------------------------------------------------------ */

static bool is_names(const struct wrt_custom_section *section)
{
    return section->name.len == 4 && memcmp(section->name.text, "name", 4) == 0;
}

/*
 * The name section that need not be printed, because the identifiers and
 * annotations printed so far say the same and the encoder puts such a section
 * here: behind all others, where the customs from `first` on stand.  The number
 * of customs when there is none.  To be asked when all else has been printed.
 */
static uint32_t implied_names(const struct wrt_printer *p, uint32_t first)
{
    const struct wrt_module *m = p->m;
    uint32_t found = m->ncustoms;
    uint64_t total = 0;

    for (uint32_t i = m->ncustoms; i-- > 0;) {
        if (!is_names(&m->customs[i]))
            continue;
        if (found != m->ncustoms)
            return m->ncustoms; /* two of them */
        found = i;
    }
    for (unsigned kind = 0; kind < WRT_NAMES_COUNT; kind++)
        total += wrt_names_count(p->m, (enum wrt_names_kind)kind);
    if (found == m->ncustoms || found < first || wrt_names_are_lossy(p->m) ||
        total != p->nnames)
        return m->ncustoms;
    return found;
}

/* -- Branch hints ---------------------------------------------------------- */

wasmrt_error *wrt_print_begin_customs(struct wrt_printer *p)
{
    wasmrt_error *error;

    p->uses_data =
        p->m->has_data_count && p->m->ncustoms > 0 && uses_data(p->m);
    p->last_section = last_section(p);
    /* Hints that break their rules are bytes like others. */
    error = wrt_hints_read(p->m, &p->arena, &p->hints);
    if (error && wasmrt_error_kind(error) != WASMRT_KIND_OOM) {
        wasmrt_error_delete(error);
        p->hints.count = 0;
        error = NULL;
    }
    return error;
}

/* -- Printing -------------------------------------------------------------- */

/* Where the annotation says that the section stands; by default behind all
 * others, and behind the implied name section. */
static void print_placement(struct wrt_printer *p, unsigned after, bool is_tail)
{
    if (is_tail)
        return;
    if (after == 0) {
        wrt_put_text(&p->out, " (before first)");
        return;
    }
    wrt_put_text(&p->out, " (after ");
    wrt_put_text(&p->out, wrt_text_section_name(after));
    wrt_buf_u8(&p->out, ')');
}

void wrt_print_custom(struct wrt_printer *p, uint32_t idx)
{
    const struct wrt_custom_section *section = &p->m->customs[idx];
    bool is_tail = p->after == p->last_section;

    if (is_names(section) && p->flags & WASMRT_PRINT_NO_NAMES)
        return;
    if (p->hints.count > 0 && p->hints.section == idx)
        return; /* printed in front of the branches */
    if (is_tail) {
        if (!p->is_tail)
            p->implied_names = implied_names(p, idx);
        p->is_tail = true;
        if (idx == p->implied_names)
            return;
        is_tail = p->implied_names == p->m->ncustoms || idx > p->implied_names;
    }
    wrt_print_newline(p);
    wrt_put_text(&p->out, "(@custom ");
    wrt_put_name(&p->out, section->name.text, section->name.len);
    print_placement(p, p->after, is_tail);
    wrt_print_strings(p, section->bytes, section->len);
    wrt_buf_u8(&p->out, ')');
}
