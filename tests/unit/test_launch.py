"""`snakeroot run` beside other runs: what a killed run leaves is cleared, what another one holds is left alone."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import pytest
from snakeroot.jobs import launch as module

WAITING = """
rule all:
    input: "out.txt"

rule wait:
    output: "out.txt"
    shell: "trap 'sleep 1; touch tidied; exit 1' INT; touch started;"
        " while [ ! -e go ]; do sleep 0.1; done; touch {output}"
"""
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


@pytest.fixture
def folder(tmp_path):
    """A folder with a workflow of one job, which waits for the file `go`; no job outlives the test."""
    (tmp_path / "Snakefile").write_text(WAITING)
    yield tmp_path
    (tmp_path / "go").touch()


def begin(folder: Path, *command: str) -> subprocess.Popen[bytes]:
    """Start a command as a terminal would, in its own group; return when its job is at work."""
    arguments = [sys.executable, "-m", *command, "--cores", "1", "--rerun-incomplete"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            arguments,
            cwd=folder,
            env=ENVIRONMENT,
            start_new_session=True,
            stdout=log,
            stderr=log,
            # what runs in the background of a script, as these tests may, ignores it
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no threads here
        )
    until(lambda: (folder / "started").exists() or process.poll() is not None)
    assert process.poll() is None, (folder / "log").read_text()
    (folder / "started").unlink()
    return process


def until(condition) -> None:
    """Wait for a condition, at most a minute."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def launch(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Launch to the end."""
    command = [sys.executable, "-m", "snakeroot.cli", "run", "--cores", "1", "--rerun-incomplete", *arguments]
    return subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, timeout=60, check=False)


def again(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Launch to the end, the job no longer waiting."""
    (folder / "go").touch()
    return launch(folder, *arguments)


def noted(folder: Path) -> bool:
    """Whether the run in progress has noted Snakemake's locks, which it does a moment after they are there."""
    text = (folder / ".snakemake/make-run.lock").read_text()
    return bool(text) and sorted(json.loads(text)["locks"]) == locks(folder) != []


def killed(folder: Path) -> None:
    """Start a run and kill it, with Snakemake, when its locks are there."""
    run = begin(folder, "snakeroot.cli", "run")
    until(lambda: noted(folder))
    os.killpg(run.pid, signal.SIGKILL)
    run.wait(60)
    assert locks(folder)


def locks(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / ".snakemake/locks").glob("*"))


def test_a_killed_run_leaves_a_lock_that_the_next_clears(folder):
    killed(folder)
    found = again(folder)
    assert found.returncode == 0, found.stderr
    assert "the last run was killed: removing its lock" in found.stderr
    assert (folder / "out.txt").exists()


def test_a_second_run_beside_another_is_refused_and_harms_nothing(folder):
    run = begin(folder, "snakeroot.cli", "run")
    second = launch(folder)
    assert second.returncode == 1
    said = f"error: another run is at work in this folder (process {run.pid} on {socket.gethostname()}, since 20"
    assert second.stderr.startswith(said)
    assert locks(folder)
    (folder / "go").touch()
    assert run.wait(60) == 0


def test_when_only_the_launcher_dies_snakemake_keeps_its_folder(folder):
    run = begin(folder, "snakeroot.cli", "run")
    os.kill(run.pid, signal.SIGKILL)
    run.wait(60)
    assert launch(folder).stderr.startswith("error: another run is at work")
    (folder / "go").touch()
    until(lambda: again(folder).returncode == 0)
    assert (folder / "out.txt").exists()


def test_a_lock_of_a_run_by_hand_is_left_alone(folder):
    run = begin(folder, "snakemake")
    os.killpg(run.pid, signal.SIGKILL)
    run.wait(60)
    found = again(folder)
    assert found.returncode == 1
    assert "Directory cannot be locked" in found.stderr
    assert locks(folder)
    assert again(folder).returncode == 1  # nor by the next


