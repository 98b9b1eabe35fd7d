"""`python -m snakeroot.calibrate`: what makes probabilities of one network's scores."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch

from snakeroot.calibrate import fits
from snakeroot.calibrate.settings import CalibrateSettings
from snakeroot.data import tables
from snakeroot.data.files import read_json, write_json
from snakeroot.errors import SnakerootError
from snakeroot.evaluate.classes import equal_classes
from snakeroot.jobs.command import main
from snakeroot.networks.calibration import made
from snakeroot.networks.network import load
from snakeroot.networks.rows import matrix, numbers, yields
from snakeroot.networks.scoring import score


def calibrate(
    settings: CalibrateSettings,
    validation: Annotated[list[Path], "Parquet files of the validation split"],
    normalisation: Annotated[Path, "JSON with the factor of each sample"],
    weights: Annotated[Path, "safetensors file of the network"],
    metadata: Annotated[Path, "JSON file of the network"],
    calibration: Annotated[Path, "JSON file to write"],
) -> None:
    """Fit it on the validation split, for equal totals of the classes: what the network was not trained on."""
    torch.set_num_threads(settings.threads)
    network = load(weights, metadata)
    table = tables.read_all(validation, ["sample", "target", "weight", *(one.name for one in network.inputs)])
    outputs = score(network, matrix(table, network.inputs), torch.Tensor.double)
    if not np.isfinite(outputs).all():
        raise SnakerootError(f"{weights}: the network gives NaN in the validation split")
    target = numbers(table["target"])
    weight = equal_classes(target, yields(table, normalisation), max(outputs.shape[1], 2))
    try:
        fitted = fit(settings, outputs, target, weight)
    except SnakerootError as error:
        raise SnakerootError(f"{calibration}: {error}") from error
    after = made(fitted)(torch.from_numpy(outputs)).numpy()
    losses = {name: fits.loss(values, target, weight) for name, values in (("before", outputs), ("after", after))}
    write_json({**fitted, "loss": losses, "weights": read_json(metadata)["weights"]}, calibration)
    logging.info("%s: validation loss %.4f, %.4f before", calibration, losses["after"], losses["before"])


def fit(
    settings: CalibrateSettings, outputs: fits.Floats, target: fits.Integers, weight: fits.Floats
) -> dict[str, Any]:
    """Return what is fitted, as it stands in JSON."""
    if settings.method == "isotonic":
        knots, probabilities = fits.isotonic(outputs, target, weight)
        return {"method": settings.method, "outputs": knots.tolist(), "probabilities": probabilities.tolist()}
    found = fits.temperature(outputs, target, weight)
    if found in fits.RANGE:
        logging.warning("the temperature is at the end of what is tried, %g: the classes do not overlap", found)
    return {"method": settings.method, "temperature": found}


if __name__ == "__main__":
    main(calibrate)
