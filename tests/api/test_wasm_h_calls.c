/*
 * wasm.h: functions of both sides, traps with their frames, start functions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/api/c_host.h"

static wasm_functype_t *i32_to_i32(void)
{
    return wasm_functype_new_1_1(wasm_valtype_new_i32(),
                                 wasm_valtype_new_i32());
}

/* -- Host functions -------------------------------------------------------- */

static int greetings;

static wasm_trap_t *greet(const wasm_val_vec_t *args, wasm_val_vec_t *results)
{
    CHECK_EQ(args->size, 0);
    CHECK_EQ(results->size, 0);
    greetings++;
    return NULL;
}

TEST(wasm_h_hello)
{
    wasm_functype_t *type = wasm_functype_new_0_0();
    wasm_func_t *func;
    wasm_instance_t *instance;

    c_open();
    func = wasm_func_new(c_store, type, greet);
    wasm_functype_delete(type);
    instance = c_instance("(module (import \"\" \"hello\" (func $h))"
                          "  (func (export \"run\") (call $h)))",
                          wasm_func_as_extern(func), NULL);
    wasm_func_delete(func); /* the instance has it */
    CHECK(c_call(instance, 0, NULL, 0, NULL, 0) == NULL);
    CHECK_EQ(greetings, 1);
    wasm_instance_delete(instance);
    c_close();
}

static wasm_trap_t *add_env(void *env, const wasm_val_vec_t *args,
                            wasm_val_vec_t *results)
{
    CHECK_EQ(results->data[0].kind, WASM_I32);
    results->data[0] = c_i32(args->data[0].of.i32 + *(int *)env);
    return NULL;
}

static int finalized;

static void finalize(void *env)
{
    finalized += *(int *)env;
}

TEST(wasm_h_callback_has_its_environment)
{
    static int env = 40;
    wasm_functype_t *type = i32_to_i32();
    wasm_func_t *func;
    wasm_instance_t *instance;

    c_open();
    func = wasm_func_new_with_env(c_store, type, add_env, &env, finalize);
    wasm_functype_delete(type);
    CHECK_EQ(wasm_func_param_arity(func), 1);
    CHECK_EQ(wasm_func_result_arity(func), 1);
    instance = c_instance(
        "(module (import \"\" \"f\" (func $f (param i32) (result i32)))"
        "  (func (export \"run\") (param i32) (result i32)"
        "    (call $f (call $f (local.get 0)))))",
        wasm_func_as_extern(func), NULL);
    CHECK_EQ(c_call_i32(instance, 0, 1), 81);
    wasm_func_delete(func);
    wasm_instance_delete(instance);
    CHECK_EQ(finalized, 0);
    c_close();
    CHECK_EQ(finalized, 40);
}

TEST(wasm_h_host_functions_can_be_called_directly)
{
    static int env = 2;
    wasm_functype_t *type = i32_to_i32();
    wasm_val_t arg = WASM_I32_VAL(5), result = WASM_INIT_VAL;
    const wasm_val_vec_t args = {1, &arg};
    wasm_val_vec_t results = {1, &result}, none = WASM_EMPTY_VEC;
    wasm_func_t *func;

    c_open();
    func = wasm_func_new_with_env(c_store, type, add_env, &env, NULL);
    CHECK(wasm_func_call(func, &args, &results) == NULL);
    CHECK_EQ(result.of.i32, 7);
    c_check_trap(wasm_func_call(func, &none, &results),
                 "API misuse: wasm_func_call: 0 arguments for a function with "
                 "1 parameters");
    c_check_trap(wasm_func_call(func, &args, &none),
                 "API misuse: wasm_func_call: room for 0 of 1 results");
    arg.kind = WASM_I64;
    c_check_trap(wasm_func_call(func, &args, &results),
                 "API misuse: a value of another type");
    wasm_func_delete(func);
    wasm_functype_delete(type);
    c_close();
}

/* -- Several results ------------------------------------------------------- */

static wasm_trap_t *reverse(const wasm_val_vec_t *args, wasm_val_vec_t *results)
{
    for (size_t i = 0; i < args->size; i++)
        wasm_val_copy(&results->data[i], &args->data[args->size - 1 - i]);
    return NULL;
}

