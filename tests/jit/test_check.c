/*
 * The isolation checker against code made by hand: what each rule must refuse,
 * beside the same code as it should be.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "jit/check/check.h"
#include "runtime/store/engine.h"
#include "tests/lib/test.h"
#include "wasmrt.h"
#include "wasmrt/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Function 0 is what code is checked as; 1 takes nothing, 2 is of its type. The
 * tag has two words.  The bodies of the last ones say what accesses of objects
 * are for. */
static const char *const text =
    "(module (type $t (func (param i32 i64) (result i32)))"
    "  (memory 1) (table 4 funcref) (global (mut i64) (i64.const 0))"
    "  (tag (param i32 i64))"
    "  (func (type $t) (i32.const 0)) (func)"
    "  (func (type $t) (i32.const 0))"
    "  (type $s (struct (field i32) (field i64)))"
    "  (type $a (array i32))"
    "  (func (result (ref $s)) (struct.new_default $s))"
    "  (func (param (ref null $s)) (result i64)"
    "    (struct.get $s 1 (local.get 0)))"
    "  (func (param (ref null $a) i32) (result i32)"
    "    (array.get $a (local.get 0) (local.get 1)))"
    "  (func (param anyref) (result i32)"
    "    (ref.test (ref $s) (local.get 0))))";

/* Those, and where in their bodies the instruction is. */
enum { FUNC_NEW = 3, FUNC_GET, FUNC_ELEM, FUNC_TEST };
static const uint32_t insn_at[] = {
    [FUNC_NEW] = 1, [FUNC_GET] = 3, [FUNC_ELEM] = 5, [FUNC_TEST] = 3};

static wasmrt_engine *engine;
static wasmrt_module *module;
static struct wrt_native *native;

static void set_up(wasmrt_bounds bounds)
{
    wasmrt_config *config = wasmrt_config_new();
    uint8_t *bytes;
    size_t len;

    wasmrt_config_set_strategy(config, WASMRT_STRATEGY_JIT);
    wasmrt_config_set_bounds(config, bounds);
    CHECK(wasmrt_engine_new(config, &engine) == NULL);
    wasmrt_config_delete(config);
    CHECK(wasmrt_wat2wasm(text, strlen(text), 0, &bytes, &len) == NULL);
    CHECK(wasmrt_module_new(engine, bytes, len, &module) == NULL);
    wasmrt_bytes_delete(bytes);
    native = ((struct wrt_module *)module)->native;
    native->options.checks = &engine->code_checks;
    CHECK(jit_make_ready(native) == NULL);
}

static void tear_down(void)
{
    wasmrt_module_delete(module);
    wasmrt_engine_delete(engine);
}

enum { CODE_MAX = 512 };

static uint8_t code[CODE_MAX];
static uint32_t code_len;
static uint32_t to_trap[4], nto_trap; /* distances to a trap behind the code */

static void put(const void *bytes, size_t len)
{
    CHECK(code_len + len <= CODE_MAX);
    memcpy(code + code_len, bytes, len);
    code_len += (uint32_t)len;
}

/* What the function's tables say; "!" and "#" add to them. */
static struct jit_clause clause;
static struct jit_made made;

static uint32_t access_at; /* in the body */

/* Appends bytes, as hexadecimal.  In it, "<name>" is a distance of 32 bits to a
 * place in the range, "{name}" an offset of 32 bits in a structure, and "@" the
 * distance to a trap.  "!" stands behind a call in the part of the body that
 * the clause is for, "#" where it lands, "~" before an access of an object. */
static uint32_t named(const char *name)
{
    static const struct {
        const char *name;
        uint32_t value;
    } offsets[] = {
        {"mem0", offsetof(struct wrt_instance, mem0)},
        {"tables", offsetof(struct wrt_instance, tables)},
        {"args", offsetof(struct wrt_instance, native_args)},
        {"ctx", offsetof(struct wrt_instance, ctx)},
        {"globals", offsetof(struct wrt_instance, globals)},
        {"past", offsetof(struct wrt_instance, globals) + 16},
        {"base", offsetof(struct wrt_memory_inst, base)},
        {"len", offsetof(struct wrt_memory_inst, len_bytes)},
        {"fuel", offsetof(struct wrt_ctx, fuel)},
        {"interrupt", offsetof(struct wrt_ctx, interrupt)},
        {"bump", offsetof(struct wrt_ctx, gc.bump)},
        {"limit", offsetof(struct wrt_ctx, gc.limit)},
        {"types", offsetof(struct wrt_instance, types)},
        {"super", offsetof(struct wrt_type, supers)},
        {"beyond", offsetof(struct wrt_type, supers) + 4 * WRT_TYPE_SUPERS},
        {"size", offsetof(struct wrt_table_inst, size)},
        {"elems", offsetof(struct wrt_table_inst, elems)},
        {"owner", offsetof(struct wrt_funcref, instance)},
        {"type", offsetof(struct wrt_funcref, type_id)},
        {"func", offsetof(struct wrt_funcref, func_idx)},
    };

    for (size_t i = 0; i < WRT_COUNTOF(offsets); i++) {
        if (strcmp(offsets[i].name, name) == 0)
            return offsets[i].value;
    }
    if (strcmp(name, "id") == 0)
        return ((struct wrt_module *)module)->type_ids[0];
    if (strcmp(name, "info") == 0)
        return wrt_module_type((struct wrt_module *)module, 1)->object_info;
    FAIL("no offset %s", name);
    return 0;
}

