/*
 * Samples: in loops, in functions without any, in host functions, on deep
 * stacks; and stores that come and go meanwhile.  Guests run until what they
 * are tested for was seen: a missing sample is a test that does not end.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "tests/api/host.h"

#include "wasmrt/debug.h"

#include <string.h>
#include <time.h>

enum { PERIOD_NS = 200 * 1000 };

/* What is waited for. */
static struct seen {
    const char *innermost; /* a frame; NULL for any */
    const char *below;     /* its caller, or NULL for any */
    bool in_host;
    size_t frames; /* at least */
    unsigned samples, hits;
} seen;

static bool is_named(const wasmrt_frame *frame, const char *name)
{
    return !name || (frame->func_name && strcmp(frame->func_name, name) == 0);
}

static void on_sample(void *user, wasmrt_sample *sample)
{
    wasmrt_frame frame;
    bool is_hit = wasmrt_sample_in_host(sample) == seen.in_host;
    size_t count = 0;

    (void)user;
    CHECK(wasmrt_sample_ticks(sample) > 0);
    while (wasmrt_sample_next(sample, &frame)) {
        if (count == 0)
            is_hit = is_hit && is_named(&frame, seen.innermost);
        if (count == 1)
            is_hit = is_hit && is_named(&frame, seen.below);
        count++;
    }
    seen.samples++;
    CHECK(count <= 8192);
    if (is_hit && count >= seen.frames && ++seen.hits == 3)
        wasmrt_store_interrupt(store);
}

static void open_sampled(void)
{
    wasmrt_config *config = host_config();

    wasmrt_config_on_sample(config, PERIOD_NS, on_sample, NULL);
    host_open_with(config);
}

static void run_until_seen(wasmrt_instance *inst, struct seen want)
{
    wasmrt_error *error;

    seen = want;
    error = call(inst, "run");
    CHECK(error != NULL);
    check_code(error, WASMRT_ERR_INTERRUPTED);
    CHECK(seen.hits >= 3);
}

TEST(sample_loops_and_functions_without)
{
    wasmrt_instance *inst;

    open_sampled();
    inst = host_instance(
        "(module (global $g (mut i64) (i64.const 1))"
        "  (func $leaf"
        "    (global.set $g (i64.mul (global.get $g) (i64.const 3)))"
        "    (global.set $g (i64.mul (global.get $g) (i64.const 5)))"
        "    (global.set $g (i64.rem_u (global.get $g) (i64.const 77)))"
        "    (global.set $g (i64.rem_u (global.get $g) (i64.const 99))))"
        "  (func $run (export \"run\") (loop $l (call $leaf) (br $l))))");
    run_until_seen(inst, (struct seen){.innermost = "run", .frames = 1});
    run_until_seen(
        inst, (struct seen){.innermost = "leaf", .below = "run", .frames = 2});
    host_close();
}

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static wasmrt_error *wait_for_tick(void *env, wasmrt_caller *caller,
                                   const wasmrt_val *args, wasmrt_val *results)
{
    (void)env;
    (void)args;
    (void)results;
    return wasmrt_caller_wait(caller, NULL, 0, now_ns() + 4 * PERIOD_NS);
}

TEST(sample_time_of_the_host)
{
    wasmrt_instance *inst;

    open_sampled();
    host_define("wait", "() -> ()", wait_for_tick, NULL);
    inst = host_instance("(module (import \"h\" \"wait\" (func $wait))"
                         "  (func $f (call $wait))"
                         "  (func $run (export \"run\")"
                         "    (loop $l (call $f) (br $l))))");
    run_until_seen(inst, (struct seen){.innermost = "f",
                                       .below = "run",
                                       .in_host = true,
                                       .frames = 2});
    host_close();
}

/* Recursion, also by tail calls, through a table, and with results in several
 * registers, goes on unharmed. */
TEST(sample_goes_on_where_it_was)
{
    wasmrt_instance *inst;

    open_sampled();
    inst = host_instance(
        "(module (type $t (func (param i32 f64) (result f64 i32)))"
        "  (table 1 funcref) (elem (i32.const 0) $down)"
        "  (func $down (type $t)"
        "    (if (result f64 i32) (local.get 0)"
        "      (then (call_indirect (type $t)"
        "          (i32.sub (local.get 0) (i32.const 1))"
        "          (f64.add (local.get 1) (f64.const 0.5)) (i32.const 0))"
        "        (i32.add (i32.const 1)))"
        "      (else (local.get 1) (i32.const 0))))"
        "  (func $tail (param i32 i64) (result i64)"
        "    (if (result i64) (local.get 0)"
        "      (then (return_call $tail (i32.sub (local.get 0) (i32.const 1))"
        "        (i64.add (local.get 1) (i64.const 3))))"
        "      (else (local.get 1))))"
        "  (func $run (export \"run\") (local i32 f64)"
        "    (loop $l"
        "      (call $down (i32.const 500) (f64.const 1))"
        "      (local.set 0) (local.set 1)"
        "      (if (i32.ne (local.get 0) (i32.const 500))"
        "        (then unreachable))"
        "      (if (f64.ne (local.get 1) (f64.const 251))"
        "        (then unreachable))"
        "      (if (i64.ne (call $tail (i32.const 1000) (i64.const 7))"
        "                  (i64.const 3007))"
        "        (then unreachable))"
        "      (br $l))))");
    run_until_seen(inst, (struct seen){.frames = 100});
    run_until_seen(inst, (struct seen){.innermost = "tail", .frames = 1});
    host_close();
}

TEST(sample_has_no_end_of_frames)
{
    wasmrt_instance *inst;
    wasmrt_config *config = host_config();

    wasmrt_config_on_sample(config, PERIOD_NS, on_sample, NULL);
    wasmrt_config_set_max_stack(config, 4 << 20);
    host_open_with(config);
    inst = host_instance(
        "(module (func $deep (param i32)"
        "    (if (local.get 0)"
        "      (then (call $deep (i32.sub (local.get 0) (i32.const 1))))"
        "      (else (loop $l (br $l)))))"
        "  (func $run (export \"run\") (call $deep (i32.const 10000))))");
    run_until_seen(inst, (struct seen){.innermost = "deep", .frames = 8192});
    host_close();
}

TEST(sample_stores_that_come_and_go)
{
    wasmrt_instance *inst;

    open_sampled();
    inst = host_instance("(module (func (export \"run\") (loop $l (br $l))))");
    for (int i = 0; i < 300; i++) {
        wasmrt_store *other = NULL;

        check_ok(wasmrt_store_new(engine, &other));
        wasmrt_store_delete(other);
    }
    run_until_seen(inst, (struct seen){.frames = 1});
    host_close();
}
