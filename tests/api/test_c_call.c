/*
 * wasmrt_call(): arguments and results of C.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/api/host.h"

#include <string.h>

TEST(c_call_passes_each_kind)
{
    static const char type[] = "(i32 i64 f32 f64 v128 externref)"
                               " -> (externref v128 f64 f32 i64 i32)";
    const wasmrt_v128 v = {{1, 2, 3, 4, 5, 6, 7, 8, 9}};
    wasmrt_v128 v_out;
    wasmrt_extern *ref;
    wasmrt_func *func;
    double f64 = 0;
    float f32 = 0;
    int64_t i64 = 0;
    int32_t i32 = 0;
    void *ref_out = NULL;

    host_open();
    func = wasmrt_instance_func(
        host_instance("(module (func (export \"f\")"
                      "  (param i32 i64 f32 f64 v128 externref)"
                      "  (result externref v128 f64 f32 i64 i32)"
                      "  (local.get 5) (local.get 4) (local.get 3)"
                      "  (local.get 2) (local.get 1) (local.get 0)))"),
        "f");
    check_ok(wasmrt_extern_new(store, &f64, &ref));
    check_ok(wasmrt_call(store, func, type, -7, INT64_MIN, 1.5, 2.25, v, ref,
                         &ref_out, &v_out, &f64, &f32, &i64, &i32));
    CHECK_EQ(i32, -7);
    CHECK_EQ(i64, INT64_MIN);
    CHECK_EQ(f32, 1.5);
    CHECK_EQ(f64, 2.25);
    CHECK_MEM_EQ(&v_out, &v, 16);
    CHECK(ref_out == ref);
    i32 = 0;
    check_ok(wasmrt_call(store, func, type, 9, (int64_t)8, 1.5, 2.25, v, ref,
                         NULL, NULL, NULL, NULL, NULL, &i32));
    CHECK_EQ(i32, 9);
    host_close();
}

TEST(c_call_checks_the_signature)
{
    wasmrt_func *func;
    int64_t wide;

    host_open();
    func = wasmrt_instance_func(
        host_instance("(module (func (export \"f\") (param i32) (result i32)"
                      "  (i32.div_u (i32.const 1) (local.get 0))))"),
        "f");
    check_error(wasmrt_call(store, func, "(i32) -> i64", 1, &wide),
                WASMRT_ERR_MISUSE, "the function is of another type");
    check_error(wasmrt_call(store, func, "i32", 1), WASMRT_ERR_MISUSE,
                "expected \"(\"");
    check_code(wasmrt_call(store, func, "(i32) -> i32", 0, NULL),
               WASMRT_ERR_DIVIDE_BY_ZERO);
    CHECK_EQ(wasmrt_abi_version(), WASMRT_ABI_VERSION);
    host_close();
}

/* More values than are kept on the stack. */
TEST(c_call_many)
{
    int32_t out[2] = {0};
    wasmrt_func *func;

    host_open();
    func = wasmrt_instance_func(
        host_instance("(module (func (export \"f\") (param"
                      " i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32"
                      " i32 i32 i32 i32 i32) (result i32 i32)"
                      " (local.get 17) (local.get 0)))"),
        "f");
    check_ok(wasmrt_call(store, func,
                         "(i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32"
                         " i32 i32 i32 i32 i32) -> (i32 i32)",
                         1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
                         17, 18, &out[0], &out[1]));
    CHECK_EQ(out[0], 18);
    CHECK_EQ(out[1], 1);
    host_close();
}
