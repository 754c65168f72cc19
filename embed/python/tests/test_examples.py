# Runs the programs of examples/ as they say, and sees that they do what they say.
"""Examples."""

import asyncio
import contextlib
import pathlib
import re
import socket
import socketserver
import subprocess
import sys
import threading
from typing import IO, Any, Dict, Iterator, List, Tuple

from support import LIMIT, PACKAGE, ending


@contextlib.contextmanager
def running(name: str, *arguments: str) -> Iterator[Tuple["subprocess.Popen[str]", int]]:
    """A server of examples/, and its port. It is killed at the end, or if it is silent for too long."""
    command = [sys.executable, str(PACKAGE / "examples" / f"{name}.py"), *arguments]
    program = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    late = threading.Timer(3 * LIMIT, program.kill)
    late.start()
    try:
        listening = re.match(r"listening on port (\d+)", said(program))
        assert listening
        yield program, int(listening[1])
    finally:
        late.cancel()
        program.kill()
        program.communicate()


def said(program: "subprocess.Popen[str]") -> str:
    output: IO[str] = program.stdout  # type: ignore[assignment]
    return output.readline().strip()


def connect(port: int) -> socket.socket:
    return socket.create_connection(("localhost", port), LIMIT)


def got(port: int) -> Tuple[int, str]:
    """What a client gets. A reset may come so early that it is connect() that tells."""
    with contextlib.suppress(ConnectionResetError), connect(port) as peer:
        return ending(peer)
    return 0, "reset"


def read(peer: socket.socket) -> bytes:
    chunks: List[bytes] = []
    while chunk := peer.recv(65536):
        chunks.append(chunk)
    return b"".join(chunks)


def test_rows_tells_what_is_whole_from_what_is_not() -> None:
    command = [sys.executable, str(PACKAGE / "examples" / "rows.py")]
    told = subprocess.run(command, capture_output=True, text=True, timeout=3 * LIMIT, check=True).stdout
    reads = re.findall(r"client reads:  (.*)", told)
    # Two threads print, and may share a line.
    assert reads[0].startswith("9000 bytes and end of file: complete")
    assert "a reset: this is not the whole answer" in reads[1]


def test_file_server_sends_the_whole_file_and_an_end_of_file_or_a_reset(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x" * 20_000_000)
    with running("file_server", "0", str(file)) as (program, port):
        assert got(port) == (20_000_000, "eof")
        assert said(program).startswith("fin, ")
        file.rename(tmp_path / "moved")
        assert got(port) == (0, "reset")
        assert said(program).startswith("failed: ")
        (tmp_path / "moved").rename(file)
        with connect(port) as peer:
            assert peer.recv(1) == b"x"
            program.kill()
            program.wait()
            assert ending(peer)[1] == "reset"


def test_line_protocol_tells_what_came_too_late() -> None:
    with running("line_protocol", "0") as (program, port):
        with connect(port) as peer:
            peer.sendall(b"one\ntwo\nquit\nthree\n")
            assert read(peer) == b"ONE\nTWO\nbye\n"
            peer.sendall(b"four\n")
        assert said(program) == r"fin, confirmed; too late, all of it: b'three\nfour\n'"


def test_line_protocol_answers_a_client_that_finishes() -> None:
    with running("line_protocol", "0") as (program, port):
        with connect(port) as peer:
            peer.sendall(b"one\n")
            peer.shutdown(socket.SHUT_WR)
            assert read(peer) == b"ONE\n"
        assert re.match(r"fin, (acked|confirmed); too late, all of it: b''$", said(program))


def test_line_protocol_resets_for_half_a_line_and_tells_a_late_flood_for_what_it_is() -> None:
    with running("line_protocol", "0") as (program, port):
        with connect(port) as peer:
            peer.sendall(b"half")
            peer.shutdown(socket.SHUT_WR)
            assert ending(peer) == (0, "reset")
        assert said(program) == "failed: the last line has no end"
        with connect(port) as peer:
            peer.sendall(b"quit\n")
            assert read(peer) == b"bye\n"
            with contextlib.suppress(ConnectionError):
                peer.sendall(b"x" * 10_000_000)
            assert re.match(r"\w+, \w+; too late, some of it: b'x{65536}'$", said(program))


def test_the_program_of_the_readme_answers() -> None:
    shown = re.search(r"```python\n(.*?)```", (PACKAGE / "README.md").read_text(), re.DOTALL)
    assert shown
    program: Dict[str, Any] = {}
    exec(shown[1], program)
    with socketserver.TCPServer(("localhost", 0), program["Answer"]) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        with connect(server.server_address[1]) as peer:
            assert read(peer) == b"the first half, the second half"
        thread.join()

    async def ask() -> bytes:
        async with await asyncio.start_server(program["answer"], "localhost", 0) as server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
            answer = await reader.read()
            writer.close()
            return answer

    assert asyncio.run(asyncio.wait_for(ask(), LIMIT)) == b"both halves"
