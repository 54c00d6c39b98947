/*
 * What instructions that stay in line do to registers and flags.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/check/state.h"

/* Numbers of conditions, as in opcodes. */
enum { COND_AE = 3, COND_NE = 5, COND_A = 7 };

/* Numbers of operations, in opcodes as 8 * n + 3 and in place of a register. */
enum { OP_ADD, OP_OR, OP_ADC, OP_SBB, OP_AND, OP_SUB, OP_XOR, OP_CMP };

enum { SHIFT_LEFT = 4, SHIFT_RIGHT = 5, SHIFT_SIGNED = 7 };

/* Whether what is known of the value is about that register. */
static bool is_about(const struct value *v, uint8_t reg)
{
    switch (v->kind) {
    case KIND_MATCH: return v->max == reg;
    case KIND_ARRAY_INDEX: return v->n == reg;
    case KIND_ARRAY_BELOW: return v->n == reg || v->max == reg;
    default: return false;
    }
}

void jit_check_write(struct checker *c, uint8_t reg, struct value v)
{
    struct flags *flags = &c->now.flags;

    if (reg == R15 || reg == SP || reg == BP ||
        (reg == R14 &&
         (v.n != 0 || (v.kind != KIND_MEMORY && v.kind != KIND_BASE)))) {
        jit_check_complain(c, "a register that has a job is written");
        return;
    }
    if (flags->lhs == reg || flags->rhs == reg)
        flags->about = ABOUT_NOTHING;
    if (reg == R11 || reg == c->now.source)
        c->now.source = NO_REG;
    if (is_about(&c->now.regs[R11], reg))
        c->now.regs[R11] = unknown();
    /* What is about another register lives in this one alone. */
    if (reg != R11 &&
        (v.kind == KIND_ARRAY_BELOW || v.kind == KIND_ARRAY_INDEX))
        v = unknown();
    c->now.not_null &= (uint16_t)~(1 << reg);
    c->now.not_i31 &= (uint16_t)~(1 << reg);
    c->now.regs[reg] = v;
}

static struct value reg_value(const struct checker *c, uint8_t reg)
{
    return c->now.regs[reg];
}

/* What may be in a register after an operation of the instruction's width. */
static struct value any_result(const struct checker *c)
{
    return number(c->insn->width == 8 ? UINT64_MAX : UINT32_MAX);
}

/* The upper half of a register is cleared by operations on the lower. */
static struct value narrow(const struct checker *c, struct value v)
{
    if (c->insn->width == 8 || is_u32(&v) || v.kind == KIND_FUNC_IDX ||
        v.kind == KIND_FUNC_NUMBER)
        return v;
    return number(UINT32_MAX);
}

/* The operand that may be memory. */
static struct value operand(struct checker *c)
{
    if (c->insn->has_mem)
        return jit_check_load(c, c->insn->bytes);
    return reg_value(c, c->insn->rm);
}

/* -- Sums and the like ----------------------------------------------------- */

static struct value add(struct checker *c, const struct value *x,
                        const struct value *y)
{
    if (c->insn->width == 8 && x->kind == KIND_JUMPS &&
        y->kind == KIND_DISTANCE && x->n == y->n)
        return value_of(KIND_TARGET, x->n, y->max);
    if (c->insn->width == 8 && x->kind == KIND_BUMP && x->max == 0 &&
        y->kind == KIND_NUMBER && y->n && y->max <= INT32_MAX)
        return value_of(KIND_BUMP, 0, y->max);
    if (x->kind == KIND_NUMBER && y->kind == KIND_NUMBER &&
        x->max <= UINT64_MAX - y->max)
        return narrow(c, number(x->max + y->max));
    return any_result(c);
}

static struct value subtract(struct checker *c, const struct value *x,
                             const struct value *y)
{
    if (c->insn->width == 8 && x->kind == KIND_LENGTH &&
        y->kind == KIND_NUMBER && y->n && y->max <= x->max)
        return value_of(KIND_LIMIT, x->n, y->max);
    if (c->insn->width == 8 && x->kind == KIND_ROOM && y->kind == KIND_NUMBER)
        return jit_check_finish_room(c, x, y);
    return any_result(c);
}

