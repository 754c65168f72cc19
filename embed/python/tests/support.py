# What the tests share: connected sockets, a peer that tells a FIN from a reset, and child processes.
"""Helpers of the tests."""

import contextlib
import os
import pathlib
import socket
import subprocess
import sys
import time
from typing import Any, Callable, Iterator, Tuple

ROOT = pathlib.Path(__file__).resolve().parents[3]
PACKAGE = pathlib.Path(__file__).resolve().parents[1]
LIMIT = 20.0


@contextlib.contextmanager
def connected() -> Iterator[Tuple[socket.socket, socket.socket]]:
    """Our end and the peer's, over loopback."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        peer = socket.create_connection(listener.getsockname(), LIMIT)
        ours, _ = listener.accept()
    ours.settimeout(LIMIT)
    with contextlib.ExitStack() as ends:
        ends.callback(peer.close)
        ends.callback(ours.close)
        yield ours, peer


def ending(peer: socket.socket) -> Tuple[int, str]:
    """How many bytes the peer reads, and what it reads behind them."""
    count = 0
    try:
        while True:
            data = peer.recv(65536)
            if not data:
                return count, "eof"
            count += len(data)
    except ConnectionResetError:
        return count, "reset"


def reset(sock: socket.socket) -> None:
    """Resets without any guard."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    sock.close()


def until(true: Callable[[], Any], what: str) -> None:
    """Waits until something is so, or fails."""
    end = time.monotonic() + LIMIT
    while not true():
        assert time.monotonic() < end, f"it did not come to this in {LIMIT} s: {what}"
        time.sleep(0.005)


def child(program: str, port: int) -> "subprocess.Popen[bytes]":
    """Runs a program that connects to a port of ours and finds `finrst` and `sock`."""
    begin = (
        f"import os, signal, socket, sys, threading, finrst\nsock = socket.create_connection(('127.0.0.1', {port}))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE)}
    return subprocess.Popen([sys.executable, "-c", begin + program], env=environment, stderr=subprocess.DEVNULL)