static uint64_t placed(const char *name)
{
    if (strcmp(name, "trap") == 0)
        return jit_code_at(native, native->stubs[JIT_STUB_TRAP]);
    if (strcmp(name, "unwind") == 0)
        return jit_code_at(native, native->stubs[JIT_STUB_UNWIND]);
    if (strcmp(name, "lazy") == 0)
        return jit_code_at(native, native->stubs[JIT_STUB_LAZY]);
    if (strcmp(name, "alloc") == 0)
        return jit_code_at(native, native->stubs[JIT_STUB_ALLOC]);
    if (strcmp(name, "c") == 0)
        return jit_code_at(native, native->stubs[JIT_STUB_C]);
    if (strcmp(name, "word1") == 0)
        return jit_slot_at(1);
    if (strcmp(name, "words") == 0)
        return jit_slot_at(0);
    if (strcmp(name, "adapter") == 0)
        return jit_adapter_at(native, 0, false);
    if (strcmp(name, "helper") == 0)
        return jit_helper_at(JIT_HELPER_TABLE_GROW);
    if (strcmp(name, "none") == 0)
        return jit_helper_at(JIT_HELPER_COUNT) - 4;
    FAIL("no place %s", name);
    return 0;
}

static const char *put_name(const char *p)
{
    char name[16];
    char close = *p == '<' ? '>' : '}';
    size_t len = (size_t)(strchr(p, close) - p - 1);
    uint32_t value;

    CHECK(len < sizeof(name));
    memcpy(name, p + 1, len);
    name[len] = '\0';
    value = close == '}'
                ? named(name)
                : (uint32_t)(placed(name) -
                             (jit_code_at(native, (uint32_t)native->used) +
                              code_len + 4));
    put(&value, sizeof(value));
    return p + len + 2;
}

static void assemble(const char *hex)
{
    while (*hex) {
        char digits[3] = {0};
        uint8_t byte;

        if (*hex == ' ') {
            hex++;
        } else if (*hex == '@') {
            to_trap[nto_trap++ % WRT_COUNTOF(to_trap)] = code_len;
            put("\0\0\0", 4);
            hex++;
        } else if (*hex == '~') {
            jit_add_place(&made, code_len, access_at, false);
            hex++;
        } else if (*hex == '!' || *hex == '#') {
            if (*hex++ == '!')
                jit_add_place(&made, code_len, 1, false);
            else
                clause.landing = code_len;
        } else if (*hex == '<' || *hex == '{') {
            hex = put_name(hex);
        } else {
            memcpy(digits, hex, 2);
            byte = (uint8_t)strtoul(digits, NULL, 16);
            put(&byte, 1);
            hex += 2;
        }
    }
}

/* push rbp; mov rbp, rsp; sub rsp, 32 / xor eax, eax; leave; ret */
#define BEGIN "55 488bec 4883ec20 "
#define END   "31c0 c9 c3 "
/* mov r11d, 1; call the trap */
#define TRAP "41bb01000000 e8<trap> "

static void finish_traps(void)
{
    uint32_t trap = code_len;

    if (nto_trap)
        assemble(TRAP);
    for (uint32_t i = 0; i < nto_trap; i++) {
        uint32_t distance = trap - (to_trap[i] + 4);

        memcpy(code + to_trap[i], &distance, sizeof(distance));
    }
}

static void check(const char *hex, const char *complaint, struct jit_func *func)
{
    struct jit_check what = {.native = native,
                             .code = code,
                             .at = jit_code_at(native, (uint32_t)native->used),
                             .piece = JIT_PIECE_FUNC,
                             .number = 0,
                             .func = func};
    wasmrt_error *error;

    code_len = nto_trap = 0;
    assemble(hex);
    finish_traps();
    what.len = code_len;
    if (func) {
        func->places = made.places.items;
        func->places_len = (uint32_t)made.places.count;
    }
    error = jit_check_code(&what);
    if (!error && complaint)
        FAIL("accepted: %s", hex);
    if (error &&
        (!complaint || !strstr(wasmrt_error_message(error), complaint)))
        FAIL("%s: %s", wasmrt_error_message(error), hex);
    wasmrt_error_delete(error);
}

struct row {
    const char *hex, *complaint; /* NULL: accepted */
};

static void check_all(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        check(rows[i].hex, rows[i].complaint, NULL);
}