/* Numbers alone: no bit of `and` that one of them has not, none of `or` that is
 * above both. */
static struct value combine(struct checker *c, unsigned op,
                            const struct value *x, const struct value *y)
{
    uint64_t xmax = x->kind == KIND_NUMBER ? x->max : UINT64_MAX;
    uint64_t ymax = y->kind == KIND_NUMBER ? y->max : UINT64_MAX;

    if (op == OP_AND)
        return narrow(c, number(WRT_MIN(xmax, ymax)));
    if (xmax <= UINT32_MAX && ymax <= UINT32_MAX)
        return number(UINT32_MAX);
    return any_result(c);
}

static struct value operate(struct checker *c, unsigned op, struct value x,
                            struct value y)
{
    switch (op) {
    case OP_ADD: return add(c, &x, &y);
    case OP_SUB: return subtract(c, &x, &y);
    case OP_AND:
    case OP_OR:
    case OP_XOR: return combine(c, op, &x, &y);
    default: return any_result(c);
    }
}

static struct value constant(uint64_t bits)
{
    return value_of(KIND_NUMBER, 1, bits);
}

static struct value imm_value(const struct checker *c)
{
    return constant(c->insn->width == 8 ? (uint64_t)c->insn->imm
                                        : (uint32_t)c->insn->imm);
}

/* What a basic block costs: all that code may do to memory in place. */
static bool is_fuel(const struct checker *c, unsigned op)
{
    const struct insn *insn = c->insn;

    return c->in->native->options.has_fuel && op == OP_SUB &&
           insn->width == 8 && insn->imm > 0 && !insn->is_rip &&
           insn->index == NO_REG && insn->base != NO_REG &&
           c->now.regs[insn->base].kind == KIND_CONTEXT &&
           insn->disp == offsetof(struct wrt_ctx, fuel);
}

static void operate_imm(struct checker *c)
{
    const struct insn *insn = c->insn;
    unsigned op = insn->reg & 7;

    if (op == OP_SUB && insn->rm == SP && insn->width == 8 &&
        c->now.stage == STAGE_SET && insn->imm > 0) {
        c->now.stage = STAGE_OPEN;
        c->frame_bytes = (uint32_t)insn->imm;
        c->now.regs[SP] = value_of(KIND_FRAME, 0, c->frame_bytes);
        return;
    }
    if (insn->has_mem) {
        if (!is_fuel(c, op))
            jit_check_complain(c, "an operation on memory");
        return;
    }
    if (op == OP_ADD && insn->rm == SP && insn->width == 8 && insn->imm == 8 &&
        c->now.pushed != NOTHING) {
        c->now.pushed = NOTHING;
        return;
    }
    jit_check_write(c, insn->rm,
                    operate(c, op, reg_value(c, insn->rm), imm_value(c)));
}

static void multiply(struct checker *c)
{
    struct value x = reg_value(c, c->insn->reg), y = operand(c);
    uint64_t product;

    if (x.kind == KIND_NUMBER && y.kind == KIND_NUMBER &&
        !__builtin_mul_overflow(x.max, y.max, &product))
        jit_check_write(c, c->insn->reg, narrow(c, number(product)));
    else
        jit_check_write(c, c->insn->reg, any_result(c));
}

static void shift(struct checker *c)
{
    const struct insn *insn = c->insn;
    unsigned count = (unsigned)insn->imm & (insn->width == 8 ? 63 : 31);
    struct value v = narrow(c, reg_value(c, insn->rm));
    uint64_t max = v.kind == KIND_NUMBER ? v.max : UINT64_MAX;

    if (insn->reg == SHIFT_RIGHT ||
        (insn->reg == SHIFT_SIGNED && max <= (uint64_t)INT32_MAX))
        v = number(max >> count);
    else if (insn->reg == SHIFT_LEFT && v.kind == KIND_ARRAY_INDEX &&
             insn->width == 8)
        v.max += count;
    else if (insn->reg == SHIFT_LEFT && max << count >> count == max)
        v = narrow(c, number(max << count));
    else
        v = any_result(c);
    jit_check_write(c, insn->rm, v);
}

