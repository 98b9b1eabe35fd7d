"""The house: no room too large to fit in a head, no import that runs upwards, every figure where it is looked for."""

from __future__ import annotations

import re

import pytest
from house import FLOORS, HOUSE, ORDER, arrows, imports
from projects import REPOSITORY
from snakeroot import plan
from snakeroot.errors import SnakerootError
from snakeroot.evaluate.catalogue import Figure, figures
from snakeroot.evaluate.reads import READS
from snakeroot.plan import facts
from snakeroot.registry import Registry


def test_no_import_runs_upwards() -> None:
    found = [(module, package) for module, package in imports() if module != "__init__"]
    assert {package for _, package in found} <= set(ORDER)
    place = ORDER.index
    assert [(module, package) for module, package in found if place(package) > place(module.split(".")[0])] == []


def test_what_snakemake_imports_whenever_it_starts_chooses_no_package_of_ours() -> None:
    """A plugin that imports `snakeroot` would do so before the Snakefile says whose."""
    for path in (HOUSE.parent / "snakemake_logger_plugin_snakeroot").glob("*.py"):
        assert not re.search(r"^\s*(from|import) snakeroot\b", path.read_text(), re.MULTILINE), path.name
    assert not (HOUSE / "__main__.py").exists(), "it would be in the spec of every module"


def test_the_picture_of_the_house_is_up_to_date() -> None:
    drawn = re.findall(r"<title>(\w+)(?:&#45;&gt;(\w+))?</title>", (REPOSITORY / "docs/images/house.svg").read_text())
    direct = {(one, other) for other, one in drawn if one}
    assert {name for name, other in drawn if not other} - {"house"} == set(ORDER) - set(FLOORS[0]), "run `make docs`"
    assert direct <= set(arrows()), "run `make docs`"


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
