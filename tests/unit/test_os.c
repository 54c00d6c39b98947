/*
 * The operating system layer: mappings that may and may not be touched, files,
 * the lock.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "runtime/base/os.h"

#include "tests/lib/heap.h"
#include "tests/lib/test.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* Whether a byte can be written, found out by a child. */
static bool can_write(unsigned char *p)
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        signal(SIGSEGV, SIG_DFL); /* a sanitizer would report */
        *(volatile unsigned char *)p = 1;
        _exit(0);
    }
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(os_code_is_written_by_nobody_else)
{
    struct wrt_os_code code, other;
    uint8_t bytes[5000];
    int status;
    pid_t pid;

    CHECK(wrt_os_code_map(&code, 100, 10000));
    CHECK(wrt_os_code_map(&other, 1, 1));
    CHECK(can_write(code.base));
    CHECK(!can_write(code.base + code.data_bytes));
    memset(bytes, 7, sizeof(bytes));
    /* Ends and begins in the middle of pages; the rest stays zero. */
    CHECK(wrt_os_code_write(&code, 100, bytes, sizeof(bytes)));
    CHECK_EQ(code.base[code.data_bytes + 99], 0);
    CHECK_EQ(memcmp(code.base + code.data_bytes + 100, bytes, sizeof(bytes)),
             0);
    CHECK_EQ(code.base[code.data_bytes + 5100], 0);
    CHECK(wrt_os_code_write(&other, 0, "x", 1));
    CHECK_EQ(other.base[other.data_bytes], 'x');
    CHECK_EQ(code.base[code.data_bytes], 0);
    /* Up to the end and not beyond. */
    CHECK(wrt_os_code_write(&code, code.code_bytes - 1, bytes, 1));
    CHECK(!wrt_os_code_write(&code, code.code_bytes - 1, bytes, 2));
    CHECK(!wrt_os_code_write(&code, code.code_bytes + 1, bytes, 1));
    /* A child must not change what its parent runs. */
    pid = fork();
    if (pid == 0)
        _exit(wrt_os_code_write(&code, 0, bytes, 1));
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK_EQ(code.base[code.data_bytes], 0);
    wrt_os_code_unmap(&code);
    wrt_os_code_unmap(&code);
    wrt_os_code_unmap(&other);
}

/* The rights of the mapping that an address lies in, or "". */
static void find_rights(const void *at, char rights[8])
{
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[512];
    void *start, *end;

    if (!maps)
        SKIP("no /proc");
    while (fgets(line, sizeof(line), maps)) {
        CHECK_EQ(sscanf(line, "%p-%p %7s", &start, &end, rights), 3);
        if ((uintptr_t)at >= (uintptr_t)start && (uintptr_t)at < (uintptr_t)end)
            break;
        rights[0] = '\0';
    }
    fclose(maps);
}

static void check_rights(const void *at, const char *want)
{
    char rights[8];

    find_rights(at, rights);
    CHECK_STR_EQ(rights, want);
}

TEST(os_code_parts_are_writable_or_executable)
{
    enum { MEGA = 1 << 20 };
    struct wrt_os_code code;
    struct wrt_os_code_part part;
    size_t used = 0;

    CHECK(wrt_os_code_map(&code, 1, 8 * MEGA));
    CHECK(wrt_os_code_write(&code, 0, "first", 5));
    wrt_os_code_open(&code, 5, MEGA - 1, &part);
    CHECK_EQ(part.start, part.end); /* too little */
    wrt_os_code_open(&code, 5, 8 * MEGA, &part);
    CHECK_EQ(part.start, part.end); /* too much */
    CHECK(wrt_os_code_close(&code, &part, &used));
    wrt_os_code_open(&code, 5, 3 * MEGA, &part);
    CHECK(part.start >= 5);
    CHECK_EQ(part.end - part.start, 4 * MEGA);
    CHECK(part.memory == code.base + code.data_bytes + part.start);
    check_rights(part.memory, "rw-p");
    memset(part.memory, 7, MEGA + 10);
    used = part.start + MEGA + 10;
    CHECK(wrt_os_code_close(&code, &part, &used));
    CHECK(used > part.start + MEGA + 10 && used < part.end);
    check_rights(part.memory, "r-xp");
    CHECK_EQ(part.memory[MEGA + 9], 7);
    check_rights(code.base + code.data_bytes, "r-xs");
    check_rights(code.base + code.data_bytes + used, "r-xs");
    check_rights(part.memory + (part.end - part.start) - 1, "r-xs");
    CHECK(wrt_os_code_write(&code, used, "next", 4));
    CHECK_EQ(memcmp(code.base + code.data_bytes + used, "next", 4), 0);
    CHECK_EQ(memcmp(code.base + code.data_bytes, "first", 5), 0);
    wrt_os_code_unmap(&code);
}

