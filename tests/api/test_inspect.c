/*
 * Modules: functions, memories and sections that they declare.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/api/host.h"

#include <string.h>

static const char text[] = "(module $m"
                           "  (import \"a\" \"f\" (func (param i32)))"
                           "  (import \"a\" \"m\" (memory 1 2))"
                           "  (memory i64 3)"
                           "  (func $two (result i64) (i64.const 2))"
                           "  (func $start)"
                           "  (start $start)"
                           "  (@custom \"a\\00b\" \"xyz\"))";

TEST(inspect_functions)
{
    wasmrt_func_info func;
    wasmrt_module *module;
    char type[32];

    host_open();
    module = host_module(text);
    CHECK(wasmrt_module_func(module, 0, &func));
    CHECK(func.is_import && func.offset == 0 && func.len == 0);
    CHECK(func.name == NULL);
    CHECK(wasmrt_module_func(module, 1, &func));
    CHECK(!func.is_import && func.offset > 0);
    CHECK_EQ(func.len, 4); /* no locals, i64.const 2, end */
    CHECK_STR_EQ(func.name, "two");
    CHECK_EQ(wasmrt_module_func_type(module, 1, type, sizeof(type)), 9);
    CHECK_STR_EQ(type, "() -> i64");
    CHECK(!wasmrt_module_func(module, 3, &func));
    CHECK_EQ(wasmrt_module_func_type(module, 3, type, sizeof(type)), 0);
    CHECK_STR_EQ(type, "");
    wasmrt_module_delete(module);
    host_close();
}

TEST(inspect_memories_and_start)
{
    wasmrt_memory_info memory;
    wasmrt_module *module;
    uint32_t start = 0;

    host_open();
    module = host_module(text);
    CHECK(wasmrt_module_memory(module, 0, &memory));
    CHECK(memory.is_import && memory.has_max && !memory.is_64);
    CHECK(memory.min == 1 && memory.max == 2);
    CHECK(wasmrt_module_memory(module, 1, &memory));
    CHECK(!memory.is_import && !memory.has_max && memory.is_64);
    CHECK(memory.min == 3 && memory.page_bytes == 65536);
    CHECK(!wasmrt_module_memory(module, 2, &memory));
    CHECK(wasmrt_module_start(module, &start));
    CHECK_EQ(start, 2);
    wasmrt_module_delete(module);
    module = host_module("(module)");
    CHECK(!wasmrt_module_start(module, &start));
    CHECK_EQ(wasmrt_module_size(module), 8);
    wasmrt_module_delete(module);
    host_close();
}

/* Every byte behind the header belongs to one section. */
TEST(inspect_sections)
{
    wasmrt_section_info section = {0};
    uint64_t end = 8;
    bool saw_custom = false, saw_code = false;
    wasmrt_module *module;

    host_open();
    module = host_module(text);
    while (wasmrt_module_next_section(module, &section)) {
        CHECK_EQ(section.offset, end + 2); /* id and a size of one byte */
        end = section.offset + section.len;
        if (section.id == 0 && section.name_len == 3) {
            saw_custom = true;
            CHECK_EQ(memcmp(section.name, "a\0b", 3), 0);
            CHECK_EQ(section.bytes_len, 3);
            CHECK_EQ(memcmp(section.bytes, "xyz", 3), 0);
        }
        if (strcmp(section.id_name, "code") == 0) {
            saw_code = true;
            CHECK_EQ(section.count, 2);
            CHECK(section.name == NULL);
        }
    }
    CHECK(saw_custom && saw_code);
    CHECK_EQ(end, wasmrt_module_size(module));
    wasmrt_module_delete(module);
    module = host_module("(module)");
    section = (wasmrt_section_info){0};
    CHECK(!wasmrt_module_next_section(module, &section));
    wasmrt_module_delete(module);
    host_close();
}
