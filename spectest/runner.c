/*
 * The runner of test scripts: commands, assertions, counts.
 *
 * Each file has a store and a linker of its own.  A directive counts once, as
 * passed, failed or skipped: modules, registrations, actions that stand alone,
 * and assertions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "spectest/runner.h"

#include "spectest/match.h"
#include "spectest/roundtrip.h"
#include "spectest/wording.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* UNCOUNTED: threads are counted by what they do. */
enum outcome { PASSED, FAILED, SKIPPED, UNCOUNTED };

/* -- Small things ---------------------------------------------------------- */

void *spectest_realloc(void *ptr, size_t size)
{
    void *fresh = realloc(ptr, size ? size : 1);

    if (!fresh) {
        fprintf(stderr, "wast: out of memory\n");
        exit(1);
    }
    return fresh;
}

char *spectest_copy(const char *text)
{
    return text ? strcpy(spectest_realloc(NULL, strlen(text) + 1), text) : NULL;
}

void spectest_fail(struct runner *r, const char *format, ...)
{
    char text[2000];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    /* In one piece: threads print too. */
    printf("%s:%zu: %s\n", r->path, r->line, text);
}

/* Prints an error that was not expected and releases it. */
static enum outcome fail_with(struct runner *r, const char *what,
                              wasmrt_error *error)
{
    spectest_fail(r, "%s: %s", what, wasmrt_error_message(error));
    wasmrt_error_delete(error);
    return FAILED;
}

/* Whether the error is about a feature that is off, in a run that skips
 * those; then the feature is noted. */
static bool is_disabled(struct runner *r, const wasmrt_error *error)
{
    const char *detail;
    size_t len, used = strlen(r->reason);
    char name[40];

    if (!r->options->skip_disabled || !error ||
        wasmrt_error_code(error) != WASMRT_ERR_FEATURE_OFF)
        return false;
    detail = strchr(wasmrt_error_message(error), ':');
    len = detail ? strcspn(detail + 2, " ") : 0;
    if (len == 0 || len >= sizeof(name))
        return true;
    snprintf(name, sizeof(name), "%.*s", (int)len, detail + 2);
    if (!strstr(r->reason, name) && used + len + 3 < sizeof(r->reason))
        snprintf(r->reason + used, sizeof(r->reason) - used, "%s%s",
                 used ? ", " : "", name);
    return true;
}

/* -- What the script has named --------------------------------------------- */

struct named *spectest_add(struct runner *r, const char *name)
{
    struct named *n;

    r->named = spectest_realloc(r->named, (r->nnamed + 1) * sizeof(*r->named));
    n = &r->named[r->nnamed++];
    *n = (struct named){.name = spectest_copy(name)};
    return n;
}

static struct named *find_named(struct runner *r, const char *name,
                                bool is_definition)
{
    for (size_t i = r->nnamed; i-- > 0;) {
        struct named *n = &r->named[i];

        if (n->is_definition == is_definition &&
            (!name || (n->name && strcmp(n->name, name) == 0)))
            return n;
    }
    return NULL;
}

struct named *spectest_find(struct runner *r, const char *name)
{
    return find_named(r, name, false);
}

static struct registered *find_registered(struct runner *r, const char *as)
{
    for (size_t i = 0; i < r->nregistered; i++) {
        if (strcmp(r->registered[i].as, as) == 0)
            return &r->registered[i];
    }
    return NULL;
}

/* Notes whether the instance shares state with others; returns whether it
 * imports from one that was skipped. */
static bool needs_skipped(struct runner *r, const wasmrt_module *module,
                          struct named *n)
{
    wasmrt_extern_info import;

    for (size_t i = 0; wasmrt_module_import(module, i, &import); i++) {
        const struct registered *from = find_registered(r, import.module);

        if (from && n)
            n->is_shared = true;
        if (from && from->is_skipped)
            return true;
    }
    return false;
}

/* The module (n, unless the script only tries it) is skipped.  It might have
 * changed what instances share, so they are as good as skipped from now on. */
