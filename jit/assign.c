/*
 * Where each local lives: decided from the analysis of the whole function,
 * before anything is emitted.
 *
 * The locals with the greatest weights get the registers, each bank on its own.
 * A register that callees preserve costs its saving once; one that they do not
 * costs a store and a load around each call, so it pays only for what is used
 * more than calls are.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/operand.h"

enum {
    CANDIDATES = 24, /* per bank; at least as many as registers */
    SAVE_COST = 2,
};

/* The heaviest locals of a bank, in descending order. */
struct ranking {
    uint32_t locals[CANDIDATES];
    uint32_t count;
};

static void rank(const struct jit *j, struct ranking *r, uint32_t local)
{
    const wrt_weight *weights = j->info.weights;
    uint32_t at;

    if (weights[local] == 0)
        return;
    if (r->count == CANDIDATES) {
        if (weights[r->locals[CANDIDATES - 1]] >= weights[local])
            return;
        r->count--;
    }
    for (at = r->count++; at > 0 && weights[r->locals[at - 1]] < weights[local];
         at--)
        r->locals[at] = r->locals[at - 1];
    r->locals[at] = local;
}

static void give(struct jit *j, uint32_t local, jit_reg reg)
{
    uint64_t bit = JIT_BIT(reg);

    j->locals[local].reg = reg;
    j->reg_local[reg] = local;
    j->temps &= ~bit;
    if (bit & jit_target.saved)
        j->used |= bit;
    else
        j->at_risk |= bit;
}

/* Parameters of a function without calls stay where they arrive. */
static void keep_params(struct jit *j, uint64_t *left)
{
    const struct wrt_type *type = j->info.type;
    struct jit_params params = {0};

    for (uint32_t i = 0; i < type->nparams; i++) {
        uint32_t slot;
        jit_reg reg = jit_next_param(&params, wrt_type_params(type)[i], &slot);

        if (reg != JIT_NO_REG && *left & JIT_BIT(reg) &&
            j->info.weights[i] > 0) {
            give(j, i, reg);
            *left &= ~JIT_BIT(reg);
        }
    }
}

static void assign_bank(struct jit *j, const struct ranking *r, uint64_t left)
{
    wrt_weight call_cost = 2 * j->info.call_weight;

    for (uint32_t i = 0; i < r->count; i++) {
        uint32_t local = r->locals[i];
        wrt_weight weight = j->info.weights[local];
        uint64_t saved = left & jit_target.saved;
        uint64_t cheap = left & ~jit_target.saved, choice = 0;

        if (j->locals[local].reg != JIT_NO_REG)
            continue;
        /* A collection finds references in frames, not in registers that C
         * functions save. */
        if (wrt_valtype_is_ref(j->locals[local].type))
            saved = 0;
        if (cheap && weight > call_cost && (call_cost == 0 || !saved))
            choice = cheap;
        else if (saved && weight > SAVE_COST)
            choice = saved;
        if (!choice)
            continue;
        choice &= 0 - choice;
        give(j, local, (jit_reg)__builtin_ctzll(choice));
        left &= ~choice;
    }
}

/* For what `try`s have caught: as many as may be within each other, or as there
 * are. */
static int64_t exn_slots(const struct jit *j)
{
    return WRT_MIN(j->info.ntries, j->info.max_nesting);
}

static void lay_out_frame(struct jit *j)
{
    int64_t at = 0;

    at -= 8 * __builtin_popcountll(j->used);
    for (uint32_t i = 0; i < j->info.nlocals; i++) {
        at -= 8 * (int64_t)wrt_valtype_slots(j->locals[i].type);
        j->locals[i].home = (int32_t)at;
        j->locals[i].value = (struct jit_value){
            .form = JIT_LOCAL,
            .kind = (uint8_t)wrt_valtype_kind(j->locals[i].type),
            .reg = j->locals[i].reg,
            .local = i};
    }
    at -= 8 * ((int64_t)j->info.max_slots + exn_slots(j));
    at &= ~(int64_t)15;
    j->frame_bytes = (uint32_t)-at;
    j->slots_at = j->frame_bytes;
}

bool jit_assign(struct jit *j)
{
    const uint64_t floats = ~(JIT_BIT(JIT_FIRST_FLOAT) - 1);
    uint64_t left = jit_target.saved | jit_target.volatile_locals;
    struct ranking ints = {.count = 0}, reals = {.count = 0};

    j->locals = wrt_arena_raw(&j->scratch, (size_t)j->info.nlocals + 1,
                              sizeof(*j->locals));
    if (!j->locals)
        return false;
    *j->locals++ = (struct jit_local){.reg = JIT_NO_REG};
    j->temps = jit_target.temps | left;
    for (uint32_t i = 0; i < j->info.nlocals; i++) {
        wrt_valtype type = j->info.locals[i];

        j->locals[i] = (struct jit_local){.type = type, .reg = JIT_NO_REG};
        rank(j, jit_is_float(type) ? &reals : &ints, i);
    }
    if (!j->info.has_call)
        keep_params(j, &left);
    assign_bank(j, &ints, left & ~floats);
    assign_bank(j, &reals, left & floats);
    /* Operands may have what is left, but not what callees preserve. */
    j->temps &= ~jit_target.saved;
    j->free = j->temps;
    lay_out_frame(j);
    return true;
}
