"""What a record of a job says, and what of it differs later on, in values that are written here."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path

import pytest
from snakeroot.cli.explain import command
from snakeroot.data.changes import stamps
from snakeroot.data.files import write_json
from snakeroot.errors import SnakerootError
from snakeroot.jobs import provenance
from snakeroot.origins import records
from snakeroot.origins.differences import NONE, Change, changes
from snakeroot.origins.workflow import Job, Workflow


def facts(**changed):
    known = {
        "command": ["/a/workflow/snakeroot/evaluate/__main__.py", "roc", "--spec", '{"settings": {}}', "--figure", "f"],
        "end": "2026-01-01",
        "inputs": {"in": {"bytes": 1, "sha256": "0"}},
        "modules": {},
        "outputs": {"results/t/states/a": {"bytes": 1, "sha256": "1"}, "results/t/b": {"bytes": 1, "sha256": "2"}},
    }
    return known | changed


def test_what_was_there_before_and_is_the_same_file_was_read(tmp_path):
    read, replaced, new, gone = (tmp_path / name for name in ("read", "replaced", "new", "gone"))
    for path in (read, replaced, gone):
        path.write_text("before")
    (tmp_path / "old").mkdir()
    (tmp_path / "old/a").write_text("a")
    before = stamps([read, replaced, new, gone, tmp_path / "old", tmp_path / "folder"])
    (tmp_path / "part").write_text("before")
    (tmp_path / "part").replace(replaced)
    new.write_text("new")
    gone.unlink()
    (tmp_path / "folder/deep").mkdir(parents=True)
    (tmp_path / "folder/deep/b").write_text("b")
    (tmp_path / "old/late").write_text("by another process")
    (tmp_path / "x.csv").write_text("1")
    start = provenance.datetime.now(provenance.UTC)
    provenance.record(tmp_path / "record.json", start, {"device": "cpu", "beside": [tmp_path / "x.csv"]}, before)
    found = json.loads((tmp_path / "record.json").read_text())
    names = {kind: [str(Path(one).relative_to(tmp_path)) for one in found[kind]] for kind in ("inputs", "outputs")}
    assert names == {"inputs": ["old/a", "old/late", "read"], "outputs": ["folder/deep/b", "new", "replaced", "x.csv"]}
    # printf new | sha256sum
    sha256 = "11507a0e2f5e69d5dfa40a62a1bd7b6ee57e6bcd85c67c9b8431b36fff21c437"
    assert found["outputs"][str(new)] == {"bytes": 3, "sha256": sha256}
    assert found["inputs"][str(read)]["modified"] == read.stat().st_mtime_ns
    assert found["device"] == "cpu"
    assert "beside" not in found
    assert found["modules"]["snakeroot.jobs.provenance"] == provenance.sha256(Path(provenance.__file__))


def test_a_record_says_its_command_as_python_takes_it():
    record = records.Record(Path("p"), facts())
    assert record.words[:3] == ["-m", "snakeroot.evaluate", "roc"]
    assert record.stage == "snakeroot.evaluate roc"
    path = "/usr/lib/python3/site-packages/snakeroot/predict/combine.py"
    combined = records.Record(Path("p"), facts(command=[path, "--spec", '{"settings": {"a": 1}}']))
    assert combined.stage == "snakeroot.predict.combine"
    assert combined.spec == {"settings": {"a": 1}}


def test_a_remote_ntuple_is_an_input_by_its_url():
    source = {"url": "https://a/b.root", "bytes": 5, "sha256": "sha256:ab", "attempts": 1}
    assert records.Record(Path("p"), facts(source=source)).inputs == {
        "in": {"bytes": 1, "sha256": "0"},
        "https://a/b.root": {"bytes": 5, "sha256": "ab"},
    }


def test_records_are_found_by_what_was_made_and_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_json(facts(), Path("provenance/t/old.json"))
    write_json(facts(end="2026-02-02"), Path("provenance/t/new.json"))
    write_json({"command": []}, Path("provenance/t/of-an-older-version.json"))
    Path("provenance/t/damaged.json").write_text("{")
    assert records.made("results/t/b").path == Path("provenance/t/new.json")
    assert records.made("results/t/states/a").of("results/t/states") == {
        "results/t/states/a": {"bytes": 1, "sha256": "1"}
    }
    assert records.made("results/t") is None
    assert len(records.reading("in")) == 2
    assert records.folders("below/results/t/b") == [Path("below/provenance"), Path("provenance")]
    with pytest.raises(SnakerootError, match="older version, without checksums"):
        records.read(Path("provenance/t/of-an-older-version.json"))


def test_changes_are_named_by_their_keys():
    then = {"a": {"b": 1, "gone": [1]}, "list": [1, {"x": 2}], "longer": [1], "same": None, "kind": 1}
    now = {"a": {"b": 2, "new": "n"}, "list": [1, {"x": 3}], "longer": [1, 2], "same": None, "kind": 1.0}
    assert list(changes(then, now)) == [
        Change("a.b", 1, 2),
        Change("a.gone", [1], NONE),
        Change("a.new", NONE, "n"),
        Change("list.1.x", 2, 3),
        Change("longer", [1], [1, 2]),
        Change("kind", 1, 1.0),
    ]


def test_a_chain_has_each_job_once_after_those_that_it_is_made_from():
    def job(output: str, *inputs: str) -> Job:
        return Job(output, {}, list(inputs), [output], None, None, [], [])

    last = job("d", "b", "c", "ntuple")
    jobs = [last, job("b", "a"), job("c", "a"), job("a", "ntuple"), job("other", "a")]
    workflow = Workflow(Path(), {}, jobs)
    assert [one.rule for one in workflow.upwards(last)] == ["a", "b", "c", "d"]
    assert workflow.making("c/in/a/folder") is jobs[2]
    assert workflow.making("ntuple") is None
    long = [job(str(number), str(number - 1)) for number in range(20_000)]
    assert len(list(Workflow(Path(), {}, long).upwards(long[-1]))) == 20_000


def test_the_printed_command_works_without_an_activated_environment(tmp_path, monkeypatch):
    program = tmp_path / "bin/snakeroot"
    program.parent.mkdir()
    program.touch(mode=0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin/python"))
    monkeypatch.setenv("PATH", "/nowhere")
    assert shlex.split(command(["run", "a file"])) == ["bin/snakeroot", "run", "a file"]
    monkeypatch.setenv("PATH", str(program.parent))
    assert command(["run", "a"]) == "snakeroot run a"
    program.unlink()
    assert command(["run", "a"]) == f"{sys.executable} -m snakeroot.cli run a"
