/*
 * Calls between host and guest with a real engine: nesting, traps in the
 * middle, memory that grows under way, several stores and threads.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "tests/api/host.h"

#include <pthread.h>
#include <string.h>

TEST(call_returns_values_of_all_kinds)
{
    wasmrt_instance *inst;
    wasmrt_val args[4] = {wasmrt_i32(-7), wasmrt_i64(1ll << 40),
                          wasmrt_f32(0.5f), wasmrt_f64(-2.25)};
    wasmrt_val results[4];

    host_open();
    inst = host_instance("(module (func (export \"f\") (param i32 i64 f32 f64)"
                         "  (result f64 f32 i64 i32)"
                         "  local.get 3 local.get 2 local.get 1 local.get 0))");
    check_ok(wasmrt_func_call(store, wasmrt_instance_func(inst, "f"), args, 4,
                              results, 4));
    CHECK_EQ(results[0].kind, WASMRT_F64);
    CHECK_EQ(results[0].of.f64, -2.25);
    CHECK_EQ(results[1].of.f32, 0.5f);
    CHECK_EQ(results[2].of.i64, 1ll << 40);
    CHECK_EQ(results[3].of.i32, -7);
    host_close();
}

TEST(call_raw_replaces_parameters_by_results)
{
    wasmrt_instance *inst;
    wasmrt_slot slots[2];

    host_open();
    inst = host_instance("(module (func (export \"divmod\") (param i32 i32)"
                         "  (result i32 i32)"
                         "  local.get 0 local.get 1 i32.div_u"
                         "  local.get 0 local.get 1 i32.rem_u))");
    slots[0].u32 = 17;
    slots[1].u32 = 5;
    check_ok(wasmrt_func_call_raw(store, wasmrt_instance_func(inst, "divmod"),
                                  slots));
    CHECK_EQ(slots[0].u32, 3);
    CHECK_EQ(slots[1].u32, 2);
    host_close();
}

TEST(call_passes_references)
{
    wasmrt_instance *inst;
    wasmrt_func *id, *f;
    wasmrt_val arg = {.kind = WASMRT_EXTERNREF}, result;
    int data;

    host_open();
    inst = host_instance(
        "(module (func $f (export \"f\") (result i32) i32.const 9)"
        "  (table 2 externref)"
        "  (func (export \"id\") (param externref) (result externref)"
        "    (table.set 0 (i32.const 1) (local.get 0))"
        "    (table.get 0 (i32.const 1)))"
        "  (func (export \"ref\") (result funcref) ref.func $f))");
    id = wasmrt_instance_func(inst, "id");
    check_ok(wasmrt_extern_new(store, &data, &arg.of.ext));
    check_ok(wasmrt_func_call(store, id, &arg, 1, &result, 1));
    CHECK_EQ(result.of.ext, arg.of.ext);
    CHECK_EQ(wasmrt_extern_data(result.of.ext), (void *)&data);
    arg.of.ext = NULL;
    check_ok(wasmrt_func_call(store, id, &arg, 1, &result, 1));
    CHECK(result.of.ext == NULL);
    f = wasmrt_instance_func(inst, "ref");
    check_ok(wasmrt_func_call(store, f, NULL, 0, &result, 1));
    CHECK_EQ(result.kind, WASMRT_FUNCREF);
    CHECK_EQ(result.of.func, wasmrt_instance_func(inst, "f"));
    host_close();
}

/* -- Nesting --------------------------------------------------------------- */

static const char nesting[] =
    "(module (import \"h\" \"back\" (func $back (param i32) (result i32)))"
    "  (memory (export \"memory\") 1)"
    "  (func (export \"outer\") (param i32) (result i32)"
    "    (i32.store (i32.const 8) (local.get 0))"
    "    (i32.add (call $back (local.get 0)) (i32.load (i32.const 8))))"
    "  (func (export \"double\") (param i32) (result i32)"
    "    (i32.mul (local.get 0) (i32.const 2)))"
    "  (func (export \"bad\") (param i32) (result i32)"
    "    (i32.div_s (i32.const 1) (i32.const 0))))";

/* Calls the caller's export that env names; hides a trap as -1. */
static wasmrt_error *call_export(void *env, wasmrt_caller *caller,
                                 const wasmrt_val *args, wasmrt_val *results)
{
    wasmrt_instance *inst = wasmrt_caller_instance(caller);
    wasmrt_error *error =
        wasmrt_func_call(wasmrt_caller_store(caller),
                         wasmrt_instance_func(inst, env), args, 1, results, 1);

    if (error && wasmrt_error_code(error) == WASMRT_ERR_DIVIDE_BY_ZERO) {
        CHECK_EQ(wasmrt_error_frame_count(error), 2);
        CHECK_STR_EQ(wasmrt_error_frame(error, 0)->func_name, "bad");
        CHECK_STR_EQ(wasmrt_error_frame(error, 1)->func_name, "outer");
        wasmrt_error_delete(error);
        results[0] = wasmrt_i32(-1);
        return NULL;
    }
    return error;
}

