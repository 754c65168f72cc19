# guard(): the hold on the connection of a plain socket.
"""Guards of sockets."""

import errno
import socket
import ssl
import weakref
from types import TracebackType
from typing import Any, ContextManager, Mapping, NamedTuple, Optional, Type, Union

from . import _process as process
from . import _spec as spec
from ._connection import Connection
from ._duplicate import Duplicate
from ._hold import Hold
from ._keeper import Keeper, keeper
from ._platform import check_supported, this_platform
from ._policy import CONFIRMS, one_of, parse, seconds, whole
from ._socket import SocketWire, connection_of, hook, wire_of
from ._verdict import Verdict

PolicyLike = Union[str, Mapping[str, Any], None]
_MOST_BYTES = 2**53


class Finalised(NamedTuple):
    """What the peer still sent, and how the connection ended."""

    rest: bytes
    verdict: Verdict


def checked_close(within: Any, confirm: Any) -> None:
    if within is not None:
        seconds("within", within)
    if confirm is not None:
        one_of("confirm", confirm, tuple(CONFIRMS))


class Guard(Hold):
    """The hold on one connection. guard() makes it; the socket stays an ordinary socket.

    As a context manager it closes when the block ends, and fails, which is a reset, when the block raises.
    A guard that is let go of together with its socket is a drop: what `on_drop` says.
    """

    def __init__(self, sock: socket.socket, connection: Connection, wire: SocketWire) -> None:
        self.socket = sock
        self._connection = connection
        self._wire = wire
        self._capabilities = wire.capabilities

    def __enter__(self) -> "Guard":
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        if error is None:
            self.close()
        else:
            self.fail(error)

    def close(self, within: Optional[float] = None, confirm: Optional[str] = None) -> Verdict:
        """Ends gracefully and waits for the verdict: flush, our FIN, and the confirmation that is asked for.

        within   seconds for all of it; then what `on_deadline` says
        confirm  none, kernel, acked or peer; default: the policy's

        It does not wait until the peer has finished, unless asked to: what the peer still sends is drained behind
        the scenes, bounded by the policy. Closing again changes nothing. After a sendall() that raised it is a failure:
        the stream cannot be complete any more.
        """
        self.begin_close(within, confirm)
        return self._await()

    def begin_close(self, within: Optional[float] = None, confirm: Optional[str] = None) -> None:
        """The same without waiting, for programs with an event loop of their own; wait() has the verdict."""
        checked_close(within, confirm)
        self._wire.closing = True
        if self._wire.broken:
            self._connection.fail(self._connection.error)
        else:
            self._connection.close(within, confirm)

    def abort(self, reason: Optional[BaseException] = None) -> Verdict:
        """Resets. The reset has left when the call returns; what was not acknowledged is lost."""
        self._wire.closing = True
        self._connection.look()
        self._connection.seen(reason)
        self._connection.emit(spec.EVENT_ABORT)
        return self._await()

    def fail(self, error: Optional[BaseException]) -> Verdict:
        """Tells that the owner failed: a reset, unless the policy says `on_failure="close"`."""
        self._wire.closing = True
        self._connection.fail(error)
        return self._await()

    def drop(self) -> None:
        """Lets go without deciding: what `on_drop` says. It does not wait; the verdict follows."""
        self._wire.closing = True
        self._connection.look()
        self._connection.emit(spec.EVENT_FAILED if self._wire.broken else spec.EVENT_DROPPED)

    def finish_sending(self) -> None:
        """Sends our FIN, after every byte, and returns when the kernel has it. Receiving goes on."""
        self._connection.look()
        self._connection.emit(spec.EVENT_FAILED if self._wire.broken else spec.EVENT_FINISH_SENDING)
        self._connection.wait(lambda: self._connection.fin_out or self._connection.over)
        verdict = self.verdict
        if not self._connection.fin_out and verdict is not None:
            raise ConnectionError(f"finrst: our FIN was not sent: the connection ended by {verdict.cause}")

    def stop_receiving(self, how: str = "discard") -> None:
        """What SHUT_RD should have been. Do not call recv() afterwards.

        discard  what arrives is read and thrown away, so that the peer never stalls
        hold     nothing is read, so that the peer's window closes
        refuse   nothing happens until more arrives; then a reset
        """
        self._connection.stop_receiving(one_of("how", how, ("discard", "hold", "refuse")))

    def finalise(self, within: Optional[float] = None, limit: Optional[int] = None) -> Finalised:
        """Closes, waits for the peer's FIN, and hands back what the peer still sent, at most `limit` bytes.

        A peer that sends more than `limit` bytes (drain_bytes of the policy, if None) is reset. The bytes are all that
        it had to send only if `verdict.received` is "complete".
        """
        checked_close(within, None)
        self._connection.keep_rest(None if limit is None else whole("limit", limit, _MOST_BYTES, "bytes"))
        verdict = self.close(within, "peer")
        return Finalised(b"".join(self._connection.rest or ()), verdict)

    def wait(self, timeout: Optional[float] = None) -> Optional[Verdict]:
        """Waits for the verdict; None: there was none in time."""
        self._connection.wait(lambda: self.verdict is not None, timeout)
        return self.verdict

    def sending(self) -> ContextManager[None]:
        """A block in which the program holds bytes of the stream that the kernel does not have.

        A close waits for its end, letting go inside of it is a reset, and so is a block that raises. sendall() and
        sendfile() are such blocks by themselves; send() in a loop is one if you say so.
        """
        return self._wire.sending()

    def _await(self) -> Verdict:
        self._connection.wait(lambda: self.verdict is not None or self._connection.over)
        if self.verdict is None:
            raise OSError("finrst: the guard is another process's; guard the socket again after a fork")
        return self.verdict


