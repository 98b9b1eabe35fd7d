"""What `snakeroot run` shows of a workflow: in a pipe, on a terminal, and of jobs that fail."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from snakemake_logger_plugin_snakeroot import outcome
from snakeroot.cli.run import arguments

WORKFLOW = """
rule all:
    input: "results/report.html", expand("{name}.txt", name=["a", "b"])

rule make:
    output: "{name}.txt"
    log: "logs/{name}.log"
    shell: "echo working > {log}; sleep 0.3; echo {wildcards.name} > {output}"

rule report:
    input: "a.txt"
    output: "results/report.html"
    log: "logs/report.log"
    shell: "if [ -e bad ]; then printf 'much before\\nerror: the file x.root: is empty\\n  fetch it' > {log};"
        " exit 1; fi; touch {output}"
"""
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TERM": "xterm", "COLUMNS": "100"}


@pytest.fixture
def folder(tmp_path):
    """A folder with a workflow of three jobs, of which one fails where there is a file `bad`."""
    (tmp_path / "Snakefile").write_text(WORKFLOW)
    return tmp_path


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "snakeroot.cli", "run", "--cores", "1", *words]


def run(folder: Path, *words: str) -> tuple[int, list[str]]:
    """Run in a pipe; return the exit code and all lines."""
    done = subprocess.run(
        command(*words),
        cwd=folder,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout.splitlines()


def test_a_pipe_gets_the_plan_a_line_for_each_job_and_where_to_look(folder):
    code, lines = run(folder)
    assert code == 0
    assert lines[:4] == ["3 jobs to run:", "  rule    jobs", "  make    2", "  report  1"]
    assert [line.partition("] ")[0] for line in lines[4:7]] == ["[1/3", "[2/3", "[3/3"]
    assert {line.partition("] ")[2] for line in lines[4:7]} == {"make a", "make b", "report"}
    assert re.fullmatch(r"Done: 3 jobs in \d+ s\.", lines[7])
    assert lines[8:] == ["Report: results/report.html"]
    (folder / "results/report.html").unlink()
    (folder / "b.txt").unlink()
    assert run(folder, "b.txt")[1][-1] == "Made: b.txt"
    assert run(folder)[1][-1] == "Report: results/report.html"
    assert run(folder) == (0, ["Nothing to be done: all is there and up to date.", "Report: results/report.html"])


def test_a_dry_run_says_what_would_run_and_why(folder):
    code, lines = run(folder, "-n")
    assert code == 0
    assert lines == [
        "3 jobs would run:",
        "  rule    jobs  why",
        "  make    2     not made yet (2)",
        "  report  1     not made yet (1)",
    ]
    assert not (folder / "a.txt").exists()


def test_the_message_of_a_failed_job_stands_last_with_its_log(folder):
    (folder / "bad").touch()
    code, lines = run(folder)
    assert code == 1
    assert lines[-4:] == [
        "failed: report",
        "  error: the file x.root: is empty",
        "    fetch it",
        "  log: logs/report.log",
    ]
    assert not any("printf" in line or "much before" in line for line in lines)
    assert len(lines) < 15


def test_quiet_keeps_the_error_and_nothing_else(folder):
    assert run(folder, "--quiet") == (0, [])
    (folder / "bad").touch()
    code, lines = run(folder, "--quiet", "all", "--forcerun", "report")
    assert code == 1
    assert "  error: the file x.root: is empty" in lines
    assert len(lines) < 8


def test_what_is_wrong_before_any_job_is_told_without_snakemakes_words(folder):
    (folder / "Snakefile").write_text(
        "from snakemake.exceptions import WorkflowError\nraise WorkflowError('config/tasks/a.yaml:3:1: wrong')\n"
    )
    assert run(folder) == (1, ["error: config/tasks/a.yaml:3:1: wrong"])


def test_a_terminal_gets_bars_and_the_same_end(folder):
    ours, its = pty.openpty()
    process = subprocess.Popen(command(), cwd=folder, env=ENVIRONMENT, stdin=its, stdout=its, stderr=its)
    os.close(its)
    chunks: list[bytes] = []

    def read():
        try:
            while chunk := os.read(ours, 65536):
                chunks.append(chunk)
        except OSError:  # the other end is closed
            pass

    reader = threading.Thread(target=read)
    reader.start()
    assert process.wait(60) == 0
    reader.join(10)
    os.close(ours)
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", b"".join(chunks).decode())
    assert re.search(r"all jobs +\S+ +\d/3 left:", text)
    assert re.search(r"make +\S+ +\d/2", text)
    assert "[1/3]" not in text
    assert re.search(r"Done: 3 jobs in \d+ s\.\r\nReport: results/report.html", text)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], ["--cores", "all", "--logger", "snakeroot"]),
        (["-n", "a.txt"], ["--cores", "all", "-n", "a.txt", "--logger", "snakeroot"]),
        (["-c2", "--config", "a=b"], ["-c2", "--config", "a=b", "--logger", "snakeroot"]),
        (["--cores=2", "--", "x"], ["--cores=2", "--logger", "snakeroot", "--", "x"]),
        (["--profile", "p", "--logger", "rich"], ["--profile", "p", "--logger", "rich"]),
    ],
)
def test_words_are_snakemakes(words, expected):
    assert arguments(words) == expected


def test_times_and_reasons_are_said_in_words():
    assert [outcome.duration(s) for s in (0.4, 59.6, 61, 3725)] == ["0 s", "1 min 0 s", "1 min 1 s", "1 h 2 min"]
    assert outcome.reason("Params have changed since last execution: spec") == "changed config or code"
    assert outcome.reason("Missing output files: a, b; Input files updated by another job: c") == "not made yet"
    assert outcome.reason("A new reason: x") == "a new reason"
