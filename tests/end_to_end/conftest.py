"""Most of these tests are about what the jobs of small projects make of each other: their jobs are forks.

In test_module.py some, in test_installed.py and test_bench.py all are processes of their own, as users have them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import projects
import pytest


@pytest.fixture(scope="session", autouse=True)
def _forks(forks: Path | None) -> Iterator[None]:
    if forks:
        projects.STARTERS[None] = forks
    yield
    projects.STARTERS.clear()
