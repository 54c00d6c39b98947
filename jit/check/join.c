/*
 * What is known where paths meet: what all of them know.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/check/state.h"

static bool is_same(const struct value *x, const struct value *y)
{
    return x->kind == y->kind && x->n == y->n && x->max == y->max;
}

/* Bounds that differ become one of few, so that loops end. */
static struct value join_value(const struct value *x, const struct value *y)
{
    const uint64_t steps[] = {UINT32_MAX, (uint64_t)1 << 33};
    uint64_t max = WRT_MAX(x->max, y->max);

    if (is_same(x, y))
        return *x;
    if (x->kind != KIND_NUMBER || y->kind != KIND_NUMBER)
        return unknown();
    for (unsigned i = 0; i < WRT_COUNTOF(steps); i++) {
        if (max <= steps[i])
            return number(steps[i]);
    }
    return unknown();
}

static bool join_flags(struct flags *x, const struct flags *y)
{
    if (x->about == ABOUT_NOTHING ||
        (x->about == y->about && x->lhs == y->lhs && x->rhs == y->rhs &&
         x->width == y->width && x->is_below == y->is_below && x->n == y->n &&
         x->imm == y->imm))
        return false;
    x->about = ABOUT_NOTHING;
    return true;
}

/* Facts that both have. */
static bool join_facts(struct state *x, const struct state *y)
{
    bool has_changed = false;

    for (unsigned i = 0; i < FACTS; i++) {
        bool is_known = x->facts[i].at == 0;

        for (unsigned k = 0; k < FACTS && !is_known; k++)
            is_known = y->facts[k].at == x->facts[i].at &&
                       is_same(&y->facts[k].value, &x->facts[i].value);
        if (is_known)
            continue;
        x->facts[i].at = 0;
        has_changed = true;
    }
    return has_changed;
}

static bool join(struct checker *c, struct state *x, const struct state *y)
{
    bool has_changed = false;

    if (x->phantom || y->phantom) {
        if (y->phantom >= x->phantom)
            return false;
        *x = *y;
        return true;
    }
    if (x->stage != y->stage || x->pushed != y->pushed)
        jit_check_complain(c, "paths meet with frames that differ");
    for (unsigned i = 0; i < REGS; i++) {
        struct value v = join_value(&x->regs[i], &y->regs[i]);

        has_changed |= !is_same(&v, &x->regs[i]);
        x->regs[i] = v;
    }
    if (x->source != y->source && x->source != NO_REG) {
        x->source = NO_REG;
        has_changed = true;
    }
    has_changed |= (x->not_null & ~y->not_null) || (x->not_i31 & ~y->not_i31);
    x->not_null &= y->not_null;
    x->not_i31 &= y->not_i31;
    has_changed |= join_flags(&x->flags, &y->flags);
    has_changed |= join_facts(x, y);
    return has_changed;
}

void jit_check_reach(struct checker *c, int64_t to)
{
    const struct wrt_alloc *alloc = c->in->native->module->alloc;
    struct state *state;

    if (to < 0 || to >= c->in->len) {
        jit_check_complain(c, "a jump out of the function");
        return;
    }
    if (c->states[to]) {
        if (join(c, c->known.items[c->states[to] - 1], &c->now) &&
            to <= c->insn->pos)
            c->is_again = true;
        return;
    }
    state = wrt_arena_raw(&c->arena, 1, sizeof(*state));
    if (!state || !wrt_vec_push(alloc, &c->known, state)) {
        c->is_oom = true;
        return;
    }
    *state = c->now;
    c->states[to] = (uint32_t)c->known.count;
    if (to <= c->insn->pos)
        c->is_again = true;
}

void jit_check_arrive(struct checker *c, uint32_t pos)
{
    c->marks[pos] |= MARK_START;
    if (!c->states[pos] && (c->marks[pos] & MARK_LANDING) &&
        (!c->is_live || c->now.phantom))
        jit_check_enter_phantom(c, PHANTOM_LANDING);
    if (!c->states[pos])
        return;
    if (c->is_live)
        join(c, c->known.items[c->states[pos] - 1], &c->now);
    c->now = *c->known.items[c->states[pos] - 1];
    c->is_live = true;
}
