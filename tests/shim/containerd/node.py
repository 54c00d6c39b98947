"""A private containerd: its configuration, its life, its images, what it leaves.

Everything lies in one folder, but for the sockets of shims in /run/containerd/s.
Pods get addresses on a bridge of their own, 10.88.79.0/24; nothing leaves the
machine.

SPDX-License-Identifier: Apache-2.0
"""
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import tarfile
import time

RUNTIME = "io.containerd.wasmrt.v1"
# By how much this machine is slower than those that limits of time and numbers of repetitions are made for.
SLOW = int(os.environ.get("SLOW", 1))
SOCKETS = "/run/containerd/s"

CONFIG = """version = 2
root = "{base}/root"
state = "{base}/state"
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.devmapper"]
[grpc]
  address = "{base}/containerd.sock"
[ttrpc]
  address = "{base}/containerd.sock.ttrpc"
[plugins."io.containerd.internal.v1.opt"]
  path = "{base}/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/pause:1"
  stream_server_address = "127.0.0.1"
  stream_server_port = "0"
  disable_apparmor = true
  # Without CAP_SYS_RESOURCE nobody may lower oom_score_adj; this keeps to our own.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "{base}/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
"""

HANDLER = """    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.{name}]
      runtime_type = "{runtime}"
      pod_annotations = ["wasmrt.*"]
      container_annotations = ["wasmrt.*"]
"""

CNI = {"cniVersion": "1.0.0", "name": "wasmrt-test", "plugins": [
    {"type": "bridge", "bridge": "wasmrt-test0", "isGateway": True, "ipMasq": False, "hairpinMode": True,
     "ipam": {"type": "host-local", "dataDir": "{base}/ipam", "ranges": [[{"subnet": "10.88.79.0/24"}]],
              "routes": [{"dst": "0.0.0.0/0"}]}},
    {"type": "loopback"}]}


