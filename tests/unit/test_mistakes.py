"""All mistakes of the config at once, each with the line and the column where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from snakeroot import plan
from snakeroot.config import check_file
from snakeroot.config.source import DEEPEST, LONGEST, MOST_VALUES, Source
from snakeroot.errors import SnakerootError
from tasks import TASK, edited, load

WRONG = """\
kind: binary
tree: Events
samples:
  W+jets: { class: signal, files: [data/a.root] }
  zz: { class: backgroud, files: [data/*.root] }
event_id: [run, run]
selektion: a > 1
features: { x: hypot(a, b), y: lambda + 1, weight: c }
sequences:
  s: { order_by: pt, length: 3, channels: { pt: pt } }
models:
  net:
    architecture: mlp
    hidden: [0, true]
    training:
      optimizer: { name: adam, momentum: 1 }
  transformer: { architecture: particle_transformer, coordinates: [pt, dphi] }
evaluation:
  labels: { met: MET }
"""

FOUND = [
    ("4:3: samples: 'W+jets' is no name", "as W_jets"),
    ("5:9: samples.zz.class: 'backgroud' is neither 'signal' nor 'background'",),
    ("6:17: event_id.1: 'run' is listed twice",),
    ("7:1: unknown key 'selektion': did you mean 'selection'?",),
    ("8:13: features.x: ", "a comma ends a value", "x: 'hypot(a, b)'"),
    ("8:29: features.y: not an expression", "branch('lambda')"),
    ("8:44: features.weight: ", "every table has its own"),
    ("14:14: models.net.hidden.0: ", "greater than 0"),
    ("14:17: models.net.hidden.1: a number is wanted, not true",),
    ("16:32: models.net.training.optimizer.adam: unknown key 'momentum'",),
    ("17:72: models.transformer.coordinates.1: s has no channel 'dphi': Known: pt",),
    ("17:3: models.transformer.momentum: s has no channel 'log_pt': did you mean 'pt'?",),
    ("19:13: evaluation.labels.met: no such sample, model or class",),
]


@pytest.fixture(autouse=True)
def ntuples(tmp_path, monkeypatch):
    """Two ntuples below the current folder."""
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b"):
        (tmp_path / f"data/{name}.root").parent.mkdir(exist_ok=True)
        (tmp_path / f"data/{name}.root").touch()


def lines(*texts, **config):
    with pytest.raises(SnakerootError) as error:
        load(*texts, **config)
    return str(error.value).splitlines()


def test_all_mistakes_of_a_file_in_the_order_of_its_lines():
    found = lines(WRONG)
    for line, (start, *words) in zip(found, sorted(FOUND, key=place), strict=True):
        assert line.startswith(f"tasks/task0.yaml:{start}"), line
        assert all(word in line for word in words), line


def place(words):
    return [int(number) for number in words[0].split(":")[:2]]


def test_a_name_that_begins_as_pydantic_names_kinds():
    for name in ("~", "~list"):
        [line] = lines(edited(f"models.{name}", {"architecture": "mlp"}))
        assert f": models: '{name}' is no name" in line


def test_those_of_all_tasks():
    found = lines(WRONG, TASK, WRONG)
    assert [line.split(":")[0] for line in found] == ["tasks/task0.yaml"] * len(FOUND) + ["tasks/task2.yaml"] * len(
        FOUND
    )
    missing = lines(edited("samples.zz.files", ["c.root"]), edited("samples.zz.files", ["d.root"]))
    assert ["'c.root' matches no file" in missing[0], "'d.root' matches no file" in missing[1]] == [True, True]
    assert len(missing) == 2


def test_what_depends_on_a_key_that_cannot_be_read_is_not_blamed():
    """No class, no feature and no input is missing because of the mistake in it."""
    [line] = lines(edited("samples.vbf.generate.events", 0))
    assert "samples.vbf.generate.events" in line
    [line] = lines(edited("features.mass", "m +"))
    assert "features.mass" in line
    [line] = lines(edited("models.mlp.inputs", ["mass"], edited("kind", "binray")))
    assert "kind" in line
    [line] = lines(edited("Tree", "x", edited("tree", None)))
    assert "unknown key 'Tree': did you mean 'tree'" in line, "and not that it is missing, too"


def test_an_anchor_has_the_place_where_it_stands():
    text = TASK.replace("  mlp: {", "  mlp: &mlp {") + "\n"
    text = text.replace("evaluation:", "  wide: {<<: *mlp, hidden: [0]}\nevaluation:")
    [line] = lines(text)
    assert line.startswith("tasks/task0.yaml:14:29: models.wide.hidden.0: ")
    both = lines(text.replace("hidden: [3]", "dropout: 2"))
    assert [line.split(": ")[0] for line in both if "dropout" in line] == ["tasks/task0.yaml:13:53"] * 2


def test_a_mistake_of_a_config_file_and_one_of_the_command_line():
    load(TASK)
    Path("config").mkdir()
    files = [Path("more.yaml").absolute(), Path("config/config.yaml")]
    files[0].write_text("seed: -1\n")
    files[1].write_text("tasks: [task0]\ntask_folder: tasks\nseed: 3\ngpus: 0\nresources: {train: {minute: 3}}\n")
    values = {"tasks": ["task0"], "task_folder": "tasks", "seed": -1, "gpus": 0, "resources": {"train": {"minute": 3}}}
    with pytest.raises(SnakerootError) as error:
        plan.load({**values, "accelerator": "gpu"}, files)
    seed, accelerator, gpus, resources = str(error.value).splitlines()
    assert seed.startswith("more.yaml:1:1: seed: ")
    assert accelerator.startswith("config: accelerator: ")
    assert gpus.startswith("config/config.yaml:4:1: gpus: ")
    assert resources.startswith("config/config.yaml:5:21: resources.train: unknown key 'minute'")


def test_every_pattern_of_a_sample_has_its_own():
    text = TASK.replace("files: [data/*.root]", "files: [data/*.root, c.root, data/a.root, '$NOT_SET/a.root']")
    found = lines(text)
    starts = [f"tasks/task0.yaml:7:{column}: samples.zz: " for column in (48, 56, 69)]
    for line, start, says in zip(found, starts, ("'c.root' matches", "is matched twice", "not set"), strict=True):
        assert line.startswith(start), line
        assert says in line


def test_those_of_the_config_and_of_its_tasks():
    found = lines(WRONG, sed=1)
    assert len(found) == 1 + len(FOUND)
    assert found[0].startswith("config: unknown key 'sed'")
    assert len(lines(WRONG, tasks=["a b"])) == 1


def test_very_many_mistakes_are_not_all_listed():
    text = edited("features", {"ht": "m", "mass": "m"} | {f"x{number}": "m +" for number in range(500)})
    found = lines(text)
    assert len(found) == 51
    assert found[-1] == "… and 450 more mistakes"


BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 10)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (BOMB, rf"6:4: .* values, with what its aliases stand for; {MOST_VALUES} at most"),
        ("a: &a [*a]", "1:4: .*an alias of what it stands in"),
        ("[" * 20_000, f"1:{DEEPEST + 1}: .*more than {DEEPEST} lists and mappings within each other"),
        ("a: " + "{b: " * 20_000, f"more than {DEEPEST} lists"),
        ("\na: " + "1" * 5000, "2:4: .*a number of more than 64 bits"),
        ("a: 0x" + "1" * 5000, "a number of more than 64 bits"),
        ("a: 2024-13-45", "month must be in"),
        ("a: " + "x" * 2_000_000, f"2000000 characters, {LONGEST} at most"),
        ("a: '" + "x\n\n" * 2_000_000, "characters, 4000000 at most"),
        ("a: [1", r"1:6: .*begun in line 1: expected ',' or '\]'"),
        ("a: b: c", "a text with ': ' in it needs quotes"),
        ("a:\n\t- b", "2:1: .*indent with spaces"),
        ("a: [*.root]", "a text that begins with [*] needs quotes"),
        ("a: !b", "1:4: .*a text that begins with ! needs quotes"),
        ("a:\n - !!bool x", "2:4: .*a tag, '!!bool', which no config has"),
        ("a: !!timestamp x", "1:4: .*a tag, '!!timestamp'"),
        ("a: !!int ''", "1:4: .*a tag, '!!int'"),
        ("!!int a: {b: !!map {}}", "1:1: .*a tag, '!!int'"),
        ("a: &b !!set {c}", "1:4: .*a tag, '!!set'"),
        ("a: ! b", "1:4: .*a tag, '!'"),
        ("a: =", "1:4: .*a lone = needs quotes"),
        ("a: 0x_", "1:4: .*'0x_': invalid literal for int"),
        ("a: { x: y[0] }", r"1:10: .*a text with a bracket in it needs quotes, as in 'x\[0\]'"),
        ("a: [x, y[0]]", "1:9: .*a text with a bracket in it needs quotes"),
        ("a: { x: y{0} }", "1:10: .*a text with a brace in it needs quotes"),
        ("a: \x07", r"f.yaml:1: .*the character '\\x07' is not allowed"),
        ("a: 1\nb: 2\na: 3", "3:1: the key 'a' stands twice: in line 1 already"),
        ("__use_yte__: true\n?a: 1", "is no template"),
    ],
)
def test_what_no_config_needs_is_refused_with_its_limit(text, says):
    Path("f.yaml").write_text(text)
    with pytest.raises(SnakerootError, match=says) as error:
        check_file(Path("f.yaml"))
    assert len(str(error.value)) < 300


@pytest.mark.parametrize("key", ["seed", "tasks", "accelerator", "resources", "sed"])
def test_no_message_repeats_a_very_long_value(key):
    """Values of the command line are no YAML of ours."""
    for value in ("x" * 2_000_000, 10**5000, {"x" * 10_000: 1}, ["x" * 10_000]):
        assert len("".join(lines(TASK, **{key: value}))) < 3000


def test_a_comma_in_a_flow_mapping_ends_no_expression():
    """It is told of, and what is meant is read on."""
    text = TASK.replace("features: {mass: m / 1000, ", "features: {mass: 'm / 1000', ")
    load(text.replace("m / 1000'", "hypot(m, m)'"))
    [line] = lines(text.replace("'m / 1000'", "where(m > 0, delta_r(m, m, m, m), 1) + 1"))
    assert "{ mass: 'where(m > 0, delta_r(m, m, m, m), 1) + 1' }" in line


KEYS = st.text(st.characters(codec="ascii", categories=["L"]), min_size=1, max_size=5)
VALUES = st.recursive(st.integers(), lambda v: st.lists(v, max_size=4) | st.dictionaries(KEYS, v, max_size=4))


@given(VALUES)
def test_every_value_is_found_where_it_stands(value):
    text, places = "", {}

    def write(value, keys):
        nonlocal text
        if isinstance(value, dict | list):
            text += "{" if isinstance(value, dict) else "["
            for key, item in value.items() if isinstance(value, dict) else enumerate(value):
                text += "\n "
                places[*keys, key] = text.count("\n") + 1, len(text) - text.rindex("\n")
                text += f"'{key}': " if isinstance(value, dict) else ""
                write(item, (*keys, key))
                text += ","
            text += "}" if isinstance(value, dict) else "]"
        else:
            text += str(value)

    write(value, ())
    source = Source(Path("f"), text)
    assert source.values == value
    assert {keys: source.place(*keys) for keys in places} == {keys: f"f:{x}:{y}" for keys, (x, y) in places.items()}
