"""`snakeroot inspect`, `init` and `check`, as a shell calls them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import awkward as ak
import h5py
import kinds
import numpy as np
import pandas as pd
import pytest
import uproot
import yaml
from data import real_file
from helpers import write_ntuple
from snakeroot import plan
from snakeroot.cli import app
from snakeroot.survey import project


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """An empty folder."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def snakeroot(monkeypatch, capsys):
    """Calls the command; returns its exit code, and what it said and told."""

    def call(*words):
        monkeypatch.setattr("sys.argv", ["snakeroot", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            app.main()
        said = capsys.readouterr()
        return int(end.value.code or 0), said.out, said.err

    return call


def events(signal: bool, rows: int = 600, **more):
    """Branches with every trap that a file may have, and a little physics."""
    rng = np.random.default_rng([signal, rows])
    sizes = rng.integers(0, 4, rows)
    return {
        "run": np.full(rows, 1 + signal, np.int32),
        "event": 1000 * rows + np.arange(rows, dtype=np.int64),
        "weight": np.full(rows, 0.5 + signal),
        "lepton_pt": rng.normal(30 + 5 * signal, 5, rows).astype(np.float32),
        "same": np.full(rows, 4.0),
        "copy": rng.normal(30 + 5 * signal, 5, rows).astype(np.float32) * 0 + np.float32(7 + signal),
        "mjj": np.where(rng.random(rows) < 0.4, -999, rng.exponential(300, rows)).astype(np.float32),
        "odd": np.where(rng.random(rows) < 0.1, np.nan, rng.normal(size=rows)),
        "Jet_pt": ak.unflatten(rng.exponential(40, sizes.sum()).astype(np.float32), sizes),
        "gen_pt": rng.normal(size=rows),
        "label": np.full(rows, int(signal), np.int32),
        "what": [f"text {number}" for number in range(rows)],
        **more,
    }


def write_pair():
    """Write signal.root and two files of background."""
    write_ntuple(Path("signal.root"), events(True))
    for name, rows in (("b1", 500), ("b2", 700)):
        write_ntuple(Path(f"{name}.root"), events(False, rows))


def task(name="mine"):
    return yaml.safe_load(Path(f"config/tasks/{name}.yaml").read_text())


def write_task(text):
    """Write the task `mine`, and name it in config.yaml."""
    Path("config/tasks").mkdir(parents=True)
    Path("config/config.yaml").write_text("tasks: [mine]\n")
    Path("config/tasks/mine.yaml").write_text(text)


def test_inspect_tells_of_types_lengths_ranges_and_what_is_missing(snakeroot):
    write_pair()
    code, said, _ = snakeroot("inspect", "signal.root")
    assert code == 0
    lines = {line.split()[0]: line for line in said.splitlines() if line.startswith("  ")}
    assert said.startswith("signal.root: events, 600 entries, 13 branches; 600 entries read")
    assert re.search(r"int32 +2 +2 +constant, id", lines["run"])
    assert re.search(r"float32 .*-999: \d\d %", lines["mjj"])
    assert re.search(r"float64 .* \d+(\.\d)? %", lines["odd"])
    assert re.search(r"var \* float32 +0–3", lines["Jet_pt"])
    assert "event_id, perhaps: run, event (unique in what was read)" in said
    assert "weight, perhaps: weight" in said
    assert "class, perhaps: label" in said


def test_lists_that_are_all_empty_lack_nothing(snakeroot):
    write_ntuple(Path("none.root"), events(True, Muon_pt=ak.Array([[1.0], *[[]] * 599])[1:], rows=599))
    assert re.search(r"^  Muon_pt +var \* float64  0–0 *$", snakeroot("inspect", "none.root")[1], re.MULTILINE)


def test_inspect_as_json_has_all_files_and_trees(snakeroot):
    write_pair()
    with h5py.File("tables.h5", "w") as file:
        file["jets"] = np.array([(1, 2.0), (2, 3.0)], [("event", "i8"), ("pt", "f4")])
        file["more/x"] = np.arange(5.0)
    code, said, _ = snakeroot("inspect", "--json", "b1.root", "tables.h5")
    found = json.loads(said)
    assert code == 0
    assert [(one["tree"], one["entries"]) for one in found] == [("events", 500), ("jets", 2), ("/more", 5)]
    [mjj] = [one for one in found[0]["branches"] if one["name"] == "mjj"]
    values = np.asarray(events(False, 500)["mjj"])
    assert mjj["sentinels"] == {"-999": pytest.approx((values == -999).mean())}
    assert (mjj["lowest"], mjj["highest"]) == (values[values > -999].min(), values.max())


def test_a_tree_that_is_passed_over_is_told_of(snakeroot, caplog):
    with uproot.recreate("two.root") as file:
        file.mktree("empty", {"x": np.float64})
        file.mktree("events", {"x": np.float64}).extend({"x": np.arange(5.0)})
    code, said, _ = snakeroot("inspect", "two.root")
    assert (code, said[:24]) == (0, "two.root: events, 5 entr")
    [told] = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert told.startswith("two.root: ")
    assert "'empty'" in told


@pytest.mark.parametrize("suffix", kinds.SUFFIXES)
def test_every_kind_of_file_is_looked_into_and_gives_a_task(snakeroot, suffix):
    for name, seed in (("signal", 1), ("background", 2)):
        columns = kinds.columns(900, seed) | {"y": np.random.default_rng(seed).normal(seed / 2, 1, 900).tolist()}
        kinds.write(Path(f"{name}{suffix}"), columns)
    code, said, told = snakeroot("inspect", "--json", f"signal{suffix}")
    assert code == 0, told
    [found] = json.loads(said)
    assert (found["entries"], found["read"], found["event_id"]["branches"]) == (900, 900, ["run", "event"])
    assert {one["name"] for one in found["branches"]} == {"run", "event", "x", "y", "n", "good", "name"}
    code, _, told = snakeroot("init", "mine", "--signal", f"signal{suffix}", "--background", f"background{suffix}")
    assert code == 0, told
    assert set(task()["features"]) == {"x", "y", "n", "good"}
    assert ("tree" in task()) == (suffix in kinds.TREES)
    assert snakeroot("check")[:2] == (0, "0 mistakes, 0 warnings\n")


def test_inspect_goes_on_after_a_file_that_cannot_be_read(snakeroot):
    write_pair()
    Path("bad.root").write_bytes(b"<html>")
    code, said, told = snakeroot("inspect", "bad.root", "none.root", "b1.root")
    assert code == 1
    assert [line.split(":")[1] for line in told.splitlines()] == [" bad.root", " none.root"]
    assert said.startswith("b1.root: events")


def test_names_in_a_file_command_no_terminal(snakeroot):
    write_ntuple(Path("a.root"), {"x\x1b[2J": np.arange(3.0)})
    code, said, _ = snakeroot("inspect", "a.root")
    assert code == 0
    assert "\x1b" not in said
    assert "x?[2J" in said


@pytest.mark.filterwarnings("ignore")
def test_help_has_examples_and_the_shell_completes_words(snakeroot, monkeypatch):
    code, said, _ = snakeroot("init", "--help")
    assert code == 0
    assert "Example: snakeroot init higgs --signal signal.root --background zz_*.root" in said
    for name, value in {
        "_SNAKEROOT_COMPLETE": "complete_bash",
        "COMP_WORDS": "snakeroot in",
        "COMP_CWORD": "1",
    }.items():
        monkeypatch.setenv(name, value)
    code, said, _ = snakeroot()
    assert sorted(said.split()) == ["init", "inspect"]


def test_init_writes_a_task_without_the_traps_that_runs_as_it_is(snakeroot):
    write_pair()
    code, said, told = snakeroot("init", "mine", "--signal", "signal.root", "--background", "b1.root", "b2.root")
    assert code == 0, told
    found = task()
    assert found["samples"] == {
        "signal": {"class": "signal", "files": ["signal.root"]},
        "background": {"class": "background", "files": ["b1.root", "b2.root"]},
    }
    assert (found["tree"], found["event_id"], found["weight"]) == ("events", ["run", "event"], "weight")
    assert found["features"] == {
        "lepton_pt": "lepton_pt",
        "mjj": "log(mjj)",
        "nJet_pt": "nJet_pt",
        "odd": "odd",
        "Jet1_pt": "log(Jet_pt[0])",
        "Jet2_pt": "log(Jet_pt[1])",
    }
    assert found["missing"] == {"mjj": [-999], "odd": ["nan"], "Jet1_pt": ["nan"], "Jet2_pt": ["nan"]}
    text = Path("config/tasks/mine.yaml").read_text()
    for reason in (
        "run, event: a part of the event's identity",
        "weight: a weight",
        "same: constant, 4, in all",
        "copy: it alone says what is to be learned (1.0000 of 1)",
        "gen_pt: named as what only simulation knows",
        "label: named as if it said",
        "what: text",
        "nJet: the same as nJet_pt",
    ):
        assert f"#   {reason}" in text
    assert re.search(r"  mjj: log\(mjj\) # its tail is long; \d\d % are not there\n", text)
    assert yaml.safe_load(Path("config/config.yaml").read_text()) == {"tasks": ["mine"]}
    assert "config/config.yaml: written" in said
    assert plan.load({"tasks": ["mine"]}).parts["mine"].keys() == {"signal", "background"}


def test_init_overwrites_nothing_and_asks_nothing(snakeroot):
    write_pair()
    Path("config/tasks").mkdir(parents=True)
    Path("config/tasks/mine.yaml").write_text("mine")
    code, _, told = snakeroot("init", "mine", "--signal", "signal.root", "--background", "b1.root")
    assert (code, told.split(":")[1]) == (1, " config/tasks/mine.yaml")
    assert Path("config/tasks/mine.yaml").read_text() == "mine"
    assert not Path("config/config.yaml").exists()


def jets(rows: int = 1200):
    """A flat ntuple of three jets per event."""
    rng = np.random.default_rng(rows)
    return {"eventNumber": np.arange(rows) // 3, "pt": rng.exponential(40, rows), "eta": rng.normal(size=rows)}


def test_files_of_a_sample_that_share_nothing_are_named(snakeroot):
    write_pair()
    np.savez("other.npz", x=np.arange(10.0))
    code, _, told = snakeroot("init", "mine", "--signal", "signal.root", "--background", "b1.root", "other.npz")
    assert (code, "background: no branch is in all files" in told, "b1.root" in told) == (1, True, True), told


def test_jets_of_one_event_stay_in_one_split(snakeroot):
    for name, rows in (("signal", 1200), ("background", 1500)):
        write_ntuple(Path(f"{name}.root"), {**jets(rows), "jetWeight": np.arange(rows) / 7})
    code, _, told = snakeroot("init", "mine", "--signal", "signal.root", "--background", "background.root")
    assert code == 0, told
    assert (task()["group"], set(task()["event_id"])) == (["eventNumber"], {"eventNumber", "pt", "eta"})
    assert "No branch is called like" not in Path("config/tasks/mine.yaml").read_text()


@pytest.mark.parametrize("others", [{}, {"njet": np.arange(1200) % 4}])
def test_files_that_nothing_tells_apart_are_taken_by_their_entries(snakeroot, others):
    sizes = 1 + np.arange(1200) % 3
    for seed, name in enumerate(("signal", "background")):
        rng = np.random.default_rng(seed)
        write_ntuple(Path(f"{name}.root"), {"Jet_pt": ak.unflatten(rng.exponential(40, sizes.sum()), sizes), **others})
    code, said, told = snakeroot("init", "mine", "--signal", "signal.root", "--background", "background.root")
    assert (code, task()["event_id"]) == (0, "entry"), told
    assert "event_id entry" in said


def test_arrays_tell_events_apart_and_an_index_of_pandas_is_no_physics(snakeroot):
    rng = np.random.default_rng(1)
    for name in ("signal", "background"):
        np.savez(f"{name}.npz", X=rng.normal(size=(800, 5)), y=np.arange(800) % 2)
        table = pd.DataFrame({"pt": rng.exponential(40, 800), "eta": rng.normal(size=800), "phi": rng.normal(size=800)})
        table.to_csv(f"{name}.csv")
    for kind in ("npz", "csv"):
        words = ("--signal", f"signal.{kind}", "--background", f"background.{kind}")
        code, _, told = snakeroot("init", f"of-{kind}", *words)
        assert code == 0, told
    assert "X" in task("of-npz")["event_id"]
    assert set(task("of-csv")["features"]) == {"pt", "eta", "phi"}


def test_entries_without_a_target_are_dropped(snakeroot):
    write_pair()
    code, _, told = snakeroot("init", "mine", "--target", "Jet_pt[0]", "--class", "all=b1.root")
    assert (code, task()["non_finite"]) == (0, "drop"), told


def test_several_classes_patterns_and_a_regression(snakeroot):
    write_pair()
    many = ("--class=a=signal.root", "--class", "b=b1.root", "--class", "c=b[2-9].root")
    assert snakeroot("init", "three", *many)[0] == 0
    assert (task("three")["kind"], task("three")["samples"]["c"]["files"]) == ("multiclass", ["b[2-9].root"])
    code, _, told = snakeroot("init", "pt", "--target", "lepton_pt * 2", "--class", "all=b1.root", "b2.root")
    assert code == 0, told
    found = task("pt")
    assert (found["kind"], found["target"], found["samples"]) == (
        "regression",
        "lepton_pt * 2",
        {"all": {"files": ["b1.root", "b2.root"]}},
    )
    assert "lepton_pt" not in found["features"]
    assert yaml.safe_load(Path("config/config.yaml").read_text()) == {"tasks": ["three", "pt"]}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("mine", "--signal", "signal.root"), "name files of two classes"),
        (("1mine", "--signal", "signal.root", "--background", "b1.root"), "'1mine' is no name"),
        (("mine", "--signal", "no*.root", "--background", "b1.root"), "signal: 'no*.root' matches no file"),
        (("mine", "--signal", "b1.root", "--background", "b1.root"), "is in the sample 'signal' too"),
        (("mine", "--tree", "event", "--signal", "signal.root", "--background", "b1.root"), "did you mean 'events'"),
        (("mine", "--class", "a=b1.root", "--class", "b=b2.root"), "two classes are called signal and background"),
        (("mine", "--class", "a=b1.root", "--target", "nope"), "--target: no branch 'nope'"),
    ],
)
def test_what_init_cannot_do_is_one_message(snakeroot, words, says):
    write_pair()
    code, _, told = snakeroot("init", *words)
    assert code == 1
    assert says in told
    assert told.count("\n") == 1
    assert not Path("config").exists()


