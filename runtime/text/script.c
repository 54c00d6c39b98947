/*
 * Test scripts: the reader of .wast files.
 *
 * Everything that a command points to lives in an arena which the next command
 * empties.  Modules are translated when their command is read; a quoted one is
 * a text of its own and is cut and parsed by itself.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/text/script.h"

#include "runtime/text/text.h"

struct wasmrt_script {
    struct wrt_lexed lexed;
    struct wrt_parser p; /* the cursor; of its buffers only scratch is used */
    struct wrt_arena arena;
    wasmrt_script_command command;
    uint8_t *bytes; /* owned, of the current command */
    size_t len;
    wasmrt_error *error; /* owned, of the current command's module */
    uint32_t module_no;  /* modules translated so far */
    uint32_t line_pos;   /* line is the one of this position */
    size_t line;
    bool is_done;
};

/* -- Parts ----------------------------------------------------------------- */

/* The name of an optional identifier. */
static const char *optional_id(wasmrt_script *s)
{
    const struct wrt_token *id = wrt_text_id(&s->p);
    const struct wrt_symbol *symbol;
    const char *name;

    if (!id)
        return NULL;
    symbol = &s->lexed.symbols.items[id->link];
    name = wrt_arena_string(&s->arena, symbol->text, symbol->len);
    if (!name)
        wrt_text_oom(&s->p);
    return name;
}

/* A string literal, NUL-terminated. */
static const char *string(wasmrt_script *s, size_t *len)
{
    const char *copy;

    s->p.scratch.count = 0;
    wrt_text_string(&s->p, &s->p.scratch);
    if (s->p.error)
        return NULL;
    copy = wrt_arena_string(&s->arena, (char *)s->p.scratch.items,
                            s->p.scratch.count);
    if (!copy || s->p.scratch.failed)
        wrt_text_oom(&s->p);
    if (len)
        *len = s->p.scratch.count;
    return copy;
}

/* "(invoke $m? "f" const*)" or "(get $m? "g")" */
static void action(wasmrt_script *s)
{
    wasmrt_script_command *c = &s->command;

    c->is_get = wrt_text_group(&s->p) == WRT_WORD_GET;
    if (!c->is_get && wrt_text_group(&s->p) != WRT_WORD_INVOKE) {
        wrt_text_unexpected(&s->p, "(invoke or (get");
        return;
    }
    wrt_text_advance(&s->p, 2);
    c->module = optional_id(s);
    c->field = string(s, &c->field_len);
    if (!c->is_get)
        c->args = wrt_script_values(&s->p, &s->arena, false, &c->nargs);
    wrt_text_close(&s->p);
}

/* -- Modules --------------------------------------------------------------- */

/* All strings up to the parenthesis, joined in scratch; between two parts of a
 * quoted module there is a blank. */
static void joined_strings(wasmrt_script *s, bool is_quote)
{
    struct wrt_buf *out = &s->p.scratch;

    out->count = 0;
    while (wrt_text_kind(&s->p) == WRT_TOKEN_STRING) {
        wrt_text_string(&s->p, out);
        if (is_quote)
            wrt_buf_u8(out, ' ');
    }
    if (out->failed)
        wrt_text_oom(&s->p);
}

static void binary_module(wasmrt_script *s)
{
    struct wrt_buf *bytes = &s->p.scratch;

    wrt_text_advance(&s->p, 1);
    joined_strings(s, false);
    if (s->p.error)
        return;
    s->command.bytes = (const uint8_t *)wrt_arena_string(
        &s->arena, (const char *)bytes->items, bytes->count);
    s->command.len = bytes->count;
    if (!s->command.bytes)
        wrt_text_oom(&s->p);
}

/* Keeps the text of a quoted module that has an error. */
static void keep_text(wasmrt_script *s)
{
    const struct wrt_buf *text = &s->p.scratch;

    s->command.text =
        wrt_arena_string(&s->arena, (const char *)text->items, text->count);
    s->command.text_len = text->count;
    if (!s->command.text)
        wrt_text_oom(&s->p);
}

