/*
 * A bytecode VM run two ways: a handler table (call_indirect per op) and a
 * switch (br_table).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench.h"
enum {
    PUSH,
    ADD,
    SUB,
    MUL,
    DUP,
    SWAP,
    LOAD,
    STORE,
    JNZ,
    DEC,
    XORK,
    HALT,
    NOPS
};
struct vm {
    int64_t st[32];
    int64_t var[8];
    int sp, pc, run;
    const int32_t *code;
};
typedef void (*op)(struct vm *);
#define OP(n) NOINLINE static void n(struct vm *m)
OP(o_push)
{
    m->st[m->sp++] = m->code[m->pc++];
}
OP(o_add)
{
    m->sp--;
    m->st[m->sp - 1] += m->st[m->sp];
}
OP(o_sub)
{
    m->sp--;
    m->st[m->sp - 1] -= m->st[m->sp];
}
OP(o_mul)
{
    m->sp--;
    m->st[m->sp - 1] =
        (int64_t)((uint64_t)m->st[m->sp - 1] * (uint64_t)m->st[m->sp]);
}
OP(o_dup)
{
    m->st[m->sp] = m->st[m->sp - 1];
    m->sp++;
}
OP(o_swap)
{
    int64_t t = m->st[m->sp - 1];
    m->st[m->sp - 1] = m->st[m->sp - 2];
    m->st[m->sp - 2] = t;
}
OP(o_load)
{
    m->st[m->sp++] = m->var[m->code[m->pc++]];
}
OP(o_store)
{
    m->var[m->code[m->pc++]] = m->st[--m->sp];
}
OP(o_jnz)
{
    int t = m->code[m->pc++];
    if (m->st[--m->sp])
        m->pc = t;
}
OP(o_dec)
{
    m->var[m->code[m->pc++]]--;
}
OP(o_xork)
{
    m->st[m->sp - 1] ^= m->code[m->pc++];
}
OP(o_halt)
{
    m->run = 0;
}
static op table[NOPS] = {o_push, o_add,   o_sub, o_mul, o_dup,  o_swap,
                         o_load, o_store, o_jnz, o_dec, o_xork, o_halt};
static const int32_t prog[] = {PUSH, 1, STORE, 1,
                               /* 4: loop */
                               LOAD, 1, PUSH, 1103515, MUL, LOAD, 0, ADD, XORK,
                               12345, DUP, PUSH, 7, SUB, SWAP, PUSH, 2, MUL,
                               ADD, STORE, 1, DEC, 0, LOAD, 0, JNZ, 4, HALT};
NOINLINE static int64_t run_table(int64_t n)
{
    struct vm m = {.run = 1, .code = prog};
    m.var[0] = n;
    while (m.run)
        table[m.code[m.pc++]](&m);
    return m.var[1];
}
NOINLINE static int64_t run_switch(int64_t n)
{
    struct vm m = {.run = 1, .code = prog};
    m.var[0] = n;
    uint64_t a;
    int64_t t;
    for (;;)
        switch (m.code[m.pc++]) {
        case PUSH: m.st[m.sp++] = m.code[m.pc++]; break;
        case ADD:
            m.sp--;
            m.st[m.sp - 1] += m.st[m.sp];
            break;
        case SUB:
            m.sp--;
            m.st[m.sp - 1] -= m.st[m.sp];
            break;
        case MUL:
            m.sp--;
            a = (uint64_t)m.st[m.sp - 1] * (uint64_t)m.st[m.sp];
            m.st[m.sp - 1] = (int64_t)a;
            break;
        case DUP:
            m.st[m.sp] = m.st[m.sp - 1];
            m.sp++;
            break;
        case SWAP:
            t = m.st[m.sp - 1];
            m.st[m.sp - 1] = m.st[m.sp - 2];
            m.st[m.sp - 2] = t;
            break;
        case LOAD: m.st[m.sp++] = m.var[m.code[m.pc++]]; break;
        case STORE: m.var[m.code[m.pc++]] = m.st[--m.sp]; break;
        case JNZ:
            t = m.code[m.pc++];
            if (m.st[--m.sp])
                m.pc = (int)t;
            break;
        case DEC: m.var[m.code[m.pc++]]--; break;
        case XORK: m.st[m.sp - 1] ^= m.code[m.pc++]; break;
        case HALT: return m.var[1];
        }
}
int main(void)
{
    volatile int64_t n = 1000000 * BENCH_SCALE;
    int64_t a = run_table(n), b = run_switch(n * 2), c = run_switch(n);
    if (a != c)
        return 1;
    return BENCH_DONE("vmloop", (uint64_t)(a ^ b));
}
