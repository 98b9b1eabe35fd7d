"""What the tests of all folders share."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import starter

# What a package will take away is an error in jobs and commands too, as it is in this process (pyproject.toml).
KINDS = ("DeprecationWarning", "PendingDeprecationWarning", "FutureWarning")
OF_OTHERS = (
    "ignore:jsonschema.RefResolver is deprecated",  # how pyhf 0.7.6 reads its schemas
    "ignore:pkg_resources is deprecated",  # pip's way to build a wheel
    'ignore:Argument "writer_name" will be removed',  # Snakemake's report
    *(f"ignore::DeprecationWarning:{module}" for module in ("pulp.pulp", "pulp.apis.coin_api")),  # Snakemake's solver
)
os.environ["PYTHONWARNINGS"] = ",".join([*(f"error::{kind}" for kind in KINDS), *OF_OTHERS])


@pytest.fixture(scope="session")
def forks() -> Iterator[Path | None]:
    """The socket of `starter.started`, one for all tests of a process; None where it needs another system's calls."""
    if sys.platform != "linux":
        yield None
        return
    with starter.started() as socket:
        yield socket
