/*
 * The table of canonical types: equality by structure, groups, subtyping,
 * reference counts, memory exhaustion, threads.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/module/types.h"

#include "tests/lib/heap.h"
#include "tests/lib/test.h"

#include <pthread.h>

static struct wrt_types *new_types(const struct wrt_alloc *alloc)
{
    struct wrt_types *types;

    CHECK(wrt_types_new(alloc, &types) == NULL);
    return types;
}

static uint32_t add_func(struct wrt_types *types, wrt_valtype param)
{
    uint32_t id;

    CHECK(wrt_types_add_func(types, &param, 1, &param, 1, &id) == NULL);
    return id;
}

static uint32_t add_group(struct wrt_types *types,
                          const struct wrt_type *members, uint32_t count)
{
    uint32_t id;

    CHECK(wrt_types_add_group(types, members, count, &id) == NULL);
    return id;
}

/* A struct type with one field. */
static struct wrt_type make_struct(const struct wrt_field *field,
                                   uint32_t supertype)
{
    return (struct wrt_type){.form = WRT_FORM_STRUCT,
                             .supertype = supertype,
                             .nfields = 1,
                             .fields = field};
}

TEST(types_equal_functions_are_one)
{
    struct test_heap heap;
    struct wrt_types *types;
    const wrt_valtype two[] = {WRT_KIND_I32, WRT_KIND_V128};
    const struct wrt_type *type;
    uint32_t a, b, c;

    test_heap_init(&heap, -1);
    types = new_types(&heap.alloc);
    a = add_func(types, WRT_KIND_I32);
    b = add_func(types, WRT_KIND_I64);
    CHECK(a != b);
    CHECK_EQ(add_func(types, WRT_KIND_I32), a);
    /* The same types, parted otherwise into parameters and results. */
    CHECK(wrt_types_add_func(types, two, 2, NULL, 0, &a) == NULL);
    CHECK(wrt_types_add_func(types, two, 1, two + 1, 1, &b) == NULL);
    CHECK(wrt_types_add_func(types, NULL, 0, two, 2, &c) == NULL);
    CHECK(a != b && b != c && a != c);
    type = wrt_types_get(types, b);
    CHECK_EQ(type->id, b);
    CHECK_EQ(type->nparams, 1);
    CHECK_EQ(wrt_type_results(type)[0], WRT_KIND_V128);
    CHECK_EQ(type->param_slots, 1);
    CHECK_EQ(type->result_slots, 2);
    CHECK_EQ(type->display[0], b);
    CHECK(type->is_final);
    wrt_types_delete(types);
    CHECK_EQ(heap.live_bytes, 0);
}

/* rec { struct (ref 0) } is not a struct that refers to another such type. */
TEST(types_of_recursive_groups_are_equal_by_structure)
{
    struct wrt_types *types = new_types(&wrt_alloc_libc);
    struct wrt_field field = {.type = WRT_REF_TO(WRT_MAX_TYPE_ID, true),
                              .is_mutable = false};
    struct wrt_type self = make_struct(&field, WRT_NO_TYPE);
    struct wrt_type pair[2];
    uint32_t a, b;

    a = add_group(types, &self, 1);
    CHECK_EQ(add_group(types, &self, 1), a);
    CHECK_EQ(wrt_types_get(types, a)->fields[0].type, WRT_REF_TO(a, true));
    field.type = WRT_REF_TO(a, true); /* the older type, from outside */
    b = add_group(types, &self, 1);
    CHECK(b != a);
    field.type = WRT_REF_TO(WRT_MAX_TYPE_ID, true);
    pair[0] = pair[1] = self;
    b = add_group(types, pair, 2);
    CHECK(b != a);
    CHECK_EQ(add_group(types, pair, 2), b);
    CHECK_EQ(wrt_types_get(types, b + 1)->fields[0].type, WRT_REF_TO(b, true));
    self.is_final = true;
    CHECK(add_group(types, &self, 1) != a);
    field.is_mutable = true;
    self.is_final = false;
    CHECK(add_group(types, &self, 1) != a);
    wrt_types_delete(types);
}

