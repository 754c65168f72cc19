# What a plain peer in another process reads when a program dies, guarded and unguarded.
"""Death resets what is incomplete."""

import os
import socket
import sys
from typing import Tuple

import pytest

from support import LIMIT, child, ending

DEATHS = {
    "an exception": "raise RuntimeError('nobody catches this')",
    "sys.exit": "sys.exit(3)",
    "os._exit": "os._exit(0)",
    "os.abort": "os.abort()",
    "SIGKILL": "os.kill(os.getpid(), signal.SIGKILL)",
    "SIGTERM": "os.kill(os.getpid(), signal.SIGTERM)",
    "the end of the program": "pass",
}


def dies(program: str) -> Tuple[int, str]:
    """What the peer of such a program reads."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(LIMIT)
        process = child(program, listener.getsockname()[1])
        try:
            peer, _ = listener.accept()
            with peer:
                peer.settimeout(LIMIT)
                found = ending(peer)
            process.wait(LIMIT)
            return found
        finally:
            process.kill()
            process.wait()


@pytest.mark.parametrize("death", DEATHS)
def test_an_incomplete_stream_ends_with_a_reset(death: str) -> None:
    assert dies(f"held = finrst.guard(sock)\nsock.sendall(b'x' * 100)\n{DEATHS[death]}") == (100, "reset")


@pytest.mark.skipif(sys.platform != "linux", reason="what a bare death sends is known and tested on Linux")
@pytest.mark.parametrize("death", ["an exception", "os._exit", "SIGKILL"])
def test_without_a_guard_the_peer_reads_end_of_file(death: str) -> None:
    assert dies(f"sock.sendall(b'x' * 100)\n{DEATHS[death]}") == (100, "eof")


def test_death_after_our_fin_loses_nothing() -> None:
    program = "held = finrst.guard(sock)\nsock.sendall(b'x' * 100)\nheld.finish_sending()\n"
    assert dies(f"{program}{DEATHS['SIGKILL']}") == (100, "eof")


def test_an_exit_closes_if_the_policy_says_so_and_a_crash_does_not() -> None:
    begin = "held = finrst.guard(sock, on_exit='close', on_crash='{}')\nsock.sendall(b'x' * 100)\n"
    assert dies(begin.format("abort") + DEATHS["sys.exit"]) == (100, "eof")
    assert dies(begin.format("abort") + DEATHS["an exception"]) == (100, "reset")
    assert dies(begin.format("leave") + DEATHS["an exception"]) == (100, "eof")


def test_a_block_that_ends_before_the_program_is_complete() -> None:
    assert dies("with finrst.guard(sock):\n    sock.sendall(b'x' * 100)") == (100, "eof")


def test_an_exit_inside_of_a_block_resets() -> None:
    assert dies("with finrst.guard(sock):\n    sock.sendall(b'x' * 100)\n    sys.exit(0)") == (100, "reset")


def test_a_guard_in_a_function_that_was_left_by_an_exception_resets() -> None:
    program = "def serve():\n    held = finrst.guard(sock)\n    sock.sendall(b'x' * 100)\n    1 / 0\nserve()"
    assert dies(program) == (100, "reset")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_leaves_the_connection_to_its_parent() -> None:
    fork = "child = os.fork()\nif child == 0: sys.exit(0)\nos.waitpid(child, 0)\n"
    program = f"held = finrst.guard(sock)\n{fork}sock.sendall(b'x' * 100)\nheld.close()"
    assert dies(program) == (100, "eof")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_may_guard_the_socket_itself() -> None:
    fork = "child = os.fork()\nif child:\n    os.waitpid(child, 0)\n    os._exit(0)\n"
    use = "held = finrst.guard(sock)\nsock.sendall(b'x' * 100)\nheld.close()\nos._exit(0)"
    assert dies(f"first = finrst.guard(sock)\n{fork}{use}") == (100, "eof")