static enum outcome skip_module(struct runner *r, struct named *n)
{
    if (n)
        n->is_skipped = true;
    for (size_t i = 0; i < r->nnamed; i++)
        r->named[i].is_skipped |= r->named[i].is_shared;
    for (size_t i = 0; i < r->nregistered; i++)
        r->registered[i].is_skipped = true;
    return SKIPPED;
}

/* -- Modules --------------------------------------------------------------- */

/* Makes the module of a command, also when the text is what is wrong. */
static wasmrt_error *make_module(struct runner *r,
                                 const wasmrt_script_command *c,
                                 wasmrt_module **out)
{
    if (c->error) {
        wasmrt_code code = wasmrt_error_code(c->error);
        const char *message = wasmrt_error_message(c->error);
        size_t prefix = strlen(wasmrt_code_text(code));

        /* The new error begins with the code's text by itself. */
        return wasmrt_error_new(code,
                                message[prefix] ? message + prefix + 2 : NULL);
    }
    if (r->options->roundtrip)
        return spectest_roundtrip(r->engine, c->bytes, c->len, out);
    return wasmrt_module_new(r->engine, c->bytes, c->len, out);
}

/* A module that cannot be made: with its line when the text is what is wrong.
 */
static enum outcome fail_module(struct runner *r,
                                const wasmrt_script_command *c,
                                wasmrt_error *error)
{
    char shown[400];

    if (!c->error || !c->text)
        return fail_with(r, "module", error);
    wasmrt_text_explain(c->error, NULL, c->text, c->text_len, shown,
                        sizeof(shown));
    shown[strlen(shown) - 1] = '\0'; /* its newline */
    spectest_fail(r, "module: %s", shown);
    wasmrt_error_delete(error);
    return FAILED;
}

static enum outcome instantiate(struct runner *r, wasmrt_module *module,
                                struct named *n)
{
    wasmrt_error *error;

    if (needs_skipped(r, module, n))
        return skip_module(r, n);
    error =
        wasmrt_linker_instantiate(r->linker, r->store, module, &n->instance);
    if (is_disabled(r, error)) {
        wasmrt_error_delete(error);
        return skip_module(r, n);
    }
    return error ? fail_with(r, "instantiating", error) : PASSED;
}

static enum outcome run_module(struct runner *r, const wasmrt_script_command *c)
{
    bool is_definition = c->kind == WASMRT_SCRIPT_DEFINITION;
    struct named *n = spectest_add(r, c->name);
    wasmrt_module *module = NULL;
    wasmrt_error *error = make_module(r, c, &module);
    enum outcome outcome = PASSED;

    n->is_definition = is_definition;
    if (is_disabled(r, error)) {
        wasmrt_error_delete(error);
        return skip_module(r, n);
    }
    if (error)
        return fail_module(r, c, error);
    if (is_definition)
        n->module = module;
    else {
        outcome = instantiate(r, module, n);
        wasmrt_module_delete(module);
    }
    return outcome;
}

static enum outcome run_instance(struct runner *r,
                                 const wasmrt_script_command *c)
{
    struct named *definition = find_named(r, c->definition, true), *n;
    wasmrt_module *module = definition ? definition->module : NULL;
    bool is_skipped = definition && definition->is_skipped;

    n = spectest_add(r, c->name);
    if (is_skipped)
        return skip_module(r, n);
    if (!module) {
        spectest_fail(r, "no such definition");
        return FAILED;
    }
    return instantiate(r, module, n);
}

static enum outcome run_register(struct runner *r,
                                 const wasmrt_script_command *c)
{
    struct named *n = find_named(r, c->name, false);
    struct registered *as = find_registered(r, c->as);
    wasmrt_error *error;

    if (!n || (!n->instance && !n->is_skipped && !n->shared)) {
        spectest_fail(r, "no instance to register");
        return FAILED;
    }
    if (!as) {
        r->registered = spectest_realloc(
            r->registered, (r->nregistered + 1) * sizeof(*r->registered));
        as = &r->registered[r->nregistered++];
        as->as = spectest_copy(c->as);
    }
    as->is_skipped = n->is_skipped;
    n->is_shared = true;
    if (n->is_skipped)
        return SKIPPED;
    error = n->instance
                ? wasmrt_linker_define_instance(r->linker, c->as, n->instance)
                : spectest_register_shared(r, n, c->as);
    return error ? fail_with(r, "register", error) : PASSED;
}

