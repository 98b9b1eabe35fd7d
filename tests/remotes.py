"""The features stage on URLs."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from helpers import features_settings, run_features
from snakeroot.data import tables
from snakeroot.data.files import read_json, to_json
from snakeroot.errors import SnakerootError
from snakeroot.features import remote
from snakeroot.features.__main__ import features


def fetched(folder: Path, url: str, **changed: Any) -> tuple[pa.Table, dict[str, Any], dict[str, Any]]:
    """Run the stage on a URL; return its table, its cut flow and what it says for the provenance."""
    paths = (folder / "table.parquet", folder / "cut_flow.json")
    facts = features(features_settings(url=url, **changed), [], [], *paths)
    return tables.read(paths[0]), read_json(paths[1]), facts


def fails(folder: Path, url: str, says: str, **changed: Any) -> str:
    """The stage fails with a message that begins with the URL, and leaves nothing behind, here or in TMPDIR."""
    with pytest.raises(SnakerootError, match=says) as error:
        fetched(folder, url, **changed)
    assert str(error.value).startswith(f"{url}: ")
    assert remote.PREFIX not in str(error.value)
    assert not list(Path(tempfile.gettempdir()).iterdir())
    assert not [path for path in folder.rglob("*") if path.is_file()]
    return str(error.value)


def same_as_local(found: tuple[pa.Table, Any, Any], ntuple: Path, **changed: Any) -> None:
    table, flow = run_features(ntuple, **changed)
    assert found[0].equals(table, check_metadata=True)
    assert found[1] == flow


def command(folder: Path, url: str) -> list[str]:
    spec = to_json({"settings": features_settings(url=url).model_dump(mode="json")})
    files = [
        "--ntuple",
        "--metadata",
        "--table",
        str(folder / "t.parquet"),
        "--cut-flow",
        str(folder / "c.json"),
        "--threads",
        "1",
    ]
    return [sys.executable, "-m", "snakeroot.features", "--spec", spec, *files]
