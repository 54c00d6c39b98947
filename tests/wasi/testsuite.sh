#!/bin/sh
# usage: WASI_TESTSUITE=DIR [WASMRT=binary] tests/wasi/testsuite.sh [SUBSTRING]
#
# Runs the preview1 programs of the public wasi-testsuite, of which DIR holds a
# copy of the branch with prebuilt modules.  Those in Rust run a second time with
# ERRNO_MODE_UNIX=1, which narrows what they accept to the answers of a Unix.  Nothing is written to DIR: each run gets a copy of its directory.
set -u
suite=${WASI_TESTSUITE:-}
wasmrt=${WASMRT:-build/wasmrt}
filter=${1:-}
if [ -z "$suite" ]; then
    echo "wasi-testsuite: skipped, WASI_TESTSUITE names no copy"
    exit 0
fi
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

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

# run_one MODULE NAME [OPTION...]
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
    timeout 60 $wasmrt run "$@" <"$work/in" >"$work/out" 2>"$work/err"
    status=$?
    # shellcheck disable=SC2154
    printf '%s' "$stdout" >"$work/want"
    if [ "$status" -eq "$exit_code" ] &&
        { [ -z "$stdout" ] || cmp -s "$work/want" "$work/out"; }; then
        passed=$((passed + 1))
        return
    fi
    failed=$((failed + 1))
    echo "FAIL $name (exit status $status, expected $exit_code)"
    sed 's/^/    /' "$work/err" | head -n 12
}

: >"$work/in"
for module in "$suite"/tests/*/testsuite/wasm32-wasip1/*.wasm; do
    case $module in *"$filter"*) ;; *) continue ;; esac
    name=$(basename "$module" .wasm)
    run_one "$module" "$name"
    case $module in
    */rust/*) run_one "$module" "$name, Unix" --env=ERRNO_MODE_UNIX=1 ;;
    esac
done
echo "wasi-testsuite: $passed passed, $failed failed"
[ $failed -eq 0 ]
