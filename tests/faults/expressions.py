"""Texts in place of expressions: each is one of the language, or is refused by one message; none does anything else.

Texts are mutations of real expressions (of the docs, the shipped tasks and expressions.txt, which has all of the
grammar and whatever has once found a mistake), words of the grammar and of Python in any order, brackets and operators
within each other without end, and any characters. What is read is computed on a few entries.
"""

from __future__ import annotations

import functools
import math
import re
import resource
import signal
import time
import warnings
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any

import awkward as ak
import numpy as np
import numpy.ma
from faults._tally import Tally
from faults._texts import anything, corpus, definitions, known, mutated, nested, soup
from faults._watch import watched
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from snakeroot.errors import SnakerootError
from snakeroot.physics.expressions.branches import of_branch
from snakeroot.physics.expressions.definitions import needed
from snakeroot.physics.expressions.evaluation import conditions, numbers, values
from snakeroot.physics.expressions.language import parse
from snakeroot.physics.expressions.scope import Scope

FULL = 100_000
SHORT = 300
SECONDS, MEGABYTES = 1.0, 200
"""What one text may take: of the CPU, and more memory than those before it."""
AT_ONCE = 10
HANGS = 5
"""Seconds of the CPU after which it is stopped."""

WAYS = (numbers, values, conditions)
ENTRY = np.arange(3)


def try_all(count: int, folder: Path) -> list[Tally]:
    """Read so many texts, and all of the corpus."""
    del folder
    found = known()
    for text in found:  # which has all imported that is imported when it is first needed
        with suppress(AssertionError):
            _read(text)
    kept = Tally("a text of the corpus stands where an expression is wanted")
    for text in corpus():
        _attempt(kept, text)
    return [
        kept,
        _drawn("a mutated expression does", mutated, found, count, _attempt),
        _drawn("words of the grammar and of Python in any order do", soup, found, count // 3, _attempt),
        _drawn("brackets and operators within each other, up to 4000 signs, do", nested, found, count // 6, _attempt),
        _drawn("any characters do", anything, found, count // 6, _attempt),
        _drawn("definitions use each other, up to 60 in a row", definitions, found, count // 12, _defined),
    ]


def _drawn(accident: str, make: Callable[[Random, list[str]], Any], known: list[str], count: int, one: Any) -> Tally:
    """Make so many texts; hypothesis chooses the seeds, the same ones each time, and tells which one stopped it."""
    tally = Tally(accident)

    @settings(
        max_examples=math.ceil(count / AT_ONCE),
        database=None,
        derandomize=True,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.randoms(use_true_random=True))
    def each(random: Random) -> None:
        for _ in range(AT_ONCE):
            one(tally, make(random, known))

    each()
    return tally


def _attempt(tally: Tally, text: str) -> None:
    with tally.attempt(repr(text)) as one, _bounded():
        one.how = "refused with a message" if _read(text) else "computed"


def _defined(tally: Tally, texts: list[str]) -> None:
    with tally.attempt(repr(texts)) as one, _bounded():
        one.how = "computed"
        try:
            parsed = {f"d{number}": parse(text) for number, text in enumerate(texts)}
            last = f"d{len(texts) - 1}"
            needed([last], parsed)
            with watched() as events:
                Scope(Branches(), parsed, ENTRY, {}).defined(last)
            assert not events, events
        except SnakerootError as error:
            _told(str(error))
            one.how = "refused with a message"


def _read(text: str) -> bool:
    """Read a text and compute it in all ways; return whether it was refused in all of them."""
    refused = []
    with watched() as events, warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            expression = parse(text)
            for compute in WAYS:
                with _noted(refused):
                    compute(expression, Branches(), ENTRY)
        except SnakerootError as error:
            refused = [str(error)] * len(WAYS)
    assert not events, events
    assert not warned, warned[0].message
    for said in set(refused):
        _told(said)
        of_text = any(_plain(one[:20]) in _plain(said) for one in (text, text.strip()))
        assert of_text or "the branch '" in said or "characters" in said, f"no place in {said}"
    return len(refused) == len(WAYS)


@contextmanager
def _noted(refused: list[str]) -> Iterator[None]:
    try:
        yield
    except SnakerootError as error:
        refused.append(str(error))


def _plain(text: str) -> str:
    """A text without what its quotes may change."""
    return re.sub(r"[\\'\"]", "", text if text.isprintable() else repr(text))


def _told(said: str) -> None:
    assert said.isprintable(), f"signs that a terminal obeys in {said!r}"
    assert len(said) < 1000, f"{len(said)} characters are said"


@contextmanager
def _bounded() -> Iterator[None]:
    """The block takes no more than one text may."""
    begin, before = time.process_time(), _peak()
    signal.signal(signal.SIGPROF, _stop)
    signal.setitimer(signal.ITIMER_PROF, HANGS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    took, more = time.process_time() - begin, _peak() - before
    assert took < SECONDS, f"{took:.1f} s"
    assert more < MEGABYTES, f"{more} MB"


def _stop(*_: object) -> None:
    raise AssertionError(f"not done after {HANGS} s")


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _lists(values: Any) -> ak.Array:
    return ak.Array([values[:2], [], values])


KINDS = [
    np.array([1.5, -2.0, np.nan]),
    np.array([0, -(2**63), 2**63 - 1]),
    np.array([0, 1, 2**64 - 1], np.uint64),
    np.array([True, False, True]),
    ak.Array(["a", "b", "c"]),
    _lists(np.array([30.0, np.inf, -1.0, 0.5])),
    _lists(np.array([3, 1, 2**62])),
    _lists(np.array([True, False, True])),
    ak.Array([[[1.0, 2.0], []], [], [[3.0]]]),
    ak.Array([{"a": 1}, {"a": 2}, {"a": 3}]),
    ak.Array([None, 1.0, [2.0]]),
    np.arange(3, dtype=np.uint8),
]


class Branches(dict[str, Any]):
    """Every branch there can be: of what kind, follows from its name."""

    def __missing__(self, name: str) -> Any:
        fixed = {"x": 5, "pt": 5, "n": 6, "good": 7, "nested": 8}
        place = fixed.get(name, zlib.crc32(name.encode("utf-8", "surrogatepass")) % len(KINDS))
        self[name] = KINDS[place] if name not in fixed else _once(place)
        return self[name]


@functools.cache
def _once(place: int) -> Any:
    return of_branch("", KINDS[place])
