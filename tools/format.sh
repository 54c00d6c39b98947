#!/bin/sh
# usage: format.sh check|fix
#
# Formats with the one version that defines the style.  Tables (.def) keep
# their columns.
set -eu
tool=${CLANG_FORMAT:-clang-format-19}
if ! command -v "$tool" >/dev/null; then
    echo "skipped: format: no $tool"
    exit 0
fi
. "$(dirname "$0")/folders.sh"
# shellcheck disable=SC2086
files=$(find $product tests examples bench \( -name '*.[ch]' -o -name '*.inc' \) -print \
    2>/dev/null | sort || true)
[ -n "$files" ] || exit 0
case ${1-check} in
fix) echo "$files" | xargs "$tool" -i ;;
*)
    bad=$(for f in $files; do
        "$tool" "$f" | cmp -s - "$f" || echo "$f"
    done)
    if [ -n "$bad" ]; then
        echo "$bad" | sed 's/$/: not formatted; run make format/'
        exit 1
    fi
    echo "format: ok, $(echo "$files" | wc -l) files"
    ;;
esac
