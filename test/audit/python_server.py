# A bare server of http.server: it answers every request at once and waits a second for the next.
"""A server for finrst audit."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    """Answers without reading a body."""

    protocol_version = "HTTP/1.1"
    timeout = 1

    def answer(self, status: int) -> None:
        """The whole answer."""
        self.send_response(status)
        self.send_header("Content-Length", "6")
        self.end_headers()
        self.wfile.write(b"finrst")

    def do_GET(self) -> None:  # noqa: N802
        """Any path."""
        self.answer(200)

    def do_POST(self) -> None:  # noqa: N802
        """Too early."""
        self.answer(413)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Says nothing."""


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