TEST(check_decodes_what_is_allowed_only)
{
    static const struct row rows[] = {
        {BEGIN END, NULL},
        {BEGIN "0f05 " END, "unknown instruction"},       /* syscall */
        {BEGIN "cd80 " END, "unknown instruction"},       /* int */
        {BEGIN "f4 " END, "unknown instruction"},         /* hlt */
        {BEGIN "0f30 " END, "unknown instruction"},       /* wrmsr */
        {BEGIN "f3a4 " END, "unknown instruction"},       /* rep movs */
        {BEGIN "64488b00 " END, "unknown instruction"},   /* fs: */
        {BEGIN "67428b0436 " END, "unknown instruction"}, /* addr32 */
        {BEGIN "f0480fc1c6 " END, "unknown instruction"}, /* of registers */
        {BEGIN "490fc10436 " END, "unknown instruction"}, /* xadd, no lock */
        {BEGIN "f049870436 " END, "unknown instruction"}, /* lock xchg */
        {BEGIN "f0490b0436 " END, "unknown instruction"}, /* lock or */
        {BEGIN "6687c6 " END, "unknown instruction"},     /* xchg of 16 bits */
        {BEGIN "0faee8 " END, "unknown instruction"},     /* lfence */
        {BEGIN "0faef0 " END, NULL},                      /* mfence */
        {BEGIN "48f7f0 c4e37d1840 " END, "unknown instruction"},
        {BEGIN "8b04250000 " END, "unknown instruction"}, /* [disp] */
        {BEGIN "0f0b " END, "unknown instruction"},       /* ud2 */
        {BEGIN "31c0 c9", "the function's end is reached"},
        {BEGIN "31c0 c9 c3 31c0", "code that nothing reaches"},
        {BEGIN "0f1f00 " END "6690", NULL},
        {BEGIN "48b8010203", "unknown instruction"},
    };

    set_up(WASMRT_BOUNDS_AUTO);
    check_all(rows, WRT_COUNTOF(rows));
    tear_down();
}

/* r11 = the length of memory 0; cmp r11, 4; jb trap; sub r11, 4 */
#define LENGTH "4d8b9f{mem0} 4d8b9b{len} "
#define LIMIT  LENGTH "4983fb04 0f82@ 4983eb04 "
/* cmp rdi, r11; ja trap; cmova rdi, r11 */
#define MASK "493bfb 0f87@ 490f47fb "

/* Without masks, the branch right before the access counts. */
TEST(check_relies_on_branches_where_there_are_no_masks)
{
    static const struct row rows[] = {
        {BEGIN LIMIT "493bfb 0f87@ 418b043e " END, NULL},
        {BEGIN LIMIT "493bfb 0f87@ 490fbe043e " END, NULL}, /* movsx */
        {BEGIN LIMIT MASK "418b043e " END, NULL},
        {BEGIN LIMIT "493bfb 418b043e " END, "unchecked or unmasked"},
        {BEGIN LIMIT "493bfb 0f82@ 418b043e " END, "unchecked or unmasked"},
        {BEGIN LIMIT "413bfb 0f87@ 418b043e " END, "unchecked or unmasked"},
        {BEGIN LIMIT "493bfb 0f87@ 418b0436 " END, "unchecked or unmasked"},
        {BEGIN LIMIT "493bfb 0f87@ 498b043e " END, "unchecked or unmasked"},
        {BEGIN LIMIT "493bfb 0f87@ 418b443e01 " END, "unchecked or unmasked"},
        {BEGIN LIMIT "493bfb 0f87@ 488bfe 418b043e " END,
         "unchecked or unmasked"},
        {BEGIN LIMIT "493bfb 0f87@ 4d8bde 418b043e " END,
         "unchecked or unmasked"},
        {BEGIN LIMIT "493bfb 0f87@ 83c001 418b043e " END,
         "unchecked or unmasked"},
        {BEGIN LENGTH "493bfb 0f87@ 418b043e " END, "unchecked or unmasked"},
        /* rcx = table 0; esi is compared with its size; rcx = its elements */
        {BEGIN "498b8f{tables} 488b09 483bb1{size} 0f83@ 488b89{elems} "
               "488b04f1 " END,
         NULL},
        {BEGIN "498b8f{tables} 488b09 483bb1{size} 488b89{elems} "
               "488b04f1 " END,
         "unchecked or unmasked"},
        {BEGIN "498b8f{tables} 488b09 483bb1{size} 0f83@ 488b89{elems} "
               "488b04f9 " END,
         "unchecked or unmasked"},
    };

    set_up(WASMRT_BOUNDS_CHECK);
    native->options.has_masks = false;
    check_all(rows, WRT_COUNTOF(rows));
    tear_down();
}

struct object_row {
    uint32_t func_idx;
    const char *hex, *complaint;
};

/* r11 = the context; rax = behind 24 bytes of room */
#define ROOM "4d8b9f{ctx} 498b83{bump} 4883c018 493b83{limit} "
/* ja trap; the rest begins there */
#define FITS "0f87@ 498983{bump} "
/* Its header; rax = the object */
#define HEADER "~ c740e8{info} ~ c740ec18000000 "
/* test rdi, rdi; je trap */
#define NOT_NULL "4885ff 0f84@ "
/* cmp esi, the length of rdi; jae trap */
#define BELOW "~ 3b7704 0f83@ "
/* sbb r11d, r11d; and r11d, esi */
#define MASKED "451bdb 4423de "
/* test edi, 1; jne trap */
#define NO_I31 "f7c701000000 0f85@ "
/* r11 = the id of rdi's type; rax = the types; r11 = its type */
#define TYPE                                                                   \
    "~ 448b1f 4181e3ffff3f00 498b87{types} "                                   \
    "4e8b1cd8 "

