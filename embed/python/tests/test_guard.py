# Guards over real loopback sockets: what the peer reads, and what the verdict says.
"""A guarded socket ends as the policy says."""

import gc
import os
import socket
import threading
import weakref
from typing import Callable, Tuple

import pytest

import finrst

from support import LIMIT, connected, ending, reset, until

BIG = 10_000_000


def ended(guard: finrst.Guard) -> finrst.Verdict:
    verdict = guard.wait(LIMIT)
    assert verdict is not None
    return verdict


class SlowReader:
    """A peer that begins to read when it is told to, in a thread of its own."""

    def __init__(self, peer: socket.socket) -> None:
        self.go = threading.Event()
        self.read: Tuple[int, str] = (0, "nothing")
        self._peer = peer
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        self.go.wait(LIMIT)
        self.read = ending(self._peer)
        self._peer.close()

    def end(self) -> Tuple[int, str]:
        self.go.set()
        self._thread.join(LIMIT)
        return self.read


def test_a_socket_is_armed_from_the_beginning() -> None:
    with connected() as (sock, _):
        guard = finrst.guard(sock)
        assert guard.armed and guard.linger == 0
        assert guard.verdict is None
        assert isinstance(sock, socket.socket)


def test_a_socket_has_one_guard() -> None:
    with connected() as (sock, _):
        assert finrst.guard(sock) is finrst.guard(sock, "strict")


def test_a_close_sends_everything_and_then_our_fin() -> None:
    with connected() as (sock, peer):
        guard = finrst.guard(sock)
        sock.sendall(b"whole")
        verdict = guard.close()
        assert (verdict.ended, verdict.by, verdict.cause, verdict.delivery) == ("fin", "us", "close", "acked")
        assert verdict.unsent == 0
        assert ending(peer) == (5, "eof")


def test_a_close_that_asks_for_the_peer_learns_that_it_ended_too() -> None:
    with connected() as (sock, peer):
        guard = finrst.guard(sock)
        peer.shutdown(socket.SHUT_WR)
        verdict = guard.close(confirm="peer")
        assert (verdict.delivery, verdict.received) == ("confirmed", "complete")
        until(lambda: sock.fileno() < 0, "the socket is released")


def test_a_second_close_changes_nothing() -> None:
    with connected() as (sock, peer):
        guard = finrst.guard(sock)
        first = guard.close()
        assert guard.close() is first and guard.abort().cause in ("close", "abort")
        assert ending(peer)[0] == 0


def test_a_socket_with_a_timeout_and_one_that_does_not_block_close_as_well() -> None:
    for timeout in (None, 0.0, 0.5):
        with connected() as (sock, peer):
            sock.settimeout(timeout)
            with finrst.guard(sock) as guard:
                assert sock.send(b"abc") == 3
            assert ended(guard).ended == "fin" and ending(peer) == (3, "eof")


def test_a_guard_leaves_blocking_as_it_was() -> None:
    socket.setdefaulttimeout(3.0)
    try:
        with connected() as (sock, _):
            for timeout in (None, 0.0, 7.0):
                sock.settimeout(timeout)
                blocks = timeout is None
                finrst.guard(sock)
                assert os.get_blocking(sock.fileno()) is blocks and sock.gettimeout() == timeout
    finally:
        socket.setdefaulttimeout(None)


def test_ten_megabytes_arrive_at_a_slow_reader() -> None:
    with connected() as (sock, peer):
        reader = SlowReader(peer)
        guard = finrst.guard(sock)
        writer = threading.Thread(target=sock.sendall, args=(bytes(BIG),))
        with guard.sending():
            writer.start()
            threading.Timer(0.1, reader.go.set).start()
            writer.join()
        assert guard.close().ended == "fin"
        assert reader.end() == (BIG, "eof")


def test_a_close_waits_for_what_another_thread_still_sends() -> None:
    with connected() as (sock, peer):
        reader = SlowReader(peer)
        guard = finrst.guard(sock)
        writer = threading.Thread(target=sock.sendall, args=(bytes(BIG),))
        writer.start()
        until(lambda: guard.unsent() is None, "the writer is in sendall")
        threading.Timer(0.1, reader.go.set).start()
        assert guard.close().ended == "fin"
        assert reader.end() == (BIG, "eof")
        writer.join()


def test_a_close_that_runs_out_of_time_resets() -> None:
    with connected() as (sock, peer):
        sock.setblocking(False)
        guard = finrst.guard(sock)
        with pytest.raises(BlockingIOError):
            while True:
                sock.send(bytes(65536))
        verdict = guard.close(within=0.2)
        assert (verdict.ended, verdict.cause, verdict.delivery) == ("reset", "deadline", "lost")
        assert verdict.unsent is not None and verdict.unsent > 0
        assert ending(peer)[1] == "reset"


