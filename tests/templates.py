"""Templates of rows that the tests make themselves: predictions, features and totals as earlier stages leave them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import uproot
from helpers import table_of
from snakeroot.data import tables
from snakeroot.data.files import read_json, write_json
from snakeroot.templates.__main__ import templates
from snakeroot.templates.settings import TemplatesSettings

Columns = Mapping[str, Any]
"""Of a sample: `weight`, `score` and features, an array each."""


def settings(**changed: Any) -> TemplatesSettings:
    """Return settings of one region with two samples; regions and uncertainties may leave out what is usual."""
    known: dict[str, Any] = {
        "task": "toy",
        "model": "net",
        "predicted": ["score"],
        "signal": ["sig"],
        "background": ["bkg"],
        "data": None,
        "regions": {"SR": {}},
        "uncertainties": {},
        "luminosity": None,
        "negative_bins": "zero",
        **changed,
    }
    region = {"selection": None, "observable": "score", "binning": [0.0, 0.5, 1.0], "control": False}
    uncertainty = {"samples": ["bkg"], "normalisation": None, "up": None, "down": None}
    shifted = {"weight": None, "own": False}
    known["regions"] = {name: {**region, **one} for name, one in known["regions"].items()}
    for name, one in known["uncertainties"].items():
        filled = {key: {**shifted, **value} if isinstance(value, dict) else value for key, value in one.items()}
        known["uncertainties"] = {**known["uncertainties"], name: {**uncertainty, **filled}}
    return TemplatesSettings.model_validate(known)


def write(folder: Path, samples: Mapping[str, Columns], share: float = 1.0, first: int = 0) -> dict[str, Any]:
    """Write predictions and features of samples, and totals of which they are a share; return the paths.

    Raw weights are half the yields, so that a factor of 2 is needed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows, features, totals = [], [], {}
    for name, columns in samples.items():
        size = len(columns["weight"])
        others = {key: values for key, values in columns.items() if key not in ("weight", "score", "event")}
        identity = columns.get("event", np.arange(first, first + size))
        table = table_of(name, 1, np.asarray(columns["weight"]) / 2, id_event=identity, **others)
        tables.write([table], table.schema, folder / f"{name}.parquet")
        features.append(folder / f"{name}.parquet")
        table = table_of(name, 1, columns["weight"], id_event=identity, score=np.asarray(columns["score"], float))
        rows.append(table.set_column(table.column_names.index("sample"), "sample", table["sample"]))
        total = float(np.sum(columns["weight"])) / 2 / share
        totals[name] = {"weight": total, "factor": 2.0, "read": size, "written": size}
    joined = pa.concat_tables(rows).unify_dictionaries()
    joined = joined.take(np.random.default_rng(1).permutation(joined.num_rows))  # not in the order of the features
    tables.write([joined], joined.schema, folder / "predictions.parquet")
    write_json({"luminosity": None, "samples": totals}, folder / "normalisation.json")
    return {
        "predictions": [folder / "predictions.parquet"],
        "features": features,
        "normalisation": folder / "normalisation.json",
    }


def make(
    folder: Path,
    chosen: TemplatesSettings,
    samples: Mapping[str, Columns],
    *,
    share: float = 1.0,
    validation: Mapping[str, Columns] | None = None,
    varied: Sequence[Mapping[str, Columns]] = (),
    shares: Sequence[float] = (),
) -> dict[str, Any]:
    """Run the stage; return the histograms by name, as (values, variances, edges), and what the JSON files say."""
    nominal = write(folder / "nominal", samples, share)
    on = write(folder / "validation", validation)["predictions"] if validation else []
    own = [
        write(folder / f"varied{number}", one, (*shares, *[share] * len(varied))[number])
        for number, one in enumerate(varied)
    ]
    paths = {key: folder / key for key in ("templates.root", "workspace.json", "yields.json")}
    features = [
        path for one, (_, _, shifted) in zip(own, chosen.own, strict=True) for path in one["features"][: shifted.parts]
    ]
    templates(
        chosen,
        test=nominal["predictions"],
        unlabelled=[],
        validation=on,
        features=nominal["features"],
        unlabelled_features=[],
        normalisation=nominal["normalisation"],
        varied=[path for one in own for path in one["predictions"]],
        varied_features=features,
        varied_normalisations=[one["normalisation"] for one in own],
        histograms=paths["templates.root"],
        workspace_file=paths["workspace.json"],
        yields_file=paths["yields.json"],
    )
    with uproot.open(paths["templates.root"]) as file:
        histograms = {
            name: (one.values(), one.variances(), one.axis().edges())
            for name, one in ((name, file[name]) for name in file.keys(cycle=False))
            if "/" in name
        }
    return {
        "histograms": histograms,
        "workspace": json.loads(paths["workspace.json"].read_text()),
        "yields": read_json(paths["yields.json"]),
    }


def sample(seed: int, size: int, mean: float, weight: float = 1.0) -> dict[str, Any]:
    """Return rows whose scores are around a mean, and whose features say nothing."""
    random = np.random.default_rng(seed)
    return {
        "weight": weight * random.uniform(0.5, 1.5, size),
        "score": np.clip(random.normal(mean, 0.2, size), 0, 1),
        "x": random.normal(0, 1, size).astype(np.float32),
        "n": random.integers(0, 5, size),
    }


SAMPLES = {"sig": sample(1, 400, 0.7), "bkg": sample(2, 900, 0.35, 3.0)}
