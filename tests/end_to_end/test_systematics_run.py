"""Models under systematic variations, from ntuples to the report: of the same events, and by the same networks."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import projects
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import roc_auc_score

SYSTEMATICS = {
    "nothing": {"up": {"features": {"x": "x * 1", "y": "y + 0"}}},
    "norm": {"samples": ["bkg"], "normalisation": 0.2},
    "pileup": {"up": {"weight": "1 + 0.1 * z"}, "down": {"weight": "1 - 0.1 * z"}},
    "scale": {
        "up": {"definitions": {"shifted": "1.2 * x"}},
        "down": {"definitions": {"shifted": "0.8 * x"}},
    },
    "both": {"up": {"definitions": {"shifted": "0.8 * x"}, "weight": "1 + 0.1 * z"}},
}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One task with two folds, without templates; a model with two replicas, and one that is trained on a variation.
    Events move across the selection.
    """
    training = {"max_epochs": 3, "learning_rate": 0.05}
    net = {"architecture": "linear", "replicas": 2, "training": training}
    robust = {"architecture": "linear", "training": {**training, "variations": ["scale"]}}
    task = projects.task(
        models={"net": net, "robust": robust},
        split={"folds": 2},
        luminosity=2.0,
        definitions={"shifted": "x * 1.0"},
        features={"x": "shifted", "y": "y"},
        spectators=["z"],
        selection="shifted > -0.5",
        systematics=SYSTEMATICS,
    )
    folder = projects.create(tmp_path_factory.mktemp("systematics") / "project", {"one": task})
    for name, signal, events in (("sig", True, 1500), ("bkg_0", False, 3000)):
        projects.ntuple(folder / f"ntuples/{name}.root", signal, events)
    wanted = [f"results/one/{name}" for name in ("systematics.json", "plots/variations.svg", "split/audit.json")]
    projects.run(folder, *wanted)
    assert not projects.plan(folder, *wanted)
    return folder / "results/one"


def known(finished: Path) -> tuple[list[dict], dict[tuple[str, str], dict]]:
    """Return the nominal numbers of the model, and its variations."""
    model = json.loads((finished / "systematics.json").read_text())["models"]["net"]
    return model["quantities"], {(one["systematic"], one["direction"]): one for one in model["variations"]}


def number(quantities: list[dict], found: list[dict], name: str, point: float | None = None) -> dict:
    return next(one for of, one in zip(quantities, found, strict=True) if (of["name"], of["point"]) == (name, point))


def test_nominal_numbers_are_those_of_the_metrics(finished: Path) -> None:
    quantities, _ = known(finished)
    metrics = json.loads((finished / "metrics.json").read_text())["models"]["net"]
    test = metrics["ensemble"]["test"]
    for name in ("auc", "significance"):
        assert number(quantities, quantities, name)["value"] == pytest.approx(test[name], rel=1e-9)
    for point in metrics["working_points"]:
        for name in ("signal_efficiency", "background_efficiency"):
            found = number(quantities, quantities, name, point["value"])
            assert found["value"] == pytest.approx(point[name], rel=1e-9)
            half = (point[f"{name}_high"] - point[f"{name}_low"]) / 2
            assert found["error"] == pytest.approx(half, rel=0.7), "of 20 resamplings"


def test_a_variation_that_changes_nothing_moves_nothing(finished: Path) -> None:
    _, variations = known(finished)
    same = variations["nothing", "up"]
    assert same["events"]["gained"] == same["events"]["lost"] == 0
    for found in same["quantities"]:
        assert found["shift"] == pytest.approx(0, abs=1e-4)
        assert found["error"] < 1e-4 * max(1.0, found["value"])


def test_a_yield_moves_the_significance_alone(finished: Path) -> None:
    quantities, variations = known(finished)
    for direction, sign in (("up", -1), ("down", 1)):
        for of, found in zip(quantities, variations["norm", direction]["quantities"], strict=True):
            expected = sign if of["name"] == "significance" else 0
            assert np.sign(round(found["shift"], 9)) == expected


