/*
 * Annotations that have a meaning: names, custom sections, branch hints (spec,
 * appendix "Custom Sections" of the text format); and the sections they become.
 *
 * An annotation belongs to the token that follows it.  The parser asks for one
 * where it may stand; what nobody has asked for at the end is misplaced.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/text/parser.h"

#include "runtime/base/utf8.h"

/* -- Finding --------------------------------------------------------------- */

/* Moves p->note to the first annotation that belongs to the token at the cursor
 * or a later one. */
static void seek(struct wrt_parser *p)
{
    const struct wrt_annotation *notes = p->lexed->annotations.items;
    uint32_t low = 0, high = (uint32_t)p->lexed->annotations.count;

    if (p->note <= high &&
        (p->note == 0 || notes[p->note - 1].token < p->pos)) {
        while (p->note < high && notes[p->note].token < p->pos)
            p->note++;
        return;
    }
    /* The cursor has gone back. */
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;

        if (notes[mid].token < p->pos)
            low = mid + 1;
        else
            high = mid;
    }
    p->note = low;
}

uint32_t wrt_text_take_note_slow(struct wrt_parser *p,
                                 enum wrt_annotation_kind kind)
{
    seek(p);
    for (uint32_t i = p->note; i < p->lexed->annotations.count; i++) {
        struct wrt_annotation *note = &p->lexed->annotations.items[i];

        if (note->token != p->pos)
            break;
        if (note->kind == kind && !note->is_used && !p->error) {
            note->is_used = true;
            return i;
        }
    }
    return WRT_NO_INDEX;
}

/* An error at a token of an annotation, also at its end. */
static void fail(struct wrt_parser *p, wasmrt_code code,
                 const struct wrt_token *at)
{
    struct wrt_token place = *at;

    place.kind = WRT_TOKEN_RESERVED;
    wrt_text_fail(p, code, &place, NULL);
}

void wrt_text_check_notes(struct wrt_parser *p, uint32_t begin)
{
    static const wasmrt_code codes[] = {
        [WRT_ANNOTATION_CUSTOM] = WASMRT_ERR_TEXT_CUSTOM_MISPLACED,
        [WRT_ANNOTATION_NAME] = WASMRT_ERR_TEXT_NAME_MISPLACED,
        [WRT_ANNOTATION_BRANCH_HINT] = WASMRT_ERR_TEXT_HINT_MISPLACED,
    };

    p->pos = begin;
    seek(p);
    for (uint32_t i = p->note; i < p->lexed->annotations.count; i++) {
        const struct wrt_annotation *note = &p->lexed->annotations.items[i];
        struct wrt_token at = {.pos = note->pos};

        if (note->token > p->end)
            break;
        if (!note->is_used)
            fail(p, codes[note->kind], &at);
    }
}

/* -- Names ----------------------------------------------------------------- */

/* Adds a name to a map. */
static void put_name(struct wrt_name_map *map, uint32_t idx, const void *text,
                     size_t len)
{
    map->count++;
    wrt_buf_uleb(&map->bytes, idx);
    wrt_buf_sized(&map->bytes, text, len);
}

/* Adds what "(@name "...")" says. */
static void put_noted_name(struct wrt_parser *p, struct wrt_name_map *map,
                           uint32_t idx, uint32_t note)
{
    const struct wrt_token *token =
        &p->lexed->notes.items[p->lexed->annotations.items[note].first];

    p->scratch.count = 0;
    if (token[0].kind != WRT_TOKEN_STRING || token[1].kind != WRT_TOKEN_END) {
        fail(p, WASMRT_ERR_TEXT_ANNOTATION, token);
        return;
    }
    wrt_lex_string(&p->scratch, wrt_token_text(p, token), token->len);
    if (!wrt_utf8_check(p->scratch.items, p->scratch.count))
        fail(p, WASMRT_ERR_TEXT_UTF8, token);
    put_name(map, idx, p->scratch.items, p->scratch.count);
}

/* Names of things inside others are gathered until the other one ends. */
static struct wrt_name_map *map_of(struct wrt_parser *p,
                                   enum wrt_names_kind kind)
{
    bool is_inner = kind == WRT_NAMES_LOCAL || kind == WRT_NAMES_LABEL ||
                    kind == WRT_NAMES_FIELD;

