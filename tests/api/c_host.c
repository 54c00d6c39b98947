/*
 * A host for the tests of wasm.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/api/c_host.h"

#include "tests/api/host.h"

#include "wasmrt/bridge.h"
#include "wasmrt/text.h"

wasm_engine_t *c_engine;
wasm_store_t *c_store;

void c_open(void)
{
    wasmrt_engine *made;
    wasmrt_config *config = host_config();

    check_ok(wasmrt_engine_new(config, &made));
    wasmrt_config_delete(config);
    c_engine = wasmrt_engine_as_wasm(made);
    c_store = wasm_store_new(c_engine);
    CHECK(c_store != NULL);
}

void c_close(void)
{
    wasm_store_delete(c_store);
    wasm_engine_delete(c_engine);
}

wasm_byte_vec_t c_binary(const char *text)
{
    wasm_byte_vec_t binary;
    uint8_t *bytes;
    size_t len;

    check_ok(wasmrt_wat2wasm(text, strlen(text), 0, &bytes, &len));
    wasm_byte_vec_new(&binary, len, (const char *)bytes);
    wasmrt_bytes_delete(bytes);
    return binary;
}

wasm_module_t *c_module(const char *text)
{
    wasm_byte_vec_t binary = c_binary(text);
    wasm_module_t *made = wasm_module_new(c_store, &binary);

    wasm_byte_vec_delete(&binary);
    CHECK(made != NULL);
    return made;
}

static wasm_instance_t *instantiate(const char *text, wasm_extern_t *first,
                                    wasm_extern_t *second, wasm_trap_t **trap)
{
    wasm_extern_t *externs[] = {first, second};
    wasm_extern_vec_t imports = {!!first + (size_t)!!second, externs};
    wasm_module_t *made = c_module(text);
    wasm_instance_t *instance =
        wasm_instance_new(c_store, made, &imports, trap);

    wasm_module_delete(made);
    return instance;
}

wasm_instance_t *c_instance(const char *text, wasm_extern_t *first,
                            wasm_extern_t *second)
{
    wasm_instance_t *instance = instantiate(text, first, second, NULL);

    CHECK(instance != NULL);
    return instance;
}

wasm_trap_t *c_instance_trap(const char *text, wasm_extern_t *first)
{
    wasm_trap_t *trap = NULL;

    CHECK(instantiate(text, first, NULL, &trap) == NULL);
    CHECK(trap != NULL);
    return trap;
}

wasm_extern_t *c_export(const wasm_instance_t *instance, size_t n)
{
    wasm_extern_vec_t exports;
    wasm_extern_t *found;

    wasm_instance_exports(instance, &exports);
    CHECK(n < exports.size);
    found = wasm_extern_copy(exports.data[n]);
    wasm_extern_vec_delete(&exports);
    return found;
}

wasm_trap_t *c_call(const wasm_instance_t *instance, size_t n,
                    const wasm_val_t *args, size_t nargs, wasm_val_t *results,
                    size_t nresults)
{
    const wasm_val_vec_t arg_vec = {nargs, (wasm_val_t *)(uintptr_t)args};
    wasm_val_vec_t result_vec = {nresults, results};
    wasm_extern_t *ext = c_export(instance, n);
    wasm_trap_t *trap;

    CHECK(wasm_extern_as_func(ext) != NULL);
    trap = wasm_func_call(wasm_extern_as_func(ext), &arg_vec, &result_vec);
    wasm_extern_delete(ext);
    return trap;
}

int32_t c_call_i32(const wasm_instance_t *instance, size_t n, int32_t arg)
{
    const wasm_val_t val = c_i32(arg);
    wasm_val_t result = WASM_INIT_VAL;
    wasm_trap_t *trap = c_call(instance, n, &val, 1, &result, 1);

    CHECK(trap == NULL);
    CHECK_EQ(result.kind, WASM_I32);
    return result.of.i32;
}

void c_check_trap(wasm_trap_t *trap, const char *message)
{
    wasm_message_t text;

    CHECK(trap != NULL);
    wasm_trap_message(trap, &text);
    CHECK_EQ(text.size, strlen(text.data) + 1);
    CHECK_STR_EQ(text.data, message);
    wasm_byte_vec_delete(&text);
    wasm_trap_delete(trap);
}

wasm_val_t c_i32(int32_t v)
{
    return (wasm_val_t)WASM_I32_VAL(v);
}

wasm_val_t c_ref(wasm_ref_t *ref)
{
    return (wasm_val_t)WASM_REF_VAL(ref);
}