TEST(call_nests_guest_host_guest)
{
    char name[] = "double";

    host_open();
    host_define("back", "(i32) -> i32", call_export, name);
    CHECK_EQ(call_i32(host_instance(nesting), "outer", 1, 21), 63);
    host_close();
}

TEST(call_survives_a_trap_of_an_inner_call)
{
    char name[] = "bad";
    wasmrt_instance *inst;

    host_open();
    host_define("back", "(i32) -> i32", call_export, name);
    inst = host_instance(nesting);
    for (int i = 0; i < 100; i++)
        CHECK_EQ(call_i32(inst, "outer", 1, i), i - 1);
    host_close();
}

static wasmrt_error *pass_on(void *env, wasmrt_caller *caller,
                             const wasmrt_val *args, wasmrt_val *results)
{
    wasmrt_instance *inst = wasmrt_caller_instance(caller);

    return wasmrt_func_call(store, wasmrt_instance_func(inst, env), args, 1,
                            results, 1);
}

TEST(call_passes_an_inner_trap_on_with_all_frames)
{
    char name[] = "bad";
    wasmrt_val arg = wasmrt_i32(1), result;
    wasmrt_instance *inst;
    wasmrt_error *error;

    host_open();
    host_define("back", "(i32) -> i32", pass_on, name);
    inst = host_instance(nesting);
    error = wasmrt_func_call(store, wasmrt_instance_func(inst, "outer"), &arg,
                             1, &result, 1);
    CHECK(error != NULL);
    CHECK_EQ(wasmrt_error_frame_count(error), 2);
    CHECK_STR_EQ(wasmrt_error_frame(error, 1)->func_name, "outer");
    CHECK(wasmrt_error_frame(error, 0)->func_offset > 0);
    check_error(error, WASMRT_ERR_DIVIDE_BY_ZERO, "integer divide by zero");
    host_close();
}

TEST(call_nesting_without_end_is_a_trap)
{
    char name[] = "outer";
    wasmrt_val arg = wasmrt_i32(1), result;
    wasmrt_instance *inst;

    host_open();
    host_define("back", "(i32) -> i32", pass_on, name);
    inst = host_instance(nesting);
    check_code(wasmrt_func_call(store, wasmrt_instance_func(inst, "outer"),
                                &arg, 1, &result, 1),
               WASMRT_ERR_STACK_OVERFLOW);
    CHECK_EQ(call_i32(inst, "double", 1, 4), 8);
    host_close();
}

TEST(call_deep_recursion_is_a_trap)
{
    wasmrt_instance *inst;
    wasmrt_error *error;

    host_open();
    inst = host_instance("(module (func $f (export \"f\") call $f)"
                         "  (func (export \"g\") (result i32) i32.const 3))");
    for (int i = 0; i < 3; i++) {
        error = call(inst, "f");
        CHECK(error != NULL);
        CHECK(wasmrt_error_stack_depth(error) > 10000);
        check_error(error, WASMRT_ERR_STACK_OVERFLOW, "call stack exhausted");
    }
    CHECK_EQ(call_i32(inst, "g", 0), 3);
    host_close();
}

/* A module whose start function makes the next instance of it. */
static wasmrt_error *instantiate_again(void *module, wasmrt_caller *caller,
                                       const wasmrt_val *args,
                                       wasmrt_val *results)
{
    wasmrt_instance *inst;

    (void)args;
    (void)results;
    return wasmrt_linker_instantiate(linker, wasmrt_caller_store(caller),
                                     *(wasmrt_module **)module, &inst);
}

/* No frame of a guest is in between, yet it is the guest that nests. */
TEST(call_nesting_through_start_functions_of_the_host_is_a_trap)
{
    wasmrt_module *module;
    wasmrt_instance *inst;

    host_open();
    host_define("again", "() -> ()", instantiate_again, &module);
    module = host_module("(module (import \"h\" \"again\" (func $again))"
                         "  (start $again))");
    check_code(wasmrt_linker_instantiate(linker, store, module, &inst),
               WASMRT_ERR_STACK_OVERFLOW);
    inst = host_instance("(module (func (export \"g\") (result i32)"
                         "  i32.const 3))");
    CHECK_EQ(call_i32(inst, "g", 0), 3);
    wasmrt_module_delete(module);
    host_close();
}

