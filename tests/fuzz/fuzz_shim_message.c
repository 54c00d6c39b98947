/*
 * Protobuf: arbitrary bytes as each message that containerd may send; the first
 * byte chooses.  What the guard accepts must decode, but for what it leaves to
 * protobuf-c, and must pack again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/message.h"
#include "shim/proto/events.pb-c.h"
#include "shim/proto/start.pb-c.h"
#include "shim/proto/task.pb-c.h"
#include "shim/runtime_options.h"
#include "tests/fuzz/reach.h"

#include <stdlib.h>

static const ProtobufCMessageDescriptor *const types[] = {
    &pb__create_request__descriptor,   &pb__process_request__descriptor,
    &pb__kill_request__descriptor,     &pb__close_iorequest__descriptor,
    &pb__shutdown_request__descriptor, &pb__request__descriptor,
    &pb__response__descriptor,         &pb__bootstrap_params__descriptor,
    &pb__forward_request__descriptor,  &pb__runtime_options__descriptor};

static void read_options(void *message)
{
    const Pb__CreateRequest *create = message;
    struct runtime_options options;
    struct fault fault;

    if (create->options)
        reach(runtime_options_read(&options, create->options, &fault)
                  ? "options"
                  : "options refused");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const ProtobufCMessageDescriptor *type;
    uint8_t *bytes;
    size_t len;
    void *message;

    if (size == 0)
        return -1;
    type = types[data[0] % (sizeof(types) / sizeof(*types))];
    if (!message_check(type, data + 1, size - 1)) {
        reach("refused by the guard");
        return 0;
    }
    message = message_unpack(type, data + 1, size - 1);
    reach(message ? type->short_name : "refused by protobuf-c");
    if (!message)
        return 0;
    if (type == &pb__create_request__descriptor)
        read_options(message);
    bytes = message_pack(message, 0, &len);
    free(bytes);
    message_free(message);
    return 0;
}
