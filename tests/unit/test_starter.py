"""Jobs as forks of a process that has imported their libraries are as processes of their own would be."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import projects
import psutil
import pytest
from snakeroot.jobs.starter import CLIENT, VARIABLE

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="jobs are forks on Linux only")

JOB = """
import os, signal, sys, time
print("arguments", sys.argv[1:], os.getcwd(), os.environ["WORD"], __name__)
print("lines", sys.stdin.read(), file=sys.stderr)
print("imported", "torch" in sys.modules, "snakeroot" in sys.modules, "" in sys.path, sys.path[0])
if "wait" in sys.argv:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("told to end"))
    print(os.getpid(), flush=True)
    time.sleep(60)
if "killed" in sys.argv:
    os.kill(os.getpid(), signal.SIGKILL)
sys.exit(int(sys.argv[1]))
"""


@pytest.fixture
def ordered(tmp_path: Path, forks: Path) -> Callable[..., subprocess.Popen[str]]:
    (tmp_path / "a job.py").write_text(JOB)
    (tmp_path / "job.py").write_text(JOB)

    def start(*words: str, socket: Path = forks) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-IS", CLIENT, "-m", "job", *words],
            cwd=tmp_path,
            env={**os.environ, VARIABLE: str(socket), "PYTHONPATH": str(tmp_path), "WORD": "ü = 1\n2"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


def test_streams_words_folder_environment_and_code_are_its_own(
    ordered: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    by_itself = ordered("3", "two words", socket=tmp_path / "none")
    fork = ordered("3", "two words")
    said, other = fork.communicate("in"), by_itself.communicate("in")
    assert said[0].startswith(f"arguments ['3', 'two words'] {tmp_path} ü = 1\n2 __main__\n")
    assert said[1] == other[1] == "lines in\n"
    assert said[0] == other[0].replace("imported False", "imported True"), "torch, and nothing of ours"
    assert (fork.returncode, by_itself.returncode) == (3, 3)


def test_a_signal_that_ends_it_is_told_as_a_shell_tells_it(ordered: Callable[..., subprocess.Popen[str]]) -> None:
    running = ordered("0", "killed")
    running.communicate("")
    assert running.returncode == 128 + signal.SIGKILL


def waiting(running: subprocess.Popen[str]) -> psutil.Process:
    assert running.stdin
    assert running.stdout
    running.stdin.close()
    lines = iter(running.stdout.readline, "")
    return psutil.Process(next(int(line) for line in lines if line.strip().isdigit()))


def test_signals_are_passed_on(ordered: Callable[..., subprocess.Popen[str]]) -> None:
    with ordered("0", "wait") as running:
        job = waiting(running)
        running.terminate()
        assert running.wait() == 1
        assert running.stderr
        assert running.stderr.read().endswith("told to end\n")
        assert not job.is_running()


def test_a_job_that_is_stopped_hears_a_signal_too(ordered: Callable[..., subprocess.Popen[str]]) -> None:
    with ordered("0", "wait") as running:
        job = waiting(running)
        job.suspend()
        running.terminate()
        assert running.wait(10) == 1
        assert not job.is_running()


def test_it_is_killed_with_whoever_ordered_it(ordered: Callable[..., subprocess.Popen[str]]) -> None:
    with ordered("0", "wait") as running:
        job = waiting(running)
        running.kill()
        assert running.stderr
        assert running.stderr.read() == "lines \n", "and its streams are closed"
        job.wait(10)


def test_a_run_of_many_jobs_has_a_starter_that_ends_with_it(tmp_path: Path) -> None:
    project = projects.create(tmp_path / "project", {"first": projects.task()})
    for name in ("sig", "bkg_0"):
        projects.ntuple(project / f"ntuples/{name}.root", signal=name == "sig", events=200)
    environment = {name: value for name, value in os.environ.items() if name not in (VARIABLE, "PYTHONPATH")}
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "--quiet", "all"]

    def started(*words: str) -> list[Path]:
        """Kill the run as soon as there is a starter or it has ended; return the folder of the starter."""
        with subprocess.Popen([*command, *words], cwd=project, env=environment, stderr=subprocess.DEVNULL) as run:
            found: list[Path] = []
            while run.poll() is None and not found:
                with contextlib.suppress(psutil.Error):  # one may just have ended
                    commands = [one.cmdline() for one in psutil.Process(run.pid).children()]
                    found = [Path(words[-1]) for words in commands if any(one.endswith("starter.py") for one in words)]
                time.sleep(0.02)
            run.kill()
        return found

    assert not started("results/first/normalisation.json"), "a few jobs are done sooner without"
    [folder] = started()
    limit = time.monotonic() + 60
    while folder.exists():
        assert time.monotonic() < limit, "it removes its folder when it ends"
        time.sleep(0.1)
