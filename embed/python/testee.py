# The testee of the Python embedding: one guarded socket.socket, driven by the line protocol of spec/testee.md.
#
# 1. The program under test is an ordinary one with threads: one reads, one writes, the main one obeys.
# 2. What Python has no call for is declared as such: a runtime's own reset, and a task whose error ends the process.
"""A testee: finrst test --testee "python3 embed/python/testee.py"."""

import json
import os
import pathlib
import platform
import queue
import re
import select
import signal
import socket
import sys
import threading
from typing import Any, Callable, Dict, Optional, Tuple

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import finrst  # noqa: E402

Message = Dict[str, Any]
_writing = threading.Lock()
_PATTERN = bytes((i ^ i >> 8 ^ i >> 16) & 255 for i in range(65536))


def pattern(start: int, count: int) -> bytes:
    """The bytes of a direction from `start` on: byte i is (i ^ i >> 8 ^ i >> 16) & 255."""
    made = bytearray()
    while len(made) < count:
        at = start + len(made)
        high = at >> 16 & 255
        block = _PATTERN[at & 65535 :][: count - len(made)]
        made += block if high == 0 else block.translate(bytes(byte ^ high for byte in range(256)))
    return bytes(made)


def say(**message: Any) -> None:
    """Writes one line."""
    with _writing:
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()


def start(call: Callable[[], Any]) -> threading.Thread:
    """Makes a call in a thread that keeps no process alive."""
    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    return thread


def answers(policy: Message) -> Message:
    """The policy in the words of Python: onDrop is on_drop, drainMs is drain_seconds."""
    made = {}
    for name, value in policy.items():
        snake = re.sub("[A-Z]", lambda letter: "_" + letter[0].lower(), name)
        if snake.endswith("_ms"):
            snake, value = snake[: -len("_ms")] + "_seconds", value / 1000
        made[snake] = value
    return made


class Unsupported(Exception):
    """What Python has no call for."""


