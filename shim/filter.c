/*
 * Two filters, of which the kernel takes the stricter answer for each call: our
 * own short list, and the profile of config.json cut down to that list, since
 * what is not on it is refused anyway.  So a profile of hundreds of names costs
 * little.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/filter_list.h"
#include "shim/guest.h"
#include "shim/memory.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MAX_ARGS = 6 };

/* -- The profile of config.json -------------------------------------------- */

static const char *text_in(struct json_object *object, const char *name)
{
    struct json_object *value;

    if (!json_object_object_get_ex(object, name, &value) ||
        !json_object_is_type(value, json_type_string))
        return "";
    return json_object_get_string(value);
}

static uint64_t number_in(struct json_object *object, const char *name,
                          uint64_t otherwise)
{
    struct json_object *value;

    if (!json_object_object_get_ex(object, name, &value) ||
        !json_object_is_type(value, json_type_int))
        return otherwise;
    return json_object_get_uint64(value);
}

/* Actions that this process cannot honour, such as asking a supervisor, refuse.
 */
static uint32_t action_of(const char *name, uint64_t errno_value)
{
    static const struct {
        const char *name;
        uint32_t action;
    } actions[] = {
        {"SCMP_ACT_ALLOW", SCMP_ACT_ALLOW},
        {"SCMP_ACT_LOG", SCMP_ACT_LOG},
        {"SCMP_ACT_TRAP", SCMP_ACT_TRAP},
        {"SCMP_ACT_KILL", SCMP_ACT_KILL_THREAD},
        {"SCMP_ACT_KILL_THREAD", SCMP_ACT_KILL_THREAD},
        {"SCMP_ACT_KILL_PROCESS", SCMP_ACT_KILL_PROCESS},
    };

    for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++) {
        if (strcmp(actions[i].name, name) == 0)
            return actions[i].action;
    }
    return SCMP_ACT_ERRNO(errno_value & 0xffff);
}

static int compare_of(const char *name, enum scmp_compare *out)
{
    static const struct {
        const char *name;
        enum scmp_compare compare;
    } compares[] = {
        {"SCMP_CMP_NE", SCMP_CMP_NE},
        {"SCMP_CMP_LT", SCMP_CMP_LT},
        {"SCMP_CMP_LE", SCMP_CMP_LE},
        {"SCMP_CMP_EQ", SCMP_CMP_EQ},
        {"SCMP_CMP_GE", SCMP_CMP_GE},
        {"SCMP_CMP_GT", SCMP_CMP_GT},
        {"SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ},
    };

    for (size_t i = 0; i < sizeof(compares) / sizeof(*compares); i++) {
        if (strcmp(compares[i].name, name) == 0) {
            *out = compares[i].compare;
            return 0;
        }
    }
    return -EINVAL;
}

static int read_args(struct json_object *rule, struct scmp_arg_cmp *out,
                     unsigned *count_out)
{
    struct json_object *args;

    *count_out = 0;
    if (!json_object_object_get_ex(rule, "args", &args) ||
        !json_object_is_type(args, json_type_array))
        return 0;
    for (size_t i = 0; i < json_object_array_length(args); i++) {
        struct json_object *arg = json_object_array_get_idx(args, i);
        struct scmp_arg_cmp *at = &out[*count_out];

        if (*count_out == MAX_ARGS ||
            !json_object_is_type(arg, json_type_object))
            return -EINVAL;
        at->arg = (unsigned)number_in(arg, "index", 0);
        at->datum_a = number_in(arg, "value", 0);
        at->datum_b = number_in(arg, "valueTwo", 0);
        if (compare_of(text_in(arg, "op"), &at->op) != 0)
            return -EINVAL;
        ++*count_out;
    }
    return 0;
}

/* A rule that says what is the default anyway is an error to libseccomp. */
static int add_rule(scmp_filter_ctx filter, struct json_object *rule,
                    uint32_t default_action, bool serves)
{
    uint32_t action =
        action_of(text_in(rule, "action"), number_in(rule, "errnoRet", EPERM));
    struct scmp_arg_cmp args[MAX_ARGS];
    struct json_object *names;
    unsigned count;
    int result = read_args(rule, args, &count);

    if (result != 0 || action == default_action ||
        !json_object_object_get_ex(rule, "names", &names) ||
        !json_object_is_type(names, json_type_array))
        return result;
    for (size_t i = 0; i < json_object_array_length(names) && result == 0;
         i++) {
        const char *name =
            json_object_get_string(json_object_array_get_idx(names, i));
        int number = name && filter_list_has(name, serves)
                         ? seccomp_syscall_resolve_name(name)
                         : __NR_SCMP_ERROR;

        if (number >= 0)
            result =
                seccomp_rule_add_array(filter, action, number, count, args);
    }
    return result;
}

static int add_profile(scmp_filter_ctx filter, struct json_object *profile,
                       uint32_t default_action, bool serves)
{
    struct json_object *rules;
    int result = 0;

    if (!json_object_object_get_ex(profile, "syscalls", &rules) ||
        !json_object_is_type(rules, json_type_array))
        return 0;
    for (size_t i = 0; i < json_object_array_length(rules) && result == 0; i++)
        result = add_rule(filter, json_object_array_get_idx(rules, i),
                          default_action, serves);
    return result;
}

/* -- Both ------------------------------------------------------------------ */

void *filter_build(struct json_object *profile, bool serves, int *result)
{
    uint32_t action = action_of(text_in(profile, "defaultAction"),
                                number_in(profile, "defaultErrnoRet", EPERM));
    scmp_filter_ctx filter = seccomp_init(action);

    *result = -ENOMEM;
    if (!filter)
        return NULL;
    /* What installs the second filter must pass the first. */
    if (action != SCMP_ACT_ALLOW)
        seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(seccomp), 0);
    *result = add_profile(filter, profile, action, serves);
    return filter;
}

/* Both, made but not installed. */
struct filter {
    scmp_filter_ctx profile; /* NULL: config.json has none */
    unsigned short len;
    struct sock_filter code[FILTER_LIST_MAX];
};

static bool refuse_profile(int result, struct fault *fault)
{
    errno = -result;
    return fault_errno(fault, "system call filter: profile of config.json");
}

bool filter_prepare(struct guest *guest, struct fault *fault)
{
    struct filter *filter = mem_alloc(sizeof(*filter));
    int result = 0;

    guest->filter = filter;
    if (guest->spec.seccomp) {
        filter->profile =
            filter_build(guest->spec.seccomp, guest->serves, &result);
        if (result == 0)
            result = seccomp_attr_set(filter->profile, SCMP_FLTATR_CTL_NNP, 0);
    }
    if (result != 0)
        return refuse_profile(result, fault);
    filter->len = (unsigned short)filter_list_make(filter->code, guest->serves);
    return filter->len > 0 ||
           fault_set(fault, FAULT_UNKNOWN,
                     "system call filter: own list: too long");
}

bool filter_install(struct guest *guest, struct fault *fault)
{
    struct filter *filter = guest->filter;
    struct sock_fprog program = {filter->len, filter->code};
    int result = filter->profile ? seccomp_load(filter->profile) : 0;

    seccomp_release(filter->profile);
    if (result != 0)
        return refuse_profile(result, fault);
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0)
        return fault_errno(fault, "system call filter: own list");
    free(filter);
    guest->filter = NULL;
    return true;
}
