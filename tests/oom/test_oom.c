/*
 * Every allocation fails, one after the other, in both interfaces and with each
 * engine: from the configuration to the last deletion.
 *
 * The suite is linked so that what the library allocates comes here, whichever
 * allocator it goes through. Each round must end with a clean error or well,
 * and with nothing left of it; the last round is the first in which nothing
 * fails. How many failures that were is printed (-v).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/lib/test.h"

#include "wasmrt.h"
#include "wasmrt/bridge.h"
#include "wasmrt/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -- The allocator --------------------------------------------------------- */

static struct {
    bool is_armed, and_after;
    bool has_fired;
    long left; /* allocations that still succeed */
    long live; /* blocks */
} fault;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *ptr, size_t size);
void __real_free(void *ptr);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *ptr, size_t size);
void __wrap_free(void *ptr);

static bool fails(void)
{
    if (!fault.is_armed)
        return false;
    if (fault.left > 0) {
        fault.left--;
        return false;
    }
    if (fault.left < 0 && !fault.and_after)
        return false;
    fault.left = -1;
    fault.has_fired = true;
    return true;
}

static void *count(void *ptr)
{
    fault.live += ptr != NULL;
    return ptr;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : count(__real_malloc(size));
}

void *__wrap_calloc(size_t count_, size_t size)
{
    return fails() ? NULL : count(__real_calloc(count_, size));
}

void *__wrap_realloc(void *ptr, size_t size)
{
    void *result;

    if (size == 0) {
        free(ptr);
        return NULL;
    }
    if (fails())
        return NULL;
    result = __real_realloc(ptr, size);
    return ptr ? result : count(result);
}

void __wrap_free(void *ptr)
{
    fault.live -= ptr != NULL;
    __real_free(ptr);
}

/* -- Rounds ---------------------------------------------------------------- */

struct setting {
    wasmrt_strategy strategy;
    wasmrt_compile compile;
};

static void apply(const struct setting *setting, wasmrt_config *config)
{
    wasmrt_config_set_strategy(config, setting->strategy);
    wasmrt_config_set_compile(config, setting->compile);
    wasmrt_config_set_max_stack(config, 1 << 16);
    if (strcmp(test_bounds(), "check") == 0)
        wasmrt_config_set_bounds(config, WASMRT_BOUNDS_CHECK);
}

/* Runs a scenario, which says whether it went well, until nothing fails; how
 * many allocations did. */
static long sweep_with(bool (*scenario)(const struct setting *),
                       const struct setting *setting, bool and_after)
{
    long n = 0, live = fault.live;
    bool ok;

    do {
        fault.is_armed = true;
        fault.and_after = and_after;
        fault.has_fired = false;
        fault.left = n++;
        ok = scenario(setting);
        fault.is_armed = false;
        CHECK(ok || fault.has_fired);
        if (fault.live != live)
            FAIL("%ld blocks left after failure %ld", fault.live - live, n - 1);
    } while (fault.has_fired);
    CHECK(ok);
    return n - 1;
}

static bool has_jit(void)
{
    wasmrt_config *config = wasmrt_config_new();
    wasmrt_engine *engine = NULL;
    wasmrt_error *error;

    wasmrt_config_set_strategy(config, WASMRT_STRATEGY_JIT);
    error = wasmrt_engine_new(config, &engine);
    wasmrt_error_delete(error);
    wasmrt_engine_delete(engine);
    wasmrt_config_delete(config);
    return error == NULL;
}

static void sweep(bool (*scenario)(const struct setting *))
{
    static const struct setting settings[] = {
        {WASMRT_STRATEGY_INTERP, WASMRT_COMPILE_LAZY},
        {WASMRT_STRATEGY_INTERP, WASMRT_COMPILE_EAGER},
        {WASMRT_STRATEGY_JIT, WASMRT_COMPILE_LAZY},
        {WASMRT_STRATEGY_JIT, WASMRT_COMPILE_EAGER},
    };
    size_t n = has_jit() ? 4 : 2;

    for (size_t i = 0; i < n; i++) {
        long one = sweep_with(scenario, &settings[i], false);
        long all = sweep_with(scenario, &settings[i], true);

        CHECK(one > 50);
        printf("%s, %s: %ld failures alone, %ld with all after them\n",
               settings[i].strategy == WASMRT_STRATEGY_JIT ? "jit" : "interp",
               settings[i].compile == WASMRT_COMPILE_EAGER ? "eager" : "lazy",
               one, all);
    }
}

