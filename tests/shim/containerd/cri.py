"""A small client of containerd's CRI socket, which sends what a kubelet sends.

The messages are encoded from tables of field numbers, so nothing is generated;
python3-grpcio is all that is needed.

SPDX-License-Identifier: Apache-2.0
"""
import os
import time
import uuid

import grpc

from node import SLOW

# Message: {field: (number, type)}.  s string, i integer, b boolean, M message;
# [x] repeated, {} a map of strings.
MESSAGES = {
    "Meta": dict(name=(1, "s"), uid=(2, "s"), namespace=(3, "s"), attempt=(4, "i")),
    "Name": dict(name=(1, "s"), attempt=(2, "i")),
    "I64": dict(value=(1, "i")),
    "Resources": dict(cpu_shares=(3, "i"), memory_limit_in_bytes=(4, "i"), oom_score_adj=(5, "i")),
    "PodLinux": dict(cgroup_parent=(1, "s")),
    "Pod": dict(metadata=(1, "Meta"), hostname=(2, "s"), log_directory=(3, "s"), annotations=(7, "{}"),
                linux=(8, "PodLinux")),
    "Image": dict(image=(1, "s")),
    "ImageId": dict(image=(1, "Image")),
    "KV": dict(key=(1, "s"), value=(2, "s")),
    "Mount": dict(container_path=(1, "s"), host_path=(2, "s"), readonly=(3, "b")),
    "Profile": dict(profile_type=(1, "i")),
    "Security": dict(run_as_user=(5, "I64"), readonly_rootfs=(7, "b"), seccomp=(15, "Profile")),
    "CLinux": dict(resources=(1, "Resources"), security_context=(2, "Security")),
    "Container": dict(metadata=(1, "Name"), image=(2, "Image"), command=(3, "[s]"), args=(4, "[s]"),
                      working_dir=(5, "s"), envs=(6, "[KV]"), mounts=(7, "[Mount]"), annotations=(10, "{}"),
                      log_path=(11, "s"), linux=(15, "CLinux")),
    "RunPod": dict(config=(1, "Pod"), runtime_handler=(2, "s")),
    "PodId": dict(pod_sandbox_id=(1, "s"), verbose=(2, "b")),
    "Create": dict(pod_sandbox_id=(1, "s"), config=(2, "Container"), sandbox_config=(3, "Pod")),
    "Id": dict(container_id=(1, "s"), timeout=(2, "i")),
    "IdReply": dict(id=(1, "s")),
    "Status": dict(id=(1, "s"), state=(3, "i"), exit_code=(7, "i"), reason=(10, "s"), message=(11, "s")),
    "StatusReply": dict(status=(1, "Status")),
    "Ip": dict(ip=(1, "s")),
    "PodStatus": dict(id=(1, "s"), state=(3, "i"), network=(5, "Ip")),
    "PodStatusReply": dict(status=(1, "PodStatus")),
    "Cpu": dict(timestamp=(1, "i"), usage_core_nano_seconds=(2, "I64")),
    "Memory": dict(timestamp=(1, "i"), working_set_bytes=(2, "I64"), usage_bytes=(4, "I64")),
    "Stats": dict(cpu=(2, "Cpu"), memory=(3, "Memory")),
    "StatsReply": dict(stats=(1, "Stats")),
    "PodList": dict(items=(1, "[PodStatus]")),
    "ContainerList": dict(containers=(1, "[Status]")),
    "Empty": {},
}


def varint(n):
    n &= (1 << 64) - 1
    out = bytearray()
    while n > 0x7F:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def encode_one(number, kind, value):
    if kind in "ib":
        return varint(number << 3) + varint(int(value))
    data = value.encode() if kind == "s" else encode(kind, value)
    return varint(number << 3 | 2) + varint(len(data)) + data


def encode(name, fields):
    out = b""
    for key, value in fields.items():
        number, kind = MESSAGES[name][key]
        if kind == "{}":
            for k, v in value.items():
                out += encode_one(number, "KV", dict(key=k, value=v))
        elif kind[0] == "[":
            for item in value:
                out += encode_one(number, kind[1:-1], item)
        elif value not in (0, "", False, None):
            out += encode_one(number, kind, value)
    return out


