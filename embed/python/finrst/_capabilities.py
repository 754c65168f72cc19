# What a guard can do for a kind of socket on this machine: in words for its owner, in bits for the engine.
"""Capabilities."""

from dataclasses import dataclass
from typing import Dict

from . import _spec as spec
from ._platform import Platform


@dataclass(frozen=True)
class Capability:
    """Whether something can be done here, and by what, or why not."""

    can: bool
    why: str


@dataclass(frozen=True)
class Capabilities:
    """What this Python and this system can really do for a connection."""

    platform: str
    arm: Capability
    abort: Capability
    hold: Capability
    half_close: Capability
    send_after_peer_fin: Capability
    drain: Capability
    acked: Capability
    linger: Capability

    def as_dict(self) -> Dict[str, Dict[str, object]]:
        """By the names of the testee protocol."""
        names = {"half_close": "halfClose", "send_after_peer_fin": "sendAfterPeerFin"}
        return {
            names.get(name, name): {"can": value.can, "why": value.why}
            for name, value in vars(self).items()
            if isinstance(value, Capability)
        }


def context_bits(platform: Platform) -> int:
    """Platform row and CAN_*."""
    return (
        platform.row_bits
        | spec.CAN_ARM
        | spec.CAN_HOLD
        | spec.CAN_DRAIN
        | (spec.CAN_DISCONNECT if platform.disconnect else 0)
        | (spec.CAN_SEE_ACKED if platform.query else 0)
    )


def capabilities(platform: Platform, keeps_sending: Capability) -> Capabilities:
    """In words."""
    by_disconnect = ", after an abort that needs no last close" if platform.disconnect else ""
    return Capabilities(
        platform=platform.id,
        arm=Capability(True, "SO_LINGER {1,0} from the moment the socket is guarded"),
        abort=Capability(True, f"linger {{1,0}} and the last close{by_disconnect}"),
        hold=Capability(True, "a close-on-exec duplicate of the descriptor"),
        half_close=Capability(True, "shutdown(SHUT_WR), and receiving goes on"),
        send_after_peer_fin=keeps_sending,
        drain=Capability(True, "the duplicate is read to the peer's FIN"),
        acked=Capability(
            platform.query is not None,
            "the send queue is asked" if platform.query else f"{platform.id} has no query for the send queue",
        ),
        linger=Capability(True, "SO_LINGER in seconds"),
    )
