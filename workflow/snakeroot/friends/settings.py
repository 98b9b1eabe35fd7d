"""What the friends stage may know."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import Field

from snakeroot.features.settings import FeaturesSettings
from snakeroot.settings import Name, Settings

Split = Literal["train", "validation", "test", "unlabelled"]

SPLITS: tuple[Split, ...] = get_args(Split)
"""What a friend says of the split of a row, by its place here."""


class Part(Settings):
    """One ntuple of the sample."""

    part: str = Field(description="its name within the sample")
    url: str | None = Field(None, description="where it is, if it is no file here")
    checksum: str | None = Field(None, description="adler32:… or sha256:… that it must have")


class FriendsSettings(Settings):
    """One model and one sample."""

    model: Name = Field(description="whose predictions these are; a part of the branches' names")
    features: FeaturesSettings = Field(description="how the sample's ntuples are read")
    parts: list[Part] = Field(min_length=1, description="the ntuples")
    splits: list[Split] = Field(min_length=1, description="the splits whose predictions are given")
    format: Literal["TTree", "RNTuple"] = Field(description="of the trees that are written")
