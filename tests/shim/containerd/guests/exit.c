/* Greets, and ends with the status that it is given. */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    puts("hello");
    return argc > 1 ? atoi(argv[1]) : 0;
}