/* What a child of fork() sees, when its parent has gone on. */
static bool child_is_fine(const struct wrt_os_code *old, const uint8_t *bytes,
                          size_t len)
{
    struct wrt_os_code own;

    return memcmp(old->base + old->data_bytes, bytes, len) == 0 &&
           !wrt_os_code_write(old, 0, "z", 1) &&
           wrt_os_code_map(&own, 1, 10000) &&
           wrt_os_code_write(&own, 0, "own", 3) &&
           memcmp(own.base + own.data_bytes, "own", 3) == 0 &&
           memcmp(old->base + old->data_bytes, bytes, len) == 0;
}

TEST(os_code_stays_what_it_is_in_a_child)
{
    struct wrt_os_code code, next;
    uint8_t bytes[5000];
    int status, go[2];
    pid_t pid;

    memset(bytes, 7, sizeof(bytes));
    CHECK(wrt_os_code_map(&code, 1, 10000));
    CHECK(wrt_os_code_write(&code, 0, bytes, sizeof(bytes)));
    CHECK_EQ(pipe(go), 0);
    pid = fork();
    if (pid == 0) {
        char byte;

        close(go[1]);
        _exit(read(go[0], &byte, 1) != 0 ||
              !child_is_fine(&code, bytes, sizeof(bytes)));
    }
    /* Lets go of what the child may be running, and makes more. */
    wrt_os_code_unmap(&code);
    CHECK(wrt_os_code_map(&next, 1, 10000));
    CHECK(wrt_os_code_write(&next, 0, "next", 4));
    CHECK_EQ(memcmp(next.base + next.data_bytes, "next", 4), 0);
    close(go[1]);
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    wrt_os_code_unmap(&next);
}

/* Files of code that are open. */
static int count_files(void)
{
    char path[64], name[64];
    int count = 0;

    for (int fd = 0; fd < 256; fd++) {
        ssize_t len;

        snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        len = readlink(path, name, sizeof(name) - 1);
        name[WRT_MAX(len, 0)] = '\0';
        count += strstr(name, "wasmrt-code") != NULL;
    }
    return count;
}