static void quoted_module(wasmrt_script *s)
{
    wrt_text_advance(&s->p, 1);
    joined_strings(s, true);
    if (s->p.error)
        return;
    s->error =
        wrt_text_to_binary(s->lexed.alloc, (const char *)s->p.scratch.items,
                           s->p.scratch.count, true, &s->bytes, &s->len);
    if (s->error)
        keep_text(s);
}

/* The fields of a module, up to token `close`. */
static void text_module(wasmrt_script *s, uint32_t close)
{
    uint32_t begin = s->p.pos;

    s->error = wrt_text_encode(s->lexed.alloc, &s->lexed, begin, close,
                               ++s->module_no, true, NULL, &s->bytes, &s->len);
    s->command.text = s->lexed.text;
    s->command.text_len = s->lexed.len;
    if (!s->p.error)
        s->p.pos = close;
}

/* Moves what translating gave into the command.  Exhausted memory is the
 * script's own failure. */
static void take_module(wasmrt_script *s)
{
    if (s->error && wasmrt_error_code(s->error) == WASMRT_ERR_OUT_OF_MEMORY) {
        wrt_text_oom(&s->p);
        return;
    }
    s->command.error = s->error;
    if (s->bytes) {
        s->command.bytes = s->bytes;
        s->command.len = s->len;
    }
}

/* "(module ...)": kind is what the directive by itself would do. */
static void module(wasmrt_script *s)
{
    struct wrt_parser *p = &s->p;
    uint32_t close = wrt_text_ahead(p, 0)->link;

    if (!wrt_text_open(p, WRT_WORD_MODULE)) {
        wrt_text_unexpected(p, "(module");
        return;
    }
    close = WRT_MIN(close, p->end);
    if (wrt_text_eat(p, WRT_WORD_INSTANCE)) {
        s->command.kind = WASMRT_SCRIPT_INSTANCE;
        s->command.name = optional_id(s);
        s->command.definition = optional_id(s);
        wrt_text_close(p);
        return;
    }
    s->command.kind = wrt_text_eat(p, WRT_WORD_DEFINITION)
                          ? WASMRT_SCRIPT_DEFINITION
                          : WASMRT_SCRIPT_MODULE;
    s->command.name = optional_id(s);
    if (wrt_text_word(p) == WRT_WORD_BINARY)
        binary_module(s);
    else if (wrt_text_word(p) == WRT_WORD_QUOTE)
        quoted_module(s);
    else if (!p->error)
        text_module(s, close);
    take_module(s);
    wrt_text_close(p);
}

/* -- Commands -------------------------------------------------------------- */

static void register_instance(wasmrt_script *s)
{
    s->command.kind = WASMRT_SCRIPT_REGISTER;
    s->command.as = string(s, &s->command.as_len);
    s->command.name = optional_id(s);
}

static void assert_module(wasmrt_script *s, wasmrt_script_kind kind)
{
    module(s);
    s->command.kind = kind;
    s->command.expected = string(s, NULL);
}

static void assert_action(wasmrt_script *s, wasmrt_script_kind kind)
{
    s->command.kind = kind;
    action(s);
    if (kind == WASMRT_SCRIPT_ASSERT_RETURN)
        s->command.results =
            wrt_script_values(&s->p, &s->arena, true, &s->command.nresults);
    else if (kind != WASMRT_SCRIPT_ASSERT_EXCEPTION)
        s->command.expected = string(s, NULL);
}

/* "(thread $t (shared (module $m))? command*)": the commands are left to a
 * script of their own, which another thread may read. */
