#!/bin/bash
# Everything that `make test` leaves out: the other variants, the other
# compiler, the other ISA under emulation, clang-tidy, the official test suite
# and a short run of each fuzz target.  Prints a heading and a time per stage,
# goes on after a failure, and says at the end which stages failed.
#
#   FUZZ_SECONDS=20   per target        STAGES="asan gcc"   only these
set -u
cd "$(dirname "$0")/.." || exit 1
export CI=true
jobs=$(getconf _NPROCESSORS_ONLN)
summary=() failed=0

stage() { # NAME COMMAND...
    local name=$1 start=$SECONDS result=ok
    shift
    case " ${STAGES:-$name} " in *" $name "*) ;; *) return ;; esac
    printf '\n== %s: %s\n' "$name" "$*"
    "$@" || { result=FAILED && failed=$((failed + 1)); }
    printf '== %s: %s, %d s\n' "$name" "$result" $((SECONDS - start))
    summary+=("$(printf '%-12s %-6s %4d s' "$name" "$result" \
        $((SECONDS - start)))")
}

make_j() {
    make --no-print-directory -j"$jobs" "$@"
}

tests() { # MAKE-VARIABLES...
    make_j "$@" test-build && make --no-print-directory "$@" test
}

# The suites in the mode with bounds checks and small reservations: emulated
# guard pages of 8 GiB are slow.  Then the tests about memory with guard pages.
emulated() {
    tests CC="$1"
}

# Each variant of the code must be free of warnings, also where no test runs.
warnings() {
    local cc v
    for cc in clang-19 gcc; do
        for v in release debug; do
            make_j CC=$cc V=$v all >/dev/null || return 1
        done
    done
    echo "no warnings with clang-19 and gcc, release and debug"
}

case $(uname -m) in
aarch64) cross=x86_64-linux-gnu-gcc ;;
*) cross=aarch64-linux-gnu-gcc ;;
esac

stage packages sh tools/quickstart.sh ci-packages
stage warnings warnings
stage debug tests V=debug
stage asan tests V=asan
stage ubsan tests V=ubsan
stage gcc tests CC=gcc
stage gcc-debug tests CC=gcc V=debug
stage emulated emulated $cross
stage lint make --no-print-directory lint
if [ -n "${WASM_TESTSUITE:-}" ]; then
    stage spectest make --no-print-directory spectest
else
    echo "skipped: spectest: WASM_TESTSUITE is not set"
fi
stage fuzz make --no-print-directory fuzz N="${FUZZ_SECONDS:-20}"

printf '\n== Summary\n'
printf '%s\n' "${summary[@]}"
[ $failed -eq 0 ]
