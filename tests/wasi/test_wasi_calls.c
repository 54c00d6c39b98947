/*
 * What each function does, called directly.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "tests/lib/test.h"
#include "tests/wasi/guest.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ALL P1_RIGHTS_ALL

/* Writes text through the descriptor; the count, or minus the error. */
static int guest_write(struct guest *g, uint32_t fd, const char *text)
{
    const struct p1_iovec iov = {9000, guest_put_text(g, 9000, text)};
    int err;

    guest_put(g, 2048, &iov, sizeof(iov));
    err = CALL(g, "fd_write", fd, 2048, 1, 600);
    return err ? -err : (int)guest_u32(g, 600);
}

/* Reads up to max bytes as a string; NULL after an error. */
static const char *guest_read(struct guest *g, uint32_t fd, uint32_t max)
{
    static char text[256];
    const struct p1_iovec iov = {9000, max};

    guest_put(g, 2048, &iov, sizeof(iov));
    if (CALL(g, "fd_read", fd, 2048, 1, 600) != P1_SUCCESS)
        return NULL;
    guest_get(g, 9000, text, guest_u32(g, 600));
    text[guest_u32(g, 600)] = '\0';
    return text;
}

/* -- Arguments, clocks, chance --------------------------------------------- */

TEST(wasi_args_and_environment)
{
    wasmrt_wasi_config *config = wasmrt_wasi_config_new();
    struct guest g;
    char text[32];

    wasmrt_wasi_config_arg(config, "prog");
    wasmrt_wasi_config_arg(config, "");
    wasmrt_wasi_config_arg(config, "two words");
    wasmrt_wasi_config_env(config, "A", "1");
    wasmrt_wasi_config_env(config, "AB", "x");
    wasmrt_wasi_config_env(config, "A", "22");
    guest_open(&g, config);

    CHECK_EQ(CALL(&g, "args_sizes_get", 100, 104), P1_SUCCESS);
    CHECK_EQ(guest_u32(&g, 100), 3);
    CHECK_EQ(guest_u32(&g, 104), 16);
    CHECK_EQ(CALL(&g, "args_get", 200, 300), P1_SUCCESS);
    CHECK_EQ(guest_u32(&g, 200), 300);
    CHECK_EQ(guest_u32(&g, 204), 305);
    CHECK_EQ(guest_u32(&g, 208), 306);
    guest_get(&g, 300, text, 16);
    CHECK_MEM_EQ(text, "prog\0\0two words", 16);

    CHECK_EQ(CALL(&g, "environ_sizes_get", 100, 104), P1_SUCCESS);
    CHECK_EQ(guest_u32(&g, 100), 2);
    CHECK_EQ(guest_u32(&g, 104), 10);
    CHECK_EQ(CALL(&g, "environ_get", 200, 300), P1_SUCCESS);
    guest_get(&g, 300, text, 10);
    CHECK_MEM_EQ(text, "AB=x\0A=22", 10);
    guest_close(&g);
}

/* More names than bits that tell which ones were there. */
TEST(wasi_environment_has_each_name_once)
{
    enum { NAMES = 150, STRING = 9 }; /* "Nxxx=xxx", its NUL */
    wasmrt_wasi_config *config = wasmrt_wasi_config_new();
    struct guest g;
    char name[8], value[8], text[STRING], expected[16];

    for (int i = 0; i < 3 * NAMES; i++) {
        snprintf(name, sizeof(name), "N%03d", i % NAMES);
        snprintf(value, sizeof(value), "%03d", i);
        wasmrt_wasi_config_env(config, name, value);
    }
    guest_open(&g, config);
    CHECK_EQ(CALL(&g, "environ_sizes_get", 100, 104), P1_SUCCESS);
    CHECK_EQ(guest_u32(&g, 100), NAMES);
    CHECK_EQ(guest_u32(&g, 104), NAMES * STRING);
    CHECK_EQ(CALL(&g, "environ_get", 200, 4096), P1_SUCCESS);
    for (int i = 0; i < NAMES; i++) {
        snprintf(expected, sizeof(expected), "N%03d=%03d", i, 2 * NAMES + i);
        guest_get(&g, 4096 + (uint32_t)i * STRING, text, STRING);
        CHECK_MEM_EQ(text, expected, STRING);
    }
    guest_close(&g);
}

static uint64_t fixed_now(void *user, uint32_t clock_id)
{
    *(int *)user += 1;
    return clock_id == 0 ? 1000000007 : 42;
}

static void fill_pattern(void *user, void *buf, size_t len)
{
    memset(buf, *(const int *)user, len);
}

