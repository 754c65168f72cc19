# Reads the verdict out of a state, and tells why a rule decides as it does.
"""Verdicts and explanations."""

from dataclasses import dataclass
from typing import Dict, Optional

from . import _engine as engine
from . import _spec as spec

_ENDED = ("unknown", "fin", "reset", "silent")
_BY = ("unknown", "us", "peer", "kernel")
_DELIVERY = ("unknown", "handed", "acked", "confirmed", "lost")
_RECEIVED = ("unknown", "complete", "reset", "discarded")
_CERTAINTY = ("assumed", "documented", "measured")

# The state holds the event that was the cause.
_CAUSES: Dict[int, str] = {
    spec.EVENT_CLOSE: "close",
    spec.EVENT_FINISH_SENDING: "close",
    spec.EVENT_ABORT: "abort",
    spec.EVENT_DATA: "abort",
    spec.EVENT_DROPPED: "drop",
    spec.EVENT_RUNTIME_CLOSED: "drop",
    spec.EVENT_FAILED: "failure",
    spec.EVENT_EXITING: "exit",
    spec.EVENT_DEADLINE: "deadline",
    spec.EVENT_OVER_LIMIT: "limit",
    spec.EVENT_PEER_FIN: "peer",
    spec.EVENT_PEER_RESET: "peer",
    spec.EVENT_OS_ERROR: "error",
    spec.EVENT_FIN_SENT: "error",
}


@dataclass(frozen=True)
class Verdict:
    """How a connection ended. It never claims more than was observed.

    ended      fin, reset, silent or unknown
    by         us, peer, kernel or unknown
    cause      close, abort, drop, failure, exit, deadline, limit, peer or error
    delivery   confirmed (the peer finished after our FIN), acked (its stack has all), handed (our kernel has all),
               lost or unknown
    received   how the other direction ended: complete, reset, discarded or unknown
    certainty  of the cell of the platform table that this rests on: measured, documented or assumed
    rule       explain(rule) says why
    unsent     bytes that the peer's stack is known not to have; None: not known
    error      what was raised first, if anything was
    """

    ended: str
    by: str
    cause: str
    delivery: str
    received: str
    certainty: str
    rule: str
    unsent: Optional[int] = None
    error: Optional[BaseException] = None


@dataclass(frozen=True)
class Explanation:
    """What a rule says, and why."""

    rule: str
    title: str
    why: str


def rule_name(number: int) -> str:
    return spec.RULES[number][0] if number in spec.RULES else f"rule {number}"


def explain(rule: str) -> Explanation:
    """Why a rule decides as it does. ValueError if there is none of that name."""
    for name, title, why in spec.RULES.values():
        if name == rule:
            return Explanation(name, title, why)
    raise ValueError(f"finrst: rule is {rule!r}; expected the rule of a verdict, such as 'close-flushes'")


def verdict_of(context: int, state: int, kept: bool, lost: Optional[int], error: Optional[BaseException]) -> Verdict:
    """The verdict of a state; `kept`: what arrived was kept and not thrown away, `lost`: what was unsent."""
    delivery = _DELIVERY[state >> spec.FIELD_DELIVERY_SHIFT & spec.DELIVERY_MASK]
    received = _RECEIVED[state >> spec.FIELD_RECEIVED_SHIFT & spec.RECEIVED_MASK]
    return Verdict(
        ended=_ENDED[state >> spec.FIELD_ENDED_SHIFT & spec.ENDED_MASK],
        by=_BY[state >> spec.FIELD_BY_SHIFT & spec.BY_MASK],
        cause=_CAUSES.get(state >> spec.FIELD_CAUSE_SHIFT & spec.CAUSE_MASK, "close"),
        delivery=delivery,
        received="unknown" if kept and received == "discarded" else received,
        certainty=_CERTAINTY[engine.certainty(context, state)],
        rule=rule_name(state >> spec.FIELD_RULE_SHIFT & spec.FIELD_RULE_MASK),
        unsent=0 if delivery in ("acked", "confirmed") else lost,
        error=error,
    )
