/*
 * Tests and casts of references, in line.
 *
 * What is null, and what is no object, is known from the reference.  The header
 * of an object has its type's id: a type without subtypes is compared at once,
 * others with what the table of types (types.h) has at their depth among the
 * supertypes of that id.  A function begins with its type's id.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/object.h"

#include "runtime/store/gc.h"

/* -- What decides ---------------------------------------------------------- */

enum decision {
    DECIDE_NULL,  /* only null is of the type */
    DECIDE_ANY,   /* all but null is */
    DECIDE_I31,   /* the lowest bit says it */
    DECIDE_KIND,  /* the kind of object, of one or at most that */
    DECIDE_TYPE,  /* the header, or a function's id */
    DECIDE_SUPER, /* a supertype of the header's */
    DECIDE_C,
};

struct test {
    enum decision by;
    bool has_null; /* null is of the type */
    bool has_i31;  /* the reference may be i31 ... */
    bool is_i31;   /* and then it is of the type */
    uint32_t value, depth;
    enum jit_cond yes; /* then it is of the type, when nothing else decided */
    /* Branches taken before. */
    uint32_t null_at, i31_at;
};

static void plan_abstract(wrt_valtype type, struct test *t)
{
    switch (wrt_valtype_heap(type)) {
    case WRT_HEAP_FUNC:
    case WRT_HEAP_EXTERN:
    case WRT_HEAP_ANY:
    case WRT_HEAP_EXN:
        t->by = DECIDE_ANY;
        t->yes = JIT_NE;
        break;
    case WRT_HEAP_I31:
        t->by = DECIDE_I31;
        t->yes = JIT_NE;
        break;
    case WRT_HEAP_EQ:
        t->by = DECIDE_KIND;
        t->has_i31 = t->is_i31 = true;
        t->value = WRT_OBJECT_ARRAY;
        t->yes = JIT_LE_U;
        break;
    case WRT_HEAP_STRUCT:
    case WRT_HEAP_ARRAY:
        t->by = DECIDE_KIND;
        t->has_i31 = true;
        t->value = wrt_valtype_heap(type) == WRT_HEAP_STRUCT ? WRT_OBJECT_STRUCT
                                                             : WRT_OBJECT_ARRAY;
        t->yes = JIT_EQ;
        break;
    default: t->by = DECIDE_NULL; t->yes = JIT_EQ;
    }
}

static struct test plan(const struct jit *j, wrt_valtype type)
{
    struct test t = {.has_null = wrt_valtype_is_nullable(type), .yes = JIT_EQ};
    const struct wrt_type *want;

    if (!wrt_valtype_has_type_id(type)) {
        plan_abstract(type, &t);
        return t;
    }
    want = wrt_types_get(j->module->types, wrt_valtype_heap(type));
    t.has_i31 = want->form != WRT_FORM_FUNC;
    t.depth = want->depth;
    if (want->is_final) {
        t.by = DECIDE_TYPE;
        t.value = t.has_i31 ? want->object_info : want->id;
    } else {
        t.by = t.depth < WRT_TYPE_SUPERS ? DECIDE_SUPER : DECIDE_C;
        t.value = want->id;
    }
    return t;
}

/* -- Asking ---------------------------------------------------------------- */

static void ask_kind(struct jit *j, const struct test *t, jit_reg reg)
{
    struct jit_asm *a = jit_code(j);
    jit_reg kind = jit_target.scratch;

    jit_note_object(j);
    jit_m_load(a, JIT_LOAD_U32, kind, jit_mem_at(reg, 0));
    jit_m_shift_const(a, JIT_SHR_U, false, kind, kind, WRT_OBJECT_KIND_SHIFT);
    jit_m_compare(a, false, kind, jit_imm_operand((int32_t)t->value));
}

static void ask_super(struct jit *j, const struct test *t, jit_reg reg,
                      jit_reg temp)
{
    struct jit_asm *a = jit_code(j);
    jit_reg id = jit_target.scratch;
    int64_t at = (int64_t)offsetof(struct wrt_type, supers) +
                 (int64_t)sizeof(uint32_t) * t->depth;

    jit_note_object(j);
    jit_m_load(a, JIT_LOAD_U32, id, jit_mem_at(reg, 0));
    jit_m_alu(a, JIT_AND, false, id, id, jit_imm_operand(WRT_OBJECT_ID_MASK));
    jit_m_load(
        a, JIT_LOAD_U64, temp,
        jit_mem_at(jit_target.instance, offsetof(struct wrt_instance, types)));
    jit_m_load_scaled(a, id, temp, id, 3);
    jit_m_compare_memory(a, jit_mem_at(id, at), (int32_t)t->value);
}

