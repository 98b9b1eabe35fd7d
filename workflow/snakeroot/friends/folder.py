"""A whole folder or none."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from snakeroot.data.files import make_folder


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """Yield a temporary folder beside `path`, which takes its place at the end, or is removed if anything fails."""
    part = path.with_name(f".{path.name}.{socket.gethostname()}-{os.getpid()}")
    shutil.rmtree(part, ignore_errors=True)
    make_folder(part)
    try:
        yield part
        if path.exists():
            shutil.rmtree(path)
        part.replace(path)
    finally:
        shutil.rmtree(part, ignore_errors=True)
