/*
 * Bytes of the binary format that the encoder writes and the printer reads
 * (spec 5.3, 5.5); opcodes are in opcode.def, names of one-byte types in
 * types.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_TEXT_BYTES_H
#define WRT_TEXT_BYTES_H

/* First bytes of types. */
enum {
    BYTE_REF_NULL = 0x63,
    BYTE_REF = 0x64,
    BYTE_FUNC = 0x60,
    BYTE_STRUCT = 0x5f,
    BYTE_ARRAY = 0x5e,
    BYTE_SUB = 0x50,
    BYTE_SUB_FINAL = 0x4f,
    BYTE_REC = 0x4e,
    BYTE_EMPTY = 0x40,
    BYTE_FUNCREF = 0x70,
    BYTE_I8 = 0x78,
    BYTE_I16 = 0x77,
};

/* Flags of limits (spec 5.3.9). */
enum {
    LIMITS_HAS_MAX = 1,
    LIMITS_SHARED = 2,
    LIMITS_64 = 4,
    LIMITS_PAGE_SIZE = 8,
};

/* Before the type of a table that has an initial value, with a zero byte. */
enum { TABLE_WITH_INIT = 0x40 };

/* Bits of an element segment's flags (spec 5.5.12). */
enum {
    ELEM_NOT_ACTIVE = 1,
    ELEM_EXPLICIT = 2, /* active: a table index; else: declared */
    ELEM_EXPRS = 4,
};

/* Flags of a data segment (spec 5.5.14). */
enum { DATA_ACTIVE, DATA_PASSIVE, DATA_ACTIVE_EXPLICIT };

/* Flags of br_on_cast: which of the types hold null. */
enum { CAST_FROM_NULL = 1, CAST_TO_NULL = 2 };

#endif
