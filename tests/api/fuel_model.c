/*
 * The model of fuel; see fuel_model.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/api/fuel_model.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    UNREACHABLE = 0x00,
    NOP = 0x01,
    BLOCK = 0x02,
    LOOP = 0x03,
    IF = 0x04,
    ELSE = 0x05,
    END = 0x0b,
    BR = 0x0c,
    BR_IF = 0x0d,
    BR_TABLE = 0x0e,
    RETURN = 0x0f,
    CALL = 0x10,
    DROP = 0x1a,
    SELECT = 0x1b,
    LOCAL_GET = 0x20,
    LOCAL_SET = 0x21,
    LOCAL_TEE = 0x22,
    I32_CONST = 0x41,
    I32_EQZ = 0x45,
    I32_LT_U = 0x49,
    I32_ADD = 0x6a,
    I32_SUB = 0x6b,
    I32_MUL = 0x6c,
    I32_AND = 0x71,
    I32_SHL = 0x74,
    PREFIX = 0xfc,
    MEMORY_FILL = 0x0b,
    NO_RESULT = 0x40,
    ONE_I32 = 0x7f,
};

enum {
    NVARS = 4,     /* locals for values; the first one is the parameter */
    NCOUNTERS = 3, /* behind them, one per nested loop */
    MAX_LABELS = 64,
    STACK = 256,
};

/* -- Programs -------------------------------------------------------------- */

struct writer {
    struct model *m;
    uint32_t func;
    int depth;                /* of statements in statements */
    int nloops;               /* around this place */
    bool is_loop[MAX_LABELS]; /* per label, outermost first */
    uint32_t nlabels;
};

static uint32_t roll(struct model *m, uint32_t n)
{
    m->seed = m->seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(m->seed >> 33) % n;
}

static void put(struct writer *w, uint32_t byte)
{
    struct model *m = w->m;

    if (m->code_len[w->func] == MODEL_CODE_BYTES)
        abort();
    m->code[w->func][m->code_len[w->func]++] = (uint8_t)byte;
}

static void put2(struct writer *w, uint32_t op, uint32_t imm)
{
    put(w, op);
    put(w, imm);
}

/* Small constants take one byte, others two. */
static void put_const(struct writer *w, uint32_t n)
{
    put(w, I32_CONST);
    if (n < 64) {
        put(w, n);
    } else {
        put(w, (n & 0x7f) | 0x80);
        put(w, n >> 7 & 0x3f);
    }
}

/* Whether there is room for more of everything. */
static bool may_nest(const struct writer *w)
{
    return w->depth < 6 && w->m->code_len[w->func] < MODEL_CODE_BYTES / 4;
}

static void open_block(struct writer *w, uint32_t op, uint32_t type)
{
    put2(w, op, type);
    w->is_loop[w->nlabels++] = op == LOOP;
    w->depth++;
}

static void close_block(struct writer *w)
{
    put(w, END);
    w->nlabels--;
    w->depth--;
}

static void put_statements(struct writer *w);
static void put_value(struct writer *w);

static void put_binary(struct writer *w)
{
    static const uint8_t ops[] = {I32_ADD, I32_SUB, I32_MUL,
                                  I32_AND, I32_SHL, I32_LT_U};

    w->depth++;
    put_value(w);
    put_value(w);
    put(w, ops[roll(w->m, sizeof(ops))]);
    w->depth--;
}

static void put_choice(struct writer *w)
{
    w->depth++;
    put_value(w);
    w->depth--;
    open_block(w, IF, ONE_I32);
    put_value(w);
    put(w, ELSE);
    put_value(w);
    close_block(w);
}

