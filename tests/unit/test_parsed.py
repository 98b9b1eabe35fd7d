"""What planning keeps of the code that it has parsed: it is found by content, and its loss is no loss."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from snakeroot.jobs import parsed, spec

CONTENT = b"import json\n"


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The code that derives, in a project of its own."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".snakemake").mkdir()
    code = tmp_path / "reader.py"
    code.write_text("first")
    return code


def keep(reader: Path, content: bytes = CONTENT) -> None:
    """End a process that has parsed one module."""
    process = parsed.Parsed(reader)
    process.put("a.b", content, ["digest", [[None, ["json"]]]])
    process.keep()


def test_what_is_kept_is_found_by_content(reader: Path) -> None:
    keep(reader)
    again = parsed.Parsed(reader)
    assert again.get("a.b", CONTENT) == ["digest", [[None, ["json"]]]]
    assert again.get("a.b", CONTENT + b"\n") is again.get("a.c", CONTENT) is None
    keep(reader, CONTENT + b"\n")
    assert parsed.Parsed(reader).get("a.b", CONTENT) is None


def test_other_code_knows_nothing_of_it(reader: Path) -> None:
    keep(reader)
    reader.write_text("second")
    assert parsed.Parsed(reader).get("a.b", CONTENT) is None


@pytest.mark.parametrize("damage", ["", "{", "[]", "{}", '{"reader": 1, "modules": {}}', "null"])
def test_a_damaged_file_is_as_none(reader: Path, damage: str) -> None:
    keep(reader)
    parsed.FILE.write_text(damage)
    assert parsed.Parsed(reader).get("a.b", CONTENT) is None
    keep(reader)
    assert parsed.Parsed(reader).get("a.b", CONTENT)


def test_nothing_is_written_where_snakemake_keeps_nothing_or_nothing_is_new(reader: Path) -> None:
    parsed.Parsed(reader).keep()
    assert not parsed.FILE.exists()
    Path(".snakemake").rmdir()
    keep(reader)
    assert not Path(".snakemake").exists()


def test_a_spec_is_the_same_with_what_is_kept_and_without(reader: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for _ in range(2):
        kept = parsed.Parsed(Path(spec.__file__))
        monkeypatch.setattr(spec, "of_code", lambda _, kept=kept: kept)
        for cached in (spec._code, spec._read):
            cached.cache_clear()
        found.append(spec._code(("snakeroot.train", "snakeroot.evaluate.metrics")))
        kept.keep()
    assert found[0] == found[1]
    assert len(json.loads(parsed.FILE.read_text())["modules"]) > 50
