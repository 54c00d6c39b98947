/*
 * What a guest sees, line by line: environment, working directory, and for each
 * path whether it can be read, written, created in.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *outcome(int fd)
{
    if (fd < 0)
        return strerror(errno);
    close(fd);
    return "yes";
}

int main(int argc, char **argv)
{
    extern char **environ;

    for (char **e = environ; *e; e++)
        printf("env %s\n", *e);
    printf("cwd %s\n", getenv("PWD") ? getenv("PWD") : "?");
    for (int i = 1; i < argc; i++) {
        printf("read %s: %s\n", argv[i], outcome(open(argv[i], O_RDONLY)));
        printf("write %s: %s\n", argv[i], outcome(open(argv[i], O_WRONLY)));
        printf("create %s/new: ", argv[i]);
        char path[256];
        snprintf(path, sizeof(path), "%s/new", argv[i]);
        printf("%s\n", outcome(open(path, O_WRONLY | O_CREAT, 0600)));
    }
    int count = 0;
    while (count < 4096 && open("/view.wasm", O_RDONLY) >= 0)
        count++;
    printf("descriptors %d\n", count);
    if (getenv("STAY")) {
        fflush(stdout);
        sleep(100000);
    }
    return 0;
}
