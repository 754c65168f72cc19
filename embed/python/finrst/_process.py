# The connections of a process that its end concerns, and what its end and a fork are for each of them.
#
# 1. Death without code of ours is covered by arming; what is here covers the interpreter's ordinary end.
# 2. A forked child shares the connections and owns none of them: it lets go, and the parent decides.
"""Exit and fork."""

import atexit
import os
import sys
import threading
from typing import Set

from . import _spec as spec
from ._connection import Connection

_alive: Set[Connection] = set()
_lock = threading.RLock()


def remember(connection: Connection) -> None:
    with _lock:
        _alive.add(connection)


def forget(connection: Connection) -> None:
    with _lock:
        _alive.discard(connection)


def _crashed() -> bool:
    # The interpreter leaves here the error that nobody caught. At a prompt it does so too, and lives on.
    return hasattr(sys, "last_type") and not hasattr(sys, "ps1")


def _end() -> None:
    with _lock:
        connections = list(_alive)
    for connection in connections:
        connection.wire.leaving = True
        if _crashed():
            connection.crash()
        else:
            connection.emit(spec.EVENT_EXITING)


def _after_fork() -> None:
    global _lock
    _lock = threading.RLock()
    for connection in _alive:
        connection.abandon()
    _alive.clear()


atexit.register(_end)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
