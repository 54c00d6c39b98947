/*
 * Every error of reading and validating modules is reached by a script of ours.
 *
 * SCRIPTS names the files in spectest/.  The modules that their assertions
 * refuse are made once more here and the codes gathered, so that neither a text
 * that two codes share nor an assertion that is wrong counts for a code.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/lib/test.h"
#include "wasmrt.h"
#include "wasmrt/text.h"

#include <stdio.h>
#include <stdlib.h>

/* Codes that no script can reach, and where they are tested instead. */
static const struct {
    wasmrt_code code;
    const char *where;
} elsewhere[] = {
    {WASMRT_ERR_FEATURE_OFF, "needs a feature off: tests/cli/features.t"},
};

enum { MAX_CODES = 512 };
static bool reached[MAX_CODES];

static wasmrt_engine *engine_with_all_features(void)
{
    wasmrt_config *config = wasmrt_config_new();
    wasmrt_engine *engine = NULL;
    const char *name;

    for (size_t i = 0; (name = wasmrt_feature_name(i, NULL, NULL)); i++)
        CHECK(wasmrt_config_set_feature(config, name, true));
    CHECK(wasmrt_engine_new(config, &engine) == NULL);
    wasmrt_config_delete(config);
    return engine;
}

static void note(wasmrt_code code)
{
    CHECK((size_t)code < MAX_CODES);
    reached[code] = true;
}

/* The code with which the module of an assertion is refused. */
static void try_module(wasmrt_engine *engine, const wasmrt_script_command *c)
{
    wasmrt_module *module = NULL;
    wasmrt_error *error;

    if (c->error) {
        note(wasmrt_error_code(c->error));
        return;
    }
    error = wasmrt_module_new(engine, c->bytes, c->len, &module);
    if (!error)
        error = wasmrt_module_check_custom(module);
    if (error)
        note(wasmrt_error_code(error));
    wasmrt_error_delete(error);
    wasmrt_module_delete(module);
}

static char *read_file(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    char *text;
    long size;

    if (!file)
        FAIL("%s: cannot be read", path);
    fseek(file, 0, SEEK_END);
    size = ftell(file);
    CHECK(size > 0);
    rewind(file);
    text = malloc((size_t)size);
    *len = fread(text, 1, (size_t)size, file);
    fclose(file);
    return text;
}

static void run_script(wasmrt_engine *engine, const char *path)
{
    const wasmrt_script_command *c;
    wasmrt_script *script = NULL;
    size_t len;
    char *text = read_file(path, &len);

    CHECK(wasmrt_script_new(text, len, &script) == NULL);
    while (wasmrt_script_next(script, &c) == NULL && c) {
        switch (c->kind) {
        case WASMRT_SCRIPT_ASSERT_MALFORMED:
        case WASMRT_SCRIPT_ASSERT_MALFORMED_CUSTOM:
        case WASMRT_SCRIPT_ASSERT_INVALID:
        case WASMRT_SCRIPT_ASSERT_INVALID_CUSTOM: try_module(engine, c); break;
        default: break;
        }
    }
    wasmrt_script_delete(script);
    free(text);
}

static bool is_elsewhere(wasmrt_code code)
{
    for (size_t i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++) {
        if (elsewhere[i].code == code)
            return true;
    }
    return false;
}

TEST(codes_of_modules_are_reached_by_scripts)
{
    static const struct {
        wasmrt_code code;
        wasmrt_error_kind_e kind;
        const char *name;
    } rows[] = {
#define WASMRT_ERROR_ROW(code, kind, text)                                     \
    {WASMRT_ERR_##code, WASMRT_KIND_##kind, #code},
#include "wasmrt/errors.def"
#undef WASMRT_ERROR_ROW
    };
    const char *scripts = getenv("SCRIPTS");
    wasmrt_engine *engine = engine_with_all_features();
    size_t missing = 0;
    char path[1000];
    int len;

    if (!scripts || !*scripts)
        SKIP("SCRIPTS names no scripts");
    for (; sscanf(scripts, " %999s%n", path, &len) == 1; scripts += len)
        run_script(engine, path);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].kind != WASMRT_KIND_DECODE &&
            rows[i].kind != WASMRT_KIND_VALIDATE &&
            rows[i].kind != WASMRT_KIND_TEXT)
            continue;
        /* An excuse that is none any more has to go as well. */
        if (reached[rows[i].code] == is_elsewhere(rows[i].code)) {
            printf("%s is %s\n", rows[i].name,
                   reached[rows[i].code] ? "reached" : "not reached");
            missing++;
        }
    }
    CHECK_EQ(missing, 0);
    wasmrt_engine_delete(engine);
}