/* The errors by which a host may hear of it. */
static bool is_clean(const wasmrt_error *error)
{
    return wasmrt_error_code(error) == WASMRT_ERR_OUT_OF_MEMORY ||
           wasmrt_error_code(error) == WASMRT_ERR_GC_HEAP_EXHAUSTED;
}

/* -- wasm.h ---------------------------------------------------------------- */

static const char c_guest[] =
    "(module (import \"\" \"f\" (func $f (param i32) (result i32)))"
    "  (memory (export \"m\") 1 2) (table (export \"t\") 2 9 externref)"
    "  (global (export \"g\") (mut i64) (i64.const 3))"
    "  (func (export \"run\") (param i32) (result i32)"
    "    (i32.add (call $f (local.get 0)) (memory.grow (i32.const 1))))"
    "  (func (export \"keep\") (param externref) (result externref)"
    "    (table.set (i32.const 1) (local.get 0))"
    "    (table.get (i32.const 1)))"
    "  (func $deep (unreachable)) (func (export \"trap\") (call $deep)))";

/* What a round has made; all of it may be NULL or empty. */
struct c_things {
    wasm_engine_t *engine;
    wasm_store_t *store;
    wasm_module_t *module, *again;
    wasm_shared_module_t *shared;
    wasm_importtype_vec_t imports;
    wasm_exporttype_vec_t exports;
    wasm_func_t *func;
    wasm_instance_t *instance;
    wasm_extern_vec_t externs;
    wasm_foreign_t *foreign;
    wasm_byte_vec_t bytes;
};

static wasm_byte_vec_t c_binary;
static int environments;

static wasm_trap_t *add_one(void *env, const wasm_val_vec_t *args,
                            wasm_val_vec_t *results)
{
    CHECK(env == &environments);
    results->data[0].of.i32 = args->data[0].of.i32 + 1;
    return NULL;
}

static void end_environment(void *env)
{
    CHECK(env == &environments);
    environments--;
}

static bool c_make_engine(struct c_things *t, const struct setting *setting)
{
    wasm_config_t *config = wasm_config_new();

    if (!config)
        return false;
    apply(setting, wasmrt_config_from_wasm(config));
    t->engine = wasm_engine_new_with_config(config);
    if (t->engine)
        t->store = wasm_store_new(t->engine);
    return t->store != NULL;
}

static bool c_make_module(struct c_things *t)
{
    if (!wasm_module_validate(t->store, &c_binary) ||
        !(t->module = wasm_module_new(t->store, &c_binary)))
        return false;
    wasm_module_imports(t->module, &t->imports);
    wasm_module_exports(t->module, &t->exports);
    wasm_module_serialize(t->module, &t->bytes);
    if (t->imports.size != 1 || t->exports.size != 6 || t->bytes.size == 0)
        return false;
    t->again = wasm_module_deserialize(t->store, &t->bytes);
    t->shared = wasm_module_share(t->module);
    wasm_module_delete(t->module);
    t->module = wasm_module_obtain(t->store, t->shared);
    return t->again && t->module;
}

static bool c_make_func(struct c_things *t)
{
    wasm_functype_t *type =
        wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
    wasm_functype_t *copy;

    if (!type)
        return false;
    environments++;
    t->func = wasm_func_new_with_env(t->store, type, add_one, &environments,
                                     end_environment);
    wasm_functype_delete(type);
    if (!t->func)
        return false;
    copy = wasm_func_type(t->func);
    wasm_functype_delete(copy);
    return copy != NULL;
}

static bool c_make_instance(struct c_things *t)
{
    wasm_extern_t *imports[] = {wasm_func_as_extern(t->func)};
    const wasm_extern_vec_t vec = WASM_ARRAY_VEC(imports);
    wasm_trap_t *trap = NULL;

    t->instance = wasm_instance_new(t->store, t->module, &vec, &trap);
    CHECK((t->instance == NULL) == (trap != NULL));
    wasm_trap_delete(trap);
    if (!t->instance)
        return false;
    wasm_instance_exports(t->instance, &t->externs);
    return t->externs.size == 6;
}