/* -- Actions --------------------------------------------------------------- */

/* The host reference with a number; made at its first use. */
static wasmrt_error *host_reference(struct runner *r, uint64_t number,
                                    wasmrt_extern **out)
{
    wasmrt_error *error;

    for (size_t i = 0; i < r->nexterns; i++) {
        *out = r->externs[i];
        if ((uintptr_t)wasmrt_extern_data(*out) == number)
            return NULL;
    }
    r->externs =
        spectest_realloc(r->externs, (r->nexterns + 1) * sizeof(*r->externs));
    error = wasmrt_extern_new(r->store, (void *)(uintptr_t)number, out);
    if (!error)
        r->externs[r->nexterns++] = *out;
    return error;
}

/* kind is the parameter's: a reference has it. */
static wasmrt_error *argument(struct runner *r, const wasmrt_script_value *v,
                              wasmrt_kind kind, wasmrt_val *out)
{
    memset(out, 0, sizeof(*out));
    switch (v->type) {
    case WASMRT_SCRIPT_I32: *out = wasmrt_i32((int32_t)v->bits); return NULL;
    case WASMRT_SCRIPT_I64: *out = wasmrt_i64((int64_t)v->bits); return NULL;
    case WASMRT_SCRIPT_F32:
    case WASMRT_SCRIPT_F64:
        out->kind = v->type == WASMRT_SCRIPT_F32 ? WASMRT_F32 : WASMRT_F64;
        memcpy(&out->of, &v->bits, v->type == WASMRT_SCRIPT_F32 ? 4 : 8);
        return NULL;
    case WASMRT_SCRIPT_V128:
        out->kind = WASMRT_V128;
        memcpy(out->of.v128.bytes, v->v128, 16);
        return NULL;
    case WASMRT_SCRIPT_REF_NULL: out->kind = kind; return NULL;
    case WASMRT_SCRIPT_REF_EXTERN:
    case WASMRT_SCRIPT_REF_HOST:
        out->kind = kind;
        return host_reference(r, v->bits, &out->of.ext);
    default:
        return wasmrt_error_new(WASMRT_ERR_MISUSE, "argument of this type");
    }
}

static wasmrt_error *call(struct runner *r, const wasmrt_script_command *c,
                          wasmrt_func *func)
{
    size_t nparams = wasmrt_func_param_count(r->store, func);

    r->nresults = wasmrt_func_result_count(r->store, func);
    if (c->nargs != nparams || nparams > MAX_VALUES || r->nresults > MAX_VALUES)
        return wasmrt_error_new(WASMRT_ERR_MISUSE, "number of arguments");
    for (size_t i = 0; i < nparams; i++) {
        wasmrt_error *error =
            argument(r, &c->args[i], wasmrt_func_param_kind(r->store, func, i),
                     &r->args[i]);

        if (error)
            return error;
    }
    return wasmrt_func_call(r->store, func, r->args, nparams, r->results,
                            r->nresults);
}

/* Calls or reads what the command says; results are in r->results. */
static wasmrt_error *act(struct runner *r, const wasmrt_script_command *c,
                         wasmrt_instance *instance)
{
    wasmrt_extern_val found;

    r->nresults = 0;
    if (!wasmrt_instance_export_n(instance, c->field, c->field_len, &found) ||
        found.kind != (c->is_get ? WASMRT_EXTERN_GLOBAL : WASMRT_EXTERN_FUNC))
        return wasmrt_error_new(WASMRT_ERR_NO_SUCH_EXPORT, c->field);
    if (!c->is_get)
        return call(r, c, found.of.func);
    r->nresults = 1;
    r->results[0] = wasmrt_global_get(found.of.global);
    return NULL;
}

