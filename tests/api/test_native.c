/*
 * Native calls: C functions as imports, functions of guests as C functions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/api/host.h"
#include "tests/lib/heap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void open_native(void)
{
    if (!wasmrt_native_available())
        SKIP("built without libffi");
    host_open();
}

static void define(const char *name, void *function, const char *signature)
{
    check_ok(
        wasmrt_linker_define_native(linker, "h", name, function, signature));
}

/* -- Numbers --------------------------------------------------------------- */

static double mix(int32_t a, int64_t b, float c, double d, uint32_t e)
{
    return a + (double)b + (double)c + d + e;
}

static int8_t narrow(int32_t a)
{
    return (int8_t)a;
}

static float half(float a)
{
    return a / 2;
}

static int64_t sum_of_many(int64_t a, int64_t b, int64_t c, int64_t d,
                           int64_t e, int64_t f, int64_t g, double h, int32_t i)
{
    return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + (int64_t)h + i;
}

static int ncalls;

static void nothing(void)
{
    ncalls++;
}

TEST(native_passes_numbers)
{
    static const char text[] =
        "(module"
        " (import \"h\" \"pow\" (func $pow (param f64 f64) (result f64)))"
        " (import \"h\" \"mix\" (func $mix (param i32 i64 f32 f64 i32)"
        "  (result f64)))"
        " (import \"h\" \"narrow\" (func $narrow (param i32) (result i32)))"
        " (import \"h\" \"half\" (func $half (param f32) (result f32)))"
        " (import \"h\" \"many\" (func $many (param i64 i64 i64 i64 i64 i64 i64"
        "  f64 i32) (result i64)))"
        " (import \"h\" \"nothing\" (func $nothing))"
        " (func (export \"pow\") (result i32) (i32.trunc_f64_s"
        "  (call $pow (f64.const 3) (f64.const 4))))"
        " (func (export \"mix\") (result i32) (i32.trunc_f64_s (call $mix"
        "  (i32.const -1) (i64.const 0x100000000) (f32.const 0.5)"
        "  (f64.const -8589934592) (i32.const -1))))"
        " (func (export \"narrow\") (param i32) (result i32)"
        "  (call $narrow (local.get 0)))"
        " (func (export \"half\") (result i32) (i32.trunc_f32_s"
        "  (f32.mul (call $half (f32.const 3)) (f32.const 10))))"
        " (func (export \"many\") (result i32) (i32.wrap_i64 (call $many"
        "  (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4)"
        "  (i64.const 5) (i64.const 6) (i64.const 7) (f64.const 100)"
        "  (i32.const -1000))))"
        " (func (export \"nothing\") (call $nothing) (call $nothing)))";
    wasmrt_instance *inst;

    open_native();
    define("pow", (void *)pow, "(f64 f64) -> f64");
    define("mix", (void *)mix, "(i32 i64 f32 f64 i32) -> f64");
    define("narrow", (void *)narrow, "(i32) -> i32");
    define("half", (void *)half, "(f32) -> f32");
    define("many", (void *)sum_of_many,
           "(i64 i64 i64 i64 i64 i64 i64 f64 i32) -> (i64)");
    define("nothing", (void *)nothing, "() -> ()");
    inst = host_instance(text);
    CHECK_EQ(call_i32(inst, "pow", 0), 81);
    CHECK_EQ(call_i32(inst, "mix", 0), -1);
    CHECK_EQ(call_i32(inst, "narrow", 1, -3), -3);
    CHECK_EQ(call_i32(inst, "half", 0), 15);
    CHECK_EQ(call_i32(inst, "many", 0), 140 + 100 - 1000);
    check_ok(call(inst, "nothing"));
    CHECK_EQ(ncalls, 2);
    host_close();
}

/* -- Pointers -------------------------------------------------------------- */

static uint8_t *memory_base;
static int sum_seen;

static int32_t sum_pair(const int32_t *pair)
{
    CHECK_EQ((uintptr_t)pair % 4, 0);
    return (int32_t)((uint32_t)pair[0] + (uint32_t)pair[1]);
}

static int32_t fill(uint8_t *bytes, size_t len, int32_t with)
{
    memset(bytes, with, len);
    sum_seen = (int)len;
    return (int32_t)(bytes - memory_base);
}

