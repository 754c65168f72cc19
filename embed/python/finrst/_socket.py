# A guarded socket.socket: the same object, whose ordinary calls tell its connection what happens.
#
# 1. The class of the object becomes a subclass of its own class without a slot more: it stays the socket it was.
#    `_real_close` is the method that sockets with a life of their own override (ssl does): it runs when the socket and
#    every file that was made of it are closed.
# 2. The connection knows its socket by a weak reference only: a socket that was forgotten can be seen to be gone.
# 3. A sendall() that failed leaves a part sent and nobody knows how much: from then on the stream cannot be complete.
"""The wire of a plain socket."""

import contextlib
import socket
import threading
import weakref
from typing import Any, Dict, Iterator, Optional, Type

from . import _process as process
from . import _spec as spec
from ._capabilities import Capabilities, Capability, capabilities, context_bits
from ._connection import Connection
from ._platform import Platform

# To a type checker the hooks are those of a socket; they are put before the class of each socket that is guarded.
_Base: Any = object

_connections: "weakref.WeakKeyDictionary[socket.socket, Connection]" = weakref.WeakKeyDictionary()
_classes: Dict[Type[socket.socket], Type[socket.socket]] = {}


def connection_of(sock: socket.socket) -> Optional[Connection]:
    """The connection of a guarded socket."""
    found = _connections.get(sock)
    return None if found is None or found.over else found


class SocketWire:
    """What a socket knows and does for its connection."""

    def __init__(self, sock: socket.socket, platform: Platform) -> None:
        self.leaving = False
        self.broken = False
        self.closing = False
        self.capabilities: Capabilities = capabilities(
            platform, Capability(True, "a socket goes on sending after the peer's FIN")
        )
        self.context_bits = context_bits(platform)
        self.connection: Connection
        self._sock = weakref.ref(sock)
        self._sending = 0
        self._flushing = False
        self._lock = threading.Lock()

    def unflushed(self) -> Optional[int]:
        # How much of it is in the kernel nobody knows.
        return None if self._sending > 0 or self.broken else 0

    def flush(self) -> None:
        self._flushing = True
        if self.unflushed() == 0:
            self.connection.emit(spec.EVENT_FLUSHED)

    def finished(self) -> None:
        self._flushing = False

    def pause(self) -> None:
        """A blocking program reads when it calls recv(); there is nothing to stop."""

    def release(self) -> None:
        """Closes the owner's socket, unless both sides ended and the owner may still ask it for something."""
        sock = self._sock()
        if sock is None or self.leaving or (self.connection.fin_out and not self.closing):
            return
        self.leaving = True
        # Open files that were made of the socket would keep a close() from closing it.
        sock._closed = True  # type: ignore[attr-defined]
        plain_close(sock)

    def ended(self) -> None:
        process.forget(self.connection)

    @contextlib.contextmanager
    def sending(self) -> Iterator[None]:
        """While this lasts the program holds bytes of the stream; if it raises, they are lost."""
        with self._lock:
            self._sending += 1
        try:
            yield
        except BaseException as error:
            self.broken = True
            self.connection.seen(error)
            raise
        finally:
            with self._lock:
                self._sending -= 1
            if self._flushing and self.unflushed() == 0:
                self.connection.emit(spec.EVENT_FLUSHED)

    def failed(self, error: OSError) -> None:
        """A call of the owner's raised: if the connection is gone, that is how it ended."""
        if isinstance(error, (BlockingIOError, InterruptedError)) or error.errno is None:
            return
        if not self.connection.over and self.connection.duplicate.peer_is_gone():
            self.connection.seen(error)
            if isinstance(error, ConnectionResetError):
                self.connection.emit(spec.EVENT_PEER_RESET)
            else:
                self.connection.look()

    def closed(self) -> None:
        """The runtime lets go of its socket."""
        self.leaving = True
        self.connection.look()
        self.connection.emit(spec.EVENT_DROPPED)


def wire_of(connection: Connection) -> SocketWire:
    """The wire of a connection of a plain socket."""
    wire = connection.wire
    assert isinstance(wire, SocketWire)
    return wire


class _Hooks(_Base):  # type: ignore[misc]
    """The calls of a socket that its connection has to know of."""

    __slots__ = ()

    def _real_close(self, *arguments: Any) -> Any:
        connection = connection_of(self)
        if connection is not None and not connection.wire.leaving:
            wire_of(connection).closed()
        super()._real_close(*arguments)
        if connection is not None:
            connection.emit(spec.EVENT_RUNTIME_CLOSED)

    def __exit__(self, *raised: Any) -> Any:
        connection = connection_of(self)
        if connection is not None and raised[0] is not None:
            connection.fail(raised[1])
        super().__exit__(*raised)

    def shutdown(self, how: int) -> Any:
        connection = connection_of(self)
        if connection is None or how not in (socket.SHUT_RD, socket.SHUT_WR, socket.SHUT_RDWR):
            return super().shutdown(how)
        if how != socket.SHUT_RD:
            connection.emit(spec.EVENT_FINISH_SENDING)
        # A SHUT_RD of the kernel would look like the peer's FIN to whoever reads.
        if how != socket.SHUT_WR:
            connection.stop_receiving("discard")
        return None

    def detach(self) -> Any:
        if connection_of(self) is None:
            return super().detach()
        raise OSError("finrst: the socket is guarded; expected an unguarded one to detach or to wrap in TLS")

    def sendall(self, *arguments: Any) -> Any:
        return self._guarded_send(super().sendall, arguments)

    def sendfile(self, *arguments: Any, **named: Any) -> Any:
        return self._guarded_send(super().sendfile, arguments, named)

    def _guarded_send(self, call: Any, arguments: Any, named: Any = {}) -> Any:  # noqa: B006
        connection = connection_of(self)
        if connection is None:
            return call(*arguments, **named)
        wire = wire_of(connection)
        try:
            with wire.sending():
                return call(*arguments, **named)
        except OSError as error:
            wire.failed(error)
            raise

    def recv(self, size: int, *flags: int) -> Any:
        return self._guarded_receive(super().recv, size, size, *flags)

    def recv_into(self, buffer: Any, *arguments: int) -> Any:
        return self._guarded_receive(super().recv_into, len(buffer), buffer, *arguments)

    def _guarded_receive(self, call: Any, size: int, *arguments: Any) -> Any:
        connection = connection_of(self)
        try:
            received = call(*arguments)
        except OSError as error:
            if connection is not None:
                wire_of(connection).failed(error)
            raise
        if connection is not None and not received and size > 0:
            connection.emit(spec.EVENT_PEER_FIN)
        return received


def hook(sock: socket.socket, connection: Connection) -> None:
    """Makes the socket tell its connection what happens."""
    kind = type(sock)
    if not issubclass(kind, _Hooks):
        if kind not in _classes:
            _classes[kind] = type(kind.__name__, (_Hooks, kind), {"__slots__": (), "__module__": kind.__module__})
        sock.__class__ = _classes[kind]
    _connections[sock] = connection


def plain_close(sock: socket.socket) -> None:
    """Closes the socket's own descriptor and tells nobody."""
    base: Any = super(_Hooks, sock)
    base._real_close()
