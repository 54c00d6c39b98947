/*
 * The heap of objects: allocation, collection, roots, limits.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/store/exn.h"
#include "runtime/store/gc.h"
#include "runtime/store/heap.h"
#include "tests/unit/world.h"

#include <stdlib.h>
#include <string.h>

/* Two references and a number; arrays of references, and of bytes. */
static const char types_text[] =
    "(module"
    "  (type $node (struct (field (mut (ref null $node)))"
    "                      (field (mut (ref null $node)))"
    "                      (field (mut i32))))"
    "  (type $nodes (array (mut (ref null $node))))"
    "  (type $bytes (array (mut i8)))"
    "  (tag $t (param i32 anyref v128 funcref externref))"
    "  (tag $none)"
    "  (global (export \"any\") (mut anyref) (ref.null any))"
    "  (table (export \"table\") 3 anyref))";

struct node {
    struct wrt_object header;
    uint32_t a, b;
    int32_t number;
};

static struct wrt_instance *instance;
static wrt_slot roots[64];
static struct wrt_gc_frame frame;

static struct wrt_ctx *ctx(void)
{
    return &world.store->ctx;
}

static struct wrt_gc_heap *gc_heap(void)
{
    return ctx()->gc.heap;
}

static void open_gc(void)
{
    world.extra_features = WRT_FEATURE_GC | WRT_FEATURE_FUNCTION_REFERENCES |
                           WRT_FEATURE_EXCEPTIONS | WRT_FEATURE_SIMD;
    world_open(WASMRT_BOUNDS_CHECK);
    instance = world_instance(types_text);
    memset(roots, 0, sizeof(roots));
    wrt_gc_push_frame(ctx(), &frame, roots, WRT_COUNTOF(roots));
}

static const struct wrt_type *type_of(uint32_t index)
{
    return wrt_module_type(instance->module, index);
}

static void collect(void)
{
    CHECK_EQ(wrt_gc_collect(ctx()), WASMRT_ERR_NONE);
}

/* -- Objects of the tests -------------------------------------------------- */

static struct wrt_object *alloc(struct wrt_object header)
{
    struct wrt_object *object;

    CHECK_EQ(wrt_gc_alloc(ctx(), header, wrt_object_bytes(&header), &object),
             WASMRT_ERR_NONE);
    return object;
}

static struct node *new_node(int32_t number)
{
    const struct wrt_type *type = type_of(0);
    struct wrt_object *object =
        alloc((struct wrt_object){type->object_info, type->size_bytes});
    struct node *node = (struct node *)(void *)object;

    CHECK_EQ(node->a, 0);
    CHECK_EQ(node->b, 0);
    CHECK_EQ(node->number, 0);
    node->number = number;
    return node;
}

static struct wrt_object array_header(uint32_t type, uint32_t len)
{
    return (struct wrt_object){type_of(type)->object_info, len};
}

/* Elements of an array of nodes, or of bytes. */
static uint32_t *refs_of(struct wrt_object *array)
{
    return (uint32_t *)(void *)(array + 1);
}

static uint8_t *bytes_of(struct wrt_object *array)
{
    return (uint8_t *)(array + 1);
}

static uint32_t pack(const void *object)
{
    return wrt_ref_pack((uintptr_t)object);
}

static struct node *unpack(uint32_t packed)
{
    return (struct node *)(uintptr_t)wrt_ref_unpack(ctx(), packed);
}

/* -- Allocation ------------------------------------------------------------ */

TEST(gc_store_without_objects_has_no_heap)
{
    open_gc();
    CHECK(gc_heap() == NULL);
    collect();
    CHECK(gc_heap() == NULL);
    new_node(1);
    CHECK(gc_heap() != NULL);
    world_close();
}

