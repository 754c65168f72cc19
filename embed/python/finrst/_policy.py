# Turns a caller's policy into the bits of the context and the numbers that stay with the host.
"""Policies: presets, answers, and the checks of arguments."""

from dataclasses import dataclass
from typing import Any, Dict, Mapping, Optional, Sequence, Tuple, Union

from . import _spec as spec

PRESETS = ("compatible", "strict", "manual")
CONFIRMS: Dict[str, int] = {
    "none": spec.CONFIRM_NONE,
    "kernel": spec.CONFIRM_KERNEL,
    "acked": spec.CONFIRM_ACKED,
    "peer": spec.CONFIRM_PEER,
}
LONGEST_SECONDS = 2_147_483.647

# For each answer: the bit that the second word sets.
_ANSWERS: Dict[str, Tuple[str, str, int]] = {
    "on_drop": ("close", "abort", spec.POLICY_DROP_ABORTS),
    "on_failure": ("abort", "close", spec.POLICY_FAILURE_CLOSES),
    "on_exit": ("abort", "close", spec.POLICY_EXIT_CLOSES),
    "on_crash": ("abort", "leave", spec.POLICY_CRASH_LEAVES),
    "on_peer_fin": ("keep", "close", spec.POLICY_PEER_FIN_CLOSES),
    "on_unread": ("drain", "abort", spec.POLICY_UNREAD_ABORTS),
    "on_deadline": ("abort", "detach", spec.POLICY_DEADLINE_DETACHES),
}
_BITS_OF_PRESET = {
    "compatible": 0,
    "strict": spec.POLICY_DROP_ABORTS,
    "manual": spec.POLICY_FAILURE_CLOSES
    | spec.POLICY_EXIT_CLOSES
    | spec.POLICY_CRASH_LEAVES
    | spec.POLICY_DEADLINE_DETACHES
    | spec.POLICY_HANDS_OFF,
}
_SECONDS = ("flush_seconds", "drain_idle_seconds", "drain_seconds")


def one_of(name: str, value: Any, allowed: Sequence[str]) -> str:
    """The value, if it is one of those allowed."""
    if not isinstance(value, str):
        raise TypeError(f"finrst: {name} is {value!r}; expected one of {', '.join(allowed)}")
    if value not in allowed:
        raise ValueError(f"finrst: {name} is {value!r}; expected one of {', '.join(allowed)}")
    return value


def seconds(name: str, value: Any, least: float = 0.001) -> float:
    """The value, if it is a time in seconds."""
    expected = f"seconds, {least} … {LONGEST_SECONDS}"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"finrst: {name} is {value!r}; expected {expected}")
    if not least <= value <= LONGEST_SECONDS:
        raise ValueError(f"finrst: {name} is {value!r}; expected {expected}")
    return float(value)


def whole(name: str, value: Any, most: int, unit: str) -> int:
    """The value, if it is a whole number from 0 to `most`."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"finrst: {name} is {value!r}; expected a whole number of {unit}, 0 … {most}")
    if not 0 <= value <= most:
        raise ValueError(f"finrst: {name} is {value!r}; expected a whole number of {unit}, 0 … {most}")
    return int(value)


def confirm_bits(confirm: Any) -> int:
    """CONFIRM_* where a context has it."""
    return CONFIRMS[one_of("confirm", confirm, tuple(CONFIRMS))] << spec.CONFIRM_SHIFT


def with_confirm(context: int, confirm: Any) -> int:
    """A context that waits for this confirmation instead of its own."""
    return context & ~(spec.CONFIRM_MASK << spec.CONFIRM_SHIFT) | confirm_bits(confirm)


@dataclass(frozen=True)
class Policy:
    """POLICY_* and CONFIRM_* for the engine, and how long and how much for the host."""

    bits: int
    flush_seconds: float = 30.0
    drain_idle_seconds: float = 5.0
    drain_seconds: float = 30.0
    drain_bytes: int = 2 * 1024 * 1024


def parse(policy: Union[str, Mapping[str, Any], None], answers: Mapping[str, Any]) -> Policy:
    """Checks a policy and packs it. TypeError or ValueError name the field, its value and what is allowed."""
    given: Dict[str, Any] = {}
    preset: Optional[str] = None
    if isinstance(policy, Mapping):
        given.update(policy)
        preset = given.pop("preset", None)
    elif policy is not None:
        preset = one_of("policy", policy, PRESETS)
    given.update(answers)
    preset = "compatible" if preset is None else one_of("policy preset", preset, PRESETS)
    bits = _BITS_OF_PRESET[preset]
    known = (*_ANSWERS, "confirm", *_SECONDS, "drain_bytes")
    numbers: Dict[str, Any] = {}
    confirm: Any = "acked"
    for name, value in given.items():
        if name not in known:
            raise TypeError(f"finrst: the policy has no answer {name!r}; expected some of {', '.join(known)}")
        if name in _ANSWERS:
            clear, sets, bit = _ANSWERS[name]
            bits = bits | bit if one_of(name, value, (clear, sets)) == sets else bits & ~bit
        elif name == "confirm":
            confirm = value
        elif name == "drain_bytes":
            numbers[name] = whole(name, value, 2**53, "bytes")
        else:
            numbers[name] = seconds(name, value)
    return Policy(bits | confirm_bits(confirm), **numbers)
