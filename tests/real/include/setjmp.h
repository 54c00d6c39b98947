/*
 * setjmp() for wasm32-wasi, which this version of its C library lacks.  The
 * compiler turns both into exceptions (-wasm-enable-sjlj) and calls what is in
 * setjmp.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_TESTS_REAL_SETJMP_H
#define WRT_TESTS_REAL_SETJMP_H

struct jump_place {
    void *invocation; /* of the function that called setjmp */
    unsigned label;   /* which of its calls */
    struct {          /* what the exception carries */
        void *place;
        int value;
    } thrown;
};

typedef struct jump_place jmp_buf[1];

int setjmp(jmp_buf place) __attribute__((returns_twice));
_Noreturn void longjmp(jmp_buf place, int value);

#endif