TEST(gc_layout_follows_the_fields)
{
    const struct wrt_type *type;

    open_gc();
    type = type_of(0);
    CHECK_EQ(type->size_bytes, 24);
    CHECK_EQ(type->nrefs, 2);
    CHECK_EQ(type->ref_offsets[0], offsetof(struct node, a));
    CHECK_EQ(type->ref_offsets[1], offsetof(struct node, b));
    CHECK_EQ(type->fields[2].offset, offsetof(struct node, number));
    CHECK(type->object_info & WRT_OBJECT_TRACED);
    type = type_of(2);
    CHECK_EQ(type->size_bytes, 1);
    CHECK(!(type->object_info & WRT_OBJECT_TRACED));
    world_close();
}

TEST(gc_frees_what_nothing_refers_to)
{
    struct node *kept;

    open_gc();
    kept = new_node(7);
    kept->a = pack(new_node(8));
    roots[0].ref = kept;
    for (int i = 0; i < 1000; i++)
        new_node(i);
    collect();
    CHECK_EQ(gc_heap()->stats.live_objects, 2);
    CHECK_EQ(kept->number, 7);
    CHECK_EQ(unpack(kept->a)->number, 8);
    roots[0].ref = NULL;
    collect();
    CHECK_EQ(gc_heap()->stats.live_objects, 0);
    CHECK_EQ(gc_heap()->nused, 0);
    CHECK_EQ(gc_heap()->stats.collections, 2);
    world_close();
}

TEST(gc_keeps_what_a_word_points_into)
{
    struct wrt_object *array;
    struct node *first, *second;

    open_gc();
    first = new_node(1);
    second = new_node(2);
    array = alloc(array_header(2, 200000));
    bytes_of(array)[199999] = 9;
    new_node(3);
    roots[0].u64 = (uintptr_t)first + sizeof(struct node) - 1;
    roots[1].u64 = (uintptr_t)second;
    roots[2].u64 = (uintptr_t)array + 150000;
    collect();
    CHECK_EQ(gc_heap()->stats.live_objects, 3);
    /* Once more, now with objects that are old. */
    collect();
    CHECK_EQ(gc_heap()->stats.live_objects, 3);
    CHECK_EQ(bytes_of(array)[199999], 9);
    world_close();
}

TEST(gc_ignores_words_that_are_no_address)
{
    open_gc();
    new_node(1);
    roots[0].u64 = ctx()->gc.window;
    roots[1].u64 = (uintptr_t)gc_heap()->base + WRT_BLOCK_BYTES - 8;
    roots[2].u64 = (uintptr_t)gc_heap()->base - 8;
    roots[3].u64 = (uintptr_t)gc_heap()->base +
                   (size_t)gc_heap()->nblocks * WRT_BLOCK_BYTES;
    roots[4].u64 = UINT64_MAX;
    roots[5].u64 = 1;
    collect();
    CHECK_EQ(gc_heap()->stats.live_objects, 0);
    world_close();
}

TEST(gc_frees_cycles)
{
    struct node *a, *b;

    open_gc();
    for (int i = 0; i < 1000; i++) {
        a = new_node(1);
        b = new_node(2);
        a->a = pack(b);
        b->a = pack(a);
        a->b = pack(a);
    }
    collect();
    CHECK_EQ(gc_heap()->stats.live_objects, 0);
    world_close();
}

/* -- Marking --------------------------------------------------------------- */

TEST(gc_marks_long_lists)
{
    enum { COUNT = 1000000 };
    struct node *node;
    int count = 0;

    open_gc();
    for (int i = 0; i < COUNT; i++) {
        node = new_node(i);
        node->a = pack(roots[0].ref);
        roots[0].ref = node;
    }
    collect();
    CHECK_EQ(gc_heap()->stats.live_objects, COUNT);
    CHECK(gc_heap()->stack_capacity <= 1024);
    for (node = roots[0].ref; node; node = unpack(node->a))
        CHECK_EQ(node->number, COUNT - ++count);
    CHECK_EQ(count, COUNT);
    world_close();
}

