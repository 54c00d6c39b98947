#!/usr/bin/python3
"""Thousands of containers come and go, while containerd and shims are killed at random moments.

usage: churn.py SHIM-DIR GUEST-DIR [RUNS=2000] [PODS=200] [KILLS=20] [SEED=N] [BINARIES=DIR]

Every container ends with a status of its own choice.  It must be told, by the client or, where containerd died
meanwhile, by the next containerd; only containers whose shim was killed may end with 137 (or containerd's own 255).
At the end nothing may be left.  Prints what happened.  Needs root.

SPDX-License-Identifier: Apache-2.0
"""
import collections
import os
import random
import re
import shutil
import signal

import sys
import tempfile
import threading
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cri
import node as nodes
from node import read, run

GONE = (137, 255)


def is_starting(error):
    """containerd answers before its CRI does."""
    return error.code() == cri.grpc.StatusCode.UNAVAILABLE or "not initialized" in error.details()


class Churn:
    def __init__(self, base, shim_dir, guest_dir, settings):
        self.base, self.random = base, random.Random(int(settings["SEED"]))
        self.before = nodes.leftovers(base)
        self.node = nodes.Node(base, shim_dir, settings.get("BINARIES")).start()
        with open(guest_dir + "/exit.wasm", "rb") as file:
            self.image = self.node.add_image("exit", {"/exit.wasm": file.read()})
        with open(shutil.which("busybox"), "rb") as file:
            self.linux = self.node.add_image("busybox", {"/bin/busybox": file.read(), "/bin/sh": "busybox", "/proc": None,
                                                         "/dev": None, "/sys": None, "/etc": None})
            file.seek(0)
            self.node.add_image("pause", {"/pause": file.read()}, entrypoint=["/pause"])
        self.cri = cri.Cri(self.node.socket)
        self.counts, self.faults = collections.Counter(), []
        self.lock, self.is_up = threading.Lock(), threading.Event()
        self.is_up.set()
        self.killed_groups, self.kills = set(), 0
        self.runs, self.pods = int(settings["RUNS"]), int(settings["PODS"])
        self.jobs = [("run", i) for i in range(self.runs)] + [("pod", i) for i in range(self.pods)]
        self.random.shuffle(self.jobs)
        self.total = len(self.jobs)

    def count(self, what, number=1):
        with self.lock:
            self.counts[what] += number

    def fault(self, text):
        with self.lock:
            self.faults.append(text)
        print("FAIL  " + text, flush=True)

    # -- Containers of ctr

    def task(self, name):
        """(pid, status), None, or False while containerd is away."""
        done = self.node.ctr("task", "ls", check=False)
        if done.returncode != 0:
            return False
        lines = [line.split() for line in done.stdout.splitlines()[1:]]
        return next(((int(words[1]), words[2]) for words in lines if words[0] == name), None)

    def late_status(self, name):
        """Of a container whose client lost containerd; None when there is no task of it."""
        end = time.time() + 60
        while time.time() < end:
            self.is_up.wait()
            found = self.task(name)
            if found is None:
                return None
            if found and found[1] == "CREATED":  # and nobody is left to start it
                self.node.ctr("task", "rm", "-f", name, check=False)
                return None
            if found and found[1] == "STOPPED":
                done = self.node.ctr("task", "rm", name, check=False)
                code = re.search(r"exit code (\d+)", done.stderr)
                if code or done.returncode == 0:
                    return int(code[1]) if code else 0
            time.sleep(0.05)
        return -1

    def run_once(self, name, status, delay):
        """True when its status was told."""
        kills = self.kills
        done = self.node.run(self.image, name, "/exit.wasm", str(status), str(delay))
        if done.returncode == status:
            self.count("statuses told to the client")
            return True
        code = self.late_status(name)
        was_killed = name in self.killed_groups
        if code == status:
            self.count("statuses told by the next containerd")
            return True
        if was_killed and (code in GONE or done.returncode in GONE):
            self.count("containers ended with their shim")
            return True
        self.node.ctr("c", "rm", name, check=False)
        if code is not None:
            self.fault("%s: ended with %s, not %d (client: %d %s)" % (name, code, status, done.returncode, done.stderr[-200:]))
            return True
        if "snapshots" in done.stderr and "file exists" in done.stderr:  # its database forgot what it had made
            self.count("snapshots that containerd lost when it was killed")
        elif self.kills == kills:
            self.fault("%s: %s" % (name, done.stderr[-300:].strip()))
            return True
        self.count("creations cut short")
        return False

    def run_container(self, i):
        status, delay = self.random.randrange(1, 100), self.random.choice((0, 0, 20, 100, 300))
        for attempt in range(20):
            self.is_up.wait()
            if self.run_once("run-%d-%d" % (i, attempt), status, delay):
                return
        self.fault("run-%d: never ran" % i)

    # -- Pods

    def retry(self, function, *words):
        """Once containerd answers; after a restart a request may have been carried out."""
        end = time.time() + 60
        while True:
            self.is_up.wait()
            try:
                return function(*words)
            except cri.grpc.RpcError as error:
                if error.code() == cri.grpc.StatusCode.NOT_FOUND:
                    return None
                if time.time() > end:
                    raise
                time.sleep(0.1)

    def pod_once(self, status, with_linux):
        config = cri.make_pod(self.base)
        words = [("main", self.image, ["/exit.wasm", str(status), str(self.random.choice((0, 50, 300)))])]
        if with_linux:
            words.append(("side", self.linux, ["/bin/sh", "-c", "exit %d" % status]))
        kills = self.kills
        try:
            pod = self.cri.run_pod(config, "wasmrt")
            ids = [self.cri.create(pod, cri.make_container(*word), config) for word in words]
            for cid in ids:
                self.cri.start(cid)
        except cri.grpc.RpcError as error:
            if is_starting(error):
                time.sleep(0.5)
            elif self.kills == kills:
                raise
            self.count("creations cut short")
            return False
        for cid in ids:
            end = time.time() + 60
            while True:
                found = self.retry(self.cri.status, cid)
                if found["state"] == 2 or time.time() > end:
                    break
                time.sleep(0.05)
            if found["exit_code"] == status:
                self.count("statuses told by CRI")
            elif pod in self.killed_groups and found["exit_code"] in GONE:
                self.count("containers ended with their shim")
            else:
                self.fault("pod %s: ended with %s, not %d" % (pod, found, status))
            self.retry(self.cri.remove, cid)
        self.retry(self.cri.remove_pod, pod)
        return True

    def run_pod(self, i):
        status = self.random.randrange(1, 100)
        for _ in range(20):
            self.is_up.wait()
            if self.pod_once(status, i % 4 == 0):
                self.count("pods")
                return
        self.fault("pod %d: never ran" % i)

    # -- The killer and the workers

    def work(self):
        while True:
            with self.lock:
                if not self.jobs:
                    return
                kind, i = self.jobs.pop()
            try:
                (self.run_container if kind == "run" else self.run_pod)(i)
            except Exception as error:  # a worker must go on
                self.fault("%s %d: %s" % (kind, i, "".join(traceback.format_exception_only(type(error), error))[-300:]))

    def kill_containerd(self):
        self.kills += 1
        self.is_up.clear()
        self.node.stop(kill=True)
        time.sleep(self.random.random() * 0.5)
        self.node.start()
        self.is_up.set()
        self.count("containerd killed")

    def kill_shim(self):
        for _ in range(2000):
            found = nodes.shims(lambda line: self.node.socket in line)
            if found:
                break
            time.sleep(0.002)
        else:
            return
        pid = self.random.choice(found)
        group = re.search(r"-id (\S+)", read("/proc/%d/cmdline" % pid).replace("\0", " "))
        if not group:
            return
        self.killed_groups.add(group[1])
        self.kills += 1
        try:
            os.kill(pid, signal.SIGKILL)
            self.count("shims killed")
        except ProcessLookupError:
            pass

    def kill_both(self, kills):
        """At random places of the whole run."""
        places = [(self.random.randrange(self.total), what) for what in (self.kill_containerd, self.kill_shim)
                  for _ in range(kills)]
        for place, kill in sorted(places, key=lambda item: -item[0]):
            while len(self.jobs) > place:
                time.sleep(0.01)
            time.sleep(self.random.random() * 0.2)
            kill()
        while self.counts["shims killed"] < kills and self.jobs:
            self.kill_shim()

    def sweep(self):
        """What a kubelet does: pods whose creation was cut short go."""
        for cid in self.retry(self.cri.containers):
            self.retry(self.cri.stop, cid, 0)
            self.retry(self.cri.remove, cid)
        for pod in self.retry(self.cri.pods):
            self.retry(self.cri.remove_pod, pod)
        for name in self.node.ctr("task", "ls", "-q").stdout.split():
            self.node.ctr("task", "rm", "-f", name, check=False)
        for name in self.node.ctr("c", "ls", "-q").stdout.split():
            self.node.ctr("c", "rm", name, check=False)

    def all(self, kills):
        killer = threading.Thread(target=self.kill_both, args=(kills,))
        workers = [threading.Thread(target=self.work) for _ in range(3)]
        for thread in workers + [killer]:
            thread.start()
        while any(worker.is_alive() for worker in workers):
            time.sleep(5)
            if sys.stdout.isatty():
                print("\r%d left " % len(self.jobs), end="", flush=True)
        killer.join()
        self.sweep()
        left = nodes.settle(self.base, self.before, 30)
        if left:
            self.fault("left behind: " + "; ".join(left[:12]))