static void put_value(struct writer *w)
{
    uint32_t kind = may_nest(w) ? roll(w->m, 10) : roll(w->m, 4);

    if (roll(w->m, 8) == 0)
        put(w, NOP);
    switch (kind) {
    case 0: put_const(w, roll(w->m, 4000)); break;
    case 4:
        w->depth++;
        put_value(w);
        w->depth--;
        put(w, I32_EQZ);
        break;
    case 5: put_choice(w); break;
    case 6:
        w->depth++;
        put_value(w);
        put_value(w);
        put_value(w);
        put(w, SELECT);
        w->depth--;
        break;
    case 7:
        if (w->func > 0 && w->nloops < 2) {
            w->depth++;
            put_value(w);
            w->depth--;
            put2(w, CALL, roll(w->m, w->func));
            break;
        }
        put2(w, LOCAL_GET, roll(w->m, NVARS));
        break;
    case 8:
    case 9: put_binary(w); break;
    default: put2(w, LOCAL_GET, roll(w->m, NVARS)); break;
    }
}

/* A label that leads forwards: its depth, or -1. */
static int forward_label(struct writer *w)
{
    for (int tries = 0; tries < 4 && w->nlabels > 0; tries++) {
        uint32_t depth = roll(w->m, w->nlabels);

        if (!w->is_loop[w->nlabels - 1 - depth])
            return (int)depth;
    }
    return -1;
}

/* A branch, sometimes with code behind it that nothing reaches.  Every block
 * around statements is one without a result. */
static void put_branch(struct writer *w)
{
    int a = forward_label(w), b = forward_label(w);

    if (a < 0 || b < 0)
        return;
    put_value(w);
    switch (roll(w->m, 3)) {
    case 0: put2(w, BR_IF, (uint32_t)a); return;
    case 1:
        put(w, DROP);
        put2(w, BR, (uint32_t)a);
        break;
    default:
        put2(w, BR_TABLE, 2);
        put(w, (uint32_t)b);
        put2(w, (uint32_t)a, (uint32_t)b);
        break;
    }
    if (may_nest(w) && roll(w->m, 2))
        put_statements(w);
}

static void put_loop(struct writer *w)
{
    uint32_t counter = NVARS + (uint32_t)w->nloops++;

    put_const(w, 1 + roll(w->m, 5));
    put2(w, LOCAL_SET, counter);
    open_block(w, LOOP, NO_RESULT);
    /* Statements that branch need a block: leaving must not skip the step. */
    open_block(w, BLOCK, NO_RESULT);
    put_statements(w);
    close_block(w);
    put2(w, LOCAL_GET, counter);
    put_const(w, 1);
    put(w, I32_SUB);
    put2(w, LOCAL_TEE, counter);
    put2(w, BR_IF, 0);
    close_block(w);
    w->nloops--;
}

static void put_fill(struct writer *w)
{
    put_const(w, roll(w->m, 4000));
    put_value(w);
    put_const(w, roll(w->m, 1000));
    put2(w, PREFIX, MEMORY_FILL);
    put(w, 0);
}

static void put_statement(struct writer *w)
{
    switch (may_nest(w) ? roll(w->m, 9) : roll(w->m, 3)) {
    case 0:
        put_value(w);
        put2(w, LOCAL_TEE, roll(w->m, NVARS));
        put(w, DROP);
        break;
    case 3:
        open_block(w, BLOCK, NO_RESULT);
        put_statements(w);
        close_block(w);
        break;
    case 4:
        put_value(w);
        open_block(w, IF, NO_RESULT);
        put_statements(w);
        if (roll(w->m, 2)) {
            put(w, ELSE);
            put_statements(w);
        }
        close_block(w);
        break;
    case 5:
        if (w->nloops < NCOUNTERS) {
            put_loop(w);
            break;
        }
        put_branch(w);
        break;
    case 6: put_fill(w); break;
    case 7: put_branch(w); break;
    case 8:
        put_value(w);
        open_block(w, IF, NO_RESULT);
        put_value(w);
        put(w, RETURN);
        close_block(w);
        break;
    default:
        put_value(w);
        put2(w, LOCAL_SET, roll(w->m, NVARS));
        break;
    }
}

static void put_statements(struct writer *w)
{
    for (uint32_t n = 1 + roll(w->m, 4); n > 0; n--)
        put_statement(w);
}