    return is_inner ? &p->inner_names[kind] : &p->names[kind];
}

static void put_symbol(struct wrt_parser *p, enum wrt_names_kind kind,
                       uint32_t idx, uint32_t symbol)
{
    const struct wrt_symbol *s = &p->lexed->symbols.items[symbol];

    put_name(map_of(p, kind), idx, s->text, s->len);
}

bool wrt_text_bind_name(struct wrt_parser *p, enum wrt_names_kind kind,
                        uint32_t idx, const struct wrt_token *id)
{
    uint32_t note = wrt_text_take_note(p, WRT_ANNOTATION_NAME);

    if (note != WRT_NO_INDEX)
        put_noted_name(p, map_of(p, kind), idx, note);
    else if (id)
        put_symbol(p, kind, idx, id->link);
    return id || note != WRT_NO_INDEX;
}

void wrt_text_bind_label(struct wrt_parser *p, uint32_t symbol, uint32_t note)
{
    uint32_t idx = p->nlabels++;

    if (note != WRT_NO_INDEX)
        put_noted_name(p, map_of(p, WRT_NAMES_LABEL), idx, note);
    else if (symbol != WRT_NO_INDEX)
        put_symbol(p, WRT_NAMES_LABEL, idx, symbol);
}

void wrt_text_bind_module(struct wrt_parser *p, const struct wrt_token *id)
{
    uint32_t note;

    wrt_text_bind_name(p, WRT_NAMES_MODULE, 0, id);
    note = wrt_text_take_note(p, WRT_ANNOTATION_NAME);
    if (note != WRT_NO_INDEX) {
        struct wrt_token at = {.pos = p->lexed->annotations.items[note].pos};

        fail(p, WASMRT_ERR_TEXT_NAME_MULTIPLE, &at);
    }
}

void wrt_text_end_names(struct wrt_parser *p, enum wrt_names_kind kind,
                        uint32_t outer)
{
    struct wrt_name_map *inner = &p->inner_names[kind];
    struct wrt_name_map *map = &p->names[kind];

    if (inner->count > 0) {
        map->count++;
        wrt_buf_uleb(&map->bytes, outer);
        wrt_buf_uleb(&map->bytes, inner->count);
        wrt_buf_bytes(&map->bytes, inner->bytes.items, inner->bytes.count);
        map->bytes.failed |= inner->bytes.failed;
    }
    inner->count = 0;
    inner->bytes.count = 0;
}

/* -- Branch hints ---------------------------------------------------------- */

uint32_t wrt_text_take_hint_slow(struct wrt_parser *p)
{
    uint32_t note = wrt_text_take_note(p, WRT_ANNOTATION_BRANCH_HINT), next;

    if (note == WRT_NO_INDEX)
        return note;
    next = wrt_text_take_note(p, WRT_ANNOTATION_BRANCH_HINT);
    if (next != WRT_NO_INDEX) {
        struct wrt_token at = {.pos = p->lexed->annotations.items[next].pos};

        fail(p, WASMRT_ERR_TEXT_HINT_DUPLICATE, &at);
    }
    return note;
}

void wrt_text_put_hint(struct wrt_parser *p, uint32_t note, size_t offset)
{
    const struct wrt_token *token;
    struct wrt_name_map *hints = &p->func_hints;

    if (note == WRT_NO_INDEX)
        return;
    token = &p->lexed->notes.items[p->lexed->annotations.items[note].first];
    p->scratch.count = 0;
    if (token[0].kind != WRT_TOKEN_STRING || token[1].kind != WRT_TOKEN_END) {
        fail(p, WASMRT_ERR_TEXT_ANNOTATION, token);
        return;
    }
    wrt_lex_string(&p->scratch, wrt_token_text(p, token), token->len);
    hints->count++;
    wrt_buf_uleb(&hints->bytes, offset);
    wrt_buf_sized(&hints->bytes, p->scratch.items, p->scratch.count);
}

