"""Samplers, rebuilt for each round: they find what one that lives on finds, repeatably, and no point twice."""

from __future__ import annotations

import json
import math
import os
import statistics
import subprocess
import sys
import warnings

import numpy as np
import optuna
import pytest
from cmaes import CMA
from optuna.samplers import GPSampler, NSGAIISampler, QMCSampler, RandomSampler, TPESampler
from snakeroot.data.files import read_json, to_json, write_json
from snakeroot.tune.propose import without_repeats
from snakeroot.tune.samplers import SAMPLERS
from snakeroot.tune.settings import Tuning
from snakeroot.tune.space import Parameter, active, grid
from snakeroot.tune.study import Problem, Proposal, distributions

SPACE = {
    "n": Parameter.model_validate({"int": [1, 8]}),
    "x": Parameter.model_validate({"float": [-5, 5]}),
    "y": Parameter.model_validate({"float": [1e-3, 1e1], "log": True}),
}
"""In the order of the alphabet, as a spec has it."""
COUNT = 4
NAMES = [name for name in SAMPLERS.names() if name != "grid"]


def loss(point):
    """A bowl around x = 1.3, y = 0.1, n = 5."""
    return (point["x"] - 1.3) ** 2 / 10 + (math.log10(point["y"]) + 1) ** 2 + 0.1 * (point["n"] - 5) ** 2


def problem(trials=(), seed=1, space=SPACE, objective=("loss",), count=COUNT):
    return Problem(space, objective, list(trials), [], count, len(trials) // count, 2 * COUNT, seed)


def propose(name, of_round):
    """The points that a sampler without options proposes."""
    module = SAMPLERS.load(name)
    return module.propose(module.Sampler(), of_round)


def record(proposal, metrics, number=0):
    """A trial as a history has it: through JSON."""
    state = "complete" if metrics else "fail"
    known = {"number": number, "point": proposal.point, "attributes": proposal.attributes, "metrics": metrics}
    return json.loads(json.dumps(known | {"state": state}))


def search(name, seed=1, rounds=6, fails=lambda _: False, **changed):
    """The trials of so many rounds, each round proposed from scratch."""
    trials = []
    for _ in range(rounds):
        of_round = problem(trials, seed, **changed)
        for proposal in without_repeats(propose(name, of_round), of_round):
            metrics = (
                None if fails(proposal.point) else {"loss": loss(proposal.point), "parameters": proposal.point["n"]}
            )
            trials = [*trials, record(proposal, metrics, len(trials))]
    return trials


def best(trials):
    return min(trial["metrics"]["loss"] for trial in trials)


def in_process(name, seed, rounds=6):
    """The best of a study that lives on, and is asked for as many at once."""
    if name == "cmaes":
        return evolved(seed, rounds)
    samplers = {
        "gp": lambda: GPSampler(seed=seed, n_startup_trials=8),
        "tpe": lambda: TPESampler(seed=seed, n_startup_trials=8, multivariate=True),
        "nsga2": lambda: NSGAIISampler(seed=seed, population_size=8),
        "qmc": lambda: QMCSampler(seed=seed, scramble=True),
        "random": lambda: RandomSampler(seed=seed),
    }
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=samplers[name]())
    for _ in range(rounds):
        for trial in [study.ask(distributions(SPACE)) for _ in range(COUNT)]:
            study.tell(trial, loss(trial.params))
    return study.best_value


