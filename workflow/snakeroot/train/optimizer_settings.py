"""Optimizers by torch's names, each with its own options; what they mean is in torch's documentation."""

from __future__ import annotations

import typing
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from snakeroot.settings import Settings

Share = Annotated[float, Field(ge=0, lt=1)]
Betas = tuple[Share, Share]


class _Optimizer(Settings):
    """What all of them have but Rprop."""

    weight_decay: float = Field(0.0, ge=0, description="shrinking of the weights in each step")


class Adadelta(_Optimizer):
    """torch's Adadelta."""

    name: Literal["adadelta"]
    rho: float = Field(0.9, ge=0, le=1, description="how slowly squared gradients are forgotten")


class Adagrad(_Optimizer):
    """torch's Adagrad."""

    name: Literal["adagrad"]
    lr_decay: float = Field(0.0, ge=0, description="decay of the learning rate")


class Adam(_Optimizer):
    """torch's Adam."""

    name: Literal["adam"] = "adam"
    betas: Betas = Field((0.9, 0.999), description="how slowly gradients and their squares are forgotten")
    amsgrad: bool = Field(False, description="the variant AMSGrad")


class Adamax(_Optimizer):
    """torch's Adamax."""

    name: Literal["adamax"]
    betas: Betas = Field((0.9, 0.999), description="how slowly gradients and their norm are forgotten")


class AdamW(_Optimizer):
    """torch's AdamW."""

    name: Literal["adamw"]
    betas: Betas = Field((0.9, 0.999), description="how slowly gradients and their squares are forgotten")
    weight_decay: float = Field(0.01, ge=0, description="shrinking of the weights in each step")
    amsgrad: bool = Field(False, description="the variant AMSGrad")


class ASGD(_Optimizer):
    """torch's averaged SGD."""

    name: Literal["asgd"]


class NAdam(_Optimizer):
    """torch's NAdam."""

    name: Literal["nadam"]
    betas: Betas = Field((0.9, 0.999), description="how slowly gradients and their squares are forgotten")


class RAdam(_Optimizer):
    """torch's RAdam."""

    name: Literal["radam"]
    betas: Betas = Field((0.9, 0.999), description="how slowly gradients and their squares are forgotten")


class RMSprop(_Optimizer):
    """torch's RMSprop."""

    name: Literal["rmsprop"]
    alpha: float = Field(0.99, ge=0, le=1, description="how slowly squared gradients are forgotten")
    momentum: float = Field(0.0, ge=0, lt=1, description="share of the last step that is taken again")
    centered: bool = Field(False, description="divide by the variance instead of the square of the gradients")


class Rprop(Settings):
    """torch's Rprop, which is for whole splits as batches."""

    name: Literal["rprop"]


class SGD(_Optimizer):
    """torch's SGD: stochastic gradient descent."""

    name: Literal["sgd"]
    momentum: float = Field(0.0, ge=0, lt=1, description="share of the last step that is taken again")
    dampening: float = Field(0.0, ge=0, le=1, description="of the momentum")
    nesterov: bool = Field(False, description="Nesterov's momentum")

    @model_validator(mode="after")
    def _nesterov_needs_momentum(self) -> SGD:
        if self.nesterov and (not self.momentum or self.dampening):
            raise ValueError("nesterov: true needs a momentum above 0, and no dampening")
        return self


Optimizer = Adadelta | Adagrad | Adam | Adamax | AdamW | ASGD | NAdam | RAdam | RMSprop | Rprop | SGD
OPTIMIZERS: dict[str, type[Settings]] = {
    typing.get_args(kind.model_fields["name"].annotation)[0]: kind for kind in typing.get_args(Optimizer)
}


def options(optimizer: Optimizer) -> dict[str, Any]:
    """Return the keyword arguments of torch's class."""
    return optimizer.model_dump(exclude={"name"})