def test_shifts_are_those_of_the_rows_as_they_are_varied(finished: Path) -> None:
    quantities, variations = known(finished)
    columns = ["score", "target", "weight", "id_run", "id_event"]
    nominal, varied = (
        pq.read_table(finished / f"models/net/{name}.parquet", columns=columns).to_pandas()
        for name in ("predictions/test", "variations/scale-up")
    )

    def area(rows: pd.DataFrame) -> float:
        return float(roc_auc_score(rows["target"], rows["score"], sample_weight=rows["weight"]))

    found = variations["scale", "up"]
    shift = number(quantities, found["quantities"], "auc")
    assert shift["shift"] == pytest.approx(area(varied) - area(nominal), rel=1e-9)
    assert 0 < shift["error"] < 0.5 * number(quantities, quantities, "auc")["error"], "of the same events"
    keys = [set(map(tuple, rows[["id_run", "id_event"]].to_numpy().tolist())) for rows in (nominal, varied)]
    lost, gained = (len(one - other) for one, other in (keys, keys[::-1]))
    assert found["events"] == {"kept": len(keys[0] & keys[1]), "gained": gained, "lost": lost}
    assert lost > 0


def test_a_variation_of_rows_and_weights_has_both(finished: Path) -> None:
    quantities, variations = known(finished)
    columns = ["score", "target", "weight", "id_run", "id_event"]
    rows = pq.read_table(finished / "models/net/variations/both-up.parquet", columns=columns).to_pandas()
    files = (finished / "variations/both-up/features").rglob("*.parquet")
    features = pd.concat([pq.read_table(path, columns=["id_run", "id_event", "z"]).to_pandas() for path in files])
    rows = rows.merge(features, on=["id_run", "id_event"], validate="one_to_one")
    weight = rows["weight"] * (1 + 0.1 * rows["z"])
    area = roc_auc_score(rows["target"], rows["score"], sample_weight=weight)
    found = number(quantities, variations["both", "up"]["quantities"], "auc")
    assert found["value"] == pytest.approx(area, rel=1e-7), "z is float32 there, as it is in the file"
    assert variations["both", "up"]["events"]["gained"] > 0
    assert variations["pileup", "up"]["events"] is None, "they are the same"


def test_the_numbers_of_the_figure_are_all_there_are(finished: Path) -> None:
    numbers = pd.read_csv(finished / "plots/variations.csv")
    quantities, variations = known(finished)
    assert len(numbers) == 2 * len(quantities) * len(variations) == 2 * len(quantities) * 8
    assert set(numbers["quantity"]) == {"auc", "signal_efficiency", "background_efficiency", "significance"}


def test_variations_that_are_trained_on_stay_in_the_split_of_their_events(finished: Path) -> None:
    """The audit says so, which would refuse an overlap; here it is counted anew."""
    audit = json.loads((finished / "split/audit.json").read_text())["varied"]
    assert audit["overlap"] == 0

    def identities(folder: Path, split: str) -> list[tuple[int, int]]:
        files = sorted((folder / f"split/fold1/{split}").rglob("*.parquet"))
        rows = pd.concat([pq.read_table(path, columns=["id_run", "id_event"]).to_pandas() for path in files])
        return list(map(tuple, rows.to_numpy().tolist()))

    varied = [finished / f"variations/scale-{direction}" for direction in ("up", "down")]
    trained = {event for folder in varied for event in identities(folder, "train")}
    assert len(trained) == audit["events"][1]
    assert not trained & {event for split in ("validation", "test") for event in identities(finished, split)}
    assert trained > set(identities(finished, "train")), "down, more events pass the selection"
    for fold in "01":
        metadata = json.loads((finished / f"models/robust/fold{fold}-replica0/model.json").read_text())
        assert [one["name"] for one in metadata["mixed"]] == ["scale-down", "scale-up"]
