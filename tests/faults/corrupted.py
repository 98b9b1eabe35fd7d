"""Damaged ntuples of every kind, read as the features are: cut off at every tenth, and with one bit flipped.

What is read must be what was written, or an error that names the file: never a hang, a traceback or a signal. With a
checksum nothing is read that is not what was written. Without one, a format notices what it has checksums for.
"""

from __future__ import annotations

import random
from pathlib import Path

from faults._forked import Ended, forked
from faults._reading import everything, files
from faults._tally import Tally
from snakeroot.errors import SnakerootError
from snakeroot.features.ntuple import digest

FULL = 200
SHORT = 1


def try_all(count: int, folder: Path) -> list[Tally]:
    """Damage a file of each kind: cut off at each tenth, and so many bits flipped, one in each copy."""
    broken = Tally("a damaged ntuple is read: no hang, no traceback, no signal")
    guarded = Tally("a damaged ntuple whose `checksum` is in the task")
    cut = Tally("an ntuple is cut off")
    text = Tally("an ntuple is cut off (.csv)", limit="a text may be whole wherever it ends")
    tallies = [cut, text]
    for sound in files(folder):
        content, known = sound.path.read_bytes(), digest(sound.path, "sha256")
        what = everything(sound.path, sound.tree)
        flipped = Tally(f"a bit of an ntuple is flipped ({sound.name})", limit=sound.unnoticed)
        shorter = text if sound.name == ".csv" else cut
        copy = sound.path.with_name(f"damaged-{sound.path.name}")
        for place, damaged in [*_cuts(content, count), *_flips(sound.name, content, count)]:
            copy.write_bytes(damaged)
            ended = forked(lambda sound=sound, copy=copy, what=what: everything(copy, sound.tree, what))
            name = f"{sound.name}, {place}"
            _survived(broken, name, ended)
            _noticed(shorter if len(damaged) < len(content) else flipped, name, ended, what, copy)
            with guarded.attempt(name) as one:
                one.refused(_checked(copy, sound.tree, known), copy)
        tallies.append(flipped)
    return [*tallies, broken, guarded]


def _checked(copy: Path, tree: str | None, checksum: str) -> str:
    """Return the refusal of a file that should have this checksum."""
    try:
        everything(copy, tree, (), checksum)
    except SnakerootError as error:
        return str(error)
    return ""


def _survived(tally: Tally, name: str, ended: Ended) -> None:
    with tally.attempt(name) as one:
        assert not ended.broken, ended.broken
        one.how = "refused with its name" if ended.refused else "read"


def _noticed(tally: Tally, name: str, ended: Ended, what: dict[str, str], copy: Path) -> None:
    if ended.broken:
        return  # counted apart
    with tally.attempt(name) as one:
        if ended.refused:
            one.refused(ended.refused, copy)
        else:
            wrong = [column for column in what if ended.value.get(column) != what[column]]
            assert not wrong, f"other values of {', '.join(wrong)}, without a sign"
            one.how = "read as it was written"


def _cuts(content: bytes, count: int) -> list[tuple[str, bytes]]:
    tenths = range(10) if count >= FULL else (1, 5, 9)
    return [(f"{tenth}/10 of it", content[: len(content) * tenth // 10]) for tenth in tenths]


def _flips(name: str, content: bytes, count: int) -> list[tuple[str, bytes]]:
    chance = random.Random(name)  # noqa: S311 - places, no secrets
    found = []
    for _ in range(count):
        copy, place, bit = bytearray(content), chance.randrange(len(content)), chance.randrange(8)
        copy[place] ^= 1 << bit
        found.append((f"bit {bit} of byte {place}", bytes(copy)))
    return found
