/*
 * A small table of counters; the events are few and the first ones the most
 * frequent, so a linear search is quick.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/fuzz/reach.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_EVENTS = 256 };

static struct {
    const char *what;
    unsigned long count;
} events[MAX_EVENTS];
static size_t event_count;

static void print_events(void)
{
    for (size_t i = 0; i < event_count; i++)
        fprintf(stderr, "reached: %s %lu\n", events[i].what, events[i].count);
}

void reach(const char *what)
{
    size_t i = 0;

    while (i < event_count && strcmp(events[i].what, what) != 0)
        i++;
    if (i == MAX_EVENTS)
        return;
    if (i == event_count) {
        if (i == 0)
            atexit(print_events);
        events[event_count++].what = what;
    }
    events[i].count++;
}
