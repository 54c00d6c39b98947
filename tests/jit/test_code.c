/*
 * Memory for machine code: who gets it, what happens where the system refuses
 * it, in children of fork() and on threads with small stacks, and that nothing
 * is ever writable and executable.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "tests/lib/test.h"

#include "wasmrt.h"
#include "wasmrt/text.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* `mixed` has parameters in every kind of register, and in memory; a function
 * with a frame of its own calls it, so what callees preserve matters. */
static const char text[] =
    "(module (memory 1 4) (tag $e (param i32))"
    "  (func (export \"one\") (result i32) (i32.const 1))"
    "  (func $mixed (param i32 i64 f32 f64 v128 i32 i32 i32 i64 v128 i32)"
    "    (result i32)"
    "    (drop (memory.grow (i32.const 1)))"
    "    (i32.store (i32.const 70000) (local.get 10))"
    "    (if (i32.eqz (local.get 0)) (then (throw $e (i32.const 5))))"
    "    (i32.add (i32.wrap_i64 (i64.add (local.get 1) (local.get 8)))"
    "     (i32.add (i32.trunc_f64_s (f64.add (local.get 3)"
    "        (f64.promote_f32 (local.get 2))))"
    "      (i32.add (i32x4.extract_lane 2 (i32x4.add (local.get 4)"
    "         (local.get 9)))"
    "       (i32.add (local.get 0) (i32.add (local.get 5)"
    "        (i32.add (local.get 6) (i32.add (local.get 7)"
    "         (local.get 10)))))))))"
    "  (func $two (param i32 f64) (result f64 i32)"
    "    (local.get 1) (local.get 0))"
    "  (func $vec (param v128) (result v128)"
    "    (i32x4.add (local.get 0) (local.get 0)))"
    "  (func $float (param f32) (result f32) (f32.neg (local.get 0)))"
    "  (func $call (param i32) (result i32) (local $a i32) (local $b i32)"
    "    (local.set $a (i32.add (local.get 0) (i32.const 100)))"
    "    (local.set $b (call $mixed (local.get 0) (i64.const 2) (f32.const 3.5)"
    "      (f64.const 4.5) (v128.const i32x4 0 0 5 0) (i32.const 6)"
    "      (i32.const 7) (i32.const 8) (i64.const 9)"
    "      (v128.const i32x4 0 0 10 0) (i32.const 11)))"
    "    (i32.add (i32.add (local.get $a) (local.get $b))"
    "             (i32.load (i32.const 70000))))"
    "  (func (export \"all\") (param i32) (result i32) (local $c i32)"
    "    (local $d i32)"
    "    (local.set $c (i32.mul (local.get 0) (i32.const 3)))"
    "    (block $h (result i32)"
    "      (try_table (catch $e $h)"
    "        (local.set $d (i32.add (call $mixed (local.get 0) (i64.const 2) (f32.const 3.5)"
    "      (f64.const 4.5) (v128.const i32x4 0 0 5 0) (i32.const 6)"
    "      (i32.const 7) (i32.const 8) (i64.const 9)"
    "      (v128.const i32x4 0 0 10 0) (i32.const 11))"
    "          (call $call (local.get 0)))))"
    "      (i32.const 0))"
    "    (i32.add (local.get $c))"
    "    (i32.add (local.get $d))"
    "    (call $two (i32.const 1000) (f64.const 2.5))"
    "    (drop) (i32.trunc_f64_s)"
    "    (i32.add)"
    "    (i32.add (i32x4.extract_lane 0"
    "      (call $vec (v128.const i32x4 21 0 0 0))))"
    "    (i32.add (i32.trunc_f32_s (call $float (f32.const -4))))))";

/* mixed(n) is n + 66, or throws 5 for 0; all() has it twice and adds n + 100 +
 * 11, 3n, 2, 42 and 4. */
enum {
    ALL_OF_7 = 73 + 73 + 107 + 11 + 21 + 2 + 42 + 4,
    ALL_OF_0 = 5 + 2 + 42 + 4
};

static wasmrt_engine *engine;
static wasmrt_store *store;
static wasmrt_instance *instance;

static void check_ok(wasmrt_error *error)
{
    if (error)
        FAIL("%s", wasmrt_error_message(error));
}

