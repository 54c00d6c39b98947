#!/bin/sh
# usage: check-tailcalls.sh OBJECT...
#
# The interpreter's handlers (functions wrt_h_*) reach the next handler by a jump:
# a call in its place would grow the C stack with every guest instruction.
# clang guarantees the jump; gcc only makes it when nothing is in the way, so
# the objects are read.  A handler has an indirect jump and no indirect call;
# calls of named helpers (also through the GOT) are fine.
set -eu
OBJDUMP=${OBJDUMP:-objdump}

if ! command -v "$OBJDUMP" >/dev/null 2>&1; then
    echo "tailcalls: skipped: no $OBJDUMP"
    exit 0
fi
"$OBJDUMP" -d --no-show-raw-insn "$@" | awk '
    # Handlers that only leave the interpreter have no next one.
    function leaves(name) { return name ~ /^wrt_h_(EXIT|UNREACHABLE)_/ }
    function finish() {
        if (name == "") return
        handlers++
        if (!jumps && !leaves(name)) {
            print "tailcalls: " name ": no jump to the next handler"
            bad = 1
        }
    }
    /^[0-9a-f]+ <.*>:$/ {
        finish()
        name = $2
        gsub(/[<>:]/, "", name)
        if (name !~ /^wrt_h_/) name = ""
        jumps = 0
        next
    }
    name == "" { next }
    # x86-64: jmp *%rax; aarch64: br x9; gcc also jumps to an equal handler.
    /\tjmp +\*/ || /\tbr\tx/ || /\t(jmp|b) *\t?[0-9a-f]+ <wrt_h_[A-Z0-9a-z_]+>/ {
        jumps++
    }
    (/\tcall +\*/ && !/\(%rip\)/) || /\tblr\t/ {
        print "tailcalls: " name ": calls the next handler:" $0
        bad = 1
    }
    END {
        finish()
        if (handlers == 0) {
            print "tailcalls: no handlers in the objects"
            bad = 1
        }
        if (!bad) print "tailcalls: ok, " handlers " handlers"
        exit bad
    }'
