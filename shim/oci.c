/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/oci.h"

#include "shim/memory.h"

#include <json-c/json.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LOG_TAIL_BYTES = 16 * 1024 };

/* All paths are in one block: state, log, pid file, each PATH_MAX bytes. */
char *oci_arguments(const struct oci *oci, const char *verb,
                    const char *const *rest, const char *argv[OCI_MAX_ARGS])
{
    char *text = mem_alloc((size_t)3 * PATH_MAX);
    char *state = text, *log = text + PATH_MAX, *pid = log + PATH_MAX;
    int n = 0;

    snprintf(state, PATH_MAX, "%s/" OCI_STATE_DIR, oci->bundle);
    snprintf(log, PATH_MAX, "%s/" OCI_LOG_FILE, oci->bundle);
    snprintf(pid, PATH_MAX, "%s/" OCI_PID_FILE, oci->bundle);
    argv[n++] = oci->runtime;
    argv[n++] = "--root";
    argv[n++] = state;
    argv[n++] = "--log";
    argv[n++] = log;
    argv[n++] = "--log-format";
    argv[n++] = "json";
    if (oci->systemd_cgroup)
        argv[n++] = "--systemd-cgroup";
    argv[n++] = verb;
    for (; rest && *rest && n < OCI_MAX_ARGS - 2; rest++) {
        if (**rest)
            argv[n++] = *rest;
        else
            argv[n++] = strcmp(rest[-1], "--bundle") == 0 ? oci->bundle : pid;
    }
    argv[n++] = oci->id;
    argv[n] = NULL;
    return text;
}

static bool is_on_path(const char *name)
{
    const char *path = getenv("PATH");
    char file[PATH_MAX];

    while (path && *path) {
        size_t len = strcspn(path, ":");

        snprintf(file, sizeof(file), "%.*s/%s", (int)len, path, name);
        if (access(file, X_OK) == 0)
            return true;
        path += len + (path[len] == ':');
    }
    return false;
}

const char *oci_find_runtime(void)
{
    return !is_on_path("runc") && is_on_path("crun") ? "crun" : "runc";
}

/* The member "msg" of the last line that has one. */
static bool find_message(char *text, char *out, size_t size)
{
    bool found = false;

    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        struct json_object *entry = json_tokener_parse(line), *message;

        if (json_object_is_type(entry, json_type_object) &&
            json_object_object_get_ex(entry, "msg", &message)) {
            snprintf(out, size, "%s", json_object_get_string(message));
            found = true;
        }
        json_object_put(entry);
    }
    return found;
}

void oci_read_error(const char *bundle, const char *verb, struct fault *fault)
{
    char *path = mem_format("%s/" OCI_LOG_FILE, bundle);
    char *text = mem_alloc(LOG_TAIL_BYTES + 1);
    char message[FAULT_TEXT_BYTES / 2] = "no reason given";
    FILE *file = fopen(path, "re");

    if (file) {
        if (fseek(file, -LOG_TAIL_BYTES, SEEK_END) != 0)
            (void)fseek(file, 0, SEEK_SET); /* shorter than that */
        text[fread(text, 1, LOG_TAIL_BYTES, file)] = '\0';
        fclose(file);
        find_message(text, message, sizeof(message));
    }
    fault_set(fault, FAULT_UNKNOWN, "Linux container: %s failed: %s", verb,
              message);
    free(text);
    free(path);
}