TEST(wasi_clocks_of_the_system)
{
    struct guest g;
    struct timespec ts;
    uint64_t before;

    guest_open(&g, wasmrt_wasi_config_new());
    for (int id = 0; id < 4; id++) {
        CHECK_EQ(CALL(&g, "clock_res_get", id, 100), P1_SUCCESS);
        CHECK(guest_u64(&g, 100) > 0);
        CHECK_EQ(CALL(&g, "clock_time_get", id, 0, 100), P1_SUCCESS);
        before = guest_u64(&g, 100);
        CHECK_EQ(CALL(&g, "clock_time_get", id, 0, 100), P1_SUCCESS);
        CHECK(guest_u64(&g, 100) >= before);
    }
    CHECK_EQ(CALL(&g, "clock_time_get", 0, 0, 100), P1_SUCCESS);
    clock_gettime(CLOCK_REALTIME, &ts);
    CHECK_EQ(guest_u64(&g, 100) / 10000000000, (uint64_t)ts.tv_sec / 10);
    CHECK_EQ(CALL0(&g, "sched_yield"), P1_SUCCESS);
    guest_close(&g);
}

TEST(wasi_clocks_and_chance_of_the_embedder)
{
    wasmrt_wasi_config *config = guest_config();
    struct guest g;
    struct stat st;
    int calls = 0, pattern = 0x42;

    wasmrt_wasi_config_clock(config, fixed_now, &calls);
    wasmrt_wasi_config_random(config, fill_pattern, &pattern);
    guest_open(&g, config);
    CHECK_EQ(CALL(&g, "clock_time_get", 0, 0, 100), P1_SUCCESS);
    CHECK_EQ(guest_u64(&g, 100), 1000000007);
    CHECK_EQ(CALL(&g, "clock_time_get", 1, 0, 100), P1_SUCCESS);
    CHECK_EQ(guest_u64(&g, 100), 42);
    CHECK_EQ(calls, 2);
    CHECK_EQ(CALL(&g, "clock_time_get", 2, 0, 100), P1_NOTSUP);
    CHECK_EQ(CALL(&g, "clock_res_get", 3, 100), P1_NOTSUP);
    CHECK_EQ(CALL(&g, "clock_res_get", 1, 100), P1_SUCCESS);
    CHECK_EQ(CALL(&g, "random_get", 100, 8), P1_SUCCESS);
    CHECK_EQ(guest_u64(&g, 100), 0x4242424242424242);

    /* "Now" in the times of files is the same now. */
    CHECK_EQ(guest_open_path(&g, 3, "f", P1_O_CREAT, ALL, 0), 4);
    CHECK_EQ(CALL(&g, "fd_filestat_set_times", 4, 0, 0,
                  P1_FST_ATIM_NOW | P1_FST_MTIM_NOW),
             P1_SUCCESS);
    CHECK_EQ(stat("box/f", &st), 0);
    CHECK_EQ(st.st_mtim.tv_sec, 1);
    CHECK_EQ(st.st_mtim.tv_nsec, 7);
    guest_close(&g);
}

TEST(wasi_random_bytes_differ)
{
    struct guest g;
    uint8_t one[1000], two[1000];
    int zeros = 0;

    guest_open(&g, wasmrt_wasi_config_new());
    CHECK_EQ(CALL(&g, "random_get", 100, 1000), P1_SUCCESS);
    guest_get(&g, 100, one, 1000);
    CHECK_EQ(CALL(&g, "random_get", 100, 1000), P1_SUCCESS);
    guest_get(&g, 100, two, 1000);
    CHECK(memcmp(one, two, 1000) != 0);
    for (int i = 0; i < 1000; i++)
        zeros += one[i] == 0;
    CHECK(zeros < 50);
    guest_close(&g);
}

/* -- Standard streams ------------------------------------------------------ */

TEST(wasi_streams_in_memory)
{
    wasmrt_wasi_config *config = wasmrt_wasi_config_new();
    struct guest g;
    const uint8_t *bytes;
    size_t len;

    wasmrt_wasi_config_stdin_bytes(config, "hello", 5);
    wasmrt_wasi_config_capture(config, WASMRT_WASI_STDOUT, 8);
    guest_open(&g, config);
    CHECK_STR_EQ(guest_read(&g, 0, 3), "hel");
    CHECK_STR_EQ(guest_read(&g, 0, 30), "lo");
    CHECK_STR_EQ(guest_read(&g, 0, 30), "");
    CHECK_EQ(guest_write(&g, 0, "x"), -P1_BADF);

    bytes = wasmrt_wasi_captured(g.store, WASMRT_WASI_STDOUT, &len);
    CHECK(bytes && len == 0);
    CHECK_EQ(guest_write(&g, 1, "12345"), 5);
    CHECK_EQ(guest_write(&g, 1, "67890"), 3); /* the limit */
    CHECK_EQ(guest_write(&g, 1, "x"), -P1_NOSPC);
    CHECK_EQ(guest_write(&g, 1, ""), 0);
    bytes = wasmrt_wasi_captured(g.store, WASMRT_WASI_STDOUT, &len);
    CHECK_EQ(len, 8);
    CHECK_MEM_EQ(bytes, "12345678", 8);
    CHECK(guest_read(&g, 1, 1) == NULL);

    /* What was granted nowhere goes nowhere. */
    CHECK_EQ(guest_write(&g, 2, "lost"), 4);
    CHECK(wasmrt_wasi_captured(g.store, WASMRT_WASI_STDERR, &len) == NULL);
    CHECK(wasmrt_wasi_captured(g.store, WASMRT_WASI_STDIN, &len) == NULL);

    /* Closed by the guest, still there for the host. */
    CHECK_EQ(CALL(&g, "fd_close", 1), P1_SUCCESS);
    bytes = wasmrt_wasi_captured(g.store, WASMRT_WASI_STDOUT, &len);
    CHECK_EQ(len, 8);
    guest_close(&g);
}

