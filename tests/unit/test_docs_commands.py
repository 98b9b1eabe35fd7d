"""What the pages tell people to type exists: commands, options, extras, files; and numbers are those of the code."""

from __future__ import annotations

import importlib
import re
import shlex
import tomllib
from pathlib import Path

import pytest
from projects import REPOSITORY
from snakemake.cli import get_argument_parser
from snakeroot.cli.app import app
from typer.main import get_command

PAGES = [*sorted(REPOSITORY.glob("*.md")), *sorted((REPOSITORY / "docs").glob("*.md"))]
TYPED = re.compile(r"^    (\S.*)$|`([^`\n]+)`", flags=re.MULTILINE)
COMMANDS = ("make", "snakeroot", "snakemake", "pip", "python")
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
WORDS = get_command(app).commands  # type: ignore[attr-defined]
SNAKEMAKE = {option for action in get_argument_parser()._actions for option in action.option_strings}
TARGETS = set(re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text(), flags=re.MULTILINE))


def typed() -> list[tuple[str, list[str]]]:
    """All commands of all pages, with the page's name."""
    found = []
    for page in PAGES:
        for block, inline in TYPED.findall(page.read_text()):
            line = re.sub(r"\s#.*", "", block or inline).replace("…", "")
            if line.split(maxsplit=1)[:1] and line.split()[0] in COMMANDS:
                found.append((page.name, shlex.split(line)))
    return found


@pytest.mark.parametrize(("page", "words"), typed(), ids=lambda value: value if isinstance(value, str) else value[0])
def test_a_command_exists_with_its_options(page: str, words: list[str]) -> None:
    program, *rest = words[: words.index("&&")] if "&&" in words else words
    options = {word.partition("=")[0] for word in rest if re.match(r"--?[a-zA-Z]", word)}
    if program == "make":
        assert {word for word in rest if "=" not in word} <= TARGETS
    elif program == "snakemake":
        assert options <= SNAKEMAKE
    elif program == "pip":
        for extra in re.findall(r"\[([a-z,]+)\]", " ".join(rest)):
            assert set(extra.split(",")) <= set(PROJECT["optional-dependencies"])
    elif program == "python" and rest[:1] == ["-m"]:
        module = rest[1].removesuffix(".<stage>")
        if module.startswith("snakeroot"):
            importlib.import_module(module)
    elif program == "snakeroot" and rest and not rest[0].startswith("-"):
        known = WORDS[rest[0]]
        own = {name for parameter in known.params for name in parameter.opts}
        assert options <= own | (SNAKEMAKE if rest[0] == "run" else set())


PLACES = ("", "workflow/snakeroot", "workflow", "workflow/rules", "tests", "tests/unit", "docs")
FILE = re.compile(r"(?:[\w.-]+/)+[\w.-]*\.(?:py|smk|rst|toml|txt|smk|css|js)|[\w.-]+\.smk")


ABSENT = {"snakeroot/__main__.py"}
"""Named because it must not be there."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_file_of_the_program_that_is_named_is_there(page: Path) -> None:
    named = {inline for _, inline in TYPED.findall(page.read_text()) if FILE.fullmatch(inline)} - ABSENT
    missing = {path for path in named if not any((REPOSITORY / place / path).exists() for place in PLACES)}
    assert not missing


NUMBERS = [
    ("design.md", r"(\d+) MB, texts of", "config.source", "LARGEST", 1e6),
    ("design.md", r"MB, texts of ([\d,]+) characters", "config.source", "LONGEST", 1),
    ("design.md", r"characters, (\d+) levels", "config.source", "DEEPEST", 1),
    ("design.md", r"levels, ([\d,]+) values", "config.source", "MOST_VALUES", 1),
    ("design.md", r"of at most ([\d,]+) rows of a class", "split.traps", "SAMPLED", 1),
    ("design.md", r"means of at most (\d+) groups", "calibrate.fits", "GROUPS", 1),
    ("design.md", r"a run of (\w+) jobs or more", "jobs.starter", "WORTH_IT", 1),
    ("performance.md", r"at most (\d+)\. It\s*was", "networks.portions", "MOST", 1),
]
IN_WORDS = {"ten": 10}


@pytest.mark.parametrize(("page", "pattern", "module", "name", "unit"), NUMBERS, ids=lambda value: str(value)[:20])
def test_a_number_of_the_code_is_the_one_in_the_pages(
    page: str, pattern: str, module: str, name: str, unit: float
) -> None:
    found = re.search(pattern.replace(" ", r"\s+"), (REPOSITORY / "docs" / page).read_text())
    assert found, f"docs/{page} has no {pattern}"
    stated = IN_WORDS.get(found[1]) or float(found[1].replace(",", ""))
    assert stated * unit == getattr(importlib.import_module(f"snakeroot.{module}"), name)
