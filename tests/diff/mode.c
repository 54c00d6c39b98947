/*
 * Running a module in one mode: an engine per mode, a store per module.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/diff/mode.h"

#include "runtime/store/engine.h" /* the switch for the hot loop */
#include "tests/diff/rand.h"

#include "wasmrt.h"
#include "wasmrt/debug.h"
#include "wasmrt/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_RESULTS = 16, SHORT_FUEL = 700 };
#define PLENTY_FUEL ((uint64_t)1 << 40)

const struct mode modes[MODE_COUNT] = {
#define MODE(name, where, every, strategy, bounds, compile, fuel, flags)       \
    {#name,                                                                    \
     WHERE_##where,                                                            \
     every,                                                                    \
     WASMRT_STRATEGY_##strategy,                                               \
     WASMRT_BOUNDS_##bounds,                                                   \
     WASMRT_COMPILE_##compile,                                                 \
     FUEL_##fuel,                                                              \
     FLAG_##flags},
#include "tests/diff/modes.def"
#undef MODE
};

struct reached reached;

/* Errors that no module can cause. */
static void must(wasmrt_error *error)
{
    if (!error)
        return;
    fprintf(stderr, "diff: %s\n", wasmrt_error_message(error));
    abort();
}

/* -- The host -------------------------------------------------------------- */

static wasmrt_error *host_ints(void *env, wasmrt_caller *caller,
                               wasmrt_slot *slots)
{
    uint64_t a = slots[0].u32, b = slots[1].u64;

    (void)env;
    (void)caller;
    slots[0].u64 = a * 31 + (b << 5 | b >> 59);
    reached.host_calls++;
    return NULL;
}

/* Says nothing about which NaN it was given. */
static wasmrt_error *host_floats(void *env, wasmrt_caller *caller,
                                 wasmrt_slot *slots)
{
    double sum = (double)slots[0].f32 + slots[1].f64;

    (void)env;
    (void)caller;
    if (sum != sum)
        slots[0].u64 = 0x7ff8000000000000u;
    else
        slots[0].f64 = sum;
    reached.host_calls++;
    return NULL;
}

static wasmrt_error *host_ref(void *env, wasmrt_caller *caller,
                              wasmrt_slot *slots)
{
    (void)env;
    (void)caller;
    (void)slots;
    reached.host_calls++;
    return NULL;
}

/* -- Engines --------------------------------------------------------------- */

static struct {
    wasmrt_engine *engine;
    wasmrt_linker *linker;
} open_modes[MODE_COUNT];

/* A build without machine code interprets in those modes, too. */
static void open_engine(enum mode_id id, wasmrt_config *config)
{
    wasmrt_error *error = wasmrt_engine_new(config, &open_modes[id].engine);

    if (error && wasmrt_error_code(error) == WASMRT_ERR_ENGINE_UNAVAILABLE) {
        wasmrt_error_delete(error);
        wasmrt_config_set_strategy(config, WASMRT_STRATEGY_INTERP);
        error = wasmrt_engine_new(config, &open_modes[id].engine);
    }
    must(error);
}

static void open_mode(enum mode_id id)
{
    const struct mode *mode = &modes[id];
    wasmrt_config *config = wasmrt_config_new();
    wasmrt_linker **linker = &open_modes[id].linker;

    wasmrt_config_set_strategy(config, (wasmrt_strategy)mode->strategy);
    wasmrt_config_set_bounds(config, (wasmrt_bounds)mode->bounds);
    wasmrt_config_set_compile(config, (wasmrt_compile)mode->compile);
    wasmrt_config_set_fuel(config, mode->fuel != FUEL_NONE);
    wasmrt_config_set_code_check(config, true);
    wasmrt_config_set_max_stack(config, 256 * 1024);
    if (mode->flags & FLAG_SLOW)
        config->features |= WRT_FEATURES_NO_HOT_LOOP;
    wasmrt_config_set_index_masks(config, !(mode->flags & FLAG_BARE));
    open_engine(id, config);
    wasmrt_config_delete(config);
    must(wasmrt_linker_new(open_modes[id].engine, linker));
    must(wasmrt_linker_define_raw(*linker, "h", "ints", "(i32 i64) -> i64",
                                  host_ints, NULL));
    must(wasmrt_linker_define_raw(*linker, "h", "floats", "(f32 f64) -> f64",
                                  host_floats, NULL));
    must(wasmrt_linker_define_raw(*linker, "h", "ref",
                                  "(externref) -> externref", host_ref, NULL));
}

void mode_close(void)
{
    for (int i = 0; i < MODE_COUNT; i++) {
        wasmrt_linker_delete(open_modes[i].linker);
        wasmrt_engine_delete(open_modes[i].engine);
        open_modes[i].linker = NULL;
        open_modes[i].engine = NULL;
    }
}

/* -- Writing down ---------------------------------------------------------- */

/* A number's bits, NaN made canonical; a reference's kind. */
static uint64_t value_bits(const wasmrt_val *v)
{
    uint64_t bits = 0, high = 0;

    switch (v->kind) {
    case WASMRT_I32: return (uint32_t)v->of.i32;
    case WASMRT_I64: return (uint64_t)v->of.i64;
    case WASMRT_F32:
        if (v->of.f32 != v->of.f32)
            return 0x7fc00000u;
        memcpy(&bits, &v->of.f32, 4);
        return bits;
    case WASMRT_F64:
        if (v->of.f64 != v->of.f64)
            return 0x7ff8000000000000u;
        memcpy(&bits, &v->of.f64, 8);
        return bits;
    case WASMRT_V128:
        memcpy(&bits, v->of.v128.bytes, 8);
        memcpy(&high, v->of.v128.bytes + 8, 8);
        return rand_mix(bits) ^ high;
    default: return (uint64_t)wasmrt_val_ref_kind(v);
    }
}

/* Which of the module's tags was thrown, by the exports. */
static void put_exception(struct outcome *out, wasmrt_instance *instance,
                          const wasmrt_error *error)
{
    wasmrt_tag *tag = wasmrt_exception_tag(error);
    wasmrt_extern_val export;
    unsigned n = 0;
    char name[16];

    for (;; n++) {
        snprintf(name, sizeof(name), "x%u", n);
        if (!instance || !wasmrt_instance_export(instance, name, &export) ||
            export.of.tag == tag)
            break;
    }
    outcome_print(out, "throws x%u\n! with", n);
    for (size_t i = 0; i < wasmrt_tag_param_count(tag); i++) {
        wasmrt_val value;

        if (wasmrt_exception_value(error, i, &value))
            outcome_print(out, " %llx", (unsigned long long)value_bits(&value));
    }
    outcome_print(out, "\n");
}

/* Other engines do not tell some traps apart, or check for an atomic access in
 * another order that it is aligned, shared and in bounds. */
static wasmrt_code portable_code(wasmrt_code code)
{
    switch (code) {
    case WASMRT_ERR_UNALIGNED_ATOMIC:
    case WASMRT_ERR_EXPECTED_SHARED: return WASMRT_ERR_MEMORY_OOB;
    case WASMRT_ERR_UNDEFINED_ELEMENT: return WASMRT_ERR_TABLE_OOB;
    case WASMRT_ERR_UNINITIALIZED_ELEMENT: return WASMRT_ERR_INDIRECT_CALL_TYPE;
    case WASMRT_ERR_INVALID_CONVERSION: return WASMRT_ERR_INTEGER_OVERFLOW;
    case WASMRT_ERR_NULL_FUNC_REFERENCE:
    case WASMRT_ERR_NULL_STRUCT_REFERENCE:
    case WASMRT_ERR_NULL_ARRAY_REFERENCE:
    case WASMRT_ERR_NULL_I31_REFERENCE:
    case WASMRT_ERR_NULL_EXN_REFERENCE: return WASMRT_ERR_NULL_REFERENCE;
    default: return code;
    }
}

static void put_error(struct outcome *out, wasmrt_instance *instance,
                      const wasmrt_error *error)
{
    const char *message = wasmrt_error_message(error);
    wasmrt_code code = wasmrt_error_code(error);

    if (wasmrt_error_kind(error) == WASMRT_KIND_EXCEPTION) {
        put_exception(out, instance, error);
        message = "thrown"; /* the message shows the sign of NaN */
    } else {
        outcome_print(out, "traps: %s\n",
                      wasmrt_code_text(portable_code(code)));
    }
    outcome_print(out, "! %s, %zu deep:", message,
                  wasmrt_error_stack_depth(error));
    for (size_t i = 0; i < wasmrt_error_frame_count(error) && i < 8; i++) {
        const wasmrt_frame *frame = wasmrt_error_frame(error, i);

        outcome_print(out, " %u@%llx", frame->func_idx,
                      (unsigned long long)frame->module_offset);
    }
    outcome_print(out, "\n");
}

static void count_error(enum mode_id id, const wasmrt_error *error)
{
    wasmrt_code code = error ? wasmrt_error_code(error) : WASMRT_ERR_NONE;

    if (id != 0)
        return;
    if (!error)
        reached.returned++;
    else if (wasmrt_error_kind(error) == WASMRT_KIND_EXCEPTION)
        reached.uncaught++;
    else if (code < sizeof(reached.traps) / sizeof(*reached.traps))
        reached.traps[code]++;
}

/* -- Running --------------------------------------------------------------- */

struct run {
    enum mode_id id;
    wasmrt_store *store;
    wasmrt_module *module;
    wasmrt_instance *instance;
    struct outcome *out;
};

static void call(const struct run *r, const char *name, wasmrt_func *func)
{
    size_t n = wasmrt_func_result_count(r->store, func);
    wasmrt_val results[MAX_RESULTS];
    wasmrt_error *error;

    if (modes[r->id].fuel == FUEL_SHORT)
        must(wasmrt_store_set_fuel(r->store, SHORT_FUEL));
    error = wasmrt_func_call(r->store, func, NULL, 0, results, n);
    outcome_print(r->out, "%s ", name);
    count_error(r->id, error);
    if (error) {
        put_error(r->out, r->instance, error);
        wasmrt_error_delete(error);
        return;
    }
    outcome_print(r->out, "=");
    for (size_t i = 0; i < n; i++)
        outcome_print(r->out, " %llx",
                      (unsigned long long)value_bits(&results[i]));
    outcome_print(r->out, "\n");
}

/* A hash that scripts can compute as well; see node-peer.mjs. */
static uint32_t mix_word(uint32_t hash, uint32_t word)
{
    hash = (hash ^ word) * 0x01000193u;
    return hash ^ hash >> 15;
}

static void put_memory(const struct run *r, const char *name,
                       wasmrt_memory *memory)
{
    uint64_t size = wasmrt_memory_size(memory), n = size & ~(uint64_t)15;
    const uint8_t *bytes = wasmrt_memory_ptr(memory, 0, size);
    uint32_t hash[4] = {1, 2, 3, 4};

    for (uint64_t i = 0; i < n; i += 16)
        for (unsigned lane = 0; lane < 4; lane++)
            hash[lane] =
                mix_word(hash[lane], wrt_load_u32(bytes + i + lane * 4));
    for (uint64_t i = n; i < size; i++)
        hash[0] = mix_word(hash[0], bytes[i]);
    outcome_print(r->out, "%s %llu bytes %08x%08x%08x%08x\n", name,
                  (unsigned long long)size, hash[0], hash[1], hash[2], hash[3]);
}

static void put_table(const struct run *r, const char *name,
                      const wasmrt_table *table)
{
    uint64_t size = wasmrt_table_size(table);
    wasmrt_val value;

    outcome_print(r->out, "%s %llu elements\n! of", name,
                  (unsigned long long)size);
    for (uint64_t i = 0; i < size && i < 64; i++)
        if (wasmrt_table_get(table, i, &value))
            outcome_print(r->out, " %d", (int)wasmrt_val_ref_kind(&value));
    outcome_print(r->out, "\n");
}

static void put_global(const struct run *r, const char *name,
                       const wasmrt_global *global)
{
    wasmrt_val value = wasmrt_global_get(global);
    bool is_plain = value.kind <= WASMRT_I64;

    if (r->id == 0 && strcmp(name, "g1") == 0)
        reached.calls += (uint64_t)value.of.i32;
    if (r->id == 0 && strcmp(name, "g2") == 0)
        reached.caught += (uint64_t)value.of.i32;
    outcome_print(r->out, "%s%s = %llx\n", is_plain ? "" : "! ", name,
                  (unsigned long long)value_bits(&value));
}

/* Calls in the order of the exports; functions stand first. */
static void use_exports(const struct run *r)
{
    wasmrt_extern_info info;

    for (size_t i = 0; wasmrt_module_export(r->module, i, &info); i++) {
        wasmrt_extern_val value;

        if (!wasmrt_instance_export_n(r->instance, info.name, info.name_len,
                                      &value))
            continue;
        switch (value.kind) {
        case WASMRT_EXTERN_FUNC: call(r, info.name, value.of.func); break;
        case WASMRT_EXTERN_TABLE:
            put_table(r, info.name, value.of.table);
            break;
        case WASMRT_EXTERN_MEMORY:
            put_memory(r, info.name, value.of.memory);
            break;
        case WASMRT_EXTERN_GLOBAL:
            put_global(r, info.name, value.of.global);
            break;
        default: break;
        }
    }
}

static void instantiate_and_use(struct run *r)
{
    const struct mode *mode = &modes[r->id];
    wasmrt_error *error;
    wasmrt_gc_stats stats;

    must(wasmrt_store_new(open_modes[r->id].engine, &r->store));
    wasmrt_store_set_gc_stress(r->store, (mode->flags & FLAG_STRESS) != 0);
    if (mode->fuel != FUEL_NONE)
        must(wasmrt_store_set_fuel(
            r->store, mode->fuel == FUEL_SHORT ? SHORT_FUEL : PLENTY_FUEL));
    error = wasmrt_linker_instantiate(open_modes[r->id].linker, r->store,
                                      r->module, &r->instance);
    if (error) {
        outcome_print(r->out, "instantiation ");
        put_error(r->out, NULL, error);
        count_error(r->id, error);
        wasmrt_error_delete(error);
    } else {
        use_exports(r);
    }
    if (mode->fuel != FUEL_NONE)
        r->out->fuel = wasmrt_store_fuel(r->store);
    if (r->id == 0) {
        wasmrt_store_get_gc_stats(r->store, &stats);
        reached.objects_bytes += stats.allocated_bytes;
        reached.instantiated += !error;
    }
    wasmrt_store_delete(r->store);
}

/* Prints a module and reads it again; the bytes are given back only when they
 * changed. */
static uint8_t *through_text(const uint8_t *bytes, size_t len,
                             struct outcome *out)
{
    uint8_t *again = NULL;
    size_t again_len = 0, text_len = 0;
    char *text = NULL;
    wasmrt_error *error = wasmrt_wasm2wat(bytes, len, 0, &text, &text_len);

    if (!error)
        error = wasmrt_wat2wasm(text, text_len, 0, &again, &again_len);
    wasmrt_bytes_delete(text);
    if (error)
        outcome_print(out, "text: %s\n", wasmrt_error_message(error));
    else if (again_len != len || memcmp(again, bytes, len) != 0)
        outcome_print(out, "text: %zu bytes become %zu\n", len, again_len);
    wasmrt_error_delete(error);
    return again;
}

void mode_run(enum mode_id id, const uint8_t *bytes, size_t len,
              struct outcome *out)
{
    struct run r = {.id = id, .out = out};
    wasmrt_error *error;

    outcome_reset(out);
    if (modes[id].flags & FLAG_TEXT) {
        wasmrt_bytes_delete(through_text(bytes, len, out));
        return;
    }
    if (!open_modes[id].engine)
        open_mode(id);
    error = wasmrt_module_new(open_modes[id].engine, bytes, len, &r.module);
    if (error) {
        outcome_print(out, "invalid: %s\n", wasmrt_error_message(error));
        reached.refused += id == 0;
        wasmrt_error_delete(error);
        return;
    }
    instantiate_and_use(&r);
    wasmrt_module_delete(r.module);
}
