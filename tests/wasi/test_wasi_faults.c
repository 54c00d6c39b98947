/*
 * WASI where the host fails it: memory runs out, system calls are denied.
 *
 * The suite is linked so that allocations come here; the allocation with a
 * chosen number fails, for every number in turn until a whole scenario needs no
 * more.  A leak check at the end of each test is up to the sanitizer.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "tests/lib/test.h"
#include "tests/wasi/guest.h"

#include "wasi/os.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ALL P1_RIGHTS_ALL

/* -- Allocation failures --------------------------------------------------- */

static struct {
    bool is_armed;
    bool has_fired;
    long left; /* allocations that still succeed */
} fault;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *ptr, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *ptr, size_t size);

static bool fails(void)
{
    if (!fault.is_armed || fault.left-- != 0)
        return false;
    fault.has_fired = true;
    errno = ENOMEM;
    return true;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *ptr, size_t size)
{
    return fails() ? NULL : __real_realloc(ptr, size);
}

static void arm(long n)
{
    fault.is_armed = true;
    fault.has_fired = false;
    fault.left = n;
}

static wasmrt_wasi_config *full_config(void)
{
    wasmrt_wasi_config *config = wasmrt_wasi_config_new();

    if (!config)
        return NULL;
    wasmrt_wasi_config_arg(config, "prog");
    wasmrt_wasi_config_arg(config, "arg");
    wasmrt_wasi_config_env(config, "A", "1");
    wasmrt_wasi_config_env(config, "A", "2");
    wasmrt_wasi_config_stdin_bytes(config, "in", 2);
    wasmrt_wasi_config_capture(config, WASMRT_WASI_STDOUT, 1000);
    wasmrt_wasi_config_inherit(config, WASMRT_WASI_STDERR);
    wasmrt_wasi_config_preopen(config, "box", "/", WASMRT_WASI_READ_WRITE);
    wasmrt_wasi_config_preopen(config, "one", "/one", WASMRT_WASI_READ_ONLY);
    wasmrt_wasi_config_listen(config, "127.0.0.1:0");
    return config;
}

TEST(wasi_state_survives_every_allocation_failure)
{
    wasmrt_engine *engine;
    wasmrt_store *store;
    long n = 0;

    mkdir("box", 0700);
    close(open("one", O_CREAT | O_WRONLY, 0600));
    CHECK(!wasmrt_engine_new(NULL, &engine));
    do {
        wasmrt_wasi_config *config;
        wasmrt_error *error = NULL;

        CHECK(!wasmrt_store_new(engine, &store));
        arm(n++);
        config = full_config();
        if (config)
            error = wasmrt_store_set_wasi(store, config);
        fault.is_armed = false;
        CHECK_EQ(fault.has_fired, !config || error);
        if (error)
            CHECK_EQ(wasmrt_error_kind(error), WASMRT_KIND_OOM);
        wasmrt_error_delete(error);
        wasmrt_wasi_config_delete(config);
        wasmrt_store_delete(store);
    } while (fault.has_fired);
    printf("%ld allocations failed\n", n - 1);
    CHECK(n > 20);
    wasmrt_engine_delete(engine);
}

/* One call with allocation n failing: NOMEM, and nothing else changed. */
static bool call_with_fault(struct guest *g, long n, const char *name,
                            const int64_t *args)
{
    int result;

    arm(n);
    result = guest_call(g, name, args);
    fault.is_armed = false;
    if (result == GUEST_TRAP)
        CHECK_EQ(wasmrt_error_kind(g->error), WASMRT_KIND_OOM);
    else
        CHECK_EQ(result, fault.has_fired ? P1_NOMEM : P1_SUCCESS);
    return fault.has_fired;
}

TEST(wasi_calls_survive_every_allocation_failure)
{
    /* Enough descriptors for the table and the wait to grow. */
    static struct p1_subscription subs[20];
    static const int64_t readdir_args[] = {3, 20000, 4000, 0, 600};
    static const int64_t poll_args[] = {4096, 8192, 20, 600};
    static const int64_t write_args[] = {1, 2048, 1, 600};
    static const char *const names[] = {"path_open", "fd_readdir",
                                        "poll_oneoff", "fd_write"};
    const int64_t *const args[] = {
        (const int64_t[]){3, 0, 1024, 4, P1_O_CREAT, ALL, 0, 0, 600},
        readdir_args, poll_args, write_args};
    struct guest g;
    wasmrt_wasi_config *config = guest_config();
    long total = 0;
    int pipes[2];

    CHECK_EQ(pipe(pipes), 0);
    wasmrt_wasi_config_capture(config, WASMRT_WASI_STDOUT, 100000);
    wasmrt_wasi_config_stream_fd(config, WASMRT_WASI_STDERR, pipes[1]);
    guest_open(&g, config);
    /* The first call of all finds out about the thread, and the first of each
     * function compiles it and makes later ones faster; both cope. */
    CHECK_EQ(guest_call(&g, "sched_yield", NULL), P1_SUCCESS);
    for (int i = 0; i < 4; i++)
        CHECK(guest_call(&g, names[i], (const int64_t[9]){0}) != GUEST_TRAP);
    guest_put_text(&g, 1024, "file");
    guest_put(&g, 2048, &(struct p1_iovec){9000, 5000}, 8);
    for (int i = 0; i < 20; i++)
        subs[i] =
            (struct p1_subscription){.tag = P1_EVENT_FD_WRITE, .of.fd = 2};
    guest_put(&g, 4096, subs, sizeof(subs));
    for (int round = 0; round < 15; round++) {
        for (int i = 0; i < 4; i++) {
            long n = 0;

            while (call_with_fault(&g, n, names[i], args[i]))
                n++;
            total += n;
        }
    }
    printf("%ld allocations failed\n", total);
    CHECK(total > 60);
    guest_close(&g);
}

