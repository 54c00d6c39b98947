/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/guest.h"

#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* This takes a privilege that goes with the user. */
bool user_bound(struct guest *guest, struct fault *fault)
{
    uint64_t keep = guest->spec.capabilities[SPEC_CAP_BOUNDING];

    for (int cap = 0; prctl(PR_CAPBSET_READ, cap) >= 0; cap++) {
        if (!(keep >> cap & 1) && prctl(PR_CAPBSET_DROP, cap) != 0)
            return fault_errno(fault, "drop capability %d", cap);
    }
    return true;
}

bool user_limit(struct guest *guest, struct fault *fault)
{
    const struct spec *spec = &guest->spec;

    for (size_t i = 0; i < spec->rlimit_count; i++) {
        const struct spec_rlimit *limit = &spec->rlimits[i];
        struct rlimit value = {limit->soft, limit->hard};

        if (setrlimit((enum __rlimit_resource)limit->resource, &value) != 0)
            return fault_errno(fault,
                               "set resource limit %s to %" PRIu64
                               " (hard %" PRIu64 ")",
                               limit->name, limit->soft, limit->hard);
    }
    return true;
}

/* Nothing is executed here, so what executing would do is done by hand: a user
 * other than root is left with the ambient set. */
static bool set_capabilities(const struct spec *spec, struct fault *fault)
{
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2];
    bool is_root = spec->uid == 0;
    const uint64_t *sets = spec->capabilities;
    uint64_t permitted = sets[is_root ? SPEC_CAP_PERMITTED : SPEC_CAP_AMBIENT];
    uint64_t effective = sets[is_root ? SPEC_CAP_EFFECTIVE : SPEC_CAP_AMBIENT];

    for (int half = 0; half < 2; half++) {
        int shift = half * 32;

        data[half].permitted = (uint32_t)(permitted >> shift);
        data[half].effective = (uint32_t)(effective >> shift);
        data[half].inheritable =
            (uint32_t)(sets[SPEC_CAP_INHERITABLE] >> shift);
    }
    if (syscall(SYS_capset, &head, data) != 0)
        return fault_errno(fault, "set capabilities");
    for (int cap = 0; cap < 64; cap++) {
        if ((sets[SPEC_CAP_AMBIENT] >> cap & 1) &&
            prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) != 0)
            return fault_errno(fault, "raise ambient capability %d", cap);
    }
    return true;
}

/* No new privileges whether asked for or not: nothing is executed here, and the
 * filter needs it. */
bool user_become(struct guest *guest, struct fault *fault)
{
    const struct spec *spec = &guest->spec;

    if (setgroups(spec->group_count, spec->groups) != 0 ||
        setresgid(spec->gid, spec->gid, spec->gid) != 0)
        return fault_errno(fault, "set group %u", spec->gid);
    if (prctl(PR_SET_KEEPCAPS, 1) != 0 ||
        setresuid(spec->uid, spec->uid, spec->uid) != 0)
        return fault_errno(fault, "set user %u", spec->uid);
    if (prctl(PR_SET_KEEPCAPS, 0) != 0 || !set_capabilities(spec, fault))
        return false;
    umask(spec->umask.given ? (mode_t)spec->umask.value & 0777 : 022);
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ||
           fault_errno(fault, "give up new privileges");
}
