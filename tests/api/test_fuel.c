/*
 * Fuel: what programs cost, to the unit, and what happens when it runs out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/api/fuel_model.h"
#include "tests/api/host.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { PLENTY = 1 << 30 };

static void open_with_fuel(void)
{
    wasmrt_config *config = host_config();

    wasmrt_config_set_fuel(config, true);
    host_open_with(config);
}

static void set_fuel(uint64_t units)
{
    check_ok(wasmrt_store_set_fuel(store, units));
}

/* What calling the export costs; its code must be `code`. */
static uint64_t cost(wasmrt_instance *inst, const char *name, wasmrt_code code)
{
    set_fuel(PLENTY);
    if (code == WASMRT_ERR_NONE)
        check_ok(call(inst, name));
    else
        check_code(call(inst, name), code);
    return PLENTY - wasmrt_store_fuel(store);
}

/* That the export costs n units: with n it runs, with n - 1 it does not. */
static void check_cost(wasmrt_instance *inst, const char *name, uint64_t n)
{
    CHECK_EQ(cost(inst, name, WASMRT_ERR_NONE), n);
    set_fuel(n);
    check_ok(call(inst, name));
    CHECK_EQ(wasmrt_store_fuel(store), 0);
    if (n == 0)
        return;
    set_fuel(n - 1);
    check_error(call(inst, name), WASMRT_ERR_FUEL_EXHAUSTED, "out of fuel");
    CHECK(wasmrt_store_fuel(store) < n);
}

/* -- Prices ---------------------------------------------------------------- */

TEST(fuel_counts_instructions_and_not_their_frames)
{
    wasmrt_instance *inst;

    open_with_fuel();
    inst = host_instance(
        "(module (global $g (mut i32) (i32.const 0))"
        " (func (export \"empty\"))"
        " (func (export \"nops\") nop nop (block nop (loop nop)) nop)"
        " (func (export \"add\") i32.const 1 i32.const 2 i32.add drop)"
        " (func (export \"return\") return)"
        " (func (export \"dead\") (block br 0 i32.const 1 drop unreachable)"
        "   return i32.const 1 drop)"
        " (func (export \"then\") (if (i32.const 1) (then (global.set $g"
        "   (i32.const 5))) (else (global.set $g (i32.add (i32.const 1)"
        "   (i32.const 2))))))"
        " (func (export \"else\") (if (i32.const 0) (then (global.set $g"
        "   (i32.const 5))) (else (global.set $g (i32.add (i32.const 1)"
        "   (i32.const 2))))))"
        " (func (export \"neither\") (if (i32.const 0) (then nop)))"
        " (func (export \"loop\") (local $i i32) (loop $l"
        "   (local.set $i (i32.add (local.get $i) (i32.const 1)))"
        "   (br_if $l (i32.lt_u (local.get $i) (i32.const 10)))))"
        " (func (export \"table\") (block (block (br_table 0 1 1"
        "   (i32.const 1)) unreachable) (global.set $g (i32.const 1)))"
        "   (global.set $g (i32.const 2))))");
    check_cost(inst, "empty", 0);
    check_cost(inst, "nops", 0);
    check_cost(inst, "add", 4);
    check_cost(inst, "return", 1);
    check_cost(inst, "dead", 2);
    check_cost(inst, "then", 2 + 2);
    check_cost(inst, "else", 2 + 4);
    check_cost(inst, "neither", 2);
    check_cost(inst, "loop", 10 * 8);
    check_cost(inst, "table", 2 + 2);
    host_close();
}

TEST(fuel_counts_calls_and_recursion)
{
    wasmrt_instance *inst;

    open_with_fuel();
    inst = host_instance(
        "(module (table funcref (elem $leaf)) (type $t (func))"
        " (func $leaf i32.const 7 drop)"
        " (func (export \"call\") call $leaf call $leaf)"
        " (func (export \"indirect\") (call_indirect (type $t) (i32.const 0)))"
        " (func $down (param i32) (if (local.get 0) (then (call $down"
        "   (i32.sub (local.get 0) (i32.const 1))))))"
        " (func (export \"recurse\") (call $down (i32.const 9))))");
    check_cost(inst, "call", 2 + 2 * 2);
    check_cost(inst, "indirect", 2 + 2);
    check_cost(inst, "recurse", 2 + 9 * (2 + 4) + 2);
    host_close();
}