TEST(wasm_h_multi_value)
{
    wasm_valtype_t *types[] = {wasm_valtype_new_i32(), wasm_valtype_new_i64(),
                               wasm_valtype_new_f32(), wasm_valtype_new_f64()};
    wasm_valtype_t *reversed[] = {types[3], types[2], types[1], types[0]};
    wasm_valtype_vec_t params, results;
    const wasm_val_t args[] = {WASM_I32_VAL(1), WASM_I64_VAL(2),
                               WASM_F32_VAL(3.5f), WASM_F64_VAL(4.25)};
    wasm_val_t out[4] = {{0}};
    wasm_functype_t *type;
    wasm_func_t *func;
    wasm_instance_t *instance;

    c_open();
    wasm_valtype_vec_new(&params, 4, types);
    wasm_valtype_vec_new(&results, 4, reversed);
    type = wasm_functype_new(&params, &results);
    func = wasm_func_new(c_store, type, reverse);
    wasm_functype_delete(type);
    instance =
        c_instance("(module (type $t (func (param i32 i64 f32 f64)"
                   "    (result f64 f32 i64 i32)))"
                   "  (import \"\" \"f\" (func $f (type $t)))"
                   "  (func (export \"g\") (type $t)"
                   "    (call $f (local.get 0) (local.get 1) (local.get 2)"
                   "      (local.get 3))))",
                   wasm_func_as_extern(func), NULL);
    CHECK(c_call(instance, 0, args, 4, out, 4) == NULL);
    CHECK_EQ(out[0].of.f64, 4.25);
    CHECK_EQ(out[1].of.f32, 3.5);
    CHECK_EQ(out[2].of.i64, 2);
    CHECK_EQ(out[3].of.i32, 1);
    wasm_func_delete(func);
    wasm_instance_delete(instance);
    c_close();
}

/* More values than are kept on the stack. */
TEST(wasm_h_many_values)
{
    enum { N = 40 };
    char text[2000] = "(module (func (export \"f\") (param";
    wasm_val_t args[N], out[N] = {{0}};
    wasm_instance_t *instance;

    for (int i = 0; i < N; i++)
        strcat(text, " i32");
    strcat(text, ") (result");
    for (int i = 0; i < N; i++)
        strcat(text, " i32");
    strcat(text, ")");
    for (int i = 0; i < N; i++) {
        char get[40] = " (local.get 00)";

        get[12] = (char)('0' + i / 10);
        get[13] = (char)('0' + i % 10);
        strcat(text, get);
        args[i] = c_i32(i * i);
    }
    strcat(text, "))");
    c_open();
    instance = c_instance(text, NULL, NULL);
    CHECK(c_call(instance, 0, args, N, out, N) == NULL);
    for (int i = 0; i < N; i++)
        CHECK_EQ(out[i].of.i32, i * i);
    wasm_instance_delete(instance);
    c_close();
}

/* -- Traps ----------------------------------------------------------------- */

static wasm_trap_t *returned; /* what refuse() returned, once more */

static wasm_trap_t *refuse(void *env, const wasm_val_vec_t *args,
                           wasm_val_vec_t *results)
{
    wasm_message_t message;
    wasm_trap_t *trap;

    (void)args;
    (void)results;
    wasm_name_new_from_string_nt(&message, "no such luck");
    trap = wasm_trap_new(env, &message);
    wasm_byte_vec_delete(&message);
    CHECK(wasm_trap_origin(trap) == NULL);
    returned = wasm_trap_copy(trap);
    return trap;
}

static const char trapping[] =
    "(module (import \"\" \"f\" (func $f (result i32)))"
    "  (func (export \"a\") (result i32) (call $f))"
    "  (func $b (result i32) (unreachable) (i32.const 1))"
    "  (func (export \"c\") (result i32) (nop) (call $b)))";

static void check_frame(const wasm_frame_t *frame,
                        const wasm_instance_t *instance, uint32_t idx)
{
    wasm_frame_t *copy = wasm_frame_copy(frame);

    CHECK(wasm_frame_instance(copy) == instance);
    CHECK_EQ(wasm_frame_func_index(copy), idx);
    CHECK(wasm_frame_func_offset(copy) > 0);
    CHECK(wasm_frame_module_offset(copy) > wasm_frame_func_offset(copy));
    wasm_frame_delete(copy);
}

TEST(wasm_h_trap_of_the_host_goes_through_the_guest)
{
    wasm_functype_t *type = wasm_functype_new_0_1(wasm_valtype_new_i32());
    wasm_instance_t *instance;
    wasm_frame_vec_t trace;
    wasm_trap_t *trap;
    wasm_func_t *func;

    c_open();
    func = wasm_func_new_with_env(c_store, type, refuse, c_store, NULL);
    wasm_functype_delete(type);
    instance = c_instance(trapping, wasm_func_as_extern(func), NULL);
    wasm_func_delete(func);
    trap = c_call(instance, 0, NULL, 0, NULL, 0);
    CHECK(wasm_trap_same(trap, returned)); /* the very one */
    wasm_trap_trace(trap, &trace);
    CHECK_EQ(trace.size, 1);
    check_frame(trace.data[0], instance, 1);
    wasm_frame_vec_delete(&trace);
    c_check_trap(trap, "no such luck");
    wasm_trap_delete(returned);
    wasm_instance_delete(instance);
    c_close();
}

