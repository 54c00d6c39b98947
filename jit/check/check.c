/*
 * The isolation checker's run over a function: in the order of addresses, again
 * while something is less known at a loop's begin than was assumed.  A register
 * can lose what is known of it only a few times, so the time is linear.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/check/state.h"

#include "wasmrt/config.h"

void jit_check_complain(struct checker *c, const char *what)
{
    if (c->complaint || c->now.phantom)
        return;
    c->complaint = what;
    c->complaint_at = c->insn ? c->insn->pos : 0;
}

/* What holds when a function begins. */
static void enter(struct checker *c)
{
    static const uint8_t saved[] = {BX, R12, R13, R9, R10};
    struct state *now = &c->now;
    struct jit_params params = {0};
    uint32_t slot;

    *now = (struct state){.pushed = NOTHING, .source = NO_REG};
    for (unsigned i = 0; i < REGS; i++)
        now->regs[i] = unknown();
    for (unsigned i = 0; i < WRT_COUNTOF(saved); i++)
        now->regs[saved[i]] = value_of(KIND_ENTRY, saved[i], 0);
    now->regs[R15] = value_of(KIND_INSTANCE, 0, 0);
    now->regs[R14] = value_of(KIND_BASE, 0, 0);
    for (uint32_t i = 0; i < c->type->nparams; i++) {
        wrt_valtype t = wrt_type_params(c->type)[i];
        jit_reg reg = jit_next_param(&params, t, &slot);

        if (reg != JIT_NO_REG && wrt_valtype_kind(t) == WRT_KIND_I32)
            now->regs[reg] = number(UINT32_MAX);
    }
    c->is_live = true;
}

static void sweep(struct checker *c)
{
    struct insn insn = {0};

    c->is_again = false;
    c->counts = (struct counts){0};
    c->unreached_at = NOTHING;
    c->frame_bytes = 0;
    c->places = c->in->func ? c->in->func->places : NULL;
    c->place = (struct jit_spot){0};
    c->object.places = c->places;
    c->object.place = c->place;
    enter(c);
    c->insn = &insn;
    for (uint32_t pos = 0; pos < c->in->len && !c->complaint; pos = c->end) {
        if (!jit_check_decode(c->in->code, c->in->len, pos, &insn)) {
            insn.pos = pos;
            c->now.phantom = PHANTOM_NONE;
            jit_check_complain(c, "an unknown instruction");
            break;
        }
        c->end = insn.next;
        jit_check_arrive(c, pos);
        c->counts.insns++;
        if (!c->is_live && insn.effect != EFFECT_NOTHING)
            jit_check_enter_phantom(c, PHANTOM_UNREACHED);
        if (c->now.phantom == PHANTOM_UNREACHED && c->is_live)
            c->unreached_at = WRT_MIN(c->unreached_at, pos);
        if (c->is_live)
            jit_check_effect(c);
    }
    if (!c->complaint && c->is_live)
        jit_check_complain(c, "the function's end is reached");
    c->insn = NULL;
}

/* All that is jumped to are instructions, and all instructions are reached. */
static void check_targets(struct checker *c)
{
    for (uint32_t pos = 0; pos < c->in->len; pos++) {
        bool is_reached =
            c->states[pos] != 0 || (c->marks[pos] & MARK_LANDING) != 0;

        if (is_reached && !(c->marks[pos] & MARK_START) && !c->complaint) {
            jit_check_complain(c, "a jump into an instruction");
            c->complaint_at = pos;
        }
    }
    if (c->unreached_at != NOTHING && !c->complaint) {
        jit_check_complain(c, "code that nothing reaches");
        c->complaint_at = c->unreached_at;
    }
}

static void count(const struct checker *c)
{
    struct wasmrt_code_checks *checks = c->in->native->options.checks;

    __atomic_fetch_add(&checks->funcs, 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&checks->insns, c->counts.insns, __ATOMIC_RELAXED);
    __atomic_fetch_add(&checks->loads, c->counts.loads, __ATOMIC_RELAXED);
    __atomic_fetch_add(&checks->stores, c->counts.stores, __ATOMIC_RELAXED);
    __atomic_fetch_add(&checks->branches, c->counts.branches, __ATOMIC_RELAXED);
}

static wasmrt_error *report(const struct checker *c)
{
    static const char *const names[] = {
        [JIT_PIECE_FUNC] = "function", [JIT_PIECE_ADAPTER] = "adapter"};

    if (c->is_oom)
        return wrt_error_oom();
    if (!c->complaint)
        return NULL;
    return wrt_error_new(WASMRT_ERR_CODE_CHECK, WRT_NO_OFFSET,
                         "%s %u, code at +0x%x: %s", names[c->in->piece],
                         c->in->number, c->complaint_at, c->complaint);
}

wasmrt_error *jit_check_code(const struct jit_check *check)
{
    const struct wrt_module *module = check->native->module;
    struct checker c = {.in = check, .module = module};
    wasmrt_error *error;

    if (check->piece == JIT_PIECE_GLUE)
        return NULL;
    c.type = check->piece == JIT_PIECE_FUNC
                 ? wrt_module_func_type(module, check->number)
                 : wrt_module_type(module, check->number);
    wrt_arena_init(&c.arena, module->alloc);
    c.states = wrt_arena_array(&c.arena, check->len, sizeof(*c.states));
    c.marks = wrt_arena_array(&c.arena, check->len, sizeof(*c.marks));
    c.is_oom = !c.states || !c.marks;
    if (!c.is_oom)
        jit_check_mark_landings(&c);
    do {
        if (!c.is_oom && !c.complaint)
            sweep(&c);
    } while (c.is_again && !c.complaint && !c.is_oom);
    c.now.phantom = PHANTOM_NONE;
    if (!c.complaint && !c.is_oom)
        check_targets(&c);
    error = report(&c);
    if (!error)
        count(&c);
    wrt_vec_fini(module->alloc, &c.known);
    wrt_arena_fini(&c.arena);
    return error;
}