static enum outcome check_results(struct runner *r,
                                  const wasmrt_script_command *c)
{
    enum outcome outcome = PASSED;

    if (r->nresults != c->nresults) {
        spectest_fail(r, "%s gave %zu results, expected %zu", c->field,
                      r->nresults, c->nresults);
        return FAILED;
    }
    for (size_t i = 0; i < c->nresults; i++) {
        char want[400], got[200];

        if (spectest_match(&c->results[i], &r->results[i]))
            continue;
        spectest_fail(r, "%s gave %s, expected %s", c->field,
                      spectest_got_text(&r->results[i], got, sizeof(got)),
                      spectest_want_text(&c->results[i], want, sizeof(want)));
        outcome = FAILED;
    }
    return outcome;
}

/* -- Expected errors ------------------------------------------------------- */

/* Whether it is the limit that is expected: many have one code, so its message
 * tells. */
static bool is_limit(const wasmrt_error *error, const char *expected)
{
    return wasmrt_error_kind(error) == WASMRT_KIND_LIMIT &&
           strncmp(wasmrt_error_message(error), expected, strlen(expected)) ==
               0;
}

/* Checks kind and code of an error, or its absence; releases it. */
static enum outcome check_error(struct runner *r, wasmrt_error *error,
                                bool is_right_kind, const char *expected)
{
    enum outcome outcome = PASSED;

    if (!error) {
        spectest_fail(r, "no error, expected \"%s\"", expected);
        return FAILED;
    }
    is_right_kind |= is_limit(error, expected);
    if (!is_right_kind ||
        !spectest_wording_fits(wasmrt_error_code(error), expected)) {
        spectest_fail(r, "error \"%s\"%s, expected \"%s\"",
                      wasmrt_error_message(error),
                      is_right_kind ? "" : " of another kind", expected);
        outcome = FAILED;
    }
    wasmrt_error_delete(error);
    return outcome;
}

static bool is_kind(const wasmrt_error *error, wasmrt_error_kind_e kind)
{
    return error && wasmrt_error_kind(error) == kind;
}

/* assert_malformed, assert_invalid and their likes. */
static enum outcome assert_refused(struct runner *r,
                                   const wasmrt_script_command *c)
{
    wasmrt_module *module = NULL;
    wasmrt_error *error = make_module(r, c, &module);
    bool is_malformed = c->kind == WASMRT_SCRIPT_ASSERT_MALFORMED ||
                        c->kind == WASMRT_SCRIPT_ASSERT_MALFORMED_CUSTOM;
    bool is_custom = c->kind == WASMRT_SCRIPT_ASSERT_MALFORMED_CUSTOM ||
                     c->kind == WASMRT_SCRIPT_ASSERT_INVALID_CUSTOM;
    bool is_right;

    if (!error && is_custom)
        error = wasmrt_module_check_custom(module);
    is_right = is_malformed ? is_kind(error, WASMRT_KIND_TEXT) ||
                                  is_kind(error, WASMRT_KIND_DECODE)
                            : is_kind(error, WASMRT_KIND_VALIDATE);
    wasmrt_module_delete(module);
    /* For a script from before the feature, to be off is to be invalid. */
    if (error && wasmrt_error_code(error) == WASMRT_ERR_FEATURE_OFF &&
        spectest_wording_fits(WASMRT_ERR_FEATURE_OFF, c->expected))
        is_right = true;
    else if (is_disabled(r, error)) {
        wasmrt_error_delete(error);
        return SKIPPED;
    }
    return check_error(r, error, is_right, c->expected);
}

/* assert_unlinkable, and assert_trap of a module. */
static enum outcome assert_not_instantiated(struct runner *r,
                                            const wasmrt_script_command *c)
{
    wasmrt_module *module = NULL;
    wasmrt_instance *instance;
    wasmrt_error *error = make_module(r, c, &module);
    bool is_link = c->kind == WASMRT_SCRIPT_ASSERT_UNLINKABLE, is_skipped;

    if (is_disabled(r, error)) {
        wasmrt_error_delete(error);
        return skip_module(r, NULL);
    }
    if (error)
        return fail_with(r, "module", error);
    is_skipped = needs_skipped(r, module, NULL);
    if (!is_skipped)
        error =
            wasmrt_linker_instantiate(r->linker, r->store, module, &instance);
    wasmrt_module_delete(module);
    if (is_skipped)
        return skip_module(r, NULL);
    return check_error(
        r, error, is_kind(error, is_link ? WASMRT_KIND_LINK : WASMRT_KIND_TRAP),
        c->expected);
}

