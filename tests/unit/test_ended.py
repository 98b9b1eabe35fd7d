"""A job that a signal has ended is told of in one message, be it a process or a fork."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

import projects
import pytest
from snakeroot.jobs.ended import message

WORDS = ["-IS", "start.py", "-m", "snakeroot.features", "--spec", '{"settings": {}}', "--provenance"]


def test_the_message_names_job_signal_files_and_what_to_do(tmp_path: Path) -> None:
    ntuple, provenance = tmp_path / "a b.root", tmp_path / "p.json"
    ntuple.touch()
    provenance.touch()
    words = [*WORDS, str(provenance), "--ntuple", str(ntuple), "--metadata", "--table", str(tmp_path / "t.parquet")]
    said = message(128 + signal.SIGSEGV, words)
    assert said.startswith("error: the job (snakeroot.features) was ended by SIGSEGV, a fault within a library")
    assert "snakeroot checksum" in said
    assert said.endswith(f"; it was reading {ntuple}")
    assert "for want of memory" in message(128 + signal.SIGKILL, words)
    assert "by a scheduler" in message(128 + signal.SIGTERM, words)
    assert "ended by signal 99;" in message(128 + 99, words)
    assert message(128 + signal.SIGKILL, ["-c", "pass"]).startswith("error: the job (python) was ended by SIGKILL, ")


def test_of_many_files_the_first_are_named_and_of_a_remote_one_its_url(tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.parquet" for number in range(7)]
    for file in files:
        file.touch()
    spec = json.dumps({"settings": {"url": "https://a/b.root"}})
    words = ["-m", "snakeroot.train", "--spec", spec, "--train", *map(str, files)]
    said = message(128 + signal.SIGBUS, words)
    assert f"reading https://a/b.root, {files[0]}, " in said
    assert said.endswith(f"{files[3]}, … (8 in all)")
    together = json.dumps({"settings": {"samples": [{"url": "https://a/c.root"}, {"url": "https://a/c.root"}]}})
    assert message(139, ["-m", "a", "--spec", together]).endswith("reading https://a/c.root")
    assert "reading" not in message(139, ["-m", "a", "--spec", "no JSON"])


@pytest.mark.skipif(sys.platform != "linux", reason="jobs are forks on Linux only")
@pytest.mark.parametrize("starter", [None, "forks"])
def test_a_run_shows_it(tmp_path: Path, request: pytest.FixtureRequest, starter: str | None) -> None:
    known = dict(projects.STARTERS)
    projects.STARTERS.clear()
    if starter:
        projects.STARTERS[None] = request.getfixturevalue(starter)
    try:
        project = projects.create(tmp_path / "project", {"first": projects.task()})
        for name in ("sig", "bkg_0"):
            projects.ntuple(project / f"ntuples/{name}.root", signal=name == "sig", events=20)
        make = project / "workflow/snakeroot/features/make.py"
        make.write_text(make.read_text() + "\nimport os\nos.kill(os.getpid(), 11)\n")
        done = projects.snakemake(project, "--cores", "1", "results/first/normalisation.json")
    finally:
        projects.STARTERS.clear()
        projects.STARTERS.update(known)
    assert done.returncode
    [log] = [path for path in (project / "logs/first/features").rglob("*") if path.is_file()]
    last = log.read_text().splitlines()[-1]
    assert last.startswith("error: the job (snakeroot.features) was ended by SIGSEGV, ")
    assert last.endswith(f"; it was reading ntuples/{'sig' if 'sig' in log.parts else 'bkg_0'}.root")
