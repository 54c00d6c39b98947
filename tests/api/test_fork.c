/*
 * What a child of fork() may do with what its parent made.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "tests/api/host.h"

#include <sys/wait.h>
#include <unistd.h>

static const char guest[] =
    "(module (memory (export \"memory\") 1 10)"
    "  (global $n (mut i32) (i32.const 0))"
    "  (func (export \"count\") (result i32)"
    "    (global.set $n (i32.add (global.get $n) (i32.const 1)))"
    "    (global.get $n))"
    "  (func (export \"sum\") (param $n i32) (result i32) (local $s i32)"
    "    (loop $l"
    "      (local.set $s (i32.add (local.get $s) (local.get $n)))"
    "      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))"
    "    (local.get $s))"
    "  (func (export \"late\") (param $n i32) (result i32)"
    "    (i32.mul (local.get $n) (local.get $n)))"
    "  (func (export \"grow\") (result i32) (memory.grow (i32.const 2)))"
    "  (func (export \"trap\") (drop (i32.load (i32.const -4)))))";

static wasmrt_module *module;
static wasmrt_instance *inst;

static void open_guest(void)
{
    host_open();
    module = host_module(guest);
    check_ok(wasmrt_linker_instantiate(linker, store, module, &inst));
    CHECK_EQ(call_i32(inst, "count", 0), 1);
    CHECK_EQ(call_i32(inst, "sum", 1, 100), 5050);
}

/* Two processes tell each other how far they are. */
struct meeting {
    int to_child[2], to_parent[2];
};

static void say(const int pipe_fds[2])
{
    CHECK_EQ(write(pipe_fds[1], "x", 1), 1);
}

static void hear(const int pipe_fds[2])
{
    char c;

    CHECK_EQ(read(pipe_fds[0], &c, 1), 1);
}

static pid_t start_child(struct meeting *m)
{
    pid_t pid;

    CHECK(pipe(m->to_child) == 0 && pipe(m->to_parent) == 0);
    pid = fork();
    CHECK(pid >= 0);
    return pid;
}

static void end_child(pid_t pid)
{
    int status;

    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK_EQ(status, 0);
}

/* Everything a host does, with what it has and with new things. */
static void use_everything(int calls_before)
{
    wasmrt_instance *another;
    wasmrt_module *again;
    wasmrt_store *fresh;

    CHECK_EQ(call_i32(inst, "count", 0), calls_before + 1);
    CHECK_EQ(call_i32(inst, "sum", 1, 100), 5050);
    CHECK_EQ(call_i32(inst, "late", 1, 12), 144);
    check_code(call(inst, "trap"), WASMRT_ERR_MEMORY_OOB);
    CHECK_EQ(call_i32(inst, "grow", 0), 1);
    check_ok(wasmrt_linker_instantiate(linker, store, module, &another));
    CHECK_EQ(call_i32(another, "count", 0), 1);
    again = host_module(guest);
    check_ok(wasmrt_store_new(engine, &fresh));
    check_ok(wasmrt_linker_instantiate(linker, fresh, again, &another));
    wasmrt_module_delete(again);
    check_code(wasmrt_func_call(fresh, wasmrt_instance_func(another, "trap"),
                                NULL, 0, NULL, 0),
               WASMRT_ERR_MEMORY_OOB);
    wasmrt_store_delete(fresh);
}

TEST(fork_child_goes_on_with_everything)
{
    struct meeting m;
    pid_t pid;

    open_guest();
    pid = start_child(&m);
    use_everything(1); /* both of them */
    CHECK_EQ(call_i32(inst, "count", 0), 3);
    wasmrt_module_delete(module);
    host_close();
    if (pid == 0)
        _exit(0);
    end_child(pid);
}

/* The parent gives everything up, and makes something else in its place, while
 * the child runs its code. */
TEST(fork_child_outlives_what_the_parent_deletes)
{
    struct meeting m;
    pid_t pid;

    open_guest();
    pid = start_child(&m);
    if (pid == 0) {
        say(m.to_parent);
        hear(m.to_child);
        use_everything(1);
        wasmrt_module_delete(module);
        host_close();
        _exit(0);
    }
    hear(m.to_parent);
    wasmrt_module_delete(module);
    host_close();
    open_guest();
    say(m.to_child);
    end_child(pid);
    use_everything(1);
    wasmrt_module_delete(module);
    host_close();
}

/* The other way round. */
TEST(fork_parent_outlives_what_the_child_deletes)
{
    struct meeting m;
    pid_t pid;

    open_guest();
    pid = start_child(&m);
    if (pid == 0) {
        wasmrt_module_delete(module);
        host_close();
        open_guest();
        use_everything(1);
        wasmrt_module_delete(module);
        host_close();
        _exit(0);
    }
    end_child(pid);
    use_everything(1);
    wasmrt_module_delete(module);
    host_close();
}

/* Children of children, each with code of its own. */
TEST(fork_again_and_again)
{
    pid_t pid = 0;
    int depth = 0;

    open_guest();
    while (depth < 4 && pid == 0) {
        struct meeting m;

        depth++;
        pid = start_child(&m);
    }
    use_everything(1);
    wasmrt_module_delete(module);
    host_close();
    if (pid)
        end_child(pid);
    if (depth > 1 || pid == 0)
        _exit(0);
}
