# What guard() refuses, and how it says so.
"""Every error names the argument, its value and what is allowed."""

import socket
import ssl
from typing import Any, Type

import pytest

import finrst

from support import connected


@pytest.mark.parametrize("value", [None, 3, "socket", object()])
def test_what_is_no_socket_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="finrst: sock is .*expected a connected TCP"):
        finrst.guard(value)


def test_a_closed_socket_is_refused() -> None:
    with connected() as (sock, _):
        sock.close()
        with pytest.raises(OSError, match="sock is closed; expected a connected TCP"):
            finrst.guard(sock)


def test_an_unconnected_socket_and_a_listener_are_refused() -> None:
    with socket.socket() as sock, socket.create_server(("127.0.0.1", 0)) as listener:
        for one in (sock, listener):
            with pytest.raises(OSError, match="sock is not connected; expected"):
                finrst.guard(one)


def test_datagrams_and_local_sockets_are_refused() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        with pytest.raises(ValueError, match="SOCK_DGRAM.*expected"):
            finrst.guard(sock)
    one, other = socket.socketpair()
    with one, other, pytest.raises(ValueError, match="AF_UNIX.*expected"):
        finrst.guard(one)


def test_a_tls_socket_is_refused() -> None:
    context = ssl.create_default_context()
    with connected() as (_, peer):
        tls = context.wrap_socket(peer, server_hostname="a.example", do_handshake_on_connect=False)
        with tls, pytest.raises(TypeError, match="not TLS"):
            finrst.guard(tls)


def test_a_guarded_socket_is_not_detached_nor_wrapped() -> None:
    with connected() as (sock, _):
        finrst.guard(sock)
        with pytest.raises(OSError, match="the socket is guarded; expected an unguarded one"):
            sock.detach()


@pytest.mark.parametrize(
    ("kind", "policy", "answers", "says"),
    [
        (ValueError, "lenient", {}, "policy is 'lenient'; expected one of compatible, strict, manual"),
        (TypeError, 3, {}, "policy is 3; expected one of"),
        (ValueError, {"preset": "odd"}, {}, "policy preset is 'odd'"),
        (ValueError, None, {"on_drop": "leave"}, "on_drop is 'leave'; expected one of close, abort"),
        (TypeError, None, {"on_drop": True}, "on_drop is True; expected one of close, abort"),
        (TypeError, None, {"ondrop": "close"}, "no answer 'ondrop'; expected some of on_drop"),
        (ValueError, None, {"confirm": "maybe"}, "confirm is 'maybe'; expected one of none, kernel, acked, peer"),
        (ValueError, None, {"flush_seconds": 0}, "flush_seconds is 0; expected seconds"),
        (TypeError, None, {"drain_seconds": "1"}, "drain_seconds is '1'; expected seconds"),
        (ValueError, None, {"drain_bytes": -1}, "drain_bytes is -1; expected a whole number of bytes"),
        (TypeError, None, {"drain_bytes": 1.5}, "drain_bytes is 1.5; expected a whole number of bytes"),
    ],
)
def test_a_policy_is_checked(kind: Type[Exception], policy: Any, answers: Any, says: str) -> None:
    with connected() as (sock, _):
        with pytest.raises(kind, match=says):
            finrst.guard(sock, policy, **answers)
        assert type(sock) is socket.socket


def test_arguments_of_the_commands_are_checked() -> None:
    with connected() as (sock, _):
        guard = finrst.guard(sock)
        for within in (0, -1, 1e10):
            with pytest.raises(ValueError, match="within is"):
                guard.close(within=within)
        with pytest.raises(ValueError, match="confirm is 'x'"):
            guard.close(confirm="x")
        with pytest.raises(TypeError, match="limit is 'x'"):
            guard.finalise(limit="x")  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="how is 'x'; expected one of discard, hold, refuse"):
            guard.stop_receiving("x")
        assert guard.armed and guard.verdict is None
