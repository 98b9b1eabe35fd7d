"""Servers that stall, lie about lengths, change files between reads or send us away: a file comes, or one message.

Each attempt is a copy of a file whose checksum is known. What comes in the end has it, or is refused for it; nothing
takes longer than the timeout allows, no token goes to another server, no local file is read, no copy is left behind.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import struct
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from faults._rogue import ERROR, OK, OPEN, READ, REDIRECT, WAIT, drips, rogue, sends, silent, speaks_xrootd
from faults._tally import SkippedError, Tally
from servers import Certificates
from snakeroot.errors import SnakerootError
from snakeroot.features import remote
from snakeroot.features.ntuple import digest
from snakeroot.features.transfers import web, xrootd

FULL, SHORT = 20, 1
LONGEST = 12.0
"""Seconds that an attempt may take, with a timeout of one second."""

TOKEN = "c2VjcmV0LXRva2Vu"  # noqa: S105
CONTENT = b"root" + bytes(range(256)) * 400
SIZE = len(CONTENT)
HEAD = b"HTTP/1.1 200 OK\r\n"
GONE = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: "


def head(*lines: str, status: str = "200 OK") -> bytes:
    """An answer's head."""
    return "".join(f"{line}\r\n" for line in (f"HTTP/1.1 {status}", *lines, "")).encode("latin-1")


def length(number: Any) -> bytes:
    return head(f"Content-Length: {number}")


def then(*says: Any) -> Any:
    """One answer after the other; the last one again and again."""

    def say(connection: Any, asked: bytes, number: int) -> None:
        says[min(number, len(says) - 1)](connection, asked, number)

    return say


