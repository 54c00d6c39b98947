/*
 * The operating system as the engine sees it.
 *
 * os_linux.c is the only file of the engine with system headers beyond C11;
 * another system means another os_<name>.c.  WASI and the CLI have an os.h of
 * their own.  Functions return false or NULL when the system refuses; errno is
 * not part of the contract.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_BASE_OS_H
#define WRT_BASE_OS_H

#include "runtime/base/base.h"

/* -- Address space --------------------------------------------------------- */

size_t wrt_os_page_size(void);

/* Reserves address space that no access may touch and that costs no memory.
 * size_bytes is a multiple of the page size. */
void *wrt_os_reserve(size_t size_bytes);

/* Makes part of a reservation readable and writable, zero-filled on touch. */
bool wrt_os_commit(void *ptr, size_t size_bytes);

/* Takes part of a reservation back: inaccessible, its memory released. */
bool wrt_os_decommit(void *ptr, size_t size_bytes);

/* Zeroes committed pages by giving their memory back. */
/* Memory that will be written from end to end: fewer faults, and released much
 * faster.  May do nothing. */
void wrt_os_prefer_large_pages(void *ptr, size_t size_bytes);
bool wrt_os_discard(void *ptr, size_t size_bytes);

/* Ends a whole reservation. */
void wrt_os_release(void *ptr, size_t size_bytes);

/* Moves committed pages from one reservation to the start of another, without
 * copying where the system can.  False leaves `from` as it was. */
bool wrt_os_move(void *to, void *from, size_t size_bytes);

/* Address space that this process may use; SIZE_MAX when only the machine
 * limits it. */
size_t wrt_os_address_limit(void);

/* -- Machine code ---------------------------------------------------------- */

/*
 * A range of address space: data_bytes that are readable and writable, then
 * code_bytes that are readable and executable and that nothing but
 * wrt_os_code_write() can change.  The data is zero at first; code that nobody
 * has written must not be looked at.
 */
struct wrt_os_code {
    uint8_t *base; /* NULL when there is none */
    size_t data_bytes, code_bytes;
    uint64_t file_offset; /* the rest is the system layer's */
    void *file;
};

/* Why the system gives this process no memory for machine code, or NULL: the
 * end of a sentence.  is_thorough: also when that takes some time to find out.
 */
const char *wrt_os_code_refusal(bool is_thorough);

/* Sizes are rounded up to whole pages.  False when the system refuses. */
bool wrt_os_code_map(struct wrt_os_code *code, size_t data_bytes,
                     size_t code_bytes);

/* Writes code at an offset from the start of the range's code.  Other threads
 * may be running what lies elsewhere.  False in a child of fork(), and when
 * memory is exhausted. */
bool wrt_os_code_write(const struct wrt_os_code *code, size_t offset,
                       const void *bytes, size_t len);

/* A part of a range's code in memory of its own, in large pages: first it is
 * writable and nobody can execute it, then the other way round. */
struct wrt_os_code_part {
    size_t start, end; /* in the range's code; nothing while they are equal */
    uint8_t *memory;   /* where start is */
};

/* Makes a part writable that begins at or behind `from` and has about so many
 * bytes, unless that is too little for large pages, or the system refuses. */
void wrt_os_code_open(const struct wrt_os_code *code, size_t from,
                      size_t about_bytes, struct wrt_os_code_part *part);

/* Makes executable what has been written to it up to *used, which moves to
 * where wrt_os_code_write() may go on; the rest is as it was before.  False
 * when memory is exhausted. */
bool wrt_os_code_close(const struct wrt_os_code *code,
                       const struct wrt_os_code_part *part, size_t *used);

void wrt_os_code_unmap(struct wrt_os_code *code);

/* -- Time ------------------------------------------------------------------ */

/* Nanoseconds of a clock that never goes back. */
uint64_t wrt_os_monotonic_ns(void);

/* -- Threads --------------------------------------------------------------- */

/* A small lock; zero-initialised is unlocked.  Not recursive. */
struct wrt_mutex {
    uint32_t state; /* 0 free, 1 held, 2 held with waiters */
};

void wrt_mutex_lock(struct wrt_mutex *mutex);
void wrt_mutex_unlock(struct wrt_mutex *mutex);

/* Waits while *word == seen, at most until the monotonic clock reaches
 * until_ns (0: no limit).  May return early. */
void wrt_os_wait(uint32_t *word, uint32_t seen, uint64_t until_ns);

/* Wakes every thread that waits on the word. */
void wrt_os_wake(uint32_t *word);

/* A thread of ours: it gets no signals.  False when none can be started. */
struct wrt_thread {
    uintptr_t handle;
};

bool wrt_thread_start(struct wrt_thread *thread, void *(*run)(void *),
                      void *arg);
void wrt_thread_join(struct wrt_thread *thread);

