/*
 * Pieces of code between C and functions, for x86-64: how code is entered, how
 * it is left, and what stands between it and the C functions that it calls.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/enter.h"
#include "jit/x64/x64.h"

#include "runtime/store/signal.h"

static struct jit_mem at(jit_reg base, int64_t disp)
{
    return (struct jit_mem){base, JIT_NO_REG, (int32_t)disp};
}

static void load(struct jit_asm *a, jit_reg dst, jit_reg base, int64_t disp)
{
    jit_m_load(a, JIT_LOAD_U64, dst, at(base, disp));
}

static void store(struct jit_asm *a, jit_reg src, jit_reg base, int64_t disp)
{
    jit_m_store(a, JIT_STORE_64, src, at(base, disp));
}

static void push(struct jit_asm *a, jit_reg reg)
{
    if (reg >= R8)
        x64_byte(a, 0x41);
    x64_byte(a, 0x50 | (reg & 7));
}

static void pop(struct jit_asm *a, jit_reg reg)
{
    if (reg >= R8)
        x64_byte(a, 0x41);
    x64_byte(a, 0x58 | (reg & 7));
}

static void call_helper(struct jit_made *made, enum jit_helper helper)
{
    jit_add_far(made, jit_m_call_word(&made->code), jit_helper_at(helper));
}

/* r14 = base of the first memory */
static void load_memory(struct jit_asm *a)
{
    load(a, R14, R15, offsetof(struct wrt_instance, mem0));
    load(a, R14, R14, offsetof(struct wrt_memory_inst, base));
}

/* -- In and out ------------------------------------------------------------ */

/* What C expects back, below the thunk's frame pointer, and then the slots.
 * Functions leave the first two as they were, unless they are unwound. */
static const jit_reg c_saved[] = {R12, R13, RBX, R14, R15};
enum { C_SAVED_BYTES = 8 * 5 + 8, THUNK_CHANGES = 2 };

/* Leaves the thunk's frame, with those from the first on. */
static void load_c_saved(struct jit_asm *a, unsigned first)
{
    for (unsigned i = first; i < WRT_COUNTOF(c_saved); i++)
        load(a, c_saved[i], RBP, -8 * ((int64_t)i + 1));
    jit_m_drop_frame(a);
}

/* On to the landing that rax, the activation, has, and which r11 is: what
 * callees preserve is there again as it was when that frame called. */
static void emit_landing(struct jit_asm *a)
{
    uint32_t n = 0;

    jit_m_zero(a, RCX);
    store(a, RCX, RAX, offsetof(struct jit_activation, landing));
    for (uint64_t left = jit_target.saved; left; left &= left - 1, n++)
        store(a, (jit_reg)__builtin_ctzll(left), RAX,
              (int64_t)offsetof(struct jit_activation, kept) + 8 * n);
    n = 0;
    for (uint64_t left = jit_target.saved; left; left &= left - 1, n++) {
        load(a, RCX, RAX,
             (int64_t)offsetof(struct jit_activation, kept_in) + 8 * n);
        load(a, (jit_reg)__builtin_ctzll(left), RCX, 0);
    }
    load(a, RBP, RAX, offsetof(struct jit_activation, land_frame));
    jit_m_jump_reg(a, R11);
}

static void emit_unwind(struct jit_made *made)
{
    struct jit_asm *a = &made->code;
    uint32_t out, none;

    load(a, RAX, R15, offsetof(struct wrt_instance, ctx));
    load(a, RAX, RAX, offsetof(struct wrt_ctx, activation));
    load(a, R11, RAX, offsetof(struct jit_activation, landing));
    jit_m_compare(a, true, R11, (struct jit_operand){.form = JIT_IMM});
    out = jit_m_branch(a, JIT_EQ, &none);
    emit_landing(a);
    jit_m_bind(a, out, jit_asm_pos(a));
    jit_m_move(a, true, RDI, RAX);
    load(a, RBP, RDI, offsetof(struct jit_activation, base.native_high));
    load(a, RSI, RBP, 0);
    load(a, R11, RDI, offsetof(struct jit_activation, unwound));
    jit_m_lea(a, RBP, at(RBP, C_SAVED_BYTES));
    load_c_saved(a, 0);
    jit_m_jump_reg(a, R11);
}

