"""Every path pattern of the workflow, once. Braces are Snakemake's wildcards."""

from __future__ import annotations

from snakeroot.settings import COLUMN, NAME

WILDCARDS = {
    "task": NAME,
    "sample": NAME,
    "model": NAME,
    "reweighting": NAME,
    "part": r"[A-Za-z0-9_.-]+",
    "fold": r"\d+",
    "replica": r"\d+",
    "round": r"\d+",
    "trials": r"\d+(-\d+)?",
    "rung": r"\d+",
    "place": r"\d+",
    "seed": r"\d+",
    "split": "train|validation|test",
    "exported": r"model(-fold\d+)?",
    "feature": COLUMN,
    "other": COLUMN,
    "variable": COLUMN,
    "variation": rf"{COLUMN}-(up|down)",
}
"""What each wildcard may match."""

UNLABELLED = "unlabelled"
"""Predictions have this split, too: the samples without a class."""

RESERVED_TASKS = ("ntuples", "bench", "report")
"""Names below results/ that are not a task's."""

NTUPLE = "results/ntuples/{sample}/{part}.root"
NTUPLE_METADATA = "results/ntuples/{sample}/{part}.json"

TASK = "results/{task}"
FEATURES = f"{TASK}/features/{{sample}}/{{part}}.parquet"
CUT_FLOW = f"{TASK}/features/{{sample}}/{{part}}.json"
NORMALISATION = f"{TASK}/normalisation.json"

SPLIT = f"{TASK}/split/fold{{fold}}/{{split}}/{{sample}}/{{part}}.parquet"
AUDIT = f"{TASK}/split/audit.json"
SCALING = f"{TASK}/scaling/fold{{fold}}.json"
REWEIGHTING = f"{TASK}/reweighting/{{reweighting}}/fold{{fold}}.json"

TUNING = f"{TASK}/models/{{model}}/tuning"
PROPOSALS = f"{TUNING}/round{{round}}/proposals.json"
RESULTS = f"{TUNING}/round{{round}}/trial{{trials}}/result.json"
RUNG = f"{TUNING}/round{{round}}/trial{{trials}}/rung{{rung}}/result.json"
RUNG_STATES = f"{TUNING}/round{{round}}/trial{{trials}}/rung{{rung}}/states"
"""Of the trials of a job: "0", or several, "0-3"."""
TUNING_HISTORY = f"{TUNING}/history{{round}}.json"
SHORTLIST = f"{TUNING}/confirmation/shortlist.json"
CONFIRMED = f"{TUNING}/confirmation/trial{{place}}-seed{{seed}}/result.json"
BEST = f"{TUNING}/best.json"
TRIALS = f"{TUNING}/trials.parquet"
STUDY = f"{TUNING}/study.log"

MODEL = f"{TASK}/models/{{model}}/fold{{fold}}-replica{{replica}}"
WEIGHTS = f"{MODEL}/model.safetensors"
METADATA = f"{MODEL}/model.json"
HISTORY = f"{MODEL}/history.parquet"
CALIBRATION = f"{MODEL}/calibration.json"
PREDICTED = f"{MODEL}/predictions"
PREDICTIONS = f"{PREDICTED}/{{split}}.parquet"
TOGETHER = f"{TASK}/models/{{model}}/predictions"
COMBINED = f"{TOGETHER}/{{split}}.parquet"

ONNX = f"{TASK}/models/{{model}}/{{exported}}.onnx"
"""Of a model, or of each of its folds: `exported`."""

FRIENDS = f"{TASK}/models/{{model}}/friends/{{sample}}"
"""A folder with a ROOT file of each part, and manifest.json."""

VARIED = f"{TASK}/variations/{{variation}}"
VARIED_FEATURES = f"{VARIED}/features/{{sample}}/{{part}}.parquet"
VARIED_CUT_FLOW = f"{VARIED}/features/{{sample}}/{{part}}.json"
VARIED_NORMALISATION = f"{VARIED}/normalisation.json"
VARIED_SPLIT = f"{VARIED}/split/fold{{fold}}/{{split}}/{{sample}}/{{part}}.parquet"
VARIED_PREDICTIONS = f"{MODEL}/variations/{{variation}}.parquet"
VARIED_COMBINED = f"{TASK}/models/{{model}}/variations/{{variation}}.parquet"
"""Of a systematic variation: those of its own rows, of the test split or of samples without a class."""

TEMPLATES = f"{TASK}/models/{{model}}/templates"
HISTOGRAMS = f"{TEMPLATES}/templates.root"
WORKSPACE = f"{TEMPLATES}/workspace.json"
YIELDS = f"{TEMPLATES}/yields.json"
FIT = f"{TEMPLATES}/fit.json"

SYSTEMATICS = f"{TASK}/systematics.json"

IMPORTANCE = f"{TASK}/models/{{model}}/importance.json"

CARD = f"{TASK}/models/{{model}}/card.json"
CARD_PAGE = f"{TASK}/models/{{model}}/card.md"

ANCESTRY = f"{TASK}/models/{{model}}/ancestry.json"
"""Of a model that begins with another one: whether events of its test split have trained that."""

METRICS = f"{TASK}/metrics.json"
REPORT = "results/report.html"
REPORT_ALL = "results/report-all.html"
"""Of the tasks that the config names, and of all in the folder."""

RECORDS = "records/{format}"
"""What another tool shows of all tasks: outside results/, as it says when jobs ran."""


def fill(pattern: str, **wildcards: str) -> str:
    """The pattern with these wildcards filled in; the others are left."""
    return pattern.format(**{name: f"{{{name}}}" for name in WILDCARDS} | wildcards)


def exported(folds: int) -> dict[str, str]:
    """The names of a model's exported files, each with its fold."""
    return {f"model-fold{fold}" if folds > 1 else "model": str(fold) for fold in range(folds)}


def figure(name: str) -> str:
    """The SVG of a task's figure; .png, .pdf and the numbers as .csv stand beside it."""
    return f"{TASK}/plots/{name}.svg"


def generated_figure(name: str) -> str:
    """The SVG of a figure of generated events."""
    return f"results/ntuples/plots/{name}.svg"


def beside(svg: str) -> dict[str, str]:
    """All files of a figure, by kind."""
    return {kind: svg.removesuffix("svg") + kind for kind in ("svg", "png", "pdf", "csv")}


def log(path: str) -> str:
    """The log of the job that makes `path`."""
    return _beside("logs", path, ".log")


def provenance(path: str) -> str:
    """Host, times, memory and versions of the job that makes `path`."""
    return _beside("provenance", path, ".json")


def timed(path: str) -> str:
    """Where a figure of times lies: below times/, as its bytes differ in every run."""
    return _beside("times", path, "")


def provenances(folder: str) -> str:
    """The folder with the provenance of all jobs that write below `folder`."""
    return _beside("provenance", folder, "")


def checkpoint(path: str) -> str:
    """What the job that makes `path` goes on from if it is killed; undeclared, and gone when the job is done."""
    return _beside("checkpoints", path, ".checkpoint")


def _beside(folder: str, path: str, suffix: str) -> str:
    head, _, tail = path.partition("/")
    if head not in ("results", "records"):
        raise ValueError(f"{path}: not below results/ or records/")
    return f"{folder}/{tail if head == 'results' else path}{suffix}"
