"""Ntuples from web servers: the same features as from files here, or one message that says what to do."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import kinds
import pytest
from helpers import branches, write_ntuple
from remotes import command, fails, fetched, same_as_local
from servers import Certificates, Web, free_port, web
from snakeroot.errors import SnakerootError
from snakeroot.features import remote

SECRET = "eyJhbGciOiJFUzI1NiJ9.c2VjcmV0.c2lnbmF0dXJl"  # noqa: S105
CREDENTIALS = (
    "BEARER_TOKEN",
    "BEARER_TOKEN_FILE",
    "XDG_RUNTIME_DIR",
    "X509_USER_PROXY",
    "X509_CERT_DIR",
    "SSL_CERT_FILE",
)

Serve = Callable[..., Web]


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates.made(tmp_path_factory.mktemp("tls") / "certificates")


@pytest.fixture(autouse=True)
def hurried(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory, certificates: Certificates
) -> None:
    """Short patience, a place of its own for copies, no credentials, and trust in the test's authority."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path_factory.mktemp("copies")))
    for name in (*CREDENTIALS, "https_proxy", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.authority()))
    monkeypatch.setenv("SNAKEROOT_TIMEOUT", "1")
    monkeypatch.setenv("SNAKEROOT_ATTEMPTS", "3")
    monkeypatch.setattr(remote, "PAUSE", 0.01)


