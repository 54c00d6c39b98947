#!/bin/sh
# Checks that each declaration in include/ is documented: a function by a block
# with a sentence, every parameter, @return unless void, @threadsafe with one of
# its four words, and @since; a type or a macro by a comment.  In wasm.h, where
# most functions come in families, a comment is enough.  Checks also that
# each C block in the README and in EMBEDDING.md stands below a line
# <!-- FILE --> and occurs in that file, which the tests run.
set -eu
pages=
for page in README.md docs/EMBEDDING.md; do
    [ ! -f $page ] || pages="$pages $page"
done
# shellcheck disable=SC2086
[ -z "$pages" ] || awk '
function read_whole(path,    text, line) {
    while ((getline line <path) > 0)
        text = text line "\n"
    close(path)
    return text
}

/^<!-- .* -->$/ { source = $2; next }
/^```c$/ { in_code = 1; code = ""; line = FNR; next }
/^```$/ && in_code {
    in_code = 0
    if (source == "" || index(read_whole(source), code) == 0) {
        print FILENAME ":" line ": not the text of " \
            (source == "" ? "any file" : source)
        bad = 1
    }
}
in_code { code = code $0 "\n" }
{ if (!in_code) source = "" }
END { exit bad }' $pages

# shellcheck disable=SC2046
awk '
function complain(what) {
    print FILENAME ":" line ": " what
    bad = 1
}

# The comment must end on the line before the declaration.
function check_function(decl, doc,    name, params, i, n, list, p) {
    name = decl
    sub(/^.*WASMRT_OWN\([a-z_]*\)/, "", decl)
    gsub(/WASMRT_(API|MUST_USE)/, "", decl)
    name = decl
    sub(/\(.*/, "", name)
    sub(/.*[ *]/, "", name)
    if (doc == "") {
        complain(name ": no doc comment")
        return
    }
    if (doc !~ /@threadsafe +(Yes|Distinct|Store|Signal)[., ]/)
        complain(name ": @threadsafe Yes, Distinct, Store or Signal")
    if (doc !~ /@since +[0-9]/)
        complain(name ": @since")
    if (decl !~ /^ *void [a-z]/ && doc !~ /@return/)
        complain(name ": @return")
    params = decl
    sub(/^[^(]*\(/, "", params)
    sub(/\)[^)]*$/, "", params)
    while (match(params, /\(\*[a-z0-9_]+\) ?\([^()]*\)/)) {
        # A function pointer: only its name is a parameter of ours.
        p = substr(params, RSTART + 2, RLENGTH)
        sub(/\).*/, "", p)
        params = substr(params, 1, RSTART - 1) p substr(params, RSTART + RLENGTH)
    }
    n = split(params, list, ",")
    for (i = 1; i <= n; i++) {
        p = list[i]
        gsub(/\[[^\]]*\]/, "", p)
        sub(/ +$/, "", p)
        sub(/.*[ *]/, "", p)
        if (p != "void" && p != "" && p != "..." &&
            doc !~ ("@param +" p "[^a-z0-9_]"))
            complain(name ": @param " p)
    }
}

FNR == 1 { doc = ""; decl = ""; in_doc = 0; has_comment = 0; guard = 1 }

/^ *\/\*/ { in_doc = 1; doc = ""; start = $0 }
in_doc {
    doc = doc "\n" $0
    if ($0 ~ /\*\//) {
        in_doc = 0
        if (start !~ /\/\*\*/)
            doc = ""
        has_comment = 1
        doc_line = FNR
    }
    next
}

/^WASMRT_API/ && decl == "" { decl = " "; line = FNR }
decl != "" {
    decl = decl " " $0
    if ($0 ~ /;/) {
        gsub(/[ \t]+/, " ", decl)
        count++
        check_function(decl, doc_line == line - 1 ? doc : "")
        decl = ""
        doc = ""
    }
    next
}

/^(typedef|struct|enum|union)[ (]/ {
    line = FNR
    count++
    if (doc_line != FNR - 1)
        complain("type without a comment: " $0)
}

/^#define [A-Z]/ && !/_H$/ {
    line = FNR
    if (doc_line == FNR - 1 || macro_line == FNR - 1)
        macro_line = FNR     # a run of related macros shares one comment
    else if (!in_else && $0 !~ /_ROW\(/)
        complain("macro without a comment: " $2)
    if ($0 ~ /\\$/)
        continued = 1
}
continued { macro_line = FNR; if ($0 !~ /\\$/) continued = 0 }
/^#if/ && doc_line == FNR - 1 { doc_line = FNR }
/^#else/ { in_else = 1 }
/^#endif/ { in_else = 0 }

END {
    if (!bad)
        print "docs: ok, " count + 0 " declarations"
    exit bad
}' $(find include -name '*.h' ! -name wasm.h 2>/dev/null | sort) /dev/null

[ ! -f include/wasm.h ] || awk '
/^\/\*\*/ { in_doc = 1 }
in_doc { if ($0 ~ /\*\//) { in_doc = 0; doc_line = FNR }; next }
/^(WASM_(API|DECLARE)|typedef|enum|union|static|struct.*{|#define [A-Za-z])/ &&
    !/^#define (WASM_H|own)$/ {
    # Macros with one comment for all of them; what begins a header ends it.
    if (doc_line != FNR - 1 && !(/^#/ && macro_line == FNR - 1) && !in_guard) {
        print FILENAME ":" FNR ": no comment: " $0
        bad = 1
    }
    if (/^#/)
        macro_line = FNR
    count++
}
{ in_guard = /^#else/ || (/^#if/ && (in_guard || doc_line == FNR - 1)) }
END {
    if (!bad)
        print "docs: ok, " count + 0 " declarations in wasm.h"
    exit bad
}' include/wasm.h
