"""A network with its scaling inside, so that it takes features as they are; made from, and kept as, plain files."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from pydantic import ValidationError
from torch import Tensor, nn

from snakeroot.data.files import read_json
from snakeroot.errors import SnakerootError
from snakeroot.jobs.devices import Accelerator
from snakeroot.networks import calibration as calibrations
from snakeroot.networks import weights as files
from snakeroot.networks.architectures import ARCHITECTURES
from snakeroot.networks.inputs import Input, places, size
from snakeroot.networks.layers.beside import Beside
from snakeroot.networks.objectives import OBJECTIVES, SIGMA
from snakeroot.networks.others import Other
from snakeroot.networks.sizes import built
from snakeroot.settings import mistakes


class Network(nn.Module):
    """Scaled rows through an architecture's layers; of a regression, back to the target's unit.

    The second output of a regression with a standard deviation is multiplied, and not moved.

    Attributes:
        inputs: what `forward` takes, one block after the other.
        layers: from scaled rows to outputs; all that is trained.
        indicators: names of the inputs of which the layers are also told in which rows they are missing.
        unscaled: names of the channels of each input that the layers take as they are.
        median: what is put where an input that may be missing is, NaN of others; None if NaN is left to the layers.
        uncertainties: names of the outputs behind the first, of a regression that says how uncertain it is.
        others: targets beside the main one, each with an output behind those of the main one.
        calibration: what makes probabilities of the scores, if anything does; fitted after the training.
    """

    mean: Tensor
    standard_deviation: Tensor
    target_mean: Tensor
    target_standard_deviation: Tensor
    median: Tensor | None

    def __init__(
        self,
        layers: nn.Module,
        inputs: Sequence[Input],
        indicators: Sequence[str] = (),
        *,
        impute: bool = False,
        uncertainties: Sequence[str] = (),
        unscaled: Mapping[str, Sequence[str]] | None = None,
        others: Sequence[Other] = (),
        outputs: int = 1,
    ) -> None:
        super().__init__()
        self.inputs = list(inputs)
        self.layers = layers
        self.indicators = list(indicators)
        self.uncertainties = list(uncertainties)
        self.unscaled = dict(unscaled or {})
        self.others = list(others)
        self._indicated = [at.start for at, one in zip(places(inputs), inputs, strict=True) if one.name in indicators]
        self._masked = [(place, one) for place, one in zip(places(inputs), inputs, strict=True) if one.masked]
        self.calibration: nn.Module | None = None
        self.register_buffer("mean", torch.zeros(size(inputs)))
        self.register_buffer("standard_deviation", torch.ones(size(inputs)))
        self.register_buffer("median", torch.full((size(inputs),), torch.nan) if impute else None)
        alone = 2 if self.uncertainties == [SIGMA] else 1
        self.register_buffer("target_mean", torch.zeros(outputs if others else alone))
        self.register_buffer("target_standard_deviation", torch.ones(outputs if others else 1))

    def forward(self, rows: Tensor) -> Tensor:
        """Map raw rows (n, size of the inputs) to the outputs of the main target, in the precision of the weights.

        Calibrated, they are float64.
        """
        outputs = self.every(rows)
        return outputs[:, : outputs.shape[1] - len(self.others)] if self.others else outputs

    def every(self, rows: Tensor) -> Tensor:
        """Map raw rows (n, size of the inputs) to all outputs: those of the main target, and one of each other."""
        outputs: Tensor = self.layers(self.scaled(rows))
        outputs = outputs * self.target_standard_deviation + self.target_mean
        return outputs if self.calibration is None else self.calibration(outputs)

    def scaled(self, rows: Tensor) -> Tensor:
        """Return raw rows (n, size of the inputs) as the layers take them: what a training does once for all epochs.

        Behind the inputs there is a column for each indicator: 1 where its input is missing, else 0.
        """
        raw = rows.to(self.mean.dtype)
        known = raw if self.median is None else torch.where(raw.isnan(), self.median, raw)
        scaled = (known - self.mean) / self.standard_deviation
        for place, one in self._masked:
            channels = scaled[:, place].view(-1, *one.shape)
            channels *= channels[:, -1:].clone()
        if self._indicated:
            scaled = torch.cat([scaled, raw[:, self._indicated].isnan().to(scaled.dtype)], dim=1)
        return scaled

    @property
    def width(self) -> int:
        """How many numbers of a row the layers take."""
        return size(self.inputs) + len(self.indicators)


def device(own: Sequence[str], accelerator: Accelerator) -> torch.device:
    """Return where a network runs, given the GPUs that the job has claimed.

    Raises:
        SnakerootError: if it must be a GPU, and this torch cannot use it.
    """
    if own and not torch.cuda.is_available():
        problem = f"torch {torch.__version__} cannot use this machine's GPU: install its CUDA build, or a newer driver"
        if accelerator == "cuda":
            raise SnakerootError(f"accelerator: cuda, but {problem}")
        logging.warning("%s; running on the CPU", problem)
        return torch.device("cpu")
    return torch.device("cuda" if own else "cpu")


def indicators(architecture: str, inputs: Sequence[Input], scaling: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the inputs of which a network is told where they are missing: those that are, in the train split."""
    if _treated(ARCHITECTURES.load(architecture)) != "indicated":
        return []
    return [one.name for one in inputs if one.missing and any(scaling[one.name]["missing"])]


