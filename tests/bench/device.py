"""`make bench-device`: training on the CPU and, where there is one, on a GPU, over batch sizes.

The shipped loop, shuffling, validation and metrics included, on rows in memory of the device; a small network and a
large one, for which the two devices are good. Events per second, with a figure beside the numbers.
"""

from __future__ import annotations

import platform
import time
from pathlib import Path
from typing import NamedTuple

import psutil
import torch
from matplotlib.figure import Figure
from snakeroot import plotting
from snakeroot.jobs import devices
from snakeroot.networks.network import build
from snakeroot.networks.tensors import Data
from snakeroot.train.interruption import CheckpointTimer
from snakeroot.train.loop import fit
from snakeroot.train.order import Layout
from snakeroot.train.settings import Training
from snakeroot.train.sources import Resident
from snakeroot.train.state import configure, start
from trainings import BINARY, scalars

FIGURE = Path(__file__).parents[2] / "results/bench/device.svg"


class Size(NamedTuple):
    """How much is measured: networks by name with inputs, hidden layers and rows of an epoch; and where it is drawn."""

    batches: list[int]
    networks: dict[str, tuple[int, list[int], int]]
    figure: bool


FULL = Size(
    batches=[2**power for power in range(8, 17, 2)],
    networks={"2-20-20-1": (2, [20, 20], 2**18), "64-512-512-512-1": (64, [512, 512, 512], 2**16)},
    figure=True,
)
SHORT = Size(batches=[256, 1024], networks={"2-4-1": (2, [4], 2**10)}, figure=False)


def measure(size: Size = FULL) -> dict[str, float]:
    """Return events per second by network, device and batch size, and the ratios GPU / CPU."""
    cpu = f"CPU, {psutil.cpu_count(logical=False)} cores ({platform.processor() or platform.machine()})"
    named = {torch.device("cpu"): cpu}
    with devices.claimed("auto", 1) as own:
        if own:
            named[torch.device("cuda")] = torch.cuda.get_device_name()
        else:
            print("no GPU here: only the CPU is measured")  # noqa: T201
        speed = {
            name: {device: [speed_of(network, device, batch) for batch in size.batches] for device in named}
            for name, network in size.networks.items()
        }
    figure = draw(speed, named, size.batches)
    if size.figure:
        FIGURE.parent.mkdir(parents=True, exist_ok=True)
        for path in (FIGURE, FIGURE.with_suffix(".png")):
            figure.savefig(path)
    found = {
        f"{network} {device.type} batch {batch}": value
        for network, by_device in speed.items()
        for device, values in by_device.items()
        for batch, value in zip(size.batches, values, strict=True)
    }
    for network, by_device in speed.items():
        host, *others = by_device.values()
        for values in others:
            for batch, fast, slow in zip(size.batches, values, host, strict=True):
                found[f"{network} cuda_vs_cpu batch {batch}"] = fast / slow
    return found


def speed_of(network: tuple[int, list[int], int], device: torch.device, batch: int) -> float:
    """Return events per second of a few epochs, the first one apart."""
    inputs, hidden, rows = network
    training = Training(batch_size=batch, max_epochs=1, patience=9, threads=psutil.cpu_count(logical=False) or 1)
    configure(training)
    torch.manual_seed(1)
    target = (torch.rand(rows) < 0.5).float()
    data = Data(torch.randn(rows, inputs) + target[:, None], target, torch.ones(rows), torch.empty(rows, 0))
    source = Resident(Data(*(column.to(device) for column in data)), Layout([rows], [[0]]), rows)
    made = build("mlp", {"hidden": hidden}, scalars(*(f"x{number}" for number in range(inputs))), 1)
    state = start(made, BINARY, training, 1, rows, device)
    watch = CheckpointTimer(lambda: None, 60)
    fit(state, source, source, training, watch, lambda _: None)
    begun, epochs = time.perf_counter(), 0
    while epochs < 2 or (time.perf_counter() - begun < 1 and epochs < 20):
        epochs += 1
        more = training.model_copy(update={"max_epochs": state.epoch + 1, "patience": 99})
        fit(state, source, source, more, watch, lambda _: None)
    return epochs * rows / (time.perf_counter() - begun)


def draw(
    speed: dict[str, dict[torch.device, list[float]]], named: dict[torch.device, str], batches: list[int]
) -> Figure:
    """Draw events per second against the batch size."""
    with plotting.style():
        figure = Figure(figsize=(9, 4), layout="constrained")
        panels = figure.subplots(1, len(speed), squeeze=False)
        for axes, (network, by_device) in zip(panels[0], speed.items(), strict=True):
            for number, (device, values) in enumerate(by_device.items()):
                axes.loglog(batches, values, marker="o", label=named[device], base=2, **plotting.stroke(number))
            axes.set_yscale("log", base=10)
            every = [value for values in by_device.values() for value in values]
            axes.set_ylim(min(every) / 3, max(every) * 5)
            axes.set(xlabel="Batch size", ylabel="Events per second", title=network)
        panels[0][0].legend(loc="upper left", fontsize="small")
    return figure
