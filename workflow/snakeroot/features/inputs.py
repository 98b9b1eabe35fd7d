"""What a user writes under `images`, `sequences` and `trees`: how the objects of a row become a block of numbers."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag

from snakeroot.errors import SnakerootError
from snakeroot.features.missing_settings import Missing, values_of
from snakeroot.features.pixels import PixelExpression
from snakeroot.networks.inputs import Input
from snakeroot.physics.expressions.language import parse
from snakeroot.settings import Column, Settings


@functools.cache  # the settings of each part of a sample have the same expressions
def _checked(text: str) -> str:
    try:
        parse(text)
    except SnakerootError as error:
        raise ValueError(str(error)) from error
    return text


def _text(value: Any) -> Any:
    """Write out a number, which YAML does not take for text."""
    if isinstance(value, str):
        return value
    if type(value) not in (int, float) or not math.isfinite(value):
        raise ValueError("write an expression, as in 'w * 2', or a number, as 1")
    return repr(value)


Expression = Annotated[str, AfterValidator(_checked)]
"""Text in the closed language of snakeroot.physics.expressions."""

ExpressionOrNumber = Annotated[Expression, BeforeValidator(_text, json_schema_input_type=str | float)]
"""An expression, or a number such as 1."""

Pixels = Annotated[int, Field(ge=1, le=1024)]
Length = Annotated[int, Field(ge=1, le=4096)]

Centre = Literal["none", "axis", "centroid", "leading", "subjet"]
Norm = Literal["none", "sum", "max", "norm"]
Algorithm = Literal["kt", "cambridge", "antikt", "ascending_pt", "descending_pt"]
"""As in snakeroot.clustering, which only tasks with trees import."""

NodeChannel = Literal["p", "eta", "theta", "phi", "energy", "pt", "energy_fraction", "pt_fraction"]
NODE: tuple[NodeChannel, ...] = ("p", "eta", "theta", "phi", "energy", "pt", "energy_fraction")
"""What a node's four-momentum is described by in Louppe et al., JHEP 01 (2019) 057, and in its code."""


class Image(Settings):
    """Objects of a row, as pixels in η and φ: rows of pixels are η, columns are φ, both ascending."""

    pt: Expression = Field(description="transverse momentum of the objects, a list per row; all lists are as long")
    eta: Expression = Field(description="their pseudorapidity")
    phi: Expression = Field(description="their azimuth [radians]")
    channels: dict[Column, Expression] = Field(
        {},
        description="channel: what the objects of a pixel add up to, as `1` for their number; by default their pt; "
        "kept in alphabetical order",
    )
    pixels: tuple[Pixels, Pixels] = Field(description="[height, width]: pixels in η and in φ")
    half_width: float = Field(gt=0, description="the image ends so far from its centre, in η and in φ")
    centre: Centre = Field(
        "centroid",
        description="what stands at its centre: the coordinates' origin (none), rapidity and φ of the objects' "
        "summed massless momenta (axis), their pt-weighted mean, the hardest object, or the hardest kT subjet",
    )
    subjet_radius: float = Field(0.3, gt=0, description="radius of the subjets of `centre: subjet`")
    rotate: bool = Field(
        False,
        description="turn it about its centre, so that the principal axis of pt runs along η and its longer tail lies "
        "at low η",
    )
    flip: bool = Field(False, description="mirror it in φ, so that the half of high φ has more pt")
    normalise: Norm = Field(
        "none", description="what each channel is divided by: its sum, its largest pixel, or the root of its squares"
    )

    def content(self) -> dict[str, str]:
        """The channels by name."""
        return _in_order(self.channels) or {"pt": self.pt}

    def expressions(self) -> dict[str, str]:
        """All expressions, by what they are for."""
        return {"pt": self.pt, "eta": self.eta, "phi": self.phi} | _of_channels(self.content())

    def input(self, name: str) -> Input:
        """The block."""
        return Input(name=name, kind="image", channels=list(self.content()), positions=list(self.pixels))


class StoredImage(Settings):
    """An image that is in the file: its pixels as they are."""

    dataset: str = Field(
        min_length=1, description="branch of shape (rows, height, width), or with the channels, instead of objects"
    )
    channels: list[Column] = Field(["value"], min_length=1, description="names of its channels")
    channels_last: bool = Field(
        True, description="(rows, height, width, channels), not (rows, channels, height, width)"
    )
    pixels: tuple[Pixels, Pixels] = Field(description="[height, width]")
    transform: PixelExpression | None = Field(
        None,
        exclude_if=lambda transform: transform is None,
        description="expression of a pixel, which is called `data`, as `log(data + 1)`; before `normalise`",
    )
    normalise: Norm = Field("none", description="as of an image of objects")

    def expressions(self) -> dict[str, str]:
        """None: the branch is taken as it is."""
        return {}

    def input(self, name: str) -> Input:
        """The block."""
        return Input(name=name, kind="image", channels=self.channels, positions=list(self.pixels))


