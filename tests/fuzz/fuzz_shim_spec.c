/*
 * config.json: arbitrary bytes as a container's configuration, and what the
 * shim derives from it before it does anything.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/annotation.h"
#include "shim/cgroup.h"
#include "shim/guest.h"
#include "shim/peek.h"
#include "tests/fuzz/reach.h"

#include <seccomp.h>
#include <stdlib.h>
#include <string.h>

static void use_profile(struct json_object *profile)
{
    int result;
    void *filter = filter_build(profile, false, &result);

    reach(result == 0 ? "profile" : "profile refused");
    if (filter)
        seccomp_release(filter);
}

/* What `start` sees without reading it all must be what is read. */
static void compare(const struct spec *spec, const uint8_t *data, size_t size)
{
    const char *read = spec_sandbox_id(spec);
    char seen[256];

    switch (peek_text((const char *)data, size, "annotations", SPEC_SANDBOX_ID,
                      seen, sizeof(seen))) {
    case PEEK_FOUND:
        reach("seen");
        if (!read || strcmp(read, seen) != 0)
            abort();
        break;
    case PEEK_ABSENT:
        reach("seen to be absent");
        if (read)
            abort();
        break;
    case PEEK_UNSURE: reach("not seen"); break;
    }
}

static void use(const struct spec *spec)
{
    struct cgroup cgroup;
    struct fault fault;
    uint64_t number = 0;

    reach(cgroup_init(&cgroup, spec, "id", &fault) ? "cgroup" : "no cgroup");
    cgroup_fini(&cgroup);
    annotation_size(spec, "max-memory", &number, &fault);
    annotation_seconds(spec, "timeout", &number, &fault);
    spec_env(spec, "PATH");
    if (spec_is_sandbox(spec))
        reach("sandbox");
    if (spec->mount_count)
        reach("mounts");
    if (spec->resources.device_count)
        reach("devices");
    if (spec->rlimit_count)
        reach("limits");
    if (spec->group_count)
        reach("groups");
    if (spec->has_namespace[SPEC_NS_NETWORK])
        reach("network");
    if (spec->capabilities[SPEC_CAP_BOUNDING])
        reach("capabilities");
    if (spec->seccomp)
        use_profile(spec->seccomp);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct spec spec;
    struct fault fault;

    if (spec_parse(&spec, (const char *)data, size, &fault)) {
        reach("accepted");
        compare(&spec, data, size);
        use(&spec);
        spec_fini(&spec);
    } else {
        reach(strstr(fault.text, "config.json: ") ? "refused" : "unexplained");
    }
    return 0;
}
