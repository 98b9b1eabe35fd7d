"""Physics parameters: what the config refuses, which points there are, and the columns that the split stage adds."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import yaml
from helpers import branches, run_features, table_of, write_ntuple
from scipy.stats import chisquare
from snakeroot import plan
from snakeroot.config.parameters import points, trained
from snakeroot.data import tables
from snakeroot.data.identity import event_hash
from snakeroot.data.points import drawn, named, places
from snakeroot.errors import SnakerootError
from snakeroot.split.__main__ import assign, split
from snakeroot.split.parameters import added, schema
from snakeroot.split.settings import SPLITS, Drawn, Fractions, Parameters, SplitSettings
from snakeroot.survey.check import check
from tasks import load, refused, settings

TASK = """
kind: binary
tree: events
samples:
  light: {class: signal, files: [light.root], parameters: {mass: 400}}
  heavy: {class: signal, files: [heavy.root], parameters: {mass: 600}}
  many: {class: signal, files: [many.root], parameters: {mass: 1000 * truth}}
  bkg: {class: background, files: [bkg.root]}
  data: {files: [data.root], data: true}
event_id: [run, event]
features: {x: x, y: x * x}
parameters: {mass: [400, 500, 600]}
models:
  net: {architecture: mlp, hidden: [3]}
  between: {architecture: mlp, hidden: [3], trained_at: {mass: [400, 600]}}
  blind: {architecture: mlp, hidden: [3], inputs: [x, y]}
