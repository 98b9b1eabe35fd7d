"""Real servers on this machine's loopback: HTTPS with whatever may go wrong on the way, and XRootD."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest


@dataclass(frozen=True)
class Certificates:
    """An authority made for the test, and what it has signed: PEM files in one folder."""

    folder: Path

    @classmethod
    def made(cls, folder: Path) -> Certificates:
        folder.mkdir()
        made = cls(folder)
        made._sign("authority", "/CN=Authority of the test")
        made._sign("server", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", by="authority")
        made._sign("other", "/CN=elsewhere", "-addext", "subjectAltName=DNS:elsewhere", by="authority")
        leaf = ("-addext", "basicConstraints=critical,CA:FALSE", "-addext", "keyUsage=critical,digitalSignature")
        made._sign("user", "/CN=user", *leaf, by="authority")
        info = "proxyCertInfo=critical,language:id-ppl-inheritAll"
        made._sign("proxy", "/CN=user/CN=1", *leaf, "-addext", info, by="user")
        return made

    def _sign(self, name: str, subject: str, *more: str, by: str | None = None) -> None:
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key"]
        signer = ["-CA", f"{by}.pem", "-CAkey", f"{by}.key"] if by else []
        command = ["openssl", "req", "-x509", "-days", "2", *key, "-subj", subject, "-out", f"{name}.pem", *signer]
        done = subprocess.run([*command, *more], cwd=self.folder, check=False, capture_output=True, text=True)
        if done.returncode:
            pytest.fail(f"openssl (3.0 or newer) is needed to make certificates: {done.stderr}")

    def authority(self) -> Path:
        return self.folder / "authority.pem"

    def user_proxy(self) -> Path:
        """A grid proxy as voms-proxy-init leaves it: its certificate, its key, and the user's certificate."""
        path = self.folder / "x509up"
        path.write_text("".join((self.folder / name).read_text() for name in ("proxy.pem", "proxy.key", "user.pem")))
        path.chmod(0o600)
        return path

    def context(self, name: str = "server", clients: bool = False) -> ssl.SSLContext:
        """What a server needs; with `clients` it lets in only who shows a certificate or proxy of the authority."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        if clients:
            context.verify_mode = ssl.CERT_REQUIRED
            context.verify_flags |= ssl.VERIFY_ALLOW_PROXY_CERTS
            context.load_verify_locations(self.authority())
        return context


@dataclass
class Web:
    """What a server has, how it behaves, and what it was asked.

    Attributes:
        cuts: after how many bytes each next answer breaks off.
        always: after how many bytes every answer breaks off.
        ranges: whether it goes on in the middle.
        token: the bearer token without which it gives nothing.
        silent: seconds before it answers.
        pace: (bytes, seconds): so many bytes, so long a pause, and so on.
        status: what it answers instead of the file.
        elsewhere: where it sends those on who ask for a.root, and may.
        then: (file, content): what is there, as another version, from the second request on.
        length: whether it says how long the file is.
        asked: the headers of each request.
    """

    files: dict[str, bytes]
    cuts: list[int] = field(default_factory=list)
    always: int | None = None
    ranges: bool = True
    version: str = '"1"'
    token: str | None = None
    silent: float = 0.0
    pace: tuple[int, float] | None = None
    status: int | None = None
    elsewhere: str | None = None
    then: tuple[str, bytes] | None = None
    length: bool = True
    asked: list[Message] = field(default_factory=list)
    port: int = 0
    scheme: str = "https"

    def url(self, name: str) -> str:
        return f"{self.scheme}://localhost:{self.port}/{name}"


@contextmanager
def web(behaviour: Web, context: ssl.SSLContext | None) -> Iterator[Web]:
    """Serve over TLS, or plainly without a context."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            _answer(self, behaviour)

        def do_CONNECT(self) -> None:
            """As a proxy server: pass the connection on."""
            behaviour.asked.append(self.headers)
            self.send_response(200)
            self.end_headers()
            self.close_connection = True
            with socket.create_connection(("127.0.0.1", int(self.path.rpartition(":")[2]))) as target:
                threading.Thread(target=_pump, args=(self.connection, target, None), daemon=True).start()
                _pump(target, self.connection, None)

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def finish_request(self, request: Any, address: Any) -> None:
            with suppress(OSError), ExitStack() as ends:  # clients that go away are what is tested
                if context:
                    request = ends.enter_context(context.wrap_socket(request, server_side=True))
                super().finish_request(request, address)

    with Server(("127.0.0.1", behaviour.port), Handler) as server:
        behaviour.port, behaviour.scheme = server.server_port, "https" if context else "http"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield behaviour
        finally:
            server.shutdown()
            thread.join()


