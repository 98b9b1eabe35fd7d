"""The config: every mistake is refused when it is read, with the file, the keys and the nearest name."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from snakeroot import plan
from snakeroot.errors import SnakerootError
from snakeroot.generate import processes
from tasks import TASK, edited, load, refused, settings


@pytest.fixture(autouse=True)
def ntuples(tmp_path, monkeypatch):
    """Two ntuples below the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    for name in ("a", "b"):
        (tmp_path / f"data/{name}.root").touch()


@pytest.mark.parametrize(
    ("keys", "nearest"),
    [
        ("slection", "selection"),
        ("samples.vbf.clas", "class"),
        ("samples.vbf.generate.event", "events"),
        ("split", {"trian": "train"}),
        ("models.mlp.input", "inputs"),
        ("models.mlp.hiden", "hidden"),
        ("models.mlp.training.learning_rat", "learning_rate"),
        ("evaluation.axis", "axes"),
        ("resources", {"trian": "train"}),
        ("evaluation.axes.mass.units", "unit"),
    ],
)
def test_a_misspelt_key_is_refused_with_its_place_and_the_nearest(keys, nearest):
    if isinstance(nearest, dict):
        [(wrong, nearest)] = nearest.items()
        text, place = edited(keys, {wrong: 0.5}), keys
    else:
        text, (place, _, wrong) = edited(keys, 1), keys.rpartition(".")
    line = 1 + next(n for n, line in enumerate(text.splitlines()) if line.strip().startswith(f"{wrong}:"))
    where = f"{place + ': ' if place else ''}unknown key '{wrong}': did you mean '{nearest}'? Known: "
    refused(rf"^tasks/task0\.yaml:{line}:\d+: {re.escape(where)}", text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("RECONSTRUCTION = 'fat_jet'", "no reconstruction 'fat_jet': did you mean 'fat_jets'"),
        ("", "no reconstruction '': Known: fat_jets, four_muons"),
    ],
)
def test_a_process_names_its_reconstruction(tmp_path, monkeypatch, text, says):
    name = f"process_{tmp_path.name}"
    (tmp_path / f"{name}.py").write_text(f"COMMANDS = ()\n{text}\n")
    monkeypatch.setattr(processes, "__path__", [*processes.__path__, str(tmp_path)])
    refused(f"samples.vbf.generate.process: {says}", edited("samples.vbf.generate.process", name))


def test_a_misspelt_key_of_the_config_itself():
    refused(r"^config: unknown key 'sed': did you mean 'seed'\?", TASK, sed=1)


@pytest.mark.parametrize(
    "name", ["bench", "ntuples", "report", "../up", "a/b", "", "-x", ".x", "a b", "a\n", "x" * 65, "é", "{x}"]
)
def test_reserved_and_unsafe_names_of_tasks(name):
    refused("^config: tasks", tasks=[name])
    if name not in {"bench", "ntuples", "report"}:
        refused("^tasks/task0.yaml:[0-9:]* samples", edited("samples", {name: {"files": ["a"]}}))
        refused("^tasks/task0.yaml:[0-9:]* models", edited("models", {name: {"architecture": "mlp"}}))


@pytest.mark.parametrize(
    "name",
    ["weight", "score", "split", "sample", "part", "entry", "object", "target", "id_x", "a b", "a.b", "1a", "a-b"],
)
def test_reserved_and_unsafe_names_of_columns(name):
    refused(f"^tasks/task0.yaml:[0-9:]* .*{re.escape(name)}", edited("features", {name: "m"}))
    refused(f"^tasks/task0.yaml:[0-9:]* .*{re.escape(name)}", edited("spectators", [name]))


