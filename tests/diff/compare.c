/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/diff/compare.h"

#include <inttypes.h>
#include <string.h>

struct peer other_build, other_engine;

static struct outcome outcomes[MODE_COUNT];

static bool is_active(uint64_t seed, int id)
{
    if (seed % modes[id].every != 0)
        return false;
    switch (modes[id].where) {
    case WHERE_PEER: return other_build.pid > 0;
    case WHERE_FOREIGN: return other_engine.pid > 0;
    default: return true;
    }
}

/* With what a mode's outcome is compared: the first of the same fuel. */
static enum mode_id base_of(int id, bool for_fuel)
{
    for (int i = 0; i < id; i++)
        if (modes[i].fuel == modes[id].fuel ||
            (!for_fuel && modes[i].fuel != FUEL_SHORT &&
             modes[id].fuel != FUEL_SHORT))
            return (enum mode_id)i;
    return (enum mode_id)id;
}

static bool differ(struct difference *out, const char *what, enum mode_id a,
                   int b)
{
    out->what = what;
    out->a = a;
    out->b = (enum mode_id)b;
    return false;
}

static bool compare_text(int id, struct difference *out)
{
    enum mode_id base = base_of(id, false);
    bool is_strict = modes[id].where != WHERE_FOREIGN;
    struct outcome_line a, b;

    if (strncmp(outcomes[id].text, "invalid", 7) == 0 ||
        modes[id].flags & FLAG_TEXT) {
        if (!outcomes[id].len)
            return true;
        snprintf(out->in_b, sizeof(out->in_b), "%s", outcomes[id].text);
        out->in_a[0] = '\0';
        return differ(out, "the module is refused, or its text is", base, id);
    }
    if (!outcome_differs(&outcomes[base], &outcomes[id], is_strict, &a, &b))
        return true;
    snprintf(out->in_a, sizeof(out->in_a), "%.*s", a.len, a.text);
    snprintf(out->in_b, sizeof(out->in_b), "%.*s", b.len, b.text);
    return differ(out, "outcomes differ", base, id);
}

static bool compare_fuel(int id, struct difference *out)
{
    enum mode_id base = base_of(id, true);

    if (modes[id].fuel == FUEL_NONE || outcomes[base].fuel == outcomes[id].fuel)
        return true;
    snprintf(out->in_a, sizeof(out->in_a), "%" PRIu64, outcomes[base].fuel);
    snprintf(out->in_b, sizeof(out->in_b), "%" PRIu64, outcomes[id].fuel);
    return differ(out, "the fuel that is left differs", base, id);
}

static bool is_answered(uint64_t seed, int id)
{
    return modes[id].where != WHERE_OWN && is_active(seed, id);
}

static const struct peer *peer_of(int id)
{
    return modes[id].where == WHERE_PEER ? &other_build : &other_engine;
}

static bool order(const struct candidate *c)
{
    const struct peer_order o = {.len = (uint32_t)c->len, .seed = c->seed};

    return (!other_build.pid || c->is_ordered ||
            peer_send(&other_build, &o, c->bytes)) &&
           (!other_engine.pid || peer_send(&other_engine, &o, c->bytes));
}

/* The others work while this process does. */
static bool run_all(const struct candidate *c, struct difference *out)
{
    if (!order(c))
        return differ(out, "another process ended", MODE_check, MODE_check);
    for (int i = 0; i < MODE_COUNT; i++)
        if (modes[i].where == WHERE_OWN && is_active(c->seed, i))
            mode_run((enum mode_id)i, c->bytes, c->len, &outcomes[i]);
    for (int i = 0; i < MODE_COUNT; i++)
        if (is_answered(c->seed, i) && !peer_receive(peer_of(i), &outcomes[i]))
            return differ(out, "another process ended", MODE_check, i);
    return true;
}

void compare_skip(uint64_t seed, uint64_t count)
{
    for (; count; count--, seed++)
        for (int i = 0; i < MODE_COUNT; i++)
            if (modes[i].where == WHERE_PEER && is_answered(seed, i) &&
                !peer_receive(peer_of(i), &outcomes[i]))
                return;
}

bool compare(const struct candidate *c, struct difference *out)
{
    *out = (struct difference){0};
    if (!run_all(c, out))
        return false;
    for (int i = 0; i < MODE_COUNT; i++)
        if (is_active(c->seed, i) &&
            (!compare_text(i, out) || !compare_fuel(i, out)))
            return false;
    return true;
}
