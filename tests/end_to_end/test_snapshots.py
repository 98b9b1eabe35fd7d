"""`snakeroot snapshot` and `snakeroot compare`: a run that is kept stays as it was, whatever later runs do."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from pathlib import Path

import browser as browsers
import projects
import pytest
import yaml
from snakeroot.cli.app import app
from snakeroot.data.files import read_json
from snakeroot.errors import SnakerootError
from snakeroot.jobs import launch
from typer.testing import CliRunner

SEARCH = {"sampler": "random", "rounds": 1, "trials_per_round": 1, "space": {"max_leaf_nodes": {"int": [2, 8]}}}


def task() -> dict[str, object]:
    """A task with all that one can have: a search, variations, templates, friends, a sample without a class."""
    templates = {
        "background": ["bkg", "third"],
        "regions": {"all": {"observable": "score", "binning": [0, 0.5, 1]}},
        "systematics": {"shifted": {"up": {"features": {"x": "1.1 * x"}}}},
    }
    trees = {"architecture": "gbdt", "training": {"max_epochs": 3}, "tuning": SEARCH}
    made = projects.task(models={"trees": trees}, templates=templates, friends={"format": "TTree"})
    made["samples"]["third"] = {"files": ["ntuples/third.root"]}
    return made


def command(folder: Path, *words: str) -> str:
    """Return what a command says; its error is raised."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        done = CliRunner().invoke(app, list(words))
    if done.exception:
        raise done.exception
    return done.output


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that was kept as `first`; then all of it was made again with another seed and another feature."""
    folder = projects.create(tmp_path_factory.mktemp("snapshots") / "project", {"mine": task()})
    projects.ntuple(folder / "ntuples/sig.root", signal=True, events=600)
    for first, name in enumerate(("bkg_0", "third"), start=1):
        projects.ntuple(folder / f"ntuples/{name}.root", signal=False, events=600, first=5000 * first)
    projects.run(folder)
    said = command(folder, "snapshot", "first")
    assert said.startswith("snapshots/first: ")
    (folder / "before.txt").write_text(repr(digests(folder / "snapshots/first")))
    with pytest.raises(SnakerootError, match="snapshots/first is there already"):
        command(folder, "snapshot", "first")
    path = folder / "config/tasks/mine.yaml"
    projects.write_yaml(path, {**yaml.safe_load(path.read_text()), "features": {"x": "x", "y": "y + 0.001"}})
    config = folder / "config/config.yaml"
    projects.write_yaml(config, {**yaml.safe_load(config.read_text()), "seed": 2})
    with pytest.raises(SnakerootError, match=r"the run is not finished: .* jobs would run"):
        command(folder, "snapshot", "second")
    assert not (folder / "snapshots/second").exists()
    projects.run(folder)
    return folder


def test_a_snapshot_has_links_to_all_that_was_made(project: Path) -> None:
    kept = project / "snapshots/first"
    manifest = read_json(kept / "snapshot.json")
    for name in ("results/mine/metrics.json", "results/report.html", "results/mine/models/trees/model.onnx"):
        assert name in manifest["files"]
    assert manifest["tasks"] == ["mine"]
    assert not (kept / "logs").exists()
    assert (kept / "provenance/report.html.json").exists()


def test_no_later_run_writes_into_it(project: Path) -> None:
    """Every stage ran again in between, and every file is as it was when it was made."""
    kept = project / "snapshots/first"
    found = digests(kept)
    assert repr(found) == (project / "before.txt").read_text()
    files = read_json(kept / "snapshot.json")["files"]
    assert {name: facts["sha256"] for name, facts in files.items()} == {name: found[name] for name in files}
    same = [name for name in files if (project / name).exists() and (project / name).samefile(kept / name)]
    assert same == [], "all was made again"
    assert len(files) > 80


def test_the_page_of_two_runs(project: Path) -> None:
    said = command(project, "compare", "first", "--output", "two.html")
    assert said.startswith("two.html: first and . compared")
    text = (project / "two.html").read_text()
    assert "Content-Security-Policy" in text
    for shown in ('<span class="added">+seed: 2</span>', '<span class="removed">-  y: y</span>', "+0.0"):
        assert shown in text, shown
    assert "config/tasks/mine.yaml" in text
    assert 'href="snapshots/first/results/mine/plots/roc.csv"' in text
    assert 'href="results/mine/plots/roc.csv"' in text
    assert text.count('<div class="pair') > 3


def test_a_run_is_what_it_is(project: Path) -> None:
    """Compared with itself nothing differs, whichever way it is named."""
    for name in ("first", "snapshots/first", "./snapshots/first"):
        said = command(project, "compare", "first", name, "-o", "same.html")
        assert "0 metrics differ by two errors or more, 0 figures differ" in said
        assert "0 files of the config differ" in said


def test_the_page_in_a_browser(project: Path) -> None:
    command(project, "compare", "first", "-o", "two.html")
    with browsers.started() as browser:
        for width in (1400, 768, 390):
            with browsers.opened(browser, project / "two.html", width) as (page, said):
                images = page.evaluate("[...document.images].map(image => image.naturalWidth)")
                assert len(images) > 6
                assert all(images)
                assert page.evaluate("document.documentElement.scrollWidth") == width
                assert browsers.violations(page) == []
                assert said == []


def test_what_cannot_be_compared_is_named(project: Path, tmp_path: Path) -> None:
    with pytest.raises(SnakerootError, match="there is no snapshot 'frist': did you mean 'first'"):
        command(project, "compare", "frist")
    with pytest.raises(SnakerootError, match="no task was measured there"):
        command(project, "compare", str(tmp_path))
    with pytest.raises(SnakerootError, match="is no name of a snapshot"):
        command(project, "snapshot", "../first")


def test_beside_a_run_there_is_no_snapshot(project: Path) -> None:
    with (project / launch.LOCK).open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(SystemExit, match="another run is at work in this folder"):
            command(project, "snapshot", "third")
    assert not (project / "snapshots/third").exists()


def test_where_there_are_no_links_there_are_copies(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(source: Path, target: Path) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refused)
    said = command(project, "snapshot", "copied")
    assert "0 files linked" in said
    kept = project / "snapshots/copied"
    file = "results/mine/metrics.json"
    assert (kept / file).read_bytes() == (project / file).read_bytes()
    assert not (kept / file).samefile(project / file)
    shutil.rmtree(kept)


def test_a_file_that_was_damaged_is_not_kept(project: Path) -> None:
    file = project / "results/mine/plots/roc.csv"
    text = file.read_bytes()
    times = file.stat()
    file.write_bytes(text + b"1")
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    try:
        with pytest.raises(SnakerootError, match=r"roc\.csv: edited, damaged or removed after it was made"):
            command(project, "snapshot", "damaged")
    finally:
        file.write_bytes(text)
        os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