/* A tree whose nodes are spread over the heap, with a stack of that size. */
static void mark_wide(size_t stack_max)
{
    enum { COUNT = 20000 };
    struct wrt_object *array;
    uint32_t live = 0;

    open_gc();
    array = alloc(array_header(1, COUNT));
    roots[0].ref = array;
    gc_heap()->stack_max = stack_max;
    for (uint32_t i = 0; i < COUNT; i++) {
        struct node *node = new_node((int32_t)i);

        refs_of(array)[i] = pack(node);
        roots[1].ref = node;
        for (int k = 0; k < 5; k++) {
            struct node *below = new_node(k);

            below->b = node->b;
            node->b = pack(below);
        }
        new_node(-1);
    }
    roots[1].ref = NULL;
    collect();
    for (uint32_t i = 0; i < COUNT; i++) {
        struct node *node = unpack(refs_of(array)[i]);

        CHECK_EQ(node->number, i);
        for (; node; node = unpack(node->b))
            live++;
    }
    CHECK_EQ(live, COUNT * 6);
    CHECK(gc_heap()->stats.live_objects >= live + 1);
    collect();
    CHECK(gc_heap()->stats.live_objects >= live + 1);
    world_close();
}

TEST(gc_marks_beyond_its_stack)
{
    mark_wide(16);
}

TEST(gc_marks_without_a_stack)
{
    mark_wide(0);
}

TEST(gc_marks_wide_objects)
{
    mark_wide(WRT_GC_STACK_MAX);
}

/* -- Sizes ----------------------------------------------------------------- */

TEST(gc_objects_of_all_sizes_keep_their_bytes)
{
    static const uint32_t sizes[] = {
        0,     1,     7,     8,      9,      119,     120,    121,   128,
        1000,  4088,  16375, 16376,  16377,  32759,   32760,  32761, 32768,
        65528, 65529, 98304, 200000, 999999, 1048568, 3000000};
    enum { COUNT = WRT_COUNTOF(sizes) };

    open_gc();
    for (unsigned round = 0; round < 20; round++) {
        for (unsigned i = 0; i < COUNT; i++) {
            struct wrt_object *array;

            /* Half of them are replaced in each round. */
            if ((i + round) % 2)
                continue;
            roots[i].ref = NULL;
            array = alloc(array_header(2, sizes[i]));
            CHECK_EQ((uintptr_t)array % 8, 0);
            for (uint32_t k = 0; k < sizes[i]; k++)
                CHECK(bytes_of(array)[k] == 0);
            memset(bytes_of(array), (int)(i + 1), sizes[i]);
            roots[i].ref = array;
            new_node(1);
        }
        collect();
        for (unsigned i = 0; i < COUNT; i++) {
            const struct wrt_object *array = roots[i].ref;

            for (uint32_t k = 0; array && k < sizes[i]; k++)
                CHECK(((const uint8_t *)(array + 1))[k] == i + 1);
        }
    }
    CHECK_EQ(gc_heap()->stats.live_objects, COUNT);
    memset(roots, 0, sizeof(roots));
    collect();
    CHECK_EQ(gc_heap()->nused, 0);
    world_close();
}

TEST(gc_large_objects_leave_the_rest_of_their_blocks)
{
    struct wrt_object *large;
    uint32_t blocks;

    open_gc();
    large = alloc(array_header(2, WRT_BLOCK_BYTES + 100));
    roots[0].ref = large;
    memset(bytes_of(large), 1, large->len);
    collect();
    blocks = gc_heap()->nused;
    CHECK_EQ(blocks, 2);
    /* These fit into what the second block has left. */
    for (int i = 0; i < 1000; i++)
        roots[1].ref = new_node(i);
    CHECK_EQ(gc_heap()->nused, 2);
    roots[0].ref = NULL;
    collect();
    CHECK_EQ(gc_heap()->stats.live_objects, 1);
    CHECK_EQ(gc_heap()->nused, 1);
    world_close();
}

/* -- Limits ---------------------------------------------------------------- */