/* -- Streams by functions -------------------------------------------------- */

struct ends {
    const char *in;
    char out[16];
    size_t len;
};

/* Two bytes at a time. */
static int64_t read_two(void *user, void *buf, size_t len)
{
    struct ends *ends = user;
    size_t left = strlen(ends->in);

    len = len < left ? len : left;
    len = len < 2 ? len : 2;
    memcpy(buf, ends->in, len);
    ends->in += len;
    return (int64_t)len;
}

/* Up to eight. */
static int64_t write_eight(void *user, const void *buf, size_t len)
{
    struct ends *ends = user;

    if (ends->len == 8)
        return -1;
    len = len < 8 - ends->len ? len : 8 - ends->len;
    memcpy(ends->out + ends->len, buf, len);
    ends->len += len;
    return (int64_t)len;
}

TEST(wasi_streams_by_functions)
{
    wasmrt_wasi_config *config = wasmrt_wasi_config_new();
    struct ends ends = {.in = "abc"};
    struct guest g;

    wasmrt_wasi_config_source(config, read_two, &ends);
    wasmrt_wasi_config_sink(config, WASMRT_WASI_STDOUT, write_eight, &ends);
    /* No stream to write to. */
    wasmrt_wasi_config_sink(config, WASMRT_WASI_STDIN, write_eight, &ends);
    guest_open(&g, config);
    CHECK_STR_EQ(guest_read(&g, 0, 30), "ab");
    CHECK_STR_EQ(guest_read(&g, 0, 30), "c");
    CHECK_STR_EQ(guest_read(&g, 0, 30), "");
    CHECK_EQ(guest_write(&g, 1, ""), 0);
    CHECK_EQ(guest_write(&g, 1, "12345"), 5);
    CHECK_EQ(guest_write(&g, 1, "67890"), 3);
    CHECK_EQ(guest_write(&g, 1, "x"), -P1_PIPE);
    CHECK_STR_EQ(ends.out, "12345678");
    /* A function that fails ends the guest when it is to end. */
    wasmrt_store_interrupt(g.store);
    CHECK_EQ(CALL(&g, "fd_write", 1, 0, 0, 0), GUEST_TRAP);
    CHECK_EQ(guest_trap_code(&g), WASMRT_ERR_INTERRUPTED);
    guest_close(&g);
}

TEST(wasi_streams_of_the_host)
{
    wasmrt_wasi_config *config = wasmrt_wasi_config_new();
    struct guest g;
    struct p1_fdstat st;
    int in[2], out[2];
    char text[8] = "";

    CHECK(pipe(in) == 0 && pipe(out) == 0);
    CHECK_EQ(write(in[1], "abc", 3), 3);
    wasmrt_wasi_config_stream_fd(config, WASMRT_WASI_STDIN, in[0]);
    wasmrt_wasi_config_stream_fd(config, WASMRT_WASI_STDOUT, out[1]);
    wasmrt_wasi_config_stream_fd(config, WASMRT_WASI_STDERR,
                                 open("/dev/null", O_RDWR));
    guest_open(&g, config);
    close(in[0]);
    close(out[1]);
    CHECK_STR_EQ(guest_read(&g, 0, 8), "abc");
    close(in[1]);
    CHECK_STR_EQ(guest_read(&g, 0, 8), "");
    CHECK_EQ(guest_write(&g, 1, "def"), 3);
    CHECK_EQ(read(out[0], text, 8), 3);
    CHECK_STR_EQ(text, "def");
    CHECK_EQ(CALL(&g, "fd_seek", 1, 0, 0, 100), P1_SPIPE);
    CHECK_EQ(guest_write(&g, 2, "void"), 4);
    CHECK_EQ(CALL(&g, "fd_fdstat_get", 2, 100), P1_SUCCESS);
    guest_get(&g, 100, &st, sizeof(st));
    CHECK_EQ(st.filetype, P1_FILETYPE_CHARACTER_DEVICE);
    CHECK(st.rights_base & P1_RIGHT_FD_SEEK); /* no terminal */

    /* The reader is gone: an error, and no signal for the host. */
    close(out[0]);
    CHECK_EQ(guest_write(&g, 1, "def"), -P1_PIPE);
    guest_close(&g);
}

/* A directory as standard input grants no paths. */
TEST(wasi_streams_grant_no_paths)
{
    wasmrt_wasi_config *config = wasmrt_wasi_config_new();
    struct guest g;

    wasmrt_wasi_config_stream_fd(config, WASMRT_WASI_STDIN,
                                 open(".", O_RDONLY | O_DIRECTORY));
    guest_open(&g, config);
    CHECK_EQ(guest_open_path(&g, 0, "x", P1_O_CREAT, ALL, 0), -P1_NOTCAPABLE);
    CHECK_EQ(CALL(&g, "fd_readdir", 0, 100, 100, 0, 200), P1_NOTCAPABLE);
    CHECK_EQ(CALL(&g, "path_create_directory", 0, P(&g, "x")), P1_NOTCAPABLE);
    guest_close(&g);
}

