/*
 * Landings: where control goes on when something that is called throws.
 *
 * Whoever unwinds trusts the tables of the function (jit/throw.c): the places
 * of calls and the clauses, and which registers each frame has saved below its
 * frame pointer.  So what they say is proven here.  A landing begins with what
 * all calls in its clause's part of the body know: registers that callees
 * preserve, and the frame but for the words that the exception goes to.  The
 * stack pointer and the base of memory 0 are whatever they were.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/check/state.h"

static const uint8_t saved[] = {
    BX, R9, R10, R12, R13}; /* in this order below the frame pointer */

/* -- What frames have saved ------------------------------------------------ */

static bool is_entry(const struct value *v, uint8_t reg)
{
    return v->kind == KIND_ENTRY && v->n == reg;
}

static bool has_saved(const struct checker *c, uint8_t reg, int32_t at)
{
    for (unsigned i = 0; i < FACTS; i++) {
        if (c->now.facts[i].at == at)
            return is_entry(&c->now.facts[i].value, reg);
    }
    return false;
}

/* A register is where the table says, or still what it was. */
static void require_unwindable(struct checker *c, uint32_t mask)
{
    int32_t at = 0;

    for (unsigned i = 0; i < WRT_COUNTOF(saved); i++) {
        bool is_saved = mask >> saved[i] & 1;

        mask &= ~((uint32_t)1 << saved[i]);
        at -= is_saved ? 8 : 0;
        if (is_saved ? !has_saved(c, saved[i], at)
                     : !is_entry(&c->now.regs[saved[i]], saved[i]))
            jit_check_complain(c, "a call that cannot be unwound");
    }
    if (mask)
        jit_check_complain(c, "a table of registers that are not saved");
}

/* -- Landings -------------------------------------------------------------- */

/* The words that the exception goes to hold numbers. */
static void overwrite(struct checker *c, int64_t at, uint64_t bytes)
{
    if (at < -(int64_t)c->frame_bytes || at > 0 || bytes > (uint64_t)-at)
        jit_check_complain(c, "an exception that lands outside of the frame");
    else
        jit_check_forget_frame(c, at, (int64_t)bytes);
}

static uint64_t payload_bytes(struct checker *c, uint32_t tag)
{
    const struct wrt_module *m = c->module;

    if (tag < m->ntags)
        return sizeof(wrt_slot) *
               wrt_types_get(m->types, m->tags[tag].type_id)->param_slots;
    jit_check_complain(c, "a clause for a tag that there is not");
    return 0;
}

static void reach_landing(struct checker *c, const struct jit_clause *clause)
{
    struct state *now = &c->now;

    for (unsigned reg = 0; reg < REGS; reg++) {
        bool is_kept = reg == R15 || reg == BP;

        for (unsigned i = 0; i < WRT_COUNTOF(saved); i++)
            is_kept |= saved[i] == reg;
        if (!is_kept)
            now->regs[reg] = unknown();
    }
    if (clause->tag != JIT_ANY_TAG)
        overwrite(c, clause->payload, payload_bytes(c, clause->tag));
    if (clause->exn != JIT_NO_EXN)
        overwrite(c, clause->exn, sizeof(wrt_slot));
    now->stage = STAGE_LANDED;
    now->not_null = now->not_i31 = 0;
    now->flags.about = ABOUT_NOTHING;
    now->source = NO_REG;
    jit_check_reach(c, clause->landing);
}

/* The offset in the body of what comes back behind the instruction. */
static bool find_offset(struct checker *c, uint32_t *offset)
{
    const struct jit_func *func = c->in->func;
    struct jit_spot place;

    while (c->places < func->places + func->places_len) {
        const uint8_t *next = c->places;

        place = c->place;
        jit_read_spot(&next, &place);
        if (place.pc > c->insn->next)
            return false;
        c->places = next;
        c->place = place;
        *offset = place.offset;
        if (place.pc == c->insn->next && !place.may_fault)
            return true;
    }
    return false;
}

void jit_check_throw(struct checker *c)
{
    const struct jit_func *func = c->in->func;
    uint32_t offset;

    /* Code that is in no index is no frame for who unwinds. */
    if (!func || c->complaint)
        return;
    require_unwindable(c, func->saved);
    if (func->nclauses == 0 || !find_offset(c, &offset))
        return;
    c->kept = c->now;
    for (uint32_t i = 0; i < func->nclauses; i++) {
        const struct jit_clause *clause = &func->clauses[i];

        if (clause->tag == JIT_DELEGATE || offset < clause->from ||
            offset >= clause->to)
            continue;
        reach_landing(c, clause);
        c->now = c->kept;
    }
}

/* -- Code that nothing reaches --------------------------------------------- */

void jit_check_mark_landings(struct checker *c)
{
    const struct jit_func *func = c->in->func;

    for (uint32_t i = 0; func && i < func->nclauses; i++) {
        const struct jit_clause *clause = &func->clauses[i];

        if (clause->tag == JIT_DELEGATE)
            continue;
        if (clause->landing < c->in->len)
            c->marks[clause->landing] |= MARK_LANDING;
        else
            jit_check_complain(c, "a landing outside of the function");
    }
}

void jit_check_enter_phantom(struct checker *c, enum phantom phantom)
{
    c->now = (struct state){.phantom = phantom,
                            .stage = STAGE_OPEN,
                            .pushed = NOTHING,
                            .source = NO_REG};
    for (unsigned i = 0; i < REGS; i++)
        c->now.regs[i] = unknown();
    c->is_live = true;
}
