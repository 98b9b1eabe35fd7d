"""What an image, a sequence or a tree looks like in each class."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from snakeroot.networks.inputs import Input
from snakeroot.plotting.settings import OfTask, Sample

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

TITLE, ORDER = "Input", 11
SUBJECT = "block"
READS = ("features", "normalisation")

Direction = Literal["η", "φ", "row", "column"]


class Shown(OfTask):
    """What it shows."""

    input: Input = Field(description="the image, sequence or tree shown")
    samples: list[Sample]
    directions: tuple[Direction, Direction] = Field(
        ("η", "φ"), description="what the rows and the columns of an image's pixels are"
    )
    labels: dict[str, str] = Field(description="how classes, and samples without one, are called in figures")


def draw(settings: Shown, features: list[Path], normalisation: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """Draw the mean image of each class, or how many objects there are and the channels of all objects."""
    from snakeroot.evaluate.common import _blocks

    factors = {name: one["factor"] for name, one in normalisation["samples"].items()}
    groups = {sample.name: sample.class_name or sample.name for sample in settings.samples}
    draw_blocks = _blocks.draw_images if settings.input.kind == "image" else _blocks.draw_objects
    return draw_blocks(settings, features, groups, factors)
