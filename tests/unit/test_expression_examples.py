"""The twenty examples of docs/expressions.md, as they stand there, against plain Python."""

from __future__ import annotations

import functools
import itertools
import math
import re
import textwrap
from typing import Any, NamedTuple

import nanoaod
import numpy as np
import yaml
from data import REPOSITORY, real_file
from helpers import run_features
from snakeroot.physics.expressions.language import parse

PAGE = (REPOSITORY / "docs/expressions.md").read_text()
BLOCKS = [yaml.safe_load(textwrap.dedent(text)) for text in re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)]
DEFINITIONS = {name: text for block in BLOCKS for name, text in block.get("definitions", {}).items()}
FEATURES = {name: text for block in BLOCKS for name, text in block["features"].items()}


class Momentum(NamedTuple):
    """An object of an event: its place and its components."""

    place: int
    pt: float
    eta: float
    phi: float
    mass: float


def objects(event: dict[str, Any], name: str) -> list[Momentum]:
    columns = (event[f"{name}_{part}"] for part in ("pt", "eta", "phi", "mass"))
    return [Momentum(place, *four) for place, four in enumerate(zip(*columns, strict=True))]


@functools.cache
def cartesian(one: Momentum) -> tuple[float, float, float, float]:
    px, py, pz = one.pt * math.cos(one.phi), one.pt * math.sin(one.phi), one.pt * math.sinh(one.eta)
    return math.sqrt(px**2 + py**2 + pz**2 + one.mass * abs(one.mass)), px, py, pz


def mass(*momenta: Momentum) -> float:
    energy, *momentum = map(sum, zip(*map(cartesian, momenta), strict=True))
    square = energy**2 - sum(part**2 for part in momentum)
    return math.copysign(math.sqrt(abs(square)), square)


def distance(one: Momentum, other: Momentum) -> float:
    return math.hypot(one.eta - other.eta, math.remainder(one.phi - other.phi, 2 * math.pi))


def nearest(groups: list[tuple[Momentum, ...]], to: float) -> tuple[Momentum, ...]:
    return min(groups, key=lambda group: abs(mass(*group) - to), default=())


def neutral(event: dict[str, Any], name: str) -> list[tuple[Momentum, ...]]:
    charges = event[f"{name}_charge"]
    pairs = itertools.combinations(objects(event, name), 2)
    return [pair for pair in pairs if charges[pair[0].place] != charges[pair[1].place]]


class Event:
    """The examples one by one, of one event."""

    def __init__(self, event: dict[str, Any]) -> None:
        self.event = event
        self.jets, self.muons, self.electrons = (objects(event, name) for name in ("Jet", "Muon", "Electron"))
        self.leptons = [*self.electrons, *self.muons]
        self.z = nearest(neutral(event, "Muon"), 91.2)

    def tagged(self, jet: Momentum) -> bool:
        return bool(self.event["Jet_btagDeepB"][jet.place] > 0.4941)

    def z_mass(self) -> float:
        return mass(*self.z) if self.z else math.nan

    def z_leading_pt(self) -> float:
        return max((muon.pt for muon in self.z), default=0)

    def nearest_jets(self) -> float:
        return min((distance(*pair) for pair in itertools.combinations(self.jets, 2)), default=math.nan)

    def largest_mjj(self) -> float:
        return max((mass(*pair) for pair in itertools.combinations(self.jets, 2)), default=math.nan)

    def its_deta(self) -> float:
        pair = max(itertools.combinations(self.jets, 2), key=lambda pair: mass(*pair), default=None)
        return abs(pair[0].eta - pair[1].eta) if pair else math.nan

    def second_z_mass(self) -> float:
        others = [pair for pair in neutral(self.event, "Muon") if not set(pair) & set(self.z)]
        return mass(*max(others, key=lambda pair: pair[0].pt + pair[1].pt)) if others else 0

    def second_lepton_pt(self) -> float:
        return sorted([0, 0, *(lepton.pt for lepton in self.leptons)])[-2] if len(self.leptons) > 1 else 0

    def clean_b_jets(self) -> int:
        clean = [jet for jet in self.jets if all(distance(jet, lepton) > 0.4 for lepton in self.leptons)]
        return sum(map(self.tagged, clean))

    def nearest_lepton(self) -> float:
        if not self.leptons:
            return 9
        return min(distance(self.jets[0], lepton) for lepton in self.leptons) if self.jets else math.nan

    def largest_emu_mass(self) -> float:
        return max((mass(*pair) for pair in itertools.product(self.electrons, self.muons)), default=0)

    def m4l(self) -> float:
        electrons = nearest(neutral(self.event, "Electron"), 91.2)
        return mass(*electrons, *self.z) if electrons and self.z else 0

    def w_mass(self) -> float:
        light = [jet for jet in self.jets if not self.tagged(jet)]
        pair = nearest(list(itertools.combinations(light, 2)), 80.4)
        return mass(*pair) if pair else math.nan

    @functools.cached_property
    def top(self) -> tuple[Momentum, ...]:
        triplets = itertools.combinations(self.jets, 3)
        return nearest([three for three in triplets if sum(map(self.tagged, three)) == 1], 172.5)

    def top_mass(self) -> float:
        return mass(*self.top) if self.top else math.nan

    def top_w_mass(self) -> float:
        return mass(*(jet for jet in self.top if not self.tagged(jet))) if self.top else 0

    def recoil_pt(self) -> float:
        return max((jet.pt for jet in self.jets if jet not in self.top), default=0)

    def largest_muon_share(self) -> float:
        index = self.event["Jet_muonIdx1"]
        shares = [self.muons[index[jet.place]].pt / jet.pt if index[jet.place] >= 0 else 0 for jet in self.jets]
        return max(shares, default=math.nan)

    def b_quarks(self) -> int:
        names = ("pdgId", "statusFlags", "genPartIdxMother")
        particles = list(zip(*(self.event[f"GenPart_{name}"] for name in names), strict=True))
        b = [abs(pdg) == 5 for pdg, _, _ in particles]
        return sum(
            b[place] and format(flags, "015b")[-14] == "1" and not (mother >= 0 and b[mother])
            for place, (_, flags, mother) in enumerate(particles)
        )

    def further_ht(self) -> float:
        tight = [jet.pt for jet in self.jets if self.event["Jet_jetId"][jet.place] in (2, 3, 6, 7)]
        return sum(tight[2:])

    def worst_cut(self) -> int:
        octal = [f"{bits:o}".rjust(2, "0") for bits in self.event["Electron_vidNestedWPBitmap"]]
        return min((min(int(text[-1]), int(text[-2])) for text in octal), default=0)

    def jets_by_three(self) -> int:
        return math.floor(len(self.jets) / 3)


