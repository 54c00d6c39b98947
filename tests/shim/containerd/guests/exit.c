/* Greets, stays for the milliseconds that it is given, and ends with the status
 * that it is given. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    puts("hello");
    fflush(stdout);
    if (argc > 2)
        usleep((useconds_t)atoi(argv[2]) * 1000);
    return argc > 1 ? atoi(argv[1]) : 0;
}
