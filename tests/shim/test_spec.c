/*
 * config.json: what is read of it, and what is refused.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/annotation.h"
#include "shim/serving.h"
#include "shim/spec.h"
#include "tests/lib/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define PROCESS "\"process\":{\"args\":[\"/a.wasm\",\"x\"],\"cwd\":\"/\"%s}"
#define ROOT    "\"root\":{\"path\":\"rootfs\",\"readonly\":true}"

static struct spec spec;
static struct fault fault;

/* A whole file around a piece of the process, and one of the rest. */
static bool parse(const char *process, const char *rest)
{
    char text[4096];
    int len =
        snprintf(text, sizeof(text), "{" ROOT "," PROCESS "%s}", process, rest);

    CHECK(len > 0 && (size_t)len < sizeof(text));
    return spec_parse(&spec, text, (size_t)len, &fault);
}

TEST(spec_reads_the_process)
{
    CHECK(parse(",\"env\":[\"A=1\",\"A=2\"],\"noNewPrivileges\":true,"
                "\"user\":{\"uid\":1000,\"gid\":100,\"umask\":18,"
                "\"additionalGids\":[5,6]},\"oomScoreAdj\":-998,"
                "\"rlimits\":[{\"type\":\"RLIMIT_NOFILE\",\"hard\":1024,"
                "\"soft\":512}],"
                "\"capabilities\":{\"bounding\":[\"CAP_KILL\",\"CAP_WHAT\"]}",
                ""));
    CHECK_EQ(spec.args.count, 2u);
    CHECK_STR_EQ(spec.args.items[1], "x");
    CHECK(spec.args.items[2] == NULL);
    CHECK_STR_EQ(spec_env(&spec, "A"), "2");
    CHECK(spec_env(&spec, "B") == NULL);
    CHECK(spec.root_readonly && spec.no_new_privileges);
    CHECK_EQ(spec.uid, 1000u);
    CHECK_EQ(spec.gid, 100u);
    CHECK_EQ(spec.group_count, 2u);
    CHECK_EQ(spec.groups[1], 6u);
    CHECK_EQ(spec.umask.value, 18);
    CHECK_EQ(spec.oom_score_adj.value, -998);
    CHECK_EQ(spec.rlimits[0].resource, (int)RLIMIT_NOFILE);
    CHECK_EQ(spec.rlimits[0].soft, 512u);
    CHECK_EQ(spec.capabilities[SPEC_CAP_BOUNDING], 1u << 5);
    spec_fini(&spec);
}

TEST(spec_reads_linux)
{
    CHECK(parse("",
                ",\"hostname\":\"h\",\"linux\":{"
                "\"cgroupsPath\":\"/k/a\",\"namespaces\":["
                "{\"type\":\"pid\"},{\"type\":\"network\",\"path\":\"/n\"}],"
                "\"resources\":{\"memory\":{\"limit\":1048576},"
                "\"devices\":[{\"allow\":false,\"access\":\"rwm\"}],"
                "\"pids\":{\"limit\":10},\"unified\":{\"memory.high\":"
                "\"7\"}}},\"mounts\":[{\"destination\":"
                "\"/d\",\"type\":\"tmpfs\",\"source\":\"t\",\"options\":"
                "[\"ro\",\"size=1k\"]}]"));
    CHECK_STR_EQ(spec.cgroups_path, "/k/a");
    CHECK(spec.has_namespace[SPEC_NS_PID]);
    CHECK(spec.namespace_path[SPEC_NS_PID] == NULL);
    CHECK_STR_EQ(spec.namespace_path[SPEC_NS_NETWORK], "/n");
    CHECK(!spec.has_namespace[SPEC_NS_IPC]);
    CHECK_EQ(spec.resources.memory_limit.value, 1048576);
    CHECK(!spec.resources.cpu_quota.given);
    CHECK_EQ(spec.resources.device_count, 1u);
    CHECK_EQ(spec.resources.devices[0].type, 'a');
    CHECK_EQ(spec.resources.unified_count, 1u);
    CHECK_STR_EQ(spec.resources.unified[0].file, "memory.high");
    CHECK_STR_EQ(spec.resources.unified[0].value, "7");
    CHECK_EQ(spec.mount_count, 1u);
    CHECK_STR_EQ(spec.mounts[0].options.items[1], "size=1k");
    spec_fini(&spec);
}

