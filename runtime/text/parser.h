/*
 * The parser of modules: shared state, and what its files give each other.
 *
 *   module.c   fields of a module, index spaces, the order of sections
 *   types.c    value types, type definitions, type uses
 *   segment.c  element and data segments, tables, memories
 *   insn.c     instruction sequences, folded and plain
 *   imm*.c     immediates
 *   annotation.c   names, custom sections, branch hints
 *
 * The parser walks the fields twice: first it gives every name its index and
 * reads the type definitions, then it encodes each field straight into its
 * section.  The error is sticky: after the first one the cursor stands at the
 * end, so every loop ends and callers need not check.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_TEXT_PARSER_H
#define WRT_TEXT_PARSER_H

#include "runtime/module/module.h"
#include "runtime/module/names.h"
#include "runtime/text/lex.h"
#include "runtime/text/place.h"

#define WRT_NO_INDEX UINT32_MAX

/* The binary form of a section so far, without id, size and item count. */
struct wrt_section_buf {
    struct wrt_buf bytes;
    uint32_t count;
};

/* What the parser needs to know of a type definition. */
struct wrt_text_type {
    bool is_func;
    uint32_t nparams;
    size_t sig, sig_len; /* functions: place in parser->sigs */
};

/* A block whose label is in scope. */
struct wrt_text_label {
    uint32_t symbol;   /* or WRT_NO_INDEX */
    uint32_t shadowed; /* what the symbol meant outside */
};

/* What a parenthesis or a block still needs; see insn.c. */
struct wrt_text_frame {
    uint8_t kind;
    uint32_t symbol; /* label of a block, or WRT_NO_INDEX */
    uint32_t name;   /* annotation of the label until the code is written */
    uint32_t hint;   /* annotation of the delayed code */
    uint32_t token;  /* of the delayed code */
    size_t pending;  /* where its delayed code begins in parser->pending */
};

/* Things with numbers and bytes that belong to them, encoded. */
struct wrt_name_map {
    struct wrt_buf bytes;
    uint32_t count;
};

/* Places of custom sections: before and after each section. */
#define WRT_PLACE(id, is_after) (2 * (id) + ((is_after) ? 1 : 0))
enum {
    WRT_PLACE_FIRST = WRT_PLACE(WRT_SECTION_CUSTOM, false),
    WRT_PLACE_LAST = WRT_PLACE(WRT_SECTION_CUSTOM, true),
};

/* A custom section of the text. */
struct wrt_text_custom {
    uint8_t place;
    size_t offset, len; /* of name and content in parser->custom_bytes */
};

struct wrt_parser {
    const struct wrt_alloc *alloc;
    struct wrt_lexed *lexed;
    const struct wrt_token *tokens;
    uint32_t pos, end; /* tokens[end] counts as the end of the text */
    wasmrt_error *error;

    uint32_t module_no, func_no;      /* what symbols are valid for */
    uint32_t counts[WRT_SPACE_COUNT]; /* named or not, so far */
    unsigned last_defined;            /* kind of the last definition */
    bool has_definition;
    bool has_start;
    bool needs_data_count;

    struct wrt_arena arena;
    WRT_VEC(struct wrt_text_type) types;
    struct wrt_buf sigs;        /* all function types, 0x60 ... each */
    struct wrt_map sig_indices; /* a function type -> its first type index */
    struct wrt_map fields;      /* (type, symbol) -> field index */
    struct wrt_section_buf sections[WRT_SECTION_COUNT];

    struct wrt_buf params, results; /* of the type use being read */
    uint32_t nparams, nresults;
    struct wrt_buf body, locals, pending, scratch, offset, items;
    WRT_VEC(struct wrt_text_label) labels;
    WRT_VEC(struct wrt_text_frame) frames;

    uint32_t note;    /* annotations before this one are behind the cursor */
    uint32_t nlabels; /* blocks of the function so far */
    bool in_func;
    struct wrt_name_map names[WRT_NAMES_COUNT];
    struct wrt_name_map inner_names[WRT_NAMES_COUNT]; /* of what is open */
    struct wrt_name_map hints, func_hints; /* of functions, of this one */
    WRT_VEC(struct wrt_text_custom) customs;
    struct wrt_buf custom_bytes;
    bool has_name_section; /* the text spells it out */

