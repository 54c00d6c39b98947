#!/bin/sh
# usage: test-bare-debian.sh [SUITE]       as root; needs debootstrap
#
# Proves the first lines of the README: makes an empty Debian 12 in a temporary
# folder, clones this repository into it, and runs both quick-start commands
# inside, each in a fresh clone.  Takes the mirrors and the apt settings of this
# machine, whatever they are.  Run it before a release.
set -eu
suite=${1:-bookworm}
source=$(cd "$(dirname "$0")/.." && pwd)
root=$(mktemp -d "${TMPDIR:-/tmp}/wasmrt-bare-XXXXXX")
chmod 755 "$root" # apt fetches as a user without rights
log() { printf '\n== %s (%s)\n' "$*" "$(date +%H:%M:%S)"; }

cleanup() {
    for m in proc dev/pts dev sys; do
        umount -l "$root/$m" 2>/dev/null || true
    done
    rm -rf --one-file-system "$root"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

# The first mirror that serves this suite.
mirror=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' \
    'Created-By: Packages' | awk -v s="$suite" '$2 == s {print $1; exit}')
[ -n "$mirror" ] || { echo "no apt source for $suite here" >&2 && exit 1; }

log "An empty $suite from this machine's mirror"
debootstrap --variant=minbase "$suite" "$root" "$mirror" >"$root.log" 2>&1 || {
    tail -20 "$root.log" >&2
    exit 1
}
rm -f "$root.log"

log "Its apt looks where ours looks"
rm -rf "$root/etc/apt/sources.list" "$root/etc/apt/sources.list.d"
cp -rL /etc/apt/sources.list.d "$root/etc/apt/" 2>/dev/null || true
cp -L /etc/apt/sources.list "$root/etc/apt/" 2>/dev/null || true
cp -rL /etc/apt/apt.conf.d/. "$root/etc/apt/apt.conf.d/"
rm -f "$root"/etc/apt/apt.conf.d/*docker* "$root"/etc/apt/apt.conf.d/*appstream*
cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev" && mount --make-rslave "$root/dev"

in_root() {
    env -i HOME=/root TERM=dumb LC_ALL=C \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        ${http_proxy:+http_proxy="$http_proxy"} \
        ${https_proxy:+https_proxy="$https_proxy"} \
        chroot "$root" /bin/sh -c "$1"
}

fresh_clone() {
    rm -rf "$root/root/wasmrt"
    git clone -q "file://$source" "$root/root/wasmrt"
}

log "sh tools/quickstart.sh"
fresh_clone
in_root 'cd /root/wasmrt && sh tools/quickstart.sh </dev/null'

log "sh tools/quickstart.sh test"
fresh_clone
in_root 'cd /root/wasmrt && sh tools/quickstart.sh test </dev/null'

log "both commands succeeded on a bare $suite"
