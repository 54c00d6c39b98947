/*
 * Stopping guests that wait in WASI, or keep the host busy there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "tests/latency/latency.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* A guest that imports functions of preview1 and has a body for f; one iovec
 * of 4096 bytes at 4096 is at address 16. */
#define GUEST(imports, pages, body)                                            \
    "(module " imports " (memory (export \"memory\") " pages ")"               \
    " (data (i32.const 16) \"\\00\\10\\00\\00\\00\\10\\00\\00\")"              \
    " (func (export \"f\") " body "))"
#define IMPORT(name, type)                                                     \
    "(import \"wasi_snapshot_preview1\" \"" name "\" (func $" name " " type "))"

#define READ   IMPORT("fd_read", "(param i32 i32 i32 i32) (result i32)")
#define WRITE  IMPORT("fd_write", "(param i32 i32 i32 i32) (result i32)")
#define POLL   IMPORT("poll_oneoff", "(param i32 i32 i32 i32) (result i32)")
#define ACCEPT IMPORT("sock_accept", "(param i32 i32 i32) (result i32)")

/* For ever, whatever the call answers. */
#define LOOP(call) "(loop (drop " call ") br 0)"

static void latency_of_wasi(const char *text, wasmrt_wasi_config *config_taken)
{
    latency_of_guest(text, strlen(text), config_taken);
}

static wasmrt_wasi_config *new_config(void)
{
    wasmrt_wasi_config *config = wasmrt_wasi_config_new();

    CHECK(config != NULL);
    return config;
}

/* -- Sleeping -------------------------------------------------------------- */

/* A subscription at 1024: to the monotonic clock (tag 0, clock 1), a minute. */
#define SUBSCRIBE_CLOCK                                                        \
    "(i32.store8 (i32.const 1032) (i32.const 0))"                              \
    "(i32.store (i32.const 1040) (i32.const 1))"                               \
    "(i64.store (i32.const 1048) (i64.const 60000000000))"
/* To reading descriptor 0 (tag 1). */
#define SUBSCRIBE_STDIN                                                        \
    "(i32.store8 (i32.const 1032) (i32.const 1))"                              \
    "(i32.store (i32.const 1040) (i32.const 0))"
#define CALL_POLL                                                              \
    "(call $poll_oneoff (i32.const 1024) (i32.const 2048) (i32.const 1)"       \
    " (i32.const 8))"

TEST(latency_of_sleeping)
{
    latency_of_wasi(GUEST(POLL, "1", SUBSCRIBE_CLOCK LOOP(CALL_POLL)),
                    new_config());
}

TEST(latency_of_polling_a_pipe)
{
    wasmrt_wasi_config *config = new_config();
    int ends[2];

    CHECK_EQ(pipe(ends), 0);
    wasmrt_wasi_config_stream_fd(config, WASMRT_WASI_STDIN, ends[0]);
    latency_of_wasi(GUEST(POLL, "1", SUBSCRIBE_STDIN LOOP(CALL_POLL)), config);
}

/* Thousands of descriptors at a time, each ready at once. */
TEST(latency_of_polling_many)
{
    latency_of_wasi(
        GUEST(POLL, "8",
              "(local $i i32)"
              "(loop $fill"
              " (i32.store8 (i32.add (i32.const 1032) (local.get $i))"
              "   (i32.const 2))"
              " (i32.store (i32.add (i32.const 1040) (local.get $i))"
              "   (i32.const 1))"
              " (local.set $i (i32.add (local.get $i) (i32.const 48)))"
              " (br_if $fill (i32.lt_u (local.get $i) (i32.const 192000))))"
              "(loop (drop (call $poll_oneoff (i32.const 1024)"
              "  (i32.const 200000) (i32.const 4000) (i32.const 8))) br 0)"),
        new_config());
}

/* -- Reading and writing --------------------------------------------------- */

#define CALL_READ                                                              \
    "(call $fd_read (i32.const 0) (i32.const 16) (i32.const 1) (i32.const 8))"
#define CALL_WRITE                                                             \
    "(call $fd_write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 8))"

static void latency_of_reading(int fd)
{
    wasmrt_wasi_config *config = new_config();

    wasmrt_wasi_config_stream_fd(config, WASMRT_WASI_STDIN, fd);
    latency_of_wasi(GUEST(READ, "1", LOOP(CALL_READ)), config);
}

