# The engine: the pure functions of the Wasm, over one instance that is loaded when the first of them is called.
#
# 1. decide(), enter() and settle() are pure, so their answers are remembered; a program meets a few dozen of them.
# 2. A call releases Python's lock, and an instance is for one caller at a time: a lock of our own stands before it.
# 3. The module was compiled without a memory that grows and without traps by signals, so that loading it reserves no
#    address space and leaves the process's signal handlers alone.
"""decide(), enter() and settle(), and what a host needs besides."""

import base64
import functools
import os
import threading
from typing import Any, Optional

import wasmtime

from . import _spec as spec

MOST_REMEMBERED = 4096

_lock = threading.RLock()
_instance: Optional["_Instance"] = None


class _Instance:
    """One instance of the module, and its exports by name."""

    def __init__(self) -> None:
        config = wasmtime.Config()
        config.signals_based_traps = False
        config.memory_reservation = 0
        config.memory_guard_size = 0
        config.memory_reservation_for_growth = 0
        config.parallel_compilation = False
        self.store = wasmtime.Store(wasmtime.Engine(config))
        module = wasmtime.Module(self.store.engine, base64.b64decode(spec.WASM))
        self.exports = wasmtime.Instance(self.store, module, []).exports(self.store)
        version = self.call("version")
        if version != spec.ABI_VERSION:
            raise ImportError(f"finrst: the Wasm speaks version {version} of the ABI, this package {spec.ABI_VERSION}")

    def call(self, name: str, *words: int) -> int:
        function: Any = self.exports[name]
        return int(function(self.store, *words))

    @property
    def memory(self) -> Any:
        return self.exports["memory"]


def _loaded() -> _Instance:
    global _instance
    if _instance is None:
        _instance = _Instance()
    return _instance


def _call(name: str, *words: int) -> int:
    with _lock:
        return _loaded().call(name, *words)


def _after_fork() -> None:
    # Another thread may have been inside of the instance when the process was forked.
    global _lock, _instance
    _lock, _instance = threading.RLock(), None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


@functools.lru_cache(maxsize=MOST_REMEMBERED)
def decide(context: int, state: int, event: int, facts: int) -> int:
    """The plan for an event: five steps of four bits, the first in the lowest, and above them the rule."""
    return _call("decide", context, state, event, facts)


@functools.lru_cache(maxsize=MOST_REMEMBERED)
def enter(context: int, state: int, event: int, facts: int) -> int:
    """The state after an event, before the first step of its plan."""
    return _call("enter", context, state, event, facts)


@functools.lru_cache(maxsize=MOST_REMEMBERED)
def settle(state: int, step: int, result: int) -> int:
    """The state after a step that came to `result`: 0, RESULT_PENDING, or a negative ERROR_*."""
    return _call("settle", state, step, result)


@functools.lru_cache(maxsize=MOST_REMEMBERED)
def certainty(context: int, state: int) -> int:
    """CERTAINTY_* of the cell that the verdict in this state rests on."""
    return _call("certainty", context, state)


@functools.lru_cache(maxsize=MOST_REMEMBERED)
def normalise(context: int, errno: int) -> int:
    """What an errno of this platform means: ERROR_*."""
    return _call("normalise", context, errno)


@functools.lru_cache(maxsize=1024)
def column(row: int, which: int) -> int:
    """What a column (COLUMN_*) of the platform table holds for a row."""
    return _call("column", row, which)


@functools.lru_cache(maxsize=64)
def encode_linger(context: int, seconds: int) -> Optional[bytes]:
    """struct linger for these seconds, -1 being off; None: the platform could not hold them."""
    with _lock:
        size = _call("encodeLinger", context, seconds)
        if size < 0:
            return None
        start = _call("buffer")
        return bytes(_loaded().memory.read(_loaded().store, start, start + size))


def decode_linger(context: int, data: bytes) -> int:
    """The seconds in a struct linger; -1: it is off."""
    with _lock:
        _loaded().memory.write(_loaded().store, data, _call("buffer"))
        return _call("decodeLinger", context)