static void check_objects(const struct object_row *rows, size_t count)
{
    struct jit_func func = {.func_idx = 0};
    char hex[256];

    set_up(WASMRT_BOUNDS_AUTO);
    made.code.alloc = native->module->alloc;
    for (size_t i = 0; i < count; i++) {
        func.func_idx = rows[i].func_idx;
        access_at = insn_at[rows[i].func_idx];
        snprintf(hex, sizeof(hex), BEGIN "%s" END, rows[i].hex);
        check(hex, rows[i].complaint, &func);
        jit_made_reset(&made);
    }
    jit_made_fini(&made);
    tear_down();
}

TEST(check_follows_references_as_the_body_says)
{
    static const struct object_row rows[] = {
        {FUNC_GET, NOT_NULL "~ 488b4710 ", NULL},
        {FUNC_GET, "~ 488b4710 ", "may be null"},
        {FUNC_GET, NOT_NULL "488bfe ~ 488b4710 ", "may be null"},
        {FUNC_GET, NOT_NULL "488b4710 ", "what is no pointer"},
        {FUNC_GET, NOT_NULL "~ 488b4708 ", "beside its field"},
        {FUNC_GET, NOT_NULL "~ 488b4718 ", "beside its field"},
        {FUNC_GET, NOT_NULL "~ 8b4710 ", "beside its field"},
        {FUNC_GET, NOT_NULL "~ 488b443710 ", "beside its field"},
        {FUNC_GET, NOT_NULL "~ 48894710 ", "what is no pointer"},
        {FUNC_ELEM, NOT_NULL BELOW MASKED "~ 428b449f08 ", NULL},
        {FUNC_ELEM, BELOW MASKED "~ 428b449f08 ", "may be null"},
        {FUNC_ELEM, NOT_NULL "~ 3b7704 " MASKED "~ 428b449f08 ",
         "unchecked or unmasked"},
        {FUNC_ELEM, NOT_NULL BELOW "~ 8b44b708 ", "unchecked or unmasked"},
        {FUNC_ELEM, NOT_NULL MASKED "~ 428b449f08 ", "unchecked or unmasked"},
        {FUNC_ELEM, NOT_NULL BELOW "451bdb 4423d8 ~ 428b449f08 ",
         "unchecked or unmasked"}, /* and r11d, eax */
        {FUNC_ELEM, NOT_NULL BELOW MASKED "488bfe ~ 428b449f08 ",
         "unchecked or unmasked"},
        {FUNC_ELEM, NOT_NULL BELOW MASKED "~ 428b44df08 ",
         "unchecked or unmasked"}, /* times 8 */
        {FUNC_ELEM, NOT_NULL BELOW MASKED "~ 4a8b449f08 ",
         "unchecked or unmasked"}, /* 8 bytes */
        {FUNC_ELEM, NOT_NULL BELOW MASKED "~ 428b449f0c ",
         "unchecked or unmasked"},
        {FUNC_ELEM, NOT_NULL "~ 3b7708 ", "beside its elements"},
        {FUNC_TEST, NOT_NULL NO_I31 "~ 813f{info} ", NULL},
        {FUNC_TEST, NO_I31 "~ 813f{info} ", "may be null"},
        {FUNC_TEST, NOT_NULL "~ 813f{info} ", "may be i31"},
        {FUNC_TEST, NOT_NULL NO_I31 "~ 817f04{info} ", "beside its type"},
        {FUNC_TEST, NOT_NULL NO_I31 TYPE "4181bb{super}00000000 ", NULL},
        {FUNC_TEST, NOT_NULL NO_I31 TYPE "4181bb{beyond}00000000 ",
         "a supertype that there is not"},
        {FUNC_TEST, NOT_NULL NO_I31 "~ 448b1f 498b87{types} 4e8b1cd8 ",
         "without a bound"},
    };

    check_objects(rows, WRT_COUNTOF(rows));
}

TEST(check_makes_objects_whole)
{
    static const struct object_row rows[] = {
        {FUNC_NEW, ROOM FITS HEADER "4883e818 ", NULL},
        {FUNC_NEW, ROOM FITS HEADER "48c740f000000000 4883e818 ", NULL},
        {FUNC_NEW, ROOM "498983{bump} " HEADER, "what is no pointer"},
        {FUNC_NEW, ROOM "0f85@ 498983{bump} ", "what is no pointer"},
        {FUNC_NEW, ROOM "0f87@ " HEADER "498983{bump} 498983{bump} ", NULL},
        {FUNC_NEW, ROOM FITS "c7400000000000 ", "outside of a new object"},
        {FUNC_NEW, ROOM FITS "48c740fc00000000 ", "outside of a new object"},
        {FUNC_NEW, ROOM FITS "c740e400000000 ", "outside of a new object"},
        {FUNC_NEW, ROOM FITS "~ c740e801000000 ", "not its own"},
        {FUNC_NEW, ROOM FITS "~ c740ec20000000 ", "not its own"},
        {FUNC_NEW, ROOM FITS "c740e8{info} ", "not its own"},
        {FUNC_NEW, ROOM FITS "4883e818 ", "not whole"},
        {FUNC_NEW, ROOM FITS "~ c740e8{info} 4883e818 ", "not whole"},
        {FUNC_NEW, ROOM FITS HEADER "4883e810 ", "not whole"},
        {FUNC_NEW, "4d8b9f{ctx} 498983{limit} ", "what is no pointer"},
        {FUNC_GET, ROOM FITS HEADER, "not its own"},
        /* mov r11d, 1; the stub; lea rax, [r11 + 24] */
        {FUNC_NEW, "41bb01000000 e8<alloc> 498d4318 " HEADER "4883e818 ", NULL},
        {FUNC_NEW, "41bb01000000 e8<alloc> 498d4310 " HEADER,
         "what is no pointer"},
        {FUNC_NEW, "41bb00000000 e8<alloc> ", "of a type that there is not"},
        {FUNC_NEW, "4c8bdf e8<alloc> ", "of a type that there is not"},
    };

    check_objects(rows, WRT_COUNTOF(rows));
}

