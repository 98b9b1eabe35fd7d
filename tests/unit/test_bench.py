"""Benchmarks are code: a short form of each runs, and the page of what was measured has a section for each."""

from __future__ import annotations

import importlib
import math
import re

import pytest
from projects import REPOSITORY

FARM = "bench-cluster"
NAMES = sorted(path.stem for path in (REPOSITORY / "tests/bench").glob("[!_]*.py"))
THROUGH_SNAKEMAKE = ("pruning", "tuning_overhead", "tuning_vs_loop")
"""These run in tests/end_to_end/test_bench.py."""


@pytest.mark.parametrize("name", [name for name in NAMES if name not in THROUGH_SNAKEMAKE])
def test_a_short_form_runs(name: str) -> None:
    if name == "generated_events":
        pytest.importorskip("pythia8mc")
        pytest.importorskip("fastjet")
    module = importlib.import_module(f"bench.{name}")
    numbers = module.measure(module.SHORT)
    assert numbers
    assert not [key for key, value in numbers.items() if math.isnan(value)]
    assert [key for key, value in numbers.items() if value > 0]


def test_every_section_of_the_page_is_measured_by_one_and_every_one_has_a_section() -> None:
    sections = re.findall(
        r"^## .*\(`(?:make )?([\w-]+)`\)$", (REPOSITORY / "docs/performance.md").read_text(), re.MULTILINE
    )
    assert sorted(sections) == sorted([*NAMES, FARM])
    assert len(re.findall(r"^## ", (REPOSITORY / "docs/performance.md").read_text(), re.MULTILINE)) == len(sections)