def decode(name, data):
    table = {number: (key, kind) for key, (number, kind) in MESSAGES[name].items()}
    out = {key: "" if kind == "s" else 0 if kind in "ib" else None
           for key, (number, kind) in MESSAGES[name].items()}
    at = 0

    def read():
        nonlocal at
        n = shift = 0
        while True:
            byte = data[at]
            at += 1
            n |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return n

    while at < len(data):
        key = read()
        wire = key & 7
        if wire == 0:
            value = read()
        else:
            size = read() if wire == 2 else 8 if wire == 1 else 4
            value = data[at:at + size]
            at += size
        if key >> 3 in table:
            field, kind = table[key >> 3]
            if kind[0] == "[":
                out[field] = (out[field] or []) + [decode(kind[1:-1], value)]
                continue
            out[field] = value if kind in "ib" else value.decode(errors="replace") if kind == "s" \
                else decode(kind, value)
    return out


class Cri:
    """One node's CRI.  States of containers: 0 created, 1 running, 2 exited."""

    def __init__(self, socket):
        self.channel = grpc.insecure_channel("unix://" + socket)

    def call(self, method, request="Empty", reply="Empty", service="RuntimeService", **fields):
        function = self.channel.unary_unary("/runtime.v1.%s/%s" % (service, method))
        return decode(reply, function(encode(request, fields), timeout=60 * SLOW))

    def has_image(self, name):
        return self.call("ImageStatus", "ImageId", "ImageId", "ImageService", image=dict(image=name))["image"] is not None

    def run_pod(self, pod, handler):
        return self.call("RunPodSandbox", "RunPod", "IdReply", config=pod, runtime_handler=handler)["id"]

    def create(self, pod_id, container, pod):
        return self.call("CreateContainer", "Create", "IdReply", pod_sandbox_id=pod_id, config=container,
                         sandbox_config=pod)["id"]

    def start(self, cid):
        self.call("StartContainer", "Id", container_id=cid)

    def stop(self, cid, timeout=10):
        self.call("StopContainer", "Id", container_id=cid, timeout=timeout)

    def remove(self, cid):
        self.call("RemoveContainer", "Id", container_id=cid)

    def remove_pod(self, pod_id):
        self.call("StopPodSandbox", "PodId", pod_sandbox_id=pod_id)
        self.call("RemovePodSandbox", "PodId", pod_sandbox_id=pod_id)

    def status(self, cid):
        return self.call("ContainerStatus", "Id", "StatusReply", container_id=cid)["status"]

    def pod_ip(self, pod_id):
        status = self.call("PodSandboxStatus", "PodId", "PodStatusReply", pod_sandbox_id=pod_id)["status"]
        return (status["network"] or {}).get("ip")

    def pods(self):
        return [pod["id"] for pod in self.call("ListPodSandbox", reply="PodList")["items"] or []]

    def containers(self):
        return [item["id"] for item in self.call("ListContainers", reply="ContainerList")["containers"] or []]

    def stats(self, cid):
        return self.call("ContainerStats", "Id", "StatsReply", container_id=cid)["stats"]

    def wait(self, cid, seconds=20):
        end = time.time() + seconds * SLOW
        while time.time() < end:
            status = self.status(cid)
            if status["state"] == 2:
                return status
            time.sleep(0.02)
        raise AssertionError("container %s did not end in %d s" % (cid, seconds))


def make_pod(base, **annotations):
    name = "pod-" + uuid.uuid4().hex[:8]
    logs = os.path.join(base, "podlogs", name)
    os.makedirs(logs, exist_ok=True)
    return dict(metadata=dict(name=name, uid=uuid.uuid4().hex, namespace="default"), hostname=name,
                log_directory=logs, annotations=annotations, linux=dict(cgroup_parent="/kubepods/" + name))


def make_container(name, image, command=(), **fields):
    return dict(dict(metadata=dict(name=name), image=dict(image=image), command=list(command), log_path=name + ".log",
                     linux=dict(resources=dict(memory_limit_in_bytes=64 << 20, cpu_shares=512))), **fields)


def read_log(pod, name):
    try:
        with open(os.path.join(pod["log_directory"], name + ".log")) as file:
            return file.read()
    except FileNotFoundError:
        return ""