CONFIGS = {
    "tasks:\n  - a # first\n  - b\nseed: 3 # of all\n": "tasks:\n  - a # first\n  - b\n  - new\nseed: 3 # of all\n",
    "seed: 3\ntasks: [a, b] # both": "seed: 3\ntasks: [a, b, new] # both",
    "tasks:\n- 'a'": "tasks:\n- 'a'\n- new\n",
    "tasks: &x [a]\n": "tasks: &x [a, new]\n",
    "tasks: a\n": None,
    "seed: 3\n": None,
}


@pytest.mark.parametrize(("before", "after"), CONFIGS.items())
def test_a_task_is_named_in_the_config_and_comments_stay(before, after):
    project.CONFIG.parent.mkdir()
    project.CONFIG.write_text(before)
    said = project.enlist("new")
    assert project.CONFIG.read_text() == (after or before)
    assert ("add new to 'tasks'" in said) == (after is None)
    if after:
        project.enlist("new")
        assert project.CONFIG.read_text() == after


MISTAKEN = """\
kind: binary
tree: events
samples:
  sig: { class: signal, files: [signal.root], weight: wight }
  bkg: { class: background, files: [b1.root, b2.root], selection: lepton_pt }
event_id: [run, evnt]
weight: weight
selection: (lepton_pt > 3) & (mjjj > 0)
features:
  a: mjj / 0
  b: leptn_pt
  c: Jet_pt
  d: what + 1
  e: sqrt(
  f: lepton_pt
  g: Jet_pt[0]
  h: uses + lepton_pt
definitions:
  lost: nowhere + 1
  uses: lost * 2
sequences:
  jets: { order_by: Jet_pt, length: 2, channels: { x: Jet_eta } }
spectators: [nope]
models:
  net: { architecture: mpl }
evaluation:
  labels: { sig: "$\\\\nonsense$" }
"""


