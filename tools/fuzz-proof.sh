#!/bin/sh
# usage: fuzz-proof.sh [SECONDS [TEXT]]
#
# Proves that the fuzzers find bugs: plants one at a time in a copy of the tree
# (only those with TEXT in "TARGET: DESCRIPTION") and requires that the target
# named beside it crashes within the time given.
seconds=${1:-60} only=${2:-}
. "$(dirname "$0")/plant.sh"

prepare() {
    if ! command -v clang-19 >/dev/null; then
        echo "skipped: fuzz-proof: no clang-19"
        exit 0
    fi
    # shellcheck disable=SC2086
    copy_tree Makefile $product tests tools
}

# What the target discovered with other bugs is no help.
finds() { # TARGET
    rm -rf "$dir/tree/build/fuzz"
    if (cd "$dir/tree" && N=$seconds sh tools/fuzz.sh "$1") >"$dir/log" 2>&1; then
        grep '^skipped: ' "$dir/log" || echo "not found in $seconds s"
        return 1
    fi
    grep -oE 'AddressSanitizer: [a-zA-Z-]+|deadly signal|timeout|leak' "$dir/log" |
        head -1 | grep . || { echo "no crash, but:" && tail -5 "$dir/log"; return 1; }
}

plant decode "a read past the end of the module" runtime/base/reader.h \
    's/if (WRT_UNLIKELY(wrt_reader_left(r) < len))/if (len == SIZE_MAX)/'

plant text "a read past the end of the text" runtime/text/lex.c \
    's/(next - raw) : end;/(next - raw) : end + 40;/'

plant print "an offset that is not printed" runtime/text/print_insn.c \
    's/if (arg->offset != 0)/if (arg->offset > 1)/'

plant text "a float printed with too few digits" runtime/text/put.c \
    's/(width == 32 ? 9 : 17)/(width == 32 ? 7 : 16)/'

plant wasi_path "links that the walk follows" wasi/os_linux.c \
    's/open_bits(flags) | O_NOFOLLOW/open_bits(flags)/'

plant wasi_path "a kernel that is not asked to stay beneath" wasi/os_linux.c \
    's/RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS/0/'

plant wasi_path "a last component that is .." wasi/path.c \
    's/(len == 2 && name\[0\]/(len == 3 \&\& name[0]/'

plant wasi_path "times set through a link" wasi/os_linux.c \
    's/utimensat(dir, leaf, ts, AT_SYMLINK_NOFOLLOW)/utimensat(dir, leaf, ts, 0)/'

plant lines "line programs that are longer than their section" cli/bytes.h \
    's/if (len > cli_bytes_left(b))/if (len == UINT64_MAX)/'

plant serve_http "a blank before a colon" serve/http.c \
    's/if (!http_is_token(out->name))/out->name.len -= out->name.len > 1 \&\& colon[-1] == 32;&/'

plant serve_http "a length beside chunks" serve/http.c \
    's/if (lengths + codings > 1)/if (lengths > 1 || codings > 1)/'

plant serve_http "dots that lead above the root" serve/http.c \
    's/if (\*len == 0)$/if (*len == SIZE_MAX)/'

plant serve_http "a chunk that is longer than its buffer" serve/chunked.c \
    's/in->len < chunked->left ? in->len : (size_t)chunked->left/(size_t)chunked->left/'

plant serve_cgi "a line end in a field" serve/cgi_head.c \
    's/if (!http_is_value(field.value))/if (!field.value.at)/'

plant shim_frame "a frame that is longer than its buffer" shim/frame.c \
    's/malloc(reader->head.len ? reader->head.len : 1)/malloc((reader->head.len \& 0xff00) + 1)/'

plant shim_message "a message whose length nobody checks" shim/message.c \
    's/!read_varint(c, len_out) || .*/!read_varint(c, len_out))/'

plant shim_service "an end that is told before the start" shim/task.c \
    's/else if (task->state == TASK_STARTING)/else if (task->state == TASK_STARTING \&\& status == 77)/'

plant shim_service "a waiter that nobody answers" shim/task.c \
    's/while (waiter) {/while (waiter \&\& waiter->next) {/'

plant shim_spec "a pod whose name lost its last letter" shim/peek.c \
    's/(s->at - 1 - word->text)/(s->at - 2 - word->text)/'

plant shim_spec "an array that is half as long as it should be" shim/spec.c \
    's/(strings.count + 1) \* sizeof(\*strings.items)/(strings.count | 1) * sizeof(*strings.items) \/ 2/'

report