def _answer(request: BaseHTTPRequestHandler, how: Web) -> None:
    if how.asked and how.then:
        how.files |= [how.then]
        how.version = '"2"'
    how.asked.append(request.headers)
    request.close_connection = True
    time.sleep(how.silent)
    content = how.files.get(request.path.lstrip("/"))
    status = how.status or (200 if content is not None else 404)
    if how.token and request.headers.get("Authorization") != f"Bearer {how.token}":
        status = 401
    if how.elsewhere and status == 200 and request.path == "/a.root":
        request.send_response(302)
        request.send_header("Location", how.elsewhere)
        request.send_header("Content-Length", "0")
        request.end_headers()
        return
    if status != 200:
        request.send_error(status)
        return
    start, size = 0, len(content)
    wanted = request.headers.get("Range")
    if wanted and how.ranges and request.headers.get("If-Range") == how.version:
        start = int(wanted.removeprefix("bytes=").removesuffix("-"))
        request.send_response(206)
        request.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
    else:
        request.send_response(200)
    request.send_header("ETag", how.version)
    if how.length:
        request.send_header("Content-Length", str(size - start))
    request.end_headers()
    cut = how.cuts.pop(0) if how.cuts else how.always
    body = content[start:] if cut is None else content[start : max(cut, start)]
    step, pause = how.pace or (len(body) or 1, 0.0)
    for at in range(0, len(body), step):
        request.wfile.write(body[at : at + step])
        time.sleep(pause)


@contextmanager
def xrootd(files: dict[str, bytes]) -> Iterator[str]:
    """Serve files by XRootD; yield the URL of their folder.

    As root it gives up its rights, which the server insists on. The test is skipped where there is no xrootd.
    """
    program = shutil.which("xrootd")
    if not program:
        pytest.skip("there is no XRootD server here; on Debian: apt install xrootd-server")
    with tempfile.TemporaryDirectory(prefix="xrootd") as name:
        folder = Path(name)
        folder.chmod(0o755)
        for inner in ("data", "admin"):
            (folder / inner).mkdir(mode=0o755)
        for file, content in files.items():
            (folder / "data" / file).write_bytes(content)
            (folder / "data" / file).chmod(0o644)
        (folder / "data/private.root").write_bytes(b"")
        (folder / "data/private.root").chmod(0)
        port = free_port()
        settings = [f"xrd.port {port}", "xrd.network nodnr", "all.export /", f"oss.localroot {folder}/data"]
        settings += [f"all.adminpath {folder}/admin", f"all.pidpath {folder}/admin"]
        (folder / "xrootd.cfg").write_text("\n".join(settings) + "\n")
        user = []
        if os.geteuid() == 0:
            shutil.chown(folder / "admin", "nobody")
            user = ["-R", "nobody"]
        with (folder / "output").open("wb") as output:
            command = [program, "-c", str(folder / "xrootd.cfg"), *user]
            server = subprocess.Popen(command, cwd=folder / "admin", stdout=output, stderr=output)
        try:
            for _ in range(200):
                with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                assert server.poll() is None, (folder / "output").read_text()
                time.sleep(0.05)
            yield f"root://127.0.0.1:{port}//"
        finally:
            server.terminate()
            server.wait(10)


@contextmanager
def relay(port: int, cuts: list[int], always: int | None = None, silent: bool = False) -> Iterator[int]:
    """Pass connections on to a port, and cut each next one after so many bytes of the answers; yield the own port.

    `silent`: the connection stays, but nothing more comes.
    """

    def serve(client: socket.socket) -> None:
        cut = cuts.pop(0) if cuts else always
        with client, suppress(OSError), socket.create_connection(("127.0.0.1", port)) as server:
            threading.Thread(target=_pump, args=(client, server, None), daemon=True).start()
            _pump(server, client, cut, silent)
            if silent:
                time.sleep(30)

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listening.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=accept, daemon=True).start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)


def _pump(source: socket.socket, target: socket.socket, most: int | None, stays: bool = False) -> None:
    passed = 0
    with suppress(OSError):
        while (most is None or passed < most) and (block := source.recv(65536)):
            target.sendall(block)
            passed += len(block)
        for end in () if stays else (source, target):
            end.shutdown(socket.SHUT_RDWR)


def free_port() -> int:
    """A port of this machine on which nothing listens now."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
