/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/annotation.h"

#include "shim/memory.h"

#include <errno.h>
#include <stdio.h>
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

bool annotation_refuse(const char *name, const char *value, const char *wanted,
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
        return annotation_refuse(name, value, "a size such as 64M", fault);
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
        return annotation_refuse(name, value, "a number of seconds", fault);
    *out = (uint64_t)(seconds * 1e9);
    return true;
}

bool annotation_count(const struct spec *spec, const char *name, uint64_t max,
                      uint64_t *out, struct fault *fault)
{
    const char *value = annotation_find(spec, name);
    unsigned long long number;
    char wanted[64], *end;

    if (!value)
        return true;
    errno = 0;
    number = strtoull(value, &end, 10);
    snprintf(wanted, sizeof(wanted), "a number from 1 to %llu",
             (unsigned long long)max);
    if (*value < '0' || *value > '9' || *end || errno != 0 || number == 0 ||
        number > max)
        return annotation_refuse(name, value, wanted, fault);
    *out = number;
    return true;
}