static int32_t length(const char *text)
{
    return (int32_t)strlen(text);
}

static const char uses_memory[] =
    "(module"
    " (import \"h\" \"pair\" (func $pair (param i32) (result i32)))"
    " (import \"h\" \"fill\" (func $fill (param i32 i32 i32) (result i32)))"
    " (import \"h\" \"length\" (func $length (param i32) (result i32)))"
    " (memory (export \"memory\") 1 2)"
    " (data (i32.const 8) \"\\05\\00\\00\\00\\25\\00\\00\\00\")"
    " (data (i32.const 100) \"hello, host\\00\")"
    " (data (i32.const 65530) \"no end\")"
    " (func (export \"pair\") (param i32) (result i32)"
    "  (call $pair (local.get 0)))"
    " (func (export \"fill\") (param i32 i32) (result i32)"
    "  (call $fill (local.get 0) (local.get 1) (i32.const 7)))"
    " (func (export \"load\") (param i32) (result i32)"
    "  (i32.load8_u (local.get 0)))"
    " (func (export \"length\") (param i32) (result i32)"
    "  (call $length (local.get 0))))";

static void check_bad(wasmrt_instance *inst, const char *name, int32_t a,
                      int32_t b, int n, const char *has)
{
    wasmrt_val args[] = {wasmrt_i32(a), wasmrt_i32(b)}, result;
    wasmrt_error *error = wasmrt_func_call(
        store, wasmrt_instance_func(inst, name), args, (size_t)n, &result, 1);

    CHECK(error && wasmrt_error_frame_count(error) == 1);
    check_error(error, WASMRT_ERR_BAD_GUEST_POINTER, has);
}

TEST(native_checks_addresses)
{
    wasmrt_instance *inst;
    wasmrt_extern_val memory;

    open_native();
    define("pair", (void *)sum_pair, "(const ptr[8]) -> i32");
    define("fill", (void *)fill, "(mut buf i32) -> i32");
    define("length", (void *)length, "(str) -> i32");
    inst = host_instance(uses_memory);
    CHECK(wasmrt_instance_export(inst, "memory", &memory));
    memory_base = wasmrt_memory_ptr(memory.of.memory, 0, 1);
    CHECK_EQ(call_i32(inst, "pair", 1, 8), 42);
    CHECK_EQ(call_i32(inst, "pair", 1, 0), 0);
    CHECK_EQ(call_i32(inst, "load", 1, 65535), 'd');
    (void)call_i32(inst, "pair", 1, 65528);
    check_bad(inst, "pair", 65536, 0, 1, "not in the memory");
    check_bad(inst, "pair", -8, 0, 1, "not in the memory");
    check_bad(inst, "pair", 12, 0, 1, "not aligned");
    check_bad(inst, "pair", 65532, 0, 1, "0xfffc");
    CHECK_EQ(call_i32(inst, "fill", 2, 200, 50), 200);
    CHECK_EQ(sum_seen, 50);
    CHECK_EQ(call_i32(inst, "load", 1, 199), 0);
    CHECK_EQ(call_i32(inst, "load", 1, 200), 7);
    CHECK_EQ(call_i32(inst, "load", 1, 249), 7);
    CHECK_EQ(call_i32(inst, "load", 1, 250), 0);
    CHECK_EQ(call_i32(inst, "fill", 2, 65536, 0), 65536);
    CHECK_EQ(call_i32(inst, "fill", 2, 0, 16), 0);
    check_bad(inst, "fill", 65536, 1, 2, "not in the memory");
    check_bad(inst, "fill", 65535, 2, 2, "not in the memory");
    check_bad(inst, "fill", -1, -1, 2, "not in the memory");
    check_bad(inst, "fill", 0, 65537, 2, "not in the memory");
    CHECK_EQ(call_i32(inst, "length", 1, 100), 11);
    CHECK_EQ(call_i32(inst, "length", 1, 111), 0);
    check_bad(inst, "length", 65530, 0, 1, "no string that ends");
    check_bad(inst, "length", 65536, 0, 1, "no string that ends");
    check_bad(inst, "length", -1, 0, 1, "no string that ends");
    host_close();
}

