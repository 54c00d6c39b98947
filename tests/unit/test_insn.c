/*
 * The opcode table and the instruction iterator.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/module/insn.h"

#include "tests/lib/test.h"
#include "tests/unit/modules.h"

#include <stdlib.h>

/* The row that bytes lead to. */
static enum wrt_op by_code(uint32_t code)
{
    if (code < 0x100)
        return (enum wrt_op)wrt_op_by_byte[code];
    return wrt_op_by_prefix((uint8_t)(code >> 12), code & 0xfff);
}

TEST(opcode_rows_are_found_by_their_code)
{
    for (int op = 1; op < WRT_OP_COUNT; op++) {
        const struct wrt_op_info *info = &wrt_op_infos[op];

        if (by_code(info->code) != (enum wrt_op)op)
            FAIL("%s (0x%x) is not found", info->text, info->code);
        CHECK(op == 1 || info->code > info[-1].code);
        CHECK(info->feature < WRT_FEATURE_COUNT);
    }
    CHECK_EQ(wrt_op_by_byte[0xff], WRT_OP_NONE);
    CHECK_EQ(wrt_op_by_prefix(0xfa, 0), WRT_OP_NONE);
    CHECK_EQ(wrt_op_by_prefix(0xfc, 64), WRT_OP_NONE);
    CHECK_EQ(wrt_op_by_prefix(0xfe, 128), WRT_OP_NONE);
    CHECK_EQ(wrt_op_by_prefix(0xff, 0), WRT_OP_NONE);
    CHECK_EQ(wrt_op_by_prefix(0xfd, UINT32_MAX), WRT_OP_NONE);
}

TEST(opcode_signatures_are_well_formed)
{
    for (int op = 1; op < WRT_OP_COUNT; op++) {
        const char *signature = wrt_op_infos[op].signature;
        const char *colon;

        if (!signature[0])
            continue;
        colon = strchr(signature, ':');
        if (strspn(signature, "ilfdvp:") != strlen(signature) || !colon ||
            strchr(colon + 1, ':') || colon - signature > 4 ||
            strlen(colon) > 3)
            FAIL("%s: %s", wrt_op_infos[op].text, signature);
    }
}

static struct wrt_insn read_hex(const char *hex, struct wrt_reader *r,
                                uint8_t **bytes)
{
    static const struct wrt_module none = {0};
    struct wrt_insn insn;
    size_t len;

    *bytes = bytes_from_hex(hex, &len);
    wrt_reader_init(r, *bytes, len);
    wrt_read_bytes(r, 8);
    memset(&insn, 0xff, sizeof(insn));
    wrt_insn_read(&none, r, &insn);
    return insn;
}

/* Reads bytes that make one instruction. */
static struct wrt_insn read_one(const char *hex)
{
    struct wrt_reader r;
    uint8_t *bytes;
    struct wrt_insn insn = read_hex(hex, &r, &bytes);

    if (r.failed || r.pos != r.end)
        FAIL("%s: %s", hex, wasmrt_code_text(r.failed));
    free(bytes);
    return insn;
}

TEST(insn_reads_immediates)
{
    struct wrt_insn insn;

    CHECK_EQ(read_one("01").op, WRT_OP_NOP);
    CHECK_EQ(read_one("0240").imm.block.form, WRT_BLOCK_EMPTY);
    insn = read_one("037e");
    CHECK_EQ(insn.op, WRT_OP_LOOP);
    CHECK_EQ(insn.imm.block.form, WRT_BLOCK_VALUE);
    CHECK_EQ(insn.imm.block.value, WRT_KIND_I64);
    insn = read_one("04 8001");
    CHECK_EQ(insn.imm.block.form, WRT_BLOCK_TYPE);
    CHECK_EQ(insn.imm.block.type_idx, 128);
    CHECK_EQ(read_one("0c05").imm.index, 5);
    CHECK_EQ(read_one("10 ff01").imm.index, 255);
    insn = read_one("110203");
    CHECK_EQ(insn.imm.index, 2);
    CHECK_EQ(insn.imm.index2, 3);
    CHECK_EQ(read_one("1c017f").imm.type, WRT_KIND_I32);
    CHECK_EQ((int64_t)read_one("417f").imm.bits, -1);
    CHECK_EQ(read_one("42 ffffffffffffffffff00").imm.bits, INT64_MAX);
    CHECK_EQ(read_one("43 0000803f").imm.bits, 0x3f800000);
    CHECK_EQ(read_one("44 000000000000f0bf").imm.bits, 0xbff0000000000000);
    insn = read_one("28 02 8008");
    CHECK_EQ(insn.imm.memarg.align_log2, 2);
    CHECK_EQ(insn.imm.memarg.offset, 1024);
    CHECK_EQ(insn.imm.memarg.memory_idx, 0);
    insn = read_one("37 43 07 ffffffffffffffffff01");
    CHECK_EQ(insn.imm.memarg.align_log2, 3);
    CHECK_EQ(insn.imm.memarg.memory_idx, 7);
    CHECK_EQ(insn.imm.memarg.offset, UINT64_MAX);
    CHECK_EQ(read_one("d06f").imm.type, WRT_EXTERNREF);
    insn = read_one("fc08 0102");
    CHECK_EQ(insn.op, WRT_OP_MEMORY_INIT);
    CHECK_EQ(insn.imm.index, 1);
    CHECK_EQ(insn.imm.index2, 2);
    CHECK_EQ(read_one("fb146e").imm.type, WRT_REF(WRT_HEAP_ANY, false));
    CHECK_EQ(read_one("fb156e").imm.type, WRT_REF(WRT_HEAP_ANY, true));
    insn = read_one("fb18 02 05 6e6d");
    CHECK_EQ(insn.imm.cast.label, 5);
    CHECK_EQ(insn.imm.cast.from, WRT_REF(WRT_HEAP_ANY, false));
    CHECK_EQ(insn.imm.cast.to, WRT_REF(WRT_HEAP_EQ, true));
    insn = read_one("fd54 00 08 0f");
    CHECK_EQ(insn.op, WRT_OP_V128_LOAD8_LANE);
    CHECK_EQ(insn.imm.memarg.offset, 8);
    CHECK_EQ(insn.imm.memarg.lane, 15);
    CHECK_EQ(read_one("fd1503").imm.index, 3);
    CHECK_EQ(read_one("fe0300").op, WRT_OP_ATOMIC_FENCE);
    /* Lowering stores two indices for all that have some. */
    CHECK_EQ(read_one("3f00").imm.index2, 0);
    CHECK_EQ(read_one("fc0b00").imm.index2, 0);
    /* LEB128 of the number behind a prefix may be long. */
    CHECK_EQ(read_one("fd8082808000").op, WRT_OP_I8X16_RELAXED_SWIZZLE);
}