@pytest.mark.parametrize("alive", [True, False])
def test_a_lock_made_by_hand_after_a_killed_run_is_left_alone(folder, alive):
    """Kill a run, unlock by hand, start Snakemake: its lock has the name of the stale one."""
    killed(folder)
    subprocess.run([sys.executable, "-m", "snakemake", "--unlock"], cwd=folder, env=ENVIRONMENT, check=True)
    run = begin(folder, "snakemake")
    until(lambda: len(locks(folder)) > 0)
    if alive:
        found = launch(folder)
        assert found.stderr == (
            f"error: another Snakemake is at work in this folder (process {run.pid}); wait for its end\n"
        )
        assert locks(folder)
        (folder / "go").touch()
        assert run.wait(60) == 0
        assert launch(folder).returncode == 0
    else:
        os.killpg(run.pid, signal.SIGKILL)
        run.wait(60)
        found = again(folder)
        assert "Directory cannot be locked" in found.stderr
        assert "was killed" not in found.stderr
        assert locks(folder)


def test_a_snakemake_in_another_folder_is_none_of_ours(folder, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    shutil.copy(folder / "Snakefile", other)
    run = begin(other, "snakemake")
    assert again(folder).returncode == 0
    (other / "go").touch()
    assert run.wait(60) == 0


def test_ctrl_c_waits_for_snakemake_to_end_its_jobs(folder):
    run = begin(folder, "snakeroot.cli", "run")
    os.killpg(run.pid, signal.SIGINT)
    assert run.wait(60) == 1
    assert (folder / "tidied").exists()
    assert not locks(folder)


def test_a_snakemake_killed_below_its_launcher_leaves_a_lock_that_the_next_clears(folder):
    run = begin(folder, "snakeroot.cli", "run")
    until(lambda: noted(folder))
    [child] = Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text().split()
    os.kill(int(child), signal.SIGKILL)
    run.wait(60)
    assert run.returncode == 128 + signal.SIGKILL
    assert again(folder).returncode == 0


def test_a_run_on_another_host_is_not_taken_for_dead_until_somebody_says_so(folder):
    killed(folder)
    lock = folder / ".snakemake/make-run.lock"
    lock.write_text(json.dumps({**json.loads(lock.read_text()), "host": "elsewhere"}))
    before = locks(folder)
    for _ in range(2):
        found = again(folder)
        assert found.returncode == 1
        assert found.stderr.count("\n") == 1
        assert "on elsewhere, since 20" in found.stderr
        assert found.stderr.endswith("and if it does not: snakeroot run --unlock, and run again\n")
        assert locks(folder) == before
    assert again(folder, "--unlock").returncode == 0
    found = again(folder)
    assert found.returncode == 0, found.stderr
    assert (folder / "out.txt").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="what tells processes apart is read from /proc")
@pytest.mark.parametrize("state", ["lives", "ended", "another of the same id"])
def test_on_a_file_system_without_locks_the_process_itself_is_looked_for(folder, monkeypatch, state):
    """The kernel's answer there is put in place of its lock."""

    def flock(*_):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.chdir(folder)
    monkeypatch.setattr(fcntl, "flock", flock)
    with subprocess.Popen(["sleep", "60"]) as other:
        start = module.started(other.pid)
        if state == "ended":
            other.kill()
            other.wait()
        run = module.Run(socket.gethostname(), other.pid, start if state != "another of the same id" else "1", "now")
        module.LOCK.parent.mkdir()
        module.LOCK.write_text(json.dumps(asdict(run)))
        if state == "lives":
            with pytest.raises(SystemExit, match=f"another run is at work in this folder .process {other.pid} on"):
                module.launch(["--version"])
        else:
            assert module.launch(["--version"]) == 0
        other.kill()


def test_a_process_is_told_from_others_of_its_id_and_from_a_dead_one():
    with subprocess.Popen(["sleep", "60"]) as other:
        start = module.started(other.pid)
        assert start
        assert start == module.started(other.pid)
        assert start != module.started(os.getpid())
        other.kill()
        until(lambda: not module.started(other.pid))  # not waited for yet
    assert not module.started(other.pid)


def test_where_there_can_be_no_lock_it_is_one_message(folder):
    (folder / ".snakemake").write_text("a file")
    found = again(folder)
    assert found.returncode == 1
    assert found.stderr.startswith("error: .snakemake/make-run.lock: cannot be written (")
    assert found.stderr.count("\n") == 1


def test_arguments_and_the_exit_code_pass_through(folder):
    assert again(folder, "--dry-run").returncode == 0
    assert not (folder / "out.txt").exists()
    found = again(folder, "no_such_target")
    assert found.returncode == 1
    assert "no_such_target" in found.stderr
