"""A whole local copy of a remote file, whatever its server does on the way.

A file is copied first and read then: its checksum is over all of it, a copy goes on where a connection broke off, and
what reads it is what reads local files, to the same bytes and with the same messages.
"""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from snakeroot.errors import SnakerootError
from snakeroot.features.ntuple import digest

TIMEOUT = ("SNAKEROOT_TIMEOUT", 60)
"""Variable, and default, of how many seconds a server may be silent."""
ATTEMPTS = ("SNAKEROOT_ATTEMPTS", 5)
"""Variable, and default, of how many attempts in a row may bring nothing."""
PAUSE = 2.0
"""Seconds before the second attempt; three times as many before each further one, up to LONGEST_PAUSE."""
LONGEST_PAUSE = 60.0
PROGRESS = 2**20
"""Bytes by which an attempt must go further than all before it to count as one that brought something."""
SLOWEST = 1000
"""Bytes per second below which a server is as good as silent."""
PREFIX = "snakeroot-copy-"
YOUNG = 60
"""Seconds in which who has made a temporary file has surely locked it."""


class TransferError(Exception):
    """What may go better the next time: how an attempt ended, and what to do if they all end so."""

    def __init__(self, how: str, remedy: str) -> None:
        super().__init__(how)
        self.remedy = remedy


@dataclass(frozen=True)
class Stream:
    """What a server sends.

    Attributes:
        start: the first byte of the file that comes; 0 where the server does not go on in the middle.
        size: bytes of the whole file; None where the server does not say, but marks the end.
        version: what is another if the file is; None if the server has no such thing.
    """

    start: int
    size: int | None
    version: str | None
    blocks: Iterator[bytes]


Connect = Callable[[str, int, str | None, int], AbstractContextManager[Stream]]
"""From URL, first byte wanted, the version that this byte is of, and timeout [s], to a stream.

It raises `TransferError`, or SnakerootError for what another attempt would not mend; so do the stream's blocks.
"""


@contextmanager
def copied(url: str, connect: Connect) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Copy a file into TMPDIR; yield the copy, and its facts for the provenance.

    Raises:
        SnakerootError: naming the URL and what to do.
    """
    with _scratch() as file:
        path = Path(file.name)
        attempts = _copy(url, connect, file)
        file.flush()
        facts = {"url": url, "bytes": file.tell(), "attempts": attempts, "sha256": digest(path, "sha256")}
        logging.info("%s: %d bytes in %d attempts, %s", url, facts["bytes"], attempts, facts["sha256"])
        yield path, {"source": facts}


@contextmanager
def _scratch() -> Iterator[IO[bytes]]:
    """Yield a temporary file, and remove those of killed processes first.

    Who has one holds a shared lock on it, as who reads HDF5 does, so what can be locked for oneself is nobody's.
    """
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):  # in use, or another user's
            if left.is_file() and time.time() - left.stat().st_mtime > YOUNG:
                with left.open("rb") as file:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    left.unlink()
    with tempfile.NamedTemporaryFile(prefix=PREFIX, delete=False) as file:
        try:
            with suppress(OSError):  # where there are no locks, nothing is removed either
                fcntl.flock(file, fcntl.LOCK_SH)
            yield file
        finally:
            Path(file.name).unlink(missing_ok=True)


def _copy(url: str, connect: Connect, file: IO[bytes]) -> int:
    """Fill the file; return how many attempts it took."""
    timeout, most = _number(*TIMEOUT), _number(*ATTEMPTS)
    version: str | None = None
    furthest = fruitless = attempts = 0
    while True:
        attempts += 1
        try:
            with connect(url, file.tell(), version, timeout) as stream:
                version = stream.version
                _receive(stream, file, timeout)
            return attempts
        except TransferError as error:
            fruitless = 0 if file.tell() >= furthest + PROGRESS else fruitless + 1
            furthest = max(furthest, file.tell())
            if fruitless >= most:
                raise SnakerootError(
                    f"{url}: {error} (attempt {attempts}, {furthest} bytes came); {error.remedy}"
                ) from error
            pause = min(PAUSE * 3 ** max(fruitless - 1, 0), LONGEST_PAUSE)
            logging.warning("%s: %s; attempt %d follows in %g s", url, error, attempts + 1, pause)
            time.sleep(pause)
        except SnakerootError as error:
            raise SnakerootError(f"{url}: {error}") from error


def _receive(stream: Stream, file: IO[bytes], timeout: int) -> None:
    if stream.start != file.tell():
        file.seek(stream.start)
        file.truncate()
    if stream.size is not None and stream.size - stream.start > (free := shutil.disk_usage(tempfile.gettempdir()).free):
        raise SnakerootError(
            f"its {stream.size} bytes do not fit into {tempfile.gettempdir()}, which has {free} left; set another "
            "place: snakemake --default-resources tmpdir=…"
        )
    since, before = time.monotonic(), file.tell()
    for block in stream.blocks:
        try:
            file.write(block)
        except OSError as error:  # not the connection's, which would be tried again
            raise SnakerootError(f"cannot be copied into {tempfile.gettempdir()} ({error.strerror})") from error
        if (passed := time.monotonic() - since) > timeout:
            if file.tell() - before < SLOWEST * passed:
                raise TransferError(f"only {file.tell() - before} bytes came in {passed:.0f} s", SLOW)
            since, before = time.monotonic(), file.tell()
    if stream.size is not None and file.tell() != stream.size:
        raise TransferError(f"the connection broke off after {file.tell()} of {stream.size} bytes", BROKEN)


SLOW = f"try again later, or set {TIMEOUT[0]} to more seconds"
BROKEN = "try again later, or copy the file here and name the copy"
DOWN = "is the server up, and is it the right host and port?"
UNRESOLVED = "check the spelling, and that this machine is on the network"


def _number(variable: str, default: int) -> int:
    text = os.environ.get(variable) or str(default)
    if not text.isdecimal() or not int(text):
        raise SnakerootError(f"{variable}: {text!r} is not a whole number above 0")
    return int(text)
