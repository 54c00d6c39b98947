#!/bin/sh
# usage: WASI_TESTSUITE=DIR [WASMRT=binary] tests/wasi/testsuite.sh [SUBSTRING]
#
# Runs the preview1 programs of the public wasi-testsuite, of which DIR holds a
# copy of the branch with prebuilt modules, in three ways: as they are; with
# ERRNO_MODE_UNIX=1, which narrows what those in Rust accept to the answers of a
# Unix; and, when WITHOUT names the tool for it, without openat2.  Nothing is
# written to DIR: each run gets a copy of its directory.
#
# The programs check for themselves and end with 0; that each of them really ran
# is seen by the calls of WASI that it made.
set -u
suite=${WASI_TESTSUITE:-}
wasmrt=${WASMRT:-build/wasmrt}
filter=${1:-}
if [ -z "$suite" ]; then
    cat <<END
skipped: wasi-testsuite: WASI_TESTSUITE names no copy.  To get one:
    git clone -b prod/testsuite-base https://github.com/WebAssembly/wasi-testsuite
    WASI_TESTSUITE=\$PWD/wasi-testsuite make wasi-testsuite
END
    exit 0
fi
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
bad=0

# Prints a specification as shell assignments.  The files are flat: strings,
# numbers, null, a list of strings, an object of strings.
read_spec() {
    awk '
    function quoted(text) {
        gsub(/'\''/, "'\''\\'\'''\''", text)
        return "'\''" text "'\''"
    }
    function string(    out, ch) {
        at++
        out = ""
        while ((ch = substr(all, at++, 1)) != "\"") {
            if (ch == "\\") {
                ch = substr(all, at++, 1)
                if (ch == "n")
                    ch = "\n"
                else if (ch == "t")
                    ch = "\t"
            }
            out = out ch
        }
        return out
    }
    { all = all $0 "\n" }
    END {
        at = 1
        while (at <= length(all)) {
            ch = substr(all, at, 1)
            if (ch == "\"") {
                text = string()
                if (match(substr(all, at), /^[ \t\n]*:/)) {
                    at += RLENGTH
                    key = text
                } else if (in_list == "args") {
                    args = args " " quoted(text)
                } else if (in_list == "env") {
                    env = env " " quoted("--env=" key "=" text)
                } else {
                    print key "=" quoted(text)
                }
                continue
            }
            if (ch ~ /[[{]/ && depth++ > 0)
                in_list = key
            if (ch ~ /[]}]/ && --depth == 1)
                in_list = ""
            if (match(substr(all, at), /^[0-9]+/)) {
                print key "=" substr(all, at, RLENGTH)
                at += RLENGTH
                continue
            }
            at++
        }
        print "args=" quoted(args)
        print "env=" quoted(env)
    }' "$1"
}

# run_one MODULE NAME [OPTION...]: 0 when it passed.
run_one() {
    module=$1 name=$2
    shift 2
    root='' exit_code=0 stdout='' args='' env='' stderr=''
    if [ -f "${module%.wasm}.json" ]; then
        eval "$(read_spec "${module%.wasm}.json")"
    fi
    rm -rf "$work/root"
    [ -z "$root" ] || cp -R "$(dirname "$module")/$root" "$work/root"
    eval "set -- \"\$@\" ${root:+--dir=\"\$work/root\"::/} $env \
        \"\$module\" -- $args"
    timeout 60 $prefix $wasmrt run --trace=wasi "$@" \
        <"$work/in" >"$work/out" 2>"$work/err"
    status=$?
    # shellcheck disable=SC2154
    printf '%s' "$stdout" >"$work/want"
    if [ "$status" -eq "$exit_code" ] &&
        grep -q '^[a-z_]*(.*) = \|^proc_exit(' "$work/err" &&
        { [ -z "$stdout" ] || cmp -s "$work/want" "$work/out"; }; then
        return 0
    fi
    echo "FAIL $name, $what (exit status $status, expected $exit_code)"
    sed 's/^/    /' "$work/err" | tail -n 12
    return 1
}

# run_all WHAT PREFIX PATTERN [OPTION...]: the modules whose path matches.
run_all() {
    what=$1 prefix=$2 pattern=$3 passed=0 failed=0
    shift 3
    for module in "$suite"/tests/*/testsuite/wasm32-wasip1/*.wasm; do
        case $module in *"$filter"*) ;; *) continue ;; esac
        # shellcheck disable=SC2254
        case $module in $pattern) ;; *) continue ;; esac
        if run_one "$module" "$(basename "$module" .wasm)" "$@"; then
            passed=$((passed + 1))
        else
            failed=$((failed + 1)) bad=1
        fi
    done
    echo "wasi-testsuite, $what: $passed passed, $failed failed"
}

: >"$work/in"
run_all "as it is" "" '*'
run_all "ERRNO_MODE_UNIX=1" "" '*/rust/*' --env=ERRNO_MODE_UNIX=1
[ -z "${WITHOUT:-}" ] || run_all "without openat2" "$WITHOUT" '*'
exit $bad
