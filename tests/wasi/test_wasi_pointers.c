/*
 * Wrong guest pointers trap, wrong flags are INVAL, results are written on
 * success only, and a length of 0 is never looked at.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/lib/test.h"
#include "tests/wasi/guest.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define ALL P1_RIGHTS_ALL
#define BAD (GUEST_MEMORY - 3) /* not even room for a u32 */

/* A call with numbers that are all fine, and which of them are pointers. */
struct pointer_case {
    const char *name;
    int64_t args[9];
    unsigned pointers; /* bit n: argument n */
};

/* 3 is the preopened directory, 4 an open file; at 1024 the path "file"; at
 * 2048 an iovec of 16 bytes at 3000; at 4096 a clock subscription. */
static const struct pointer_case cases[] = {
    {"args_get", {100, 200}, 3},
    {"args_sizes_get", {100, 200}, 3},
    {"environ_get", {100, 200}, 3},
    {"environ_sizes_get", {100, 200}, 3},
    {"clock_res_get", {0, 100}, 2},
    {"clock_time_get", {0, 0, 100}, 4},
    {"fd_fdstat_get", {4, 100}, 2},
    {"fd_filestat_get", {4, 100}, 2},
    {"fd_pread", {4, 2048, 1, 0, 100}, 1 << 1 | 1 << 4},
    {"fd_prestat_get", {3, 100}, 2},
    {"fd_prestat_dir_name", {3, 100, 16}, 2},
    {"fd_pwrite", {4, 2048, 1, 0, 100}, 1 << 1 | 1 << 4},
    {"fd_read", {4, 2048, 1, 100}, 1 << 1 | 1 << 3},
    {"fd_readdir", {3, 100, 64, 0, 200}, 1 << 1 | 1 << 4},
    {"fd_seek", {4, 0, 0, 100}, 1 << 3},
    {"fd_tell", {4, 100}, 2},
    {"fd_write", {4, 2048, 1, 100}, 1 << 1 | 1 << 3},
    {"path_create_directory", {3, 1024, 4}, 2},
    {"path_filestat_get", {3, 0, 1024, 4, 100}, 1 << 2 | 1 << 4},
    {"path_filestat_set_times", {3, 0, 1024, 4, 0, 0, 0}, 1 << 2},
    {"path_link", {3, 0, 1024, 4, 3, 1024, 4}, 1 << 2 | 1 << 5},
    {"path_open", {3, 0, 1024, 4, 0, ALL, ALL, 0, 100}, 1 << 2 | 1 << 8},
    {"path_readlink", {3, 1030, 4, 100, 64, 200}, 1 << 1 | 1 << 3 | 1 << 5},
    {"path_remove_directory", {3, 1024, 4}, 2},
    {"path_rename", {3, 1024, 4, 3, 1024, 4}, 1 << 1 | 1 << 4},
    {"path_symlink", {1024, 4, 3, 1024, 4}, 1 | 1 << 3},
    {"path_unlink_file", {3, 1036, 4}, 2},
    {"poll_oneoff", {4096, 5000, 1, 100}, 1 | 1 << 1 | 1 << 3},
    {"random_get", {100, 16}, 1},
};

static void open_pointer_guest(struct guest *g)
{
    const struct p1_iovec iov = {3000, 16};
    const struct p1_subscription clock = {.tag = P1_EVENT_CLOCK};
    wasmrt_wasi_config *config = wasmrt_wasi_config_new();

    mkdir("box", 0700);
    wasmrt_wasi_config_preopen(config, "box", "/box", WASMRT_WASI_READ_WRITE);
    wasmrt_wasi_config_arg(config, "prog");
    wasmrt_wasi_config_env(config, "A", "b");
    guest_open(g, config);
    CHECK_EQ(guest_open_path(g, 3, "file", P1_O_CREAT, ALL, 0), 4);
    guest_put_text(g, 1024, "file  link  none");
    CHECK_EQ(CALL(g, "path_symlink", 1024, 4, 3, 1030, 4), P1_SUCCESS);
    guest_put(g, 2048, &iov, sizeof(iov));
    guest_put(g, 4096, &clock, sizeof(clock));
}

