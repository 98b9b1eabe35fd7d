"""Files of web servers: https, and http, which the config lets pass with a checksum only."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from http import HTTPStatus
from http.client import HTTPException, HTTPMessage
from pathlib import Path
from typing import IO, Any
from urllib import request
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from snakeroot.errors import SnakerootError
from snakeroot.features import credentials, remote
from snakeroot.features.remote import Stream, TransferError
from snakeroot.features.transfers._within import Encrypted, Plain, within

BLOCK = 2**20
HEADERS = {"Accept-Encoding": "identity", "User-Agent": "snakeroot"}
FORBIDDEN = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
FOR_NOW = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS)


def copied(url: str) -> AbstractContextManager[tuple[Path, dict[str, Any]]]:
    """Copy a file; see `remote.copied`."""
    return remote.copied(url, _connected)


@contextmanager
def _connected(url: str, start: int, version: str | None, timeout: int) -> Iterator[Stream]:
    with _failures(url, timeout), _asked(url, start, version, timeout) as response:
        validator = _validator(response.headers)
        if response.status == HTTPStatus.PARTIAL_CONTENT:
            size = _size_of_part(response.headers, start)
        elif response.length is not None:
            start, size = 0, response.length
        elif response.chunked:
            start, size = 0, None
        else:
            raise SnakerootError("the server does not say how long the file is, so a part could be taken for the whole")
        yield Stream(start, size, validator if size is not None else None, _blocks(response, timeout))


def _blocks(response: Any, timeout: int) -> Iterator[bytes]:
    while True:
        with within(response.connection, timeout):
            block = response.read1(BLOCK)
        if not block:
            return
        yield block


def _validator(headers: HTTPMessage) -> str | None:
    """What tells a version of the file for sure, after RFC 9110, section 13.1.5: a strong tag, or else a date."""
    tag = headers.get("ETag", "")
    return tag if tag.startswith('"') else headers.get("Last-Modified")


def _size_of_part(headers: HTTPMessage, start: int) -> int:
    match = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", headers.get("Content-Range", ""))
    if not match or int(match[1]) != start or int(match[2]) + 1 != int(match[3]):
        raise SnakerootError("the server was asked for the rest of the file and sends something else")
    return int(match[3])


def _asked(url: str, start: int, version: str | None, timeout: int) -> Any:
    """Ask without the token first, so that a server which does not want one never sees it."""
    more = {"Range": f"bytes={start}-", "If-Range": version} if start and version else {}
    opener = _opener()
    try:
        return opener.open(request.Request(url, headers=HEADERS | more), timeout=timeout)  # noqa: S310 - see _opener
    except HTTPError as error:
        error.close()
        if error.code not in FORBIDDEN or urlsplit(url).scheme.lower() != "https" or not (token := credentials.token()):
            raise
        again = request.Request(url, headers=HEADERS | more)  # noqa: S310
        again.add_unredirected_header("Authorization", f"Bearer {token.value}")
        return opener.open(again, timeout=timeout)


def _opener() -> request.OpenerDirector:
    """What opens web addresses alone: urllib's own opens local files too."""
    opener = request.OpenerDirector()
    for handler in (
        request.ProxyHandler(),
        Plain(),
        Encrypted(context=_context()),
        request.HTTPDefaultErrorHandler(),
        _Redirects(),
        request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener


class _Redirects(request.HTTPRedirectHandler):
    """Follow a server to another, but with the token to the same server only, and never out of TLS."""

    def redirect_request(
        self, req: request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> request.Request | None:
        before, after = urlsplit(req.full_url), urlsplit(newurl)
        if after.scheme not in ("http", "https") or (before.scheme, after.scheme) == ("https", "http"):
            fp.close()
            raise SnakerootError(
                f"the server sends us on to {after.scheme}://{after.hostname}, where nothing proves that it is the "
                "file; ask the site for its https or root:// address"
            )
        following = super().redirect_request(req, fp, code, msg, headers, newurl)
        if following and (before.scheme, before.netloc) == (after.scheme, after.netloc):
            for name, value in req.unredirected_hdrs.items():
                following.add_unredirected_header(name, value)
        return following


def _context() -> ssl.SSLContext:
    """The system's certificate authorities (or SSL_CERT_FILE's), those of the grid, and the user's own proxy."""
    context = ssl.create_default_context()
    if folder := credentials.authorities():
        context.load_verify_locations(capath=str(folder))
    if proxy := credentials.proxy():
        try:
            # the empty password: a key that has one is an error, not a question that waits for an answer for ever
            context.load_cert_chain(proxy, password="")
        except (OSError, ValueError) as error:
            raise SnakerootError(f"X509_USER_PROXY: {proxy} holds no certificate with its key; {RENEW}") from error
    return context


RENEW = "make one: voms-proxy-init"


@contextmanager
def _failures(url: str, timeout: int) -> Iterator[None]:
    """Say what went wrong and what to do, without anything that the server or a library says of the request."""
    try:
        yield
    except HTTPError as error:
        error.close()
        raise _refusal(error.code) from error
    except URLError as error:
        known = error.reason if isinstance(error.reason, OSError) else error
        raise _failure(url, known, timeout) from error
    except OSError as error:
        raise _failure(url, error, timeout) from error
    except HTTPException as error:
        raise _unclear(error) from error
    except ValueError as error:
        raise SnakerootError("the server sends us on to what is no address; does the URL open elsewhere?") from error


def _refusal(code: int) -> Exception:
    if code in FORBIDDEN:
        return SnakerootError(f"the server does not let us read it ({code}): {credentials.shown()}")
    if code in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        return SnakerootError(f"there is no such file on the server ({code}); correct the URL")
    if code in FOR_NOW or code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return TransferError(f"the server is not able to send it now ({code})", "try again later")
    return SnakerootError(f"the server answers {code} and not with the file; does the URL open elsewhere?")


def _failure(url: str, error: OSError, timeout: int) -> Exception:
    host = urlsplit(url).hostname
    if isinstance(error, ssl.SSLCertVerificationError):
        return SnakerootError(
            f"the certificate of {host} is not valid here ({error.verify_message}); if it is of an authority that you "
            "trust, name the authority's certificate in SSL_CERT_FILE or its folder in X509_CERT_DIR"
        )
    if isinstance(error, ssl.SSLError) and not isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
        return SnakerootError(
            f"no encrypted connection to {host} ({error.reason}): is the port one for https, and is the certificate in "
            "X509_USER_PROXY (if any) still valid?"
        )
    if isinstance(error, socket.gaierror):
        how = f"the name of the host {host} is not known"
        if error.errno == socket.EAI_AGAIN:
            return TransferError(how, remote.UNRESOLVED)
        return SnakerootError(f"{how}; {remote.UNRESOLVED}")
    if isinstance(error, TimeoutError):
        return TransferError(f"the server was silent for {timeout} s", remote.SLOW)
    if isinstance(error, ConnectionRefusedError):
        return TransferError("the connection is refused", remote.DOWN)
    if isinstance(error, (ssl.SSLEOFError, ConnectionResetError, BrokenPipeError)) and not credentials.proxy():
        # TLS 1.3 refuses a client without a certificate after its first words, and they may be all that we notice
        wanted = "if the server wants a certificate, name your proxy in X509_USER_PROXY"
        return TransferError(f"the connection broke off ({type(error).__name__})", f"{remote.BROKEN}; {wanted}")
    return _unclear(error)


def _unclear(error: Exception) -> TransferError:
    return TransferError(f"the connection broke off ({type(error).__name__})", remote.BROKEN)
