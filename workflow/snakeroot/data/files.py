"""Whole files or none: outputs appear under their name only when complete; JSON has stable bytes and a digest."""

from __future__ import annotations

import errno
import glob
import hashlib
import json
import math
import os
import re
import shutil
import socket
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from snakeroot.data import changes
from snakeroot.errors import FaultError

SEAL = "sha256-of-the-rest"
"""Key of a JSON file's digest: no column can be called so, and a column's name may be a key beside it."""

_FULL = {
    errno.ENOSPC: "the disk is full: make room there",
    errno.EDQUOT: "your quota there is used up: make room",
    errno.EFBIG: "it would be larger than the file system, or `ulimit -f`, allows: raise the limit",
    errno.EROFS: "the file system is read-only: work in another folder, or have it mounted for writing",
}
_DENIED = {
    errno.EACCES: "you may not write there: change the permissions, or work in another folder",
    errno.EPERM: "you may not write there: change the permissions, or work in another folder",
    errno.ENOTDIR: "a file stands where its folder should be: move it away",
    errno.EEXIST: "a file stands where its folder should be: move it away",
}
"""What to do if writing fails; reading can fail in the latter ways too."""


@contextmanager
def atomic(*paths: Path) -> Iterator[list[Path]]:
    """Yield a temporary path beside each of `paths`; all are renamed into place at the end, none if anything fails.

    Host and process id are in the temporary names, so two writers of the same file do each other no harm:
    the last rename wins, and readers see one whole file or the other.

    Raises:
        SnakerootError: naming `paths`, if there is no room for them, or no permission to write them; naming an input of
            this job that has changed, by `changes.check`.
    """
    temporary = [_temporary(path, str(os.getpid())) for path in paths]
    for path in paths:
        make_folder(path.parent)
    with ExitStack() as cleanup:
        for part in temporary:
            cleanup.callback(part.unlink, missing_ok=True)
        try:
            yield temporary
            changes.check()
            for part, path in zip(temporary, paths, strict=True):
                part.chmod(0o666 & ~_umask())  # some writers make files that only their owner can read
                part.replace(path)
        except OSError as error:
            _explain(error, paths, temporary)
            raise


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """Yield a new folder beside `path`, which takes its place at the end; it is removed if anything fails.

    Raises:
        SnakerootError: naming `path`, if there is no room for it, or no permission to write it, or as `atomic` does.
    """
    part = _temporary(path, str(os.getpid()))
    make_folder(part)
    try:
        yield part
        changes.check()
        if path.exists():
            shutil.rmtree(path)
        part.replace(path)
    except OSError as error:
        _explain(error, [path], [part])
        raise
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _explain(error: OSError, paths: Sequence[Path], temporary: Sequence[Path]) -> None:
    """Say what to do about an error, if it is one of writing `paths`, under their temporary names."""
    own = any(str(part) in str(error) for part in temporary)
    if error.errno in _FULL or (own and error.errno in _DENIED):
        raise _unwritable(paths, error) from error


def make_folder(path: Path) -> None:
    """Make a folder, and those above it, unless it is there.

    Raises:
        SnakerootError: if there is no room for it, or no permission.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        if error.errno in _FULL | _DENIED:
            raise _unwritable([path], error) from error
        raise


def _unwritable(paths: Sequence[Path], error: OSError) -> FaultError:
    names = ", ".join(str(_final(path)) for path in paths)
    advice = (_FULL | _DENIED)[error.errno or 0]
    return FaultError(f"{names}: cannot be written, as {advice}, and run again")


def remove(path: Path) -> None:
    """Remove a file, and what killed processes of this host have left half-written of it."""
    path.unlink(missing_ok=True)
    before, after = _temporary(path, "*").name.split("*")
    for part in path.parent.glob(f"{glob.escape(before)}*{glob.escape(after)}"):
        process = part.name[len(before) : len(part.name) - len(after)]
        if process.isdigit() and not _runs(int(process)):
            part.unlink(missing_ok=True)


def sweep(folder: Path) -> int:
    """Remove what killed processes of this host have left half-written below a folder; return how much that was."""
    own = re.compile(rf"\..*\.{re.escape(socket.gethostname())}-(\d+)(\.\w+)?")
    found = 0
    for where, folders, files in os.walk(folder):
        for name in (*folders, *files):
            if (made := own.fullmatch(name)) and not _runs(int(made[1])):
                part = Path(where, name)
                shutil.rmtree(part) if part.is_dir() else part.unlink(missing_ok=True)
                found += 1
        folders[:] = [name for name in folders if not own.fullmatch(name)]
    return found


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


def _final(path: Path) -> Path:
    """What a temporary path of this process is to become: what is written to one may be written whole itself."""
    mark = f".{socket.gethostname()}-{os.getpid()}"
    stem = path.stem
    return path.with_name(stem[1:].removesuffix(mark) + path.suffix) if stem.endswith(mark) else path


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


def write_json(value: Mapping[str, Any], path: Path) -> None:
    """Write `value` as indented JSON with sorted keys and a digest of it, by which `read_json` knows what was changed.

    NaN and infinity are refused: what is measured is `finite`.
    """
    known: dict[str, Any] = json.loads(to_json(value))  # as it will be read: keys are text
    with atomic(path) as [part]:
        text = json.dumps(known | {SEAL: _seal(known)}, sort_keys=True, allow_nan=False, indent=2, ensure_ascii=False)
        part.write_text(text + "\n", encoding="utf-8")


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON file of ours, without its digest.

    Raises:
        SnakerootError: naming the file, if it is damaged, or not what was written: one that was edited by hand would
            give other results than those that its own inputs give.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(value, dict) or value.pop(SEAL, None) != _seal(value):
            raise ValueError("it is not as it was written: edited by hand, or damaged")
    except (OSError, ValueError) as error:
        raise FaultError(f"{path}: cannot be read as JSON ({error}); delete it and run again") from error
    return value


def _seal(value: Mapping[str, Any]) -> str:
    return hashlib.sha256(to_json(value).encode()).hexdigest()


def digest(paths: Iterable[Path]) -> Iterator[bytes]:
    """Yield a digest of each file's bytes."""
    for path in paths:
        with path.open("rb") as file:
            yield hashlib.file_digest(file, "sha256").digest()
