"""What a training may begin with in place of random weights: those of another network, its ancestor."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from snakeroot.settings import NAME, Mistake, Settings, raise_all

EVERY = ["*"]
"""Patterns of all names."""

KnownEvents = Literal["error", "count"]
"""What to do with events of a test split that an ancestor has learned from: none may be there, or they are counted."""


def _reference(text: str) -> str:
    if not re.fullmatch(f"{NAME}/{NAME}", text):
        raise ValueError(f"{text!r} is no model of a task: write <task>/<model>")
    return text


Reference = Annotated[str, AfterValidator(_reference)]
"""A model of any task in the folder: "task/model"."""


class Transfer(Settings):
    """Which weights of an ancestor are taken, and how they are trained on."""

    layers: list[str] = Field(
        EVERY,
        min_length=1,
        description="weights that are taken, by their names in the ancestor's `model.safetensors`, `*` being any text, "
        "as `layers.encoders.*`: layers that both networks have, in the same shapes",
    )
    freeze: list[str] = Field([], description="weights, of those that are taken, that stay as they are, likewise")
    learning_rate: float | None = Field(
        None, gt=0, description="of the weights that are taken and not frozen, in place of `training.learning_rate`"
    )


class Initial(Transfer):
    """What a user writes under `initial:` of a model."""

    model: Reference | None = Field(None, description="`<task>/<model>`: a model of this task, or of another one")
    weights: str | None = Field(
        None, min_length=1, description="in place of `model`: a `model.safetensors` of ours, its `model.json` beside it"
    )
    known_events: KnownEvents = Field(
        "error",
        description="what to do if events of the test split have trained the ancestor: refuse (error), or state their "
        "number in the report (count)",
    )

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        raise_all(self._mistakes())
        return self

    def _mistakes(self) -> Iterator[Mistake]:
        if (self.model is None) == (self.weights is None):
            yield Mistake((), "write 'model: <task>/<model>' or 'weights: <file>', and not both")
        if self.weights is None:
            return
        if self.weights.endswith(".onnx"):
            text = (
                "in an ONNX file layers are folded into each other under their old names, as normalisations of batches"
            )
            yield Mistake(("weights",), f"{text} are: name the model.safetensors that it was made from")
        elif not self.weights.endswith(".safetensors"):
            yield Mistake(("weights",), "a model.safetensors of ours is wanted")
        elif self.known_events == "error":
            text = "nobody knows which events have trained a file: if none can be in this test split, write"
            yield Mistake(("known_events",), f"{text} 'known_events: count', and the report says so")


def named(value: Any) -> Any:
    """Return a mapping for a model or a file alone."""
    if not isinstance(value, str):
        return value
    return {"weights" if value.endswith((".safetensors", ".onnx")) else "model": value}


class Ancestor(Transfer):
    """What a training may know of the network that it begins with."""

    name: str = Field(description="which network it is: <task>/<model>/fold<f>-replica<r>, or the path of a file")
