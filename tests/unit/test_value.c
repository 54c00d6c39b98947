/*
 * Values with their kind and as slots.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/value.h"

#include "tests/unit/world.h"

#include <string.h>

TEST(value_kinds_and_types_agree)
{
    static const wasmrt_kind kinds[] = {
        WASMRT_I32,       WASMRT_I64,    WASMRT_F32,
        WASMRT_F64,       WASMRT_V128,   WASMRT_FUNCREF,
        WASMRT_EXTERNREF, WASMRT_ANYREF, WASMRT_EXNREF};

    for (size_t i = 0; i < WRT_COUNTOF(kinds); i++)
        CHECK_EQ(wrt_value_kind(NULL, wrt_value_type(kinds[i])), kinds[i]);
    CHECK_EQ(wrt_value_type((wasmrt_kind)0), WRT_KIND_BOT);
    CHECK_EQ(wrt_value_kind(NULL, WRT_REF(WRT_HEAP_NOFUNC, true)),
             WASMRT_FUNCREF);
    CHECK_EQ(wrt_value_kind(NULL, WRT_REF(WRT_HEAP_NOEXTERN, false)),
             WASMRT_EXTERNREF);
    CHECK_EQ(wrt_value_kind(NULL, WRT_REF(WRT_HEAP_NOEXN, true)),
             WASMRT_EXNREF);
    CHECK_EQ(wrt_value_kind(NULL, WRT_REF(WRT_HEAP_I31, true)), WASMRT_ANYREF);
}

TEST(value_slots_keep_every_bit)
{
    static const uint32_t nan32 = 0x7fa00001;
    static const uint64_t nan64 = 0x7ff4000000000001;
    wasmrt_val value = {.kind = WASMRT_F32}, got;
    wasmrt_slot slots[2] = {{.u64 = UINT64_MAX}, {.u64 = UINT64_MAX}};

    memcpy(&value.of.f32, &nan32, 4);
    CHECK_EQ(wrt_value_store(&value, slots), 1);
    CHECK_EQ(slots[0].u64, nan32);
    CHECK_EQ(wrt_value_load(WASMRT_F32, slots, &got), 1);
    CHECK_MEM_EQ(&got.of.f32, &nan32, 4);
    value.kind = WASMRT_F64;
    memcpy(&value.of.f64, &nan64, 8);
    CHECK_EQ(wrt_value_store(&value, slots), 1);
    CHECK_EQ(slots[0].u64, nan64);
    value.kind = WASMRT_V128;
    memcpy(value.of.v128.bytes, "0123456789abcdef", 16);
    CHECK_EQ(wrt_value_store(&value, slots), 2);
    CHECK_EQ(wrt_value_load(WASMRT_V128, slots, &got), 2);
    CHECK_MEM_EQ(got.of.v128.bytes, "0123456789abcdef", 16);
}

TEST(value_fits_its_type)
{
    wasmrt_val ref = {.kind = WASMRT_FUNCREF};
    const struct wrt_types *types;
    const struct wrt_type *type, *other;
    struct wrt_instance *inst;

    world.extra_features = WRT_FEATURE_FUNCTION_REFERENCES;
    world_open(WASMRT_BOUNDS_CHECK);
    types = world.engine->types;
    inst = world_instance("(module (func (export \"f\") (param i32))"
                          "  (func (export \"g\")))");
    type = wrt_func_type(world_func(inst, "f"));
    other = wrt_func_type(world_func(inst, "g"));
    CHECK_EQ(wrt_value_kind(types, WRT_REF_TO(type->id, true)), WASMRT_FUNCREF);
    /* Null fits where null is allowed. */
    CHECK(wrt_value_fits(types, &ref, WRT_FUNCREF));
    CHECK(wrt_value_fits(types, &ref, WRT_REF_TO(type->id, true)));
    CHECK(!wrt_value_fits(types, &ref, WRT_REF(WRT_HEAP_FUNC, false)));
    CHECK(!wrt_value_fits(types, &ref, WRT_EXTERNREF));
    ref.of.func = world_func(inst, "f");
    CHECK(wrt_value_fits(types, &ref, WRT_REF(WRT_HEAP_FUNC, false)));
    CHECK(wrt_value_fits(types, &ref, WRT_REF_TO(type->id, false)));
    CHECK(!wrt_value_fits(types, &ref, WRT_REF_TO(other->id, false)));
    world_close();
}
