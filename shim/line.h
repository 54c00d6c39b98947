/*
 * The line between the shim and the process of a container: both ends of a
 * socket that keeps messages whole.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SHIM_LINE_H
#define SHIM_LINE_H

#include "shim/fault.h"

#include <limits.h>
#include <stdbool.h>

/* What the process says: one message each. */
enum line_word {
    LINE_READY = 'r',   /* all is done; waiting for Start */
    LINE_FAILED = 'f',  /* struct fault follows; the process ends */
    LINE_WARNING = 'w', /* text for the log follows */
};

struct line_message {
    char word; /* enum line_word */
    struct fault fault;
};

/* What the shim says.  First, with descriptors: where the module is, as the
 * container sees it.  Whatever needs no root file system is done by then. */
struct line_place {
    char entry[PATH_MAX];
};

enum line_fd {
    LINE_FD_ROOT = 3, /* behind the standard streams: a detached copy of the
                         root file system's mounts */
    LINE_FD_COUNT
};

/* And, before and after that, when the process may go on. */
enum line_step {
    LINE_GROUPED = 'c', /* its control group is there */
    LINE_GO = 'g'       /* the module may run */
};

/* Makes both ends; close-on-exec.  False with errno set. */
bool line_open(int ends[2]);

/* -- The process's end ----------------------------------------------------- */

/* fault: NULL where the word needs none.  False when the shim is gone. */
bool line_say(int fd, enum line_word word, const struct fault *fault);

/* Waits for a place; the caller owns the descriptors.  False when the shim is
 * gone. */
bool line_receive_place(int fd, struct line_place *place,
                        int fds[LINE_FD_COUNT]);

/* Waits for a step, which must be the next thing that comes.  False when the
 * shim is gone. */
bool line_wait_for(int fd, enum line_step step);

/* -- The shim's end -------------------------------------------------------- */

enum line_heard {
    LINE_MESSAGE, /* there may be more */
    LINE_SILENCE, /* for now */
    LINE_END
};

/* Takes the next message without waiting.  What the process said before it
 * ended is still heard. */
enum line_heard line_hear(int fd, struct line_message *message);

/* Both return false with errno set; EPIPE or ECONNRESET: the process is gone,
 * and why may be heard. */
bool line_send_place(int fd, const struct line_place *place,
                     const int fds[LINE_FD_COUNT]);
bool line_send_step(int fd, enum line_step step);

#endif
