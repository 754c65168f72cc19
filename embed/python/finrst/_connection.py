# The life cycle of one guarded connection: events in, the engine's steps out, clocks, and the one verdict.
#
# 1. It has no opinion about FIN or RST: every decision is the engine's.
# 2. Events that come while the engine is at work, from a signal handler or a callback, are queued and fed in order.
# 3. Every clock is stopped when the connection ends.
"""What guards of sockets and of transports have in common."""

import logging
import threading
from collections import deque
from typing import Any, Callable, Deque, Dict, List, Optional, Protocol, Tuple

from . import _engine as engine
from . import _spec as spec
from ._capabilities import Capabilities
from ._duplicate import Duplicate
from ._platform import NOT_SUPPORTED
from ._policy import Policy, whole, with_confirm
from ._verdict import Verdict, rule_name, verdict_of

log = logging.getLogger("finrst")

_WITHOUT_FACTS = (spec.EVENT_OPEN, spec.EVENT_FINISH_SENDING, spec.EVENT_STOP_RECEIVING)
_ASKS_UNREAD = (spec.EVENT_CLOSE, spec.EVENT_DROPPED, spec.EVENT_FAILED, spec.EVENT_EXITING, spec.EVENT_RUNTIME_CLOSED)
_RECEIVE = {"discard": spec.RECEIVE_DISCARD, "hold": spec.RECEIVE_HOLD, "refuse": spec.RECEIVE_REFUSE}
_WATCH_FIRST, _WATCH_LONGEST = 0.001, 0.05
_READS = 8  # So much for one connection before the others have their turn.


class Clockwork(Protocol):
    """An event loop, or the keeper: who waits for a connection."""

    def call_later(self, delay: float, call: Callable[[], None], /) -> Any: ...
    def add_reader(self, descriptor: int, call: Callable[[], None], /) -> Any: ...
    def remove_reader(self, descriptor: int, /) -> Any: ...


class Wire(Protocol):
    """What a kind of socket knows and does for its connection."""

    capabilities: Capabilities
    context_bits: int
    leaving: bool

    def unflushed(self) -> Optional[int]: ...
    def flush(self) -> None: ...
    def finished(self) -> None: ...
    def release(self) -> None: ...
    def pause(self) -> None: ...
    def ended(self) -> None: ...