/* Calls export n with one argument for one result. */
static bool c_call(struct c_things *t, size_t n, wasm_val_t arg,
                   wasm_val_t *result)
{
    const wasm_val_vec_t args = {1, &arg};
    wasm_val_vec_t results = {1, result};
    wasm_trap_t *trap = wasm_func_call(wasm_extern_as_func(t->externs.data[n]),
                                       &args, &results);

    if (!trap)
        return true;
    CHECK(is_clean(wasmrt_trap_error(trap)));
    wasm_trap_delete(trap);
    return false;
}

static bool c_call_all(struct c_things *t)
{
    wasm_val_t five = WASM_I32_VAL(5), result = WASM_INIT_VAL, ref;

    if (!c_call(t, 3, five, &result))
        return false;
    CHECK(result.of.i32 == 7 || (result.of.i32 == 5 && fault.has_fired));
    t->foreign = wasm_foreign_new(t->store);
    if (!t->foreign)
        return false;
    ref = (wasm_val_t)WASM_REF_VAL(wasm_foreign_as_ref(t->foreign));
    if (!c_call(t, 4, ref, &result))
        return false;
    CHECK(wasm_ref_same(result.of.ref, ref.of.ref));
    wasm_val_delete(&result);
    return wasm_table_grow(wasm_extern_as_table(t->externs.data[1]), 3,
                           ref.of.ref);
}

static bool c_trap(struct c_things *t)
{
    const wasm_val_vec_t none = WASM_EMPTY_VEC;
    wasm_val_vec_t no_results = WASM_EMPTY_VEC;
    wasm_message_t message;
    wasm_frame_vec_t trace;
    wasm_trap_t *trap = wasm_func_call(wasm_extern_as_func(t->externs.data[5]),
                                       &none, &no_results);
    bool ok;

    CHECK(trap != NULL); /* whatever happens */
    wasm_trap_message(trap, &message);
    wasm_trap_trace(trap, &trace);
    ok = trace.size == 2 && message.size != 0 &&
         strcmp(message.data, "unreachable") == 0;
    CHECK(ok || fault.has_fired);
    wasm_byte_vec_delete(&message);
    wasm_frame_vec_delete(&trace);
    wasm_trap_delete(trap);
    return ok;
}

static bool c_scenario(const struct setting *setting)
{
    struct c_things t;
    bool ok;

    memset(&t, 0, sizeof(t));
    ok = c_make_engine(&t, setting) && c_make_module(&t) && c_make_func(&t) &&
         c_make_instance(&t) && c_call_all(&t) && c_trap(&t);
    wasm_byte_vec_delete(&t.bytes);
    wasm_foreign_delete(t.foreign);
    wasm_extern_vec_delete(&t.externs);
    wasm_instance_delete(t.instance);
    wasm_func_delete(t.func);
    wasm_exporttype_vec_delete(&t.exports);
    wasm_importtype_vec_delete(&t.imports);
    wasm_module_delete(t.again);
    wasm_module_delete(t.module);
    wasm_shared_module_delete(t.shared);
    wasm_store_delete(t.store);
    wasm_engine_delete(t.engine);
    CHECK_EQ(environments, 0);
    return ok;
}

/* Each of a thousand runs opens stores. */
static void skip_emulated(void)
{
    if (test_is_emulated())
        SKIP("the emulator does not get memory back");
}

TEST(oom_wasm_h)
{
    wasmrt_error *error;
    uint8_t *bytes;
    size_t len;

    skip_emulated();
    error = wasmrt_wat2wasm(c_guest, strlen(c_guest), 0, &bytes, &len);
    CHECK(error == NULL);
    wasm_byte_vec_new(&c_binary, len, (char *)bytes);
    wasmrt_bytes_delete(bytes);
    sweep(c_scenario);
    wasm_byte_vec_delete(&c_binary);
}

/* -- wasmrt.h -------------------------------------------------------------- */

