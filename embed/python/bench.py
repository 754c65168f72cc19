# Measures what the package costs: bytes, the first load, a decision, and a guarded connection against a bare one.
"""python embed/python/bench.py"""

import importlib.metadata
import json
import pathlib
import socket
import statistics
import subprocess
import sys
import threading
import time
import timeit
from typing import Any, Callable, Dict

import wasmtime

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import finrst  # noqa: E402
from finrst import _engine as engine  # noqa: E402
from finrst import _spec as spec  # noqa: E402

_CONTEXT = 1 | spec.CAN_ARM | spec.CAN_HOLD | spec.CAN_DRAIN | spec.CAN_DISCONNECT | spec.CAN_SEE_ACKED
_ROUNDS = 300


# (func (export "f") (param i32 i32 i32 i32) (result i32) (local.get 0))
_EMPTY = bytes.fromhex("0061736d0100000001090160047f7f7f7f017f0302010007050101660000" "0a0601040020000b")


def _abort(decide: Callable[..., int], enter: Callable[..., int], settle: Callable[..., int]) -> int:
    """All that an abort asks of the engine: the decision, the state, and the results of five steps."""
    words = (_CONTEXT, spec.PHASE_OPEN, spec.EVENT_ABORT, 0)
    steps, state = decide(*words) & spec.PLAN_ALL_STEPS, enter(*words)
    while steps:
        state = settle(state, steps & spec.PLAN_STEP_MASK, spec.RESULT_DONE)
        steps >>= spec.PLAN_STEP_BITS
    return state


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


def _empty_call() -> Callable[[], int]:
    """A call of an empty function, by the very way that a call of the engine takes."""
    config = wasmtime.Config()
    config.signals_based_traps = False
    store = wasmtime.Store(wasmtime.Engine(config))
    module = wasmtime.Module(store.engine, _EMPTY)
    function: Any = wasmtime.Instance(store, module, []).exports(store)["f"]
    return lambda: int(function(store, 1, 2, 3, 4))


def _nanoseconds(what: Callable[[], object], number: int) -> float:
    """The best of many rounds; short ones, because a busy machine leaves few long moments alone."""
    return min(timeit.repeat(what, number=number, repeat=200)) / number * 1e9


def _bytes_installed(*distributions: str) -> int:
    """What pip installs of packages, without what Python compiles of it."""
    found = (file for name in distributions for file in importlib.metadata.files(name) or [])
    kept = (pathlib.Path(str(file.locate())) for file in found if file.suffix != ".pyc")
    return sum(path.stat().st_size for path in kept)


def main() -> None:
    """Prints one line of JSON; times are nanoseconds."""
    found: Dict[str, float] = {}
    imports = "begin = time.perf_counter(); import finrst; print(time.perf_counter() - begin)"
    loads = (
        "import finrst._engine as e; begin = time.perf_counter(); e.column(1, 0); print(time.perf_counter() - begin)"
    )
    words = (_CONTEXT, spec.PHASE_OPEN, spec.EVENT_CLOSE, 0)
    found["emptyCall"] = _nanoseconds(_empty_call(), 20)
    found["decide"] = _nanoseconds(lambda: engine.decide.__wrapped__(*words), 20)
    new = engine.decide.__wrapped__, engine.enter.__wrapped__, engine.settle.__wrapped__
    found["on"] = _nanoseconds(lambda: _abort(*new), 3)
    found["load"] = _median(lambda: _in_a_new_process(loads), 5) * 1e9
    own = pathlib.Path(finrst.__file__).parent
    found["bytesAdded"] = sum(file.stat().st_size for file in own.glob("*.py")) + _bytes_installed("wasmtime")
    found["decideMetBefore"] = _nanoseconds(lambda: engine.decide(*words), 5000)
    found["onMetBefore"] = _nanoseconds(lambda: _abort(engine.decide, engine.enter, engine.settle), 2000)
    found["import"] = _median(lambda: _in_a_new_process(imports), 5) * 1e9
    ways = {"connectionBare": _bare, "connectionGuarded": _dropped, "connectionBlock": _guarded}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        for name, serve in ways.items():
            _connection(listener, serve)
            found[name] = _median(lambda serve=serve: _connection(listener, serve), _ROUNDS) * 1e9
    print(json.dumps({name: round(value) for name, value in found.items()}))


if __name__ == "__main__":
    main()