TEST(latency_of_reading_a_pipe)
{
    int ends[2];

    CHECK_EQ(pipe(ends), 0);
    latency_of_reading(ends[0]);
}

TEST(latency_of_reading_a_terminal)
{
    int controller = posix_openpt(O_RDWR | O_NOCTTY), terminal;

    if (controller < 0 || grantpt(controller) != 0 || unlockpt(controller) != 0)
        SKIP("no pseudo-terminals");
    terminal = open(ptsname(controller), O_RDWR | O_NOCTTY);
    CHECK(terminal >= 0);
    latency_of_reading(terminal);
}

TEST(latency_of_reading_a_socket)
{
    int ends[2];

    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    latency_of_reading(ends[0]);
}

TEST(latency_of_reading_a_fifo)
{
    CHECK_EQ(mkfifo("fifo", 0600), 0);
    latency_of_reading(open("fifo", O_RDWR));
}

TEST(latency_of_writing_a_full_pipe)
{
    wasmrt_wasi_config *config = new_config();
    int ends[2];

    CHECK_EQ(pipe(ends), 0);
    wasmrt_wasi_config_stream_fd(config, WASMRT_WASI_STDOUT, ends[1]);
    latency_of_wasi(GUEST(WRITE, "1", LOOP(CALL_WRITE)), config);
}

TEST(latency_of_accepting)
{
    wasmrt_wasi_config *config = new_config();

    wasmrt_wasi_config_listen(config, "127.0.0.1:0");
    latency_of_wasi(GUEST(ACCEPT, "1",
                          LOOP("(call $sock_accept (i32.const 3) (i32.const 0)"
                               " (i32.const 8))")),
                    config);
}

/* -- Large requests -------------------------------------------------------- */

TEST(latency_of_random_bytes)
{
    latency_of_wasi(GUEST(IMPORT("random_get", "(param i32 i32) (result i32)"),
                          "4096",
                          LOOP("(call $random_get (i32.const 65536)"
                               " (i32.const 268369920))")),
                    new_config());
}

#define BIG_IOVEC "(i32.store (i32.const 20) (i32.const 67043328))"

TEST(latency_of_writing_a_file)
{
    wasmrt_wasi_config *config = new_config();
    int file = open("file", O_RDWR | O_CREAT, 0600);

    CHECK(file >= 0);
    wasmrt_wasi_config_stream_fd(config, WASMRT_WASI_STDOUT, file);
    latency_of_wasi(
        GUEST(IMPORT("fd_pwrite", "(param i32 i32 i32 i64 i32) (result i32)"),
              "1024",
              BIG_IOVEC LOOP("(call $fd_pwrite (i32.const 1) (i32.const 16)"
                             " (i32.const 1) (i64.const 0) (i32.const 8))")),
        config);
}

TEST(latency_of_reading_a_file)
{
    wasmrt_wasi_config *config = new_config();
    int file = open("file", O_RDWR | O_CREAT, 0600);

    CHECK(file >= 0);
    CHECK_EQ(ftruncate(file, 64 << 20), 0);
    wasmrt_wasi_config_stream_fd(config, WASMRT_WASI_STDIN, file);
    latency_of_wasi(
        GUEST(IMPORT("fd_pread", "(param i32 i32 i32 i64 i32) (result i32)"),
              "1024",
              BIG_IOVEC LOOP("(call $fd_pread (i32.const 0) (i32.const 16)"
                             " (i32.const 1) (i64.const 0) (i32.const 8))")),
        config);
}

TEST(latency_of_writing_to_memory)
{
    wasmrt_wasi_config *config = new_config();

    wasmrt_wasi_config_capture(config, WASMRT_WASI_STDOUT, 256 << 20);
    latency_of_wasi(
        GUEST(WRITE, "1024", BIG_IOVEC CALL_WRITE "drop (loop br 0)"), config);
}

TEST(latency_of_allocating_a_file)
{
    wasmrt_wasi_config *config = new_config();
    int file = memfd_create("file", 0);

    CHECK(file >= 0);
    wasmrt_wasi_config_stream_fd(config, WASMRT_WASI_STDOUT, file);
    latency_of_wasi(
        GUEST(IMPORT("fd_allocate", "(param i32 i64 i64) (result i32)"), "1",
              "(drop (call $fd_allocate (i32.const 1) (i64.const 0)"
              " (i64.const 536870912))) (loop br 0)"),
        config);
}

