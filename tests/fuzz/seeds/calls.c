/*
 * Seed: imports, direct and indirect calls, tables, recursion, references.
 *
 * wasm-flags: -Os -mreference-types
 * wasm-ldflags: -nostdlib -Wl,--no-entry,--export-all,--strip-all
 * wasm-ldflags: -Wl,--allow-undefined
 *
 * SPDX-License-Identifier: Apache-2.0
 */
int host_read(int fd, void *buf, int len);
void host_log(double value);

static int one(int x)
{
    return x + 1;
}

static int two(int x)
{
    return x * 2;
}

static int three(int x)
{
    host_log(x);
    return host_read(x, &x, 4);
}

static int (*const table[])(int) = {one, two, three};

int dispatch(int which, int x)
{
    return table[which](x);
}

int fib(int n)
{
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

int deep(int n)
{
    volatile int pad[8];

    pad[n & 7] = n;
    return n ? deep(n - 1) + pad[n & 7] : 0;
}
