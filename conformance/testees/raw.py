# A testee of bare system calls, in Python: what the operating system does with a connection that nobody guards.
#
# 1. The protocol is that of spec/testee.md. What bare calls do not have, such as a guard, is not supported.
# 2. Nothing blocks: one loop waits for requests, the listener and the connection, and what is not sent waits in a queue.
# 3. A close does not wait for that queue, as close() does not: what is in it is lost.
"""A testee: finrst test --testee bundled:python."""

import json
import os
import platform
import selectors
import signal
import socket
import struct
import sys

PLATFORMS = {"darwin": "macos", "win32": "windows", "sunos5": "illumos"}
TABLE = bytes((i ^ i >> 8) & 255 for i in range(65536))


def pattern(start, count):
    """Byte i of a direction is (i ^ i >> 8 ^ i >> 16) & 255."""
    made = bytearray()
    while len(made) < count:
        at = start + len(made)
        block = TABLE[at & 65535 :][: count - len(made)]
        made += block.translate(bytes(byte ^ at >> 16 & 255 for byte in range(256)))
    return bytes(made)


def say(**message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


class Unsupported(Exception):
    """What bare calls do not have."""


class Testee:
    def __init__(self):
        self.loop = selectors.DefaultSelector()
        self.conn = None
        self.queue = b""
        self.written = self.received = 0
        self.reading = self.ending = False

    def watch(self):
        """Waits for what can go on: reading, if it is wanted, and sending, if something waits."""
        wanted = (selectors.EVENT_READ if self.reading else 0) | (selectors.EVENT_WRITE if self.queue else 0)
        if self.conn in self.loop.get_map():
            self.loop.unregister(self.conn)
        if wanted:
            self.loop.register(self.conn, wanted, self.serve)

    def hello(self, _):
        name = PLATFORMS.get(sys.platform, sys.platform.rstrip("0123456789"))
        version = platform.python_version()
        runtime = f"{platform.python_implementation().lower()} {version}"
        return {"protocol": 1, "testee": "raw-python", "version": "1", "platform": name, "runtime": runtime, "capabilities": {}}

    def open(self, request):
        if request["guard"] != "none":
            raise Unsupported("bare system calls have no guard")
        listener = socket.create_server(("127.0.0.1", 0))
        self.loop.register(listener, selectors.EVENT_READ, lambda _: self.accept(listener, not request.get("unread")))
        return {"host": "127.0.0.1", "port": listener.getsockname()[1]}

    def accept(self, listener, reading):
        self.loop.unregister(listener)
        self.conn, _ = listener.accept()
        self.conn.setblocking(False)
        listener.close()
        self.reading = reading
        self.watch()
        say(event="open")

    def serve(self, events):
        try:
            if events & selectors.EVENT_READ:
                self.receive()
            if events & selectors.EVENT_WRITE and self.queue:
                self.flush()
        except BlockingIOError:
            return
        except OSError as error:
            self.reading, self.queue = False, b""
            reset = isinstance(error, (ConnectionResetError, BrokenPipeError))
            say(**({"event": "reset"} if reset else {"event": "error", "error": str(error)}))
            self.watch()

    def receive(self):
        data = self.conn.recv(65536)
        if data:
            say(event="read", bytes=len(data), ok=data == pattern(self.received, len(data)))
            self.received += len(data)
            return
        self.reading = False
        say(event="eof")
        self.watch()

    def flush(self):
        self.queue = self.queue[self.conn.send(self.queue) :]
        if not self.queue:
            self.watch()
            self.finish()

    def finish(self):
        """Our FIN, once all before it is in the kernel."""
        if self.ending and not self.queue:
            self.ending = False
            self.conn.shutdown(socket.SHUT_WR)
            say(event="finished")

    def write(self, request):
        self.queue += pattern(self.written, request["bytes"])
        self.written += request["bytes"]
        self.serve(selectors.EVENT_WRITE)
        self.watch()
        return {}

    def read(self, _):
        self.reading = True
        self.watch()
        return {}

    def end(self, _):
        self.ending = True
        self.finish()
        return {}

    def destroy(self, _):
        self.reading, self.queue = False, b""
        self.watch()
        self.conn.close()
        say(event="closed")
        return {}

    def reset_and_destroy(self, request):
        self.conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return self.destroy(request)

    def together(self, request):
        for call in request["calls"]:
            self.call(call)
        return {}

    def throw(self, _):
        raise SystemError("the script threw")

    def exit(self, request):
        os._exit(request["code"])

    def abort_process(self, _):
        os.abort()

    def signal(self, request):
        os.kill(os.getpid(), getattr(signal, request["name"]))
        signal.pause()

    CALLS = (
        "hello open write read end destroy reset-and-destroy together throw exit abort-process signal"
    ).split()

    def call(self, request):
        if request["do"] not in self.CALLS:
            raise Unsupported(f"bare system calls have no {request['do']}")
        return getattr(self, request["do"].replace("-", "_"))(request)

    def obey(self, line):
        try:
            say(ok=True, **self.call(json.loads(line)))
        except Unsupported as why:
            say(ok=False, unsupported=True, why=str(why))
        except (OSError, AttributeError, ValueError, TypeError, LookupError, RecursionError) as error:
            say(ok=False, error=f"{type(error).__name__}: {error}")

    def run(self):
        """Until its input ends."""
        rest = b""
        self.loop.register(sys.stdin, selectors.EVENT_READ, None)
        while True:
            for key, events in self.loop.select():
                if key.data is not None:
                    key.data(events)
                    continue
                data = os.read(0, 65536)
                if not data:
                    return
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    self.obey(line)


signal.signal(signal.SIGINT, signal.SIG_DFL)
Testee().run()
