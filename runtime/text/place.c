/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/text/place.h"

#include "runtime/base/reader.h"
#include "runtime/text/parser.h"

enum { HEADER_BYTES = 8 };

/* The function whose size or body holds the byte. */
static bool seek_body(struct wrt_reader *r, uint64_t offset,
                      struct wrt_text_sought *out)
{
    for (out->entry = 0; wrt_reader_left(r) > 0; out->entry++) {
        uint32_t len = wrt_read_u32(r);
        uint64_t begin = wrt_reader_offset(r);

        if (r->failed || len > wrt_reader_left(r))
            return false;
        if (offset < begin + len) {
            out->body_offset = offset < begin ? 0 : (size_t)(offset - begin);
            return true;
        }
        r->pos += len;
    }
    return false;
}

/* The reader is at the contents of the section. */
static bool seek_item(struct wrt_reader *r, uint64_t offset,
                      struct wrt_text_sought *out)
{
    uint64_t begin;

    if (out->section != WRT_SECTION_START &&
        out->section != WRT_SECTION_DATA_COUNT)
        wrt_read_u32(r);
    begin = wrt_reader_offset(r);
    if (out->section == WRT_SECTION_CODE)
        return offset >= begin && seek_body(r, offset, out);
    out->offset = offset < begin ? 0 : (size_t)(offset - begin);
    return true;
}

bool wrt_text_seek(const uint8_t *bytes, size_t len, uint64_t offset,
                   struct wrt_text_sought *out)
{
    struct wrt_reader r;

    wrt_reader_init(&r, bytes, len);
    if (len < HEADER_BYTES || offset < HEADER_BYTES)
        return false;
    for (r.pos += HEADER_BYTES; wrt_reader_left(&r) > 0;) {
        uint32_t size;

        *out = (struct wrt_text_sought){.section = wrt_read_u8(&r)};
        size = wrt_read_u32(&r);
        if (r.failed || size > wrt_reader_left(&r))
            return false;
        if (offset < wrt_reader_offset(&r) + size)
            return out->section != WRT_SECTION_CUSTOM &&
                   seek_item(&r, offset, out);
        r.pos += size;
    }
    return false;
}

static void found(struct wrt_parser *p, uint32_t token)
{
    p->sought->is_found = true;
    p->sought->at = p->tokens[WRT_MIN(token, p->end)].pos;
}

void wrt_text_pass_item(struct wrt_parser *p, enum wrt_section_id id)
{
    const struct wrt_text_sought *s = p->sought;

    /* A function's code is known better; what is not code in its body belongs
     * to the field. */
    if (s->section == WRT_SECTION_CODE
            ? id == WRT_SECTION_FUNC &&
                  p->sections[WRT_SECTION_CODE].count == s->entry
            : id == s->section && p->sections[id].bytes.count <= s->offset)
        found(p, p->field);
}

void wrt_text_pass_code(struct wrt_parser *p, const struct wrt_buf *code,
                        uint32_t token)
{
    const struct wrt_text_sought *s = p->sought;

    if (p->in_func && code == &p->body && s->section == WRT_SECTION_CODE &&
        p->sections[WRT_SECTION_CODE].count == s->entry &&
        code->count <= s->body_offset)
        found(p, token);
}
