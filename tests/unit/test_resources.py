"""What each job asks a scheduler for, by the names of both plugins, as Snakemake itself plans it."""

from __future__ import annotations

import re
from pathlib import Path

import projects
import pytest
import yaml
from projects import REPOSITORY
from rules import rules
from snakeroot.config.resources import STAGES


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One network and boosted trees; the task has a word of its own about training."""
    net = {"architecture": "mlp", "hidden": [4], "training": {"threads": 2}}
    models = {"net": net, "trees": {"architecture": "gbdt"}}
    resources = {"train": {"memory_MB": 9000}, "evaluate": {"minutes": 5}}
    folder = tmp_path_factory.mktemp("resources") / "project"
    everywhere = {"train": {"memory_MB": 8000, "minutes": 90, "gpu_model": "a100"}, "report": {"disk_MB": 50}}
    projects.create(folder, {"first": projects.task(models=models, resources=resources)}, resources=everywhere, gpus=2)
    projects.ntuple(folder / "ntuples/sig.root", signal=True, events=10)
    projects.ntuple(folder / "ntuples/bkg_0.root", signal=False, events=10)
    return folder


def planned(project: Path, *arguments: str) -> dict[str, dict[str, str]]:
    """Return the resources of the jobs by rule and model, and their threads."""
    jobs = {}
    for block in re.split(r"^(?:local)?rule ", projects.dry_run(project, *arguments), flags=re.MULTILINE)[1:]:
        found = dict(re.findall(r"^    (\w+): (.*)$", block, flags=re.MULTILINE))
        model = re.search(r"model=(\w+)", found.get("wildcards", ""))
        name = " ".join([block.split(":", 1)[0], *([model[1]] if model else [])])
        # the values of require_gpus have commas of their own
        pairs = re.findall(r"(\w+)=(.*?)(?=, \w+=|$)", found["resources"])
        jobs[name] = {**dict(pairs), "threads": found.get("threads", "1")}
    return jobs


# as on a farm: without the profile of this machine, no count of GPUs cuts a request down
FARM = ("--workflow-profile", "none", "--cores", "8")


@pytest.fixture(scope="module")
def jobs(project: Path) -> dict[str, dict[str, str]]:
    return planned(project, *FARM)


def test_both_plugins_find_their_names(jobs: dict[str, dict[str, str]]) -> None:
    train = jobs["train net"]
    slurm = {"mem_mb": "9000", "runtime": "90", "disk_mb": "1000", "gpu": "2", "gpu_model": "a100", "threads": "4"}
    htcondor = {
        "htcondor_request_mem_mb": "9000",
        "allowed_job_duration": "5400",
        "classad_MaxRuntime": "5400",
        "htcondor_request_disk_mb": "1000",
        "request_gpus": "2",
        "require_gpus": 'regexp("a100", DeviceName, "i")',
    }
    assert slurm | htcondor == {key: train.get(key) for key in slurm | htcondor}


def test_the_task_goes_before_the_config_and_that_before_the_defaults(jobs: dict[str, dict[str, str]]) -> None:
    assert (jobs["metrics"]["runtime"], jobs["metrics"]["mem_mb"]) == ("5", "4000")
    assert (jobs["report"]["disk_mb"], jobs["report"]["mem_mb"]) == ("50", "2000")
    assert jobs["features"]["mem_mb"] == "2000"


def test_what_is_fitted_and_what_runs_on_the_cpu_asks_for_no_gpu(
    project: Path, jobs: dict[str, dict[str, str]]
) -> None:
    names = ("request_gpus", "require_gpus", "gpu_model")
    assert jobs["train trees"]["gpu"] == "0"
    assert jobs["predict net"]["gpu"] == "1"
    assert not set(names) & set(jobs["train trees"])
    assert not set(names) & set(jobs["features"])
    on_cpu = planned(project, *FARM, "--config", "accelerator=cpu")["train net"]
    assert on_cpu["gpu"] == "0"
    assert not set(names) & set(on_cpu)


def test_a_training_on_several_machines_asks_for_gpus_of_each(project: Path, jobs: dict[str, dict[str, str]]) -> None:
    """By `gres`: `gpu` is of all machines, and the plugin takes no job that asks for both."""
    assert (jobs["train net"]["nodes"], jobs["train net"]["node_gpus"]) == ("1", "0")
    only = {"tasks", "mpi", "gres", "tasks_per_gpu", "universe", "htcondor_submit_machine_count"}
    assert not only & set(jobs["train net"])
    on_two = planned(project, *FARM, "--config", "nodes=2")
    wanted = {"nodes": "2", "tasks": "2", "mpi": "srun", "gres": "gpu:a100:2", "gpu": "0", "node_gpus": "2"}
    wanted |= {"tasks_per_gpu": "0", "threads": "4", "mem_mb": "9000"}
    wanted |= {"universe": "parallel", "htcondor_submit_machine_count": "2", "request_gpus": "2"}
    assert wanted == {key: on_two["train net"].get(key) for key in wanted}
    assert "gpu_model" not in on_two["train net"]
    assert "nodes" not in on_two["predict net"]
    assert on_two["train trees"]["nodes"] == "1"
    assert not only & set(on_two["train trees"])
    on_cpu = planned(project, *FARM, "--config", "nodes=2", "accelerator=cpu")["train net"]
    assert (on_cpu["tasks"], on_cpu["node_gpus"], on_cpu.get("gres")) == ("2", "0", None)


def test_several_machines_are_refused_before_any_job_where_none_can_be_had(project: Path) -> None:
    refused = projects.snakemake(project, "--cores", "2", "--config", "nodes=2")
    assert refused.returncode == 1
    assert "error: config: nodes: 2: a training on several machines needs SLURM or HTCondor: run" in refused.stdout
    assert "Traceback" not in refused.stdout
    assert not (project / "results").exists()
    assert projects.snakemake(project, "--unlock").returncode == 0
    assert "locked" not in refused.stdout


def test_without_a_scheduler_only_gpus_are_counted(project: Path) -> None:
    with_gpus = planned(project, "--resources", "gpu=1")["train net"]
    assert (with_gpus["gpu"], with_gpus["mem_mb"]) == ("1", "9000")


def test_every_rule_asks_for_resources() -> None:
    for name, rule in rules().items():
        assert {"mem_mb", "disk_mb", "runtime", "htcondor_request_mem_mb"} <= set(rule["resources"]), name
        assert rule["stage"] in STAGES, name


def test_what_a_farm_puts_together_it_does_in_turn() -> None:
    """In both profiles; without the limit on in_turn, Snakemake would ask for the memory of all at once."""
    assert not any(rule["group"] for rule in rules().values()), "on one machine they would garble a dry run"
    found = rules(in_turn=1)
    small = {name: rule["group"] for name, rule in found.items() if "in_turn" in rule["resources"]}
    assert small == {name: rule["group"] for name, rule in found.items() if rule["group"]}
    assert not any(found[name]["local"] for name in small)
    assert {found[name]["stage"] for name, group in small.items() if group == "figures"} == {"evaluate"}
    for name in ("slurm", "htcondor"):
        profile = yaml.safe_load((REPOSITORY / f"profiles/{name}/config.yaml").read_text())
        sizes = dict(word.split("=") for word in profile["group-components"])
        assert set(sizes) == set(small.values())
        for rule, group in small.items():  # SLURM's time limit is the sum; as long as a training's, the profile says
            assert int(sizes[group]) * STAGES[found[rule]["stage"]].minutes <= STAGES["train"].minutes, rule
        assert (profile["resources"], profile["set-resource-scopes"]) == ("in_turn=1", "in_turn=local")


def test_the_example_in_the_config_is_one(tmp_path: Path) -> None:
    text = (REPOSITORY / "config/config.yaml").read_text()
    example = "\n".join(line[2:] for line in text.splitlines() if line.startswith(("# resources:", "#   ")))
    project = projects.create(tmp_path / "project", {"first": projects.task()}, **yaml.safe_load(example))
    projects.ntuple(project / "ntuples/sig.root", signal=True, events=10)
    projects.ntuple(project / "ntuples/bkg_0.root", signal=False, events=10)
    assert planned(project, *FARM)["train net"]["gpu_model"] == "a100"
