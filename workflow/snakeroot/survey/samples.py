"""The first entries of the samples that a new task is to have: which files, which tree, which branches they share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import awkward as ak

from snakeroot.config import ntuples
from snakeroot.config.schema import Sample
from snakeroot.errors import SnakerootError, hint
from snakeroot.features.readers import WITH_TREES, kind
from snakeroot.survey.content import ENTRIES, Content, contents

MOST_FILES = 10
"""Files of a sample that are looked into, spread evenly over all of them."""


@dataclass(frozen=True)
class Looked:
    """What was read of a sample.

    Attributes:
        files: as the user named them.
        number: how many files that are.
        opened: how many of them were looked into.
        tree: where its branches are.
        arrays: by branch, of all opened files, those that all of them have.
        problems: why a branch is not among them.
    """

    name: str
    files: list[str]
    number: int
    opened: int
    tree: str | None
    arrays: dict[str, ak.Array]
    problems: dict[str, str]

    @cached_property
    def entries(self) -> int:
        """How many entries were read."""
        return max(map(len, self.arrays.values()), default=0)


def look(named: Mapping[str, Sequence[str]], tree: str | None) -> list[Looked]:
    """Read the first entries of samples.

    Args:
        named: files, patterns or URLs by sample.
        tree: which to read; by default the one with the most branches that all samples have.

    Raises:
        SnakerootError: naming the file or pattern, and what is wrong with it.
    """
    taken: dict[ntuples.Source, str] = {}
    found = {name: _files(name, list(patterns), taken) for name, patterns in named.items()}
    first = {name: contents(files[0], tree, _share(files)) for name, files in found.items()}
    chosen = _tree(first)
    return [_looked(name, list(named[name]), files, first[name], chosen) for name, files in found.items()]


def _files(name: str, patterns: list[str], taken: dict[ntuples.Source, str]) -> list[str]:
    return list(ntuples.parts(lambda *_: name, name, Sample(files=patterns), taken, {}).values())


def _share(files: Sequence[str]) -> int:
    return max(1, ENTRIES // min(len(files), MOST_FILES))


def _tree(first: Mapping[str, Sequence[Content]]) -> str | None:
    """Return the tree with the most branches that all samples have; None if there is none."""
    size = {one.tree: len(one.arrays) for of_sample in first.values() for one in of_sample if one.tree}
    common = [name for name in size if all(any(c.tree == name for c in of_sample) for of_sample in first.values())]
    return max(common, key=size.__getitem__, default=None)


def _looked(name: str, patterns: list[str], files: list[str], first: Sequence[Content], tree: str | None) -> Looked:
    begin = max((c for c in first if tree in (None, c.tree)), key=lambda content: len(content.arrays))
    step = max(1, len(files) // MOST_FILES)
    others = [
        contents(file, begin.tree if kind(file) in WITH_TREES else None, _share(files))[0]
        for file in files[1:][::step][: MOST_FILES - 1]
    ]
    every = [begin, *others]
    problems = {branch: text for content in every for branch, text in content.problems.items()}
    arrays = {}
    for branch in begin.arrays:
        lacking = [content.file for content in every if branch not in content.arrays]
        if lacking:
            problems.setdefault(branch, f"not in {lacking[0]}")
        elif branch not in problems:
            arrays[branch] = ak.concatenate([content.arrays[branch] for content in every])
    common = set(begin.arrays).intersection(*(content.arrays for content in others))
    if not common and begin.arrays:
        raise SnakerootError(
            f"{name}: no branch is in all files that were looked into: {', '.join(c.file for c in every)}"
        )
    if not arrays:
        raise SnakerootError(f"{begin.file}: no branch of {begin.tree!r} can be read: {hint('', problems)}")
    return Looked(name, patterns, len(files), len(every), begin.tree, arrays, problems)
