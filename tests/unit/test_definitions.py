"""Definitions: wherever an expression stands, of entries and of objects, and what is wrong with them, told early."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import awkward as ak
import h5py
import numpy as np
import pytest
from helpers import run_features, steps, write_ntuple
from snakeroot import plan
from snakeroot.errors import SnakerootError
from snakeroot.physics.expressions import combinations, evaluation
from tasks import TASK, edited, load, settings

PT = [[50.0, 30.0, 20.0], [], [70.0, 10.0], [40.0], [60.0, 45.0, 25.0, 5.0]]
COLUMNS = {
    "run": [1] * 5,
    "event": list(range(5)),
    "met": [10.0, 20.0, 30.0, 40.0, 50.0],
    "Jet_pt": ak.Array(PT),
    "Jet_phi": ak.Array([[0.1 * place for place in range(len(row))] for row in PT]),
    "Mu_pt": ak.Array([[5.0], [6.0, 7.0], [], [8.0, 9.0, 1.0], [2.0]]),
}
PAIRS = [[sum(pair) for pair in itertools.combinations(row, 2)] for row in PT]


@pytest.fixture
def ntuple(tmp_path):
    return write_ntuple(tmp_path / "a.root", COLUMNS)


DEFINITIONS = {
    "hardest": "max(pair_pt)",  # of what is defined below it
    "pair": "argcombinations(Jet_pt, 2)",
    "pair_pt": "sum(Jet_pt[pair])",
    "enough": "(count(pair_pt) > 0) & (met < 45)",
    "unused": "no_such_branch[0]",
}


def test_they_stand_wherever_an_expression_does(ntuple):
    table, flow = run_features(
        ntuple, definitions=DEFINITIONS | {"n_pairs": "count(count(pair))"}, selection="enough & (hardest > 0)",
        weight="hardest / 2", target="hardest", features={"half": "hardest / 2"},
        spectators=["hardest", "enough", "n_pairs"],
        sequences={"pairs": {"order_by": "pair_pt", "length": 2, "channels": {"pt": "pair_pt", "met": "met"}}},
    )  # fmt: skip
    assert steps(flow) == {"read": 5, "(enough)": 2, "(hardest > 0)": 2, "finite": 2, "written": 2}
    assert table["half"].to_pylist() == [max(PAIRS[0]) / 2, max(PAIRS[2]) / 2] == table["weight"].to_pylist()
    assert table["target"].to_pylist() == table["hardest"].to_pylist() == [80, 80]
    assert table["enough"].to_pylist() == [True, True]
    assert (table["n_pairs"].to_pylist(), str(table["n_pairs"].type)) == ([3, 1], "int64")
    assert table["pairs"].to_pylist() == [[10, 10, 80, 70, 1, 1], [30, 0, 80, 0, 1, 0]]


def test_one_that_is_not_used_costs_nothing(ntuple):
    table, _ = run_features(ntuple, definitions=DEFINITIONS, features={"x": "met"})
    assert table["x"].to_pylist() == COLUMNS["met"]


def test_they_are_computed_once_for_the_rows_of_a_chunk(ntuple, monkeypatch):
    seen, once = [], evaluation.FUNCTIONS["argcombinations"]
    counted = lambda *of: seen.append(1) or once(*of)  # noqa: E731
    monkeypatch.setitem(evaluation.FUNCTIONS, "argcombinations", counted)
    features = {f"x{number}": f"hardest + {number}" for number in range(5)}
    run_features(ntuple, definitions=DEFINITIONS, selection="enough", features=features, weight="hardest", chunk=3,
                 non_finite="drop")  # fmt: skip
    assert len(seen) == 2, "once for each chunk, though the selection leaves fewer rows"


def test_with_objects_as_rows_they_see_the_whole_entry(ntuple):
    definitions = {
        "ht": "sum(Jet_pt)",
        "Jet_share": "Jet_pt / ht",
        "beside": "argcross(Jet_pt, Mu_pt)",
        "Jet_muons": "count(Mu_pt[beside])",
    }
    table, _ = run_features(
        ntuple, rows="Jet", definitions=definitions, selection="Jet_share < 1", weight="Jet_share",
        features={"share": "Jet_share", "ht": "ht", "muons": "Jet_muons", "pt": "Jet_pt"}, spectators=["ht"],
    )  # fmt: skip
    jets = [(pt, sum(row), len(mu)) for row, mu in zip(PT, COLUMNS["Mu_pt"].to_list(), strict=True) for pt in row]
    jets = [jet for jet in jets if jet[0] < jet[1]]
    assert table["pt"].to_pylist() == [pt for pt, _, _ in jets]
    assert table["ht"].to_pylist() == [ht for _, ht, _ in jets]
    assert table["muons"].to_pylist() == [muons for _, _, muons in jets]
    np.testing.assert_allclose(table["share"].to_numpy(), [pt / ht for pt, ht, _ in jets], rtol=1e-6)


def test_candidates_can_be_the_rows(ntuple):
    definitions = {"pair": "argcombinations(Jet_pt, 2)", "Pair_pt": "sum(Jet_pt[pair])", "Pair_n": "count(pair)"}
    table, flow = run_features(
        ntuple, rows="Pair", definitions=definitions, features={"pt": "Pair_pt", "relative": "Pair_pt / met"}
    )
    assert table["pt"].to_pylist() == list(itertools.chain(*PAIRS))
    assert table["object"].to_pylist() == [place for row in PAIRS for place in range(len(row))]
    assert [step["rows"] for step in flow["steps"]] == [5, 10, 10, 10]
    other = definitions | {"Pair_n": "Mu_pt"}
    with pytest.raises(SnakerootError, match="'Pair_pt' and 'Pair_n' have different numbers of objects in 5 entries"):
        run_features(ntuple, rows="Pair", definitions=other, features={"pt": "Pair_pt", "n": "Pair_n"})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2 * hardest", r"entry 1: its list 'pair_pt' is empty there; add \(count\(pair_pt\) > 0\)"),
        ("Mu_pt[first]", r"entry 0: 'Mu_pt\[first\]' takes the element 2 of a list of 1 there"),
        ("sum(Mu_pt[all])", r"'Mu_pt\[all\]' takes the element -1 of a list of 1 there: .*x?\[i\[i >= 0\]\]"),
    ],
)
def test_what_is_not_finite_is_traced_into_definitions(ntuple, text, says):
    definitions = DEFINITIONS | {"first": "count(Jet_pt) - 1", "all": "places(Jet_pt) - 1"}
    with pytest.raises(SnakerootError, match=says):
        run_features(ntuple, definitions=definitions, features={"z": text})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "Jet_pt + Mu_pt",
            r"definitions\.x: in the expression 'Jet_pt \+ Mu_pt': .* lists of 3 and 1 elements in entry 0",
        ),
        ("met & 1", r"definitions\.x: in the expression 'met & 1': & and \| combine conditions"),
        ("Mu_pt[met / 3]", r"definitions\.x: .* has 3\.3\d* in entry 0, which is no place in a list"),
    ],
)
def test_an_error_in_one_names_it(ntuple, text, says):
    with pytest.raises(SnakerootError, match=says):
        run_features(ntuple, definitions={"x": text, "y": "x"}, features={"z": "y"})


def test_a_definition_with_the_name_of_a_branch_is_refused_when_the_file_is_opened(ntuple, tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["data/x"], file["data/event"] = np.arange(3.0), np.arange(3)
    for path, name, more in (
        (ntuple, "met", {}),
        (tmp_path / "a.h5", "x", {"tree": "/", "event_id": ["event"]}),
    ):
        says = rf"a\.\w+: definitions\.{name}: there is a branch '(data/)?{name}'; call the definition otherwise"
        with pytest.raises(SnakerootError, match=says):
            run_features(path, definitions={name: "2 * 3", "other": name}, features={"z": "other"}, **more)
        event = more.get("event_id", ["event"])
        run_features(path, definitions={name: "2 * 3"}, features={"z": event[0]}, **more)


def test_a_misspelt_definition_is_found(ntuple):
    with pytest.raises(
        SnakerootError, match=r"no branch 'hardes' in 'events': .*; or is it the definition 'hardest'\?"
    ):
        run_features(ntuple, definitions=DEFINITIONS, features={"z": "hardes"})
    with pytest.raises(SnakerootError, match=r"no branch 'qqq' in 'events': Known: .* in all\)$"):
        run_features(ntuple, definitions=DEFINITIONS, features={"z": "qqq"})


def test_a_spectator_that_is_defined_is_one_number_of_a_fixed_type(ntuple):
    with pytest.raises(SnakerootError, match="the spectator 'x', a definition, is a list per entry"):
        run_features(ntuple, definitions={"x": "Jet_pt"}, features={"z": "met"}, spectators=["x"])
    big = {"x": "9223372036854775807 + event"}
    table, _ = run_features(ntuple, definitions=big, features={"z": "met"}, spectators=["x"], selection="event < 1")
    assert table["x"].to_pylist() == [2**63 - 1]
    with pytest.raises(SnakerootError, match=r"the spectator 'x', a definition, is beyond 2\^63 in entry 1"):
        run_features(ntuple, definitions=big, features={"z": "met"}, spectators=["x"])
    table, _ = run_features(ntuple, definitions={"x": "7"}, features={"z": "met"}, spectators=["x"])
    assert table["x"].to_pylist() == [7] * 5


def many(path, *counts):
    """An ntuple with so many objects per entry."""
    columns = {
        "event": np.arange(len(counts)),
        "n": np.array(counts),
        "x": ak.unflatten(np.arange(sum(counts)) % 97 * 1.0, counts),
    }
    return write_ntuple(path, {"run": np.ones(len(counts), int), **columns})


def test_a_chunk_of_many_combinations_is_read_in_parts_to_the_same_bytes(tmp_path):
    counts = [150, 0, 3] * 40
    assert sum(math.comb(count, 2) * 2 for count in counts[:60]) < combinations.MOST > 22_350
    path = many(tmp_path / "a.root", *counts)
    more = {"definitions": {"pair": "argcombinations(x, 2)"}, "weight": "1 + sum(sum(x[pair]))", "rows": None}
    more |= {"selection": "count(count(pair)) + 1 > 0", "features": {"z": "sum(prod(x[pair]) % 7)"}}
    found = []
    for most, chunk in ((2**20, 120), (100_000, 120), (23_000, 120), (2**20, 1)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(combinations, "MOST", most)
            _, flow = run_features(path, **more, chunk=chunk)
        found.append((tmp_path / "output/table.parquet").read_bytes())
        assert steps(flow)["written"] == 120
    assert len(set(found)) == 1
    values = [[place % 97 for place in range(sum(counts[:n]), sum(counts[: n + 1]))] for n in range(120)]
    expected = [sum(a * b % 7 for a, b in itertools.combinations(row, 2)) for row in values]
    assert run_features(path, **more)[0]["z"].to_pylist() == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "count(count(argcombinations(x, 2)))",
            "'x' and '2' would have 3,998,000 places in combinations in entry 2, 1,048,576 at",
        ),
        (
            "sum(sum(argcombinations(x, 8)))",
            "in combinations in entry 2, 1,048,576 at most: choose fewer objects first",
        ),
        ("sum(count(argcross(x, x)))", "'x' and 'x' would have 4,000,000 places in combinations in entry 2"),
        ("sum(isin(x, x))", "would have 4,000,000 places in combinations in entry 2"),
        (
            "sum(sum(count(argcross(x[:900], x[:1000])[argcross(x[:2], x[:900])])))",
            "would have 1,800,000 places .* entry 2",
        ),
    ],
)
def test_an_entry_of_too_many_combinations_is_named(tmp_path, text, says):
    path = many(tmp_path / "a.root", 3, 4, 2000, 3)
    with pytest.raises(SnakerootError, match=says) as error:
        run_features(path, features={"z": text})
    assert str(error.value).startswith(f"{path}: in the expression ")
    run_features(path, features={"z": text}, selection="n < 100")


def test_lists_deeper_than_any_that_is_meant_are_refused(ntuple):
    deep = {"d0": "argcross(Jet_pt, Jet_pt)"} | {
        f"d{number}": f"d{number - 1}[d{number - 1}]" for number in range(1, 12)
    }
    with pytest.raises(SnakerootError, match=r"definitions\.d4: .* more than 16 lists within each other"):
        run_features(ntuple, definitions=deep, features={"z": "sum(d11)"}, selection="event == 3")


def test_a_definition_that_is_too_large_beside_each_object_is_named(tmp_path):
    path = many(tmp_path / "a.root", 3, 700, 3)
    more = {"rows": "x", "definitions": {"pair": "argcombinations(x, 2)", "x_n": "x * n", "sums": "sum(x[pair])"}}
    says = (
        "rows: the definition 'sums' would have 171,255,000 elements beside the objects of entry 1, 8,388,608 at most"
    )
    with pytest.raises(SnakerootError, match=says):
        run_features(path, **more, features={"z": "x_n + max(sums)"})
    more["definitions"]["most"] = "max(sums)"
    assert run_features(path, **more, features={"z": "x_n + most"})[0].num_rows == 706


def test_a_long_chain_of_definitions_is_no_deep_one(ntuple):
    """Each is computed before those that use it, and not within them."""
    chain = {"d0": "met"} | {f"d{number}": f"d{number - 1} + 1" for number in range(1, 2000)}
    table, _ = run_features(ntuple, definitions=chain, features={"z": "d1999"})
    assert table["z"].to_pylist() == [met + 1999 for met in COLUMNS["met"]]


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Two ntuples below the current folder."""
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b"):
        Path(f"data/{name}.root").parent.mkdir(exist_ok=True)
        Path(f"data/{name}.root").touch()