static wasmrt_config *config_for(wasmrt_strategy strategy)
{
    wasmrt_config *config = wasmrt_config_new();

    wasmrt_config_set_strategy(config, strategy);
    return config;
}

static wasmrt_error *open_engine(wasmrt_config *config_taken)
{
    wasmrt_error *error = wasmrt_engine_new(config_taken, &engine);

    wasmrt_config_delete(config_taken);
    return error;
}

static void open_text(const char *wat)
{
    wasmrt_module *module;
    wasmrt_linker *linker;
    uint8_t *bytes;
    size_t len;

    check_ok(wasmrt_wat2wasm(wat, strlen(wat), 0, &bytes, &len));
    check_ok(wasmrt_module_new(engine, bytes, len, &module));
    check_ok(wasmrt_store_new(engine, &store));
    check_ok(wasmrt_linker_new(engine, &linker));
    check_ok(wasmrt_linker_instantiate(linker, store, module, &instance));
    wasmrt_linker_delete(linker);
    wasmrt_module_delete(module);
    wasmrt_bytes_delete(bytes);
}

static void open_guest(void)
{
    open_text(text);
}

static void close_guest(void)
{
    wasmrt_store_delete(store);
    wasmrt_engine_delete(engine);
}

static int32_t call(const char *name, const int32_t *arg)
{
    wasmrt_func *func = wasmrt_instance_func(instance, name);
    wasmrt_val value = {.kind = WASMRT_I32}, result = value;

    if (arg)
        value.of.i32 = *arg;
    check_ok(wasmrt_func_call(store, func, &value, arg ? 1 : 0, &result, 1));
    return result.of.i32;
}

static int32_t call_all(int32_t n)
{
    return call("all", &n);
}

TEST(code_is_the_default)
{
    check_ok(open_engine(config_for(WASMRT_STRATEGY_AUTO)));
    CHECK_STR_EQ(wasmrt_engine_strategy(engine), "jit");
    open_guest();
    CHECK_EQ(call_all(7), ALL_OF_7);
    CHECK_EQ(call_all(0), ALL_OF_0);
    close_guest();
}

/* -- Where the system refuses ---------------------------------------------- */

/* Lets a system call fail from now on; arg: only with that bit in its third
 * argument. */
static void forbid(int number, uint32_t bit)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                 offsetof(struct seccomp_data, args[2])),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bit, 0, bit ? 1 : 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof(filter) / sizeof(*filter), filter};

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        SKIP("no seccomp");
}

static void check_refused(const char *why)
{
    wasmrt_error *error = open_engine(config_for(WASMRT_STRATEGY_JIT));

    CHECK(error != NULL);
    CHECK_EQ(wasmrt_error_code(error), WASMRT_ERR_ENGINE_UNAVAILABLE);
    CHECK_STR_HAS(wasmrt_error_message(error), why);
    wasmrt_error_delete(error);
    check_ok(open_engine(config_for(WASMRT_STRATEGY_AUTO)));
    open_guest();
    CHECK_EQ(call_all(7), ALL_OF_7);
    close_guest();
}

TEST(code_without_a_file_in_memory_is_interpreted)
{
    forbid(SYS_memfd_create, 0);
    check_refused("memfd_create() is refused");
}

TEST(code_that_may_not_be_mapped_is_interpreted)
{
    forbid(SYS_mmap, PROT_EXEC);
    check_refused("mapping memory executable is refused");
}

TEST(code_with_a_limit_of_file_sizes_is_interpreted)
{
    struct rlimit limit = {1 << 20, 1 << 20};

    CHECK_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
    check_refused("RLIMIT_FSIZE");
}

/* The system changed its mind after the engine was made. */
TEST(code_asked_for_by_name_is_not_interpreted)
{
    wasmrt_val result;
    wasmrt_error *error;

    check_ok(open_engine(config_for(WASMRT_STRATEGY_JIT)));
    open_guest();
    forbid(SYS_mmap, PROT_EXEC);
    error = wasmrt_func_call(store, wasmrt_instance_func(instance, "one"), NULL,
                             0, &result, 1);
    CHECK(error != NULL);
    CHECK_EQ(wasmrt_error_code(error), WASMRT_ERR_ENGINE_UNAVAILABLE);
    wasmrt_error_delete(error);
    close_guest();
}

