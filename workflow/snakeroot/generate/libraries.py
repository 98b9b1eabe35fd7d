"""The libraries that only this stage uses, imported in one place that says what to do where they are missing."""

from __future__ import annotations

from snakeroot.physics.optional import missing

try:
    import fastjet
    import pythia8mc
    import vector
except ImportError as error:
    raise missing("ntuples cannot be generated", "Give the samples `files:` instead of `generate:`", error) from error

__all__ = ["fastjet", "pythia8mc", "vector"]
