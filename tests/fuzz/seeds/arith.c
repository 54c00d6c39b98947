/*
 * Seed: integer and floating-point operations, globals, branches.
 *
 * wasm-flags: -Os -mnontrapping-fptoint -msign-ext -mmultivalue
 * wasm-ldflags: -nostdlib -Wl,--no-entry,--export-all,--strip-all
 *
 * SPDX-License-Identifier: Apache-2.0
 */
int counter;

int mix(int a, int b)
{
    counter++;
    return (a * 31 + b) ^ (int)((unsigned)a >> 3) ^ (a << (b & 7));
}

long long wide(long long a, long long b)
{
    return b ? a / b + a % b : __builtin_popcountll((unsigned long long)a);
}

double poly(double x, float y)
{
    return x * x + __builtin_sqrt(x) - (double)y + (double)(int)x;
}

float narrow(long long x, signed char c)
{
    return (float)x + c;
}

int choose(int n)
{
    switch (n) {
    case 0: return 7;
    case 1: return mix(n, 2);
    case 2: return (int)wide(n, 3);
    case 3: return 11;
    case 4: return (int)poly(n, 2);
    default: return n < 10 ? -1 : 99;
    }
}
