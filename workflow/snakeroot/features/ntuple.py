"""What all kinds of ntuples have in common: a file that may be empty, damaged, or another than was meant."""

from __future__ import annotations

import codecs
import hashlib
import zlib
from pathlib import Path

from snakeroot.errors import SnakerootError
from snakeroot.features.limits import LimitError

GZIP = b"\x1f\x8b"
"""How a gzip archive begins."""


def verify(path: Path, checksum: str | None, kind: str, signature: bytes | None) -> None:
    """Check that a file is of its kind at all, and that it has the given checksum ("adler32:…", "sha256:…").

    Args:
        kind: its name, for messages.
        signature: how files of this kind begin; None: they are text, which may be compressed by gzip.

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
            if not (_is_text(head) if signature is None else head.startswith(signature)):
                raise SnakerootError(f"{path}: not {kind} file, but {_instead(head)}")
            if checksum is not None:
                actual = digest(path, checksum.partition(":")[0])
                if actual != checksum:
                    raise SnakerootError(
                        f"{path}: its checksum is {actual}, not {checksum}: the file is damaged or another"
                    )
    except OSError as error:
        raise SnakerootError(f"{path}: cannot be read ({error.strerror})") from error


_OTHERS = {
    b"root": "a ROOT file; let its name end in .root",
    b"\x89HDF\r\n\x1a\n": "an HDF5 file; let its name end in .h5",
    b"PAR1": "a Parquet file; let its name end in .parquet",
    b"PARE": "an encrypted Parquet file, which is not read: write it without encryption",
    b"ARROW1": "a Feather (Arrow) file, which is not read: write it as Parquet",
    b"FEA1": "a Feather file, which is not read: write it as Parquet",
    b"\x93NUMPY": "one NumPy array, which is not read: write its columns by name, with numpy.savez",
    b"PK\x03\x04": "a zip archive; if it is one of NumPy, let its name end in .npz, else unpack it",
    GZIP: "a gzip archive; if it is CSV, let its name end in .csv.gz, else unpack it",
    b"BZh": "a bzip2 archive; unpack it",
    b"\xfd7zXZ\0": "an xz archive; unpack it",
    b"\x28\xb5\x2f\xfd": "a zstd archive; unpack it",
}
_PAGES = ("<!doctype", "<html", "<?xml")
"""How a web page begins, which servers send in place of a file."""


def _instead(head: bytes) -> str:
    """Return what a file is that begins so, and what to do."""
    for signature, what in _OTHERS.items():
        if head.startswith(signature):
            return what
    begin = (_as_text(head) or "").lstrip()[:16]
    if begin.lower().startswith(_PAGES):
        return f"a web page (it begins with {begin!r}); is the address right, and do you have access? Fetch it again"
    if begin:
        return f"text (it begins with {begin!r}); if it is CSV, let its name end in .csv"
    return f"of no kind that is known (it begins with {head[:16]!r}); fetch it again"


def _is_text(head: bytes) -> bool:
    """Whether a file that begins so is text, and no web page, or is compressed, as text may be."""
    text = _as_text(head)
    return head.startswith(GZIP) or not (text is None or text.lstrip().lower().startswith(_PAGES))


def _as_text(head: bytes) -> str | None:
    """Return the beginning of a text as it reads, in whatever code it is; None if it is no text."""
    marks = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
    for mark, code in marks:
        if head.startswith(mark):
            return head.removeprefix(mark).decode(code, "ignore")
    if any(byte < 32 and byte not in b"\t\n\f\r" for byte in head):
        return None
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(head)  # the last sign may be cut in two
    except UnicodeDecodeError:
        return head.decode("latin-1") if sum(byte < 127 for byte in head) >= len(head) / 2 else None


def digest(path: Path, kind: str) -> str:
    """Return the checksum of a file, "adler32:…" or "sha256:…"."""
    with path.open("rb") as file:
        if kind == "sha256":
            return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
        value = 1
        while block := file.read(1 << 20):
            value = zlib.adler32(block, value)
    return f"adler32:{value:08x}"


def damaged(path: Path, error: Exception, branch: str | None = None) -> SnakerootError:
    """Return the error to raise when a library fails on the bytes of a file, or of one of its branches."""
    if isinstance(error, LimitError):
        return SnakerootError(f"{path}: the branch {branch!r}: {error}" if branch else f"{path}: {error}")
    where = f"the branch {branch!r} cannot be read" if branch else "cannot be read"
    return SnakerootError(f"{path}: {where}: truncated or damaged ({reason(error)}); fetch it again")


def undecodable(path: Path, branch: str, kind: str, why: str) -> SnakerootError:
    """Return the error to raise for a branch of a sound file whose type a library does not know."""
    return SnakerootError(f"{path}: the branch {branch!r} ({kind}) cannot be decoded by uproot ({why}); leave it out")


def unreadable(path: Path, branch: str, kind: str, error: Exception) -> SnakerootError:
    """Return the error to raise for a branch that a library fails on for whatever reason."""
    return SnakerootError(
        f"{path}: the branch {branch!r} ({kind}) cannot be decoded by uproot ({reason(error)}); leave it out, or "
        "fetch the file again if other programs cannot read it either"
    )


def unsuited(path: Path, branch: str, values: str) -> SnakerootError:
    """Return the error to raise for a branch whose values are of a type that cannot be read."""
    return SnakerootError(
        f"{path}: the branch {branch!r} holds {values}, neither numbers nor text; write it as such, or leave it out"
    )


def reason(error: Exception) -> str:
    """Return what a library says of a failure, in one line."""
    said = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    return f"{type(error).__name__}: {said[:200]}"
