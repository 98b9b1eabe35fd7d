"""What is known of a target beside the main one, of one sample."""

from __future__ import annotations

from pydantic import Field

from snakeroot.networks.others import OtherKind
from snakeroot.settings import Settings


class Auxiliary(Settings):
    """One of them."""

    kind: OtherKind = Field(description="a number, or whether a label is true")
    target: str | None = Field(description="expression of it; null: not known of this sample")