@pytest.mark.parametrize(
    ("keys", "value", "says"),
    [
        ("samples.vbf.files", ["data/a.root"], r"samples.vbf: a sample has either 'files' or 'generate'"),
        ("samples.vbf.generate", None, "samples.vbf: a sample has either 'files' or 'generate'"),
        ("samples.zz.generated", None, "samples.zz: 'cross_section' and 'generated' come together"),
        ("samples.vbf.checksum", {"x": "adler32:00000000"}, "samples.vbf: a generated sample knows"),
        ("samples.zz.checksum", {"data/a.root": "md5:0"}, "samples.zz.checksum.data/a.root: "),
        ("samples.zz.checksum", {"data/c.root": "adler32:00000000"}, "samples.zz.checksum: 'data/c.root' is no file"),
        ("samples.vbf.class", "background", "no sample has 'class: signal'"),
        ("samples.zz.class", None, "no sample has 'class: background'"),
        ("samples.zz.class", "backgroud", "samples.zz.class: 'backgroud' is neither"),
        ("samples.VBF", {"files": ["data/a.root"]}, "'vbf' and 'VBF' are the same file"),
        ("samples.vbf.generate.process", "vbf_h4m", "process: no process 'vbf_h4m': did you mean 'vbf_h4mu'"),
        ("samples.vbf.generate.events", 0, "samples.vbf.generate.events: .* greater than 0"),
        ("samples.vbf.generate.events", 3 * 10**9, "samples.vbf.generate.events: .* less than"),
        ("models.mlp.architecture", "mpl", "models.mlp.architecture: no architecture 'mpl': did you mean 'mlp'"),
        ("models.mlp.architecture", 5, "models.mlp.architecture: no architecture '5'"),
        ("models.mlp.architecture", None, "models.mlp: no 'architecture': Known: .*kmeans"),
        ("models.mlp.inputs", ["mas"], "models.mlp.inputs.0: no feature 'mas': did you mean 'mass'"),
        ("models.mlp.inputs", ["ht", "ht"], "models.mlp.inputs.1: 'ht' is listed twice"),
        ("models.mlp.hidden", [0], "models.mlp.hidden.0: .* greater than 0"),
        ("models.mlp.training.optimizer", "adm", "models.mlp.training.optimizer: .*'adam'"),
        ("models.mlp.training.learning_rate", float("inf"), "models.mlp.training.learning_rate: .*finite"),
        ("models.mlp.replicas", 0, "models.mlp.replicas: .* greater than or equal to 1"),
        ("models.mlp.replicas", 101, "models.mlp.replicas: .* less than or equal to 100"),
        ("models.MLP", {"architecture": "mlp"}, "'mlp' and 'MLP' are the same file"),
        ("features.mass", "m.real", r"features.mass: in the expression 'm.real': attributes are not in the language"),
        ("features.mass", 3, "features.mass: .* string"),
        ("selection", "m > 0 &", "selection: not an expression"),
        ("weight", "__import__('os')", "weight: .* no function '__import__'"),
        ("weight", float("inf"), "weight: write an expression, as in 'w [*] 2', or a number, as 1 "),
        ("weight", float("nan"), "weight: write an expression, .* number"),
        ("weight", True, "weight: write an expression, .* number"),
        ("samples.zz.weight", [1], "samples.zz.weight: write an expression, .* number"),
        ("samples.zz.weight", "1 +", "samples.zz.weight: not an expression"),
        ("features", {}, "nothing to learn from"),
        ("spectators", ["ht"], "'ht' is a feature and a spectator"),
        ("spectators", ["n", "n"], "spectators.1: 'n' is listed twice"),
        ("event_id", [], "event_id: .* at least 1"),
        ("event_id", ["run", "run"], "event_id.1: 'run' is listed twice"),
        ("group", ["run", "run"], "group.1: 'run' is listed twice"),
        ("group", ["run", "jet"], "group.1: 'jet' is not in event_id, so .* add it to event_id too.*Known: run, event"),
        ("duplicates", "drop", "duplicates: .*'error' or 'keep'"),
        ("split", {"train": 0.9}, "split: train, validation and test add up to 1.3, not 1"),
        ("split", {"folds": 3, "test": 0.2}, "split: remove 'test': with folds: 3 it is 1/3 of the events"),
        ("split", {"folds": 101}, "split.folds: .* less than or equal to 100"),
        ("split", {"folds": True}, "folds: a number is wanted, not true"),
        ("evaluation.axes", {"mas": {}}, "evaluation.axes.mas: no such feature or spectator: did you mean 'mass'"),
        ("kind", "binray", "kind: .*'binary'"),
        ("tree", None, "samples.zz.files: 'data/a.root' may have several trees: write the name of the one to read"),
        ("resources", {"train": {"memory_MB": 400}}, "resources.train.memory_MB: .* greater than or equal to 500"),
        ("resources", {"train": {"memory": 4000}}, "resources.train: unknown key 'memory': did you mean 'memory_MB'"),
        ("resources", {"split": {"gpu_model": "a100"}}, "resources.split: unknown key 'gpu_model'"),
        ("chunk", 0, "chunk: .* greater than 0"),
        ("samples.zz.files", ["data/c*.root"], r"samples.zz: 'data/c\*.root' matches no file"),
        ("samples.zz.files", ["data/*.root", "data/a.root"], "samples.zz: 'data/a.root' is matched twice"),
        ("samples.zz.files", ["data/a.root", "./data/../data/a.root"], "samples.zz: .* is matched twice"),
        ("samples.zz.files", ["s3://host/a.root"], "samples.zz: .* not read by s3://; .*Known: http, https, root"),
        ("samples.zz.files", ["root://host"], "samples.zz: 'root://host' names no file of a server"),
        ("samples.zz.files", ["https://host/"], "samples.zz: 'https://host/' names no file of a server"),
        ("samples.zz.files", ["https://host:x/a"], "samples.zz: 'https://host:x/a' is no URL: is the port a number"),
        ("samples.zz.files", ["https://host/*.root"], "samples.zz: .* is a pattern, but .*: name each file"),
        ("samples.zz.files", ["https://host/a b.root"], "samples.zz: .*: write .* a space as %20"),
        ("samples.zz.files", ["https://host/{a}.root"], "samples.zz: .*: write .* as %"),
        ("samples.zz.files", ["http://host/a.root"], "samples.zz: .* nothing proves what comes by http://: .*checksum"),
        ("samples.zz.files", ["root://h//a.root", "root://H:1094//a.root"], "samples.zz: .* is matched twice"),
        ("samples.zz.files", ["tasks"], "samples.zz: the folder 'tasks' has no file that ends in .root, .h5"),
        ("samples.zz.files", ["~/a.root"], r"samples.zz: '~/a.root' matches no file: there is none at '/.*/a.root'$"),
        ("samples.zz.files", ["/no/such/*.root"], r"samples.zz: '/no/such/\*.root' matches no file$"),
        ("samples.zz.files", ["$NONE/a.root"], r"samples.zz: '\$NONE/a.root': \$NONE is not set in the environment"),
        ("samples.zz.files", ["~nobody-at-all/a"], "samples.zz: .*: ~nobody-at-all has no home folder"),
        ("samples.zz.files", ["*/${HOME}/a"], r"samples.zz: .*: write ~ and variables before the first"),
        ("samples.zz.files", "data/a.root", "samples.zz.files: .*write a list"),
        ("samples.other", {"files": ["data/a.root"]}, "samples.other: 'data/a.root' is in the sample 'zz' too"),
        ("samples.other", {"class": "background", "files": ["b.root"]}, "the sample 'other' has no cross_section"),
        ("samples", {False: {"files": ["a.root"]}}, "put it in quotes"),
        ("luminosity", None, "'luminosity' is missing"),
        ("tree", "events", "tree: the generated sample 'vbf' has the tree 'HZZ4LeptonsAnalysisReduced'"),
        ("samples.w", {"generate": {"process": "w_jets", "events": 9}}, "sample 'w' has the tree 'FatJets', not 'HZZ"),
        ("evaluation.labels", {"mlq": "A"}, "evaluation.labels.mlq: no such sample, model or class: .* 'mlp'"),
        ("features.HT", "m", "'ht' and 'HT' are the same file"),
        ("features.Weight", "m", "cannot be called 'Weight'"),
        ("models.mlp.training.learning_rate", True, "learning_rate: a number is wanted, not true"),
        ("models.mlp.Hidden", [3], "did you mean 'hidden'"),
        ("selection", "m > 0 && n > 1", "write & for &&"),
        ("selection", "!m", "write ~ for !"),
        ("selection", "m > 0 and", "use & .* instead of 'and'"),
        ("features.mass", "lambda + 1", r"features.mass: not an expression: .* is branch\('lambda'\)"),
        ("features.mass", "2l_mass", r"features.mass: not an expression: .* is branch\('2l_mass'\)"),
        ("samples.zz.class", "W+jets", "samples.zz.class: 'W\\+jets' is no name: letters .*, as W_jets; figures"),
        ("features", {"Jet.pt": "m"}, r"features: 'Jet.pt' is no name of a column: .*, as Jet_pt; .* branch"),
        ("evaluation.labels", {"mlp": "x" * 300}, "evaluation.labels.mlp: a label of 300 characters: 250 at most"),
        ("evaluation.labels", {"mlp": "a\x07"}, r"evaluation.labels.mlp: a label is text, and '\\x07' is no sign"),
        ("evaluation.labels", {"mlp": "a\ufffe"}, r"evaluation.labels.mlp: a label is text, and '\\ufffe' is no sign"),
        ("evaluation.labels", {"mlp": f"${'{' * 11}x{'}' * 11}$"}, "labels.mlp: braces .* 11 deep .*: 10 at most"),
        ("evaluation.axes.mass.label", "a\tb", r"evaluation.axes.mass.label: a label is text, and '\\t'"),
        ("evaluation.axes.mass.unit", "G" * 251, "evaluation.axes.mass.unit: a label of 251 characters"),
        ("models.mlp.hidden", [True], "models.mlp.hidden.0: a number is wanted, not true"),
        ("selection", "TMath::Abs(m) > 1", "no namespace"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_task_is_refused_with_its_place(keys, value, says):
    refused(f"^tasks/task0.yaml:[0-9:]* .*{says}", edited(keys, value))


@pytest.mark.parametrize("name", ["W+jets", "ttH.125", "v1.0", "2l", "Δη", "a b"])
def test_a_name_that_is_text_but_none_that_may_be_given_is_told_what_may_be(name):
    for keys in ("samples", "models", "evaluation.labels"):
        says = (
            rf"{keys}: '{re.escape(name)}' is no name: letters \(a-z, A-Z\), digits, '_' and '-', a letter first, 64 at"
        )
        refused(f"^tasks/task0.yaml:[0-9]+:[0-9]+: {says}", edited(keys, {name: {}}))


OBJECTS = {"pt": "c_pt", "eta": "c_eta", "phi": "c_phi"}
IMAGE = {**OBJECTS, "pixels": [3, 4], "half_width": 1.0}
STORED = {"dataset": "x", "pixels": [3, 4]}
SEQUENCE = {"order_by": "c_pt", "length": 5, "channels": {"pt": "c_pt"}}
TREE = {**OBJECTS, "length": 5}


@pytest.mark.parametrize(
    ("keys", "value", "says"),
    [
        ("images", {"i": {**IMAGE, "rotat": True}}, "images.i: unknown key 'rotat': did you mean 'rotate'"),
        ("images", {"i": {**IMAGE, "centre": "middle"}}, "images.i.centre: .*'centroid'"),
        ("images", {"i": {**IMAGE, "pixels": [3, 0]}}, "images.i.pixels.1: .* greater than or equal to 1"),
        ("images", {"i": {**IMAGE, "pt": "c_pt +"}}, "images.i.pt: not an expression"),
        ("images", {"i": {**IMAGE, "channels": {"n": "x.y"}}}, "images.i.channels.n: .* attributes are not"),
        ("images", {"i": {**STORED, "half_width": 1.0}}, "images.i: unknown key 'half_width'"),
        ("images", {"i": {"pixels": [3, 4]}}, "images.i.pt: Field required"),
        ("sequences", {"s": {**SEQUENCE, "length": 0}}, "sequences.s.length: .* greater than or equal to 1"),
        ("sequences", {"s": {**SEQUENCE, "channels": {}}}, "sequences.s.channels: .* at least 1"),
        ("trees", {"t": {**TREE, "algorithm": "anti_kt"}}, "trees.t.algorithm: .*'antikt'"),
        ("trees", {"t": {**TREE, "channels": ["mass"]}}, "trees.t.channels.0: .*'energy'"),
        ("images", {"ht": IMAGE}, "images.ht: 'ht' stands in features too"),
        ("trees", {"HT": TREE}, "'ht' and 'HT' are the same file"),
        ("sequences", {"n": SEQUENCE}, "'n' is a feature and a spectator"),
        ("trees", {"object": TREE}, "cannot be called 'object'"),
        ("rows", "Jet", "rows: no branch Jet_… is used"),
        ("rows", "c", "rows: no branch c_… is used"),
    ],
)
def test_a_mistake_in_a_block_is_refused_with_its_place(keys, value, says):
    refused(f"^tasks/task0.yaml:[0-9:]* .*{says}", edited(keys, value))


@pytest.mark.parametrize(
    "secret",
    [
        "https://me:{}@host/a.root",
        "https://{}@host/a.root",
        "root://me:{}@host//a.root",
        "https://host/a.root?authz=Bearer%20{}",
        "root://host//a.root?authz={}",
        "https://host/a.root#{}",
        "s3://me:{}@host/a.root",
        "https://me:{}@host:x/a.root?{}",
        "https://me:{}/b@host/a.root",
        "https://me:{}?b@host/a.root",
    ],
)
def test_no_secret_in_a_url_is_accepted_or_shown(secret: str) -> None:
    url = secret.replace("{}", "hunter2")
    for key, value in (("files", [url]), ("checksum", {url: "adler32:00000000"})):
        with pytest.raises(SnakerootError, match=r"samples\.zz") as error:
            load(edited(f"samples.zz.{key}", value))
        assert "hunter2" not in str(error.value)


@pytest.mark.parametrize(
    ("link", "to", "named"), [("c.root", "data/a.root", "c.root"), ("more", "data", "more/a.root")]
)
def test_a_file_is_known_through_a_link(tmp_path, link, to, named):
    (tmp_path / link).symlink_to(tmp_path / to)
    refused(f"samples.zz: '{named}' is matched twice", edited("samples.zz.files", ["data/*.root", named]))


def test_a_remote_file_is_no_input_but_in_the_spec() -> None:
    """Its part is named after its URL, and what it is, is the URL and the checksum."""
    urls = ["root://host//store/a.root", "https://host/store/a%20b.root"]
    text = edited("samples.zz.files", urls)
    project = load(text)
    parts = project.parts["task0"]["zz"]
    assert sorted(parts.values()) == sorted(urls)
    assert all(re.fullmatch(r"a(_20b)?-[0-9a-f]{8}", part) for part in parts)
    specs = {url: plan.features.features(project, "task0", "zz", part) for part, url in parts.items()}
    for part, url in parts.items():
        assert project.ntuple("task0", "zz", part) == []
        assert settings(specs[url])["url"] == url
    known = load(edited("samples.zz.checksum", {urls[0]: "adler32:00000000"}, text))
    changed = {url: plan.features.features(known, "task0", "zz", part) for part, url in parts.items()}
    assert [url for url in urls if changed[url] != specs[url]] == urls[:1]
    codes = {json.loads(spec)["code"] for spec in specs.values()}
    assert len(codes) == 2, "each knows the code of its own kind of server alone"


def test_objects_do_not_identify_an_event():
    text = edited("event_id", ["run", "c_event"], edited("images", {"i": IMAGE}))
    load(text)
    refused("event_id.1: 'c_event' is of the objects 'c'", edited("rows", "c", text))


def test_all_inputs_of_a_task_by_name():
    text = edited(
        "sequences", {"s": SEQUENCE}, edited("trees", {"t": TREE}, edited("images", {"i": IMAGE, "j": STORED}))
    )
    task = load(text).tasks["task0"]
    assert {name: (one.kind, one.channels, one.positions) for name, one in task.inputs.items()} == {
        "mass": ("scalar", ["value"], []),
        "ht": ("scalar", ["value"], []),
        "i": ("image", ["pt"], [3, 4]),
        "j": ("image", ["value"], [3, 4]),
        "s": ("sequence", ["pt"], [5]),
        "t": ("tree", ["p", "eta", "theta", "phi", "energy", "pt", "energy_fraction"], [9]),
    }


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (TASK + "\nkind: binary", "the key 'kind' stands twice"),
        (TASK.replace("{mass: ", "{ht: m, mass: "), "the key 'ht' stands twice"),
        ("a: [1", "cannot be read as YAML"),
        ("{[1]: 2}", "cannot be read as YAML"),
        ("kind: !!python/object/apply:os.getcwd []", "cannot be read as YAML"),
        ("", "the file is empty"),
        ("- 1", "not a mapping"),
    ],
)
def test_a_file_that_is_no_task(text, says):
    refused(f"^tasks/task0.yaml:[0-9:]* .*{says}", text)


def test_tasks_that_do_not_exist_or_stand_twice():
    load(TASK)
    refused(r"^tasks/task.yaml: no such task file: did you mean 'task0'\? Known: task0$", tasks=["task"])
    refused("^config: tasks.1: 'task0' is listed twice", tasks=["task0", "task0"])
    refused("^config: tasks.1: .*'task0' and 'TASK0' are the same file", tasks=["task0", "TASK0"])


def test_numbers_that_yaml_takes_for_text():
    assert settings(plan.train.train(load(TASK), "task0", "mlp", "0", "0"))["training"]["learning_rate"] == 0.001


def test_a_sample_may_have_a_weight_of_its_own_which_may_be_a_number():
    text = edited("weight", "w", edited("samples.data", {"files": ["data/*.root"], "weight": 1}))
    for place in ("a", "b"):
        text = text.replace("data/*.root", f"{place}.root", 1)
        Path(f"{place}.root").touch()
    project = load(text)
    weights = {
        sample: settings(plan.features.features(project, "task0", sample, part))["weight"]
        for sample, parts in project.parts["task0"].items()
        for part in parts
    }
    assert weights == {"vbf": "w", "zz": "w", "data": "1"}


def test_home_and_variables_are_replaced_and_parts_do_not_depend_on_them(tmp_path, monkeypatch):
    names = {"files": ["~/x/*.root", "$DATA/a.root", "${DATA}/[b]/c*.root", "$odd.root"]}
    text = edited(
        "samples.zz.checksum", {"~/x/1.root": f"adler32:{8 * '1'}"}, edited("samples.zz.files", names["files"])
    )
    Path("$odd.root").touch()
    found = []
    for number in range(2):
        home, data = tmp_path / f"home{number}", tmp_path / f"data*[{number}]"
        for path in (home / "x/1.root", home / "x/2.root", data / "a.root", data / "b/c.root"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        monkeypatch.setenv("HOME", str(home))
        monkeypatch.setenv("DATA", str(data))
        project = load(text)
        parts = project.parts["task0"]["zz"]
        wanted = [home / "x/1.root", home / "x/2.root", data / "a.root", data / "b/c.root"]
        assert sorted(parts.values()) == sorted([*map(str, wanted), "$odd.root"])
        specs = {name: plan.features.features(project, "task0", "zz", name) for name in parts}
        found.append({name: (Path(path).name, specs[name]) for name, path in parts.items()})
        checksums = {name: settings(spec)["checksum"] for name, (_, spec) in found[-1].items()}
        assert [name[:2] for name, checksum in checksums.items() if checksum] == ["1-"]
    assert found[0] == found[1]
    monkeypatch.delenv("DATA")
    refused(r"samples.zz: '\$DATA/a.root': \$DATA is not set in the environment", text)


def test_anchors_and_merges():
    text = TASK.replace("  mlp: {", "  mlp: &mlp {") + "  wide: {}\n"
    text = text.replace("evaluation:", "  wide: {<<: *mlp, hidden: [9]}\nevaluation:").removesuffix("  wide: {}\n")
    project = load(text)
    assert settings(plan.train.train(project, "task0", "wide", "0", "0"))["settings"]["hidden"] == [9]
    assert [one["name"] for one in settings(plan.train.train(project, "task0", "wide", "0", "0"))["inputs"]] == [
        "ht",
        "mass",
    ]


CLASSES = """
kind: multiclass
tree: events
samples:
  a: {class: jet, files: [data/a.root]}
  b: {class: %s, files: [data/b.root]}
  c: {class: other, files: [data/c.root]}
event_id: [run, event]
features: {mass: m}
models: {mlp: {architecture: mlp}}
"""


@pytest.mark.parametrize(
    ("name", "column"), [("jet_0", "score.jet_0"), ("jet_12", "score.jet_12"), ("jet_spread", "score.jet_spread")]
)
def test_classes_whose_columns_are_the_same_are_refused(tmp_path, name, column):
    (tmp_path / "data/c.root").touch()
    refused(
        f"^tasks/task0.yaml:6:7: samples.b.class: class '{name}': the predictions of class 'jet' have .* '{column}'",
        CLASSES % name,
    )
    for fine in ("jet0", "jet-0", "jet_0b", "jet_spreads", "Jet_0"):
        assert fine in load(CLASSES % fine).tasks["task0"].classes


@pytest.mark.parametrize("name", ["signal", "background"])
def test_a_sample_without_a_class_is_not_called_as_one(name):
    refused(
        f"^tasks/task0.yaml:[0-9:]* samples.{name}: it has no class, but a class has its name",
        edited(f"samples.{name}", {"files": ["data/c.root"]}),
    )
