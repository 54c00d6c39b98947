/*
 * Points in time as protobuf has them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SHIM_TIMESTAMP_H
#define SHIM_TIMESTAMP_H

#include "shim/proto/ttrpc.pb-c.h"

Pb__Timestamp timestamp_now(void);

#endif
