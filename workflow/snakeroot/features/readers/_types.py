"""What a branch of a ROOT file holds, by its type: whether that can be read, before anything is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from uproot.containers import AsString, AsVectorLike
from uproot.interpretation.identify import UnknownInterpretation
from uproot.interpretation.objects import AsObjects

from snakeroot.errors import SnakerootError
from snakeroot.features.ntuple import undecodable


def check(path: Path, name: str, branch: Any, tree: Any) -> None:
    """Refuse a branch that cannot be read, of the file `path` and uproot's `tree`.

    Raises:
        SnakerootError: if it cannot be numbers or text, or was not filled with all entries.
    """
    _check_type(path, name, branch)
    _check_filled(path, name, branch, tree)


def _check_type(path: Path, name: str, branch: Any) -> None:
    """Refuse what cannot be numbers or text before it is read: to decode objects of unknown layout takes any memory."""
    interpretation = getattr(branch, "interpretation", None)
    if isinstance(interpretation, UnknownInterpretation):
        raise undecodable(path, name, kind(branch), interpretation.reason)
    if isinstance(interpretation, AsObjects):
        model = interpretation.model
        while isinstance(model, AsVectorLike):
            model = getattr(model, "values", None) or getattr(model, "keys", None)
        if not isinstance(model, np.dtype | AsString):
            raise undecodable(path, name, kind(branch), "objects that are not written split")


def _check_filled(path: Path, name: str, branch: Any, tree: Any) -> None:
    """Refuse a branch of a TTree that was not filled with all of its entries."""
    entries, there = getattr(branch, "num_entries", None), int(tree.num_entries)
    if entries is not None and int(entries) < there:
        raise SnakerootError(
            f"{path}: the branch {name!r} has {int(entries)} of the {there} entries of {tree.name!r}: it was "
            "switched off when the others were written, or not filled with them; leave it out"
        )


def kind(branch: Any) -> str:
    """Return the type of a branch, for messages; uproot has no name for some."""
    try:
        return str(branch.typename)
    except Exception:
        return str(branch.interpretation)


def is_record(branch: Any) -> bool:
    """Whether a branch may have parts: a leaf-list, or an object of fixed size that is not written split."""
    interpretation = getattr(branch, "interpretation", None)
    plain = getattr(interpretation, "from_dtype", None)
    return hasattr(interpretation, "members") or "struct" in kind(branch) or bool(plain and plain.base.names)
