/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/filter_list.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* What happens to a call.  ALWAYS and those below are conditions of
 * filter.def. */
enum outcome { REFUSED, ABSENT, ALWAYS, NO_EXEC, THREAD, SERVER, OUTCOMES };

static const struct allowed {
    const char *name;
    enum outcome outcome;
} allowed[] = {
#define CALL(name, condition) {#name, condition},
#include "shim/filter.def"
#undef CALL
};

enum {
    ALLOWED_COUNT = sizeof(allowed) / sizeof(*allowed),
    /* Each row is a span and a gap; clone3; the gap before all. */
    MAX_SPANS = 2 * (ALLOWED_COUNT + 1) + 1
};

/* Calls from `first` to the next span's. */
struct span {
    uint32_t first;
    enum outcome outcome;
};

/* A branch to an outcome, where the program does not say yet what happens. */
struct leaf {
    size_t jump;
    bool if_true;
    enum outcome outcome;
};

struct program {
    struct sock_filter *out;
    size_t len;
    bool is_full;
    struct leaf leaves[MAX_SPANS];
    size_t leaf_count;
};

/* A row's outcome; SERVER is none. */
static enum outcome outcome_of(const struct allowed *row, bool serves)
{
    if (row->outcome != SERVER)
        return row->outcome;
    return serves ? ALWAYS : REFUSED;
}

bool filter_list_has(const char *name, bool serves)
{
    for (int i = 0; i < ALLOWED_COUNT; i++) {
        if (strcmp(allowed[i].name, name) == 0)
            return outcome_of(&allowed[i], serves) != REFUSED;
    }
    return false;
}

/* -- Spans ----------------------------------------------------------------- */

static int compare_spans(const void *a, const void *b)
{
    uint32_t x = ((const struct span *)a)->first;
    uint32_t y = ((const struct span *)b)->first;

    return (x > y) - (x < y);
}

/* The calls of this machine by their numbers.  clone3 hides its flags from a
 * filter; ENOSYS makes the C library use clone. */
static size_t find_calls(struct span *calls, bool serves)
{
    size_t count = 0;

    for (int i = 0; i < ALLOWED_COUNT; i++) {
        int number = seccomp_syscall_resolve_name(allowed[i].name);

        if (number >= 0) /* else this machine has no such call */
            calls[count++] = (struct span){(uint32_t)number,
                                           outcome_of(&allowed[i], serves)};
    }
    calls[count++] = (struct span){SCMP_SYS(clone3), ABSENT};
    qsort(calls, count, sizeof(*calls), compare_spans);
    return count;
}

/* Covers all numbers; neighbours with one outcome are one span. */
static size_t find_spans(struct span spans[MAX_SPANS], bool serves)
{
    struct span calls[ALLOWED_COUNT + 1];
    size_t count = find_calls(calls, serves), n = 0;

    spans[n++] = (struct span){0, REFUSED};
    for (size_t i = 0; i < count; i++) {
        struct span *last = &spans[n - 1];

        if (last->first == calls[i].first)
            last->outcome = calls[i].outcome;
        else
            spans[n++] = calls[i];
        if (n > 1 && spans[n - 2].outcome == spans[n - 1].outcome)
            n--;
        spans[n++] = (struct span){calls[i].first + 1, REFUSED};
    }
    return n;
}

/* -- The program ----------------------------------------------------------- */

static void put(struct program *program, uint16_t code, uint32_t value,
                uint8_t if_true, uint8_t if_false)
{
    if (program->len == FILTER_LIST_MAX)
        program->is_full = true;
    else
        program->out[program->len++] =
            (struct sock_filter){code, if_true, if_false, value};
}

