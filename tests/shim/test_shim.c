/*
 * The small parts of the shim: digests, options, entrypoints, control groups'
 * places, command lines.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "shim/entry.h"
#include "shim/io.h"
#include "shim/oci.h"
#include "shim/reaper.h"
#include "shim/runtime_options.h"
#include "shim/sha256.h"
#include "shim/task.h"
#include "tests/lib/test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

TEST(sha256_of_the_standards_examples)
{
    char hex[SHA256_HEX_BYTES], text[200];

    sha256_hex("", 0, hex);
    CHECK_STR_EQ(hex, "e3b0c44298fc1c149afbf4c8996fb924"
                      "27ae41e4649b934ca495991b7852b855");
    sha256_hex("abc", 3, hex);
    CHECK_STR_EQ(hex, "ba7816bf8f01cfea414140de5dae2223"
                      "b00361a396177a9cb410ff61f20015ad");
    sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56,
               hex);
    CHECK_STR_EQ(hex, "248d6a61d20638b8e5c026930c3e6039"
                      "a33ce45964ff2167f6ecedd419db06c1");
    memset(text, 'a', sizeof(text));
    sha256_hex(text, 119, hex);
    CHECK_STR_EQ(hex, "31eba51c313a5c08226adf18d4a359cf"
                      "dfd8d2e816b13f4af952f7ea6584dcfb");
}

static bool options_of(const char *text, struct runtime_options *out,
                       struct fault *fault)
{
    return runtime_options_parse(out, text, strlen(text), fault);
}

TEST(runtime_options_are_a_few_lines)
{
    struct runtime_options options;
    struct fault fault;

    CHECK(options_of("", &options, &fault));
    CHECK(options.linux_runtime == NULL && !options.systemd_cgroup);
    CHECK(options_of("# all\n\nSystemdCgroup = true\n  linux_runtime = "
                     "\"crun\" # fast",
                     &options, &fault));
    CHECK_STR_EQ(options.linux_runtime, "crun");
    CHECK(options.systemd_cgroup);
    CHECK(!options_of("SystemdCgroup = 1", &options, &fault));
    CHECK(!options_of("linux_runtime = \"sh\"", &options, &fault));
    CHECK(!options_of("BinaryName", &options, &fault));
    CHECK_STR_HAS(fault.text, "runtime options: BinaryName: expected");
    CHECK(!runtime_options_parse(&options, "a\0b", 3, &fault));
}

TEST(entry_is_told_by_its_first_bytes)
{
    static const struct {
        const char *path, *bytes;
        size_t len;
        int kind; /* -1: neither */
    } cases[] = {
        {"/a", "\0asm\1\0\0\0", 8, ENTRY_WASM},
        {"/a", "\177ELF\2", 5, ENTRY_LINUX},
        {"/a", "#!/bin/sh", 9, ENTRY_LINUX},
        {"/a", "  (module)", 10, ENTRY_WASM},
        {"/a", ";; text", 7, ENTRY_WASM},
        {"/a", "plain", 5, -1},
        {"/a", "", 0, -1},
        {"/a.wasm", "plain", 5, ENTRY_WASM},
        {"/a.wasm#f", "", 0, ENTRY_WASM},
        {"/a.wat", "", 0, ENTRY_WASM},
        {"/a.wasm", "\177ELF\2", 5, ENTRY_LINUX},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        enum entry_kind kind;
        bool known =
            entry_classify(cases[i].path, (const unsigned char *)cases[i].bytes,
                           cases[i].len, &kind);

        CHECK_EQ(known, cases[i].kind >= 0);
        if (known)
            CHECK_EQ((int)kind, cases[i].kind);
    }
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    CHECK(file != NULL);
    fputs(text, file);
    fclose(file);
}

