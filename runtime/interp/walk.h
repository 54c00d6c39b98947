/*
 * Walks over the frames of one entry.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_INTERP_WALK_H
#define WRT_INTERP_WALK_H

#include "runtime/interp/code.h"

/* The code at the iterator's place, stubs included, with the instance corrected
 * to the one that runs it.  Never NULL before the walk's end. */
const struct wrt_icode *wrt_walk_code(struct wrt_frame_iter *iter);

/* From a frame, whose code this is, to its caller's.  False at the end of the
 * entry. */
bool wrt_walk_step(struct wrt_frame_iter *iter, const struct wrt_icode *code);

/* next_frame of the backend. */
bool wrt_interp_next_frame(struct wrt_frame_iter *iter, bool first);

#endif
