"""What the report stage may know."""

from __future__ import annotations

from pydantic import Field

from snakeroot.networks import objectives
from snakeroot.settings import Name, Settings


class FigureEntry(Settings):
    """One figure."""

    kind: str = Field(description="what it shows; names its caption")
    title: str = Field(description="its heading")
    subject: str = Field("", description="the model or feature that it is about")


class SampleEntry(Settings):
    """One sample."""

    name: Name
    class_name: Name | None = Field(description="its class; null: it has none, or there are no classes")


class SearchEntry(Settings):
    """One search for better settings."""

    model: Name
    sampler: str
    objective: list[str] = Field(min_length=1, description="what was to be best")
    metrics: dict[str, str] = Field(description="what was measured of each trial, and what that is called")
    timelines: list[str] = Field(description="paths from the report to the figures of the search's jobs")


class ModelEntry(Settings):
    """One model."""

    name: Name
    architecture: str
    exported: list[str] = Field(description="paths, from the page, to what `snakeroot apply` takes")


class Section(Settings):
    """One task."""

    task: Name
    kind: objectives.Kind = Field("binary", description="what was learned")
    target: str = Field("", description="what a regression learns, in words")
    inputs: dict[str, int] = Field({}, description="what models take: how many features, images, …")
    samples: list[SampleEntry]
    models: list[ModelEntry] = Field(description="the models, in the order of the files")
    packages: dict[str, str] = Field({}, description="versions of the packages that made the task's results")
    rows: str = Field("events", description="what the rows of the tables are called")
    parts: int = Field(ge=0, description="how many of the cut flows are the task's")
    searches: list[SearchEntry] = Field(description="the task's searches, in the order of the files")
    templates: list[Name] = Field([], description="models with templates, in the order of the files")
    systematics: bool = Field(False, description="whether it has systematics, whose files are given in this order")
    figures: list[FigureEntry] = Field(description="the task's figures, in the order of the files")


class ReportSettings(Settings):
    """The whole report; files are given task by task, in the order of the sections."""

    title: str
    seed: int = Field(description="of the config")
    version: str = Field("", description="of Snakeroot; empty where it is not installed")
    sections: list[Section]
    figures: list[FigureEntry] = Field(description="figures that belong to no task; their files come last")