TEST(native_without_a_memory)
{
    static const char text[] =
        "(module (import \"h\" \"length\" (func (param i32) (result i32)))"
        " (func (export \"length\") (param i32) (result i32)"
        "  (call 0 (local.get 0))))";

    open_native();
    define("length", (void *)length, "(const str) -> i32");
    check_bad(host_instance(text), "length", 0, 0, 1, "no string");
    host_close();
}

TEST(native_definitions_are_checked)
{
    static const struct {
        const char *signature, *says;
    } cases[] = {
        {"(v128) -> ()", "expected a number, ptr[N], buf or str or \")\" at"},
        {"(funcref) -> ()", "expected a number"},
        {"(ptr) -> ()", "expected \"[\" and a size at column 5"},
        {"(ptr[]) -> ()", "a size in bytes"},
        {"(ptr[0]) -> ()", "a size in bytes"},
        {"(ptr[-1]) -> ()", "a size in bytes"},
        {"(ptr[4294967296]) -> ()", "a size below 2 GiB"},
        {"(ptr[99999999999999999999999]) -> ()", "a size below 2 GiB"},
        {"(ptr[4) -> ()", "expected \"]\""},
        {"(mut str) -> ()", "expected ptr[N] or buf"},
        {"(const i32) -> ()", "expected ptr[N], buf or str"},
        {"(const mut buf) -> ()", "expected ptr[N], buf or str"},
        {"() -> buf", "the result is no number"},
        {"() -> (i32 i32)", "fewer types"},
        {"(i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32"
         " i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)"
         " -> ()",
         "fewer types"},
    };

    open_native();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check_error(wasmrt_linker_define_native(
                        linker, "h", "f", (void *)nothing, cases[i].signature),
                    WASMRT_ERR_MISUSE, cases[i].says);
    check_code(wasmrt_linker_define_native(linker, "h", "f", NULL, "() -> ()"),
               WASMRT_ERR_MISUSE);
    check_code(wasmrt_linker_define_native(linker, NULL, "f", (void *)nothing,
                                           "() -> ()"),
               WASMRT_ERR_MISUSE);
    define("f", (void *)nothing, "( const ptr [ 4 ] mut buf str ) -> ( )");
    check_code(wasmrt_linker_define_native(linker, "h", "f", (void *)nothing,
                                           "() -> ()"),
               WASMRT_ERR_ALREADY_DEFINED);
    host_close();
}

/* -- Closures -------------------------------------------------------------- */

/* Sorts an array in its memory by its own function: the host's qsort, through
 * a closure that the host gives to it. */
static const char sorts[] =
    "(module"
    " (import \"h\" \"sort\" (func $sort (param i32 i32 i32)))"
    " (memory (export \"memory\") 1 200)"
    " (global $n (export \"n\") (mut i32) (i32.const 0))"
    " (global $trap_at (mut i32) (i32.const -1))"
    " (global $grew (mut i32) (i32.const 5))"
    " (func (export \"compare\") (param $a i32) (param $b i32) (result i32)"
    "  (global.set $n (i32.add (global.get $n) (i32.const 1)))"
    "  (if (i32.eq (global.get $n) (global.get $trap_at))"
    "   (then (unreachable)))"
    "  (i32.sub (i32.gt_s (i32.load (local.get $a)) (i32.load (local.get $b)))"
    "   (i32.lt_s (i32.load (local.get $a)) (i32.load (local.get $b)))))"
    " (func (export \"grow\") (param $a i32) (param $b i32) (result i32)"
    "  (if (i32.eq (global.get $grew) (i32.const 5))"
    "   (then (global.set $grew (memory.grow (i32.const 100)))))"
    "  (i32.const 0))"
    " (func (export \"grew\") (result i32) (global.get $grew))"
    " (func (export \"count\") (result i32) (global.get $n))"
    " (func (export \"trap_at\") (param i32) (result i32)"
    "  (global.set $trap_at (local.get 0)) (global.set $n (i32.const 0))"
    "  (i32.const 0))"
    " (func (export \"fill\") (param $k i32) (result i32) (local $i i32)"
    "  (loop $l"
    "   (i32.store (i32.add (i32.const 1000) (i32.mul (i32.const 4)"
    "    (local.get $i)))"
    "    (i32.rem_u (i32.mul (local.get $i) (i32.const 7919))"
    "     (i32.const 1009)))"
    "   (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i)"
    "    (i32.const 1))) (local.get $k))))"
    "  (i32.const 0))"
    " (func (export \"is_sorted\") (param $k i32) (result i32)"
    "  (local $i i32)"
    "  (loop $l"
    "   (if (i32.gt_s"
    "     (i32.load (i32.add (i32.const 1000) (i32.mul (i32.const 4)"
    "      (local.get $i))))"
    "     (i32.load (i32.add (i32.const 1004) (i32.mul (i32.const 4)"
    "      (local.get $i)))))"
    "    (then (return (i32.const 0))))"
    "   (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i)"
    "    (i32.const 1))) (i32.sub (local.get $k) (i32.const 1)))))"
    "  (i32.const 1))"
    " (func (export \"sort\") (param $k i32) (result i32)"
    "  (call $sort (i32.const 1000) (i32.mul (i32.const 4) (local.get $k))"
    "   (i32.const 4))"
    "  (i32.const 77))"
    " (func (export \"scale\") (param f32 i64 f64 i32) (result f64)"
    "  (f64.add (f64.add (f64.promote_f32 (local.get 0))"
    "   (f64.convert_i64_s (local.get 1)))"
    "   (f64.add (local.get 2) (f64.convert_i32_s (local.get 3)))))"
    " (func (export \"to_f32\") (param f32) (result f32) (local.get 0))"
    " (func (export \"neg\") (param i32) (result i32)"
    "  (i32.sub (i32.const 0) (local.get 0)))"
    " (func (export \"none\"))"
    ")";

