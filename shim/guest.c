/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/guest.h"

#include "shim/cgroup.h"
#include "shim/memory.h"
#include "shim/random.h"
#include "shim/rest.h"
#include "shim/serving.h"
#include "shim/wasm.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

enum { SYNC_FD = ZYGOTE_SOCKET, TITLE_BYTES = ZYGOTE_ID_BYTES + 32 };

/* Behind all that the zygote has in the heap. */
static char *heap_begin;

/* -- The line to the shim -------------------------------------------------- */

static void say(const struct guest *guest, enum line_word word,
                const struct fault *fault)
{
    if (!line_say(guest->sync_fd, word, fault))
        _exit(1); /* nobody is there to run for */
}

void guest_warn(const struct guest *guest, const struct fault *fault)
{
    say(guest, LINE_WARNING, fault);
}

/* The shim's creation may fail meanwhile: then it closes the line. */
static bool receive_place(struct guest *guest, struct fault *fault)
{
    int fds[LINE_FD_COUNT];

    guest->place = mem_alloc(sizeof(*guest->place));
    if (!line_receive_place(guest->sync_fd, guest->place, fds))
        _exit(1);
    guest->root_fd = fds[LINE_FD_ROOT];
    for (int i = 0; i < LINE_FD_ROOT; i++) {
        if (dup2(fds[i], i) < 0)
            return fault_errno(fault, "standard streams");
        close(fds[i]);
    }
    return true;
}

/* -- Signals --------------------------------------------------------------- */

/* The first process of a pid namespace is deaf for signals without a handler;
 * and WASI has none.  So what would end any other process ends this one. */
static void on_signal(int number)
{
    rest_end(128 + number);
}

static bool ends_a_process(int number)
{
    switch (number) {
    case SIGKILL:
    case SIGSTOP:
    case SIGTSTP:
    case SIGTTIN:
    case SIGTTOU:
    case SIGCONT:
    case SIGCHLD:
    case SIGURG:
    case SIGWINCH:
    case SIGPIPE: /* ignored: the guest gets an error */
    case SIGSEGV: /* these belong to the engine */
    case SIGBUS:
    case SIGFPE:
    case SIGILL:
    case SIGTRAP:
    case SIGSYS:
    case SIGABRT: return false;
    default: return true;
    }
}

static void take_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigset_t none;

    for (int n = 1; n <= SIGRTMAX; n++) {
        struct sigaction plain = {.sa_handler =
                                      n == SIGPIPE ? SIG_IGN : SIG_DFL};

        sigaction(n, ends_a_process(n) ? &action : &plain, NULL);
    }
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* -- Preparation ----------------------------------------------------------- */

/* The line to the shim, for which the zygote's own makes room; all else but the
 * standard streams, which are nowhere yet, and the empty mount namespace is
 * closed. */
static void place_descriptors(const int fds[ZYGOTE_FD_COUNT])
{
    if (dup2(fds[ZYGOTE_FD_SYNC], SYNC_FD) < 0)
        _exit(1);
    close_range(ZYGOTE_PAST_FDS, ~0u, 0);
}

static bool read_spec(struct guest *guest, struct fault *fault)
{
    if (chdir(guest->request->bundle) != 0)
        return fault_errno(fault, "bundle %s", guest->request->bundle);
    if (!spec_read(&guest->spec, NULL, fault))
        return false;
    guest->serves =
        guest->request->kind == ZYGOTE_WASM && serving_is_wanted(&guest->spec);
    return true;
}

static bool shim_is_gone(const struct guest *guest)
{
    struct pollfd line = {.fd = guest->sync_fd};

    return poll(&line, 1, 0) == 1; /* only its end is reported unasked */
}

/* The shim makes the group meanwhile.  When it dies, `delete` kills what is in
 * there and removes all that was made.  If that ran before this process was in
 * there, nobody will clean up behind us. */
static bool enter_cgroup(struct guest *guest, struct fault *fault)
{
    struct cgroup cgroup;
    bool ok;

    if (!line_wait_for(guest->sync_fd, LINE_GROUPED))
        _exit(1);
    ok = cgroup_init(&cgroup, &guest->spec, guest->request->id, fault);
    cgroup.is_idle = guest->request->kind == ZYGOTE_PAUSE;
    ok = ok && cgroup_join(&cgroup, &guest->spec.resources, fault);

    if (shim_is_gone(guest)) {
        cgroup_leave(&cgroup);
        cgroup_remove(&cgroup);
        _exit(1);
    }
    cgroup_fini(&cgroup);
    return ok;
}

/* Lowering it takes a privilege that a node may not give away. */
static bool set_oom_score(struct guest *guest, struct fault *fault)
{
    int fd, error = 0;
    char text[32];
    int len;

    if (!guest->spec.oom_score_adj.given)
        return true;
    fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    len = snprintf(text, sizeof(text), "%lld",
                   (long long)guest->spec.oom_score_adj.value);
    if (fd < 0 || write(fd, text, (size_t)len) != len)
        error = errno;
    if (fd >= 0)
        close(fd);
    errno = error;
    if (error == 0)
        return true;
    fault_errno(fault, "set oom_score_adj to %s", text);
    if (error != EACCES && error != EPERM)
        return false;
    guest_warn(guest, fault);
    return true;
}

/* A child of the shim must not outlive it.  Set after the user is: changing
 * that clears it. */