/* Copies slots between two places. */
static void copy_slots(struct jit_asm *a, uint32_t count, jit_reg to,
                       int64_t to_disp, jit_reg from, int64_t from_disp)
{
    for (uint32_t i = 0; i < count; i++) {
        jit_asm_room(a, 2 * JIT_INSN_BYTES);
        jit_m_load(a, JIT_LOAD_F64, XMM15,
                   at(from, from_disp + 8 * (int64_t)i));
        jit_m_store(a, JIT_STORE_F64, XMM15, at(to, to_disp + 8 * (int64_t)i));
    }
}

/* From slots at r10, those that are passed in memory by way of rbx. */
static void load_params(struct jit_asm *a, const struct wrt_type *type)
{
    struct jit_params params = {0};
    uint32_t slot, from = 0;

    for (uint32_t i = 0; i < type->nparams; i++) {
        wrt_valtype t = wrt_type_params(type)[i];
        jit_reg reg = jit_next_param(&params, t, &slot);
        struct jit_mem source = at(R10, 8 * (int64_t)from);

        jit_asm_room(a, 2 * JIT_INSN_BYTES);
        if (reg != JIT_NO_REG) {
            jit_m_load(a, jit_load_of(t), reg, source);
        } else {
            load(a, RBX, R15, offsetof(struct wrt_instance, native_args));
            copy_slots(a, wrt_valtype_slots(t), RBX, 8 * (int64_t)slot, R10,
                       8 * (int64_t)from);
        }
        from += wrt_valtype_slots(t);
    }
}

/* The one result, in its register, to or from a slot. */
static jit_reg result_reg(const struct wrt_type *type)
{
    return jit_is_float(wrt_type_results(type)[0]) ? XMM0 : RAX;
}

/* No guest is on the stack any more; rax is 0. */
static void leave_activation(struct jit_asm *a)
{
    load(a, RCX, R15, offsetof(struct wrt_instance, ctx));
    store(a, RAX, RCX, offsetof(struct wrt_ctx, activation));
    /* mov fs:distance, rax */
    x64_byte(a, 0x64);
    x64_byte(a, 0x48);
    x64_byte(a, 0x89);
    x64_byte(a, 0x04);
    x64_byte(a, 0x25);
    x64_u32(a, (uint32_t)((uintptr_t)&wrt_signal_current -
                          (uintptr_t)__builtin_thread_pointer()));
}

void jit_emit_thunk(struct jit_made *made, const struct wrt_type *type,
                    bool is_door)
{
    struct jit_asm *a = &made->code;

    jit_asm_room(a, 20 * JIT_INSN_BYTES);
    jit_m_enter_frame(a, 0);
    for (unsigned i = 0; i < WRT_COUNTOF(c_saved); i++)
        push(a, c_saved[i]);
    push(a, RDX);
    store(a, RSP, RSI, offsetof(struct jit_activation, base.native_low));
    store(a, RSP, RSI, offsetof(struct jit_activation, base.native_high));
    jit_m_move(a, true, R15, RDI);
    jit_m_move(a, true, R10, RDX);
    jit_m_move(a, true, R11, RCX);
    load_memory(a);
    load_params(a, type);
    jit_asm_room(a, 20 * JIT_INSN_BYTES);
    jit_m_call_reg(a, R11);
    if (type->nresults == 1) {
        wrt_valtype t = wrt_type_results(type)[0];

        jit_m_store(a, jit_store_of(t), result_reg(type), at(R10, 0));
    } else if (type->nresults > 1) {
        load(a, R11, R15, offsetof(struct wrt_instance, native_args));
        copy_slots(a, type->result_slots, R10, 0, R11, 0);
    }
    jit_asm_room(a, 20 * JIT_INSN_BYTES);
    jit_m_zero(a, RAX);
    if (is_door)
        leave_activation(a);
    load_c_saved(a, THUNK_CHANGES);
    jit_m_return(a);
}