static wasmrt_code try_alloc(struct wrt_object header)
{
    struct wrt_object *object;

    return wrt_gc_alloc(ctx(), header, wrt_object_bytes(&header), &object);
}

TEST(gc_refuses_what_exceeds_the_limit)
{
    uint32_t count = 0;

    open_gc();
    world.store->gc_limit = 1 << 20;
    for (;; count++) {
        struct node *node;
        const struct wrt_type *type = type_of(0);
        struct wrt_object header = {type->object_info, type->size_bytes};
        struct wrt_object *object;
        wasmrt_code code = wrt_gc_alloc(ctx(), header, header.len, &object);

        if (code != WASMRT_ERR_NONE) {
            CHECK_EQ(code, WASMRT_ERR_GC_HEAP_EXHAUSTED);
            break;
        }
        node = (struct node *)(void *)object;
        node->a = pack(roots[0].ref);
        roots[0].ref = node;
    }
    /* All but what does not divide evenly. */
    CHECK_EQ(count, (1 << 20) / WRT_BLOCK_BYTES *
                        (WRT_BLOCK_BYTES / type_of(0)->size_bytes));
    /* It stays usable, and is empty again when the list is gone. */
    CHECK_EQ(try_alloc(array_header(2, 8)), WASMRT_ERR_GC_HEAP_EXHAUSTED);
    roots[0].ref = NULL;
    CHECK_EQ(try_alloc(array_header(2, 1000000)), WASMRT_ERR_NONE);
    CHECK_EQ(try_alloc(array_header(2, 1000000)), WASMRT_ERR_NONE);
    CHECK_EQ(try_alloc(array_header(2, 1 << 20)), WASMRT_ERR_GC_HEAP_EXHAUSTED);
    world_close();
}

TEST(gc_refuses_huge_arrays)
{
    open_gc();
    CHECK_EQ(try_alloc(array_header(1, UINT32_MAX)),
             WASMRT_ERR_GC_HEAP_EXHAUSTED);
    CHECK_EQ(try_alloc(array_header(1, 0x40000000)),
             WASMRT_ERR_GC_HEAP_EXHAUSTED);
    world.store->gc_limit = 0;
    CHECK_EQ(try_alloc(array_header(1, 1)), WASMRT_ERR_GC_HEAP_EXHAUSTED);
    world_close();
}

TEST(gc_allocates_without_end_in_a_small_heap)
{
    open_gc();
    world.store->gc_limit = 2 << 20;
    for (int i = 0; i < 2000000; i++) {
        struct node *node = new_node(i);

        /* Fifty lists that grow to a hundred nodes and begin anew. */
        if (i % 10 == 0) {
            wrt_slot *root = &roots[i / 10 % 50];

            node->a = i / 500 % 100 ? pack(root->ref) : 0;
            root->ref = node;
        }
    }
    CHECK(gc_heap()->stats.collections > 10);
    CHECK((uint64_t)gc_heap()->nblocks * WRT_BLOCK_BYTES <= 4 << 20);
    world_close();
}

/* Arrays of bytes until there is no room; how many. */
static uint32_t fill(struct wrt_object *array, uint32_t at, uint32_t len)
{
    struct wrt_object header = array_header(2, len), *object;
    uint32_t first = at;

    while (wrt_gc_alloc(ctx(), header, wrt_object_bytes(&header), &object) ==
           WASMRT_ERR_NONE)
        refs_of(array)[at++] = pack(object);
    return at - first;
}

