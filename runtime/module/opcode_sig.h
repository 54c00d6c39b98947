/*
 * Signatures of opcode.def's rows, read by the compiler: constant expressions
 * over the column "params:results", or NULL.  For tables that are made of rows.
 *
 * Included by the few files that make such tables.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_MODULE_OPCODE_SIG_H
#define WRT_MODULE_OPCODE_SIG_H

#include "runtime/module/opcode.h"

/* The kind that a letter names. */
#define WRT_SIG_KIND(c)                                                        \
    ((c) == 'i' || (c) == 'p' ? WRT_KIND_I32                                   \
     : (c) == 'l'             ? WRT_KIND_I64                                   \
     : (c) == 'f'             ? WRT_KIND_F32                                   \
     : (c) == 'd'             ? WRT_KIND_F64                                   \
     : (c) == 'v'             ? WRT_KIND_V128                                  \
                              : WRT_KIND_BOT)

/* The string with its quotes, or "NULL", padded so that every index below is in
 * it. */
#define WRT_SIG_TEXT(sig) (#sig "........")

/* Where the colon is, behind at most two parameters; 0: elsewhere or nowhere.
 */
#define WRT_SIG_COLON(sig)                                                     \
    (WRT_SIG_TEXT(sig)[1] == ':'   ? 1                                         \
     : WRT_SIG_TEXT(sig)[2] == ':' ? 2                                         \
     : WRT_SIG_TEXT(sig)[3] == ':' ? 3                                         \
                                   : 0)

/* These hold for signatures that have such a colon. */
#define WRT_SIG_NPARAMS(sig)                                                   \
    ((uint8_t)(WRT_SIG_COLON(sig) ? WRT_SIG_COLON(sig) - 1 : 0))
#define WRT_SIG_NRESULTS(sig)                                                  \
    (WRT_SIG_COLON(sig) == 0 || WRT_SIG_RESULT_CHAR(sig) == '"' ? 0            \
     : WRT_SIG_TEXT(sig)[WRT_SIG_COLON(sig) + 2] == '"'         ? 1            \
                                                                : 2)
#define WRT_SIG_RESULT_CHAR(sig) (WRT_SIG_TEXT(sig)[WRT_SIG_COLON(sig) + 1])
#define WRT_SIG_RESULT(sig)      WRT_SIG_KIND(WRT_SIG_RESULT_CHAR(sig))
/* The topmost operand, and the one below. */
#define WRT_SIG_UPPER(sig) WRT_SIG_KIND(WRT_SIG_TEXT(sig)[WRT_SIG_NPARAMS(sig)])
#define WRT_SIG_LOWER(sig)                                                     \
    (WRT_SIG_NPARAMS(sig) == 2 ? WRT_SIG_KIND(WRT_SIG_TEXT(sig)[1])            \
                               : WRT_KIND_BOT)

/* The kind of the last result, whatever the number of parameters. */
#define WRT_SIG_LAST(sig) WRT_SIG_KIND(#sig[sizeof(#sig) - 3])

/* The string as an array of eight, empty for NULL. */
#define WRT_SIG_CHAR(sig, n)                                                   \
    (#sig[0] == '"' && (n) + 3 < sizeof(#sig) ? WRT_SIG_TEXT(sig)[(n) + 1] : 0)
#define WRT_SIG_CHARS(sig)                                                     \
    {WRT_SIG_CHAR(sig, 0), WRT_SIG_CHAR(sig, 1), WRT_SIG_CHAR(sig, 2),         \
     WRT_SIG_CHAR(sig, 3), WRT_SIG_CHAR(sig, 4), WRT_SIG_CHAR(sig, 5),         \
     WRT_SIG_CHAR(sig, 6), WRT_SIG_CHAR(sig, 7)}

/* Whether immediates (WRT_IMM_*) are a memory argument. */
#define WRT_IMM_IS_MEMARG(imm)                                                 \
    ((imm) >= WRT_IMM_MEMARG0 && (imm) <= WRT_IMM_MEMARG4)

#endif