void model_generate(struct model *m, uint64_t seed)
{
    memset(m, 0, sizeof(*m));
    m->seed = seed;
    for (uint32_t func = 0; func < MODEL_FUNCS; func++) {
        struct writer w = {.m = m, .func = func};

        put_statements(&w);
        put_statements(&w);
        put_value(&w);
        put(&w, END);
    }
}

/* -- Modules --------------------------------------------------------------- */

/* Appends; lengths take three bytes. */
static void add(uint8_t **at, const void *bytes, size_t len)
{
    memcpy(*at, bytes, len);
    *at += len;
}

static void add_length(uint8_t **at, size_t n)
{
    uint8_t bytes[3] = {(uint8_t)(n | 0x80), (uint8_t)(n >> 7 | 0x80),
                        (uint8_t)(n >> 14 & 0x7f)};

    add(at, bytes, sizeof(bytes));
}

size_t model_encode(const struct model *m, uint8_t out[MODEL_MODULE_BYTES])
{
    static const uint8_t head[] = {
        0,    'a', 's', 'm',  1,   0,    0,
        0, /* preamble */
        1,    6,   1,   0x60, 1,   0x7f, 1,
        0x7f,                                            /* one type */
        3,    5,   4,   0,    0,   0,    0,              /* functions */
        5,    3,   1,   0,    1,                         /* memory */
        7,    5,   1,   1,    'f', 0,    MODEL_FUNCS - 1 /* export */
    };
    static const uint8_t locals[] = {1, NVARS - 1 + NCOUNTERS, 0x7f};
    size_t total = 1;
    uint8_t *at = out;

    for (int i = 0; i < MODEL_FUNCS; i++)
        total += 3 + sizeof(locals) + m->code_len[i];
    add(&at, head, sizeof(head));
    *at++ = 10;
    add_length(&at, total);
    *at++ = MODEL_FUNCS;
    for (int i = 0; i < MODEL_FUNCS; i++) {
        add_length(&at, sizeof(locals) + m->code_len[i]);
        add(&at, locals, sizeof(locals));
        add(&at, m->code[i], m->code_len[i]);
    }
    return (size_t)(at - out);
}

/* -- Evaluation ------------------------------------------------------------ */

/* A running function. */
struct frame {
    const uint8_t *code;
    size_t pc;
    uint32_t locals[NVARS + NCOUNTERS];
    uint32_t stack[STACK];
    uint32_t height;
    struct label {
        size_t start; /* of its body */
        size_t end;   /* the place behind its END */
        uint32_t height, arity;
        bool is_loop;
    } labels[MAX_LABELS];
    uint32_t nlabels;
};

/* The place behind the immediates of the instruction at pc. */
static size_t behind(const uint8_t *code, size_t pc)
{
    switch (code[pc]) {
    case BLOCK:
    case LOOP:
    case IF:
    case BR:
    case BR_IF:
    case CALL:
    case LOCAL_GET:
    case LOCAL_SET:
    case LOCAL_TEE: return pc + 2;
    case I32_CONST: return pc + (code[pc + 1] & 0x80 ? 3 : 2);
    case BR_TABLE: return pc + 3 + code[pc + 1];
    case PREFIX: return pc + 3;
    default: return pc + 1;
    }
}

/* From inside a block to its END, or to an ELSE of its own; the place of
 * either. */
static size_t find_end(const uint8_t *code, size_t pc, bool stops_at_else)
{
    for (int depth = 0;; pc = behind(code, pc)) {
        uint8_t op = code[pc];

        if (op == BLOCK || op == LOOP || op == IF)
            depth++;
        else if (depth == 0 && (op == END || (op == ELSE && stops_at_else)))
            return pc;
        else if (op == END)
            depth--;
    }
}

static void push(struct frame *f, uint32_t value)
{
    f->stack[f->height++] = value;
}

static uint32_t pop(struct frame *f)
{
    return f->stack[--f->height];
}

