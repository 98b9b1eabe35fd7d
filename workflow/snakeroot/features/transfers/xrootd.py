"""Files of XRootD servers, root:// and roots://, through the Python bindings of XRootD's own client.

It finds proxy certificates and tokens by itself, by the same variables as everywhere on the grid, and is set up by its
own variables (XRD_…), which win over what is set here. What it would do by itself about a connection that breaks knows
no end where a server falls silent, so that is left to `remote`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from enum import IntEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from snakeroot.errors import SnakerootError
from snakeroot.features import credentials, remote
from snakeroot.features.remote import Stream, TransferError

BLOCK = 2**22
OPEN_READ = 0x0010
"""kXR_open_read of XProtocol/XProtocol.hh."""


class Code(IntEnum):
    """Why the client gives up (XrdCl/XrdClStatus.hh), or what the server answers (XProtocol/XProtocol.hh)."""

    INVALID_ADDRESS = 101
    SOCKET_TIMEOUT = 103
    CONNECTION_ERROR = 108
    TLS_ERROR = 110
    LOGIN_FAILED = 203
    AUTHENTICATION_FAILED = 204
    EXPIRED = 206
    ERROR_RESPONSE = 400
    ARGUMENT_INVALID = 3000
    NOT_AUTHORISED = 3010
    NOT_FOUND = 3011
    IS_DIRECTORY = 3016


def copied(url: str) -> AbstractContextManager[tuple[Path, dict[str, Any]]]:
    """Copy a file; see `remote.copied`."""
    return remote.copied(url, _connected)


@contextmanager
def _connected(url: str, start: int, version: str | None, timeout: int) -> Iterator[Stream]:
    client = _client(timeout)
    file = client.File()
    try:
        file.set_property("ReadRecovery", "false")  # which counts for a file opened for reading and nothing else
        _done(file.open(url, OPEN_READ, timeout=timeout), url, timeout)
        _check_place(str(file.get_property("LastURL")))
        facts = _done(file.stat(timeout=timeout), url, timeout)
        this = f"{facts.size} {facts.modtime}"
        yield Stream(start if this == version else 0, facts.size, this, _blocks(file, url, start, facts.size, timeout))
    finally:
        file.close(timeout=timeout)


def _check_place(url: str) -> None:
    """Check that the file is on a server of XRootD, as the client follows one to a local file, too."""
    scheme = urlsplit(url).scheme
    if scheme not in ("root", "roots", "xroot", "xroots"):
        raise SnakerootError(f"the server sends us on to {scheme}://, which is no server of its kind")


def _client(timeout: int) -> Any:
    try:
        from XRootD import client  # noqa: PLC0415 - an extra, which only root:// needs
    except ImportError as error:
        raise SnakerootError(
            f"root:// needs the XRootD client here ({error}): pip install -e '.[remote]' (there are wheels for Linux "
            "and for macOS on ARM); or name the file's https:// address"
        ) from error
    # by default it is silent for half an hour before it gives up, and then for another before it tries again
    for name in ("ConnectionWindow", "RequestTimeout", "StreamTimeout"):
        client.EnvPutInt(name, timeout)
    for name, value in (("ConnectionRetry", 1), ("StreamErrorWindow", 0), ("TimeoutResolution", 1)):
        client.EnvPutInt(name, value)
    return client


def _blocks(file: Any, url: str, start: int, size: int, timeout: int) -> Iterator[bytes]:
    while start < size:
        block = _done(file.read(start, min(BLOCK, size - start), timeout=timeout), url, timeout)
        if not block:
            return
        yield block
        start += len(block)


def _done(answer: tuple[Any, Any], url: str, timeout: int) -> Any:
    status, value = answer
    if not status.ok:
        raise _failure(url, status, timeout)
    return value


def _failure(url: str, status: Any, timeout: int) -> Exception:
    host, said = urlsplit(url).hostname, " ".join(status.message.split()).partition("] ")[2]
    said = re.sub(r"\?\S*", "", said)  # what follows may be a secret of where we are sent
    match status.errno if status.code == Code.ERROR_RESPONSE else status.code:
        case Code.NOT_FOUND:
            return SnakerootError(f"there is no such file on the server ({said}); correct the URL")
        case Code.NOT_AUTHORISED | Code.LOGIN_FAILED | Code.AUTHENTICATION_FAILED:
            return SnakerootError(f"the server does not let us read it ({said}): {credentials.shown()}")
        case Code.ARGUMENT_INVALID | Code.IS_DIRECTORY:
            return SnakerootError(f"the server refuses it ({said}); correct the URL: root://host//folder/file.root")
        case Code.INVALID_ADDRESS:
            return TransferError(f"the name of the host {host} is not known", remote.UNRESOLVED)
        case Code.TLS_ERROR:
            return SnakerootError(f"no encrypted connection to {host} ({said}); has the server root:// alone?")
        case Code.CONNECTION_ERROR:
            return TransferError("the connection is refused", remote.DOWN)
        case Code.EXPIRED | Code.SOCKET_TIMEOUT:
            return TransferError(f"the server was silent for {timeout} s", remote.SLOW)
    return TransferError(f"the transfer failed ({said})", remote.BROKEN)