def test_check_lists_every_mistake_at_once_with_its_place(snakeroot):
    write_pair()
    Path("config/tasks").mkdir(parents=True)
    Path("config/tasks/mine.yaml").write_text(MISTAKEN)
    code, said, told = snakeroot("check", "mine")
    found = sorted(re.findall(r"^error: config/tasks/mine.yaml:(\d+):\d+: ([\w.]+): ", told, re.MULTILINE))
    assert code == 1
    assert found == sorted(
        [
            *[("4", "samples.sig.weight"), ("5", "samples.bkg.selection"), ("6", "event_id.1"), ("8", "selection")],
            *[("10", "features.a"), ("11", "features.b"), ("12", "features.c"), ("13", "features.d")],
            *[("14", "features.e"), ("16", "features.g"), ("19", "definitions.lost"), ("22", "sequences.jets")],
            *[("23", "spectators.0"), ("25", "models.net.architecture"), ("27", "evaluation.labels.sig")],
        ]
    )
    assert said == "15 mistakes, 0 warnings\n"
    assert "features.b: signal.root and 2 more files: no branch 'leptn_pt'" in told


SOUND = """\
kind: binary
tree: events
samples:
  sig: { class: signal, files: [signal.root] }
  bkg: { class: background, files: [b*.root] }
event_id: [run, event]
weight: weight
features: { run: run, w: weight, twice: weight * 2, mjj: mjj, pt: lepton_pt }
models: { net: { architecture: mlp } }
"""


