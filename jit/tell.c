/*
 * Telling about machine code that has been made.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/tell.h"

#include <stdio.h>

void jit_tell_code(struct wrt_native *native, const struct jit_made *made,
                   const struct jit_func *func, uint32_t start, uint32_t len)
{
    const struct wrt_code_debug *debug = &native->options.debug;
    wasmrt_code_event event = {.len = len, .func = UINT32_MAX};
    char text[64];

    if (WRT_LIKELY(!jit_has_listeners(native)))
        return;
    event.address = native->range.base + jit_code_at(native, start);
    if (func) {
        event.func = func->func_idx;
        event.name = wrt_module_func_name(native->module, event.func);
        snprintf(text, sizeof(text), "func[%u]", (unsigned)event.func);
    } else {
        snprintf(text, sizeof(text), "[%s]", made->what);
    }
    if (!event.name)
        event.name = text;
    if (debug->on_code)
        debug->on_code(debug->on_code_user, &event);
    if (debug->has_debugger)
        jit_gdb_tell(native, made, &event);
}
