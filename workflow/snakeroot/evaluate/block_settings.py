"""What `snakeroot.evaluate.blocks` may know: apart from the others, as inputs import more than settings should."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from snakeroot import inputs
from snakeroot.evaluate.settings import Figure, Sample

Direction = Literal["η", "φ", "row", "column"]


class Block(Figure):
    """Of `snakeroot.evaluate.blocks`."""

    input: inputs.Input = Field(description="the image, sequence or tree shown")
    samples: list[Sample]
    directions: tuple[Direction, Direction] = Field(
        ("η", "φ"), description="what the rows and the columns of an image's pixels are"
    )
    labels: dict[str, str] = Field(description="how classes, and samples without one, are called in figures")