OTHERWISE = """\
kind: binary
tree: events
samples:
  sig: { class: signal, files: [signal.root], branches: { pt: lepton_pt, where: nothing } }
  bkg: { class: background, files: [b*.root], branches: { pt: lepton_pt, where: label } }
event_id: entry
definitions: { twice: 2 * pt, same: pt + 1 }
split: { column: where, train: 1, validation: 2, test: 3 }
features: { pt: pt, twice: twice, lost: los, same: same, root: sqrt(odd) }
models: { net: { architecture: mlp } }
"""


def test_check_reads_as_the_jobs_do(snakeroot):
    write_pair()
    write_task(OTHERWISE)
    code, said, told = snakeroot("check")
    assert (code, said) == (1, "4 mistakes, 0 warnings\n"), told
    assert ": definitions.same: signal.root and 2 more files: there is a branch 'same'" in told
    assert ": split.column: signal.root: no branch 'nothing'" in told
    assert ": features.lost: signal.root and 2 more files: no branch 'los'" in told
    assert ": features.root: signal.root and 2 more files: the feature 'root' (sqrt(odd)) is NaN" in told
    sound = OTHERWISE.replace("same", "other").replace("los,", "pt,").replace("sqrt(odd)", "run")
    Path("config/tasks/mine.yaml").write_text(sound.replace("nothing", "label"))
    code, said, told = snakeroot("check")
    text = ": split: b1.root and 1 more file: the branch 'where' (split.column) is 0 in 500 rows"
    assert (code, said[:10]) == (1, "1 mistake,"), told
    assert text in told


