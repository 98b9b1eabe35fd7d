"""What an exported model says of itself: all that it takes to score an ntuple with it, and where it is from."""

from __future__ import annotations

import hashlib
import re

from pydantic import Field

from snakeroot.features.settings import FeaturesSettings
from snakeroot.networks.inputs import Input
from snakeroot.networks.objectives import Calibration, Kind
from snakeroot.settings import Column, Name, Settings
from snakeroot.split.settings import AnySplit

KEY, SEAL = "snakeroot", "sha256"
"""Keys of an ONNX file's metadata: the description as JSON, and a digest of the file."""

UNSEALED = "0" * 64
"""What stands for the digest in what it is of."""

_ENTRY = re.compile(rb"\x0a\x06sha256\x12\x40([0-9a-f]{64})")
"""The digest as it stands in a file: a StringStringEntryProto, key and value."""

_OWN = re.compile(rb"\x0a\x09snakeroot\x12|\x0a\x06sha256\x12")
"""How the entries of `KEY` and `SEAL` begin there."""


class Reading(Settings):
    """How the ntuples of one sample are read, where samples may differ."""

    tree: str | None = Field(description="name of the tree")
    aliases: dict[Column, str] = Field({}, description="name in expressions: branch of the sample's ntuples")
    selection: str | None = Field(None, description="what an entry must pass")


class Origin(Settings):
    """What a network is from."""

    spec: str = Field(description="SHA-256 of the spec of its training")
    code: str = Field(description="digest of the training's code")
    packages: dict[str, str] = Field(description="versions of what the training used")
    weights: str = Field("", description="digest of its weights")


class Description(Settings):
    """One exported model."""

    task: Name = Field(description="what it was trained for")
    model: Name = Field(description="its name in the task")
    kind: Kind = Field(description="of the task")
    classes: list[Name] = Field(description="by target; none of a regression, …")
    inputs: list[Input] = Field(min_length=1, description="what it takes, by name")
    parameters: list[Column] = Field(
        [], exclude_if=lambda names: not names, description="inputs that no ntuple has: physics parameters"
    )
    points: list[list[float]] = Field(
        [], exclude_if=lambda points: not points, description="their values, by point, that it was trained at"
    )
    calibration: Calibration | None = Field(
        None, exclude_if=lambda method: method is None, description="what made probabilities of its scores"
    )
    units: dict[Column, str] = Field({}, description="of the inputs that have one")
    outputs: list[str] = Field([], description="what it gives")
    features: FeaturesSettings = Field(description="how the inputs are computed from an ntuple; all of their settings")
    samples: dict[Name, Reading] = Field(description="how the ntuples of each of the task's samples are read")
    split: AnySplit = Field(description="which events it was trained on, of all that are split by their identity")
    group: list[str] = Field(min_length=1, description="branches by whose values events are split")
    fold: int = Field(ge=0, description="which of the split's folds it is of")
    networks: list[Origin] = Field(min_length=1, description="its replicas")


def seal(content: bytes) -> bytes:
    """Return a file's bytes with their digest in them, given those with `UNSEALED` in its place."""
    if content.count(UNSEALED.encode()) != 1:
        raise ValueError("the place of the digest is not to be told")
    return content.replace(UNSEALED.encode(), hashlib.sha256(content).hexdigest().encode())


def claimed(content: bytes) -> bool:
    """Whether a file, which may be damaged, has one of the two entries that exported models have."""
    return _OWN.search(content) is not None


def is_sealed(content: bytes) -> bool:
    """Whether a file has the digest that stands in it, which is found without decoding what may be damaged."""
    digests = set(_ENTRY.findall(content))
    return any(
        hashlib.sha256(content.replace(digest, UNSEALED.encode())).hexdigest().encode() == digest for digest in digests
    )
