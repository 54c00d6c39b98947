#!/bin/sh
# Checks that what the documentation names is there: the targets of links, files
# with an ending and folders in backquotes, from the root, the page or a folder of
# the root, and targets of make.  Names that stand for others (NAME, <suite>, *)
# are not looked for, nor what is built.
set -eu
pages=$(ls README.md CONTRIBUTING.md SECURITY.md docs/*.md bench/README.md \
    2>/dev/null || true)
count=0 bad=0

is_there() { # PATH
    for at in "$1" "$dir/$1" include/"$1" */"$1"; do
        [ ! -e "$at" ] || return 0
    done
    return 1
}

complain() {
    echo "$1: there is no $2"
    bad=1
}

for page in $pages; do
    dir=$(dirname "$page")
    for link in $(grep -o '](\([^)#: ]*\)' "$page" | cut -c3- | sort -u); do
        count=$((count + 1))
        [ -e "$dir/$link" ] || complain "$page" "$link"
    done
    for path in $(grep -oE '`[a-z_0-9]+/[a-z_0-9./-]*`' "$page" | tr -d '`' |
        grep '/$\|\.[a-z]*$' | grep -v '^build/' | sort -u); do
        count=$((count + 1))
        is_there "$path" || complain "$page" "$path"
    done
    for target in $(grep -oE '(^    |`)make [a-z][a-z0-9_.-]*[a-z0-9]' "$page" |
        sed 's/.*make //' | sort -u); do
        count=$((count + 1))
        grep -qE "^([a-z].* )?$target( .*)?:" Makefile ||
            complain "$page" "make $target"
    done
done
[ $bad -ne 0 ] || echo "names: ok, $count in $(echo "$pages" | wc -w) pages"
exit $bad
