"""What the card stage may know."""

from __future__ import annotations

from pydantic import Field

from snakeroot.apply.description import Description
from snakeroot.settings import Column, Name, Settings


class SampleFacts(Settings):
    """What a sample is from."""

    class_name: Name | None = Field(description="what it is trained as; null: nothing")
    files: list[str] = Field(description="its ntuples, as the task names them")
    checksums: dict[str, str] = Field(description="those that are given")
    weight: str | None = Field(description="expression of the event weight; null: 1")
    selection: str | None = Field(description="what an entry must pass")


class CardSettings(Settings):
    """One model."""

    description: Description = Field(description="what its exported files say of themselves, of the first fold")
    samples: dict[Name, SampleFacts] = Field(description="of the task")
    spectators: list[Column] = Field(description="what was carried along, and never trained on")
    luminosity: float | None = Field(description="of the yields, in fb^-1")
    exported: list[str] = Field(description="paths of its exported files")
    scored: list[str] = Field(
        description="an ntuple of the task, and options before it, for the command that scores it"
    )
    provenance: list[str] = Field(description="where times, hosts and devices of its trainings stand")
