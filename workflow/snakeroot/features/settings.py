"""What the features stage may know."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from snakeroot.features.auxiliary_settings import Auxiliary
from snakeroot.features.inputs import Columns
from snakeroot.physics.expressions.language import parse
from snakeroot.settings import Column, Duplicates, Name, Settings

NegativeWeights = Literal["keep", "absolute", "drop", "error"]
NonFinite = Literal["error", "drop"]


class FeaturesSettings(Columns):
    """One part of one sample."""

    sample: Name = Field(description="sample that the ntuple belongs to")
    part: str = Field(description="the ntuple's name within the sample")
    target: int | str | None = Field(
        description="class number, or expression of what a regression learns; null: shown in plots, or not known"
    )
    auxiliary: dict[Column, Auxiliary] = Field(
        {}, exclude_if=lambda auxiliary: not auxiliary, description="targets beside this one"
    )
    tree: str | None = Field(
        description="name of the tree, of which the newest cycle is read; null: files of this kind have none"
    )
    rows: Column | None = Field(description="collection whose objects are the rows; null: the entries are")
    event_id: list[str] = Field(min_length=1, description="branches that together identify an event")
    weight: str | None = Field(description="expression of the event weight; null: 1")
    negative_weights: NegativeWeights = Field(description="what to do with negative weights")
    non_finite: NonFinite = Field(description="what to do with NaN and infinity in a feature or the weight")
    duplicates: Duplicates = Field("error", description="what to do with many rows of one event_id that differ")
    selection: str | None = Field(description="condition that an entry must pass")
    spectators: list[Column] = Field(description="branches and definitions carried along, never trained on")
    chunk: int = Field(gt=0, description="entries read at once: what bounds the memory")
    checksum: str | None = Field(description="adler32:… or sha256:… that the file must have")
    url: str | None = Field(None, description="where the ntuple is, if it is no file here")
    aliases: dict[Column, str] = Field(
        {}, exclude_if=lambda aliases: not aliases, description="name in expressions: branch of this ntuple"
    )
    split: str | None = Field(
        None, exclude_if=lambda split: split is None, description="branch that says which split a row is in"
    )
    limit: int | None = Field(
        None, gt=0, exclude_if=lambda limit: limit is None, description="entries to read, the first of the ntuple"
    )


class Together(Settings):
    """Several samples of one ntuple, which is read once for all."""

    samples: list[FeaturesSettings] = Field(
        min_length=2, description="each of them: the same file, tree, names of branches and limit"
    )


class Normalisation(Settings):
    """How much of nature one sample stands for."""

    cross_section: float | None = Field(None, gt=0, description="cross-section times branching fraction [pb]")
    generated: float | None = Field(None, gt=0, description="events generated, or the sum of their weights")


class NormaliseSettings(Settings):
    """All samples of a task."""

    luminosity: float | None = Field(gt=0, description="integrated luminosity [fb^-1]; null: no cross-section is known")
    samples: dict[Name, Normalisation] = Field(description="known cross-sections; empty: from the ntuples, or none")


def plain(columns: Columns, spectators: Iterable[str]) -> dict[str, str]:
    """Return the branch of each column that holds one as it is: spectators, and features that are no more than that."""
    branches = {name: name for name in spectators} | {
        k: text for k, text in columns.features.items() if parse(text).branches == (text,)
    }
    return {column: branch for column, branch in branches.items() if branch not in columns.definitions}


def belongs(branch: str, collection: str) -> bool:
    """Whether a branch is one of the collection, by its path: `Jet_pt`, or of split objects `Jet.pt`, `Jet/Jet.PT`."""
    return branch.startswith((f"{collection}_", f"{collection}.", f"{collection}/"))