typedef int (*compare_fn)(const void *, const void *);
static compare_fn compare;

static void sort_bytes(void *base, size_t len, int32_t size)
{
    qsort(base, len / (size_t)size, (size_t)size, compare);
}

static wasmrt_closure *new_closure(wasmrt_instance *inst, const char *name,
                                   const char *signature)
{
    wasmrt_closure *closure;

    check_ok(wasmrt_closure_new(store, wasmrt_instance_func(inst, name),
                                signature, &closure));
    return closure;
}

static void *function_of(wasmrt_instance *inst, const char *name,
                         const char *signature)
{
    return wasmrt_closure_function(new_closure(inst, name, signature));
}

static wasmrt_instance *open_sorts(void)
{
    open_native();
    define("sort", (void *)sort_bytes, "(buf i32) -> ()");
    return host_instance(sorts);
}

static const char compares[] = "(const ptr[4] const ptr[4]) -> i32";

TEST(native_closure_sorts)
{
    wasmrt_instance *inst = open_sorts();

    compare = (compare_fn)function_of(inst, "compare", compares);
    CHECK_EQ(call_i32(inst, "fill", 1, 500), 0);
    CHECK_EQ(call_i32(inst, "is_sorted", 1, 500), 0);
    CHECK_EQ(call_i32(inst, "sort", 1, 500), 77);
    CHECK_EQ(call_i32(inst, "is_sorted", 1, 500), 1);
    CHECK(call_i32(inst, "count", 0) > 1000);
    CHECK(wasmrt_store_take_closure_error(store) == NULL);
    host_close();
}

TEST(native_closure_takes_numbers)
{
    wasmrt_instance *inst = open_sorts();
    double (*scale)(float, int64_t, double, int32_t);
    float (*to_f32)(float);
    int (*neg)(int);
    void (*none)(void);
    wasmrt_closure *closure = new_closure(inst, "neg", "(i32) -> i32");

    scale = (double (*)(float, int64_t, double, int32_t))function_of(
        inst, "scale", "(f32 i64 f64 i32) -> f64");
    to_f32 = (float (*)(float))function_of(inst, "to_f32", "(f32) -> f32");
    none = (void (*)(void))function_of(inst, "none", "() -> ()");
    neg = (int (*)(int))wasmrt_closure_function(closure);
    CHECK_EQ(scale(0.5F, -4000000000, 0.25, -1), -4000000000.25);
    CHECK_EQ(to_f32(1.5F), 1.5F);
    CHECK_EQ(neg(5), -5);
    CHECK_EQ(neg(INT32_MIN), INT32_MIN);
    none();
    wasmrt_closure_delete(closure);
    wasmrt_closure_delete(NULL);
    host_close();
}

