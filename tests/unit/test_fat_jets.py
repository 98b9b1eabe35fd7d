"""Fat jets: which are selected, what the branches say of them, and that W and QCD jets differ as they should."""

from __future__ import annotations

import importlib
import json
import shutil
from pathlib import Path
from types import ModuleType
from typing import Any

import awkward as ak
import numpy as np
import pytest
from generation import BATCH, Part, command, particles, read, run, same, settings
from numpy.typing import NDArray
from snakeroot.generate.particles import Collisions
from snakeroot.generate.processes import PROCESSES
from snakeroot.generate.reconstructions import RECONSTRUCTIONS
from snakeroot.jobs import spec as specs
from snakeroot.physics.clustering import merges

EVENTS = 3 * BATCH
SCALARS = (
    "pt",
    "eta",
    "phi",
    "e",
    "mass",
    "generated_mass",
    "w_distance",
    "tau1",
    "tau2",
    "tau3",
    "softdrop_mass",
    "d2",
)


@pytest.fixture(scope="module")
def fat_jets() -> ModuleType:
    pytest.importorskip("pythia8mc", reason="pythia8mc is not installed; it has no wheel for every platform")
    return importlib.import_module("snakeroot.generate.fat_jets")


@pytest.fixture(scope="module")
def w(fat_jets: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Part:
    return run(tmp_path_factory.mktemp("w"), process="w_jets", events=EVENTS)


@pytest.fixture(scope="module")
def qcd(fat_jets: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Part:
    return run(tmp_path_factory.mktemp("qcd"), process="qcd_jets", events=EVENTS)


@pytest.fixture(params=["w", "qcd"])
def part(request: pytest.FixtureRequest) -> Part:
    found: Part = request.getfixturevalue(request.param)
    return found


def momenta(part: Part) -> list[NDArray[np.float64]]:
    """Return px, py, pz and E of all constituents, from the branches as a reader finds them."""
    pt, eta, phi, energy = (
        ak.to_numpy(ak.flatten(part.columns[f"f_constituent_{name}"])).astype(np.float64)
        for name in ("pt", "eta", "phi", "e")
    )
    return [pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta), energy]


def offsets(part: Part) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(part.columns["f_constituents"])])


def jets(part: Part, count: int) -> list[NDArray[np.float64]]:
    """Return the constituents' four-momenta of the first jets, each of shape (n, 4)."""
    rows, edges = np.stack(momenta(part), axis=1), offsets(part)
    return [rows[edges[jet] : edges[jet + 1]] for jet in range(count)]


