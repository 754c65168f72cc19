# Guards of asyncio's streams and transports over real loopback sockets.
"""A guarded transport ends as the policy says."""

import asyncio
import gc
import socket
import threading
from typing import Any, Awaitable, Callable, List, Tuple

import pytest

import finrst

from support import LIMIT, ending, until

BIG = 10_000_000
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[Any]]


def read_slowly(peer: socket.socket) -> Tuple[int, str]:
    with peer:
        return ending(peer)


async def served(handler: Handler, peer_does: Callable[[socket.socket], Any] = read_slowly) -> Any:
    """What a plain peer, in a thread, makes of a connection that `handler` serves."""
    connected, handled = asyncio.Event(), asyncio.Event()

    async def after_the_connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await connected.wait()
        try:
            await handler(reader, writer)
        finally:
            handled.set()

    server = await asyncio.start_server(after_the_connection, "127.0.0.1", 0)
    address = server.sockets[0].getsockname()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda loop, context: None)
    peer = await loop.run_in_executor(None, lambda: socket.create_connection(address, LIMIT))
    connected.set()
    try:
        found = await asyncio.wait_for(loop.run_in_executor(None, peer_does, peer), LIMIT)
        await asyncio.wait_for(handled.wait(), LIMIT)
        return found
    finally:
        peer.close()
        server.close()


def run(handler: Handler, peer_does: Callable[[socket.socket], Any] = read_slowly) -> Any:
    return asyncio.run(served(handler, peer_does))


def test_a_block_that_ends_is_complete() -> None:
    verdicts: List[finrst.Verdict] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with finrst.guard_writer(writer) as guard:
            assert guard.armed and guard.linger == 0
            writer.write(bytes(BIG))
        verdicts.append(await guard.wait())

    assert run(handler) == (BIG, "eof")
    assert [verdict.ended for verdict in verdicts] == ["fin"]


def test_a_block_that_raises_resets() -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with finrst.guard_writer(writer):
            writer.write(b"half")
            await writer.drain()
            raise KeyError("row")

    assert run(handler) == (4, "reset")


def test_a_handler_that_raises_resets_without_any_block() -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        finrst.guard_writer(writer)
        writer.write(b"half")
        await writer.drain()
        raise KeyError("row")

    assert run(handler) == (4, "reset")


def test_a_handler_that_is_cancelled_resets() -> None:
    for block in (True, False):

        async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            guard = finrst.guard_writer(writer)
            task = asyncio.current_task()
            assert task is not None
            asyncio.get_running_loop().call_later(0.05, task.cancel)
            writer.write(b"half")
            if block:
                async with guard:
                    await asyncio.sleep(LIMIT)
            await asyncio.sleep(LIMIT)

        assert run(handler) == (4, "reset")


def test_a_close_that_is_cancelled_before_our_fin_resets() -> None:
    cancelled = threading.Event()

    def late(peer: socket.socket) -> Tuple[int, str]:
        assert cancelled.wait(LIMIT)
        return read_slowly(peer)

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        guard = finrst.guard_writer(writer, task=None)
        writer.write(bytes(BIG))
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(guard.close(), 0.05)
        cancelled.set()
        verdict = await guard.wait()
        assert (verdict.ended, verdict.delivery) == ("reset", "lost")

    count, seen = run(handler, late)
    assert count < BIG and seen == "reset"


def test_close_of_the_writer_flushes_and_sends_our_fin() -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        guard = finrst.guard_writer(writer)
        writer.write(bytes(BIG))
        writer.close()
        await writer.wait_closed()
        verdict = await guard.wait()
        assert (verdict.ended, verdict.cause) == ("fin", "drop")

    assert run(handler) == (BIG, "eof")


def test_abort_really_resets() -> None:
    def of_the_transport(guard: finrst.AsyncGuard) -> None:
        guard.transport.abort()

    def of_the_guard(guard: finrst.AsyncGuard) -> None:
        assert guard.abort(ValueError("enough")).ended == "reset"

    for abort in (of_the_transport, of_the_guard):

        async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            guard = finrst.guard_writer(writer)
            writer.write(b"half")
            await writer.drain()
            abort(guard)
            assert (await guard.wait()).cause == "abort"

        assert run(handler) == (4, "reset")


