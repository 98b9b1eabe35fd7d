"""From entries to rows: values, policies, and a cut flow that accounts for every entry."""

from __future__ import annotations

import math

import awkward as ak
import numpy as np
import pytest
from helpers import KINDS, branches, features_settings, run_features, steps, write_ntuple
from jets import COLUMNS, build, random_jets
from jets import branches as of_jets
from snakeroot.data.files import write_json
from snakeroot.errors import SnakerootError
from snakeroot.features.extract import CHUNK_BYTES, Plan
from snakeroot.networks import rows


def weights(flow):
    """Sum of weights by step of a cut flow."""
    return {step["step"]: step["weight"] for step in flow["steps"]}


def left(folder):
    """What lies in the folder of the outputs, hidden files included."""
    return sorted(path.name for path in (folder / "output").glob("*"))


@pytest.fixture
def ntuple(tmp_path):
    return write_ntuple(tmp_path / "a.root", branches(200))


def odd(tmp_path, **columns):
    """An ntuple of five events with these branches."""
    return write_ntuple(tmp_path / "a.root", {"run": [1] * 5, "event": list(range(5)), **columns})


def test_rows_are_the_selected_entries_in_order(ntuple):
    known = branches(200)
    table, flow = run_features(ntuple, selection="(x > 0) & good", spectators=["n"], weight="2 * w")
    kept = np.asarray(known["x"] > 0) & np.asarray(known["good"])
    assert table["entry"].to_numpy().tolist() == np.flatnonzero(kept).tolist()
    assert table["x"].to_numpy().tolist() == known["x"][kept].to_list()
    assert table["n"].to_numpy().tolist() == known["n"][kept].to_list()
    assert table["weight"].to_numpy().tolist() == (2 * known["w"][kept]).to_list()
    assert set(table["target"].to_pylist()) == {1}
    assert set(table["sample"].to_pylist()) == {"signal"}
    assert (flow["sample"], flow["part"], flow["simulated"]) == ("signal", "part", None)
    positive = np.asarray(known["x"] > 0)
    assert steps(flow) == {
        "read": 200,
        "(x > 0)": positive.sum(),
        "(good)": kept.sum(),
        "finite": kept.sum(),
        "written": kept.sum(),
    }
    assert weights(flow)["(x > 0)"] == pytest.approx(2 * np.sum(known["w"][positive]))
    assert weights(flow)["read"] == pytest.approx(2 * np.sum(known["w"]))


def test_a_sample_without_a_class_has_no_target(ntuple):
    table, _ = run_features(ntuple, target=None)
    assert table["target"].null_count == table.num_rows == 200
    assert str(table.schema.field("target").type) == "int8"


def test_metadata_of_a_generated_ntuple_go_into_the_cut_flow(ntuple, tmp_path):
    write_json({"generated": 10, "cross_section_pb": 0.5, "process": "p", "seed": 1}, tmp_path / "metadata.json")
    _, flow = run_features(ntuple, [tmp_path / "metadata.json"])
    assert flow["simulated"] == {"generated": 10, "cross_section_pb": 0.5}


NEGATIVE = [1.0, -2.0, 3.0, -0.0, -4.0]


@pytest.mark.parametrize(
    ("policy", "kept", "total"), [("keep", NEGATIVE, -2), ("absolute", [1, 2, 3, 0, 4], 10), ("drop", [1, 3, 0], 4)]
)
def test_negative_weights_are_counted_and_treated_by_policy(tmp_path, policy, kept, total):
    table, flow = run_features(odd(tmp_path, x=[0.0] * 5, w=NEGATIVE), weight="w", negative_weights=policy, chunk=2)
    assert table["weight"].to_pylist() == kept
    assert flow["negative_weights"] == 2
    assert (steps(flow)["finite"], weights(flow)["finite"]) == (5, -2)
    assert (steps(flow)["written"], weights(flow)["written"]) == (len(kept), total)


def test_negative_weights_can_be_an_error(tmp_path):
    path = odd(tmp_path, x=[0.0] * 5, w=NEGATIVE)
    with pytest.raises(SnakerootError, match=r"the weight \(w\) is negative in 2 selected entries: say 'negative_wei"):
        run_features(path, weight="w", negative_weights="error")
    assert left(tmp_path) == []
    table, _ = run_features(path, weight="w", negative_weights="error", selection="w >= 0")
    assert table.num_rows == 3


