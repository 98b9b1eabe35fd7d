"""What the tests of all folders share."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import starter


@pytest.fixture(scope="session")
def forks() -> Iterator[Path | None]:
    """The socket of `starter.started`, one for all tests of a process; None where it needs another system's calls."""
    if sys.platform != "linux":
        yield None
        return
    with starter.started() as socket:
        yield socket