static void thread(wasmrt_script *s, uint32_t close)
{
    struct wrt_parser *p = &s->p;
    uint32_t begin;

    s->command.kind = WASMRT_SCRIPT_THREAD;
    s->command.name = optional_id(s);
    if (wrt_text_open(p, WRT_WORD_SHARED)) {
        if (!wrt_text_open(p, WRT_WORD_MODULE))
            wrt_text_unexpected(p, "(module");
        s->command.shared = optional_id(s);
        wrt_text_close(p);
        wrt_text_close(p);
    }
    begin = wrt_text_ahead(p, 0)->pos;
    if (p->error || close >= p->end) {
        wrt_text_unexpected(p, ")");
        return;
    }
    s->command.body = s->lexed.text + begin;
    s->command.body_len = p->tokens[close].pos - begin;
    p->pos = close + 1;
}

static void wait_for_thread(wasmrt_script *s)
{
    s->command.kind = WASMRT_SCRIPT_WAIT;
    s->command.name = optional_id(s);
    wrt_text_close(&s->p);
}

/* Assertions by keyword; those about modules, and those about actions. */
static const struct {
    uint16_t word;
    uint8_t kind;
    bool is_module;
} assertions[] = {
    {WRT_WORD_ASSERT_RETURN, WASMRT_SCRIPT_ASSERT_RETURN, false},
    {WRT_WORD_ASSERT_TRAP, WASMRT_SCRIPT_ASSERT_TRAP, false},
    {WRT_WORD_ASSERT_EXHAUSTION, WASMRT_SCRIPT_ASSERT_EXHAUSTION, false},
    {WRT_WORD_ASSERT_EXCEPTION, WASMRT_SCRIPT_ASSERT_EXCEPTION, false},
    {WRT_WORD_ASSERT_MALFORMED, WASMRT_SCRIPT_ASSERT_MALFORMED, true},
    {WRT_WORD_ASSERT_MALFORMED_CUSTOM, WASMRT_SCRIPT_ASSERT_MALFORMED_CUSTOM,
     true},
    {WRT_WORD_ASSERT_INVALID, WASMRT_SCRIPT_ASSERT_INVALID, true},
    {WRT_WORD_ASSERT_INVALID_CUSTOM, WASMRT_SCRIPT_ASSERT_INVALID_CUSTOM, true},
    {WRT_WORD_ASSERT_UNLINKABLE, WASMRT_SCRIPT_ASSERT_UNLINKABLE, true},
};

/* False when the keyword is no assertion's. */
static bool assertion(wasmrt_script *s, unsigned word)
{
    for (size_t i = 0; i < WRT_COUNTOF(assertions); i++) {
        wasmrt_script_kind kind = (wasmrt_script_kind)assertions[i].kind;

        if (assertions[i].word != word)
            continue;
        wrt_text_advance(&s->p, 2);
        if (assertions[i].is_module)
            assert_module(s, kind);
        else if (kind == WASMRT_SCRIPT_ASSERT_TRAP &&
                 wrt_text_group(&s->p) == WRT_WORD_MODULE)
            assert_module(s, WASMRT_SCRIPT_ASSERT_UNINSTANTIABLE);
        else
            assert_action(s, kind);
        wrt_text_close(&s->p);
        return true;
    }
    return false;
}

/* The command at the cursor. */
static void command(wasmrt_script *s)
{
    struct wrt_parser *p = &s->p;
    unsigned word = wrt_text_group(p);

    if (word == WRT_WORD_MODULE) {
        module(s);
    } else if (word == WRT_WORD_INVOKE || word == WRT_WORD_GET) {
        s->command.kind = WASMRT_SCRIPT_ACTION;
        action(s);
    } else if (word == WRT_WORD_REGISTER) {
        wrt_text_advance(p, 2);
        register_instance(s);
        wrt_text_close(p);
    } else if (word == WRT_WORD_THREAD) {
        uint32_t close = wrt_text_ahead(p, 0)->link;

        wrt_text_advance(p, 2);
        thread(s, close);
    } else if (word == WRT_WORD_WAIT) {
        wrt_text_advance(p, 2);
        wait_for_thread(s);
    } else if (!assertion(s, word)) {
        wrt_text_advance(p, 1);
        wrt_text_unexpected(p, "a command");
    }
}