/* esi is a parameter of 32 bits, rdi one of 64. */
TEST(check_bounds_what_is_guarded)
{
    static const struct row rows[] = {
        {BEGIN "418b0436 " END, NULL},                /* [r14 + rsi] */
        {BEGIN "418b8436ffffff7f " END, NULL},        /* + 2^31 - 1 */
        {BEGIN "418b4436ff " END, "without a bound"}, /* - 1 */
        {BEGIN "418b043e " END, "without a bound"},   /* rdi */
        {BEGIN "8bff 418b043e " END, NULL},           /* mov edi, edi */
        {BEGIN "488bff 418b043e " END, "without a bound"},
        {BEGIN "83c601 418b0436 " END, NULL},   /* add esi, 1 */
        {BEGIN "4883c601 418b0436 " END, NULL}, /* 2^32: inside */
        {BEGIN "4801f6 4801f6 418b0436 " END, "without a bound"},
        {BEGIN "48ffc6 418b0436 " END, "unknown instruction"},
        {BEGIN "4863c6 418b0406 " END, "without a bound"}, /* movsxd */
        {BEGIN "480fb6c7 418b0406 " END, NULL},            /* movzx */
        {BEGIN "48c1ef20 418b043e " END, NULL},            /* shr rdi, 32 */
        {BEGIN "48c1ef1e 418b043e " END, "without a bound"},
        {BEGIN "41893c36 " END, NULL},
        {BEGIN "f04d0fc11c36 " END, NULL}, /* lock xadd */
        {BEGIN "f04d0fc11c3e " END, "without a bound"},
        {BEGIN "f04d0fb11c36 " END, NULL}, /* lock cmpxchg */
        {BEGIN "f04d0fb11c3e " END, "without a bound"},
        {BEGIN "4d871c36 " END, NULL}, /* xchg */
        {BEGIN "4d871c3e " END, "without a bound"},
        {BEGIN "49870436 418b0406 " END, "without a bound"},
        {BEGIN "31c0 6641870436 418b0406 " END, NULL}, /* 16 bits */
        {BEGIN "48875df8 " END, "no guest memory"},
        {BEGIN "f0480fc14df8 " END, "no guest memory"},
        {BEGIN "41893c3e " END, "without a bound"},
        {BEGIN "8907 " END, "a store through what is no pointer"},
        {BEGIN "8b07 " END, "a load through what is no pointer"},
        {BEGIN "f3430f100437 " END, "must not read"},
        /* A loop that adds to rsi loses the bound. */
        {BEGIN "418b0436 4883c601 4839fe 75f3 " END, "unknown instruction"},
        {BEGIN "418b0436 4883c601 483bf7 75f3 " END, "without a bound"},
        {BEGIN "418b0436 83c601 483bf7 75f4 " END, NULL},
    };

    set_up(WASMRT_BOUNDS_AUTO);
    if (strcmp(wasmrt_engine_bounds(engine), "guard") == 0)
        check_all(rows, WRT_COUNTOF(rows));
    tear_down();
}

TEST(check_bounds_what_is_not_guarded)
{
    static const struct row rows[] = {
        {BEGIN LIMIT MASK "418b043e " END, NULL},
        {BEGIN "418b0436 " END, "unchecked or unmasked"},
        {BEGIN LIMIT "493bfb 0f87@ 418b043e " END, "unchecked or unmasked"},
        {BEGIN LIMIT "490f47fb 418b043e " END, "unchecked or unmasked"},
        {BEGIN LIMIT "3bfb 410f47fb 418b043e " END, "unchecked or unmasked"},
        {BEGIN LIMIT "493bf3 490f47fb 418b043e " END, "unchecked or unmasked"},
        {BEGIN LIMIT "493bfb 490f42fb 418b043e " END, /* cmovb */
         "unchecked or unmasked"},
        {BEGIN LIMIT MASK "488b3c24 418b043e " END, "unchecked or unmasked"},
        {BEGIN LIMIT MASK "498b043e " END, "unchecked or unmasked"}, /* 8 */
        {BEGIN LIMIT MASK "418b443e01 " END, "unchecked or unmasked"},
        {BEGIN LIMIT MASK "418b047e " END, "unchecked or unmasked"},
        /* Nobody has asked whether the length is so great. */
        {BEGIN LENGTH "4983eb04 " MASK "418b043e " END,
         "unchecked or unmasked"},
        {BEGIN LENGTH "4983fb03 0f82@ 4983eb04 " MASK "418b043e " END,
         "unchecked or unmasked"},
    };

    set_up(WASMRT_BOUNDS_CHECK);
    check_all(rows, WRT_COUNTOF(rows));
    tear_down();
}

