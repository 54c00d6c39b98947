/*
 * What a C program with threads does, without a C library that knows them:
 * threads.wasm spawns, joins, locks, and ends in several ways.
 *
 * Debian's C library for WASI is built for one thread, so nothing here calls it
 * from a second one but what is a plain system call.  Every thread has a stack
 * of its own; its address is the first word of what it is given.
 *
 * wasm-flags: -matomics -mbulk-memory
 * wasm-ldflags: -Wl,--shared-memory,--import-memory
 * wasm-ldflags: -Wl,--max-memory=67108864,--no-check-features
 */
#include <poll.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wasi/api.h>

enum { STACK_BYTES = 16384, MAX = 64 };

struct thread {
    char *stack_top; /* read by the start below */
    void (*run)(struct thread *self);
    int number;
    int id;      /* as the host counts */
    int seen_id; /* as the thread was told */
    _Atomic int is_done;
    char stack[STACK_BYTES] __attribute__((aligned(16)));
};

int32_t spawn(struct thread *thread)
    __attribute__((import_module("wasi"), import_name("thread-spawn")));

__asm__(".globaltype __stack_pointer, i32\n"
        ".functype thread_main (i32, i32) -> ()\n"
        ".section .text.wasi_thread_start,\"\",@\n"
        ".globl wasi_thread_start\n"
        ".type wasi_thread_start,@function\n"
        ".export_name wasi_thread_start, wasi_thread_start\n"
        "wasi_thread_start:\n"
        ".functype wasi_thread_start (i32, i32) -> ()\n"
        "local.get 1\n"
        "i32.load 0\n"
        "global.set __stack_pointer\n"
        "local.get 0\n"
        "local.get 1\n"
        "call thread_main\n"
        "end_function\n");
/* Keeps the object's function above alive. */
void wasi_thread_start(int id, struct thread *thread);

static void wait_while(_Atomic int *word, int value)
{
    while (atomic_load(word) == value)
        __builtin_wasm_memory_atomic_wait32((int *)word, value, -1);
}

static void wake(_Atomic int *word)
{
    __builtin_wasm_memory_atomic_notify((int *)word, UINT32_MAX);
}

void thread_main(int id, struct thread *self)
{
    self->seen_id = id;
    self->run(self);
    atomic_store(&self->is_done, 1);
    wake(&self->is_done);
}

static struct thread threads[MAX];

/* Below zero: refused. */
static int start(int n, void (*run)(struct thread *))
{
    struct thread *t = &threads[n];

    memset(t, 0, sizeof(*t));
    t->stack_top = t->stack + STACK_BYTES;
    t->run = run;
    t->number = n;
    t->id = spawn(t);
    return t->id;
}

static void must_start(int n, void (*run)(struct thread *))
{
    int id = start(n, run);

    if (id <= 0 || id >= 1 << 29) {
        printf("spawn gave %d\n", id);
        exit(2);
    }
}

static void join(int n)
{
    wait_while(&threads[n].is_done, 0);
}

static void say(const char *text)
{
    __wasi_ciovec_t part = {(const uint8_t *)text, strlen(text)};
    __wasi_size_t written;

    (void)!__wasi_fd_write(1, &part, 1, &written);
}

/* -- Adding up under a lock ------------------------------------------------ */

static _Atomic int lock_word; /* 0 free, 1 held, 2 held and waited for */
static int counter;           /* under the lock */

static void lock(void)
{
    int seen = 0;

    if (atomic_compare_exchange_strong(&lock_word, &seen, 1))
        return;
    while (atomic_exchange(&lock_word, 2) != 0)
        __builtin_wasm_memory_atomic_wait32((int *)&lock_word, 2, -1);
}

static void unlock(void)
{
    if (atomic_exchange(&lock_word, 0) == 2)
        __builtin_wasm_memory_atomic_notify((int *)&lock_word, 1);
}

static void add(struct thread *self)
{
    (void)self;
    for (int i = 0; i < 2000; i++) {
        lock();
        counter++;
        unlock();
    }
}

static int run_mutex(void)
{
    for (int i = 0; i < 8; i++)
        must_start(i, add);
    for (int i = 0; i < 8; i++)
        join(i);
    printf("%d\n", counter);
    for (int i = 0; i < 8; i++) {
        if (threads[i].id != threads[i].seen_id)
            return 1;
    }
    return 0;
}

/* -- Many short ones ------------------------------------------------------- */

static _Atomic int ran;

static void count(struct thread *self)
{
    (void)self;
    atomic_fetch_add(&ran, 1);
}

/* More than there may be at once, one after the other. */
static int run_storm(void)
{
    int refused = 0;

    for (int round = 0; round < 40; round++) {
        int n = 0;

        for (; n < 8; n++) {
            while (start(n, count) < 0) {
                refused++;
                (void)!__wasi_sched_yield();
            }
        }
        while (n > 0)
            join(--n);
    }
    printf("%d\n", ran);
    return 0;
}

/* -- Threads that start threads -------------------------------------------- */