/* A trap in the middle: qsort runs to its end, the guest does not. */
TEST(native_closure_traps)
{
    wasmrt_instance *inst = open_sorts();
    wasmrt_val arg = wasmrt_i32(500), result;
    wasmrt_func *sort = wasmrt_instance_func(inst, "sort");
    int32_t values[] = {3, 1, 2};
    wasmrt_error *error;

    compare = (compare_fn)function_of(inst, "compare", compares);
    CHECK_EQ(call_i32(inst, "fill", 1, 500), 0);
    CHECK_EQ(call_i32(inst, "trap_at", 1, 100), 0);
    error = wasmrt_func_call(store, sort, &arg, 1, &result, 1);
    CHECK_EQ(wasmrt_error_code(error), WASMRT_ERR_UNREACHABLE);
    CHECK_EQ(wasmrt_error_frame_count(error), 2);
    CHECK_STR_EQ(wasmrt_error_frame(error, 0)->func_name, "compare");
    CHECK_STR_EQ(wasmrt_error_frame(error, 1)->func_name, "sort");
    wasmrt_error_delete(error);
    CHECK_EQ(call_i32(inst, "count", 0), 100);
    CHECK(wasmrt_store_take_closure_error(store) == NULL);
    /* Called by the host, it leaves the error to the host; meanwhile native
     * calls of the guest are not disturbed. */
    qsort(values, 3, sizeof(values[0]), compare);
    CHECK_EQ(call_i32(inst, "trap_at", 1, -1), 0);
    CHECK_EQ(call_i32(inst, "sort", 1, 500), 77);
    CHECK_EQ(call_i32(inst, "is_sorted", 1, 500), 1);
    check_error(wasmrt_store_take_closure_error(store),
                WASMRT_ERR_BAD_GUEST_POINTER, "not into the memory");
    CHECK(wasmrt_store_take_closure_error(store) == NULL);
    /* One that nobody takes goes with the store. */
    qsort(values, 3, sizeof(values[0]), compare);
    host_close();
}

/* Growth that would move the memory from under the C function fails. */
TEST(native_memory_stays_where_it_is)
{
    for (int bounds = 0; bounds < 2; bounds++) {
        wasmrt_config *config = host_config();
        wasmrt_instance *inst;
        int32_t grew;

        if (!wasmrt_native_available())
            SKIP("built without libffi");
        wasmrt_config_set_bounds(config, bounds ? WASMRT_BOUNDS_CHECK
                                                : WASMRT_BOUNDS_AUTO);
        host_open_with(config);
        define("sort", (void *)sort_bytes, "(buf i32) -> ()");
        inst = host_instance(sorts);
        compare = (compare_fn)function_of(inst, "grow", compares);
        CHECK_EQ(call_i32(inst, "sort", 1, 2), 77);
        grew = call_i32(inst, "grew", 0);
        if (strcmp(wasmrt_engine_bounds(engine), "check") == 0)
            CHECK_EQ(grew, -1);
        else
            CHECK_EQ(grew, 1);
        host_close();
    }
}

TEST(native_closures_are_checked)
{
    static const char bare[] =
        "(module (func (export \"f\") (param i32) (result i32)"
        "  (local.get 0)))";
    wasmrt_instance *inst = open_sorts(), *other = host_instance(bare);
    wasmrt_func *func = wasmrt_instance_func(inst, "compare");
    wasmrt_closure *closure = NULL;

    check_error(wasmrt_closure_new(store, func, "(str i32) -> i32", &closure),
                WASMRT_ERR_MISUSE, "wasmrt_closure_new_copying()");
    check_error(wasmrt_closure_new(store, func, "(buf) -> i32", &closure),
                WASMRT_ERR_MISUSE, "wasmrt_closure_new_copying()");
    check_error(wasmrt_closure_new(store, func, "(ptr[4]) -> i32", &closure),
                WASMRT_ERR_MISUSE, "another type");
    check_error(
        wasmrt_closure_new(store, func, "(ptr[4] i32) -> i64", &closure),
        WASMRT_ERR_MISUSE, "another type");
    check_error(wasmrt_closure_new(store, wasmrt_instance_func(other, "f"),
                                   "(ptr[4]) -> i32", &closure),
                WASMRT_ERR_MISUSE, "no memory");
    check_code(wasmrt_closure_new(store, NULL, "() -> ()", &closure),
               WASMRT_ERR_MISUSE);
    CHECK(closure == NULL);
    host_close();
}

