"""A resonance of unknown mass on a falling background, of which the best classifier is known: the likelihood ratio."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import uproot
from numpy.typing import NDArray

MASSES = (500.0, 750.0, 1000.0, 1250.0, 1500.0)
"""GeV."""
RESOLUTION, RECOIL = 0.1, 0.2
"""Width of the bump, and mean transverse momentum of the signal, both relative to the mass."""
LOWEST, SLOPE, SOFT = 200.0, 400.0, 100.0
"""GeV: the background's invariant masses begin here and fall with this scale, its transverse momenta with the other."""

Floats = NDArray[np.float64]


def draw(mass: float | None, events: int, seed: int) -> dict[str, Floats]:
    """Return invariant masses `m` and transverse momenta `pt` of signal of a mass, or of background."""
    random = np.random.default_rng([seed, int(mass or 0)])
    if mass is None:
        return {"m": LOWEST + random.exponential(SLOPE, events), "pt": random.exponential(SOFT, events)}
    shape = 3.0
    return {
        "m": random.normal(mass, RESOLUTION * mass, events),
        "pt": random.gamma(shape, RECOIL * mass / shape, events),
    }


def ratio(mass: float, columns: dict[str, Floats]) -> Floats:
    """Return the logarithm of the likelihood ratio of signal of a mass to background, but for a constant."""
    m, pt = columns["m"], columns["pt"]
    width, scale = RESOLUTION * mass, RECOIL * mass / 3.0
    signal = -0.5 * ((m - mass) / width) ** 2 + 2.0 * np.log(pt) - pt / scale
    background = np.where(m < LOWEST, -np.inf, -(m - LOWEST) / SLOPE - pt / SOFT)
    return np.asarray(signal - background)


def best(mass: float, events: int = 200_000) -> float:
    """Return the area under the ROC curve of the likelihood ratio, which no classifier is better than."""
    signal, background = (ratio(mass, draw(one, events, 99)) for one in (mass, None))
    ranks = np.searchsorted(np.sort(background), signal, side="left") + np.searchsorted(
        np.sort(background), signal, "right"
    )
    return float(ranks.mean() / 2 / events)


def ntuples(folder: Path, events: int, background: int, seed: int = 1) -> None:
    """Write `signal_<mass>.root` of each mass, so many events each, and `background.root`; `truth`: the mass, or 0."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, mass in enumerate((*MASSES, None)):
        count = background if mass is None else events
        name = "background" if mass is None else f"signal_{mass:g}"
        columns: dict[str, Any] = {
            "run": np.full(count, number, np.int32),
            "event": np.arange(count, dtype=np.int64),
            "truth": np.full(count, mass or 0.0, np.float32),
            **{key: values.astype(np.float32) for key, values in draw(mass, count, seed).items()},
        }
        with uproot.recreate(folder / f"{name}.root") as file:
            file.mktree("events", {key: values.dtype for key, values in columns.items()})
            file["events"].extend(columns)


def task(**changes: Any) -> dict[str, Any]:
    """A task on these ntuples, one sample for each mass."""
    signal = {
        f"signal_{mass:g}": {
            "class": "signal",
            "files": [f"ntuples/signal_{mass:g}.root"],
            "parameters": {"mass": mass},
        }
        for mass in MASSES
    }
    return {
        "kind": "binary",
        "tree": "events",
        "samples": {**signal, "background": {"class": "background", "files": ["ntuples/background.root"]}},
        "event_id": ["run", "event"],
        "features": {"m": "m", "pt": "pt"},
        "parameters": {"mass": list(MASSES)},
        **changes,
    }
