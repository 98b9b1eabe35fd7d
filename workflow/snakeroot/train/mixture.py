"""Systematic variations of the train split that are trained on beside it: their files, and what they weigh."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from snakeroot.data.files import read_json
from snakeroot.train.settings import Mixed


class Varied(NamedTuple):
    """One variation.

    Attributes:
        name: what its folder is called.
        paths: its Parquet files.
        factors: from raw weights to yields, of each sample that it is of.
    """

    name: str
    paths: Sequence[Path]
    factors: Mapping[str, float]


def mixture(mixed: Sequence[Mixed], files: Sequence[Path], normalisations: Sequence[Path]) -> list[Varied]:
    """Return the variations that are mixed in, from all their files and the normalisation of each."""
    left, found = iter(files), []
    for one, path in zip(mixed, normalisations, strict=True):
        known = read_json(path)["samples"]
        factors = {sample: float(known[sample]["factor"]) for sample in one.samples}
        found.append(Varied(one.name, list(islice(left, one.files)), factors))
    return found


def factors(nominal: Mapping[str, float], variations: Sequence[Varied]) -> dict[tuple[str, str], float]:
    """Return the factor on the raw weights of a sample in a variation, "" being the nominal one.

    The nominal rows of a sample and those of its variations share its weight equally: so each event counts once. One
    that is not there in some of them, as it fails the selection, counts by so much less, as in a mean of the
    distributions.
    """
    copies = {sample: 1 + sum(sample in one.factors for one in variations) for sample in nominal}
    every = [("", nominal), *((one.name, one.factors) for one in variations)]
    return {(sample, name): factor / copies[sample] for name, of in every for sample, factor in of.items()}