    struct wrt_text_sought *sought; /* or NULL */
    uint32_t field;                 /* token of the field being read */
};

/* -- Cursor (module.c) ----------------------------------------------------- */

WRT_INLINE const struct wrt_token *wrt_text_ahead(const struct wrt_parser *p,
                                                  uint32_t n)
{
    /* The lexer's last token is END, so there always is one. */
    static const struct wrt_token end = {.kind = WRT_TOKEN_END};

    return p->end - p->pos > n ? &p->tokens[p->pos + n] : &end;
}

/* Moves on, but never past the end: after an error the cursor stays there. */
WRT_INLINE void wrt_text_advance(struct wrt_parser *p, uint32_t n)
{
    p->pos = p->end - p->pos > n ? p->pos + n : p->end;
}

WRT_INLINE enum wrt_token_kind wrt_text_kind(const struct wrt_parser *p)
{
    return (enum wrt_token_kind)wrt_text_ahead(p, 0)->kind;
}

/* The keyword at the cursor; 0 when there is none. */
WRT_INLINE unsigned wrt_text_word(const struct wrt_parser *p)
{
    return wrt_text_ahead(p, 0)->word;
}

/* The keyword right behind a parenthesis at the cursor; 0 when none. */
WRT_INLINE unsigned wrt_text_group(const struct wrt_parser *p)
{
    return wrt_text_kind(p) == WRT_TOKEN_LPAR ? wrt_text_ahead(p, 1)->word : 0;
}

WRT_INLINE const char *wrt_token_text(const struct wrt_parser *p,
                                      const struct wrt_token *token)
{
    return p->lexed->text + token->pos;
}

/* Records the first error; at: the token it concerns, or NULL. */
void wrt_text_fail(struct wrt_parser *p, wasmrt_code code,
                   const struct wrt_token *at, const char *fmt, ...)
    WRT_PRINTF(4, 5);

/* The token at the cursor is not what the grammar wants. */
void wrt_text_unexpected(struct wrt_parser *p, const char *expected);

/* Records that memory is exhausted. */
void wrt_text_oom(struct wrt_parser *p);

/* Moves behind the keyword, or behind "(keyword". */
bool wrt_text_eat(struct wrt_parser *p, enum wrt_word word);
bool wrt_text_open(struct wrt_parser *p, enum wrt_word word);

/* Moves behind the parenthesis that must be here. */
void wrt_text_close(struct wrt_parser *p);

/* -- Names and numbers (names.c) ------------------------------------------- */

/* The identifier here, or NULL, which is then not consumed. */
const struct wrt_token *wrt_text_id(struct wrt_parser *p);

/* Gives an identifier (NULL: none) its index. */
void wrt_text_define(struct wrt_parser *p, enum wrt_space space,
                     const struct wrt_token *id, uint32_t index);

/* The symbol of an identifier with its indices for this module. */
struct wrt_symbol *wrt_text_symbol(struct wrt_parser *p, uint32_t symbol);

bool wrt_text_at_index(const struct wrt_parser *p);
uint32_t wrt_text_index(struct wrt_parser *p, enum wrt_space space);

/* An unsigned number; the error names the width. */
uint64_t wrt_text_nat(struct wrt_parser *p, unsigned bits);

/* A string as raw bytes; and as a name with its length, which is UTF-8. */
void wrt_text_string(struct wrt_parser *p, struct wrt_buf *out);
void wrt_text_name(struct wrt_parser *p, struct wrt_buf *out);

/* -- Types (types.c) ------------------------------------------------------- */

/* Whether a value or reference type begins here. */
bool wrt_text_at_valtype(const struct wrt_parser *p);
void wrt_text_valtype(struct wrt_parser *p, struct wrt_buf *out);
void wrt_text_reftype(struct wrt_parser *p, struct wrt_buf *out);
void wrt_text_heaptype(struct wrt_parser *p, struct wrt_buf *out);

/* The keyword of a value or reference type that is one byte, and of an abstract
 * heap type; "" for others. */
const char *wrt_text_type_name(unsigned byte);
const char *wrt_text_heap_name(unsigned byte);

/* A reference type as its heap type alone; whether it holds null. */
bool wrt_text_ref(struct wrt_parser *p, struct wrt_buf *out);

