"""A row per object of a collection: against plain awkward, and what is refused."""

from __future__ import annotations

import awkward as ak
import numpy as np
import pytest
import uproot
from data import real_file
from helpers import run_features, write_ntuple
from snakeroot.errors import SnakerootError

IDENTITY = ["run", "luminosityBlock", "event"]


def ntuple(folder, **more):
    """Five events with jets and, of other numbers, muons."""
    columns = {
        "run": [1] * 5,
        "event": list(range(5)),
        "met": [10.0, 20.0, 30.0, 40.0, 50.0],
        "Jet_pt": ak.Array([[50.0, 30.0], [], [70.0], [20.0, 10.0, 5.0], []]),
        "Jet_eta": ak.Array([[0.5, -0.5], [], [1.5], [0.0, 2.0, 3.0], []]),
        "Mu_pt": ak.Array([[5.0], [6.0, 7.0], [], [8.0, 9.0, 1.0], []]),
    }
    return write_ntuple(folder / "a.root", columns | more)


def run(path, **changed):
    return run_features(path, **({"rows": "Jet", "features": {"pt": "Jet_pt"}} | changed))


def test_objects_are_rows_and_all_else_is_repeated_for_them(tmp_path):
    features = {
        "pt": "Jet_pt",
        "share": "Jet_pt / met",
        "muons": "sum(Mu_pt)",
        "near": "sum(Mu_pt[Mu_pt * 5 > Jet_pt])",
    }
    table, flow = run(ntuple(tmp_path), features=features, spectators=["Jet_eta"], weight="met", chunk=2)
    assert table.column_names[:8] == ["id_run", "id_event", "sample", "part", "entry", "object", "target", "weight"]
    assert table["entry"].to_pylist() == table["id_event"].to_pylist() == [0, 0, 2, 3, 3, 3]
    assert table["object"].to_pylist() == [0, 1, 0, 0, 1, 2]
    assert table["pt"].to_pylist() == [50, 30, 70, 20, 10, 5]
    assert table["share"].to_pylist() == pytest.approx([5, 3, 70 / 30, 0.5, 0.25, 0.125])
    assert table["muons"].to_pylist() == [5, 5, 0, 18, 18, 18]
    assert table["near"].to_pylist() == [0, 0, 0, 17, 17, 17]
    assert table["Jet_eta"].to_pylist() == [0.5, -0.5, 1.5, 0, 2, 3]
    steps = {step["step"]: (step["entries"], step["rows"], step["weight"]) for step in flow["steps"]}
    assert steps == {
        "read": (5, 5, 150),
        "rows: Jet": (3, 6, 170),
        "finite": (3, 6, 170),
        "written": (3, 6, 170),
    }


def test_a_selection_is_one_of_objects(tmp_path):
    table, flow = run(ntuple(tmp_path), selection="(Jet_pt > 15) & (met < 45)", weight="Jet_eta")
    assert list(zip(table["entry"].to_pylist(), table["object"].to_pylist(), strict=True)) == [
        (0, 0),
        (0, 1),
        (2, 0),
        (3, 0),
    ]
    assert table["weight"].to_pylist() == [0.5, -0.5, 1.5, 0]
    assert [(step["entries"], step["rows"]) for step in flow["steps"]] == [
        (5, 5),
        (3, 6),
        (3, 4),
        (3, 4),
        (3, 4),
        (3, 4),
    ]


def test_sequences_of_another_collection(tmp_path):
    sequence = {"order_by": "Mu_pt", "length": 2, "channels": {"relative": "Mu_pt / Jet_pt"}}
    table, flow = run(ntuple(tmp_path), sequences={"muons": sequence})
    assert table["muons"].to_pylist()[3] == pytest.approx([9 / 20, 8 / 20, 1, 1])
    assert table["muons"].to_pylist()[2] == [0, 0, 0, 0]
    assert flow["clipped"] == {"muons": 3}


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"features": {"x": "Jet_b"}}, "'Jet_eta' and 'Jet_b' have different numbers of objects in 1 .* entry 2"),
        ({"features": {"x": "Mu_pt"}}, "'Mu_pt' gives a list of values per entry"),
        ({"rows": "met"}, "no branch met_… that is used holds a list"),
        ({"event_id": ["Mu_pt"]}, "'Mu_pt' holds a list per entry"),
    ],
)  # fmt: skip
def test_what_is_no_collection_is_refused(tmp_path, changed, says):
    other = ak.Array([[50.0, 30.0], [], [70.0, 1.0], [20.0, 10.0, 5.0], []])
    with pytest.raises(SnakerootError, match=says):
        run(ntuple(tmp_path, Jet_b=other), spectators=["Jet_eta"], **changed)


def test_the_jets_of_a_real_file(tmp_path):
    (tmp_path / "a.root").symlink_to(real_file("real/NanoAODv5_sample.root"))
    known = uproot.open(tmp_path / "a.root")["Events"].arrays(
        ["event", "Jet_pt", "Jet_eta", "Jet_hadronFlavour", "MET_pt"]
    )
    features = {"pt": "Jet_pt", "ratio": "Jet_pt / MET_pt"}
    muons = {"order_by": "Muon_pt", "length": 3, "channels": {"pt": "Muon_pt", "dphi": "delta_phi(Muon_phi, Jet_phi)"}}
    found = []
    for chunk in (1000, 37):
        table, flow = run(
            tmp_path / "a.root", tree="Events", event_id=IDENTITY, features=features, spectators=["Jet_hadronFlavour"],
            selection="(Jet_pt > 20) & (abs(Jet_eta) < 2.5)", sequences={"muons": muons}, chunk=chunk,
        )  # fmt: skip
        found.append((tmp_path / "output/table.parquet").read_bytes())
    assert found[0] == found[1]
    chosen = (known.Jet_pt > 20) & (abs(known.Jet_eta) < 2.5)
    assert [step["rows"] for step in flow["steps"]][:2] == [1000, 9020]
    assert table.num_rows == ak.sum(chosen)
    assert np.array_equal(table["pt"].to_numpy(), ak.flatten(known.Jet_pt[chosen]))
    assert table["object"].to_pylist() == ak.flatten(ak.local_index(known.Jet_pt)[chosen]).to_list()
    event, _ = ak.broadcast_arrays(known.event, known.Jet_pt)
    assert table["id_event"].to_pylist() == ak.flatten(event[chosen]).to_list()
    assert table["Jet_hadronFlavour"].to_pylist() == ak.flatten(known.Jet_hadronFlavour[chosen]).to_list()
    ratio = ak.flatten((known.Jet_pt / known.MET_pt)[chosen])
    np.testing.assert_allclose(table["ratio"].to_numpy(), ratio, rtol=1e-6)
