"""Texts in place of expressions: each is an expression of the language, or is refused by one message; none does anything.

Texts are mutations of real expressions (of the docs, the shipped tasks and expressions.txt, which has all of the
grammar and whatever has once found a mistake), words of the grammar and of Python in any order, brackets and operators
within each other without end, and any characters. What is read is computed on a few entries.
"""

from __future__ import annotations

import functools
import json
import re
import resource
import signal
import time
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import numpy.ma  # noqa: F401 - awkward would import it at some point
import yaml
from faults._tally import Tally
from faults._watch import watched
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from projects import REPOSITORY
from snakeroot.errors import SnakerootError
from snakeroot.physics.expressions.branches import of_branch
from snakeroot.physics.expressions.definitions import needed
from snakeroot.physics.expressions.evaluation import conditions, numbers, values
from snakeroot.physics.expressions.functions import FUNCTIONS
from snakeroot.physics.expressions.language import parse
from snakeroot.physics.expressions.scope import Scope

FULL = 120_000
SHORT = 300
SECONDS, MEGABYTES = 1.0, 200
"""What one text may take: of the CPU, and more memory than those before it."""
HANGS = 5
"""Seconds after which it is stopped."""

WAYS = (numbers, values, conditions)
CORPUS = Path(__file__).with_name("expressions.txt")
ENTRY = np.arange(3)

WORDS = [
    *FUNCTIONS,
    *("x", "pt", "n", "good", "branch", "branch('a.b')", "0", "1", "2", "-1", "0.5", "1e308", "True", "None", "..."),
    *("18446744073709551615", "9" * 30, "9" * 4400, "0x" + "f" * 40, "1e999", "1j", "1_0", "0b1", "0777", "inf", "nan"),
    *("+", "-", "*", "/", "//", "%", "**", "&", "|", "^", "~", "<<", ">>", "<", "<=", "==", "!=", ">", "@", ":=", "="),
    *("(", ")", "[", "]", "{", "}", ",", ":", ";", ".", "\\", "\n", "\t", "\r", "\x0c", "#", "'", '"', "'''", "`", "!"),
    *("and", "or", "not", "in", "is", "if", "else", "for", "lambda x:", "lambda:", "await", "yield", "async", "import os"),
    *("__import__('os').system('touch PWNED')", "__class__", "x.__class__.__mro__", "().__class__", "__builtins__"),
    *("eval('1')", "exec('1')", "open('PWNED', 'w')", "getattr(x, 'y')", "globals()", "[y for y in x]", "{**x}", "*x"),
    *("f'{x}'", "f'{open(1)}'", "'{0.__class__}'.format(x)", "'%s' % x", "b'x'", "'x'", "r'\\'", "x := 1", "(x := 1)"),
    *("{wildcards}", "{input}", "$(touch PWNED)", "`touch PWNED`", "<script>", "\x1b[31m", "\x00", "\ud800", "\u202e"),
    *("ｘ", "𝐱", "＿＿x", "é", "e\u0301", "\u200b", "\ufeff", "\xa0", "\u2028", "\x85", "٣", "∞", "→"),
]
NESTED = ["(", "[", "{", "-", "~", "not ", "x[", "sum(", "x + (", "(x,", "lambda: ", "x if x else ", "f'{", "[y for y in "]
CLOSED = {"(": ")", "[": "]", "{": "}", "x[": "]", "sum(": ")", "x + (": ")", "(x,": ")", "f'{": "}'"}


