#!/bin/busybox sh
# The first and only program of the virtual machine of tools/test-shim-vm.sh: makes a
# system that containerd can run in, runs the tests, tells the machine's second
# serial line their status, switches off.
/bin/busybox --install -s /usr/bin
export PATH=/usr/sbin:/usr/bin HOME=/root TMPDIR=/run LC_ALL=C.UTF-8

# A container cannot make another file system its root where that is the kernel's first one.
mount --bind / /root
cd /root || exit
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t devtmpfs dev dev
mkdir -p dev/pts dev/shm
mount -t devpts devpts dev/pts
mount -t tmpfs shm dev/shm
mount -t tmpfs run run
mount -t cgroup2 cgroup2 sys/fs/cgroup
for module in modules/*.ko; do insmod "$module"; done
ip link set lo up
echo 127.0.0.1 localhost >etc/hosts
: >etc/resolv.conf
read -r up _ <proc/uptime
echo "vm: up after $up s, control groups of version 2: $(cat sys/fs/cgroup/cgroup.controllers)"
slow=$(sed -n 's/.*slow=\([0-9]*\).*/\1/p' proc/cmdline)
# /words: the source's folder, then a line for each argument of the tests.
SLOW=$slow chroot . /bin/sh -c 'IFS="
"; set -f; set -- $(cat /words); cd "$1" && shift &&
    exec python3 -u tests/shim/containerd/shim_test.py "$@"'
echo $? >dev/ttyS1
read -r up _ <proc/uptime
echo "vm: down after $up s"
poweroff -f
