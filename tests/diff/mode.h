/*
 * Running a module in one mode.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_TESTS_DIFF_MODE_H
#define WRT_TESTS_DIFF_MODE_H

#include "tests/diff/outcome.h"

enum mode_id {
#define MODE(name, where, every, strategy, bounds, compile, fuel, flags)       \
    MODE_##name,
#include "tests/diff/modes.def"
#undef MODE
    MODE_COUNT
};

enum mode_where { WHERE_OWN, WHERE_PEER, WHERE_FOREIGN };
enum mode_fuel { FUEL_NONE, FUEL_PLENTY, FUEL_SHORT };
enum mode_flags {
    FLAG_0 = 0,
    FLAG_SLOW = 1,
    FLAG_STRESS = 2,
    FLAG_TEXT = 4,
    FLAG_BARE = 8
};

struct mode {
    const char *name;
    enum mode_where where;
    unsigned every;
    int strategy, bounds, compile; /* enums of wasmrt/config.h */
    enum mode_fuel fuel;
    unsigned flags;
};

extern const struct mode modes[MODE_COUNT];

/* What was reached, counted in the first mode. */
struct reached {
    uint64_t calls, host_calls, caught, uncaught, objects_bytes, collections;
    uint64_t returned, instantiated, refused;
    uint64_t traps[64]; /* by code */
};
extern struct reached reached;

/* Runs a module in a mode of this process.  A module that is refused gives a
 * line "invalid: ...". */
void mode_run(enum mode_id id, const uint8_t *bytes, size_t len,
              struct outcome *out);

/* Releases the engines; the next run makes new ones. */
void mode_close(void);

#endif
