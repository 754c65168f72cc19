# The vectors of spec/vectors, and the hash over every decision of the domain.
"""The engine decides as the specification says."""

import hashlib
import itertools
import json
import os
import struct
from typing import Any, Dict, Iterator, List, Tuple

import pytest

from finrst import _engine as engine
from finrst import _spec as spec
from finrst._platform import this_platform

from support import ROOT

VECTORS: List[Tuple[str, Dict[str, Any]]] = [
    (f"{path.stem}-{index}", vector)
    for path in sorted((ROOT / "spec/vectors").glob("*.json"))
    for index, vector in enumerate(json.loads(path.read_text()))
]


def row(platform: str) -> int:
    """The row of a platform, or of one of its machines."""
    if platform == "unknown":
        return 0
    name, _, machine = platform.partition("-")
    found = spec.PLATFORMS[name]
    return found["arch"][machine]["row"] if machine else found["row"]


def number(group: str, name: str) -> int:
    return getattr(spec, f"{group}_{name}")


def bits(group: str, names: List[str]) -> int:
    return sum(number(group, name) for name in names)


def context_of(given: Dict[str, Any]) -> int:
    word = row(given.get("platform", "unknown"))
    word |= bits("CAN", given.get("can", [])) | bits("POLICY", given.get("policy", []))
    if "confirm" in given:
        word |= number("CONFIRM", given["confirm"]) << spec.CONFIRM_SHIFT
    return word | (spec.CONTEXT_BIG_ENDIAN if given.get("bigEndian") else 0)


def state_of(given: Dict[str, Any]) -> int:
    word = number("PHASE", given["phase"]) if "phase" in given else 0
    word |= bits("FLAG", given.get("flags", []))
    if "cause" in given and given["cause"] != "NONE":
        word |= number("EVENT", given["cause"]) << spec.FIELD_CAUSE_SHIFT
    for field in ("ended", "by", "delivery", "received", "receive"):
        if field in given:
            word |= number(field.upper(), given[field]) << number("FIELD", f"{field.upper()}_SHIFT")
    return word


def decision(vector: Dict[str, Any]) -> None:
    context, state = context_of(vector.get("context", {})), state_of(vector.get("state", {}))
    event = number("EVENT", vector["event"])
    facts = bits("FACT", vector.get("facts", []))
    if "argument" in vector:
        group = "RECEIVE" if vector["event"] == "STOP_RECEIVING" else "ERROR"
        facts |= number(group, vector["argument"]) << spec.ARGUMENT_SHIFT
    plan = engine.decide(context, state, event, facts)
    assert spec.RULES[plan >> spec.PLAN_RULE_SHIFT & spec.PLAN_RULE_MASK][0] == vector["rule"]
    steps = [plan >> shift & spec.PLAN_STEP_MASK for shift in range(0, 20, spec.PLAN_STEP_BITS)]
    taken = list(itertools.takewhile(bool, steps))
    assert taken == [number("STEP", name) for name in vector["plan"]]
    after = engine.enter(context, state, event, facts)
    for step in taken:
        after = engine.settle(after, step, spec.RESULT_DONE)
    rule = next(number for number, (name, _, _) in spec.RULES.items() if name == vector["rule"])
    kept = spec.FIELD_RULE_MASK << spec.FIELD_RULE_SHIFT
    assert after & ~kept == state_of(vector["becomes"])
    not_open = next(number for number, (name, _, _) in spec.RULES.items() if name == "not-open")
    if rule < not_open:
        assert (after & kept) >> spec.FIELD_RULE_SHIFT == rule


def linger(vector: Dict[str, Any]) -> None:
    context = context_of(vector["context"])
    seconds = -1 if vector["seconds"] is None else vector["seconds"]
    data = engine.encode_linger(context, seconds)
    if data is None:
        assert vector["bytes"] == "out of range"
    else:
        assert data.hex(" ") == vector["bytes"]
        assert engine.decode_linger(context, data) == seconds
    row_of_it = context & spec.CONTEXT_PLATFORM_MASK
    assert engine.column(row_of_it, spec.COLUMN_SOCKET_LEVEL) == vector["level"]
    assert engine.column(row_of_it, spec.COLUMN_LINGER_OPTION) == vector["option"]