TEST(gc_uses_a_fragmented_heap)
{
    struct wrt_object *array;
    uint32_t count;

    open_gc();
    world.store->gc_limit = 1 << 20;
    array = alloc(array_header(1, 25000));
    roots[0].ref = array;
    count = fill(array, 0, 248);
    CHECK(count > ((1 << 20) - 100008) / 256 - 2);
    /* Every other one goes: what is free is in holes of two lines. */
    for (uint32_t i = 0; i < count; i += 2)
        refs_of(array)[i] = 0;
    CHECK_EQ(try_alloc(array_header(2, 500)), WASMRT_ERR_GC_HEAP_EXHAUSTED);
    CHECK(fill(array, count, 248) > count / 2 - 2);
    for (uint32_t i = 0; i < 2 * count; i += 2)
        refs_of(array)[i] = 0;
    /* Small ones fill the same holes. */
    CHECK(fill(array, 2 * count, 40) > count / 4 * 5 - 20);
    for (uint32_t i = 0; i < 25000; i++)
        refs_of(array)[i] = 0;
    CHECK_EQ(try_alloc(array_header(2, 900000)), WASMRT_ERR_NONE);
    world_close();
}

/* -- Interrupts ------------------------------------------------------------ */

TEST(gc_interrupted_collection_changes_nothing)
{
    struct node *kept;

    open_gc();
    kept = new_node(5);
    roots[0].ref = kept;
    for (int i = 0; i < 50000; i++) {
        struct node *node = new_node(i);

        node->a = kept->a;
        kept->a = pack(node);
        new_node(-1);
    }
    wasmrt_store_interrupt(world.store);
    CHECK_EQ(wrt_gc_collect(ctx()), WASMRT_ERR_INTERRUPTED);
    CHECK_EQ(gc_heap()->stats.interrupted, 1);
    CHECK_EQ(gc_heap()->stats.collections, 0);
    CHECK_EQ(try_alloc(array_header(2, 10 << 20)), WASMRT_ERR_INTERRUPTED);
    wasmrt_store_clear_interrupt(world.store);
    for (int i = 0; i < 1000; i++)
        new_node(i);
    collect();
    CHECK_EQ(gc_heap()->stats.live_objects, 50001);
    CHECK_EQ(unpack(kept->a)->number, 49999);
    world_close();
}

/* -- Objects of the runtime ------------------------------------------------ */

static int deleted;

static void count_delete(void *data)
{
    deleted += *(int *)data;
}

TEST(gc_exceptions_hold_their_payload)
{
    int data = 3;
    wrt_slot payload[6] = {{0}};
    struct wrt_exn *exn, *empty;
    struct wasmrt_extern *box;
    struct node *node;
    wasmrt_error *error;

    open_gc();
    node = new_node(4);
    roots[0].ref = node;
    CHECK_EQ(wrt_extern_new(ctx(), &data, NULL, &box), WASMRT_ERR_NONE);
    roots[1].ref = box;
    payload[0].i32 = -1;
    payload[1].ref = node;
    payload[2].u64 = (uintptr_t)node; /* a vector's half is no reference */
    payload[3].u64 = 17;
    payload[5].ref = box;
    CHECK_EQ(wrt_exn_new(ctx(), instance->tags[0], payload, &exn),
             WASMRT_ERR_NONE);
    error = wrt_exn_error(ctx(), exn);
    CHECK_EQ(wrt_exn_new(ctx(), instance->tags[1], NULL, &empty),
             WASMRT_ERR_NONE);
    roots[2].ref = empty;
    roots[0].ref = roots[1].ref = NULL;
    collect();
    CHECK_EQ(gc_heap()->stats.live_objects, 4);
    CHECK(exn->tag == instance->tags[0]);
    CHECK_EQ(((struct node *)exn->payload[1].ref)->number, 4);
    CHECK_EQ(exn->payload[3].u64, 17);
    CHECK_EQ(wasmrt_extern_data(exn->payload[5].ref), (void *)&data);
    exn->payload[1].ref = NULL;
    wasmrt_error_delete(error);
    roots[3].ref = exn;
    collect();
    CHECK_EQ(gc_heap()->stats.live_objects, 3);
    world_close();
}

