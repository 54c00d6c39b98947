/*
 * Features as bits of one word.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_MODULE_FEATURES_H
#define WRT_MODULE_FEATURES_H

#include "runtime/base/error.h"

/* Position of each feature; WRT_FEATURE_* below are the bits. */
enum wrt_feature_idx {
#define FEATURE(name, option, on, text) WRT_FEATURE_IDX_##name,
#include "runtime/module/features.def"
#undef FEATURE
    WRT_FEATURE_COUNT
};

typedef uint32_t wrt_features;

enum wrt_feature {
#define FEATURE(name, option, on, text)                                        \
    WRT_FEATURE_##name = 1 << WRT_FEATURE_IDX_##name,
#include "runtime/module/features.def"
#undef FEATURE
};

/* No feature: keeps the validator out of its hot loop, so that tests can
 * compare the two ways. */
#define WRT_FEATURES_NO_HOT_LOOP ((wrt_features)1 << 31)

_Static_assert(WRT_FEATURE_COUNT < 31, "features leave the last bit alone");

/* What is on by default. */
#define FEATURE(name, option, on, text) ((on) ? WRT_FEATURE_##name : 0) |
enum {
    WRT_FEATURES_DEFAULT =
#include "runtime/module/features.def"
        0
};
#undef FEATURE

/* Every feature: for looking at modules rather than running them. */
#define WRT_FEATURES_ALL                                                       \
    ((wrt_features)(((uint64_t)1 << WRT_FEATURE_COUNT) - 1))

struct wrt_feature_info {
    const char *option;
    const char *text;
};

/* One row per feature, indexed by enum wrt_feature_idx. */
extern const struct wrt_feature_info wrt_feature_infos[WRT_FEATURE_COUNT];

/* The error for a module that needs a feature that is off. */
WRT_MUST_USE WRT_NONNULL_RESULT wasmrt_error *
wrt_feature_error(enum wrt_feature_idx idx, uint64_t offset);

#endif