def kernel_memory():
    """Kilobytes that the kernel keeps for processes, control groups, mounts, sockets; not its caches."""
    with open("/proc/sys/vm/drop_caches", "w") as file:
        file.write("3")
    time.sleep(1)
    return sum(int(number) for number in re.findall(r"^(?:SUnreclaim|Percpu|KernelStack|PageTables):\s+(\d+)",
                                                    read("/proc/meminfo"), re.M))


def main():
    settings = dict(dict(RUNS="2000", PODS="200", KILLS="20", SEED=str(int(time.time()))),
                    **dict(word.split("=", 1) for word in sys.argv[3:]))
    base, start, memory = tempfile.mkdtemp(prefix="wasmrt-churn-"), time.time(), kernel_memory()
    churn = Churn(base, os.path.abspath(sys.argv[1]), sys.argv[2], settings)
    print("churn: SEED=%s, containerd %s" % (
        settings["SEED"], churn.node.ctr("version").stdout.split("Version:")[1].split()[0]), flush=True)
    try:
        churn.all(int(settings["KILLS"]))
    finally:
        churn.node.stop()
        nodes.remove_parents()
        run("ip", "link", "del", "wasmrt-test0", check=False)
    for what, number in sorted(churn.counts.items()):
        print("      %6d %s" % (number, what))
    print("      %6d kB of kernel memory more than before" % (kernel_memory() - memory))
    told = sum(number for what, number in churn.counts.items() if what.startswith("statuses") or "ended with" in what)
    if not churn.faults:
        shutil.rmtree(base, ignore_errors=True)
    print("churn: %d containers, %d statuses, %d faults, %.0f s" % (
        churn.runs + churn.counts["pods"], told, len(churn.faults), time.time() - start))
    sys.exit(bool(churn.faults))


main()
