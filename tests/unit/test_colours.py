"""A process has one colour in all tasks of a project."""

from __future__ import annotations

from pathlib import Path

import pytest
from snakeroot import plotting
from snakeroot.plan.colours import colours
from snakeroot.plotting.colours import BACKGROUND, CLASSES, OTHER, RECORDED, SIGNAL
from snakeroot.plotting.settings import Labelled
from tasks import drawn, edited, load, settings


@pytest.fixture(autouse=True)
def ntuples(tmp_path, monkeypatch):
    """Some ntuples below the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    for name in "abcdefghijkl":
        (tmp_path / f"data/{name}.root").touch()


def task(kind="binary", **classes):
    """A task with these samples, each with a class or None; one called `data` is."""
    samples = {
        name: {"files": [f"data/{letter}.root"], **({"class": one} if one else {}), "data": name == "data"}
        for letter, (name, one) in zip("abcdefghijkl", classes.items(), strict=False)
    }
    text = edited("samples", samples, edited("kind", kind))
    return edited("models", {"kmeans": {"architecture": "kmeans"}}, text) if kind == "unsupervised" else text


BINARY = task(sig="signal", bkg="background", other=None, data=None)
CLASSES_OF_THREE = task("multiclass", other="one", bkg="two", sig="three", more="four")
NONE = task("unsupervised", more=None, other=None, bkg=None, sig=None)


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 2, 0), (2, 0, 1)])
def test_a_sample_has_one_colour_whatever_its_class(order):
    texts = [(BINARY, CLASSES_OF_THREE, NONE)[number] for number in order]
    project = load(*texts)
    found = [colours(project, f"task{number}") for number in range(3)]
    for one in found:
        assert (one["sig"], one["bkg"]) == (SIGNAL[0], BACKGROUND[0])
        assert one["other"] == found[0]["other"]
        assert len(set(one.values())) == len(one)
    assert colours(project, f"task{order.index(0)}")["data"] == RECORDED


def test_figures_are_told_of_it():
    project = load(BINARY, CLASSES_OF_THREE)
    known = colours(project, "task0")
    told = settings(drawn(project, "input", "task0", "mass"))["samples"]
    assert {one["name"]: one["colour"] for one in told} == known
    classes = settings(drawn(project, "class-scores", "task1", "mlp"))["classes"]
    assert {one["name"]: one["colour"] for one in classes} == {
        "four": colours(project, "task1")["more"],
        "one": known["other"],
        "three": known["sig"],
        "two": known["bkg"],
    }


def test_tasks_that_the_config_does_not_name_change_no_colour():
    texts = {
        "task0": CLASSES_OF_THREE,
        "task1": task("unsupervised", w=None, bkg=None),
        "task2": task(w="signal", q="background"),
    }
    alone = colours(load(CLASSES_OF_THREE), "task0")
    for name, text in texts.items():
        Path(f"tasks/{name}.yaml").write_text(text)
    Path("tasks/broken.yaml").write_text("kind: nothing")
    project = load(CLASSES_OF_THREE)
    assert colours(project, "task0") == alone
    assert colours(project, "task2")["w"] == colours(project, "task1")["w"] == SIGNAL[0]
    assert colours(project, "task1")["bkg"] == alone["bkg"], "that of a task that the config names"


def test_as_many_as_there_are_colours_differ():
    many = {f"s{number}": None for number in range(10)}
    found = colours(load(task("unsupervised", **many)), "task0")
    assert sorted(found.values()) == sorted({*CLASSES, *OTHER})
    two_signals = colours(load(task(a="signal", b="signal", c="background", d="background")), "task0")
    assert list(two_signals.values()) == [*SIGNAL[:2], *BACKGROUND[:2]]


def test_shipped_tasks_agree():
    """All eight, and all of the ten colours that the colour-blind can tell apart."""
    folder = Path(__file__).parents[2] / "config/tasks"
    texts = [path.read_text() for path in sorted(folder.glob("*.yaml"))]
    project = load(*texts)
    every: dict[str, set[str]] = {}
    for number in range(len(texts)):
        for name, colour in colours(project, f"task{number}").items():
            every.setdefault(name, set()).add(colour)
    assert {name: len(found) for name, found in every.items()} == dict.fromkeys(every, 1)
    assert (every["vbf"], every["zz"], every["w"], every["qcd"]) == ({SIGNAL[0]}, {BACKGROUND[0]}) * 2
    assert set().union(*every.values()) <= {*CLASSES, *OTHER}


def test_without_a_colour_a_class_has_one_of_its_own():
    classes = [Labelled(name=name, label=name) for name in "ab"]
    assert plotting.of_labelled(classes) == plotting.of_classes("ab")
