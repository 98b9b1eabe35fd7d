"""Machines of one job of HTCondor: all but the first wait for it to say what to run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from snakeroot.jobs import machines

WAITS = "from snakeroot.jobs import machines; machines.follow_first(); print('on its own')"


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment of a job on two machines, of which this process is on the first."""
    (tmp_path / "job.ad").write_text('Cmd = "python"\nClusterId = 12\nJobCurrentStartDate = 1796109934\nNode = 0\n')
    (tmp_path / "machine.ad").write_text('MyAddress = "<10.0.0.7:9618?addrs=10.0.0.7-9618&alias=vm>"\nName = "slot1"\n')
    paths = {machines.JOB: str(tmp_path / "job.ad"), machines.MACHINE: str(tmp_path / "machine.ad")}
    known = {**paths, machines.NUMBER: "0", machines.COUNT: "2"}
    for name, value in known.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def test_the_other_machine_runs_what_the_first_says(job: dict[str, str], tmp_path: Path) -> None:
    command = [sys.executable, "-c", WAITS]
    second = subprocess.Popen(command, env=job | {machines.NUMBER: "1", "OWN": "kept"}, stdout=subprocess.PIPE)
    try:
        assert machines.address() == "10.0.0.7"
        machines.tell(["/bin/sh", "-c", "echo $OWN $GIVEN; echo an error >&2; exit 3"], {"GIVEN": "and given"})
        assert second.communicate(timeout=60) == (b"", None)
        assert second.returncode == 3
    finally:
        second.kill()
    assert machines.said() == "kept and given\nan error\n"
    machines.forget()
    assert list((tmp_path / machines.FOLDER).iterdir()) == []


@pytest.mark.parametrize("number", ["0", None])
def test_the_first_machine_and_any_other_job_go_on(job: dict[str, str], number: str | None) -> None:
    job = job if number else {name: value for name, value in job.items() if name != machines.COUNT}
    done = subprocess.run([sys.executable, "-c", WAITS], env=job, check=True, capture_output=True, text=True)
    assert done.stdout == "on its own\n"
