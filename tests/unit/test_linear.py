"""Linear models, against those of others."""

from __future__ import annotations

import networks
import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn


def test_one_weight_for_each_number_of_a_row() -> None:
    inputs = [*networks.scalars(2), networks.image(3, 4), networks.sequence(5, 2)]
    module = networks.make("linear", inputs, 3)
    assert networks.parameters(module) == 3 * (2 + 3 * 4 + 3 * 5 + 1)
    assert module(torch.zeros(7, 29)).shape == (7, 3)


def fit(module: nn.Module, rows: Tensor, loss: nn.Module, target: Tensor) -> None:
    """Minimise as far as float64 goes; the weights decay a little, as others' do."""
    optimizer = torch.optim.LBFGS(
        module.parameters(), max_iter=500, tolerance_change=1e-14, line_search_fn="strong_wolfe"
    )

    def step() -> Tensor:
        optimizer.zero_grad()
        value = loss(module(rows), target)
        value.backward()
        return value

    optimizer.step(step)


@pytest.fixture
def rows() -> Tensor:
    return torch.randn(400, 3, generator=torch.Generator().manual_seed(1)).double()


@pytest.mark.parametrize("classes", [2, 3])
def test_logistic_regression(rows: Tensor, classes: int) -> None:
    noise = torch.randn(400, 2, generator=torch.Generator().manual_seed(2))
    target = (rows @ torch.tensor([1.0, -2.0, 0.3]).double() + noise[:, 0] > 0).long()
    if classes == 3:
        target += (rows[:, 1] + noise[:, 1] > 0.5).long()
    theirs = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(rows.numpy(), target.numpy())
    with networks.as_in_jobs():
        module = networks.make("linear", networks.scalars(3), 1 if classes == 2 else classes).double()
        if classes == 2:
            fit(module, rows, nn.BCEWithLogitsLoss(), target[:, None].double())
        else:
            fit(module, rows, nn.CrossEntropyLoss(), target)
    outputs = module(rows).detach()
    found = outputs.sigmoid()[:, 0] if classes == 2 else outputs.softmax(1)
    expected = theirs.predict_proba(rows.numpy())
    assert found.numpy() == pytest.approx(expected[:, 1] if classes == 2 else expected, abs=1e-4)


def test_linear_regression(rows: Tensor) -> None:
    noise = torch.randn(400, generator=torch.Generator().manual_seed(2)).double()
    target = rows @ torch.tensor([1.0, -2.0, 0.3]).double() + 5 + noise
    with_one = np.column_stack([rows.numpy(), np.ones(400)])
    expected, *_ = np.linalg.lstsq(with_one, target.numpy())
    with networks.as_in_jobs():
        module = networks.make("linear", networks.scalars(3)).double()
        fit(module, rows, nn.MSELoss(), target[:, None])
    assert torch.cat([module.weight[0], module.bias]).tolist() == pytest.approx(expected, abs=1e-6)
