"""Ntuples of a user's own: a task file, no code. CMS Open Data of 2012, H → ZZ → 2μ2e against ZZ → 2μ2e."""

from __future__ import annotations

import json
from pathlib import Path

import projects
from data import real_file

FEATURES = ("Z1_mass", "Z2_mass", "theta_star", "theta1", "theta2", "Phi", "Phi1")
"""What boosted trees reach 0.965 with; the mass of the Higgs boson would make it too easy (0.994)."""

IDENTITY = (*FEATURES, "Higgs_mass", "Higgs_pt", "Z1_pt", "Z2_pt")


def test_open_data_reaches_its_auc(tmp_path: Path) -> None:
    higgs = real_file("real/cms8tev_SMHiggsToZZTo4LTwoMuonsTwoElectronsSkim.root")
    zz = real_file("real/cms8tev_ZZTo2e2muTwoMuonsTwoElectronsSkim.root")
    task = {
        "kind": "binary",
        "tree": "Events",
        "samples": {
            "higgs": {
                "files": [str(higgs)],
                "class": "signal",
            },
            "zz": {
                "files": [str(zz)],
                "class": "background",
            },
        },
        # no event number in these files; run and Weight tell the samples apart, so they are no features
        "event_id": list(IDENTITY),
        "weight": "Weight",
        "luminosity": 11.58,
        "energy": 8.0,
        "features": {name: name for name in FEATURES},
        "models": {
            "mlp": {
                "architecture": "mlp",
                "hidden": [64, 64],
                "training": {"learning_rate": 2e-3, "batch_size": 512, "max_epochs": 60, "patience": 10},
            }
        },
    }
    folder = projects.create(tmp_path / "project", {"open-data": task})
    wanted = [f"results/open-data/{file}" for file in ("metrics.json", "split/audit.json")]
    projects.run(folder, *wanted)
    metrics = json.loads((folder / "results/open-data/metrics.json").read_text())
    audit = json.loads((folder / "results/open-data/split/audit.json").read_text())
    assert metrics["models"]["mlp"]["test"]["auc"] >= 0.96
    assert audit["overlap"] == 0
    assert sum(content["higgs"]["entries"] for content in audit["folds"][0].values()) == 11_620
    assert sum(content["zz"]["entries"] for content in audit["folds"][0].values()) == 49_356
    assert not projects.plan(folder, *wanted)
