/*
 * The user database of a guest, which is empty.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_TESTS_REAL_PWD_H
#define WRT_TESTS_REAL_PWD_H

#include <sys/types.h>

struct passwd {
    char *pw_name, *pw_dir;
    uid_t pw_uid;
};

static inline struct passwd *getpwuid(uid_t id)
{
    (void)id;
    return 0;
}

#endif