TEST(gc_boxes_release_their_data)
{
    static int one = 1, ten = 10, hundred = 100;
    struct wasmrt_extern *box;

    open_gc();
    deleted = 0;
    CHECK_EQ(wrt_extern_new(ctx(), &one, count_delete, &box), WASMRT_ERR_NONE);
    roots[0].ref = box;
    CHECK_EQ(wrt_extern_new(ctx(), &ten, count_delete, &box), WASMRT_ERR_NONE);
    CHECK_EQ(wrt_extern_new(ctx(), &hundred, count_delete, &box),
             WASMRT_ERR_NONE);
    roots[1].ref = box;
    collect();
    CHECK_EQ(deleted, 10);
    roots[0].ref = NULL;
    collect();
    CHECK_EQ(deleted, 11);
    world_close();
    CHECK_EQ(deleted, 111);
}

TEST(gc_references_match_types)
{
    const struct wrt_types *types;
    struct wasmrt_extern *box;
    struct wrt_exn *exn;
    uint64_t refs[5];
    /* null, i31, struct, array, box; each as a bit. */
    static const struct {
        uint32_t heap;
        unsigned fits;
    } rows[] = {{WRT_HEAP_ANY, 0x1f},    {WRT_HEAP_EQ, 0x0f},
                {WRT_HEAP_I31, 0x03},    {WRT_HEAP_STRUCT, 0x05},
                {WRT_HEAP_ARRAY, 0x09},  {WRT_HEAP_NONE, 0x01},
                {WRT_HEAP_EXTERN, 0x1f}, {WRT_HEAP_NOEXTERN, 0x01},
                {WRT_HEAP_EXN, 0x01},    {WRT_HEAP_NOEXN, 0x01}};

    open_gc();
    types = instance->module->types;
    CHECK_EQ(wrt_extern_new(ctx(), NULL, NULL, &box), WASMRT_ERR_NONE);
    CHECK_EQ(wrt_exn_new(ctx(), instance->tags[1], NULL, &exn),
             WASMRT_ERR_NONE);
    refs[0] = 0;
    refs[1] = wrt_ref_from_i31(0xffffffff);
    refs[2] = (uintptr_t)new_node(1);
    refs[3] = (uintptr_t)alloc(array_header(2, 1));
    refs[4] = (uintptr_t)box;
    CHECK_EQ(refs[1], 0xffffffff);
    for (unsigned i = 0; i < WRT_COUNTOF(rows); i++) {
        for (unsigned k = 0; k < 5; k++) {
            bool fits = rows[i].fits >> k & 1;

            CHECK_EQ(
                wrt_ref_matches(types, refs[k], WRT_REF(rows[i].heap, true)),
                fits);
            CHECK_EQ(
                wrt_ref_matches(types, refs[k], WRT_REF(rows[i].heap, false)),
                fits && k > 0);
        }
    }
    CHECK(wrt_ref_matches(types, (uintptr_t)exn, WRT_REF(WRT_HEAP_EXN, false)));
    CHECK(
        !wrt_ref_matches(types, (uintptr_t)exn, WRT_REF(WRT_HEAP_ANY, false)));
    for (unsigned k = 0; k < 5; k++) {
        CHECK_EQ(
            wrt_ref_matches(types, refs[k], WRT_REF_TO(type_of(0)->id, false)),
            k == 2);
        CHECK_EQ(
            wrt_ref_matches(types, refs[k], WRT_REF_TO(type_of(2)->id, true)),
            k == 0 || k == 3);
        CHECK(wrt_gc_owns(ctx(), refs[k]));
    }
    CHECK(!wrt_gc_owns(ctx(), (uintptr_t)&refs));
    world_close();
}

/* -- Roots of the host ----------------------------------------------------- */