def test_an_identity_that_some_entries_lack_is_one_mistake(snakeroot):
    for name in ("signal", "b1", "b2"):
        write_ntuple(Path(f"{name}.root"), events(name == "signal", absent=np.where(np.arange(600) % 9, 1.0, np.nan)))
    write_task(SOUND.replace("[run, event]", "[absent]").replace("mjj: mjj", "x: 1 + lost"))
    code, said, told = snakeroot("check")
    assert (code, said[:10]) == (1, "2 mistakes"), told
    assert "event_id.0: signal.root and 2 more files: the event_id branch 'absent' is NaN" in told


def test_a_mistake_in_a_list_of_one_hides_no_others(snakeroot):
    write_pair()
    write_task(SOUND.replace("mjj: mjj", "mjj: lost") + "missing: { pt: nope }\n")
    code, said, told = snakeroot("check")
    assert (code, said[:10]) == (1, "2 mistakes"), told
    assert "missing.pt.0: a finite number" in told
    assert "features.mjj: signal.root and 2 more files: no branch 'lost'" in told


def test_check_warns_of_traps_and_ends_well(snakeroot):
    write_pair()
    write_task(SOUND)
    code, said, told = snakeroot("check")
    assert (code, said) == (0, "0 mistakes, 7 warnings\n")
    about = re.findall(
        r"^warning: \S+:8:\d+: features\.(\w+): .*?(identity|is a weight|alone|-999)", told, re.MULTILINE
    )
    assert sorted(about) == [
        *[
            ("mjj", "-999"),
            ("run", "alone"),
            ("run", "identity"),
            ("twice", "alone"),
            ("w", "alone"),
            ("w", "is a weight"),
        ]
    ]
    assert "the class 'signal' has 360 events to train on" in told