static void put_load(struct program *program, size_t offset)
{
    put(program, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void put_return(struct program *program, uint32_t action)
{
    put(program, BPF_RET | BPF_K, action, 0, 0);
}

/* Allows the call if the bits in the lower half of an argument are set, or if
 * they are not. */
static void put_if_bits(struct program *program, int arg, uint32_t bits,
                        bool set)
{
    static const uint16_t one = 1;
    size_t low = *(const uint8_t *)&one ? 0 : 4;

    put_load(program, offsetof(struct seccomp_data, args) +
                          (size_t)arg * sizeof(uint64_t) + low);
    put(program, BPF_JMP | BPF_JSET | BPF_K, bits, set ? 0 : 1, set ? 1 : 0);
    put_return(program, SECCOMP_RET_ALLOW);
    put_return(program, SECCOMP_RET_ERRNO | EPERM);
}

static void put_outcome(struct program *program, enum outcome outcome)
{
    switch (outcome) {
    case SERVER:
    case OUTCOMES: break; /* none of a span */
    case REFUSED: put_return(program, SECCOMP_RET_ERRNO | EPERM); break;
    case ABSENT: put_return(program, SECCOMP_RET_ERRNO | ENOSYS); break;
    case ALWAYS: put_return(program, SECCOMP_RET_ALLOW); break;
    case NO_EXEC: put_if_bits(program, 2, PROT_EXEC, false); break;
    case THREAD: put_if_bits(program, 0, CLONE_THREAD, true); break;
    }
}

static void put_search(struct program *program, const struct span *spans,
                       size_t count);

/* Sends a jump's branch to the search of some spans, which follows, or to what
 * happens if there is only one. */
static void put_branch(struct program *program, size_t jump, bool if_true,
                       const struct span *spans, size_t count)
{
    size_t distance = program->len - jump - 1;

    if (count == 1) {
        program->leaves[program->leaf_count++] =
            (struct leaf){jump, if_true, spans->outcome};
        return;
    }
    if (program->is_full || distance > UINT8_MAX) {
        program->is_full = true;
        return;
    }
    if (if_true)
        program->out[jump].jt = (uint8_t)distance;
    put_search(program, spans, count);
}

/* Its depth is the logarithm of the count, which is more than one. */
static void put_search(struct program *program, const struct span *spans,
                       size_t count)
{
    size_t half = count / 2, jump = program->len;

    put(program, BPF_JMP | BPF_JGE | BPF_K, spans[half].first, 0, 0);
    put_branch(program, jump, false, spans, half);
    put_branch(program, jump, true, spans + half, count - half);
}

/* Each outcome once: the kernel takes time for each instruction when it makes
 * machine code of them. */
static void put_outcomes(struct program *program)
{
    size_t begin[OUTCOMES], distance;

    for (enum outcome outcome = REFUSED; outcome < OUTCOMES; outcome++) {
        begin[outcome] = program->len;
        put_outcome(program, outcome);
    }
    for (size_t i = 0; i < program->leaf_count; i++) {
        const struct leaf *leaf = &program->leaves[i];

        distance = begin[leaf->outcome] - leaf->jump - 1;
        if (program->is_full || distance > UINT8_MAX) {
            program->is_full = true;
            return;
        }
        if (leaf->if_true)
            program->out[leaf->jump].jt = (uint8_t)distance;
        else
            program->out[leaf->jump].jf = (uint8_t)distance;
    }
}

/* Calls by another table of numbers than this program's kill it.  That of x32
 * has this one's name, but numbers that are past all of ours. */
size_t filter_list_make(struct sock_filter out[FILTER_LIST_MAX], bool serves)
{
    struct program program = {.out = out};
    struct span spans[MAX_SPANS];
    size_t count = find_spans(spans, serves);

    put_load(&program, offsetof(struct seccomp_data, arch));
    put(&program, BPF_JMP | BPF_JEQ | BPF_K, seccomp_arch_native(), 1, 0);
    put_return(&program, SECCOMP_RET_KILL_PROCESS);
    put_load(&program, offsetof(struct seccomp_data, nr));
    put_search(&program, spans, count);
    put_outcomes(&program);
    return program.is_full ? 0 : program.len;
}
