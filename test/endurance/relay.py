"""A cable between two networks that delays, reorders and duplicates: every packet passes through here.

Usage: relay.py <pid> <pid> <delay ms> <jitter ms> <reorder %> <duplicate %> <seed>
Each network is that of a process. In both a device fin1 is made; "ready" is said when it is there. The relay ends with
its standard input, and tells how many packets it has passed on, put behind others, and doubled.
"""
import ctypes
import fcntl
import heapq
import os
import random
import select
import struct
import sys
import time

CLONE_NEWNET = 0x40000000
TUNSETIFF = 0x400454CA
IFF_TUN_NO_PI = 0x1001
LONGEST = 65536


def enter(pid):
    """Moves this process into the network of another one."""
    with open(f"/proc/{pid}/ns/net") as network:
        if ctypes.CDLL(None, use_errno=True).setns(network.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")


def device():
    """A device of this network whose packets are read and written by us."""
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", b"fin1", IFF_TUN_NO_PI))
    return fd


def main(ours, theirs, *numbers):
    delay, jitter, reorder, duplicate = (float(number) for number in numbers[:4])
    chance = random.Random(int(numbers[4]))
    ends = []
    for pid in (ours, theirs):
        enter(pid)
        ends.append(device())
    other = {ends[0]: ends[1], ends[1]: ends[0]}
    waiting, order = [], 0
    passed = late = doubled = 0
    print("ready", flush=True)
    while True:
        wait = max(0.0, waiting[0][0] - time.monotonic()) if waiting else None
        readable, _, _ = select.select([0, *ends], [], [], wait)
        if 0 in readable and not os.read(0, LONGEST):
            break
        for fd in ends:
            if fd not in readable:
                continue
            packet = os.read(fd, LONGEST)
            copies = 1 + (chance.random() * 100 < duplicate)
            doubled += copies - 1
            for _ in range(copies):
                after = delay + chance.random() * jitter
                if chance.random() * 100 < reorder:
                    after += delay + jitter
                    late += 1
                order += 1
                heapq.heappush(waiting, (time.monotonic() + after / 1000, order, other[fd], packet))
        while waiting and waiting[0][0] <= time.monotonic():
            _, _, fd, packet = heapq.heappop(waiting)
            try:
                os.write(fd, packet)
                passed += 1
            except OSError:
                # The device is down, or its queue is full: a cable loses too.
                pass
    print(passed, late, doubled, flush=True)


main(*sys.argv[1:])