/* Whatever null and i31 do not decide is in the flags then. */
static void ask_object(struct jit *j, struct test *t, jit_reg reg, jit_reg temp)
{
    struct jit_asm *a = jit_code(j);

    switch (t->by) {
    case DECIDE_NULL:
    case DECIDE_ANY:
    case DECIDE_C: jit_m_compare(a, true, reg, jit_imm_operand(0)); break;
    case DECIDE_I31: jit_m_test(a, false, reg, jit_imm_operand(1)); break;
    case DECIDE_KIND: ask_kind(j, t, reg); break;
    case DECIDE_TYPE:
        jit_note_object(j);
        jit_m_compare_memory(a, jit_mem_at(reg, 0), (int32_t)t->value);
        break;
    case DECIDE_SUPER: ask_super(j, t, reg, temp); break;
    }
}

/* Whether null has to be asked for apart. */
static bool asks_null(const struct test *t)
{
    switch (t->by) {
    case DECIDE_NULL: return !t->has_null;
    case DECIDE_ANY:
    case DECIDE_I31: return t->has_null;
    default: return true;
    }
}

static uint32_t branch_null(struct jit *j, jit_reg reg)
{
    uint32_t none;

    jit_m_compare(jit_code(j), true, reg, jit_imm_operand(0));
    return jit_m_branch(jit_code(j), JIT_EQ, &none);
}

static uint32_t branch_i31(struct jit *j, jit_reg reg)
{
    uint32_t none;

    jit_m_test(jit_code(j), false, reg, jit_imm_operand(1));
    return jit_m_branch(jit_code(j), JIT_NE, &none);
}

/* Whether all references are of the type, or none; *yes which. */
static bool is_decided(const struct test *t, bool *yes)
{
    *yes = t->by == DECIDE_ANY;
    return (t->by == DECIDE_ANY && t->has_null) ||
           (t->by == DECIDE_NULL && !t->has_null);
}

static jit_reg take_temp(struct jit *j, const struct test *t)
{
    return t->by == DECIDE_SUPER ? jit_take(j, false) : JIT_NO_REG;
}

static void give_temp(struct jit *j, jit_reg temp)
{
    if (temp != JIT_NO_REG)
        jit_give(j, temp);
}

/* C's answer: the result register. */
static void ask_c(struct jit *j, wrt_valtype type)
{
    jit_call_c(j, JIT_HELPER_REF_TEST, 1, type, 0);
}

/* -- ref.test -------------------------------------------------------------- */

static void test_in_line(struct jit *j, struct test *t)
{
    struct jit_asm *a = jit_code(j);
    struct jit_value v = jit_pop(j);
    jit_reg reg = jit_use(j, &v), temp = take_temp(j, t);
    jit_reg dst = jit_result(j, false, &v, NULL, true);

    if (asks_null(t)) {
        jit_m_const(a, dst, t->has_null);
        t->null_at = branch_null(j, reg);
    }
    if (t->has_i31) {
        if (t->has_null != t->is_i31)
            jit_m_const(a, dst, t->is_i31);
        t->i31_at = branch_i31(j, reg);
    }
    ask_object(j, t, reg, temp);
    jit_m_set(a, t->yes, dst);
    if (t->null_at)
        jit_m_bind(a, t->null_at, jit_pos(j));
    if (t->i31_at)
        jit_m_bind(a, t->i31_at, jit_pos(j));
    give_temp(j, temp);
    jit_push_result(j, WRT_KIND_I32, dst, &v, NULL);
}

void jit_emit_ref_test(struct jit *j, uint32_t arg)
{
    struct test t = plan(j, j->insn.imm.type);
    struct jit_value v;
    bool yes;

    (void)arg;
    if (t.by == DECIDE_C) {
        ask_c(j, j->insn.imm.type);
        jit_push_temp(j, WRT_KIND_I32, jit_target.result);
    } else if (is_decided(&t, &yes)) {
        v = jit_pop(j);
        jit_release(j, &v);
        jit_push_const(j, WRT_KIND_I32, yes);
    } else if (!asks_null(&t) && !t.has_i31) {
        v = jit_pop(j);
        ask_object(j, &t, jit_use(j, &v), JIT_NO_REG);
        jit_finish_compare(j, t.yes, &v, NULL);
    } else {
        test_in_line(j, &t);
    }
}