/* From text, with objects, exceptions and more than one page of stack. */
static const char guest[] =
    "(module (import \"h\" \"add\" (func $add (param i32 i32) (result i32)))"
    "  (type $s (struct (field (mut i32)))) (tag $e (param i32))"
    "  (memory (export \"memory\") 1 3) (table 3 funcref) (elem (i32.const 0)"
    "    $sq) (data (i32.const 5) \"abc\")"
    "  (func $sq (param i32) (result i32)"
    "    (i32.mul (local.get 0) (local.get 0)))"
    "  (func (export \"run\") (param i32) (result i32) (local $r (ref null $s))"
    "    (local.set $r (struct.new $s (local.get 0)))"
    "    (block $caught (result i32)"
    "      (try_table (catch $e $caught)"
    "        (throw $e (struct.get $s 0 (local.get $r))))"
    "      (unreachable))"
    "    (call_indirect (param i32) (result i32) (i32.const 0))"
    "    (call $add (i32.const 1)))"
    "  (func $rec (export \"rec\") (param i32)"
    "    (call $rec (i32.add (local.get 0) (i32.const 1)))))";

struct things {
    wasmrt_engine *engine;
    wasmrt_module *module;
    wasmrt_store *store;
    wasmrt_linker *linker;
    wasmrt_instance *instance;
    wasmrt_root *root;
};

static wasmrt_error *add(void *env, wasmrt_caller *caller,
                         const wasmrt_val *args, wasmrt_val *results)
{
    (void)env;
    (void)caller;
    results[0] = wasmrt_i32(args[0].of.i32 + args[1].of.i32);
    return NULL;
}

#define TRY(expr)                                                              \
    do {                                                                       \
        wasmrt_error *try_error = (expr);                                      \
        if (try_error)                                                         \
            return try_error;                                                  \
    } while (0)

static wasmrt_error *make(struct things *t, const struct setting *setting)
{
    wasmrt_config *config = wasmrt_config_new();
    wasmrt_error *error;

    if (!config)
        return wasmrt_error_new(WASMRT_ERR_OUT_OF_MEMORY, NULL);
    apply(setting, config);
    error = wasmrt_engine_new(config, &t->engine);
    wasmrt_config_delete(config);
    if (error)
        return error;
    TRY(wasmrt_module_new(t->engine, guest, strlen(guest), &t->module));
    TRY(wasmrt_store_new(t->engine, &t->store));
    TRY(wasmrt_linker_new(t->engine, &t->linker));
    TRY(wasmrt_linker_define(t->linker, "h", "add", "(i32 i32) -> i32", add,
                             NULL));
    return wasmrt_linker_instantiate(t->linker, t->store, t->module,
                                     &t->instance);
}

static wasmrt_error *use(struct things *t)
{
    const wasmrt_val nine = wasmrt_i32(9);
    wasmrt_val result, ref = {.kind = WASMRT_EXTERNREF};
    wasmrt_error *error;

    TRY(wasmrt_func_call(t->store, wasmrt_instance_func(t->instance, "run"),
                         &nine, 1, &result, 1));
    CHECK_EQ(result.of.i32, 82);
    error = wasmrt_func_call(t->store, wasmrt_instance_func(t->instance, "rec"),
                             &nine, 1, NULL, 0);
    CHECK(error != NULL);
    if (wasmrt_error_code(error) != WASMRT_ERR_STACK_OVERFLOW)
        return error;
    wasmrt_error_delete(error);
    TRY(wasmrt_extern_new(t->store, t, &ref.of.ext));
    TRY(wasmrt_root_new(t->store, &ref, &t->root));
    return wasmrt_store_gc(t->store);
}

static bool scenario(const struct setting *setting)
{
    struct things t;
    wasmrt_error *error;

    memset(&t, 0, sizeof(t));
    error = make(&t, setting);
    if (!error)
        error = use(&t);
    if (error && !is_clean(error))
        FAIL("%s", wasmrt_error_message(error));
    wasmrt_root_delete(t.root);
    wasmrt_linker_delete(t.linker);
    wasmrt_store_delete(t.store);
    wasmrt_module_delete(t.module);
    wasmrt_engine_delete(t.engine);
    wasmrt_error_delete(error);
    return error == NULL;
}

TEST(oom_wasmrt_h)
{
    skip_emulated();
    sweep(scenario);
}