/* -- Memory ---------------------------------------------------------------- */

/* Grows the caller's memory, so that its base may move, and writes there. */
static wasmrt_error *grow_and_write(void *env, wasmrt_caller *caller,
                                    const wasmrt_val *args, wasmrt_val *results)
{
    wasmrt_memory *memory = wasmrt_caller_memory(caller);
    uint32_t addr = (uint32_t)args[0].of.i32;
    const int32_t value = 1000;

    (void)env;
    check_ok(wasmrt_memory_grow(memory, 50, NULL));
    CHECK(wasmrt_memory_write(memory, addr, &value, sizeof(value)));
    results[0] = wasmrt_i32((int32_t)(wasmrt_memory_size(memory) >> 16));
    return NULL;
}

TEST(call_sees_a_memory_that_the_host_has_grown)
{
    wasmrt_instance *inst;

    host_open();
    host_define("grow", "(i32) -> i32", grow_and_write, NULL);
    inst = host_instance(
        "(module (import \"h\" \"grow\" (func $grow (param i32) (result i32)))"
        "  (memory (export \"memory\") 1)"
        "  (func (export \"f\") (result i32) (local i32)"
        "    (i32.store (i32.const 4) (i32.const 7))"
        "    (local.set 0 (call $grow (i32.const 64000)))"
        "    (i32.store8 (i32.const 3000000) (i32.const 5))"
        "    (i32.add (local.get 0)"
        "      (i32.add (i32.load (i32.const 4))"
        "        (i32.add (i32.load (i32.const 64000))"
        "                 (i32.load (i32.const 3000000)))))))");
    CHECK_EQ(call_i32(inst, "f", 0), 51 + 7 + 1000 + 5);
    host_close();
}

TEST(call_out_of_bounds_is_a_trap_with_place)
{
    wasmrt_instance *inst;
    wasmrt_error *error;

    host_open();
    inst = host_instance(
        "(module (memory (export \"memory\") 1)"
        "  (func $leaf (export \"leaf\") (param i32)"
        "    (i64.store offset=8 (local.get 0) (i64.const -1)))"
        "  (func (export \"f\") (call $leaf (i32.const 65521)))"
        "  (func (export \"g\") (call $leaf (i32.const -1)))"
        "  (func (export \"ok\") (result i32) (call $leaf (i32.const 65520))"
        "    (i32.load8_u (i32.const 65535))))");
    error = call(inst, "f");
    CHECK(error != NULL);
    CHECK_EQ(wasmrt_error_frame_count(error), 2);
    CHECK_STR_EQ(wasmrt_error_frame(error, 0)->func_name, "leaf");
    CHECK_STR_EQ(wasmrt_error_frame(error, 1)->func_name, "f");
    check_error(error, WASMRT_ERR_MEMORY_OOB, "out of bounds memory access");
    check_code(call(inst, "g"), WASMRT_ERR_MEMORY_OOB);
    CHECK_EQ(call_i32(inst, "ok", 0), 255);
    host_close();
}

TEST(call_in_both_bounds_modes_gives_the_same_traps)
{
    static const wasmrt_bounds modes[] = {WASMRT_BOUNDS_AUTO,
                                          WASMRT_BOUNDS_CHECK};

    for (int i = 0; i < 2; i++) {
        wasmrt_config *config = host_config();
        wasmrt_instance *inst;

        wasmrt_config_set_bounds(config, modes[i]);
        host_open_with(config);
        inst = host_instance(
            "(module (memory 1 2)"
            "  (func (export \"load\") (param i32) (result i32)"
            "    (i32.load offset=4294967295 (local.get 0)))"
            "  (func (export \"grow\") (result i32)"
            "    (memory.grow (i32.const 1)))"
            "  (func (export \"edge\") (i32.store (i32.const 65533)"
            "    (i32.const 1)))"
            "  (func (export \"nothing\") (drop (i32.load (i32.const 65536)))))");
        check_code(call(inst, "edge"), WASMRT_ERR_MEMORY_OOB);
        check_code(call(inst, "nothing"), WASMRT_ERR_MEMORY_OOB);
        CHECK_EQ(call_i32(inst, "grow", 0), 1);
        check_ok(call(inst, "edge"));
        check_ok(call(inst, "nothing"));
        CHECK_EQ(call_i32(inst, "grow", 0), -1);
        {
            wasmrt_val arg = wasmrt_i32(1), result;
            wasmrt_func *load = wasmrt_instance_func(inst, "load");

            check_code(wasmrt_func_call(store, load, &arg, 1, &result, 1),
                       WASMRT_ERR_MEMORY_OOB);
        }
        host_close();
    }
}

