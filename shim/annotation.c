/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/annotation.h"

#include "shim/memory.h"

#include <stdlib.h>
#include <string.h>

const char *annotation_find(const struct spec *spec, const char *name)
{
    const char *container =
        spec_annotation(spec, "io.kubernetes.cri.container-name");
    char *key = mem_format("wasmrt.%s.%s", name, container ? container : "");
    const char *value = spec_annotation(spec, key);

    free(key);
    if (value)
        return value;
    key = mem_format("wasmrt.%s", name);
    value = spec_annotation(spec, key);
    free(key);
    return value;
}

static bool complain(const char *name, const char *value, const char *wanted,
                     struct fault *fault)
{
    return fault_set(fault, FAULT_INVALID,
                     "annotation wasmrt.%s: %s: expected %s", name, value,
                     wanted);
}

bool annotation_size(const struct spec *spec, const char *name, uint64_t *out,
                     struct fault *fault)
{
    const char *value = annotation_find(spec, name), *unit;
    static const char units[] = "KMG";
    unsigned long long number;
    unsigned shift = 0;
    char *end;

    if (!value)
        return true;
    number = strtoull(value, &end, 10);
    unit = *end ? strchr(units, *end) : NULL;
    if (unit)
        shift = 10 * (unsigned)(unit - units + 1);
    if (end == value || *value == '-' || (*end && !unit) ||
        (unit && strcmp(end + 1, "") != 0 && strcmp(end + 1, "i") != 0) ||
        number == 0 || number > UINT64_MAX >> shift)
        return complain(name, value, "a size such as 64M", fault);
    *out = (uint64_t)number << shift;
    return true;
}

bool annotation_seconds(const struct spec *spec, const char *name,
                        uint64_t *out, struct fault *fault)
{
    const char *value = annotation_find(spec, name);
    double seconds;
    char *end;

    if (!value)
        return true;
    seconds = strtod(value, &end);
    if (end == value || *end || !(seconds > 0) || seconds > 1e9)
        return complain(name, value, "a number of seconds", fault);
    *out = (uint64_t)(seconds * 1e9);
    return true;
}