static void enter_block(struct frame *f, size_t at)
{
    const uint8_t *code = f->code;

    f->labels[f->nlabels++] = (struct label){
        .start = at + 2,
        .end = find_end(code, at + 2, false) + 1,
        .height = f->height,
        .arity = code[at + 1] == ONE_I32,
        .is_loop = code[at] == LOOP,
    };
}

static void branch(struct frame *f, uint32_t depth)
{
    struct label *label = &f->labels[f->nlabels - 1 - depth];
    uint32_t value = 0;

    if (label->is_loop) {
        f->height = label->height;
        f->nlabels -= depth;
        f->pc = label->start;
        return;
    }
    if (label->arity)
        value = pop(f);
    f->height = label->height;
    if (label->arity)
        push(f, value);
    f->nlabels -= depth + 1;
    f->pc = label->end;
}

static uint32_t evaluate(struct model *m, uint32_t func, uint32_t arg);

static uint32_t binary(uint8_t op, uint32_t a, uint32_t b)
{
    switch (op) {
    case I32_ADD: return a + b;
    case I32_SUB: return a - b;
    case I32_MUL: return a * b;
    case I32_AND: return a & b;
    case I32_SHL: return a << (b & 31);
    case I32_LT_U: return a < b;
    default: abort();
    }
}

static void step_value(struct model *m, struct frame *f, size_t at)
{
    const uint8_t *code = f->code;
    uint32_t a, b, n;

    switch (code[at]) {
    case DROP: pop(f); break;
    case SELECT:
        n = pop(f), b = pop(f), a = pop(f);
        push(f, n ? a : b);
        break;
    case LOCAL_GET: push(f, f->locals[code[at + 1]]); break;
    case LOCAL_SET: f->locals[code[at + 1]] = pop(f); break;
    case LOCAL_TEE: f->locals[code[at + 1]] = f->stack[f->height - 1]; break;
    case I32_CONST:
        n = code[at + 1];
        push(f, n & 0x80 ? (n & 0x7f) | (uint32_t)code[at + 2] << 7 : n);
        break;
    case I32_EQZ: push(f, pop(f) == 0); break;
    case CALL: push(f, evaluate(m, code[at + 1], pop(f))); break;
    case PREFIX:
        n = pop(f), pop(f), pop(f);
        m->count += n / 64;
        break;
    default:
        b = pop(f), a = pop(f);
        push(f, binary(code[at], a, b));
        break;
    }
}

/* False when the function returns. */
static bool step(struct model *m, struct frame *f)
{
    const uint8_t *code = f->code;
    size_t at = f->pc;
    uint32_t chosen;

    if (code[at] != NOP && code[at] != BLOCK && code[at] != LOOP &&
        code[at] != ELSE && code[at] != END)
        m->count++;
    f->pc = behind(code, at);
    switch (code[at]) {
    case NOP: break;
    case BLOCK:
    case LOOP: enter_block(f, at); break;
    case IF:
        chosen = pop(f);
        enter_block(f, at);
        if (!chosen) {
            f->pc = find_end(code, at + 2, true);
            f->pc += code[f->pc] == ELSE;
        }
        break;
    case ELSE: f->pc = f->labels[--f->nlabels].end; break;
    case END:
        if (f->nlabels == 0)
            return false;
        f->nlabels--;
        break;
    case BR: branch(f, code[at + 1]); break;
    case BR_IF:
        if (pop(f))
            branch(f, code[at + 1]);
        break;
    case BR_TABLE:
        chosen = pop(f);
        branch(f,
               code[at + 2 + (chosen < code[at + 1] ? chosen : code[at + 1])]);
        break;
    case RETURN: return false;
    default: step_value(m, f, at); break;
    }
    return true;
}

static uint32_t evaluate(struct model *m, uint32_t func, uint32_t arg)
{
    struct frame f = {.code = m->code[func], .locals = {arg}};

    while (step(m, &f))
        ;
    return pop(&f);
}

uint32_t model_run(struct model *m, uint32_t arg)
{
    m->count = 0;
    return evaluate(m, MODEL_FUNCS - 1, arg);
}
