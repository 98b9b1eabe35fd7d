"""Reading a ROOT ntuple in chunks: TTree or RNTuple, newest cycle, with errors that name the file."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import awkward as ak
import uproot

from snakeroot.errors import SnakerootError, hint


def verify(path: Path, checksum: str | None) -> None:
    """Check that a file is a ROOT file at all, and that it has the given checksum ("adler32:…", "sha256:…").

    Raises:
        SnakerootError: naming the file, what it is instead, or both checksums.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(64)
            if size == 0:
                raise SnakerootError(f"{path}: the file is empty (0 bytes); fetch it again")
            if head.startswith(b"version https://git-lfs"):
                raise SnakerootError(f"{path}: a Git LFS pointer, not the file itself; run 'git lfs pull'")
            if not head.startswith(b"root"):
                raise SnakerootError(f"{path}: not a ROOT file (it begins with {head[:16]!r}); fetch it again")
            if checksum is not None:
                found = _digest(file, checksum.partition(":")[0])
                if found != checksum:
                    raise SnakerootError(
                        f"{path}: its checksum is {found}, not {checksum}: the file is damaged or another"
                    )
    except OSError as error:
        raise SnakerootError(f"{path}: cannot be read ({error.strerror})") from error


def _digest(file: Any, kind: str) -> str:
    file.seek(0)
    if kind == "sha256":
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
    value = 1
    while block := file.read(1 << 20):
        value = zlib.adler32(block, value)
    return f"adler32:{value:08x}"


@contextmanager
def opened(path: Path, tree: str) -> Iterator[Any]:
    """Yield the newest cycle of a TTree or RNTuple.

    Raises:
        SnakerootError: naming the file, and the trees that it has if the wanted one is missing or empty.
    """
    try:
        file = uproot.open(path)
    except Exception as error:  # uproot raises whatever the damaged bytes lead it to
        raise _damaged(path, error) from error
    with file:
        try:
            kinds = file.classnames(cycle=False)
            if tree not in kinds:
                trees = [name for name, kind in kinds.items() if kind in ("TTree", "ROOT::RNTuple")]
                raise SnakerootError(f"{path}: no tree {tree!r}: {hint(tree, trees)}")
            found = file[tree]
            if not hasattr(found, "iterate"):
                raise SnakerootError(f"{path}: {tree!r} is a {kinds[tree]}, not a TTree or an RNTuple")
            entries = found.num_entries
        except SnakerootError:
            raise
        except Exception as error:
            raise _damaged(path, error) from error
        if entries == 0:
            raise SnakerootError(f"{path}: the tree {tree!r} has no entries; take the file out of the sample")
        yield found


def chunks(path: Path, tree: Any, branches: Collection[str], entries: int) -> Iterator[dict[str, ak.Array]]:
    """Yield the branches, `entries` entries at a time, in order.

    Raises:
        SnakerootError: naming the file and the branch that it lacks, or the file if its bytes cannot be decoded.
    """
    known = tree.keys()
    for name in branches:
        if name not in known:
            raise SnakerootError(f"{path}: no branch {name!r} in {tree.name!r}: {hint(name, known)}")
    wanted = set(branches)
    # never `expressions=` or `cut=`: uproot's own language reaches functions of Python
    arrays = tree.iterate(filter_name=wanted.__contains__, step_size=entries, how=dict)
    while True:
        try:
            found = {name: ak.Array(values) for name, values in next(arrays).items()}
        except StopIteration:
            return
        except Exception as error:
            raise _damaged(path, error) from error
        missing = wanted - set(found)
        if missing:
            raise SnakerootError(f"{path}: the branch {min(missing)!r} cannot be decoded by uproot; leave it out")
        yield found


def _damaged(path: Path, error: Exception) -> SnakerootError:
    reason = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    return SnakerootError(
        f"{path}: cannot be read: truncated or damaged ({type(error).__name__}: {reason[:200]}); fetch it again"
    )