/* A closure suspends the task that it is called in: with qsort on its stack. */
static wasmrt_error *host_wait(void *env, wasmrt_caller *caller,
                               wasmrt_slot *slots)
{
    void *value = NULL;
    wasmrt_error *error = wasmrt_task_suspend(caller, &value);

    (void)env;
    slots[0].i32 = (int32_t)(intptr_t)value;
    return error;
}

static int (*waits)(int);

static int32_t call_waits(int32_t n)
{
    return waits(n) + 1;
}

TEST(native_calls_suspend)
{
    static const char text[] =
        "(module (import \"h\" \"wait\" (func $w (param i32) (result i32)))"
        " (import \"h\" \"native\" (func $n (param i32) (result i32)))"
        " (func (export \"w\") (param i32) (result i32)"
        "  (i32.add (local.get 0) (call $w (i32.const 0))))"
        " (func (export \"run\") (param i32) (result i32)"
        "  (call $n (local.get 0))))";
    wasmrt_instance *inst;
    wasmrt_task *tasks[2];
    wasmrt_val arg, result;

    open_native();
    check_ok(wasmrt_linker_define_raw(linker, "h", "wait", "(i32) -> i32",
                                      host_wait, NULL));
    define("native", (void *)call_waits, "(i32) -> i32");
    inst = host_instance(text);
    waits = (int (*)(int))function_of(inst, "w", "(i32) -> i32");
    for (int i = 0; i < 2; i++) {
        arg = wasmrt_i32(100 * i);
        check_ok(wasmrt_task_new(store, NULL, &tasks[i]));
        check_ok(wasmrt_task_start(tasks[i], wasmrt_instance_func(inst, "run"),
                                   &arg, 1));
        CHECK(wasmrt_task_is_suspended(tasks[i]));
    }
    check_ok(wasmrt_task_cancel(tasks[1]));
    check_ok(wasmrt_task_resume(tasks[0], (void *)40));
    check_ok(wasmrt_task_results(tasks[0], &result, 1));
    CHECK_EQ(result.of.i32, 41);
    host_close();
}

/* -- Without libffi; without memory ---------------------------------------- */

TEST(native_says_that_it_is_missing)
{
    wasmrt_closure *closure;

    host_open();
    if (wasmrt_native_available())
        SKIP("built with libffi");
    check_error(wasmrt_linker_define_native(linker, "h", "f", (void *)nothing,
                                            "() -> ()"),
                WASMRT_ERR_MISUSE, "libffi");
    check_error(wasmrt_closure_new(
                    store,
                    wasmrt_instance_func(
                        host_instance("(module (func (export \"f\")))"), "f"),
                    "() -> ()", &closure),
                WASMRT_ERR_MISUSE, "libffi");
    host_close();
}

static wasmrt_error *try_native(wasmrt_module *module, wasmrt_closure **out)
{
    wasmrt_instance *inst;
    wasmrt_val arg = wasmrt_i32(100), result;
    wasmrt_error *error = wasmrt_linker_define_native(
        linker, "h", "length", (void *)length, "(str) -> i32");

    if (!error)
        error = wasmrt_linker_instantiate(linker, store, module, &inst);
    if (!error)
        error = wasmrt_func_call(store, wasmrt_instance_func(inst, "length"),
                                 &arg, 1, &result, 1);
    if (!error)
        error = wasmrt_closure_new(store, wasmrt_instance_func(inst, "length"),
                                   "(ptr[1]) -> i32", out);
    return error;
}