CHUNKED = head("Transfer-Encoding: chunked")
STALLS = {
    "nothing at all": silent,
    "nothing after the status": sends(HEAD, then=15),
    "a header byte by byte": drips(HEAD + b"X-Long: ", b"x"),
    "headers without end": drips(HEAD, b"X-One: y\r\n", 0.05),
    "100 Continue without end": drips(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.001),
    "nothing after the head": sends(length(SIZE), then=15),
    "nothing after the half": sends(length(SIZE), CONTENT[: SIZE // 2], then=15),
    "bytes one by one": drips(length(SIZE), b"x"),
    "the size of a chunk byte by byte": drips(CHUNKED, b"0"),
    "an extension of a chunk byte by byte": drips(CHUNKED + b"5;", b"x"),
    "trailers without end": drips(CHUNKED + b"4\r\nroot\r\n0\r\n", b"X: y\r\n", 0.001),
    "a redirect byte by byte": drips(GONE, b"x"),
}
LIES = {
    "a length that is too large": sends(length(SIZE + 1000), CONTENT),
    "a length that is too small": sends(length(SIZE - 1000), CONTENT),
    "a length of 0": sends(length(0), CONTENT),
    "a negative length": sends(length(-5), CONTENT),
    "a length of 10¹⁸": sends(length(10**18), CONTENT),
    "a length of 5000 digits": sends(length("9" * 5000), CONTENT),
    "no number": sends(length("many"), CONTENT),
    "two lengths": sends(head(f"Content-Length: {SIZE}", "Content-Length: 7"), CONTENT),
    "a length and chunks": sends(head("Content-Length: 7", "Transfer-Encoding: chunked"), b"4\r\nroot\r\n0\r\n\r\n"),
    "no length": sends(HEAD + b"\r\n", CONTENT),
    "a chunk of no size": sends(CHUNKED, b"zz\r\nroot\r\n"),
    "a chunk of negative size": sends(CHUNKED, b"-5\r\nroot\r\n"),
    "a chunk of 2⁸⁰": sends(CHUNKED, b"f" * 20 + b"\r\nroot\r\n"),
    "chunks that break off": sends(CHUNKED, b"4\r\nroot\r\n"),
    "a part that nobody asked for": sends(head("Content-Range: bytes 5-9/10", status="206 Partial"), b"12345"),
    "a part of no range": sends(head("Content-Range: bytes x-y/z", status="206 Partial"), b"12345"),
    "a range that cannot be": sends(head("Content-Range: bytes 0-0/0", status="206 Partial"), b""),
    "compressed, which nobody asked for": sends(
        head("Content-Encoding: gzip", f"Content-Length: {len(gzip.compress(bytes(10**7)))}"),
        gzip.compress(bytes(10**7)),
    ),
    "a header of 70,000 bytes": sends(HEAD + b"X: " + b"x" * 70_000 + b"\r\n\r\n"),
    "500 headers": sends(HEAD + b"X: y\r\n" * 500 + b"\r\n"),
    "a status of words": sends(b"HTTP/1.1 fine OK\r\n\r\n"),
    "a status of 0": sends(b"HTTP/1.1 000 \r\n\r\n"),
    "a status with signs that a terminal obeys": sends(b"HTTP/1.1 418 \x1b[31m\x07\x00\r\n\r\n"),
    "no HTTP": sends(b"\x00\xff\x1b[2J" * 100 + b"\r\n\r\n"),
    "the protocol of another": sends(b"SSH-2.0-OpenSSH\r\n"),
    "another version of HTTP": sends(b"HTTP/9.9 200 OK\r\n\r\n"),
}
PARTLY = (length(SIZE) + CONTENT[: SIZE // 2]).replace(b"\r\n\r\n", b'\r\nETag: "1"\r\n\r\n')
REST = f"Content-Range: bytes {SIZE // 2}-{SIZE - 1}/{SIZE}"
CHANGES = {
    "another version after the half": then(sends(PARTLY), sends(head('ETag: "2"', f"Content-Length: {SIZE}"), CONTENT)),
    "another content of the same version": then(
        sends(PARTLY), sends(head(REST, 'ETag: "1"', status="206 Partial"), bytes(SIZE - SIZE // 2))
    ),
    "another length of the same version": then(
        sends(PARTLY),
        sends(head(f"Content-Range: bytes {SIZE // 2}-{SIZE}/{SIZE + 1}", status="206 Partial"), bytes(SIZE)),
    ),
    "another part than was asked for": then(
        sends(PARTLY), sends(head(f"Content-Range: bytes 0-{SIZE - 1}/{SIZE}", status="206 Partial"), CONTENT)
    ),
    "nothing to go on with": then(sends(PARTLY), sends(head("Content-Length: 0", status="416 Range"), b"")),
    "another file each time": then(*(sends(length(SIZE + n), CONTENT[: 1000 * n]) for n in range(5))),
    "nothing the second time": then(sends(PARTLY), sends(head("Content-Length: 0", status="404 Not Found"))),
}
AWAY = {
    "a local file": "file:///etc/passwd",
    "ftp": "ftp://127.0.0.1/a.root",
    "data": "data:,root",
    "another scheme": "gopher://127.0.0.1/",
    "root://": "root://127.0.0.1//a.root",
    "a script": "javascript:alert(1)",
    "a host without a name": "https:///etc/passwd",
    "a port that is none": "http://127.0.0.1:99999/a",
    "a port of words": "http://127.0.0.1:ssh/a",
    "brackets": "http://[::1/a",
    "signs that a terminal obeys": "http://127.0.0.1/\x1b[31m\x07",
    "a place without a name": "",
    "a very long place": "http://127.0.0.1/" + "x" * 60_000,
    "somebody with a password": "http://user:secret@127.0.0.1:1/a.root",
    "another server that is not there": "http://127.0.0.1:1/a.root",
}


def try_all(count: int, folder: Path) -> list[Tally]:
    """Ask each of these servers so many times, some at once."""
    certificates = Certificates.made(folder / "tls")
    with _hurried(folder, certificates):
        tallies = [
            _asked("a web server stalls", _plain(STALLS), count),
            _asked("a web server lies about lengths or its protocol", _plain(LIES), count),
            _asked("a file on a web server changes between reads", _plain(CHANGES), count),
            _asked("a web server sends us elsewhere", [*_away(), *_circles(), *_with_a_token(certificates)], count),
            _asked("an XRootD server stalls, lies or sends us elsewhere", _of_xrootd(), count),
        ]
        left = list((folder / "copies").iterdir())
        assert not left, left
    return tallies


Attempt = tuple[str, Callable[[], str]]


def _asked(accident: str, attempts: Any, count: int) -> Tally:
    tally = Tally(accident)
    every = [one for _ in range(count) for one in attempts]
    with ThreadPoolExecutor(24) as pool:
        ends = [(name, pool.submit(_timed, attempt)) for name, attempt in every]
    for name, end in ends:
        with tally.attempt(name) as one:
            one.how = end.result()
    return tally


def _timed(attempt: Callable[[], str]) -> str:
    begin = time.monotonic()
    how = attempt()
    took = time.monotonic() - begin
    assert took < LONGEST, f"{took:.0f} s"
    return how


def _copied(module: Any, url: str) -> str:
    """Copy a file and verify it; return what became of it."""
    try:
        with module.copied(url) as (path, _):
            same = digest(path, "sha256") == f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"
            return "came as it is" if same else "refused for its checksum"
    except SnakerootError as error:
        said = str(error)
    assert said.startswith(f"{url}: "), said
    assert said.isprintable(), said
    assert len(said) < 1000, f"{len(said)} characters"
    assert TOKEN not in said
    assert "secret" not in said
    return "refused with its name"


def _plain(known: dict[str, Any]) -> list[Attempt]:
    def attempt(say: Any) -> Callable[[], str]:
        def ask() -> str:
            with rogue(say) as (port, _):
                return _copied(web, f"http://127.0.0.1:{port}/a.root")

        return ask

    return [(name, attempt(say)) for name, say in known.items()]


def _away() -> list[Attempt]:
    return _plain({place: sends(GONE + url.encode() + b"\r\n\r\n") for place, url in AWAY.items()})


def _circles() -> Iterator[Attempt]:
    yield from _plain(
        {
            "itself": sends(GONE + b"/a.root\r\n\r\n"),
            "one of two": then(*(sends(GONE + f"/{n % 2}.root\r\n\r\n".encode()) for n in range(60))),
            "a chain": then(*(sends(GONE + f"/{n}.root\r\n\r\n".encode()) for n in range(60))),
        }
    )


def _with_a_token(certificates: Certificates) -> Iterator[Attempt]:
    """Servers that want a token and then send us elsewhere, out of TLS or to another: nobody else sees it."""

    def attempt(encrypted: bool, status: int) -> Callable[[], str]:
        def ask() -> str:
            good = sends(length(SIZE), CONTENT)
            context = certificates.context()
            with rogue(good, certificates.context() if encrypted else None) as (other, seen):
                scheme = "https" if encrypted else "http"
                place = f"{scheme}://localhost:{other}/a.root".encode()
                wants = sends(head("Content-Length: 0", status="401 Unauthorized"))
                gone = sends(GONE.replace(b"302", str(status).encode()) + place + b"\r\n\r\n")
                with rogue(then(wants, gone), context) as (port, first):
                    how = _copied(web, f"https://localhost:{port}/a.root")
                    assert len(first) < 2 or TOKEN.encode() in first[1]
                assert not [one for one in seen if TOKEN.encode() in one], "another server has the token"
                assert encrypted or not seen, "it was asked without TLS"
                return how

        return ask

    for status in (301, 302, 303, 307, 308):
        yield f"to another server, {status}", attempt(True, status)
        yield f"out of TLS, {status}", attempt(False, status)


def _redirect(port: int, host: bytes) -> tuple[int, bytes]:
    return REDIRECT, struct.pack("!i", port) + host


def _opened(stat: str) -> tuple[int, bytes]:
    """A handle, no compression, and what the file is."""
    return OK, bytes(12) + stat.encode() + b"\x00"


HANDLE = _opened(f"1 {SIZE} 16 1700000000")
SOUND = {OPEN: HANDLE, READ: (OK, CONTENT)}


def _of_xrootd() -> list[Attempt]:
    known: dict[str, Any] = {
        "a sound file": speaks_xrootd(SOUND),
        "nothing at all": silent,
        "no XRootD": sends(b"HTTP/1.1 400 Bad\r\n\r\n", then=15),
        "signs of all kinds": sends(bytes(range(256)) * 20, then=15),
        "nothing after the greeting": speaks_xrootd({}),
        "nothing after the opening": speaks_xrootd({OPEN: HANDLE}),
        "nothing after the size": speaks_xrootd({**SOUND, READ: (OK, b"")}),
        "less than its size": speaks_xrootd({**SOUND, READ: (OK, CONTENT[:1000])}),
        "more than was asked for": speaks_xrootd({**SOUND, OPEN: _opened("1 10 16 1700000000")}),
        "a size of 10¹⁸": speaks_xrootd({**SOUND, OPEN: _opened(f"1 {10**18} 16 1")}),
        "a negative size": speaks_xrootd({**SOUND, OPEN: _opened("1 -5 16 1")}),
        "a size of words": speaks_xrootd({**SOUND, OPEN: _opened("many words \x1b[31m")}),
        "wait for a year": speaks_xrootd({OPEN: (WAIT, struct.pack("!i", 31_000_000))}),
        "wait for a second, for ever": speaks_xrootd({OPEN: (WAIT, struct.pack("!i", 1))}),
        "an error with signs that a terminal obeys": speaks_xrootd(
            {OPEN: (ERROR, struct.pack("!i", 3007) + b"\x1b[31m\x07")}
        ),
        "to a local file": speaks_xrootd({OPEN: _redirect(-1, b"file://localhost/etc/passwd")}),
        "to the web": speaks_xrootd({OPEN: _redirect(-1, b"http://127.0.0.1:1/a.root?authz=secret")}),
        "to a server that is not there": speaks_xrootd({OPEN: _redirect(1, b"127.0.0.1")}),
        "to a host that is none": speaks_xrootd({OPEN: _redirect(1094, b"no-such-host.invalid")}),
    }

    def attempt(say: Any, sound: bool) -> Callable[[], str]:
        def ask() -> str:
            _with_the_client()
            with rogue(say) as (port, _):
                how = _copied(xrootd, f"root://127.0.0.1:{port}//a.root")
            assert not sound or how == "came as it is", "or this proves nothing"
            return how

        return ask

    def circle() -> str:
        _with_the_client()
        answers = {OPEN: HANDLE}
        with rogue(speaks_xrootd(answers)) as (port, _):
            answers[OPEN] = _redirect(port, b"127.0.0.1")
            return _copied(xrootd, f"root://127.0.0.1:{port}//a.root")

    return [("in circles", circle), *((name, attempt(say, name == "a sound file")) for name, say in known.items())]


def _with_the_client() -> None:
    try:
        pytest.importorskip("XRootD", reason="the extra `remote` is not installed here")
    except pytest.skip.Exception as why:
        raise SkippedError(str(why)) from why


@contextmanager
def _hurried(folder: Path, certificates: Certificates) -> Iterator[None]:
    """Short patience, a token that nobody else may see, and a place of its own for copies."""
    (folder / "copies").mkdir()
    given = {"SNAKEROOT_TIMEOUT": "1", "SNAKEROOT_ATTEMPTS": "2", "BEARER_TOKEN": TOKEN}
    given |= {"SSL_CERT_FILE": str(certificates.authority()), "no_proxy": "*"}
    copies = patch.object(tempfile, "tempdir", str(folder / "copies"))
    with patch.dict(os.environ, given), copies, patch.object(remote, "PAUSE", 0.01):
        yield