def _treated(architecture: ModuleType) -> str:
    return getattr(architecture, "MISSING", "indicated")


def build(
    architecture: str,
    settings: Mapping[str, Any],
    inputs: Sequence[Input],
    outputs: int,
    told: Sequence[str] = (),
    uncertainties: Sequence[str] = (),
    others: Sequence[Other] = (),
) -> Network:
    """Return a new network, initialised from torch's global random state.

    Args:
        told: names of the inputs that have indicators.
        uncertainties: names of the outputs behind the first, of a regression that says how uncertain it is.
        others: targets beside the main one; of the outputs, the last ones are theirs.

    Raises:
        SnakerootError: if the architecture has no such settings, or they do not go with the inputs.
    """
    module = ARCHITECTURES.load(architecture)
    try:
        known = module.Architecture(**settings)
    except ValidationError as error:
        raise SnakerootError("; ".join(map(str, mistakes(error)))) from error
    further = [Input(name=f"missing_{number}") for number in range(len(told))]
    impute = _treated(module) != "passed" and any(one.missing for one in inputs)
    unscaled = module.unscaled(known, inputs) if hasattr(module, "unscaled") else None
    layers = built(lambda: module.build(known, [*inputs, *further], outputs))
    if uncertainties:
        # by name, so that a change of such a layer trains regressions again, and nothing else
        last = OBJECTIVES.load("regression").last(uncertainties)
        layers = nn.Sequential(layers, Beside(last, len(others)) if others else last)
    named: dict[str, Any] = {"uncertainties": uncertainties, "others": others, "outputs": outputs}
    return Network(layers, inputs, told, impute=impute, unscaled=unscaled, **named)


def scale(network: Network, scaling: Mapping[str, Mapping[str, Sequence[float]]]) -> None:
    """Put a fitted scaling, a number for each channel, into the network."""
    for buffer, key, none in ((network.mean, "mean", 0.0), (network.standard_deviation, "standard_deviation", 1.0)):
        values = []
        for one in network.inputs:
            unscaled = network.unscaled.get(one.name, ())
            of_channels = zip(one.channels, scaling[one.name][key], strict=True)
            values += one.spread([none if name in unscaled else value for name, value in of_channels], none)
        buffer.copy_(torch.tensor(values, dtype=torch.float64))
    if network.median is not None:
        undefined = {one.name: [math.nan] * len(one.channels) for one in network.inputs}
        of_inputs = ((one, scaling[one.name].get("median", undefined[one.name])) for one in network.inputs)
        medians = [value for one, of_channels in of_inputs for value in one.spread(of_channels, math.nan)]
        network.median.copy_(torch.tensor(medians, dtype=torch.float64))
    own = slice(None, -len(network.others) or None)
    if "target" in scaling:
        moved = slice(0, 1) if network.uncertainties == [SIGMA] else own
        network.target_mean[moved] = torch.tensor(scaling["target"]["mean"], dtype=torch.float64)
        network.target_standard_deviation[own] = torch.tensor(
            scaling["target"]["standard_deviation"], dtype=torch.float64
        )
    for place, other in enumerate(network.others, -len(network.others)):
        if other.target in scaling:
            network.target_mean[place] = scaling[other.target]["mean"][0]
            network.target_standard_deviation[place] = scaling[other.target]["standard_deviation"][0]


def load(weights: Path, metadata: Path, calibration: Path | None = None) -> Network:
    """Return a trained network on the CPU, ready to score: evaluation mode, dropout off.

    Args:
        calibration: JSON of the network's, if it has one.

    Raises:
        SnakerootError: if the files do not belong together or are damaged.
    """
    known = read_json(metadata)
    inputs = [Input(**one) for one in known["inputs"]]
    told, stated = (known.get(names, ()) for names in ("indicators", "uncertainties"))
    others = [Other(**one) for one in known.get("others", ())]
    network = build(known["architecture"], known["settings"], inputs, known["outputs"], told, stated, others)
    try:
        tensors, _, digest = files.load(weights)
        if digest != known["weights"]:
            raise ValueError("they are of another training")
    except (OSError, ValueError) as error:
        raise SnakerootError(f"{weights}: not the weights of {metadata} ({error}); delete it and run again") from error
    network.to(tensors["mean"].dtype).load_state_dict(tensors)
    if calibration:
        fitted = read_json(calibration)
        if fitted["weights"] != digest:
            raise SnakerootError(f"{calibration}: not of {weights}; delete it and run again")
        made = calibrations.made(fitted)
        network.calibration = Beside(made, len(others)) if others else made
    return network.eval()
