"""Targets beside the main one of a task: what their columns are called, and what a network says of them.

Each has an output of its own, behind those of the main target.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from snakeroot.settings import Column, Settings

OtherKind = Literal["regression", "binary"]

PREFIX = "target."
"""How their columns begin in the tables of rows and of predictions; no input or spectator has a dot in its name."""

PREDICTED: dict[OtherKind, str] = {"regression": "prediction", "binary": "score"}
"""How the columns of what is predicted of them begin."""


class Other(Settings):
    """One of them."""

    name: Column = Field(description="what the task calls it")
    kind: OtherKind = Field(description="a number, or whether a label is true")

    @property
    def target(self) -> str:
        """The column with what it is; NaN where that is not known."""
        return target(self.name)

    @property
    def predicted(self) -> str:
        """The column with what a network says of it."""
        return predicted(self.name, self.kind)


def target(name: str) -> str:
    """Return the column with what a target is."""
    return PREFIX + name


def predicted(name: str, kind: OtherKind) -> str:
    """Return the column with what is predicted of a target."""
    return f"{PREDICTED[kind]}.{name}"