/* Commands with an action. */
static enum outcome run_action(struct runner *r, const wasmrt_script_command *c)
{
    const struct named *n = find_named(r, c->module, false);
    wasmrt_error *error;

    if (n && n->is_skipped)
        return SKIPPED;
    if (!n || !n->instance) {
        spectest_fail(r, "%s: no instance", c->field);
        return FAILED;
    }
    error = act(r, c, n->instance);
    switch (c->kind) {
    case WASMRT_SCRIPT_ASSERT_TRAP:
    case WASMRT_SCRIPT_ASSERT_EXHAUSTION:
        return check_error(r, error, is_kind(error, WASMRT_KIND_TRAP),
                           c->expected);
    case WASMRT_SCRIPT_ASSERT_EXCEPTION:
        return check_error(r, error, is_kind(error, WASMRT_KIND_EXCEPTION),
                           wasmrt_code_text(WASMRT_ERR_UNCAUGHT_EXCEPTION));
    default:
        if (error)
            return fail_with(r, c->field, error);
        return c->kind == WASMRT_SCRIPT_ACTION ? PASSED : check_results(r, c);
    }
}

/* -- Scripts --------------------------------------------------------------- */

static enum outcome run_command(struct runner *r,
                                const wasmrt_script_command *c)
{
    switch (c->kind) {
    case WASMRT_SCRIPT_MODULE:
    case WASMRT_SCRIPT_DEFINITION: return run_module(r, c);
    case WASMRT_SCRIPT_INSTANCE: return run_instance(r, c);
    case WASMRT_SCRIPT_REGISTER: return run_register(r, c);
    case WASMRT_SCRIPT_ASSERT_MALFORMED:
    case WASMRT_SCRIPT_ASSERT_MALFORMED_CUSTOM:
    case WASMRT_SCRIPT_ASSERT_INVALID:
    case WASMRT_SCRIPT_ASSERT_INVALID_CUSTOM: return assert_refused(r, c);
    case WASMRT_SCRIPT_ASSERT_UNLINKABLE:
    case WASMRT_SCRIPT_ASSERT_UNINSTANTIABLE:
        return assert_not_instantiated(r, c);
    case WASMRT_SCRIPT_THREAD:
        return spectest_start_thread(r, c) ? UNCOUNTED : FAILED;
    case WASMRT_SCRIPT_WAIT:
        return spectest_wait_thread(r, c) ? UNCOUNTED : FAILED;
    default: return run_action(r, c);
    }
}

static void count(struct runner *r, enum outcome outcome)
{
    r->counts.passed += outcome == PASSED;
    r->counts.failed += outcome == FAILED;
    r->counts.skipped += outcome == SKIPPED;
}

/* Runs the commands of a text; one that cannot be read ends it. */
void spectest_run_text(struct runner *r, const char *text, size_t len)
{
    wasmrt_script *script = NULL;
    const wasmrt_script_command *c;
    wasmrt_error *error = wasmrt_script_new(text, len, &script);

    r->text = text;
    r->len = len;
    while (!error) {
        error = wasmrt_script_next(script, &c);
        if (error || !c)
            break;
        r->line = r->first_line + c->line - 1;
        if (r->options->line && r->line > r->options->line)
            break;
        count(r, run_command(r, c));
    }
    spectest_wait_all(r);
    if (error) {
        char shown[400], name[300];

        snprintf(name, sizeof(name), r->first_line == 1 ? "%s" : "%s, thread",
                 r->path);
        wasmrt_text_explain(error, name, text, len, shown, sizeof(shown));
        printf("%s", shown);
        r->counts.failed++;
        wasmrt_error_delete(error);
    }
    wasmrt_script_delete(script);
}

