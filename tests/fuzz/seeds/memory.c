/*
 * Seed: loads, stores, loops, bulk memory, growth, data segments.
 *
 * wasm-flags: -Os -mbulk-memory
 * wasm-ldflags: -nostdlib -Wl,--no-entry,--export-all,--strip-all
 *
 * SPDX-License-Identifier: Apache-2.0
 */
unsigned char bytes[300] = {1, 2, 3};
short halves[20] = {5};
long long wides[10];

int sum(int n)
{
    int total = 0;

    for (int i = 0; i < n; i++)
        total += bytes[i % 300] + halves[i % 20] + (int)wides[i % 10];
    return total;
}

void fill(int c, int n)
{
    __builtin_memset(bytes, c, (unsigned long)n);
    __builtin_memcpy(bytes + 100, bytes, (unsigned long)n & 63);
}

void store(int i, double d)
{
    ((double *)wides)[i & 7] = d;
    halves[i & 15] = (short)i;
    bytes[i] = (unsigned char)i;
}

int grow(int pages)
{
    return (int)__builtin_wasm_memory_grow(0, (unsigned long)pages & 3);
}