def check_connected(sock: Any) -> None:
    """Raises an error that says why this is no connected TCP socket."""
    allowed = "a connected TCP socket"
    if sock.fileno() < 0:
        raise OSError(errno.EBADF, f"finrst: sock is closed; expected {allowed}")
    if sock.family not in (socket.AF_INET, socket.AF_INET6):
        raise ValueError(f"finrst: sock is of family {sock.family!r}; expected {allowed}, AF_INET or AF_INET6")
    if sock.type != socket.SOCK_STREAM:
        raise ValueError(f"finrst: sock is of type {sock.type!r}; expected {allowed}, SOCK_STREAM")
    try:
        sock.getpeername()
    except OSError as error:
        pending = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if pending:
            raise OSError(pending, "finrst: sock has ended; the peer is gone") from error
        raise OSError(error.errno, f"finrst: sock is not connected; expected {allowed}") from error


def forgotten(connection: Connection, clockwork: Keeper) -> None:
    """Drops the connection of an owner that is gone."""
    # A finaliser may run anywhere, even where the lock of another connection is held; so it only leaves a note.
    if connection.over:
        return
    connection.wire.leaving = True

    def drop() -> None:
        connection.emit(spec.EVENT_DROPPED)
        connection.emit(spec.EVENT_RUNTIME_CLOSED)

    clockwork.soon(drop)


_guards: "weakref.WeakValueDictionary[int, Guard]" = weakref.WeakValueDictionary()


def guard(sock: socket.socket, policy: PolicyLike = "compatible", **answers: Any) -> Guard:
    """Guards a connected socket: from now on an incomplete stream ends with a reset, whatever happens.

    sock     a connected TCP socket.socket; blocking, with a timeout, or non-blocking
    policy   compatible, strict or manual, or a mapping with `preset` and answers
    answers  those that differ: on_drop, on_failure, on_exit, on_crash, on_peer_fin, on_unread, on_deadline, confirm,
             flush_seconds, drain_idle_seconds, drain_seconds, drain_bytes

    A socket has one guard: a second call answers the first one and leaves its policy. TLS sockets are refused.
    TypeError, ValueError and OSError name the argument, its value and what is allowed.

    >>> with finrst.guard(sock, on_drop="abort") as g:
    ...     sock.sendall(answer)
    """
    if not isinstance(sock, socket.socket) or isinstance(sock, ssl.SSLSocket):
        raise TypeError(f"finrst: sock is {sock!r}; expected a connected TCP socket.socket, not TLS")
    parsed = parse(policy, answers)
    check_supported()
    known = connection_of(sock)
    if known is not None:
        found = _guards.get(id(known)) or Guard(sock, known, wire_of(known))
        _guards[id(known)] = found
        return found
    check_connected(sock)
    platform = this_platform()
    clockwork = keeper()
    wire = SocketWire(sock, platform)
    connection = Connection(wire, Duplicate(sock, platform), parsed, clockwork)
    wire.connection = connection
    hook(sock, connection)
    note: Any = weakref.finalize(sock, forgotten, connection, clockwork)
    note.atexit = False
    process.remember(connection)
    connection.emit(spec.EVENT_OPEN)
    made = _guards[id(connection)] = Guard(sock, connection, wire)
    return made
