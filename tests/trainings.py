"""Trainings on rows in memory, without the files of a workflow."""

from __future__ import annotations

from pathlib import Path

from snakeroot.networks.inputs import Input
from snakeroot.networks.network import Network
from snakeroot.networks.objectives import binary
from snakeroot.networks.objectives._objective import Objective
from snakeroot.networks.tensors import Data
from snakeroot.train.interruption import CheckpointTimer
from snakeroot.train.loop import fit
from snakeroot.train.order import Layout
from snakeroot.train.settings import Training
from snakeroot.train.sources import Resident
from snakeroot.train.state import State, start
from torch import Tensor

BINARY = binary.Objective()
NOTHING: dict[str, list[Path]] = {
    name: [] for name in ("reweighting", "tuned", "mixed", "mixed_normalisations", "initial", "begin", "end")
}
"""What most trainings do without."""


def scalars(*names: str) -> list[Input]:
    """Return inputs that are plain numbers."""
    return [Input(name=name) for name in names]


def together(features: Tensor, target: Tensor, weight: Tensor) -> Data:
    """Return rows whose outputs may depend on anything."""
    return Data(features, target, weight, features.new_empty(len(features), 0))


def held(data: Data, window: int = 2**20) -> Resident:
    """Return rows of one sample as the loop takes them."""
    return Resident(data, Layout([len(data.target)], [[0]]), window)


def fitted(network: Network, training: Training, train: Data, validation: Data, objective: Objective = BINARY) -> State:
    """Return the state of a training that nothing interrupted."""
    state = start(network, objective, training, 1, len(train.target))
    fit(state, held(train), held(validation), training, CheckpointTimer(lambda: None, 60), lambda _: None)
    return state
