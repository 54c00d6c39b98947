/*
 * config.json: arbitrary bytes as a container's configuration, and what the
 * shim derives from it before it does anything.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/annotation.h"
#include "shim/cgroup.h"
#include "shim/spec.h"
#include "tests/fuzz/reach.h"

#include <string.h>

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
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct spec spec;
    struct fault fault;

    if (spec_parse(&spec, (const char *)data, size, &fault)) {
        reach("accepted");
        use(&spec);
        spec_fini(&spec);
    } else {
        reach(strstr(fault.text, "config.json: ") ? "refused" : "unexplained");
    }
    return 0;
}
