/*
 * The encoder for x86-64 against a disassembler: every register in every place,
 * and operands whose encoding is special.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "jit/masm.h"
#include "tests/lib/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Numbers of x86-64 registers, as in jit/x64. */
enum { FIRST_FLOAT = JIT_FIRST_FLOAT, REGS = 16, RSP = 4 };

static const char *const names64[] = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp",
                                      "rsi", "rdi", "r8",  "r9",  "r10", "r11",
                                      "r12", "r13", "r14", "r15"};
static const char *const names32[] = {
    "eax", "ecx", "edx",  "ebx",  "esp",  "ebp",  "esi",  "edi",
    "r8d", "r9d", "r10d", "r11d", "r12d", "r13d", "r14d", "r15d"};

static struct jit_asm code;
static char *wanted;
static size_t wanted_len;
static FILE *want;

static void begin(void)
{
    code = (struct jit_asm){.alloc = &wrt_alloc_libc};
    want = open_memstream(&wanted, &wanted_len);
    CHECK(want != NULL);
}

static const char *name(bool is_64, int reg)
{
    return (is_64 ? names64 : names32)[reg];
}

/* Runs objdump over what was emitted and compares line by line. */
static void compare(void)
{
    char line[256], expected[256];
    char *next;
    FILE *file = fopen("code.bin", "wb"), *listing;
    long count = 0;

    fclose(want);
    next = wanted;
    CHECK(!code.failed);
    fwrite(code.start, 1, jit_asm_pos(&code), file);
    fclose(file);
    listing = popen("objdump -D -b binary -mi386:x86-64 -M intel "
                    "--no-show-raw-insn code.bin | "
                    "sed -n 's/^ *[0-9a-f]*:[ \t]*//p' | "
                    "sed 's/  */ /g; s/ *$//; s/ *#.*//'",
                    "r");
    CHECK(listing != NULL);
    while (fgets(line, sizeof(line), listing)) {
        size_t len = strcspn(next, "\n");

        snprintf(expected, sizeof(expected), "%.*s\n", (int)len, next);
        next += len + (next[len] == '\n');
        CHECK_STR_EQ(line, expected);
        count++;
    }
    pclose(listing);
    CHECK_EQ(*next, '\0');
    printf("%ld instructions\n", count);
    jit_asm_fini(&code);
    free(wanted);
}

static bool has_objdump(void)
{
    return system("objdump --version >/dev/null 2>&1") == 0;
}

#define NEED_OBJDUMP()                                                         \
    if (!has_objdump())                                                        \
    SKIP("no objdump")

static struct jit_operand reg_operand(int reg)
{
    return (struct jit_operand){.form = JIT_REG, .reg = (jit_reg)reg};
}

static struct jit_operand imm_operand(int32_t imm)
{
    return (struct jit_operand){.form = JIT_IMM, .imm = imm};
}

TEST(x64_arithmetic_of_all_registers)
{
    static const struct {
        enum jit_alu op;
        const char *text;
    } ops[] = {{JIT_ADD, "add"}, {JIT_SUB, "sub"}, {JIT_AND, "and"},
               {JIT_OR, "or"},   {JIT_XOR, "xor"}, {JIT_MUL, "imul"}};

    NEED_OBJDUMP();
    begin();
    for (size_t i = 0; i < WRT_COUNTOF(ops); i++) {
        for (int n = 0; n < 2 * REGS * REGS; n++) {
            bool w = n & 1;
            int d = n / 2 % REGS, s = n / 2 / REGS;

            jit_asm_room(&code, 4 * JIT_INSN_BYTES);
            jit_m_alu(&code, ops[i].op, w, (jit_reg)d, (jit_reg)d,
                      reg_operand(s));
            fprintf(want, "%s %s,%s\n", ops[i].text, name(w, d), name(w, s));
        }
    }
    compare();
}

TEST(x64_immediates_of_all_sizes)
{
    static const int32_t values[] = {1, -1, 127, 128, -128, -129, 65536};

    NEED_OBJDUMP();
    begin();
    for (int r = 0; r < REGS; r++) {
        for (size_t i = 0; i < WRT_COUNTOF(values); i++) {
            jit_asm_room(&code, 8 * JIT_INSN_BYTES);
            jit_m_alu(&code, JIT_ADD, true, (jit_reg)r, (jit_reg)r,
                      imm_operand(values[i]));
            fprintf(want, "add %s,0x%llx\n", names64[r],
                    (unsigned long long)values[i]);
            jit_m_compare(&code, false, (jit_reg)r, imm_operand(values[i]));
            fprintf(want, "cmp %s,0x%x\n", names32[r], (unsigned)values[i]);
        }
        jit_m_const(&code, (jit_reg)r, 0x12345678);
        fprintf(want, "mov %s,0x12345678\n", names32[r]);
        jit_m_const(&code, (jit_reg)r, 0x123456789abcdef0);
        fprintf(want, "movabs %s,0x123456789abcdef0\n", names64[r]);
        jit_m_const(&code, (jit_reg)r, (uint64_t)-5);
        fprintf(want, "mov %s,0xfffffffffffffffb\n", names64[r]);
    }
    compare();
}

