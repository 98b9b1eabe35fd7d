"""What a user sees of a mistake: one message that names it, an exit code, and nothing half-written."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import projects
import pytest

AUDIT = "results/mine/split/audit.json"


def made(folder: Path, **changes: Any) -> Path:
    projects.create(folder, {"mine": projects.task(**changes)})
    projects.ntuple(folder / "ntuples/sig.root", signal=True, events=300)
    projects.ntuple(folder / "ntuples/bkg_0.root", signal=False, events=300)
    return folder


def refused(folder: Path, *words: str) -> None:
    """Run, and expect one line with all these words, no traceback, and no temporary file."""
    done = projects.snakemake(folder, "--cores", "2")
    assert done.returncode != 0
    lines = done.stdout.splitlines()
    assert [line for line in lines if all(word in line for word in words)], done.stdout
    assert "Traceback" not in done.stdout
    assert not [path for path in (folder / "results").rglob(".*") if path.is_file()]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"selektion": "x > 0"}, ("config/tasks/mine.yaml", "'selektion'", "'selection'")),
        ({"features": {"x": "x.__class__"}}, ("config/tasks/mine.yaml", "features.x", "attributes")),
        ({"features": {"x": "9**9**9"}}, ("features.x", "exponent")),
        ({"features": {"weight": "x"}}, ("'weight'", "every table")),
        ({"samples": {"sig": {"files": ["no.root"], "class": "signal"}}}, ("no sample", "background")),
    ],
)
def test_mistakes_in_the_config_are_found_before_any_job(
    tmp_path: Path, changes: dict[str, Any], words: tuple[str, ...]
) -> None:
    folder = made(tmp_path / "project", **changes)
    refused(folder, *words)
    assert not (folder / "results").exists()


def test_all_mistakes_at_once_each_with_its_line(tmp_path: Path) -> None:
    folder = made(tmp_path / "project", selektion="x > 0", features={"x": "lambda", "y": "hypot(x)"})
    path = folder / "config/tasks/mine.yaml"
    text = path.read_text().splitlines()
    place = {key: next(n for n, line in enumerate(text, 1) if line.strip().startswith(f"{key}: ")) for key in "xy"}
    done = projects.snakemake(folder, "-n")
    assert done.returncode != 0
    found = [line for line in done.stdout.splitlines() if line.startswith("config/")]
    assert [line.split(": ")[:2] for line in found] == [
        [f"config/tasks/mine.yaml:{place['x']}:3", "features.x"],
        [f"config/tasks/mine.yaml:{place['y']}:3", "features.y"],
        [f"config/tasks/mine.yaml:{len(text)}:1", "unknown key 'selektion'"],
    ]
    assert "Traceback" not in done.stdout


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("tasks: [mine]\nsed: 3\n", ("config/config.yaml:2:1: ", "'sed'", "'seed'")),
        ("tasks: " + 20_000 * "[", ("config/config.yaml:1:", "more than 50")),
        ("tasks: [mine]\nseed: " + 5000 * "1", ("config/config.yaml:2:7: ", "more than 64 bits")),
        ("tasks: [mine]\nmax_jobs: 10\n", (" jobs are more than max_jobs, 10", "mine: ")),
    ],
)
def test_a_config_file_is_looked_at_before_snakemake_reads_it(
    tmp_path: Path, text: str, words: tuple[str, ...]
) -> None:
    folder = made(tmp_path / "project")
    (folder / "config/config.yaml").write_text(text)
    refused(folder, *words)


def test_jobs_are_counted_as_they_are_planned(tmp_path: Path) -> None:
    """Parts, folds, replicas, rungs and jobs of several trials, and a sample without a class; generated ones, too."""
    tuning = {
        "rounds": 3,
        "trials_per_round": 5,
        "trials_per_job": 2,
        "pruning": {"name": "successive_halving", "minimum_epochs": 1},
        "training": {"max_epochs": 4},
        "space": {"dropout": {"float": [0.0, 0.5]}},
    }
    net = {"architecture": "mlp", "hidden": [4], "training": {"max_epochs": 2}}
    models = {"net": {**net, "replicas": 2, "tuning": tuning}, "other": net}
    made_here = {"generate": {"process": "vbf_h4mu", "events": 20, "events_per_part": 10}}
    generated = projects.task(
        tree="HZZ4LeptonsAnalysisReduced",
        luminosity=1.0,
        samples={"sig": {**made_here, "class": "signal"}, "bkg": {**made_here, "class": "background"}},
    )
    folder = made(tmp_path / "project", models=models, split={"folds": 2})
    projects.ntuple(folder / "ntuples/bkg_1.root", signal=False, events=10)
    task = projects.task(models=models, split={"folds": 2})
    task["samples"]["data"] = {"files": ["ntuples/sig.root"], "selection": "x > 1"}
    projects.write_yaml(folder / "config/tasks/mine.yaml", task)
    projects.write_yaml(folder / "config/tasks/generated.yaml", generated)
    projects.write_yaml(folder / "config/config.yaml", {"tasks": ["mine", "generated"], "max_jobs": 10})
    [counted] = re.findall(r"(\d+) jobs are more than max_jobs", projects.snakemake(folder, "-n").stdout)
    planned = projects.snakemake(folder, "-n", "--quiet", "rules", "--config", "max_jobs=1000").stdout
    assert set(re.findall(r"^total +(\d+)$", planned, re.MULTILINE)) == {counted}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"features": {"x": "xx"}}, ("ntuples/", "'xx'", "did you mean 'x'")),
        ({"selection": "x > 1000"}, ("no event survives", "loosen the selection")),
        ({"features": {"x": "log(x)"}}, ("ntuples/", "'x'", "NaN", "non_finite: drop")),
        ({"weight": "0 * weight"}, ("total weight of 0",)),
        ({"split": {"train": 0.998, "validation": 0.001, "test": 0.001}}, ("has no event", "larger fraction")),
    ],
)
def test_mistakes_in_the_data_name_the_file_and_the_remedy(
    tmp_path: Path, changes: dict[str, Any], words: tuple[str, ...]
) -> None:
    refused(made(tmp_path / "project", **changes), *words)


def test_damaged_file_is_named_and_the_others_are_kept(tmp_path: Path) -> None:
    folder = made(tmp_path / "project")
    path = folder / "ntuples/bkg_0.root"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    refused(folder, "ntuples/bkg_0.root", "truncated or damaged")
    path.write_bytes(whole)
    left = projects.plan(folder)
    assert (left["features mine bkg"], left["features mine sig"]) == (1, 0)
    projects.run(folder, AUDIT)
    assert not projects.plan(folder, AUDIT)


def test_config_text_never_reaches_a_shell(tmp_path: Path) -> None:
    """Quotes, braces, dollars, backticks and newlines in labels and file names arrive as they are.

    That every rule quotes all that it is given is in tests/unit/test_rules.py.
    """
    hostile = "'; touch PWNED; echo \"\\$(touch PWNED)`touch PWNED` {x} {{y}}\n"
    folder = made(tmp_path / "project", evaluation={"bootstrap": 20, "labels": {"net": hostile}})
    name = "bkg_$(touch PWNED)'`touch PWNED`\".root"
    (folder / "ntuples/bkg_0.root").rename(folder / "ntuples" / name)
    projects.run(folder, "results/mine/plots/history-net.svg")
    assert not list(folder.rglob("PWNED"))


def test_a_misspelt_target_is_one_message_with_what_there_is(tmp_path: Path) -> None:
    folder = made(tmp_path / "project")
    for target, says in {
        "mine/models/nett/fold0-replica0/model.json": "error: mine: there is no model 'nett': did you mean 'net'",
        "mine/models/net/fold0-replica7/predictions/test.parquet": "error: mine: there is no replica '7': Known: 0",
        "mine/features/bkg/bkg_1.parquet": "error: mine: there is no part 'bkg_1': Known: bkg_0-",
        "mine/plots/input-xx.png": "error: mine: there is no figure 'input-xx': did you mean 'input-x'",
        "miner/metrics.json": "error: config/tasks/miner.yaml: no such task file: did you mean 'mine'",
    }.items():
        done = projects.snakemake(folder, "--cores", "1", f"results/{target}")
        assert done.returncode == 1
        assert [line for line in done.stdout.splitlines() if line.startswith(says)], done.stdout
        assert "Traceback" not in done.stdout
        assert "Exception" not in done.stdout
    assert not (folder / "results").exists()
    assert not list((folder / ".snakemake/locks").glob("*"))
