"""A network that begins with one of another task, and the audit of what that has seen."""

from __future__ import annotations

from pathlib import Path

import projects
from safetensors.numpy import load_file
from snakeroot.data.files import read_json

MODEL = "results/fine/models/net"


def test_a_network_of_another_task_is_trained_first_and_what_it_has_seen_is_audited(tmp_path: Path) -> None:
    """The other task is only referred to. With another seed of the split, its events are in this test split."""
    initial = {"model": "broad/net", "freeze": ["layers.0.*"], "learning_rate": 1.0e-4}
    training = {"max_epochs": 2}
    fine = projects.task(models={"net": {"architecture": "mlp", "hidden": [4, 3], "training": training}})
    fine["models"]["net"]["initial"] = initial
    folder = projects.create(tmp_path / "project", {"fine": fine})
    projects.write_yaml(folder / "config/tasks/broad.yaml", projects.task())  # hidden: [4]
    projects.ntuple(folder / "ntuples/sig.root", signal=True, events=600)
    projects.ntuple(folder / "ntuples/bkg_0.root", signal=False, events=600)
    projects.run(folder, f"{MODEL}/card.md")

    weights = [
        load_file(folder / f"results/{task}/models/net/fold0-replica0/model.safetensors") for task in ("broad", "fine")
    ]
    assert (weights[0]["layers.0.weight"] == weights[1]["layers.0.weight"]).all()
    known = read_json(folder / f"{MODEL}/fold0-replica0/model.json")["initial"]
    assert known["weights"] == read_json(folder / "results/broad/models/net/fold0-replica0/model.json")["weights"]
    assert known["new"] == ["layers.2.weight", "layers.2.bias", "layers.4.weight", "layers.4.bias"]
    assert not (folder / "results/broad/metrics.json").exists()
    [fold] = read_json(folder / f"{MODEL}/ancestry.json")["folds"]
    assert [one["shared"] for one in fold["ancestors"]] == [0]
    assert "broad/net/fold0-replica0" in (folder / f"{MODEL}/card.md").read_text()
    record = read_json(folder / "provenance/fine/models/net/fold0-replica0/model.json.json")
    assert "results/broad/models/net/fold0-replica0/model.safetensors" in str(record["inputs"])

    projects.write_yaml(folder / "config/tasks/fine.yaml", fine | {"split": {"seed": 5}})
    said = projects.snakemake(folder, "--cores", "2", "--keep-going", f"{MODEL}/predictions/test.parquet")
    assert said.returncode
    log = (folder / "logs/fine/models/net/ancestry.json.log").read_text()
    assert "events of the test split of fold 0 have trained broad/net/fold0: what is tested was learned from" in log