TEST(check_knows_the_frame_and_the_instance)
{
    static const struct row rows[] = {
        {BEGIN "488945e0 488b45f8 " END, NULL},
        {BEGIN "488945d8 " END, "outside of the frame"},
        {BEGIN "488945fc " END, "outside of the frame"},
        {BEGIN "48894500 " END, "outside of the frame"},
        {BEGIN "48890424 4889442418 " END, NULL},
        {BEGIN "4889442419 " END, "outside of the frame"},
        {BEGIN "48890434 " END, "by index"},
        {"48890424 " BEGIN END, "without a frame"},
        {BEGIN "498b87{globals} 498987{globals} " END, NULL},
        {BEGIN "498987{past} " END, "no pointer, or outside"},
        {BEGIN "498b87{ctx} " END, NULL},
        {BEGIN "498b87{ctx} 488b80{fuel} " END, "must not read"},
        {BEGIN "498987{mem0} " END, "no pointer, or outside"},
        {BEGIN "498b87{args} 488b00 " END, "outside of the arguments"},
        {BEGIN "498b87{mem0} 488b8080000000 " END, "must not read"},
        {BEGIN "498b87{tables} 488b4008 " END, "there is not"},
        {BEGIN "488b05<none> " END, "of the data"},
        {BEGIN "488905<helper> " END, "no pointer, or outside"},
    };

    set_up(WASMRT_BOUNDS_AUTO);
    check_all(rows, WRT_COUNTOF(rows));
    tear_down();
}

TEST(check_keeps_registers_with_a_job)
{
    static const struct row rows[] = {
        {BEGIN "4d8bfe " END, "has a job"},   /* mov r15, r14 */
        {BEGIN "4d8bf7 " END, "has a job"},   /* mov r14, r15 */
        {BEGIN "4983c601 " END, "has a job"}, /* add r14, 1 */
        {BEGIN "4c87f0 " END, "has a job"},   /* xchg rax, r14 */
        {BEGIN "488be8 " END, "has a job"},   /* mov rbp, rax */
        {BEGIN "4883c408 " END, "has a job"}, /* add rsp, 8 */
        {BEGIN "410f94c6 " END, "has a job"}, /* sete r14b */
        {BEGIN "4d8bb7{mem0} 4d8bb6{base} " END, NULL},
        {BEGIN "4d8bb7{mem0} " END, "not current"},
        {BEGIN "31db " END, "preserve"}, /* xor ebx, ebx */
        {BEGIN "48895df8 31db 488b5df8 " END, NULL},
        {BEGIN "48895df8 31db 8b5df8 " END, "preserve"},
        {BEGIN "48895df8 48c745f800000000 31db 488b5df8 " END, "preserve"},
        {BEGIN "488bc7 c9 c3", "result of 32 bits"},
        {"31c0 c9 c3", "left that there is not"},
        {BEGIN "31c0 c3", "with a frame"},
        {BEGIN "0f94c4 " END, "upper byte"}, /* sete ah */
    };

    set_up(WASMRT_BOUNDS_AUTO);
    check_all(rows, WRT_COUNTOF(rows));
    tear_down();
}

/* rdi as an index of table 0: rdx is the table, r11 0 */
#define TABLE   "498b97{tables} 488b12 41bb00000000 483bba{size} "
#define ELEMENT TABLE "0f83@ 490f43fb 488b92{elems} 488b3cfa "
/* not null, of type 0, of this instance */
#define FUNC "4885ff 0f84@ 81bf{type}{id} 0f85@ 4c8bdf "

TEST(check_bounds_tables)
{
    static const struct row rows[] = {
        {BEGIN ELEMENT END, NULL},
        {BEGIN TABLE "490f43fb 488b92{elems} 488b3cfa " END, "unmasked"},
        {BEGIN TABLE "0f83@ 488b92{elems} 488b3cfa " END, "unmasked"},
        {BEGIN TABLE "0f83@ 490f43f3 488b92{elems} 488b3cfa " END, "unmasked"},
        {BEGIN TABLE "0f83@ 490f43fb 488b92{elems} 488b3cba " END, "unmasked"},
        {BEGIN TABLE "0f83@ 490f43fb 488b92{elems} 483cfa08 " END,
         "unknown instruction"},
        {BEGIN ELEMENT "8b9f{type} " END, "no pointer"}, /* may be null */
        {BEGIN ELEMENT "4c8bdf ff15<adapter> " END, "another type"},
        {BEGIN ELEMENT "4885ff 0f84@ 4c8bdf ff15<adapter> " END,
         "another type"},
        {BEGIN ELEMENT FUNC "31f6 ff15<adapter> " END, NULL},
        {BEGIN ELEMENT FUNC "488bf7 ff15<adapter> " END, "of 32 bits"},
        {BEGIN ELEMENT FUNC "458b9b{func} 488d15<words> 31f6 42ff14da " END,
         "no checked word"},
    };

    set_up(WASMRT_BOUNDS_AUTO);
    check_all(rows, WRT_COUNTOF(rows));
    tear_down();
}

