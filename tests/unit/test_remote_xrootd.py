"""Ntuples from a real XRootD server; skipped where it, or the extra `remote`, is not installed."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers import branches, write_ntuple
from remotes import fails, fetched, same_as_local
from servers import free_port, relay, xrootd
from snakeroot.features import remote


@pytest.fixture(scope="module")
def ntuple(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Larger than a block of the transfer."""
    return write_ntuple(tmp_path_factory.mktemp("ntuple") / "a.root", branches(250_000))


@pytest.fixture(scope="module")
def server(ntuple: Path) -> Iterator[str]:
    """The URL of a server's folder."""
    pytest.importorskip("XRootD", reason="the extra `remote` is not installed here")
    content = ntuple.read_bytes()
    assert len(content) > 2**22
    files = {"a.root": content, "half.root": content[: len(content) // 2], "page.root": b"<html>"}
    with xrootd(files) as url:
        yield url


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Short patience, a place of its own for copies, and no credentials."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path_factory.mktemp("copies")))
    for name in ("BEARER_TOKEN", "BEARER_TOKEN_FILE", "X509_USER_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SNAKEROOT_TIMEOUT", "2")
    monkeypatch.setenv("SNAKEROOT_ATTEMPTS", "2")
    monkeypatch.setattr(remote, "PAUSE", 0.01)


def port(url: str) -> int:
    return int(url.split(":")[2].strip("/"))


def test_a_remote_file_gives_what_it_gives_as_a_local_one(tmp_path, server, ntuple):
    found = fetched(tmp_path, f"{server}a.root")
    same_as_local(found, ntuple)
    assert (tmp_path / "table.parquet").read_bytes() == (ntuple.parent / "output/table.parquet").read_bytes()
    assert found[2]["source"]["bytes"] == ntuple.stat().st_size


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("b.root", "no such file on the server"),
        ("private.root", "does not let us read it .*permission denied.*X509_USER_PROXY"),
        ("/", "the server refuses it .*is a directory"),
        ("half.root", "truncated or damaged"),
        ("page.root", "not a ROOT file"),
    ],
)
def test_a_file_that_is_not_there_or_not_right(tmp_path, server, name, says):
    fails(tmp_path, f"{server}{name}", says)


def test_a_wrong_checksum(tmp_path, server):
    fails(tmp_path, f"{server}a.root", "its checksum is adler32:", checksum="adler32:00000000")


def test_a_server_that_does_not_speak_tls(tmp_path, server):
    fails(tmp_path, server.replace("root:", "roots:") + "a.root", "no encrypted connection to 127.0.0.1")


def test_nobody_listens(tmp_path, server):
    fails(tmp_path, f"root://127.0.0.1:{free_port()}//a.root", "the connection is refused .* host and port")


def test_no_such_host(tmp_path, server):
    fails(tmp_path, "root://no-such-host.invalid//a.root", "name of the host no-such-host.invalid is not known")


def test_a_connection_that_breaks_in_mid_file_is_taken_up_again(tmp_path, server, ntuple):
    with relay(port(server), [1_000_000, 6_000_000]) as between:
        found = fetched(tmp_path, f"root://localhost:{between}//a.root")
    same_as_local(found, ntuple)
    assert found[2]["source"]["attempts"] == 3


def test_a_connection_that_always_breaks(tmp_path, server):
    with relay(port(server), [], always=1_000_000) as between:
        fails(tmp_path, f"root://localhost:{between}//a.root", "the transfer failed .* copy the file here")


def test_a_server_that_falls_silent(tmp_path, server):
    with relay(port(server), [], always=1_000_000, silent=True) as between:
        began = time.monotonic()
        fails(tmp_path, f"root://localhost:{between}//a.root", "the server was silent for 2 s .*SNAKEROOT_TIMEOUT")
        assert time.monotonic() - began < 30


def test_without_the_client(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "XRootD", None)
    fails(tmp_path, "root://localhost//a.root", r"needs the XRootD client here .* pip install -e '\.\[remote\]'")
