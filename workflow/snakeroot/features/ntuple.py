"""What all kinds of ntuples have in common: a file that may be empty, damaged, or another than was meant."""

from __future__ import annotations

import hashlib
import zlib
from pathlib import Path

from snakeroot.errors import SnakerootError


def verify(path: Path, checksum: str | None, kind: str, signature: bytes) -> None:
    """Check that a file is of its kind at all, and that it has the given checksum ("adler32:…", "sha256:…").

    Args:
        kind: its name, for messages.
        signature: how files of this kind begin.

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
            if not head.startswith(signature):
                raise SnakerootError(f"{path}: not {kind} file (it begins with {head[:16]!r}); fetch it again")
            if checksum is not None:
                found = digest(path, checksum.partition(":")[0])
                if found != checksum:
                    raise SnakerootError(
                        f"{path}: its checksum is {found}, not {checksum}: the file is damaged or another"
                    )
    except OSError as error:
        raise SnakerootError(f"{path}: cannot be read ({error.strerror})") from error


def digest(path: Path, kind: str) -> str:
    """Return the checksum of a file, "adler32:…" or "sha256:…"."""
    with path.open("rb") as file:
        if kind == "sha256":
            return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
        value = 1
        while block := file.read(1 << 20):
            value = zlib.adler32(block, value)
    return f"adler32:{value:08x}"


def damaged(path: Path, error: Exception) -> SnakerootError:
    """Return the error to raise when a library fails on the bytes of a file."""
    reason = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    return SnakerootError(
        f"{path}: cannot be read: truncated or damaged ({type(error).__name__}: {reason[:200]}); fetch it again"
    )