TEST(gc_globals_and_tables_are_roots)
{
    wasmrt_extern_val global;
    struct wrt_table_inst *table;
    wasmrt_val value = {.kind = WASMRT_ANYREF}, got;
    struct wrt_gc_scope scope;

    open_gc();
    CHECK(wasmrt_instance_export(instance, "any", &global));
    table = world_table(instance, "table");
    value.of.ref = new_node(1);
    check_ok(wasmrt_global_set(global.of.global, &value));
    value.of.ref = new_node(2);
    check_ok(wasmrt_table_set(table, 1, &value));
    value.of.ref = (void *)(uintptr_t)wrt_ref_from_i31(5);
    check_ok(wasmrt_table_set(table, 2, &value));
    new_node(3);
    collect();
    CHECK_EQ(gc_heap()->stats.live_objects, 2);
    scope = wrt_gc_open_scope(ctx());
    got = wasmrt_global_get(global.of.global);
    CHECK_EQ(((struct node *)got.of.ref)->number, 1);
    value.of.ref = NULL;
    check_ok(wasmrt_global_set(global.of.global, &value));
    collect();
    CHECK_EQ(gc_heap()->stats.live_objects, 2); /* the host still has it */
    wrt_gc_close_scope(ctx(), scope);
    collect();
    CHECK_EQ(gc_heap()->stats.live_objects, 1);
    CHECK(wasmrt_table_get(table, 1, &got));
    CHECK_EQ(((struct node *)got.of.ref)->number, 2);
    world_close();
}

TEST(gc_handles_are_few_when_objects_are)
{
    open_gc();
    for (int i = 0; i < 100000; i++) {
        struct node *node =
            i < 3 ? new_node(i) : unpack(ctx()->gc.handles[i % 3]);

        wrt_gc_hold(ctx(), (uintptr_t)node);
        wrt_gc_hold(ctx(), 0);
        wrt_gc_hold(ctx(), wrt_ref_from_i31(1));
    }
    CHECK(ctx()->gc.handles_capacity < 100);
    collect();
    CHECK_EQ(gc_heap()->stats.live_objects, 3);
    world_close();
}

TEST(gc_lost_handle_stops_collecting)
{
    struct node *node;

    open_gc();
    node = new_node(11);
    world.heap.fail_at = world.heap.calls;
    wrt_gc_hold(ctx(), (uintptr_t)node);
    CHECK(world.heap.fired);
    world.heap.fail_at = -1;
    for (int i = 0; i < 1000; i++)
        new_node(i);
    collect();
    CHECK_EQ(gc_heap()->stats.collections, 0);
    CHECK_EQ(node->number, 11);
    world_close();
}

/* -- Against a model ------------------------------------------------------- */

/* A graph of nodes that the test knows twice: in the heap, and as indices. */
enum { MODEL_NODES = 4000, MODEL_ROOTS = 40 };

static struct {
    struct node *object; /* NULL: not there */
    int a, b;            /* indices, or -1 */
    bool is_reached;
} model[MODEL_NODES];

static int model_roots[MODEL_ROOTS];

static void reach(int index)
{
    static int todo[MODEL_NODES];
    int count = 0;

    if (index < 0 || model[index].is_reached)
        return;
    model[index].is_reached = true;
    todo[count++] = index;
    while (count) {
        int next[2] = {model[todo[--count]].a, 0};

        next[1] = model[todo[count]].b;
        for (int k = 0; k < 2; k++) {
            if (next[k] < 0 || model[next[k]].is_reached)
                continue;
            model[next[k]].is_reached = true;
            todo[count++] = next[k];
        }
    }
}

/* Forgets what is out of reach: it must not be linked again. */
static void mark_model(void)
{
    for (int i = 0; i < MODEL_NODES; i++)
        model[i].is_reached = false;
    for (int i = 0; i < MODEL_ROOTS; i++)
        reach(model_roots[i]);
    for (int i = 0; i < MODEL_NODES; i++) {
        if (!model[i].is_reached)
            model[i].object = NULL;
    }
}