def evolved(seed, rounds):
    """CMA-ES on the same bowl, in units of the ranges."""
    optimiser, found = CMA(np.full(3, 0.5), 0.2, bounds=np.tile([0.0, 1.0], (3, 1)), seed=seed, population_size=8), []
    for _ in range(rounds * COUNT // 8):
        points = [optimiser.ask() for _ in range(8)]
        values = [loss({"x": 10 * u - 5, "y": 10 ** (4 * v - 3), "n": round(8 * w + 0.5)}) for u, v, w in points]
        optimiser.tell(list(zip(points, values, strict=True)))
        found += values
    return min(found)


@pytest.fixture(autouse=True)
def _experimental():
    """Some of Optuna's samplers are called experimental."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        yield


@pytest.mark.parametrize("name", [name for name in NAMES if name != "gp"])
def test_what_a_study_that_lives_on_finds(name):
    """Medians over seeds agree within their scatter: half the spread of the single searches."""
    ours = [best(search(name, seed)) for seed in range(15)]
    theirs = [in_process(name, seed) for seed in range(15)]
    scatter = np.subtract(*np.quantile([*ours, *theirs], [0.84, 0.16])) / 2
    assert statistics.median(ours) == pytest.approx(statistics.median(theirs), abs=scatter)


def test_a_gaussian_process_finds_what_one_that_lives_on_finds_and_far_more_than_chance():
    assert max(best(search("gp", 1)), in_process("gp", 1)) < 0.02
    assert statistics.median(best(search("random", seed)) for seed in range(15)) > 0.1


@pytest.mark.parametrize("name", ["tpe", "cmaes"])
def test_clearly_more_than_chance(name):
    found, chance = (statistics.median(best(search(n, s, 10)) for s in range(15)) for n in (name, "random"))
    assert found < chance / 2


@pytest.mark.parametrize("name", NAMES)
def test_the_same_points_in_every_process_and_whatever_the_bytes_were_written_by(name, tmp_path):
    rounds = 2 if name == "gp" else 3
    trials = search(name, rounds=rounds)
    assert trials == search(name, rounds=rounds)
    write_json({"trials": trials[:-COUNT]}, tmp_path / "history.json")
    seed, number = 1, rounds - 1
    settings = {"sampler": name, "space": {key: p.model_dump(by_alias=True) for key, p in SPACE.items()}}
    settings |= {
        "objective": ["loss"],
        "count": COUNT,
        "round": number,
        "trials_per_round": COUNT,
        "seed": seed,
    }
    command = [sys.executable, "-m", "snakeroot.tune.propose", "--spec", to_json({"settings": settings})]
    command += [
        "--history",
        str(tmp_path / "history.json"),
        "--start",
        "--pending",
        "--proposals",
        str(tmp_path / "p.json"),
    ]
    paths = {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": "1"}
    subprocess.run(command, check=True, env=os.environ | paths, capture_output=True)
    proposed = read_json(tmp_path / "p.json")
    assert proposed["proposals"] == [{key: t[key] for key in ("point", "attributes")} for t in trials[-COUNT:]]
    assert proposed["first"] == len(trials) - COUNT


@pytest.mark.parametrize("name", [*NAMES, "grid"])
def test_no_point_is_proposed_twice_failed_or_not(name):
    rounds = 3 if name == "gp" else 6
    trials = search(name, rounds=rounds, fails=lambda point: point["x"] > 0)
    points = [to_json(trial["point"]) for trial in trials]
    assert len(set(points)) == len(points) == rounds * COUNT
    assert any(trial["state"] == "fail" for trial in trials)


def test_a_failed_point_counts_as_the_worst_so_that_its_like_is_avoided():
    trials = search("tpe", rounds=10, fails=lambda point: point["x"] > -2)
    late = [trial["state"] for trial in trials[20:]]
    assert late.count("fail") < 0.5 * len(late), "by chance it would be 70 %"
    told = problem([*trials[:3], record(Proposal({}, {}), None)]).told
    finite = [trial["metrics"]["loss"] for trial in trials[:3] if trial["metrics"]]
    assert told[-1] == [max(finite, default=0.0)]


def test_a_grid_has_every_point_once_and_is_shuffled():
    space = {key: SPACE[key] for key in ("x", "n")}
    space["c"] = Parameter.model_validate({"choices": ["a", "b"], "when": {"n": [1]}})
    count = len(
        Tuning.model_validate(
            {"sampler": "grid", "space": {k: p.model_dump(by_alias=True) for k, p in space.items()}}
        ).trials()
    )
    trials = []
    for _ in range(count):
        proposals = propose("grid", problem(trials, space=space))
        trials += [record(proposal, {"loss": 0.0}) for proposal in proposals]
    points = [trial["point"] for trial in trials]
    assert sorted(map(to_json, points)) == sorted(map(to_json, grid(space)))
    assert points != grid(space)


def test_a_sequence_goes_on_where_it_was():
    """Sobol's points of six rounds are those of one round that is six times as large."""
    [together] = [propose("qmc", problem(count=24))]
    assert [trial["point"] for trial in search("qmc")] == [proposal.point for proposal in together]


def test_several_objectives_give_a_front():
    trials = search("nsga2", rounds=12, objective=("loss", "parameters"))
    values = [(t["metrics"]["loss"], t["metrics"]["parameters"]) for t in trials]
    front = [v for v in values if not any(o[0] <= v[0] and o[1] <= v[1] and o != v for o in values)]
    assert len({parameters for _, parameters in front}) >= 3


def test_choices_and_conditions_with_every_sampler():
    space = SPACE | {
        "c": Parameter.model_validate({"choices": ["a", "b", True]}),
        "m": Parameter.model_validate({"float": [0, 1], "when": {"c": ["b"]}}),
    }
    for name in NAMES:
        trials = search(name, rounds=2 if name == "gp" else 3, space=space)
        assert {type(trial["point"]["c"]) for trial in trials} <= {str, bool}
        assert all(("m" in active(space, trial["point"])) == (trial["point"]["c"] == "b") for trial in trials)
        assert all(0 <= trial["point"]["m"] <= 1 and 1 <= trial["point"]["n"] <= 8 for trial in trials)


@pytest.mark.parametrize("name", [*NAMES, "grid"])
def test_steps_with_every_sampler(name):
    space = {
        "n": Parameter.model_validate({"int": [1, 8], "step": 3}),
        "x": Parameter.model_validate({"float": [-5, 5], "step": 0.1}),
        "y": SPACE["y"],
    }
    trials = search(name, rounds=3 if name == "gp" else 6, space=space)
    assert {trial["point"]["n"] for trial in trials} <= {1, 4, 7}
    assert {trial["point"]["x"] for trial in trials} <= {round(0.1 * number - 5, 1) for number in range(101)}
    assert {type(trial["point"]["n"]) for trial in trials} == {int}
    assert len({trial["point"]["n"] for trial in trials}) == 3


@pytest.mark.parametrize("name", [name for name in [*NAMES, "grid"] if name != "cmaes"])
def test_trials_that_slide_avoid_those_under_way(name):
    """Trial t knows the results of trials 0 … t − 4 and the points of the three between."""
    proposals, trials = [], []
    for number in range(8 if name == "gp" else 30):
        known = max(number - 3, 0)
        pending = [{"point": p.point, "attributes": p.attributes} for p in proposals[known:]]
        of_round = Problem(SPACE, ("loss",), trials[:known], pending, 1, number, 4, 1)
        assert of_round.first == number
        proposals += without_repeats(propose(name, of_round), of_round)
        trials.append(record(proposals[-1], {"loss": loss(proposals[-1].point)}, number))
    assert len({to_json(trial["point"]) for trial in trials}) == len(trials)
    if name == "qmc":
        assert [trial["point"] for trial in trials[:24]] == [trial["point"] for trial in search("qmc")]
    if name == "tpe":
        assert best(trials) < statistics.median(best(search("random", seed, 8)) for seed in range(15))
