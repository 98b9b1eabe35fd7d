"""Schedules, precisions, penalties and anomalies: what a training's settings do to it."""

from __future__ import annotations

import math

import pytest
import torch
from pydantic import ValidationError
from snakeroot.errors import SnakerootError
from snakeroot.networks.network import Network, build
from snakeroot.networks.tensors import Data
from snakeroot.train.settings import SCHEDULES, Training
from torch import Tensor, nn
from trainings import fitted, scalars, together

BATCHES = 5


def toy(dtype: torch.dtype = torch.float32) -> Data:
    """Two classes, one and a half standard deviations apart."""
    generator = torch.Generator().manual_seed(1)
    target = (torch.rand(300, generator=generator) < 0.5).to(dtype)
    features = torch.randn(300, 2, generator=generator).to(dtype) + 1.5 * target[:, None]
    return together(features, target, torch.ones(300, dtype=dtype))


def trained(data: Data | None = None, network: Network | None = None, **training):
    """The state after a training on the toy."""
    torch.manual_seed(1)
    known = {"batch_size": 300 // BATCHES, "max_epochs": 8, "learning_rate": 0.01, "patience": 99} | training
    network = network or build("mlp", {"hidden": [8]}, scalars("x", "y"), 1)
    return fitted(network, Training.model_validate(known), *[data or toy()] * 2)


def cosine(epoch: int, period: int) -> float:
    return (1 + math.cos(math.pi * epoch / period)) / 2


def one_cycle(batch: int, batches: int, share: float = 0.3, first: float = 25.0, last: float = 1e4) -> float:
    """Up for a share of the batches, then down, both along half a cosine; from the top on if there is no way up."""
    top = max(share * batches - 1, 0.0)
    low, end = 1 / first, 1 / first / last
    if batch < top:
        return 1 + (low - 1) * cosine(batch, top)
    return end + (1 - end) * cosine(batch - top, (batches - 1 - top) or 1)


def restarts(epoch: int, period: int, factor: int) -> float:
    """Half a cosine after the other, each `factor` times as long."""
    while epoch >= period:
        epoch, period = epoch - period, period * factor
    return cosine(epoch, period)


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ({"name": "constant"}, lambda _: 1),
        ({"name": "step", "step_size": 3, "gamma": 0.5}, lambda epoch: 0.5 ** (epoch // 3)),
        ({"name": "exponential", "gamma": 0.9}, lambda epoch: 0.9**epoch),
        ({"name": "linear", "start_factor": 0.2, "total_iters": 4}, lambda epoch: min(0.2 + 0.2 * epoch, 1)),
        ({"name": "cosine"}, lambda epoch: cosine(epoch, 8)),
        ({"name": "cosine", "t_max": 4, "eta_min": 0.001}, lambda epoch: 0.1 + 0.9 * cosine(min(epoch, 4), 4)),
        ({"name": "cosine_restarts", "t_0": 3}, lambda epoch: cosine(epoch % 3, 3)),
        ({"name": "one_cycle"}, lambda epoch: one_cycle(BATCHES * epoch + BATCHES - 1, 8 * BATCHES)),
    ],
)
@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_the_learning_rate_follows_its_formula(schedule, expected, optimizer):
    rates = [row["learning_rate"] for row in trained(schedule=schedule, optimizer=optimizer).history]
    assert rates == pytest.approx([0.01 * expected(epoch) for epoch in range(8)], rel=1e-6)


EDGES = [
    ({"name": "constant"}, lambda *_: 1),
    ({"name": "step", "step_size": 1, "gamma": 0.5}, lambda epoch, _: 0.5**epoch),
    ({"name": "step", "step_size": 99}, lambda *_: 1),
    ({"name": "step", "step_size": 2, "gamma": 2}, lambda epoch, _: 2.0 ** (epoch // 2)),
    ({"name": "exponential", "gamma": 1}, lambda *_: 1),
    ({"name": "exponential", "gamma": 1e-300}, lambda epoch, _: 1e-300**epoch),
    ({"name": "linear", "start_factor": 1e-9, "total_iters": 1}, lambda epoch, _: 1 if epoch else 1e-9),
    ({"name": "linear", "start_factor": 1, "total_iters": 3}, lambda *_: 1),
    ({"name": "linear", "start_factor": 0.1, "total_iters": 99}, lambda epoch, _: 0.1 + 0.9 * epoch / 99),
    ({"name": "cosine"}, cosine),
    ({"name": "cosine", "t_max": 1}, lambda epoch, _: 1 if epoch == 0 else 0),
    ({"name": "cosine", "t_max": 4}, lambda epoch, _: cosine(min(epoch, 4), 4)),
    ({"name": "cosine", "t_max": 3, "eta_min": 0.002}, lambda epoch, _: 0.2 + 0.8 * cosine(min(epoch, 3), 3)),
    ({"name": "cosine", "t_max": 99}, lambda epoch, _: cosine(epoch, 99)),
    ({"name": "cosine", "eta_min": 0.01}, lambda *_: 1),
    ({"name": "cosine_restarts", "t_0": 1}, lambda *_: 1),
    ({"name": "cosine_restarts", "t_0": 1, "t_mult": 2}, lambda epoch, _: restarts(epoch, 1, 2)),
    ({"name": "cosine_restarts", "t_0": 2, "t_mult": 3}, lambda epoch, _: restarts(epoch, 2, 3)),
    ({"name": "cosine_restarts", "t_0": 99, "t_mult": 10**30}, lambda epoch, _: cosine(epoch, 99)),
    ({"name": "one_cycle", "pct_start": 1e-9}, lambda b, n: one_cycle(b, n, 1e-9)),
    ({"name": "one_cycle", "pct_start": 0.1}, lambda b, n: one_cycle(b, n, 0.1)),
    ({"name": "one_cycle", "pct_start": 0.2}, lambda b, n: one_cycle(b, n, 0.2)),
    ({"name": "one_cycle", "pct_start": 0.5, "div_factor": 1}, lambda b, n: one_cycle(b, n, 0.5, 1)),
    (
        {"name": "one_cycle", "pct_start": 1 - 2**-53, "final_div_factor": 1},
        lambda b, n: one_cycle(b, n, 1 - 2**-53, last=1),
    ),
]


@pytest.mark.parametrize("epochs", [1, 2, 10, 25])
@pytest.mark.parametrize(
    ("schedule", "expected"), EDGES, ids=lambda value: str(value) if isinstance(value, dict) else ""
)
def test_the_learning_rate_at_the_edges_of_its_options(schedule, expected, epochs):
    """One batch in each epoch, so that each learning rate is known."""
    state = trained(schedule=schedule, batch_size=300, max_epochs=epochs)
    rates = [row["learning_rate"] for row in state.history]
    assert rates == pytest.approx([0.01 * expected(epoch, epochs) for epoch in range(epochs)], rel=1e-9, abs=1e-17)


@pytest.mark.parametrize(
    ("schedule", "says"),
    [
        ({"name": "cosine", "eta_min": 0.02}, "schedule.eta_min: 0.02 is above the learning_rate 0.01"),
        ({"name": "cosine_restarts", "eta_min": 0.02}, "schedule.eta_min: 0.02 is above the learning_rate 0.01"),
        ({"name": "one_cycle", "div_factor": 0.5}, "greater than or equal to 1"),
        ({"name": "one_cycle", "final_div_factor": 0.5}, "greater than or equal to 1"),
        ({"name": "one_cycle", "pct_start": 0}, "greater than 0"),
        ({"name": "linear", "start_factor": 0}, r"greater than or equal to 0\.000000001"),
    ],
)
def test_schedules_that_would_go_the_other_way(schedule, says):
    with pytest.raises(ValidationError, match=says):
        Training(schedule=schedule, learning_rate=0.01)


def test_a_plateau_lowers_the_learning_rate():
    """Steps of no size give no better loss after the first epoch."""
    schedule = {"name": "plateau", "factor": 0.5, "patience": 1}
    state = trained(schedule=schedule, optimizer="sgd", learning_rate=1e-30)
    rates = [row["learning_rate"] / 1e-30 for row in state.history]
    assert rates == pytest.approx([1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.125])
    at_once = trained(schedule=schedule | {"patience": 0}, optimizer="sgd", learning_rate=1e-30, max_epochs=5)
    rates = [row["learning_rate"] / 1e-30 for row in at_once.history]
    assert rates == pytest.approx([1, 1, 0.5, 0.25, 0.125])
    better = trained(schedule=schedule, monitor="auc", learning_rate=0.003, max_epochs=4)
    assert [row["learning_rate"] for row in better.history] == pytest.approx([0.003] * 4)


def test_every_schedule_of_the_settings_is_tested_above():
    assert list(SCHEDULES) == [
        "constant", "step", "exponential", "linear", "cosine", "cosine_restarts", "one_cycle", "plateau"
    ]  # fmt: skip


def test_the_gradient_norm_is_that_of_the_last_step():
    """A single batch, and a single weight of gradient sum((score - target) x) / n."""
    data = together(torch.tensor([[1.0], [2.0]]), torch.tensor([1.0, 0.0]), torch.tensor([1.0, 3.0]))
    network = build("mlp", {"hidden": []}, scalars("x"), 1)
    nn.init.zeros_(network.layers[0].weight)
    nn.init.zeros_(network.layers[0].bias)
    state = trained(data, network, max_epochs=1, batch_size=2)
    expected = [(-0.5 * 1 + 3 * 0.5 * 2) / 2, (-0.5 + 3 * 0.5) / 2]
    assert state.history[0]["gradient_norm"] == pytest.approx(math.hypot(*expected))


@pytest.mark.parametrize(("precision", "close"), [("float64", 1e-5), ("bfloat16", 0.03), ("float16", 0.01)])
def test_another_precision_gives_nearly_the_same_network(precision, close):
    reference = trained(max_epochs=20)
    data = toy(torch.float64) if precision == "float64" else toy()
    state = trained(data, precision=precision, max_epochs=20)
    found, expected = (s.history[-1]["validation_loss"] for s in (state, reference))
    assert found == pytest.approx(expected, rel=close)
    assert found != expected
    kind = torch.float64 if precision == "float64" else torch.float32
    assert {tensor.dtype for tensor in state.network.state_dict().values()} == {kind}
    norm, expected = (s.history[-1]["gradient_norm"] for s in (state, reference))
    assert norm == pytest.approx(expected, rel=10 * close), "in float16 the loss is scaled, and the norm is not"


def test_gradients_too_small_for_16_bits_are_scaled():
    data = toy()._replace(weight=torch.full((300,), 1e-6))
    state = trained(data, precision="float16", optimizer="sgd", learning_rate=1e6)
    reference = trained(data, optimizer="sgd", learning_rate=1e6)
    assert reference.history[-1]["validation_loss"] < 0.55
    assert state.history[-1]["validation_loss"] == pytest.approx(reference.history[-1]["validation_loss"], rel=0.02)


def norms(**training):
    """The norm of the weights after a training, and the one of the last gradient."""
    state = trained(optimizer="sgd", learning_rate=0.1, max_epochs=20, **training)
    weights = torch.cat([parameter.detach().flatten() for parameter in state.network.parameters()])
    return weights, state.history[-1]["gradient_norm"]


def test_gradients_are_clipped():
    assert norms()[1] > 0.01
    assert norms(gradient_clipping=0.01)[1] == pytest.approx(0.01, rel=1e-4)


def test_penalties_shrink_the_weights():
    """Half the squares as a penalty is the weight decay of plain gradient descent; magnitudes make weights vanish."""
    free, squares = norms()[0], norms(l2=0.05)[0]
    decayed = trained(optimizer={"name": "sgd", "weight_decay": 0.1}, learning_rate=0.1, max_epochs=20)
    same = torch.cat([parameter.detach().flatten() for parameter in decayed.network.parameters()])
    torch.testing.assert_close(squares, same, rtol=1e-4, atol=1e-6)
    assert squares.norm() < free.norm()
    assert (norms(l1=0.05)[0].abs() < 0.02).sum() > (free.abs() < 0.02).sum() + 5


@pytest.mark.parametrize(
    ("optimizer", "says"),
    [
        ({"name": "sgd", "nesterov": True}, "nesterov: true needs a momentum above 0"),
        ({"name": "adam", "momentum": 0.9}, "unknown key 'momentum'"),
        ({"momentum": 0.9}, "write a name, or a mapping with one"),
        ("adm", "no optimizer 'adm': did you mean 'adam'"),
        ({"name": "adam", "betas": [0.9, 1.0]}, "less than 1"),
    ],
)
def test_options_that_an_optimizer_does_not_have(optimizer, says):
    with pytest.raises(ValidationError, match=says):
        Training(optimizer=optimizer)


def test_momentum_is_that_of_torch():
    state = trained(optimizer={"name": "sgd", "momentum": 0.9, "nesterov": True}, max_epochs=1)
    known = state.optimizer.param_groups[0]
    assert (known["momentum"], known["nesterov"], known["lr"]) == (0.9, True, 0.01)


class Root(nn.Module):
    """Layers whose gradient is not a number where x < 0 though the logits are: sqrt(x²)² at x = 0."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(2, 1))

    def forward(self, features: Tensor) -> Tensor:
        """Return zeros, of infinite slope."""
        return torch.sqrt((features @ self.weight).square())


def test_anomaly_mode_names_the_operation():
    for anomaly, says in ((True, r"in batch 1 \(Function '\w+Backward0' returned nan"), (False, "from batch 2 on")):
        message = rf"not a number in epoch 1, {says}.*at a learning rate of 0\.01"
        with torch.autograd.set_detect_anomaly(anomaly), pytest.raises(SnakerootError, match=message):
            trained(network=Network(Root(), scalars("x", "y")))