/* Compares what is in reach; how much that is. */
static unsigned check_model(void)
{
    unsigned count = 0;

    mark_model();
    for (int i = 0; i < MODEL_NODES; i++) {
        struct node *node = model[i].object;

        if (!node)
            continue;
        count++;
        CHECK_EQ(node->number, i);
        CHECK(node->header.info == type_of(0)->object_info);
        CHECK(unpack(node->a) ==
              (model[i].a < 0 ? NULL : model[model[i].a].object));
        CHECK(unpack(node->b) ==
              (model[i].b < 0 ? NULL : model[model[i].b].object));
    }
    return count;
}

static int pick_node(void)
{
    for (int tries = 0; tries < 20; tries++) {
        int index = rand() % MODEL_NODES;

        if (model[index].object)
            return index;
    }
    return -1;
}

static void add_node(int index)
{
    int root = rand() % MODEL_ROOTS, a, b;
    struct node *node;

    mark_model();
    if (model[index].object)
        return;
    a = pick_node();
    b = pick_node();
    node = new_node(index);
    model[index].object = node;
    model[index].a = a;
    model[index].b = b;
    model[index].is_reached = true;
    node->a = a < 0 ? 0 : pack(model[a].object);
    node->b = b < 0 ? 0 : pack(model[b].object);
    model_roots[root] = index;
    roots[root].ref = node;
}

TEST(gc_random_graphs_survive)
{
    open_gc();
    srand(1);
    memset(model, 0, sizeof(model));
    memset(model_roots, -1, sizeof(model_roots));
    for (int round = 0; round < (test_is_slow() ? 30 : 300); round++) {
        for (int i = 0; i < 200; i++)
            add_node(rand() % MODEL_NODES);
        for (int i = 0; i < 50; i++) {
            int from = pick_node(), to = pick_node();

            if (from < 0)
                continue;
            model[from].a = to;
            model[from].object->a = to < 0 ? 0 : pack(model[to].object);
        }
        for (int i = 0; i < 3; i++) {
            int root = rand() % MODEL_ROOTS;

            model_roots[root] = -1;
            roots[root].ref = NULL;
        }
        if (round % 3 == 0) {
            roots[50].ref = alloc(array_header(2, (uint32_t)rand() % 50000));
            memset(bytes_of(roots[50].ref), 0xff,
                   ((struct wrt_object *)roots[50].ref)->len);
        }
        world.store->gc_stress = round % 7 == 0;
        if (round % 5 == 0) {
            unsigned count = check_model();

            collect();
            CHECK_EQ(gc_heap()->stats.live_objects,
                     count + (roots[50].ref != NULL));
        }
        check_model();
    }
    world_close();
}

/* -- Failures -------------------------------------------------------------- */

/* One world in which an allocation of the runtime fails. */
static bool run_with_failure(long fail_at)
{
    static int data = 1;
    struct wrt_object *object;
    struct wasmrt_extern *box;
    bool fired;

    open_gc();
    world.heap.fail_at = world.heap.calls + fail_at;
    deleted = 0;
    for (int i = 0; i < 3; i++) {
        wasmrt_code code =
            wrt_gc_alloc(ctx(), array_header(1, 3000), 12008, &object);

        if (code == WASMRT_ERR_NONE) {
            roots[i].ref = object;
            for (uint32_t k = 0; k < 3000; k++)
                refs_of(object)[k] = i ? pack(roots[i - 1].ref) : 0;
            wrt_gc_hold(ctx(), (uintptr_t)object);
        } else {
            CHECK_EQ(code, WASMRT_ERR_GC_HEAP_EXHAUSTED);
        }
        code = wrt_extern_new(ctx(), &data, count_delete, &box);
        CHECK(code == WASMRT_ERR_NONE || code == WASMRT_ERR_OUT_OF_MEMORY ||
              code == WASMRT_ERR_GC_HEAP_EXHAUSTED);
        collect();
    }
    fired = world.heap.fired;
    world.heap.fail_at = -1;
    collect();
    world_close();
    return fired;
}

TEST(gc_survives_failing_allocations)
{
    long n = 0;

    while (run_with_failure(n))
        n++;
    CHECK(n >= 4);
}