/* -- Files ----------------------------------------------------------------- */

TEST(wasi_files_read_write_seek)
{
    struct guest g;
    int fd;

    guest_open(&g, guest_config());
    fd = guest_open_path(&g, 3, "f", P1_O_CREAT | P1_O_EXCL, ALL, 0);
    CHECK_EQ(fd, 4);
    CHECK_EQ(guest_open_path(&g, 3, "f", P1_O_CREAT | P1_O_EXCL, ALL, 0),
             -P1_EXIST);
    CHECK_EQ(guest_write(&g, 4, "0123456789"), 10);
    CHECK_EQ(CALL(&g, "fd_tell", fd, 100), P1_SUCCESS);
    CHECK_EQ(guest_u64(&g, 100), 10);
    CHECK_EQ(CALL(&g, "fd_seek", fd, -4, P1_WHENCE_END, 100), P1_SUCCESS);
    CHECK_EQ(guest_u64(&g, 100), 6);
    CHECK_STR_EQ(guest_read(&g, 4, 2), "67");
    CHECK_EQ(CALL(&g, "fd_seek", fd, 1, P1_WHENCE_CUR, 100), P1_SUCCESS);
    CHECK_STR_EQ(guest_read(&g, 4, 9), "9");
    CHECK_EQ(CALL(&g, "fd_seek", fd, 2, P1_WHENCE_SET, 100), P1_SUCCESS);

    /* pread and pwrite leave the position alone. */
    CHECK_EQ(CALL(&g, "fd_pread", fd, 2048, 1, 5, 600), P1_SUCCESS);
    CHECK_EQ(guest_u32(&g, 600), 5);
    CHECK_EQ(guest_put_text(&g, 9000, "AB"), 2);
    guest_put(&g, 2048, &(struct p1_iovec){9000, 2}, 8);
    CHECK_EQ(CALL(&g, "fd_pwrite", fd, 2048, 1, 4, 600), P1_SUCCESS);
    CHECK_STR_EQ(guest_read(&g, 4, 5), "23AB6");
    CHECK_EQ(CALL(&g, "fd_sync", fd), P1_SUCCESS);
    CHECK_EQ(CALL(&g, "fd_datasync", fd), P1_SUCCESS);
    CHECK_EQ(CALL(&g, "fd_advise", fd, 0, 10, 1), P1_SUCCESS);
    CHECK_EQ(CALL(&g, "fd_close", fd), P1_SUCCESS);
    CHECK_EQ(CALL(&g, "fd_close", fd), P1_BADF);
    guest_close(&g);
}

TEST(wasi_files_have_sizes_and_times)
{
    struct guest g;
    struct p1_filestat st;
    struct stat host;

    guest_open(&g, guest_config());
    CHECK_EQ(guest_open_path(&g, 3, "f", P1_O_CREAT, ALL, 0), 4);
    CHECK_EQ(CALL(&g, "fd_filestat_set_size", 4, 100), P1_SUCCESS);
    CHECK_EQ(CALL(&g, "fd_allocate", 4, 50, 100), P1_SUCCESS);
    CHECK_EQ(CALL(&g, "fd_allocate", 4, 0, 10), P1_SUCCESS); /* never shrinks */
    CHECK_EQ(CALL(&g, "fd_filestat_set_times", 4, 1000000001, 2000000002,
                  P1_FST_ATIM | P1_FST_MTIM),
             P1_SUCCESS);
    CHECK_EQ(CALL(&g, "fd_filestat_get", 4, 100), P1_SUCCESS);
    guest_get(&g, 100, &st, sizeof(st));
    CHECK_EQ(stat("box/f", &host), 0);
    CHECK_EQ(st.size, 150);
    CHECK_EQ(st.filetype, P1_FILETYPE_REGULAR_FILE);
    CHECK_EQ(st.ino, host.st_ino);
    CHECK_EQ(st.dev, host.st_dev);
    CHECK_EQ(st.nlink, 1);
    CHECK_EQ(st.atim, 1000000001);
    CHECK_EQ(st.mtim, 2000000002);
    CHECK_EQ(CALL(&g, "path_filestat_set_times", 3, 0, P(&g, "f"), 5, 7,
                  P1_FST_MTIM),
             P1_SUCCESS);
    CHECK_EQ(CALL(&g, "path_filestat_get", 3, 0, P(&g, "f"), 100), P1_SUCCESS);
    guest_get(&g, 100, &st, sizeof(st));
    CHECK_EQ(st.atim, 1000000001);
    CHECK_EQ(st.mtim, 7);
    guest_close(&g);
}

