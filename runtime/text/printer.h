/*
 * The printer: binary module -> text, and what its files give each other.
 *
 *   print.c         sections, in their order
 *   print_types.c   types, signatures, limits
 *   print_ids.c     which identifier stands for which index
 *   print_insn.c    one instruction: keyword and immediates
 *   print_fold.c    an expression's instructions -> trees
 *   print_code.c    trees -> lines
 *   print_custom.c  custom sections
 *
 * The module has been validated, so its bytes are read without checks.  They
 * are read once more, instead of the decoded structures, where those no longer
 * tell equal types apart: what is printed gives the same bytes again.
 *
 * Exhausted memory is sticky in the buffers; what makes loops depend on a
 * failed allocation returns false.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_TEXT_PRINTER_H
#define WRT_TEXT_PRINTER_H

#include "runtime/base/map.h"
#include "runtime/module/hints.h"
#include "runtime/module/insn.h"
#include "runtime/module/names.h"
#include "runtime/text/put.h"
#include "runtime/text/text.h"

enum {
    WRT_PRINT_COLUMNS = 80,
    /* Deeper nesting goes on without further indentation, so that the text
     * grows no faster than the module. */
    WRT_PRINT_MAX_INDENT = 20,
    /* Operands nested deeper are written before their operator. */
    WRT_PRINT_MAX_HEIGHT = 16,
};

#define WRT_NO_NODE UINT32_MAX

/* What stands for an index. */
struct wrt_print_id {
    struct wrt_name id;          /* without the dollar; len 0: only the index */
    const struct wrt_name *name; /* from the name section; NULL: none */
    bool is_other;               /* name has to be said besides the id */
};

/* The identifiers of an index space; items is NULL when there are none. */
struct wrt_print_ids {
    struct wrt_print_id *items;
    uint32_t count;
};

/*
 * An instruction.  The nodes of an expression stand in the order of the code;
 * a tree is a range of them that ends with its root: `start` to the node
 * itself. The root of a block is its end.
 */
struct wrt_print_node {
    uint32_t offset; /* in the module */
    uint32_t text;   /* begins there in printer->text, ends at the next one's */
    uint32_t start;  /* of a root */
    uint32_t root;   /* of the statement that begins here */
    uint32_t link;   /* of a block's first node the last one, and reversed */
    uint32_t label;  /* of a block's first node: its number in the function */
    uint16_t op;
    uint8_t height; /* of a root: of its tree */
    uint8_t flags;  /* enum wrt_print_node_flags */
};

enum wrt_print_node_flags {
    WRT_NODE_HAS_BLOCK = 1, /* a root: the tree needs several lines */
    WRT_NODE_IS_PLAIN = 2,  /* takes operands from the stack: no parentheses */
    WRT_NODE_HAS_HINT = 4,
    WRT_NODE_IS_LIKELY = 8, /* the hint */
};

/* A tree whose values nothing has taken yet. */
struct wrt_print_pending {
    uint32_t root;
    uint32_t count; /* of values; not 0 */
};

/* A block that is open while trees are made; the first one is the body. */
struct wrt_print_frame {
    uint32_t node; /* WRT_NO_NODE: the body */
    uint32_t base; /* printer->pending below it is not the block's */
    uint32_t start;
    uint32_t nlabel, nresults; /* values that a branch and the end take */
    uint8_t height;
    bool is_statement; /* operands of its own come from the stack */
};

/* A block by its number. */
struct wrt_print_block {
    struct wrt_print_id id;
    bool is_target; /* a branch names it by index */
};

/* What is left to print of a statement; see print_code.c. */
struct wrt_print_task {
    uint8_t kind;
    uint32_t node;
};

struct wrt_printer {
    struct wrt_module *m;
    const struct wrt_alloc *alloc;
    unsigned flags; /* WASMRT_PRINT_* */

    struct wrt_buf out;
    size_t line; /* where the current line begins in it */
    unsigned indent;

    struct wrt_arena arena;
    struct wrt_print_ids ids[WRT_NAMES_COUNT]; /* not locals, labels, fields */
    struct wrt_print_ids *fields; /* by type index; NULL: none has a name */
    const uint8_t **types;        /* by type index: where "func" etc. stands */
    uint32_t counts[WRT_EXTERN_TAG + 1]; /* printed so far, by kind */
    bool is_short;   /* the part of a block at hand is on one line */
    uint64_t nnames; /* of the name section, printed so far */

    bool uses_data; /* the code names data segments; see is_kept() */
    struct wrt_hints hints;
    bool has_hints;         /* they are printed in front of the branches */
    uint32_t next_hint;     /* the first one not printed yet */
    unsigned after;         /* id of the section just printed, customs aside */
    unsigned last_section;  /* of the last one, or 0 */
    bool is_tail;           /* what follows are custom sections, and */
    uint32_t implied_names; /* this one need not be printed */

    /* The function or expression at hand. */
    struct wrt_arena func_arena;
    const uint8_t *body; /* of the function; NULL: an expression */
    uint32_t func_idx;
    struct wrt_print_ids locals;
    struct wrt_map label_ids; /* names of open blocks -> how many */
    struct wrt_buf text;
    WRT_VEC(struct wrt_print_node) nodes;
    WRT_VEC(struct wrt_print_pending) pending;
    WRT_VEC(struct wrt_print_frame) frames;
    WRT_VEC(struct wrt_print_block) blocks;
    WRT_VEC(struct wrt_print_task) tasks;
};