BAD = {
    "x": [1.0, math.nan, 2.0, math.inf, 1e39],
    "y": [1.0, math.nan, 1.0, 1.0, 1.0],
    "w": [1.0, 1.0, math.nan, 1.0, 1.0],
}


def test_what_is_not_finite_is_counted_and_dropped(tmp_path):
    table, flow = run_features(
        odd(tmp_path, **BAD), weight="w", non_finite="drop", features={"x": "x", "ratio": "1 / y"}, chunk=2
    )
    assert table["entry"].to_pylist() == [0]
    assert flow["non_finite"] == {"x": 3, "ratio": 1, "weight": 1}  # 1e39 overflows float32
    assert steps(flow) == {"read": 5, "finite": 1, "written": 1}
    assert weights(flow)["read"] == 4


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"features": {"z": "2 * x"}}, r"the feature 'z' \(2 \* x\) is NaN or infinite in 3 selected .* entry 1:"),
        (
            {"features": {"z": "x"}, "chunk": 1},
            r"the feature 'z' \(x\) .* in 1 selected entries, the first .* entry 1:",
        ),
        ({"features": {"z": "x"}, "selection": "y > 0"}, r"'z' \(x\) .* in 2 selected entries, the first .* entry 3:"),
        ({"features": {"z": "1"}, "weight": "w + 1"}, r"the weight \(w \+ 1\) is NaN or infinite .* entry 2:"),
    ],
)
def test_what_is_not_finite_is_an_error_by_default(tmp_path, changed, says):
    path = odd(tmp_path, **BAD)
    with pytest.raises(SnakerootError, match=says) as error:
        run_features(path, **changed)
    assert str(error.value).startswith(f"{path}: ")
    assert left(tmp_path) == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "Jet_pt[0]",
            r"in 2 .* entry 1: its list 'Jet_pt' is empty there; add \(count\(Jet_pt\) > 0\) to the selection",
        ),
        ("max(Jet_pt) / x", r"entry 1: its list 'Jet_pt' is empty there; .*where\(count\(Jet_pt\) > 0, …, 0\), or say"),
        (
            "Jet_pt[1] - Jet_pt[0]",
            r"in 3 .* entry 0: its list 'Jet_pt' has 1 there; add \(count\(Jet_pt\) > 1\) to the selection",
        ),
        ("branch('a.b')[0]", r"entry 4: its list 'a.b' is empty there; add \(count\(branch\('a.b'\)\) > 0\)"),
        ("log(x)", r"in 1 .* entry 3: 'log\(x\)' is NaN there, of x = -999: select such .*, or say"),
        ("log(x) + sum(Jet_pt)", r"entry 3: 'log\(x\)' is NaN there, of x = -999: select"),
        ("sum(Jet_pt) + 1 / (x - 1)", r"in 4 .* entry 0: '1 / \(x - 1\)' is infinite there, of x - 1 = 0: select"),
        ("where(x > 0, x, log(x)) + 0 * Jet_pt[0]", r"entry 1: its list 'Jet_pt' is empty"),
        ("where(x > 0, 1, Jet_pt[3])", r"entry 3: its list 'Jet_pt' is empty there; add \(count\(Jet_pt\) > 3\)"),
        ("Jet_pt[-2]", r"entry 0: its list 'Jet_pt' has 1 there; add \(count\(Jet_pt\) > 1\)"),
        (
            "max(Jet_pt[Jet_pt > 35])",
            r"entry 0: its list 'Jet_pt\[Jet_pt > 35\]' is empty there; add \(count\(Jet_pt\[",
        ),
        ("Jet_pt[argmax(Jet_pt)]", r"entry 1: its list 'Jet_pt' is empty there; add \(count\(Jet_pt\) > 0"),
        ("Jet_pt[count(Jet_pt)]", r"entry 0: 'Jet_pt\[count\(Jet_pt\)\]' takes the element 1 of a list of 1 there"),
        ("exp(100 * x) + max(n)", r"entry 0: the branch 'n' is NaN there: select"),
        ("sum(log(n))", r"entry 0: the branch 'n' is NaN"),
        ("sum(log(Jet_pt - 40))", r"entry 0: 'log\(Jet_pt - 40\)' is NaN there: select"),
    ],
)
def test_the_hint_for_nan_says_what_is_the_matter_with_the_entry(tmp_path, text, says):
    columns = {
        "x": [1.0, 1.0, 1.0, -999.0, 1.0],
        "Jet_pt": [[30.0], [], [50.0, 40.0], [], [1.0, 2.0, 3.0]],
        "a.b": [[1.0]] * 4 + [[]],
        "n": [[math.nan]] * 5,
    }
    path = odd(tmp_path, **{name: ak.Array(values) for name, values in columns.items()})
    for role in ({"features": {"z": text}}, {"features": {"x": "x"}, "weight": text}, {"target": text}):
        with pytest.raises(SnakerootError, match=says) as error:
            run_features(path, **role)
        assert "say 'non_finite: drop' to count and drop them" in str(error.value)
    remedy = {"features": {"z": "where(count(Jet_pt) > 0, Jet_pt[0], 0)"}}
    assert run_features(path, **remedy)[0]["z"].to_pylist() == [30, 0, 50, 0, 1]


