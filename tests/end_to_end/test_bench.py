"""A short form of each benchmark that runs through Snakemake."""

from __future__ import annotations

import importlib
import math

import pytest
from unit.test_bench import THROUGH_SNAKEMAKE


@pytest.mark.parametrize("name", THROUGH_SNAKEMAKE)
def test_a_short_form_runs(name: str) -> None:
    module = importlib.import_module(f"bench.{name}")
    numbers = module.measure(module.SHORT)
    assert numbers
    assert not [key for key, value in numbers.items() if math.isnan(value)]
