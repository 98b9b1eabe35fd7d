"""Whole files or none: outputs appear under their name only when complete; tables and JSON with stable bytes."""

from __future__ import annotations

import glob
import hashlib
import json
import math
import os
import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from snakeroot.errors import SnakerootError


@contextmanager
def whole(*paths: Path) -> Iterator[list[Path]]:
    """Yield a temporary path beside each of `paths`; all are renamed into place at the end, none if anything fails.

    Host and process id are in the temporary names, so two writers of the same file do each other no harm:
    the last rename wins, and readers see one whole file or the other.
    """
    temporary = [_temporary(path, str(os.getpid())) for path in paths]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as cleanup:
        for part in temporary:
            cleanup.callback(part.unlink, missing_ok=True)
        yield temporary
        for part, path in zip(temporary, paths, strict=True):
            part.chmod(0o666 & ~_umask())  # some writers make files that only their owner can read
            part.replace(path)


def remove(path: Path) -> None:
    """Remove a file, and what killed processes of this host have left half-written of it."""
    path.unlink(missing_ok=True)
    before, after = _temporary(path, "*").name.split("*")
    for part in path.parent.glob(f"{glob.escape(before)}*{glob.escape(after)}"):
        process = part.name[len(before) : len(part.name) - len(after)]
        if process.isdigit() and not _runs(int(process)):
            part.unlink(missing_ok=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's
        return True
    return True


def _temporary(path: Path, process: str) -> Path:
    return path.with_name(f".{path.stem}.{socket.gethostname()}-{process}{path.suffix}")


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def to_json(value: Any) -> str:
    """Return canonical JSON: sorted keys, no NaN, so that equal values are equal text."""
    return json.dumps(value, sort_keys=True, allow_nan=False, separators=(",", ":"), ensure_ascii=False)


def finite(value: Any) -> Any:
    """Return numbers, also those in lists and mappings, with None for NaN and infinity, which JSON has no name for."""
    if isinstance(value, Mapping):
        return {key: finite(one) for key, one in value.items()}
    if isinstance(value, list):
        return [finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def write_json(value: Any, path: Path) -> None:
    """Write `value` as indented JSON with sorted keys. NaN and infinity are refused: what is measured is `finite`."""
    with whole(path) as [part]:
        text = json.dumps(value, sort_keys=True, allow_nan=False, indent=2, ensure_ascii=False)
        part.write_text(text + "\n", encoding="utf-8")


def read_json(path: Path) -> Any:
    """Read a JSON file of ours; a damaged one is an error that names it."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SnakerootError(f"{path}: cannot be read as JSON ({error}); delete it and run again") from error


def digest(paths: Iterable[Path]) -> Iterator[bytes]:
    """Yield a digest of each file's bytes."""
    for path in paths:
        with path.open("rb") as file:
            yield hashlib.file_digest(file, "sha256").digest()
