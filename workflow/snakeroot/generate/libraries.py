"""The libraries that only this stage uses, imported in one place that says what to do where they are missing.

They are licensed under the GPL (pythia8mc, fastjet) or needed by those that are: an optional extra.
"""

from __future__ import annotations

from snakeroot.errors import SnakerootError

try:
    import fastjet
    import pythia8mc
    import vector
except ImportError as error:
    raise SnakerootError(
        f"ntuples cannot be generated here ({error}).\n"
        "pythia8mc and fastjet have no wheels for aarch64 Linux nor for Python 3.14; everything but `generate` works "
        "without them.\n"
        "Give the samples `files:` instead of `generate:`, or use Python 3.11 to 3.13 on x86-64 or macOS and install "
        "the extra: pip install -e '.[generate]'"
    ) from error

__all__ = ["fastjet", "pythia8mc", "vector"]
