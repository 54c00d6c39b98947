#!/bin/sh
# usage: fuzz-proof.sh [SECONDS]
#
# Proves that the fuzzers find bugs: plants one at a time in a copy of the tree
# and requires that the target named beside it crashes within the time given.
set -eu
seconds=${1:-60}
cd "$(dirname "$0")/.."
if ! command -v clang-19 >/dev/null; then
    echo "skipped: fuzz-proof: no clang-19"
    exit 0
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
passed=0 failed=0

copy() {
    rm -rf "$dir/tree" && mkdir "$dir/tree"
    cp -r Makefile include runtime jit wasi cli serve spectest shim tests tools \
        "$dir/tree/" 2>/dev/null
}

# FILE and SED-SCRIPT make the bug; the file must change, or the proof is void.
plant() { # NAME TARGET FILE SED-SCRIPT
    copy
    sed "$4" "$3" >"$dir/tree/$3"
    if cmp -s "$3" "$dir/tree/$3"; then
        echo "FAIL fuzz-proof: $1: $3 no longer has the line to break"
        failed=$((failed + 1))
        return
    fi
    if (cd "$dir/tree" && N=$seconds sh tools/fuzz.sh "$2") >"$dir/log" 2>&1
    then
        echo "FAIL fuzz-proof: $1: fuzz_$2 did not find it in $seconds s"
        failed=$((failed + 1))
    elif grep -qE 'AddressSanitizer|deadly signal|timeout|leak' "$dir/log"; then
        echo "ok   fuzz_$2 finds: $1 ($(grep -oE \
            'AddressSanitizer: [a-zA-Z-]+|deadly signal|timeout' "$dir/log" |
            head -1))"
        passed=$((passed + 1))
    else
        echo "FAIL fuzz-proof: $1: no crash, but:"
        tail -5 "$dir/log" | sed 's/^/    /'
        failed=$((failed + 1))
    fi
}

plant "a read past the end of the module" decode runtime/base/reader.h \
    's/if (WRT_UNLIKELY(wrt_reader_left(r) < len))/if (len == SIZE_MAX)/'

plant "a read past the end of the text" text runtime/text/lex.c \
    's/(next - raw) : end;/(next - raw) : end + 40;/'

plant "an offset that is not printed" print runtime/text/print_insn.c \
    's/if (arg->offset != 0)/if (arg->offset > 1)/'

plant "a float printed with too few digits" text runtime/text/put.c \
    's/(width == 32 ? 9 : 17)/(width == 32 ? 7 : 16)/'

plant "links that the walk follows" wasi_path wasi/os_linux.c \
    's/open_bits(flags) | O_NOFOLLOW/open_bits(flags)/'

plant "a kernel that is not asked to stay beneath" wasi_path wasi/os_linux.c \
    's/RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS/0/'

plant "a last component that is .." wasi_path wasi/path.c \
    's/(len == 2 && name\[0\]/(len == 3 \&\& name[0]/'

plant "times set through a link" wasi_path wasi/os_linux.c \
    's/utimensat(dir, leaf, ts, AT_SYMLINK_NOFOLLOW)/utimensat(dir, leaf, ts, 0)/'

plant "line programs that are longer than their section" lines cli/bytes.h \
    's/if (len > cli_bytes_left(b))/if (len == UINT64_MAX)/'

plant "a blank before a colon" serve_http serve/http.c \
    's/if (!http_is_token(out->name))/out->name.len -= out->name.len > 1 \&\& colon[-1] == 32;&/'

plant "a length beside chunks" serve_http serve/http.c \
    's/if (lengths + codings > 1)/if (lengths > 1 || codings > 1)/'

plant "dots that lead above the root" serve_http serve/http.c \
    's/if (\*len == 0)$/if (*len == SIZE_MAX)/'

plant "a chunk that is longer than its buffer" serve_http serve/chunked.c \
    's/in->len < chunked->left ? in->len : (size_t)chunked->left/(size_t)chunked->left/'

plant "a line end in a field" serve_cgi serve/cgi_head.c \
    's/if (!http_is_value(field.value))/if (!field.value.at)/'

if make --no-print-directory -s shim >/dev/null 2>&1; then
    plant "a frame that is longer than its buffer" shim_frame shim/frame.c \
        's/malloc(reader->head.len ? reader->head.len : 1)/malloc((reader->head.len \& 0xff00) + 1)/'

    plant "a message whose length nobody checks" shim_message shim/message.c \
        's/!read_varint(c, len_out) || .*/!read_varint(c, len_out))/'

    plant "an end that is told before the start" shim_service shim/task.c \
        's/else if (task->state == TASK_STARTING)/else if (task->state == TASK_STARTING \&\& status == 77)/'

    plant "a waiter that nobody answers" shim_service shim/task.c \
        's/while (waiter) {/while (waiter \&\& waiter->next) {/'

    plant "an array that is half as long as it should be" shim_spec shim/spec.c \
        's/(strings.count + 1) \* sizeof(\*strings.items)/(strings.count | 1) * sizeof(*strings.items) \/ 2/'
else
    echo "skipped: fuzz-proof: the shim cannot be built here"
fi

echo "fuzz-proof: $passed passed, $failed failed"
[ $failed -eq 0 ]
