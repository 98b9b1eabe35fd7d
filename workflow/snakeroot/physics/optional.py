"""What to say where the libraries of the extra `generate` are missing.

They are licensed under the GPL (pythia8mc, fastjet) or needed by those that are, so whatever imports them does it late.
"""

from __future__ import annotations

from snakeroot.errors import SnakerootError


def missing(what: str, otherwise: str, error: ImportError) -> SnakerootError:
    """Return the error to raise: `what` is impossible here; `otherwise` does without."""
    return SnakerootError(
        f"{what} here ({error}).\n"
        "pythia8mc and fastjet have no wheels for aarch64 Linux nor for Python 3.14; everything else works without "
        "them.\n"
        f"{otherwise}, or use Python 3.11 to 3.13 on x86-64 or macOS and install the extra: "
        "pip install -e '.[generate]'"
    )