/* -- Adapters -------------------------------------------------------------- */

static void store_params(struct jit_asm *a, const struct wrt_type *type,
                         int64_t slots)
{
    struct jit_params params = {0};
    uint32_t slot, to = 0;
    jit_reg args = RBX;

    load(a, args, R15, offsetof(struct wrt_instance, native_args));
    for (uint32_t i = 0; i < type->nparams; i++) {
        wrt_valtype t = wrt_type_params(type)[i];
        jit_reg reg = jit_next_param(&params, t, &slot);
        int64_t disp = slots + 8 * (int64_t)to;

        jit_asm_room(a, 2 * JIT_INSN_BYTES);
        if (reg != JIT_NO_REG)
            jit_m_store(a, jit_store_of(t), reg, at(RBP, disp));
        else
            copy_slots(a, wrt_valtype_slots(t), RBP, disp, args,
                       8 * (int64_t)slot);
        to += wrt_valtype_slots(t);
    }
}

static void load_results(struct jit_asm *a, const struct wrt_type *type,
                         int64_t slots)
{
    jit_asm_room(a, 4 * JIT_INSN_BYTES);
    if (type->nresults == 1) {
        wrt_valtype t = wrt_type_results(type)[0];

        jit_m_load(a, jit_load_of(t), result_reg(type), at(RBP, slots));
    } else if (type->nresults > 1) {
        load(a, R11, R15, offsetof(struct wrt_instance, native_args));
        copy_slots(a, type->result_slots, R11, 0, RBP, slots);
    }
}

/* An error is pending unless the result of C compares so with 0. */
static void unwind_unless(struct jit_made *made, enum jit_cond cond)
{
    struct jit_asm *a = &made->code;
    uint32_t ok, none;

    jit_m_compare(a, true, RAX, (struct jit_operand){.form = JIT_IMM});
    ok = jit_m_branch(a, cond, &none);
    jit_add_far(made, jit_m_jump_far(a), JIT_FAR_STUB + JIT_STUB_UNWIND);
    jit_m_bind(a, ok, jit_asm_pos(a));
}

/* What the C function is told is in the scratch register, unless it is a
 * constant. */
void jit_emit_adapter(struct jit_made *made, const struct wrt_type *type,
                      enum jit_helper helper, bool has_constant,
                      uint32_t constant)
{
    struct jit_asm *a = &made->code;
    uint32_t count = WRT_MAX(type->param_slots, type->result_slots);
    int64_t bytes = WRT_ALIGN_UP(8 * ((int64_t)count + 3), 16);

    jit_asm_room(a, 20 * JIT_INSN_BYTES);
    jit_m_enter_frame(a, (uint32_t)bytes);
    store(a, R9, RBP, -8);
    store(a, R10, RBP, -16);
    store(a, RBX, RBP, -24);
    store_params(a, type, -bytes);
    jit_asm_room(a, 20 * JIT_INSN_BYTES);
    load(a, RBX, RBP, -24);
    jit_m_move(a, true, RDI, R15);
    if (has_constant)
        jit_m_const(a, RSI, constant);
    else
        jit_m_move(a, true, RSI, R11);
    jit_m_move(a, true, RDX, RSP);
    jit_m_move(a, true, RCX, RBP);
    call_helper(made, helper);
    load(a, R9, RBP, -8);
    load(a, R10, RBP, -16);
    unwind_unless(made, JIT_EQ);
    load_memory(a);
    load_results(a, type, -bytes);
    jit_asm_room(a, 4 * JIT_INSN_BYTES);
    jit_m_leave_frame(a);
}

/* -- Stubs ----------------------------------------------------------------- */

