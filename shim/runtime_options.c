/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/runtime_options.h"

#include "shim/message.h"
#include "shim/proto/start.pb-c.h"

#include <stdio.h>
#include <string.h>

enum { LINE_BYTES = 256 };

static bool refuse(const char *line, struct fault *fault)
{
    return fault_set(fault, FAULT_INVALID,
                     "runtime options: %s: expected linux_runtime = \"runc\" "
                     "or \"crun\", or SystemdCgroup = true or false",
                     line);
}

static bool take_line(struct runtime_options *options, char *line,
                      struct fault *fault)
{
    char key[64], value[64];

    line[strcspn(line, "#\r")] = '\0';
    line += strspn(line, " \t");
    if (!*line)
        return true;
    if (sscanf(line, "%63[A-Za-z_] = %63s", key, value) != 2)
        return refuse(line, fault);
    if (strcmp(key, "SystemdCgroup") == 0 &&
        (strcmp(value, "true") == 0 || strcmp(value, "false") == 0))
        options->systemd_cgroup = value[0] == 't';
    else if (strcmp(key, "linux_runtime") == 0 &&
             strcmp(value, "\"runc\"") == 0)
        options->linux_runtime = "runc";
    else if (strcmp(key, "linux_runtime") == 0 &&
             strcmp(value, "\"crun\"") == 0)
        options->linux_runtime = "crun";
    else
        return refuse(line, fault);
    return true;
}

bool runtime_options_parse(struct runtime_options *options, const char *text,
                           size_t len, struct fault *fault)
{
    const char *end = text + len;

    *options = (struct runtime_options){0};
    while (text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        size_t n = (size_t)((newline ? newline : end) - text);
        char line[LINE_BYTES];

        if (n >= sizeof(line) || memchr(text, '\0', n))
            return fault_set(fault, FAULT_INVALID,
                             "runtime options: a line is too long");
        memcpy(line, text, n);
        line[n] = '\0';
        if (!take_line(options, line, fault))
            return false;
        text += n + (newline != NULL);
    }
    return true;
}

bool runtime_options_read(struct runtime_options *options, const Pb__Any *any,
                          struct fault *fault)
{
    static const char wanted[] = "runtimeoptions.v1.Options";
    Pb__RuntimeOptions *message;
    size_t len;
    bool ok;

    *options = (struct runtime_options){0};
    if (!any)
        return true;
    len = strlen(any->type_url);
    if (len < sizeof(wanted) - 1 ||
        strcmp(any->type_url + len - (sizeof(wanted) - 1), wanted) != 0)
        return true;
    message = message_unpack(&pb__runtime_options__descriptor, any->value.data,
                             any->value.len);
    if (!message)
        return fault_set(fault, FAULT_INVALID, "malformed runtime options");
    ok = runtime_options_parse(options, (const char *)message->config_body.data,
                               message->config_body.len, fault);
    message_free(message);
    return ok;
}