TEST(native_survives_every_allocation_failure)
{
    static const char text[] =
        "(module (import \"h\" \"length\" (func (param i32) (result i32)))"
        " (memory 1) (data (i32.const 100) \"hello\")"
        " (func (export \"length\") (param i32) (result i32)"
        "  (call 0 (local.get 0))))";
    struct test_heap heap;
    long n = 0;

    if (!wasmrt_native_available())
        SKIP("built without libffi");
    do {
        wasmrt_config *config = host_config();
        wasmrt_module *module;
        wasmrt_closure *closure = NULL;
        wasmrt_error *error;

        test_heap_init(&heap, -1);
        wasmrt_config_set_allocator(config, heap.alloc.resize, heap.alloc.user);
        host_open_with(config);
        module = host_module(text);
        heap.fail_at = heap.calls + n++;
        error = try_native(module, &closure);
        CHECK(!error || heap.fired);
        CHECK_EQ(closure == NULL, error != NULL);
        wasmrt_error_delete(error);
        wasmrt_module_delete(module);
        host_close();
        CHECK_EQ(heap.live_bytes, 0);
    } while (heap.fired);
    CHECK(n > 10);
}

/* -- Copies ---------------------------------------------------------------- */

/* A bump allocator that takes back the last piece only, and counts. */
static const char copying[] =
    "(module (memory (export \"memory\") 1 3)"
    " (global $top (mut i32) (i32.const 60000))"
    " (global $live (mut i32) (i32.const 0))"
    " (func (export \"alloc\") (param i32) (result i32) (local $at i32)"
    "  (if (i32.gt_u (local.get 0) (i32.const 190000))"
    "   (then (return (i32.const 0))))"
    "  (local.set $at (global.get $top))"
    "  (global.set $top (i32.add (local.get $at) (local.get 0)))"
    "  (if (i32.gt_u (global.get $top)"
    "        (i32.mul (memory.size) (i32.const 65536)))"
    "   (then (drop (memory.grow (i32.const 1)))))"
    "  (global.set $live (i32.add (global.get $live) (i32.const 1)))"
    "  (local.get $at))"
    " (func (export \"bad\") (param i32) (result i32) (i32.const -8))"
    " (func (export \"free\") (param i32)"
    "  (global.set $top (local.get 0))"
    "  (global.set $live (i32.sub (global.get $live) (i32.const 1))))"
    " (func (export \"live\") (result i32) (global.get $live))"
    /* The sum of a string's bytes, and of a buffer's, each of which is one
     * more afterwards; traps at a byte 255. */
    " (func (export \"sum\") (param $s i32) (param $b i32) (param $n i32)"
    "   (param $k i32) (result i32) (local $sum i32) (local $c i32)"
    "  (local.set $sum (local.get $k))"
    "  (if (local.get $s) (then (loop $l"
    "   (local.set $c (i32.load8_u (local.get $s)))"
    "   (local.set $sum (i32.add (local.get $sum) (local.get $c)))"
    "   (local.set $s (i32.add (local.get $s) (i32.const 1)))"
    "   (br_if $l (local.get $c)))))"
    "  (block $e (loop $l"
    "   (br_if $e (i32.eqz (local.get $n)))"
    "   (local.set $c (i32.load8_u (local.get $b)))"
    "   (if (i32.eq (local.get $c) (i32.const 255)) (then unreachable))"
    "   (local.set $sum (i32.add (local.get $sum) (local.get $c)))"
    "   (i32.store8 (local.get $b) (i32.add (local.get $c) (i32.const 1)))"
    "   (local.set $b (i32.add (local.get $b) (i32.const 1)))"
    "   (local.set $n (i32.sub (local.get $n) (i32.const 1)))"
    "   (br $l)))"
    "  (local.get $sum)))";

typedef int sum_fn(const char *text, unsigned char *bytes, size_t len, int k);

static sum_fn *copying_closure(wasmrt_instance *inst, const char *signature,
                               const char *alloc, const char *release)
{
    wasmrt_closure *closure;

    check_ok(wasmrt_closure_new_copying(
        store, wasmrt_instance_func(inst, "sum"), signature,
        wasmrt_instance_func(inst, alloc),
        release ? wasmrt_instance_func(inst, release) : NULL, &closure));
    return (sum_fn *)wasmrt_closure_function(closure);
}

static wasmrt_instance *open_copying(void)
{
    if (!wasmrt_native_available())
        SKIP("built without libffi");
    host_open();
    return host_instance(copying);
}

