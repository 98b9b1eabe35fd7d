"""`python -m snakeroot.features.normalise`: what a unit of each sample's weight stands for.

A file of its own, so that another part of a sample changes one small file and leaves the old parts alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from snakeroot.data.files import read_json, write_json
from snakeroot.errors import SnakerootError
from snakeroot.features.cut_flow import READ, WRITTEN, Step
from snakeroot.features.settings import Normalisation, NormaliseSettings
from snakeroot.jobs.command import main

FEMTOBARN = 1000.0
"""fb in a pb."""


def normalise(
    settings: NormaliseSettings,
    cut_flows: Annotated[list[Path], "cut flows of all parts of all samples"],
    normalisation: Annotated[Path, "JSON file to write: per sample the factor from raw weights to yields"],
) -> None:
    """Sum the parts of each sample and find its factor from raw weights to yields at the luminosity."""
    parts: dict[str, list[dict[str, Any]]] = {name: [] for name in settings.samples}
    for path in cut_flows:
        record = read_json(path)
        parts[record["sample"]].append(record)
    samples = {name: summary(name, settings.samples[name], parts[name], settings.luminosity) for name in parts}
    write_json({"luminosity": settings.luminosity, "samples": samples}, normalisation)


def summary(
    name: str, known: Normalisation, parts: Sequence[dict[str, Any]], luminosity: float | None
) -> dict[str, float | int | None]:
    """Return entries read, rows written, weights and the factor of one sample, summed over its parts.

    The factor is cross-section × luminosity / events generated. Parts are samples of the same process: the events
    generated add up, the cross-section is the mean of the parts' estimates. Without a cross-section the weights are
    taken to be yields already, and the factor is 1.

    Args:
        luminosity: in fb^-1; cross-sections are in pb.

    Raises:
        SnakerootError: if no event is left, or no weight.
    """
    steps: dict[str, Step] = {}
    for part in parts:
        for counted in part["steps"]:
            before = steps.get(counted["step"], Step())
            added = (total + counted[key] for key, total in before._asdict().items())
            steps[counted["step"]] = Step(*added)
    _, written, weight = steps[WRITTEN]
    if written == 0:
        flow = ", ".join(f"{step}: {left.rows}" for step, left in steps.items())
        raise SnakerootError(f"sample {name!r}: no event survives ({flow}); loosen the selection or add files")
    if weight == 0.0:
        raise SnakerootError(f"sample {name!r}: its {written} events have a total weight of 0; is 'weight' right?")
    simulated = [part["simulated"] for part in parts if part["simulated"]]
    generated, cross_section = known.generated, known.cross_section
    if simulated:
        generated = sum(part["generated"] for part in simulated)
        cross_section = sum(part["cross_section_pb"] * part["generated"] for part in simulated) / generated
    factor = 1.0
    if cross_section and generated and luminosity:
        factor = cross_section * FEMTOBARN * luminosity / generated
    return {
        "parts": len(parts),
        "read": steps[READ].entries,
        "written": written,
        "weight": weight,
        "generated": generated,
        "cross_section_pb": cross_section,
        "factor": factor,
    }


if __name__ == "__main__":
    main(normalise)
