/*
 * The verb `delete`: whatever a container left behind goes, with or without a
 * shim, once or twice, after a clean end or in the middle of anything.
 *
 * Everything is found from the bundle: the control group and the group's socket
 * by config.json, the state of a Linux container and the mounts by their
 * places.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/cgroup.h"
#include "shim/memory.h"
#include "shim/message.h"
#include "shim/oci.h"
#include "shim/proto/task.pb-c.h"
#include "shim/rootmount.h"
#include "shim/shim.h"
#include "shim/socket.h"
#include "shim/spec.h"
#include "shim/timestamp.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* containerd shows what is written here as a warning. */
static void warn(const char *text)
{
    fprintf(stderr, "wasmrt: %s\n", text);
}

/* Asks the other runtime to remove a Linux container. */
static void delete_linux(const struct options *options, const char *bundle)
{
    static const char *const rest[] = {"--force", NULL};
    const char *argv[OCI_MAX_ARGS];
    struct oci oci = {oci_find_runtime(), bundle, options->id, false};
    posix_spawn_file_actions_t actions;
    char *state = mem_format("%s/" OCI_STATE_DIR, bundle), *text;
    pid_t pid;

    if (access(state, F_OK) == 0) {
        text = oci_arguments(&oci, "delete", rest, argv);
        posix_spawn_file_actions_init(&actions);
        for (int i = 0; i < 3; i++)
            posix_spawn_file_actions_addopen(&actions, i, "/dev/null", O_RDWR,
                                             0);
        if (posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *)argv,
                         environ) == 0)
            waitpid(pid, NULL, 0);
        posix_spawn_file_actions_destroy(&actions);
        free(text);
    }
    free(state);
}

static void delete_cgroup(const struct options *options,
                          const struct spec *spec)
{
    struct cgroup cgroup;
    struct fault fault;

    if (!cgroup_init(&cgroup, spec, options->id, &fault)) {
        warn(fault.text);
        return;
    }
    if (!cgroup_destroy(&cgroup))
        warn("a control group could not be removed");
    cgroup_fini(&cgroup);
}

/* A socket on which nobody listens any more; under the lock, or it might be the
 * one of a shim that starts just now. */
static void delete_socket(const struct options *options,
                          const struct spec *spec)
{
    const char *group = spec_sandbox_id(spec);
    char *path = socket_path(options->address, options->namespace_name,
                             group ? group : options->id);
    struct fault fault;
    int lock = socket_lock(&fault);

    if (lock < 0)
        warn(fault.text);
    else if (!socket_is_served(path))
        unlink(path);
    if (lock >= 0)
        close(lock);
    free(path);
}

static int answer(void)
{
    Pb__DeleteReply reply = PB__DELETE_REPLY__INIT;
    Pb__Timestamp now = timestamp_now();
    uint8_t *bytes;
    size_t len;
    bool ok;

    reply.exit_status = 128 + 9;
    reply.exited_at = &now;
    bytes = message_pack(&reply, 0, &len);
    ok = write(STDOUT_FILENO, bytes, len) == (ssize_t)len;
    free(bytes);
    return ok ? 0 : 1;
}

int shim_delete(const struct options *options)
{
    char here[PATH_MAX];
    const char *bundle = options->bundle;
    struct fault fault;
    struct spec spec;

    if (!bundle || !*bundle)
        bundle = getcwd(here, sizeof(here));
    if (!bundle)
        return answer();
    delete_linux(options, bundle);
    if (spec_read(&spec, bundle, &fault)) {
        delete_cgroup(options, &spec);
        delete_socket(options, &spec);
        spec_fini(&spec);
    } else {
        warn(fault.text);
    }
    if (!rootmount_undo(bundle, &fault))
        warn(fault.text);
    return answer();
}