TEST(fuel_counts_bulk_operations_by_64_bytes)
{
    wasmrt_instance *inst;

    open_with_fuel();
    inst = host_instance(
        "(module (memory 2) (table $t 100 funcref) (func $f)"
        " (data $d \"0123456789012345678901234567890123456789012345678901234567"
        "890123456789\") (elem $e func $f $f $f $f $f $f $f $f $f $f)"
        " (func (export \"fill63\") (memory.fill (i32.const 0) (i32.const 1)"
        "   (i32.const 63)))"
        " (func (export \"fill64\") (memory.fill (i32.const 0) (i32.const 1)"
        "   (i32.const 64)))"
        " (func (export \"fill\") (memory.fill (i32.const 0) (i32.const 1)"
        "   (i32.const 131072)))"
        " (func (export \"copy\") (memory.copy (i32.const 9) (i32.const 0)"
        "   (i32.const 70000)))"
        " (func (export \"init\") (memory.init $d (i32.const 0) (i32.const 0)"
        "   (i32.const 70)))"
        " (func (export \"beyond\") (memory.fill (i32.const 1) (i32.const 1)"
        "   (i32.const 131072)))"
        " (func (export \"tfill\") (table.fill $t (i32.const 0) (ref.null func)"
        "   (i32.const 100)))"
        " (func (export \"tcopy\") (table.copy $t $t (i32.const 1)"
        "   (i32.const 0) (i32.const 16)))"
        " (func (export \"tinit\") (table.init $t $e (i32.const 0)"
        "   (i32.const 0) (i32.const 9)))"
        " (func (export \"tgrow\") (drop (table.grow $t (ref.null func)"
        "   (i32.const 80))))"
        " (func (export \"mgrow\") (drop (memory.grow (i32.const 1)))))");
    check_cost(inst, "fill63", 4);
    check_cost(inst, "fill64", 4 + 1);
    check_cost(inst, "fill", 4 + 2048);
    check_cost(inst, "copy", 4 + 1093);
    check_cost(inst, "init", 4 + 1);
    /* What is out of bounds does nothing and costs as much. */
    CHECK_EQ(cost(inst, "beyond", WASMRT_ERR_MEMORY_OOB), 4);
    check_cost(inst, "tfill", 4 + 12);
    check_cost(inst, "tcopy", 4 + 2);
    check_cost(inst, "tinit", 4 + 1);
    check_cost(inst, "tgrow", 4 + 10);
    check_cost(inst, "mgrow", 3);
    host_close();
}

TEST(fuel_instantiation_costs_what_start_executes)
{
    wasmrt_instance *inst;

    open_with_fuel();
    host_instance("(module (memory 1) (table 80 funcref) (func $f)"
                  " (elem (i32.const 0) $f $f $f $f $f $f $f $f $f)"
                  " (data (i32.const 0) \"0123456789012345678901234567890123456"
                  "789012345678901234567890123456789\"))");
    CHECK_EQ(wasmrt_store_fuel(store), 0);
    check_error(host_instance_error("(module (func $s i32.const 1 drop)"
                                    " (start $s))"),
                WASMRT_ERR_FUEL_EXHAUSTED, "out of fuel");
    set_fuel(5);
    inst = host_instance("(module (func $s i32.const 1 drop) (start $s))");
    CHECK(inst != NULL);
    CHECK_EQ(wasmrt_store_fuel(store), 3);
    host_close();
}

/* -- When it is charged ---------------------------------------------------- */

/* A block is paid for when it is entered, whether or not it traps midway. */
TEST(fuel_pays_for_blocks_at_entry)
{
    wasmrt_instance *inst;

    open_with_fuel();
    inst = host_instance(
        "(module (global $g (mut i32) (i32.const 0)) (memory 1)"
        " (func (export \"get\") (result i32) global.get $g)"
        " (func (export \"trap\")"
        "   (drop (i32.div_u (i32.const 1) (i32.const 0)))"
        "   (global.set $g (i32.const 1)) (global.set $g (i32.const 2)))"
        " (func (export \"load\")"
        "   (drop (i32.load (i32.const 65536)))"
        "   (global.set $g (i32.const 1)))"
        " (func (export \"before\")"
        "   (global.set $g (i32.const 3)) unreachable)"
        " (func (export \"split\") (block (global.set $g (i32.const 4)))"
        "   unreachable))");
    CHECK_EQ(cost(inst, "trap", WASMRT_ERR_DIVIDE_BY_ZERO), 8);
    CHECK_EQ(cost(inst, "load", WASMRT_ERR_MEMORY_OOB), 5);
    CHECK_EQ(cost(inst, "before", WASMRT_ERR_UNREACHABLE), 3);
    CHECK_EQ(call_i32(inst, "get", 0), 3);
    CHECK_EQ(cost(inst, "split", WASMRT_ERR_UNREACHABLE), 3);
    set_fuel(2);
    check_code(call(inst, "split"), WASMRT_ERR_FUEL_EXHAUSTED);
    host_close();
}

TEST(fuel_runs_out_before_a_block)
{
    wasmrt_instance *inst;

    open_with_fuel();
    inst = host_instance(
        "(module (global $g (mut i32) (i32.const 0))"
        " (func (export \"get\") (result i32) global.get $g)"
        " (func (export \"f\") (global.set $g (i32.const 1))"
        "   (block (global.set $g (i32.const 2)))"
        "   (global.set $g (i32.const 3)) (global.set $g (i32.const 4))))");
    set_fuel(7);
    check_code(call(inst, "f"), WASMRT_ERR_FUEL_EXHAUSTED);
    CHECK_EQ(wasmrt_store_fuel(store), 3);
    check_ok(wasmrt_store_add_fuel(store, 1));
    CHECK_EQ(call_i32(inst, "get", 0), 2);
    CHECK_EQ(wasmrt_store_fuel(store), 3);
    host_close();
}

