"""`python -m snakeroot.reweight`: the train split of one fold to factors on the weights of its events."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated, Any

import numpy as np

from snakeroot.data import tables
from snakeroot.data.factors import Grid, check_number
from snakeroot.data.files import write_json
from snakeroot.jobs.command import main
from snakeroot.networks.rows import numbers, yields
from snakeroot.reweight.fit import Sums, fit
from snakeroot.reweight.settings import ReweightSettings, edges


def reweight(
    settings: ReweightSettings,
    train: Annotated[list[Path], "Parquet files of the train split"],
    normalisation: Annotated[Path, "JSON with the factor of each sample"],
    factors: Annotated[Path, "JSON file to write: edges, contents and factors of each class"],
) -> None:
    """Fit the factors, with event weights, one part at a time.

    Raises:
        SnakerootError: if a variable holds no numbers, or a class has nothing to be scaled.
    """
    wanted = settings.reweighting
    grid = Grid({name: edges(bins) for name, bins in wanted.variables.items()})
    sums = Sums.none(len(settings.classes), grid.cells)
    for path in train:
        schema = tables.open_parquet(path).schema_arrow
        for name in grid.edges:
            check_number(name, schema.field(name).type, path, "reweighting")
        table = tables.read(path, ["sample", "target", "weight", *grid.edges])
        if table.num_rows:
            columns = [numbers(table[name]) for name in grid.edges]
            sums.add(grid, numbers(table["target"]), yields(table, normalisation), columns)
    classes = fit(sums, grid, settings.classes, wanted)
    for name, one in classes.items():
        tell(name, one)
    variables = [{"name": name, "edges": values} for name, values in grid.edges.items()]
    write_json({"to": wanted.to, "limits": wanted.limits, "variables": variables, "classes": classes}, factors)


def tell(name: str, one: dict[str, Any]) -> None:
    """Log what the factors of a class are and cost."""
    found = np.ravel(one["factors"])
    before, after = one["effective"]["before"], one["effective"]["after"]
    logging.info(
        "%s: factors from %.3g to %.3g in %d cells, %d of them at a limit and %d without events; "
        "effective number of events %.0f, before %.0f",
        *(name, found.min(), found.max(), len(found), np.count_nonzero(one["limited"]), one["unusable"]),
        *(after, before),
    )
    if after < before / 10:
        logging.warning("%s: its weights now are as good as a tenth of its events, or less: lower limits[1]", name)


if __name__ == "__main__":
    main(reweight)
