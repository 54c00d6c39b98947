/*
 * Compile speed of wasm3: every function validated and translated.  Built with
 * the sources in WASM3_SRC.  SPDX-License-Identifier: Apache-2.0
 */
#include "bench/compiling/lib.h"

#include "wasm3.h"

static void check(M3Result result)
{
    if (!result)
        return;
    fprintf(stderr, "%s\n", result);
    exit(1);
}

static void compile(const struct input *in)
{
    IM3Environment env = m3_NewEnvironment();
    IM3Runtime runtime = m3_NewRuntime(env, 64 * 1024, NULL);
    IM3Module module;

    check(m3_ParseModule(env, &module, in->bytes, (uint32_t)in->len));
    check(m3_LoadModule(runtime, module));
    check(m3_CompileModule(module));
    m3_FreeRuntime(runtime);
    m3_FreeEnvironment(env);
}

int main(int argc, char **argv)
{
    struct input in = read_input(argv[argc - 1]);

    measure("compile", atof(argv[1]), compile, &in);
    return 0;
}