def check(path, tree, event_id):
    """All examples in one run: definitions, carried along, may be NaN."""
    known = set(DEFINITIONS) | set(FEATURES)
    branches = sorted({name for text in [*DEFINITIONS.values(), *FEATURES.values()] for name in parse(text).branches})
    table, _ = run_features(
        path, tree=tree, event_id=event_id, definitions=DEFINITIONS | FEATURES, spectators=list(FEATURES),
        features={"one": "1"},
    )  # fmt: skip
    events = [Event(one) for one in nanoaod.events_of(path, tree, [name for name in branches if name not in known])]
    assert len(events) == table.num_rows
    found = {}
    for name in FEATURES:
        expected = np.array([getattr(event, name)() for event in events], float)
        np.testing.assert_allclose(table[name].to_numpy().astype(float), expected, rtol=1e-4, atol=2e-3, err_msg=name)
        found[name] = len(np.unique(expected[np.isfinite(expected)]))
    return found


def test_there_are_twenty_and_each_has_its_own_reference():
    assert len(FEATURES) == 20
    assert all(f"{number}. " in PAGE for number in range(1, 21))


def test_the_examples_on_random_events(tmp_path):
    path = nanoaod.write(tmp_path / "a.root", nanoaod.random_events(300))
    found = check(path, "events", ["run", "event"])
    assert min(found.values()) > 1, f"{found}: an example whose value never changes is not tested"


def test_the_examples_on_a_real_file(tmp_path):
    path = tmp_path / "a.root"
    path.symlink_to(real_file("real/NanoAODv5_sample.root"))
    check(path, "Events", ["run", "luminosityBlock", "event"])


def test_the_examples_are_features_whatever_the_chunk(tmp_path):
    """Rows in which one of them has no value are dropped by the policy; of the others the features are the values."""
    arrays = nanoaod.random_events(300)
    path = nanoaod.write(tmp_path / "a.root", arrays)
    events = nanoaod.events_of(path, "events", list(arrays))
    expected = {name: np.array([getattr(Event(one), name)() for one in events], float) for name in FEATURES}
    kept = np.flatnonzero(np.isfinite(list(expected.values())).all(axis=0))
    assert 10 < len(kept) < 290
    for chunk in (110, 300):
        table, _ = run_features(path, definitions=DEFINITIONS, features=FEATURES, non_finite="drop", chunk=chunk)
        assert table["entry"].to_pylist() == kept.tolist()
        for name, values in expected.items():
            np.testing.assert_allclose(table[name].to_numpy(), values[kept], rtol=1e-4, atol=2e-3, err_msg=name)
