"""The irreducible background: qq̄ → ZZ → 4μ, with γ* and its interference, for four-muon masses above 70 GeV."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from snakeroot.generate.veto import Veto

COMMANDS = (
    "WeakDoubleBoson:ffbar2gmZgmZ = on",
    "23:onMode = off",
    "23:onIfAny = 13",
    "PhaseSpace:mHatMin = 70.0",
)

RECONSTRUCTION = "four_muons"


def veto(process: Any) -> Veto:
    """Stop events that cannot have four muons."""
    from snakeroot.generate.prompt_muons import PromptMuons  # noqa: PLC0415

    return PromptMuons(process)
