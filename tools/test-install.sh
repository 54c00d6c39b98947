#!/bin/sh
# usage: test-install.sh [COMPILER]
#
# Installs into a temporary DESTDIR, compiles a program against what is there
# with the flags of wasmrt.pc alone, runs it against the shared library, and
# uninstalls: nothing may be left behind.
set -eu
cc=${1:-cc}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
make --no-print-directory install DESTDIR="$dir" PREFIX=/opt/wasmrt >/dev/null
root=$dir/opt/wasmrt

flags() { # FIELD: one line of wasmrt.pc with its variables replaced
    sed -n "s/^$1: //p" "$root/lib/pkgconfig/wasmrt.pc" |
        sed "s|\${libdir}|$root/lib|g; s|\${includedir}|$root/include|g"
}

cat >"$dir/program.c" <<'END'
#include <stdio.h>
#include <wasmrt/error.h>

int main(void)
{
    wasmrt_error *error = wasmrt_error_new(WASMRT_ERR_HOST_TRAP, "as expected");

    puts(wasmrt_error_message(error));
    wasmrt_error_delete(error);
    return 0;
}
END
# shellcheck disable=SC2046
$cc $(flags Cflags) -o "$dir/program" "$dir/program.c" $(flags Libs)
got=$(LD_LIBRARY_PATH=$root/lib "$dir/program")
case $got in
*"as expected"*) ;;
*) echo "install: the program printed: $got" && exit 1 ;;
esac
if [ -e "$root/bin/wasmrt" ]; then
    "$root/bin/wasmrt" --version >/dev/null
    for file in man/man1/wasmrt.1 bash-completion/completions/wasmrt; do
        [ -s "$root/share/$file" ] || { echo "install: no $file" && exit 1; }
    done
fi
make --no-print-directory uninstall DESTDIR="$dir" PREFIX=/opt/wasmrt >/dev/null
left=$(find "$root" -type f -o -type l)
[ -z "$left" ] || { echo "install: left behind: $left" && exit 1; }
echo "install: ok"
