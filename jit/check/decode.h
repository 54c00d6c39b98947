/*
 * A decoder of x86-64 machine code, for those instructions that machine code
 * may consist of; it knows nothing of the encoder.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef JIT_CHECK_DECODE_H
#define JIT_CHECK_DECODE_H

#include "runtime/base/base.h"

enum { REGS = 16, NO_REG = 0xff };
enum { AX, CX, DX, BX, SP, BP, SI, DI, R8, R9, R10, R11, R12, R13, R14, R15 };

/* What an instruction does to integer registers, flags and memory. */
enum effect {
    EFFECT_UNKNOWN,
    EFFECT_MOVE,        /* reg = rm */
    EFFECT_STORE,       /* rm = reg, memory */
    EFFECT_STORE_IMM,   /* rm = imm */
    EFFECT_ZERO_EXTEND, /* reg = rm */
    EFFECT_SIGN_EXTEND, /* reg = rm, 32 bits */
    EFFECT_RESULT,      /* reg = something */
    EFFECT_RESULT_RM,   /* rm = something */
    EFFECT_SCAN,        /* reg = something, unless rm is 0; flags say so */
    EFFECT_LEA,
    EFFECT_SWAP,           /* reg, rm */
    EFFECT_ATOMIC_ADD,     /* rm = rm + reg, reg = rm before; locked */
    EFFECT_ATOMIC_COMPARE, /* rm = reg if it is rax; rax = rm before; locked */
    EFFECT_CONST,          /* rm = imm */
    EFFECT_ALU,            /* reg = reg op rm */
    EFFECT_ALU_REVERSED,   /* rm = rm op reg */
    EFFECT_ALU_IMM,        /* rm = rm op imm; compares memory too */
    EFFECT_COMPARE,        /* reg with rm */
    EFFECT_TEST,
    EFFECT_GROUP_F7,
    EFFECT_MULTIPLY,
    EFFECT_SHIFT_IMM,
    EFFECT_SIGN_OF_RAX,
    EFFECT_SELECT,
    EFFECT_SET, /* the lowest byte of rm */
    EFFECT_BRANCH,
    EFFECT_JUMP,
    EFFECT_CALL,
    EFFECT_INDIRECT, /* by reg: 2 call, 4 jump */
    EFFECT_RETURN,
    EFFECT_PUSH_FRAME,
    EFFECT_PUSH_CONST,
    EFFECT_LEAVE,
    EFFECT_NOTHING,
    EFFECT_VECTOR, /* of the vector bank; memory is read */
    EFFECT_VECTOR_STORE,
    EFFECT_VECTOR_FLAGS,
};

struct insn {
    uint32_t pos, next; /* in the code */
    uint8_t effect;
    uint8_t opcode;  /* of its map */
    uint8_t width;   /* of integers: 4 or 8 bytes */
    uint8_t bytes;   /* that a memory operand has */
    uint8_t reg, rm; /* rm: NO_REG when it is memory */
    uint8_t base, index, scale;
    bool has_mem, is_rip; /* is_rip: disp is a position in the code */
    bool has_rex, has_lock;
    int64_t disp;
    int64_t imm; /* of jumps: where to */
};

/* Decodes one instruction.  False: it is none of those that are allowed, or it
 * does not end in the code. */
bool jit_check_decode(const uint8_t *code, uint32_t len, uint32_t pos,
                      struct insn *insn);

#endif
