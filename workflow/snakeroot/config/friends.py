"""What a user writes of how scores are written back."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from snakeroot.settings import Settings


class Friends(Settings):
    """The part `friends:` of a task: scores of every entry, as trees that are friends of the ntuples'."""

    format: Literal["TTree", "RNTuple"] = Field("TTree", description="of the trees")
