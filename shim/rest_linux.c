/*
 * A process cannot unmap the stack that it runs on, nor call anything when it
 * has unmapped the C library's data.  So it goes to a page of its own, and from
 * there on makes system calls by itself.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/rest.h"

#include "shim/memory.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/rseq.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A signal's frame takes up to 4 kB and more; only the last page is used before
 * one comes. */
enum { PAGE_BYTES = 4096, ROOM_BYTES = 4 * PAGE_BYTES, TITLE_BYTES = 256 };

/* Has a place outside of which nothing is left but code: whole pages, and the
 * title at their end. */
MEM_LAST char rest_room[ROOM_BYTES + PAGE_BYTES];

/* The first byte of the program, and the one behind its code, by the linker. */
extern char __executable_start[], etext[];

/* -- System calls ---------------------------------------------------------- */

#if defined(__x86_64__)
static long call(long number, uintptr_t first, uintptr_t second)
{
    register uintptr_t third __asm__("rdx") = 0;
    register uintptr_t fourth __asm__("r10") = 0;
    long result;

    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(first), "S"(second), "r"(third),
                       "r"(fourth)
                     : "rcx", "r11", "memory");
    return result;
}

#define JUMP_WITH_STACK "movq %0, %%rsp\n\txorl %%ebp, %%ebp\n\tcall *%1"
#elif defined(__aarch64__)
static long call(long number, uintptr_t first, uintptr_t second)
{
    register long number_in __asm__("x8") = number;
    register uintptr_t first_in __asm__("x0") = first;
    register uintptr_t second_in __asm__("x1") = second;
    register uintptr_t third __asm__("x2") = 0;
    register uintptr_t fourth __asm__("x3") = 0;

    __asm__ volatile("svc #0"
                     : "+r"(first_in)
                     : "r"(number_in), "r"(second_in), "r"(third), "r"(fourth)
                     : "memory");
    return (long)first_in;
}

#define JUMP_WITH_STACK "mov sp, %0\n\tmov x29, xzr\n\tblr %1"
#else
static long call(long number, uintptr_t first, uintptr_t second)
{
    return syscall(number, first, second, 0, 0);
}
#endif

_Noreturn void rest_end(int status)
{
    for (;;)
        call(SYS_exit_group, (uintptr_t)status, 0);
}

/* -- The title ------------------------------------------------------------- */

static uintptr_t page_after(const void *at)
{
    return ((uintptr_t)at + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
}

static uintptr_t room_end(void)
{
    return page_after(rest_room) + ROOM_BYTES;
}

/* The kernel wants all places of a process at once. */
void rest_prepare(const char *title, void *heap_begin)
{
    char *own = (char *)room_end() - TITLE_BYTES;
    struct prctl_mm_map map = {
        .start_code = (uintptr_t)__executable_start,
        .end_code = (uintptr_t)etext,
        .start_data = (uintptr_t)rest_room,
        .end_data = (uintptr_t)rest_room,
        .start_brk = (uintptr_t)heap_begin,
        .brk = (uintptr_t)sbrk(0),
        .start_stack = (uintptr_t)__builtin_frame_address(0),
        .arg_start = (uintptr_t)own,
        .exe_fd = (uint32_t)-1,
    };

    strncpy(own, title, TITLE_BYTES - 1);
    map.arg_end = map.arg_start + strlen(own) + 1;
    map.env_start = map.env_end = map.arg_end;
    prctl(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof(map), 0);
}

/* -- Waiting --------------------------------------------------------------- */

#ifdef JUMP_WITH_STACK
/* The number of addresses of a process is half of a power of two, less a page
 * on some machines; a range that has more of them is refused. */
static void unmap_above(uintptr_t from)
{
    uintptr_t end = (uintptr_t)1 << 57;

    while (end > from && call(SYS_munmap, from, end - PAGE_BYTES - from) != 0)
        end /= 2;
}

__attribute__((no_stack_protector, no_sanitize("address"))) static void
wait_in_room(void)
{
    uintptr_t code = (uintptr_t)__executable_start / PAGE_BYTES * PAGE_BYTES;
    uintptr_t code_end = page_after(etext);

    call(SYS_munmap, 0, code);
    call(SYS_munmap, code_end, page_after(rest_room) - code_end);
    unmap_above(room_end());
    for (;;)
        call(SYS_ppoll, 0, 0);
}

/* The kernel writes to a place of this thread whenever it goes on, until it is
 * told not to, with the length that the C library gave. */
static bool leave_rseq(void)
{
    enum { UNREGISTER = 1, MAX_BYTES = 512 };
    uintptr_t at =
        (uintptr_t)__builtin_thread_pointer() + (uintptr_t)__rseq_offset;

    for (unsigned len = 32; __rseq_size != 0 && len <= MAX_BYTES; len += 4) {
        if (syscall(SYS_rseq, at, len, UNREGISTER, RSEQ_SIG) == 0)
            return true;
    }
    return __rseq_size == 0;
}

_Noreturn void rest_forever(void)
{
    while (!leave_rseq())
        pause();
    __asm__ volatile(JUMP_WITH_STACK
                     :
                     : "r"(room_end() - TITLE_BYTES), "r"(wait_in_room)
                     : "memory");
    __builtin_unreachable();
}
#else
_Noreturn void rest_forever(void)
{
    for (;;)
        call(SYS_ppoll, 0, 0);
}
#endif
