"""Templates of small projects, from ntuples to the fit: variations are of the same events, and the same networks."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import projects
import pyarrow.parquet as pq
import pytest
import uproot

EVENTS = 1200
KEY = ["id_run", "id_event", "sample"]

REGIONS = {
    "SR": {"selection": "score > 0.5", "observable": "score", "binning": {"optimised": 3}},
    "CR": {"selection": "score <= 0.5", "observable": "x + y", "binning": [-10, 0, 10], "control": True},
}
SYSTEMATICS = {
    "normalisation": {"samples": ["bkg"], "normalisation": 0.2},
    "pileup": {"up": {"weight": "1 + 0.1 * z"}, "down": {"weight": "1 - 0.1 * z"}},
    "nothing": {"up": {"features": {"x": "x * 1", "y": "y + 0"}}},
    "scale": {"up": {"definitions": {"shifted": "1.2 * x"}}},
    "tree": {"samples": ["sig"], "up": {"tree": "events_up"}},
    "files": {"samples": ["bkg"], "up": {"files": ["ntuples/other/bkg.root"]}},
}
TEMPLATES = {
    "background": ["bkg", "third"],
    "regions": REGIONS,
    "luminosity_uncertainty": 0.02,
}


def task(folds: int) -> dict:
    training = {"max_epochs": 5, "batch_size": 64, "learning_rate": 0.02}
    net = {"architecture": "linear", "replicas": folds, "training": training}
    split = {"folds": 2} if folds > 1 else {"train": 0.4, "validation": 0.3, "test": 0.3}
    systematics = SYSTEMATICS if folds > 1 else {"nothing": SYSTEMATICS["nothing"]}
    changes = {"definitions": {"shifted": "x * 1.0"}, "features": {"x": "shifted", "y": "y"}, "spectators": ["z"]}
    made = projects.task(models={"net": net}, split=split, luminosity=2.0, **changes)
    made["templates"] = {**TEMPLATES, "systematics": systematics}
    made["samples"]["third"] = {"files": ["ntuples/third.root"]}
    return made


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One task without folds, and one with two; the tree and the files of variations have the same events, shifted."""
    folder = projects.create(tmp_path_factory.mktemp("templates") / "project", {"one": task(1), "two": task(2)})
    for name, signal, events, first in (("sig", True, 1, 0), ("bkg_0", False, 2, 0), ("third", False, 1, 10_000)):
        projects.ntuple(folder / f"ntuples/{name}.root", signal, events * EVENTS, first)
    (folder / "ntuples/other").mkdir()
    shutil.copy(folder / "ntuples/bkg_0.root", folder / "ntuples/other/bkg.root")
    columns = uproot.open(folder / "ntuples/sig.root")["events"].arrays(library="np")
    with uproot.update(folder / "ntuples/sig.root") as file:
        file.mktree("events_up", {name: column.dtype for name, column in columns.items()})
        file["events_up"].extend({**columns, "x": 1.5 * columns["x"]})
    wanted = [
        f"results/{name}/{path}"
        for name in ("one", "two")
        for path in ("models/net/templates/fit.json", "plots/fit-templates-net.svg")
    ]
    projects.run(folder, *wanted)
    assert not projects.plan(folder, *wanted)
    return folder / "results"


def histograms(finished: Path, name: str) -> dict[str, tuple]:
    with uproot.open(finished / f"{name}/models/net/templates/templates.root") as file:
        return {key: (file[key].values(), file[key].variances()) for key in file.keys(cycle=False) if "/" in key}


def table(path: Path) -> pd.DataFrame:
    return pq.read_table(path).to_pandas().astype({"sample": str}).sort_values(KEY, ignore_index=True)


@pytest.mark.parametrize("name", ["one", "two"])
def test_a_variation_that_changes_nothing_has_the_histograms_of_no_variation(finished: Path, name: str) -> None:
    found = histograms(finished, name)
    same = [(sample, f"nothing{end}") for sample in ("sig", "bkg", "third") for end in ("Up", "Down")]
    same += [("bkg", f"files{end}") for end in ("Up", "Down")] if name == "two" else []
    for sample, variation in same:
        for region in REGIONS:
            for one, other in zip(found[f"{region}/{sample}"], found[f"{region}/{sample}_{variation}"], strict=True):
                np.testing.assert_allclose(other, one, rtol=1e-10, err_msg=f"{region}/{sample}_{variation}")
    for shifted in ("sig_scaleUp", "sig_treeUp", "bkg_pileupUp") if name == "two" else ():
        assert not np.allclose(found[f"SR/{shifted}"][0], found[f"SR/{shifted.split('_')[0]}"][0], rtol=1e-3)


@pytest.mark.parametrize("name", ["one", "two"])
def test_its_events_are_scored_by_the_networks_that_score_them_without_it(finished: Path, name: str) -> None:
    model = finished / f"{name}/models/net"
    nominal = pd.concat([table(model / f"predictions/{split}.parquet") for split in ("test", "unlabelled")])
    nominal = nominal.sort_values(KEY, ignore_index=True)
    found = {"nothing-up": {"sig", "bkg", "third"}}
    if name == "two":
        found |= {"scale-up": {"sig", "bkg", "third"}, "tree-up": {"sig"}, "files-up": {"bkg"}}
    for variation, samples in found.items():
        rows = table(model / f"variations/{variation}.parquet")
        expected = nominal[nominal["sample"].isin(samples)].reset_index(drop=True)
        pd.testing.assert_frame_equal(rows[[*KEY, "fold", "weight"]], expected[[*KEY, "fold", "weight"]])
        same = np.allclose(rows["score"], expected["score"], rtol=1e-6)  # which rows are beside it moves the last bits
        assert same == (variation in ("files-up", "nothing-up"))


def test_each_yield_is_that_of_the_whole_sample(finished: Path) -> None:
    for name in ("one", "two"):
        facts = json.loads((finished / f"{name}/normalisation.json").read_text())["samples"]
        yields = json.loads((finished / f"{name}/models/net/templates/yields.json").read_text())
        for sample, known in facts.items():
            filled = [region["samples"][sample] for region in yields["regions"].values()]
            total = sum(one["yield"] + one["outside"] for one in filled)
            assert total == pytest.approx(known["weight"] * known["factor"], rel=1e-9)
    shares = yields["samples"]
    assert [shares[sample]["share"] for sample in shares] == pytest.approx([1.0, 1.0, 1.0]), "with folds all are tested"


def test_what_is_not_there_is_one_message(finished: Path) -> None:
    said = projects.snakemake(finished.parent, "-n", "results/two/variations/scal-up/normalisation.json").stdout
    assert "error: two: there is no variation 'scal-up': did you mean 'scale-up'?" in said
