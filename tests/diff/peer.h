/*
 * Another process that runs modules: another build of this program, or a script
 * around another engine.
 *
 * To it: struct peer_order, and the module.  Without a module it generates
 * those of `count` seeds itself, so that no process waits for each answer of
 * the other.  From it, for each module, for each of its modes that is on for
 * the seed: 32-bit length, 64-bit fuel, the outcome's text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WRT_TESTS_DIFF_PEER_H
#define WRT_TESTS_DIFF_PEER_H

#include "tests/diff/outcome.h"

#include <stdio.h>
#include <sys/types.h>

struct peer {
    pid_t pid; /* 0: there is none */
    FILE *to, *from;
};

struct peer_order {
    uint32_t len;           /* of the module, or 0 */
    uint32_t count;         /* without one: how many to generate */
    uint64_t seed, allowed; /* as in struct gen */
};

/* Starts a shell command.  False when that fails. */
bool peer_start(struct peer *peer, const char *command);
void peer_stop(struct peer *peer);

bool peer_send(const struct peer *peer, const struct peer_order *order,
               const uint8_t *bytes);
bool peer_receive(const struct peer *peer, struct outcome *out);

/* The other side of it, over standard input and output: answers until the
 * input ends. */
int peer_serve(void);

#endif
