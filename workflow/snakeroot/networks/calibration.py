"""From the outputs of a trained network to outputs whose scores are probabilities: the last layer, if there is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn


class Temperature(nn.Module):
    """Outputs, in double precision, divided by one number, which changes no order (Guo et al., ICML 2017)."""

    factor: Tensor

    def __init__(self, temperature: float) -> None:
        super().__init__()
        self.register_buffer("factor", torch.tensor(1.0 / temperature, dtype=torch.float64))

    def forward(self, outputs: Tensor) -> Tensor:
        """Map outputs (n, k) to as many, float64."""
        return outputs.double() * self.factor


class Isotonic(nn.Module):
    """The log of the odds of a probability that never falls with the output: straight lines between knots.

    Args:
        outputs: of the knots (m,), in rising order.
        probabilities: there, none of them 0 or 1; before the first and behind the last they stay what they are.
    """

    knots: Tensor
    widths: Tensor
    slopes: Tensor
    least: Tensor

    def __init__(self, outputs: Sequence[float], probabilities: Sequence[float]) -> None:
        super().__init__()
        knots, values = (torch.tensor(of_knots, dtype=torch.float64) for of_knots in (outputs, probabilities))
        widths = knots.diff()
        parts = {"knots": knots[:-1], "widths": widths, "slopes": values.diff() / widths, "least": values[:1]}
        for name, part in parts.items():
            self.register_buffer(name, part)

    def forward(self, outputs: Tensor) -> Tensor:
        """Map outputs (n, 1) to as many, float64."""
        # a sum over all lines and no search for one of them, as not all runtimes of ONNX can search
        along = torch.minimum((outputs.double() - self.knots).clamp(min=0.0), self.widths)
        return torch.logit(self.least + (along * self.slopes).sum(1, keepdim=True))


def made(known: Mapping[str, Any]) -> nn.Module:
    """Return the layer that a calibration's JSON is of."""
    if known["method"] == "temperature":
        return Temperature(known["temperature"])
    return Isotonic(known["outputs"], known["probabilities"])