def test_an_unguarded_abort_of_a_transport_is_end_of_file() -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"half")
        await writer.drain()
        writer.transport.abort()

    assert run(handler) == (4, "eof")


def test_finish_sending_leaves_receiving_open() -> None:
    def answer(peer: socket.socket) -> Tuple[int, str]:
        found = ending(peer)
        peer.sendall(b"answer")
        peer.close()
        return found

    for call in ("finish_sending", "write_eof"):
        done: List[bytes] = []

        async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            guard = finrst.guard_writer(writer)
            writer.write(bytes(BIG))
            if call == "write_eof":
                writer.write_eof()
            else:
                await guard.finish_sending()
            done.append(await reader.read())
            verdict = await guard.wait()
            assert (verdict.ended, verdict.delivery, verdict.received) == ("fin", "confirmed", "complete")

        assert run(handler, answer) == (BIG, "eof")
        assert done == [b"answer"]


def test_finalise_hands_back_what_the_peer_still_sends() -> None:
    def send(peer: socket.socket) -> Tuple[int, str]:
        found = ending(peer)
        peer.sendall(b"rest")
        peer.close()
        return found

    rests: List[bytes] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        rest, verdict = await finrst.guard_writer(writer).finalise()
        rests.append(rest)
        assert verdict.received == "complete"

    assert run(handler, send) == (0, "eof")
    assert rests == [b"rest"]


def test_a_reset_by_the_peer_is_told_as_such() -> None:
    verdicts: List[finrst.Verdict] = []

    def reset(peer: socket.socket) -> None:
        assert peer.recv(1) == b"!"
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        peer.close()

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        guard = finrst.guard_writer(writer, task=None)
        writer.write(b"!")
        try:
            await reader.read()
        finally:
            verdicts.append(await guard.wait())

    run(handler, reset)
    assert (verdicts[0].ended, verdicts[0].by) == ("reset", "peer")


def test_a_loop_that_is_closed_leaves_no_connection_behind() -> None:
    async def main() -> Tuple[finrst.AsyncGuard, socket.socket]:
        listener = socket.create_server(("127.0.0.1", 0))
        _, writer = await asyncio.open_connection(*listener.getsockname())
        peer = listener.accept()[0]
        listener.close()
        guard = finrst.guard_writer(writer, task=None)
        writer.write(b"whole")
        await guard.close()
        return guard, peer

    guard, peer = asyncio.run(main())
    with peer:
        peer.settimeout(LIMIT)
        assert ending(peer) == (5, "eof")
    until(lambda: guard._connection.over, "the connection has ended")


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_forgotten_transport_is_a_drop() -> None:
    async def main() -> socket.socket:
        listener = socket.create_server(("127.0.0.1", 0))
        _, writer = await asyncio.open_connection(*listener.getsockname())
        peer = listener.accept()[0]
        listener.close()
        finrst.guard_writer(writer, "strict", task=None)
        return peer

    peer = asyncio.run(main())
    gc.collect()
    with peer:
        peer.settimeout(LIMIT)
        assert ending(peer) == (0, "reset")


def test_a_protocol_may_be_guarded_too() -> None:
    lost: List[Any] = []

    class Half(asyncio.Protocol):
        def connection_made(self, transport: Any) -> None:
            finrst.guard_transport(transport)
            transport.write(b"half")

        def data_received(self, data: bytes) -> None:
            raise KeyError("row")

        def connection_lost(self, error: Any) -> None:
            lost.append(error)

    def ask(peer: socket.socket) -> Tuple[int, str]:
        peer.sendall(b"?")
        return read_slowly(peer)

    async def main() -> Any:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda loop, context: None)
        server = await loop.create_server(Half, "127.0.0.1", 0)
        address = server.sockets[0].getsockname()
        peer = await loop.run_in_executor(None, lambda: socket.create_connection(address, LIMIT))
        try:
            return await loop.run_in_executor(None, ask, peer)
        finally:
            server.close()

    assert asyncio.run(main()) == (4, "reset")
    assert isinstance(lost[0], KeyError)


def test_what_is_no_transport_is_refused() -> None:
    async def main() -> None:
        with pytest.raises(TypeError, match="writer is 3; expected an asyncio.StreamWriter"):
            finrst.guard_writer(3)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="transport is None; expected a TCP transport"):
            finrst.guard_transport(None)  # type: ignore[arg-type]

    asyncio.run(main())
