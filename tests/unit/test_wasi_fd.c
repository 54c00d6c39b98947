/*
 * Descriptors, rights, error numbers and listings of WASI.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "tests/lib/test.h"

#include "wasi/dir.h"
#include "wasi/fdtable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* -- Error numbers --------------------------------------------------------- */

TEST(wasi_errno_has_the_numbers_of_the_specification)
{
    CHECK_EQ(P1_SUCCESS, 0);
    CHECK_EQ(P1_BADF, 8);
    CHECK_EQ(P1_INVAL, 28);
    CHECK_EQ(P1_NOENT, 44);
    CHECK_EQ(P1_NOTDIR, 54);
    CHECK_EQ(P1_XDEV, 75);
    CHECK_EQ(P1_NOTCAPABLE, 76);
    CHECK_EQ(P1_ERRNO_COUNT, 77);
    CHECK_STR_EQ(p1_errno_name(P1_NOTCAPABLE), "NOTCAPABLE");
    CHECK_STR_EQ(p1_errno_name(P1_ERRNO_COUNT), "?");
}

TEST(wasi_errno_translates_the_hosts_numbers)
{
    static const struct {
        int host;
        enum p1_errno want;
    } rows[] = {
        {E2BIG, P1_E2BIG},
        {EACCES, P1_ACCES},
        {EAGAIN, P1_AGAIN},
        {EBADF, P1_BADF},
        {EEXIST, P1_EXIST},
        {EISDIR, P1_ISDIR},
        {ELOOP, P1_LOOP},
        {EMFILE, P1_MFILE},
        {ENOENT, P1_NOENT},
        {ENOSPC, P1_NOSPC},
        {ENOTEMPTY, P1_NOTEMPTY},
        {EOPNOTSUPP, P1_NOTSUP},
        {EPIPE, P1_PIPE},
        {EROFS, P1_ROFS},
        {ETXTBSY, P1_TXTBSY},
        {EXDEV, P1_XDEV},
        {0, P1_IO},
        {EKEYEXPIRED, P1_IO},
        {-1, P1_IO},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        CHECK_EQ(p1_errno_from_host(rows[i].host), rows[i].want);
}

/* -- The table ------------------------------------------------------------- */

static struct p1_file *new_file(void)
{
    struct p1_file *file = p1_file_new(-1, P1_FILETYPE_REGULAR_FILE);

    CHECK(file != NULL);
    return file;
}

/* What a number stands for. */
static struct p1_file *file_of(struct p1_fdtable *table, uint32_t fd)
{
    struct p1_file *file = p1_fdtable_get(table, fd);

    if (file)
        p1_file_unref(file);
    return file;
}

TEST(wasi_fdtable_gives_the_lowest_free_number)
{
    struct p1_fdtable table = {.max = 100};
    uint32_t fd;

    for (uint32_t i = 0; i < 40; i++) {
        CHECK_EQ(p1_fdtable_insert(&table, new_file(), &fd), P1_SUCCESS);
        CHECK_EQ(fd, i);
    }
    CHECK_EQ(p1_fdtable_close(&table, 7), P1_SUCCESS);
    CHECK_EQ(p1_fdtable_close(&table, 21), P1_SUCCESS);
    CHECK_EQ(p1_fdtable_close(&table, 7), P1_BADF);
    CHECK(file_of(&table, 7) == NULL);
    CHECK_EQ(p1_fdtable_insert(&table, new_file(), &fd), P1_SUCCESS);
    CHECK_EQ(fd, 7);
    CHECK_EQ(p1_fdtable_insert(&table, new_file(), &fd), P1_SUCCESS);
    CHECK_EQ(fd, 21);
    CHECK(file_of(&table, UINT32_MAX) == NULL);
    p1_fdtable_fini(&table);
}

TEST(wasi_fdtable_keeps_its_limit)
{
    struct p1_fdtable table = {.max = 3};
    uint32_t fd = 99;

    for (int i = 0; i < 3; i++)
        CHECK_EQ(p1_fdtable_insert(&table, new_file(), &fd), P1_SUCCESS);
    CHECK_EQ(p1_fdtable_insert(&table, new_file(), &fd), P1_MFILE);
    CHECK_EQ(fd, 2);
    CHECK_EQ(p1_fdtable_close(&table, 0), P1_SUCCESS);
    CHECK_EQ(p1_fdtable_insert(&table, new_file(), &fd), P1_SUCCESS);
    CHECK_EQ(fd, 0);
    p1_fdtable_fini(&table);
}

TEST(wasi_fdtable_renumbers)
{
    struct p1_fdtable table = {.max = 10};
    struct p1_file *one = new_file(), *two = new_file();
    uint32_t a, b, c;

    CHECK_EQ(p1_fdtable_insert(&table, one, &a), P1_SUCCESS);
    CHECK_EQ(p1_fdtable_insert(&table, two, &b), P1_SUCCESS);
    CHECK_EQ(p1_fdtable_renumber(&table, a, 5), P1_BADF);
    CHECK_EQ(p1_fdtable_renumber(&table, 5, a), P1_BADF);
    CHECK_EQ(p1_fdtable_renumber(&table, a, a), P1_SUCCESS);
    CHECK_EQ(p1_fdtable_renumber(&table, a, b), P1_SUCCESS);
    CHECK(file_of(&table, a) == NULL);
    CHECK(file_of(&table, b) == one);
    CHECK_EQ(table.open, 1);
    CHECK_EQ(p1_fdtable_insert(&table, new_file(), &c), P1_SUCCESS);
    CHECK_EQ(c, a);
    p1_fdtable_fini(&table);
}

/* A call that waits holds its file: closing the number must not close it. */
TEST(wasi_files_live_as_long_as_they_are_used)
{
    struct p1_fdtable table = {.max = 10};
    int ends[2];
    uint32_t fd;
    struct p1_file *file;

    CHECK_EQ(pipe(ends), 0);
    file = p1_file_new(ends[0], P1_FILETYPE_UNKNOWN);
    CHECK_EQ(p1_fdtable_insert(&table, p1_file_ref(file), &fd), P1_SUCCESS);
    CHECK_EQ(p1_fdtable_close(&table, fd), P1_SUCCESS);
    CHECK(fcntl(ends[0], F_GETFD) >= 0);
    p1_file_unref(file);
    CHECK_EQ(fcntl(ends[0], F_GETFD), -1);
    p1_fdtable_fini(&table);
}

/* -- Rights ---------------------------------------------------------------- */

TEST(wasi_rights_say_why_they_are_missing)
{
    static const struct {
        enum p1_filetype filetype;
        uint64_t base, grant, need;
        enum p1_errno want;
    } rows[] = {
        {P1_FILETYPE_REGULAR_FILE, P1_RIGHT_FD_READ, P1_RIGHTS_ALL,
         P1_RIGHT_FD_READ, P1_SUCCESS},
        {P1_FILETYPE_REGULAR_FILE, P1_RIGHT_FD_READ, P1_RIGHTS_ALL,
         P1_RIGHT_FD_WRITE, P1_BADF},
        {P1_FILETYPE_REGULAR_FILE, P1_RIGHT_FD_READ, P1_RIGHTS_ALL,
         P1_RIGHT_FD_SEEK, P1_NOTCAPABLE},
        {P1_FILETYPE_REGULAR_FILE, P1_RIGHT_FD_READ, P1_RIGHTS_ALL,
         P1_RIGHT_PATH_OPEN, P1_NOTDIR},
        {P1_FILETYPE_REGULAR_FILE, P1_RIGHT_FD_READ, P1_RIGHTS_ALL,
         P1_RIGHT_SOCK_SHUTDOWN, P1_NOTSOCK},
        {P1_FILETYPE_SOCKET_STREAM, P1_RIGHT_FD_READ, P1_RIGHTS_ALL,
         P1_RIGHT_SOCK_SHUTDOWN, P1_NOTCAPABLE},
        {P1_FILETYPE_UNKNOWN, P1_RIGHT_FD_READ, P1_RIGHTS_ALL, P1_RIGHT_FD_SEEK,
         P1_SPIPE},
        {P1_FILETYPE_DIRECTORY, P1_RIGHT_PATH_OPEN, P1_RIGHTS_ALL,
         P1_RIGHT_FD_READ, P1_ISDIR},
        {P1_FILETYPE_DIRECTORY, P1_RIGHT_PATH_OPEN, P1_RIGHTS_ALL,
         P1_RIGHT_PATH_SYMLINK, P1_NOTCAPABLE},
        {P1_FILETYPE_DIRECTORY, P1_RIGHT_PATH_OPEN, P1_RIGHT_PATH_OPEN,
         P1_RIGHT_PATH_SYMLINK, P1_ROFS},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct p1_file file = {.filetype = rows[i].filetype,
                               .base = rows[i].base,
                               .grant = rows[i].grant,
                               .host = -1};

        CHECK_EQ(p1_file_check(&file, rows[i].need), rows[i].want);
    }
}

TEST(wasi_rights_fit_the_kind_of_file)
{
    int null = open("/dev/null", O_RDWR);
    struct p1_file *device = p1_file_new(null, P1_FILETYPE_CHARACTER_DEVICE);
    struct p1_file dir = {.filetype = P1_FILETYPE_DIRECTORY};
    struct p1_file listener = {.filetype = P1_FILETYPE_SOCKET_STREAM,
                               .is_listener = true};
    char only[] = "file";
    struct p1_file single = {.filetype = P1_FILETYPE_REGULAR_FILE,
                             .only = only};

    /* /dev/null is no terminal, and C libraries must not take it for one. */
    CHECK(p1_file_base_rights(device) & P1_RIGHT_FD_SEEK);
    CHECK(!(p1_file_base_rights(&dir) & P1_RIGHT_FD_READ));
    CHECK(p1_file_inheriting_rights(&dir) & P1_RIGHT_FD_READ);
    CHECK(p1_file_base_rights(&listener) & P1_RIGHT_SOCK_ACCEPT);
    CHECK(!(p1_file_base_rights(&single) & P1_RIGHT_PATH_UNLINK_FILE));
    CHECK(!(p1_stdio_rights & P1_RIGHT_PATH_OPEN));
    CHECK(!(p1_read_only_rights &
            (P1_RIGHT_FD_WRITE | P1_RIGHT_PATH_LINK_SOURCE |
             P1_RIGHT_PATH_RENAME_SOURCE | P1_RIGHT_PATH_CREATE_FILE)));
    p1_file_unref(device);
}

/* -- Listings -------------------------------------------------------------- */

static int make_listed_dir(void)
{
    char name[32];

    CHECK_EQ(mkdir("dir", 0700), 0);
    for (int i = 0; i < 50; i++) {
        snprintf(name, sizeof(name), "dir/f%02d", i);
        close(open(name, O_CREAT | O_WRONLY, 0600));
    }
    return open("dir", O_RDONLY | O_DIRECTORY);
}

static const struct p1_slices always = {NULL, NULL};

static uint64_t cookie_of(const struct p1_listing *listing, const char *name)
{
    for (size_t i = 0; i < listing->count; i++) {
        if (strcmp(listing->entries[i]->name, name) == 0)
            return listing->entries[i]->cookie;
    }
    return 0;
}

TEST(wasi_listing_is_complete_and_in_order)
{
    struct p1_listing *listing = NULL;
    struct stat st;
    int dir = make_listed_dir();

    CHECK_EQ(p1_listing_read(&listing, dir, &always), P1_SUCCESS);
    CHECK_EQ(listing->count, 52); /* with . and .. */
    for (size_t i = 0; i < listing->count; i++) {
        CHECK_EQ(listing->entries[i]->cookie, i + 1);
        CHECK_EQ(p1_listing_after(listing, i), i);
    }
    CHECK_EQ(p1_listing_after(listing, UINT64_MAX), listing->count);
    CHECK_EQ(fstat(dir, &st), 0);
    for (size_t i = 0; i < listing->count; i++) {
        if (strcmp(listing->entries[i]->name, ".") == 0)
            CHECK_EQ(listing->entries[i]->ino, st.st_ino);
    }
    p1_listing_delete(listing);
}

TEST(wasi_listing_cookies_survive_changes)
{
    struct p1_listing *listing = NULL;
    int dir = make_listed_dir();
    uint64_t f10, f20, f30;
    size_t at;

    CHECK_EQ(p1_listing_read(&listing, dir, &always), P1_SUCCESS);
    f10 = cookie_of(listing, "f10");
    f20 = cookie_of(listing, "f20");
    f30 = cookie_of(listing, "f30");
    CHECK_EQ(unlink("dir/f20"), 0);
    close(open("dir/new", O_CREAT | O_WRONLY, 0600));
    CHECK_EQ(p1_listing_read(&listing, dir, &always), P1_SUCCESS);

    /* What exists keeps its cookie, what is new comes last, and the cookie of
     * what is gone still says where to go on. */
    CHECK_EQ(listing->count, 52);
    CHECK_EQ(cookie_of(listing, "f10"), f10);
    CHECK_EQ(cookie_of(listing, "f30"), f30);
    CHECK_EQ(cookie_of(listing, "f20"), 0);
    CHECK_EQ(cookie_of(listing, "new"), 53);
    at = p1_listing_after(listing, f20);
    CHECK(at == listing->count || listing->entries[at]->cookie > f20);
    CHECK(at == 0 || listing->entries[at - 1]->cookie < f20);

    /* A name that comes back is new. */
    close(open("dir/f20", O_CREAT | O_WRONLY, 0600));
    CHECK_EQ(p1_listing_read(&listing, dir, &always), P1_SUCCESS);
    CHECK_EQ(cookie_of(listing, "f20"), 54);
    p1_listing_delete(listing);
}

/* Ends at the n-th question. */
static bool ends_soon(void *user)
{
    int *left = user;

    return --*left > 0;
}

static void check_order(const struct p1_listing *listing)
{
    for (size_t i = 1; i < listing->count; i++)
        CHECK(listing->entries[i - 1]->cookie < listing->entries[i]->cookie);
}

/* Whenever it is interrupted, the old listing stays as it was. */
TEST(wasi_listing_can_be_interrupted)
{
    enum { MANY = 10000 };
    struct p1_listing *listing = NULL, *before;
    char name[32];
    int dir, left = 1;
    uint64_t cookie;
    struct p1_slices slices = {ends_soon, &left};

    CHECK_EQ(mkdir("dir", 0700), 0);
    for (int i = 0; i < MANY; i++) {
        snprintf(name, sizeof(name), "dir/%d", i);
        CHECK_EQ(symlink("x", name), 0);
    }
    dir = open("dir", O_RDONLY | O_DIRECTORY);
    CHECK_EQ(p1_listing_read(&listing, dir, &slices), P1_INTR);
    CHECK(listing == NULL);
    CHECK_EQ(p1_listing_read(&listing, dir, &always), P1_SUCCESS);
    CHECK_EQ(listing->count, MANY + 2);
    before = listing;
    cookie = cookie_of(listing, "77");
    unlink("dir/55");
    for (int n = 1; listing == before; n++) {
        left = n;
        if (p1_listing_read(&listing, dir, &slices) == P1_INTR)
            CHECK_EQ(listing->count, MANY + 2);
        check_order(listing);
        CHECK_EQ(cookie_of(listing, "77"), cookie);
    }
    /* It asked more than once. */
    CHECK(left < 100);
    CHECK_EQ(listing->count, MANY + 1);
    p1_listing_delete(listing);
    close(dir);
}

TEST(wasi_listing_of_what_cannot_be_listed)
{
    struct p1_listing *listing = NULL;
    int file = open("file", O_CREAT | O_RDWR, 0600);

    CHECK_EQ(p1_listing_read(&listing, file, &always), P1_NOTDIR);
    CHECK(listing == NULL);
    CHECK_EQ(p1_listing_read(&listing, -1, &always), P1_BADF);
}
