#!/bin/sh
# From a bare Debian 12 to a running wasmrt.
#
#   sh tools/quickstart.sh              install what is missing, build, demonstrate
#   sh tools/quickstart.sh test         the same, with the tests in its place
#   sh tools/quickstart.sh packages     only install what building and testing need
#   sh tools/quickstart.sh ci-packages  also what `make ci` needs
#
# Installs with apt-get as root or through sudo, and only what is not there:
# with everything in place it needs neither the network nor rights.
set -eu
cd "$(dirname "$0")/.."

# The compilers for the host and for wasm32-wasi, and the tools of the checks.
packages='make git clang-19 lld-19 llvm-19 libclang-rt-19-dev clang-format-19
libclang-rt-19-dev-wasm32 wasi-libc pkg-config libuv1-dev libprotobuf-c-dev
protobuf-c-compiler libjson-c-dev libseccomp-dev libcap-dev libffi-dev'
case $(uname -m) in
aarch64) other='gcc-x86-64-linux-gnu libc6-dev-amd64-cross' ;;
*) other='gcc-aarch64-linux-gnu libc6-dev-arm64-cross' ;;
esac
ci_packages="gcc clang-tidy-19 qemu-user gcc-riscv64-linux-gnu
libc6-dev-riscv64-cross bzip2 xz-utils tcl rustc
libstd-rust-dev-wasm32 $other"

say() {
    printf '\n== %s\n' "$*"
}

is_installed() {
    dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null |
        grep -qx installed
}

missing_packages() {
    for p in "$@"; do
        is_installed "$p" || printf '%s ' "$p"
    done
}

run_as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo -n true 2>/dev/null || echo "(sudo may ask for your password)"
        sudo "$@"
    else
        echo "Not root, and there is no sudo.  Please run as root:" >&2
        echo "    $*" >&2
        exit 1
    fi
}

# Quiet unless it fails.
apt() {
    log=$(mktemp)
    run_as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq \
        -o Dpkg::Use-Pty=0 "$@" >"$log" 2>&1 || {
        tail -20 "$log"
        rm -f "$log"
        return 1
    }
    rm -f "$log"
}

install_packages() {
    need=$(missing_packages "$@")
    [ -n "$need" ] || return 0
    say "Installing, which takes a minute: $need"
    # An old package list is fine as long as the packages are still there.
    apt update || echo "apt-get update failed; trying with the lists at hand"
    # shellcheck disable=SC2086
    apt install -y --no-install-recommends $need || {
        echo "Could not install: $need" >&2
        echo "Check the network and /etc/apt, then run this again." >&2
        exit 1
    }
}

# On any other system: go on if a build can work, else say what is needed.
explain_other_system() {
    absent=
    for tool in make git; do
        command -v $tool >/dev/null || absent="$absent $tool"
    done
    command -v clang-19 >/dev/null || command -v gcc >/dev/null ||
        absent="$absent clang-19 (or gcc 12 or newer)"
    command -v clang-19 >/dev/null ||
        echo "Without clang-19 the demonstration and some tests are skipped."
    [ -n "$absent" ] || return 0
    cat >&2 <<END
This script installs packages on Debian 12 only.  Here these are missing:
   $absent
What it would install on Debian 12, to be translated to your system:
    $(echo "$@" | tr '\n' ' ')
With these in place, run \`make\`, \`make demo\` and \`make test\`.
END
    exit 1
}

ensure() {
    if [ "$(sed -n 's/^ID=//p' /etc/os-release 2>/dev/null)" = debian ] &&
        command -v apt-get >/dev/null; then
        install_packages "$@"
    else
        explain_other_system "$@"
    fi
}

jobs=$(getconf _NPROCESSORS_ONLN)
mode=${1-demo}
# shellcheck disable=SC2086
case $mode in
demo | test)
    ensure $packages
    say "Building"
    if [ "$mode" = demo ]; then
        make --no-print-directory -j"$jobs"
        make --no-print-directory demo
    else
        make --no-print-directory -j"$jobs" test-build
        say "Testing"
        make --no-print-directory test
    fi
    ;;
packages) ensure $packages ;;
ci-packages) ensure $packages $ci_packages ;;
*)
    sed -n '2,11s/^# \{0,1\}//p' "$0"
    exit 2
    ;;
esac
