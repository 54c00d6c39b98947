#!/bin/bash
# What `make test` leaves out: the other variants, the other compiler, the other
# ISA under emulation, clang-tidy, a short run of each fuzz target.  Prints a
# heading and a time per stage, goes on after a failure, and says at the end which
# stages failed.
#
# With LONG=1 (make ci-long) what takes an hour more, instead: programs of
# others, and the proofs that tests find bugs.
#
#   FUZZ_SECONDS=10   per target        DIFF_SECONDS=60
#   STAGES="asan gcc"   only these
set -u
cd "$(dirname "$0")/.." || exit 1
export CI=true
jobs=$(getconf _NPROCESSORS_ONLN)
summary=() failed=0

stage() { # NAME TOOL COMMAND...
    local name=$1 tool=$2 start=$SECONDS result=ok
    shift 2
    case " ${STAGES:-$name} " in *" $name "*) ;; *) return ;; esac
    if ! command -v "$tool" >/dev/null; then
        echo "skipped: $name: no $tool"
        summary+=("$(printf '%-12s skipped' "$name")")
        return
    fi
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

# The Makefile chooses bounds checks and small reservations here: emulated guard
# pages of 8 GiB are slow.  Tests about guard pages choose them by themselves.
emulated() {
    command -v "qemu-${1%%-*}" || return 1
    tests CC="$1"
}

# What `make test` runs in the default engine, where that is machine code.
interpreted() {
    make_j "$@" test-build &&
        make --no-print-directory "$@" ENGINE=interp -k suites cases
}

# The official suite, counting.
fuel() {
    for engine in interp jit; do
        make --no-print-directory ENGINE=$engine FUEL=1000000000000 \
            spectest || return 1
    done
}

gc_stress() {
    for engine in interp auto; do
        make_j V=debug ENGINE=$engine gc-stress || return 1
    done
}

case $(uname -m) in
aarch64) cross=x86_64-linux-gnu-gcc ;;
*) cross=aarch64-linux-gnu-gcc ;;
esac

# Without the rights to install, the stages whose tool is missing are skipped.
sh tools/quickstart.sh ci-packages || true

if [ -z "${LONG:-}" ]; then
    stage debug make tests V=debug
    stage asan make tests V=asan
    stage ubsan make tests V=ubsan
    stage tsan make tests V=tsan
    if [ "$(uname -m)" = x86_64 ]; then
        stage interp make interpreted
        stage interp-asan make interpreted V=asan
        stage fuel make fuel
    fi
    stage gcc gcc tests CC=gcc
    stage gcc-debug gcc tests CC=gcc V=debug
    stage emulated $cross emulated $cross
    # The portable build: the loop, explicit checks, no guard pages.
    stage portable riscv64-linux-gnu-gcc emulated riscv64-linux-gnu-gcc
    stage wasi-testsuite clang-19 make --no-print-directory wasi-testsuite
    stage race make make --no-print-directory race N=300000
    stage shim apt-get timeout 900 make --no-print-directory test-shim
    stage lint clang-tidy-19 make --no-print-directory lint
    stage gc-stress make gc_stress
    stage fuzz clang-19 make --no-print-directory fuzz N="${FUZZ_SECONDS:-10}"
    stage diff make make_j diff T="${DIFF_SECONDS:-60}"
else
    stage real-programs apt-get make --no-print-directory real-programs
    stage real-serve apt-get make --no-print-directory real-serve
    stage pgo clang-19 make tests V=pgo
    stage bug-proof make make --no-print-directory bug-proof
    stage check-proof make make --no-print-directory check-proof
    stage fuzz-proof clang-19 sh tools/fuzz-proof.sh
    stage diff-proof make make_j diff-proof
    stage shim-vm apt-get make --no-print-directory test-shim-vm
fi

printf '\n== Summary\n'
printf '%s\n' "${summary[@]}"
[ $failed -eq 0 ]
