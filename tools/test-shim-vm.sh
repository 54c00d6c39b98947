#!/bin/sh
# usage: test-shim-vm.sh [-k EXPRESSION]
#
# Runs tests/shim/containerd on one containerd in a virtual machine whose control
# groups are those of version 2 with all controllers, for systems that have version
# 1.  The machine runs Debian's kernel, which is unpacked and not installed, on an
# initramfs made of the programs that are installed here: it has no disk, no network
# and nothing else of this system's files.  Everything is under build/vm.
#
#   ACCEL=auto    kvm, or tcg, which is emulation; auto tries whether KVM works
#   LIMIT=1800    seconds, then the machine is switched off and the run has failed
#   CPUS=2 MEMORY=2048
#   CONTAINERD=sid   one that test-shim has unpacked, in place of the installed one
#
# The exit status is that of the tests.  What cannot run is said in a line that
# starts with `skipped:`.
set -eu
cd "$(dirname "$0")/.."
vm=$PWD/build/vm root=$PWD/build/vm/root
guests=build/wasm/tests/shim/containerd/guests

skip() {
    echo "skipped: test-shim-vm: $*"
    exit 0
}

# -- What it needs -----------------------------------------------------------------

get_packages() {
    [ "$(uname -m)" = x86_64 ] || skip "made for x86-64 alone"
    sh tools/test-shim.sh -prepare || exit 0
    command -v qemu-system-x86_64 >/dev/null ||
        { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install \
            -y --no-install-recommends qemu-system-x86; } >/dev/null 2>&1 ||
        skip "could not install qemu-system-x86"
}

get_kernel() {
    ls "$vm"/kernel/boot/vmlinuz-* >/dev/null 2>&1 && return
    echo "vm: fetching Debian's kernel, about 30 MB"
    rm -rf "$vm/kernel" "$vm"/*.deb
    mkdir -p "$vm"
    package=$(apt-cache depends linux-image-cloud-amd64 |
        sed -n 's/^ *Depends: //p' | head -n 1)
    (cd "$vm" && apt-get -qq download "$package" &&
        dpkg-deb -x "$package"_*.deb kernel) >"$vm/apt.log" 2>&1 ||
        skip "could not fetch linux-image-cloud-amd64; see build/vm/apt.log"
    rm -f "$vm"/*.deb
}

# -- The machine's file system -----------------------------------------------------

# With the shared libraries that they want.
add() { # FILE...
    printf '%s\n' "$@"
    ldd "$@" 2>/dev/null | sed -nE 's/.*(=> |^\s)(\/[^ ]*) \(.*/\2/p'
}

list_files() {
    PATH=$PATH:/usr/sbin:/sbin
    add "$(command -v containerd)" "$(command -v ctr)" "$(command -v runc)" \
        "$(command -v containerd-shim-runc-v2)" "$(command -v ip)" \
        "$(command -v busybox)" /usr/bin/python3
    add /usr/lib/cni/bridge /usr/lib/cni/host-local /usr/lib/cni/loopback
    for module in $(/usr/bin/python3 -c '
import grpc, six, sysconfig
print(sysconfig.get_path("stdlib"), *map(
    lambda m: m.__file__.removesuffix("/__init__.py"), (grpc, six)))'); do
        # shellcheck disable=SC2046
        add $(find "$module" -type f -not -path '*/test/*' \
            -not -path '*/ensurepip/*' -not -path '*/config-*/*')
    done
    printf '%s\n' "$PWD/tests/shim/containerd" "$PWD/$guests" \
        "$PWD/build/containerd-shim-wasmrt-v1"
}

add_module() { # NAME...
    for module; do
        file=$(find "$vm/kernel/lib/modules" -name "$module.ko*")
        n=$((n + 1))
        case $file in
        *.xz) busybox xzcat "$file" >"$root/modules/$n.ko" ;;
        *) cp "$file" "$root/modules/$n.ko" ;;
        esac
    done
}

make_root() { # WORDS-FOR-THE-TESTS...
    rm -rf "$root"
    mkdir -p "$root/usr/bin" "$root/usr/sbin" "$root/usr/lib" "$root/usr/lib64" \
        "$root/proc" "$root/sys" "$root/dev" "$root/run" "$root/etc" "$root/tmp" \
        "$root/modules" "$root/root"
    (cd "$root" && ln -s usr/bin usr/sbin usr/lib usr/lib64 .)
    list_files | sort -u >"$vm/files"
    tar -C / -chf - --files-from "$vm/files" 2>"$vm/tar.log" |
        tar -C "$root" -xf - --keep-directory-symlink
    [ -z "$other" ] || cp "$other"/* "$root/usr/bin/"
    n=10
    add_module overlay llc stp bridge veth
    printf '%s\n' "$PWD" build "$guests" "$@" >"$root/words"
    install -m 755 tests/shim/containerd/vm-init.sh "$root/init"
    (cd "$root" && find . | busybox cpio -o -H newc) >"$vm/initramfs" 2>/dev/null
}

# -- The machine -------------------------------------------------------------------

machine() { # SECONDS ACCEL QEMU-OPTIONS...
    seconds=$1 accel=$2
    shift 2
    case $accel in kvm) cpu=host,migratable=no ;; *) cpu=max,la57=off ;; esac
    timeout --foreground -s KILL "$seconds" qemu-system-x86_64 -machine "q35,accel=$accel" \
        -cpu $cpu -nodefaults -display none -no-reboot \
        -kernel "$vm"/kernel/boot/vmlinuz-* "$@" </dev/null
}

# Whether a kernel comes as far as its panic about a missing root file system: in a
# machine that is itself virtual KVM may be there and not work.
kvm_works() {
    [ -w /dev/kvm ] && machine 10 kvm -m 256 -append panic=-1 >/dev/null 2>&1
}

limit=${LIMIT:-1800} accel=${ACCEL:-auto}
other=${CONTAINERD:+$PWD/build/containerd-$CONTAINERD/usr/bin}
[ -z "$other" ] || [ -x "$other/containerd" ] ||
    skip "no $other/containerd; \`make test-shim\` unpacks those that it knows"
get_packages
get_kernel
if [ "$accel" = auto ]; then
    kvm_works && accel=kvm || accel=tcg
fi
case $accel in
kvm) slow=2 how='with KVM' ;;
tcg) slow=10 how='emulated, which takes ten times as long' ;;
*) echo "test-shim-vm: ACCEL is auto, kvm or tcg" >&2 && exit 2 ;;
esac
make_root "$@"
echo "vm: $(basename "$vm"/kernel/boot/vmlinuz-*), $how; at most $limit s"
echo "vm: on containerd ${CONTAINERD-of this system} alone"

rm -f "$vm/status"
machine "$limit" "$accel" -smp "${CPUS:-2}" -m "${MEMORY:-2048}" \
    -initrd "$vm/initramfs" -serial stdio -serial "file:$vm/status" \
    -append "console=ttyS0 panic=-1 loglevel=2 mitigations=off slow=$slow" |
    sed -u 's/\r$//' | tee "$vm/log"
status=$(tr -dc 0-9 <"$vm/status" 2>/dev/null || true)
[ -n "$status" ] || {
    echo "vm: the machine crashed, or took more than $limit s: no status; see build/vm/log" >&2
    exit 1
}
exit "$status"