def told(**definitions):
    text = TASK + "definitions:\n" + "".join(f"  {name}: {value}\n" for name, value in definitions.items())
    with pytest.raises(SnakerootError) as error:
        load(text)
    return [line.removeprefix("tasks/task0.yaml:") for line in str(error.value).splitlines()]


def test_mistakes_in_them_are_told_with_their_places_when_the_config_is_read(files):
    [line] = told(x="m > 1 & n < 2")
    assert line.startswith("16:3: definitions.x: in the expression 'm > 1 & n < 2': put parentheses")
    [line] = told(a="b + 1", b="2 * c", c="sum(pt) - a")
    assert line.startswith("16:3: definitions.a: a definition is made of itself: 'a' uses 'b' uses 'c' uses 'a'")
    both = told(c="a", a="b", b="a", x="2 * x")
    assert [line.split(":")[:2] for line in both] == [["17", "3"], ["19", "3"]]
    assert ["'a' uses 'b' uses 'a'" in both[0], "'x' uses 'x'" in both[1]] == [True, True]
    assert len(told(**{f"x{n}": f"x{n}" for n in range(70)})) == 50
    assert len(told(**{f"x{n}": f"x{n + 1}" for n in range(3000)}, x3000="x0")) == 1
    [line] = told(pt="1.02 * pt")
    assert line.startswith(
        "16:3: definitions.pt: a definition is made of itself: 'pt' uses 'pt'; if a branch is meant,"
    )
    [line] = told(x="1", **{"lambda": "2"})
    assert line.startswith("17:3: definitions.lambda: 'lambda' cannot be written in an expression")
    [line] = told(run="m % 2")
    assert "event_id.0: 'run' is a definition, and events are identified by branches" in line
    assert "2.b" in told(**{"2.b": "1"})[0]
    image = {"dataset": "pixels", "pixels": [2, 2]}
    with pytest.raises(SnakerootError, match=r"images\.i\.dataset: 'pixels' is a definition, and not a branch"):
        load(edited("definitions", {"pixels": "m"}, edited("images", {"i": image})))