/* -- Lines (print.c) ------------------------------------------------------- */

void wrt_print_newline(struct wrt_printer *p);

/* A blank; a new line instead when the current one is long. */
void wrt_print_gap(struct wrt_printer *p);

WRT_INLINE size_t wrt_print_column(const struct wrt_printer *p)
{
    return p->out.count - p->line;
}

/* The error of buffers that failed or became too long, or NULL. */
WRT_MUST_USE wasmrt_error *wrt_print_check(const struct wrt_printer *p);

/* -- Identifiers (print_ids.c) --------------------------------------------- */

bool wrt_print_make_ids(struct wrt_printer *p);

/* The identifiers of the locals of p->func_idx, of which there are count. */
bool wrt_print_make_locals(struct wrt_printer *p, uint32_t count);

/* The identifier of the block that opens now, number `label` in the function;
 * and the end of its scope. */
bool wrt_print_open_label(struct wrt_printer *p, uint32_t label,
                          struct wrt_print_id *out);
void wrt_print_close_label(struct wrt_printer *p,
                           const struct wrt_print_id *id);

/* What stands where index idx is bound: identifier, name annotation, and, when
 * show_index, the index as a comment. */
void wrt_print_binding(struct wrt_printer *p, const struct wrt_print_id *id);
void wrt_print_bind(struct wrt_printer *p, const struct wrt_print_ids *ids,
                    uint32_t idx, bool show_index);

/* A use of index idx, without a blank. */
void wrt_put_ref(struct wrt_buf *out, const struct wrt_print_ids *ids,
                 uint32_t idx);

/* The entry of an index, or NULL when nothing is bound to it but a number. */
WRT_INLINE const struct wrt_print_id *
wrt_print_find_id(const struct wrt_print_ids *ids, uint32_t idx)
{
    return ids->items && idx < ids->count ? &ids->items[idx] : NULL;
}

/* -- Types (print_types.c) ------------------------------------------------- */

void wrt_put_valtype(const struct wrt_printer *p, struct wrt_buf *out,
                     struct wrt_reader *r);
void wrt_put_heaptype(const struct wrt_printer *p, struct wrt_buf *out,
                      struct wrt_reader *r);

/* " (type x)" */
void wrt_put_type_use(const struct wrt_printer *p, struct wrt_buf *out,
                      uint32_t type_idx);

/* " (param t*)* (result t*)*" of a function type; names may be NULL. */
void wrt_put_signature(struct wrt_printer *p, struct wrt_buf *out,
                       uint32_t type_idx, const struct wrt_print_ids *names);

void wrt_print_types(struct wrt_printer *p, struct wrt_reader *r);

/* The types of the other kinds of things, with a blank before them. */
void wrt_print_table_type(struct wrt_printer *p, struct wrt_reader *r);
void wrt_print_memory_type(struct wrt_printer *p, struct wrt_reader *r);
void wrt_print_global_type(struct wrt_printer *p, struct wrt_reader *r);
void wrt_print_tag_type(struct wrt_printer *p, struct wrt_reader *r);

/* -- Custom sections (print_custom.c) -------------------------------------- */

WRT_MUST_USE wasmrt_error *wrt_print_begin_customs(struct wrt_printer *p);

/* Custom section idx, unless the text says otherwise what is in it.
 * before_code: the code section follows it. */
void wrt_print_custom(struct wrt_printer *p, uint32_t idx);

/* Whether the module that the text gives has this section, too: not when it is
 * empty. */
bool wrt_print_is_kept(const struct wrt_printer *p, unsigned id,
                       struct wrt_reader content);

/* Bytes as one string, or as a string per line where they are many (print.c).
 */
void wrt_print_strings(struct wrt_printer *p, const uint8_t *bytes, size_t len);

/* -- Code (print_insn.c, print_fold.c, print_code.c) ----------------------- */

/* Appends an instruction to p->text: its keyword and immediates, of a block the
 * immediates alone. */
void wrt_print_insn(struct wrt_printer *p, const struct wrt_insn *insn);

/* A reader at an instruction's immediates. */
struct wrt_reader wrt_print_immediates(const struct wrt_printer *p,
                                       const struct wrt_insn *insn);

/* Makes the trees of the expression at the reader, which is moved behind its
 * end; nresults are what the end takes. */
WRT_MUST_USE wasmrt_error *
wrt_print_fold(struct wrt_printer *p, struct wrt_reader *r, uint32_t nresults);

/* How many values an instruction takes and gives. */
struct wrt_arity {
    uint32_t pops, pushes;
};

struct wrt_arity wrt_print_arity(const struct wrt_printer *p,
                                 const struct wrt_insn *insn);

/* A constant expression: on this line if it fits.  wrapper: what encloses more
 * than one instruction tree, "offset" or "item"; NULL: nothing needs to. */
WRT_MUST_USE wasmrt_error *wrt_print_expr(struct wrt_printer *p,
                                          struct wrt_reader *r,
                                          const char *wrapper);

/* The locals and the code of a function; the reader is at its locals. */
WRT_MUST_USE wasmrt_error *wrt_print_body(struct wrt_printer *p,
                                          struct wrt_reader *r);

#endif
