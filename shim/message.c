/*
 * The guard walks the wire format beside the descriptor, without recursion: the
 * ends of the messages that it is in are on a small stack.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/message.h"

#include "shim/memory.h"

#include <string.h>

enum wire { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5 };

struct cursor {
    const uint8_t *at, *end;
};

static bool read_varint(struct cursor *c, uint64_t *out)
{
    uint64_t value = 0;

    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (c->at == c->end)
            return false;
        value |= (uint64_t)(*c->at & 0x7f) << shift;
        if (!(*c->at++ & 0x80)) {
            *out = value;
            return true;
        }
    }
    return false;
}

static bool skip(struct cursor *c, uint64_t len)
{
    if (len > (uint64_t)(c->end - c->at))
        return false;
    c->at += len;
    return true;
}

/* The message type of a field, or NULL when it holds none. */
static const ProtobufCMessageDescriptor *
nested_type(const ProtobufCMessageDescriptor *type, uint64_t id)
{
    const ProtobufCFieldDescriptor *field;

    if (id > UINT32_MAX)
        return NULL;
    field = protobuf_c_message_descriptor_get_field(type, (unsigned)id);
    return field && field->type == PROTOBUF_C_TYPE_MESSAGE ? field->descriptor
                                                           : NULL;
}

/* Reads a field that is no message of ours whole; for one that is, stops at its
 * first byte with *len_out set and *type_out not NULL. */
static bool read_field(struct cursor *c, const ProtobufCMessageDescriptor *type,
                       const ProtobufCMessageDescriptor **type_out,
                       uint64_t *len_out)
{
    uint64_t key, value;

    *type_out = NULL;
    if (!read_varint(c, &key) || key >> 3 == 0)
        return false;
    switch (key & 7) {
    case WIRE_VARINT: return read_varint(c, &value);
    case WIRE_64: return skip(c, 8);
    case WIRE_32: return skip(c, 4);
    case WIRE_BYTES: break;
    default: return false; /* groups were given up before proto3 */
    }
    if (!read_varint(c, len_out) || *len_out > (uint64_t)(c->end - c->at))
        return false;
    *type_out = nested_type(type, key >> 3);
    return *type_out || skip(c, *len_out);
}

bool message_check(const ProtobufCMessageDescriptor *type, const uint8_t *bytes,
                   size_t len)
{
    const ProtobufCMessageDescriptor *types[MESSAGE_MAX_DEPTH] = {type};
    const uint8_t *ends[MESSAGE_MAX_DEPTH] = {bytes + len};
    struct cursor c = {bytes, bytes + len};
    int depth = 0, fields = 0;

    for (;;) {
        const ProtobufCMessageDescriptor *inner;
        uint64_t inner_len;

        while (c.at == ends[depth]) {
            if (depth-- == 0)
                return true;
            c.end = ends[depth];
        }
        if (++fields > MESSAGE_MAX_FIELDS ||
            !read_field(&c, types[depth], &inner, &inner_len))
            return false;
        if (inner) {
            if (++depth == MESSAGE_MAX_DEPTH)
                return false;
            types[depth] = inner;
            ends[depth] = c.end = c.at + inner_len;
        }
    }
}

void *message_unpack(const ProtobufCMessageDescriptor *type,
                     const uint8_t *bytes, size_t len)
{
    if (len != 0 && !message_check(type, bytes, len)) /* NULL when empty */
        return NULL;
    return protobuf_c_message_unpack(type, NULL, len, bytes);
}

void message_free(void *message)
{
    if (message)
        protobuf_c_message_free_unpacked(message, NULL);
}

uint8_t *message_pack(const void *message, size_t head_bytes, size_t *len_out)
{
    size_t len = protobuf_c_message_get_packed_size(message);
    uint8_t *out = mem_alloc(head_bytes + len + 1);

    protobuf_c_message_pack(message, out + head_bytes);
    *len_out = len;
    return out;
}

ProtobufCBinaryData message_pack_bytes(const void *message)
{
    ProtobufCBinaryData data;

    data.data = message_pack(message, 0, &data.len);
    return data;
}