/* "(result t*)*" as a vector. */
void wrt_text_results(struct wrt_parser *p, struct wrt_buf *out);

/* Whether parameters may have names, which are defined as locals. */
enum wrt_param_names {
    WRT_PARAMS_PLAIN,
    WRT_PARAMS_IGNORED,
    WRT_PARAMS_NAMED, /* ... and only the name section has them */
    WRT_PARAMS_LOCALS
};

/* A type use (spec 6.4.8): the index of an explicit, known or new type. */
uint32_t wrt_text_typeuse(struct wrt_parser *p, enum wrt_param_names names);

void wrt_text_blocktype(struct wrt_parser *p, struct wrt_buf *out);

/* Number of parameters of a type; 0 when it is no function type. */
uint32_t wrt_text_param_count(const struct wrt_parser *p, uint32_t type_idx);

/* The first pass over "(type ...)" and "(rec ...)": names; the second: code. */
void wrt_text_bind_types(struct wrt_parser *p);
void wrt_text_define_types(struct wrt_parser *p);

/* The index of a field of a struct type. */
uint32_t wrt_text_field(struct wrt_parser *p, uint32_t type_idx);

/* -- Instructions (insn.c) ------------------------------------------------- */

/* Instructions up to the parenthesis that closes the group they stand in;
 * `single`: one folded instruction.  Without the final end. */
void wrt_text_instrs(struct wrt_parser *p, struct wrt_buf *code, bool single);

/* The immediates of an instruction, and its code. */
void wrt_text_plain(struct wrt_parser *p, enum wrt_op op, struct wrt_buf *out);

/* An expression with its end. */
void wrt_text_expr(struct wrt_parser *p, struct wrt_buf *out, bool single);

/* Brings a label into scope, and takes the innermost one out. */
void wrt_text_push_label(struct wrt_parser *p, uint32_t symbol);
void wrt_text_pop_label(struct wrt_parser *p);

/* -- Immediates (imm.c, imm_vec.c, imm_ref.c) ------------------------------ */

/* A label; they count from the innermost block outwards. */
void wrt_text_label(struct wrt_parser *p, struct wrt_buf *out);

/* "x? offset=N? align=N?"; before_lane: a lane index follows. */
void wrt_text_memarg(struct wrt_parser *p, unsigned natural_log2,
                     bool before_lane, struct wrt_buf *out);

/* An integer constant in two's complement; the bits of a float constant. */
uint64_t wrt_text_integer(struct wrt_parser *p, unsigned bits);
uint64_t wrt_text_floating(struct wrt_parser *p, unsigned bits);

struct wrt_text_shape {
    uint16_t word;
    uint8_t lanes, bits;
    bool is_float;
};

/* "i8x16" and so on; NULL after an error. */
const struct wrt_text_shape *wrt_text_shape(struct wrt_parser *p);

/* The immediates of a group of kinds; false when imm is none of them. */
bool wrt_text_vec_imm(struct wrt_parser *p, enum wrt_imm imm,
                      struct wrt_buf *out);
bool wrt_text_ref_imm(struct wrt_parser *p, enum wrt_imm imm,
                      struct wrt_buf *out);

/* ref.test and ref.cast: the type decides between two opcodes. */
void wrt_text_cast_op(struct wrt_parser *p, enum wrt_op op,
                      struct wrt_buf *out);

/* The catch clauses of a try_table, as a vector. */
void wrt_text_catches(struct wrt_parser *p, struct wrt_buf *out);

/* -- Tables, memories, segments (segment.c) -------------------------------- */

void wrt_text_table(struct wrt_parser *p, uint32_t index);
void wrt_text_memory(struct wrt_parser *p, uint32_t index);
void wrt_text_tabletype(struct wrt_parser *p, struct wrt_buf *out);
void wrt_text_memtype(struct wrt_parser *p, struct wrt_buf *out);
void wrt_text_elem(struct wrt_parser *p);
void wrt_text_data(struct wrt_parser *p);

/* -- Places (place.c) ------------------------------------------------------ */

/* An item is about to be added to a section; code to the function's body. */
void wrt_text_pass_item(struct wrt_parser *p, enum wrt_section_id id);
void wrt_text_pass_code(struct wrt_parser *p, const struct wrt_buf *code,
                        uint32_t token);

