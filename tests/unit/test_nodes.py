"""What srun is told of a training on several machines, and who is refused one."""

from __future__ import annotations

import sys

import pytest
from snakeroot.errors import SnakerootError
from snakeroot.train import nodes
from snakeroot.train.parallel import Meeting


def test_srun_starts_this_command_once_on_each_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["train", "--spec", "{}", "--provenance", "p.json", "--nodes", "3"])
    *options, python, flag, module = nodes.words(3, 4)[:-4]
    assert options[0] == "srun"
    assert {"--nodes=3", "--ntasks=3", "--ntasks-per-node=1", "--cpus-per-task=4"} < set(options)
    assert (python, flag, module) == (sys.executable, "-m", "snakeroot.train")
    assert nodes.words(3, 4)[-4:] == ["--spec", "{}", "--nodes", "3"], "the provenance is of the whole job"


def test_srun_is_told_of_the_job_and_not_of_the_step_that_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    inside = {"SLURM_JOB_ID": "7", "SLURM_NTASKS": "1", "SLURM_CPU_BIND": "none", "SRUN_DEBUG": "3", "HOME": "/h"}
    given = nodes.variables(inside, 2, 12345)
    assert set(given) == {"SLURM_JOB_ID", "HOME", nodes.PLACE}
    assert nodes.meeting() is None
    # what srun adds on the second machine
    for name, value in {**given, nodes.NUMBER: "1", nodes.ADDRESS: "10.0.0.1"}.items():
        monkeypatch.setenv(name, value)
    found = nodes.meeting()
    assert found
    assert found == Meeting(2, 1, "10.0.0.1", 12345, found.run)
    assert found.run != nodes.variables(inside, 2, 12345)[nodes.PLACE].split()[2], "no other training joins this one"


@pytest.mark.parametrize(("job", "missing"), [(None, "SLURM_JOB_ID is not set"), ("7", "srun is not found")])
def test_several_machines_without_slurm_are_refused(
    monkeypatch: pytest.MonkeyPatch, job: str | None, missing: str
) -> None:
    monkeypatch.delenv(nodes.JOB, raising=False)
    if job:
        monkeypatch.setenv(nodes.JOB, job)
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(SnakerootError, match=f"nodes: 2: .* and here {missing}: run "):
        nodes.on_all(2, 1)
