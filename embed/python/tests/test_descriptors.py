# Five hundred connections in any mix of endings: no descriptor is left, and no connection.
"""Nothing is leaked."""

import gc
import os
import random
import socket
import threading
from typing import Callable, List

import pytest

import finrst
from finrst import _process as process

from support import connected, reset, until

CONNECTIONS = int(os.environ.get("FINRST_CONNECTIONS", "500"))


def descriptors() -> int:
    return len(os.listdir("/dev/fd"))


ENDINGS: List[Callable[[finrst.Guard], object]] = [
    lambda guard: guard.close(),
    lambda guard: guard.close(within=0.05, confirm="peer"),
    lambda guard: guard.abort(),
    lambda guard: guard.fail(ValueError()),
    lambda guard: guard.drop(),
    lambda guard: guard.finish_sending(),
    lambda guard: guard.finalise(within=0.05),
    lambda guard: guard.socket.close(),
    lambda guard: guard.socket.shutdown(socket.SHUT_RDWR),
    lambda guard: None,
]


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_no_descriptor_is_left() -> None:
    chance = random.Random(7)
    with connected() as (sock, _):
        finrst.guard(sock).abort()  # What a process has once is there from now on.
    gc.collect()
    before, threads = descriptors(), threading.active_count()
    for _ in range(CONNECTIONS):
        with connected() as (sock, peer):
            guard = finrst.guard(sock, chance.choice(["compatible", "strict", "manual"]))
            sock.sendall(b"x" * chance.randrange(1, 1000))
            chance.choice([peer.close, lambda: None, lambda peer=peer: reset(peer)])()
            try:
                chance.choice(ENDINGS)(guard)
                if chance.random() < 0.5:
                    chance.choice(ENDINGS)(guard)
            except OSError:
                pass  # The peer was faster.
            del guard, sock
    gc.collect()
    until(lambda: descriptors() <= before, f"{before} descriptors are open, not {descriptors()}")
    until(lambda: not process._alive, "no connection is remembered")
    assert threading.active_count() == threads


def test_a_child_inherits_no_descriptor_of_a_guard() -> None:
    with connected() as (sock, _):
        guard = finrst.guard(sock)
        assert not os.get_inheritable(guard._connection.duplicate.fileno())
