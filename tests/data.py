"""Real files for tests: beside the repository, or where SNAKEROOT_TEST_DATA says; tests skip where there are none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]


def real_file(name: str) -> Path:
    """Return the path of a file such as "edge/zero.root", or skip the test."""
    folder = Path(os.environ.get("SNAKEROOT_TEST_DATA", REPOSITORY.parent / "shared/data"))
    if not (folder / name).is_file():
        pytest.skip(f"no {name} in {folder}: set SNAKEROOT_TEST_DATA to the folder of the real test files")
    return folder / name
