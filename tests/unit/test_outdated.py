"""An input that is another file now, and no newer than what was made of the one before, makes that look older."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from snakeroot.data.changes import stamps
from snakeroot.jobs import outdated, provenance

RECORD = Path("provenance/t/b.json")
INPUT, OUTPUT = Path("a.root"), Path("results/t/b")
THEN, LATER = 1_000_000_000, 1_000_000_500


@pytest.fixture(autouse=True)
def _made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a job leaves that has made `results/t/b` of `a.root`, 500 seconds later."""
    monkeypatch.chdir(tmp_path)
    for folder in (OUTPUT.parent, RECORD.parent, Path(".snakemake")):
        folder.mkdir(parents=True)
    write(INPUT, "some", THEN)
    before = stamps([INPUT, OUTPUT])
    write(OUTPUT, "made", LATER)
    provenance.record(RECORD, datetime.now(UTC), {}, before)


def write(path: Path, text: str, seconds: int) -> None:
    path.write_text(text)
    os.utime(path, (seconds, seconds))


def hidden() -> bool:
    """Whether what was made looks newer than what it was made from."""
    return INPUT.stat().st_mtime <= OUTPUT.stat().st_mtime


@pytest.mark.parametrize("text", ["more", "of another size"])
@pytest.mark.parametrize("seconds", [THEN - 1000, THEN + 1, LATER])
def test_another_file_is_found_whatever_its_time(text: str, seconds: int) -> None:
    assert outdated.outdate(Path("provenance")) == []
    write(INPUT, text, seconds)
    assert outdated.outdate(Path("provenance")) == ["a.root"]
    assert not hidden()
    assert OUTPUT.read_text() == "made"
    assert outdated.outdate(Path("provenance")) == [], "as Snakemake sees it now by itself"


@pytest.mark.parametrize("seconds", [THEN - 1000, THEN, THEN + 1])
def test_the_same_file_with_another_time_is_read_once(seconds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    write(INPUT, "some", seconds)
    for _ in range(2):
        assert outdated.outdate(Path("provenance")) == []
        assert hidden()
        monkeypatch.setattr(outdated, "sha256", None)  # would fail


def test_a_newer_one_is_snakemakes_to_see(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outdated, "sha256", None)
    write(INPUT, "more", LATER + 1)
    assert outdated.outdate(Path("provenance")) == []


def test_what_is_gone_damaged_or_of_an_older_version_is_left_alone() -> None:
    write(INPUT, "more", THEN)
    known = json.loads(RECORD.read_text())
    for facts in (
        known | {"outputs": {"results/t/gone": {}}},
        known | {"inputs": {"gone.root": known["inputs"]["a.root"], "https://x/a.root": {"bytes": 1, "sha256": "0"}}},
        known | {"inputs": {"a.root": {"bytes": 4, "sha256": "0"}}},
        {},
        [],
    ):
        RECORD.write_text(json.dumps(facts))
        assert outdated.outdate(Path("provenance")) == []
    RECORD.write_text("{")
    assert outdated.outdate(Path("provenance")) == []
    assert outdated.outdate(Path("nowhere")) == []


def test_half_a_file_of_digests_is_as_none() -> None:
    write(INPUT, "more", THEN - 1)
    outdated.KEPT.write_text('{"a.root": ')
    assert outdated.outdate(Path("provenance")) == ["a.root"]
    assert json.loads(outdated.KEPT.read_text())["a.root"][0] == 4