/* Processors that this process may run on; at least 1. */
unsigned wrt_os_cpu_count(void);

/* What is different for each thread that is alive. */
const void *wrt_os_thread_self(void);

/* -- Stacks beside the thread's -------------------------------------------- */

struct wrt_os_bounds {
    uintptr_t low, high; /* 0: not known */
};

/* What every entry into a guest asks for. */
struct wrt_os_thread {
    struct wrt_os_bounds stack; /* that this thread runs on; high is 0 until
                                   they are asked for, and 1 when unknown */
    bool has_signal_stack;
};

extern WRT_THREAD_LOCAL struct wrt_os_thread wrt_os_thread;

/* Fills in the bounds. */
void wrt_os_find_stack(void);

/* Lowest usable address of this thread's stack.  0 when the stack pointer is
 * elsewhere (a coroutine's stack) or nothing is known. */
WRT_INLINE uintptr_t wrt_os_stack_low(void)
{
    const struct wrt_os_bounds *stack = &wrt_os_thread.stack;
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);

    if (WRT_UNLIKELY(!stack->high))
        wrt_os_find_stack();
    return here >= stack->low && here < stack->high ? stack->low : 0;
}

/* Tells wrt_os_stack_low() of another stack: the bounds before.  For who
 * switches. */
struct wrt_os_bounds wrt_os_stack_exchange(struct wrt_os_bounds bounds);

/* A stack that does not run now, and where it stands.  Zero-initialised, it can
 * take what runs when this switches away from it. */
struct wrt_os_context {
    void *sp;
    struct wrt_os_bounds bounds;
    void *fake, *fiber; /* the sanitizers' */
};

/* Prepares run(arg), which never returns, on the stack at low.  False when
 * memory is exhausted. */
bool wrt_os_context_init(struct wrt_os_context *context, void *low,
                         size_t size_bytes, void (*run)(void *), void *arg);

/* Goes on with `to`; returns when somebody goes on with `from`.  Both on one
 * thread. */
void wrt_os_context_switch(struct wrt_os_context *from,
                           struct wrt_os_context *to);

/* Goes on with `to` and never comes back. */
_Noreturn void wrt_os_context_leave(struct wrt_os_context *from,
                                    struct wrt_os_context *to);

/* After it has been left, and from another stack. */
void wrt_os_context_fini(struct wrt_os_context *context);

/* -- Descriptors ----------------------------------------------------------- */

/* A descriptor that is readable from signal to clear; -1 when there is none
 * left.  Signalling is async-signal-safe and keeps errno. */
int wrt_os_event_new(void);
void wrt_os_event_signal(int event);
void wrt_os_event_clear(int event);
void wrt_os_event_close(int event);

/* Waits until a descriptor is ready or the monotonic clock reaches until_ns
 * (UINT64_MAX: no limit), or less.  1: `ready` is filled in; 0: nothing is
 * ready; -1: the system refuses.  Spoils `events`. */
struct wasmrt_waitfd;
int wrt_os_poll(struct wasmrt_waitfd *fds, size_t n, uint64_t until_ns);

/* -- Faults ---------------------------------------------------------------- */

/* A memory fault of the calling thread.  General registers in the ISA's own
 * numbering: x86-64 rax rcx rdx rbx rsp rbp rsi rdi r8..r15; aarch64 x0..x30
 * sp; riscv64 x0..x31. */
struct wrt_os_fault {
    uintptr_t pc, addr;
    uint64_t regs[32];
    /* Outputs of a handler that claims the fault: a function that never
     * returns, run with resume_arg on the interrupted stack. */
    uintptr_t resume;
    void *resume_arg;
};

/* Async-signal-safe.  False leaves the fault to the handler that was there
 * before. */
typedef bool (*wrt_os_fault_fn)(struct wrt_os_fault *fault);

/* Installs the handler, once per process; later calls must name the same
 * function.  It stays for the life of the process, since another library may
 * have chained to it.  Thread-safe. */
bool wrt_os_catch_faults(wrt_os_fault_fn fn);

/* Gives the calling thread an alternate signal stack unless it has one.  Ends
 * with the thread.  Cheap after the first call. */
bool wrt_os_make_signal_stack(void);

WRT_INLINE bool wrt_os_ensure_signal_stack(void)
{
    return WRT_LIKELY(wrt_os_thread.has_signal_stack) ||
           wrt_os_make_signal_stack();
}

/* -- Files ----------------------------------------------------------------- */

/* Reads a whole regular file or pipe into memory from alloc; *out has *len
 * bytes (NULL for an empty file) and is released with wrt_free(alloc, *out,
 * *len).  On failure returns a short text that says why (static lifetime), else
 * NULL. */
struct wrt_alloc;
const char *wrt_os_read_file(const char *path, const struct wrt_alloc *alloc,
                             size_t max_bytes, uint8_t **out, size_t *len);

#endif