TEST(wasm_h_trap_of_the_guest_has_frames)
{
    wasm_functype_t *type = wasm_functype_new_0_1(wasm_valtype_new_i32());
    wasm_instance_t *instance;
    wasm_frame_vec_t trace;
    wasm_frame_t *origin;
    wasm_trap_t *trap;
    wasm_func_t *func;

    c_open();
    func = wasm_func_new_with_env(c_store, type, refuse, c_store, NULL);
    wasm_functype_delete(type);
    instance = c_instance(trapping, wasm_func_as_extern(func), NULL);
    wasm_func_delete(func);
    trap = c_call(instance, 1, NULL, 0, NULL, 0);
    origin = wasm_trap_origin(trap);
    check_frame(origin, instance, 2);
    wasm_trap_trace(trap, &trace);
    CHECK_EQ(trace.size, 2);
    check_frame(trace.data[0], instance, 2);
    check_frame(trace.data[1], instance, 3);
    CHECK_EQ(wasm_frame_module_offset(trace.data[0]),
             wasm_frame_module_offset(origin));
    wasm_frame_vec_delete(&trace);
    wasm_trap_set_host_info(trap, &trace);
    c_check_trap(wasm_trap_copy(trap), "unreachable");

    /* Without the store there is no instance, but a message. */
    wasm_instance_delete(instance);
    c_close();
    CHECK(wasm_frame_instance(origin) == NULL);
    wasm_frame_delete(origin);
    CHECK(wasm_trap_get_host_info(trap) == &trace);
    c_check_trap(trap, "unreachable");
}

/* A host function may pass on the trap of a call that it has made. */
static wasm_instance_t *inner;
static wasm_trap_t *inner_trap;

static wasm_trap_t *call_inner(const wasm_val_vec_t *args,
                               wasm_val_vec_t *results)
{
    inner_trap = c_call(inner, 0, args->data, 1, results->data, 1);
    return inner_trap;
}

TEST(wasm_h_traps_pass_through_several_calls)
{
    wasm_functype_t *type = i32_to_i32();
    wasm_instance_t *outer;
    wasm_func_t *func;
    wasm_trap_t *trap;
    const wasm_val_t one = WASM_I32_VAL(1);

    c_open();
    func = wasm_func_new(c_store, type, call_inner);
    wasm_functype_delete(type);
    inner = c_instance("(module (func (export \"f\") (param i32) (result i32)"
                       "  (i32.div_u (i32.const 7) (local.get 0))))",
                       NULL, NULL);
    outer = c_instance(
        "(module (import \"\" \"f\" (func $f (param i32) (result i32)))"
        "  (func (export \"g\") (param i32) (result i32)"
        "    (call $f (i32.sub (local.get 0) (i32.const 1)))))",
        wasm_func_as_extern(func), NULL);
    CHECK_EQ(c_call_i32(outer, 0, 2), 7);
    trap = c_call(outer, 0, &one, 1, NULL, 0);
    CHECK(trap == inner_trap);
    c_check_trap(trap, "integer divide by zero");
    wasm_func_delete(func);
    wasm_instance_delete(inner);
    wasm_instance_delete(outer);
    c_close();
}

/* -- Results that do not fit ----------------------------------------------- */

static wasm_trap_t *wrong(const wasm_val_vec_t *args, wasm_val_vec_t *results)
{
    (void)args;
    results->data[0].kind = WASM_F64;
    return NULL;
}

TEST(wasm_h_results_of_callbacks_are_checked)
{
    wasm_functype_t *type = wasm_functype_new_0_1(wasm_valtype_new_i32());
    wasm_instance_t *instance;
    wasm_func_t *func;

    c_open();
    func = wasm_func_new(c_store, type, wrong);
    wasm_functype_delete(type);
    instance = c_instance(trapping, wasm_func_as_extern(func), NULL);
    c_check_trap(c_call(instance, 0, NULL, 0, NULL, 0),
                 "API misuse: a value of another type");
    wasm_func_delete(func);
    wasm_instance_delete(instance);
    c_close();
}

/* -- Start ----------------------------------------------------------------- */

TEST(wasm_h_start_may_trap)
{
    wasm_frame_t *origin;
    wasm_trap_t *trap;

    c_open();
    trap = c_instance_trap("(module (func $s unreachable) (start $s))", NULL);
    origin = wasm_trap_origin(trap);
    CHECK(wasm_frame_instance(origin) != NULL);
    wasm_frame_delete(origin);
    c_check_trap(trap, "unreachable");
    c_close();
}

TEST(wasm_h_imports_must_fit)
{
    const wasm_limits_t limits = {1, 2};
    wasm_memorytype_t *type = wasm_memorytype_new(&limits);
    wasm_memory_t *memory;

    c_open();
    memory = wasm_memory_new(c_store, type);
    wasm_memorytype_delete(type);
    c_check_trap(
        c_instance_trap("(module (import \"\" \"\" (memory 2)))",
                        wasm_memory_as_extern(memory)),
        "incompatible import type: \"\" \"\": expected memory 2, found "
        "memory 1..2");
    c_check_trap(c_instance_trap("(module)", wasm_memory_as_extern(memory)),
                 "API misuse: wasm_instance_new: 1 externs for 0 imports");
    c_close();
    wasm_memory_delete(memory);
}