TEST(wasi_files_append_and_flags)
{
    struct guest g;
    struct p1_fdstat st;

    guest_open(&g, guest_config());
    CHECK_EQ(guest_open_path(&g, 3, "f", P1_O_CREAT, ALL, P1_FD_APPEND), 4);
    CHECK_EQ(guest_write(&g, 4, "one"), 3);
    CHECK_EQ(CALL(&g, "fd_seek", 4, 0, P1_WHENCE_SET, 100), P1_SUCCESS);
    CHECK_EQ(guest_write(&g, 4, "two"), 3);
    CHECK_EQ(CALL(&g, "fd_fdstat_get", 4, 100), P1_SUCCESS);
    guest_get(&g, 100, &st, sizeof(st));
    CHECK_EQ(st.flags, P1_FD_APPEND);
    CHECK_EQ(CALL(&g, "fd_fdstat_set_flags", 4, 0), P1_SUCCESS);
    CHECK_EQ(CALL(&g, "fd_seek", 4, 0, P1_WHENCE_SET, 100), P1_SUCCESS);
    CHECK_EQ(guest_write(&g, 4, "ONE"), 3);
    CHECK_EQ(CALL(&g, "fd_fdstat_set_flags", 4, P1_FD_NONBLOCK), P1_SUCCESS);
    CHECK_EQ(CALL(&g, "fd_fdstat_set_flags", 4, P1_FD_SYNC), P1_NOTSUP);
    CHECK_EQ(CALL(&g, "fd_seek", 4, 0, P1_WHENCE_SET, 100), P1_SUCCESS);
    CHECK_STR_EQ(guest_read(&g, 4, 20), "ONEtwo");
    CHECK_EQ(guest_open_path(&g, 3, "s", P1_O_CREAT, ALL,
                             P1_FD_SYNC | P1_FD_DSYNC | P1_FD_RSYNC),
             5);
    CHECK_EQ(guest_write(&g, 5, "x"), 1);
    CHECK_EQ(guest_open_path(&g, 3, "f", P1_O_TRUNC, ALL, 0), 6);
    CHECK_STR_EQ(guest_read(&g, 4, 20), "");
    guest_close(&g);
}

/* A transfer larger than a slice arrives whole. */
TEST(wasi_files_transfer_many_pieces)
{
    struct p1_iovec iovs[100];
    struct guest g;
    uint32_t total = 0;

    guest_open(&g, guest_config());
    CHECK_EQ(guest_open_path(&g, 3, "f", P1_O_CREAT, ALL, 0), 4);
    for (uint32_t i = 0; i < 100; i++)
        iovs[i] = (struct p1_iovec){i * 600, 600};
    guest_put(&g, 60000, iovs, sizeof(iovs));
    /* More pieces than one call takes: a short write, then the rest. */
    CHECK_EQ(CALL(&g, "fd_write", 4, 60000, 100, 64000), P1_SUCCESS);
    total = guest_u32(&g, 64000);
    CHECK_EQ(total, 64 * 600);
    CHECK_EQ(CALL(&g, "fd_write", 4, 60000 + 64 * 8, 36, 64000), P1_SUCCESS);
    CHECK_EQ(guest_u32(&g, 64000), 36 * 600);
    guest_close(&g);
}

/* -- Descriptors and rights ------------------------------------------------ */

TEST(wasi_rights_gate_what_is_done)
{
    struct guest g;
    const int64_t read_only = P1_RIGHT_FD_READ | P1_RIGHT_FD_SEEK;

    guest_open(&g, guest_config());
    CHECK_EQ(guest_open_path(&g, 3, "f", P1_O_CREAT, ALL, 0), 4);
    CHECK_EQ(guest_open_path(&g, 3, "f", 0, P1_RIGHT_FD_READ, 0), 5);
    CHECK_EQ(guest_write(&g, 5, "x"), -P1_BADF);
    CHECK_EQ(CALL(&g, "fd_seek", 5, 1, 0, 100), P1_NOTCAPABLE);
    CHECK_EQ(CALL(&g, "fd_filestat_get", 5, 100), P1_NOTCAPABLE);
    CHECK_EQ(CALL(&g, "fd_filestat_set_size", 5, 1), P1_NOTCAPABLE);
    CHECK_EQ(CALL(&g, "fd_allocate", 5, 0, 1), P1_NOTCAPABLE);
    CHECK_EQ(CALL(&g, "fd_advise", 5, 0, 1, 0), P1_NOTCAPABLE);
    CHECK_EQ(CALL(&g, "fd_sync", 5), P1_NOTCAPABLE);
    CHECK_EQ(CALL(&g, "fd_datasync", 5), P1_NOTCAPABLE);
    CHECK_EQ(CALL(&g, "fd_tell", 5, 100), P1_NOTCAPABLE);
    CHECK_EQ(CALL(&g, "fd_pread", 5, 2048, 1, 0, 600), P1_NOTCAPABLE);
    CHECK_EQ(CALL(&g, "fd_fdstat_set_flags", 5, 0), P1_NOTCAPABLE);
    CHECK_EQ(CALL(&g, "fd_filestat_set_times", 5, 0, 0, 0), P1_NOTCAPABLE);
    CHECK_EQ(CALL(&g, "path_unlink_file", 5, P(&g, "f")), P1_NOTDIR);
    CHECK_EQ(CALL(&g, "sock_shutdown", 4, 1), P1_NOTSOCK);

    /* Given up, never regained. */
    CHECK_EQ(CALL(&g, "fd_fdstat_set_rights", 4, read_only, 0), P1_SUCCESS);
    CHECK_EQ(guest_write(&g, 4, "x"), -P1_BADF);
    CHECK_EQ(
        CALL(&g, "fd_fdstat_set_rights", 4, read_only | P1_RIGHT_FD_WRITE, 0),
        P1_NOTCAPABLE);
    CHECK_EQ(CALL(&g, "fd_fdstat_set_rights", 4, read_only, P1_RIGHT_FD_READ),
             P1_NOTCAPABLE);
    CHECK_EQ(CALL(&g, "fd_fdstat_set_rights", 4, (int64_t)1 << 40, 0),
             P1_NOTCAPABLE);
    guest_close(&g);
}