/* -- Instances that share -------------------------------------------------- */

TEST(call_through_a_shared_table)
{
    wasmrt_instance *a, *b;

    host_open();
    a = host_instance("(module (table (export \"t\") 4 funcref)"
                      "  (memory (export \"m\") 1)"
                      "  (global (export \"g\") (mut i32) (i32.const 5))"
                      "  (type $v (func (result i32)))"
                      "  (func (export \"run\") (param i32) (result i32)"
                      "    (call_indirect (type $v) (local.get 0))))");
    check_ok(wasmrt_linker_define_instance(linker, "a", a));
    b = host_instance("(module (import \"a\" \"t\" (table 4 funcref))"
                      "  (import \"a\" \"m\" (memory 1))"
                      "  (import \"a\" \"g\" (global $g (mut i32)))"
                      "  (func $own (result i32) (i32.store (i32.const 0)"
                      "     (i32.const 77)) (global.get $g))"
                      "  (func $other (param i32))"
                      "  (elem (i32.const 1) $own $other)"
                      "  (func (export \"peek\") (result i32)"
                      "    (i32.load (i32.const 0))))");
    CHECK_EQ(call_i32(a, "run", 1, 1), 5);
    CHECK_EQ(call_i32(b, "peek", 0), 77);
    {
        wasmrt_func *run = wasmrt_instance_func(a, "run");
        wasmrt_val arg = wasmrt_i32(2), result;

        check_code(wasmrt_func_call(store, run, &arg, 1, &result, 1),
                   WASMRT_ERR_INDIRECT_CALL_TYPE);
        arg = wasmrt_i32(0);
        check_code(wasmrt_func_call(store, run, &arg, 1, &result, 1),
                   WASMRT_ERR_UNINITIALIZED_ELEMENT);
        arg = wasmrt_i32(4);
        check_code(wasmrt_func_call(store, run, &arg, 1, &result, 1),
                   WASMRT_ERR_UNDEFINED_ELEMENT);
    }
    host_close();
}

TEST(call_of_a_function_of_a_failed_instance)
{
    wasmrt_instance *a;
    wasmrt_error *error;

    host_open();
    a = host_instance("(module (table (export \"t\") 4 funcref)"
                      "  (type $v (func (result i32)))"
                      "  (func (export \"run\") (param i32) (result i32)"
                      "    (call_indirect (type $v) (local.get 0))))");
    check_ok(wasmrt_linker_define_instance(linker, "a", a));
    error = host_instance_error("(module (import \"a\" \"t\" (table 4 funcref))"
                                "  (func $f (result i32) (i32.const 123))"
                                "  (elem (i32.const 0) $f)"
                                "  (func $s unreachable) (start $s))");
    CHECK_EQ(wasmrt_error_frame_count(error), 1);
    check_code(error, WASMRT_ERR_UNREACHABLE);
    CHECK_EQ(call_i32(a, "run", 1, 0), 123);
    host_close();
}

TEST(call_goes_through_a_reexported_host_function)
{
    char name[] = "double";
    wasmrt_instance *a, *b;

    host_open();
    host_define("back", "(i32) -> i32", call_export, name);
    a = host_instance("(module (import \"h\" \"back\" (func (param i32)"
                      "  (result i32))) (export \"back\" (func 0)))");
    check_ok(wasmrt_linker_define_instance(linker, "a", a));
    b = host_instance(
        "(module (import \"a\" \"back\" (func $b (param i32) (result i32)))"
        "  (func (export \"double\") (param i32) (result i32)"
        "    (i32.shl (local.get 0) (i32.const 1)))"
        "  (func (export \"f\") (result i32) (call $b (i32.const 4))))");
    CHECK_EQ(call_i32(b, "f", 0), 8);
    CHECK_EQ(wasmrt_instance_func(a, "back"), wasmrt_instance_func(a, "back"));
    host_close();
}

/* -- Stores and threads ---------------------------------------------------- */

static const char counting[] =
    "(module (memory 1) (global $g (mut i32) (i32.const 0))"
    "  (func (export \"run\") (param i32) (result i32) (local $i i32)"
    "    (loop $l"
    "      (i32.store (i32.mul (local.get $i) (i32.const 4))"
    "        (i32.add (i32.load (i32.const 0)) (local.get 0)))"
    "      (global.set $g (i32.add (global.get $g) (local.get 0)))"
    "      (br_if $l (i32.lt_u (local.tee $i"
    "        (i32.add (local.get $i) (i32.const 1))) (i32.const 10000))))"
    "    (global.get $g)))";

