"""What every training begins with: its files, a network with its scaling, what it is trained for, and its rows."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import torch

from snakeroot.data.factors import Factors
from snakeroot.data.files import read_json
from snakeroot.networks import network as networks
from snakeroot.networks.network import Network
from snakeroot.networks.objectives import OBJECTIVES
from snakeroot.networks.objectives._objective import Objective
from snakeroot.train import others
from snakeroot.train.data import Table
from snakeroot.train.initial import Begun, begin
from snakeroot.train.mixture import Varied, mixture
from snakeroot.train.others import Others
from snakeroot.train.points import Points
from snakeroot.train.settings import TrainSettings
from snakeroot.train.target import Target


class Files(NamedTuple):
    """What a training reads and writes."""

    train: list[Path]
    validation: list[Path]
    normalisation: Path
    scaling: Path
    reweighting: list[Path]
    checkpoint: Path
    begin: list[Path]
    end: list[Path]
    initial: list[Path]
    weights: Path
    metadata: Path
    history: Path
    mixed: list[Path]
    mixed_normalisations: list[Path]

    @property
    def varied(self) -> list[Path]:
        """Those of variations."""
        return [*self.mixed, *self.mixed_normalisations]


class Prepared(NamedTuple):
    """A network on the CPU that nothing of this task has trained, and the train and validation splits on disk.

    Attributes:
        begun: what it has from another network, if it begins with one.
    """

    network: Network
    objective: Objective
    tables: tuple[Table, Table]
    begun: Begun | None = None


def prepare(settings: TrainSettings, files: Files, kind: torch.dtype) -> Prepared:
    """Return what a training begins with, in one floating type; the network is drawn from the seed.

    If it begins with another one, that is put into it, its scaling included.
    """
    scaling = read_json(files.scaling)
    target = target_of(settings, scaling)
    main = OBJECTIVES.load(settings.kind).make(settings.training, len(settings.classes), target.deviation)
    beside = others.targets(settings.others, settings.training.class_balance, scaling)
    objective = others.joint(main, settings.others, beside, settings.training)
    torch.manual_seed(settings.seed)
    told = networks.indicators(settings.architecture, settings.inputs, scaling)
    of_outputs = (objective.outputs, told, objective.uncertainties, settings.others)
    network = networks.build(settings.architecture, settings.settings, settings.inputs, *of_outputs)
    network = network.to(kind)
    networks.scale(network, scaling)
    begun = begin(network, settings.initial, *files.initial) if settings.initial else None
    scaled = copy.deepcopy(network).scaled  # stays on the CPU

    known = [Factors.read(path, settings.classes) for path in files.reweighting]
    factors = known[0] if known else None
    protected = settings.training.decorrelate.variable if settings.training.decorrelate else None

    def table(split: str, paths: list[Path], variations: Sequence[Varied] = ()) -> Table:
        known = (files.normalisation, settings.inputs, target, scaled, kind, network.width)
        points = Points(settings.trained_at) if settings.trained_at else None
        return Table(split, paths, *known, variations, factors, protected, points, Others(beside))

    varied = mixture(settings.mixed, files.mixed, files.mixed_normalisations)
    tables = (table("train", files.train, varied), table("validation", files.validation))
    return Prepared(network, objective, tables, begun)


def target_of(settings: TrainSettings, scaling: Mapping[str, Mapping[str, Sequence[float]]]) -> Target:
    """Return what the targets mean, given the scaling, which knows how they are standardised."""
    balance = settings.training.class_balance
    if settings.kind != "regression":
        given = settings.training.priors or {}
        priors = [given[name] for name in settings.classes] if given else []
        return Target(settings.classes, balance, priors, known=settings.kind != "unsupervised")
    (mean,), (deviation,) = (scaling["target"][key] for key in ("mean", "standard_deviation"))
    return Target((), balance, mean=mean, deviation=deviation)
