"""A task on remote files, through Snakemake, ends in the bytes that it ends in on local ones."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import projects
import pytest
import yaml
from servers import Certificates, Web, web, xrootd
from snakeroot.data import tables
from snakeroot.data.files import read_json

SECRET = "eyJhbGciOiJFUzI1NiJ9.c2VjcmV0.c2lnbmF0dXJl"  # noqa: S105
FILES = {"sig": ["sig"], "bkg": ["bkg_0", "bkg_1"]}
WANTED = [f"results/mine/{name}" for name in ("metrics.json", "split/audit.json", "plots/input-x.svg")]
TRAINED = ["results/mine/models/net/fold0-replica0/model.safetensors", *WANTED[1:]]


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The task on local files, run to its metrics."""
    folder = projects.create(tmp_path_factory.mktemp("local") / "local", {"mine": projects.task()})
    projects.ntuple(folder / "ntuples/sig.root", signal=True, events=3000)
    projects.ntuple(folder / "ntuples/bkg_0.root", signal=False, events=2000)
    projects.ntuple(folder / "ntuples/bkg_1.root", signal=False, events=1000, first=2000)
    projects.run(folder, *WANTED)
    return folder


def contents(local: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (local / "ntuples").iterdir()}


def remote_task(base: str) -> dict[str, Any]:
    task = projects.task()
    for sample, names in FILES.items():
        task["samples"][sample]["files"] = [f"{base}{name}.root" for name in names]
    return task


def same(remote: Path, local: Path, *more: str) -> None:
    """All results are the same bytes; tables but for the column with the part, which is named after path or URL."""
    compared = Counter()
    files = ("normalisation.json", "fold0.json", "audit.json", "model.safetensors", *more)
    for path in sorted((remote / "results/mine").rglob("*")):
        twin = local / path.relative_to(remote)
        if path.suffix == ".parquet" and path.parent.name in FILES:
            stem, _, _ = path.stem.rpartition("-")
            [twin] = twin.parent.glob(f"{stem}-????????.parquet")
            one, other = (tables.read(found).drop_columns("part") for found in (path, twin))
            assert one.equals(other, check_metadata=True), path
            compared["tables"] += 1
        elif path.name in files or path.parent.name == "plots":
            assert path.read_bytes() == twin.read_bytes(), path
            compared[path.name] += 1
    figure = ("input-x.svg", "input-x.png", "input-x.pdf", "input-x.csv")
    parts = 1 + 2
    assert compared == {"tables": parts * (1 + 3), **dict.fromkeys((*files, *figure), 1)}


def test_https_with_a_token(tmp_path: Path, local: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificates = Certificates.made(tmp_path / "certificates")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.authority()))
    for name in ("BEARER_TOKEN", "BEARER_TOKEN_FILE", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    with web(Web(contents(local), token=SECRET), certificates.context()) as server:
        folder = projects.create(tmp_path / "remote", {"mine": remote_task(server.url(""))})
        refused = projects.snakemake(folder, "--cores", "2", "--keep-going", *WANTED)
        assert refused.returncode != 0
        assert refused.stdout.count("does not let us read it (401): give a token in BEARER_TOKEN_FILE") >= 3
        assert "Traceback" not in refused.stdout
        assert not [path for path in (folder / "results").rglob("*") if path.is_file()]

        monkeypatch.setenv("BEARER_TOKEN", SECRET)
        server.cuts = [50_000]
        said = projects.run(folder, *WANTED)
    same(folder, local, "metrics.json")

    [record] = (folder / "provenance/mine/features/sig").iterdir()
    source = read_json(record)["source"]
    assert source["url"] == server.url("sig.root")
    assert source["bytes"] == (local / "ntuples/sig.root").stat().st_size
    assert SECRET not in said
    for path in folder.rglob("*"):
        assert not path.is_file() or SECRET.encode() not in path.read_bytes(), path

    # the server is gone: nothing is asked while the jobs are planned
    assert not projects.plan(folder, *WANTED)
    path = folder / "config/tasks/mine.yaml"
    task = yaml.safe_load(path.read_text())
    task["samples"]["bkg"]["checksum"] = {task["samples"]["bkg"]["files"][0]: "adler32:00000000"}
    projects.write_yaml(path, task)
    again = projects.plan(folder)
    assert (again["features mine bkg"], again["features mine sig"]) == (1, 0)


def test_xrootd(tmp_path: Path, local: Path) -> None:
    pytest.importorskip("XRootD", reason="the extra `remote` is not installed here")
    with xrootd(contents(local)) as base:
        folder = projects.create(tmp_path / "remote", {"mine": remote_task(base)})
        projects.run(folder, *TRAINED)
    same(folder, local)
    assert not projects.plan(folder, *TRAINED)