static void start_next(struct thread *self)
{
    if (self->number < 9) {
        must_start(self->number + 1, start_next);
        join(self->number + 1);
    }
    atomic_fetch_add(&ran, self->number);
}

static int run_nested(void)
{
    must_start(0, start_next);
    join(0);
    printf("%d\n", ran);
    return 0;
}

/* -- Blocking, and how it ends --------------------------------------------- */

static void wait_for_ever(struct thread *self)
{
    wait_while(&self->is_done, 0);
}

static void loop_for_ever(struct thread *self)
{
    while (!atomic_load(&self->is_done))
        ;
}

static void read_for_ever(struct thread *self)
{
    uint8_t byte;
    __wasi_iovec_t part = {&byte, 1};
    __wasi_size_t got;

    (void)self;
    (void)!__wasi_fd_read(0, &part, 1, &got);
}

static void poll_for_ever(struct thread *self)
{
    __wasi_subscription_t sub = {
        .u = {.tag = __WASI_EVENTTYPE_CLOCK,
              .u = {.clock = {.id = __WASI_CLOCKID_MONOTONIC,
                              .timeout = 3600000000000}}}};
    __wasi_event_t event;
    __wasi_size_t count;

    (void)self;
    (void)!__wasi_poll_oneoff(&sub, &event, 1, &count);
}

static _Atomic int is_time;

static void trap_then(struct thread *self)
{
    (void)self;
    wait_while(&is_time, 0);
    __builtin_trap();
}

static void exit_then(struct thread *self)
{
    (void)self;
    wait_while(&is_time, 0);
    __wasi_proc_exit(7);
}

/* One of each kind that blocks, and who ends them. */
static void start_all(void (*last)(struct thread *))
{
    must_start(0, wait_for_ever);
    must_start(1, loop_for_ever);
    must_start(2, read_for_ever);
    must_start(3, poll_for_ever);
    must_start(4, last);
    say("all run\n");
    atomic_store(&is_time, 1);
    wake(&is_time);
}

/* The last one ends it while main waits in each way. */
static int run_end(const char *how, const char *main_does)
{
    start_all(strcmp(how, "trap") == 0   ? trap_then
              : strcmp(how, "exit") == 0 ? exit_then
                                         : wait_for_ever);
    if (strcmp(main_does, "return") == 0)
        return 5;
    if (strcmp(main_does, "trap") == 0)
        __builtin_trap();
    if (strcmp(main_does, "exit") == 0)
        exit(6);
    if (strcmp(main_does, "wait") == 0)
        wait_for_ever(&threads[5]);
    if (strcmp(main_does, "read") == 0)
        read_for_ever(&threads[5]);
    if (strcmp(main_does, "poll") == 0)
        poll_for_ever(&threads[5]);
    loop_for_ever(&threads[5]);
    return 1;
}

/* -- The limit ------------------------------------------------------------- */

static int run_limit(void)
{
    int n = 0, id;

    while (n < MAX && (id = start(n, wait_for_ever)) > 0)
        n++;
    printf("%d, then %d\n", n, id);
    fflush(stdout);
    /* One less, and there is room for one. */
    atomic_store(&threads[0].is_done, 1);
    wake(&threads[0].is_done);
    while ((id = start(n, wait_for_ever)) < 0)
        (void)!__wasi_sched_yield();
    printf("one more\n");
    return 3;
}

/* -- Descriptors ----------------------------------------------------------- */

/* Opens, writes and closes, all at once with the others. */
static void use_files(struct thread *self)
{
    char name[] = "a";

    name[0] += (char)self->number;
    for (int i = 0; i < 50; i++) {
        __wasi_fd_t fd;
        __wasi_ciovec_t part = {(const uint8_t *)name, 1};
        __wasi_size_t written;

        if (__wasi_path_open(3, 0, name, __WASI_OFLAGS_CREAT,
                             __WASI_RIGHTS_FD_WRITE, 0, __WASI_FDFLAGS_APPEND,
                             &fd) ||
            __wasi_fd_write(fd, &part, 1, &written) || __wasi_fd_close(fd))
            __builtin_trap();
    }
}

static int run_files(void)
{
    for (int i = 0; i < 6; i++)
        must_start(i, use_files);
    for (int i = 0; i < 6; i++)
        join(i);
    return 0;
}

static int run(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";

    if (strcmp(what, "mutex") == 0)
        return run_mutex();
    if (strcmp(what, "storm") == 0)
        return run_storm();
    if (strcmp(what, "limit") == 0)
        return run_limit();
    if (strcmp(what, "files") == 0)
        return run_files();
    if (strcmp(what, "nested") == 0)
        return run_nested();
    if (strcmp(what, "end") == 0 && argc == 4)
        return run_end(argv[2], argv[3]);
    return 99;
}

/* A program that does not call this itself gets wrappers around its exports
 * that do, and that flush standard output when a thread returns. */
void __wasm_call_ctors(void);

int main(int argc, char **argv)
{
    int status;

    __wasm_call_ctors();
    status = run(argc, argv);
    fflush(stdout);
    return status;
}