def try_all(count: int, folder: Path) -> list[Tally]:
    """Read so many texts, and all of the corpus."""
    del folder
    found = known()
    for text in found:  # which has all imported that is imported when it is first needed
        with suppress(AssertionError):
            _read(text)
    corpus = Tally("a text of the corpus stands where an expression is wanted")
    for text in found:
        _attempt(corpus, text)
    return [
        corpus,
        _drawn("a mutated text stands where an expression is wanted", mutated(found), count),
        _drawn("words in any order stand where an expression is wanted", soup(), count // 3),
        _drawn("brackets or operators within each other, up to 4000 signs, do", nested(), count // 6),
        _drawn("any characters do", st.text(max_size=200), count // 6),
        _drawn("definitions that use each other, of such texts", definitions(found), count // 6, _defined),
    ]


def known() -> list[str]:
    """The expressions of the corpus, of the docs and of the shipped tasks."""
    of_corpus = [json.loads(line) for line in CORPUS.read_text().splitlines() if line.startswith('"')]
    pages = [path.read_text() for path in sorted((REPOSITORY / "docs").glob("*.md"))]
    spans = [span for page in pages for span in re.findall(r"`([^`\n]{3,200})`", page)]
    blocks = [block for page in pages for block in re.findall(r"^```yaml\n(.*?)^```", page, re.DOTALL | re.MULTILINE)]
    tasks = [path for folder in ("config/tasks", "tests/results/tasks") for path in (REPOSITORY / folder).glob("*.yaml")]
    texts = [text for one in [*blocks, *(path.read_text() for path in sorted(tasks))] for text in _of_yaml(one)]
    return list(dict.fromkeys([*of_corpus, *filter(_is_one, [*texts, *spans])]))


def _of_yaml(text: str) -> list[str]:
    try:
        return list(_texts(yaml.safe_load(text)))
    except yaml.YAMLError:  # a part of a file
        return []


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(one)


def _is_one(text: str) -> bool:
    try:
        return not re.fullmatch(r"\w+", text) and bool(parse(text).branches)
    except SnakerootError:
        return False


@st.composite
def mutated(draw: Any, known: list[str]) -> str:
    """An expression of which some parts are left out, doubled, replaced by words, or by parts of another one."""
    text = draw(st.sampled_from(known))
    for _ in range(draw(st.integers(1, 4))):
        parts = re.findall(r"\w+|\s+|.", text, re.DOTALL) or [""]
        place = draw(st.integers(0, len(parts) - 1))
        match draw(st.integers(0, 5)):
            case 0:
                del parts[place]
            case 1:
                parts[place] = draw(st.sampled_from(WORDS))
            case 2:
                parts.insert(place, draw(st.sampled_from(WORDS)))
            case 3:
                parts[place] = f"({draw(st.sampled_from(known))})"
            case 4:
                end = draw(st.integers(place, min(len(parts), place + 8)))
                parts[place:place] = parts[place:end]
            case 5:
                parts[place] = draw(st.characters())
        text = "".join(parts)
    return text


def soup() -> st.SearchStrategy[str]:
    """Words one after the other."""
    return st.lists(st.sampled_from(WORDS), min_size=1, max_size=25).map(" ".join) | st.lists(
        st.sampled_from(WORDS), min_size=1, max_size=12
    ).map("".join)


@st.composite
def nested(draw: Any) -> str:
    """One or two kinds of openings, so many times, closed or not."""
    openings = draw(st.lists(st.sampled_from(NESTED), min_size=1, max_size=2))
    size = sum(map(len, openings)) + sum(len(CLOSED.get(one, "")) for one in openings)
    number = draw(st.sampled_from([10, 30, 49, 50, 51, 90, 99, 100, 101, 199, 200, 201, 1000, 4000]))
    number = min(number, 4010 // size)
    end = "".join(CLOSED.get(one, "") for one in reversed(openings))
    middle = draw(st.sampled_from(["x", "", "1", ":", "=", "x for x in y", "pt"]))
    return "".join(openings) * number + middle + end * (number if draw(st.booleans()) else draw(st.integers(0, 3)))


@st.composite
def definitions(draw: Any, known: list[str]) -> list[str]:
    """Expressions of definitions d0, d1, …, of which each may use those before it twice."""
    first = draw(st.sampled_from(["pt", "x", "n", "nested", "places(pt)"]) | st.sampled_from(known))
    uses = ["concatenate({0}, {0})", "{0}[{0}]", "({0} * {0})", "argcross({0}, {0})", "isin({0}, {0})", "({0} ** 16)"]
    uses += ["sorted({0}, {0})", "({0} << 63)", "argcombinations({0}, 8)", "{0}[argcross({0}, {0})]", "prod({0})", "-{0}"]
    found = [first]
    for number in range(draw(st.integers(1, 60))):
        found.append(draw(st.sampled_from(uses)).format(f"d{number}"))
    return found


def _drawn(accident: str, texts: st.SearchStrategy[Any], count: int, attempt: Any = None) -> Tally:
    """Have hypothesis choose so many, the same ones each time."""
    tally = Tally(accident)
    checks = list(HealthCheck)

    @settings(
        max_examples=max(count, 1),
        database=None,
        derandomize=True,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=checks,
    )
    @given(texts)
    def each(text: Any) -> None:
        (attempt or _attempt)(tally, text)

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
    signal.signal(signal.SIGALRM, _stop)
    signal.alarm(HANGS)
    try:
        yield
    finally:
        signal.alarm(0)
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
    """Every branch there can be: of what kind follows from its name; lists of pt and those that are tried most are lists."""

    def __missing__(self, name: str) -> Any:
        fixed = {"x": 5, "pt": 5, "n": 6, "good": 7, "nested": 8}
        place = fixed.get(name, zlib.crc32(name.encode("utf-8", "surrogatepass")) % len(KINDS))
        self[name] = KINDS[place] if name not in fixed else _once(place)
        return self[name]


@functools.cache
def _once(place: int) -> Any:
    return of_branch("", KINDS[place])
