# Measures what the package costs: bytes, the first load, a decision, and a guarded connection against a bare one.
"""python embed/python/bench.py"""

import base64
import pathlib
import socket
import statistics
import subprocess
import sys
import threading
import time
import timeit
from typing import Callable, List

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import finrst  # noqa: E402
from finrst import _engine as engine  # noqa: E402
from finrst import _spec as spec  # noqa: E402

_CONTEXT = 1 | spec.CAN_ARM | spec.CAN_HOLD | spec.CAN_DRAIN | spec.CAN_DISCONNECT | spec.CAN_SEE_ACKED
_ROUNDS = 300


def _median(what: Callable[[], float], times: int) -> float:
    return statistics.median(what() for _ in range(times))


def _in_a_new_process(program: str) -> float:
    begin = f"import sys, time; sys.path.insert(0, {str(pathlib.Path(__file__).resolve().parent)!r})\n"
    output = subprocess.run([sys.executable, "-c", begin + program], check=True, capture_output=True, text=True).stdout
    return float(output)


def _read_and_close(peer: socket.socket) -> None:
    with peer:
        while peer.recv(100):
            pass


def _bare(sock: socket.socket) -> None:
    sock.sendall(b"answer")
    sock.close()


def _guarded(sock: socket.socket) -> None:
    with finrst.guard(sock):
        sock.sendall(b"answer")


def _dropped(sock: socket.socket) -> None:
    finrst.guard(sock)
    _bare(sock)


def _connection(listener: socket.socket, serve: Callable[[socket.socket], None]) -> float:
    peer = socket.create_connection(listener.getsockname())
    sock = listener.accept()[0]
    reader = threading.Thread(target=_read_and_close, args=(peer,))
    reader.start()
    begin = time.perf_counter()
    serve(sock)
    taken = time.perf_counter() - begin
    reader.join()
    return taken


def main() -> None:
    """Prints one line for each number."""
    lines: List[str] = []
    imports = "begin = time.perf_counter(); import finrst; print(time.perf_counter() - begin)"
    loads = (
        "import finrst._engine as e; begin = time.perf_counter(); e.column(1, 0); print(time.perf_counter() - begin)"
    )
    lines.append(f"Wasm                      {len(base64.b64decode(spec.WASM))} bytes")
    lines.append(f"import finrst             {_median(lambda: _in_a_new_process(imports), 5) * 1e3:.0f} ms")
    lines.append(f"load the Wasm, once       {_median(lambda: _in_a_new_process(loads), 5) * 1e3:.1f} ms")
    words = (_CONTEXT, spec.PHASE_OPEN, spec.EVENT_CLOSE, 0)
    seen = min(timeit.repeat(lambda: engine.decide(*words), number=20000, repeat=5)) / 20000
    new = min(timeit.repeat(lambda: engine.decide.__wrapped__(*words), number=2000, repeat=5)) / 2000
    lines.append(f"decide, met before        {seen * 1e9:.0f} ns")
    lines.append(f"decide, for the first time {new * 1e6:.0f} µs")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ways = (
            ("send, close, bare         ", _bare),
            ("send, close, guarded      ", _dropped),
            ("with guard: send          ", _guarded),
        )
        for name, serve in ways:
            _connection(listener, serve)
            taken = _median(lambda serve=serve: _connection(listener, serve), _ROUNDS)
            lines.append(f"{name}{taken * 1e6:.0f} µs")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