/* Links of the image never lead out of it, and its mounts are looked into. */
TEST(entry_is_found_where_the_container_sees_it)
{
    const char *args[] = {"/bin/app", NULL}, *env[] = {"PATH=/bin", NULL};
    struct spec_mount mount = {.destination = "/vol", .type = "bind"};
    struct spec spec = {.root_path = "rootfs",
                        .cwd = "/work",
                        .args = {args, 1},
                        .env = {env, 1},
                        .mounts = &mount,
                        .mount_count = 1};
    char source[4096];
    struct entry entry;
    struct fault fault;

    CHECK_EQ(system("mkdir -p rootfs/bin rootfs/work vol; "
                    "ln -s /app.wat rootfs/bin/app; "
                    "ln -s ../../../../etc/passwd rootfs/bin/out"),
             0);
    CHECK(getcwd(source, sizeof(source) - 8) != NULL);
    strcat(source, "/vol");
    mount.source = source;
    write_file("rootfs/app.wat", "(module)");
    write_file("rootfs/work/x", "#!");
    write_file("vol/in", "\177ELF");
    CHECK(entry_find(&spec, ".", &entry, &fault));
    CHECK_EQ(entry.kind, ENTRY_WASM);
    args[0] = "app"; /* by PATH */
    CHECK(entry_find(&spec, ".", &entry, &fault));
    CHECK_STR_EQ(entry.path, "/bin/app");
    args[0] = "./x"; /* below cwd */
    CHECK(entry_find(&spec, ".", &entry, &fault));
    CHECK_EQ(entry.kind, ENTRY_LINUX);
    args[0] = "app.wat"; /* at the top */
    CHECK(entry_find(&spec, ".", &entry, &fault));
    CHECK_STR_EQ(entry.path, "/app.wat");
    args[0] = "/app.wat#go";
    CHECK(entry_find(&spec, ".", &entry, &fault));
    CHECK_STR_EQ(entry.path, "/app.wat#go");
    args[0] = "/vol/in";
    CHECK(entry_find(&spec, ".", &entry, &fault));
    CHECK_EQ(entry.kind, ENTRY_LINUX);
    args[0] = "/bin/out";
    CHECK(!entry_find(&spec, ".", &entry, &fault));
    args[0] = "/work";
    CHECK(!entry_find(&spec, ".", &entry, &fault));
    CHECK_STR_HAS(fault.text, "entrypoint /work: not a regular file");
    args[0] = "";
    CHECK(!entry_find(&spec, ".", &entry, &fault));
}

TEST(oci_command_lines)
{
    static const char *const rest[] = {"--bundle", "", "--pid-file", "", NULL};
    const char *argv[OCI_MAX_ARGS];
    struct oci oci = {"crun", "/b", "c1", true};
    char *text = oci_arguments(&oci, "create", rest, argv), line[512] = "";

    for (int i = 0; argv[i]; i++) {
        strcat(line, argv[i]);
        strcat(line, " ");
    }
    CHECK_STR_EQ(line, "crun --root /b/oci-state --log /b/oci.log --log-format "
                       "json --systemd-cgroup create --bundle /b --pid-file "
                       "/b/init.pid c1 ");
    free(text);
}

TEST(oci_errors_are_the_last_message_of_the_log)
{
    struct fault fault;

    oci_read_error(".", "create", &fault);
    CHECK_STR_EQ(fault.text, "Linux container: create failed: no reason given");
    write_file("oci.log", "{\"msg\":\"first\"}\nnonsense\n{\"level\":\"error\","
                          "\"msg\":\"exec: \\\"x\\\"\"}\n");
    oci_read_error(".", "create", &fault);
    CHECK_STR_EQ(fault.text, "Linux container: create failed: exec: \"x\"");
}

TEST(reaper_statuses_are_those_of_a_shell)
{
    CHECK_EQ(reaper_exit_status(7 << 8), 7u);
    CHECK_EQ(reaper_exit_status(SIGKILL), 137u);
}