/* The whole file, NUL-terminated; NULL when it cannot be read. */
static char *read_file(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    size_t capacity = 0, n;

    *len = 0;
    while (file && !feof(file) && !ferror(file)) {
        if (capacity - *len < 65536)
            text = spectest_realloc(text, capacity += capacity + 65537);
        n = fread(text + *len, 1, capacity - *len, file);
        *len += n;
    }
    if (file && ferror(file)) {
        free(text);
        text = NULL;
    }
    if (file)
        fclose(file);
    return text;
}

/* A store and a linker for a new file. */
wasmrt_error *spectest_begin(struct runner *r)
{
    wasmrt_error *error = wasmrt_store_new(r->engine, &r->store);

    if (!error)
        wasmrt_store_set_gc_stress(r->store, r->options->gc_stress);
    if (!error && r->options->fuel)
        error = wasmrt_store_set_fuel(r->store, r->options->fuel);
    if (!error)
        error = wasmrt_linker_new(r->engine, &r->linker);
    return error ? error : spectest_define_host(r);
}

void spectest_end(struct runner *r)
{
    for (size_t i = 0; i < r->nnamed; i++) {
        for (size_t j = 0; j < r->named[i].nshared; j++)
            free(r->named[i].shared[j].name);
        free(r->named[i].shared);
        free(r->named[i].name);
        wasmrt_module_delete(r->named[i].module);
    }
    free(r->named);
    for (size_t i = 0; i < r->nregistered; i++)
        free(r->registered[i].as);
    free(r->registered);
    free(r->externs);
    wasmrt_linker_delete(r->linker);
    wasmrt_store_delete(r->store);
}

/* "NAME.wast: N passed, N failed", and what was skipped. */
static void print_counts(const char *name, const struct spectest_counts *counts,
                         const char *reason)
{
    printf("%s%s%zu passed, %zu failed", name, *name ? ": " : "",
           counts->passed, counts->failed);
    if (counts->skipped > 0)
        printf(", %zu skipped%s%s%s", counts->skipped, *reason ? " (" : "",
               reason, *reason ? ")" : "");
    printf("\n");
    fflush(stdout);
}

static void run_file(struct runner *r)
{
    const char *slash = strrchr(r->path, '/');
    size_t len;
    char *text = read_file(r->path, &len);
    wasmrt_error *error = text ? spectest_begin(r) : NULL;

    if (!text) {
        printf("%s: cannot be read\n", r->path);
        count(r, FAILED);
    } else if (error) {
        count(r, fail_with(r, "spectest", error));
    } else {
        spectest_run_text(r, text, len);
    }
    print_counts(slash ? slash + 1 : r->path, &r->counts, r->reason);
    spectest_end(r);
    free(text);
}

static void print_checks(const wasmrt_engine *engine)
{
    wasmrt_code_checks checks;

    wasmrt_engine_get_code_checks(engine, &checks);
    printf("checked %" PRIu64 " functions, %" PRIu64 " instructions, %" PRIu64
           " loads, %" PRIu64 " stores, %" PRIu64 " branches\n",
           checks.funcs, checks.insns, checks.loads, checks.stores,
           checks.branches);
}

bool spectest_run(const struct spectest_options *options,
                  const char *const *paths, size_t npaths,
                  struct spectest_counts *counts)
{
    struct spectest_counts total = {0};
    wasmrt_engine *engine = NULL;
    wasmrt_error *error = wasmrt_engine_new(options->config, &engine);

    if (error) {
        printf("wast: %s\n", wasmrt_error_message(error));
        wasmrt_error_delete(error);
        return false;
    }
    for (size_t i = 0; i < npaths; i++) {
        struct runner *r = spectest_realloc(NULL, sizeof(*r));

        memset(r, 0, sizeof(*r));
        r->options = options;
        r->engine = engine;
        r->path = paths[i];
        r->first_line = 1;
        run_file(r);
        total.passed += r->counts.passed;
        total.failed += r->counts.failed;
        total.skipped += r->counts.skipped;
        free(r);
    }
    print_counts("", &total, "");
    if (options->tells_checks)
        print_checks(engine);
    wasmrt_engine_delete(engine);
    if (counts)
        *counts = total;
    return total.failed == 0;
}
