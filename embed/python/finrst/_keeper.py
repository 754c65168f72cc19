# The one thread that waits on behalf of guards in programs without an event loop: for clocks, for bytes, for queues.
#
# 1. It is a daemon: it keeps no process alive. Whoever closes a connection waits for the verdict itself.
# 2. soon() may be called from anywhere, a finaliser included: it takes no lock.
# 3. After a fork the child has no such thread; it begins with a new keeper when it guards a socket of its own.
"""Timers and readiness for guards of plain sockets."""

import heapq
import itertools
import os
import queue
import selectors
import threading
import time
import traceback
from typing import Any, Callable, List, Optional, Tuple

_PURGE_FROM = 1000


class Timer:
    """One call that is to be made later."""

    __slots__ = ("call",)

    def __init__(self, call: Callable[[], None]) -> None:
        self.call: Optional[Callable[[], None]] = call

    def cancel(self) -> None:
        self.call = None


class Keeper:
    """A thread with a selector, a heap of timers and a queue of calls."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._lock = threading.RLock()
        self._numbers = itertools.count()
        self._timers: List[Tuple[float, int, Timer]] = []
        self._queue: "queue.SimpleQueue[Callable[[], None]]" = queue.SimpleQueue()
        self._ear, self._bell = os.pipe()
        os.set_blocking(self._ear, False)
        os.set_blocking(self._bell, False)
        self._selector.register(self._ear, selectors.EVENT_READ, None)
        self._thread = threading.Thread(target=self._run, name="finrst", daemon=True)
        self._thread.start()

    def soon(self, call: Callable[[], None]) -> None:
        """Makes the call in the thread of the keeper."""
        self._queue.put(call)
        self._ring()

    def call_later(self, delay: float, call: Callable[[], None]) -> Timer:
        timer = Timer(call)
        with self._lock:
            heapq.heappush(self._timers, (time.monotonic() + delay, next(self._numbers), timer))
            first = self._timers[0][2] is timer
        if first:
            self._ring()
        return timer

    def add_reader(self, descriptor: int, call: Callable[[], None]) -> None:
        with self._lock:
            self._selector.register(descriptor, selectors.EVENT_READ, call)
        self._ring()

    def remove_reader(self, descriptor: int) -> None:
        """Must come before the descriptor is closed: its number is reused at once."""
        with self._lock:
            try:
                self._selector.unregister(descriptor)
            except (KeyError, ValueError):
                pass

    def forget(self) -> None:
        """Lets go of the descriptors, in a child that has no such thread."""
        self._selector.close()
        os.close(self._ear)
        os.close(self._bell)
        self._ear = self._bell = -1

    def _ring(self) -> None:
        if threading.current_thread() is self._thread:
            return
        try:
            os.write(self._bell, b"\0")
        except OSError:
            pass  # It is full, so it rings already; or the process ends.

    def _run(self) -> None:
        while True:
            for key, _ in self._selector.select(self._patience()):
                if key.data is None:
                    self._listen()
                else:
                    self._perform(key.data)
            while not self._queue.empty():
                self._perform(self._queue.get())
            for timer in self._due():
                if timer.call is not None:
                    self._perform(timer.call)

    def _patience(self) -> Optional[float]:
        with self._lock:
            while self._timers and self._timers[0][2].call is None:
                heapq.heappop(self._timers)
            return max(0.0, self._timers[0][0] - time.monotonic()) if self._timers else None

    def _due(self) -> List[Timer]:
        now, due = time.monotonic(), []
        with self._lock:
            while self._timers and self._timers[0][0] <= now:
                due.append(heapq.heappop(self._timers)[2])
            # Clocks run for half a minute, connections end at once: what was cancelled does not wait for its time.
            if len(self._timers) > _PURGE_FROM:
                alive = [entry for entry in self._timers if entry[2].call is not None]
                if len(alive) < len(self._timers) // 2:
                    heapq.heapify(alive)
                    self._timers = alive
        return due

    def _listen(self) -> None:
        try:
            os.read(self._ear, 4096)
        except BlockingIOError:
            pass

    def _perform(self, call: Callable[[], Any]) -> None:
        # A mistake about one connection must not end the clocks of all others.
        try:
            call()
        except Exception:
            traceback.print_exc()


_keeper: Optional[Keeper] = None
_starting = threading.RLock()


def keeper() -> Keeper:
    """The keeper of this process."""
    global _keeper
    with _starting:
        if _keeper is None:
            made = Keeper()
            # A finaliser that ran meanwhile in this very thread may have been faster.
            _keeper = _keeper or made
        return _keeper


def _after_fork() -> None:
    global _keeper, _starting
    _starting = threading.RLock()
    if _keeper is not None:
        _keeper.forget()
    _keeper = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