TEST(wasi_wrong_pointers_trap)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (int n = 0; n < 9; n++) {
            const struct pointer_case *t = &cases[i];
            static const int64_t wrong[] = {BAD, GUEST_MEMORY, 0xffffffff};

            if (!(t->pointers & (1u << n)))
                continue;
            for (int w = 0; w < 3; w++) {
                struct guest g;
                int64_t args[9];
                int result;

                open_pointer_guest(&g);
                memcpy(args, t->args, sizeof(args));
                args[n] = wrong[w];
                result = guest_call(&g, t->name, args);
                if (result != GUEST_TRAP)
                    FAIL("%s: argument %d as 0x%llx gives %d", t->name, n,
                         (unsigned long long)wrong[w], result);
                CHECK_EQ(guest_trap_code(&g), WASMRT_ERR_BAD_GUEST_POINTER);
                guest_close(&g);
                CHECK_EQ(remove("box/link"), 0);
            }
        }
    }
}

TEST(wasi_right_pointers_do_not_trap)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct guest g;

        open_pointer_guest(&g);
        CHECK(guest_call(&g, cases[i].name, cases[i].args) != GUEST_TRAP);
        guest_close(&g);
        remove("box/link");
        remove("box/file");
    }
}

/* Pointers inside of what the pointers lead to. */
TEST(wasi_wrong_vectors_trap)
{
    static const struct p1_iovec wrong[] = {
        {GUEST_MEMORY - 15, 16}, {0xfffffff0, 0x20}, {0, GUEST_MEMORY + 1}};
    static const char *const names[] = {"fd_read", "fd_write"};

    for (int n = 0; n < 2; n++) {
        for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
            struct guest g;

            open_pointer_guest(&g);
            guest_put(&g, 2048, &wrong[i], sizeof(wrong[i]));
            CHECK_EQ(CALL(&g, names[n], 4, 2048, 1, 100), GUEST_TRAP);
            CHECK_EQ(guest_trap_code(&g), WASMRT_ERR_BAD_GUEST_POINTER);
            guest_close(&g);
            remove("box/link");
        }
    }
}

TEST(wasi_a_length_of_zero_is_not_looked_at)
{
    const struct p1_iovec nothing = {0xffffffff, 0};
    struct guest g;

    open_pointer_guest(&g);
    guest_put(&g, 2048, &nothing, sizeof(nothing));
    CHECK_EQ(CALL(&g, "fd_write", 4, 2048, 1, 100), P1_SUCCESS);
    CHECK_EQ(CALL(&g, "fd_read", 4, 0xffffffff, 0, 100), P1_SUCCESS);
    CHECK_EQ(CALL(&g, "random_get", 0xffffffff, 0), P1_SUCCESS);
    CHECK_EQ(CALL(&g, "path_unlink_file", 3, 0xffffffff, 0), P1_NOENT);
    CHECK_EQ(CALL(&g, "fd_readdir", 3, 0xffffffff, 0, 0, 100), P1_SUCCESS);
    CHECK_EQ(guest_u32(&g, 100), 0);
    CHECK_EQ(CALL(&g, "path_readlink", 3, 1030, 4, 0xffffffff, 0, 100),
             P1_SUCCESS);
    guest_close(&g);
}

