/*
 * The printer: how many values an instruction takes and gives.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/text/printer.h"

/* Instructions without a signature in opcode.def that always take and give the
 * same number of values. */
static const struct {
    uint16_t op;
    uint8_t pops, pushes;
} fixed[] = {
    {WRT_OP_THROW_REF, 1, 0},
    {WRT_OP_DROP, 1, 0},
    {WRT_OP_SELECT, 3, 1},
    {WRT_OP_SELECT_T, 3, 1},
    {WRT_OP_LOCAL_GET, 0, 1},
    {WRT_OP_LOCAL_SET, 1, 0},
    {WRT_OP_LOCAL_TEE, 1, 1},
    {WRT_OP_GLOBAL_GET, 0, 1},
    {WRT_OP_GLOBAL_SET, 1, 0},
    {WRT_OP_TABLE_GET, 1, 1},
    {WRT_OP_TABLE_SET, 2, 0},
    {WRT_OP_TABLE_INIT, 3, 0},
    {WRT_OP_TABLE_COPY, 3, 0},
    {WRT_OP_TABLE_GROW, 2, 1},
    {WRT_OP_TABLE_SIZE, 0, 1},
    {WRT_OP_TABLE_FILL, 3, 0},
    {WRT_OP_MEMORY_INIT, 3, 0},
    {WRT_OP_MEMORY_COPY, 3, 0},
    {WRT_OP_MEMORY_FILL, 3, 0},
    {WRT_OP_REF_NULL, 0, 1},
    {WRT_OP_REF_IS_NULL, 1, 1},
    {WRT_OP_REF_FUNC, 0, 1},
    {WRT_OP_REF_EQ, 2, 1},
    {WRT_OP_REF_AS_NON_NULL, 1, 1},
    {WRT_OP_STRUCT_NEW_DEFAULT, 0, 1},
    {WRT_OP_STRUCT_GET, 1, 1},
    {WRT_OP_STRUCT_GET_S, 1, 1},
    {WRT_OP_STRUCT_GET_U, 1, 1},
    {WRT_OP_STRUCT_SET, 2, 0},
    {WRT_OP_ARRAY_NEW, 2, 1},
    {WRT_OP_ARRAY_NEW_DEFAULT, 1, 1},
    {WRT_OP_ARRAY_NEW_DATA, 2, 1},
    {WRT_OP_ARRAY_NEW_ELEM, 2, 1},
    {WRT_OP_ARRAY_GET, 2, 1},
    {WRT_OP_ARRAY_GET_S, 2, 1},
    {WRT_OP_ARRAY_GET_U, 2, 1},
    {WRT_OP_ARRAY_SET, 3, 0},
    {WRT_OP_ARRAY_LEN, 1, 1},
    {WRT_OP_ARRAY_FILL, 4, 0},
    {WRT_OP_ARRAY_COPY, 5, 0},
    {WRT_OP_ARRAY_INIT_DATA, 4, 0},
    {WRT_OP_ARRAY_INIT_ELEM, 4, 0},
    {WRT_OP_REF_TEST, 1, 1},
    {WRT_OP_REF_TEST_NULL, 1, 1},
    {WRT_OP_REF_CAST, 1, 1},
    {WRT_OP_REF_CAST_NULL, 1, 1},
    {WRT_OP_ANY_CONVERT_EXTERN, 1, 1},
    {WRT_OP_EXTERN_CONVERT_ANY, 1, 1},
    {WRT_OP_REF_I31, 1, 1},
    {WRT_OP_I31_GET_S, 1, 1},
    {WRT_OP_I31_GET_U, 1, 1},
};

/* Values that a branch to a label takes. */
static uint32_t label_arity(const struct wrt_printer *p, uint32_t depth)
{
    return p->frames.items[p->frames.count - 1 - depth].nlabel;
}

