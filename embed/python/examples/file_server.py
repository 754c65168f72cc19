# A file server whose clients read an end of file only if they have the whole file, whatever happens to the server.
"""python embed/python/examples/file_server.py 7007 README.md     sends the file to whoever connects to port 7007"""

import pathlib
import socketserver
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import finrst  # noqa: E402

PORT, FILE = [*sys.argv[1:], *("7007", "README.md")[len(sys.argv) - 1 :]]


class SendFile(socketserver.BaseRequestHandler):
    """The end of the block declares the file complete; an error of the disk, or of the client, is a failure."""

    def handle(self) -> None:
        with finrst.guard(self.request) as guard:
            with open(FILE, "rb") as file:
                while chunk := file.read(65536):
                    self.request.sendall(chunk)
        assert guard.verdict is not None
        print(f"{guard.verdict.ended}, {guard.verdict.delivery}", flush=True)


class Server(socketserver.ThreadingTCPServer):
    """One thread a connection; an error of a handler is told in one line."""

    allow_reuse_address = True
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        print(f"failed: {sys.exc_info()[1]}", flush=True)


with Server(("localhost", int(PORT)), SendFile) as server:
    print(f"listening on port {server.server_address[1]}", flush=True)
    server.serve_forever()
