/*
 * wasm.h: modules as bytes and between threads; and together with wasmrt.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/api/c_host.h"
#include "tests/api/host.h"

#include "wasmrt/bridge.h"

#include <pthread.h>

static const char add_two[] =
    "(module (func (export \"f\") (param i32) (result i32)"
    "  (i32.add (local.get 0) (i32.const 2))))";

/* -- Bytes ----------------------------------------------------------------- */

TEST(wasm_h_modules_are_validated)
{
    wasm_byte_vec_t bad, empty = WASM_EMPTY_VEC, text;
    wasm_byte_vec_t good = c_binary(add_two);

    c_open();
    wasm_byte_vec_copy(&bad, &good);
    bad.data[bad.size - 2] ^= 0x7f;
    wasm_name_new_from_string(&text, add_two);
    CHECK(wasm_module_validate(c_store, &good));
    CHECK(!wasm_module_validate(c_store, &bad));
    CHECK(!wasm_module_validate(c_store, &empty));
    CHECK(!wasm_module_validate(c_store, &text)); /* not a binary */
    CHECK(wasm_module_new(c_store, &bad) == NULL);
    wasm_byte_vec_delete(&good);
    wasm_byte_vec_delete(&bad);
    wasm_byte_vec_delete(&text);
    c_close();
}

TEST(wasm_h_serialized_modules)
{
    wasm_byte_vec_t bytes;
    wasm_extern_vec_t none = WASM_EMPTY_VEC;
    wasm_module_t *module, *again;
    wasm_instance_t *instance;

    c_open();
    module = c_module(add_two);
    wasm_module_serialize(module, &bytes);
    wasm_module_delete(module);
    again = wasm_module_deserialize(c_store, &bytes);
    CHECK(again != NULL);
    instance = wasm_instance_new(c_store, again, &none, NULL);
    CHECK_EQ(c_call_i32(instance, 0, 40), 42);
    wasm_instance_delete(instance);
    wasm_module_delete(again);

    /* They come from outside: nothing in them is trusted. */
    for (size_t i = 0; i < bytes.size; i++) {
        wasm_byte_vec_t cut = {i, bytes.data};

        /* What ends between two sections may be a module. */
        wasm_module_delete(wasm_module_deserialize(c_store, &cut));
        CHECK(i >= 16 || wasm_module_deserialize(c_store, &cut) == NULL);
        bytes.data[i] ^= 0x20;
        wasm_module_delete(wasm_module_deserialize(c_store, &bytes));
        bytes.data[i] ^= 0x20;
    }
    wasm_byte_vec_delete(&bytes);
    c_close();
}

/* -- Threads --------------------------------------------------------------- */

enum { THREADS = 4, ROUNDS = 50 };

static void *use_shared(void *shared)
{
    wasm_store_t *mine = wasm_store_new(c_engine);
    wasm_module_t *module = wasm_module_obtain(mine, shared);
    wasm_extern_vec_t none = WASM_EMPTY_VEC;

    CHECK(module != NULL);
    for (int i = 0; i < ROUNDS; i++) {
        wasm_instance_t *instance =
            wasm_instance_new(mine, module, &none, NULL);

        CHECK_EQ(c_call_i32(instance, 0, i), i + 2);
        wasm_instance_delete(instance);
    }
    wasm_module_delete(module);
    wasm_store_delete(mine);
    return NULL;
}

TEST(wasm_h_modules_are_shared_between_threads)
{
    pthread_t threads[THREADS];
    wasm_shared_module_t *shared;
    wasm_module_t *module;
    wasm_engine_t *other;
    wasm_store_t *others;

    c_open();
    module = c_module(add_two);
    shared = wasm_module_share(module);
    wasm_module_delete(module);
    wasm_store_delete(c_store); /* it needs no store */
    for (int i = 0; i < THREADS; i++)
        CHECK_EQ(pthread_create(&threads[i], NULL, use_shared, shared), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);

    other = wasm_engine_new();
    others = wasm_store_new(other);
    CHECK(wasm_module_obtain(others, shared) == NULL);
    wasm_store_delete(others);
    wasm_engine_delete(other);
    wasm_engine_delete(c_engine);
    wasm_shared_module_delete(shared); /* outlives its engine's handle */
}

