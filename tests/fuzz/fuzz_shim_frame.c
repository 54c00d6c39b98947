/*
 * ttrpc: arbitrary bytes as a connection's input, cut where the bytes say. Each
 * frame that comes out is unpacked as a request.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/frame.h"
#include "shim/message.h"
#include "shim/proto/ttrpc.pb-c.h"
#include "tests/fuzz/reach.h"

#include <stdlib.h>

static void take_frame(const struct frame_reader *reader)
{
    Pb__Request *request = message_unpack(&pb__request__descriptor,
                                          reader->body, reader->head.len);

    reach(request ? "request" : "frame that is no request");
    message_free(request);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct frame_reader reader = {0};

    while (size > 1) {
        size_t part = (size_t)data[0] + 1, left;
        const uint8_t *at = data + 1;

        part = part < size - 1 ? part : size - 1;
        left = part;
        while (left > 0) {
            size_t before = left;
            enum frame_event event = frame_read(&reader, &at, &left);

            if (event == FRAME_READY)
                take_frame(&reader);
            else if (event == FRAME_TOO_LONG)
                reach("too long");
            if (left > before || (left == before && event == FRAME_MORE))
                abort(); /* it must use bytes up */
        }
        data += part + 1;
        size -= part + 1;
    }
    frame_reader_fini(&reader);
    return 0;
}
