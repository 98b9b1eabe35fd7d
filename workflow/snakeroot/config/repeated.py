"""Names that stand twice where each is to stand once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import AfterValidator

from snakeroot.settings import Mistake, raise_all


def repeats(names: list[str]) -> Iterator[Mistake]:
    """Names in a list that are in it before."""
    for place, name in enumerate(names):
        if name in names[:place]:
            yield Mistake((place,), f"{name!r} is listed twice")


def _no_repeats(names: list[str]) -> list[str]:
    raise_all(repeats(names))
    return names


Distinct = AfterValidator(_no_repeats)
"""Of a list of names: each is in it once."""


def twins(kind: str, names: Mapping[str, tuple[str | int, ...]]) -> Iterator[Mistake]:
    """Names, with their keys, that differ only in case: they are one folder on some file systems."""
    seen: dict[str, str] = {}
    for name, keys in names.items():
        if (other := seen.setdefault(name.casefold(), name)) != name:
            yield Mistake(keys, f"the {kind}s {other!r} and {name!r} are the same file where case does not count")