def test_what_float32_does_not_hold_is_not_called_infinite(tmp_path):
    columns = {"x": [1.0, 1e39, 2.0], "J": [[1e39], [1.0], [1.0]], "p": np.full((3, 2, 2), 1e39)}
    path = write_ntuple(tmp_path / "a.root", {"event": np.arange(3)} | {n: ak.Array(v) for n, v in columns.items()})
    says = "is no finite number of float32 in 1 selected entries, the first of them entry"
    sequence = {"order_by": "J", "length": 1, "channels": {"c": "J"}}
    image = {"dataset": "p", "pixels": [2, 2]}
    for changed, told in (
        (
            {"features": {"z": "x"}},
            rf"the feature 'z' \(x\) {says} 1: it is beyond 3.4e\+38, where .*; change its unit, or say",
        ),
        ({"target": "x"}, rf"the target \(x\) {says} 1"),
        ({"sequences": {"s": sequence}}, f"the sequence 's' {says} 0"),
        ({"images": {"i": image}}, "the image 'i' is no finite number of float32 in 3"),
        ({"images": {"i": image | {"normalise": "max"}}}, None),
        ({"weight": "x"}, None),
        ({"features": {"z": "x * x"}}, "is no finite number of float32 in 1"),
        ({"features": {"z": "x ** 9"}}, r"is NaN or infinite in 1 .* 'x \*\* 9' is infinite there, of x = 1e\+39"),
    ):
        more = {"event_id": ["event"], "features": {"y": "1"}} | changed
        if told is None:
            run_features(path, **more)
        else:
            with pytest.raises(SnakerootError, match=told):
                run_features(path, **more)


def test_what_is_not_selected_may_be_anything(tmp_path):
    table, flow = run_features(odd(tmp_path, **BAD), weight="w", selection="event < 1")
    assert table.num_rows == 1
    assert flow["non_finite"] == {}


def test_no_event_survives(tmp_path, ntuple):
    table, flow = run_features(ntuple, selection="x > 1e6", event_id=["name"], spectators=["n"])
    assert table.num_rows == 0
    assert steps(flow)["written"] == 0
    some, _ = run_features(ntuple, selection="x > 0", event_id=["name"], spectators=["n"])
    assert table.schema == some.schema


def test_text_identifies_events_and_keeps_its_bytes(tmp_path):
    names = ["", "é", "a" * 300, "b", "b"]
    for chunk in (1, 5):
        table, _ = run_features(odd(tmp_path, x=[0.0] * 5, name=names), event_id=["name"], chunk=chunk)
        assert table["id_name"].to_pylist() == names


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"features": {"pt": "pt"}}, r"the expression 'pt' gives a list of values per entry .* reduce it"),
        ({"weight": "pt"}, r"the expression 'pt' gives a list of values per entry"),
        ({"selection": "pt > 3"}, r"the selection 'pt > 3' gives a list of conditions per entry"),
        ({"selection": "x"}, "'x' is not a condition"),
        ({"event_id": ["pt"]}, "the event_id branch 'pt' holds a list per entry"),
        ({"spectators": ["pt"]}, "the spectator branch 'pt' holds a list per entry"),
        ({"features": {"name": "name"}}, "the branch 'name' holds text, not numbers"),
        ({"features": {"z": "sum(pt[x > 0])"}}, "a condition for each of the list's objects"),
    ],
)
def test_a_wrong_shape_is_an_error_with_the_branch_or_expression(ntuple, tmp_path, changed, says):
    with pytest.raises(SnakerootError, match=says):
        run_features(ntuple, **changed)
    assert left(tmp_path) == []