void wrt_text_end_hints(struct wrt_parser *p, uint32_t func_idx)
{
    struct wrt_name_map *inner = &p->func_hints, *all = &p->hints;

    if (inner->count > 0) {
        all->count++;
        wrt_buf_uleb(&all->bytes, func_idx);
        wrt_buf_uleb(&all->bytes, inner->count);
        wrt_buf_bytes(&all->bytes, inner->bytes.items, inner->bytes.count);
        all->bytes.failed |= inner->bytes.failed;
    }
    inner->count = 0;
    inner->bytes.count = 0;
}

/* -- Custom sections ------------------------------------------------------- */

/* Sections by their names in placements. */
static const struct {
    uint16_t word;
    uint8_t id;
} section_words[] = {
    {WRT_WORD_TYPE, WRT_SECTION_TYPE},
    {WRT_WORD_IMPORT, WRT_SECTION_IMPORT},
    {WRT_WORD_FUNC, WRT_SECTION_FUNC},
    {WRT_WORD_TABLE, WRT_SECTION_TABLE},
    {WRT_WORD_MEMORY, WRT_SECTION_MEMORY},
    {WRT_WORD_TAG, WRT_SECTION_TAG},
    {WRT_WORD_GLOBAL, WRT_SECTION_GLOBAL},
    {WRT_WORD_EXPORT, WRT_SECTION_EXPORT},
    {WRT_WORD_START, WRT_SECTION_START},
    {WRT_WORD_ELEM, WRT_SECTION_ELEM},
    {WRT_WORD_DATACOUNT, WRT_SECTION_DATA_COUNT},
    {WRT_WORD_CODE, WRT_SECTION_CODE},
    {WRT_WORD_DATA, WRT_SECTION_DATA},
};

const char *wrt_text_section_name(unsigned id)
{
    for (size_t i = 0; i < WRT_COUNTOF(section_words); i++) {
        if (section_words[i].id == id)
            return wrt_word_text(section_words[i].word);
    }
    return "";
}

/* The place that "before" or "after" and a section's name give, or -1. */
static int place_of(unsigned relation, unsigned word)
{
    bool is_after = relation == WRT_WORD_AFTER;

    if (word == (is_after ? WRT_WORD_LAST : WRT_WORD_FIRST))
        return is_after ? WRT_PLACE_LAST : WRT_PLACE_FIRST;
    for (size_t i = 0; i < WRT_COUNTOF(section_words); i++) {
        if (section_words[i].word == word)
            return WRT_PLACE(section_words[i].id, is_after);
    }
    return -1;
}

/* "(before x)" or "(after x)" at *token, which is moved behind it. */
static void placement(struct wrt_parser *p, const struct wrt_token **token,
                      struct wrt_text_custom *custom)
{
    const struct wrt_token *t = *token;
    int place;

    if (t[1].word != WRT_WORD_BEFORE && t[1].word != WRT_WORD_AFTER) {
        fail(p, WASMRT_ERR_TEXT_CUSTOM_PLACE, &t[1]);
        return;
    }
    place = place_of(t[1].word, t[2].word);
    if (place < 0) {
        fail(p, WASMRT_ERR_TEXT_CUSTOM_KIND, &t[2]);
        return;
    }
    custom->place = (uint8_t)place;
    if (t[3].kind != WRT_TOKEN_RPAR)
        fail(p, WASMRT_ERR_TEXT_CUSTOM_SYNTAX, &t[3]);
    *token = t + 4;
}

/* The name in p->scratch: whether it is "name". */
static bool is_name_section(const struct wrt_buf *name)
{
    return name->count == 4 && memcmp(name->items, "name", 4) == 0;
}

