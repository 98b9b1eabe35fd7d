"""`make results`: docs/results.md, from shipped tasks that are for their numbers, and from tasks on real files."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]
sys.path[:0] = [str(HERE.parent), str(REPOSITORY / "workflow")]

import pandas as pd  # noqa: E402
import projects  # noqa: E402
import yaml  # noqa: E402
from sklearn.metrics import roc_auc_score, roc_curve  # noqa: E402
from snakeroot.data import paths, tables  # noqa: E402
from snakeroot.data.files import read_json  # noqa: E402

HEAD = """# What the shipped tasks reach

Made by `make results`, on the test split. Where a model has several networks, which differ in their seed alone, it is
the mean over them ± their standard deviation; brackets are the 68 % interval of that mean, from resampling the events.
"""

COLUMNS = {
    "binary": {"auc": "AUC", "rejection_at_50": "rejection at 50 %", "rejection_at_80": "rejection at 80 %"},
    "multiclass": {"auc_macro": "macro AUC", "accuracy": "accuracy", "loss": "loss"},
    "regression": {"rmse": "RMSE", "bias": "bias", "resolution": "resolution", "r2": "r²"},
    "unsupervised": {
        "explained_variance": "explained variance",
        "silhouette": "silhouette",
        "adjusted_rand": "adjusted Rand index",
        "purity": "purity",
    },
}

SAID = {
    "vbf-higgs": "Signal against background from two masses; few background events are left, so the interval is wide.",
    "higgs-production": "Vector-boson fusion, gluon fusion and ZZ, from the muons and up to two jets. `tuned` is `mlp` "
    "with what a search of 16 trials found.",
    "higgs-clusters": "No labels; the samples are only used to judge.",
    "w-tagging": "Jets of 200 < pT < 500 GeV, 32,000 events of each process generated; W jets are within ΔR = 0.6 of a "
    "generated W.",
    "jet-mass": "The generated mass from the measured jet, W and QCD jets alike; residuals in GeV. `mass` is the "
    "measured mass, taken for the generated one.",
    "jet-images": "3305 QCD and 1722 W images of the lecture's exercise kind, from a real file; 20 % test. The "
    "lecture's own network, scored at its last epoch, has an AUC of 0.924 on its own split.",
    "b-tag-score": "The DeepCSV score of the jets of a NanoAOD file of 1000 events, from other branches.",
}

FEATURES = {"pt": (250, 300), "mass": (50, 110)}

IN_WINDOW = """
### In the window of Louppe et al.