/* not, neg, and what uses rax and rdx */
static void group_f7(struct checker *c)
{
    switch (c->insn->reg) {
    case 0:
        if (c->insn->imm == 1)
            c->now.flags = (struct flags){.about = ABOUT_BIT,
                                          .lhs = c->insn->rm,
                                          .rhs = NO_REG,
                                          .width = c->insn->width};
        break;
    case 3: jit_check_write(c, c->insn->rm, any_result(c)); break;
    default:
        jit_check_write(c, AX, any_result(c));
        jit_check_write(c, DX, any_result(c));
    }
}

/* -- Comparisons ----------------------------------------------------------- */

static const struct value *base_value(const struct checker *c)
{
    return c->insn->has_mem && !c->insn->is_rip ? &c->now.regs[c->insn->base]
                                                : NULL;
}

static void compare(struct checker *c)
{
    const struct insn *insn = c->insn;
    const struct value *base = base_value(c);
    struct flags flags = {.about = ABOUT_NOTHING,
                          .lhs = insn->reg,
                          .rhs = insn->rm,
                          .width = insn->width};
    struct value with = operand(c);

    if (!insn->has_mem) {
        flags.about = ABOUT_REGS;
    } else if (with.kind == KIND_ARRAY_LEN && insn->width == 4) {
        flags.about = ABOUT_LEN;
        flags.rhs = insn->base;
    } else if (with.kind == KIND_HEAP_LIMIT && insn->width == 8) {
        flags.about = ABOUT_ROOM;
    } else if (base && base->kind == KIND_TABLE && insn->width == 8 &&
               insn->disp == offsetof(struct wrt_table_inst, size)) {
        flags.about = ABOUT_SIZE;
        flags.n = base->n;
    } else if (base && insn->reg == R15 && base->kind == KIND_FUNC &&
               insn->disp == offsetof(struct wrt_funcref, instance)) {
        flags.about = ABOUT_OWNER;
        flags.lhs = insn->base;
    }
    c->now.flags = flags;
}

static void compare_imm(struct checker *c)
{
    const struct insn *insn = c->insn;
    const struct value *base = base_value(c);
    struct flags flags = {.about = ABOUT_IMM,
                          .lhs = insn->rm,
                          .rhs = NO_REG,
                          .width = insn->width,
                          .imm = insn->imm};

    operand(c);
    if (insn->has_mem) {
        flags.about = ABOUT_NOTHING;
        flags.lhs = insn->base;
        if (base && base->kind == KIND_FUNC &&
            insn->disp == offsetof(struct wrt_funcref, type_id))
            flags.about = ABOUT_TYPE;
    }
    c->now.flags = flags;
}

static void test(struct checker *c)
{
    operand(c);
    c->now.flags = (struct flags){
        .about = c->insn->reg == c->insn->rm ? ABOUT_ZERO : ABOUT_NOTHING,
        .lhs = c->insn->reg,
        .rhs = NO_REG,
        .width = c->insn->width};
}

static void scan(struct checker *c)
{
    jit_check_write(c, c->insn->reg, unknown());
    c->now.flags =
        (struct flags){.about = ABOUT_SCAN, .lhs = c->insn->reg, .rhs = NO_REG};
}

/* -- By condition ---------------------------------------------------------- */

/* The greater of two numbers. */
static struct value either(struct checker *c, const struct value *x,
                           const struct value *y)
{
    if (x->kind != KIND_NUMBER || y->kind != KIND_NUMBER)
        return any_result(c);
    return narrow(c, number(WRT_MAX(x->max, y->max)));
}

/* The masks against speculation: where a comparison that has been made says
 * that an index is too great, it becomes one that is not. */
static struct value selected(struct checker *c)
{
    const struct insn *insn = c->insn;
    const struct flags *flags = &c->now.flags;
    struct value x = reg_value(c, insn->reg), y = reg_value(c, insn->rm);
    unsigned cond = insn->opcode & 15;

