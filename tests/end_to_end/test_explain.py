"""`snakeroot explain` of a finished run, of what was edited since, and of what no run has made."""

from __future__ import annotations

import hashlib
import json
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import projects
import pytest
import yaml
from snakeroot.cli.app import app
from snakeroot.errors import SnakerootError
from typer.testing import CliRunner

MODEL = "results/mine/models/net/fold0-replica0/model.json"
EXPORTED = "results/mine/models/net/model.onnx"
FEATURES = "results/mine/features/sig"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = projects.create(tmp_path_factory.mktemp("explain") / "project", {"mine": projects.task()})
    projects.ntuple(folder / "ntuples/sig.root", signal=True, events=800)
    projects.ntuple(folder / "ntuples/bkg_0.root", signal=False, events=800)
    projects.run(folder)
    return folder


@pytest.fixture
def project(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = Path(shutil.copytree(finished, tmp_path / "project", symlinks=True))
    monkeypatch.chdir(folder)
    return folder


def explain(*words: str) -> str:
    """Return what the command prints; its error is raised."""
    done = CliRunner().invoke(app, ["explain", *words])
    if done.exception:
        raise done.exception
    return done.output


def facts(*words: str) -> Any:
    return json.loads(explain("--json", *words))


def sha256(path: str | Path) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def test_it_says_what_made_a_file_and_makes_it_again(project: Path) -> None:
    said = explain(MODEL)
    assert f"{MODEL}\n  made by rule train (task mine, model net, fold 0, replica 0): python -m snakeroot.train" in said
    assert f"  {sha256('results/mine/scaling/fold0.json')}  results/mine/scaling/fold0.json\n" in said
    assert f"  {sha256(MODEL)}  {MODEL}\n" in said
    assert "  architecture: mlp\n" in said
    assert "\nAs it was made: yes, its bytes have the checksum above\n" in said
    assert "\nWould be made anew by a run now: no: settings, code, packages and inputs are those" in said
    before, made = sha256(MODEL), Path(MODEL).stat().st_ino
    again = said.splitlines()[-1].removeprefix("Make it again: ")
    subprocess.run(shlex.split(again), check=True, capture_output=True)
    assert Path(MODEL).stat().st_ino != made, "it was not made again"
    assert sha256(MODEL) == before


def test_each_job_records_all_that_snakemake_knows_it_reads_and_writes(project: Path) -> None:
    """The chains of the report and of the exported model are the whole run; no job differs from what is planned."""
    chain = [step for end in ("results/report.html", EXPORTED) for step in facts("--all", end)["chain"]]
    assert {step["rule"] for step in chain} >= {"features", "split", "audit", "train", "combine", "roc", "report"}
    for step in chain:
        assert step["as_made"]
        assert step["now"]["made_anew"] is False
        assert step["now"]["differs"] == {"settings": [], "code": False, "modules": [], "packages": [], "inputs": {}}
    read = {name: one["sha256"] for step in chain for name, one in step["inputs"].items()}
    wrote = {name: one["sha256"] for step in chain for name, one in step["outputs"].items()}
    assert all(wrote.get(name, sha256(name)) == digest for name, digest in read.items())
    assert {path for path in map(str, Path("results").rglob("*")) if Path(path).is_file()} == set(wrote)
    assert [sha256(f"ntuples/{name}.root") in read.values() for name in ("sig", "bkg_0")] == [True, True]


def in_task(change: Callable[[dict[str, Any]], None]) -> None:
    path = Path("config/tasks/mine.yaml")
    task = yaml.safe_load(path.read_text())
    change(task)
    projects.write_yaml(path, task)


def test_changed_settings_are_named_by_their_keys(project: Path) -> None:
    in_task(lambda task: task["models"]["net"]["training"].update(max_epochs=3, learning_rate=0.01))
    assert "now: yes\n  settings: training.learning_rate 0.001 → 0.01, training.max_epochs 2 → 3\n" in explain(MODEL)
    before = explain("results/mine/plots/roc.png").partition("Would be made anew by a run now: ")[2]
    assert before.startswith(
        "yes\n  before it, results/mine/models/net/fold0-replica0/model.safetensors (rule train): settin"
    )
    found = facts("results/mine/scaling/fold0.json")
    assert found["now"]["made_anew"] is False


def test_changed_code_packages_and_inputs_are_named(project: Path) -> None:
    code = project / "workflow/snakeroot/train/loop.py"
    code.write_text(code.read_text().replace("if value < state.best_value", "if value <= state.best_value"))
    with (project / "workflow/snakeroot/train/loop.py").open("a") as file:
        file.write("# and a comment\n")
    found = facts(MODEL)["now"]
    assert found["reasons"] == ["params have changed since last execution"]
    assert found["differs"]["modules"] == ["snakeroot.train.loop"]
    projects.ntuple(project / "ntuples/sig.root", signal=True, events=700)
    [features] = Path(FEATURES).glob("*.parquet")
    assert "now: yes\n  inputs: ntuples/sig.root (changed)\n" in explain(str(features))
    assert "CHANGED since" in explain("ntuples/sig.root")
    record = project / f"provenance/{features.relative_to('results')}.json"
    _edit(
        record, lambda facts: facts["command"].__setitem__(2, facts["command"][2].replace('"uproot":"', '"uproot":"0.'))
    )
    assert "  packages: uproot 0." in explain(str(features))


def _edit(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change a record as another version would have written it."""
    from snakeroot.data.files import read_json, write_json  # noqa: PLC0415

    known = read_json(path)
    change(known)
    write_json(known, path)


def test_a_file_that_was_edited_is_not_as_it_was_made(project: Path) -> None:
    with Path("results/mine/plots/roc.csv").open("a") as file:
        file.write("1,2,3\n")
    said = explain("./results/mine/plots/roc.csv")
    assert "As it was made: no: results/mine/plots/roc.csv is changed: it was edited, damaged or removed after" in said
    assert "As it was made: yes" in explain(str(project / "results/mine/plots/roc.svg"))


def test_what_the_config_no_longer_has_is_known_by_its_record(project: Path) -> None:
    in_task(lambda task: task["models"].update(other=task["models"].pop("net")))
    said = explain(MODEL)
    assert "made by python -m snakeroot.train\n" in said
    assert "now: it cannot be said, as nothing can be planned: mine: there is no model 'net'" in said
    assert "Make it again" not in said
    Path("config/tasks/mine.yaml").write_text("kind: [")
    assert "nothing can be planned: config/tasks/mine.yaml:1:" in explain(MODEL)


@pytest.mark.parametrize(
    ("file", "error"),
    [
        ("nothing.txt", "nothing.txt: there is no such file, and no rule that makes it"),
        ("config/config.yaml", "config/config.yaml: no rule makes it, and no job has read it"),
        ("results/mine", "results/mine: is a folder: name a file in it"),
        ("logs/mine/scaling/fold0.json.log", "is no result, but lies beside one; it belongs to results/mine/scaling"),
        ("results/mine/models/nut/fold0-replica0/model.json", "mine: there is no model 'nut': did you mean 'net'"),
        (MODEL, f"{MODEL}: is not there yet: rule train makes it: snakeroot run {MODEL}"),
        ("results/mine/metrics.json", "rule metrics makes it, but its record provenance/mine/metrics.json.json is not"),
        ("results/report.html", r"provenance/report.html.json: it was written by an older version, without checksums"),
    ],
)
def test_what_cannot_be_explained_is_one_message(project: Path, file: str, error: str) -> None:
    Path(MODEL).unlink()
    (project / "provenance/mine/metrics.json.json").unlink()
    _edit(project / "provenance/report.html.json", lambda facts: facts.pop("outputs"))
    with pytest.raises(SnakerootError, match=error):
        explain(file)
