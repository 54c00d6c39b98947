/*
 * What compiling any function goes through, in one translation unit: so that a
 * C compiler sees the encoder where instructions are chosen.  The files below
 * are not compiled on their own; the Makefile looks here which they are.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
/* NOLINTBEGIN(bugprone-suspicious-include) */
#include "jit/x64/encode.c"
#include "jit/x64/masm.c"

#include "jit/assign.c"
#include "jit/call.c"
#include "jit/code.c"
#include "jit/compile.c"
#include "jit/control.c"
#include "jit/int.c"
#include "jit/mem.c"
#include "jit/operand.c"
#include "jit/params.c"
#include "jit/var.c"
#include "jit/walk.c"
/* NOLINTEND(bugprone-suspicious-include) */
