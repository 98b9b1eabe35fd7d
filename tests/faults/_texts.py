"""Where texts in place of expressions come from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import yaml
from projects import REPOSITORY
from snakeroot.errors import SnakerootError
from snakeroot.physics.expressions.functions import FUNCTIONS
from snakeroot.physics.expressions.language import parse

CORPUS = Path(__file__).with_name("expressions.txt")

WORDS = [
    *FUNCTIONS,
    *("x", "pt", "n", "good", "branch", "branch('a.b')", "0", "1", "2", "-1", "0.5", "1e308", "True", "None", "..."),
    *("18446744073709551615", "9" * 30, "9" * 4400, "0x" + "f" * 40, "1e999", "1j", "1_0", "0b1", "0777", "inf", "nan"),
    *("+", "-", "*", "/", "//", "%", "**", "&", "|", "^", "~", "<<", ">>", "<", "<=", "==", "!=", ">", "@", ":=", "="),
    *("(", ")", "[", "]", "{", "}", ",", ":", ";", ".", "\\", "\n", "\t", "\r", "\x0c", "#", "'", '"', "'''", "`", "!"),
    *(
        "and",
        "or",
        "not",
        "in",
        "is",
        "if",
        "else",
        "for",
        "lambda x:",
        "lambda:",
        "await",
        "yield",
        "async",
        "import os",
    ),
    *("__import__('os').system('touch PWNED')", "__class__", "x.__class__.__mro__", "().__class__", "__builtins__"),
    *("eval('1')", "exec('1')", "open('PWNED', 'w')", "getattr(x, 'y')", "globals()", "[y for y in x]", "{**x}", "*x"),
    *("f'{x}'", "f'{open(1)}'", "'{0.__class__}'.format(x)", "'%s' % x", "b'x'", "'x'", "r'\\'", "x := 1", "(x := 1)"),
    *("{wildcards}", "{input}", "$(touch PWNED)", "`touch PWNED`", "<script>", "\x1b[31m", "\x00", "\ud800", "\u202e"),
    *("ｘ", "𝐱", "＿＿x", "é", "e\u0301", "\u200b", "\ufeff", "\xa0", "\u2028", "\x85", "٣", "∞", "→"),
]
GRAMMAR = ["x", "pt", "n", "good", "nested", "0", "1", "2", "-1", "0.5", "18446744073709551615"]
"""What stands where a name stands."""
USES = ["concatenate({0}, {0})", "{0}[{0}]", "({0} * {0})", "argcross({0}, {0})", "isin({0}, {0})", "({0} ** 16)"]
USES += ["sorted({0}, {0})", "({0} << 63)", "argcombinations({0}, 8)", "{0}[argcross({0}, {0})]", "prod({0})", "-{0}"]
NESTED = [
    "(",
    "[",
    "{",
    "-",
    "~",
    "not ",
    "x[",
    "sum(",
    "x + (",
    "(x,",
    "lambda: ",
    "x if x else ",
    "f'{",
    "[y for y in ",
]
CLOSED = {"(": ")", "[": "]", "{": "}", "x[": "]", "sum(": ")", "x + (": ")", "(x,": ")", "f'{": "}'"}


def corpus() -> list[str]:
    """The texts that are kept."""
    return [json.loads(line) for line in CORPUS.read_text().splitlines() if line.startswith('"')]


def known() -> list[str]:
    """The expressions of the corpus, of the docs and of the shipped tasks."""
    pages = [path.read_text() for path in sorted((REPOSITORY / "docs").glob("*.md"))]
    spans = [span for page in pages for span in re.findall(r"`([^`\n]{3,200})`", page)]
    blocks = [block for page in pages for block in re.findall(r"^```yaml\n(.*?)^```", page, re.DOTALL | re.MULTILINE)]
    tasks = [
        path for folder in ("config/tasks", "tests/results/tasks") for path in (REPOSITORY / folder).glob("*.yaml")
    ]
    texts = [text for one in [*blocks, *(path.read_text() for path in sorted(tasks))] for text in _of_yaml(one)]
    return list(dict.fromkeys([*corpus(), *filter(_is_one, [*texts, *spans])]))


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


def mutated(random: Random, known: list[str]) -> str:
    """An expression of which some parts are left out, doubled, replaced by words, or by parts of another one."""
    text = random.choice(known)
    for _ in range(random.randint(1, 3)):
        parts = re.findall(r"\w+|\s+|.", text, re.DOTALL) or [""]
        place = random.randrange(len(parts))
        match random.randrange(7):
            case 0:
                del parts[place]
            case 1:
                parts[place] = random.choice(WORDS)
            case 2:
                parts.insert(place, random.choice(WORDS))
            case 3:
                parts[place] = f"({random.choice(known)})"
            case 4:
                parts[place:place] = parts[place : place + random.randrange(8)]
            case 5:
                parts[place] = chr(random.randrange(0x110000) if random.random() < 0.5 else random.randrange(0x80))
            case 6:
                names = [at for at, part in enumerate(parts) if re.fullmatch(r"\w+", part)]
                if names:
                    parts[random.choice(names)] = random.choice([*FUNCTIONS, *GRAMMAR])
        text = "".join(parts)
    return text


def soup(random: Random, known: list[str]) -> str:
    """Words one after the other."""
    del known
    return random.choice(["", " "]).join(random.choices(WORDS, k=random.randint(1, 20)))


def nested(random: Random, known: list[str]) -> str:
    """One or two kinds of openings, so many times, closed or not."""
    del known
    openings = random.choices(NESTED, k=random.randint(1, 2))
    size = sum(map(len, openings)) + sum(len(CLOSED.get(one, "")) for one in openings)
    number = random.choice([10, 30, 49, 50, 51, 90, 99, 100, 101, 199, 200, 201, 1000, 4000])
    number = min(number, 4010 // size)
    end = "".join(CLOSED.get(one, "") for one in reversed(openings))
    middle = random.choice(["x", "", "1", ":", "=", "x for x in y", "pt"])
    return "".join(openings) * number + middle + end * random.choice([number, number, 0, 1])


def definitions(random: Random, known: list[str]) -> list[str]:
    """Expressions of definitions d0, d1, …, of which each uses the one before it, often twice."""
    first = random.choice(["pt", "x", "n", "nested", "places(pt)", random.choice(known)])
    return [first, *(random.choice(USES).format(f"d{number}") for number in range(random.randint(1, 60)))]


def anything(random: Random, known: list[str]) -> str:
    """Any characters."""
    del known
    return "".join(chr(random.choice([random.randrange(0x110000), random.randrange(0x250)])) for _ in range(30))
