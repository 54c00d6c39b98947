/*
 * The generator of random valid modules.
 *
 * Valid by construction: code is generated top-down by the type that is wanted,
 * so that what stands on the operand stack is always known.  Everything ends:
 * each call and each turn of a loop pays from one global, and traps when it is
 * empty.
 *
 * A module is a tree of nodes (functions, statements, expressions).  Each node
 * has a path, which is also the seed of its random numbers, so that a node can
 * be cut out and everything else stays as it was: see shrink.h.
 *
 * NaN: which bits an operation gives is open.  Float values may hold any NaN
 * ("dirty") as long as their bits cannot be seen, and become the canonical one
 * where they can: gen_float_bits().  Vectors are always clean but for operands
 * of float operations: gen_fvec().
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_TESTS_DIFF_GEN_H
#define WRT_TESTS_DIFF_GEN_H

#include "runtime/module/opcode.h"
#include "runtime/module/types.h"
#include "runtime/text/buf.h"
#include "runtime/text/bytes.h"
#include "tests/diff/rand.h"

enum {
    MAX_TYPES = 96,
    MAX_FUNCS = 48,
    MAX_LOCALS = 40,
    MAX_VALUES = 6,
    MAX_GLOBALS = 24,
    MAX_TABLES = 6,
    MAX_MEMORIES = 3,
    MAX_TAGS = 4,
    MAX_DATAS = 4,
    MAX_LABELS = 48,
    MAX_NODES = 1 << 14,
    TABLE_ELEMS = 6,
    ARRAY_ELEMS = 4, /* arrays have at least so many elements */
    DATA_BYTES = 48,
    FUEL_PER_CALL = 150,
};

/* The first globals are the generator's own; they are exported. */
enum { GLOBAL_FUEL, GLOBAL_CALLS, GLOBAL_CAUGHT, GLOBAL_STATE, OWN_GLOBALS };

/* A value type; heap is the number of a type, or -1 - enum wrt_heap. */
struct gtype {
    uint8_t kind; /* enum wrt_kind; I8 and I16 in fields only */
    bool nullable;
    int16_t heap;
};

#define G_NUM(k)       ((struct gtype){.kind = WRT_KIND_##k})
#define G_I32          G_NUM(I32)
#define G_I64          G_NUM(I64)
#define G_F32          G_NUM(F32)
#define G_F64          G_NUM(F64)
#define G_V128         G_NUM(V128)
#define G_HEAP(h)      ((int16_t)(-1 - WRT_HEAP_##h))
#define G_REF(heap, n) ((struct gtype){WRT_KIND_REF, n, (int16_t)(heap)})
#define G_ABS(h, n)    G_REF(G_HEAP(h), n)

struct gvalues {
    unsigned n;
    struct gtype of[MAX_VALUES];
};

/* A type of the type section. */
struct gdef {
    enum wrt_type_form form;
    int super; /* or -1 */
    bool is_open;
    struct gvalues params, results; /* FUNC */
    struct gvalues fields;          /* STRUCT, ARRAY */
    bool mutable[MAX_VALUES];
};

enum gfunc_kind {
    FUNC_HOST,   /* imported */
    FUNC_RANDOM, /* what the module is about */
    FUNC_DIGEST_ANY,
    FUNC_DIGEST_FUNC,
    FUNC_ENTRY, /* exported: calls a random one; results as i64 */
    FUNC_STATE, /* exported: digest of globals and tables */
    FUNC_START
};

struct gfunc {
    enum gfunc_kind kind;
    unsigned type;
    unsigned target; /* ENTRY: the function it calls */
};

struct gglobal {
    struct gtype type;
    bool mutable;
};

struct gtable {
    struct gtype type;
    bool is_64;
    unsigned min, max;
};

struct gmemory {
    bool is_64, is_shared, is_bytes; /* pages of one byte */
    unsigned min, max;
};

struct glabel {
    struct gvalues types;
    bool is_legacy_catch; /* rethrow may name it */
};

/* Weight of each family in this module, see families.def. */
enum gen_family {
#define FAMILY(name, text, features) FAMILY_##name,
#include "tests/diff/families.def"
#undef FAMILY
    FAMILY_COUNT
};

/* Nodes that are cut out: statements vanish, expressions become constants. */
struct gen_cuts {
    const uint64_t *paths; /* sorted */
    size_t n;
};

struct gen {
    /* In. */
    uint64_t seed;
    wrt_features allowed;
    const struct gen_cuts *cuts;

    /* The module. */
    wrt_features features;
    struct gdef types[MAX_TYPES];
    unsigned ntypes, ngroup, nfunc_types, first_func_type;
    struct gfunc funcs[MAX_FUNCS];
    unsigned nfuncs, nhost, first_random, nrandom, digest_any, digest_func;
    struct gglobal globals[MAX_GLOBALS];
    unsigned nglobals;
    struct gtable tables[MAX_TABLES];
    unsigned ntables;
    struct gmemory memories[MAX_MEMORIES];
    unsigned nmemories;
    unsigned tags[MAX_TAGS]; /* their types */
    unsigned ntags;
    unsigned ndatas;        /* 0 is active, others passive */
    unsigned nelems;        /* see gen_module.c */
    struct gtype elem_type; /* of segment 3 */
    bool is_legacy;         /* exceptions: the older instructions */
    uint8_t weights[FAMILY_COUNT];

    /* The function that is being generated. */
    struct gtype locals[MAX_LOCALS];
    unsigned nparams, nlocals, recent;
    unsigned temp_f32, temp_f64, temp_v128, first_temp;
    struct gvalues results;
    struct glabel labels[MAX_LABELS];
    unsigned nlabels;
    int budget;
    struct wrt_buf *code;