TEST(types_displays_answer_subtyping)
{
    struct wrt_types *types = new_types(&wrt_alloc_libc);
    struct wrt_field field = {.type = WRT_KIND_I32, .is_mutable = false};
    struct wrt_type type = make_struct(&field, WRT_NO_TYPE);
    uint32_t ids[64], other;
    wasmrt_error *error;

    for (unsigned i = 0; i < 64; i++) {
        type.supertype = i ? ids[i - 1] : WRT_NO_TYPE;
        ids[i] = add_group(types, &type, 1);
        CHECK_EQ(wrt_types_get(types, ids[i])->depth, i);
        CHECK_EQ(wrt_types_get(types, ids[i])->display[i], ids[i]);
    }
    type.supertype = ids[3];
    field.type = WRT_KIND_I64;
    other = add_group(types, &type, 1);
    CHECK(wrt_types_is_subtype(types, ids[63], ids[0]));
    CHECK(wrt_types_is_subtype(types, ids[63], ids[62]));
    CHECK(wrt_types_is_subtype(types, ids[7], ids[7]));
    CHECK(!wrt_types_is_subtype(types, ids[0], ids[63]));
    CHECK(wrt_types_is_subtype(types, other, ids[2]));
    CHECK(!wrt_types_is_subtype(types, other, ids[4]));
    CHECK(!wrt_types_is_subtype(types, ids[63], other));
    type.supertype = ids[63];
    error = wrt_types_add_group(types, &type, 1, &other);
    CHECK_EQ(wasmrt_error_code(error), WASMRT_ERR_LIMIT);
    wasmrt_error_delete(error);
    wrt_types_delete(types);
}

TEST(types_match_along_the_hierarchies)
{
    static const struct {
        enum wrt_heap sub, super;
        bool matches;
    } rows[] = {
        {WRT_HEAP_I31, WRT_HEAP_EQ, true},
        {WRT_HEAP_EQ, WRT_HEAP_ANY, true},
        {WRT_HEAP_NONE, WRT_HEAP_STRUCT, true},
        {WRT_HEAP_NOFUNC, WRT_HEAP_FUNC, true},
        {WRT_HEAP_NOEXTERN, WRT_HEAP_EXTERN, true},
        {WRT_HEAP_NOEXN, WRT_HEAP_EXN, true},
        {WRT_HEAP_ANY, WRT_HEAP_EQ, false},
        {WRT_HEAP_FUNC, WRT_HEAP_ANY, false},
        {WRT_HEAP_NONE, WRT_HEAP_FUNC, false},
        {WRT_HEAP_EXTERN, WRT_HEAP_ANY, false},
        {WRT_HEAP_STRUCT, WRT_HEAP_ARRAY, false},
    };
    struct wrt_types *types = new_types(&wrt_alloc_libc);
    struct wrt_field field = {.type = WRT_KIND_I8, .is_mutable = true};
    struct wrt_type shape = make_struct(&field, WRT_NO_TYPE);
    uint32_t func = add_func(types, WRT_KIND_F32);
    uint32_t structure = add_group(types, &shape, 1), array;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        wrt_valtype sub = WRT_REF(rows[i].sub, false);

        CHECK_EQ(wrt_valtype_matches(types, sub, WRT_REF(rows[i].super, false)),
                 rows[i].matches);
        CHECK_EQ(wrt_valtype_matches(types, sub, WRT_REF(rows[i].super, true)),
                 rows[i].matches);
        CHECK(!wrt_valtype_matches(types, WRT_REF(rows[i].sub, true),
                                   WRT_REF(rows[i].super, false)));
    }
    shape.form = WRT_FORM_ARRAY;
    array = add_group(types, &shape, 1);
    CHECK(wrt_valtype_matches(types, WRT_REF_TO(func, false), WRT_FUNCREF));
    CHECK(!wrt_valtype_matches(types, WRT_REF_TO(func, true),
                               WRT_REF(WRT_HEAP_FUNC, false)));
    CHECK(!wrt_valtype_matches(types, WRT_FUNCREF, WRT_REF_TO(func, true)));
    CHECK(wrt_valtype_matches(types, WRT_REF(WRT_HEAP_NOFUNC, true),
                              WRT_REF_TO(func, true)));
    CHECK(wrt_valtype_matches(types, WRT_REF(WRT_HEAP_NONE, false),
                              WRT_REF_TO(structure, true)));
    CHECK(!wrt_valtype_matches(types, WRT_REF(WRT_HEAP_NONE, false),
                               WRT_REF_TO(func, true)));
    CHECK(wrt_valtype_matches(types, WRT_REF_TO(array, false),
                              WRT_REF(WRT_HEAP_ARRAY, false)));
    CHECK(!wrt_valtype_matches(types, WRT_REF_TO(array, false),
                               WRT_REF(WRT_HEAP_STRUCT, false)));
    CHECK(wrt_valtype_matches(types, WRT_KIND_BOT, WRT_KIND_F64));
    CHECK(wrt_valtype_matches(types, WRT_KIND_I32, WRT_KIND_I32));
    CHECK(!wrt_valtype_matches(types, WRT_KIND_I32, WRT_KIND_I64));
    CHECK(!wrt_valtype_matches(types, WRT_KIND_I32, WRT_FUNCREF));
    wrt_types_delete(types);
}

