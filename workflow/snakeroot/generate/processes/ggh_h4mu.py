"""Gluon fusion: gg → H, H → ZZ* → 4μ, with m_H = 125 GeV; its jets come from the parton shower."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from snakeroot.generate.veto import Veto

COMMANDS = (
    "HiggsSM:gg2H = on",
    "25:m0 = 125.0",
    "25:onMode = off",
    "25:onIfMatch = 23 23",
    "23:onMode = off",
    "23:onIfAny = 13",
)

RECONSTRUCTION = "four_muons"


def veto(process: Any) -> Veto:
    """Stop events that cannot have four muons."""
    from snakeroot.generate.prompt_muons import PromptMuons  # noqa: PLC0415

    return PromptMuons(process)
