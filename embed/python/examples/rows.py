# A server that sends a long answer and sometimes fails in the middle: the peer can tell, because a failure is a reset.
"""python embed/python/examples/rows.py"""

import pathlib
import socket
import socketserver
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import finrst  # noqa: E402


class Answer(socketserver.BaseRequestHandler):
    """Sends a thousand rows, or fails at the five hundredth."""

    def handle(self) -> None:
        with finrst.guard(self.request) as guard:
            wish = self.request.recv(100)
            for row in range(1000):
                if wish == b"fail" and row == 500:
                    raise RuntimeError("the database has gone")
                self.request.sendall(b"row %4d\n" % row)
        assert guard.verdict is not None
        print(f"  the server knows:  {guard.verdict.ended}, {guard.verdict.delivery}", flush=True)


class Server(socketserver.ThreadingTCPServer):
    """One thread a connection; an error of a handler is told in one line."""

    def handle_error(self, request: object, client_address: object) -> None:
        print(f"  the handler raised {sys.exc_info()[1]!r}", flush=True)


def ask(address: str, port: int, wish: bytes) -> str:
    """What a plain client makes of the answer."""
    count = 0
    with socket.create_connection((address, port)) as client:
        client.sendall(wish)
        try:
            while data := client.recv(65536):
                count += len(data)
        except ConnectionResetError:
            return f"{count} bytes and a reset: this is not the whole answer"
    return f"{count} bytes and end of file: complete"


def main() -> None:
    """Asks twice."""
    with Server(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        host, port = server.server_address[:2]
        for wish in (b"all", b"fail"):
            print(f"wish: {wish.decode()}", flush=True)
            print(f"  the client reads:  {ask(str(host), int(port), wish)}", flush=True)
        server.shutdown()


if __name__ == "__main__":
    main()