@pytest.fixture(scope="session")
def ntuple(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """About 3 MB, so that it comes in several blocks."""
    return write_ntuple(tmp_path_factory.mktemp("ntuple") / "a.root", branches(100_000))


@pytest.fixture
def serve(certificates: Certificates, ntuple: Path) -> Iterator[Serve]:
    """Start servers of the ntuple, which stop with the test."""
    with ExitStack() as running:

        def start(certificate: str | None = "server", clients: bool = False, **behaviour: Any) -> Web:
            context = certificates.context(certificate, clients) if certificate else None
            files = {"a.root": ntuple.read_bytes(), **behaviour.pop("files", {})}
            return running.enter_context(web(Web(files, **behaviour), context))

        yield start


def test_a_remote_file_gives_what_it_gives_as_a_local_one(tmp_path, serve, ntuple):
    server = serve()
    found = fetched(tmp_path, server.url("a.root"))
    same_as_local(found, ntuple)
    content = ntuple.read_bytes()
    assert found[2]["source"] == {
        "url": server.url("a.root"),
        "bytes": len(content),
        "attempts": 1,
        "sha256": f"sha256:{hashlib.sha256(content).hexdigest()}",
    }
    assert (tmp_path / "table.parquet").read_bytes() == (ntuple.parent / "output/table.parquet").read_bytes()


@pytest.mark.parametrize("suffix", kinds.SUFFIXES[1:])
def test_files_of_other_kinds(tmp_path, serve, suffix):
    path = kinds.write(tmp_path / f"a{suffix}", kinds.columns(50))
    server = serve(files={path.name: path.read_bytes()})
    more = {"tree": kinds.TREES.get(suffix)}
    same_as_local(fetched(tmp_path, server.url(path.name), **more), path, **more)


def test_a_file_in_pieces_without_a_length(tmp_path, serve, ntuple):
    fails(tmp_path, serve(length=False).url("a.root"), "does not say how long the file is")


@pytest.mark.parametrize("ranges", [True, False])
def test_a_connection_that_breaks_in_mid_file_is_taken_up_again(tmp_path, serve, ntuple, caplog, ranges):
    caplog.set_level("INFO")
    server = serve(cuts=[1_500_000, 700_000, 0], ranges=ranges)
    found = fetched(tmp_path, server.url("a.root"))
    same_as_local(found, ntuple)
    assert found[2]["source"]["attempts"] == 4
    begun = [headers.get("Range") for headers in server.asked]
    assert begun[0] is None
    assert begun[1] == "bytes=1500000-"
    assert "the connection broke off after 1500000 of" in caplog.text
    assert caplog.text.count("follows in") == 3


def test_a_file_that_changes_meanwhile_is_read_from_its_beginning(tmp_path, serve, ntuple):
    server = serve(files={"a.root": bytes(4_000_000)}, cuts=[1_500_000])
    server.then = ("a.root", ntuple.read_bytes())
    same_as_local(fetched(tmp_path, server.url("a.root")), ntuple)
    assert server.asked[1]["If-Range"] == '"1"'


def test_a_connection_that_always_breaks(tmp_path, serve):
    server = serve(always=1_500_000)
    said = fails(tmp_path, server.url("a.root"), "the connection broke off after 1500000 of .* copy the file here")
    assert "(attempt 4, 1500000 bytes came)" in said
    assert len(server.asked) == 4  # one that brought something, and as many as may bring nothing


def test_attempts_that_bring_something_do_not_count(tmp_path, serve, ntuple, monkeypatch):
    monkeypatch.setenv("SNAKEROOT_ATTEMPTS", "1")
    found = fetched(tmp_path, serve(cuts=[1_200_000, 2_400_000]).url("a.root"))
    same_as_local(found, ntuple)
    assert found[2]["source"]["attempts"] == 3


def test_a_silent_server(tmp_path, serve):
    began = time.monotonic()
    fails(tmp_path, serve(silent=30).url("a.root"), "the server was silent for 1 s .*SNAKEROOT_TIMEOUT")
    assert time.monotonic() - began < 10


def test_a_server_that_falls_silent_in_mid_file(tmp_path, serve):
    fails(tmp_path, serve(pace=(100_000, 30)).url("a.root"), "the server was silent for 1 s")


def test_a_server_that_sends_next_to_nothing(tmp_path, serve):
    fails(tmp_path, serve(pace=(10, 0.2)).url("a.root"), r"only \d+ bytes came in 1 s")


def test_nobody_listens(tmp_path, serve):
    fails(tmp_path, f"https://localhost:{free_port()}/a.root", "the connection is refused .* host and port")


def test_no_such_host(tmp_path):
    fails(tmp_path, "https://no-such-host.invalid/a.root", "name of the host no-such-host.invalid is not known")


def test_a_server_that_is_busy_at_first(tmp_path, serve):
    server = serve(status=503)
    fails(tmp_path, server.url("a.root"), r"not able to send it now \(503\)")
    assert len(server.asked) == 3


def test_no_such_file(tmp_path, serve):
    server = serve()
    fails(tmp_path, server.url("b.root"), r"no such file on the server \(404\)")
    assert len(server.asked) == 1


def test_an_odd_answer(tmp_path, serve):
    fails(tmp_path, serve(status=418).url("a.root"), "answers 418")


def test_a_certificate_of_nobody_known(tmp_path, serve, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    server = serve()
    fails(tmp_path, server.url("a.root"), "certificate of localhost is not valid here .*SSL_CERT_FILE.*X509_CERT_DIR")
    assert not server.asked


def test_a_certificate_of_another_host(tmp_path, serve):
    server = serve("other")
    fails(tmp_path, server.url("a.root"), "certificate of localhost is not valid here .*[Hh]ostname mismatch")
    assert not server.asked


def test_authorities_in_the_folder_of_the_grid(tmp_path, serve, ntuple, certificates, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    command = ["openssl", "x509", "-hash", "-noout", "-in", str(certificates.authority())]
    digest = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    (tmp_path / "grid").mkdir()
    (tmp_path / "grid" / f"{digest}.0").write_bytes(certificates.authority().read_bytes())
    monkeypatch.setenv("X509_CERT_DIR", str(tmp_path / "grid"))
    same_as_local(fetched(tmp_path, serve().url("a.root")), ntuple)


def test_a_server_without_tls(tmp_path, serve):
    url = serve(None).url("a.root").replace("http:", "https:")
    fails(tmp_path, url, "no encrypted connection to localhost .* port one for https")


def test_a_server_that_wants_a_token(tmp_path, serve, ntuple, monkeypatch, caplog):
    caplog.set_level("DEBUG")
    server = serve(token=SECRET)
    url = server.url("a.root")
    fails(tmp_path, url, r"does not let us read it \(401\): give a token in BEARER_TOKEN_FILE")
    monkeypatch.setenv("BEARER_TOKEN", "wrong")
    assert "wrong" not in fails(tmp_path, url, r"\(401\): the token in BEARER_TOKEN did not do; is it expired")
    monkeypatch.delenv("BEARER_TOKEN")
    (tmp_path / "token").mkdir()
    for where, variable, value in (
        (tmp_path / "token/given", "BEARER_TOKEN_FILE", tmp_path / "token/given"),
        (tmp_path / f"token/bt_u{os.geteuid()}", "XDG_RUNTIME_DIR", tmp_path / "token"),
    ):
        with monkeypatch.context() as environment:
            where.write_text(f"{SECRET}\n")
            environment.setenv(variable, str(value))
            same_as_local(fetched(tmp_path / "out", url), ntuple)
    assert SECRET not in caplog.text


def test_a_server_that_wants_no_token_sees_none(tmp_path, serve, monkeypatch):
    monkeypatch.setenv("BEARER_TOKEN", SECRET)
    server = serve()
    fetched(tmp_path, server.url("a.root"))
    assert "Authorization" not in server.asked[0]


def test_the_token_goes_to_no_other_server(tmp_path, serve, ntuple, monkeypatch):
    monkeypatch.setenv("BEARER_TOKEN", SECRET)
    other = serve()
    first = serve(token=SECRET)
    first.elsewhere = other.url("a.root")
    same_as_local(fetched(tmp_path, first.url("a.root")), ntuple)
    assert len(first.asked) == 2
    assert [headers.get("Authorization") for headers in other.asked] == [None]


def test_the_token_goes_to_another_place_of_its_server(tmp_path, serve, ntuple, monkeypatch):
    monkeypatch.setenv("BEARER_TOKEN", SECRET)
    server = serve(token=SECRET, files={"b.root": ntuple.read_bytes()})
    server.elsewhere = server.url("b.root")
    same_as_local(fetched(tmp_path, server.url("a.root")), ntuple)
    assert len(server.asked) == 3


def test_nobody_is_sent_on_out_of_tls(tmp_path, serve):
    plain = serve(None)
    fails(tmp_path, serve(elsewhere=plain.url("a.root")).url("a.root"), "sends us on to http://localhost")
    assert not plain.asked


@pytest.mark.parametrize("text", ["two words", "a\nb: c", "ümlaut"])
def test_what_is_no_token_is_not_sent_and_not_shown(tmp_path, serve, monkeypatch, text):
    monkeypatch.setenv("BEARER_TOKEN", text)
    said = fails(tmp_path, serve(token=SECRET).url("a.root"), "what is in BEARER_TOKEN is not a bearer token")
    assert text not in said


def test_a_server_that_wants_a_certificate(tmp_path, serve, ntuple, certificates, monkeypatch):
    server = serve(clients=True)
    fails(tmp_path, server.url("a.root"), "(no encrypted connection|the connection broke off) .*X509_USER_PROXY")
    monkeypatch.setenv("X509_USER_PROXY", str(tmp_path / "none"))
    fails(tmp_path, server.url("a.root"), "X509_USER_PROXY: .*none holds no certificate .*voms-proxy-init")
    monkeypatch.setenv("X509_USER_PROXY", str(certificates.user_proxy()))
    same_as_local(fetched(tmp_path, server.url("a.root")), ntuple)


def test_the_checksum_is_that_of_the_whole_file(tmp_path, serve, ntuple):
    right = f"sha256:{hashlib.sha256(ntuple.read_bytes()).hexdigest()}"
    server = serve(cuts=[1_500_000])
    same_as_local(fetched(tmp_path, server.url("a.root"), checksum=right), ntuple)
    wrong = f"sha256:{'0' * 64}"
    fails(tmp_path / "none", server.url("a.root"), f"its checksum is {right}, not {wrong}", checksum=wrong)


def test_http_with_a_checksum_has_no_token_sent(tmp_path, serve, ntuple, monkeypatch):
    monkeypatch.setenv("BEARER_TOKEN", SECRET)
    right = f"sha256:{hashlib.sha256(ntuple.read_bytes()).hexdigest()}"
    same_as_local(fetched(tmp_path, serve(None).url("a.root"), checksum=right), ntuple)
    refusing = serve(None, token=SECRET)
    fails(tmp_path / "none", refusing.url("a.root"), r"\(401\)", checksum=right)
    assert all("Authorization" not in headers for headers in refusing.asked)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", r"empty \(0 bytes\)"),
        (b"<!DOCTYPE html><html>log in</html>", "not a ROOT file, .*DOCTYPE"),
        (b"root", "truncated or damaged"),
    ],
)
def test_what_comes_is_no_ntuple(tmp_path, serve, content, says):
    fails(tmp_path, serve(files={"c.root": content}).url("c.root"), says)


def test_a_file_that_is_truncated_on_the_server(tmp_path, serve, ntuple):
    half = ntuple.read_bytes()[: ntuple.stat().st_size // 2]
    fails(tmp_path, serve(files={"c.root": half}).url("c.root"), "truncated or damaged")


def test_a_mistake_in_the_task_names_the_url(tmp_path, serve):
    fails(tmp_path, serve().url("a.root"), "no branch 'y' in 'events'", features={"y": "y"})


def test_a_variable_that_is_no_number(tmp_path, serve, monkeypatch):
    monkeypatch.setenv("SNAKEROOT_TIMEOUT", "soon")
    with pytest.raises(SnakerootError, match="SNAKEROOT_TIMEOUT: 'soon' is not a whole number above 0"):
        fetched(tmp_path, serve().url("a.root"))


def test_through_a_proxy_server(tmp_path, serve, ntuple, monkeypatch):
    server, between = serve(), serve(None)
    monkeypatch.setenv("https_proxy", between.url(""))
    same_as_local(fetched(tmp_path, server.url("a.root")), ntuple)
    assert len(between.asked) == len(server.asked) == 1


def test_what_a_killed_job_leaves_is_removed_by_the_next(tmp_path, serve):
    server = serve(pace=(500_000, 0.5))
    (tmp_path / "tmp").mkdir()
    environment = os.environ | {"TMPDIR": str(tmp_path / "tmp")}
    job = subprocess.Popen(command(tmp_path / "out", server.url("a.root")), env=environment)
    while not server.asked and job.poll() is None:
        time.sleep(0.05)
    time.sleep(0.7)
    assert job.poll() is None
    job.kill()
    job.wait()
    assert not (tmp_path / "out").exists()
    [left] = (tmp_path / "tmp").iterdir()
    os.utime(left, (0, 0))
    server.pace = None
    subprocess.run(command(tmp_path / "out", server.url("a.root")), env=environment, check=True)
    assert not list((tmp_path / "tmp").iterdir())


def test_a_copy_that_cannot_be_written(tmp_path, serve):
    limited = ["bash", "-c", 'ulimit -f 500; exec "$@"', "bash", *command(tmp_path / "out", serve().url("a.root"))]
    done = subprocess.run(limited, check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert re.search(r"^error: https://localhost.*cannot be copied into .* \(File too large\)$", done.stderr, re.M)
