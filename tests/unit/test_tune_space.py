"""The search space: what counts of a point, which points a grid has, and what a point does to a model's settings."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from snakeroot.settings import explain
from snakeroot.train.point import applied
from snakeroot.tune.settings import Tuning
from snakeroot.tune.space import Parameter, active, grid, probes, unit


def space(**parameters):
    return {key.replace("__", "."): Parameter.model_validate(value) for key, value in parameters.items()}


CONDITIONAL = space(
    optimizer={"choices": ["sgd", "adam"]},
    momentum={"float": [0.0, 0.9], "points": 2, "when": {"optimizer": ["sgd"]}},
    nesterov={"choices": [True, False], "when": {"momentum": [0.9]}},
    units={"int": [1, 2]},
)


def test_a_setting_counts_if_all_that_it_depends_on_does():
    point = {"optimizer": "sgd", "momentum": 0.9, "nesterov": True, "units": 1}
    assert active(CONDITIONAL, point) == point
    assert active(CONDITIONAL, point | {"momentum": 0.0}) == {"optimizer": "sgd", "momentum": 0.0, "units": 1}
    assert active(CONDITIONAL, point | {"optimizer": "adam"}) == {"optimizer": "adam", "units": 1}


def test_a_grid_has_each_point_that_differs_in_what_counts_once():
    points = grid(CONDITIONAL)
    assert len(points) == 2 * (1 + (1 + 2))  # units times (adam, or sgd without, or with momentum, nesterov or not)
    assert len({str(point) for point in points}) == len(points)
    assert all(active(CONDITIONAL, point) == point for point in points)


@pytest.mark.parametrize(
    ("given_", "values"),
    [
        ({"float": [1, 100], "log": True, "points": 3}, [1.0, 10.0, 100.0]),
        ({"float": [0, 1]}, [0.0, 0.25, 0.5, 0.75, 1.0]),
        ({"int": [3, 6]}, [3, 4, 5, 6]),
        ({"int": [1, 16], "log": True, "points": 3}, [1, 4, 16]),
        ({"int": [1, 8], "step": 2}, [1, 3, 5, 7]),
        ({"float": [0.1, 0.45], "step": 0.1}, [0.1, 0.2, 0.3, 0.4]),
        ({"float": [32, 64], "step": 16}, [32.0, 48.0, 64.0]),
        ({"choices": ["relu", 2]}, ["relu", 2]),
    ],
)
def test_the_points_of_a_grid(given_, values):
    assert Parameter.model_validate(given_).grid() == values


@given(st.floats(0, 1), st.floats(1e-6, 1e6), st.floats(1.001, 1e6), st.booleans())
def test_a_share_of_a_range_is_within_it_and_has_ten_digits(share, low, ratio, log):
    parameter = Parameter.model_validate({"float": [low, low * ratio], "log": log})
    value = unit(parameter, share)
    assert low <= value <= low * ratio
    assert value in (low, low * ratio, float(f"{value:.10g}"))
    expected = low * ratio**share if log else low + share * low * (ratio - 1)
    assert value == pytest.approx(expected, rel=1e-8)


def test_whole_numbers_have_equal_shares():
    parameter = Parameter.model_validate({"int": [1, 4]})
    counts = [sum(unit(parameter, (i + 0.5) / 1000) == value for i in range(1000)) for value in (1, 2, 3, 4)]
    assert counts == [250] * 4
    assert unit(parameter, 0.0) == 1
    assert unit(parameter, 1.0) == 4


@given(st.integers(-50, 50), st.integers(1, 200), st.integers(1, 200), st.floats(0, 1), st.booleans())
def test_every_number_of_a_range_with_steps_is_one_of_them(low, width, step, share, whole):
    size = 1 if whole else 0.01
    limits = [round(low * size, 2), round((low + width) * size, 2)]
    known = {"int" if whole else "float": limits, "step": round(min(step, width) * size, 2)}
    parameter = Parameter.model_validate(known)
    steps = [parameter.at(number) for number in range(parameter.steps + 1)]
    assert len(steps) == width // min(step, width) + 1
    assert steps == parameter.grid() == [round(x, 9) for x in steps]
    assert unit(parameter, share) in steps
    value = limits[0] + share * (limits[1] - limits[0])
    assert parameter.fitting(value) == min(
        steps, key=lambda x: (round(abs(x - value), 9), abs(parameter.fitting(value) - x))
    )
    assert Parameter.model_validate(parameter.model_dump(by_alias=True)) == parameter, "as a spec has it"


def test_steps_have_equal_shares():
    parameter = Parameter.model_validate({"float": [0.5, 2.0], "step": 0.5})
    counts = [sum(unit(parameter, (i + 0.5) / 1000) == value for i in range(1000)) for value in (0.5, 1.0, 1.5, 2.0)]
    assert counts == [250] * 4


def test_few_values_are_all_tried_and_of_many_a_spread():
    assert Parameter.model_validate({"int": [1, 1000], "log": True}).examples == list(range(1, 1001))
    assert Parameter.model_validate({"int": [1, 1000]}).examples == list(range(1, 1001))
    for given_ in ({"int": [1, 10**6]}, {"float": [1, 10**6]}, {"float": [0, 1], "step": 1e-6}):
        examples = Parameter.model_validate(given_).examples
        assert 20 < len(examples) < 30
        assert examples[:2] == [float(end) for end in (given_.get("int") or given_["float"])]
    assert {value % 2 for value in Parameter.model_validate({"int": [1, 10**6]}).examples} == {0, 1}
    assert any(value % 1 for value in Parameter.model_validate({"float": [32, 64]}).examples)


def test_a_point_is_put_into_the_settings():
    model = {
        "hidden": [20],
        "dropout": 0.1,
        "training": {"optimizer": "adam", "schedule": {"name": "step", "gamma": 0.5}},
    }
    point = {
        "hidden.units": 8,
        "hidden.layers": 2,
        "training.learning_rate": 0.01,
        "training.schedule.t_max": 7,
        "training.schedule.name": "cosine",
    }
    assert applied(model, point) == {
        "hidden": {"units": 8, "layers": 2},
        "dropout": 0.1,
        "training": {"optimizer": "adam", "learning_rate": 0.01, "schedule": {"name": "cosine", "t_max": 7}},
    }
    assert model["hidden"] == [20]
    assert applied(model, {"training.schedule.name": "step"}) == model


def test_probes_of_a_value_have_what_it_depends_on_and_the_others_in_all_ways():
    first, *found = probes(CONDITIONAL, "nesterov", False)
    assert first == {"optimizer": "sgd", "momentum": 0.9, "nesterov": False}
    assert all((p["optimizer"], p["momentum"], p["nesterov"]) == ("sgd", 0.9, False) for p in found)
    assert {p["units"] for p in found} == {1, 2}
    assert {"momentum" in p for p in probes(CONDITIONAL, "units", 2)} == {True, False}


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"space": {"x": {"float": [1, 1]}}}, r"space\.x: the lower limit 1 is not below the upper limit 1"),
        ({"space": {"x": {"float": [0, 1], "log": True}}}, "'log' is for numbers above 0"),
        ({"space": {"x": {"float": [0, 1], "int": [0, 1]}}}, r"write one of 'float: \[low, high\]'"),
        ({"space": {"x": {"flaot": [0, 1]}}}, "unknown key 'flaot': did you mean 'float'"),
        ({"space": {"x": {"float": [0, 1], "when": {"z": [1]}}}}, r"space\.x\.when\.z: no parameter 'z'"),
        ({"space": {"x": {"int": [0, 1], "when": {"x": [1]}}}}, "'x' depend on each other"),
        (
            {"space": {"x": {"int": [0, 1], "when": {"y": [0.3]}}, "y": {"float": [0, 1]}}},
            r"space\.x\.when\.y: 'y' may be any number, so hardly ever 0\.3: give it a 'step' or 'choices'",
        ),
        ({"space": {"x": {"float": [-1.7e308, 1.7e308]}}}, r"space\.x: .*farther than any number"),
        ({"space": {"x": {"int": [1, 7], "step": 0.5}}}, r"space\.x\.step: whole numbers have whole steps, not 0\.5"),
        ({"space": {"x": {"int": [1, 7], "step": 7}}}, r"space\.x\.step: a step of 7 from 1 on leaves the range"),
        ({"space": {"x": {"int": [1, 7], "step": 2, "log": True}}}, r"space\.x\.step: equal steps are not even in the"),
        (
            {"space": {"x": {"float": [0, 0.5], "step": 1e-30}}},
            r"^[^\n]*space\.x\.step: numbers up to 0\.5 .*larger",
        ),
        ({"space": {"x": {"float": [0, 1], "step": 1e-300, "points": 3}}}, r"^[^\n]*step: numbers .* by 1e-300: .*$"),
        ({"space": {"x": {"float": [-1e15, 1], "step": 0.01}}}, r"numbers up to 1e\+15 differ by 0\.12 or more"),
        (
            {"space": {"x": {"choices": [math.inf]}}},
            r"^[^\n]*space\.x\.choices: infinity and NaN are [^\n]*$",
        ),
        ({"space": {"x": {"choices": [1, math.nan]}}}, r"^[^\n]*space\.x\.choices: infinity and NaN [^\n]*$"),
        ({"space": {"x": {"choices": [*range(1001)]}}}, r"^[^\n]*choices: 1001 values, 1000 at most[^\n]*$"),
        (
            {"space": {"x": {"int": [0, 1], "when": {"f": ["relu", "elu"]}}, "f": {"choices": ["relu", "tanh"]}}},
            r"^[^\n]*space\.x\.when\.f: 'f' is never 'elu': did you mean 'relu'\? Known: relu, tanh$",
        ),
        (
            {"space": {"x": {"int": [0, 1], "when": {"n": [4]}}, "n": {"int": [1, 9], "step": 2}}},
            "never 4: it goes from 1 to 9 in steps of 2",
        ),
        (
            {"space": {"x": {"int": [0, 1], "when": {"n": [2]}}, "n": {"float": [0, 1]}}},
            "'n' is never 2: it goes from 0 to 1$",
        ),
        ({"space": {"x": {"choices": [1, 7], "step": 2}}}, r"space\.x\.step: 'step' is for ranges of numbers"),
        (
            {"space": {"x": {"float": [1, 7], "step": 2, "points": 3}}},
            r"space\.x\.points: a grid has all of these values",
        ),
        ({"space": {"x": {"int": [1, 7], "points": 3}}}, r"space\.x\.points: a grid has all of these values"),
        (
            {"space": {"x": {"choices": [[1], 2]}}},
            r"^[^\n]*space\.x\.choices: single values, which \[1\] are not: [^\n]*hidden\.units\)$",
        ),
        (
            {"sampler": "grid", "space": {k: {"int": [1, 999]} for k in "xy"}},
            "a grid of up to 9.98e.05 points, 100000 at",
        ),
        (
            {"startup_trials": 8},
            r"unknown key 'startup_trials': an option of gp and tpe: [^\n]* sampler: \{name: gp, startup_trials: 8\}$",
        ),
        ({"population": 8}, r"'population': an option of cmaes and nsga2: .* sampler: \{name: cmaes, population: 8\}$"),
        ({"name": "gp"}, "unknown key 'name': (did you|Known)"),
        ({"sampler": "gpp"}, "no sampler 'gpp': did you mean 'gp'"),
        ({"sampler": "grid", "rounds": 2}, "remove 'rounds': the grid has 5 points"),
        ({"sampler": {"name": "cmaes", "population": 6}, "trials_per_round": 4}, "a multiple of trials_per_round"),
        ({"sampler": "cmaes", "space": {"x": {"choices": [1, 2]}}}, "the space has choices only"),
        ({"sampler": "cmaes", "schedule": "sliding"}, "it has no sliding schedule"),
        ({"objective": ["loss", "loss"]}, "an objective is listed twice"),
        ({"objective": "test_auc"}, "Input should be 'accuracy', 'auc', 'loss', 'mae'"),
        ({"space": {}}, "at least 1 item"),
    ],
)
def test_a_mistake_is_named(changed, says):
    with pytest.raises(ValidationError) as caught:
        Tuning.model_validate({"space": {"x": {"float": [0, 1]}}} | changed)
    assert re.search(says, explain(caught.value, "task.yaml"))


def test_a_grid_decides_on_the_rounds():
    tuning = Tuning.model_validate({"sampler": "grid", "space": {"x": {"float": [0, 1]}, "n": {"int": [1, 2]}}})
    assert tuning.trials() == [4, 4, 2]
    assert Tuning.model_validate({"space": {"x": {"int": [0, 1]}}}).trials() == [4] * 6
    sliding = Tuning.model_validate({"schedule": "sliding", "rounds": 2, "space": {"x": {"int": [0, 1]}}})
    assert (sliding.trials(), sliding.lag) == ([1] * 8, 4)
