#!/bin/sh
# Prints the size and density of the code and fails on what is too much.
#
#   function   target 60 lines, limit 80, signature to closing brace; a
#              multi-line macro and a handler in an .inc file are functions
#   .c, .inc   target 700 lines, limit 1000;   internal .h   limit 400
#              (700 for the headers of inline arithmetic); .def tables: none
#   #if        limit 5 per 1000 lines of product code, without include guards
#   TODO       names an issue: TODO(12)
#   heading    of a section fits its line
#
# The code is formatted with braces in column 0 around functions; that is what
# makes a line scanner exact enough here.
set -eu
. "$(dirname "$0")/folders.sh"
list=$(find $product tests examples bench tools \
    \( -name '*.[ch]' -o -name '*.inc' \) -print 2>/dev/null | sort || true)

# shellcheck disable=SC2086
awk '
function complain(where, what) {
    print where ": " what
    bad = 1
}

function end_function(len) {
    lengths[++functions] = len
    if (len > 60)
        over[++over_count] = sprintf("%4d  %s:%d %s", len, FILENAME, first, name)
    if (len > 80)
        complain(FILENAME ":" first, name " has " len " lines, limit 80")
}

function end_file(    limit, kind) {
    if (path == "")
        return
    area = path
    sub(/\/.*/, "", area)
    area_lines[area] += lines
    area_files[area]++
    area_comment[area] += comment
    kind = path
    sub(/.*\./, "", kind)
    limit = kind == "h" ? 400 : 1000
    if (path ~ /\/(numeric|simd)\.h$/)
        limit = 700
    if (lines > limit && path !~ /^include\//)
        complain(path, lines " lines, limit " limit)
    else if (lines > 700)
        over[++over_count] = sprintf("%4d  %s", lines, path)
    if (is_product(area)) {
        total += lines
        total_comment += comment
        total_if += ifs
    }
}

function is_product(area) {
    return area !~ /^(tests|examples|bench|tools)$/
}

FNR == 1 {
    end_file()
    path = FILENAME
    lines = comment = ifs = 0
    in_comment = in_function = in_macro = signature = 0
}

{ lines++ }

in_comment || /\/\*/ || /\/\// { comment++ }
/\/\*/ && !/\*\// { in_comment = 1 }
/\*\// { in_comment = 0 }

# An include guard is an #ifndef whose next line defines the name.
guard != "" && $0 ~ ("^#define " guard "$") { ifs-- }
{ guard = "" }
/^[ \t]*#[ \t]*(if|ifdef|ifndef|elif)/ && !/__cplusplus/ { ifs++ }
/^#ifndef / { guard = $2 }

/(TODO|FIXME|XXX)([^A-Za-z]|$)/ && !/TODO\([a-zA-Z0-9]/ && /\/\*|\/\/|^ \*/ {
    complain(FILENAME ":" FNR, "TODO without an issue")
}

/^\/\* -- .*-$/ { complain(FILENAME ":" FNR, "a heading that is cut") }

/^#define .*\\$/ && !in_function { in_macro = 1; first = FNR; name = $2 }
in_macro {
    if ($0 !~ /\\$/) {
        in_macro = 0
        if (FNR - first >= 3)
            end_function(FNR - first + 1)
    }
    next
}

# A signature starts at the first line in column 0 after anything that ends a
# declaration, and is a function once a brace opens in column 0.
!in_function && /^[A-Za-z_]/ && !signature { signature = FNR; head = $0 }
!in_function && signature && /[;}]$/ { signature = 0 }
!in_function && /^{/ && signature {
    in_function = 1
    first = signature
    name = head
    sub(/\(.*/, "", name)
    if (head ~ /^[A-Z_]+\(/) {
        name = head
        sub(/^[A-Z_]+\(/, "", name)
        sub(/[,)].*/, "", name)
    }
    sub(/.*[ *]/, "", name)
}
/^}/ {
    if (in_function)
        end_function(FNR - first + 1)
    in_function = signature = 0
}
/^$/ || /^#/ { if (!in_function) signature = 0 }

function sort_lengths(    i, j, v, gap) {
    for (gap = int(functions / 2); gap > 0; gap = int(gap / 2))
        for (i = gap + 1; i <= functions; i++) {
            v = lengths[i]
            for (j = i; j > gap && lengths[j - gap] > v; j -= gap)
                lengths[j] = lengths[j - gap]
            lengths[j] = v
        }
}

END {
    end_file()
    sort_lengths()
    printf "%-12s %6s %8s %9s\n", "folder", "files", "lines", "comments"
    for (area in area_lines)
        printf "%-12s %6d %8d %8.0f%%\n", area, area_files[area],
               area_lines[area], 100 * area_comment[area] / area_lines[area] \
               | "sort"
    close("sort")
    p90 = int(functions * 0.9)
    if (functions)
        printf "functions    %d; median %d (target 15), p90 %d (40), longest %d\n",
               functions, lengths[int((functions + 1) / 2)],
               lengths[p90 ? p90 : 1],
               lengths[functions]
    if (total)
        printf "product      %d lines, %.0f%% with comment (15-25), %.1f #if " \
               "per 1000 lines (3)\n",
               total, 100 * total_comment / total, 1000 * total_if / total
    if (over_count)
        print "over target (60 lines a function, 700 a file):"
    for (i = 1; i <= over_count; i++)
        print "  " over[i]
    if (total && total_if * 1000 / total > 5)
        complain("#if", "more than 5 per 1000 lines")
    print (bad ? "metrics: over a limit" : "metrics: ok")
    exit bad
}' $list /dev/null