def test_an_error_in_a_late_chunk_leaves_nothing_of_the_early_ones(tmp_path):
    x = np.zeros(5000)
    x[-1] = math.nan
    path = write_ntuple(tmp_path / "a.root", {"run": np.ones(5000, int), "event": np.arange(5000), "x": x})
    with pytest.raises(SnakerootError, match="entry 4999"):
        run_features(path, chunk=10)
    assert left(tmp_path) == []


def test_an_error_leaves_the_last_good_outputs_alone(ntuple, tmp_path):
    run_features(ntuple)
    before = {path: path.read_bytes() for path in (tmp_path / "output").iterdir()}
    with pytest.raises(SnakerootError):
        run_features(ntuple, features={"x": "log(x)"})
    assert {path: path.read_bytes() for path in (tmp_path / "output").iterdir()} == before


def test_the_storage_of_branches_changes_nothing(tmp_path):
    values = {"run": [1, 2], "event": [3, 4], "x": [0.5, -0.25], "n": [5, 0]}
    found = []
    for integer, real in (
        (np.int8, np.float32),
        (np.int32, np.float64),
        (np.uint16, np.float32),
        (np.int64, np.float64),
    ):
        kinds = {"run": integer, "event": integer, "x": real, "n": integer}
        columns = {name: ak.Array(np.array(values[name], kind)) for name, kind in kinds.items()}
        path = write_ntuple(tmp_path / "a.root", columns)
        found.append(run_features(path, features={"x": "x", "d": "n - 1"}, spectators=["n"]))
    assert all(table.equals(found[0][0]) for table, _ in found)
    assert found[0][0]["d"].to_pylist() == [4, -1]


def test_the_largest_event_number_is_kept_by_its_bits(tmp_path):
    number = 2**64 - 1
    path = write_ntuple(tmp_path / "a.root", {"event": np.array([number], np.uint64), "x": [0.0]})
    table, _ = run_features(path, event_id=["event"])
    assert table["id_event"].to_numpy().view(np.uint64).tolist() == [number]


@pytest.mark.parametrize("kind", KINDS)
def test_a_spectator_keeps_its_value_whatever_its_type(tmp_path, kind):
    most = {name: np.iinfo(name).max for name in ("uint8", "uint16", "uint32", "uint64", "int8", "int64")}
    columns = {name: np.array([0, value], name) for name, value in most.items()}
    path = write_ntuple(tmp_path / "a.root", {"event": [0, 1], "x": [0.0, 1.0], **columns}, kind)
    table, _ = run_features(path, event_id=["event"], spectators=list(most))
    assert [table[name].to_pylist() for name in most] == [[0, value] for value in most.values()]
    assert [name for name in most if str(table[name].type) != "int64"] == ["uint64"]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_an_identity_that_is_not_finite_is_refused(tmp_path, bad):
    path = write_ntuple(tmp_path / "a.root", {"event": np.array([1.0, bad, bad]), "x": np.zeros(3)})
    with pytest.raises(SnakerootError, match=r"event_id branch 'event' is NaN or infinite in 2 entries, .* entry 1"):
        run_features(path, event_id=["event"])


BLOCKS = {
    "features": {"n": "count(pt)"},
    "images": {
        "plain": {**COLUMNS, "pixels": [8, 9], "half_width": 0.5},
        "turned": {**COLUMNS, "pixels": [8, 9], "half_width": 0.5, "rotate": True, "flip": True, "normalise": "norm"},
    },
    "sequences": {"objects": {"order_by": "pt", "length": 5, "channels": {"pt": "pt", "share": "pt / sum(pt)"}}},
    "trees": {"chain": {**COLUMNS, "length": 6, "algorithm": "descending_pt"}},
}


def ntuple_of(jets, path):
    """An ntuple with a jet in each entry."""
    return write_ntuple(path, {"run": [1] * len(jets), "event": list(range(len(jets))), **of_jets(jets)})


def test_blocks_are_columns_whose_bytes_do_not_depend_on_the_chunk(tmp_path):
    pytest.importorskip("fastjet", reason="fastjet is an extra, and not for every machine")
    settings = BLOCKS | {
        "images": BLOCKS["images"] | {"subjet": {**BLOCKS["images"]["turned"], "centre": "subjet"}},
        "trees": BLOCKS["trees"] | {"kt": {**COLUMNS, "length": 6, "prepare": True}},
    }
    jets = random_jets(200)
    path = ntuple_of(jets, tmp_path / "a.root")
    found = set()
    for chunk in (1000, 61, 7):
        table, flow = run_features(path, **settings, selection="sum(pt) > 20", chunk=chunk)
        found.add((tmp_path / "output/table.parquet").read_bytes())
        found.add(tuple(sorted(flow["clipped"].items())))
    assert len(found) == 2
    inputs = features_settings(**settings).inputs
    assert table.column_names[-7:] == ["n", "plain", "turned", "subjet", "objects", "chain", "kt"]
    chosen = [jet for jet in jets if sum(pt for pt, _, _ in jet) > 20]
    for name, block in features_settings(**settings).blocks.items():
        assert table.schema.field(name).type == inputs[name].type
        values, left_out = build(block, chosen)
        assert np.array_equal(rows.numbers(table[name]), values.reshape(len(chosen), -1))
        assert flow["clipped"][name] == left_out.sum() > 0


