/*
 * Writing and parsing JSON: characters, a switch, recursion, small objects.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench.h"
enum { ROOM = 1 << 18, DEPTH = 6 };
static char text[ROOM];
static uint32_t length;
static const char *at;

static void put(const char *s)
{
    while (*s)
        text[length++] = *s++;
}
static void put_number(uint32_t n)
{
    char digits[12], *p = digits + sizeof digits - 1;

    *p = 0;
    do
        *--p = (char)('0' + n % 10);
    while (n /= 10);
    put(p);
}
NOINLINE static void write_value(uint32_t *seed, int depth)
{
    uint32_t kind = bench_rng(seed) % (depth > 0 ? 6 : 4);
    uint32_t count = 4 + bench_rng(seed) % 6;

    switch (kind) {
    case 0: put("true"); break;
    case 1: put("null"); break;
    case 2: put_number(bench_rng(seed)); break;
    case 3: put("\"a \\\"string\\\" of text\\n\""); break;
    default:
        put(kind == 4 ? "[" : "{");
        for (uint32_t i = 0; i < count && length < ROOM - 4096; i++) {
            put(i ? ", " : " ");
            if (kind == 5) {
                put("\"key");
                put_number(i);
                put("\": ");
            }
            write_value(seed, depth - 1);
        }
        put(kind == 4 ? "]" : "}");
    }
}
static void skip_space(void)
{
    while (*at == ' ' || *at == '\n')
        at++;
}
static uint64_t read_string(uint64_t h)
{
    for (at++; *at != '"'; at++) {
        if (*at == '\\')
            at++;
        h = (h ^ (uint8_t)*at) * 1099511628211u;
    }
    at++;
    return h;
}
NOINLINE static uint64_t read_value(uint64_t h)
{
    double number = 0;

    skip_space();
    switch (*at) {
    case '"': return read_string(h);
    case '[':
    case '{':
        for (char c = *at; c != ']' && c != '}'; c = *at++) {
            at += c == '[' || c == '{';
            skip_space();
            if (*at == ']' || *at == '}')
                continue;
            if (c == '{') {
                h = read_string(h);
                skip_space();
            }
            at += *at == ':';
            h = read_value(h) + 1;
            skip_space();
        }
        return h;
    case 't':
    case 'n': at += 4; return h + 3;
    default:
        while (*at >= '0' && *at <= '9')
            number = number * 10 + (*at++ - '0');
        return h ^ (uint64_t)number;
    }
}
int main(void)
{
    uint64_t h = BENCH_FNV0;
    uint32_t seed = 3;

    for (int k = 0; k < 150 * BENCH_SCALE; k++) {
        length = 0;
        put("[");
        for (int i = 0; i < 30; i++) {
            put(i ? "," : "");
            write_value(&seed, DEPTH);
        }
        put("]");
        text[length] = 0;
        for (int i = 0; i < 4; i++) {
            at = text;
            h = read_value(h);
        }
    }
    return BENCH_DONE("json", h);
}