def test_the_collection_of_the_rows_may_be_used_in_definitions_alone(files):
    text = edited("selection", "a > 1", edited("features", {"x": "a", "mass": "a"}))
    text = edited("models.mlp.inputs", ["x"], edited("spectators", [], edited("rows", "Jet", text)))
    load(edited("definitions", {"a": "b", "b": "sum(Jet_pt)"}, text))
    with pytest.raises(SnakerootError, match=r"no branch Jet_… is used"):
        load(edited("definitions", {"a": "b", "b": "2"}, text))


def test_only_the_features_know_them(files):
    """They are in no spec but that of the features, and in that only if there are any."""

    def specs(text):
        project = load(text)
        part = next(iter(project.parts["task0"]["zz"]))
        return {
            "features": plan.features.features(project, "task0", "zz", part),
            "normalise": plan.features.normalise(project, "task0"),
            "split": plan.split.split(project, "task0", "zz", part, "0"),
            "scale": plan.scale.scale(project, "task0"),
            "train": plan.train.train(project, "task0", "mlp", "0", "0"),
        }

    without, one, other = (
        specs(text) for text in (TASK, *(edited("definitions", {"a": text}) for text in ("m + 1", "m + 2")))
    )
    assert "definitions" not in settings(without["features"])
    assert settings(one["features"])["definitions"] == {"a": "m + 1"}
    assert {name for name in one if one[name] != other[name]} == {"features"}
    assert {name for name in one if one[name] != without[name]} == {"features"}
