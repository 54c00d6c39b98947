/*
 * The scene of fuzz_wasi_path.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "tests/fuzz/hostile.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const boxes[BOXES] = {"one", "two"};

static const char *const secrets[] = {"secret/key", "secret/prey",
                                      "secret/empty", "secret/link"};
enum { SECRETS = sizeof(secrets) / sizeof(secrets[0]), MAX_OUTSIDE = 32 };

static struct {
    char path[64];
    int dir;   /* open */
    dev_t dev; /* of all of it */
    struct stat secrets[SECRETS];
    ino_t outside[MAX_OUTSIDE];
    int outside_count;
} scene;

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    perror(what);
    abort();
}

static void make_file(int dir, const char *name, const char *text)
{
    int fd = openat(dir, name, O_CREAT | O_EXCL | O_WRONLY, 0600);

    must(fd >= 0 && write(fd, text, strlen(text)) > 0, name);
    close(fd);
}

/* -- Inside ---------------------------------------------------------------- */

static void fill_box(int box)
{
    static const char *const dirs[] = {"dir", "dir/sub", "dir/empty"};
    static const char *const files[] = {"file", "dir/file", "dir/sub/file"};
    static const struct {
        const char *target, *name;
    } links[] = {
        {"file", "link"},
        {"dir", "dirlink"},
        {"..", "up"},
        {"../secret", "updir"},
        {"../secret/key", "upfile"},
        {"../secret/new", "upnew"},
        {"../key", "upkey"},
        {"../../..", "far"},
        {"dir/../../secret", "deepup"},
        {"/etc/passwd", "abs"},
        {"/", "root"},
        {"/proc/self/fd", "fds"},
        {"loop", "loop"},
        {"nothing", "dangling"},
        {"dir/sub/../../dirlink/sub", "maze"},
        {"dir/sub/..", "back"},
        {"../../updir/key", "dir/sub/over"},
    };

    for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
        must(mkdirat(box, dirs[i], 0700) == 0, dirs[i]);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        make_file(box, files[i], "inside");
    for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
        must(symlinkat(links[i].target, box, links[i].name) == 0,
             links[i].name);
}

/* Removes what is in an open directory, which is closed.  As deep as the guest
 * made directories, which an input's length bounds. */
static void empty_dir(int dir_taken)
{
    DIR *list = fdopendir(dir_taken);
    struct dirent *entry;

    must(list != NULL, "fdopendir");
    while ((entry = readdir(list)) != NULL) {
        const char *name = entry->d_name;

        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
            unlinkat(dir_taken, name, 0) == 0)
            continue;
        empty_dir(openat(dir_taken, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
        must(unlinkat(dir_taken, name, AT_REMOVEDIR) == 0, name);
    }
    closedir(list);
}

static void remove_scene(void)
{
    empty_dir(scene.dir);
    must(rmdir(scene.path) == 0, scene.path);
}

void hostile_reset(void)
{
    for (int i = 0; i < BOXES; i++) {
        int box = openat(scene.dir, boxes[i], O_RDONLY | O_DIRECTORY);

        must(box >= 0, boxes[i]);
        empty_dir(dup(box));
        fill_box(box);
        close(box);
    }
}

/* -- Outside --------------------------------------------------------------- */

static void note_outside(const char *path)
{
    struct stat st;

    must(fstatat(scene.dir, path, &st, 0) == 0, path);
    must(scene.outside_count < MAX_OUTSIDE, "too much outside");
    scene.outside[scene.outside_count++] = st.st_ino;
}

const char *hostile_box(int box)
{
    static char path[80];

    snprintf(path, sizeof(path), "%s/%s", scene.path, boxes[box]);
    return path;
}

void hostile_make(void)
{
    static const char *const above[] = {".", "..", "secret", "key"};
    struct stat st;

    /* In memory where that is possible: every input makes and removes files. */
    strcpy(scene.path, "/dev/shm/wasi-path-XXXXXX");
    if (!mkdtemp(scene.path)) {
        strcpy(scene.path, "/tmp/wasi-path-XXXXXX");
        must(mkdtemp(scene.path) != NULL, "mkdtemp");
    }
    scene.dir = open(scene.path, O_RDONLY | O_DIRECTORY);
    must(scene.dir >= 0, scene.path);
    atexit(remove_scene);
    for (int i = 0; i < BOXES; i++)
        must(mkdirat(scene.dir, boxes[i], 0700) == 0, boxes[i]);
    must(mkdirat(scene.dir, "secret", 0700) == 0 &&
             mkdirat(scene.dir, "secret/empty", 0700) == 0,
         "mkdir");
    make_file(scene.dir, "key", "SECRET");
    make_file(scene.dir, "secret/key", "SECRET");
    make_file(scene.dir, "secret/prey", "SECRET");
    must(symlinkat("SECRET", scene.dir, "secret/link") == 0, "symlink");
    must(fstat(scene.dir, &st) == 0, "fstat");
    scene.dev = st.st_dev;
    for (size_t i = 0; i < sizeof(above) / sizeof(above[0]); i++)
        note_outside(above[i]);
    for (int i = 0; i < SECRETS; i++) {
        must(fstatat(scene.dir, secrets[i], &scene.secrets[i],
                     AT_SYMLINK_NOFOLLOW) == 0,
             secrets[i]);
        scene.outside[scene.outside_count++] = scene.secrets[i].st_ino;
    }
}

bool hostile_is_outside(uint64_t dev, uint64_t ino)
{
    for (int i = 0; i < scene.outside_count; i++) {
        if (scene.outside[i] == (ino_t)ino)
            return true;
    }
    return (dev_t)dev != scene.dev;
}

void hostile_fail(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, "\n");
    remove_scene();
    abort();
}

static int count_entries(const char *path)
{
    DIR *list = fdopendir(openat(scene.dir, path, O_RDONLY | O_DIRECTORY));
    int count = 0;

    must(list != NULL, path);
    while (readdir(list))
        count++;
    closedir(list);
    return count;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_mode == b->st_mode &&
           a->st_nlink == b->st_nlink && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

void hostile_check(void)
{
    struct stat st;

    for (int i = 0; i < SECRETS; i++) {
        if (fstatat(scene.dir, secrets[i], &st, AT_SYMLINK_NOFOLLOW) != 0 ||
            !is_same(&st, &scene.secrets[i]))
            hostile_fail("changed: %s", secrets[i]);
    }
    /* With "." and "..": the boxes, secret and key. */
    if (count_entries("secret") != SECRETS + 2 ||
        count_entries(".") != BOXES + 4 || count_entries("secret/empty") != 2)
        hostile_fail("made or removed outside");
}
