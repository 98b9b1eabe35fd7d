"""The records of jobs: what `snakeroot.jobs.provenance` has written beside the results."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from snakeroot.data import paths
from snakeroot.data.files import read_json
from snakeroot.errors import SnakerootError

RESULTS = "results/"
FOLDER = Path(paths.provenances(RESULTS))
MADE = {Path(RESULTS).name, Path(paths.timed(RESULTS)).name, Path(paths.RECORDS).parts[0]}
"""Folders with files that jobs make: results, figures of times, and what is written for other programs."""
MADE_IN = tuple(f"{folder}/" for folder in sorted(MADE))
"""How the paths of these files begin."""


@dataclass(frozen=True)
class Record:
    """The record of a job.

    Attributes:
        path: of the record.
        facts: what it says.
    """

    path: Path
    facts: dict[str, Any]

    @property
    def words(self) -> list[str]:
        """The command that ran, without its interpreter: `-m snakeroot.<stage>` and its options."""
        program, *words = self.facts["command"]
        parts = Path(program).with_suffix("").parts
        package = len(parts) - 1 - parts[::-1].index("snakeroot") if "snakeroot" in parts else len(parts) - 1
        return ["-m", ".".join(part for part in parts[package:] if part != "__main__"), *words]

    @property
    def stage(self) -> str:
        """The module that ran, with the figure that it drew."""
        _, module, *words = self.words
        return " ".join([module, *(word for word in words[:1] if not word.startswith("-"))])

    @property
    def spec(self) -> dict[str, Any]:
        """Settings, digest of the code, and packages."""
        words = self.facts["command"]
        spec: dict[str, Any] = json.loads(words[words.index("--spec") + 1])
        return spec

    @property
    def inputs(self) -> dict[str, dict[str, Any]]:
        """`sha256` and `bytes` of each file that it read; of a remote one, by its URL."""
        inputs: dict[str, dict[str, Any]] = self.facts["inputs"]
        if source := self.facts.get("source"):
            remote = {"bytes": source["bytes"], "sha256": source["sha256"].removeprefix("sha256:")}
            return inputs | {source["url"]: remote}
        return inputs

    @property
    def outputs(self) -> dict[str, dict[str, Any]]:
        """`sha256` and `bytes` of each file that it wrote."""
        outputs: dict[str, dict[str, Any]] = self.facts["outputs"]
        return outputs

    def of(self, file: str) -> dict[str, dict[str, Any]]:
        """Return what it wrote of a file, or below a folder."""
        return {name: facts for name, facts in self.outputs.items() if name == file or name.startswith(f"{file}/")}


def read(path: Path) -> Record:
    """Read a record.

    Raises:
        SnakerootError: if it is damaged, or from before checksums were noted.
    """
    facts = read_json(path)
    if not {"command", "inputs", "outputs", "modules"} <= set(facts):
        raise SnakerootError(
            f"{path}: it was written by an older version, without checksums: a run makes its files and it anew"
        )
    return Record(path, facts)


def every(folder: Path) -> Iterator[Record]:
    """Yield all records that can be read below a folder, in the order of their paths."""
    for path in sorted(folder.rglob("*.json")):
        try:
            yield read(path)
        except SnakerootError:
            continue


def folders(file: str) -> list[Path]:
    """Return where the record of a file may be: beside its results/, or in the working folder."""
    parts = Path(file).parts
    beside = [Path(*parts[:place]) / FOLDER for place, part in enumerate(parts) if part in MADE]
    return list(dict.fromkeys([*beside, FOLDER]))


def made(file: str) -> Record | None:
    """Return the record of the job that wrote a file; the latest if there are several."""
    found = [record for folder in folders(file) for record in every(folder) if file in record.outputs]
    return max(found, key=lambda record: str(record.facts["end"]), default=None)


def reading(file: str) -> list[Record]:
    """Return the records of the jobs that read a file."""
    return [record for record in every(FOLDER) if file in record.inputs]