/* Whether the text is one module without its parentheses. */
static bool is_bare_module(const struct wrt_parser *p)
{
    switch (wrt_text_group(p)) {
    case WRT_WORD_TYPE:
    case WRT_WORD_REC:
    case WRT_WORD_IMPORT:
    case WRT_WORD_FUNC:
    case WRT_WORD_TABLE:
    case WRT_WORD_MEMORY:
    case WRT_WORD_GLOBAL:
    case WRT_WORD_TAG:
    case WRT_WORD_EXPORT:
    case WRT_WORD_START:
    case WRT_WORD_ELEM:
    case WRT_WORD_DATA: return true;
    default: return false;
    }
}

/* -- Public ---------------------------------------------------------------- */

/* Releases what belongs to the current command. */
static void forget_command(wasmrt_script *s)
{
    wrt_free(s->lexed.alloc, s->bytes, s->bytes ? s->len : 0);
    s->bytes = NULL;
    wasmrt_error_delete(s->error);
    s->error = NULL;
    wrt_arena_reset(&s->arena);
    s->command = (wasmrt_script_command){0};
}

void wasmrt_script_delete(wasmrt_script *script)
{
    const struct wrt_alloc *alloc = &wrt_alloc_libc;

    if (!script)
        return;
    forget_command(script);
    wasmrt_error_delete(script->p.error);
    wrt_buf_fini(&script->p.scratch);
    wrt_arena_fini(&script->arena);
    wrt_lexed_fini(&script->lexed);
    wrt_free(alloc, script, sizeof(*script));
}

wasmrt_error *wasmrt_script_new(const char *text, size_t len,
                                wasmrt_script **out)
{
    const struct wrt_alloc *alloc = &wrt_alloc_libc;
    wasmrt_script *s;
    wasmrt_error *error;

    if ((!text && len) || !out)
        return wrt_error_new(WASMRT_ERR_MISUSE, WRT_NO_OFFSET,
                             "script_new: an argument is NULL");
    s = wrt_alloc_zero(alloc, sizeof(*s));
    if (!s)
        return wrt_error_oom();
    wrt_arena_init(&s->arena, alloc);
    error = wrt_lex(alloc, text, len, &s->lexed);
    s->p = (struct wrt_parser){
        .alloc = alloc, .lexed = &s->lexed, .tokens = s->lexed.tokens.items};
    wrt_buf_init(&s->p.scratch, alloc);
    s->line = 1;
    if (error) {
        wasmrt_script_delete(s);
        return error;
    }
    s->p.end = (uint32_t)s->lexed.tokens.count - 1;
    *out = s;
    return NULL;
}

/* Lines are counted on the way, so that a long script stays linear. */
static size_t line_of(wasmrt_script *s, uint32_t pos)
{
    for (; s->line_pos < pos; s->line_pos++)
        s->line += s->lexed.text[s->line_pos] == '\n';
    return s->line;
}

wasmrt_error *wasmrt_script_next(wasmrt_script *s,
                                 const wasmrt_script_command **out)
{
    wasmrt_error *error;

    forget_command(s);
    *out = NULL;
    if (s->is_done || wrt_text_kind(&s->p) == WRT_TOKEN_END)
        return NULL;
    s->command.line = line_of(s, wrt_text_ahead(&s->p, 0)->pos);
    if (s->p.pos == 0 && is_bare_module(&s->p)) {
        text_module(s, s->p.end);
        take_module(s);
    } else {
        command(s);
    }
    error = s->p.error;
    if (error) {
        s->p.error = NULL;
        s->is_done = true;
        return error;
    }
    *out = &s->command;
    return NULL;
}
