/*
 * Small sphere ray tracer, f32: many short float helper functions, branches,
 * recursion.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench.h"
#include <math.h>
typedef struct {
    float x, y, z;
} v3;
static inline v3 add(v3 a, v3 b)
{
    return (v3){a.x + b.x, a.y + b.y, a.z + b.z};
}
static inline v3 sub(v3 a, v3 b)
{
    return (v3){a.x - b.x, a.y - b.y, a.z - b.z};
}
static inline v3 mul(v3 a, float k)
{
    return (v3){a.x * k, a.y * k, a.z * k};
}
static inline float dot(v3 a, v3 b)
{
    return a.x * b.x + a.y * b.y + a.z * b.z;
}
static inline v3 norm(v3 a)
{
    return mul(a, 1 / sqrtf(dot(a, a)));
}
#define NS 9
static struct {
    v3 c;
    float r, refl, col;
} sp[NS];
static int hit(v3 o, v3 d, float *t)
{
    int who = -1;
    float best = 1e30f;
    for (int i = 0; i < NS; i++) {
        v3 oc = sub(o, sp[i].c);
        float b = dot(oc, d), c = dot(oc, oc) - sp[i].r * sp[i].r,
              q = b * b - c;
        if (q > 0) {
            float s = sqrtf(q), x = -b - s;
            if (x < 1e-3f)
                x = -b + s;
            if (x > 1e-3f && x < best) {
                best = x;
                who = i;
            }
        }
    }
    *t = best;
    return who;
}
NOINLINE static float trace(v3 o, v3 d, int depth)
{
    float t;
    int i = hit(o, d, &t);
    if (i < 0)
        return 0.2f + 0.3f * (d.y > 0 ? d.y : 0);
    v3 p = add(o, mul(d, t)), n = norm(sub(p, sp[i].c)),
       l = norm((v3){0.5f, 1, -0.7f});
    float lit = dot(n, l), u;
    if (lit < 0 || hit(p, l, &u) >= 0)
        lit = 0;
    float c = sp[i].col * (0.15f + 0.85f * lit);
    if (depth < 4 && sp[i].refl > 0)
        c += sp[i].refl * trace(p, sub(d, mul(n, 2 * dot(n, d))), depth + 1);
    return c;
}
int main(void)
{
    enum { W = 400, H = 300 };
    uint64_t h = BENCH_FNV0;
    for (int i = 0; i < NS; i++) {
        sp[i].c = (v3){(float)(i % 3) * 2 - 2, (float)(i / 3) - 0.5f,
                       5 + (float)(i * 5 % 7)};
        sp[i].r = 0.6f + 0.05f * (float)i;
        sp[i].refl = 0.1f * (float)(i % 5);
        sp[i].col = 0.3f + 0.07f * (float)i;
    }
    for (int k = 0; k < 20 * BENCH_SCALE; k++)
        for (int y = 0; y < H; y++)
            for (int x = 0; x < W; x++) {
                v3 d = norm(
                    (v3){((float)x - W / 2) / W, (H / 2 - (float)y) / W, 1});
                float c = trace((v3){0, 0.5f, 0.1f * (float)k}, d, 0);
                h = (h ^ (uint32_t)(int)(c * 64)) * 1099511628211ull;
            }
    return BENCH_DONE("raytrace", h);
}