/* Whoever compiles everything validates; so does whoever cannot. */
TEST(code_that_cannot_be_made_is_validated)
{
    static const char invalid[] =
        "(module (func (export \"f\") (result i32) (i64.const 1)))";
    wasmrt_config *config = config_for(WASMRT_STRATEGY_AUTO);
    wasmrt_module *module = NULL;
    wasmrt_error *error;
    uint8_t *bytes;
    size_t len;

    wasmrt_config_set_compile(config, WASMRT_COMPILE_EAGER);
    check_ok(open_engine(config));
    check_ok(wasmrt_wat2wasm(invalid, strlen(invalid), 0, &bytes, &len));
    forbid(SYS_mmap, PROT_EXEC);
    error = wasmrt_module_new(engine, bytes, len, &module);
    CHECK(error != NULL);
    CHECK_EQ(wasmrt_error_kind(error), WASMRT_KIND_VALIDATE);
    wasmrt_error_delete(error);
    wasmrt_bytes_delete(bytes);
    open_guest();
    CHECK_EQ(call_all(7), ALL_OF_7);
    close_guest();
}

/* -- Children -------------------------------------------------------------- */

static void in_child(int (*run)(void))
{
    int status;
    pid_t pid = fork();

    if (pid == 0)
        _exit(run());
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK(WIFEXITED(status));
    CHECK_EQ(WEXITSTATUS(status), 0);
}

static int calls_both(void)
{
    return call("one", NULL) != 1 || call_all(7) != ALL_OF_7 ||
           call_all(0) != ALL_OF_0;
}

static int opens_another(void)
{
    int failed = calls_both();

    open_guest();
    return failed || calls_both();
}

/* Nothing of `all` is code, when the child begins. */
TEST(code_is_interpreted_when_a_child_cannot_add_any)
{
    check_ok(open_engine(config_for(WASMRT_STRATEGY_JIT)));
    open_guest();
    CHECK_EQ(call("one", NULL), 1);
    in_child(calls_both);
    CHECK_EQ(call_all(7), ALL_OF_7);
    close_guest();
}

/* `all` and what it calls first are, what these call is not. */
TEST(code_calls_what_a_child_has_to_interpret)
{
    wasmrt_val value = {.kind = WASMRT_I32}, result;
    wasmrt_error *error;

    check_ok(open_engine(config_for(WASMRT_STRATEGY_JIT)));
    open_guest();
    CHECK_EQ(call("one", NULL), 1);
    /* An interrupt ends the call in `all`, which is code by then. */
    wasmrt_store_interrupt(store);
    error = wasmrt_func_call(store, wasmrt_instance_func(instance, "all"),
                             &value, 1, &result, 1);
    CHECK(error != NULL);
    wasmrt_error_delete(error);
    in_child(calls_both);
    in_child(opens_another);
    CHECK_EQ(calls_both(), 0);
    in_child(calls_both);
    close_guest();
}

static int go[2];

static int calls_after_its_parent(void)
{
    char byte;

    close(go[1]);
    return read(go[0], &byte, 1) != 0 || calls_both();
}

TEST(code_stays_when_its_module_goes_in_the_parent)
{
    int status;
    pid_t pid;

    check_ok(open_engine(config_for(WASMRT_STRATEGY_JIT)));
    open_guest();
    CHECK_EQ(calls_both(), 0);
    CHECK_EQ(pipe(go), 0);
    pid = fork();
    if (pid == 0)
        _exit(calls_after_its_parent());
    close_guest();
    check_ok(open_engine(config_for(WASMRT_STRATEGY_JIT)));
    open_guest();
    CHECK_EQ(calls_both(), 0);
    close(go[1]);
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    close_guest();
}

/* -- Mappings -------------------------------------------------------------- */

/* Executable memory that is no file's. */
static int nprivate;

/* How many mappings are executable and of the file of code; none may be
 * writable. */
static int check_mappings(void)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[512], rights[8];
    int count = 0;

    if (!maps)
        SKIP("no /proc");
    nprivate = 0;
    while (fgets(line, sizeof(line), maps)) {
        bool is_code = strstr(line, "wasmrt-code") != NULL;

        CHECK_EQ(sscanf(line, "%*s %7s", rights), 1);
        CHECK(rights[1] != 'w' || rights[2] != 'x');
        CHECK(!is_code || strcmp(rights, "r-xs") == 0);
        count += is_code;
        nprivate +=
            rights[2] == 'x' && !strchr(line, '/') && !strchr(line, '[');
    }
    fclose(maps);
    return count;
}

