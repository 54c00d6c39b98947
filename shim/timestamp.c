/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/timestamp.h"

#include <time.h>

Pb__Timestamp timestamp_now(void)
{
    Pb__Timestamp stamp = PB__TIMESTAMP__INIT;
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    stamp.seconds = now.tv_sec;
    stamp.nanos = (int32_t)now.tv_nsec;
    return stamp;
}
