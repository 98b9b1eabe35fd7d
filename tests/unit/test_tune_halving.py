"""Successive halving: after how many epochs trials are compared, how many of them go on, and which."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from snakeroot.settings import explain
from snakeroot.tune.allocation import SuccessiveHalving
from snakeroot.tune.halving import going_on
from snakeroot.tune.settings import Promotion, Tuning


def halving(**options):
    return SuccessiveHalving.model_validate({"name": "successive_halving", **options})


@given(st.integers(2, 9), st.integers(1, 50), st.integers(2, 5000), st.integers(1, 300))
def test_rungs_are_below_the_end_and_rounds_shrink(factor, minimum, most, trials):
    pruning = halving(reduction_factor=factor, minimum_epochs=minimum)
    rungs = pruning.rungs(most)
    assert all(rung == minimum * factor**number < most for number, rung in enumerate(rungs))
    assert minimum * factor ** len(rungs) >= most, "there is no further one"
    left = [trials, *(pruning.promoted(trials, number) for number in range(len(rungs)))]
    assert all(1 <= after <= max(1, before // factor) for before, after in itertools.pairwise(left))


def trials(*losses, **states):
    """Trials with these losses, None where they failed, all under way but for those named with another state."""
    return [
        {
            "number": number,
            "state": states.get(f"t{number}", "fail" if loss is None else "running"),
            "metrics": None if loss is None else {"loss": loss, "auc": 1 - loss},
        }
        for number, loss in enumerate(losses)
    ]


@pytest.mark.parametrize(
    ("found", "count", "promoted"),
    [
        (trials(0.5, 0.2, 0.4, 0.3), 2, {1, 3}),
        (trials(0.5, 0.5, 0.5, 0.5), 2, {0, 1}),
        (trials(None, None, 0.4, 0.3), 2, {2, 3}),
        (trials(None, None, 0.4, None), 2, {2}),
        (trials(None, None), 1, set()),
        (trials(0.1, 0.2, 0.3, t0="pruned"), 1, {1}),
        (trials(0.1, 0.2, 0.3, t0="complete"), 2, {1}),
        (trials(0.3, 0.2, 0.1, t0="complete"), 2, {1, 2}),
    ],
    ids=str,
)
def test_the_best_that_are_under_way_go_on(found, count, promoted):
    assert going_on(found, Promotion(objective="loss", count=count)) == promoted
    assert going_on(found[::-1], Promotion(objective="auc", count=count)) == promoted


SPACE = {"dropout": {"float": [0, 0.5]}}


def test_a_name_alone_is_the_mapping_with_its_defaults():
    read = Tuning.model_validate({"space": SPACE, "pruning": "successive_halving"}).pruning
    assert read == halving() == halving(reduction_factor=2, minimum_epochs=10)


@pytest.mark.parametrize(
    ("tuning", "says"),
    [
        ({"schedule": "sliding"}, "where they slide there is one"),
        ({"trials_per_round": 1}, "trials_per_round must be 2 or more"),
        ({"objective": ["loss", "parameters"], "sampler": "nsga2"}, "ranks trials by one objective"),
        ({"objective": "parameters"}, "the number of parameters does not change"),
        ({"space": SPACE | {"training.max_epochs": {"int": [5, 50]}}}, "remove training.max_epochs from the space"),
        ({"pruning": "halving"}, "pruning: no pruning 'halving': did you mean 'successive_halving'"),
        ({"pruning": {"reduction_factor": 2}}, "pruning: write a name, or a mapping with one"),
        ({"pruning": {"name": "successive_halving", "factor": 3}}, "pruning: unknown key 'factor': did you mean"),
        ({"pruning": {"name": "successive_halving", "reduction_factor": 1}}, "greater than or equal to 2"),
    ],
)
def test_what_cannot_be_pruned_is_refused(tuning, says):
    with pytest.raises(ValidationError) as error:
        Tuning.model_validate({"space": SPACE, "pruning": "successive_halving"} | tuning)
    [message] = explain(error.value, "task").splitlines()
    assert says in message
