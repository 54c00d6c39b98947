/* Standard input to standard output, and how much to standard error. */
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    static char bytes[65536];
    unsigned long total = 0;
    ssize_t n;

    while ((n = read(0, bytes, sizeof(bytes))) > 0) {
        for (ssize_t at = 0, m; at < n; at += m) {
            m = write(1, bytes + at, (size_t)(n - at));
            if (m <= 0)
                return 1;
        }
        total += (unsigned long)n;
    }
    fprintf(stderr, "copied %lu\n", total);
    return n < 0;
}