class Connection:
    """One guarded connection."""

    def __init__(self, wire: Wire, duplicate: Duplicate, policy: Policy, clockwork: Clockwork) -> None:
        self.wire, self.duplicate, self.policy = wire, duplicate, policy
        self.context = wire.context_bits | policy.bits
        self.state = 0
        self.verdict: Optional[Verdict] = None
        self.rest: Optional[List[bytes]] = None
        self.error: Optional[BaseException] = None
        self._limit = policy.drain_bytes
        self._kept = self._thrown_away = 0
        self._lost: Optional[int] = None
        self._queued: Optional[int] = None
        self._reading = self._draining = self._busy = False
        self._queue: Deque[Tuple[int, int]] = deque()
        self._clockwork = clockwork
        self._clocks: Dict[str, Any] = {}
        self._lock = threading.RLock()
        self._waiters: List[Callable[[], None]] = []

    # ---- What the owner says ---------------------------------------------------------------------------------------

    @property
    def over(self) -> bool:
        return self.state & spec.PHASE_MASK == spec.PHASE_ENDED

    @property
    def armed(self) -> bool:
        return not self.over and self.state & spec.FLAG_ARMED != 0

    @property
    def fin_out(self) -> bool:
        return self.state & spec.FLAG_FIN_OUT != 0

    def close(self, within: Optional[float], confirm: Optional[str]) -> None:
        with self._lock:
            if confirm is not None:
                self.context = with_confirm(self.context, confirm)
            self.look()
            if within is not None and not self.over:
                self._start("within", within, self._deadline)
            self.emit(spec.EVENT_CLOSE)

    def fail(self, error: Optional[BaseException]) -> None:
        with self._lock:
            self.seen(error)
            self.look()
            self.emit(spec.EVENT_FAILED)

    def keep_rest(self, limit: Optional[int]) -> None:
        if limit is not None:
            self._limit = limit
        if self.rest is None:
            self.rest = []

    def stop_receiving(self, how: str) -> None:
        self.emit(spec.EVENT_STOP_RECEIVING, _RECEIVE[how])

    def set_linger(self, seconds: Optional[int]) -> None:
        most = engine.column(self.context & spec.CONTEXT_PLATFORM_MASK, spec.COLUMN_LINGER_MOST)
        wanted = -1 if seconds is None else whole("seconds", seconds, most, "seconds")
        with self._lock:
            if self.over:
                raise OSError("finrst: SO_LINGER cannot be set: the connection has ended")
            result = self.duplicate.set_linger(self.context, wanted)
            if result < 0:
                raise OSError(-result, "finrst: SO_LINGER cannot be set")
            self.state = engine.settle(self.state, spec.STEP_ARM if wanted == 0 else spec.STEP_DISARM, 0)

    def linger(self) -> Optional[int]:
        found = self.duplicate.linger(self.context)
        return None if found < 0 else found

    def unsent(self) -> Optional[int]:
        if self.over:
            return self._lost
        self._queued = self.duplicate.unacked()
        return self._count_unsent()

    def when(self, waiter: Callable[[], None]) -> None:
        """Calls `waiter` whenever something was decided."""
        with self._lock:
            self._waiters.append(waiter)
        waiter()

    def unwatch(self, waiter: Callable[[], None]) -> None:
        with self._lock:
            if waiter in self._waiters:
                self._waiters.remove(waiter)

    def wait(self, done: Callable[[], bool], timeout: Optional[float] = None) -> bool:
        """Blocks this thread until `done` answers true; False: it did not in time."""
        event = threading.Event()

        def look() -> None:
            if done():
                event.set()

        self.when(look)
        try:
            return event.wait(timeout)
        finally:
            self.unwatch(look)

    # ---- What the wire tells ---------------------------------------------------------------------------------------

    def emit(self, event: int, argument: int = 0) -> None:
        """Feeds one event to the engine, after those that are already under way."""
        with self._lock:
            if self.over:
                return
            self._queue.append((event, argument))
            if self._busy:
                return
            self._busy = True
            try:
                while self._queue:
                    self._feed(*self._queue.popleft())
            finally:
                self._busy = False
            if self.over:
                self._end()
            waiters = list(self._waiters)
        for waiter in waiters:
            waiter()

    def seen(self, error: Optional[BaseException]) -> None:
        """The error that came with the next event; the first one is told in the verdict."""
        if self.error is None:
            self.error = error

    def look(self) -> None:
        """Asks the kernel whether the connection is there at all: a reset that nobody read is no decision of ours."""
        if self.over or self.state & spec.PHASE_MASK == spec.PHASE_NEW or not self.duplicate.peer_is_gone():
            return
        if self.fin_out and self.state & spec.FLAG_PEER_FIN:
            return
        error = self.duplicate.pending_error()
        # A broken pipe is a reset that came after the peer's FIN.
        if error == spec.ERROR_BROKEN_PIPE:
            self.emit(spec.EVENT_PEER_FIN)
        reset = (spec.ERROR_RESET, spec.ERROR_BROKEN_PIPE)
        if error in reset or isinstance(self.error, ConnectionResetError):
            self.emit(spec.EVENT_PEER_RESET)
        elif error != spec.ERROR_NONE or not self.fin_out:
            self.emit(spec.EVENT_OS_ERROR)

    def crash(self) -> None:
        """The process dies of an error that nobody caught: what is not armed is reset while that is possible."""
        if self.armed or self.context & spec.POLICY_CRASH_LEAVES:
            return
        self.context &= ~spec.POLICY_EXIT_CLOSES
        self.emit(spec.EVENT_EXITING)

    def abandon(self) -> None:
        """In a forked child: lets go of the duplicate, which is not the last one, and of everything else."""
        self._lock = threading.RLock()
        self.state = spec.PHASE_ENDED
        self._waiters.clear()
        self.duplicate.close()

    # ---- Inside ----------------------------------------------------------------------------------------------------

    def _feed(self, event: int, argument: int) -> None:
        facts = self._facts(event) | argument << spec.ARGUMENT_SHIFT
        self._lost = self._count_unsent()
        shut = self._take(event, facts)
        if shut is None:
            return
        # A shutdown completes at once, and its event follows: what was seen before says nothing of a FIN just queued.
        follows = spec.EVENT_FIN_SENT if shut == spec.RESULT_DONE else spec.EVENT_OS_ERROR
        self._take(follows, facts | spec.FACT_UNACKED)
        if shut == spec.RESULT_DONE:
            self.wire.finished()

    def _take(self, event: int, facts: int) -> Optional[int]:
        """Decides one event and takes the steps; answers what SHUT_WRITE came to, if it was one of them."""
        before, shut = self.state, None
        plan = engine.decide(self.context, before, event, facts)
        self.state = engine.enter(self.context, before, event, facts)
        if log.isEnabledFor(logging.DEBUG):
            rule = rule_name(plan >> spec.PLAN_RULE_SHIFT & spec.PLAN_RULE_MASK)
            log.debug("event=%d facts=%d rule=%s context=%d state=%d", event, facts, rule, self.context, before)
        steps = plan & spec.PLAN_ALL_STEPS
        while steps:
            step = steps & spec.PLAN_STEP_MASK
            steps >>= spec.PLAN_STEP_BITS
            result = self._perform(step)
            if result < 0:
                result = -engine.normalise(self.context, -result)
            self.state = engine.settle(self.state, step, result)
            if step == spec.STEP_SHUT_WRITE:
                shut = result
        return shut

    def _facts(self, event: int) -> int:
        if event in _WITHOUT_FACTS:
            return 0
        facts = spec.FACT_LEAVING if self.wire.leaving else 0
        if self.wire.unflushed() != 0:
            facts |= spec.FACT_UNFLUSHED
        if event == spec.EVENT_FLUSHED:
            return facts
        if event in _ASKS_UNREAD and self.duplicate.unread():
            facts |= spec.FACT_UNREAD
        self._queued = self.duplicate.unacked()
        if event == spec.EVENT_PEER_RESET or self._queued == 0:
            return facts
        return facts | spec.FACT_UNACKED | (spec.FACT_UNSENT if self.duplicate.untransmitted() > 0 else 0)

    def _count_unsent(self) -> Optional[int]:
        # A reset throws the queue away, so what it held is remembered from before.
        unflushed = self.wire.unflushed()
        if self._queued is None or unflushed is None:
            return None
        query = self.duplicate.platform.query
        counted = self.fin_out and query is not None and query.counts_fin and self._queued > 0
        return unflushed + self._queued - (1 if counted else 0)

    def _perform(self, step: int) -> int:
        if step in (spec.STEP_ARM, spec.STEP_DISARM):
            return self.duplicate.set_linger(self.context, 0 if step == spec.STEP_ARM else -1)
        if step == spec.STEP_SHUT_WRITE:
            return self.duplicate.shut_write()
        if step == spec.STEP_DISCONNECT:
            return self.duplicate.disconnect()
        if step == spec.STEP_CLOSE:
            self._read(False)
            return self.duplicate.close()
        if step == spec.STEP_FLUSH:
            self.wire.flush()
        elif step == spec.STEP_RELEASE:
            self.wire.release()
        elif step == spec.STEP_REPORT:
            self._report()
        elif step in (spec.STEP_DRAIN, spec.STEP_DISCARD):
            self._draining = self._draining or step == spec.STEP_DRAIN
            self.wire.pause()
            self._read(True)
        elif step == spec.STEP_HOLD:
            self._read(False)
            self.wire.pause()
        elif step == spec.STEP_FLUSH_DEADLINE:
            self._start("flush", self.policy.flush_seconds, self._deadline)
        elif step == spec.STEP_DRAIN_DEADLINE:
            self._start_drain()
        elif step == spec.STEP_WATCH_ACKED:
            self._watch(_WATCH_FIRST)
        else:
            return NOT_SUPPORTED
        return spec.RESULT_DONE

    def _report(self) -> None:
        if self.verdict is None:
            self.verdict = verdict_of(self.context, self.state, self.rest is not None, self._lost, self.error)

    def _end(self) -> None:
        for name in list(self._clocks):
            self._stop(name)
        self._report()
        self._read(False)
        self.duplicate.close()
        self.wire.ended()

    # ---- Clocks ----------------------------------------------------------------------------------------------------

    def _start(self, name: str, delay: float, call: Callable[[], None]) -> None:
        self._stop(name)
        self._clocks[name] = self._clockwork.call_later(delay, call)

    def _stop(self, name: str) -> None:
        clock = self._clocks.pop(name, None)
        if clock is not None:
            clock.cancel()

    def _deadline(self) -> None:
        self.emit(spec.EVENT_DEADLINE)

    def _start_drain(self) -> None:
        self._stop("flush")
        if "drain" not in self._clocks:
            self._start("drain", self.policy.drain_seconds, self._deadline)
        self._start("idle", self.policy.drain_idle_seconds, self._deadline)

    def _progress(self) -> None:
        if "idle" in self._clocks:
            self._start("idle", self.policy.drain_idle_seconds, self._deadline)

    def _watch(self, delay: float) -> None:
        self._start("watch", delay, lambda: self._look_at_queue(delay))

    def _look_at_queue(self, delay: float) -> None:
        with self._lock:
            if self.over:
                return
            before = self._lost
            self._lost = self.unsent()
            if self._lost is not None and before is not None and self._lost < before:
                self._progress()
            if self._queued == 0:
                self.emit(spec.EVENT_ACKED)
            else:
                self._watch(min(delay * 2, _WATCH_LONGEST))

    # ---- Reading what the owner will not read ----------------------------------------------------------------------

    def _read(self, yes: bool) -> None:
        if yes == self._reading or (yes and self.duplicate.closed):
            return
        self._reading = yes
        if yes:
            self._clockwork.add_reader(self.duplicate.fileno(), self._readable)
        else:
            self._clockwork.remove_reader(self.duplicate.fileno())

    def _readable(self) -> None:
        with self._lock:
            data, error = None, None
            for _ in range(_READS):
                if not self._reading:
                    return
                data, error = self.duplicate.receive()
                if not data:
                    break
                self._arrived(data)
            if data == b"":
                self._read(False)
                self.emit(spec.EVENT_PEER_FIN)
            elif error is not None:
                self._read(False)
                self.seen(error)
                reset = isinstance(error, ConnectionResetError)
                self.emit(spec.EVENT_PEER_RESET if reset else spec.EVENT_OS_ERROR)

    def _arrived(self, data: bytes) -> None:
        if self.rest is not None:
            kept = data[: max(0, self._limit - self._kept)]
            self.rest.append(kept)
            self._kept += len(kept)
        if self._draining:
            self._thrown_away += len(data)
            self._progress()
        if self.rest is None or not self._draining:
            self.emit(spec.EVENT_DATA)
        if self._thrown_away > self._limit:
            self.emit(spec.EVENT_OVER_LIMIT)
