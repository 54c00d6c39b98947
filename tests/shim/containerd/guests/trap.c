/* Traps two calls deep; the names are in the backtrace. */
__attribute__((noinline)) static void inner(int n)
{
    if (n > 0)
        __builtin_trap();
}

int main(int argc, char **argv)
{
    (void)argv;
    inner(argc);
    return argc;
}
