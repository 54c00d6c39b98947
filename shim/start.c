/*
 * The verb `start`: one shim for each group.
 *
 * The group is the pod that an annotation names, or the container alone.  Its
 * name, hashed, is that of a socket; whoever answers there is the group's shim.
 * Else this process listens on it and starts a fresh execution of itself that
 * serves.  A lock on the folder of sockets keeps two starts apart.
 *
 * containerd reads standard output and error until everybody has closed them,
 * so nothing but the answer may be written, and the new shim gets neither.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/frame.h"
#include "shim/log.h"
#include "shim/memory.h"
#include "shim/message.h"
#include "shim/peek.h"
#include "shim/proto/start.pb-c.h"
#include "shim/proto/task.pb-c.h"
#include "shim/proto/ttrpc.pb-c.h"
#include "shim/service.h"
#include "shim/shim.h"
#include "shim/socket.h"
#include "shim/spec.h"

#include "wasmrt/version.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    FIRST_INPUT_BYTES = 4096, /* of which a large one takes more */
    MAX_INPUT_BYTES = 1 << 20,
    GROUP_BYTES = 256,
    PAST_FDS = SHIM_READY_FD + 1
};

extern char **environ;

/* -- The group ------------------------------------------------------------- */

struct group {
    char *config; /* of the container that is started */
    size_t config_len;
    char *name;
};

static bool check_config(const struct group *group, struct fault *fault)
{
    struct spec spec;

    if (!spec_parse(&spec, group->config, group->config_len, fault))
        return false;
    spec_fini(&spec);
    return true;
}

/* Fresh memory; NULL with a fault. */
static char *find_name(const struct group *group, struct fault *fault)
{
    char name[GROUP_BYTES];
    struct spec spec;
    char *copy;

    switch (peek_text(group->config, group->config_len, "annotations",
                      SPEC_SANDBOX_ID, name, sizeof(name))) {
    case PEEK_FOUND: return mem_string(name);
    case PEEK_ABSENT: return mem_string("");
    case PEEK_UNSURE: break;
    }
    if (!spec_parse(&spec, group->config, group->config_len, fault))
        return NULL;
    copy = mem_string(spec_sandbox_id(&spec));
    spec_fini(&spec);
    return copy;
}

static void fini_group(struct group *group)
{
    free(group->config);
    free(group->name);
}

static bool find_group(struct group *group, const char *id, struct fault *fault)
{
    group->name = NULL;
    group->config = spec_read_text(NULL, &group->config_len, fault);
    if (group->config)
        group->name = find_name(group, fault);
    if (group->name && !*group->name) {
        free(group->name);
        group->name = mem_string(id);
    }
    return group->name != NULL;
}

/* -- The serving process --------------------------------------------------- */

/* Its command line says which group it serves, for whoever looks at ps.  The
 * descriptors are past those that they become: a dup2 to itself would keep the
 * close-on-exec flag. */