/* The code of the instruction whose keyword is that token comes next. */
WRT_INLINE void wrt_text_pass(struct wrt_parser *p, const struct wrt_buf *code,
                              uint32_t token)
{
    if (WRT_UNLIKELY(p->sought != NULL))
        wrt_text_pass_code(p, code, token);
}

/* Adds one item to a section. */
WRT_INLINE struct wrt_buf *wrt_text_section(struct wrt_parser *p,
                                            enum wrt_section_id id)
{
    if (WRT_UNLIKELY(p->sought != NULL))
        wrt_text_pass_item(p, id);
    p->sections[id].count++;
    return &p->sections[id].bytes;
}

/* -- Annotations (annotation.c) -------------------------------------------- */

uint32_t wrt_text_take_note_slow(struct wrt_parser *p,
                                 enum wrt_annotation_kind kind);
uint32_t wrt_text_take_hint_slow(struct wrt_parser *p);

/* An annotation of a kind in front of the token at the cursor, which is used
 * with that; or WRT_NO_INDEX. */
WRT_INLINE uint32_t wrt_text_take_note(struct wrt_parser *p,
                                       enum wrt_annotation_kind kind)
{
    return p->lexed->annotations.count > 0 ? wrt_text_take_note_slow(p, kind)
                                           : WRT_NO_INDEX;
}

/* The branch hint in front of the instruction at the cursor, inside a function;
 * or WRT_NO_INDEX. */
WRT_INLINE uint32_t wrt_text_take_hint(struct wrt_parser *p)
{
    return p->in_func && p->lexed->annotations.count > 0
               ? wrt_text_take_hint_slow(p)
               : WRT_NO_INDEX;
}

/* Notes the hint of the instruction whose code begins at an offset in the body;
 * and at the end of the body, whose they all are. */
void wrt_text_put_hint(struct wrt_parser *p, uint32_t note, size_t offset);
void wrt_text_end_hints(struct wrt_parser *p, uint32_t func_idx);

/* Names thing `idx` after the annotation at the cursor, else its identifier;
 * false when there is neither. */
bool wrt_text_bind_name(struct wrt_parser *p, enum wrt_names_kind kind,
                        uint32_t idx, const struct wrt_token *id);
void wrt_text_bind_module(struct wrt_parser *p, const struct wrt_token *id);

/* The same for the block whose code is being written; note is the annotation or
 * WRT_NO_INDEX. */
void wrt_text_bind_label(struct wrt_parser *p, uint32_t symbol, uint32_t note);

/* The names of locals, labels or fields so far are those of `outer`. */
void wrt_text_end_names(struct wrt_parser *p, enum wrt_names_kind kind,
                        uint32_t outer);

/* The custom sections annotated in front of the field at the cursor. */
void wrt_text_customs(struct wrt_parser *p);

/* Fails when an annotation from token `begin` on has not been used. */
void wrt_text_check_notes(struct wrt_parser *p, uint32_t begin);

/* The name of a section in a placement. */
const char *wrt_text_section_name(unsigned id);

/* What annotations and identifiers make: the custom sections of a place, the
 * name section, the section of branch hints. */
void wrt_text_put_customs(struct wrt_parser *p, unsigned place,
                          struct wrt_buf *out);
void wrt_text_put_names(struct wrt_parser *p, struct wrt_buf *out);
void wrt_text_put_hints(struct wrt_parser *p, struct wrt_buf *out);

/* -- A module -------------------------------------------------------------- */

/*
 * Parses the fields of one module, tokens [begin, end), and gives its binary
 * form.  module_no is a number that no other module of the same text has, from
 * 1.  with_names: the identifiers make a name section.  sought: a place that is
 * filled in, or NULL.  *out is owned by the caller and was made with alloc.
 */
WRT_MUST_USE wasmrt_error *wrt_text_encode(const struct wrt_alloc *alloc,
                                           struct wrt_lexed *lexed,
                                           uint32_t begin, uint32_t end,
                                           uint32_t module_no, bool with_names,
                                           struct wrt_text_sought *sought,
                                           uint8_t **out, size_t *out_len);

#endif