/* Everything that functions keep in registers across a stub and C functions do
 * not; [rbp + 8] is the way back, [rbp] the frame below. */
static const jit_reg kept[] = {RAX, RCX, RDX, RSI, RDI, R8, R9, R10};
enum { KEPT_BYTES = 8 * 8 + 16 * 14, STUB_ALIGN = 16 };

size_t jit_kept_at(jit_reg reg)
{
    size_t i = 0;

    if (reg >= XMM0)
        return 64 + 16 * (size_t)(reg - XMM0);
    while (kept[i] != reg)
        i++;
    return 8 * i;
}

/* and rsp, -16 */
static void align_stack(struct jit_asm *a)
{
    x64_rr(a, 0x83 | X_W, 4, RSP);
    x64_byte(a, 0xf0);
}

static void enter_stub(struct jit_asm *a)
{
    jit_m_enter_frame(a, KEPT_BYTES);
    align_stack(a);
    for (unsigned i = 0; i < WRT_COUNTOF(kept); i++)
        store(a, kept[i], RSP, 8 * i);
    for (unsigned i = 0; i < 14; i++)
        jit_m_store(a, JIT_STORE_V128, (jit_reg)(XMM0 + i),
                    at(RSP, 64 + 16 * i));
}

static void leave_stub(struct jit_asm *a)
{
    for (unsigned i = 0; i < WRT_COUNTOF(kept); i++)
        load(a, kept[i], RSP, 8 * i);
    for (unsigned i = 0; i < 14; i++)
        jit_m_load(a, JIT_LOAD_V128, (jit_reg)(XMM0 + i), at(RSP, 64 + 16 * i));
    jit_m_drop_frame(a);
}

/* What C returned in R11; when that is NULL, an error is pending. */
static void leave_with_pointer(struct jit_made *made)
{
    struct jit_asm *a = &made->code;

    load(a, R9, RSP, (int64_t)jit_kept_at(R9));
    load(a, R10, RSP, (int64_t)jit_kept_at(R10));
    unwind_unless(made, JIT_NE);
    jit_m_move(a, true, R11, RAX);
    leave_stub(a);
}

static void emit_trap(struct jit_made *made)
{
    struct jit_asm *a = &made->code;

    jit_m_enter_frame(a, 16);
    store(a, R9, RBP, -8);
    store(a, R10, RBP, -16);
    jit_m_move(a, true, RDI, R15);
    jit_m_move(a, false, RSI, R11);
    load(a, RDX, RBP, 8);
    load(a, RCX, RBP, 0);
    align_stack(a);
    call_helper(made, JIT_HELPER_TRAP);
    load(a, R9, RBP, -8);
    load(a, R10, RBP, -16);
}

static void emit_fault(struct jit_made *made)
{
    struct jit_asm *a = &made->code;

    push(a, RAX); /* to a multiple of 16 */
    jit_m_move(a, true, RSI, RDI);
    jit_m_move(a, true, RDI, R15);
    call_helper(made, JIT_HELPER_FAULT);
}

/* where_back: of the way back to what the trace begins with. */
static void emit_stop(struct jit_made *made, int64_t where_back)
{
    struct jit_asm *a = &made->code;

    enter_stub(a);
    jit_m_move(a, true, RDI, R15);
    load(a, RSI, RBP, where_back);
    jit_m_lea(a, RDX, at(RBP, 16));
    x64_rr(a, 0x2b | X_W, RDX, R11);
    load(a, RCX, RBP, 0);
    call_helper(made, JIT_HELPER_STOP);
    unwind_unless(made, JIT_EQ);
    leave_stub(a);
    jit_m_return(a);
}

static void emit_fuel(struct jit_made *made)
{
    struct jit_asm *a = &made->code;

    enter_stub(a);
    jit_m_move(a, true, RDI, R15);
    jit_m_move(a, false, RSI, R11);
    load(a, RDX, RBP, 8);
    load(a, RCX, RBP, 0);
    call_helper(made, JIT_HELPER_FUEL);
    unwind_unless(made, JIT_EQ);
    leave_stub(a);
    jit_m_return(a);
}