Of the same networks, jets of 250 < pT < 300 GeV and 50 < m < 110 GeV. The paper (arXiv:1702.00748) has, for its
recursive networks, an AUC of 0.918–0.922 and a rejection of 68–82 at 50 %. That is no comparison of methods, as the
simulations differ: here a W recoils against an invisible Z in the standard model, the detector measures directions
exactly, there are no multiparton interactions, and the networks are trained on all jets of 200 < pT < 500 GeV, few of
them in this window.
"""


def main() -> None:
    """Write the page."""
    shipped = [task for task in SAID if (REPOSITORY / f"config/tasks/{task}.yaml").exists()]
    run(REPOSITORY, shipped)
    page([(task, REPOSITORY) for task in shipped] + [(task, folder) for task, folder in real()])


def run(folder: Path, tasks: list[str]) -> None:
    """Run the tasks up to their metrics."""
    projects.run(folder, *(paths.METRICS.format(task=task) for task in tasks), "--cores", "all")


def page(tasks: list[tuple[str, Path]]) -> None:
    """Write the page from the metrics of these tasks in these folders."""
    text = HEAD + "".join(section(task, folder) for task, folder in tasks)
    (REPOSITORY / "docs/results.md").write_text(text, encoding="utf-8")


def section(task: str, folder: Path) -> str:
    """Return the heading and the table of one task."""
    measured = read_json(folder / paths.METRICS.format(task=task))
    columns = COLUMNS[measured["kind"]]
    models = {name: found["test"] for name, found in measured["models"].items()}
    if reference := measured.get("reference"):
        models[f"`{reference['column']}`"] = reference["test"]
    rows = [[name, *(number(found, key) for key in columns)] for name, found in models.items()]
    text = f"\n## {task}\n\n{SAID.get(task, '')}\n\n".replace("\n\n\n", "\n") + table(
        ["model", *columns.values()], rows
    )
    text += searched(measured) if task == "higgs-production" else ""
    return text + (window(folder, list(measured["models"])) if task == "w-tagging" else "")


def searched(measured: dict[str, Any]) -> str:
    """Return how the network that was searched for compares with the one that was set by hand."""
    losses = {
        name: " and ".join(
            f"{found[split]['loss']:.4f} ± {found[split]['loss_spread']:.4f} ({split})"
            for found in [measured["models"][name]]
            for split in ("validation", "test")
        )
        for name in ("tuned", "mlp")
    }
    [paired] = [
        one
        for one in measured["comparisons"]
        if (one["model"], one["reference"], one["metric"]) == ("tuned", "mlp", "loss")
    ]
    return (
        f"\nLoss of three seeds each: `tuned` has {losses['tuned']}, `mlp` has {losses['mlp']}. On the same test "
        f"events the ensembles differ by {paired['difference']:.4f} [{paired['low']:.4f}, {paired['high']:.4f}].\n"
    )


def number(found: dict[str, Any], key: str) -> str:
    """Return a metric with its spread and interval; what is null in the metrics is infinite, or has a lower limit."""
    if key not in found:
        return "–"
    if found[key] is None and found.get(f"{key}_low") is not None and found[f"{key}_high"] is None:
        return f"> {found[f'{key}_low']:.4g}"
    value, spread, low, high = (
        "∞" if found.get(f"{key}{end}") is None else f"{found[f'{key}{end}']:.4g}"
        for end in ("", "_spread", "_low", "_high")
    )
    text = value if f"{key}_spread" not in found else f"{value} ± {spread}"
    return text if f"{key}_low" not in found else f"{text} [{low}, {high}]"


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def window(folder: Path, models: list[str]) -> str:
    """Return AUC and rejection of each network in the paper's window, as mean ± standard deviation."""
    splits = sorted((folder / "results/w-tagging/split/fold0/test").rglob("*.parquet"))
    jets = tables.read_all(splits, ["sample", "part", "entry", *FEATURES]).to_pandas()
    kept = jets[(jets[list(FEATURES)] > [low for low, _ in FEATURES.values()]).all(axis=1)]
    kept = kept[(kept[list(FEATURES)] < [high for _, high in FEATURES.values()]).all(axis=1)]
    rows = []
    for model in models:
        found = tables.read(folder / paths.COMBINED.format(task="w-tagging", model=model, split="test")).to_pandas()
        found = found.merge(kept, on=["sample", "part", "entry"])
        replicas = [name for name in found if name.startswith("score_") and name[6:].isdigit()]
        areas = pd.Series([roc_auc_score(found["target"], found[name]) for name in replicas])
        rejections = pd.Series([rejection(found["target"], found[name]) for name in replicas])
        rows.append([model, *(f"{v.mean():.3g} ± {v.std():.2g}" for v in (areas, rejections))])
    count = found["target"].value_counts()
    said = f"\n{count[1]} W and {count[0]} QCD jets of the test split.\n\n"
    return IN_WINDOW + said + table(["model", "AUC", "rejection at 50 %"], rows)


def rejection(target: pd.Series, score: pd.Series) -> float:
    """Return 1 / background efficiency where half of the signal passes."""
    background, signal, _ = roc_curve(target, score)
    return float(1 / background[(signal >= 0.5).argmax()])


def real() -> Iterator[tuple[str, Path]]:
    """Run the tasks on real files, where these are, and yield their names and folder."""
    data = Path(os.environ.get("SNAKEROOT_TEST_DATA", REPOSITORY.parent / "shared/data")) / "real"
    known = {path.stem: yaml.safe_load(path.read_text()) for path in sorted((HERE / "tasks").glob("*.yaml"))}
    folder = REPOSITORY / "results/bench/real"
    for name, task in known.items():
        for sample in task["samples"].values():
            sample["files"] = [str(data / file) for file in sample["files"]]
            if not all(Path(file).is_file() for file in sample["files"]):
                sys.exit(
                    f"{name}: no {sample['files'][0]}; set SNAKEROOT_TEST_DATA to the folder of the real test files"
                )
    if not folder.exists():
        projects.create(folder, known)
    run(folder, list(known))
    yield from ((name, folder) for name in known)


if __name__ == "__main__":
    main()
