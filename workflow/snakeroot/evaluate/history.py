"""`python -m snakeroot.evaluate.history`: how the training of a model went, epoch by epoch."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullLocator

from snakeroot import plotting, tables
from snakeroot.command import main
from snakeroot.evaluate.settings import History
from snakeroot.files import read_json

QUANTITIES = {"loss": "Loss", "accuracy": "Accuracy", "auc": "AUC"}
LOOKS: dict[str, dict[str, Any]] = {
    "train": {"color": "#3f90da", "linestyle": "--"},
    "validation": {"color": "#bd1f01", "linestyle": "-"},
}


def make(
    settings: History,
    history: Annotated[Path, "loss, accuracy and AUC of each epoch (Parquet)"],
    facts: Annotated[Path, "what is known of the model (model.json)"],
    figure: Annotated[Path, "the figure to be written (.svg; .png, .pdf and .csv beside it)"],
) -> None:
    """Draw loss, accuracy and AUC on train and validation split against the epoch, with the best epoch marked."""
    stem = plotting.stem(figure)
    epochs = tables.read(history).to_pandas()
    with plotting.style():
        drawn = draw(settings, epochs, read_json(facts)["best_epoch"])
    plotting.save(drawn, stem, epochs)


def draw(settings: History, epochs: pd.DataFrame, best: int) -> Figure:
    """Return the figure: one panel for each quantity, in one legend."""
    figure, panels = plotting.panels(
        1, 1, 1, size=(plotting.WIDTH, 6.4), luminosity=settings.luminosity, energy=settings.energy
    )
    # A few epochs are too few for a line alone.
    marker = "o" if len(epochs) <= 20 else ""
    for axes, (quantity, label) in zip(panels, QUANTITIES.items(), strict=True):
        for split, look in LOOKS.items():
            axes.plot(epochs["epoch"], epochs[f"{split}_{quantity}"], label=split, marker=marker, markersize=3, **look)
        axes.axvline(best, color="#717581", linestyle=":", linewidth=1.2, label=f"best epoch: {best}")
        axes.set_ylabel(label)
        axes.margins(y=0.12)
    panels[-1].set(xlabel="Epoch", xlim=(0.5, epochs["epoch"].max() + 0.5))
    panels[-1].xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    panels[-1].xaxis.set_minor_locator(NullLocator())
    title = plotting.checked(settings.model.label, f"evaluation.labels.{settings.model.name}")
    plotting.headroom(panels[0], 0.3)
    panels[0].legend(loc="upper center", ncols=3, title=title, frameon=True, framealpha=1, edgecolor="none")
    return figure


if __name__ == "__main__":
    main(make)
