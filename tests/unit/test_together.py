"""Several samples of one file: read once, to the bytes that each has by itself."""

from __future__ import annotations

from pathlib import Path

import awkward as ak
import numpy as np
import pytest
from helpers import branches, features_settings, write_ntuple
from snakeroot import plan
from snakeroot.errors import SnakerootError
from snakeroot.features.__main__ import features
from snakeroot.features.readers import READERS
from snakeroot.features.settings import Together
from snakeroot.features.together import together
from snakeroot.plan.features import Shared
from tasks import edited, load

ENTRIES = 500
SAMPLES = [
    {"sample": "signal", "target": 1, "selection": "good & (n > 0)", "weight": "abs(w)"},
    {"sample": "background", "target": 0, "selection": "~good"},
    {"sample": "data", "target": None, "selection": "n == 3", "weight": "1 + x * 0"},
]
FEATURES = {"x": "x", "ht": "sum(pt)", "pairs": "count(argcombinations(pt, 2)[:, 0])"}


def made(folder: Path, ntuple: Path, samples: list[dict[str, object]], *, alone: bool) -> dict[str, bytes]:
    """Return the bytes of all tables and cut flows."""
    known = [features_settings(features=FEATURES, chunk=64, spectators=["name"], **sample) for sample in samples]
    outputs = [[folder / f"{one.sample}.{suffix}" for one in known] for suffix in ("parquet", "json")]
    if alone:
        for one, table, flow in zip(known, *outputs, strict=True):
            features(one, [ntuple], [], table, flow)
    else:
        together(Together(samples=known), [ntuple], *outputs)
    return {path.name: path.read_bytes() for paths in outputs for path in paths}


@pytest.fixture
def ntuple(tmp_path) -> Path:
    """Entries of which one in the middle has so many objects that its chunk is computed in parts."""
    known = branches(ENTRIES)
    sizes = ak.num(known["pt"]).to_numpy()
    sizes[200:240] = 250
    known["pt"] = ak.unflatten(np.linspace(1, 50, sizes.sum()).astype(np.float32), sizes)
    return write_ntuple(tmp_path / "n.root", known)


def test_a_file_is_read_once_for_all_its_samples(tmp_path, ntuple, monkeypatch) -> None:
    reader, read = READERS.load("root"), []
    chunks = reader.chunks
    monkeypatch.setattr(reader, "chunks", lambda *about: (read.append(about[2]), chunks(*about))[1])
    alone = made(tmp_path / "alone", ntuple, SAMPLES, alone=True)
    assert len(read) == 3
    assert made(tmp_path / "together", ntuple, SAMPLES, alone=False) == alone
    assert len(read) == 4
    assert read[3] == sorted({*read[0], *read[1], *read[2]})


def test_a_mistake_in_one_sample_leaves_no_file(tmp_path, ntuple) -> None:
    wrong = [*SAMPLES[:2], SAMPLES[2] | {"selection": "nn == 3"}]
    with pytest.raises(SnakerootError, match="no branch 'nn'"):
        made(tmp_path / "together", ntuple, wrong, alone=False)
    late = [*SAMPLES[:2], SAMPLES[2] | {"weight": "log(x - 1)", "selection": "x > -9"}]
    with pytest.raises(SnakerootError, match="weight"):
        made(tmp_path / "together", ntuple, late, alone=False)
    assert not [path for path in tmp_path.rglob("*") if path.suffix in (".parquet", ".json")]


# ---- which are read together


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    """The current folder, with two files."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    for name in "ab":
        (tmp_path / f"data/{name}.root").touch()
    return tmp_path


def of_two(**changed: object) -> str:
    """Return a task of two samples of both files; the second one is changed."""
    files = ["data/a.root", "data/b.root"]
    first = {"files": files, "class": "signal", "selection": "y > 0"}
    second = {"files": files, "class": "background", "selection": "y < 0"}
    return edited("samples", {"zz": first, "vbf": second | changed})


@pytest.mark.parametrize(
    ("other", "shared"),
    [
        ({}, 2),
        ({"weight": "x"}, 2),
        ({"files": ["data/b.root"]}, 1),
        ({"tree": "Others"}, 0),
        ({"branches": {"pt": "Jet_pt"}}, 0),
        ({"limit": 10}, 0),
    ],
)
def test_samples_share_what_is_read_in_the_same_way(project, other, shared) -> None:
    found = load(of_two(**other))
    together = plan.features.shared(found)
    assert [(one.samples, len(one.parts)) for one in together] == ([(("vbf", "zz"), shared)] if shared else [])
    assert plan.jobs.of_task(found, "task0")["samples.zz"] == 4 - shared


def test_a_task_that_the_config_does_not_name_is_not_read(project) -> None:
    found = load(of_two())
    (project / "tasks/broken.yaml").write_text("kind: [")
    assert [one.task for one in plan.features.shared(found)] == ["task0"]


def test_the_rule_is_of_its_files_alone() -> None:
    one = Shared("btag-2", ("b", "c"), ("jets.1-0a", "jets-0b"), 0)
    assert one.rule == "features-btag-2-0"
    assert one.constraints == {"task": r"btag\-2", "part": r"jets\.1\-0a|jets\-0b"}
