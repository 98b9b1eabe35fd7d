"""The house: no room too large to fit in a head, no import that runs upwards, every figure where it is looked for."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
import snakeroot
from snakeroot import plan
from snakeroot.errors import SnakerootError
from snakeroot.evaluate.catalogue import Figure, figures
from snakeroot.evaluate.reads import READS
from snakeroot.plan import facts
from snakeroot.registry import Registry

HOUSE = Path(snakeroot.__file__).parent
FLOORS = (
    *("errors", "settings", "registry", "data", "jobs", "physics", "plotting", "networks"),
    *("generate", "features", "split", "scale", "train", "predict", "tune", "evaluate", "report"),
    *("config", "plan"),
)
"""From below; each imports from those before it alone, so that there is no circle either."""


def imports() -> Iterator[tuple[str, str]]:
    """Yield each module of ours and each package that it imports from, also within functions."""
    for path in HOUSE.rglob("*.py"):
        module = ".".join(path.relative_to(HOUSE).with_suffix("").parts)
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module == "snakeroot":
                yield from ((module, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("snakeroot."):
                yield module, str(node.module).split(".")[1]


def test_no_import_runs_upwards() -> None:
    found = [(module, package) for module, package in imports() if module != "__init__"]
    assert {package for _, package in found} <= set(FLOORS)
    upwards = [
        (module, package) for module, package in found if FLOORS.index(package) > FLOORS.index(module.split(".")[0])
    ]
    assert upwards == []


def test_no_room_is_too_large_for_a_head() -> None:
    lines = {path.name: len(path.read_text().splitlines()) for path in HOUSE.rglob("*.py")}
    assert {name: count for name, count in lines.items() if count > 250} == {}


def test_helpers_beside_the_entries_of_a_registry_are_none() -> None:
    found = Registry("snakeroot.networks.objectives", "kind of task")
    assert found.names() == ["binary", "multiclass", "regression", "unsupervised"]
    with pytest.raises(SnakerootError, match="no kind of task '_objective'"):
        found.module("_objective")


def test_every_figure_can_be_planned() -> None:
    """What it reads has files, unless it is of times, and what it is told is a fact or has a default."""
    for figure in figures().values():
        assert set(figure.reads) <= set(READS)
        assert set(figure.reads) - set(plan.figures.FILES) <= {"records"}
        needed = {name for name, field in figure.settings.model_fields.items() if field.is_required()}
        assert needed <= set(facts.GENERATED if figure.subject == "variable" else facts.OF_TASK), figure.name


def test_a_fact_that_is_none_is_named() -> None:
    class Shown(figures()["roc"].settings):  # type: ignore[misc, name-defined]
        modles: list[str]

    wrong = Figure(**{**vars(figures()["roc"]), "settings": Shown})
    with pytest.raises(SnakerootError, match=r"binary\.roc: there is no fact 'modles' .* did you mean 'models'"):
        facts.filled(facts.About(None, wrong, "task", ""))  # type: ignore[arg-type]