TEST(types_are_written_as_in_the_text_format)
{
    static const struct {
        wrt_valtype type;
        const char *text;
    } rows[] = {
        {WRT_KIND_I32, "i32"},
        {WRT_KIND_V128, "v128"},
        {WRT_KIND_I16, "i16"},
        {WRT_FUNCREF, "funcref"},
        {WRT_EXTERNREF, "externref"},
        {WRT_REF(WRT_HEAP_NONE, true), "nullref"},
        {WRT_REF(WRT_HEAP_ANY, false), "(ref any)"},
        {WRT_REF_TO(12, true), "(ref null type#12)"},
        {WRT_REF_TO(4194303, false), "(ref type#4194303)"},
    };
    char buf[64];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        CHECK_STR_EQ(wrt_valtype_text(rows[i].type, buf, sizeof(buf)),
                     rows[i].text);
}

/* A group lives as long as one that refers to it; its ids are used again. */
TEST(types_are_released_with_their_last_user)
{
    struct test_heap heap;
    struct wrt_types *types;
    struct wrt_field field = {.type = WRT_KIND_I32, .is_mutable = false};
    struct wrt_type type = make_struct(&field, WRT_NO_TYPE);
    uint32_t base, derived, user, first;
    size_t before;

    test_heap_init(&heap, -1);
    types = new_types(&heap.alloc);
    first = add_func(types, WRT_KIND_I32); /* makes the table's own memory */
    before = heap.live_bytes;
    base = add_group(types, &type, 1);
    type.supertype = base;
    derived = add_group(types, &type, 1);
    field.type = WRT_REF_TO(derived, true);
    type.supertype = WRT_NO_TYPE;
    user = add_group(types, &type, 1);
    wrt_types_release_group(types, base);
    wrt_types_release_group(types, derived);
    CHECK_EQ(wrt_types_get(types, derived)->display[0], base);
    CHECK_EQ(wrt_types_get(types, base)->fields[0].type, WRT_KIND_I32);
    wrt_types_release_group(types, user);
    CHECK(heap.live_bytes <= before);
    CHECK(add_func(types, WRT_KIND_F32) <= user);
    wrt_types_release_group(types, first);
    wrt_types_delete(types);
    CHECK_EQ(heap.live_bytes, 0);
}

/* Loading and unloading again and again uses no new ids and no new memory. */
TEST(types_ids_do_not_wander)
{
    struct test_heap heap;
    struct wrt_types *types;
    size_t after_first = 0;

    test_heap_init(&heap, -1);
    types = new_types(&heap.alloc);
    for (unsigned round = 0; round < 20; round++) {
        uint32_t ids[200];

        for (unsigned i = 0; i < 200; i++) {
            wrt_valtype params[200];

            for (unsigned k = 0; k <= i; k++)
                params[k] = WRT_KIND_I64;
            CHECK(wrt_types_add_func(types, params, i + 1, NULL, 0, &ids[i]) ==
                  NULL);
            CHECK(ids[i] < 200);
        }
        for (unsigned i = 0; i < 200; i++) /* some rounds forwards */
            wrt_types_release_group(types, ids[round % 2 ? i : 199 - i]);
        if (round == 1)
            after_first = heap.live_bytes;
        if (round > 1)
            CHECK_EQ(heap.live_bytes, after_first);
    }
    wrt_types_delete(types);
    CHECK_EQ(heap.live_bytes, 0);
}

