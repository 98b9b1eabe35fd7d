"""Who ran what, where and when, from which files to which: kept beside the logs, outside the promise of equal bytes."""

from __future__ import annotations

import contextlib
import getpass
import hashlib
import platform
import resource
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import MappingProxyType
from typing import Any

from snakeroot.data.changes import Stamp, stamp
from snakeroot.data.files import write_json

PACKAGE = "snakeroot"


class Ahead:
    """Digests of files, computed by a thread while the stage works; one that ends early does not wait for it."""

    def __init__(self, files: Iterable[Path]) -> None:
        self._files = [file for file in files if file.is_file()]
        self._known: dict[Path, str] = {}
        self._thread = threading.Thread(target=self._compute, daemon=True)
        self._thread.start()

    def _compute(self) -> None:
        for file in self._files:
            with contextlib.suppress(OSError):  # told of when the file is read again, in its turn
                self._known[file] = sha256(file)

    def known(self) -> dict[Path, str]:
        """Return the digests, once all are there."""
        self._thread.join()
        return self._known


def record(
    path: Path,
    start: datetime,
    more: Mapping[str, Any],
    before: Mapping[Path, Stamp | None],
    ahead: Ahead | None = None,
) -> None:
    """Write the facts of this process, which began at `start` (UTC) and has just made its outputs, to `path`.

    Args:
        more: what the stage says of itself, as the device that it used; `beside` are files that it has written and that
            its command line does not name, `verified` are SHA-256 of files that it has read and compared.
        before: stamps, from before the stage ran, of the files that its command line names. Outputs appear by a rename,
            so what is the same file as before was read, and any other was written.
        ahead: digests of some of these, from while the stage ran.
    """
    end = datetime.now(UTC)
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    peak = max(own.ru_maxrss, children.ru_maxrss)
    written = [one for one, known in before.items() if known is None or (one.is_file() and stamp(one) != known)]
    verified = {**(ahead.known() if ahead else {}), **more.get("verified", {})}
    read = digests((one for one in before if one not in written), verified)
    facts = {
        **{name: fact for name, fact in more.items() if name not in ("beside", "verified")},
        "command": sys.argv,
        "commit": _commit(),
        "cpu_seconds": own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime,
        "directory": str(Path.cwd()),
        "end": end.isoformat(),
        "host": socket.gethostname(),
        "inputs": {name: one | {"modified": Path(name).stat().st_mtime_ns} for name, one in read.items()},
        "machine": platform.platform(),
        "modules": _modules(),
        "outputs": digests([*written, *map(Path, more.get("beside", []))]),
        "peak_memory_kB": peak if sys.platform != "darwin" else peak // 1024,
        "processor": platform.machine(),
        "python": platform.python_version(),
        "snakeroot": _version(),
        "start": start.isoformat(),
        "user": _user(),
    }
    write_json(facts, path)


def digests(paths: Iterable[Path], known: Mapping[Path, str] = MappingProxyType({})) -> dict[str, dict[str, Any]]:
    """Return `sha256` and `bytes` of each file, and of each file below a folder; what is not there is left out.

    Args:
        known: digests of some of them.
    """
    every = (file for path in paths for file in files(path) if file.is_file())
    return {str(file): {"bytes": file.stat().st_size, "sha256": known.get(file) or sha256(file)} for file in every}


def files(path: Path) -> list[Path]:
    """Return the files below a folder but for hidden ones, as Snakemake leaves in folders; of a file, itself."""
    if not path.is_dir():
        return [path]
    return [file for file in sorted(path.rglob("*")) if file.is_file() and not file.name.startswith(".")]


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _modules() -> dict[str, str]:
    """The SHA-256 of each module of ours that this process has loaded, and of the files in packages that are no code.

    The spec has one digest of all code: these say which module it was that changed.
    """
    return {name: sha256(path) for name, path in sorted(_files()) if path.is_file()}


def _files() -> Iterator[tuple[str, Path]]:
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if name == "__main__" and getattr(module, "__spec__", None):
            name = module.__spec__.name  # type: ignore[union-attr]  # noqa: PLW2901
        if name.split(".")[0] == PACKAGE and file:
            yield name, Path(file)
            if Path(file).name == "__init__.py":
                rest = (one for one in Path(file).parent.iterdir() if one.suffix not in {".py", ".pyc"})
                yield from ((f"{name}/{one.name}", one) for one in rest)


def _version() -> str | None:
    try:
        return version(PACKAGE)
    except PackageNotFoundError:  # a clone that is not installed
        return None


def _user() -> str | None:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without an entry in passwd
        return None


def _commit() -> str | None:
    """The commit of the workflow's own checkout, "+" where tracked files differ from it; None outside git."""
    git = ["git", "-C", str(Path(__file__).parents[1]), "describe", "--always", "--abbrev=40", "--dirty=+"]
    try:
        return subprocess.run(git, capture_output=True, text=True, check=True, timeout=10).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return None
