"""Connections of http whose server has to answer in time.

The timeout of a socket begins again with each byte that comes. A server that sends a header byte by byte, or answers
"continue" for ever, would never be silent for long, and never be done.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from typing import Any
from urllib import request


@contextmanager
def within(connection: socket.socket, seconds: float) -> Iterator[None]:
    """End a connection if the block that waits for it is not done in time.

    Raises:
        TimeoutError: if it was not.
    """
    late = threading.Event()

    def end() -> None:
        late.set()
        with suppress(OSError):  # it is at its end already
            socket.socket.shutdown(connection, socket.SHUT_RDWR)  # below TLS, which the block is busy with

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    except Exception as error:
        if late.is_set():
            raise TimeoutError from error
        raise
    finally:
        timer.cancel()
    if late.is_set():
        raise TimeoutError


class _InTime(HTTPConnection):
    """Gives answers that know their connection, and whose head has come in time."""

    def getresponse(self) -> HTTPResponse:
        """Return the answer to what was asked."""
        connection: Any = self.sock
        with within(connection, self.timeout or 60):
            response: Any = super().getresponse()
        response.connection = connection
        return response  # type: ignore[no-any-return]


class _EncryptedInTime(_InTime, HTTPSConnection):
    """The same in TLS."""


class Plain(request.HTTPHandler):
    """Opens http://."""

    def http_open(self, req: request.Request) -> HTTPResponse:
        """Ask, and return the answer."""
        return self.do_open(_InTime, req)


class Encrypted(request.HTTPSHandler):
    """Opens https://."""

    def https_open(self, req: request.Request) -> HTTPResponse:
        """Ask, and return the answer."""
        return self.do_open(_EncryptedInTime, req, context=self._context)  # type: ignore[attr-defined]