/* r11 = the context; sub qword [r11 + fuel], 5 */
#define CONTEXT "4d8b9f{ctx} "
#define TAKE    CONTEXT "4981ab{fuel} 05000000 "

TEST(check_lets_fuel_be_taken_and_nothing_else)
{
    static const struct row rows[] = {
        {BEGIN TAKE END, NULL},
        {BEGIN CONTEXT "4981ab{interrupt} 05000000 " END, "on memory"},
        {BEGIN CONTEXT "4181ab{fuel} 05000000 " END, "on memory"}, /* 32 bits */
        {BEGIN CONTEXT "498183{fuel} 05000000 " END, "on memory"}, /* add */
        {BEGIN CONTEXT "4981ab{fuel} fbffffff " END, "on memory"}, /* -5 */
        {BEGIN "4981af{ctx} 05000000 " END, "on memory"},
        {BEGIN CONTEXT "4d899b{fuel} " END, "no pointer"},
        {BEGIN CONTEXT "4d8b9b{fuel} " END, "must not read"},
    };
    static const struct row uncounted[] = {{BEGIN TAKE END, "on memory"}};

    set_up(WASMRT_BOUNDS_AUTO);
    check_all(uncounted, WRT_COUNTOF(uncounted));
    native->options.has_fuel = true;
    check_all(rows, WRT_COUNTOF(rows));
    tear_down();
}

TEST(check_knows_where_control_goes)
{
    static const struct row rows[] = {
        {BEGIN "e900000000 " END, NULL},
        {BEGIN "eb02 31c0 " END, "code that nothing reaches"},
        {BEGIN "7501 " END, "a jump into an instruction"},
        {BEGIN "75f0 " END, "a jump out of the function"},
        {BEGIN "e900100000 " END, "a jump to what is no function"},
        {BEGIN "e8<lazy> " END, "must not call"},
        {BEGIN "e8<words> " END, "no function"},
        {BEGIN TRAP, NULL},
        {BEGIN "41bb01000000 ff15<word1> " END, NULL},
        {BEGIN "41bb02000000 ff15<word1> " END, "another's number"},
        {BEGIN "ff15<word1> " END, "another's number"},
        {BEGIN "ff15<none> " END, "calls nothing"},
        {"41bb01000000 ff15<word1> " BEGIN END, "wrong frame"},
        {BEGIN "ffd0 " END, "unknown place"},
        {BEGIN "ffe7 " END, "unknown place"},
        {BEGIN "ff5500 " END, "no checked word"},
        {BEGIN "488d15<words> 42ff14da " END, "no checked word"},
        /* The C function, its instance, its slots. */
        {BEGIN "498bff 488d55e0 4c8b1d<helper> e8<c> " END, NULL},
        {BEGIN "488d55e0 4c8b1d<helper> e8<c> " END, "without the instance"},
        {BEGIN "498bff 4c8b1d<helper> e8<c> " END, "without slots"},
        {BEGIN "498bff 488d55f8 4c8b1d<helper> e8<c> " END, NULL},
        {BEGIN "498bff 488d5500 4c8b1d<helper> e8<c> " END,
         "slots outside of the frame"},
        /* It writes where rbx is kept. */
        {BEGIN "48895de8 31db 498bff 488d55e0 4c8b1d<helper> e8<c> "
               "488b5de8 " END,
         NULL},
        {BEGIN "48895de0 31db 498bff 488d55e0 4c8b1d<helper> e8<c> "
               "488b5de0 " END,
         "preserve"},
        {BEGIN "e9<unwind> ", NULL},
        {BEGIN "31db e9<unwind> ", "preserve"},
        {TRAP, "without a frame"},
        {BEGIN "498bff 488d55e0 e8<c> " END, "no C function"},
        /* lea rdx, the table; movsxd rcx, [rdx + 4 * rcx]; add; jmp */
        {BEGIN "b901000000 3bf1 0f47f1 488d1509000000 486334b2 4803d6 ffe2 "
               "08000000 08000000 " END,
         NULL},
        {BEGIN "488d1509000000 486334b2 4803d6 ffe2 08000000 08000000 " END,
         "without a bound"},
        {BEGIN "b901000000 3bf1 0f47f1 488d150a000000 486334b2 4803d6 ffe2 "
               "08000000 08000000 " END,
         "not behind the jump"},
        {BEGIN "b901000000 3bf1 0f47f1 488d1509000000 486334b2 4803d6 ffe2 "
               "08000000 09000000 " END,
         "into an instruction"},
        {BEGIN "b901000000 3bf1 0f47f1 488d1509000000 486334b2 4803d6 ffe2 "
               "08000000 08000010 " END,
         "out of the function"},
    };

    set_up(WASMRT_BOUNDS_AUTO);
    check_all(rows, WRT_COUNTOF(rows));
    tear_down();
}

/* Registers that functions preserve, as bits of a table. */
#define RBX ((uint32_t)1 << 3)
#define R12 ((uint32_t)1 << 12)

/* A call; lea rsp, [rbp - 32]; the base of memory 0 */
#define CALL   "41bb01000000 ff15<word1> !"
#define LANDED "# 488d65e0 4d8bb7{mem0} 4d8bb6{base} "
/* rbx saved, then esi; restored */
#define SAVE    "48895df8 8bde "
#define RESTORE "488b5df8 "
/* loads through rbx */
#define USE "418b041e "

