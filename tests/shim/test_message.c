/*
 * The guard in front of protobuf-c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/message.h"

#include "shim/proto/events.pb-c.h"
#include "shim/proto/task.pb-c.h"
#include "tests/lib/test.h"

#include <stdlib.h>
#include <string.h>

#define CREATE (&pb__create_request__descriptor)

static bool check(const char *bytes, size_t len)
{
    return message_check(CREATE, (const uint8_t *)bytes, len);
}

TEST(message_check_takes_what_is_well_formed)
{
    CHECK(check("", 0));
    CHECK(check("\x0a\x01x", 3));         /* id */
    CHECK(check("\x20\x01", 2));          /* terminal */
    CHECK(check("\x1a\x03\x0a\x01o", 5)); /* a mount with a type */
    CHECK(check("\xfa\x7f\x02zz", 5));    /* a field nobody knows */
    CHECK(check("\x09"
                "12345678",
                9)); /* of eight bytes */
    CHECK(check("\x0d"
                "1234",
                5)); /* of four bytes */
}

TEST(message_check_refuses_what_is_not)
{
    CHECK(!check("\x0a", 1));             /* no length */
    CHECK(!check("\x0a\x05x", 3));        /* longer than what is there */
    CHECK(!check("\x00\x01", 2));         /* field 0 */
    CHECK(!check("\x0b\x0c", 2));         /* a group */
    CHECK(!check("\x20\xff\xff\xff", 4)); /* an endless number */
    CHECK(!check("\x20\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12));
    CHECK(!check("\x1a\x02\x0a\x05", 4)); /* wrong inside a mount */
    CHECK(!check("\x09"
                 "1234",
                 5)); /* too few bytes */
}

/* Two bytes each would become a hundred each. */
TEST(message_check_refuses_many_small_fields)
{
    size_t len = (size_t)2 * (MESSAGE_MAX_FIELDS + 1);
    char *bytes = malloc(len);

    CHECK(bytes != NULL);
    for (size_t i = 0; i < len; i += 2)
        memcpy(bytes + i, "\x1a", 2); /* an empty mount */
    CHECK(!check(bytes, len));
    CHECK(check(bytes, len - 2));
    free(bytes);
}

TEST(message_round_trip)
{
    Pb__CreateRequest in = PB__CREATE_REQUEST__INIT, *out;
    Pb__MountPoint mount = PB__MOUNT_POINT__INIT, *mounts[] = {&mount};
    char *options[] = {(char *)"ro", (char *)"lowerdir=/a"};
    uint8_t *bytes;
    size_t len;

    in.id = (char *)"a";
    mount.type = (char *)"overlay";
    mount.n_options = 2;
    mount.options = options;
    in.n_rootfs = 1;
    in.rootfs = mounts;
    bytes = message_pack(&in, 3, &len);
    out = message_unpack(CREATE, bytes + 3, len);
    CHECK(out != NULL);
    CHECK_STR_EQ(out->id, "a");
    CHECK_EQ(out->n_rootfs, 1u);
    CHECK_STR_EQ(out->rootfs[0]->options[1], "lowerdir=/a");
    message_free(out);
    CHECK(message_unpack(CREATE, bytes + 3, len - 1) == NULL);
    message_free(NULL);
    free(bytes);
}

/* Texts must be what they seem to be: C strings. */
TEST(message_unpack_gives_strings)
{
    Pb__CreateRequest *out = message_unpack(CREATE,
                                            (const uint8_t *)"\x0a\x03"
                                                             "a\0b",
                                            5);

    CHECK(out != NULL);
    CHECK_STR_EQ(out->id, "a");
    message_free(out);
}