def test_an_abort_has_left_when_the_call_returns() -> None:
    with connected() as (sock, peer):
        guard = finrst.guard(sock)
        verdict = guard.abort(RuntimeError("enough"))
        peer.setblocking(False)
        with pytest.raises(ConnectionResetError):
            peer.recv(1)
        assert (verdict.ended, verdict.cause) == ("reset", "abort") and str(verdict.error) == "enough"
        assert sock.fileno() < 0 and guard.abort() is verdict


def test_an_abort_ends_a_call_that_waits_in_another_thread() -> None:
    with connected() as (sock, peer):
        guard = finrst.guard(sock)
        raised = []

        def send() -> None:
            try:
                sock.sendall(bytes(BIG))
            except OSError as error:
                raised.append(error)

        writer = threading.Thread(target=send)
        writer.start()
        until(lambda: guard.unsent() is None, "the writer is in sendall")
        verdict = guard.abort()
        writer.join(LIMIT)
        assert verdict.delivery == "lost" and len(raised) == 1 and ending(peer)[1] == "reset"


def test_a_failure_resets_and_the_policy_may_say_otherwise() -> None:
    for answer, seen in (("abort", "reset"), ("close", "eof")):
        with connected() as (sock, peer):
            guard = finrst.guard(sock, on_failure=answer)
            sock.sendall(b"part")
            assert guard.fail(ValueError("bad")).cause == "failure"
            assert ending(peer) == (4, seen)


def test_an_exception_in_a_with_block_resets_and_goes_on() -> None:
    with connected() as (sock, peer):
        with pytest.raises(KeyError), finrst.guard(sock) as guard:
            sock.sendall(b"half")
            raise KeyError("row")
        assert ending(peer) == (4, "reset")
        assert guard.verdict is not None and isinstance(guard.verdict.error, KeyError)


def test_an_exception_in_the_with_block_of_the_socket_is_a_failure_too() -> None:
    with connected() as (sock, peer):
        guard = finrst.guard(sock)
        with pytest.raises(KeyError), sock:
            sock.sendall(b"half")
            raise KeyError("row")
        assert ended(guard).cause == "failure" and ending(peer) == (4, "reset")


def plain_close(sock: socket.socket) -> None:
    sock.close()


def closed_with_its_file(sock: socket.socket) -> None:
    with sock.makefile("rb"):
        sock.close()
        assert sock.fileno() >= 0


@pytest.mark.parametrize("let_go", [plain_close, closed_with_its_file])
def test_a_plain_close_is_a_drop(let_go: Callable[[socket.socket], None]) -> None:
    for policy, seen in (("compatible", "eof"), ("strict", "reset")):
        with connected() as (sock, peer):
            guard = finrst.guard(sock, policy)
            sock.sendall(b"some")
            let_go(sock)
            assert ending(peer) == (4, seen)
            peer.close()
            assert (ended(guard).ended, ended(guard).cause) == ({"eof": "fin"}.get(seen, seen), "drop")


def test_a_forgotten_socket_is_a_drop_and_is_collected() -> None:
    for policy, seen in (("compatible", "eof"), ("strict", "reset")):
        with (
            socket.create_server(("127.0.0.1", 0)) as listener,
            socket.create_connection(listener.getsockname()) as peer,
        ):
            sock = listener.accept()[0]
            finrst.guard(sock, policy)
            gone = weakref.ref(sock)
            with pytest.warns(ResourceWarning):
                del sock
                gc.collect()
            assert gone() is None
            peer.settimeout(LIMIT)
            assert ending(peer) == (0, seen)


def test_a_guard_keeps_its_socket() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as peer:
        guard = finrst.guard(listener.accept()[0])
        gc.collect()
        guard.socket.sendall(b"alive")
        assert peer.recv(5) == b"alive"
        guard.abort()


def test_a_sendall_that_failed_cannot_be_completed() -> None:
    ways: Tuple[Callable[[finrst.Guard], object], ...] = (
        lambda guard: guard.close(),
        lambda guard: guard.drop(),
        lambda guard: guard.socket.close(),
    )
    for way in ways:
        with connected() as (sock, peer):
            guard = finrst.guard(sock)
            sock.settimeout(0.05)
            with pytest.raises(socket.timeout):
                sock.sendall(bytes(BIG))
            way(guard)
            assert isinstance(ended(guard).error, socket.timeout)
            assert ending(peer)[1] == "reset"


