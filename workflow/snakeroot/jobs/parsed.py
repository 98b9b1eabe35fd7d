"""What the spec takes from modules, kept from one plan to the next: parsing them was much of the time of planning.

It is found by a digest of a module's bytes, never by its time or size, so what is kept cannot be out of date. It lies
in the folder where Snakemake keeps what it knows of a project; where there is none, or it cannot be written, nothing is
kept.
"""

from __future__ import annotations

import atexit
import functools
import hashlib
import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

FILE = Path(".snakemake/snakeroot-code.json")


def digest(content: bytes) -> str:
    """Return the name by which content is found."""
    return hashlib.sha256(content).hexdigest()


class Parsed:
    """What was derived from modules by the code in one file, `reader`; with other code or Python nothing is known."""

    def __init__(self, reader: Path) -> None:
        """Read what is kept, if anything; what comes to be known is written when the process ends."""
        self._file = FILE.absolute()
        self._reader = digest(reader.read_bytes() + sys.version.encode())
        self._known: dict[str, Any] = {}
        self._new = False
        try:
            kept = json.loads(self._file.read_bytes())
            if kept["reader"] == self._reader:
                self._known = dict(kept["modules"])
        except (OSError, ValueError, KeyError, TypeError):
            pass  # nothing kept, or half a file of a machine that lost its power
        atexit.register(self.keep)

    def get(self, module: str, content: bytes) -> Any:
        """Return what is known of a module with this content, or None."""
        kept = self._known.get(module)
        return kept[1] if kept and kept[0] == digest(content) else None

    def put(self, module: str, content: bytes, value: Any) -> None:
        """Remember what was found; a module's former content is forgotten."""
        self._known[module] = [digest(content), value]
        self._new = True

    def keep(self) -> None:
        """Write what is new, in one step, as other plans may read and write it meanwhile."""
        if not self._new or not self._file.parent.is_dir():
            return
        part = self._file.with_name(f"{self._file.name}.{os.getpid()}")
        try:
            part.write_text(json.dumps({"reader": self._reader, "modules": self._known}))
            part.replace(self._file)
        except OSError:
            with suppress(OSError):
                part.unlink()  # a project that belongs to somebody else, or a full disk
        self._new = False


of_code = functools.cache(Parsed)
"""By the file of the code."""