@pytest.mark.parametrize("vector", [vector for _, vector in VECTORS], ids=[name for name, _ in VECTORS])
def test_a_vector_holds(vector: Dict[str, Any]) -> None:
    if "event" in vector:
        decision(vector)
    elif "seconds" in vector:
        linger(vector)
    else:
        assert engine.normalise(context_of(vector["context"]), vector["errno"]) == number("ERROR", vector["error"])


def reads(domain: Dict[str, Any], kind: str, event: str, phase: int) -> List[str]:
    """The inputs that an event reads in a phase."""
    if phase == spec.PHASE_ENDED:
        return []
    if phase == spec.PHASE_NEW:
        return domain["whenNew"].get(event, {}).get(kind, "").split()
    entry = domain["events"][event]
    late = phase in (spec.PHASE_FINISHED, spec.PHASE_DRAINING)
    return entry.get("always", entry.get("late" if late else "early"))[kind].split()


def words(domain: Dict[str, Any], names: List[str]) -> Dict[str, List[int]]:
    """Every context, every state and every set of facts that the inputs make."""
    traits: Dict[int, int] = {}
    for number_of_row in range(64):
        trait = engine.column(number_of_row, spec.COLUMN_TRAITS) & domain["traitsMask"]
        traits.setdefault(trait, number_of_row)
    lists = {"context": [0], "state": [0], "facts": [0]}
    for name in names:
        given = domain["inputs"][name]
        values = list(traits.values()) if given["values"] == "platforms" else given["values"]
        lists[given["word"]] = [word | value for word in lists[given["word"]] for value in values]
    return lists


def answers(domain: Dict[str, Any], kind: str) -> Iterator[int]:
    """Every answer of decide or enter, in the order of the specification."""
    call = {"decide": engine.decide, "enter": engine.enter}[kind].__wrapped__
    events = [name[len("EVENT_") :] for name in vars(spec) if name.startswith("EVENT_")]
    for event, phase in itertools.product(events, range(7)):
        names = reads(domain, kind, event, phase)
        lists, which = words(domain, names), number("EVENT", event)
        read = spec.PHASE_MASK
        for name in names:
            given = domain["inputs"][name]
            read |= given["mask"] if given["word"] == "state" else 0
        for context, state, facts in itertools.product(lists["context"], lists["state"], lists["facts"]):
            yield call(context, state | phase, which, facts)
            if kind == "enter":
                filled = state | phase | 0xFFFFFFFF & ~read
                yield call(context, struct.unpack("i", struct.pack("I", filled))[0], which, facts)


@pytest.mark.parametrize("kind", ["decide", "enter"])
def test_every_decision_of_the_domain_is_the_pinned_one(kind: str) -> None:
    if kind == "enter" and "FINRST_LONG" not in os.environ:
        pytest.skip("the 115 million answers of enter take hours in Python: FINRST_LONG=1")
    domain = json.loads((ROOT / "spec/domain.json").read_text())
    pinned = (ROOT / "spec/vectors/exhaustive.sha256").read_text().splitlines()
    digest, count = hashlib.sha256(), 0
    while_there_are = answers(domain, kind)
    while True:
        block = list(itertools.islice(while_there_are, 65536))
        if not block:
            break
        count += len(block)
        digest.update(struct.pack(f"<{len(block)}i", *block))
    assert f"{digest.hexdigest()}  {kind}, {count} words" in pinned


def test_this_machine_has_a_row_of_the_table() -> None:
    assert this_platform().row > 0
    assert this_platform().level > 0


def test_what_is_remembered_is_bounded() -> None:
    for state in range(0, engine.MOST_REMEMBERED * 8, 8):
        engine.settle(state, spec.STEP_ARM, 0)
    assert engine.settle.cache_info().currsize <= engine.MOST_REMEMBERED