/* -- The host -------------------------------------------------------------- */

static uint64_t seen;

static wasmrt_error *look(void *env, wasmrt_caller *caller,
                          const wasmrt_val *args, wasmrt_val *results)
{
    (void)env;
    (void)caller;
    (void)args;
    (void)results;
    seen = wasmrt_store_fuel(store);
    return wasmrt_store_add_fuel(store, 100);
}

/* A host function finds everything up to the call paid for, and no more. */
TEST(fuel_is_exact_in_host_functions)
{
    wasmrt_instance *inst;

    open_with_fuel();
    host_define("look", "() -> ()", look, NULL);
    inst = host_instance("(module (import \"h\" \"look\" (func $look))"
                         " (func (export \"f\") i32.const 1 drop call $look"
                         "   i32.const 1 drop i32.const 1 drop))");
    set_fuel(3);
    check_ok(call(inst, "f"));
    CHECK_EQ(seen, 0);
    CHECK_EQ(wasmrt_store_fuel(store), 96);
    host_close();
}

TEST(fuel_is_usable_again_after_running_out)
{
    wasmrt_instance *inst;

    open_with_fuel();
    inst = host_instance("(module (func (export \"spin\") (loop br 0))"
                         " (func (export \"f\") (result i32) i32.const 9))");
    for (int i = 0; i < 3; i++) {
        set_fuel(1000);
        check_error(call(inst, "spin"), WASMRT_ERR_FUEL_EXHAUSTED,
                    "out of fuel");
        CHECK_EQ(wasmrt_store_fuel(store), 0);
        set_fuel(1);
        CHECK_EQ(call_i32(inst, "f", 0), 9);
    }
    host_close();
}

TEST(fuel_of_engines_that_do_not_count)
{
    wasmrt_instance *inst;

    host_open();
    inst = host_instance("(module (func (export \"f\") (result i32)"
                         " i32.const 9))");
    CHECK_EQ(wasmrt_store_fuel(store), UINT64_MAX);
    check_error(wasmrt_store_set_fuel(store, 1), WASMRT_ERR_MISUSE,
                "wasmrt_config_set_fuel()");
    check_code(wasmrt_store_add_fuel(store, 1), WASMRT_ERR_MISUSE);
    CHECK_EQ(call_i32(inst, "f", 0), 9);
    CHECK_EQ(wasmrt_store_fuel(store), UINT64_MAX);
    host_close();
}

TEST(fuel_sums_do_not_overflow)
{
    open_with_fuel();
    CHECK_EQ(wasmrt_store_fuel(store), 0);
    check_ok(wasmrt_store_add_fuel(store, 5));
    CHECK_EQ(wasmrt_store_fuel(store), 5);
    check_ok(wasmrt_store_add_fuel(store, UINT64_MAX - 2));
    CHECK_EQ(wasmrt_store_fuel(store), UINT64_MAX);
    host_close();
}

/* -- The model ------------------------------------------------------------- */

static wasmrt_instance *instance_of(const struct model *m)
{
    static uint8_t bytes[MODEL_MODULE_BYTES];
    wasmrt_module *module;
    wasmrt_instance *inst;

    check_ok(wasmrt_module_new(engine, bytes, model_encode(m, bytes), &module));
    check_ok(wasmrt_linker_instantiate(linker, store, module, &inst));
    wasmrt_module_delete(module);
    return inst;
}

TEST(fuel_agrees_with_the_model)
{
    static struct model m;
    uint64_t total = 0, most = 0;

    open_with_fuel();
    for (uint64_t seed = 1; seed <= 300; seed++) {
        wasmrt_instance *inst;
        wasmrt_func *f;
        wasmrt_val arg = wasmrt_i32((int32_t)seed), result;
        uint32_t expected;

        model_generate(&m, seed);
        expected = model_run(&m, (uint32_t)seed);
        inst = instance_of(&m);
        f = wasmrt_instance_func(inst, "f");
        set_fuel(m.count);
        check_ok(wasmrt_func_call(store, f, &arg, 1, &result, 1));
        CHECK_EQ((uint32_t)result.of.i32, expected);
        CHECK_EQ(wasmrt_store_fuel(store), 0);
        set_fuel(m.count - 1);
        check_code(wasmrt_func_call(store, f, &arg, 1, &result, 1),
                   WASMRT_ERR_FUEL_EXHAUSTED);
        set_fuel(m.count + 1);
        check_ok(wasmrt_func_call(store, f, &arg, 1, &result, 1));
        CHECK_EQ(wasmrt_store_fuel(store), 1);
        total += m.count;
        most = m.count > most ? m.count : most;
    }
    /* Programs that do nothing would show nothing. */
    printf("fuel: %" PRIu64 " units in 300 programs, %" PRIu64 " at most\n",
           total, most);
    CHECK(total > 100000);
    host_close();
}