/* -- Together with wasmrt.h ------------------------------------------------ */

TEST(bridge_from_wasm_h)
{
    wasm_config_t *config = wasm_config_new();
    wasm_instance_t *instance;
    wasmrt_extern_val value;
    wasmrt_error *error;
    wasm_extern_t *ext;
    wasm_trap_t *trap;

    wasmrt_config_set_fuel(wasmrt_config_from_wasm(config), true);
    c_engine = wasm_engine_new_with_config(config);
    c_store = wasm_store_new(c_engine);
    CHECK_EQ(wasmrt_engine_from_wasm(c_engine) != NULL, true);
    check_ok(wasmrt_store_set_fuel(wasmrt_store_from_wasm(c_store), 100));
    instance = c_instance("(module (func (export \"spin\") (loop (br 0))))",
                          NULL, NULL);
    trap = c_call(instance, 0, NULL, 0, NULL, 0);
    CHECK(trap != NULL);
    CHECK_EQ(wasmrt_error_code(wasmrt_trap_error(trap)),
             WASMRT_ERR_FUEL_EXHAUSTED);
    CHECK(wasmrt_error_frame(wasmrt_trap_error(trap), 0)->instance ==
          wasmrt_instance_from_wasm(instance));
    wasm_trap_delete(trap);

    ext = c_export(instance, 0);
    CHECK(wasmrt_extern_from_wasm(ext, &value));
    CHECK_EQ(value.kind, WASMRT_EXTERN_FUNC);
    check_ok(wasmrt_store_set_fuel(wasmrt_store_from_wasm(c_store), 100));
    error = wasmrt_func_call(wasmrt_store_from_wasm(c_store), value.of.func,
                             NULL, 0, NULL, 0);
    check_code(error, WASMRT_ERR_FUEL_EXHAUSTED);
    wasm_instance_delete(instance);
    c_close();
    CHECK(!wasmrt_extern_from_wasm(ext, &value));
    wasm_extern_delete(ext);
}

static wasm_trap_t *leave(void *env, const wasm_val_vec_t *args,
                          wasm_val_vec_t *results)
{
    (void)args;
    (void)results;
    return wasmrt_error_as_wasm(env, wasmrt_error_new_exit(7));
}

TEST(bridge_to_wasm_h)
{
    wasm_functype_t *type = wasm_functype_new_0_0();
    wasmrt_extern_val value;
    wasm_instance_t *handle;
    wasmrt_instance *inst;
    wasmrt_module *module;
    wasm_module_t *again;
    wasm_extern_t *ext;
    wasm_store_t *view;
    wasm_func_t *func;
    wasm_trap_t *trap;

    host_open();
    view = wasmrt_store_as_wasm(store);
    CHECK(wasmrt_store_as_wasm(store) == view);
    CHECK(wasmrt_store_from_wasm(view) == store);
    func = wasm_func_new_with_env(view, type, leave, store, NULL);
    wasm_functype_delete(type);
    CHECK(wasmrt_extern_from_wasm(wasm_func_as_extern(func), &value));
    check_ok(wasmrt_linker_define_extern(linker, store, "h", "exit", &value));
    module = host_module("(module (import \"h\" \"exit\" (func $e))"
                         "  (func (export \"f\") (call $e)))");
    again = wasmrt_module_as_wasm(module, store);
    CHECK(wasmrt_module_from_wasm(again) == module);
    wasm_module_delete(again);
    check_ok(wasmrt_linker_instantiate(linker, store, module, &inst));
    wasmrt_module_delete(module);
    handle = wasmrt_instance_as_wasm(inst);
    trap = c_call(handle, 0, NULL, 0, NULL, 0);
    CHECK_EQ(wasmrt_error_exit_status(wasmrt_trap_error(trap)), 7);
    wasm_trap_delete(trap);
    check_code(call(inst, "f"), WASMRT_ERR_EXIT);
    CHECK(wasmrt_instance_export(inst, "f", &value));
    ext = wasmrt_extern_as_wasm(store, &value);
    CHECK(wasm_extern_as_func(ext) != NULL);
    wasm_extern_delete(ext);
    wasm_instance_delete(handle);
    wasm_func_delete(func);
    host_close();
}
