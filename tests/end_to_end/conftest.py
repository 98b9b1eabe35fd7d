"""Most of these tests are about what the jobs of small projects make of each other: their jobs are forks.

Those of test_generated.py, which want seeds of hashes, and of test_module.py are processes of their own, as users have
them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import projects
import pytest


@pytest.fixture(scope="session", autouse=True)
def _forks(forks: Path | None) -> Iterator[None]:
    projects.PYTHON = forks
    yield
    projects.PYTHON = None