TEST(native_closures_copy_strings_and_buffers)
{
    wasmrt_instance *inst = open_copying();
    sum_fn *sum =
        copying_closure(inst, "(str mut buf i32) -> i32", "alloc", "free");
    sum_fn *keeps = copying_closure(inst, "(const str const buf i32) -> i32",
                                    "alloc", "free");
    unsigned char bytes[3] = {1, 2, 3};

    for (int i = 0; i < 3; i++) {
        CHECK_EQ(sum("ab", bytes, 3, 1000), 1000 + 97 + 98 + 6 + 3 * i);
        CHECK_EQ(bytes[2], 4 + i);
        CHECK_EQ(call_i32(inst, "live", 0), 0);
    }
    CHECK_EQ(keeps("", bytes, 3, 0), 4 + 5 + 6);
    CHECK_EQ(bytes[0], 4);
    /* Nothing is at 0, and nothing is allocated for it. */
    CHECK_EQ(sum(NULL, NULL, 0, 7), 7);
    CHECK_EQ(sum(NULL, bytes, 0, 7), 7);
    CHECK(wasmrt_store_take_closure_error(store) == NULL);
    host_close();
}

/* The second allocation grows the memory, which moves where bounds are
 * checked, after the first has been copied. */
TEST(native_closures_copy_to_a_memory_that_grows)
{
    static unsigned char many[100000];
    wasmrt_instance *inst = open_copying();
    sum_fn *sum =
        copying_closure(inst, "(str mut buf i32) -> i32", "alloc", "free");

    memset(many, 1, sizeof(many));
    CHECK_EQ(sum("a", many, 65536 - 60000 + 100, 0), 97 + 5636);
    CHECK_EQ(many[0], 2);
    CHECK_EQ(many[5635], 2);
    CHECK_EQ(many[5636], 1);
    CHECK_EQ(sum("a", many, 65000, 0), 97 + 65000 + 5636);
    CHECK(wasmrt_store_take_closure_error(store) == NULL);
    CHECK_EQ(call_i32(inst, "live", 0), 0);
    host_close();
}

TEST(native_closures_without_room_are_errors)
{
    wasmrt_instance *inst = open_copying();
    sum_fn *sum =
        copying_closure(inst, "(str mut buf i32) -> i32", "alloc", "free");
    sum_fn *bad =
        copying_closure(inst, "(str mut buf i32) -> i32", "bad", NULL);
    unsigned char bytes[2] = {1, 255};
    wasmrt_closure *closure = NULL;

    CHECK_EQ(sum(NULL, bytes, 190001, 0), 0);
    check_error(wasmrt_store_take_closure_error(store),
                WASMRT_ERR_BAD_GUEST_POINTER, "no room");
    CHECK_EQ(bad("a", NULL, 0, 0), 0);
    check_error(wasmrt_store_take_closure_error(store),
                WASMRT_ERR_BAD_GUEST_POINTER, "not in the memory");
    CHECK_EQ(sum(NULL, NULL, 5, 0), 0);
    check_error(wasmrt_store_take_closure_error(store),
                WASMRT_ERR_BAD_GUEST_POINTER, "NULL with a length");
    CHECK_EQ(sum(NULL, bytes, (size_t)1 << 32, 0), 0);
    check_error(wasmrt_store_take_closure_error(store),
                WASMRT_ERR_BAD_GUEST_POINTER, "an i32 can count");
    /* A trap: nothing comes back. */
    CHECK_EQ(sum("a", bytes, 2, 0), 0);
    check_code(wasmrt_store_take_closure_error(store), WASMRT_ERR_UNREACHABLE);
    CHECK_EQ(bytes[0], 1);
    check_error(wasmrt_closure_new_copying(
                    store, wasmrt_instance_func(inst, "sum"),
                    "(str buf i32) -> i32", wasmrt_instance_func(inst, "free"),
                    NULL, &closure),
                WASMRT_ERR_MISUSE, "(i32) -> i32");
    check_error(wasmrt_closure_new_copying(
                    store, wasmrt_instance_func(inst, "sum"),
                    "(str buf i32) -> i32", wasmrt_instance_func(inst, "alloc"),
                    wasmrt_instance_func(inst, "live"), &closure),
                WASMRT_ERR_MISUSE, "(i32) -> ()");
    CHECK(closure == NULL);
    host_close();
}