TEST(wasi_failures_leave_results_alone)
{
    struct guest g;

    open_pointer_guest(&g);
    for (uint32_t addr = 100; addr < 300; addr++)
        guest_put(&g, addr, "\x5a", 1);
    CHECK_EQ(CALL(&g, "fd_fdstat_get", 99, 100), P1_BADF);
    CHECK_EQ(CALL(&g, "fd_filestat_get", 99, 100), P1_BADF);
    CHECK_EQ(CALL(&g, "fd_read", 99, 2048, 1, 100), P1_BADF);
    CHECK_EQ(CALL(&g, "fd_seek", 4, -1, 0, 100), P1_INVAL);
    CHECK_EQ(CALL(&g, "clock_time_get", 9, 0, 100), P1_INVAL);
    CHECK_EQ(CALL(&g, "path_filestat_get", 3, 0, 1036, 4, 100), P1_NOENT);
    CHECK_EQ(CALL(&g, "path_open", 3, 0, 1036, 4, 0, ALL, ALL, 0, 100),
             P1_NOENT);
    CHECK_EQ(CALL(&g, "path_readlink", 3, 1024, 4, 100, 64, 200), P1_INVAL);
    CHECK_EQ(CALL(&g, "fd_prestat_dir_name", 3, 100, 0), P1_NAMETOOLONG);
    CHECK_EQ(CALL(&g, "poll_oneoff", 4096, 5000, 0, 100), P1_INVAL);
    for (uint32_t addr = 100; addr < 300; addr += 4)
        CHECK_EQ(guest_u32(&g, addr), 0x5a5a5a5a);
    guest_close(&g);
}

/* -- Flags and enumerations ------------------------------------------------ */

TEST(wasi_wrong_flags_are_inval)
{
    static const struct pointer_case wrong[] = {
        {"clock_res_get", {4, 100}, 0},
        {"clock_time_get", {4, 0, 100}, 0},
        {"fd_advise", {4, 0, 0, 6}, 0},
        {"fd_advise", {4, -1, 0, 0}, 0},
        {"fd_allocate", {4, -1, 1}, 0},
        {"fd_allocate", {4, 0, 0}, 0},
        {"fd_fdstat_set_flags", {4, 32}, 0},
        {"fd_filestat_set_size", {4, -1}, 0},
        {"fd_filestat_set_times", {4, 0, 0, 16}, 0},
        {"fd_filestat_set_times", {4, 0, 0, 3}, 0},
        {"fd_filestat_set_times", {4, 0, 0, 12}, 0},
        {"fd_pread", {4, 2048, 1, -1, 100}, 0},
        {"fd_pwrite", {4, 2048, 1, -1, 100}, 0},
        {"fd_seek", {4, 0, 3, 100}, 0},
        {"fd_seek", {4, -1, 0, 100}, 0},
        {"path_filestat_get", {3, 2, 1024, 4, 100}, 0},
        {"path_filestat_set_times", {3, 2, 1024, 4, 0, 0, 0}, 0},
        {"path_filestat_set_times", {3, 0, 1024, 4, 0, 0, 3}, 0},
        {"path_link", {3, 2, 1024, 4, 3, 1036, 4}, 0},
        {"path_open", {3, 2, 1024, 4, 0, ALL, ALL, 0, 100}, 0},
        {"path_open", {3, 0, 1024, 4, 16, ALL, ALL, 0, 100}, 0},
        {"path_open", {3, 0, 1024, 4, 0, ALL, ALL, 32, 100}, 0},
        {"path_open", {3, 0, 1036, 4, 3, ALL, ALL, 0, 100}, 0},
        {"poll_oneoff", {4096, 5000, 0, 100}, 0},
        {"poll_oneoff", {4096, 5000, 65537, 100}, 0},
    };
    struct guest g;

    open_pointer_guest(&g);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        int result = guest_call(&g, wrong[i].name, wrong[i].args);

        if (result != P1_INVAL)
            FAIL("row %d, %s, gives %d", (int)i, wrong[i].name, result);
    }
    guest_close(&g);
}

/* A path with a NUL in it names nothing. */
TEST(wasi_paths_with_nul_are_inval)
{
    struct guest g;

    open_pointer_guest(&g);
    guest_put(&g, 1024, "file\0x", 6);
    CHECK_EQ(CALL(&g, "path_unlink_file", 3, 1024, 6), P1_INVAL);
    CHECK_EQ(CALL(&g, "path_unlink_file", 3, 1024, 5), P1_INVAL);
    CHECK_EQ(CALL(&g, "path_open", 3, 0, 1024, 5, 0, ALL, ALL, 0, 100),
             P1_INVAL);
    CHECK_EQ(CALL(&g, "path_unlink_file", 3, 8192, 4096), P1_NAMETOOLONG);
    guest_close(&g);
}
