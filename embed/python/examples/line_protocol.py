# A line protocol whose server ends the talk and still knows what its client sent too late, instead of losing it.
"""
python embed/python/examples/line_protocol.py 7007
printf 'one\ntwo\nquit\nthree\n' | nc -N localhost 7007          ONE, TWO, bye; the server tells that `three` came too late

1. Each line is answered in capitals, `quit` by `bye`. A client that finishes without it is answered as well.
2. After `bye` the client is told the end by our FIN, and what it had sent by then is drained: closed with bytes unread the
   kernel would reset, and the reset may overtake `bye`.
"""

import pathlib
import socketserver
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import finrst  # noqa: E402

PORT = sys.argv[1] if len(sys.argv) > 1 else "7007"
LONGEST = 1000
LATE = 64 << 10


class Talk(socketserver.BaseRequestHandler):
    """Answers line by line; a line without an end raises, and so resets."""

    def handle(self) -> None:
        with finrst.guard(self.request) as guard:
            rest = self.answer()
            late, verdict = guard.finalise(within=30, limit=LATE)
        whole = "all" if verdict.received == "complete" else "some"
        print(f"{verdict.ended}, {verdict.delivery}; too late, {whole} of it: {rest + late!r}", flush=True)

    def answer(self) -> bytes:
        """Answers until `quit`, and returns what was read behind it."""
        pending = b""
        while data := self.request.recv(4096):
            *lines, pending = (pending + data).split(b"\n")
            while lines:
                line = lines.pop(0)
                if line == b"quit":
                    self.request.sendall(b"bye\n")
                    return b"\n".join([*lines, pending])
                self.request.sendall(line.upper() + b"\n")
            if len(pending) > LONGEST:
                raise ValueError(f"a line is longer than {LONGEST} bytes")
        if pending:
            raise EOFError("the last line has no end")
        return b""


class Server(socketserver.ThreadingTCPServer):
    """One thread a connection; an error of a handler is told in one line."""

    allow_reuse_address = True
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        print(f"failed: {sys.exc_info()[1]}", flush=True)


with Server(("localhost", int(PORT)), Talk) as server:
    print(f"listening on port {server.server_address[1]}", flush=True)
    server.serve_forever()