/* (@custom NAME PLACE? STRING*) */
static void custom(struct wrt_parser *p, const struct wrt_token *token)
{
    struct wrt_text_custom custom = {WRT_PLACE_LAST, p->custom_bytes.count, 0};

    if (token->kind != WRT_TOKEN_STRING) {
        fail(p, WASMRT_ERR_TEXT_CUSTOM_NAME, token);
        return;
    }
    p->scratch.count = 0;
    wrt_lex_string(&p->scratch, wrt_token_text(p, token), token->len);
    if (!wrt_utf8_check(p->scratch.items, p->scratch.count))
        fail(p, WASMRT_ERR_TEXT_CUSTOM_UTF8, token);
    p->has_name_section |= is_name_section(&p->scratch);
    wrt_buf_sized(&p->custom_bytes, p->scratch.items, p->scratch.count);
    token++;
    if (token->kind == WRT_TOKEN_LPAR)
        placement(p, &token, &custom);
    for (; !p->error && token->kind == WRT_TOKEN_STRING; token++)
        wrt_lex_string(&p->custom_bytes, wrt_token_text(p, token), token->len);
    if (!p->error && token->kind != WRT_TOKEN_END)
        fail(p, WASMRT_ERR_TEXT_CUSTOM_SYNTAX, token);
    custom.len = p->custom_bytes.count - custom.offset;
    if (!wrt_vec_push(p->alloc, &p->customs, custom))
        wrt_text_oom(p);
}

void wrt_text_customs(struct wrt_parser *p)
{
    struct wrt_annotation *note = p->lexed->annotations.items;
    size_t count = p->lexed->annotations.count;

    if (count == 0)
        return;
    seek(p);
    for (size_t i = p->note; i < count && note[i].token == p->pos; i++) {
        if (note[i].kind != WRT_ANNOTATION_CUSTOM || p->error)
            continue;
        note[i].is_used = true;
        custom(p, &p->lexed->notes.items[note[i].first]);
    }
}

/* -- Writing --------------------------------------------------------------- */

/* A custom section: its name, and what follows. */
static void put_custom(struct wrt_parser *p, const char *name,
                       const struct wrt_buf *content, struct wrt_buf *out)
{
    p->scratch.count = 0;
    wrt_buf_sized(&p->scratch, name, strlen(name));
    wrt_buf_u8(out, WRT_SECTION_CUSTOM);
    wrt_buf_uleb(out, p->scratch.count + content->count);
    wrt_buf_bytes(out, p->scratch.items, p->scratch.count);
    wrt_buf_bytes(out, content->items, content->count);
}

void wrt_text_put_customs(struct wrt_parser *p, unsigned place,
                          struct wrt_buf *out)
{
    for (size_t i = 0; i < p->customs.count; i++) {
        const struct wrt_text_custom *c = &p->customs.items[i];

        if (c->place != place || p->custom_bytes.failed)
            continue;
        wrt_buf_u8(out, WRT_SECTION_CUSTOM);
        wrt_buf_sized(out, p->custom_bytes.items + c->offset, c->len);
    }
}

/* Subsections in the order of their numbers; those without names are left
 * out. */
void wrt_text_put_names(struct wrt_parser *p, struct wrt_buf *out)
{
    struct wrt_buf *content = &p->items;

    content->count = 0;
    for (unsigned kind = 0; kind < WRT_NAMES_COUNT; kind++) {
        const struct wrt_name_map *map = &p->names[kind];
        size_t skip = kind == WRT_NAMES_MODULE ? 1 : 0;

        content->failed |= map->bytes.failed;
        if (map->count == 0 || map->bytes.failed)
            continue;
        p->scratch.count = 0;
        /* The module's name stands alone, without count and index. */
        if (kind != WRT_NAMES_MODULE)
            wrt_buf_uleb(&p->scratch, map->count);
        wrt_buf_bytes(&p->scratch, map->bytes.items + skip,
                      map->bytes.count - skip);
        wrt_buf_u8(content, kind);
        wrt_buf_sized(content, p->scratch.items, p->scratch.count);
    }
    if (content->count > 0 && !p->has_name_section)
        put_custom(p, "name", content, out);
}

void wrt_text_put_hints(struct wrt_parser *p, struct wrt_buf *out)
{
    struct wrt_buf *content = &p->items;

    if (p->hints.count == 0)
        return;
    content->count = 0;
    wrt_buf_uleb(content, p->hints.count);
    wrt_buf_bytes(content, p->hints.bytes.items, p->hints.bytes.count);
    content->failed |= p->hints.bytes.failed;
    put_custom(p, "metadata.code.branch_hint", content, out);
}