/* -- ref.cast -------------------------------------------------------------- */

static void cast_in_line(struct jit *j, struct test *t)
{
    struct jit_asm *a = jit_code(j);
    struct jit_value v = jit_pop(j);
    jit_reg reg = jit_use(j, &v), temp = take_temp(j, t);

    if (asks_null(t)) {
        jit_m_compare(a, true, reg, jit_imm_operand(0));
        if (t->has_null)
            t->null_at = jit_m_branch(a, JIT_EQ, &t->i31_at);
        else
            jit_trap_if(j, JIT_EQ, WASMRT_ERR_CAST_FAILURE);
    }
    t->i31_at = 0;
    if (t->has_i31 && t->is_i31) {
        t->i31_at = branch_i31(j, reg);
    } else if (t->has_i31) {
        jit_m_test(a, false, reg, jit_imm_operand(1));
        jit_trap_if(j, JIT_NE, WASMRT_ERR_CAST_FAILURE);
    }
    ask_object(j, t, reg, temp);
    jit_trap_if(j, (enum jit_cond)(t->yes ^ 1), WASMRT_ERR_CAST_FAILURE);
    if (t->null_at)
        jit_m_bind(a, t->null_at, jit_pos(j));
    if (t->i31_at)
        jit_m_bind(a, t->i31_at, jit_pos(j));
    give_temp(j, temp);
    jit_push_back(j, &v);
}

void jit_emit_ref_cast(struct jit *j, uint32_t arg)
{
    struct test t = plan(j, j->insn.imm.type);
    bool yes;

    (void)arg;
    if (t.by == DECIDE_C) {
        jit_call_c(j, JIT_HELPER_REF_CAST, 1, j->insn.imm.type, 0);
        jit_trap_code(j);
        jit_push_slot(j, WRT_KIND_REF);
    } else if (!is_decided(&t, &yes) || !yes) {
        cast_in_line(j, &t);
    }
}

/* -- br_on_cast ------------------------------------------------------------ */

/* Where paths that are decided early go on: with the branch, or past it. */
struct ways {
    uint32_t go[2], stay[2], ngo, nstay;
};

static void add_way(struct ways *w, bool goes, uint32_t place)
{
    if (goes)
        w->go[w->ngo++] = place;
    else
        w->stay[w->nstay++] = place;
}

/* on_failure: the branch is taken when it is not of the type. */
static void branch_in_line(struct jit *j, struct test *t, bool on_failure)
{
    struct jit_asm *a = jit_code(j);
    struct jit_value v = jit_pop(j);
    struct ways ways = {.ngo = 0};
    enum jit_cond go = on_failure ? (enum jit_cond)(t->yes ^ 1) : t->yes;
    jit_reg reg, temp;
    uint32_t past, none;

    jit_sync(j);
    reg = jit_use(j, &v);
    temp = take_temp(j, t);
    if (asks_null(t))
        add_way(&ways, t->has_null != on_failure, branch_null(j, reg));
    if (t->has_i31)
        add_way(&ways, t->is_i31 != on_failure, branch_i31(j, reg));
    ask_object(j, t, reg, temp);
    give_temp(j, temp);
    jit_push_back(j, &v);
    if (ways.ngo == 0) {
        jit_branch_if(j, j->insn.imm.cast.label, go);
    } else {
        past = jit_m_branch(a, (enum jit_cond)(go ^ 1), &none);
        for (uint32_t i = 0; i < ways.ngo; i++)
            jit_m_bind(a, ways.go[i], jit_pos(j));
        jit_branch_always(j, j->insn.imm.cast.label);
        jit_m_bind(a, past, jit_pos(j));
    }
    for (uint32_t i = 0; i < ways.nstay; i++)
        jit_m_bind(a, ways.stay[i], jit_pos(j));
}

void jit_emit_br_on_cast(struct jit *j, uint32_t on_failure)
{
    struct test t = plan(j, j->insn.imm.cast.to);

    if (t.by != DECIDE_C) {
        branch_in_line(j, &t, on_failure);
        return;
    }
    ask_c(j, j->insn.imm.cast.to);
    /* It is in its slot still. */
    jit_push_slot(j, WRT_KIND_REF);
    jit_sync(j);
    jit_m_compare(jit_code(j), false, jit_target.result, jit_imm_operand(0));
    jit_branch_if(j, j->insn.imm.cast.label, on_failure ? JIT_EQ : JIT_NE);
}
