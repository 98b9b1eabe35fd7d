"""DisCo: the penalty against numpy in n² steps and closed forms, and a training that heeds it, in any way it is run."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from snakeroot.evaluate.dependence import distance_correlation
from snakeroot.networks.network import build
from snakeroot.networks.tensors import Data
from snakeroot.train import decorrelation
from snakeroot.train.decorrelation import measured, penalty, squared_distance_correlation
from snakeroot.train.parallel import ALONE, Share
from snakeroot.train.settings import Decorrelate, Training
from trainings import fitted, scalars

DISCO = Decorrelate(variable="m", strength=10.0)


def naive(x: list[float], y: list[float], w: list[float]) -> float:
    """The square of the distance correlation, sum by sum, in the other form of its definition.

    dCov² = E|x-x'||y-y'| + E|x-x'| E|y-y'| - 2 E|x-x'||y-y''|, of independent copies x', x''.
    """
    rows, total = range(len(x)), sum(w)
    p = [one / total for one in w]

    def covariance(a: list[float], b: list[float]) -> float:
        pairs = [(i, j) for i in rows for j in rows]
        both = sum(p[i] * p[j] * abs(a[i] - a[j]) * abs(b[i] - b[j]) for i, j in pairs)
        each = [sum(p[i] * p[j] * abs(c[i] - c[j]) for i, j in pairs) for c in (a, b)]
        three = sum(
            p[i] * sum(p[j] * abs(a[i] - a[j]) for j in rows) * sum(p[k] * abs(b[i] - b[k]) for k in rows) for i in rows
        )
        return both + each[0] * each[1] - 2 * three

    return covariance(x, y) / math.sqrt(covariance(x, x) * covariance(y, y))


@given(st.integers(3, 12), st.integers(0, 1000))
def test_it_is_the_sum_over_all_pairs(rows, seed):
    random = np.random.default_rng(seed)
    x, y, w = random.normal(size=rows), random.normal(size=rows), random.uniform(0.1, 2, rows)
    found = squared_distance_correlation(*map(torch.from_numpy, (x, y, w))).item()
    assert found == pytest.approx(naive(x.tolist(), y.tolist(), w.tolist()), rel=1e-9)
    assert math.sqrt(found) == pytest.approx(distance_correlation(x, y, w)[0], rel=1e-9)
    repeated = [np.repeat(column, [2] + [1] * (rows - 1)) for column in (x, y)]  # a weight of 2 is two rows
    twice = np.where(np.arange(rows) == 0, 2.0, 1.0)
    same = squared_distance_correlation(*map(torch.from_numpy, (*repeated, np.ones(rows + 1)))).item()
    assert squared_distance_correlation(*map(torch.from_numpy, (x, y, twice))).item() == pytest.approx(same, rel=1e-9)


def test_closed_forms():
    x = torch.linspace(-1, 1, 41, dtype=torch.float64)
    ones = torch.ones(41, dtype=torch.float64)
    assert squared_distance_correlation(x, 5 - 3 * x, ones).item() == pytest.approx(1)  # linear
    assert squared_distance_correlation(x, x**2, ones).item() > 0.1  # without any linear correlation
    grid = torch.cartesian_prod(x, x.square())  # each with each: independent
    assert squared_distance_correlation(grid[:, 0], grid[:, 1], torch.ones(41**2)).item() == pytest.approx(0, abs=1e-12)
    assert squared_distance_correlation(x, ones, ones).item() == 0  # a constant
    # of normal variables with correlation r: theorem 7 of Székely, Rizzo, Bakirov
    r, random = 0.6, np.random.default_rng(1)
    one, other = random.normal(size=(2, 3000))
    pair = (one, r * one + math.sqrt(1 - r**2) * other, np.ones(3000))
    root = math.sqrt
    expected = (r * math.asin(r) + root(1 - r**2) - r * math.asin(r / 2) - root(4 - r**2) + 1) / (
        1 + math.pi / 3 - root(3)
    )
    assert squared_distance_correlation(*map(torch.from_numpy, pair)).item() == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("exponent", [1, 2])
def test_gradients_are_those_of_differences(exponent):
    random = torch.Generator().manual_seed(1)
    outputs = torch.randn(8, 1, dtype=torch.float64, generator=random, requires_grad=True)
    others = (torch.tensor([0.0, 0, 1, 0, 0, 1, 0, 0]), torch.rand(8, generator=random) + 0.1)
    wanted = DISCO.model_copy(update={"exponent": exponent})
    mass = torch.randn(8, 1, dtype=torch.float64, generator=random)
    mass[4] = math.nan  # a row without the variable does not count

    def of(values: torch.Tensor) -> torch.Tensor:
        return penalty(wanted, values, others[0], others[1].double(), mass, ALONE)

    assert torch.autograd.gradcheck(of, (outputs,))
    of(outputs).backward()
    assert (outputs.grad[[2, 4, 5]] == 0).all()  # signal, and the one that has no mass
    assert (outputs.grad[[0, 1, 3, 6, 7]] != 0).all()


@pytest.mark.parametrize(
    ("target", "outputs", "weight"),
    [
        ([1.0, 1, 1], [1.0, 2, 3], [1.0] * 3),
        ([0.0, 1, 1], [1.0, 2, 3], [1.0] * 3),
        ([0.0] * 3, [1.0] * 3, [1.0] * 3),
        ([0.0] * 3, [1.0, 2, 3], [1.0, -1, 0.0]),
        ([0.0] * 3, [1.0, 2, 3], [0.0] * 3),
    ],
)
def test_batches_with_nothing_to_compare_have_finite_gradients(target, outputs, weight):
    values = torch.tensor(outputs).reshape(-1, 1).requires_grad_()
    found = penalty(DISCO, values, torch.tensor(target), torch.tensor(weight), torch.tensor([[1.0], [2], [4]]), ALONE)
    found.backward()
    assert 0 <= found.item() <= 10
    assert torch.isfinite(values.grad).all()


def test_processes_have_the_gradient_of_the_whole_batch(monkeypatch):
    random = torch.Generator().manual_seed(1)
    outputs, mass, weight = (torch.randn(10, 1, dtype=torch.float64, generator=random) for _ in range(3))
    target, weight = (torch.arange(10) % 3 == 0).double(), weight[:, 0].abs()
    whole = outputs.clone().requires_grad_()
    penalty(DISCO, whole, target, weight, mass, ALONE).backward()
    summed = torch.zeros_like(outputs)
    for rank in range(2):
        share = Share(rank, 2)
        parts = iter([torch.sigmoid(outputs[:, 0]), mass[:, 0], weight, target])
        monkeypatch.setattr(
            decorrelation,
            "gather",
            lambda *_, parts=parts: list(next(parts).chunk(2)),
        )
        own = outputs[share.of(10)].clone().requires_grad_()
        penalty(DISCO, own, target[share.of(10)], weight[share.of(10)], mass[share.of(10)], share).backward()
        summed[share.of(10)] = own.grad / 2  # DistributedDataParallel takes the mean
    torch.testing.assert_close(summed, whole.grad)


def test_of_many_rows_some_are_measured():
    random = torch.Generator().manual_seed(1)
    outputs, mass = (torch.randn(9000, 1, generator=random) for _ in range(2))
    target, weight = (torch.arange(9000) % 2).float(), torch.ones(9000)
    assert measured(outputs, target, weight, mass).item() < 0.06
    assert measured(mass, target, weight, mass).item() > 0.9
    assert measured(mass, torch.ones(9000), weight, mass).item() == 0


def toy(seed: int, rows: int = 2000) -> Data:
    """Background whose second input is the mass, near which all signal is; the first tells a little, too."""
    random = torch.Generator().manual_seed(seed)
    target = (torch.arange(rows) % 2).float()
    mass = torch.where(target == 1, 0.3 * torch.randn(rows, generator=random), 2 * torch.randn(rows, generator=random))
    other = torch.randn(rows, generator=random) + target
    return Data(torch.stack([other, mass], dim=1), target, torch.ones(rows), mass.reshape(-1, 1))


def trained(strength: float | None, **more):
    decorrelate = None if strength is None else {"variable": "mass", "strength": strength}
    training = Training(learning_rate=0.01, batch_size=256, max_epochs=15, decorrelate=decorrelate, **more)
    torch.manual_seed(1)
    network = build("mlp", {"hidden": [16]}, scalars("other", "mass"), 1)
    return fitted(network, training, toy(1), toy(2))


def test_a_penalised_network_makes_less_use_of_the_mass():
    plain, free, bound = (trained(strength) for strength in (None, 0.0, 10.0))
    assert plain.history[-1].keys() | {"validation_distance_correlation"} == free.history[-1].keys()
    same = [{k: v for k, v in row.items() if k != "validation_distance_correlation"} for row in free.history]
    assert same == plain.history
    best, loose = (one.history[one.best_epoch - 1] for one in (bound, free))
    assert best["validation_distance_correlation"] < 0.5 * loose["validation_distance_correlation"]
    assert best["validation_auc"] < loose["validation_auc"]
    of = {
        row["epoch"]: row["validation_loss"] + 10 * row["validation_distance_correlation"] ** 2 for row in bound.history
    }
    assert bound.best_epoch == min(of, key=of.__getitem__)
    assert trained(10.0).history == bound.history
