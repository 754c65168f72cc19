# Guards of asyncio's transports: the hold on a connection whose bytes an event loop writes.
#
# 1. The loop's part ends with our FIN: from then on the keeper waits, because a loop may be closed long before the peer
#    has finished. What the keeper decides reaches the transport by call_soon_threadsafe().
# 2. The hooks are calls that every transport makes of its protocol, and three calls of the transport itself.
# 3. Nothing here holds the transport but the guard: one that was forgotten can be seen to be gone.
"""guard_writer() and guard_transport()."""

import asyncio
import functools
import threading
import weakref
from types import TracebackType
from typing import Any, Callable, Optional, Type, Union

from . import _process as process
from . import _spec as spec
from ._capabilities import Capabilities, Capability, capabilities, context_bits
from ._connection import Connection
from ._duplicate import Duplicate
from ._guard import Finalised, PolicyLike, check_connected, checked_close, forgotten
from ._hold import Hold
from ._keeper import keeper
from ._platform import Platform, check_supported, this_platform
from ._policy import one_of, parse, whole
from ._verdict import Verdict

_MOST_BYTES = 2**53
_connections: "weakref.WeakKeyDictionary[asyncio.Transport, Connection]" = weakref.WeakKeyDictionary()


class TransportWire:
    """What a transport knows and does for its connection."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop, platform: Platform) -> None:
        self.leaving = False
        self.closing = False
        self.capabilities: Capabilities = capabilities(
            platform, Capability(True, "where the protocol's eof_received() answers true, as that of streams does")
        )
        self.context_bits = context_bits(platform)
        self.connection: Connection
        self.loop = loop
        self._transport = weakref.ref(transport)
        self._flushing = False

    def hook(self, transport: asyncio.Transport) -> None:
        """Puts the hooks in place. The attributes hold what they replace, so that nothing else holds the transport."""
        protocol = transport.get_protocol()
        for it, names in (
            (transport, ("close", "abort", "write_eof")),
            (protocol, ("eof_received", "connection_lost")),
        ):
            for name in names:
                setattr(it, name, functools.partial(getattr(self, f"_{name}"), getattr(it, name)))
        setattr(protocol, "resume_writing", functools.partial(self._resume_writing, protocol.resume_writing))

    # ---- The runtime's events --------------------------------------------------------------------------------------

    def _close(self, original: Callable[[], None]) -> None:
        if not self.closing:
            self.closing = True
            self.connection.look()
            self.connection.emit(spec.EVENT_DROPPED)
        original()

    def _abort(self, original: Callable[[], None]) -> None:
        self.connection.look()
        self.connection.emit(spec.EVENT_ABORT)
        original()

    def _write_eof(self, original: Callable[[], None]) -> None:
        if self.connection.over:
            return original()
        return self.connection.emit(spec.EVENT_FINISH_SENDING)

    def _eof_received(self, original: Callable[[], Any]) -> Any:
        self.connection.emit(spec.EVENT_PEER_FIN)
        return original()

    def _resume_writing(self, original: Callable[[], None]) -> None:
        original()
        if self._flushing and self.unflushed() == 0:
            self.connection.emit(spec.EVENT_FLUSHED)

    def _connection_lost(self, original: Callable[[Any], None], error: Optional[Exception]) -> None:
        connection = self.connection
        if error is None and self.closing:
            # The transport flushes before it lets go, so a close that nobody interrupted is a flush.
            connection.emit(spec.EVENT_FLUSHED)
        elif error is not None:
            connection.seen(error)
            gone = isinstance(error, OSError) and connection.duplicate.peer_is_gone()
            connection.look()
            if not gone:
                connection.emit(spec.EVENT_FAILED)
        self.leaving = True
        connection.emit(spec.EVENT_RUNTIME_CLOSED)
        original(error)

    # ---- The engine's steps ----------------------------------------------------------------------------------------

    def unflushed(self) -> Optional[int]:
        transport = self._transport()
        if self.leaving or transport is None:
            return 0
        try:
            return transport.get_write_buffer_size()
        except RuntimeError:  # The loop writes while another thread asks: it holds something.
            return None

    def flush(self) -> None:
        self._flushing = True
        transport = self._transport()
        if self.closing or transport is None:
            return  # connection_lost() follows when everything is in the kernel.
        if self.unflushed() == 0:
            self.connection.emit(spec.EVENT_FLUSHED)
        else:
            # With these limits it pauses its protocol now, and resumes it when the last byte is in the kernel.
            transport.set_write_buffer_limits(high=0)

    def finished(self) -> None:
        """Our FIN is out: the transport is told, so that it refuses to write; its own shutdown adds nothing."""

        def tell(transport: asyncio.Transport) -> None:
            try:
                type(transport).write_eof(transport)
            except (OSError, RuntimeError):
                pass

        self._in_loop(tell)

    def pause(self) -> None:
        self._in_loop(lambda transport: transport.pause_reading())

    def release(self) -> None:
        self.closing = True
        self._in_loop(lambda transport: type(transport).abort(transport))

    def ended(self) -> None:
        process.forget(self.connection)

    def _in_loop(self, call: Callable[[asyncio.Transport], None]) -> None:
        transport = self._transport()
        if self.leaving or transport is None or self.loop.is_closed():
            return
        if getattr(self.loop, "_thread_id", None) == threading.get_ident():
            call(transport)
        else:
            try:
                self.loop.call_soon_threadsafe(call, transport)
            except RuntimeError:
                pass  # It was closed just now.


class AsyncGuard(Hold):
    """The hold on the connection of a transport. guard_writer() and guard_transport() make it.

    As an asynchronous context manager it closes when the block ends, and fails, which is a reset, when the block raises
    or is cancelled.
    """

    def __init__(self, transport: asyncio.Transport, connection: Connection, wire: TransportWire) -> None:
        self.transport = transport
        self._connection = connection
        self._wire = wire
        self._capabilities = wire.capabilities

    async def __aenter__(self) -> "AsyncGuard":
        return self

    async def __aexit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        if error is None:
            await self.close()
        else:
            self.fail(error)

    async def close(self, within: Optional[float] = None, confirm: Optional[str] = None) -> Verdict:
        """Ends gracefully: flush, our FIN, the confirmation asked for. The transport closes when our FIN is out.

        within   seconds for all of it; then what `on_deadline` says
        confirm  none, kernel, acked or peer; default: the policy's

        A close that is cancelled before our FIN is out is a failure.
        """
        checked_close(within, confirm)
        self._connection.close(within, confirm)
        try:
            await self._until(lambda: self._connection.fin_out or self.verdict is not None)
            self._let_go()
            await self._until(lambda: self.verdict is not None)
        except asyncio.CancelledError as error:
            self.fail(error)
            raise
        verdict = self.verdict
        assert verdict is not None
        return verdict

    def abort(self, reason: Optional[BaseException] = None) -> Verdict:
        """Resets. The reset has left when the call returns; what was not acknowledged is lost."""
        self._connection.look()
        self._connection.seen(reason)
        self._connection.emit(spec.EVENT_ABORT)
        verdict = self.verdict
        assert verdict is not None
        return verdict

    def fail(self, error: Optional[BaseException]) -> None:
        """Tells that the owner failed: a reset, unless the policy says `on_failure="close"`."""
        self._connection.fail(error)

    def drop(self) -> None:
        """Lets go without deciding: what `on_drop` says. It does not wait; the verdict follows."""
        self._connection.look()
        self._connection.emit(spec.EVENT_DROPPED)

    async def finish_sending(self) -> None:
        """Sends our FIN, after every byte, and returns when the kernel has it. Receiving goes on."""
        self._connection.look()
        self._connection.emit(spec.EVENT_FINISH_SENDING)
        await self._until(lambda: self._connection.fin_out or self._connection.over)
        verdict = self.verdict
        if not self._connection.fin_out and verdict is not None:
            raise ConnectionError(f"finrst: our FIN was not sent: the connection ended by {verdict.cause}")

    def stop_receiving(self, how: str = "discard") -> None:
        """What SHUT_RD should have been: discard, hold or refuse, as for a socket. The transport stops reading."""
        self._connection.stop_receiving(one_of("how", how, ("discard", "hold", "refuse")))

    async def finalise(self, within: Optional[float] = None, limit: Optional[int] = None) -> Finalised:
        """Closes, waits for the peer's FIN, and hands back what the peer still sent and the transport had not read.

        A peer that sends more than `limit` bytes (drain_bytes of the policy, if None) is reset. The bytes are all that
        it had to send only if `verdict.received` is "complete".
        """
        checked_close(within, None)
        self._connection.keep_rest(None if limit is None else whole("limit", limit, _MOST_BYTES, "bytes"))
        verdict = await self.close(within, "peer")
        return Finalised(b"".join(self._connection.rest or ()), verdict)

    async def wait(self) -> Verdict:
        """Waits for the verdict."""
        await self._until(lambda: self.verdict is not None)
        verdict = self.verdict
        assert verdict is not None
        return verdict

    def _let_go(self) -> None:
        # With our FIN out the duplicate drains, and the transport has nothing left to do.
        if not self.transport.is_closing():
            self.transport.close()

    async def _until(self, done: Callable[[], bool]) -> None:
        loop = asyncio.get_running_loop()
        future: "asyncio.Future[None]" = loop.create_future()

        def settle() -> None:
            if not future.done():
                future.set_result(None)

        def look() -> None:
            if not done():
                return
            try:
                loop.call_soon_threadsafe(settle)
            except RuntimeError:
                pass  # Nobody waits any more.

        self._connection.when(look)
        try:
            await future
        finally:
            self._connection.unwatch(look)


def _bind(task: "asyncio.Task[Any]", connection: Connection) -> None:
    held = weakref.ref(connection)

    def ended(task: "asyncio.Task[Any]") -> None:
        found = held()
        # Asking task.exception() would make the loop believe that somebody has dealt with it.
        error = asyncio.CancelledError() if task.cancelled() else getattr(task, "_exception", None)
        if found is not None and error is not None and not found.over:
            found.fail(error)

    task.add_done_callback(ended)


_CURRENT: Any = object()


def guard_transport(
    transport: asyncio.Transport,
    policy: PolicyLike = "compatible",
    *,
    task: Union["asyncio.Task[Any]", None] = _CURRENT,
    **answers: Any,
) -> AsyncGuard:
    """Guards the connection of a transport: from now on an incomplete stream ends with a reset, whatever happens.

    transport  a TCP transport of asyncio's own event loops, such as connection_made() is given
    policy     as for guard()
    task       the task that owns the connection, by default the one that calls: if it raises or is cancelled before
               the stream is complete, that is a failure; None: no task does
    answers    as for guard()

    The transport stays what it was: close() is a drop after a flush, abort() really resets, write_eof() finishes
    sending. A transport has one guard. TLS, pipes and the transports of uvloop are refused with a TypeError.
    """
    expected = "a TCP transport of asyncio, not TLS, a pipe or uvloop's"
    hooked = isinstance(transport, asyncio.Transport) and hasattr(transport, "__dict__")
    sock = transport.get_extra_info("socket") if hooked else None
    if sock is None or transport.get_extra_info("sslcontext") is not None:
        raise TypeError(f"finrst: transport is {transport!r}; expected {expected}")
    protocol = transport.get_protocol()
    if not hasattr(protocol, "__dict__"):
        raise TypeError(f"finrst: the protocol is {protocol!r}; expected one with a __dict__")
    parsed = parse(policy, answers)
    check_supported()
    known = _connections.get(transport)
    if known is not None and isinstance(known.wire, TransportWire):
        return AsyncGuard(transport, known, known.wire)
    check_connected(sock)
    loop, platform = asyncio.get_running_loop(), this_platform()
    wire = TransportWire(transport, loop, platform)
    connection = Connection(wire, Duplicate(sock, platform), parsed, keeper())
    wire.connection = connection
    wire.hook(transport)
    _connections[transport] = connection
    note: Any = weakref.finalize(transport, forgotten, connection, keeper())
    note.atexit = False
    owner = asyncio.current_task() if task is _CURRENT else task
    if owner is not None:
        _bind(owner, connection)
    process.remember(connection)
    connection.emit(spec.EVENT_OPEN)
    return AsyncGuard(transport, connection, wire)


def guard_writer(
    writer: asyncio.StreamWriter,
    policy: PolicyLike = "compatible",
    *,
    task: Union["asyncio.Task[Any]", None] = _CURRENT,
    **answers: Any,
) -> AsyncGuard:
    """Guards the connection of a StreamWriter; see guard_transport().

    >>> async def answer(reader, writer):
    ...     async with finrst.guard_writer(writer):
    ...         writer.write(...)
    """
    if not isinstance(writer, asyncio.StreamWriter):
        raise TypeError(f"finrst: writer is {writer!r}; expected an asyncio.StreamWriter")
    transport: Any = writer.transport
    return guard_transport(transport, policy, task=task, **answers)
