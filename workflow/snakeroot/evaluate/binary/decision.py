"""The output of a network with two inputs, over their plane."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from snakeroot import plotting
from snakeroot.networks.inputs import Input
from snakeroot.plotting.settings import Axis, Labelled, OfTask
from snakeroot.settings import Column

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

TITLE, ORDER = "Decision boundary", 50
SUBJECT = "model"
READS = ("network", "events")


class Shown(OfTask):
    """What it shows."""

    model: Labelled
    inputs: list[Input] = Field(description="what the model takes")
    axes: dict[Column, Axis] = Field(description="the axes of the model's inputs")
    signal: str = Field(description="label of the class signal")
    background: str = Field(description="label of the class background")
    seed: int = Field(ge=0, description="seed of the choice of events shown as points")


def applies(settings: Shown) -> bool:
    """Whether the model has two inputs that are numbers, and so a plane."""
    return [one.kind for one in settings.inputs] == ["scalar", "scalar"]


def draw(settings: Shown, network: list[Path], events: list[Path]) -> tuple[Figure, pd.DataFrame]:
    """Draw the network's output as colour over the plane of its two inputs, its boundary at 0.5, and some events."""
    import torch

    from snakeroot.data import tables
    from snakeroot.evaluate.binary import _plane
    from snakeroot.networks.network import load

    torch.set_num_threads(1)  # or the last bits of a score would depend on the machine
    loaded = load(*network)
    names = [one.name for one in settings.inputs]
    table = tables.read_all(events, [*names, "target"]).to_pandas()
    ranges = [settings.axes[name].range or plotting.span(table[name].to_numpy(), name) for name in names]
    plane = _plane.scan(loaded, dict(zip(names, ranges, strict=True)), _plane.CELLS)
    chosen = _plane.choose(table[table["target"].notna()], _plane.EVENTS, settings.seed)
    return _plane.draw(settings, plane, chosen), plane