/* A directory hands out what it may, and what it gave up it cannot do. */
TEST(wasi_rights_of_directories_bound_what_is_opened)
{
    static const struct {
        const char *name;
        int64_t right;
    } calls[] = {
        {"path_create_directory", P1_RIGHT_PATH_CREATE_DIRECTORY},
        {"path_remove_directory", P1_RIGHT_PATH_REMOVE_DIRECTORY},
        {"path_unlink_file", P1_RIGHT_PATH_UNLINK_FILE},
    };
    struct guest g;
    int64_t base;
    uint32_t len;

    guest_open(&g, guest_config());
    CHECK_EQ(guest_open_path(&g, 3, ".", P1_O_DIRECTORY, ALL & ~64, 0), 4);
    CHECK_EQ(CALL(&g, "fd_fdstat_get", 4, 100), P1_SUCCESS);
    base = (int64_t)guest_u64(&g, 108);
    CHECK_EQ(CALL(&g, "fd_fdstat_set_rights", 4, base, P1_RIGHT_FD_READ),
             P1_SUCCESS);
    CHECK_EQ(guest_open_path(&g, 4, "f", P1_O_CREAT, P1_RIGHT_FD_WRITE, 0),
             -P1_NOTCAPABLE);
    CHECK_EQ(guest_open_path(&g, 4, "f", P1_O_CREAT, P1_RIGHT_FD_READ, 0), 5);
    len = guest_path(&g, "f");
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        base &= ~calls[i].right;
        CHECK_EQ(CALL(&g, "fd_fdstat_set_rights", 4, base, 0), P1_SUCCESS);
        CHECK_EQ(CALL(&g, calls[i].name, 4, 1024, len), P1_NOTCAPABLE);
    }
    base &=
        ~(int64_t)(P1_RIGHT_PATH_CREATE_FILE | P1_RIGHT_PATH_FILESTAT_SET_SIZE);
    CHECK_EQ(CALL(&g, "fd_fdstat_set_rights", 4, base, 0), P1_SUCCESS);
    CHECK_EQ(guest_open_path(&g, 4, "n", P1_O_CREAT, 0, 0), -P1_NOTCAPABLE);
    CHECK_EQ(guest_open_path(&g, 4, "f", P1_O_TRUNC, 0, 0), -P1_NOTCAPABLE);
    CHECK_EQ(guest_open_path(&g, 4, "f", 0, 0, 0), 6);
    CHECK_EQ(CALL(&g, "fd_fdstat_set_rights", 4, 0, 0), P1_SUCCESS);
    CHECK_EQ(guest_open_path(&g, 4, "f", 0, 0, 0), -P1_NOTCAPABLE);
    CHECK_EQ(CALL(&g, "path_filestat_get", 4, 0, 1024, 1, 100), P1_NOTCAPABLE);
    CHECK_EQ(CALL(&g, "path_readlink", 4, 1024, 1, 100, 9, 200), P1_NOTCAPABLE);
    CHECK_EQ(CALL(&g, "path_symlink", 1024, 1, 4, 1024, 1), P1_NOTCAPABLE);
    CHECK_EQ(CALL(&g, "path_rename", 4, 1024, 1, 3, 1024, 1), P1_NOTCAPABLE);
    CHECK_EQ(CALL(&g, "path_rename", 3, 1024, 1, 4, 1024, 1), P1_NOTCAPABLE);
    CHECK_EQ(CALL(&g, "path_link", 3, 0, 1024, 1, 4, 1024, 1), P1_NOTCAPABLE);
    CHECK_EQ(CALL(&g, "path_link", 4, 0, 1024, 1, 3, 1024, 1), P1_NOTCAPABLE);
    CHECK_EQ(CALL(&g, "fd_readdir", 4, 100, 100, 0, 200), P1_NOTCAPABLE);
    guest_close(&g);
}

