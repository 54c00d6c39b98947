/*
 * Objects of the heap, for the emitters.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef JIT_OBJECT_H
#define JIT_OBJECT_H

#include "jit/emit.h"

/* What is emitted next follows a reference that the current instruction is
 * about. */
void jit_note_object(struct jit *j);

/* Whether it refers to functions, which objects hold as numbers. */
bool jit_is_func_ref(const struct jit *j, wrt_valtype type);

#endif
