/* An HTTP server on the first listening socket that it was granted: the first
 * descriptor behind the preopened directories. */
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wasi/api.h>

static int find_listener(void)
{
    __wasi_prestat_t prestat;
    __wasi_fd_t fd = 3;

    while (__wasi_fd_prestat_get(fd, &prestat) == __WASI_ERRNO_SUCCESS)
        fd++;
    return (int)fd;
}

int main(void)
{
    static const char answer[] = "HTTP/1.0 200 OK\r\nContent-Length: 16\r\n\r\n"
                                 "served by wasm!\n";
    static char request[4096];
    int listener = find_listener();

    puts("serving");
    fflush(stdout);
    for (;;) {
        int peer = accept(listener, NULL, NULL);

        if (peer < 0) {
            perror("accept");
            return 1;
        }
        if (read(peer, request, sizeof(request)) > 0)
            write(peer, answer, sizeof(answer) - 1);
        close(peer);
    }
}