TEST(insn_leaves_vectors_for_a_second_reading)
{
    struct wrt_reader r;
    struct wrt_catch clause;
    uint8_t *bytes;
    struct wrt_insn insn = read_hex("0e 03 00 8001 02 05", &r, &bytes);

    CHECK_EQ(r.failed, WASMRT_ERR_NONE);
    CHECK(r.pos == r.end);
    CHECK_EQ(insn.imm.count, 3);
    r.pos = insn.imm.targets;
    CHECK_EQ(wrt_read_u32(&r), 0);
    CHECK_EQ(wrt_read_u32(&r), 128);
    CHECK_EQ(wrt_read_u32(&r), 2);
    CHECK_EQ(wrt_read_u32(&r), 5);
    free(bytes);
    insn = read_hex("1f 7f 02 000701 0302", &r, &bytes);
    CHECK_EQ(r.failed, WASMRT_ERR_NONE);
    CHECK_EQ(insn.imm.try_table.block.value, WRT_KIND_I32);
    CHECK_EQ(insn.imm.block.value, WRT_KIND_I32);
    CHECK_EQ(insn.imm.try_table.ncatches, 2);
    r.pos = insn.imm.try_table.catches;
    wrt_catch_read(&r, &clause);
    CHECK_EQ(clause.kind, WRT_CATCH);
    CHECK_EQ(clause.tag, 7);
    CHECK_EQ(clause.label, 1);
    wrt_catch_read(&r, &clause);
    CHECK_EQ(clause.kind, WRT_CATCH_ALL_REF);
    CHECK_EQ(clause.label, 2);
    free(bytes);
    insn = read_hex("fd0c 000102030405060708090a0b0c0d0e0f", &r, &bytes);
    CHECK_EQ(r.failed, WASMRT_ERR_NONE);
    CHECK_EQ(insn.imm.bytes[15], 15);
    free(bytes);
}

TEST(insn_fails_at_the_place_of_the_failure)
{
    static const struct {
        const char *hex;
        wasmrt_code code;
        size_t at;
    } rows[] = {
        {"", WASMRT_ERR_UNEXPECTED_END, 0},
        {"ff", WASMRT_ERR_BAD_OPCODE, 0},
        {"27", WASMRT_ERR_BAD_OPCODE, 0},
        {"fc40", WASMRT_ERR_BAD_OPCODE, 0},
        {"fc", WASMRT_ERR_UNEXPECTED_END, 1},
        {"fcffffffffff", WASMRT_ERR_LEB_TOO_LONG, 1},
        {"02", WASMRT_ERR_UNEXPECTED_END, 1},
        {"0241", WASMRT_ERR_BAD_VALUE_TYPE, 1},
        {"02ff7f", WASMRT_ERR_BAD_BLOCK_TYPE, 1},
        {"0e05000000", WASMRT_ERR_UNEXPECTED_END, 2},
        {"1c02", WASMRT_ERR_INVALID_RESULT_ARITY, 1},
        {"288001", WASMRT_ERR_BAD_MEMOP_FLAGS, 3},
        {"43000000", WASMRT_ERR_UNEXPECTED_END, 1},
        {"d000", WASMRT_ERR_UNKNOWN_TYPE, 2},
        {"d040", WASMRT_ERR_BAD_REF_TYPE, 1},
        {"fb1804", WASMRT_ERR_BAD_CAST_FLAGS, 2},
        {"1f40 01 04", WASMRT_ERR_BAD_CATCH, 3},
        {"fe0301", WASMRT_ERR_ZERO_BYTE, 2},
        {"fd0c00", WASMRT_ERR_UNEXPECTED_END, 2},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct wrt_reader r;
        uint8_t *bytes;

        read_hex(rows[i].hex, &r, &bytes);
        if (r.failed != rows[i].code || wrt_reader_offset(&r) != 8 + rows[i].at)
            FAIL("%s: %s at %u", rows[i].hex, wasmrt_code_text(r.failed),
                 (unsigned)wrt_reader_offset(&r) - 8);
        free(bytes);
    }
}