class Testee:
    """One connection."""

    def __init__(self) -> None:
        self.sock: Optional[socket.socket] = None
        self.guard: Optional[finrst.Guard] = None
        self.rest: "queue.Queue[Tuple[int, bool]]" = queue.Queue()
        self.received = self.written = 0
        self.reading = self.let_go = False
        self.reader: Optional[threading.Thread] = None
        self.wake, self.bell = socket.socketpair()
        self.blocks: "queue.Queue[Tuple[memoryview, Any]]" = queue.Queue()
        self.calls: Dict[str, Callable[[Message], Any]] = {
            "hello": self.hello,
            "open": self.open,
            "read": lambda request: self.start_reading(),
            "write": self.write,
            "together": self.together,
            "verdict": self.verdict,
            "state": self.state,
            "rest": self.tell_rest,
            **self.guard_calls(),
            **self.runtime_calls(),
            **self.deaths(),
        }

    # ---- The connection --------------------------------------------------------------------------------------------

    def hello(self, _: Message) -> Message:
        with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as client:
            client.connect(listener.getsockname())
            probed = finrst.guard(listener.accept()[0], "manual")
            found = probed.capabilities
            probed.abort()
        return {
            "protocol": 1,
            "testee": "finrst-python",
            "version": finrst.__version__,
            "platform": found.platform,
            "runtime": f"{platform.python_implementation().lower()} {platform.python_version()}",
            "capabilities": found.as_dict(),
        }

    def open(self, request: Message) -> Message:
        listener = socket.create_server(("127.0.0.1", 0))
        start(lambda: self.accept(listener, request))
        host, port = listener.getsockname()
        return {"host": host, "port": port}

    def accept(self, listener: socket.socket, request: Message) -> None:
        sock = listener.accept()[0]
        listener.close()
        self.sock = sock
        if request["guard"] != "none":
            policy = answers(request.get("policy") or {})
            # A socket of Python may always be half-open; where the script's may not, that is a policy.
            if not request.get("halfOpen") and request["guard"] != "strict":
                policy.setdefault("on_peer_fin", "close")
            self.guard = finrst.guard(sock, request["guard"], **policy)
        start(self.write_blocks)
        if not request.get("unread"):
            self.start_reading()
        say(event="open")

    def start_reading(self) -> None:
        if not self.reading:
            self.reading = True
            self.reader = start(self.read)

    def stop_reading(self) -> None:
        """Ends the reader. A thread that waits for a socket keeps its last close from happening."""
        self.reading = False
        self.bell.send(b"!")
        if self.reader is not None:
            self.reader.join(5)

    def read(self) -> None:
        sock = self.needed()
        try:
            while True:
                select.select([sock, self.wake], [], [])
                if not self.reading:
                    return
                data = sock.recv(65536, socket.MSG_DONTWAIT)
                if not data:
                    return say(event="eof")
                say(event="read", bytes=len(data), ok=data == pattern(self.received, len(data)))
                self.received += len(data)
        except (ConnectionResetError, BrokenPipeError):
            say(event="reset")
            sock.close()
            say(event="closed")
        except (OSError, ValueError) as error:
            say(event="error", error=str(error))

    def write(self, request: Message) -> None:
        data = memoryview(pattern(self.written, request["bytes"]))
        self.written += len(data)
        if self.blocks.unfinished_tasks == 0:
            data = self.send_now(data)
        if not data:
            return
        # From now on the program holds these bytes, whenever the thread comes to them.
        held = self.guard.sending() if self.guard else None
        if held:
            held.__enter__()
        self.blocks.put((data, held))

    def write_blocks(self) -> None:
        while True:
            data, held = self.blocks.get()
            try:
                self.send(data)
            except (OSError, ValueError) as error:
                if held:
                    try:
                        held.__exit__(type(error), error, None)
                    except (OSError, ValueError):
                        pass
            else:
                if held:
                    held.__exit__(None, None, None)
            self.blocks.task_done()

    def send_now(self, data: memoryview) -> memoryview:
        """Gives the kernel what it takes at once; answers the rest."""
        try:
            while data:
                data = data[self.needed().send(data, socket.MSG_DONTWAIT) :]
        except OSError:
            pass  # It is full; or the connection is gone, which the thread will find.
        return data

    def send(self, data: memoryview) -> None:
        sock = self.needed()
        while data:
            if self.let_go:
                raise ConnectionAbortedError("the socket was closed under the writer")
            if select.select([], [sock], [], 0.05)[1]:
                try:
                    data = data[sock.send(data, socket.MSG_DONTWAIT) :]
                except BlockingIOError:
                    pass

    def needed(self) -> socket.socket:
        if self.sock is None:
            raise RuntimeError("there is no connection yet")
        return self.sock

    def guarded(self) -> finrst.Guard:
        if self.guard is None:
            raise Unsupported("the connection is not guarded")
        return self.guard

    def together(self, request: Message) -> None:
        for call in request["calls"]:
            self.find(call)(call)

    def find(self, request: Message) -> Callable[[Message], Any]:
        if request["do"] not in self.calls:
            raise Unsupported(f"there is no call {request['do']!r}")
        return self.calls[request["do"]]

    # ---- What is asked ---------------------------------------------------------------------------------------------

    def verdict(self, _: Message) -> Message:
        found = self.guarded().wait()
        told = {name: value for name, value in vars(found).items() if value is not None}
        return {"verdict": {**told, **({"error": str(told["error"])} if "error" in told else {})}}

    def state(self, _: Message) -> Message:
        guard = self.guarded()
        return {"armed": guard.armed, "linger": guard.linger, "unsent": guard.unsent()}

    def tell_rest(self, _: Message) -> Message:
        count, intact = self.rest.get()
        return {"bytes": count, "intact": intact}

    # ---- Calls -----------------------------------------------------------------------------------------------------

    def guard_calls(self) -> Dict[str, Callable[[Message], Any]]:
        return {
            "close": self.close,
            "abort": lambda request: self.guarded().abort(),
            "fail": lambda request: self.guarded().fail(RuntimeError("the script failed")),
            "finish": lambda request: self.later("finish", self.guarded().finish_sending, "finished"),
            "stop": self.stop,
            "finalise": self.finalise,
            "dispose": lambda request: self.guarded().drop(),
            "linger": lambda request: self.guarded().set_linger(request["seconds"]),
            "run": self.run,
        }

    def later(self, call: str, act: Callable[[], Any], event: Optional[str] = None) -> None:
        """Lets a call that waits go on while the reply is given; a refusal is told as an event."""

        def perform() -> None:
            try:
                act()
            except OSError as error:
                say(event="rejected", call=call, error=str(error))
            else:
                if event:
                    say(event=event)

        start(perform)

    def close(self, request: Message) -> None:
        self.stop_reading()
        within = request.get("within")
        self.guarded().begin_close(None if within is None else within / 1000, request.get("confirm"))

    def stop(self, request: Message) -> None:
        self.stop_reading()
        self.guarded().stop_receiving(request["how"])

    def finalise(self, request: Message) -> None:
        self.stop_reading()
        first, within = self.received, request.get("within")

        def perform() -> None:
            seconds = None if within is None else within / 1000
            rest, _ = self.guarded().finalise(seconds, request.get("limit"))
            self.rest.put((len(rest), rest == pattern(first, len(rest))))

        self.later("finalise", perform)

    def run(self, request: Message) -> None:
        throws = request["how"] == "throw"

        def perform() -> None:
            with self.guarded():
                self.stop_reading()
                if throws:
                    raise ConnectionError("the script threw inside of the block")

        if not throws:
            return self.later("run", perform)
        try:
            return perform()
        except ConnectionError:
            return None

    def runtime_calls(self) -> Dict[str, Callable[[Message], Any]]:
        def destroy(_: Message) -> None:
            self.let_go = True
            self.stop_reading()
            self.needed().close()
            say(event="closed")

        def destroy_error(_: Message) -> None:
            self.let_go = True
            self.stop_reading()
            try:
                with self.needed():
                    raise RuntimeError("the script let go of the socket by an error")
            except RuntimeError:
                say(event="closed")

        def end(_: Message) -> None:
            self.needed().shutdown(socket.SHUT_WR)
            say(event="finished")

        def reset_and_destroy(_: Message) -> None:
            raise Unsupported("a socket of Python has no reset of its own")

        return {
            "end": end,
            "destroy": destroy,
            "destroy-error": destroy_error,
            "reset-and-destroy": reset_and_destroy,
        }

    def deaths(self) -> Dict[str, Callable[[Message], Any]]:
        """The reply to these is the death of the process."""

        def throw(_: Message) -> None:
            raise SystemError("the script threw")

        def reject(_: Message) -> None:
            raise Unsupported("an error of a task or a thread does not end a Python process")

        def die_by(request: Message) -> None:
            os.kill(os.getpid(), getattr(signal, request["name"]))
            signal.pause()

        return {
            "throw": throw,
            "reject": reject,
            "exit": lambda request: sys.exit(request["code"]),
            "abort-process": lambda request: os.abort(),
            "signal": die_by,
        }


def serve() -> None:
    """Obeys until its input ends."""
    testee = Testee()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            reply = testee.find(request)(request)
        except Unsupported as why:
            say(ok=False, unsupported=True, why=str(why))
        except SystemError:
            raise
        except Exception as error:
            say(ok=False, error=f"{type(error).__name__}: {error}")
        else:
            say(ok=True, **(reply if isinstance(reply, dict) else {}))
    # What still drains is nobody's concern any more: the runner has gone.
    os._exit(0)


if __name__ == "__main__":
    serve()