TEST(wasi_descriptors_renumber)
{
    struct guest g;

    guest_open(&g, guest_config());
    CHECK_EQ(guest_open_path(&g, 3, "f", P1_O_CREAT, ALL, 0), 4);
    CHECK_EQ(guest_open_path(&g, 3, "g", P1_O_CREAT, ALL, 0), 5);
    CHECK_EQ(guest_write(&g, 5, "gee"), 3);
    CHECK_EQ(CALL(&g, "fd_renumber", 5, 9), P1_BADF);
    CHECK_EQ(CALL(&g, "fd_renumber", 5, 4), P1_SUCCESS);
    CHECK_EQ(CALL(&g, "fd_close", 5), P1_BADF);
    CHECK_EQ(CALL(&g, "fd_tell", 4, 100), P1_SUCCESS);
    CHECK_EQ(guest_u64(&g, 100), 3);
    /* The preopen, too; then it is one no more. */
    CHECK_EQ(CALL(&g, "fd_prestat_get", 3, 100), P1_SUCCESS);
    CHECK_EQ(CALL(&g, "fd_renumber", 4, 3), P1_SUCCESS);
    CHECK_EQ(CALL(&g, "fd_prestat_get", 3, 100), P1_BADF);
    CHECK_EQ(CALL(&g, "fd_prestat_dir_name", 3, 100, 9), P1_BADF);
    guest_close(&g);
}

TEST(wasi_descriptors_are_limited)
{
    wasmrt_wasi_config *config = guest_config();
    struct guest g;

    wasmrt_wasi_config_max_fds(config, 5);
    guest_open(&g, config);
    CHECK_EQ(guest_open_path(&g, 3, "f", P1_O_CREAT, ALL, 0), 4);
    CHECK_EQ(guest_open_path(&g, 3, "f", 0, ALL, 0), -P1_MFILE);
    CHECK_EQ(CALL(&g, "fd_close", 0), P1_SUCCESS);
    CHECK_EQ(guest_open_path(&g, 3, "f", 0, ALL, 0), 0);
    guest_close(&g);
}

/* -- Grants ---------------------------------------------------------------- */

TEST(wasi_grants_for_reading_only)
{
    wasmrt_wasi_config *config = guest_config();
    struct guest g;
    uint32_t len;

    CHECK_EQ(mkdir("ro", 0700), 0);
    CHECK_EQ(mkdir("ro/d", 0700), 0);
    close(open("ro/f", O_CREAT | O_WRONLY, 0600));
    wasmrt_wasi_config_preopen(config, "ro", "/ro", WASMRT_WASI_READ_ONLY);
    guest_open(&g, config);
    CHECK_EQ(guest_open_path(&g, 4, "f", 0, P1_RIGHT_FD_READ, 0), 5);
    CHECK_EQ(guest_open_path(&g, 4, "f", 0, ALL & ~P1_RIGHT_FD_WRITE, 0), 6);
    CHECK_EQ(CALL(&g, "fd_filestat_set_size", 6, 0), P1_ROFS);
    CHECK_EQ(CALL(&g, "fd_filestat_set_times", 6, 0, 0, 5), P1_ROFS);
    CHECK_EQ(guest_write(&g, 6, "x"), -P1_ROFS);
    CHECK_EQ(guest_open_path(&g, 4, "f", 0, P1_RIGHT_FD_WRITE, 0), -P1_ROFS);
    CHECK_EQ(guest_open_path(&g, 4, "n", P1_O_CREAT, 0, 0), -P1_ROFS);
    CHECK_EQ(guest_open_path(&g, 4, "f", P1_O_TRUNC, 0, 0), -P1_ROFS);
    len = guest_path(&g, "f");
    CHECK_EQ(CALL(&g, "path_unlink_file", 4, 1024, len), P1_ROFS);
    CHECK_EQ(CALL(&g, "path_create_directory", 4, 1024, len), P1_ROFS);
    CHECK_EQ(CALL(&g, "path_remove_directory", 4, 1024, len), P1_ROFS);
    CHECK_EQ(CALL(&g, "path_symlink", 1024, len, 4, 1024, len), P1_ROFS);
    CHECK_EQ(CALL(&g, "path_filestat_set_times", 4, 0, 1024, len, 0, 0, 5),
             P1_ROFS);
    /* Neither moved out, nor linked to where it could be written. */
    CHECK_EQ(CALL(&g, "path_rename", 4, 1024, len, 3, 1024, len), P1_ROFS);
    CHECK_EQ(CALL(&g, "path_rename", 3, 1024, len, 4, 1024, len), P1_ROFS);
    CHECK_EQ(CALL(&g, "path_link", 4, 0, 1024, len, 3, 1024, len), P1_ROFS);
    CHECK_EQ(CALL(&g, "path_link", 3, 0, 1024, len, 4, 1024, len), P1_ROFS);
    /* And so below it. */
    CHECK_EQ(guest_open_path(&g, 4, "d", P1_O_DIRECTORY,
                             ALL & ~P1_RIGHT_FD_WRITE, 0),
             7);
    CHECK_EQ(guest_open_path(&g, 7, "n", P1_O_CREAT, 0, 0), -P1_ROFS);
    CHECK_EQ(CALL(&g, "path_create_directory", 7, 1024, len), P1_ROFS);
    guest_close(&g);
}