TEST(spec_refuses_what_is_wrong)
{
    static const struct {
        const char *process, *rest, *says;
    } cases[] = {
        {",\"env\":[1]", "", "env must be a string"},
        {",\"env\":\"A\"", "", "env has the wrong type"},
        {",\"env\":[\"A\\u0000B\"]", "", "env has a NUL character"},
        {",\"user\":{\"uid\":-1}", "", "uid is out of range"},
        {",\"user\":{\"uid\":4294967295}", "", "uid is out of range"},
        {",\"user\":{\"additionalGids\":[\"x\"]}", "", "must be numbers"},
        {",\"user\":{\"additionalGids\":[-1]}", "",
         "additionalGids is out of range"},
        {",\"user\":{\"additionalGids\":[4294967295]}", "",
         "additionalGids is out of range"},
        {",\"rlimits\":[{\"type\":\"RLIMIT_X\"}]", "", "unknown limit"},
        {",\"rlimits\":[1]", "", "must be objects"},
        {"", ",\"mounts\":[{\"destination\":\"d\"}]", "absolute path"},
        {"", ",\"mounts\":[null]", "must be objects"},
        {"", ",\"linux\":{\"namespaces\":[{\"type\":\"user\"}]}",
         "user namespaces are not supported"},
        {"", ",\"linux\":{\"namespaces\":[{\"type\":\"x\"}]}", "not supported"},
        {"", ",\"linux\":{\"resources\":{\"devices\":[{\"access\":\"q\"}]}}",
         "unknown value"},
        {"", ",\"linux\":{\"resources\":{\"unified\":{\"cpu.max\":7}}}",
         "unified must be a string"},
        {"", ",\"linux\":{\"resources\":{\"unified\":{\"../cpu.max\":\"7\"}}}",
         "unified names no file of a group"},
        {"", ",\"linux\":{\"resources\":{\"unified\":{\"max\":\"7\"}}}",
         "unified names no file of a group"},
        {"", ",\"linux\":7", "linux has the wrong type"},
        {"", "} x", "unexpected"},
        {"", ",", "expected"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        CHECK(!parse(cases[i].process, cases[i].rest));
        CHECK_STR_HAS(fault.text, cases[i].says);
        CHECK(spec.json == NULL);
    }
}

static bool parse_text(const char *text)
{
    return spec_parse(&spec, text, strlen(text), &fault);
}

TEST(spec_refuses_incomplete_files)
{
    CHECK(!parse_text(""));
    CHECK(!parse_text("[]"));
    CHECK_STR_HAS(fault.text, "not an object");
    CHECK(!parse_text("{}"));
    CHECK_STR_HAS(fault.text, "root.path is missing");
    CHECK(!parse_text("{" ROOT "}"));
    CHECK_STR_HAS(fault.text, "process is missing");
    CHECK(!parse_text("{" ROOT ",\"process\":{\"cwd\":\"/\"}}"));
    CHECK_STR_HAS(fault.text, "process.args is empty");
    CHECK(
        !parse_text("{" ROOT ",\"process\":{\"cwd\":\"x\",\"args\":[\"a\"]}}"));
    CHECK_STR_HAS(fault.text, "process.cwd must be an absolute path");
}

TEST(spec_refuses_deep_nesting)
{
    char text[300] = "{\"a\":";
    size_t len = strlen(text);

    memset(text + len, '[', 200);
    CHECK(!parse_text(text));
    CHECK_STR_HAS(fault.text, "nesting too deep");
}

TEST(spec_refuses_what_is_no_file)
{
    CHECK(!spec_read(&spec, ".", &fault));
    CHECK_STR_HAS(fault.text, "config.json: No such file");
    CHECK_EQ(system("mkdir config.json"), 0);
    CHECK(!spec_read(&spec, ".", &fault));
    CHECK_STR_HAS(fault.text, "not a regular file");
}

TEST(annotations_name_settings)
{
    uint64_t bytes = 1, ns = 1;

    CHECK(parse("", ",\"annotations\":{\"wasmrt.listen\":\"a\","
                    "\"io.kubernetes.cri.container-name\":\"web\","
                    "\"wasmrt.listen.web\":\"b\",\"wasmrt.max-memory\":\"64M\","
                    "\"wasmrt.timeout\":\"1.5\",\"wasmrt.max-stack\":\"64X\","
                    "\"io.kubernetes.cri.container-type\":\"sandbox\","
                    "\"io.kubernetes.cri.sandbox-id\":\"s\",\"n\":1}"));
    CHECK_STR_EQ(annotation_find(&spec, "listen"), "b");
    CHECK(annotation_find(&spec, "preopens") == NULL);
    CHECK(annotation_size(&spec, "max-memory", &bytes, &fault));
    CHECK_EQ(bytes, 64u << 20);
    CHECK(annotation_seconds(&spec, "timeout", &ns, &fault));
    CHECK_EQ(ns, 1500000000u);
    CHECK(!annotation_size(&spec, "max-stack", &bytes, &fault));
    CHECK_STR_HAS(fault.text, "wasmrt.max-stack: 64X: expected a size");
    CHECK(annotation_size(&spec, "none", &bytes, &fault));
    CHECK_EQ(bytes, 64u << 20);
    CHECK(spec_is_sandbox(&spec));
    CHECK_STR_EQ(spec_sandbox_id(&spec), "s");
    CHECK(spec_annotation(&spec, "n") == NULL);
    spec_fini(&spec);
}

/* Reads what a container with these annotations, and a few grants, serves. */
static bool read_serving(struct serving *serving, const char *annotations)
{
    char rest[1024];

    snprintf(rest, sizeof(rest),
             ",\"linux\":{\"resources\":{\"memory\":{\"limit\":1048576}}},"
             "\"annotations\":{\"wasmrt.preopens\":\"/data::/d,/etc:ro\",%s}",
             annotations);
    CHECK(parse(",\"env\":[\"A=1=2\",\"B\"]", rest));
    return serving_read(serving, &spec, &fault);
}

static void release_serving(struct serving *serving)
{
    struct serve_route *route = &serving->route;

    for (size_t i = 0; i < route->nvars; i++) {
        free((char *)route->vars[i].name);
        free((char *)route->vars[i].value);
    }
    for (size_t i = 0; i < route->ndirs; i++) {
        free((char *)route->dirs[i].host);
        free((char *)route->dirs[i].guest);
    }
    for (size_t i = 0; i < route->nargs; i++)
        free((char *)route->args[i]);
    free(route->vars);
    free(route->dirs);
    free(route->args);
    free((char *)serving->config.address);
    free((char *)serving->config.admin_address);
    spec_fini(&spec);
}

static void check_grants(const struct serve_route *route)
{
    CHECK_EQ(route->nvars, 2);
    CHECK_STR_EQ(route->vars[0].name, "A");
    CHECK_STR_EQ(route->vars[0].value, "1=2");
    CHECK_STR_EQ(route->vars[1].name, "PWD");
    CHECK_EQ(route->ndirs, 2);
    CHECK_STR_EQ(route->dirs[0].host, "/data");
    CHECK_STR_EQ(route->dirs[0].guest, "/d");
    CHECK_STR_EQ(route->dirs[1].guest, "/etc");
    CHECK(route->dirs[1].is_read_only);
    CHECK_EQ(route->nargs, 1);
    CHECK_STR_EQ(route->args[0], "x");
}

TEST(annotations_describe_a_server)
{
    struct serving serving;

    CHECK(read_serving(&serving, "\"wasmrt.serve\":\"80\","
                                 "\"wasmrt.serve-admin\":\"[::1]:81\","
                                 "\"wasmrt.timeout\":\"1.5\","
                                 "\"wasmrt.max-memory\":\"4M\","
                                 "\"wasmrt.fuel\":\"7\","
                                 "\"wasmrt.max-guests\":\"5\","
                                 "\"wasmrt.workers\":\"3\","
                                 "\"wasmrt.drain-timeout\":\"2\","
                                 "\"wasmrt.access-log\":\"json\""));
    CHECK(serving_is_wanted(&spec));
    CHECK_STR_EQ(serving.config.address, "0.0.0.0:80");
    CHECK_STR_EQ(serving.config.admin_address, "[::1]:81");
    CHECK_EQ(serving.route.limits.timeout_ns, 1500000000u);
    CHECK_EQ(serving.route.limits.memory_bytes, 4u << 20);
    CHECK_EQ(serving.route.limits.fuel, 7);
    CHECK_EQ(serving.config.guests, 5);
    CHECK_EQ(serving.config.workers, 3);
    CHECK_EQ(serving.config.drain_timeout_ns, 2000000000u);
    CHECK(serving.config.has_json_log && !serving.config.log_path);
    CHECK_EQ(serving.cgroup_limit, 1u << 20);
    check_grants(&serving.route);
    release_serving(&serving);
}

TEST(annotations_of_a_server_have_defaults)
{
    struct serving serving;

    CHECK(read_serving(&serving, "\"wasmrt.serve\":\"unix:/run/s\""));
    CHECK_STR_EQ(serving.config.address, "unix:/run/s");
    CHECK(!serving.config.admin_address && !serving.config.log_path);
    CHECK_EQ(serving.config.inherited_fd, -1);
    CHECK_EQ(serving.route.limits.fuel, UINT64_MAX);
    CHECK_EQ(serving.config.nroutes, 1);
    release_serving(&serving);
    CHECK(parse("", ""));
    CHECK(!serving_is_wanted(&spec));
    spec_fini(&spec);
}

TEST(annotations_of_a_server_are_refused_by_name)
{
    static const struct {
        const char *annotations, *says;
    } cases[] = {
        {"\"wasmrt.serve\":\"\"", "wasmrt.serve: : expected a port"},
        {"\"wasmrt.serve\":\"0\"", "wasmrt.serve: 0: expected a port"},
        {"\"wasmrt.serve\":\"65536\"", "wasmrt.serve: 65536: expected a port"},
        {"\"wasmrt.serve\":\"99999999999999999999\"", "expected a port"},
        {"\"wasmrt.serve\":\"1\",\"wasmrt.serve-admin\":\"0\"",
         "wasmrt.serve-admin: 0: expected a port"},
        {"\"wasmrt.serve\":\"1\",\"wasmrt.timeout\":\"0\"",
         "wasmrt.timeout: 0: expected a number of seconds"},
        {"\"wasmrt.serve\":\"1\",\"wasmrt.max-guests\":\"4097\"",
         "wasmrt.max-guests: 4097: expected a number from 1 to 4096"},
        {"\"wasmrt.serve\":\"1\",\"wasmrt.workers\":\"0\"",
         "wasmrt.workers: 0: expected a number from 1 to 256"},
        {"\"wasmrt.serve\":\"1\",\"wasmrt.fuel\":\"-1\"",
         "wasmrt.fuel: -1: expected a number"},
        {"\"wasmrt.serve\":\"1\",\"wasmrt.fuel\":\"18446744073709551616\"",
         "expected a number"},
        {"\"wasmrt.serve\":\"1\",\"wasmrt.max-memory\":\"x\"",
         "wasmrt.max-memory: x: expected a size"},
        {"\"wasmrt.serve\":\"1\",\"wasmrt.access-log\":\"xml\"",
         "wasmrt.access-log: xml: expected text, json or none"},
        {"\"wasmrt.serve\":\"1\",\"wasmrt.listen\":\"0.0.0.0:2\"",
         "wasmrt.listen: 0.0.0.0:2: expected no sockets"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct serving serving;

        CHECK(!read_serving(&serving, cases[i].annotations));
        CHECK_STR_HAS(fault.text, cases[i].says);
        release_serving(&serving);
    }
}
