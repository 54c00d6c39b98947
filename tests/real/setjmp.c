/*
 * What clang calls for setjmp() and longjmp() in a guest.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>

enum { C_LONGJMP = 1 }; /* the compiler's number for the tag __c_longjmp */

void __wasm_setjmp(struct jump_place *place, unsigned label, void *invocation);
unsigned __wasm_setjmp_test(struct jump_place *place, void *invocation);
void __wasm_longjmp(struct jump_place *place, int value);

void __wasm_setjmp(struct jump_place *place, unsigned label, void *invocation)
{
    place->invocation = invocation;
    place->label = label;
}

/* The label to go on at, or 0 when the jump leads to another invocation. */
unsigned __wasm_setjmp_test(struct jump_place *place, void *invocation)
{
    return place->invocation == invocation ? place->label : 0;
}

void __wasm_longjmp(struct jump_place *place, int value)
{
    place->thrown.place = place;
    place->thrown.value = value ? value : 1;
    __builtin_wasm_throw(C_LONGJMP, &place->thrown);
}