def few(count):
    """A number of repetitions, less of them on a slow machine, which is said."""
    if SLOW > 1:
        print("      %d in place of %d: this machine is slow" % (count // SLOW, count))
    return count // SLOW


def run(*words, check=True, seconds=60, **options):
    """The finished process, its output as text."""
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=seconds * SLOW,
                          stdin=options.pop("stdin", subprocess.DEVNULL), text=True, **options)
    if check and done.returncode != 0:
        raise AssertionError("%s: status %d: %s" % (" ".join(words), done.returncode, done.stderr.strip()))
    return done


def read(path):
    try:
        with open(path, errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def read_bytes(path):
    with open(path, "rb") as file:
        return file.read()


def busybox():
    """The program of images that are not Wasm."""
    return read_bytes(shutil.which("busybox"))


def make_layer(files):
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as tar:
        for file, content in files.items():
            info = tarfile.TarInfo(file.strip("/"))
            info.mode = 0o755
            if isinstance(content, str):
                info.type, info.linkname = tarfile.SYMTYPE, content
                tar.addfile(info)
            elif isinstance(content, tuple):
                info.type, info.mode, (info.devmajor, info.devminor) = tarfile.CHRTYPE, 0o666, content
                tar.addfile(info)
            elif content is None:
                info.type = tarfile.DIRTYPE
                tar.addfile(info)
            else:
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
    return layer.getvalue()


def make_image(path, name, files, entrypoint=(), env=()):
    """An OCI archive.  files: a layer, or a list of them

    A layer is {path: bytes, a link's target as str, None for a folder, (major, minor) of a device}.
    """
    layers = [make_layer(layer) for layer in (files if isinstance(files, list) else [files])]
    blobs = {}

    def blob(data):
        digest = hashlib.sha256(data).hexdigest()
        blobs[digest] = data
        return {"digest": "sha256:" + digest, "size": len(data)}

    oci = "application/vnd.oci.image."
    config = {"architecture": "amd64", "os": "linux", "config": {"Entrypoint": list(entrypoint), "Env": list(env)},
              "rootfs": {"type": "layers", "diff_ids": [blob(layer)["digest"] for layer in layers]}}
    manifest = {"schemaVersion": 2, "mediaType": oci + "manifest.v1+json",
                "config": dict(blob(json.dumps(config).encode()), mediaType=oci + "config.v1+json"),
                "layers": [dict(blob(layer), mediaType=oci + "layer.v1.tar") for layer in layers]}
    index = {"schemaVersion": 2, "manifests": [dict(
        blob(json.dumps(manifest).encode()), mediaType=oci + "manifest.v1+json",
        annotations={"io.containerd.image.name": "localhost/%s:1" % name})]}
    with tarfile.open(path, "w") as tar:
        for file, data in [("oci-layout", b'{"imageLayoutVersion":"1.0.0"}'), ("index.json", json.dumps(index).encode())] \
                + [("blobs/sha256/" + d, b) for d, b in blobs.items()]:
            info = tarfile.TarInfo(file)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path


class Node:
    def __init__(self, base, shim_dir, binaries=None, handlers=(("wasmrt", RUNTIME),), wrap=(), options=()):
        """binaries: the folder of another containerd and its ctr; None: those on PATH

        wrap: words before containerd's own; options: of each `ctr run`
        """
        self.base, self.process, self.wrap, self.options = base, None, list(wrap), list(options)
        self.socket = base + "/containerd.sock"
        path = ":".join(filter(None, [shim_dir, binaries, os.environ["PATH"], "/usr/sbin", "/sbin"]))
        self.env = dict(os.environ, PATH=path, CONTAINERD_ADDRESS=self.socket)
        shutil.rmtree(base, ignore_errors=True)
        for folder in "root", "state", "cni", "opt":
            os.makedirs("%s/%s" % (base, folder))
        with open(base + "/config.toml", "w") as file:
            file.write(CONFIG.replace("{base}", base))
            for name, runtime in handlers:
                file.write(HANDLER.format(name=name, runtime=runtime))
        with open(base + "/cni/10-test.conflist", "w") as file:
            json.dump(json.loads(json.dumps(CNI).replace("{base}", base)), file)

    def start(self):
        with open(self.base + "/log", "a") as log:
            self.process = subprocess.Popen(self.wrap + ["containerd", "--config", self.base + "/config.toml"], env=self.env,
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        for _ in range(300 * SLOW):
            if self.ctr("version", check=False).returncode == 0:
                return self
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError("containerd did not start:\n" + read(self.base + "/log")[-2000:])

    def stop(self, kill=False):
        if self.process:
            (self.process.kill if kill else self.process.terminate)()
            self.process.wait(20)
            self.process = None

    def descriptors(self):
        """Of containerd; a shim that closes too little shows here."""
        return len(os.listdir("/proc/%d/fd" % self.process.pid))

    def ctr(self, *words, **options):
        return run("ctr", *words, env=self.env, **options)

    def add_image(self, name, files, namespaces=("default", "k8s.io"), **config):
        tar = make_image("%s/%s.tar" % (self.base, name), name, files, **config)
        for namespace in namespaces:
            self.ctr("-n", namespace, "image", "import", tar)
        return "localhost/%s:1" % name

    # -- ctr's containers

    def run_command(self, image, name, *words, options=(), runtime=RUNTIME):
        return ["timeout", "-s", "KILL", str(30 * SLOW), "ctr", "run", "--rm", "--runtime", runtime, *self.options, *options, image, name,
                *words]

    def run(self, image, name, *words, check=False, stdin=subprocess.DEVNULL, **options):
        return run(*self.run_command(image, name, *words, **options), env=self.env, check=check, stdin=stdin)

    def up(self, image, name, *words, options=()):
        self.ctr("run", "-d", "--runtime", RUNTIME, *self.options, *options, image, name, *words)

    def task(self, name):
        """(pid, status) or None"""
        for line in self.ctr("task", "ls").stdout.splitlines()[1:]:
            if line.split()[0] == name:
                return int(line.split()[1]), line.split()[2]
        return None

    def wait_status(self, name, status, seconds=10):
        end = time.time() + seconds * SLOW
        while time.time() < end:
            found = self.task(name)
            if found and found[1] == status:
                return found
            time.sleep(0.02)
        raise AssertionError("%s is %s, not %s" % (name, self.task(name), status))

    def remove(self, name):
        """The exit status that containerd kept."""
        done = self.ctr("task", "rm", "-f", name, check=False)
        self.ctr("c", "rm", name, check=False)
        code = re.search(r"exit code (\d+)", done.stderr)
        return int(code[1]) if code else done.returncode

    def events(self):
        return Events(self)


class Events:
    """with node.events() as events: ...; events.topics("id")"""

    def __init__(self, node):
        self.path = node.base + "/events"
        self.node = node

    def __enter__(self):
        with open(self.path, "w") as file:
            self.process = subprocess.Popen(["ctr", "events"], env=self.node.env, stdout=file,
                                            stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        time.sleep(0.3 * SLOW)
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def topics(self, name, wanted, seconds=10):
        """Waits for a topic of a container; its topics so far, in order."""
        end = time.time() + seconds * SLOW
        while True:
            lines = [line for line in read(self.path).splitlines() if '"%s"' % name in line and " /tasks/" in line]
            topics = [re.search(r" (/tasks/\S+)", line)[1] for line in lines]
            if wanted in topics:
                return topics
            assert time.time() < end, "no %s among %s" % (wanted, topics)
            time.sleep(0.05)


# -- What is left -----------------------------------------------------------------


def processes(pattern):
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        line = read("/proc/%s/cmdline" % pid).replace("\0", " ")
        name = read("/proc/%s/comm" % pid).strip()
        if re.search(pattern, line + " " + name):
            found.append((int(pid), name, line))
    return found


def shims(is_wanted):
    """Serving shims, by what their command line says; a zygote bears its parent's name for a moment."""
    return [pid for pid, _, line in processes(r"shim-wasmrt-v1 .* serve") if is_wanted(line)]


def has_ended(pid):
    """Its files are closed by then; who waits for it, and when, is another matter."""
    return not os.path.exists("/proc/%d" % pid) or ") Z" in read("/proc/%d/stat" % pid)


def zombies():
    return [pid for pid in filter(str.isdigit, os.listdir("/proc"))
            if re.search(r"\((containerd-shim|wasmrt-).*\) Z", read("/proc/%s/stat" % pid))]


CGROUPS = "/sys/fs/cgroup"


def is_version_2():
    """Whether this system's control groups are those of version 2 alone."""
    return os.path.exists(CGROUPS + "/cgroup.procs")


def cgroup_roots():
    """Of version 1 one for each hierarchy, of version 2 one."""
    return [CGROUPS] if is_version_2() else ["%s/%s" % (CGROUPS, name) for name in os.listdir(CGROUPS)]


def leftovers(base):
    """Everything that a shim could forget, as sorted lines."""
    found = ["process %s %s" % (name, line) for _, name, line in processes(r"^\S*shim-wasmrt|wasmrt-(zygote|guest|pause)|^runc --root")]
    found += ["zombie " + pid for pid in zombies()]
    found += ["mount " + line.split()[1] for line in read("/proc/mounts").splitlines()
              if line.split()[1].startswith(base) and "/rootfs" in line]
    if os.path.isdir(SOCKETS):
        found += ["socket " + name for name in os.listdir(SOCKETS)]
    for root in cgroup_roots():
        for parent in "default", "kubepods":
            for folder, names, _ in os.walk("%s/%s" % (root, parent)):
                found += ["cgroup %s/%s" % (folder, name) for name in names if not name.startswith("pod-")]
    return sorted(found)


def settle(base, before, seconds=15):
    """Waits until nothing is there that was not there before; what still is."""
    end = time.time() + seconds * SLOW
    while True:
        more = [line for line in leftovers(base) if line not in before]
        if not more or time.time() > end:
            return more
        time.sleep(0.1)


def make_parent(path):
    """A pod's group with each controller, as the kubelet makes it before it asks for the pod."""
    for root in cgroup_roots():
        at = root
        for name in path.strip("/").split("/"):
            above, at = at, at + "/" + name
            os.makedirs(at, exist_ok=True)
            for file in "cpuset.cpus", "cpuset.mems":  # of version 1: nothing can be in an empty one
                if root.endswith("/cpuset"):
                    with open("%s/%s" % (at, file), "w") as out:
                        out.write(read("%s/%s" % (above, file)))
            if os.path.exists(root + "/cgroup.controllers"):
                with open(above + "/cgroup.subtree_control", "w") as out:
                    out.write(" ".join("+" + name for name in read(above + "/cgroup.controllers").split()))


def remove_parents():
    """The kubelet removes the groups of pods; here nobody else does."""
    for root in cgroup_roots():
        for parent in "default", "kubepods":
            for folder, _, _ in list(os.walk("%s/%s" % (root, parent), topdown=False)):
                try:
                    os.rmdir(folder)
                except OSError:
                    pass
