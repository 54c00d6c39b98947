/*
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE /* F_SETPIPE_SZ */
#include "tests/diff/peer.h"

#include "tests/diff/mode.h"
#include "tests/diff/shrink.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_MODULE = 1 << 24, ORDERS_PER_ENGINE = 32, PIPE_BYTES = 1 << 20 };

bool peer_start(struct peer *peer, const char *command)
{
    int to[2], from[2];

    if (pipe(to) != 0 || pipe(from) != 0)
        return false;
    fcntl(from[0], F_SETPIPE_SZ, PIPE_BYTES); /* only makes it quicker */
    peer->pid = fork();
    if (peer->pid < 0)
        return false;
    if (peer->pid == 0) {
        dup2(to[0], 0);
        dup2(from[1], 1);
        close(to[0]);
        close(to[1]);
        close(from[0]);
        close(from[1]);
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    close(to[0]);
    close(from[1]);
    peer->to = fdopen(to[1], "wb");
    peer->from = fdopen(from[0], "rb");
    return peer->to && peer->from;
}

void peer_stop(struct peer *peer)
{
    if (peer->pid <= 0)
        return;
    fclose(peer->to);
    fclose(peer->from);
    waitpid(peer->pid, NULL, 0);
    peer->pid = 0;
}

bool peer_send(const struct peer *peer, const struct peer_order *order,
               const uint8_t *bytes)
{
    return fwrite(order, sizeof(*order), 1, peer->to) == 1 &&
           (order->len == 0 || fwrite(bytes, order->len, 1, peer->to) == 1) &&
           fflush(peer->to) == 0;
}

bool peer_receive(const struct peer *peer, struct outcome *out)
{
    char buf[4096];
    uint32_t len;
    uint64_t fuel;

    outcome_reset(out);
    if (fread(&len, sizeof(len), 1, peer->from) != 1 ||
        fread(&fuel, sizeof(fuel), 1, peer->from) != 1)
        return false;
    while (len) {
        size_t n = len < sizeof(buf) ? len : sizeof(buf);

        if (fread(buf, n, 1, peer->from) != 1)
            return false;
        outcome_bytes(out, buf, n);
        len -= (uint32_t)n;
    }
    out->fuel = fuel;
    return true;
}

/* -- The other side -------------------------------------------------------- */

static bool put_outcome(const struct outcome *out)
{
    uint32_t len = (uint32_t)out->len;

    return fwrite(&len, sizeof(len), 1, stdout) == 1 &&
           fwrite(&out->fuel, sizeof(out->fuel), 1, stdout) == 1 &&
           fwrite(out->text, 1, len, stdout) == len;
}

static bool answer(uint64_t seed, const uint8_t *bytes, size_t len)
{
    static struct outcome out;

    for (int i = 0; i < MODE_COUNT; i++) {
        if (modes[i].where != WHERE_PEER || seed % modes[i].every != 0)
            continue;
        mode_run((enum mode_id)i, bytes, len, &out);
        if (!put_outcome(&out))
            return false;
    }
    return true;
}

static bool answer_seeds(const struct peer_order *order)
{
    static struct gen g;

    for (uint32_t i = 0; i < order->count; i++) {
        g.seed = order->seed + i;
        g.allowed = (wrt_features)order->allowed;
        shrink_generate(&g, NULL, NULL);
        if (!answer(g.seed, g.module.items, g.module.count))
            return false;
    }
    return true;
}

int peer_serve(void)
{
    uint8_t *bytes = malloc(MAX_MODULE);
    struct peer_order order;
    uint64_t count = 0;

    while (bytes && fread(&order, sizeof(order), 1, stdin) == 1 &&
           order.len <= MAX_MODULE &&
           fread(bytes, 1, order.len, stdin) == order.len &&
           (order.len ? answer(order.seed, bytes, order.len)
                      : answer_seeds(&order)) &&
           fflush(stdout) == 0)
        if (++count % ORDERS_PER_ENGINE == 0)
            mode_close();
    free(bytes);
    mode_close();
    return 0;
}