/* A call of a type that takes `more` operands behind the arguments. */
static struct wrt_arity call_arity(const struct wrt_type *type, uint32_t more,
                                   bool is_tail)
{
    return (struct wrt_arity){type->nparams + more,
                              is_tail ? 0 : type->nresults};
}

/* What the default label of a br_table takes, as all of them do. */
static uint32_t br_table_arity(const struct wrt_printer *p,
                               const struct wrt_insn *insn)
{
    struct wrt_reader r = wrt_print_immediates(p, insn);

    wrt_read_u32(&r);
    return label_arity(p, wrt_read_u32(&r));
}

/* Branches; false for other instructions. */
static bool branch_arity(const struct wrt_printer *p,
                         const struct wrt_insn *insn, struct wrt_arity *out)
{
    uint32_t n;

    switch (insn->op) {
    case WRT_OP_BR_TABLE:
        *out = (struct wrt_arity){br_table_arity(p, insn) + 1, 0};
        return true;
    case WRT_OP_BR_ON_CAST:
    case WRT_OP_BR_ON_CAST_FAIL:
        /* The label takes the reference itself, too. */
        n = label_arity(p, insn->imm.cast.label);
        *out = (struct wrt_arity){n, n};
        return true;
    case WRT_OP_BR:
        *out = (struct wrt_arity){label_arity(p, insn->imm.index), 0};
        return true;
    case WRT_OP_BR_IF:
        n = label_arity(p, insn->imm.index);
        *out = (struct wrt_arity){n + 1, n};
        return true;
    case WRT_OP_BR_ON_NULL:
        n = label_arity(p, insn->imm.index);
        *out = (struct wrt_arity){n + 1, n + 1};
        return true;
    case WRT_OP_BR_ON_NON_NULL:
        n = label_arity(p, insn->imm.index);
        *out = (struct wrt_arity){n, n - 1};
        return true;
    case WRT_OP_RETURN:
        *out = (struct wrt_arity){p->frames.items[0].nlabel, 0};
        return true;
    default: return false;
    }
}

/* Instructions whose type or immediate decides. */
static struct wrt_arity typed_arity(const struct wrt_printer *p,
                                    const struct wrt_insn *insn)
{
    uint32_t idx = insn->imm.index;

    switch (insn->op) {
    case WRT_OP_CALL:
    case WRT_OP_RETURN_CALL:
        return call_arity(wrt_module_func_type(p->m, idx), 0,
                          insn->op == WRT_OP_RETURN_CALL);
    case WRT_OP_CALL_INDIRECT:
    case WRT_OP_CALL_REF:
        return call_arity(wrt_module_type(p->m, idx), 1, false);
    case WRT_OP_RETURN_CALL_INDIRECT:
    case WRT_OP_RETURN_CALL_REF:
        return call_arity(wrt_module_type(p->m, idx), 1, true);
    case WRT_OP_THROW:
        return call_arity(wrt_types_get(p->m->types, p->m->tags[idx].type_id),
                          0, true);
    case WRT_OP_STRUCT_NEW:
        return (struct wrt_arity){wrt_module_type(p->m, idx)->nfields, 1};
    case WRT_OP_ARRAY_NEW_FIXED: return (struct wrt_arity){insn->imm.index2, 1};
    default: /* unreachable, rethrow */ return (struct wrt_arity){0, 0};
    }
}

struct wrt_arity wrt_print_arity(const struct wrt_printer *p,
                                 const struct wrt_insn *insn)
{
    const char *signature = wrt_op_infos[insn->op].signature;
    struct wrt_arity arity;

    if (signature[0]) {
        const char *colon = strchr(signature, ':');

        return (struct wrt_arity){(uint32_t)(colon - signature),
                                  (uint32_t)strlen(colon + 1)};
    }
    for (size_t i = 0; i < WRT_COUNTOF(fixed); i++) {
        if (fixed[i].op == insn->op)
            return (struct wrt_arity){fixed[i].pops, fixed[i].pushes};
    }
    return branch_arity(p, insn, &arity) ? arity : typed_arity(p, insn);
}
