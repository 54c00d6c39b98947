/*
 * Names and descriptions of the features, for errors and for the CLI.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/module/features.h"

const struct wrt_feature_info wrt_feature_infos[WRT_FEATURE_COUNT] = {
#define FEATURE(name, option, on, text) {option, text},
#include "runtime/module/features.def"
#undef FEATURE
};

wasmrt_error *wrt_feature_error(enum wrt_feature_idx idx, uint64_t offset)
{
    const char *option = wrt_feature_infos[idx].option;

    return wrt_error_new(WASMRT_ERR_FEATURE_OFF, offset, "%s (--enable=%s)",
                         option, option);
}
