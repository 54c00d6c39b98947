/*
 * The line between the shim and a container's process, also when one of them
 * is gone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/line.h"

#include "tests/lib/test.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { SHIM, PROCESS };

static const int streams_and_root[LINE_FD_COUNT] = {0, 1, 2, 2};

TEST(line_keeps_messages_apart)
{
    struct line_message message;
    struct fault fault;
    int ends[2];

    CHECK(line_open(ends));
    CHECK_EQ(line_hear(ends[SHIM], &message), LINE_SILENCE);
    fault_set(&fault, FAULT_INVALID, "odd");
    CHECK(line_say(ends[PROCESS], LINE_WARNING, &fault));
    CHECK(line_say(ends[PROCESS], LINE_READY, NULL));
    CHECK_EQ(line_hear(ends[SHIM], &message), LINE_MESSAGE);
    CHECK_EQ(message.word, LINE_WARNING);
    CHECK_EQ(message.fault.code, FAULT_INVALID);
    CHECK_STR_EQ(message.fault.text, "odd");
    CHECK_EQ(line_hear(ends[SHIM], &message), LINE_MESSAGE);
    CHECK_EQ(message.word, LINE_READY);
    CHECK_EQ(line_hear(ends[SHIM], &message), LINE_SILENCE);
    close(ends[SHIM]);
    close(ends[PROCESS]);
}

TEST(line_brings_steps_around_a_place)
{
    struct line_place sent = {"/app.wasm"}, got;
    int ends[2], fds[LINE_FD_COUNT];

    CHECK(line_open(ends));
    CHECK(line_send_step(ends[SHIM], LINE_GROUPED));
    CHECK(line_send_place(ends[SHIM], &sent, streams_and_root));
    CHECK(line_send_step(ends[SHIM], LINE_GO));
    CHECK(line_wait_for(ends[PROCESS], LINE_GROUPED));
    CHECK(line_receive_place(ends[PROCESS], &got, fds));
    CHECK_STR_EQ(got.entry, "/app.wasm");
    for (int i = 0; i < LINE_FD_COUNT; i++)
        CHECK_EQ(close(fds[i]), 0);
    CHECK(line_wait_for(ends[PROCESS], LINE_GO));
    CHECK(line_send_step(ends[SHIM], LINE_GO));
    CHECK(!line_wait_for(ends[PROCESS], LINE_GROUPED));
    close(ends[SHIM]);
    CHECK(!line_receive_place(ends[PROCESS], &got, fds));
    CHECK(!line_wait_for(ends[PROCESS], LINE_GO));
    CHECK(!line_say(ends[PROCESS], LINE_READY, NULL));
    close(ends[PROCESS]);
}

/* It failed while the shim sent what it would have needed next. */
TEST(line_brings_the_reason_of_a_process_that_read_nothing)
{
    struct line_place place = {"/app.wasm"};
    struct line_message message;
    struct fault fault;
    int ends[2];

    CHECK(line_open(ends));
    fault_set(&fault, FAULT_NOT_FOUND, "no such place");
    CHECK(line_say(ends[PROCESS], LINE_FAILED, &fault));
    CHECK(line_send_place(ends[SHIM], &place, streams_and_root));
    close(ends[PROCESS]);
    CHECK_EQ(line_hear(ends[SHIM], &message), LINE_MESSAGE);
    CHECK_EQ(message.word, LINE_FAILED);
    CHECK_STR_EQ(message.fault.text, "no such place");
    CHECK_EQ(line_hear(ends[SHIM], &message), LINE_END);
    CHECK(!line_send_place(ends[SHIM], &place, streams_and_root));
    CHECK_EQ(errno, EPIPE);
    close(ends[SHIM]);
}
