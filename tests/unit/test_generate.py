"""Stage `generate`: the detector's formula, the four-muon branches, and what makes a sample reproducible."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from generation import BATCH, EVENTS, MUON_MASS, Part, command, particles, read, run, same, settings
from pydantic import ValidationError
from snakeroot.errors import SnakerootError
from snakeroot.generate import processes
from snakeroot.generate.processes import PROCESSES
from snakeroot.generate.reconstructions import RECONSTRUCTIONS
from snakeroot.jobs.spec import spec

Z_MASS = 91.1876


@pytest.fixture(scope="module")
def libraries() -> ModuleType:
    pytest.importorskip("pythia8mc", reason="pythia8mc is not installed; it has no wheel for every platform")
    return importlib.import_module("snakeroot.generate.libraries")


@pytest.fixture(scope="module")
def detector(libraries: ModuleType) -> ModuleType:
    return importlib.import_module("snakeroot.generate.detector")


@pytest.fixture(scope="module")
def first(libraries: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Part:
    """One part, from the command line."""
    folder = tmp_path_factory.mktemp("first")
    done = command(folder, {"PYTHONHASHSEED": "1", "OMP_NUM_THREADS": "1"})
    assert done.returncode == 0, done.stderr
    assert f"of {EVENTS} events accepted" in done.stderr
    return read(folder)


@pytest.fixture(scope="module")
def second(libraries: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Part:
    """The next part of the same sample."""
    return run(tmp_path_factory.mktemp("second"), first_event=EVENTS, lumi=2, seed=6)


def test_every_file_is_a_process() -> None:
    files = Path(processes.__file__).parent.glob("[!_]*.py")
    assert PROCESSES.names() == sorted(file.stem for file in files)
    assert {"vbf_h4mu", "ggh_h4mu", "zz_4mu"} <= set(PROCESSES.names())
    assert all(PROCESSES.load(name).COMMANDS for name in PROCESSES.names())
    used = {PROCESSES.load(name).RECONSTRUCTION for name in PROCESSES.names()}
    assert used == set(RECONSTRUCTIONS.names()) == {"four_muons", "fat_jets"}


def test_unknown_process_is_an_error_with_a_hint() -> None:
    with pytest.raises(SnakerootError, match=r"no process 'vbf_h4nu'.*did you mean 'vbf_h4mu'"):
        PROCESSES.load("vbf_h4nu")


def test_planning_needs_none_of_the_heavy_packages() -> None:
    code = (
        "import sys; from snakeroot.generate import settings, validated;"
        "from snakeroot.generate import processes as p, reconstructions as r;"
        "[p.PROCESSES.load(name) for name in p.PROCESSES.names()];"
        "[r.RECONSTRUCTIONS.load(name).TREE for name in r.RECONSTRUCTIONS.names()]; print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"numpy", "awkward", "uproot", "pythia8mc", "fastjet", "vector"}.isdisjoint(done.stdout.split())


def test_event_number_must_fit_its_branch() -> None:
    assert settings(events=10, first_event=2**31 - 10).first_event == 2**31 - 10
    with pytest.raises(ValidationError, match=f"last event number is {2**31}"):
        settings(events=10, first_event=2**31 - 9)


def test_spec_holds_the_configured_process_and_the_versions(libraries: ModuleType) -> None:
    vbf, ggh = (
        json.loads(spec(settings(), "snakeroot.generate", PROCESSES.module(name))) for name in ("vbf_h4mu", "ggh_h4mu")
    )
    assert vbf["code"] != ggh["code"]
    assert {"pythia8mc", "fastjet", "vector", "uproot", "awkward", "numpy"} <= set(vbf["packages"])


@pytest.mark.parametrize(
    ("pdg", "pt", "eta", "resolution", "efficiency"),
    [
        pytest.param(13, 50, 0.8, np.hypot(0.01, 0.0035) * 1.24, 0.97, id="muon"),
        pytest.param(-11, 40, 1.0, np.hypot(0.05 / np.sqrt(40 * np.cosh(1.0)), 0.007), 0.98, id="positron"),
        pytest.param(22, 30, 2.0, np.hypot(0.05 / np.sqrt(30 * np.cosh(2.0)), 0.007), 1, id="photon"),
        pytest.param(211, 10, 0.5, np.hypot(0.008, 0.0015), 0.98, id="pion by its track"),
        pytest.param(-211, 2000, 0.0, np.hypot(0.8 / np.sqrt(2000), 0.05), 0.98, id="stiff pion by its energy"),
        pytest.param(211, 20, 3.0, np.hypot(0.8 / np.sqrt(20 * np.cosh(3.0)), 0.05), 1, id="forward pion"),
        pytest.param(130, 20, -1.0, np.hypot(0.8 / np.sqrt(20 * np.cosh(1.0)), 0.05), 1, id="neutral kaon"),
    ],
)
def test_smearing_follows_the_formula(
    *, detector: ModuleType, pdg: int, pt: float, eta: float, resolution: float, efficiency: float
) -> None:
    tried = 40_000
    true = particles(*[(pdg, pt, eta, 1.2)] * tried)
    seen = detector.measure(true, np.random.default_rng(1))
    ratio = seen.momenta.pt / pt
    assert len(ratio) / tried == pytest.approx(efficiency, abs=4 * np.sqrt(0.03 / tried))
    assert ratio.mean() == pytest.approx(1, abs=4 * resolution / np.sqrt(len(ratio)))
    assert ratio.std() == pytest.approx(resolution, rel=4 / np.sqrt(2 * len(ratio)))
    np.testing.assert_allclose(seen.momenta.eta, eta, atol=1e-12)
    np.testing.assert_allclose(seen.energy / true.energy[0], ratio)


@pytest.mark.parametrize(
    ("pdg", "pt", "eta", "expected"),
    [
        pytest.param(211, 0.35, 1.0, True, id="track above 0.3 GeV"),
        pytest.param(211, 0.25, 1.0, False, id="track below 0.3 GeV"),
        pytest.param(22, 0.6, 1.0, True, id="photon above 0.4 GeV"),
        pytest.param(22, 0.25, 1.0, False, id="photon below 0.4 GeV"),
        pytest.param(130, 30.0, 4.8, True, id="in the calorimeter"),
        pytest.param(130, 30.0, 5.0, False, id="beyond the calorimeter"),
        pytest.param(-14, 30.0, 1.0, False, id="neutrino"),
    ],
)
def test_detector_sees_what_is_above_threshold(
    detector: ModuleType, pdg: int, pt: float, eta: float, expected: bool
) -> None:
    seen = detector.measure(particles(*[(pdg, pt, eta, 0.0)] * 1000), np.random.default_rng(2))
    assert len(seen.pdg) > 950 if expected else len(seen.pdg) == 0


def test_one_event_by_hand(detector: ModuleType) -> None:
    """The hardest μ⁺μ⁻ pair is not the Z1; the soft fifth muon is part of a jet; jets are massless here."""
    four_muons = importlib.import_module("snakeroot.generate.four_muons")
    event = particles(
        (-13, 60.0, 0.5, 0.0),
        (13, 50.0, 0.4, 0.8),
        (-13, 25.0, -0.6, 2.0),
        (13, 34.6, 0.1, 3.1),  # 91.2 GeV with the first
        (22, 80.0, 3.0, -2.5),
        (22, 34.0, -2.0, -1.0),
        (-13, 6.0, -2.0, -1.0),
        (22, 29.0, -4.0, 1.5),  # not a jet: below 30 GeV
        (22, 90.0, 4.8, 1.5),  # not a jet: beyond |η| = 4.7
    )
    chosen, columns = four_muons.reconstruct(event, events=1)
    assert chosen.tolist() == [0]
    value = {name: float(column[0]) for name, column in columns.items()}

    def mass(*rows: int) -> float:
        total = event.where(np.array(rows)).momenta.sum()
        return float(np.sqrt(total.E**2 - total.px**2 - total.py**2 - total.pz**2))

    assert abs(mass(0, 3) - Z_MASS) < abs(mass(0, 1) - Z_MASS)
    assert value["f_Z1mass"] == pytest.approx(mass(0, 3), rel=1e-6)
    assert value["f_Z2mass"] == pytest.approx(mass(1, 2), rel=1e-6)
    assert value["f_mass4l"] == pytest.approx(mass(0, 1, 2, 3), rel=1e-6)
    assert [value[f"f_lept{lepton}_pt"] for lepton in (1, 2, 3, 4)] == pytest.approx([60, 34.6, 50, 25])
    assert [value[f"f_lept{lepton}_charge"] for lepton in (1, 2, 3, 4)] == [1, -1, -1, 1]
    assert value["f_njets_pass"] == 2
    assert [value["f_jet1_pt"], value["f_jet2_pt"]] == pytest.approx([80, 40])
    assert value["f_jet1_e"] == pytest.approx(80 * np.cosh(3.0))
    assert value["f_deltajj"] == pytest.approx(5)
    # m² = 2 pT₁ pT₂ (cosh Δη - cos Δφ) of massless jets
    assert value["f_massjj"] == pytest.approx(np.sqrt(2 * 80 * 40 * (np.cosh(5.0) - np.cos(1.5))), rel=1e-4)
    assert value["f_pfmet"] == pytest.approx(np.hypot(event.px.sum(), event.py.sum()), rel=1e-6)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({0: (-13, 19.0, 0.5, 0.0)}, id="no muon above 20 GeV"),
        pytest.param(
            {1: (13, 9.0, 0.4, 3.1), 2: (-13, 9.0, -1.6, 2.0), 3: (13, 9.0, 1.1, -2.0)},
            id="no second muon above 10 GeV",
        ),
        pytest.param({1: (-13, 18.0, 0.4, 3.1)}, id="three of a charge"),
        pytest.param({2: (-13, 4.9, -0.6, 2.0)}, id="soft muon"),
        pytest.param({2: (-13, 18.0, -2.5, 2.0)}, id="muon outside |η| < 2.4"),
        pytest.param({2: (-13, 18.0, 0.35, -2.1), 3: (13, 17.0, 0.3, -2.0)}, id="Z2 below 12 GeV"),
    ],
)
def test_selection_refuses(detector: ModuleType, changed: dict[int, tuple[int, float, float, float]]) -> None:
    four_muons = importlib.import_module("snakeroot.generate.four_muons")
    muons = [(-13, 60.0, 0.5, 0.0), (13, 18.0, 0.4, 3.1), (-13, 18.0, -0.6, 2.0), (13, 17.0, 0.1, -2.0)]
    chosen, columns = four_muons.reconstruct(particles(*muons), events=1)
    assert chosen.tolist() == columns["f_njets_pass"].tolist() == [0]
    for row, muon in changed.items():
        muons[row] = muon
    assert len(four_muons.reconstruct(particles(*muons), events=1)[0]) == 0


def test_same_settings_give_the_same_events_anywhere(first: Part, tmp_path: Path) -> None:
    done = command(tmp_path, {"PYTHONHASHSEED": "2", "OMP_NUM_THREADS": "2", "PYTHIA8DATA": "/nowhere"})
    assert done.returncode == 0, done.stderr
    assert same(read(tmp_path), first)


def test_parts_are_disjoint(first: Part, second: Part) -> None:
    """Another seed gives other events, and an event number stands in one part only."""
    assert not np.intersect1d(first.columns["f_mass4l"], second.columns["f_mass4l"]).size
    assert first.metadata["cross_section_pb"] != second.metadata["cross_section_pb"]
    number = [part.columns["f_event"] for part in (first, second)]
    assert len(np.unique(np.concatenate(number))) == sum(map(len, number))
    assert 0 <= number[0].min() <= number[0].max() < EVENTS <= number[1].min() <= number[1].max() < 2 * EVENTS
    assert set(second.columns["f_lumi"]) == {2}


def test_branches_are_those_of_the_lecture(first: Part) -> None:
    leptons = {f"f_lept{lepton}_{name}" for lepton in (1, 2, 3, 4) for name in ("pt", "eta", "phi", "charge")}
    jets = {f"f_jet{jet}_{name}" for jet in (1, 2) for name in ("pt", "eta", "phi", "e")}
    four = {"f_Z1mass", "f_Z2mass", "f_mass4l", "f_pt4l", "f_eta4l"}
    floats = {"f_weight", "f_njets_pass", "f_massjj", "f_deltajj", "f_pfmet"} | four | leptons | jets
    integers = {"f_run", "f_lumi", "f_event"}
    assert set(first.columns) == floats | integers
    assert {first.columns[name].dtype for name in floats} == {np.dtype(np.float32)}
    assert {first.columns[name].dtype for name in integers} == {np.dtype(np.int32)}
    weight = first.columns["f_weight"]  # above 1 only where the cross-section exceeds the maximum that Pythia found
    assert weight.min() == np.median(weight) == 1
    assert weight.max() < 1.1


def test_metadata_count_what_is_in_the_tree(first: Part) -> None:
    assert first.metadata["accepted"] == len(first.columns["f_event"])
    expected = {"process": "vbf_h4mu", "seed": 5, "generated": EVENTS, "energy_TeV": 13.0, "multiparton": False}
    assert expected.items() <= first.metadata.items()
    # 3.8 pb [LHC Higgs working group] times 3.3e-5 for H → 4μ, at leading order within a third
    assert first.metadata["cross_section_pb"] == pytest.approx(3.8 * 3.3e-5, rel=0.33)
    assert 0 < first.metadata["cross_section_error_pb"] < 0.1 * first.metadata["cross_section_pb"]


def test_undefined_exactly_where_jets_are_missing(first: Part) -> None:
    columns, jets = first.columns, first.columns["f_njets_pass"]
    assert set(jets) > {0, 1, 2}
    for name, needed in [("jet1_pt", 1), ("jet1_e", 1), ("jet2_eta", 2), ("jet2_e", 2), ("massjj", 2), ("deltajj", 2)]:
        np.testing.assert_array_equal(columns[f"f_{name}"] == -999, jets < needed, err_msg=name)
    two = jets >= 2
    assert (columns["f_jet1_pt"] >= columns["f_jet2_pt"])[two].all()
    assert (columns["f_jet2_pt"][two] > 30).all()
    assert (np.abs(columns["f_jet2_eta"][two]) < 4.7).all()


def test_masses_and_pairing(first: Part, libraries: ModuleType) -> None:
    columns = first.columns
    muons = [
        libraries.vector.array(
            {name: columns[f"f_lept{lepton}_{name}"].astype(float) for name in ("pt", "eta", "phi")}
            | {"mass": np.full(len(columns["f_run"]), MUON_MASS)}
        )
        for lepton in (1, 2, 3, 4)
    ]
    charge = np.stack([columns[f"f_lept{lepton}_charge"] for lepton in (1, 2, 3, 4)])
    assert (charge[0] == -charge[1]).all()
    assert (charge[2] == -charge[3]).all()
    np.testing.assert_allclose((muons[0] + muons[1]).mass, columns["f_Z1mass"], rtol=1e-4)
    np.testing.assert_allclose((muons[2] + muons[3]).mass, columns["f_Z2mass"], rtol=1e-4)
    total = muons[0] + muons[1] + muons[2] + muons[3]
    np.testing.assert_allclose(total.mass, columns["f_mass4l"], rtol=1e-4)
    np.testing.assert_allclose(total.pt, columns["f_pt4l"], atol=1e-3)
    np.testing.assert_allclose(total.eta, columns["f_eta4l"], rtol=1e-3, atol=1e-3)
    distance = np.abs(columns["f_Z1mass"] - Z_MASS)
    for one, other in [(0, 2), (0, 3), (1, 2), (1, 3)]:
        opposite = charge[one] != charge[other]
        assert (np.abs((muons[one] + muons[other]).mass - Z_MASS) > distance - 1e-3)[opposite].all()
    assert np.median(columns["f_mass4l"]) == pytest.approx(124.6, abs=0.5)  # 125, less what the muons radiate


@pytest.mark.parametrize(("process", "stopped"), [("vbf_h4mu", 0.36), ("ggh_h4mu", 0.42), ("zz_4mu", 0.57)])
def test_the_veto_stops_what_cannot_pass(
    *, libraries: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, process: str, stopped: float
) -> None:
    """Each event goes on here whatever the veto says, so that what it says can be held against what is selected."""
    said: list[bool] = []
    vetoes = importlib.import_module("snakeroot.generate.prompt_muons")
    honest = vetoes.PromptMuons.stops
    monkeypatch.setattr(vetoes.PromptMuons, "stops", lambda veto, event: said.append(honest(veto, event)) is not None)
    selected = run(tmp_path, process=process).columns["f_event"]
    assert len(said) == EVENTS
    assert np.mean(said) == pytest.approx(stopped, abs=4 * np.sqrt(0.25 / EVENTS))
    assert (
        np.sum(np.array(said)[selected]) <= 5
    )  # of 300 to 500; 1 is expected, a muon of a hadron in place of one lost


def test_the_veto_changes_neither_normalisation_nor_numbers(
    first: Part, libraries: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 0.9 * EVENTS < first.columns["f_event"].max() < EVENTS  # the number among all, not among those that go on
    monkeypatch.delattr(PROCESSES.load("vbf_h4mu"), "veto")
    plain = run(tmp_path)
    assert plain.metadata["generated"] == first.metadata["generated"] == EVENTS
    numbers = [part.metadata for part in (plain, first)]
    accepted = [found["accepted"] / EVENTS for found in numbers]
    assert accepted[0] == pytest.approx(accepted[1], abs=4 * np.sqrt(2 * 0.25 / EVENTS))
    cross_section, error = ([found[f"cross_section{of}_pb"] for found in numbers] for of in ("", "_error"))
    assert cross_section[0] == pytest.approx(cross_section[1], abs=4 * np.hypot(*error))
    assert error[0] == pytest.approx(error[1], rel=0.2)


def test_energy_and_multiparton_interactions_reach_pythia(first: Part, libraries: ModuleType, tmp_path: Path) -> None:
    lower = run(tmp_path / "lower", energy=8.0, events=BATCH)
    assert lower.metadata["cross_section_pb"] < 0.6 * first.metadata["cross_section_pb"]
    many = run(tmp_path / "many", multiparton=True, events=BATCH)
    assert many.metadata["multiparton"]
    few = first.columns["f_pfmet"][first.columns["f_event"] < BATCH]
    assert not np.array_equal(many.columns["f_pfmet"], few)


@pytest.mark.parametrize(
    ("commands", "reconstruction", "message"),
    [
        pytest.param(
            "'HiggsSM:gg2H = on', 'HiggsSM:gg2HH = on'", "four_muons", "refuses .*'HiggsSM:gg2HH = on'", id="misspelt"
        ),
        pytest.param(
            "'HardQCD:all = on', 'PhaseSpace:pTHatMin = 9000'", "fat_jets", "cannot start", id="no phase space"
        ),
        pytest.param(
            "'HiggsSM:gg2H = on', '25:onMode = off', '25:onIfMatch = 22 22'",
            "four_muons",
            "passes the selection of four_muons; ask for more",
            id="no muons",
        ),
        pytest.param(
            "'WeakSingleBoson:ffbar2gmZ = on', '23:onMode = off', '23:onIfAny = 12', 'PartonLevel:ISR = off'",
            "fat_jets",
            "passes the selection of fat_jets; ask for more",
            id="no jets",
        ),
        pytest.param("'HardQCD:all = on',", "fat_jet", "no reconstruction 'fat_jet': did you mean", id="unknown"),
    ],
)
def test_failed_generation_is_an_error_and_leaves_nothing(
    libraries: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    commands: str,
    reconstruction: str,
    message: str,
) -> None:
    """The process is a new file in a folder of its own: a file is all that a process needs."""
    name = f"process_{tmp_path.name}"
    (tmp_path / f"{name}.py").write_text(f"COMMANDS = ({commands})\nRECONSTRUCTION = '{reconstruction}'\n")
    monkeypatch.setattr(processes, "__path__", [*processes.__path__, str(tmp_path)])
    with pytest.raises(SnakerootError, match=message):
        run(tmp_path / "out", process=name, events=10)
    assert not (tmp_path / "out").exists()


def test_missing_generator_is_explained(tmp_path: Path) -> None:
    (tmp_path / "pythia8mc.py").write_text("raise ImportError('no such wheel')")
    done = command(tmp_path, {"PYTHONPATH": str(tmp_path)})
    assert done.returncode == 1
    assert done.stderr.startswith("error: ntuples cannot be generated here (no such wheel)")
    for words in ("aarch64 Linux", "Python 3.14", "`files:`", "3.11 to 3.13"):
        assert words in done.stderr
    assert not list(tmp_path.glob("out.*"))
