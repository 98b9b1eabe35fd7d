"""The figures of a search: numbers of a few trials made by hand, odd searches, and bytes that stay the same."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from snakeroot import plotting
from snakeroot.data.files import write_json
from snakeroot.evaluate.__main__ import main
from snakeroot.evaluate.catalogue import figures
from snakeroot.evaluate.search import (
    _timeline,
    _trials,
    tuning_front,
    tuning_history,
    tuning_parallel,
    tuning_slices,
    tuning_timeline,
)
from snakeroot.evaluate.search._searched import Searched
from snakeroot.plotting import saving
from snakeroot.tune.space import Parameter

WORKFLOW = Path(plotting.__file__).parents[2]
KINDS = ["history", "parallel", "importance", "slices"]
SPACE = {
    "training.learning_rate": {"float": [1e-4, 1e-1], "log": True},
    "training.optimizer.name": {"choices": ["adam", "sgd"]},
    "training.optimizer.momentum": {"float": [0, 0.9], "when": {"training.optimizer.name": ["sgd"]}},
}
LOSSES = [0.5, None, 0.4, 0.45, 0.3, 9.0]


def made(number, loss):
    point = dict(zip(SPACE, [10 ** -(1 + number / 2), ["adam", "sgd"][number % 2], 0.1 * number], strict=True))
    active = point if number % 2 else {key: point[key] for key in list(SPACE)[:2]}
    metrics = loss and {"loss": loss, "accuracy": 1 - loss / 10, "auc": 1 - loss / 10, "parameters": 100 + 10 * number}
    state = {"state": "complete" if loss else "fail", "metrics": metrics}
    return {"number": number, "round": number // 2, "point": point, "active": active, **state}


def search(**changes):
    known = {"luminosity": None, "energy": 13.0, "model": {"name": "mlp", "label": "dense $network$"}}
    return {**known, "space": SPACE, "objective": ["loss"], **changes}


def arguments(folder, kind, found, settings):
    write_json({"round": 2, "trials": found}, folder / "history.json")
    write_json({"front": [{"trial": 4}, {"trial": 0}]}, folder / "best.json")
    files = {"trials": folder / "history.json", "figure": folder / f"{kind}.svg"}
    files |= {"best": folder / "best.json"} if kind == "front" else {}
    given = [text for name, path in files.items() for text in (f"--{name}", str(path))]
    return [f"tuning-{kind}", "--spec", json.dumps({"settings": settings}), *given]


def draw(kind, found, settings):
    """Draw a figure in one format, without files; return its numbers."""
    module = figures()[f"tuning-{kind}"].module
    best = [{"front": [{"trial": 4}, {"trial": 0}]}] if kind == "front" else []
    with plotting.style():
        figure, numbers = module.draw(module.Shown.model_validate(settings), found, *best)
        saving.settle(figure)
        figure.savefig(io.BytesIO(), format="svg")
    return numbers


@pytest.fixture
def known():
    return [made(number, loss) for number, loss in enumerate(LOSSES)]


def test_numbers_of_the_history_are_the_trials_and_the_best_so_far(known):
    numbers = draw("history", known, search())
    assert numbers["loss"].tolist() == pytest.approx([0.5, np.nan, 0.4, 0.45, 0.3, 9.0], nan_ok=True)
    assert numbers["best_loss"].tolist() == [0.5, 0.5, 0.4, 0.4, 0.3, 0.3]
    assert numbers["state"].tolist() == ["complete", "fail", *["complete"] * 4]
    assert numbers["training.optimizer.name"].tolist() == ["adam", "sgd"] * 3
    assert numbers["training.optimizer.momentum"].isna().tolist() == [True, False] * 3
    of_accuracy = draw("history", known, search(objective=["accuracy"]))
    assert of_accuracy["best_accuracy"].tolist() == [0.95, 0.95, 0.96, 0.96, 0.97, 0.97]


def test_front_has_the_trials_that_none_is_better_than(known):
    numbers = draw("front", known, search(objective=["loss", "parameters"]))
    assert numbers.loc[numbers["front"], "number"].tolist() == [0, 4]
    assert draw("front", known, search(objective=["loss", "auc", "parameters"]))["front"].sum() == 2
    assert not tuning_front.applies(tuning_front.Shown.model_validate(search()))


def test_importance_is_of_what_matters_and_adds_up():
    random = np.random.default_rng(1)
    found = []
    for number in range(40):
        place, name, momentum = random.uniform(-4, -1), random.choice(["adam", "sgd"]), random.uniform(0, 0.9)
        trial = made(number, 0.3 + (place + 2.5) ** 2 + 0.1 * (name == "sgd"))
        found.append(trial | {"point": dict(zip(SPACE, [10**place, str(name), momentum], strict=True))})
    shares = draw("importance", found, search()).set_index("parameter")["loss"]
    assert shares.index[0] == "training.learning_rate"
    assert shares.sum() == pytest.approx(1, abs=1e-4)
    assert shares["training.learning_rate"] > 0.8
    grid = [{**trial, "point": {key: trial["point"][key] for key in list(SPACE)[:2]}} for trial in found]
    assert draw("importance", grid, search())["loss"].sum() == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("kind", [*KINDS, "front"])
@pytest.mark.parametrize("objective", [["loss"], ["auc", "parameters"]])
@pytest.mark.parametrize("losses", [[0.5], [None], [None, None, None], [0.5, None], [0.5, 0.5, 0.5]], ids=str)
def test_searches_with_hardly_anything_to_show_are_drawn(kind, objective, losses):
    if kind == "front" and len(objective) == 1:
        return
    found = [made(number, loss) for number, loss in enumerate(losses)]
    assert set(draw(kind, found, search(objective=objective))) > set(objective)


@pytest.mark.parametrize("kind", KINDS)
def test_a_single_choice_and_choices_of_several_types_are_drawn(kind, known):
    space = {"a": {"choices": ["$only"]}, "b": {"choices": [True, 1, 2.5, "text"]}}
    found = []
    for trial, choice in zip(known, [True, 1, 2.5, "text", 1, True], strict=True):
        found.append(trial | {key: {"a": "$only", "b": choice} for key in ("point", "active")})
    draw(kind, found, search(space=space))


def test_scales_place_values_between_0_and_1():
    scale = _trials.Scale.of(Parameter.model_validate({"float": [1e-4, 1e-2], "log": True}))
    assert [scale.place(value) for value in (1e-4, 1e-3, 1e-2)] == pytest.approx([0, 0.5, 1])
    assert list(scale.ticks().values()) == ["0.0001", "0.001", "0.01"]
    scale = _trials.Scale.of(Parameter.model_validate({"choices": [True, 1, "x"]}))
    assert [scale.place(value) for value in (True, 1, "x")] == [0, 0.5, 1]
    assert scale.ticks() == {0: "True", 0.5: "1", 1: "x"}


def test_whole_numbers_have_ticks_at_whole_numbers(known):
    """On the axes of both figures that have one for each setting, and of an objective that counts."""
    space = {"hidden.layers": {"int": [1, 4]}, "hidden.units": {"int": [8, 64], "log": True}}
    found = [
        trial | {key: {"hidden.layers": 1 + trial["number"] % 4, "hidden.units": 8} for key in ("point", "active")}
        for trial in known
    ]
    settings = Searched.model_validate(search(space=space, objective=["loss", "parameters"]))
    for key, parameter in settings.space.items():
        ticks = _trials.Scale.of(parameter).ticks()
        assert len(ticks) > 1, key
        assert all(float(text).is_integer() for text in ticks.values())
    assert list(_trials.Scale.of(settings.space["hidden.layers"]).ticks().values()) == ["1", "2", "3", "4"]
    with plotting.style():
        layers = tuning_slices.draw(settings, found)[0].axes[0]
        count = tuning_front.draw(settings, found, {"front": [{"trial": 0}]})[0].axes[0]
    assert layers.get_xlabel() == "hidden layers"
    for axis in (layers.xaxis, count.yaxis):
        ticks = [*axis.get_majorticklocs(), *axis.get_minorticklocs()]
        assert ticks
        assert all(float(tick).is_integer() for tick in ticks)


def test_figures_of_trials_say_nothing_of_events(known):
    settings = Searched.model_validate(search(energy=None, experiment="CMS"))
    modules = (tuning_history, tuning_parallel, tuning_slices)
    with plotting.style():
        drawn = [module.draw(settings, known)[0].axes[0] for module in modules]
    assert [axes.get_title(loc="left") for axes in drawn] == ["CMS"] * 3
    assert not any("fb" in axes.get_title(loc="right") for axes in drawn)


def test_a_few_trials_that_diverged_do_not_squash_the_others():
    assert _trials.limits(np.array([0.3, 0.4, 0.4, 0.5, 50.0]), "loss") == pytest.approx((0.3, 0.9))
    assert _trials.limits(np.array([0.9, 0.8, 0.7, 0.7, 0.01]), "auc") == pytest.approx((0.3, 0.9))
    assert _trials.limits(np.array([2.0, 2.0]), "loss") == (1.0, 3.0)


def test_trials_that_were_stopped_early_are_shown_and_none_is_the_best(known):
    found = [trial | ({"state": "pruned"} if trial["number"] in (2, 4) else {}) for trial in known]
    numbers = draw("history", found, search())
    assert numbers["loss"].tolist()[4] == 0.3
    assert numbers["best_loss"].tolist() == [0.5, 0.5, 0.5, 0.45, 0.45, 0.45]
    for kind in KINDS:
        assert draw(kind, found, search()).shape[0]


def test_numbers_of_the_timeline_are_jobs_on_the_workers_that_were_free(tmp_path):
    """Two rungs of three trials on two hosts, one of whose jobs left no record, and a pause of an hour."""
    jobs = {
        "trial0-1/rung0": ("a", {4: (0, 10), 5: (10, 18)}),
        "trial2/rung0": ("b", {6: (5, 25)}),
        "trial2": ("a", {6: (3620, 3640)}),
    }
    for name, (host, times_of) in jobs.items():
        known = [
            {"number": number}
            | {
                key: f"2026-01-01T{t // 3600:02d}:{t // 60 % 60:02d}:{t % 60:02d}.5+00:00"
                for key, t in zip(("start", "end"), times, strict=True)
            }
            for number, times in times_of.items()
        ]
        path = tmp_path / "records/round0" / name / "result.json.json"
        write_json({"host": host, "more": 1, "trials": known}, path)
    states = ["complete", "pruned", "fail"]
    found = [{"number": 4 + number, "round": 0, "state": state} for number, state in enumerate(states)]
    write_json({"round": 0, "trials": found}, tmp_path / "history.json")
    model = search()["model"]
    settings = {"luminosity": None, "energy": None, "model": model, "rungs": 1, "jobs": [["0-1", "2"]]}
    spec = json.dumps({"settings": settings})
    words = ["tuning-timeline", "--spec", spec, "--trials", str(tmp_path / "history.json")]
    main([*words, "--records", str(tmp_path / "records"), "--figure", str(tmp_path / "t.svg")])
    numbers = pd.read_csv(tmp_path / "t.csv")
    assert numbers["number"].tolist() == [4, 6, 5, 6]
    assert numbers["rung"].tolist() == [0, 0, 0, 1]
    assert numbers["worker"].tolist() == [0, 1, 0, 0]
    assert numbers["begin"].tolist() == [0, 5, 10, 25]
    assert numbers["done"].tolist() == [10, 25, 18, 45]
    work = _timeline.read(found, tmp_path / "records", tuning_timeline.Shown.model_validate(settings))
    assert (work.missing, work.pauses, work.took) == (2, [25.0], 45.0)
    assert work.busy == pytest.approx((10 + 8 + 20 + 20) / (2 * 45))
    main([*words, "--records", str(tmp_path / "nowhere"), "--figure", str(tmp_path / "t.svg")])
    assert pd.read_csv(tmp_path / "t.csv").empty


PROGRAM = """
import json, sys
from snakeroot.evaluate.__main__ import main
for arguments in json.load(sys.stdin):
    main(arguments)
"""


def test_bytes_are_the_same_in_another_process(known, tmp_path):
    """Which has another seed of hashes than this one, and warnings as errors."""
    here, there = tmp_path / "here", tmp_path / "there"
    kinds = [*KINDS, "front"]
    for folder in (here, there):
        folder.mkdir()
        jobs = [arguments(folder, kind, known, search(objective=["loss", "parameters"])) for kind in kinds]
        if folder is here:
            for one in jobs:
                main(one)
    environment = {**os.environ, "PYTHONHASHSEED": "1", "PYTHONPATH": str(WORKFLOW)}
    command = [sys.executable, "-W", "error", "-c", PROGRAM]
    subprocess.run(command, input=json.dumps(jobs), env=environment, text=True, check=True)
    one, other = ({path.name: path.read_bytes() for path in folder.iterdir()} for folder in (here, there))
    assert len(one) == 4 * len(kinds) + 2
    assert [name for name in one if one[name] != other[name]] == []
    assert all(len(text) < 200_000 for name, text in one.items() if name.endswith("svg"))
    shown = draw("history", known, search(objective=["loss", "parameters"])).to_csv(index=False, float_format="%.6g")
    assert shown.encode() == one["history.csv"]