AnyImage = Annotated[
    Annotated[Image, Tag("~objects")] | Annotated[StoredImage, Tag("~stored")],
    Discriminator(lambda value: "~stored" if _is_stored(value) else "~objects"),
]


class Sequence(Settings):
    """Objects of a row, one after the other."""

    order_by: Expression = Field(description="a list per row: objects with more of it come first, and are kept")
    length: Length = Field(description="objects that are kept; shorter sequences are padded with zeros")
    channels: dict[Column, Expression] = Field(
        min_length=1,
        description="channel: one number for each object (lists as long as order_by's), or one per row; kept in "
        "alphabetical order",
    )

    def content(self) -> dict[str, str]:
        """The channels by name."""
        return _in_order(self.channels)

    def expressions(self) -> dict[str, str]:
        """All expressions, by what they are for."""
        return {"order_by": self.order_by} | _of_channels(self.content())

    def input(self, name: str) -> Input:
        """The block."""
        return Input(name=name, kind="sequence", channels=list(self.content()), positions=[self.length])


class Tree(Settings):
    """The binary tree in which an algorithm merges the objects of a row; a node's momentum is that of its children."""

    pt: Expression = Field(description="transverse momentum of the objects, a list per row; all lists are as long")
    eta: Expression = Field(description="their pseudorapidity")
    phi: Expression = Field(description="their azimuth [radians]")
    energy: Expression | None = Field(None, description="their energy; by default they have no mass")
    algorithm: Algorithm = Field(
        "kt", description="kT, Cambridge-Aachen, anti-kT, or a chain from the softest or from the hardest on"
    )
    length: Length = Field(description="objects that are kept, the hardest; their tree has up to 2 length - 1 nodes")
    prepare: bool = Field(
        False,
        description="before that turn and boost the objects: the hardest kT subjet to py = pz = 0 and px > 0, the "
        "second hardest to pz = 0 and py < 0, and more pt to pz > 0",
    )
    subjet_radius: float = Field(0.3, gt=0, description="radius of these subjets")
    channels: list[NodeChannel] = Field(
        list(NODE), min_length=1, description="what of a node's momentum is kept; fractions are of the root's"
    )

    def expressions(self) -> dict[str, str]:
        """All expressions, by what they are for."""
        texts = {"pt": self.pt, "eta": self.eta, "phi": self.phi}
        return texts | ({"energy": self.energy} if self.energy else {})

    def input(self, name: str) -> Input:
        """The block."""
        channels: list[str] = list(self.channels)
        return Input(name=name, kind="tree", channels=channels, positions=[2 * self.length - 1])


Block = Image | StoredImage | Sequence | Tree


class Columns(Settings):
    """What a network can take, by the key where it stands. A base, so that a task and its stage read it alike."""

    definitions: dict[Column, ExpressionOrNumber] = Field(
        {},
        exclude_if=lambda definitions: not definitions,
        description="name: expression that others may use, and other definitions, as if it were a branch; computed "
        "for the entry, also where its objects are the rows, and only if it is used",
    )
    features: dict[Column, Expression] = Field(
        {}, description="name: expression over branches, computed in 64 bits and kept as float32, which has 24 bits"
    )
    images: dict[Column, AnyImage] = Field({}, description="name: pixels of objects, or of the file")
    sequences: dict[Column, Sequence] = Field({}, description="name: objects one after the other")
    trees: dict[Column, Tree] = Field({}, description="name: objects as they are merged into a jet")
    missing: Missing = Field(
        [],
        exclude_if=lambda values: not values,
        description="values that stand for a missing number, as `-999`, `[-999, -9]` or `nan`, in all inputs and the "
        "branches that they are of; or `input: values` for some. Such a feature is missing: see [missing "
        "values](ntuples.md#missing-values)",
    )

    @property
    def blocks(self) -> dict[str, Block]:
        """All but the features, by name."""
        return {**self.images, **self.sequences, **self.trees}

    @property
    def inputs(self) -> dict[str, Input]:
        """All that a network can take, by name."""
        features = {name: Input(name=name, missing=bool(self.missing_values(name))) for name in self.features}
        return features | {name: block.input(name) for name, block in self.blocks.items()}

    def missing_values(self, name: str) -> list[float | str]:
        """What stands for a missing number in an input or the target; "nan" is not a number."""
        return values_of(self.missing, name)


def _in_order(channels: Mapping[str, str]) -> dict[str, str]:
    """By name: the order of a mapping's keys means nothing, and a spec does not keep it."""
    return dict(sorted(channels.items()))


def _of_channels(channels: Mapping[str, str]) -> dict[str, str]:
    return {f"channels.{name}": text for name, text in channels.items()}


def _is_stored(value: Any) -> bool:
    return isinstance(value, StoredImage) or (isinstance(value, dict) and "dataset" in value)
