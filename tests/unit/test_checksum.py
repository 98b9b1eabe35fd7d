"""`snakeroot checksum`: of files, for the task file, and in it."""

from __future__ import annotations

import hashlib
import json
import zlib
from pathlib import Path

import pytest
import yaml
from helpers import branches, features_settings, write_ntuple
from snakeroot.cli.app import app
from snakeroot.errors import SnakerootError
from snakeroot.features.__main__ import features
from snakeroot.jobs import provenance
from snakeroot.jobs.command import main
from snakeroot.survey import checksums
from typer.testing import CliRunner

HEAD = """\
# What we look for.
kind: binary
tree: events
"""
TAIL = """\
event_id: [run, event]
features: { x: x }   # one is enough
models:
  net: { architecture: mlp }
"""
BLOCK = """\
samples:
  sig:
    class: signal   # Higgs
    files:
      - "a.root"    # by hand

  # what it is told from
  bkg:
    files: [b*.root]
    class: background
"""
FLOW = """\
samples:
  sig: { class: signal, files: [a.root] }  # Higgs
  bkg: { class: background, files: [b*.root] }
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for seed, name in enumerate(("a", "b 1", "b2")):
        write_ntuple(tmp_path / f"{name}.root", branches(5, seed))
    (tmp_path / "config/tasks").mkdir(parents=True)
    (tmp_path / "config/config.yaml").write_text("tasks: [mine]\n")
    return tmp_path


def task(samples: str) -> Path:
    path = Path("config/tasks/mine.yaml")
    path.write_text(HEAD + samples + TAIL)
    return path


def sha256(name: str) -> str:
    return f"sha256:{hashlib.sha256(Path(name).read_bytes()).hexdigest()}"


def call(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["checksum", *words])
    if isinstance(done.exception, SnakerootError):
        return 1, str(done.exception)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


@pytest.mark.parametrize("samples", [BLOCK, FLOW])
def test_they_are_put_into_the_task_file_and_the_rest_stays(samples: str) -> None:
    path = task(samples)
    before = path.read_text()
    code, said = call("--write")
    assert code == 0
    assert said.splitlines() == [
        f"{path}: samples.sig: checksums written: 1",
        f"{path}: samples.bkg: checksums written: 2",
    ]
    read = yaml.safe_load(path.read_text())["samples"]
    assert read["sig"]["checksum"] == {"a.root": sha256("a.root")}
    assert read["bkg"]["checksum"] == {name: sha256(name) for name in ("b 1.root", "b2.root")}
    left = iter(path.read_text())
    assert all(sign in left for sign in before), "comments and all else, in order"
    assert call() == (0, f"{path}: samples.sig: files as their checksums say: 1\n"
                         f"{path}: samples.bkg: files as their checksums say: 2\n")  # fmt: skip
    assert call("--write")[0] == 0
    assert yaml.safe_load(path.read_text())["samples"] == read, "nothing more to write"


def test_more_files_come_behind_the_checksums_that_there_are() -> None:
    adler = f"adler32:{zlib.adler32(Path('b2.root').read_bytes()):08x}"
    for samples in (
        BLOCK + f"    checksum:\n      b2.root: {adler}   # of the catalogue\n",
        FLOW.replace("[b*.root] }", "[b*.root], checksum: { b2.root: '" + adler + "' } }"),
    ):
        path = task(samples)
        assert call("--write", "b 1.root")[0] == 0
        read = yaml.safe_load(path.read_text())["samples"]
        assert read["bkg"]["checksum"] == {"b2.root": adler, "b 1.root": sha256("b 1.root")}
        assert "checksum" not in read["sig"], "other files were not asked for"


def test_a_file_with_another_checksum_is_an_error_that_names_its_line() -> None:
    path = task(BLOCK + f"    checksum: {{ b2.root: '{sha256('a.root')}' }}\n")
    line = path.read_text().splitlines().index(next(one for one in path.read_text().splitlines() if "sha256" in one))
    code, said = call()
    assert code == 1
    assert said.startswith(
        f"{path}:{line + 1}:17: samples.bkg.checksum: 'b2.root' has {sha256('b2.root')}, not sha256:"
    )
    assert "damaged" in said


def test_files_alone_need_no_task_and_are_shown_as_they_would_stand_there() -> None:
    code, said = call("a.root", "b 1.root")
    assert code == 0
    assert yaml.safe_load(said) == {"checksum": {name: sha256(name) for name in ("a.root", "b 1.root")}}
    assert call("none.root")[1].startswith("none.root: ")


def test_what_cannot_be_written_is_said_with_what_to_paste() -> None:
    path = task(
        "samples:\n  sig: &one { class: signal, files: [a.root] }\n  bkg:\n    <<: *one\n    class: background\n"
    )
    before = path.read_text()
    with pytest.raises(SnakerootError, match=r'put them there yourself:\nchecksum:\n  "a\.root": sha256:'):
        checksums.insert(checksums.of_tasks(["mine"], ["a.root"]))
    assert path.read_text() == before
    task(FLOW)
    assert "b3.root: is no file of a sample of mine" in call("--write", "b3.root")[1]


def test_the_job_takes_the_sum_that_it_has_verified_for_its_record(monkeypatch: pytest.MonkeyPatch) -> None:
    def of_others(path: Path) -> str:
        assert path != Path("a.root"), "it was compared with its SHA-256 already"
        return sha256_of(path)

    sha256_of = provenance.sha256
    monkeypatch.setattr(provenance, "sha256", of_others)
    settings = features_settings(checksum=sha256("a.root"))
    words = ["--spec", json.dumps({"settings": settings.model_dump(mode="json", by_alias=True)}), "--ntuple", "a.root"]
    words += ["--metadata", "--table", "t.parquet", "--cut-flow", "c.json", "--provenance", "p.json", "--threads", "1"]
    main(features, words)
    record = json.loads(Path("p.json").read_text())
    assert record["inputs"]["a.root"]["sha256"] == sha256("a.root").removeprefix("sha256:")
    assert "verified" not in record
