"""Every figure, found in its folder: no list of them is kept by hand."""

from __future__ import annotations

import functools
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Literal, Self

from snakeroot import evaluate
from snakeroot.data import paths
from snakeroot.evaluate.reads import READS, readers
from snakeroot.plotting.settings import Headline

Subject = Literal["task", "model", "search", "feature", "block", "discriminant", "variable"]
"""Of what there is one figure each: a task; each of its models, or of those that are searched; each of its features and
of the spectators that have an axis; each image, sequence or tree; each discriminant; a quantity of generated events.
"""

WILDCARD: dict[Subject, str] = {
    "task": "",
    "model": "model",
    "search": "model",
    "feature": "feature",
    "block": "feature",
    "discriminant": "discriminant",
    "variable": "variable",
}
"""What stands for the subject in the names of files."""


@dataclass(frozen=True)
class Figure:
    """What there is to know of a figure without drawing it.

    Attributes:
        name: of its files, its caption and its command.
        module: that says it all.
        kinds: of task that have it.
        title: its heading in the report.
        order: its place in the report: the lower, the earlier.
        subject: of what there is one each.
        reads: what it is drawn from.
        settings: the class of its settings.
        other: whether it is of a target beside the main one, drawn as if that were all.
    """

    name: str
    module: ModuleType
    kinds: tuple[str, ...]
    title: str
    order: int
    subject: Subject
    reads: tuple[str, ...]
    settings: type[Headline]
    other: bool = False

    @classmethod
    def of(cls, module: ModuleType, kinds: tuple[str, ...]) -> Self:
        """Return the figure that a module declares."""
        name = module.__name__.rpartition(".")[2].replace("_", "-")
        return cls(name, module, kinds, module.TITLE, module.ORDER, module.SUBJECT, module.READS, module.Shown)

    @property
    def others(self) -> list[Figure]:
        """The same of targets beside the main one, if it is drawn of such."""
        return [replace(self, other=True)] if getattr(self.module, "OTHERS", False) and not self.other else []

    def applies(self, settings: Headline) -> bool:
        """Whether it is there for a subject."""
        return not hasattr(self.module, "applies") or bool(self.module.applies(settings))

    @property
    def rule(self) -> str:
        """The name of its rule."""
        return self.name.replace("-", "_") + ("_other" if self.other else "")

    @property
    def recorded(self) -> str:
        """The pattern of its path as its log and provenance have it."""
        wildcard = WILDCARD[self.subject]
        stem = f"{self.name}-{{{wildcard}}}" if wildcard else self.name
        stem += ".{other}" if self.other else ""
        return paths.figure(stem) if self.kinds else paths.generated_figure(stem)

    @property
    def svg(self) -> str:
        """The pattern of its path; .png, .pdf and the numbers as .csv stand beside it.

        One that shows times lies outside results/, as its bytes differ in every run.
        """
        return paths.timed(self.recorded) if self.timed else self.recorded

    @property
    def timed(self) -> bool:
        """Whether it shows when jobs ran and how long they took."""
        return "records" in self.reads

    @property
    def small(self) -> bool:
        """Whether what it reads is small, however many events there are."""
        return not any(READS[name].large for name in self.reads)

    @property
    def modules(self) -> list[str]:
        """What its spec counts the code of."""
        predicted = {"predictions", "train", "test"} & set(self.reads)
        return [evaluate.__name__, self.module.__name__, *([readers(self.folder)] if predicted else [])]

    @property
    def folder(self) -> str:
        """The package that it is in."""
        return self.module.__name__.rpartition(".")[0]

    def draw(self, settings: Headline, files: Mapping[str, list[Path]], svg: Path) -> None:
        """Read what it is drawn from, draw it and write all of its files, or none."""
        from snakeroot import plotting

        stem, arguments = plotting.stem(svg), {}
        for name in self.reads:
            read = READS[name]
            values = [read.of(path, settings, number, self.folder) for number, path in enumerate(files[name])]
            arguments[name] = values if read.several else values[0]
        with plotting.style():
            drawn, numbers = self.module.draw(settings, **arguments)
        plotting.save(drawn, stem, numbers)


@functools.cache
def figures() -> dict[str, Figure]:
    """Return all figures by name, in the order in which they are read."""
    ordered = sorted(_find(), key=lambda figure: (figure.order, figure.name))
    return {figure.name: figure for figure in ordered}


def drawable() -> list[Figure]:
    """Return all figures, each with those of other targets behind it."""
    return [each for figure in figures().values() for each in (figure, *figure.others)]


def _find() -> Iterator[Figure]:
    for folder in pkgutil.iter_modules(evaluate.__path__):
        if folder.ispkg and hasattr(package := import_module(f"{evaluate.__name__}.{folder.name}"), "KINDS"):
            for entry in pkgutil.iter_modules(package.__path__):
                if not entry.name.startswith("_"):
                    yield Figure.of(import_module(f"{package.__name__}.{entry.name}"), package.KINDS)