/* -- Denied system calls --------------------------------------------------- */

/* Makes a system call fail with an error, from here on, in this process. */
static bool deny(int number, int error)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)number, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof(filter) / sizeof(filter[0]), filter};

    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/* Containers deny openat2 with EPERM, old kernels with ENOSYS: everything works
 * the same without it. */
static void work_without_openat2(int error)
{
    struct guest g;

    if (!deny(SYS_openat2, error))
        SKIP("may not filter system calls");
    CHECK(!p1_os_can_open_beneath());
    guest_open(&g, guest_config());
    CHECK_EQ(symlink("../secret", "box/out"), 0);
    CHECK_EQ(CALL(&g, "path_create_directory", 3, P(&g, "d")), P1_SUCCESS);
    CHECK_EQ(guest_open_path(&g, 3, "d/../d/f", P1_O_CREAT, ALL, 0), 4);
    CHECK_EQ(guest_open_path(&g, 3, "d/f", 0, ALL, 0), 5);
    CHECK_EQ(guest_open_path(&g, 3, "../secret", P1_O_CREAT, ALL, 0),
             -P1_NOTCAPABLE);
    CHECK_EQ(guest_open_path(&g, 3, "out", P1_O_CREAT, ALL, 0), -P1_NOTCAPABLE);
    CHECK_EQ(guest_open_path(&g, 3, "d/../../secret", 0, ALL, 0),
             -P1_NOTCAPABLE);
    CHECK_EQ(CALL(&g, "path_unlink_file", 3, P(&g, "d/f")), P1_SUCCESS);
    CHECK_EQ(CALL(&g, "path_remove_directory", 3, P(&g, "d")), P1_SUCCESS);
    CHECK_EQ(access("secret", F_OK), -1);
    guest_close(&g);
}

TEST(wasi_works_where_openat2_is_denied)
{
    work_without_openat2(EPERM);
}

TEST(wasi_works_where_openat2_is_missing)
{
    work_without_openat2(ENOSYS);
}

/* A kernel that cannot try without waiting: the calls ask first. */
TEST(wasi_works_where_nowait_is_missing)
{
    wasmrt_wasi_config *config = guest_config();
    int in[2], out[2];
    struct guest g;

    if (!deny(SYS_preadv2, EOPNOTSUPP) || !deny(SYS_pwritev2, EOPNOTSUPP))
        SKIP("may not filter system calls");
    CHECK(pipe(in) == 0 && pipe(out) == 0);
    wasmrt_wasi_config_stream_fd(config, WASMRT_WASI_STDIN, in[0]);
    wasmrt_wasi_config_stream_fd(config, WASMRT_WASI_STDOUT, out[1]);
    guest_open(&g, config);
    guest_put(&g, 2048, &(struct p1_iovec){9000, 3}, 8);
    CHECK_EQ(CALL(&g, "fd_fdstat_set_flags", 0, P1_FD_NONBLOCK), P1_SUCCESS);
    CHECK_EQ(CALL(&g, "fd_read", 0, 2048, 1, 600), P1_AGAIN);
    CHECK_EQ(write(in[1], "abc", 3), 3);
    CHECK_EQ(CALL(&g, "fd_read", 0, 2048, 1, 600), P1_SUCCESS);
    CHECK_EQ(guest_u32(&g, 600), 3);
    CHECK_EQ(CALL(&g, "fd_fdstat_set_flags", 0, 0), P1_SUCCESS);
    CHECK_EQ(write(in[1], "abc", 3), 3);
    CHECK_EQ(CALL(&g, "fd_read", 0, 2048, 1, 600), P1_SUCCESS);
    CHECK_EQ(CALL(&g, "fd_write", 1, 2048, 1, 600), P1_SUCCESS);
    CHECK_EQ(guest_u32(&g, 600), 3);
    /* Nothing to read: only an end of time ends it. */
    wasmrt_store_interrupt(g.store);
    CHECK_EQ(CALL(&g, "fd_read", 0, 2048, 1, 600), GUEST_TRAP);
    guest_close(&g);
}
