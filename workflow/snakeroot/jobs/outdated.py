"""Results that are newer than an input which is another file now: Snakemake, which goes by times, would keep them.

A file that takes an input's place may be older than what was made of its predecessor: copied with its time, unpacked
from an archive, or written after the clock was set back. The record of a job has size, time and SHA-256 of each input
that it read. Where an input has another size or time now, and yet is no newer than the outputs, it is read; where it is
another file indeed, the outputs are made to look older than it. So Snakemake sees that they are out of date.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from snakeroot.jobs.provenance import sha256

MARGIN = 2 * 10**9
"""Nanoseconds: as much as the steps in which any file system counts times."""

KEPT = Path(".snakemake/snakeroot-digests.json")
"""SHA-256 of files that were read for this, by their name, size and time: so that each is read once."""


def outdate(folder: Path) -> list[str]:
    """Set back the times of outputs that hide that an input is another file now; return these inputs.

    Args:
        folder: with the records of jobs. What is damaged, missing, or somebody else's is left alone.
    """
    now, digests, found = Files(), Digests(), set()
    for facts in _records(folder):
        for name, then in facts["inputs"].items():
            size, modified = now.of(name)
            if "modified" not in then or modified is None or (size, modified) == (then["bytes"], then["modified"]):
                continue
            hiding = [path for path in facts["outputs"] if (now.of(path)[1] or 0) >= modified]
            if hiding and (size != then["bytes"] or digests.of(name, size, modified) != then["sha256"]):
                found.add(name)
                for path in hiding:
                    with suppress(OSError):
                        os.utime(path, ns=(modified - MARGIN, modified - MARGIN))
    digests.keep()
    return sorted(found)


def _records(folder: Path) -> Iterator[dict[str, Any]]:
    for path in folder.rglob("*.json"):
        with suppress(OSError, ValueError):
            facts = json.loads(path.read_bytes())
            if isinstance(facts, dict) and {"inputs", "outputs"} <= facts.keys():
                yield facts


class Files:
    """Sizes and times of files, each looked up once."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[int, int | None]] = {}

    def of(self, name: str) -> tuple[int, int | None]:
        """Return bytes and time of the last change [ns]; None where there is no such file."""
        if name not in self._known:
            try:
                facts = Path(name).stat()
                self._known[name] = facts.st_size, facts.st_mtime_ns
            except OSError:
                self._known[name] = 0, None
        return self._known[name]


class Digests:
    """SHA-256 of files, kept from one plan to the next."""

    def __init__(self) -> None:
        self._known: dict[str, list[Any]] = {}
        self._new = False
        with suppress(OSError, ValueError):  # nothing kept, or half a file of a machine that lost its power
            self._known = dict(json.loads(KEPT.read_bytes()))

    def of(self, name: str, size: int, modified: int) -> str | None:
        """Return the digest of a file of this size and time; None if it cannot be read."""
        kept = self._known.get(name)
        if not kept or kept[:2] != [size, modified]:
            try:
                self._known[name] = kept = [size, modified, sha256(Path(name))]
            except OSError:
                return None
            self._new = True
        return str(kept[2])

    def keep(self) -> None:
        """Write what is new, in one step, as other plans may read and write it meanwhile."""
        part = KEPT.with_name(f"{KEPT.name}.{os.getpid()}")
        if self._new:
            with suppress(OSError):  # a project that belongs to somebody else, or a full disk
                part.write_text(json.dumps(self._known))
                part.replace(KEPT)
