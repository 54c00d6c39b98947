/*
 * What both versions of control groups do with files and directories; a folder
 * of ordinary files stands for a group.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/cgroup.h"
#include "tests/lib/test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static struct fault fault;

static const char *place(const char *path)
{
    struct spec spec = {.cgroups_path = path};
    static char text[256];
    struct cgroup cgroup;

    if (!cgroup_init(&cgroup, &spec, "id", &fault))
        return NULL;
    snprintf(text, sizeof(text), "%s", cgroup.path);
    cgroup_fini(&cgroup);
    return text;
}

TEST(cgroup_place_follows_from_the_path)
{
    CHECK_STR_EQ(place("/kubepods/pod1/x"), "/kubepods/pod1/x");
    CHECK_STR_EQ(place("a/b"), "/a/b");
    CHECK_STR_EQ(place(NULL), "/wasmrt/id");
    CHECK_STR_EQ(place("kubepods-pod1.slice:cri-containerd:x"),
                 "/kubepods.slice/kubepods-pod1.slice/cri-containerd-x.scope");
    CHECK_STR_EQ(place("system.slice:p:x"), "/system.slice/p-x.scope");
    CHECK(place("/") == NULL);
    CHECK(place("/a/../b") == NULL);
    CHECK(place("/a//b") == NULL);
    CHECK(place("..") == NULL);
    CHECK(place("/a/.") == NULL);
    CHECK(place("../../x.slice:p:x") == NULL);
}

static void put(const char *file, const char *text)
{
    FILE *out = fopen(file, "w");

    CHECK(out && fputs(text, out) >= 0 && fclose(out) == 0);
}

/* The directories that were visited or made. */
static char seen[256];

static bool note(const char *dir, void *context)
{
    strcat(seen, dir);
    strcat(seen, " ");
    return context == NULL || strcmp(dir, context) != 0;
}

static void note_made(const char *dir)
{
    note(dir, NULL);
}

TEST(cgroup_walk_goes_from_the_top_until_refused)
{
    CHECK(cgroup_walk("top/a/b/c", 3, note, NULL));
    CHECK_STR_EQ(seen, "top/a top/a/b top/a/b/c ");
    seen[0] = '\0';
    CHECK(!cgroup_walk("top/a/b/c", 3, note, (char *)"top/a/b"));
    CHECK_STR_EQ(seen, "top/a top/a/b ");
}

TEST(cgroup_mkdirs_tells_what_is_new)
{
    CHECK(mkdir("top", 0755) == 0);
    CHECK(cgroup_mkdirs("top/a/b", 3, note_made, &fault));
    CHECK_STR_EQ(seen, "top/a top/a/b ");
    CHECK(cgroup_mkdirs("top/a/b/c", 3, note_made, &fault));
    CHECK(cgroup_mkdirs("top/a/b/c", 3, note_made, &fault));
    CHECK_STR_EQ(seen, "top/a top/a/b top/a/b/c ");
    put("top/file", "");
    CHECK(!cgroup_mkdirs("top/file/d", 3, NULL, &fault));
    CHECK_STR_HAS(fault.text, "Not a directory");
}

TEST(cgroup_set_says_what_it_could_not_set)
{
    char text[32], *longer = calloc(1, PATH_MAX + 1);

    put("cpu.max", "");
    CHECK(cgroup_set(".", "cpu.max", &fault, "%d %d", 50, 100));
    cgroup_read(".", "cpu.max", text, sizeof(text));
    CHECK_STR_EQ(text, "50 100");
    CHECK(!cgroup_set(".", "none", &fault, "%d", 7));
    CHECK_STR_EQ(fault.text,
                 "cgroup: set none to 7: No such file or directory");
    memset(longer, '1', PATH_MAX);
    CHECK(!cgroup_write(".", "cpu.max", "%s", longer));
    CHECK_EQ(errno, EMSGSIZE);
    cgroup_read(".", "cpu.max", text, sizeof(text));
    CHECK_STR_EQ(text, "50 100");
    free(longer);
}

TEST(cgroup_lists_have_whole_words)
{
    CHECK(cgroup_has_word("cpu io\n", " \n", "io"));
    CHECK(cgroup_has_word("rw,cpu,cpuacct", ",", "cpuacct"));
    CHECK(!cgroup_has_word("cpuset cpuacct\n", " \n", "cpu"));
    CHECK(!cgroup_has_word("", " \n", "cpu"));
}

TEST(cgroup_numbers_are_found_by_their_words)
{
    static const struct cgroup_field fields[] = {
        {"oom", offsetof(Pb__V2MemoryEvents, oom)},
        {"oom_kill", offsetof(Pb__V2MemoryEvents, oom_kill)},
        {"low", offsetof(Pb__V2MemoryEvents, low)},
        {0}};
    Pb__V2MemoryEvents events = PB__V2_MEMORY_EVENTS__INIT;

    events.low = 9;
    put("memory.events",
        "high 1\noom_kill_disable 2\noom_kill 3\noom 18446744073709551615\n");
    put("memory.max", "max\n");
    put("memory.current", "4096\n");
    cgroup_read_fields(".", "memory.events", fields, &events);
    CHECK_EQ(events.oom, UINT64_MAX);
    CHECK_EQ(events.oom_kill, 3u);
    CHECK_EQ(events.low, 0u);
    CHECK_EQ(events.high, 0u);
    CHECK_EQ(cgroup_read_word(".", "memory.events", "oom_kill"), 3u);
    CHECK_EQ(cgroup_read_word(".", "none", "oom_kill"), 0u);
    CHECK_EQ(cgroup_read_number(".", "memory.max"), UINT64_MAX);
    CHECK_EQ(cgroup_read_number(".", "memory.current"), 4096u);
}
