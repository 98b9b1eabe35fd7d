"""Several collections of a jet in one network: the task of docs/models.md, on jets of which each tells a part."""

from __future__ import annotations

import re
from pathlib import Path

import awkward as ak
import helpers
import networks
import numpy as np
import torch
from numpy.typing import NDArray
from snakeroot.config.models import architecture_settings, inputs_of
from snakeroot.config.read import TaskFile, read_task
from snakeroot.data import tables
from snakeroot.features.__main__ import features
from snakeroot.networks.inputs import places
from snakeroot.networks.rows import matrix
from snakeroot.plan.features import read
from torch import Tensor

REPOSITORY = Path(__file__).parents[2]
COLLECTIONS = {
    "charged": (6, "pt", "distance", "sip"),
    "neutral": (4, "pt", "distance"),
    "vertex": (1, "mass", "tracks"),
}
TOLD = ("charged_sip", "neutral_distance", "vertex_mass", "jet_eta")
"""What tells the classes apart, each a little: one branch of each collection, and one of the jet."""


def task(folder: Path) -> TaskFile:
    """Return the example, as a user would take it."""
    text = (REPOSITORY / "docs/models.md").read_text()
    [example] = [block for block in re.findall(r"```yaml\n(.*?)```", text, flags=re.DOTALL) if "deepjet:" in block]
    (folder / "jets.yaml").write_text(example)
    return read_task("jets", folder)


def branches(jets: int, shift: float, random: np.random.Generator) -> dict[str, ak.Array]:
    """Return jets of one class, with as many objects of each collection as come."""
    event = np.arange(jets)
    found = {"run": ak.Array(np.ones(jets, np.int32)), "event": ak.Array(event), "jet": ak.Array(np.zeros(jets, int))}
    found["jet_pt"] = ak.Array(random.exponential(30, jets) + 20)
    found["jet_eta"] = ak.Array(random.normal(shift, 1, jets))
    for collection, (mean, *columns) in COLLECTIONS.items():
        counts = random.poisson(mean, jets)
        for column in columns:
            told = f"{collection}_{column}" in TOLD
            values = random.normal(shift * told / mean**0.5, 1, counts.sum())
            found[f"{collection}_{column}"] = ak.unflatten(
                ak.Array(np.exp(values) if column == "pt" else values), counts
            )
    significance = ak.Array(random.exponential(3, int(ak.count(found["vertex_mass"]))) + 1)
    found["vertex_significance"] = ak.unflatten(significance, ak.num(found["vertex_mass"]))
    return found


def rows(known: TaskFile, folder: Path) -> tuple[NDArray[np.float32], Tensor]:
    """Return the network's rows by the stage of features, and their classes, shuffled."""
    random, made = np.random.default_rng(1), []
    for number, name in enumerate(known.task.samples):
        ntuple = folder / f"{name}.root"
        helpers.write_ntuple(ntuple, branches(300, number - 1.0, random))
        settings = read(known.task, name, "part", str(ntuple), None, 1).model_copy(update={"tree": "events"})
        features(settings, [ntuple], [], folder / f"{name}.parquet", folder / f"{name}.json")
        made.append(tables.read(folder / f"{name}.parquet"))
    inputs = inputs_of(known.models["deepjet"], known.task)
    order = random.permutation(900)
    values = np.concatenate([matrix(table, inputs) for table in made])[order]
    classes = np.concatenate([np.asarray(table["target"]) for table in made])[order]
    return values, torch.from_numpy(classes.astype(np.int64))


def test_each_collection_and_the_features_of_the_jet_count(tmp_path: Path) -> None:
    known = task(tmp_path)
    values, target = rows(known, tmp_path)
    model = known.models["deepjet"]
    inputs = inputs_of(model, known.task)
    assert [one.name for one in inputs] == model.inputs
    assert [one.positions for one in inputs[:3]] == [[25], [25], [4]]
    with networks.as_in_jobs():
        module = networks.make(model.architecture, inputs, 3, **architecture_settings(model))
        assert [encoder.phi[0].in_features for encoder in module.encoders] == [3, 2, 3]
        optimizer, given = torch.optim.Adam(module.parameters(), lr=3e-3), torch.from_numpy(values)
        for _ in range(12):
            for some in torch.randperm(600).split(50):
                optimizer.zero_grad()
                torch.nn.functional.cross_entropy(module(given[some]), target[some]).backward()
                optimizer.step()
    module.eval()

    def loss(rows: Tensor) -> float:
        with torch.no_grad():
            return float(torch.nn.functional.cross_entropy(module(rows), target[600:]))

    tested = given[600:]
    best = loss(tested)
    assert best < 0.6
    for place, one in zip(places(inputs), inputs, strict=True):
        if one.name not in ("log_pt", "number_of_vertices"):  # they are alike in all classes
            without = tested.clone()
            without[:, place] = 0
            assert loss(without) > best + 0.03, one.name
