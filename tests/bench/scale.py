"""What each stage costs against the number of events: seconds and memory, beside a loop by hand and ROOT's RDataFrame.

Signal and background go through features, split, scale, predict and evaluate, as the workflow calls them: whole
processes of one thread, imports and provenance included. Features and split have one for each sample, predict one that
scores and one that puts together.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import exports
import numpy as np
import projects
from bench import _peers
from bench._peers import HIDDEN, INPUTS, SAMPLES, SPLITS
from bench._processes import Cost, run
from helpers import features_settings
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from snakeroot import plotting
from snakeroot.data.files import to_json, write_json
from snakeroot.networks.inputs import Input

FOLDER = Path(__file__).parents[2] / "results/bench"

CLASSES = ["background", "signal"]
EVENT_ID = ["run", "event"]
WAYS = {"ours": "Snakeroot", "hand": "by hand", "root": "RDataFrame"}


class Size(NamedTuple):
    """Events of both samples; stages that are run by hand, too; whether RDataFrame is, and the figure kept."""

    events: list[int]
    by_hand: list[str]
    whole: bool


FULL = Size(events=[100_000, 1_000_000, 10_000_000], by_hand=list(_peers.BY_HAND), whole=True)
SHORT = Size(events=[2000], by_hand=["features", "split", "scale"], whole=False)

Costs = dict[tuple[str, str], list[Cost]]
"""Of each stage and way, size by size."""


def measure(size: Size = FULL) -> dict[str, float]:
    """Return events per second, CPU seconds and peak memory [MB] of each stage, way and number of events."""
    python = _peers.with_root(FOLDER / "root") if size.whole else None
    costs: Costs = {}
    for events in size.events:
        with tempfile.TemporaryDirectory() as name:
            for key, cost in each(Path(name), events, size.by_hand, python):
                costs.setdefault(key, []).append(cost)
    figure = draw(costs, size.events)
    if size.whole:
        FOLDER.mkdir(parents=True, exist_ok=True)
        for suffix in ("svg", "png"):
            figure.savefig(FOLDER / f"scale.{suffix}")
    found: dict[str, float] = {}
    for (stage, way), of in costs.items():
        for events, cost in zip(size.events, of, strict=True):
            where = f"{stage} {way} {events:.0e}"
            found[f"{where} events per second"] = events / cost.seconds
            found[f"{where} CPU seconds"] = cost.cpu_seconds
            found[f"{where} memory MB"] = cost.peak_memory_MB
    return found


def each(folder: Path, events: int, by_hand: list[str], root: str | None) -> Iterable[tuple[tuple[str, str], Cost]]:
    """Yield what each stage takes, in each way: the ways in turn, stage by stage."""
    rng = np.random.default_rng(events)
    for place, sample in enumerate(SAMPLES):
        further = {f"f{number}": rng.exponential(30, events // 2).astype(np.float32) for number in range(10)}
        projects.ntuple(folder / f"{sample}.root", place == 0, events // 2, **further)
    for stage, commands in ours(folder).items():
        yield (stage, "ours"), together(run([sys.executable, "-m", *words], folder) for words in commands)
        if stage in by_hand:
            yield (stage, "hand"), run([sys.executable, "-c", _peers.BY_HAND[stage]], folder)
        if stage == "features" and root:
            yield (stage, "root"), run([root, "-c", _peers.RDATAFRAME], folder)


def together(costs: Iterable[Cost]) -> Cost:
    """Return what processes take, one after the other."""
    seconds, cpu_seconds, memory = zip(*costs, strict=True)
    return Cost(sum(seconds), sum(cpu_seconds), max(memory))


def ours(folder: Path) -> dict[str, list[list[str]]]:
    """Return the words of the commands of each stage, and write what they take beside the ntuples."""
    inputs = [Input(name=name) for name in INPUTS]
    exports.trained(folder, inputs, 0, [HIDDEN, HIDDEN])
    write_json({"parameters": 5, "epochs": 3, "best_epoch": 2}, folder / "model.json")
    write_json({"samples": {sample: {"factor": 1.0} for sample in SAMPLES}}, folder / "normalisation.json")
    features, splits = [], []
    for target, sample in enumerate(SAMPLES[::-1]):
        settings = features_settings(
            sample=sample,
            target=target,
            weight="weight",
            selection="(x > -2) & (y < 3)",
            features={name: "x + y" if name == "sum" else name for name in INPUTS},
            chunk=100_000,
        )
        words = [
            "features",
            *spec(settings.model_dump(mode="json"), f"features-{sample}"),
            "--ntuple",
            f"{sample}.root",
        ]
        words += ["--metadata", "--table", f"{sample}.parquet", "--cut-flow", f"{sample}.json", "--threads", "1"]
        features.append(words)
        fractions = {"fractions": {"train": 0.6, "validation": 0.2}, "fold": 0, "group": EVENT_ID}
        words = ["split", *spec(fractions, f"split-{sample}"), "--table", f"{sample}.parquet"]
        splits.append([*words, *(word for split in SPLITS for word in (f"--{split}", f"{split}-{sample}.parquet"))])
    files = {split: [f"{split}-{sample}.parquet" for sample in SAMPLES] for split in SPLITS}
    scale = ["scale", *spec({"inputs": [one.model_dump(mode="json") for one in inputs]}, "scale")]
    scale += ["--train", *files["train"], "--scaling", "scaling.json"]
    predict = ["predict", *spec({"kind": "binary", "classes": CLASSES, "event_id": EVENT_ID}, "predict")]
    predict += [word for split in SPLITS for word in (f"--{split}", *files[split])]
    predict += ["--unlabelled", "--normalisation", "normalisation.json", "--weights", "0.safetensors"]
    predict += ["--metadata", "0.json", "--calibration", "--accelerator", "cpu", "--gpus", "0"]
    predict += ["--predictions", *(f"{split}-of-network.parquet" for split in SPLITS)]
    combine = ["predict.combine", *spec({"replicas": 1}, "combine")]
    combine += ["--predictions", *(f"{split}-of-network.parquet" for split in SPLITS)]
    combine += ["--combined", *(f"{split}.parquet" for split in SPLITS)]
    evaluate = {"task": "bench", "models": [{"name": "net", "networks": 1}], "bootstrap": 200, "seed": 1}
    metrics = ["evaluate.metrics", *spec(evaluate, "evaluate"), "--predictions", *(f"{s}.parquet" for s in SPLITS)]
    metrics += ["--metadata", "model.json", "--features", "--scalings", "--metrics", "metrics.json"]
    known = {
        "features": features,
        "split": splits,
        "scale": [scale],
        "predict": [predict, combine],
        "evaluate": [metrics],
    }
    return {stage: [[f"snakeroot.{first}", *rest] for first, *rest in of] for stage, of in known.items()}


def spec(settings: Mapping[str, object], name: str) -> list[str]:
    """Return the words that every command of ours has."""
    return ["--spec", to_json({"settings": settings}), "--provenance", f"provenance-{name}.json"]


def draw(costs: Costs, events: list[int]) -> Figure:
    """Draw CPU seconds and memory against the number of events, a line for each stage and way."""
    stages = list(dict.fromkeys(stage for stage, _ in costs))
    dashes = dict(zip(WAYS, ("-", "--", ":"), strict=True))
    with plotting.style():
        figure = Figure(figsize=(11, 4.5), layout="constrained")
        panels = figure.subplots(1, 2)
        for (stage, way), of in costs.items():
            colour = plotting.stroke(stages.index(stage))["color"]
            for axes, values in zip(panels, ([c.cpu_seconds for c in of], [c.peak_memory_MB for c in of]), strict=True):
                axes.loglog(events, values, marker="o", markersize=4, color=colour, linestyle=dashes[way])
        panels[0].set(xlabel="Events", ylabel="CPU seconds")
        panels[1].set(xlabel="Events", ylabel="Peak memory [MB]")
        colours = [Line2D([], [], color=plotting.stroke(n)["color"], label=stage) for n, stage in enumerate(stages)]
        shown = [way for way in WAYS if any(way == one for _, one in costs)]
        lines = [Line2D([], [], color="black", linestyle=dashes[way], label=WAYS[way]) for way in shown]
        figure.legend(handles=colours + lines, loc="outside right center", fontsize="small")
    return figure
