/*
 * What a TRACE tells, in its imm32: one of these, and a slot above it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_INTERP_TRACE_H
#define WRT_INTERP_TRACE_H

enum wrt_traced {
    WRT_TRACED_BEGIN,  /* of the function; parameters from slot 0 */
    WRT_TRACED_RETURN, /* slot: the first result */
    WRT_TRACED_INSN,
    WRT_TRACED_LOAD,  /* slot: the address */
    WRT_TRACED_STORE, /* slot: the address; then the value */
    WRT_TRACED_BITS = 3
};

#endif