/* Output survives its reader: it waits in the FIFO for the next one. */
TEST(io_keeps_what_nobody_reads_yet)
{
    const char *paths[3] = {"", NULL, ""};
    char here[4096], bytes[8] = "";
    struct fault fault;
    struct io io;
    int reader;

    CHECK(getcwd(here, sizeof(here) - 8) != NULL);
    strcat(here, "/out");
    CHECK_EQ(mkfifo(here, 0600), 0);
    paths[1] = here;
    CHECK(io_open(&io, paths, &fault));
    CHECK_EQ(write(io.child[1], "hello", 5), 5);
    io_close_child(&io);
    reader = open(here, O_RDONLY | O_NONBLOCK);
    CHECK_EQ(read(reader, bytes, sizeof(bytes)), 5);
    CHECK_STR_EQ(bytes, "hello");
    CHECK_EQ(read(reader, bytes, sizeof(bytes)), 0); /* the end is seen */
    close(reader);
    io_fini(&io);
}

TEST(io_input_ends_when_it_is_closed)
{
    const char *paths[3] = {NULL, "", ""};
    char here[4096], byte;
    struct fault fault;
    struct io io;

    CHECK(getcwd(here, sizeof(here) - 8) != NULL);
    strcat(here, "/in");
    CHECK_EQ(mkfifo(here, 0600), 0);
    paths[0] = here;
    CHECK(io_open(&io, paths, &fault));
    CHECK_EQ(fcntl(io.child[0], F_SETFL, O_NONBLOCK), 0);
    CHECK_EQ(read(io.child[0], &byte, 1), -1); /* no writer, but no end */
    io_close_stdin(&io);
    CHECK_EQ(read(io.child[0], &byte, 1), 0);
    io_fini(&io);
}

TEST(io_refuses_what_it_cannot_open)
{
    const char *paths[3] = {"", "/no/such/fifo", ""};
    struct fault fault;
    struct io io;

    CHECK(!io_open(&io, paths, &fault));
    CHECK_STR_HAS(fault.text, "/no/such/fifo: No such file");
    CHECK_EQ(io.child[0], -1);
    paths[1] = "binary:///bin/logger";
    CHECK(!io_open(&io, paths, &fault));
    CHECK_EQ(fault.code, FAULT_UNIMPLEMENTED);
}

/* -- Linux containers ------------------------------------------------------ */

/* A shim that lets another runtime make a container, and then sleeps. */
static _Noreturn void be_shim(const char *runtime)
{
    static struct shim shim;
    struct task *task;
    struct spec spec = {0};
    struct entry entry = {.kind = ENTRY_LINUX};
    struct fault fault;

    uv_loop_init(&shim.loop);
    reaper_init(&shim.reaper, &shim.loop);
    task = task_new(&shim, "c", ".");
    task->oci_runtime = runtime;
    if (driver_linux.create(task, &spec, &entry, &fault))
        pause();
    _exit(1);
}

/* Or it is somebody else's zombie by now. */
static bool is_alive(pid_t pid)
{
    char path[64], text[512] = "";
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    file = fopen(path, "r");
    if (!file)
        return false;
    CHECK(fgets(text, sizeof(text), file) != NULL);
    fclose(file);
    return !strstr(text, ") Z");
}

TEST(other_runtime_ends_with_the_shim)
{
    pid_t shim, runtime = 0;
    FILE *file = NULL;

    write_file("runtime",
               "#!/bin/sh\necho $$ >pid.new\nmv pid.new pid\nexec sleep 100\n");
    CHECK_EQ(chmod("runtime", 0755), 0);
    shim = fork();
    if (shim == 0)
        be_shim("./runtime");
    while (!file) {
        usleep(1000);
        file = fopen("pid", "r");
    }
    CHECK_EQ(fscanf(file, "%d", &runtime), 1);
    fclose(file);
    CHECK(is_alive(runtime));
    kill(shim, SIGKILL);
    CHECK_EQ(waitpid(shim, NULL, 0), shim);
    while (is_alive(runtime)) /* the test's time limit ends this */
        usleep(1000);
}