struct job {
    wasmrt_module *module;
    int32_t step, result;
};

static void *run_job(void *arg)
{
    struct job *job = arg;
    wasmrt_store *mine;
    wasmrt_instance *inst;
    wasmrt_val value = wasmrt_i32(job->step), result;

    for (int i = 0; i < 20; i++) {
        check_ok(wasmrt_store_new(engine, &mine));
        check_ok(wasmrt_linker_instantiate(linker, mine, job->module, &inst));
        check_ok(wasmrt_func_call(mine, wasmrt_instance_func(inst, "run"),
                                  &value, 1, &result, 1));
        job->result = result.of.i32;
        wasmrt_store_delete(mine);
    }
    return NULL;
}

TEST(call_in_several_threads_with_one_module)
{
    pthread_t threads[4];
    struct job jobs[4];

    host_open();
    for (int i = 0; i < 4; i++) {
        jobs[i] = (struct job){.module = NULL, .step = i + 1};
        jobs[i].module =
            i ? wasmrt_module_ref(jobs[0].module) : host_module(counting);
    }
    for (int i = 0; i < 4; i++)
        CHECK_EQ(pthread_create(&threads[i], NULL, run_job, &jobs[i]), 0);
    for (int i = 0; i < 4; i++) {
        CHECK_EQ(pthread_join(threads[i], NULL), 0);
        CHECK_EQ(jobs[i].result, 10000 * (i + 1));
        wasmrt_module_delete(jobs[i].module);
    }
    host_close();
}

/* Calls into another store while the first one's guest waits. */
static wasmrt_error *call_other_store(void *env, wasmrt_caller *caller,
                                      const wasmrt_val *args,
                                      wasmrt_val *results)
{
    struct job job = {.module = env, .step = 3};

    (void)args;
    CHECK_EQ(wasmrt_caller_store(caller), store);
    run_job(&job);
    results[0] = wasmrt_i32(job.result);
    return NULL;
}

TEST(call_nests_over_two_stores)
{
    wasmrt_module *module;
    wasmrt_instance *inst;

    host_open();
    module = host_module(counting);
    host_define("other", "() -> i32", call_other_store, module);
    inst = host_instance(
        "(module (import \"h\" \"other\" (func $o (result i32))) (memory 1)"
        "  (func (export \"f\") (result i32) (call $o))"
        "  (func (export \"g\") (drop (call $o))"
        "    (drop (i32.load (i32.const 65536)))))");
    CHECK_EQ(call_i32(inst, "f", 0), 30000);
    /* A fault after the other store has come and gone is this store's. */
    check_code(call(inst, "g"), WASMRT_ERR_MEMORY_OOB);
    wasmrt_module_delete(module);
    host_close();
}

TEST(call_needs_the_module_no_longer_than_its_instance)
{
    wasmrt_module *module;
    wasmrt_instance *inst;
    wasmrt_val value = wasmrt_i32(1), result;

    host_open();
    module = host_module(counting);
    check_ok(wasmrt_linker_instantiate(linker, store, module, &inst));
    CHECK_EQ(wasmrt_instance_module(inst), module);
    wasmrt_module_delete(module);
    wasmrt_linker_delete(linker);
    wasmrt_engine_delete(engine);
    check_ok(wasmrt_func_call(store, wasmrt_instance_func(inst, "run"), &value,
                              1, &result, 1));
    wasmrt_store_delete(store);
}

/* -- Stopping -------------------------------------------------------------- */

TEST(call_is_interrupted_wherever_it_runs)
{
    static const char *const loops[] = {
        "(loop $l br $l)",
        ("(loop $l (memory.fill (i32.const 0) (i32.const 1)"
         "   (i32.const 67108864)) br $l)"),
        "(call $f)", /* many short calls */
        "(loop $l (br_if $l (i32.const 1)))",
    };

    host_open();
    for (size_t i = 0; i < sizeof(loops) / sizeof(*loops); i++) {
        char text[512] = "(module (memory 1024) (func $f (loop $l (call $e)"
                         " br $l)) (func $e) (func (export \"run\")";
        wasmrt_instance *inst;
        wasmrt_error *error;

        strcat(text, loops[i]);
        strcat(text, "))");
        inst = host_instance(text);
        error = call_interrupted(inst, "run");
        CHECK(wasmrt_error_frame_count(error) > 0);
        check_code(error, WASMRT_ERR_INTERRUPTED);
    }
    host_close();
}
