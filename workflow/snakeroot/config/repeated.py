"""Names that stand twice where each is to stand once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from snakeroot.settings import Mistake


def repeats(names: list[str]) -> Iterator[Mistake]:
    """Names in a list that are in it before."""
    for place, name in enumerate(names):
        if name in names[:place]:
            yield Mistake((place,), f"{name!r} is listed twice")


def twins(kind: str, names: Mapping[str, tuple[str | int, ...]]) -> Iterator[Mistake]:
    """Names, with their keys, that differ only in case: they are one folder on some file systems."""
    seen: dict[str, str] = {}
    for name, keys in names.items():
        if (other := seen.setdefault(name.casefold(), name)) != name:
            yield Mistake(keys, f"the {kind}s {other!r} and {name!r} are the same file where case does not count")