    if (flags->about == ABOUT_REGS && cond == COND_A &&
        flags->lhs == insn->reg && flags->rhs == insn->rm &&
        flags->width == insn->width) {
        if (y.kind == KIND_LIMIT && insn->width == 8)
            return value_of(KIND_PLACE, y.n, y.max);
        if (y.kind == KIND_NUMBER && (insn->width == 8 || is_u32(&y)))
            return number(y.max);
    }
    if (flags->about == ABOUT_SIZE && cond == COND_AE && flags->is_below &&
        flags->lhs == insn->reg && flags->width == 8 && insn->width == 8 &&
        y.kind == KIND_NUMBER && y.max == 0)
        return value_of(KIND_ELEMENT, flags->n, 0);
    if (flags->about == ABOUT_SCAN && cond == COND_NE &&
        flags->lhs == insn->rm && x.kind == KIND_NUMBER)
        return number(WRT_MAX(x.max, (uint64_t)63));
    return either(c, &x, &y);
}

static void set(struct checker *c)
{
    struct value v = reg_value(c, c->insn->rm);

    /* Without a prefix, the numbers are those of upper bytes. */
    if (!c->insn->has_rex && c->insn->rm >= 4)
        jit_check_complain(c, "an upper byte is written");
    jit_check_write(c, c->insn->rm,
                    v.kind == KIND_NUMBER ? number(v.max | 0xff) : unknown());
}

/* -- Moves ----------------------------------------------------------------- */

static void move(struct checker *c)
{
    const struct insn *insn = c->insn;

    if (insn->reg == BP && insn->rm == SP && insn->width == 8 &&
        c->now.stage == STAGE_PUSHED) {
        c->now.stage = STAGE_SET;
        c->now.regs[BP] = c->now.regs[SP] = value_of(KIND_FRAME, 0, 0);
        return;
    }
    jit_check_write(c, insn->reg, narrow(c, operand(c)));
    if (insn->reg == R11 && !insn->has_mem && insn->width == 8 &&
        insn->rm != R11)
        c->now.source = insn->rm;
}

/* The lowest bytes of a register change. */
static void write_low(struct checker *c, uint8_t reg)
{
    const struct insn *insn = c->insn;
    struct value v = reg_value(c, reg);

    /* Without a prefix, the numbers are those of upper bytes. */
    if (insn->bytes == 1 && !insn->has_rex && reg >= 4)
        jit_check_complain(c, "an upper byte is written");
    if (insn->bytes >= 4)
        v = any_result(c);
    else
        v = v.kind == KIND_NUMBER ? number(v.max | UINT16_MAX) : unknown();
    jit_check_write(c, reg, v);
}

static void atomic_add(struct checker *c)
{
    jit_check_atomic(c, c->insn->bytes);
    write_low(c, c->insn->reg);
}

/* Where it is equal, rax keeps its upper half, too. */
static void atomic_compare(struct checker *c)
{
    struct value old = reg_value(c, AX);

    jit_check_atomic(c, c->insn->bytes);
    jit_check_write(c, AX, is_u32(&old) ? number(UINT32_MAX) : unknown());
}

static void swap(struct checker *c)
{
    struct value x = reg_value(c, c->insn->reg), y;

    if (c->insn->has_mem) {
        jit_check_atomic(c, c->insn->bytes);
        write_low(c, c->insn->reg);
        return;
    }
    y = reg_value(c, c->insn->rm);
    jit_check_write(c, c->insn->reg, narrow(c, y));
    jit_check_write(c, c->insn->rm, narrow(c, x));
}

static struct value address(struct checker *c)
{
    const struct insn *insn = c->insn;
    uint64_t max = insn->disp >= 0 ? (uint64_t)insn->disp : UINT64_MAX, scaled;
    const struct value *base, *index;