static const struct {
    uint32_t saved, tag;
    int32_t payload;
    const char *hex, *complaint;
} landings[] = {
    {0, 0, -16, BEGIN CALL END LANDED END, NULL},
    {0, 0, -16, BEGIN CALL END "# " END, "left that there is not"},
    {0, 0, -16, BEGIN CALL END "# 488b45f8 " END, "without a frame"},
    {0, 0, -16, BEGIN CALL END "# 488d65e8 " END, "has a job"},
    {0, 0, -16, BEGIN CALL END "# 488d65e0 " END, "not current"},
    {0, 0, -16, BEGIN CALL END LANDED "418b0436 " END, "without a bound"},
    /* What rbx is, and where it is saved. */
    {RBX, 0, -24, BEGIN SAVE CALL RESTORE END LANDED USE RESTORE END, NULL},
    {RBX, 0, -24, BEGIN SAVE CALL RESTORE END LANDED END, "preserve"},
    {0, 0, -24, BEGIN SAVE CALL RESTORE END LANDED RESTORE END, "unwound"},
    {R12, 0, -24, BEGIN SAVE CALL RESTORE END LANDED RESTORE END, "unwound"},
    {RBX, 0, -24, BEGIN CALL END LANDED END, "unwound"},
    {RBX | 2, 0, -24, BEGIN SAVE CALL RESTORE END LANDED RESTORE END,
     "registers that are not saved"},
    {0, 0, -24, BEGIN "48895df0 31db " CALL "488b5df0 " END LANDED END,
     "unwound"},
    {RBX, 0, -24,
     BEGIN SAVE CALL "488bdf " CALL RESTORE END LANDED USE RESTORE END,
     "without a bound"},
    {RBX, 0, -24,
     BEGIN SAVE CALL "8bdf " CALL RESTORE END LANDED USE RESTORE END, NULL},
    /* Calls behind the landing count in. */
    {RBX, 0, -24,
     BEGIN SAVE CALL RESTORE END LANDED USE "488bdf " CALL RESTORE END,
     "without a bound"},
    /* Where the exception goes. */
    {RBX, 0, -16, BEGIN SAVE CALL RESTORE END LANDED RESTORE END, "preserve"},
    {0, 0, -32, BEGIN CALL END LANDED END, NULL},
    {0, 0, -40, BEGIN CALL END LANDED END, "outside of the frame"},
    {0, 0, -8, BEGIN CALL END LANDED END, "outside of the frame"},
    {0, 0, 16, BEGIN CALL END LANDED END, "outside of the frame"},
    {0, 1, -16, BEGIN CALL END LANDED END, "a tag that there is not"},
    {0, JIT_ANY_TAG, 16, BEGIN CALL END LANDED END, NULL},
    /* Traps that may be throws: the code is not known. */
    {0, 0, -16, BEGIN "448bd8 e8<trap> !" LANDED USE END, "without a bound"},
    {0, 0, -16, BEGIN "41bb01000000 e8<trap> !" LANDED USE END, NULL},
    /* Landings that nothing reaches, and what only a landing reaches. */
    {0, 0, -16, BEGIN END LANDED USE END, NULL},
    {0, 0, -16, BEGIN END LANDED "0f05 " END, "unknown instruction"},
    {0, 0, -16, BEGIN END "31c0 " LANDED END, "code that nothing reaches"},
    {0, 0, -16, BEGIN CALL TRAP END LANDED "ebe8 ", NULL},
    {0, 0, -16, BEGIN CALL END "48# 8d65e0 4d8bb7{mem0} 4d8bb6{base} " END,
     "a jump into an instruction"},
};

TEST(check_knows_landings)
{
    set_up(WASMRT_BOUNDS_AUTO);
    for (size_t i = 0; i < WRT_COUNTOF(landings); i++) {
        struct jit_func func = {
            .saved = landings[i].saved, .nclauses = 1, .clauses = &clause};

        made = (struct jit_made){.code = {.alloc = native->module->alloc}};
        clause = (struct jit_clause){.from = 1,
                                     .to = 2,
                                     .tag = landings[i].tag,
                                     .payload = landings[i].payload};
        check(landings[i].hex, landings[i].complaint, &func);
        jit_made_fini(&made);
    }
    tear_down();
}

/* Nothing is printed or counted for code that is refused. */
TEST(check_counts_what_it_proves)
{
    wasmrt_code_checks before, after;

    set_up(WASMRT_BOUNDS_AUTO);
    wasmrt_engine_get_code_checks(engine, &before);
    check(BEGIN "488b45f8 488945f8 " END, NULL, NULL);
    check(BEGIN "f4 " END, "unknown instruction", NULL);
    wasmrt_engine_get_code_checks(engine, &after);
    CHECK_EQ(after.funcs, before.funcs + 1);
    CHECK_EQ(after.insns, before.insns + 8);
    CHECK_EQ(after.loads, before.loads + 1);
    CHECK_EQ(after.stores, before.stores + 1);
    CHECK_EQ(after.branches, before.branches + 1);
    tear_down();
}
