#!/bin/sh
# usage: test-shim.sh [-k EXPRESSION], or -prepare, or -churn [NAME=VALUE]...
#
# Runs tests/shim/containerd on the containerd of this system, and on a newer one
# that is unpacked into build/containerd-SUITE, not installed.  Installs what is
# missing where apt allows it; what cannot run is said in lines that start with
# `skipped:`.  With -churn it runs churn.py instead, on the installed one; with
# -prepare it only builds and installs, and fails where it would skip.
set -eu
cd "$(dirname "$0")/.."
mode=${1-}
case $mode in
-churn | -prepare) only= ;;
*) only=${1+"$@"} ;;
esac
packages='containerd runc containernetworking-plugins iproute2 busybox-static
python3-grpcio'

skip() {
    echo "skipped: test-shim: $*"
    [ "$mode" != -prepare ] || exit 1
    exit 0
}

[ "$(id -u)" = 0 ] || skip "needs root, for namespaces and mounts"
make --no-print-directory -s shim >/dev/null 2>&1 ||
    skip "the shim cannot be built here; \`make shim\` says why"
command -v clang-19 >/dev/null || skip "no clang-19 for the guests"

need=
for p in $packages; do
    dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null |
        grep -qx installed || need="$need $p"
done
if [ -n "$need" ]; then
    # shellcheck disable=SC2086
    { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install \
        -y --no-install-recommends $need; } >/dev/null 2>&1 ||
        skip "could not install$need"
fi

# Unpacks another suite's containerd; Go programs run on any Debian.
unpack() { # SUITE
    dir=$PWD/build/containerd-$1
    [ ! -x "$dir/usr/bin/containerd" ] || return 0
    apt=$dir/apt
    mkdir -p "$apt/etc/apt.conf.d" "$apt/etc/preferences.d" \
        "$apt/state/lists/partial" "$apt/cache/archives/partial"
    mirror=$(apt-get indextargets --format '$(REPO_URI)' \
        'Created-By: Packages' | grep -v security | sort -u | head -n 1)
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]" \
        "$mirror $1 main" >"$apt/etc/sources.list"
    set -- "$1" -o Dir::Etc="$apt/etc" -o Dir::State="$apt/state" \
        -o Dir::Cache="$apt/cache" -o Dir::State::status=/var/lib/dpkg/status
    suite=$1
    shift
    apt-get "$@" update -qq &&
        (cd "$dir" && apt-get "$@" download -qq "containerd/$suite" &&
            dpkg -x containerd_*.deb . && rm -f containerd_*.deb)
}

modprobe overlay 2>/dev/null || true
guests=build/wasm/tests/shim/containerd/guests
for c in tests/shim/containerd/guests/*.c; do
    make --no-print-directory -s "build/wasm/${c%.c}.wasm" >/dev/null
done
[ "$mode" != -prepare ] || exit 0
if [ "$mode" = -churn ]; then
    shift
    exec /usr/bin/python3 tests/shim/containerd/churn.py build $guests "$@"
fi

newer=
for suite in trixie sid; do
    if unpack $suite >/dev/null 2>&1; then
        newer="$newer ($suite)=$PWD/build/containerd-$suite/usr/bin"
    else
        echo "skipped: test-shim: containerd of $suite could not be fetched"
    fi
done
# shellcheck disable=SC2086
exec /usr/bin/python3 tests/shim/containerd/shim_test.py build $guests \
    $only $newer
