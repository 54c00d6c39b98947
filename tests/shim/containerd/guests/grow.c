/* Takes memory and touches it, until there is no more; that is no error. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *volatile last; /* so that nothing is optimised away */

int main(void)
{
    unsigned megabytes = 0;

    while (megabytes < 1000 && (last = malloc(1 << 20)) != NULL) {
        memset(last, 1, 1 << 20);
        megabytes++;
    }
    printf("grew by %u MB\n", megabytes);
    return megabytes < 1000 ? 3 : 0;
}
