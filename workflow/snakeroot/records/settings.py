"""What the records may know."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from snakeroot.records.formats import Format
from snakeroot.settings import Name, Settings


class SearchEntry(Settings):
    """The search of a model."""

    objective: list[str] = Field(min_length=1, description="what was to be best")
    settings: dict[str, Any] = Field(description="of a trial, as of a network in model.json, before its point")
    jobs: list[list[str]] = Field(description="the names of each round's jobs")
    rungs: int = Field(ge=0, description="how often trials were compared before their end")


class ModelEntry(Settings):
    """One model of a task."""

    name: Name
    networks: list[str] = Field(min_length=1, description="its networks, as in paths, in the order of the files")
    search: SearchEntry | None = Field(description="its search, if it has one")
    figures: list[str] = Field(description="its figures, in the order of the files")


class TaskEntry(Settings):
    """One task."""

    name: Name
    models: list[ModelEntry] = Field(description="in the order of the files")
    figures: list[str] = Field(description="figures of no single model; their files come before those of the models")


class RecordsSettings(Settings):
    """All tasks, in one format; files are given task by task, model by model."""

    format: Format = Field(description="a file in workflow/snakeroot/records/formats")
    tasks: list[TaskEntry]
