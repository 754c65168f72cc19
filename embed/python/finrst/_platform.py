# What this process runs on: the row of the table, the query for the send queue, and the abort that keeps a descriptor.
#
# 1. Numbers come from the Wasm and from spec/platforms. Only what every Python knows of its system comes from there.
# 2. A query is used where the headers that Python was built with agree about its number; else nothing is claimed.
"""The machine as a guard sees it."""

import ctypes
import functools
import platform
import socket
import sys
from dataclasses import dataclass
from typing import Any, Callable, Dict, Optional

from . import _engine as engine
from . import _spec as spec

try:
    import fcntl
    import termios
except ImportError:  # Windows
    fcntl = termios = None  # type: ignore[assignment]

# The names that Python gives to systems, by their beginning.
_IDS = {
    "linux": "linux",
    "android": "linux",
    "darwin": "macos",
    "freebsd": "freebsd",
    "openbsd": "openbsd",
    "netbsd": "netbsd",
    "sunos": "illumos",
    "win32": "windows",
}

NOT_SUPPORTED = -38  # ENOSYS of Linux, and no errno that means something here elsewhere


@dataclass(frozen=True)
class Query:
    """How to ask how many bytes the peer's stack has not acknowledged."""

    through: str
    number: int
    counts_fin: bool


@dataclass(frozen=True)
class Platform:
    """One system, on one machine."""

    id: str
    row: int
    big_endian: bool
    query: Optional[Query]
    untransmitted: Optional[int]
    disconnect: Optional[Callable[[int], int]]

    @property
    def level(self) -> int:
        return engine.column(self.row, spec.COLUMN_SOCKET_LEVEL)

    @property
    def linger_option(self) -> int:
        return engine.column(self.row, spec.COLUMN_LINGER_OPTION)

    @property
    def row_bits(self) -> int:
        return self.row | (spec.CONTEXT_BIG_ENDIAN if self.big_endian else 0)


def _disconnects() -> Optional[Callable[[int], int]]:
    """The abort that keeps the descriptor (row abort.keep-descriptor), if there is a way to it."""
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        if hasattr(libc, "disconnectx"):
            call: Any = libc.disconnectx
            arguments: Any = (ctypes.c_uint32(0), ctypes.c_uint32(0))
        else:
            # AF_UNSPEC is 0 everywhere: sixteen zero bytes are that address.
            call = libc.connect
            arguments = (ctypes.create_string_buffer(16), ctypes.c_uint32(16))
    except (OSError, TypeError, AttributeError):
        return None

    def disconnect(descriptor: int) -> int:
        return 0 if call(ctypes.c_int(descriptor), *arguments) == 0 else -ctypes.get_errno()

    return disconnect


def _query(known: Dict[str, Any], arch: Optional[Dict[str, Any]]) -> Optional[Query]:
    given = known.get("query")
    if given is None:
        return None
    number = given["number"] if arch is None else arch["query"]
    if number is None or (given["through"] == "ioctl" and sys.platform == "linux" and number != termios.TIOCOUTQ):
        return None
    return Query(given["through"], number, given["countsFin"])


@functools.lru_cache(maxsize=None)
def this_platform() -> Platform:
    """The system and machine of this process."""
    name = next((name for start, name in _IDS.items() if sys.platform.startswith(start)), "")
    known = spec.PLATFORMS.get(name, {"row": 0, "arch": {}})
    machine = platform.machine().lower()
    arch = next((numbers for start, numbers in known["arch"].items() if machine.startswith(start)), None)
    row = known["row"] if arch is None else arch["row"]
    trait = engine.column(row, spec.COLUMN_TRAITS) & spec.TRAIT_DISCONNECTS
    return Platform(
        id=name or sys.platform,
        row=row,
        big_endian=sys.byteorder == "big",
        query=_query(known, arch),
        untransmitted=known.get("untransmitted"),
        disconnect=_disconnects() if trait else None,
    )


def check_supported() -> None:
    """Raises OSError where a guard cannot hold a duplicate of a descriptor."""
    if fcntl is None or not hasattr(fcntl, "F_DUPFD_CLOEXEC") or not hasattr(socket, "MSG_DONTWAIT"):
        raise OSError(f"finrst: the platform is {sys.platform}; expected a POSIX system: no duplicate can be held here")