/* -- Directories and paths ------------------------------------------------- */

/* `count` names in the directory `box`, which is granted. */
static wasmrt_wasi_config *large_directory(int count)
{
    wasmrt_wasi_config *config = new_config();
    char name[64];

    CHECK_EQ(mkdir("box", 0700), 0);
    close(open("box/0", O_WRONLY | O_CREAT, 0600));
    for (int i = 1; i < count; i++) {
        snprintf(name, sizeof(name), "box/%d", i);
        CHECK_EQ(symlink("0", name), 0);
    }
    wasmrt_wasi_config_preopen(config, "box", "/", WASMRT_WASI_READ_WRITE);
    return config;
}

TEST(latency_of_listing_a_directory)
{
    latency_of_wasi(
        GUEST(IMPORT("fd_readdir", "(param i32 i32 i32 i64 i32) (result i32)"),
              "1",
              LOOP("(call $fd_readdir (i32.const 3) (i32.const 1024)"
                   " (i32.const 64) (i64.const 0) (i32.const 8))")),
        large_directory(50000));
}

/* The longest way that a path can go: 40 links, each with as many steps as fit,
 * and no end. */
static wasmrt_wasi_config *long_way(char path[4096])
{
    wasmrt_wasi_config *config = new_config();
    char name[64];

    CHECK_EQ(mkdir("box", 0700), 0);
    CHECK_EQ(mkdir("box/a", 0700), 0);
    path[0] = '\0';
    for (int i = 0; i < 800; i++)
        strcat(path, "a/../");
    for (int i = 1; i <= 39; i++) {
        char target[4096 + 8];

        snprintf(target, sizeof(target), "%sl%d", path, i + 1);
        snprintf(name, sizeof(name), "box/l%d", i);
        CHECK_EQ(symlink(target, name), 0);
    }
    strcat(path, "l1");
    wasmrt_wasi_config_preopen(config, "box", "/", WASMRT_WASI_READ_WRITE);
    return config;
}

TEST(latency_of_long_paths)
{
    char path[4096], text[8192];
    wasmrt_wasi_config *config = long_way(path);

    snprintf(text, sizeof(text),
             GUEST(IMPORT("path_filestat_get",
                          "(param i32 i32 i32 i32 i32) (result i32)"),
                   "1",
                   "(loop (drop (call $path_filestat_get (i32.const 3)"
                   " (i32.const 1) (i32.const 1024) (i32.const %zu)"
                   " (i32.const 8192))) br 0)"
                   ") (data (i32.const 1024) \"%s\""),
             strlen(path), path);
    latency_of_wasi(text, config);
}

/* -- Threads --------------------------------------------------------------- */

/* f starts eight threads that do what the body says, as it then does. */
#define THREADS(imports, body)                                                 \
    "(module (import \"wasi\" \"thread-spawn\""                                \
    "  (func $spawn (param i32) (result i32))) " imports                       \
    " (import \"env\" \"memory\" (memory 1 1 shared))"                         \
    " (export \"memory\" (memory 0))"                                          \
    " (func $body " body ")"                                                   \
    " (func (export \"wasi_thread_start\") (param i32 i32) (call $body))"      \
    " (func (export \"f\") (local $i i32)"                                     \
    "  (loop $again (drop (call $spawn (i32.const 0)))"                        \
    "   (br_if $again (i32.lt_u"                                               \
    "    (local.tee $i (i32.add (local.get $i) (i32.const 1)))"                \
    "    (i32.const 8))))"                                                     \
    "  (call $body)))"

TEST(latency_of_threads_that_wait)
{
    latency_of_threads(THREADS("", LOOP("(memory.atomic.wait32 (i32.const 0)"
                                        " (i32.const 0) (i64.const -1))")),
                       new_config());
}

TEST(latency_of_threads_that_poll)
{
    latency_of_threads(THREADS(POLL, SUBSCRIBE_CLOCK LOOP(CALL_POLL)),
                       new_config());
}

/* They have to take turns until each has seen that it should stop. */
TEST(latency_of_threads_that_compute)
{
    latency_of_threads(THREADS("", "(loop (br 0))"), new_config());
}