def test_a_file_of_another_kind_and_a_tree_that_is_missing_are_told_at_their_keys(snakeroot):
    write_pair()
    Path("b3.root").write_bytes(b"PAR1")
    Path("config/tasks").mkdir(parents=True)
    Path("config/tasks/mine.yaml").write_text(SOUND.replace("files: [signal.root]", "files: [signal.root], tree: x"))
    _, _, told = snakeroot("check", "mine")
    assert re.search(r"^error: \S+:4:\d+: samples.sig.tree: signal.root: no tree 'x'", told, re.MULTILINE)
    assert re.search(r"^error: \S+:5:\d+: samples.bkg.files: b3.root: not a ROOT file", told, re.MULTILINE)


VARIED = """\
templates:
  regions: { all: { observable: score, binning: [0, 1] } }
  systematics:
    sound: { up: { features: { pt: 1.1 * lepton_pt } } }
    branch: { up: { features: { pt: lepton_pt_up, mjj: mjj } } }
    tree: { samples: [bkg], up: { tree: events_up } }
    values: { up: { features: { mjj: sqrt(odd) } } }
    kind: { samples: [bkg], up: { files: [b1.root] }, down: { files: [other.root] } }
"""


def test_check_looks_at_variations_too(snakeroot):
    write_pair()
    write_ntuple(Path("other.root"), {name: values for name, values in events(False).items() if name != "mjj"})
    write_task(SOUND + VARIED)
    code, _, told = snakeroot("check")
    found = re.findall(r"^error: config/tasks/mine.yaml:(\d+):\d+: templates.systematics.(.*)", told, re.MULTILINE)
    expected = [
        ("14", "branch.up.features.pt: b1.root: no branch 'lepton_pt_up'"),
        ("15", "tree.up.tree: b1.root: no tree 'events_up'"),
        ("16", "values.up.features.mjj: b1.root: the feature 'mjj' (sqrt(odd)) is NaN"),
        ("17", "kind.down: other.root: no branch 'mjj'"),
    ]
    for (line, text), (wanted, says) in zip(found, expected, strict=True):
        assert (line, text[: len(says)]) == (wanted, says), told
    assert code == 1


