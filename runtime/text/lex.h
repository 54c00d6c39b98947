/*
 * Lexer: text -> an array of tokens (spec 6.3).
 *
 * The whole text is cut at once.  That makes looking ahead free and lets the
 * parser jump over a parenthesised group in one step, which is how it reads
 * names before bodies without recursion.  Annotations and comments leave no
 * tokens; the annotations that mean something are noted beside them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_TEXT_LEX_H
#define WRT_TEXT_LEX_H

#include "runtime/base/arena.h"
#include "runtime/base/error.h"
#include "runtime/base/map.h"
#include "runtime/base/vec.h"
#include "runtime/text/buf.h"
#include "runtime/text/word.h"

enum wrt_token_kind {
    WRT_TOKEN_END, /* the last one, exactly once */
    WRT_TOKEN_LPAR,
    WRT_TOKEN_RPAR,
    WRT_TOKEN_STRING,
    WRT_TOKEN_ID,
    WRT_TOKEN_NAT,   /* unsigned integer */
    WRT_TOKEN_INT,   /* integer with a sign */
    WRT_TOKEN_FLOAT, /* anything else numeric */
    WRT_TOKEN_WORD,
    WRT_TOKEN_RESERVED, /* nothing that the format knows */
};

struct wrt_token {
    uint32_t pos; /* byte offset in the text */
    uint32_t len;
    uint32_t link; /* LPAR: the token that closes it; ID: the symbol */
    uint16_t word; /* WORD: enum wrt_word */
    uint8_t kind;  /* enum wrt_token_kind */
};

/* Index spaces of identifiers (spec 6.6.1). */
enum wrt_space {
    WRT_SPACE_TYPE,
    WRT_SPACE_FUNC,
    WRT_SPACE_TABLE,
    WRT_SPACE_MEMORY,
    WRT_SPACE_GLOBAL,
    WRT_SPACE_TAG,
    WRT_SPACE_ELEM,
    WRT_SPACE_DATA,
    WRT_SPACE_LOCAL,
    WRT_SPACE_LABEL,
    WRT_SPACE_COUNT,
};

/*
 * An identifier of the text.  The indices belong to the parser: they hold for
 * the module numbered `module`, locals and labels for the function numbered
 * `func`, so that starting anew costs nothing.
 */
struct wrt_symbol {
    const char *text; /* without "$"; UTF-8, not NUL-terminated */
    uint32_t len;
    uint32_t module;
    uint32_t func;
    uint32_t index[WRT_SPACE_COUNT]; /* UINT32_MAX: undefined */
};

enum wrt_annotation_kind {
    WRT_ANNOTATION_CUSTOM,      /* "(@custom ...)": a section */
    WRT_ANNOTATION_NAME,        /* "(@name ...)": in the name section */
    WRT_ANNOTATION_BRANCH_HINT, /* "(@metadata.code.branch_hint ...)" */
    WRT_ANNOTATION_OTHER,       /* no meaning, and not kept */
};

/* An annotation that has a meaning. */
struct wrt_annotation {
    uint32_t pos;   /* of its parenthesis in the text */
    uint32_t token; /* index of the token that follows it */
    uint32_t first; /* of its own tokens, in lexed->notes; they end with END */
    uint8_t kind;   /* enum wrt_annotation_kind */
    bool is_used;   /* by the parser */
};

struct wrt_lexed {
    const struct wrt_alloc *alloc;
    const char *text;
    uint32_t len;
    WRT_VEC(struct wrt_token) tokens; /* ends with END once lexed */
    WRT_VEC(struct wrt_token) notes;  /* inside annotations */
    WRT_VEC(struct wrt_symbol) symbols;
    WRT_VEC(struct wrt_annotation) annotations;
    struct wrt_map ids;     /* name -> symbol */
    struct wrt_arena arena; /* decoded names */
    struct wrt_words words;
};

/* Cuts the text, which is borrowed for the life of *out.  Call fini also after
 * an error. */
WRT_MUST_USE wasmrt_error *wrt_lex(const struct wrt_alloc *alloc,
                                   const char *text, size_t len,
                                   struct wrt_lexed *out);
void wrt_lexed_fini(struct wrt_lexed *lexed);

/* Whether the character may stand in an identifier behind its dollar (spec
 * 6.3.5). */
bool wrt_lex_is_idchar(char c);

/* Appends the bytes that a string literal stands for.  raw includes the quotes;
 * the lexer has checked it. */
void wrt_lex_string(struct wrt_buf *out, const char *raw, size_t len);

#endif