/* [base + index + disp] as objdump writes it. */
static void want_memory(int base, int index, int32_t disp)
{
    fprintf(want, "[%s", names64[base]);
    if (index >= 0)
        fprintf(want, "+%s*1", names64[index]);
    /* Bases whose encoding has no form without a distance. */
    if (disp || (base & 7) == 5)
        fprintf(want, "%c0x%x", disp < 0 ? '-' : '+',
                (unsigned)(disp < 0 ? -disp : disp));
    fprintf(want, "]");
}

TEST(x64_addresses_of_all_registers)
{
    static const int32_t disps[] = {0, 1, 127, 128, -128, -129, 0x12345};

    NEED_OBJDUMP();
    begin();
    for (int base = 0; base < REGS; base++) {
        for (int index = -1; index < REGS; index++) {
            for (size_t i = 0; i < WRT_COUNTOF(disps); i++) {
                struct jit_mem mem = {(jit_reg)base,
                                      index < 0 ? JIT_NO_REG : (jit_reg)index,
                                      disps[i]};
                int reg = (base + (int)i) % REGS;

                if (index == RSP)
                    continue;
                jit_asm_room(&code, 4 * JIT_INSN_BYTES);
                jit_m_load(&code, JIT_LOAD_U64, (jit_reg)reg, mem);
                fprintf(want, "mov %s,QWORD PTR ", names64[reg]);
                want_memory(base, index, disps[i]);
                fprintf(want, "\n");
                jit_m_store(&code, JIT_STORE_F64, (jit_reg)(FIRST_FLOAT + reg),
                            mem);
                fprintf(want, "movsd QWORD PTR ");
                want_memory(base, index, disps[i]);
                fprintf(want, ",xmm%d\n", reg);
            }
        }
    }
    compare();
}

TEST(x64_bytes_of_all_registers)
{
    static const char *const bytes[] = {
        "al",  "cl",  "dl",   "bl",   "spl",  "bpl",  "sil",  "dil",
        "r8b", "r9b", "r10b", "r11b", "r12b", "r13b", "r14b", "r15b"};
    struct jit_mem mem = {14, JIT_NO_REG, 0};

    NEED_OBJDUMP();
    begin();
    for (int r = 0; r < REGS; r++) {
        jit_asm_room(&code, 8 * JIT_INSN_BYTES);
        jit_m_store(&code, JIT_STORE_8, (jit_reg)r, mem);
        fprintf(want, "mov BYTE PTR [r14],%s\n", bytes[r]);
        jit_m_set(&code, JIT_LT_S, (jit_reg)r);
        fprintf(want, "setl %s\nmovzx %s,%s\n", bytes[r], names32[r], bytes[r]);
        jit_m_unary(&code, JIT_EXTEND8, true, (jit_reg)r, (jit_reg)(15 - r));
        fprintf(want, "movsx %s,%s\n", names64[r], bytes[15 - r]);
    }
    compare();
}

TEST(x64_floats_of_all_registers)
{
    NEED_OBJDUMP();
    begin();
    for (int d = 0; d < REGS; d++) {
        for (int s = 0; s < REGS; s++) {
            jit_reg to = (jit_reg)(FIRST_FLOAT + d);
            jit_reg from = (jit_reg)(FIRST_FLOAT + s);

            jit_asm_room(&code, 8 * JIT_INSN_BYTES);
            jit_m_float_alu(&code, JIT_FMUL, true, to, to,
                            (struct jit_operand){.form = JIT_REG, .reg = from});
            fprintf(want, "mulsd xmm%d,xmm%d\n", d, s);
            jit_m_float_compare(&code, false, to, from);
            fprintf(want, "ucomiss xmm%d,xmm%d\n", d, s);
            jit_m_to_float(&code, true, to, (jit_reg)s);
            fprintf(want, "movq xmm%d,%s\n", d, names64[s]);
            jit_m_from_float(&code, false, (jit_reg)d, from);
            fprintf(want, "movd %s,xmm%d\n", names32[d], s);
        }
    }
    compare();
}
