/*
 * Who is told about machine code: the callback, and the list that gdb reads.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/lib/heap.h"
#include "tests/lib/test.h"

#include "wasmrt.h"
#include "wasmrt/debug.h"
#include "wasmrt/text.h"

#include <string.h>

static const char text[] =
    "(module (func $twice (export \"twice\") (param i32) (result i32)"
    "  (call $sum (local.get 0) (local.get 0)))"
    " (func $sum (param i32 i32) (result i32)"
    "  (i32.add (local.get 0) (local.get 1))))";

/* gdb's list; see jit/gdb.c. */
struct entry {
    struct entry *next, *prev;
    const unsigned char *file;
    uint64_t file_bytes;
};

extern struct descriptor {
    uint32_t version, action;
    struct entry *relevant, *first;
} __jit_debug_descriptor;

static struct heard {
    int funcs, others;
    char names[256];
} heard;

static void hear(void *user, const wasmrt_code_event *event)
{
    struct heard *h = user;

    CHECK(event->len > 0);
    CHECK(*(const volatile unsigned char *)event->address != 0);
    if (event->func == UINT32_MAX) {
        h->others++;
        return;
    }
    h->funcs++;
    strcat(h->names, event->name);
    strcat(h->names, " ");
}

static wasmrt_engine *new_engine(struct test_heap *heap)
{
    wasmrt_config *config = wasmrt_config_new();
    wasmrt_engine *engine = NULL;

    CHECK(config != NULL);
    wasmrt_config_set_strategy(config, WASMRT_STRATEGY_JIT);
    wasmrt_config_set_compile(config, WASMRT_COMPILE_EAGER);
    wasmrt_config_set_debugger(config, true);
    wasmrt_config_on_code(config, hear, &heard);
    if (heap)
        wasmrt_config_set_allocator(config, heap->alloc.resize,
                                    heap->alloc.user);
    wasmrt_error_delete(wasmrt_engine_new(config, &engine));
    wasmrt_config_delete(config);
    return engine;
}

static int list_length(void)
{
    const struct entry *prev = NULL;
    int count = 0;

    for (const struct entry *e = __jit_debug_descriptor.first; e; e = e->next) {
        CHECK(e->prev == prev);
        CHECK(e->file_bytes > 64 + 6 * 64);
        CHECK(memcmp(e->file, "\177ELF", 4) == 0);
        prev = e;
        count++;
    }
    return count;
}

TEST(tell_about_code_until_its_module_is_deleted)
{
    wasmrt_engine *engine = new_engine(NULL);
    wasmrt_module *first = NULL, *second = NULL;
    int count;

    CHECK_EQ(list_length(), 0);
    CHECK(!wasmrt_module_new(engine, (const uint8_t *)text, strlen(text),
                             &first));
    CHECK_EQ(heard.funcs, 2);
    CHECK(heard.others > 0);
    CHECK_STR_EQ(heard.names, "twice sum ");
    count = list_length();
    CHECK_EQ(count, heard.funcs + heard.others);
    CHECK(!wasmrt_module_new(engine, (const uint8_t *)text, strlen(text),
                             &second));
    CHECK_EQ(list_length(), 2 * count);
    wasmrt_module_delete(first);
    CHECK_EQ(list_length(), count);
    wasmrt_module_delete(second);
    CHECK_EQ(list_length(), 0);
    CHECK_EQ(__jit_debug_descriptor.action, 0);
    CHECK(__jit_debug_descriptor.relevant == NULL);
    wasmrt_engine_delete(engine);
}

static void ignore(void *user, const char *piece, size_t len)
{
    (void)piece;
    *(size_t *)user += len;
}

/* Memory may run out at any point of compiling, telling and listing. */
TEST(tell_and_list_without_memory)
{
    struct test_heap heap;
    long n = 0;

    do {
        wasmrt_engine *engine;
        wasmrt_module *module = NULL;
        size_t len = 0;

        heard = (struct heard){.funcs = 0};
        test_heap_init(&heap, n++);
        engine = new_engine(&heap);
        if (engine)
            wasmrt_error_delete(wasmrt_module_new(engine, (const uint8_t *)text,
                                                  strlen(text), &module));
        if (module)
            wasmrt_error_delete(wasmrt_module_dump(
                module, WASMRT_DUMP_CODE | WASMRT_DUMP_ASM | WASMRT_DUMP_IOPS,
                NULL, ignore, &len));
        wasmrt_module_delete(module);
        wasmrt_engine_delete(engine);
        CHECK_EQ(list_length(), 0);
        CHECK_EQ(heap.live_bytes, 0);
        if (!heap.fired)
            CHECK(len > 500);
    } while (heap.fired);
    CHECK(n > 20);
}