/* More forks than there may be files; all of them are closed in the end. */
TEST(os_code_is_let_go_after_forks)
{
    enum { FORKS = 40 };
    struct wrt_os_code ranges[FORKS];
    int status;
    pid_t pid;

    for (int i = 0; i < FORKS; i++) {
        CHECK(wrt_os_code_map(&ranges[i], 1, 1));
        CHECK(wrt_os_code_write(&ranges[i], 0, &i, sizeof(i)));
        pid = fork();
        if (pid == 0)
            _exit(count_files());
        CHECK_EQ(waitpid(pid, &status, 0), pid);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    CHECK(count_files() > 1 && count_files() <= 16);
    for (int i = 0; i < FORKS; i++) {
        CHECK_EQ(memcmp(ranges[i].base + ranges[i].data_bytes, &i, sizeof(i)),
                 0);
        wrt_os_code_unmap(&ranges[i]);
    }
    CHECK(count_files() <= 1);
}

TEST(os_reservation_is_touchable_only_where_committed)
{
    size_t page = wrt_os_page_size(), size = page * 64;
    unsigned char *p = wrt_os_reserve(size);

    CHECK(p != NULL);
    CHECK(!can_write(p));
    CHECK(wrt_os_commit(p + page, page));
    CHECK(!can_write(p));
    CHECK(can_write(p + page));
    CHECK(can_write(p + 2 * page - 1));
    CHECK(!can_write(p + 2 * page));
    p[page] = 42;
    CHECK(wrt_os_discard(p + page, page));
    CHECK_EQ(p[page], 0);
    p[page] = 43;
    CHECK(wrt_os_decommit(p + page, page));
    CHECK(!can_write(p + page));
    CHECK(wrt_os_commit(p + page, page));
    CHECK_EQ(p[page], 0);
    wrt_os_release(p, size);
    CHECK(!can_write(p + page));
}

TEST(os_reserve_refuses_the_impossible)
{
    CHECK(wrt_os_reserve((size_t)1 << 60) == NULL);
}

TEST(os_monotonic_clock_moves_forward)
{
    uint64_t before = wrt_os_monotonic_ns();

    usleep(2000);
    CHECK(wrt_os_monotonic_ns() >= before + 1000000);
}

static struct wrt_mutex mutex;
static long total;

static void *add_many(void *arg)
{
    (void)arg;
    for (int i = 0; i < 20000; i++) {
        wrt_mutex_lock(&mutex);
        total++;
        wrt_mutex_unlock(&mutex);
    }
    return NULL;
}

TEST(hammer_os_mutex_excludes)
{
    pthread_t threads[4];

    for (int i = 0; i < 4; i++)
        CHECK_EQ(pthread_create(&threads[i], NULL, add_many, NULL), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    CHECK_EQ(total, 80000);
}

static void write_file(const char *path, size_t len)
{
    FILE *f = fopen(path, "w");

    CHECK(f != NULL);
    for (size_t i = 0; i < len; i++)
        fputc((int)(i % 251), f);
    fclose(f);
}

TEST(os_read_file_gives_the_whole_file)
{
    static const size_t sizes[] = {0, 1, 4096, 65536, 200001};

    for (size_t i = 0; i < WRT_COUNTOF(sizes); i++) {
        struct test_heap heap;
        uint8_t *bytes;
        size_t len;

        test_heap_init(&heap, -1);
        write_file("file", sizes[i]);
        CHECK_STR_EQ(
            wrt_os_read_file("file", &heap.alloc, SIZE_MAX, &bytes, &len),
            NULL);
        CHECK_EQ(len, sizes[i]);
        for (size_t k = 0; k < len; k++)
            CHECK_EQ(bytes[k], k % 251);
        wrt_free(&heap.alloc, bytes, len);
        CHECK_EQ(heap.live_bytes, 0);
    }
}

TEST(os_read_file_says_why_not)
{
    struct test_heap heap;
    uint8_t *bytes;
    size_t len;

    test_heap_init(&heap, -1);
    CHECK(wrt_os_read_file("none", &heap.alloc, 100, &bytes, &len) != NULL);
    CHECK(wrt_os_read_file("/", &heap.alloc, 100, &bytes, &len) != NULL);
    write_file("file", 100);
    CHECK(wrt_os_read_file("file", &heap.alloc, 100, &bytes, &len) == NULL);
    wrt_free(&heap.alloc, bytes, len);
    write_file("file", 101);
    CHECK(wrt_os_read_file("file", &heap.alloc, 100, &bytes, &len) != NULL);
    CHECK_EQ(heap.live_bytes, 0);
}

TEST(os_read_file_survives_every_allocation_failure)
{
    struct test_heap heap;
    long n = 0;

    write_file("file", 300000);
    do {
        uint8_t *bytes;
        size_t len;
        const char *why;

        test_heap_init(&heap, n++);
        why = wrt_os_read_file("file", &heap.alloc, SIZE_MAX, &bytes, &len);
        CHECK_EQ(why != NULL, heap.fired);
        if (!why)
            wrt_free(&heap.alloc, bytes, len);
        CHECK_EQ(heap.live_bytes, 0);
    } while (heap.fired);
    CHECK(n > 1);
}
