/*
 * Messages with descriptors, also with fewer than there is room for.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/parcel.h"

#include "tests/lib/test.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TEXT_BYTES = 5 };

static void open_ends(int ends[2])
{
    CHECK_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
}

TEST(parcel_brings_descriptors_that_close_on_exec)
{
    int ends[2], pipe_fds[2], fds[PARCEL_MOST_FDS];
    char text[TEXT_BYTES];

    open_ends(ends);
    CHECK_EQ(pipe(pipe_fds), 0);
    CHECK(parcel_send(ends[0], "abcd", TEXT_BYTES, pipe_fds, 2));
    CHECK_EQ(parcel_receive(ends[1], text, TEXT_BYTES, fds, PARCEL_MOST_FDS),
             2);
    CHECK_STR_EQ(text, "abcd");
    CHECK_EQ(fds[2], -1);
    CHECK_EQ(fds[3], -1);
    CHECK(fcntl(fds[0], F_GETFD) & FD_CLOEXEC);
    CHECK_EQ(write(fds[1], "x", 1), 1);
    CHECK_EQ(read(pipe_fds[0], text, TEXT_BYTES), 1);
    for (int i = 0; i < 2; i++) {
        close(fds[i]);
        close(pipe_fds[i]);
        close(ends[i]);
    }
}

TEST(parcel_tells_what_is_none)
{
    int ends[2], fds[1] = {7};
    char text[TEXT_BYTES];

    open_ends(ends);
    CHECK_EQ(send(ends[0], "abcd", TEXT_BYTES, 0), TEXT_BYTES);
    CHECK_EQ(parcel_receive(ends[1], text, TEXT_BYTES, fds, 1), 0);
    CHECK_EQ(fds[0], -1);
    CHECK_EQ(send(ends[0], "abc", TEXT_BYTES - 1, 0), TEXT_BYTES - 1);
    CHECK_EQ(parcel_receive(ends[1], text, TEXT_BYTES, fds, 1), -1);
    close(ends[0]);
    CHECK_EQ(parcel_receive(ends[1], text, TEXT_BYTES, fds, 1), -1);
    close(ends[1]);
    CHECK(!parcel_send(ends[1], text, TEXT_BYTES, fds, 0));
}