def test_a_block_that_is_not_finite_is_refused_or_counted_and_its_clipped_objects_are_not(tmp_path):
    jets = random_jets(20)
    jets[3] = [(math.nan, 0.0, 0.0)] * 9
    jets[5] = []
    path = ntuple_of(jets, tmp_path / "a.root")
    with pytest.raises(
        SnakerootError, match=r"the image 'plain' is NaN or infinite in 1 selected entries, .* entry 3:"
    ):
        run_features(path, **BLOCKS)
    table, flow = run_features(path, **BLOCKS, non_finite="drop", chunk=3)
    assert table["entry"].to_pylist() == [entry for entry in range(20) if entry not in (3, 5)]
    assert flow["non_finite"] == {"plain": 1, "turned": 1, "objects": 1, "chain": 2}
    kept = [jet for number, jet in enumerate(jets) if number not in (3, 5)]
    assert flow["clipped"]["objects"] == sum(max(len(jet) - 5, 0) for jet in kept)
    assert steps(flow) == {"read": 20, "finite": 18, "written": 18}


def test_fewer_entries_are_read_at_once_where_blocks_are_large():
    image = {**COLUMNS, "pixels": [1000, 1000], "half_width": 1.0}
    assert Plan.of(features_settings(chunk=100_000)).chunk == 100_000
    assert Plan.of(features_settings(chunk=100_000, images={"i": image})).chunk == CHUNK_BYTES // 4_000_004
    assert Plan.of(features_settings(chunk=5, images={"i": image})).chunk == 5


JETS = {"event": [number // 2 for number in range(200)], "jet": [0, 1] * 100, "x": np.arange(200.0)}


def test_a_poor_event_id_is_an_error_of_the_first_job_with_the_branches_that_would_help(tmp_path):
    path = write_ntuple(tmp_path / "a.root", JETS)
    poor = {"event_id": ["event"], "features": {"pt": "x", "more": "2 * x"}}
    with pytest.raises(
        SnakerootError, match=r"a.root: event_id \[event\] .*: 200 of 200 rows read first .*Add 'x', by"
    ):
        run_features(path, **poor)
    assert left(tmp_path) == []
    with pytest.raises(SnakerootError, match=r"Add 'jet', by which they differ\. Rows of a flat ntuple"):
        run_features(path, **poor, spectators=["jet"])
    with pytest.raises(SnakerootError, match="Add 'event', by which they differ"):
        run_features(path, **poor | {"event_id": ["jet"]}, spectators=["event"])
    assert run_features(path, **poor, duplicates="keep")[0].num_rows == 200
    assert run_features(path, **poor, selection="jet == 0")[0].num_rows == 100
    assert run_features(path, **poor | {"event_id": ["event", "jet"]})[0].num_rows == 200


def test_a_poor_event_id_of_few_contents_is_one(tmp_path):
    """All rows count that have the identity of one that differs, not how many contents there are of each."""
    path = write_ntuple(tmp_path / "a.root", {"njets": np.arange(3000) % 8, "event": np.arange(3000) % 3})
    with pytest.raises(SnakerootError, match=r"\[njets\] .*: 3000 of 3000 rows read first \(100 %.*Add 'event', by"):
        run_features(path, event_id=["njets"], features={"x": "event"}, chunk=3000)


def test_copies_of_an_event_in_a_file_are_no_poor_event_id(tmp_path):
    path = write_ntuple(
        tmp_path / "a.root", {**JETS, "x": np.arange(200.0) // 2, "name": [f"{n // 2}" for n in range(200)]}
    )
    table, _ = run_features(path, event_id=["event"], spectators=["name"])
    assert table.num_rows == 200
    with pytest.raises(SnakerootError, match="200 of 200 rows"):
        run_features(path, event_id=["event"], spectators=["name", "jet"])
