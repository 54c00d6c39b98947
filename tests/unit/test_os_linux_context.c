#include "runtime/base/os.h"

#include "tests/lib/test.h"

enum { STACK_BYTES = 256 * 1024 };

static struct wrt_os_context own, outer;
static uintptr_t low_inside;
static bool is_aligned;
static double sum;
static int nsteps;

/* Aligned as the compiler expects it of a function's frame. */
static void look_at_frame(void)
{
    _Alignas(16) volatile char bytes[16];

    bytes[0] = 1;
    is_aligned = (uintptr_t)bytes % 16 == 0;
}

/* Keeps values in registers that callees preserve, across switches. */
static void count(void *arg)
{
    long a = 1, b = 2, c = 3, d = 4, e = 5;
    double f = 0.5, g = 1.5;

    CHECK_EQ(arg, &own);
    look_at_frame();
    low_inside = wrt_os_stack_low();
    for (int i = 0; i < 5; i++) {
        wrt_os_context_switch(&own, &outer);
        a += b, b += c, c += d, d += e, e += 1;
        f += g, g += 0.25;
        nsteps++;
    }
    sum = f + g + (double)(a + b + c + d + e);
    wrt_os_context_leave(&own, &outer);
}

static uint8_t *map_stack(void)
{
    uint8_t *stack = wrt_os_reserve(STACK_BYTES);

    CHECK(stack && wrt_os_commit(stack, STACK_BYTES));
    return stack;
}

TEST(os_context_keeps_what_a_call_keeps)
{
    uint8_t *stack = map_stack();
    uintptr_t low = wrt_os_stack_low();
    long a = 10, b = 20, c = 30, d = 40, e = 50;
    double f = 2.5;

    CHECK(wrt_os_context_init(&own, stack, STACK_BYTES, count, &own));
    for (int i = 0; i < 6; i++) {
        CHECK_EQ(nsteps, i ? i - 1 : 0);
        wrt_os_context_switch(&outer, &own);
        a += b, b += c, c += d, d += e, e += 1;
        f *= 2;
    }
    wrt_os_context_fini(&own);
    CHECK(is_aligned);
    CHECK_EQ(low_inside, (uintptr_t)stack);
    CHECK_EQ(wrt_os_stack_low(), low);
    CHECK_EQ(nsteps, 5);
    /* What the same steps give without switches. */
    CHECK_EQ(sum, 364.25);
    CHECK_EQ(a + b + c + d + e, 5402);
    CHECK_EQ(f, 160.0);
    wrt_os_release(stack, STACK_BYTES);
}

/* A stack can be used again, also by another function. */
static void leave_at_once(void *arg)
{
    nsteps = *(int *)arg;
    wrt_os_context_leave(&own, &outer);
}

TEST(os_context_stack_is_reusable)
{
    uint8_t *stack = map_stack();

    for (int i = 0; i < 100; i++) {
        CHECK(wrt_os_context_init(&own, stack, STACK_BYTES, leave_at_once, &i));
        wrt_os_context_switch(&outer, &own);
        wrt_os_context_fini(&own);
        CHECK_EQ(nsteps, i);
    }
    wrt_os_release(stack, STACK_BYTES);
}
