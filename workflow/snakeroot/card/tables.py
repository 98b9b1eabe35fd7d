"""The tables of a card: what is known of a model, as text that is ready to be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from snakeroot.card.settings import CardSettings
from snakeroot.data.files import to_json
from snakeroot.evaluate.others import KEY, view
from snakeroot.evaluate.reported import REPORTED
from snakeroot.report.performance import row
from snakeroot.report.summaries import NONE, SPLITS, count, number


@dataclass
class Table:
    """A heading, what is said below it, and rows of cells; the first row is the head of the columns, if it has any."""

    title: str
    text: str = ""
    head: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)

    def record(self) -> dict[str, Any]:
        """Return it as it stands in JSON."""
        return asdict(self)


def network(settings: CardSettings, metadata: Sequence[Mapping[str, Any]]) -> Table:
    """Return what the model is and what it takes."""
    known, first = settings.description, metadata[0]
    inputs = [f"{one.name} [{known.units[one.name]}]" if one.name in known.units else one.name for one in known.inputs]
    fitted = sorted({str(one["best_epoch"]) for one in metadata}, key=int)
    rows = [
        ["Kind of task", known.kind],
        ["Classes", ", ".join(known.classes) or NONE],
        ["Architecture", str(first["architecture"])],
        ["Settings", to_json(first["settings"])],
        ["Networks", f"{len(metadata)} (folds: {known.split.folds}, replicas: {len(known.networks)})"],
        ["Parameters of each", count(first["parameters"])],
        ["Inputs, in this order", ", ".join(inputs)],
        ["Training", to_json(first["training"])],
        ["Calibration", f"{known.calibration}, fitted on the validation split" if known.calibration else NONE],
        ["Best epochs", ", ".join(fitted)],
        ["Seeds", ", ".join(str(one["seed"]) for one in metadata)],
        ["Never trained on", ", ".join(settings.spectators) or NONE],
    ]
    return Table("The model", rows=rows)


def samples(settings: CardSettings, normalisation: Mapping[str, Any]) -> Table:
    """Return what it was trained on."""
    rows = []
    for name, one in settings.samples.items():
        facts = normalisation["samples"][name]
        files = f"{one.files[0]} … ({len(one.files)} files)" if len(one.files) > 1 else ", ".join(one.files)
        known = ", ".join(sorted(set(one.checksums.values()))) or NONE
        given = one.class_name or ("all" if settings.description.kind in ("regression", "unsupervised") else NONE)
        of_rows = [count(facts["read"]), count(facts["written"]), number(facts["weight"] * facts["factor"])]
        rows.append([name, given, files, *of_rows, one.weight or "1", one.selection or NONE, known])
    luminosity = settings.luminosity
    text = "Expected are the sums of weights" + (f" at {luminosity:g} fb⁻¹." if luminosity else ".")
    head = ["Sample", "Class", "Files", "Read", "Selected", "Expected", "Weight", "Selection", "Checksums given"]
    return Table("What it was made from", text, head, rows)


def splits(settings: CardSettings, audit: Mapping[str, Any]) -> Table:
    """Return on how many events it was trained, and what speaks against a leak."""
    rows = []
    for place, fold in enumerate(audit["folds"]):
        for name in fold["train"]:
            numbers = [count(fold[split][name]["entries"]) for split in SPLITS]
            rows.append([f"fold {place}" if len(audit["folds"]) > 1 else "all", name, *numbers])
    text = (
        f"The split follows from {', '.join(settings.description.group)}. Events in two splits: {audit['overlap']}. "
        f"Traps in the features: {_traps(audit)}."
    )
    return Table("Splits and leaks", text, ["Fold", "Sample", *SPLITS.values()], rows)


def _traps(audit: Mapping[str, Any]) -> str:
    found = {key: value for key, value in audit["traps"].items() if value}
    return to_json(found) if found else "none"


def performances(metrics: Mapping[str, Any], model: str) -> list[Table]:
    """Return the performance for the main target, and for each that the model learns beside it."""
    others = [(name, view(metrics, name)) for name in metrics["models"][model].get(KEY, ())]
    beside = [replace(performance(alone, model), title=f"Performance: {name}") for name, alone in others]
    return [performance(metrics, model), *beside]


def performance(metrics: Mapping[str, Any], model: str) -> Table:
    """Return the metrics of each split, with intervals, as the report has them."""
    known, of_model = REPORTED.load(metrics["kind"]), metrics["models"][model]
    cells = {SPLITS[split]: row(of_model[split], known.METRICS) for split in ("test", "validation", "train")}
    head = list(next(iter(cells.values())))
    rows = [[split, *(of_split.get(title, NONE) for title in head)] for split, of_split in cells.items()]
    text = f"In brackets the 68 % interval, from resampling the events. {known.MEANING}"
    return Table("Performance", text, ["Split", *head], rows)


def ranges(settings: CardSettings, quantiles: Mapping[str, Sequence[float]]) -> Table:
    """Return where the inputs lie in the train split: beyond it, the model was never told what is right."""
    units = settings.description.units
    rows = [[name, units.get(name, NONE), *(f"{value:.5g}" for value in values)] for name, values in quantiles.items()]
    head = ["Input", "Unit", "Least", "0.5 %", "Median", "99.5 %", "Greatest"]
    return Table("Inputs as trained", "Of the train split of the first fold, without weights.", head, rows)


def origin(settings: CardSettings, metadata: Sequence[Mapping[str, Any]]) -> Table:
    """Return what it can be told by."""
    known = settings.description.networks
    packages = ", ".join(f"{name} {version}" for name, version in known[0].packages.items())
    rows = [
        ["Specs of the trainings", ", ".join(one.spec for one in known)],
        ["Code", known[0].code],
        ["Packages", packages],
        ["Weights", ", ".join(str(one["weights"]) for one in metadata)],
        ["Times, hosts, devices", ", ".join(settings.provenance)],
    ]
    text = "What made any of these files, and from what, says: snakeroot explain FILE"
    return Table("Where it is from", text, rows=rows)
