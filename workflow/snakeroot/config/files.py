"""What a user writes under `files` of a sample: one list, or a list for each split."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Discriminator, Field, Tag

from snakeroot.settings import Settings
from snakeroot.split.settings import Split

Files = Annotated[list[str], Field(min_length=1)]


class SplitFiles(Settings):
    """Files that are of one split each."""

    train: Files = Field(description="files of the rows to train on")
    validation: Files = Field(description="files of the rows for early stopping and tuning")
    test: Files = Field(description="files of the rows that nothing is fitted to")

    @property
    def patterns(self) -> Iterator[tuple[tuple[str | int, ...], str, Split]]:
        """All entries: where each stands, what it is, and its split."""
        lists: dict[Split, list[str]] = {"train": self.train, "validation": self.validation, "test": self.test}
        for split, files in lists.items():
            yield from ((("files", split, place), pattern, split) for place, pattern in enumerate(files))


AnyFiles = Annotated[
    Annotated[Files, Tag("~list")] | Annotated[SplitFiles, Tag("~splits")],
    Discriminator(lambda value: "~splits" if isinstance(value, dict | SplitFiles) else "~list"),
]
