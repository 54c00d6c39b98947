# The manual page has every option that help has, and no warning of groff.
needs: groff

cmd: wasmrt help --man >wasmrt.1; groff -man -Tutf8 -wall -z wasmrt.1

cmd: for v in run validate dump inspect explore; do wasmrt help $v; done | sed -n 's/^  \(--[a-z0-9-]*\).*/\1/p' | sort -u >options; groff -man -Tascii -P-c -P-b -P-u wasmrt.1 >page; for o in $(cat options); do grep -qe " $o" page || echo "$o is missing"; done; [ $(wc -l <options) -gt 20 ]

cmd: grep -E '^(NAME|SYNOPSIS|DESCRIPTION|OPTIONS|EXAMPLES|EXIT STATUS)' page
stdout:
NAME
SYNOPSIS
DESCRIPTION
OPTIONS
EXAMPLES
EXIT STATUS
