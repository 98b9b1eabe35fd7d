"""What the audit of a model's ancestors may know: apart from the split's, so that neither makes the other run again."""

from __future__ import annotations

from pydantic import Field

from snakeroot.settings import Settings


class Learned(Settings):
    """The train and validation splits of a fold that something was learned from."""

    name: str = Field(description="what has learned from them: the network or the search, or the path of a file")
    allowed: bool = Field(description="whether it may have learned from tested events, whose number is then stated")
    files: int = Field(ge=0, description="how many of the files are its own; 0: which events they were is not known")


class TestedFold(Settings):
    """A test split of the model, and its ancestors in this fold."""

    fold: int = Field(ge=0, description="number of the fold, from 0")
    files: int = Field(ge=1, description="how many of the files are its own")
    ancestors: list[Learned] = Field(description="in the order of the files")


class AncestrySettings(Settings):
    """One model; files are given fold by fold, ancestor by ancestor."""

    name: str = Field(description="of the model: <task>/<model>")
    identity: list[str] = Field(min_length=1, description="branches of event_id that tell events, or groups, apart")
    folds: list[TestedFold] = Field(min_length=1, description="all folds of the task that have ancestors")