def test_finish_sending_leaves_receiving_open() -> None:
    with connected() as (sock, peer):
        guard = finrst.guard(sock)
        sock.sendall(b"question")
        guard.finish_sending()
        assert ending(peer) == (8, "eof")
        peer.sendall(b"answer")
        assert sock.recv(10) == b"answer"
        peer.close()
        assert sock.recv(10) == b"" and sock.recv(10) == b""
        verdict = ended(guard)
        assert (verdict.ended, verdict.delivery, verdict.received) == ("fin", "confirmed", "complete")


def test_shutdown_of_the_socket_is_finish_sending() -> None:
    with connected() as (sock, peer):
        guard = finrst.guard(sock)
        sock.shutdown(socket.SHUT_WR)
        assert not guard.armed and ending(peer) == (0, "eof")
        peer.sendall(b"still")
        assert sock.recv(10) == b"still"


def test_finalise_hands_back_what_the_peer_still_sends() -> None:
    with connected() as (sock, peer):
        guard = finrst.guard(sock)
        peer.sendall(b"rest" * 1000)
        peer.shutdown(socket.SHUT_WR)
        rest, verdict = guard.finalise(within=LIMIT, limit=3000)
        assert rest == (b"rest" * 1000)[:3000] and verdict.ended in ("fin", "reset")
        assert verdict.received != "complete"


def test_a_rest_that_is_not_whole_is_not_told_as_complete() -> None:
    # The peer has acknowledged our FIN, and everything before it, when it sends too much.
    with connected() as (sock, peer):
        guard = finrst.guard(sock)
        sock.sendall(b"bye")
        begun = threading.Thread(target=lambda: ending(peer) == (3, "eof") and peer.sendall(b"too much"))
        begun.start()
        rest, verdict = guard.finalise(within=LIMIT, limit=3)
        begun.join()
        assert (rest, verdict.ended, verdict.cause, verdict.received) == (b"too", "fin", "limit", "unknown")


def test_a_rest_that_is_whole_is_told_as_complete() -> None:
    with connected() as (sock, peer):
        guard = finrst.guard(sock)
        peer.sendall(b"rest")
        peer.shutdown(socket.SHUT_WR)
        rest, verdict = guard.finalise(within=LIMIT)
        assert (rest, verdict.ended, verdict.received) == (b"rest", "fin", "complete")


def test_unread_bytes_do_not_turn_a_close_into_a_reset() -> None:
    with connected() as (sock, peer):
        guard = finrst.guard(sock)
        peer.sendall(b"unread")
        until(lambda: guard._connection.duplicate.unread(), "it has arrived")
        sock.sendall(b"last words")
        guard.close()
        assert ending(peer) == (10, "eof")


def test_stop_receiving_discards_holds_or_refuses() -> None:
    with connected() as (sock, peer):
        finrst.guard(sock).stop_receiving("discard")
        peer.sendall(bytes(BIG))
    with connected() as (sock, peer):
        guard = finrst.guard(sock)
        guard.stop_receiving("hold")
        peer.settimeout(0.2)
        with pytest.raises(socket.timeout):
            peer.sendall(bytes(BIG))
        guard.abort()
    with connected() as (sock, peer):
        guard = finrst.guard(sock)
        guard.stop_receiving("refuse")
        peer.sendall(b"x")
        assert ending(peer) == (0, "reset") and ended(guard).ended == "reset"


def test_a_reset_by_the_peer_is_told_as_such() -> None:
    for reads in (True, False):
        with connected() as (sock, peer):
            guard = finrst.guard(sock)
            reset(peer)
            if reads:
                with pytest.raises(ConnectionResetError):
                    sock.recv(1)
            else:
                until(guard._connection.duplicate.peer_is_gone, "the reset has arrived")
                guard.close()
            assert (ended(guard).ended, ended(guard).by, ended(guard).received) == ("reset", "peer", "reset")


def test_linger_is_seconds() -> None:
    with connected() as (sock, _):
        guard = finrst.guard(sock, "manual")
        assert not guard.armed and guard.linger is None
        guard.set_linger(5)
        assert guard.linger == 5
        guard.set_linger(None)
        assert guard.linger is None
        with pytest.raises(ValueError, match="seconds is -1"):
            guard.set_linger(-1)


def test_capabilities_are_told_in_words() -> None:
    with connected() as (sock, _):
        found = finrst.guard(sock).capabilities
        assert found.arm.can and "SO_LINGER" in found.arm.why
        assert set(found.as_dict()) >= {"arm", "abort", "hold", "halfClose", "sendAfterPeerFin", "drain"}


def test_a_rule_is_explained() -> None:
    assert "kernel" in finrst.explain("open-arms").why
    with pytest.raises(ValueError, match="rule is 'nothing'"):
        finrst.explain("nothing")
