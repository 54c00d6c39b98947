/*
 * Validation of typed references, aggregates and exceptions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/module/validator.h"

wasmrt_error *wrt_validate_ref(struct wrt_validator *v)
{
    enum wrt_op op = v->insn.op;

    return wrt_feature_error((enum wrt_feature_idx)wrt_op_infos[op].feature,
                             wrt_validator_offset(v));
}
