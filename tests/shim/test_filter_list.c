/*
 * Our own list of system calls: what the program for the kernel says about
 * each number, by a machine of a few instructions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/filter_list.h"
#include "tests/lib/test.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { NUMBERS = 1024, REFUSE = SECCOMP_RET_ERRNO | EPERM };

static struct sock_filter code[FILTER_LIST_MAX];
static size_t code_len;

static uint32_t load(const struct seccomp_data *data, uint32_t offset)
{
    uint32_t word;

    CHECK(offset % 4 == 0 && offset + 4 <= sizeof(*data));
    memcpy(&word, (const char *)data + offset, sizeof(word));
    return word;
}

/* Runs the program; jumps only lead forward, so it ends. */
static uint32_t decide(const struct seccomp_data *data)
{
    uint32_t word = 0;

    for (size_t at = 0; at < code_len; at++) {
        const struct sock_filter *i = &code[at];
        bool is_true = false;

        switch (i->code) {
        case BPF_LD | BPF_W | BPF_ABS: word = load(data, i->k); continue;
        case BPF_RET | BPF_K: return i->k;
        case BPF_JMP | BPF_JEQ | BPF_K: is_true = word == i->k; break;
        case BPF_JMP | BPF_JGE | BPF_K: is_true = word >= i->k; break;
        case BPF_JMP | BPF_JSET | BPF_K: is_true = word & i->k; break;
        default: CHECK(false);
        }
        at += is_true ? i->jt : i->jf;
    }
    CHECK(false); /* it must return */
    return 0;
}

static uint32_t ask(int number, uint64_t first, uint64_t third)
{
    struct seccomp_data data = {.nr = number, .arch = seccomp_arch_native()};

    data.args[0] = first;
    data.args[2] = third;
    return decide(&data);
}

static void make(bool serves)
{
    code_len = filter_list_make(code, serves);
    CHECK(code_len > 0);
}

static int check_all(bool serves)
{
    int allowed = 0;

    make(serves);
    for (int number = 0; number < NUMBERS; number++) {
        char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);
        uint32_t want = name && filter_list_has(name, serves)
                            ? SECCOMP_RET_ALLOW
                            : (uint32_t)REFUSE;

        if (number == SCMP_SYS(clone3))
            want = SECCOMP_RET_ERRNO | ENOSYS;
        if (number == SCMP_SYS(clone)) /* to make a thread */
            CHECK_EQ(ask(number, CLONE_THREAD, 0), want);
        else
            CHECK_EQ(ask(number, 0, 0), want);
        allowed += want == SECCOMP_RET_ALLOW;
        free(name);
    }
    return allowed;
}

TEST(filter_list_allows_what_is_on_it)
{
    CHECK(check_all(false) > 60);
    CHECK(check_all(true) > check_all(false) + 5);
}

TEST(filter_list_has_more_for_the_server_alone)
{
    static const char *const names[] = {"epoll_ctl", "epoll_pwait", "listen",
                                        "pipe2"};
    static const char *const never[] = {"socket", "bind", "connect", "execve"};

    for (int i = 0; i < 4; i++) {
        int number = seccomp_syscall_resolve_name(names[i]);
        int other = seccomp_syscall_resolve_name(never[i]);

        make(false);
        CHECK_EQ(ask(number, 0, 0), (uint32_t)REFUSE);
        CHECK_EQ(ask(other, 0, 0), (uint32_t)REFUSE);
        make(true);
        CHECK_EQ(ask(number, 0, 0), SECCOMP_RET_ALLOW);
        CHECK_EQ(ask(other, 0, 0), (uint32_t)REFUSE);
    }
}

TEST(filter_list_looks_at_arguments)
{
    make(false);
    for (int i = 0; i < 2; i++) {
        int number = i == 0 ? SCMP_SYS(mmap) : SCMP_SYS(mprotect);

        CHECK_EQ(ask(number, 0, PROT_READ | PROT_WRITE), SECCOMP_RET_ALLOW);
        CHECK_EQ(ask(number, 0, PROT_READ | PROT_EXEC), (uint32_t)REFUSE);
        CHECK_EQ(ask(number, 0, (uint64_t)PROT_EXEC << 32), SECCOMP_RET_ALLOW);
    }
    CHECK_EQ(ask(SCMP_SYS(clone), 0, 0), (uint32_t)REFUSE);
    CHECK_EQ(ask(SCMP_SYS(clone), CLONE_VM | CLONE_THREAD, 0),
             SECCOMP_RET_ALLOW);
    CHECK_EQ(ask(SCMP_SYS(clone), (uint64_t)CLONE_THREAD << 32, 0),
             (uint32_t)REFUSE);
}

TEST(filter_list_refuses_other_tables)
{
    struct seccomp_data data = {.nr = SCMP_SYS(read), .arch = 1};

    make(false);
    CHECK_EQ(decide(&data), SECCOMP_RET_KILL_PROCESS);
    CHECK_EQ(ask(INT32_MIN, 0, 0), (uint32_t)REFUSE);
    CHECK_EQ(ask(SCMP_SYS(read) | 0x40000000, 0, 0),
             (uint32_t)REFUSE); /* x32 */
}
