"""Servers that keep to no protocol: what they send, byte by byte, and when."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

Say = Callable[[Any, bytes, int], None]
"""Takes the connection, the head of what was asked, and how often somebody has asked before."""


@contextmanager
def rogue(say: Say, context: ssl.SSLContext | None = None) -> Iterator[tuple[int, list[bytes]]]:
    """Serve whoever comes; yield the port, and a list that is filled with what they ask."""
    asked: list[bytes] = []

    def serve(client: socket.socket, number: int) -> None:
        with suppress(OSError), client:
            client.settimeout(20)
            connection = context.wrap_socket(client, server_side=True) if context else client
            with connection:
                head = connection.recv(65536) if say is not silent else b""
                asked.append(head)
                say(connection, head, number)

    def accept() -> None:
        with suppress(OSError):
            for number in range(1000):
                client, _ = listening.accept()
                threading.Thread(target=serve, args=(client, number), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=accept, daemon=True).start()
        yield listening.getsockname()[1], asked
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)


def silent(_: Any, __: bytes = b"", ___: int = 0) -> None:
    """Say nothing."""
    time.sleep(15)


def sends(*parts: bytes, then: float = 0.0) -> Say:
    """Return what sends these parts, and stays so many seconds."""

    def say(connection: Any, _: bytes, __: int) -> None:
        for part in parts:
            connection.sendall(part)
        time.sleep(then)

    return say


def drips(begin: bytes, again: bytes, pause: float = 0.1) -> Say:
    """Return what sends a beginning, and then the same again and again."""

    def say(connection: Any, _: bytes, __: int) -> None:
        connection.sendall(begin)
        for _ in range(int(15 / max(pause, 1e-4))):
            connection.sendall(again)
            time.sleep(pause)

    return say


HANDSHAKE = struct.pack("!HHIII", 0, 0, 8, 0x00000520, 1)
PROTOCOL, LOGIN, OPEN, READ, CLOSE = 3006, 3007, 3010, 3013, 3003
OK, ERROR, REDIRECT, WAIT = 0, 4003, 4004, 4005


def speaks_xrootd(answers: dict[int, tuple[int, bytes]]) -> Say:
    """Return what greets as an XRootD server, and answers these requests so: (status, what follows)."""
    always = {PROTOCOL: (OK, struct.pack("!II", 0x520, 1)), LOGIN: (OK, bytes(16)), CLOSE: (OK, b"")}

    def say(connection: Any, head: bytes, _: int) -> None:
        known = always | answers
        connection.sendall(HANDSHAKE)
        waiting = head[20:]
        while True:
            while len(waiting) < 24 or len(waiting) < 24 + int.from_bytes(waiting[20:24]):
                more = connection.recv(65536)
                if not more:
                    return
                waiting += more
            number = int.from_bytes(waiting[2:4])
            stream, waiting = waiting[:2], waiting[24 + int.from_bytes(waiting[20:24]) :]
            if number in known:
                status, content = known[number]
                connection.sendall(stream + struct.pack("!HI", status, len(content)) + content)

    return say