evaluation: {axes: {mass: {unit: GeV}}}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand where the ntuples are."""
    monkeypatch.chdir(tmp_path)
    for sample in ("light", "heavy", "many", "bkg", "data"):
        Path(f"{sample}.root").touch()


def edited(keys: str, value: object) -> str:
    task = yaml.safe_load(TASK)
    *above, last = keys.split(".")
    place = task
    for key in above:
        place = place[key]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return yaml.safe_dump(task)


@pytest.mark.parametrize(
    ("keys", "value", "says"),
    [
        ("parameters", None, r"samples\.light\.parameters\.mass: no parameter 'mass': the task has no 'parameters'"),
        ("parameters.mass", [400], r"parameters\.mass: .*at least 2"),
        ("parameters.mass", [400, 600, 600], r"parameters\.mass\.2: 600.0 is 600.0 in float32.*once"),
        ("parameters.mass", [400, 600, 600.000001], r"parameters\.mass\.2: 600.000001 is 600.0 in float32"),
        ("parameters.mass", [400, 600, 1e39], r"parameters\.mass\.2: 1e\+39 is beyond float32"),
        ("parameters.mass", [400, 500], r"samples\.heavy\.parameters\.mass: 600 is none of the task's.*400, 500"),
        ("parameters.x", [1, 2], r"parameters\.x: the task has a feature, .* called 'x'"),
        ("parameters.weight", [1, 2], r"parameters\.weight: .*every table has its own 'weight'"),
        ("parameters.width", [1, 2], r"samples\.light\.parameters: it is signal, so give its width"),
        ("samples.light.parameters", None, r"samples\.light: it is signal, so give its mass: parameters\.mass"),
        ("samples.light.parameters.mas", 3, r"samples\.light\.parameters\.mas: no parameter 'mas': .*'mass'"),
        (
            "samples.bkg.parameters",
            {"mass": 400},
            r"samples\.bkg\.parameters: values are of samples with 'class: signal'",
        ),
        ("samples.many.parameters.mass", "sum(", r"samples\.many\.parameters\.mass"),
        ("models.net.inputs", ["mass"], None),
        ("models.between.trained_at.mass", [400], r"models\.between: mass is 400 in all .*name 'inputs' without it"),
        ("models.blind.trained_at", {"mass": [400]}, None),
        ("samples.many.parameters.mass", 400, r"parameters\.mass\.1: no sample of signal has mass 500: leave it out"),
        ("models.between.trained_at", {"mas": [400]}, r"models\.between\.trained_at\.mas: no parameter 'mas'"),
        ("models.between.trained_at.mass", [450], r"trained_at\.mass\.0: the signal has no mass of 450, but 400, 500"),
        ("models.between.calibration", "temperature", r"models\.between\.calibration: .*'trained_at' leaves out"),
        ("kind", "multiclass", r"parameters: of a signal that is set against background; this task is 'multiclass'"),
        (
            "templates",
            {"regions": {"sr": {"observable": "score", "binning": [0, 1]}}},
            r"templates: a network that is told a parameter",
        ),
    ],
)
def test_what_cannot_work_is_refused(keys, value, says):
    if says is None:
        load(edited(keys, value))
    else:
        refused(says, edited(keys, value))


def test_a_network_is_told_all_parameters_or_none():
    task = yaml.safe_load(TASK)
    task["parameters"]["width"] = [1, 2]
    for name, width in (("light", 1), ("heavy", 2), ("many", 1)):
        task["samples"][name]["parameters"]["width"] = width
    project = load(yaml.safe_dump(task))
    # combinations that samples have, not all that are possible
    assert points(project.tasks["task0"]) == [[400, 1], [500, 1], [600, 1], [600, 2]]
    task["models"]["net"]["inputs"] = ["x", "width"]
    refused(r"models\.net\.inputs: a network is told all parameters, or none: add mass", yaml.safe_dump(task))


def test_which_points_a_model_is_trained_at_and_whether_it_is_told():
    project = load(TASK)
    known, models = project.tasks["task0"], project.models["task0"]
    assert points(known) == [[400], [500], [600]]
    assert {name: trained(known, model) for name, model in models.items()} == {
        "net": [[400], [500], [600]],
        "between": [[400], [600]],
        "blind": [[400], [500], [600]],
    }
    assert {name: project.told("task0", name) for name in models} == {"net": True, "between": True, "blind": False}
    spec = settings(plan.train.train(project, "task0", "between", "0", "0"))
    assert spec["trained_at"] == {"parameters": ["mass"], "points": [[400], [600]], "told": True}
    assert [one["name"] for one in spec["inputs"]] == ["x", "y", "mass"]


def test_what_jobs_may_know_of_points():
    project = load(TASK)
    more = load(edited("parameters.mass", [400, 500, 600, 700]))

    def specs(of, sample):
        [part] = of.parts["task0"][sample]
        return [plan.features.features(of, "task0", sample, part), plan.split.split(of, "task0", sample, part, "0")]

    for sample, same in (("light", True), ("heavy", True), ("many", False), ("bkg", False), ("data", False)):
        before, after = specs(project, sample), specs(more, sample)
        assert before[0] == after[0], sample  # another point reads no ntuple again
        assert (before[1] == after[1]) is same, sample
    read = settings(specs(project, "many")[0])
    assert read["definitions"] == {"parameter_mass": "1000 * truth"}
    assert read["spectators"] == ["parameter_mass"]
    assert "definitions" not in settings(specs(project, "light")[0])
    assert (
        settings(specs(project, "data")[1])["whole"] == "test"
    )  # all rows of data are scored, and none is learned from


def test_without_parameters_no_spec_knows_of_them():
    task = yaml.safe_load(TASK)
    del task["parameters"], task["models"]["between"], task["evaluation"]
    for sample in task["samples"].values():
        sample.pop("parameters", None)
    project = load(yaml.safe_dump(task))
    [part] = project.parts["task0"]["bkg"]
    specs = [
        plan.split.split(project, "task0", "bkg", part, "0"),
        plan.train.train(project, "task0", "net", "0", "0"),
        plan.predict.predict(project, "task0", "net"),
        plan.metrics.metrics(project, "task0"),
        plan.export.export(project, "task0", "net", "model"),
    ]
    for spec in specs:
        assert not {"parameters", "points", "trained_at"} & set(json.dumps(settings(spec)).split('"'))


EVENTS = 60_000
POINTS = [[400.0, 1.0], [500.0, 1.0], [500.0, 2.0]]


def test_points_are_drawn_alike_in_any_split_and_independently_of_it():
    hashes = event_hash(table_of(id_event=np.arange(EVENTS)), ["event"], seed=7)
    place = places(list(drawn(hashes, POINTS).T), POINTS)
    of_splits = assign(event_hash(table_of(id_event=np.arange(EVENTS)), ["event"], 0), Fractions(), 0)
    for number in range(3):
        counts = np.bincount(place[of_splits == number], minlength=3)
        assert chisquare(counts).pvalue > 1e-3, counts
    assert not np.array_equal(
        drawn(hashes, POINTS), drawn(event_hash(table_of(id_event=np.arange(EVENTS)), ["event"], 8), POINTS)
    )


def test_the_ends_of_the_hash_and_rows_at_no_point():
    assert drawn(np.array([0, 2**64 - 1], np.uint64), POINTS).tolist() == [POINTS[0], POINTS[-1]]
    columns = [np.array([500, 400, np.nan], np.float32), np.array([2, 2, 1], np.float32)]
    assert places(columns, POINTS).tolist() == [2, -1, -1]
    assert places([np.empty(0, np.float32)] * 2, POINTS).tolist() == []
    assert named(["mass", "width"], [400, 0.1]) == "mass=400,width=0.1"


def rows(event: np.ndarray, sample: str = "bkg", **more) -> pa.Table:
    return table_of(sample, 0, id_run=np.ones(len(event), np.int64), id_event=event, **more)


def test_a_drawn_point_follows_the_event_whatever_file_part_order_and_sample_it_is_in(tmp_path):
    random = np.random.default_rng(1)
    event = random.integers(0, 300, 1000)  # with copies
    known = Parameters(names=["mass", "width"], drawn=Drawn(points=POINTS, seed=3))

    def of(table):
        made = added(table, known, ["run", "event"], tmp_path)
        return [tuple(pair) for pair in zip(made["mass"].to_pylist(), made["width"].to_pylist(), strict=True)]

    at = dict(zip(event.tolist(), of(rows(event)), strict=True))
    assert set(at.values()) == {tuple(point) for point in POINTS}
    shuffled = random.permutation(event)[:100]
    assert of(rows(shuffled, sample="other")) == [at[one] for one in shuffled.tolist()]


def test_the_split_writes_the_columns_behind_all_others_and_changes_nothing_else(tmp_path):
    table = rows(np.arange(500), x=np.arange(500, dtype=np.float32))
    tables.write([table], table.schema, tmp_path / "table.parquet")
    made = {}
    for name, known in (("plain", None), ("drawn", Parameters(names=["mass"], drawn=Drawn(points=[[1], [2]], seed=3)))):
        files = [tmp_path / f"{name}-{one}.parquet" for one in SPLITS]
        split(
            SplitSettings(parameters=known, fractions=Fractions(), fold=0, group=["event"]),
            tmp_path / "table.parquet",
            *files,
        )
        made[name] = [tables.read(path) for path in files]
    for plain, with_mass in zip(made["plain"], made["drawn"], strict=True):
        assert with_mass.drop_columns(["mass"]).equals(plain)
        assert with_mass.schema.field("mass").type == pa.float32()
        assert set(with_mass["mass"].to_pylist()) == {1.0, 2.0}


def test_values_of_signal_are_a_number_or_what_an_expression_gave(tmp_path):
    known = {**branches(50), "truth": np.where(np.arange(50) % 2, 0.4, 0.6)}
    ntuple = write_ntuple(tmp_path / "in.root", known)
    table, _ = run_features(ntuple, definitions={"parameter_mass": "1000 * truth"}, spectators=["parameter_mass"])
    given = Parameters(names=["mass"], given={"mass": [400.0, 600.0]})
    made = added(table, given, ["event"], tmp_path / "table.parquet")
    assert made["mass"].to_pylist() == np.where(np.arange(50) % 2, 400.0, 600.0).tolist()
    assert made.schema == schema(table.schema, given)
    constant = added(
        table.drop_columns(["parameter_mass"]), Parameters(names=["mass"], given={"mass": 400.0}), ["event"], tmp_path
    )
    assert set(constant["mass"].to_pylist()) == {400.0}
    with pytest.raises(SnakerootError, match=r"table.parquet: mass .* is 600 in 25 rows.*none of .*: 400, 500"):
        added(table, Parameters(names=["mass"], given={"mass": [400.0, 500.0]}), ["event"], tmp_path / "table.parquet")


def test_check_says_where_an_expression_stands(tmp_path):
    for seed, sample in enumerate(("light", "heavy", "many", "bkg", "data")):
        write_ntuple(tmp_path / f"{sample}.root", {**branches(20, seed), "truth": np.full(20, 0.4)})
    Path("config/tasks").mkdir(parents=True)
    Path("config/config.yaml").write_text("tasks: [mine]\n")
    Path("config/tasks/mine.yaml").write_text(TASK)
    assert not check([]).mistakes
    Path("config/tasks/mine.yaml").write_text(TASK.replace("1000 * truth", "1000 * trut"))
    [line] = check([]).mistakes
    assert line.startswith("config/tasks/mine.yaml:7:")
    assert "samples.many.parameters.mass: many.root: no branch 'trut'" in line
    Path("config/tasks/mine.yaml").write_text(TASK.replace("1000 * truth", "pt"))
    assert "samples.many.parameters.mass" in check([]).mistakes[0]
