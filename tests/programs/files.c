/*
 * Works with files through the C library; the first argument says what to do:
 *
 *     tour DIR        makes, writes, appends, renames, lists and removes
 *     write FILE TEXT writes a file
 *     list DIR        lists a directory, sorted, with type and size
 *     sleep MS        sleeps
 *     read            reads standard input to its end, says how much it was
 *     ro DIR          tries everything that a read-only directory must refuse
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char path_buf[2][256];

/* DIR/NAME, in one of two buffers. */
static const char *in(int n, const char *dir, const char *name)
{
    snprintf(path_buf[n], sizeof(path_buf[n]), "%s/%s", dir, name);
    return path_buf[n];
}

static void say(const char *what, int result)
{
    printf("%s: %s\n", what, result < 0 ? strerror(errno) : "ok");
}

static int write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");

    if (!f) {
        printf("cannot write %s: %s\n", path, strerror(errno));
        return 1;
    }
    fputs(text, f);
    return fclose(f) != 0;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int list(const char *dir)
{
    char *names[256];
    int count = 0;
    DIR *d = opendir(dir);
    struct dirent *entry;
    struct stat st;

    if (!d) {
        printf("cannot list %s: %s\n", dir, strerror(errno));
        return 1;
    }
    while ((entry = readdir(d)) != NULL && count < 256)
        names[count++] = strdup(entry->d_name);
    closedir(d);
    qsort(names, (size_t)count, sizeof(names[0]), by_text);
    for (int i = 0; i < count; i++) {
        if (names[i][0] == '.')
            continue;
        if (lstat(in(0, dir, names[i]), &st) != 0)
            st.st_mode = 0;
        printf("%s %c %lld\n", names[i],
               S_ISDIR(st.st_mode)   ? 'd'
               : S_ISLNK(st.st_mode) ? 'l'
                                     : 'f',
               S_ISREG(st.st_mode) ? (long long)st.st_size : 0);
    }
    return 0;
}

static void read_back(const char *path)
{
    char line[256];
    FILE *f = fopen(path, "r");

    while (f && fgets(line, sizeof(line), f))
        printf("> %s", line);
    if (f)
        fclose(f);
}

static int tour(const char *dir)
{
    FILE *f;

    say("mkdir", mkdir(in(0, dir, "sub"), 0700));
    say("mkdir again", mkdir(in(0, dir, "sub"), 0700));
    write_file(in(0, dir, "a"), "first line\n");
    f = fopen(in(0, dir, "a"), "a");
    fputs("second line\n", f);
    fclose(f);
    read_back(in(0, dir, "a"));
    f = fopen(in(0, dir, "a"), "r+");
    fseek(f, 6, SEEK_SET);
    fputs("LINE", f);
    printf("at %ld\n", ftell(f));
    fclose(f);
    read_back(in(0, dir, "a"));
    say("rename", rename(in(0, dir, "a"), in(1, dir, "sub/b")));
    say("symlink", symlink("sub/b", in(0, dir, "link")));
    read_back(in(0, dir, "link"));
    say("link", link(in(0, dir, "sub/b"), in(1, dir, "hard")));
    say("truncate", truncate(in(0, dir, "hard"), 6));
    list(dir);
    say("rmdir", rmdir(in(0, dir, "sub")));
    say("unlink directory", unlink(in(0, dir, "sub")));
    say("unlink", unlink(in(0, dir, "sub/b")));
    say("rmdir", rmdir(in(0, dir, "sub")));
    say("unlink", unlink(in(0, dir, "link")));
    list(dir);
    return 0;
}

static int try_read_only(const char *dir)
{
    read_back(in(0, dir, "f"));
    say("write", open(in(0, dir, "f"), O_WRONLY));
    say("read and write", open(in(0, dir, "f"), O_RDWR));
    say("create", open(in(0, dir, "n"), O_WRONLY | O_CREAT, 0600));
    say("truncate", open(in(0, dir, "f"), O_RDONLY | O_TRUNC));
    say("mkdir", mkdir(in(0, dir, "d"), 0700));
    say("unlink", unlink(in(0, dir, "f")));
    say("rename", rename(in(0, dir, "f"), in(1, dir, "g")));
    say("link", link(in(0, dir, "f"), in(1, dir, "g")));
    say("symlink", symlink("f", in(0, dir, "g")));
    say("utimes", utimensat(AT_FDCWD, in(0, dir, "f"), NULL, 0));
    return 0;
}

static int read_all(void)
{
    size_t total = 0;
    int c;

    while ((c = getchar()) != EOF)
        total++;
    printf("%zu bytes\n", total);
    return 0;
}

static int sleep_ms(long ms)
{
    struct timespec ts = {ms / 1000, ms % 1000 * 1000000};

    say("sleep", nanosleep(&ts, NULL));
    return 0;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    const char *arg = argc > 2 ? argv[2] : "";

    if (strcmp(what, "tour") == 0)
        return tour(arg);
    if (strcmp(what, "write") == 0)
        return write_file(arg, argc > 3 ? argv[3] : "");
    if (strcmp(what, "list") == 0)
        return list(arg);
    if (strcmp(what, "ro") == 0)
        return try_read_only(arg);
    if (strcmp(what, "read") == 0)
        return read_all();
    if (strcmp(what, "sleep") == 0)
        return sleep_ms(atol(arg));
    return 2;
}
