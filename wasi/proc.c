/*
 * The guest as a process.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "wasi/call.h"

enum p1_errno p1_proc_exit(struct p1_call *c)
{
    c->end = wasmrt_error_new_exit(c->args[0].i32);
    return P1_SUCCESS;
}

/*
 * Not supported, as in every runtime today: preview1 defines no signal numbers
 * that toolchains agree on, and a guest that means to end has proc_exit and the
 * unreachable instruction.
 */
enum p1_errno p1_proc_raise(struct p1_call *c)
{
    (void)c;
    return P1_NOTSUP;
}

enum p1_errno p1_sched_yield(struct p1_call *c)
{
    (void)c;
    p1_os_yield();
    return P1_SUCCESS;
}