def test_check_says_what_it_does_not_look_at(snakeroot):
    Path("config/tasks").mkdir(parents=True)
    text = SOUND.replace("files: [signal.root]", "generate: { process: vbf_h4mu, events: 10 }")
    text = text.replace("tree: events", "tree: HZZ4LeptonsAnalysisReduced")
    text = text.replace("[b*.root]", "[https://localhost:1/b.root], cross_section: 1, generated: 9")
    Path("config/tasks/mine.yaml").write_text(f"luminosity: null\n{text}")
    code, _, told = snakeroot("check", "--local", "mine")
    assert "note: mine: the sample 'sig' is generated by the run" in told
    assert "note: mine: https://localhost:1/b.root is remote and was not looked at" in told
    assert code == 0, told


def test_a_project_without_a_config_is_told_what_to_do(snakeroot):
    code, _, told = snakeroot("check")
    assert code == 1
    assert "config/config.yaml: there is none: `snakeroot init` writes one" in told


@pytest.mark.parametrize(
    ("signal", "background", "left_out", "event_id"),
    [
        (
            "real/cms8tev_SMHiggsToZZTo4LTwoMuonsTwoElectronsSkim.root",
            "real/cms8tev_ZZTo2e2muTwoMuonsTwoElectronsSkim.root",
            {"run", "Weight"},
            ["theta_star", "Phi", "Phi1"],
        ),
        ("edge/uproot-HZZ-zlib.root", "edge/uproot-HZZ-zstd.root", set(), None),
        # NanoAOD rounds the masses of muons, and most of the events have none: of those that have, they say all
        (
            "real/NanoAODv5_sample.root",
            "real/open-data-example.root",
            {"Muon_mass[0]", "Muon_mass[1]"},
            "entry",
        ),
    ],
)
def test_real_pairs_give_a_task_that_is_sound(snakeroot, signal, background, left_out, event_id):
    words = ("--signal", real_file(signal), "--background", real_file(background))
    code, _, told = snakeroot("init", "pair", *words)
    assert code == 0, told
    assert not left_out & set(task("pair")["features"].values())
    assert event_id in (None, task("pair")["event_id"])
    text = Path("config/tasks/pair.yaml").read_text()
    assert ("# weight: see the samples" in text) == ("    weight: genWeight" in text)
    code, said, told = snakeroot("check")
    assert (code, said[:10]) == (0, "0 mistakes"), told
    assert "alone tells" not in told


def test_of_very_many_candidates_those_that_tell_most_are_taken(snakeroot, tmp_path):
    rng = np.random.default_rng(0)
    for signal, name in ((True, "s"), (False, "b")):
        more = {f"x{n}": rng.normal(signal * n / 100, 1, 500) for n in range(60)}
        write_ntuple(tmp_path / f"{name}.root", events(signal, 500, **more))
    code, _, told = snakeroot("init", "many", "--signal", "s.root", "--background", "b.root")
    assert code == 0, told
    found = task("many")["features"]
    assert len(found) == 40
    assert {"x59", "x58", "lepton_pt"} < set(found)


def test_a_mask_is_no_feature(snakeroot, tmp_path):
    for signal, name in ((True, "s"), (False, "b")):
        valid = ak.unflatten(np.random.default_rng(signal).random(1200) < 0.7, np.full(400, 3))
        write_ntuple(tmp_path / f"{name}.root", events(signal, 400, valid=valid, good=valid))
    code, _, told = snakeroot("init", "masked", "--signal", "s.root", "--background", "b.root")
    assert code == 0, told
    lists = {text for text in task("masked")["features"].values() if text.startswith(("valid", "good"))}
    assert lists == {"good[0]", "good[1]"}
    assert "#   valid: a mask" in Path("config/tasks/masked.yaml").read_text()


def test_a_file_of_very_many_branches(snakeroot):
    _, said, _ = snakeroot("inspect", real_file("real/NanoAODv5_sample.root"), "--tree", "Events")
    assert "Events, 1,000 entries, 1479 branches" in said
    assert "event_id, perhaps: run, luminosityBlock, event (unique in what was read)" in said
    assert "weight, perhaps: genWeight" in said
