# Sourced by the proofs that tests find bugs.  A proof sets `only` (its bugs are
# those with that in "TESTS: NAME"), defines
#
#   prepare       copies the tree; ends the proof when tests fail there already
#   finds TESTS   builds the copy, with a bug in it now, and runs TESTS; says what
#                 they found or, failing, "skipped: REASON" or why it is not found
#
# plants its bugs, one at a time, and reports.  With LINES_ONLY=1 nothing is
# built: it is only asked whether each bug still has its line to break.
#
# shellcheck shell=sh
set -eu
proof=$(basename "$0" .sh)
cd "$(dirname "$0")/.."
. tools/folders.sh
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
passed=0 failed=0 skipped=0 prepared=
jobs=$(getconf _NPROCESSORS_ONLN)

# To $dir/tree; as old as they are, so that objects beside them stay good.
copy_tree() { # FILE...
    mkdir "$dir/tree"
    cp -a --parents "$@" "$dir/tree/"
}

verdict() { # ok|FAIL|skipped: TESTS NAME WHAT
    case $1 in
    ok) passed=$((passed + 1)) ;;
    FAIL) failed=$((failed + 1)) ;;
    *) skipped=$((skipped + 1)) ;;
    esac
    printf '%-4s %s: %s: %s (%s)\n' "$1" "$proof" "$2" "$3" "$4"
}

look() { # TESTS NAME
    if said=$(finds "$1"); then
        verdict ok "$1" "$2" "$said"
    elif [ "${said#skipped: }" != "$said" ]; then
        verdict skipped: "$1" "$2" "${said#skipped: }"
    else
        verdict FAIL "$1" "$2" "$said"
    fi
}

# The bug is FILE changed by SED-SCRIPT.  It must change, or the proof is void.
plant() { # TESTS NAME FILE SED-SCRIPT
    case "$1: $2" in *"$only"*) ;; *) return 0 ;; esac
    if sed "$4" "$3" | cmp -s - "$3"; then
        verdict FAIL "$1" "$2" "$3 no longer has the line to break"
    elif [ "${LINES_ONLY:-}" = 1 ]; then
        passed=$((passed + 1))
    else
        [ "$prepared" ] || prepare
        prepared=1
        sed "$4" "$3" >"$dir/tree/$3"
        look "$1" "$2"
        cp "$3" "$dir/tree/$3"
    fi
}

report() {
    if [ "${LINES_ONLY:-}" = 1 ]; then
        echo "plants: $proof: $passed bugs have their lines, $failed do not"
    else
        echo "$proof: $passed passed, $failed failed, $skipped skipped"
    fi
    [ $failed -eq 0 ]
}