def mass(momentum: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.sqrt(np.maximum(momentum[..., 3] ** 2 - (momentum[..., :3] ** 2).sum(axis=-1), 0))


def distances(jet: NDArray[np.float64], axes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ΔR, of rapidity and φ, between all of `jet` and all of `axes`."""
    rapidity, phi = (
        [0.5 * np.log((p[:, 3] + p[:, 2]) / (p[:, 3] - p[:, 2])) for p in (jet, axes)],
        [np.arctan2(p[:, 1], p[:, 0]) for p in (jet, axes)],
    )
    turn = (phi[0][:, np.newaxis] - phi[1] + np.pi) % (2 * np.pi) - np.pi
    return np.hypot(rapidity[0][:, np.newaxis] - rapidity[1], turn)


def test_branches(part: Part) -> None:
    columns = part.columns
    integers = {"f_run", "f_lumi", "f_event", "f_constituents", "f_merges"}
    floats = {"f_weight", *(f"f_fatjet_{name}" for name in SCALARS)}
    lists = {f"f_constituent_{name}" for name in ("pt", "eta", "phi", "e")}
    assert set(columns) == integers | floats | lists | {"f_constituent_pid", "f_merge_first", "f_merge_second"}
    assert {columns[name].dtype.name for name in integers} == {"int32"}
    assert {columns[name].dtype.name for name in floats} == {"float32"}
    assert {str(columns[name].type.content) for name in lists} == {"var * float32"}
    whole = ("f_constituent_pid", "f_merge_first", "f_merge_second")
    assert {str(columns[name].type.content) for name in whole} == {"var * int32"}
    assert all(np.isfinite(columns[name]).all() for name in floats)
    assert part.metadata["accepted"] == len(columns["f_event"])
    assert 0.5 * EVENTS < part.metadata["accepted"] < part.metadata["generated"] == EVENTS


def test_jets_are_in_the_window(part: Part) -> None:
    pt, eta, size = (part.columns[name] for name in ("f_fatjet_pt", "f_fatjet_eta", "f_constituents"))
    assert 200 < pt.min() < 210
    assert 400 < pt.max() < 500
    assert 1.8 < np.abs(eta).max() < 2.0
    assert size.min() >= 3


def test_constituents_are_the_jet(part: Part) -> None:
    columns = part.columns
    px, py, pz, energy = (np.add.reduceat(values, offsets(part)[:-1]) for values in momenta(part))
    np.testing.assert_allclose(np.hypot(px, py), columns["f_fatjet_pt"], rtol=1e-6)
    np.testing.assert_allclose(np.arcsinh(pz / np.hypot(px, py)), columns["f_fatjet_eta"], atol=1e-6)
    np.testing.assert_allclose(np.arctan2(py, px), columns["f_fatjet_phi"], atol=1e-6)
    np.testing.assert_allclose(energy, columns["f_fatjet_e"], rtol=1e-6)
    np.testing.assert_allclose(mass(np.stack([px, py, pz, energy], axis=1)), columns["f_fatjet_mass"], rtol=1e-5)
    assert ak.all(ak.num(columns["f_constituent_pt"]) == columns["f_constituents"])
    assert ak.all(columns["f_constituent_pt"][:, 1:] <= columns["f_constituent_pt"][:, :-1])
    pid = ak.to_numpy(ak.flatten(columns["f_constituent_pid"]))
    assert set(pid) == {-211, -13, -11, 11, 13, 22, 130, 211}
    assert 0.5 < np.isin(pid, (-211, 211)).mean() < 0.65, "tracks are some 60 % of a jet's particles"


def test_the_tree_follows_from_what_is_written(part: Part) -> None:
    again = merges(*momenta(part), offsets(part), "kt")
    for place, name in enumerate(("first", "second")):
        written = part.columns[f"f_merge_{name}"]
        assert ak.all(ak.num(written) == part.columns["f_constituents"] - 1)
        assert np.array_equal(ak.to_numpy(ak.flatten(written)), again[:, place])


def test_subjettiness_by_its_formula(part: Part) -> None:
    fastjet = importlib.import_module("fastjet")
    definition = fastjet.JetDefinition(fastjet.kt_algorithm, 1.0)
    for number, jet in enumerate(jets(part, 20)):
        pt = np.hypot(jet[:, 0], jet[:, 1])
        sequence = fastjet.ClusterSequence([fastjet.PseudoJet(*row) for row in jet.tolist()], definition)
        for count in (1, 2, 3):
            axes = np.array([(one.px(), one.py(), one.pz(), one.e()) for one in sequence.exclusive_jets(count)])
            expected = (pt * distances(jet, axes).min(axis=1)).sum() / pt.sum()
            assert part.columns[f"f_fatjet_tau{count}"][number] == pytest.approx(expected, rel=1e-5)


def test_d2_by_its_formula(part: Part) -> None:
    """With A = √zᵢzⱼ ΔRᵢⱼ, the sum over triples is tr A³ / 6."""
    for number, jet in enumerate(jets(part, 20)):
        pt, separation = np.hypot(jet[:, 0], jet[:, 1]), distances(jet, jet)
        z = pt / pt.sum()
        second = (np.outer(z, z) * separation).sum() / 2
        third = np.trace(np.linalg.matrix_power(np.sqrt(np.outer(z, z)) * separation, 3)) / 6
        assert part.columns["f_fatjet_d2"][number] == pytest.approx(third / second**3, rel=1e-4)


def test_softdrop_by_walking_down_the_tree(part: Part) -> None:
    for number, jet in enumerate(jets(part, 20)):
        pairs = merges(*jet.T, [0, len(jet)], "cambridge")
        nodes = list(jet)
        for one, other in pairs:
            nodes.append(nodes[one] + nodes[other])
        node = len(nodes) - 1
        while node >= len(jet):
            hard, soft = (np.hypot(*nodes[child][:2]) for child in pairs[node - len(jet)])
            if soft > 0.1 * (hard + soft):
                break
            node = pairs[node - len(jet)][0]
        assert part.columns["f_fatjet_softdrop_mass"][number] == pytest.approx(mass(nodes[node]), rel=1e-4, abs=0.02)


def test_the_mass_of_the_w_peaks_and_that_of_qcd_falls(w: Part, qcd: Part) -> None:
    edges = np.arange(50, 131, 10)
    peak, falling = (np.histogram(part.columns["f_fatjet_mass"], edges)[0] for part in (w, qcd))
    assert edges[peak.argmax()] in (70, 80)
    near = w.columns["f_fatjet_generated_mass"]
    assert np.median(near[np.abs(near - 80.4) < 10]) == pytest.approx(80.4, abs=1)
    assert peak[2:4].sum() > 0.5 * len(near)
    assert falling[:2].sum() > 1.2 * falling[2:4].sum() > 1.44 * falling[4:6].sum()
    assert w.metadata["cross_section_pb"] < 1e-4 * qcd.metadata["cross_section_pb"]


def test_generated_mass_is_near_the_measured(part: Part) -> None:
    measured, generated = part.columns["f_fatjet_mass"], part.columns["f_fatjet_generated_mass"]
    known = generated != -999
    assert known.mean() > 0.99
    ratio = measured[known] / generated[known]
    assert np.median(ratio) == pytest.approx(0.96, abs=0.03), "soft particles and lost tracks are missing"
    assert 0.01 < np.quantile(ratio, 0.84) - np.quantile(ratio, 0.16) < 0.2


def test_w_jets_have_two_prongs(w: Part, qcd: Part) -> None:
    ratio = [np.median(part.columns["f_fatjet_tau2"] / part.columns["f_fatjet_tau1"]) for part in (w, qcd)]
    assert ratio[0] < ratio[1] - 0.2
    d2 = [np.median(part.columns["f_fatjet_d2"]) for part in (w, qcd)]
    assert d2[0] < 0.6 * d2[1]


def test_same_settings_give_the_same_jets_anywhere(w: Part, tmp_path: Path) -> None:
    environment = {"PYTHONHASHSEED": "2", "OMP_NUM_THREADS": "2"}
    done = command(tmp_path, environment, process="w_jets", events=EVENTS)
    assert done.returncode == 0, done.stderr
    assert same(read(tmp_path), w)


def jet_of(
    pt: float, eta: float, phi: float = 0.0, count: int = 4, pdg: int = 22
) -> list[tuple[int, float, float, float]]:
    """Return particles that share a pT, a little apart."""
    return [(pdg, pt / count, eta + 0.02 * number, phi) for number in range(count)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(jet_of(250, 0.0) + jet_of(300, 1.0, 3.0), 300, id="the hardest"),
        pytest.param(jet_of(250, 0.0) + jet_of(300, 2.1, 3.0), 250, id="a harder one at large η does not count"),
        pytest.param(jet_of(250, 0.0) + jet_of(510, 1.0, 3.0), None, id="the hardest is too hard"),
        pytest.param(jet_of(190, 0.0), None, id="too soft"),
        pytest.param(jet_of(250, 0.0, count=2), None, id="too few constituents"),
        pytest.param(jet_of(150, 0.0) + jet_of(100, 0.9), 250, id="two prongs within R = 1"),
        pytest.param(jet_of(150, 0.0) + jet_of(100, 1.2), None, id="two prongs further apart"),
        pytest.param(jet_of(150, 0.0) + jet_of(100, 0.3, pdg=14), 250, id="what was measured counts"),
    ],
)
def test_selection(fat_jets: ModuleType, rows: list[tuple[int, float, float, float]], expected: float | None) -> None:
    """The second of two events, as the first has nothing."""
    event = particles((22, 5.0, 0.0, 0.0), *rows, event=[0] + [1] * len(rows))
    selected = fat_jets.reconstruct(Collisions(2, event, event, event.where(slice(0, 0))))
    assert selected.events.tolist() == ([] if expected is None else [1])
    assert selected.branches["f_fatjet_pt"].tolist() == pytest.approx([] if expected is None else [expected], rel=1e-3)


@pytest.mark.parametrize(
    ("rows", "pick"),
    [
        pytest.param(jet_of(260, 0.1) + jet_of(240, 2.5), slice(0, 4), id="the nearest, not the hardest"),
        pytest.param(jet_of(260, 0.1) + jet_of(50, 0.5, pdg=-12), slice(0, 4), id="without neutrinos"),
        pytest.param(jet_of(260, 0.6), None, id="none within ΔR = 0.5"),
        pytest.param(jet_of(90, 0.0), None, id="too soft"),
    ],
)
def test_generated_mass(fat_jets: ModuleType, rows: list[tuple[int, float, float, float]], pick: slice | None) -> None:
    generated, measured = particles(*rows), particles(*jet_of(250, 0.0))
    collisions = Collisions(1, generated, measured, measured.where(slice(0, 0)))
    found = fat_jets.reconstruct(collisions).branches["f_fatjet_generated_mass"]
    matched = generated.where(np.arange(len(rows))[pick]) if pick else None
    expected = matched.momenta.sum().mass if matched else -999
    assert found.tolist() == pytest.approx([expected], rel=1e-5)


@pytest.mark.parametrize(("bosons", "expected"), [([], -999), ([(24, 300, 0.3, 0.4)], 0.5), ([(-24, 9, 2, 3)], 3.6056)])
def test_distance_to_the_w(
    fat_jets: ModuleType, bosons: list[tuple[int, float, float, float]], expected: float
) -> None:
    """Of one other, which is further away than in the last case, it is not."""
    jet, others = particles(*jet_of(250, 0.0)), [*bosons, *([(24, 9.0, -2.5, -3.0)] if bosons else [])]
    found = fat_jets.reconstruct(Collisions(1, jet, jet, particles(*others) if others else jet.where(slice(0, 0))))
    assert found.branches["f_fatjet_w_distance"].tolist() == pytest.approx([expected], abs=0.03)


@pytest.mark.parametrize(
    ("pdg", "eta", "expected"),
    [
        pytest.param(321, 1.0, 211, id="kaon"),
        pytest.param(-2212, 1.0, -211, id="antiproton"),
        pytest.param(3112, 1.0, -211, id="Σ⁻ is negative"),
        pytest.param(-3334, 1.0, 211, id="Ω⁺"),
        pytest.param(211, 2.7, 130, id="no track beyond the tracker"),
        pytest.param(11, -1.0, 11, id="electron"),
        pytest.param(-11, 2.7, 22, id="positron beyond the tracker"),
        pytest.param(-13, 1.0, -13, id="muon"),
        pytest.param(22, 1.0, 22, id="photon"),
        pytest.param(2112, 1.0, 130, id="neutron"),
        pytest.param(-130, 1.0, 130, id="neutral kaon"),
    ],
)
def test_what_the_detector_takes_particles_for(fat_jets: ModuleType, pdg: int, eta: float, expected: int) -> None:
    assert fat_jets.identify(particles((pdg, 10.0, eta, 0.0))).tolist() == [expected]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A copy of the package, in whose place the spec looks."""
    copy = tmp_path / "snakeroot"
    shutil.copytree(specs.ROOT, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(specs, "ROOT", copy)
    yield copy
    forget()


def forget() -> None:
    """Another process would begin without what this one has read."""
    for cached in (specs._code, specs._read, specs._file, specs._with_parents):
        cached.cache_clear()


def codes() -> dict[str, str]:
    """Return the digest of the code that each process runs."""
    forget()
    found = {}
    for name in PROCESSES.names():
        reconstruction = RECONSTRUCTIONS.module(PROCESSES.load(name).RECONSTRUCTION)
        found[name] = json.loads(
            specs.spec(settings(process=name), "snakeroot.generate", PROCESSES.module(name), reconstruction)
        )["code"]
    return found


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        pytest.param("physics/clustering", {"w_jets", "qcd_jets"}, id="clustering"),
        pytest.param("generate/fat_jets", {"w_jets", "qcd_jets"}, id="fat jets"),
        pytest.param("generate/substructure", {"w_jets", "qcd_jets"}, id="substructure"),
        pytest.param("generate/reconstructions/fat_jets", {"w_jets", "qcd_jets"}, id="their tree"),
        pytest.param("generate/processes/w_jets", {"w_jets"}, id="a process"),
        pytest.param("generate/four_muons", {"vbf_h4mu", "ggh_h4mu", "zz_4mu"}, id="four muons"),
        pytest.param("generate/validated", set(), id="an axis of a figure"),
        pytest.param("generate/detector", {"w_jets", "qcd_jets", "vbf_h4mu", "ggh_h4mu", "zz_4mu"}, id="detector"),
        pytest.param("generate/reconstructions/new", set(), id="a new reconstruction"),
        pytest.param("generate/processes/new", set(), id="a new process"),
    ],
)
def test_an_edit_generates_only_what_it_is_about(package: Path, module: str, expected: set[str]) -> None:
    before = codes()
    with (package / f"{module}.py").open("a") as file:
        file.write("\nEDITED = 1\n")
    after = codes()
    assert {name for name in before if before[name] != after[name]} == expected
