#!/bin/sh
# usage: oom-valgrind.sh SUITE-BINARY
#
# The sweep of allocation failures once more under valgrind, which sees what is
# read before it is written. It has no room for guard pages.
set -eu
if ! command -v valgrind >/dev/null; then
    echo "skipped: oom-valgrind: no valgrind (apt-get install valgrind)"
    exit 0
fi
if nm -D "$1" | grep -qE ' __[at]san_init| __ubsan_'; then
    echo "skipped: oom-valgrind: a sanitizer is in this build"
    exit 0
fi
BOUNDS=check TEST_TIMEOUT=3600 valgrind -q --error-exitcode=9 \
    --smc-check=all-non-file "$1" -s -v
echo "oom-valgrind: no errors"
