/* Counts for ever, without a call. */
int main(void)
{
    for (volatile unsigned n = 0;; n++)
        ;
}