    if (insn->is_rip) {
        if (c->in->at + (uint64_t)insn->disp == jit_slot_at(0))
            return value_of(KIND_WORDS, 0, 0);
        if (insn->disp >= 0 && insn->disp < c->in->len)
            return value_of(KIND_JUMPS, (uint32_t)insn->disp, 0);
        jit_check_complain(c, "an address that code must not know");
        return unknown();
    }
    base = &c->now.regs[insn->base];
    if (base->kind == KIND_MADE && insn->index == NO_REG && insn->width == 8 &&
        (uint64_t)insn->disp == base->max)
        return value_of(KIND_ROOM, 0, base->max);
    if (base->kind == KIND_FRAME && insn->index == NO_REG) {
        int64_t below = (int64_t)base->max - insn->disp;

        return below >= 0 && below <= c->frame_bytes
                   ? value_of(KIND_FRAME, 0, (uint64_t)below)
                   : unknown();
    }
    index = insn->index == NO_REG ? NULL : &c->now.regs[insn->index];
    scaled = index ? index->max : 0;
    if (base->kind != KIND_NUMBER || (index && index->kind != KIND_NUMBER) ||
        scaled > UINT64_MAX >> insn->scale ||
        __builtin_add_overflow(max, base->max, &max) ||
        __builtin_add_overflow(max, scaled << insn->scale, &max))
        return any_result(c);
    return narrow(c, number(max));
}

static void load_address(struct checker *c)
{
    const struct insn *insn = c->insn;

    if (!insn->has_mem) {
        jit_check_complain(c, "an address of a register");
        return;
    }
    /* What has landed begins by taking the frame back. */
    if (insn->reg == SP && c->now.stage == STAGE_LANDED && insn->base == BP &&
        insn->index == NO_REG && insn->width == 8 &&
        insn->disp == -(int64_t)c->frame_bytes) {
        c->now.stage = c->frame_bytes ? STAGE_OPEN : STAGE_SET;
        c->now.regs[SP] = value_of(KIND_FRAME, 0, c->frame_bytes);
        return;
    }
    jit_check_write(c, insn->reg, address(c));
}

static void store(struct checker *c, const struct value *v)
{
    if (!c->insn->has_mem)
        jit_check_complain(c, "a store to a register");
    else
        jit_check_store(c, c->insn->bytes, v);
}

static void store_imm(struct checker *c)
{
    if (c->insn->has_mem)
        jit_check_store(c, c->insn->bytes, NULL);
    else if (c->insn->opcode == 0xc7 && c->insn->width == 8)
        jit_check_write(c, c->insn->rm, constant((uint64_t)c->insn->imm));
    else
        jit_check_complain(c, "a constant of an unknown form");
}

static void leave(struct checker *c)
{
    if (c->now.stage < STAGE_SET)
        jit_check_complain(c, "a frame is left that there is not");
    c->now.stage = STAGE_NONE;
    c->now.regs[BP] = c->now.regs[SP] = unknown();
}

static void push_frame(struct checker *c)
{
    if (c->now.stage != STAGE_NONE)
        jit_check_complain(c, "a second frame");
    c->now.stage = STAGE_PUSHED;
}

static void push_const(struct checker *c)
{
    if (c->now.stage < STAGE_SET || c->now.pushed != NOTHING)
        jit_check_complain(c, "a word is pushed out of place");
    c->now.pushed = (uint32_t)c->insn->imm;
}

/* sbb of a register with itself: all ones when an index is in its array. */
static bool is_in_array_mask(const struct checker *c)
{
    const struct insn *insn = c->insn;

    return insn->opcode >> 3 == OP_SBB && insn->reg == insn->rm &&
           insn->width == 4 && c->was.about == ABOUT_LEN && c->was.is_below &&
           insn->reg != c->was.lhs && insn->reg != c->was.rhs;
}

static void operate_rm(struct checker *c)
{
    const struct insn *insn = c->insn;
    struct value x = reg_value(c, insn->reg), y = operand(c);

    if (is_in_array_mask(c))
        x = value_of(KIND_ARRAY_BELOW, c->was.rhs, c->was.lhs);
    else if (insn->opcode >> 3 == OP_AND && x.kind == KIND_ARRAY_BELOW &&
             insn->width == 4 && insn->rm == x.max)
        x = value_of(KIND_ARRAY_INDEX, x.n, 0);
    else
        x = operate(c, insn->opcode >> 3, x, y);
    jit_check_write(c, insn->reg, x);
}

/* -- All of them ----------------------------------------------------------- */

