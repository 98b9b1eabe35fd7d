"""Jobs of the projects that these tests plan are forks, as in tests/end_to_end."""

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