static bool spawn_server(const struct options *options, const char *group,
                         int listen_fd, int ready_fd, struct fault *fault)
{
    const char *argv[] = {"containerd-shim-wasmrt-v1",
                          "-namespace",
                          options->namespace_name,
                          "-id",
                          group,
                          "-address",
                          options->address,
                          "serve",
                          options->debug ? "-debug" : NULL,
                          NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int error;

    mem_tune_next();
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
    for (int i = 0; i < 3; i++)
        posix_spawn_file_actions_addopen(&actions, i, "/dev/null", O_RDWR, 0);
    posix_spawn_file_actions_adddup2(&actions, listen_fd, SHIM_LISTEN_FD);
    posix_spawn_file_actions_adddup2(&actions, ready_fd, SHIM_READY_FD);
    error = posix_spawn(&(pid_t){0}, "/proc/self/exe", &actions, &attributes,
                        (char *const *)argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    errno = error;
    return error == 0 || fault_errno(fault, "start the shim");
}

/* Says that a container is coming.  The shim does without where this is lost.
 */
static void announce(const struct options *options, int fd)
{
    Pb__CreateRequest create = PB__CREATE_REQUEST__INIT;
    Pb__Request request = PB__REQUEST__INIT;
    struct frame_head head = {.stream = 1, .type = FRAME_REQUEST};
    char bundle[PATH_MAX];
    uint8_t *bytes;
    size_t len;

    if (!getcwd(bundle, sizeof(bundle)))
        return;
    create.id = (char *)options->id;
    create.bundle = bundle;
    request.service = (char *)SERVICE_OWN;
    request.method = (char *)SERVICE_EXPECT;
    request.payload = message_pack_bytes(&create);
    bytes = message_pack(&request, FRAME_HEAD_BYTES, &len);
    head.len = (uint32_t)len;
    frame_write_head(bytes, &head);
    if (send(fd, bytes, FRAME_HEAD_BYTES + len, MSG_NOSIGNAL) < 0)
        log_debug("the shim cannot be told what is coming");
    free(bytes);
    free(request.payload.data);
}

/* Whether there is a shim, which is told what is coming. */
static bool find_server(const struct options *options, const char *path)
{
    int fd = socket_connect(path);

    if (fd < 0)
        return false;
    announce(options, fd);
    close(fd);
    return true;
}

/* The socket of a server that did not get far; another start may have made one
 * of its own meanwhile. */
static void remove_socket(const char *path)
{
    struct fault ignored;
    int lock = socket_lock(&ignored);

    if (lock < 0)
        return;
    if (!socket_is_served(path))
        unlink(path);
    close(lock);
}

/* Takes the socket.  Until the server is ready only this process knows that it
 * must go when the server does. */
static bool make_server(const struct options *options, const char *group,
                        const char *path, int listen_fd, struct fault *fault)
{
    int fd = fcntl(listen_fd, F_DUPFD_CLOEXEC, PAST_FDS), line[2], ready = -1;
    bool ok = false;
    char byte;

    close(listen_fd);
    if (fd >= 0 && pipe2(line, O_CLOEXEC) == 0) {
        ready = fcntl(line[1], F_DUPFD_CLOEXEC, PAST_FDS);
        close(line[1]);
        ok = ready >= 0 && spawn_server(options, group, fd, ready, fault);
        close(fd);
        if (ready >= 0)
            close(ready);
        if (ok && read(line[0], &byte, 1) != 1)
            ok = fault_set(fault, FAULT_UNKNOWN,
                           "the shim ended before it served");
        close(line[0]);
    } else {
        fault_errno(fault, "start the shim");
        if (fd >= 0)
            close(fd);
    }
    if (!ok)
        remove_socket(path);
    return ok;
}

/* Under the lock: whoever comes next finds the socket listening.  A shim that
 * is there says itself what is wrong with a container when that is created;
 * none is made for one that cannot be. */
static bool find_or_make(const struct options *options,
                         const struct group *group, const char *path,
                         struct fault *fault)
{
    int lock = socket_lock(fault), fd = -1;
    bool ok = true;

    if (lock < 0)
        return false;
    if (!find_server(options, path)) {
        if (check_config(group, fault))
            fd = socket_listen(path, fault);
        ok = fd >= 0;
    }
    close(lock);
    return fd < 0 ? ok : make_server(options, group->name, path, fd, fault);
}

/* -- The conversation with containerd -------------------------------------- */

static uint8_t *read_input(size_t *len_out)
{
    size_t room = FIRST_INPUT_BYTES, len = 0;
    uint8_t *bytes = mem_alloc(room), *larger;
    ssize_t n;

    while ((n = read(STDIN_FILENO, bytes + len, room - len)) > 0) {
        len += (size_t)n;
        if (len < room)
            continue;
        if (room == MAX_INPUT_BYTES)
            break;
        larger = mem_alloc(room *= 2);
        memcpy(larger, bytes, len);
        free(bytes);
        bytes = larger;
    }
    *len_out = len;
    return bytes;
}

/* From containerd 2.3 on; before, it is empty or options of the runtime, which
 * also come with Create. */
static Pb__BootstrapParams *read_params(const struct options *options)
{
    Pb__BootstrapParams *params;
    size_t len;
    uint8_t *bytes = read_input(&len);

    params = len == 0 ? NULL
                      : message_unpack(&pb__bootstrap_params__descriptor, bytes,
                                       len);
    free(bytes);
    if (params && (strcmp(params->instance_id, options->id) != 0 ||
                   strcmp(params->namespace_, options->namespace_name) != 0)) {
        message_free(params);
        params = NULL;
    }
    if (params && *params->containerd_ttrpc_address)
        setenv("TTRPC_ADDRESS", params->containerd_ttrpc_address, 1);
    return params;
}

static bool write_all(int fd, const void *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);

        if (n <= 0)
            return false;
        bytes = (const char *)bytes + n;
        len -= (size_t)n;
    }
    return true;
}

static bool write_address_file(const char *address, struct fault *fault)
{
    int fd = open("address", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    bool ok = fd >= 0 && write_all(fd, address, strlen(address));

    if (!ok)
        fault_errno(fault, "write the file address");
    if (fd >= 0)
        close(fd);
    return ok;
}

/* Three generations: a message, JSON, plain text. */
static bool answer(const Pb__BootstrapParams *params, const char *address)
{
    Pb__BootstrapResult result = PB__BOOTSTRAP_RESULT__INIT;
    uint8_t *bytes;
    char *text;
    size_t len;
    bool ok;

    if (params) {
        result.version = 2;
        result.address = (char *)address;
        result.protocol = (char *)"ttrpc";
        bytes = message_pack(&result, 0, &len);
        ok = write_all(STDOUT_FILENO, bytes, len);
        free(bytes);
        return ok;
    }
    text = getenv("MAX_SHIM_VERSION")
               ? mem_format("{\"version\":2,\"address\":\"%s\","
                            "\"protocol\":\"ttrpc\"}",
                            address)
               : mem_string(address);
    ok = write_all(STDOUT_FILENO, text, strlen(text));
    free(text);
    return ok;
}

int shim_start(const struct options *options)
{
    Pb__BootstrapParams *params = read_params(options);
    char *path, *address;
    struct group group;
    struct fault fault;
    bool ok;

    if (!find_group(&group, options->id, &fault)) {
        fprintf(stderr, "wasmrt: %s\n", fault.text);
        return 1;
    }
    path = socket_path(options->address, options->namespace_name, group.name);
    address = mem_format("unix://%s", path);
    ok = find_or_make(options, &group, path, &fault) &&
         write_address_file(address, &fault);
    if (!ok)
        fprintf(stderr, "wasmrt: %s\n", fault.text);
    ok = ok && answer(params, address);
    free(path);
    free(address);
    message_free(params);
    fini_group(&group);
    return ok ? 0 : 1;
}

int shim_info(void)
{
    Pb__RuntimeVersion version = PB__RUNTIME_VERSION__INIT;
    Pb__RuntimeInfo info = PB__RUNTIME_INFO__INIT;
    uint8_t *bytes;
    size_t len;
    bool ok;

    version.version = (char *)WASMRT_VERSION;
    info.name = (char *)SHIM_RUNTIME;
    info.version = &version;
    bytes = message_pack(&info, 0, &len);
    ok = write_all(STDOUT_FILENO, bytes, len);
    free(bytes);
    return ok ? 0 : 1;
}