static void integer_effect(struct checker *c)
{
    const struct insn *insn = c->insn;
    struct value v;

    switch ((enum effect)insn->effect) {
    case EFFECT_ALU: operate_rm(c); break;
    case EFFECT_ALU_REVERSED:
        v = insn->opcode == 0x31 && insn->reg == insn->rm
                ? constant(0)
                : operate(c, insn->opcode >> 3, reg_value(c, insn->rm),
                          reg_value(c, insn->reg));
        jit_check_write(c, insn->rm, v);
        break;
    case EFFECT_ALU_IMM:
        if ((insn->reg & 7) == OP_CMP)
            compare_imm(c);
        else
            operate_imm(c);
        break;
    case EFFECT_COMPARE: compare(c); break;
    case EFFECT_TEST: test(c); break;
    case EFFECT_GROUP_F7: group_f7(c); break;
    case EFFECT_MULTIPLY: multiply(c); break;
    case EFFECT_SHIFT_IMM: shift(c); break;
    case EFFECT_ATOMIC_ADD: atomic_add(c); break;
    case EFFECT_ATOMIC_COMPARE: atomic_compare(c); break;
    case EFFECT_SCAN: scan(c); break;
    case EFFECT_RESULT: jit_check_write(c, insn->reg, any_result(c)); break;
    case EFFECT_RESULT_RM: jit_check_write(c, insn->rm, any_result(c)); break;
    case EFFECT_SIGN_OF_RAX: jit_check_write(c, DX, any_result(c)); break;
    default: jit_check_complain(c, "an instruction without a rule");
    }
}

static void zero_extend(struct checker *c)
{
    operand(c);
    jit_check_write(c, c->insn->reg,
                    number(c->insn->opcode == 0xb6 ? UINT8_MAX : UINT16_MAX));
}

/* The distances of jumps are the one thing that is known when it is signed. */
static void sign_extend(struct checker *c)
{
    struct value v = operand(c);

    if (v.kind != KIND_DISTANCE || c->insn->width != 8)
        v = any_result(c);
    jit_check_write(c, c->insn->reg, v);
}

/* Those that leave flags alone; false for any other. */
static bool move_effect(struct checker *c)
{
    const struct insn *insn = c->insn;

    switch ((enum effect)insn->effect) {
    case EFFECT_MOVE: move(c); break;
    case EFFECT_STORE: store(c, &c->now.regs[insn->reg]); break;
    case EFFECT_STORE_IMM: store_imm(c); break;
    case EFFECT_ZERO_EXTEND: zero_extend(c); break;
    case EFFECT_SIGN_EXTEND: sign_extend(c); break;
    case EFFECT_RESULT: /* of memory, it is a load that extends the sign */
        if (!insn->has_mem)
            return false;
        operand(c);
        jit_check_write(c, insn->reg, any_result(c));
        break;
    case EFFECT_LEA: load_address(c); break;
    case EFFECT_SWAP: swap(c); break;
    case EFFECT_CONST: jit_check_write(c, insn->rm, imm_value(c)); break;
    case EFFECT_SELECT: jit_check_write(c, insn->reg, selected(c)); break;
    case EFFECT_SET: set(c); break;
    case EFFECT_NOTHING: break;
    case EFFECT_VECTOR:
        if (insn->has_mem)
            jit_check_load(c, insn->bytes);
        break;
    case EFFECT_VECTOR_STORE: store(c, NULL); break;
    case EFFECT_PUSH_FRAME: push_frame(c); break;
    case EFFECT_PUSH_CONST: push_const(c); break;
    case EFFECT_LEAVE: leave(c); break;
    default: return false;
    }
    return true;
}

void jit_check_effect(struct checker *c)
{
    switch ((enum effect)c->insn->effect) {
    case EFFECT_BRANCH: jit_check_branch(c); return;
    case EFFECT_JUMP: jit_check_jump(c); return;
    case EFFECT_CALL: jit_check_call(c); return;
    case EFFECT_INDIRECT: jit_check_indirect(c); return;
    case EFFECT_RETURN: jit_check_return(c); return;
    default: break;
    }
    if (move_effect(c))
        return;
    c->was = c->now.flags;
    c->now.flags.about = ABOUT_NOTHING;
    if (c->insn->effect != EFFECT_VECTOR_FLAGS)
        integer_effect(c);
}
