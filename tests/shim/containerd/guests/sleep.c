/* Says that it is up, and stays for the seconds that it is given, or for ever.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    puts("up");
    fflush(stdout);
    sleep(argc > 1 ? (unsigned)atoi(argv[1]) : 1000000);
    puts("done");
    return 9;
}
