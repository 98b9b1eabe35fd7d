"""Metrics that are not numbers: null in JSON, never the best epoch, and a failed trial of a search."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from helpers import table_of
from hypothesis import given
from hypothesis import strategies as st
from snakeroot.data import tables
from snakeroot.data.files import finite, read_json, write_json
from snakeroot.errors import SnakerootError
from snakeroot.evaluate.search import _trials as search
from snakeroot.evaluate.search._searched import Searched
from snakeroot.networks.network import build
from snakeroot.networks.objectives import binary, regression
from snakeroot.scale.__main__ import scale
from snakeroot.scale.settings import ScaleSettings
from snakeroot.train.__main__ import train
from snakeroot.train.interruption import CheckpointTimer
from snakeroot.train.loop import fit
from snakeroot.train.settings import Training, TrainSettings
from snakeroot.train.state import start
from snakeroot.tune.best import choose
from snakeroot.tune.halving import going_on, passed_on
from snakeroot.tune.propose import propose
from snakeroot.tune.results import judged
from snakeroot.tune.settings import BestSettings, Promotion, ProposeSettings
from trainings import NOTHING, held, scalars, together
from tuning import SPACE, result


@given(
    st.recursive(st.floats() | st.booleans() | st.text(), lambda one: st.lists(one) | st.dictionaries(st.text(), one))
)
def test_what_json_has_no_name_for_is_null(value):
    def expected(one):
        if isinstance(one, list):
            return [expected(inner) for inner in one]
        if isinstance(one, dict):
            return {key: expected(inner) for key, inner in one.items()}
        return None if one in (math.inf, -math.inf) or one != one else one  # noqa: PLR0124 - NaN

    assert finite(value) == expected(value)


def table(target, weight=None, first=0, seed=0):
    random, rows = np.random.default_rng(seed), len(target)
    x = (np.asarray(target) + random.normal(0, 0.3, rows)).astype(np.float32)
    found = table_of("sample", None, weight, id_event=np.arange(first, first + rows), x=x)
    place = found.schema.get_field_index("target")
    return found.set_column(place, "target", [np.asarray(target, np.float32)])


def trained(folder: Path, validation, training=None, weight=None, architecture="mlp", until=None):
    """The metadata and the history of a regression with this validation split."""
    folder.mkdir()
    known = {"normalisation": folder / "normalisation.json", "scaling": folder / "scaling.json"}
    write_json({"samples": {"sample": {"factor": 1.0}}}, known["normalisation"])
    splits = {"train": table(np.random.default_rng(1).normal(5, 2, 200)), "validation": table(validation, weight, 1000)}
    files = {name: [folder / f"{name}.parquet"] for name in splits}
    for name, rows in splits.items():
        tables.write([rows], rows.schema, files[name][0])
    scale(ScaleSettings(inputs=scalars("x", "target")), files["train"], known["scaling"])
    settings = TrainSettings.model_validate(
        {
            "kind": "regression",
            "classes": [],
            "architecture": architecture,
            "settings": {} if architecture == "gbdt" else {"hidden": [4]},
            "inputs": [{"name": "x"}],
            "training": {"max_epochs": 4, "learning_rate": 0.01} | (training or {}),
            "seed": 1,
            "until": until,
        }
    )
    outputs = {name: folder / name for name in ("weights", "metadata", "history", "checkpoint")}
    more = {
        **NOTHING,
        "end": [folder / "end"] if until else [],
        "accelerator": "cpu",
        "gpus": 0,
    }
    train(settings, "spec", **files, **known, **outputs, **more)
    return read_json(outputs["metadata"]), tables.read(outputs["history"]).to_pandas()


@pytest.mark.parametrize("architecture", ["mlp", "gbdt"])
@pytest.mark.parametrize("validation", [[4.0], [4.1, 4.1, 4.1]])
def test_a_metric_that_is_no_number_is_null(tmp_path, validation, architecture):
    metadata, history = trained(tmp_path / "one", validation, architecture=architecture)
    assert metadata["validation"]["r2"] is None
    assert history["validation_r2"].isna().all()
    assert history["train_r2"].notna().all()
    assert metadata["validation"]["loss"] == history["validation_loss"].min()


def test_an_error_whose_square_is_negative_is_null(tmp_path):
    """The noisy half of the events has the negative weights."""
    target = np.linspace(3, 7, 40)
    weight = np.where(np.arange(40) % 2, 3.0, -2.9)
    found = regression.Objective().measure(*(torch.tensor(v) for v in ([[0.0], [9.0]], [0.1, 0.0], [3.0, -2.0])))
    assert [math.isnan(one) for one in found.tolist()] == [False, True, False, True]
    metadata, _ = trained(tmp_path / "signs", target, {"max_epochs": 2}, weight)
    assert all(value is None or math.isfinite(value) for value in metadata["validation"].values())


@pytest.mark.parametrize("architecture", ["mlp", "gbdt"])
@pytest.mark.parametrize("until", [None, 2])
def test_if_no_epoch_can_be_the_best_that_is_an_error(tmp_path, architecture, until):
    with pytest.raises(SnakerootError, match=r"^training\.monitor: the validation r2 was not a number after any epoch"):
        trained(tmp_path / "one", [4.0], {"monitor": "r2"}, architecture=architecture, until=until)
    assert not (tmp_path / "one/metadata").exists()


class Scripted(binary.Objective):
    """Measures what it is told."""

    def __init__(self, *areas):
        super().__init__()
        self.areas = [value for area in areas for value in (0.5, area)]  # train, validation

    def measure(self, *_):
        return torch.tensor([1.0, 0.5, self.areas.pop(0)], dtype=torch.float64)


@pytest.mark.parametrize(
    ("areas", "best"),
    [
        ((math.nan, 0.7, math.nan, 0.6), 2),
        ((0.7, math.inf, 0.8, -math.inf), 3),
        ((0.6, math.nan, math.nan, math.nan), 1),
    ],
)
@pytest.mark.parametrize("schedule", ["constant", "plateau"])
def test_an_epoch_whose_monitor_is_no_number_is_never_the_best(areas, best, schedule):
    rows = together(torch.randn(8, 1), torch.tensor([0.0, 1.0] * 4), torch.ones(8))
    training = Training(max_epochs=4, monitor="auc", schedule={"name": schedule})
    state = start(build("mlp", {"hidden": [2]}, scalars("x"), 1), Scripted(*areas), training, 1, 8)
    fit(state, held(rows), held(rows), training, CheckpointTimer(lambda: None, 60), lambda _: None)
    assert (state.best_epoch, state.best_value) == (best, -areas[best - 1])


def test_a_target_that_is_the_same_for_all_is_refused_before_the_training(tmp_path):
    rows = table([5.1] * 7)
    tables.write([rows], rows.schema, tmp_path / "train.parquet")
    with pytest.raises(SnakerootError, match=r"all 7 targets in the train split are the same, 5\.1: .*check `target`"):
        scale(ScaleSettings(inputs=scalars("x", "target")), [tmp_path / "train.parquet"], tmp_path / "scaling.json")


def without(name, found):
    """A result whose metric was not a number."""
    return {**found, "metrics": {**found["metrics"], name: None}}


TRIALS = [
    without("auc", result(0, 0.1)),
    result(1, 0.3),
    without("loss", result(2, 0.2, validation_loss=[None, None])),
    result(3, 0.4),
]


def test_a_search_counts_trials_without_an_objective_as_failures(tmp_path):
    write_json({"round": 0, "trials": TRIALS}, tmp_path / "history.json")
    outputs = [tmp_path / name for name in ("best.json", "trials.parquet", "study.log")]
    for objective, best, failed in ((["auc"], 2, 1), (["loss"], 0, 1), (["loss", "auc"], 1, 2)):
        settings = BestSettings.model_validate({"objective": objective, "space": SPACE, "name": "n"})
        choose(settings, tmp_path / "history.json", [], [], *outputs)
        assert (read_json(outputs[0])["trial"], read_json(outputs[0])["failed"]) == (best, failed)
        assert tables.read(outputs[1]).to_pandas()["state"].tolist().count("fail") == failed
    reasons = {trial["reason"] for trial in judged(TRIALS, ["auc"]) if trial["state"] == "fail"}
    assert reasons == {"the validation auc of its best epoch is not a number"}


def test_if_no_trial_has_an_objective_that_is_an_error_with_the_reason(tmp_path):
    write_json({"round": 0, "trials": [without("r2", result(n, 0.1)) for n in range(2)]}, tmp_path / "history.json")
    settings = BestSettings.model_validate({"objective": ["r2"], "space": SPACE, "name": "n"})
    with pytest.raises(SnakerootError, match=r"2 of 2 trials .* failed.*: the validation r2 of its best epoch is not"):
        choose(
            settings, tmp_path / "history.json", [], [], *(tmp_path / name for name in ("b.json", "t.parquet", "s.log"))
        )


@pytest.mark.parametrize("sampler", ["random", "tpe", "gp", "cmaes", "nsga2"])
def test_a_sampler_is_told_of_them_as_of_failures(tmp_path, sampler):
    proposals = []
    for trials in (TRIALS, [TRIALS[0] | {"state": "fail", "metrics": None}, *TRIALS[1:]]):
        write_json({"round": 0, "trials": trials}, tmp_path / "history.json")
        options = {"startup_trials": 2} if sampler in ("tpe", "gp") else {}
        known = {"sampler": {"name": sampler, **options}, "space": SPACE, "objective": ["auc"], "count": 2, "round": 1}
        settings = ProposeSettings.model_validate(known | {"trials_per_round": 2, "seed": 1})
        propose(settings, [tmp_path / "history.json"], [], [], tmp_path / "proposals.json")
        proposals.append(read_json(tmp_path / "proposals.json"))
    assert proposals[0] == proposals[1]


def test_a_trial_without_an_objective_goes_no_further():
    running = judged([trial | {"state": "running"} for trial in TRIALS], ["loss"])
    assert going_on(running, Promotion(objective="loss", count=2)) == {0, 1}
    assert passed_on(running[2])["state"] == "fail"


def test_figures_show_them_as_failures(tmp_path):
    write_json({"round": 0, "trials": TRIALS}, tmp_path / "history.json")
    settings = Searched.model_validate(
        {"model": {"name": "m", "label": "m"}, "objective": ["auc"], "space": SPACE, "luminosity": None, "energy": None}
    )
    found = search.table(read_json(tmp_path / "history.json")["trials"], settings)
    assert found.known.tolist() == [False, True, True, True]
    assert found.best("auc") == 2
