"""Trees: what must hold of every tree, known merges, and momenta against sums by hand."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jets import COLUMNS, branches, build, random_jets
from snakeroot.errors import SnakerootError
from snakeroot.features.inputs import Tree

fastjet = pytest.importorskip("fastjet", reason="fastjet is an extra, and not for every machine")

ALGORITHMS = ["kt", "cambridge", "antikt", "ascending_pt", "descending_pt"]
SEEDS = st.integers(0, 10_000)
CHANNELS = ["p", "eta", "theta", "phi", "energy", "pt", "energy_fraction", "pt_fraction"]


def tree(**changed):
    return Tree.model_validate({**COLUMNS, "length": 12, "channels": CHANNELS, **changed})


def parts(block):
    """Channels, children, height and mask of one jet, by name."""
    return dict(zip([*CHANNELS, "left", "right", "height", "mask"], block, strict=True))


def momenta(jet):
    """px, py, pz, E of massless constituents, by descending pt."""
    pt, eta, phi = np.array(sorted(jet, reverse=True)).T
    return np.stack([pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta), pt * np.cosh(eta)], axis=1)


def of_nodes(found):
    """px, py, pz, E of the nodes, from the channels."""
    pt, phi = found["pt"], found["phi"]
    return np.stack([pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(found["eta"]), found["energy"]], axis=1)


@given(SEEDS, st.sampled_from(ALGORITHMS), st.booleans())
def test_every_tree_is_a_tree(seed, algorithm, prepare):
    jets = random_jets(8, seed)
    values, left_out = build(tree(algorithm=algorithm, prepare=prepare), jets)
    assert not left_out.any()
    for jet, block in zip(jets, values, strict=True):
        found, n = parts(block), len(jet)
        assert found["mask"].tolist() == [1] * (2 * n - 1) + [0] * (24 - 2 * n)
        assert not block[:, 2 * n - 1 :].any()
        left, right, height = (found[name].astype(int) for name in ("left", "right", "height"))
        assert (left[:n] == -1).all()
        assert (right[:n] == -1).all()
        assert (height[:n] == 0).all()
        children = [*left[n : 2 * n - 1], *right[n : 2 * n - 1]]
        assert sorted(children) == list(range(2 * n - 2))  # all but the root have one parent
        vectors = of_nodes(found)
        for node in range(n, 2 * n - 1):
            assert max(left[node], right[node]) < node
            assert height[node] == 1 + max(height[left[node]], height[right[node]])
            total = vectors[left[node]] + vectors[right[node]]
            np.testing.assert_allclose(vectors[node], total, rtol=2e-4, atol=2e-4 * found["energy"][node])


@given(SEEDS, st.sampled_from(ALGORITHMS))
def test_leaves_are_the_constituents_and_the_root_is_the_jet(seed, algorithm):
    jets = random_jets(8, seed)
    for jet, block in zip(jets, build(tree(algorithm=algorithm), jets)[0], strict=True):
        found, n, expected = parts(block), len(jet), momenta(jet)
        jet_momentum = expected.sum(axis=0)
        for node, (px, py, pz, energy) in [*enumerate(expected), (2 * n - 2, jet_momentum)]:
            p, pt = np.sqrt(px**2 + py**2 + pz**2), np.hypot(px, py)
            whole = np.array([p, np.arctanh(pz / p), np.arccos(pz / p), np.arctan2(py, px), energy, pt])
            fractions = [energy / jet_momentum[3], pt / np.hypot(*jet_momentum[:2])]
            np.testing.assert_allclose(
                [found[name][node] for name in CHANNELS], [*whole, *fractions], rtol=1e-5, atol=1e-6
            )


@given(SEEDS, st.sampled_from(ALGORITHMS), st.booleans())
def test_the_order_of_the_constituents_changes_nothing(seed, algorithm, prepare):
    jets = random_jets(8, seed)
    random = np.random.default_rng(seed)
    shuffled = [[jet[i] for i in random.permutation(len(jet))] for jet in jets]
    block = tree(algorithm=algorithm, prepare=prepare)
    assert all(map(np.array_equal, build(block, jets), build(block, shuffled)))


def test_known_merges():
    """Two hard constituents with 0.1 between them, and two soft ones with 0.05, 1 away."""
    jet = [(100.0, 0.0, 0.0), (90.0, 0.1, 0.0), (2.0, 1.0, 0.0), (1.0, 1.05, 0.0)]
    merged = {}
    for algorithm in ALGORITHMS:
        found = parts(build(tree(algorithm=algorithm), [jet])[0][0])
        merged[algorithm] = [{int(found["left"][k]), int(found["right"][k])} for k in range(4, 7)]
    assert merged == {
        "kt": [{2, 3}, {1, 4}, {0, 5}],
        "cambridge": [{2, 3}, {0, 1}, {4, 5}],
        "antikt": [{0, 1}, {2, 4}, {3, 5}],
        "ascending_pt": [{2, 3}, {1, 4}, {0, 5}],
        "descending_pt": [{0, 1}, {2, 4}, {3, 5}],
    }


def test_the_hardest_are_kept_and_the_others_counted():
    jet = [(float(pt), 0.1 * pt, 0.2) for pt in range(1, 8)] + [(0.0, 0.0, 0.0)]
    values, left_out = build(tree(length=3), [jet, [(1.0, 0.0, 0.0)]])
    found = parts(values[0])
    assert values.shape == (2, 12, 5)
    assert found["pt"][:3].tolist() == [7, 6, 5]
    assert left_out.tolist() == [5, 0]
    assert found["energy_fraction"][4] == 1
    alone = parts(values[1])
    assert (alone["mask"].tolist(), alone["left"].tolist()) == ([1, 0, 0, 0, 0], [-1, 0, 0, 0, 0])


def test_an_energy_is_that_of_the_leaves():
    columns = branches(random_jets(3)) | {"e": 2 * branches(random_jets(3))["pt"] * 10}
    plain, heavy = build(tree(), columns)[0], build(tree(energy="e"), columns)[0]
    known = np.array([sum(row) for row in columns["e"].to_list()])
    last = plain[:, -1].sum(axis=1).astype(int) - 1
    np.testing.assert_allclose(heavy[np.arange(3), CHANNELS.index("energy"), last], known, rtol=1e-6)


@given(SEEDS)
def test_a_prepared_jet_lies_as_it_should(seed):
    """Against fastjet, applied to the prepared constituents of one jet after the other."""
    jets = random_jets(6, seed)
    plain, _ = build(tree(), jets)
    values, _ = build(tree(prepare=True), jets)
    for jet, before, block in zip(jets, plain, values, strict=True):
        found, n = parts(block), len(jet)
        vectors, root = of_nodes(found)[:n], of_nodes(found)[2 * n - 2]
        mass, same = (v[3] ** 2 - (v[:3] ** 2).sum() for v in (root, of_nodes(parts(before))[2 * n - 2]))
        assert abs(mass - same) < 1e-3 * root[3] ** 2  # turns and boosts keep it
        pz = (np.hypot(vectors[:, 0], vectors[:, 1]) * vectors[:, 2]).sum()
        assert pz > -1e-3 * root[3] ** 2
        first, *rest = subjets(momenta(jet))
        inside = np.array([index in first for index in range(n)])
        total = vectors[inside].sum(axis=0)
        np.testing.assert_allclose(total[1:3], 0, atol=1e-3 * root[3])
        assert total[0] > 0
        if rest:
            second = vectors[[index in rest[0] for index in range(n)]].sum(axis=0)
            assert abs(second[2]) < 1e-3 * root[3]
            assert second[1] < 1e-3 * root[3]


def subjets(vectors):
    """Numbers of the constituents of each kT jet of R = 0.3, the hardest jet first."""
    particles = [fastjet.PseudoJet(*map(float, vector)) for vector in vectors]
    for number, particle in enumerate(particles):
        particle.set_user_index(number)
    sequence = fastjet.ClusterSequence(particles, fastjet.JetDefinition(fastjet.kt_algorithm, 0.3))
    jets = sorted(sequence.inclusive_jets(), key=lambda jet: -jet.pt())
    return [{one.user_index() for one in jet.constituents()} for jet in jets]


def test_what_has_no_root_is_nan():
    jets = [[(1.0, 0.0, 0.0)], [], [(np.nan, 0.0, 0.0), (1.0, 0.0, 0.0)], [(1.0, 999.0, 0.0)], [(0.0, 0.0, 0.0)]]
    for prepare in (False, True):
        values, _ = build(tree(prepare=prepare), jets)
        assert np.isnan(values).any(axis=(1, 2)).tolist() == [False, True, True, True, True]


def test_a_jet_that_cannot_be_brought_to_rest_is_nan():
    jets = [[(1.0, 0.1, 0.0), (2.0, 0.2, 0.0)], [(1e-6, 30.0, 0.0)], [(3.0, 0.1, 0.0)]]
    values, _ = build(tree(prepare=True), jets)
    assert np.isnan(values).any(axis=(1, 2)).tolist() == [False, True, False]


def test_without_fastjet_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "fastjet", None)
    for changed in ({}, {"prepare": True}):
        with pytest.raises(SnakerootError, match=r"pip install -e '\.\[generate\]'"):
            build(tree(**changed), random_jets(2))
    build(tree(algorithm="descending_pt"), random_jets(2))