    /* The node that is being generated. */
    uint64_t path, rng;
    unsigned nchildren;

    /* Out. */
    struct wrt_buf module;
    uint32_t counts[WRT_OP_COUNT];
    uint64_t *nodes; /* paths in order of generation, MAX_NODES; or NULL */
    size_t nnodes;
};

/* A node's place while its child is generated. */
struct gnode {
    uint64_t path, rng;
    unsigned nchildren;
};

/* Makes the module of g->seed with features of g->allowed into g->module.
 * False when memory is exhausted. */
bool gen_module(struct gen *g);

/* -- Choices (gen.c) ------------------------------------------------------- */

uint64_t gen_bits(struct gen *g);
unsigned gen_below(struct gen *g, unsigned n); /* n > 0 */
bool gen_chance(struct gen *g, unsigned percent);
bool gen_has(const struct gen *g, unsigned feature); /* WRT_FEATURE_* */
uint64_t gen_integer(struct gen *g, unsigned bits);  /* edge cases, mostly */
uint64_t gen_float_pattern(struct gen *g, unsigned bits);

/* Goes down to a new child; false when it is cut out. */
bool gen_enter(struct gen *g, struct gnode *up);
void gen_leave(struct gen *g, const struct gnode *up);

/* -- Code (gen.c) ---------------------------------------------------------- */

void gen_op(struct gen *g, enum wrt_op op);
void gen_u(struct gen *g, uint64_t value); /* LEB128 */
void gen_op_u(struct gen *g, enum wrt_op op, uint64_t imm);
void gen_i32(struct gen *g, int32_t value);
void gen_i64(struct gen *g, int64_t value);
void gen_const(struct gen *g, struct gtype type);      /* numbers and vectors */
void gen_float_bits(struct gen *g, struct gtype type); /* makes NaN canonical */
void gen_count(struct gen *g, unsigned global);        /* adds one to it */
void gen_pay(struct gen *g);                           /* traps without fuel */

/* Pushes a value of a type, or of a subtype. */
void gen_expr(struct gen *g, struct gtype type, int depth);
void gen_exprs(struct gen *g, const struct gvalues *types, int depth);
/* The same without children where that is possible. */
void gen_leaf(struct gen *g, struct gtype type);
/* Leaves the stack as it is. */
void gen_stmt(struct gen *g, int depth);
void gen_stmts(struct gen *g, unsigned n, int depth);

/* A float whose bits may be seen. */
void gen_clean_float(struct gen *g, struct gtype type, int depth);

/* A local to read as a type, or to write; false when there is none. */
bool gen_find_local(struct gen *g, struct gtype type, bool exact,
                    unsigned *out);
void gen_set_local(struct gen *g, unsigned local);
/* Takes values off the stack: into locals, or drops them. */
void gen_sink(struct gen *g, const struct gvalues *types);

/* -- Types (gen_types.c) --------------------------------------------------- */

void gen_types(struct gen *g);
void gen_put_types(struct gen *g, struct wrt_buf *out);
void gen_put_type(struct wrt_buf *out, struct gtype type);
void gen_put_heap(struct wrt_buf *out, int heap);
bool gen_is_sub(const struct gen *g, struct gtype a, struct gtype b);
bool gen_is_sub_heap(const struct gen *g, int a, int b);
bool gen_are_sub(const struct gen *g, const struct gvalues *a,
                 const struct gvalues *b);
/* A random type of values. */
struct gtype gen_type(struct gen *g);
struct gtype gen_num_type(struct gen *g);
struct gtype gen_ref_type(struct gen *g);
/* The number of a function type, which is added when it is new; MAX_TYPES when
 * there is no room. */
unsigned gen_func_type(struct gen *g, const struct gvalues *params,
                       const struct gvalues *results);
/* A random type of a form below (or equal to) a heap type, or -1. */
int gen_pick_def(struct gen *g, enum wrt_type_form form, int below);
/* What a field is on the stack. */
struct gtype gen_unpacked(struct gtype type);
struct gvalues gen_one(struct gtype type);
bool gen_is_packed(struct gtype type);

/* -- Families -------------------------------------------------------------- */

/* What families.def names: false when the family has nothing to offer for the
 * type, or at all.  Nothing has been emitted then. */
#define FAMILY(name, text, features)                                           \
    bool gen_expr_##name(struct gen *g, struct gtype type, int depth);         \
    bool gen_stmt_##name(struct gen *g, int depth);
#include "tests/diff/families.def"
#undef FAMILY

/* gen_num.c: an instruction with operands by its signature. */
void gen_by_signature(struct gen *g, enum wrt_op op, int depth);
void gen_fvec(struct gen *g, unsigned lane_bits, int depth);

/* gen_ctrl.c */
void gen_push_label(struct gen *g, const struct gvalues *types);
void gen_pop_label(struct gen *g);
void gen_block_type(struct gen *g, const struct gvalues *results);

/* gen_mem.c: an address of a memory whose last `bytes` bytes fit mostly, and
 * the memory argument for behind the opcode. */
struct gaddr {
    unsigned memory;
    uint64_t offset;
};
struct gaddr gen_address(struct gen *g, unsigned bytes, bool aligned,
                         int depth);
void gen_memarg(struct gen *g, const struct gaddr *addr, unsigned align_log2);

/* gen_gc.c */
bool gen_new_ref(struct gen *g, struct gtype type, int depth);
void gen_get_field(struct gen *g, unsigned def, unsigned field);

/* gen_entry.c: functions that are not random, and the results of entries. */
void gen_entry(struct gen *g, unsigned func);
void gen_digest_any(struct gen *g);
void gen_digest_func(struct gen *g);
void gen_state(struct gen *g);
struct gvalues gen_entry_results(const struct gvalues *results);

#endif