TEST(wasi_grants_of_a_single_file)
{
    wasmrt_wasi_config *config = wasmrt_wasi_config_new();
    struct guest g;
    struct p1_filestat st;
    uint32_t len;

    close(open("one", O_CREAT | O_WRONLY, 0600));
    close(open("two", O_CREAT | O_WRONLY, 0600));
    wasmrt_wasi_config_preopen(config, "one", "/one", WASMRT_WASI_READ_WRITE);
    guest_open(&g, config);
    CHECK_EQ(CALL(&g, "fd_prestat_get", 3, 100), P1_SUCCESS);
    CHECK_EQ(guest_u32(&g, 104), 4);
    CHECK_EQ(guest_open_path(&g, 3, ".", P1_O_CREAT | P1_O_EXCL, ALL, 0),
             -P1_EXIST);
    CHECK_EQ(guest_open_path(&g, 3, ".", P1_O_CREAT | P1_O_TRUNC, ALL, 0), 4);
    CHECK_EQ(guest_write(&g, 4, "hi"), 2);
    CHECK_EQ(CALL(&g, "fd_filestat_get", 3, 100), P1_SUCCESS);
    guest_get(&g, 100, &st, sizeof(st));
    CHECK_EQ(st.size, 2);
    CHECK_EQ(guest_open_path(&g, 3, "two", 0, ALL, 0), -P1_NOTDIR);
    CHECK_EQ(guest_open_path(&g, 3, "../two", 0, ALL, 0), -P1_NOTDIR);
    len = guest_path(&g, ".");
    CHECK_EQ(CALL(&g, "path_filestat_get", 3, 0, 1024, len, 100), P1_SUCCESS);
    CHECK_EQ(CALL(&g, "path_unlink_file", 3, 1024, len), P1_NOTCAPABLE);
    CHECK_EQ(CALL(&g, "path_rename", 3, 1024, len, 3, 1024, len),
             P1_NOTCAPABLE);
    CHECK_EQ(CALL(&g, "fd_readdir", 3, 100, 100, 0, 200), P1_NOTCAPABLE);
    guest_close(&g);
}

/* The file system of processes leads into this one: nothing there is opened,
 * whatever was granted. */
TEST(wasi_grants_never_open_proc)
{
    wasmrt_wasi_config *config = wasmrt_wasi_config_new();
    struct guest g;

    if (access("/proc/self/mem", F_OK) != 0)
        SKIP("no /proc");
    wasmrt_wasi_config_preopen(config, "/", "/", WASMRT_WASI_READ_WRITE);
    guest_open(&g, config);
    CHECK_EQ(guest_open_path(&g, 3, "proc/self/mem", 0, ALL, 0),
             -P1_NOTCAPABLE);
    CHECK_EQ(guest_open_path(&g, 3, "proc/self/environ", 0, 2, 0),
             -P1_NOTCAPABLE);
    CHECK_EQ(guest_open_path(&g, 3, "proc/self", P1_O_DIRECTORY, 2, 0),
             -P1_NOTCAPABLE);
    guest_close(&g);
}

TEST(wasi_grants_that_cannot_be_made)
{
    static const char *const addresses[] = {"nonsense", "1.2.3.4", ":80",
                                            "127.0.0.1:99999", "::1:80"};
    wasmrt_wasi_config *config;
    wasmrt_engine *engine;
    wasmrt_store *store;
    wasmrt_error *error;

    CHECK(wasmrt_engine_new(NULL, &engine) == NULL);
    CHECK(wasmrt_store_new(engine, &store) == NULL);
    for (int i = 0; i < 7; i++) {
        config = wasmrt_wasi_config_new();
        if (i < 5)
            wasmrt_wasi_config_listen(config, addresses[i]);
        else if (i == 5)
            wasmrt_wasi_config_preopen(config, "nosuch", "/",
                                       WASMRT_WASI_READ_WRITE);
        else
            wasmrt_wasi_config_listen_fd(config, 0);
        error = wasmrt_store_set_wasi(store, config);
        CHECK(error != NULL);
        CHECK_EQ(wasmrt_error_kind(error), WASMRT_KIND_IO);
        if (i == 5)
            CHECK_STR_HAS(wasmrt_error_message(error), "nosuch");
        wasmrt_error_delete(error);
        wasmrt_wasi_config_delete(config);
    }
    wasmrt_store_delete(store);
    wasmrt_engine_delete(engine);
}

/* -- Ends ------------------------------------------------------------------ */

TEST(wasi_exit_and_raise)
{
    struct guest g;

    guest_open(&g, wasmrt_wasi_config_new());
    CHECK_EQ(CALL(&g, "proc_exit", 33), GUEST_TRAP);
    CHECK_EQ(wasmrt_error_kind(g.error), WASMRT_KIND_EXIT);
    CHECK_EQ(wasmrt_error_exit_status(g.error), 33);
    CHECK_EQ(CALL(&g, "proc_raise", 6), P1_NOTSUP);
    guest_close(&g);
}
