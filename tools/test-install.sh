#!/bin/sh
# usage: test-install.sh [COMPILER]
#
# Installs into an empty prefix; builds the examples there as C, and as C++ those
# that are both, with the flags of pkg-config alone; runs some of them against
# the shared library; builds one with CMake's package file where CMake is; and
# uninstalls: nothing may be left behind.
set -eu
cc=${1:-cc}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
make --no-print-directory install DESTDIR="$dir" PREFIX=/opt/wasmrt >/dev/null
root=$dir/opt/wasmrt
examples=$(pwd)/examples

fail() {
    echo "install: $1"
    exit 1
}

# As pkg-config does for a prefix that has moved, where there is none.
flags() { # OPTION
    if command -v pkg-config >/dev/null; then
        PKG_CONFIG_PATH=$root/lib/pkgconfig pkg-config --define-prefix "$@" \
            wasmrt
    else
        sed -n "s/^C*flags: //p; s/^Libs: //p" "$root/lib/pkgconfig/wasmrt.pc" |
            sed "s|\${libdir}|$root/lib|g; s|\${includedir}|$root/include|g"
    fi
}

build() { # NAME SUFFIX
    cp "$examples/$1.c" "$dir/$1.$2"
    # shellcheck disable=SC2046
    $cc -Wall -Werror -o "$dir/$1-$2" "$dir/$1.$2" \
        $(flags --cflags --libs) -lpthread || fail "$1.$2 does not compile"
}

runs() { # PROGRAM OUTPUT [ARGUMENT]
    got=$(LD_LIBRARY_PATH=$root/lib "$dir/$1" ${3+"$3"}) || fail "$1 fails"
    [ "$got" = "$2" ] || fail "$1 printed: $got"
}

suffixes=c
echo '#include <stdio.h>' >"$dir/probe.cc"
if $cc -fsyntax-only "$dir/probe.cc" 2>/dev/null; then
    suffixes="c cc"
else
    echo "skipped: install for C++: $cc has no C++ compiler"
fi
for name in embed exceptions fuel hello hostfunc limits plugins run standard \
    stdio strings threads; do
    build $name c
done
for suffix in $suffixes; do
    # The others convert pointers as only C does.
    for name in embed fuel hello hostfunc limits plugins standard stdio \
        strings; do
        [ "$suffix" = c ] || build $name "$suffix"
    done
    runs "embed-$suffix" "2 + 40 = 42"
    runs "strings-$suffix" \
        "STRINGS GO BOTH WAYS; the guest has 65536 bytes" \
        "$examples/strings.wat"
    runs "standard-$suffix" "next(32)
next(37)
run(32) = 42"
done

if command -v cmake >/dev/null; then
    mkdir "$dir/cmake"
    cat >"$dir/cmake/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.13)
project(embed C)
find_package(wasmrt 0.1 REQUIRED)
add_executable(embed $examples/embed.c)
target_link_libraries(embed wasmrt::wasmrt)
add_executable(embed-static $examples/embed.c)
target_link_libraries(embed-static wasmrt::wasmrt_static)
END
    (cd "$dir/cmake" && cmake -DCMAKE_C_COMPILER="${cc##* }" \
        -DCMAKE_PREFIX_PATH="$root" . && cmake --build .) >"$dir/log" 2>&1 ||
        { cat "$dir/log" && fail "CMake"; }
    runs cmake/embed "2 + 40 = 42"
    runs cmake/embed-static "2 + 40 = 42"
else
    echo "skipped: install with CMake: no cmake"
fi

if [ -e "$root/bin/wasmrt" ]; then
    "$root/bin/wasmrt" --version >/dev/null
    for file in man/man1/wasmrt.1 bash-completion/completions/wasmrt; do
        [ -s "$root/share/$file" ] || fail "no $file"
    done
fi
make --no-print-directory uninstall DESTDIR="$dir" PREFIX=/opt/wasmrt >/dev/null
left=$(find "$root" -type f -o -type l)
[ -z "$left" ] || fail "left behind: $left"
echo "install: ok, with programs in $suffixes"