static bool follow_shim(struct guest *guest, struct fault *fault)
{
    (void)guest;
    return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 ||
           fault_errno(fault, "set the parent-death signal");
}

/* What will run the module needs none of it to be made. */
static bool prepare_engine(struct guest *guest, struct fault *fault)
{
    static struct wasm wasm; /* reachable to the end */

    if (guest->request->kind == ZYGOTE_PAUSE || guest->serves)
        return true;
    guest->wasm = &wasm;
    return wasm_prepare(&wasm, &guest->spec, fault);
}

typedef bool step(struct guest *guest, struct fault *fault);

/* While the first half runs, the shim makes the control group, and mounts the
 * root file system: what can be done in there costs a container's start
 * nothing.  What takes much memory comes when the group is there to count it.
 */
static bool prepare(struct guest *guest, struct fault *fault)
{
    static step *const steps[] = {read_spec,       rootfs_plan,  user_bound,
                                  filter_prepare,  enter_cgroup, set_oom_score,
                                  namespace_enter, rootfs_leave, prepare_engine,
                                  receive_place,   rootfs_enter, user_limit,
                                  user_become,     follow_shim};

    for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
        if (!steps[i](guest, fault))
            return false;
    }
    return true;
}

static _Noreturn void fail(const struct guest *guest, const struct fault *fault)
{
    say(guest, LINE_FAILED, fault);
    _exit(1);
}

enum { HEAP_SPARE_BYTES = 16 * 1024, HEAP_LARGE_BYTES = 32 * 1024 };

/* The guest stays long, and what its preparation took is not needed again.
 * Neither is what compiling its functions takes for a moment. */
static void give_memory_back(void)
{
    mallopt(M_TOP_PAD, HEAP_SPARE_BYTES);
    mallopt(M_TRIM_THRESHOLD, HEAP_SPARE_BYTES);
    mallopt(M_MMAP_THRESHOLD, HEAP_LARGE_BYTES);
    mem_trim();
}

/* -- Names ----------------------------------------------------------------- */

static const char *process_name(const struct zygote_request *request)
{
    return request->kind == ZYGOTE_PAUSE ? "wasmrt-pause" : "wasmrt-guest";
}

/* For ps: what it is, and of which container. */
static const char *make_title(const struct zygote_request *request,
                              char title[TITLE_BYTES])
{
    snprintf(title, TITLE_BYTES, "%s %s", process_name(request), request->id);
    return title;
}

static void name_process(const struct zygote_request *request)
{
    char title[TITLE_BYTES];

    uv_set_process_title(make_title(request, title));
    prctl(PR_SET_NAME, process_name(request));
}

/* -- Running --------------------------------------------------------------- */

static _Noreturn void run_wasm(struct guest *guest)
{
    struct wasm *wasm = guest->wasm;
    struct fault fault;

    if (!wasm_grant(wasm, &guest->spec, &fault) ||
        !filter_install(guest, &fault))
        fail(guest, &fault);
    spec_fini(&guest->spec); /* the module takes its place */
    if (!wasm_load(wasm, guest->place->entry, &fault))
        fail(guest, &fault);
    free(guest->place);
    guest->place = NULL;
    say(guest, LINE_READY, NULL);
    give_memory_back();
    if (!line_wait_for(guest->sync_fd, LINE_GO))
        _exit(1);
    close(guest->sync_fd);
    _exit(wasm_run(wasm));
}

/* The same with the HTTP server, which runs the module for each request.  It
 * keeps the heap's spare memory, to which each request comes back. */
static _Noreturn void run_server(struct guest *guest)
{
    static struct serving serving; /* reachable to the end */
    struct fault fault;

    if (!serving_grant(&serving, &guest->spec, &fault) ||
        !filter_install(guest, &fault))
        fail(guest, &fault);
    spec_fini(&guest->spec);
    if (!serving_load(&serving, guest->place->entry, &fault))
        fail(guest, &fault);
    say(guest, LINE_READY, NULL);
    mem_trim();
    if (!line_wait_for(guest->sync_fd, LINE_GO))
        _exit(1);
    close(guest->sync_fd);
    _exit(serving_run());
}

/* Keeps the namespaces of a pod; where the pod shares one pid namespace, it is
 * the first process there and buries orphans. */
static _Noreturn void run_pause(struct guest *guest)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct fault fault;
    char title[TITLE_BYTES];

    rest_prepare(make_title(guest->request, title), heap_begin);
    if (!filter_install(guest, &fault))
        fail(guest, &fault);
    sigaction(SIGCHLD, &ignore, NULL); /* the kernel reaps */
    say(guest, LINE_READY, NULL);
    if (!line_wait_for(guest->sync_fd, LINE_GO))
        _exit(1);
    for (int i = 0; i < 4; i++)
        close(i);
    rest_forever();
}

_Noreturn void guest_main(const struct zygote_request *request,
                          const int fds[ZYGOTE_FD_COUNT])
{
    static struct guest guest;
    struct fault fault;

    heap_begin = mem_alloc(1);
    guest.request = request;
    guest.sync_fd = SYNC_FD;
    place_descriptors(fds);
    name_process(request);
    take_signals();
    random_apart();
    if (!prepare(&guest, &fault))
        fail(&guest, &fault);
    if (request->kind == ZYGOTE_PAUSE)
        run_pause(&guest);
    if (guest.serves)
        run_server(&guest);
    run_wasm(&guest);
}
