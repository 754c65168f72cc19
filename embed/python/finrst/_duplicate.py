# The guard's own duplicate of a connection's descriptor: while it is held, the last close is ours.
#
# 1. It is close-on-exec, and verified to be the connection that it is meant to be: numbers are reused at once.
# 2. Every call answers 0 or more, or a negative errno. None of them blocks.
# 3. Whether calls block is a property that both descriptors share, so it is never changed here.
"""A close-on-exec duplicate of a connected socket."""

import fcntl
import socket
import struct
import termios
from typing import Any, Optional, Tuple

from . import _engine as engine
from . import _spec as spec
from ._platform import NOT_SUPPORTED, Platform

_LOWEST = 3
_CHUNK = 262_144


def _result(call: Any, *arguments: Any) -> int:
    try:
        answer = call(*arguments)
    except OSError as error:
        return -(error.errno or -NOT_SUPPORTED)
    return answer if isinstance(answer, int) else 0


def _peer(sock: socket.socket) -> Optional[Any]:
    try:
        return sock.getpeername()
    except OSError:
        return None


def _adopt(family: int, kind: int, proto: int, descriptor: int) -> socket.socket:
    # With a default timeout a new socket object would make the shared description non-blocking. Told that it is so
    # already, it leaves it alone.
    kind |= getattr(socket, "SOCK_NONBLOCK", 0)
    return socket.socket(family, kind, proto, fileno=descriptor)


class Duplicate:
    """A second descriptor of one connection."""

    def __init__(self, sock: Any, platform: Platform) -> None:
        self.platform = platform
        self._lingers = False
        descriptor = sock.fileno()
        ends = (sock.getsockname(), _peer(sock))
        mine = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _LOWEST)
        self.socket: Optional[socket.socket] = _adopt(sock.family, sock.type, sock.proto, mine)
        same = sock.fileno() == descriptor and self.socket.getsockname() == ends[0]
        # A connection that the peer has reset has no peer any more; then our own end must do.
        if not same or _peer(self.socket) not in (ends[1], None):
            self.socket.close()
            raise OSError("finrst: the descriptor is not the one of this socket any more")

    @property
    def closed(self) -> bool:
        return self.socket is None

    def fileno(self) -> int:
        return -1 if self.socket is None else self.socket.fileno()

    def set_linger(self, context: int, seconds: int) -> int:
        """0, or a negative errno; -1 is off. The caller has checked the range."""
        data = engine.encode_linger(context, seconds)
        if self.socket is None or data is None:
            return NOT_SUPPORTED
        self._lingers = seconds > 0
        return _result(self.socket.setsockopt, self.platform.level, self.platform.linger_option, data)

    def linger(self, context: int) -> int:
        """The seconds of SO_LINGER, -1 being off."""
        if self.socket is None:
            raise OSError("finrst: SO_LINGER cannot be read: the connection has ended")
        size = engine.column(self.platform.row, spec.COLUMN_LINGER_BYTES)
        data = self.socket.getsockopt(self.platform.level, self.platform.linger_option, size)
        return engine.decode_linger(context, data)

    def shut_write(self) -> int:
        return NOT_SUPPORTED if self.socket is None else _result(self.socket.shutdown, socket.SHUT_WR)

    def disconnect(self) -> int:
        if self.socket is None or self.platform.disconnect is None:
            return NOT_SUPPORTED
        return self.platform.disconnect(self.socket.fileno())

    def close(self) -> int:
        """Closes the duplicate, once. A linger time that the owner set is turned off first, so that nothing waits."""
        sock, self.socket = self.socket, None
        if sock is None:
            return 0
        if self._lingers:
            off = engine.encode_linger(self.platform.row_bits, -1)
            _result(sock.setsockopt, self.platform.level, self.platform.linger_option, off)
        return _result(sock.close)

    def _ioctl(self, request: int) -> Optional[int]:
        if self.socket is None:
            return None
        try:
            return int(struct.unpack("i", fcntl.ioctl(self.socket.fileno(), request, b"\0\0\0\0"))[0])
        except OSError:
            return None

    def unacked(self) -> Optional[int]:
        """What the peer's stack has not acknowledged; a FIN counts where the platform counts it."""
        query = self.platform.query
        if query is None or self.socket is None:
            return None
        if query.through == "ioctl":
            return self._ioctl(query.number)
        answer = _result(self.socket.getsockopt, self.platform.level, query.number)
        return None if answer < 0 else answer

    def untransmitted(self) -> int:
        """Bytes and FIN that were never transmitted; 0 where it cannot be asked."""
        request = self.platform.untransmitted
        return 0 if request is None else self._ioctl(request) or 0

    def unread(self) -> bool:
        """Whether bytes have arrived that lie unread in the kernel."""
        return (self._ioctl(termios.FIONREAD) or 0) > 0

    def pending_error(self) -> int:
        """ERROR_* that the kernel holds for the connection; asking takes it away."""
        if self.socket is None:
            return spec.ERROR_NONE
        errno = _result(self.socket.getsockopt, socket.SOL_SOCKET, socket.SO_ERROR)
        return engine.normalise(self.platform.row, errno) if errno > 0 else spec.ERROR_NONE

    def peer_is_gone(self) -> bool:
        return self.socket is None or _peer(self.socket) is None

    def receive(self) -> Tuple[Optional[bytes], Optional[OSError]]:
        """Bytes, b'' at the peer's FIN; None if there are none now; or the error."""
        if self.socket is None:
            return None, None
        try:
            return self.socket.recv(_CHUNK, socket.MSG_DONTWAIT), None
        except (BlockingIOError, InterruptedError):
            return None, None
        except OSError as error:
            return None, error