static int has_mappings(void)
{
    return check_mappings() != 1 || calls_both() || check_mappings() != 1;
}

TEST(code_is_never_writable_where_it_is_executable)
{
    check_ok(open_engine(config_for(WASMRT_STRATEGY_JIT)));
    CHECK_EQ(check_mappings(), 0);
    open_guest();
    CHECK_EQ(call("one", NULL), 1);
    CHECK_EQ(check_mappings(), 1);
    in_child(has_mappings);
    CHECK_EQ(calls_both(), 0);
    CHECK_EQ(check_mappings(), 1);
    close_guest();
    CHECK_EQ(check_mappings(), 0);
}

/* -- Modules that are compiled as a whole ---------------------------------- */

/* A jump table has a byte of WebAssembly and four of machine code for each
 * target.  So the code is twice as long as it is expected to be, and the last
 * functions are not where the first are. */
enum { NTABLES = 120, NTARGETS = 5000 };

static void open_large(void)
{
    char *wat, *at;

    wat = malloc(strlen(text) + NTABLES * (2 * NTARGETS + 100));
    CHECK(wat != NULL);
    at = wat + sprintf(wat, "%.*s", (int)strlen(text) - 1, text);
    for (int i = 0; i < NTABLES; i++) {
        at += sprintf(at,
                      "(func (export \"f%d\") (param i32) (result i32)"
                      " (block (br_table",
                      i);
        for (int k = 0; k < NTARGETS; k++)
            at += sprintf(at, " 0");
        at += sprintf(at, " (local.get 0))) (i32.const %d))", i);
    }
    sprintf(at, ")");
    open_text(wat);
    free(wat);
}

static wasmrt_config *config_eager(unsigned nthreads)
{
    wasmrt_config *config = config_for(WASMRT_STRATEGY_JIT);

    wasmrt_config_set_compile(config, WASMRT_COMPILE_EAGER);
    wasmrt_config_set_compile_threads(config, nthreads);
    return config;
}

static int calls_large(void)
{
    const int32_t arg = 4321;
    char name[16];

    for (int i = 0; i < NTABLES; i++) {
        snprintf(name, sizeof(name), "f%d", i);
        if (call(name, &arg) != i)
            return 1;
    }
    return calls_both();
}

/* nprivate: mappings of code in memory of its own. */
static void check_large(unsigned nthreads, int private)
{
    check_ok(open_engine(config_eager(nthreads)));
    CHECK_EQ(check_mappings(), 0);
    CHECK_EQ(nprivate, 0);
    open_large();
    CHECK(check_mappings() > 0);
    CHECK_EQ(nprivate, private);
    CHECK_EQ(calls_large(), 0);
    in_child(calls_large);
    CHECK_EQ(calls_large(), 0);
    close_guest();
    CHECK_EQ(check_mappings(), 0);
    CHECK_EQ(nprivate, 0);
}

TEST(code_of_a_large_module_has_memory_of_its_own)
{
    check_large(1, 1);
    check_large(2, 1);
}

TEST(code_goes_to_the_file_where_rights_may_not_change)
{
    forbid(SYS_mprotect, PROT_EXEC);
    check_large(1, 0);
}

/* -- Small stacks ---------------------------------------------------------- */

static void *call_there(void *result)
{
    *(int32_t *)result = call_all(7);
    return NULL;
}

/* Too little for machine code, which leaves room for C. */
TEST(code_is_interpreted_on_small_stacks)
{
    pthread_attr_t attr;
    pthread_t thread;
    int32_t result = 0;

    check_ok(open_engine(config_for(WASMRT_STRATEGY_JIT)));
    open_guest();
    CHECK_EQ(pthread_attr_init(&attr), 0);
    CHECK_EQ(pthread_attr_setstacksize(&attr, 96 * 1024), 0);
    CHECK_EQ(pthread_create(&thread, &attr, call_there, &result), 0);
    CHECK_EQ(pthread_join(thread, NULL), 0);
    CHECK_EQ(result, ALL_OF_7);
    CHECK_EQ(call_all(7), ALL_OF_7);
    close_guest();
}
