/*
 * The standard C API: a program for wasm.h alone, which runs on any engine that
 * has it.  The guest calls the host back with a number.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <wasm.h>

/* (module (import "" "next" (func (param i32) (result i32)))
 *   (func (export "run") (param i32) (result i32)
 *     (call 0 (call 0 (local.get 0))))) */
static const unsigned char guest[] = {
    0,    'a', 's',  'm', 1, 0, 0,    0, 1,    6,   1,    0x60, 1,
    0x7f, 1,   0x7f, 2,   9, 1, 0,    4, 'n',  'e', 'x',  't',  0,
    0,    3,   2,    1,   0, 7, 7,    1, 3,    'r', 'u',  'n',  0,
    1,    10,  10,   1,   8, 0, 0x20, 0, 0x10, 0,   0x10, 0,    0x0b};

/* A host function with data of its own. */
static wasm_trap_t *next(void *env, const wasm_val_vec_t *args,
                         wasm_val_vec_t *results)
{
    int step = *(int *)env;

    printf("next(%d)\n", (int)args->data[0].of.i32);
    results->data[0].kind = WASM_I32;
    results->data[0].of.i32 = args->data[0].of.i32 + step;
    return NULL;
}

static int call(const wasm_instance_t *instance)
{
    wasm_val_t arg = WASM_I32_VAL(32), result = WASM_INIT_VAL;
    const wasm_val_vec_t args = {1, &arg};
    wasm_val_vec_t results = {1, &result};
    wasm_extern_vec_t exports;
    wasm_trap_t *trap;

    wasm_instance_exports(instance, &exports);
    trap =
        wasm_func_call(wasm_extern_as_func(exports.data[0]), &args, &results);
    wasm_extern_vec_delete(&exports);
    if (trap) {
        wasm_message_t message;

        wasm_trap_message(trap, &message);
        fprintf(stderr, "standard: %s\n", message.data);
        wasm_byte_vec_delete(&message);
        wasm_trap_delete(trap);
        return 1;
    }
    printf("run(32) = %d\n", (int)result.of.i32);
    return 0;
}

int main(void)
{
    static int step = 5;
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);
    wasm_functype_t *type =
        wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
    wasm_func_t *func = wasm_func_new_with_env(store, type, next, &step, NULL);
    wasm_extern_t *externs[] = {wasm_func_as_extern(func)};
    wasm_extern_vec_t imports = WASM_ARRAY_VEC(externs);
    wasm_byte_vec_t binary;
    wasm_module_t *module;
    wasm_instance_t *instance = NULL;
    int status = 1;

    wasm_byte_vec_new(&binary, sizeof(guest), (const char *)guest);
    module = wasm_module_new(store, &binary);
    if (module)
        instance = wasm_instance_new(store, module, &imports, NULL);
    if (instance)
        status = call(instance);
    wasm_byte_vec_delete(&binary);
    wasm_instance_delete(instance);
    wasm_module_delete(module);
    wasm_func_delete(func);
    wasm_functype_delete(type);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    return status;
}