/* A chain of references as long as a type section may be long is released
 * without recursion. */
TEST(types_long_chains_are_released)
{
    enum { LENGTH = 300000 };
    struct wrt_types *types = new_types(&wrt_alloc_libc);
    struct wrt_field field = {.type = WRT_KIND_I32, .is_mutable = false};
    struct wrt_type type = make_struct(&field, WRT_NO_TYPE);
    uint32_t last = add_group(types, &type, 1);

    for (unsigned i = 0; i < LENGTH; i++) {
        uint32_t next;

        field.type = WRT_REF_TO(last, true);
        next = add_group(types, &type, 1);
        wrt_types_release_group(types, last);
        last = next;
    }
    CHECK_EQ(last, LENGTH);
    wrt_types_release_group(types, last);
    CHECK_EQ(add_func(types, WRT_KIND_I32), 0); /* all ids are free */
    wrt_types_delete(types);
}

TEST(types_survive_every_allocation_failure)
{
    struct test_heap heap;
    long n = 0;

    do {
        struct wrt_types *types = NULL;
        struct wrt_field field = {.type = WRT_REF_TO(WRT_MAX_TYPE_ID - 1, true),
                                  .is_mutable = true};
        struct wrt_type pair[2] = {make_struct(&field, WRT_NO_TYPE),
                                   make_struct(&field, WRT_MAX_TYPE_ID)};
        wrt_valtype param = WRT_KIND_I32;
        wasmrt_error *error;
        uint32_t id, func = WRT_NO_TYPE;

        test_heap_init(&heap, n++);
        error = wrt_types_new(&heap.alloc, &types);
        if (!error)
            error = wrt_types_add_func(types, &param, 1, NULL, 0, &func);
        if (!error)
            error = wrt_types_add_group(types, pair, 2, &id);
        if (error)
            CHECK_EQ(wasmrt_error_code(error), WASMRT_ERR_OUT_OF_MEMORY);
        if (func != WRT_NO_TYPE)
            wrt_types_release_group(types, func);
        if (!error)
            wrt_types_release_group(types, id);
        wrt_types_delete(types);
        CHECK_EQ(heap.live_bytes, 0);
    } while (heap.fired);
    CHECK(n > 6);
}

static void *hammer(void *arg)
{
    static char add_failed[] = "add", get_failed[] = "get";
    struct wrt_types *types = arg;

    for (unsigned round = 0; round < 200; round++) {
        uint32_t ids[40];

        for (unsigned i = 0; i < 40; i++) {
            wrt_valtype params[40];

            for (unsigned k = 0; k <= i; k++)
                params[k] = WRT_KIND_I32;
            if (wrt_types_add_func(types, params, i + 1, NULL, 0, &ids[i]))
                return add_failed;
        }
        for (unsigned i = 0; i < 40; i++) {
            if (wrt_types_get(types, ids[i])->nparams != i + 1)
                return get_failed;
            wrt_types_release_group(types, ids[i]);
        }
    }
    return NULL;
}

TEST(hammer_types_from_threads)
{
    struct wrt_types *types = new_types(&wrt_alloc_libc);
    pthread_t threads[4];
    void *failure;

    for (unsigned i = 0; i < 4; i++)
        CHECK_EQ(pthread_create(&threads[i], NULL, hammer, types), 0);
    for (unsigned i = 0; i < 4; i++) {
        CHECK_EQ(pthread_join(threads[i], &failure), 0);
        CHECK_STR_EQ((const char *)failure, NULL);
    }
    /* Identities are used again: four threads held at most 40 each. */
    CHECK(add_func(types, WRT_KIND_F64) < 160);
    wrt_types_delete(types);
}