static void emit_lazy(struct jit_made *made)
{
    struct jit_asm *a = &made->code;

    enter_stub(a);
    jit_m_move(a, true, RDI, R15);
    jit_m_move(a, true, RSI, R11);
    jit_m_move(a, true, RDX, RSP);
    jit_m_move(a, true, RCX, RBP);
    call_helper(made, JIT_HELPER_LAZY);
    leave_with_pointer(made);
    jit_m_jump_reg(a, R11);
}

static void emit_alloc(struct jit_made *made)
{
    struct jit_asm *a = &made->code;

    enter_stub(a);
    jit_m_move(a, true, RDI, R15);
    jit_m_move(a, true, RSI, R11);
    load(a, RDX, RBP, 8);
    load(a, RCX, RBP, 0);
    call_helper(made, JIT_HELPER_ALLOC);
    leave_with_pointer(made);
    jit_m_return(a);
}

static void emit_match(struct jit_made *made)
{
    struct jit_asm *a = &made->code;

    enter_stub(a);
    jit_m_move(a, true, RDI, R15);
    jit_m_load(a, JIT_LOAD_U32, RSI, at(RBP, 16));
    push(a, R11);
    push(a, R11); /* to a multiple of 16 */
    jit_m_move(a, true, RDX, RSP);
    call_helper(made, JIT_HELPER_TYPE_MATCHES);
    jit_m_lea(a, RSP, at(RSP, 16));
    jit_m_move(a, true, R11, RAX);
    leave_stub(a);
    jit_m_return(a);
}

static void emit_call_c(struct jit_made *made)
{
    struct jit_asm *a = &made->code;

    push(a, R9);
    push(a, R10);
    push(a, RAX); /* to a multiple of 16 */
    jit_m_call_reg(a, R11);
    pop(a, RCX);
    pop(a, R10);
    pop(a, R9);
    jit_m_return(a);
}

static void emit_stub(struct jit_made *made, enum jit_stub stub)
{
    switch (stub) {
    case JIT_STUB_UNWIND: emit_unwind(made); return;
    case JIT_STUB_TRAP: emit_trap(made); break;
    case JIT_STUB_FAULT: emit_fault(made); break;
    case JIT_STUB_POLL: emit_stop(made, 8); return;
    case JIT_STUB_STOP: emit_stop(made, 16); return;
    case JIT_STUB_FUEL: emit_fuel(made); return;
    case JIT_STUB_ALLOC: emit_alloc(made); return;
    case JIT_STUB_LAZY: emit_lazy(made); return;
    case JIT_STUB_MATCH: emit_match(made); return;
    case JIT_STUB_C: emit_call_c(made); return;
    case JIT_STUB_RETURN:
        load_memory(&made->code);
        jit_m_return(&made->code);
        return;
    case JIT_STUB_COUNT: return;
    }
    jit_add_far(made, jit_m_jump_far(&made->code),
                JIT_FAR_STUB + JIT_STUB_UNWIND);
}

bool jit_write_stubs(struct wrt_native *native)
{
    struct jit_made made = {.code = {.alloc = native->module->alloc},
                            .what = "stub"};
    bool ok;

    for (int i = 0; i < JIT_STUB_COUNT; i++) {
        jit_asm_room(&made.code, 64 * JIT_INSN_BYTES);
        if (made.code.failed)
            break;
        while (jit_asm_pos(&made.code) % STUB_ALIGN != 0)
            x64_byte(&made.code, 0xcc);
        native->stubs[i] = jit_asm_pos(&made.code);
        emit_stub(&made, (enum jit_stub)i);
    }
    /* In one piece, at the beginning of the code: one system call. */
    ok = !made.code.failed && jit_place_code(native, &made, NULL) != 0;
    jit_made_fini(&made);
    return ok;
}
