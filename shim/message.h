/*
 * Protobuf messages, in and out.
 *
 * A guard stands in front of protobuf-c: what would cost far more memory than
 * it has bytes, or nests deeper than any message of ours, is refused before
 * anything is allocated.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SHIM_MESSAGE_H
#define SHIM_MESSAGE_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    MESSAGE_MAX_DEPTH = 8,
    MESSAGE_MAX_FIELDS = 16384 /* in all, nested ones included */
};

/* Whether bytes are well-formed for a message and within the limits. */
bool message_check(const ProtobufCMessageDescriptor *type, const uint8_t *bytes,
                   size_t len);

/* The message, owned by the caller; NULL when message_check() refuses it or it
 * does not decode. */
void *message_unpack(const ProtobufCMessageDescriptor *type,
                     const uint8_t *bytes, size_t len);

/* NULL is allowed.  `message` points at a message struct. */
void message_free(void *message);

/* Packs into fresh memory behind `head_bytes` free bytes. */
uint8_t *message_pack(const void *message, size_t head_bytes, size_t *len_out);

/* A field of type bytes that borrows a message packed into fresh memory. */
ProtobufCBinaryData message_pack_bytes(const void *message);

#endif
