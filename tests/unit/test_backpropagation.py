"""The chain rule as on the lecture's slide: what autograd returns is what it gives by hand."""

from __future__ import annotations

import math

import pytest
import torch

W1, W2, X = 0.7, -1.3, 2.0


def test_the_network_with_one_exponential_unit() -> None:
    """y = w2 · exp(w1 · x): forward by a = w1 x, h = exp(a), y = w2 h; back by dy/dh, dy/da, and the weights'."""
    w1, w2, x = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (W1, W2, X))
    a = w1 * x
    h = torch.exp(a)
    y = w2 * h
    for intermediate in (a, h, y):
        intermediate.retain_grad()
    y.backward()

    a_by_hand = W1 * X
    h_by_hand = math.exp(a_by_hand)
    assert (a.item(), h.item(), y.item()) == pytest.approx((a_by_hand, h_by_hand, W2 * h_by_hand), rel=1e-15)

    dy_dh = W2
    dy_da = dy_dh * h_by_hand  # as d exp(a) / da = exp(a)
    assert (y.grad.item(), h.grad.item(), a.grad.item()) == pytest.approx((1, dy_dh, dy_da), rel=1e-15)

    assert w2.grad.item() == pytest.approx(h_by_hand, rel=1e-15)
    assert w1.grad.item() == pytest.approx(dy_da * X, rel=1e-15)
    assert w1.grad.item() == pytest.approx(W2 * X * math.exp(W1 * X), rel=1e-15)
    assert x.grad.item() == pytest.approx(dy_da * W1, rel=1e-15)


def test_gradients_of_several_rows_add_up() -> None:
    """The loss of a batch is a sum over rows, and so is its gradient."""
    w1, w2 = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (W1, W2))
    rows = [-1.0, 0.5, 2.0]
    (w2 * torch.exp(w1 * torch.tensor(rows, dtype=torch.float64))).sum().backward()
    assert w2.grad.item() == pytest.approx(sum(math.exp(W1 * x) for x in rows))
    assert w1.grad.item() == pytest.approx(sum(W2 * x * math.exp(W1 * x) for x in rows))
