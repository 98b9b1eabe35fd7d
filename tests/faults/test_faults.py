"""A short form of each accident, and the page that tells of them has a row for each."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from faults._tally import HEAD
from projects import REPOSITORY

NAMES = sorted(
    path.stem
    for path in (REPOSITORY / "tests/faults").glob("[!_]*.py")
    if not path.stem.startswith(("test_", "conftest"))
)


def rows() -> dict[str, list[str]]:
    """Return the cells of the page's table, by accident."""
    _, text = (REPOSITORY / "docs/reliability.md").read_text().split(HEAD)
    lines = [line.strip("| ").split(" | ") for line in text.split("\n\n")[0].splitlines()[2:]]
    return {accident: cells for accident, *cells in lines}


@pytest.mark.parametrize("name", NAMES)
def test_a_few_of_each_are_survived_and_the_page_tells_of_them(name: str, tmp_path: Path) -> None:
    module = importlib.import_module(f"faults.{name}")
    tallies = module.try_all(module.SHORT, tmp_path)
    assert not [line for tally in tallies if tally.failed for line in tally.lost]
    assert tallies
    for tally in tallies:
        assert tally.skipped or tally.tried
        tried, survived, lost, *_ = rows()[tally.accident]
        assert int(tried) == int(survived) + int(lost) >= tally.tried
        assert tally.limit or not int(lost)
