"""Clustering trees: whole, in fastjet's order, and a function of the constituents alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from snakeroot.errors import SnakerootError
from snakeroot.physics.clustering import RADIUS, Algorithm, merges

CHAINS = ("ascending_pt", "descending_pt")
ALGORITHMS = get_args(Algorithm)
POWER = {"kt": 2, "cambridge": 0, "antikt": -2}


def fastjet() -> Any:
    return pytest.importorskip("fastjet", reason="fastjet is not installed; it has no wheel for every platform")


def jet(seed: int, size: int) -> NDArray[np.float64]:
    """Return the four-momenta of random massless particles around one direction, shape (size, 4)."""
    rng = np.random.default_rng(seed)
    pt, eta, phi = rng.exponential(10, size) + 0.3, rng.normal(1, 0.4, size), rng.normal(3, 0.4, size)
    return np.stack([pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta), pt * np.cosh(eta)], axis=1)


def tree(momenta: NDArray[np.float64], algorithm: Algorithm) -> NDArray[np.int32]:
    """Cluster one jet."""
    return merges(*momenta.T, [0, len(momenta)], algorithm)


def nodes(momenta: NDArray[np.float64], pairs: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return the four-momentum of every node, as a reader of an ntuple would."""
    found = list(momenta)
    for first, second in pairs:
        found.append(found[first] + found[second])
    return np.array(found)


def pt(momenta: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.hypot(momenta[..., 0], momenta[..., 1])


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@given(seed=st.integers(0, 2**32), size=st.integers(1, 40))
def test_a_tree_is_whole(algorithm: Algorithm, seed: int, size: int) -> None:
    if algorithm not in CHAINS:
        fastjet()
    momenta = jet(seed, size)
    pairs = tree(momenta, algorithm)
    assert pairs.shape == (size - 1, 2)
    assert pairs.dtype == np.int32
    assert sorted(pairs.ravel()) == list(range(2 * size - 2)), "every node but the root is a child once"
    assert (pairs.max(axis=1, initial=-1) < size + np.arange(size - 1)).all(), "of a later node"
    found = nodes(momenta, pairs)
    np.testing.assert_allclose(found[-1], momenta.sum(axis=0), rtol=1e-12)
    assert (pt(found[pairs[:, 0]]) >= pt(found[pairs[:, 1]]) * (1 - 1e-12)).all(), "the harder child first"
    assert np.array_equal(pairs, tree(momenta, algorithm))


@pytest.mark.parametrize("algorithm", POWER)
@given(seed=st.integers(0, 2**32), size=st.integers(2, 12))
def test_merges_are_of_the_two_nearest(algorithm: Algorithm, seed: int, size: int) -> None:
    """d = min(pT₁ᵖ, pT₂ᵖ) ΔR², all pairs tried; the distance uses the rapidity."""
    fastjet()
    momenta = jet(seed, size)
    pairs = tree(momenta, algorithm)
    found = nodes(momenta, pairs)
    alive = list(range(size))
    for number, pair in enumerate(pairs):
        rows = np.array([(a, b) for a in alive for b in alive if a < b])
        energy, pz = found[:, 3], found[:, 2]
        rapidity = 0.5 * np.log((energy + pz) / (energy - pz))
        phi = np.arctan2(found[:, 1], found[:, 0])
        one, other = rows.T
        turn = (phi[one] - phi[other] + np.pi) % (2 * np.pi) - np.pi
        scale = np.minimum(pt(found)[one] ** POWER[algorithm], pt(found)[other] ** POWER[algorithm])
        nearest = rows[np.argmin(scale * ((rapidity[one] - rapidity[other]) ** 2 + turn**2))]
        assert sorted(pair) == sorted(nearest)
        alive = [node for node in alive if node not in pair] + [size + number]


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_undoing_the_last_merges_of_kt_gives_the_exclusive_jets(count: int) -> None:
    library = fastjet()
    momenta = jet(7, 50)
    pairs = tree(momenta, "kt")
    found = nodes(momenta, pairs)
    last = len(found) - (count - 1)
    alive = set(range(last)) - set(pairs[: last - len(momenta)].ravel().tolist())
    definition = library.JetDefinition(library.kt_algorithm, RADIUS)
    sequence = library.ClusterSequence([library.PseudoJet(*row) for row in momenta.tolist()], definition)
    expected = [(one.px(), one.py(), one.pz(), one.e()) for one in sequence.exclusive_jets(count)]
    np.testing.assert_allclose(sorted(found[list(alive)].tolist()), sorted(expected), rtol=1e-9)


def test_chains_by_hand() -> None:
    """Three particles along x, of pT 2, 5 and 4."""
    momenta = np.array([[2.0, 0, 0, 2], [5.0, 0, 0, 5], [4.0, 0, 0, 4]])
    assert tree(momenta, "ascending_pt").tolist() == [[2, 0], [3, 1]]
    assert tree(momenta, "descending_pt").tolist() == [[1, 2], [3, 0]]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_jets_do_not_see_each_other(algorithm: Algorithm) -> None:
    if algorithm not in CHAINS:
        fastjet()
    sizes = [5, 1, 0, 2, 30]
    jets = [jet(seed, size) for seed, size in enumerate(sizes)]
    together = merges(*np.concatenate(jets).T, np.cumsum([0, *sizes]), algorithm)
    assert np.array_equal(together, np.concatenate([tree(one, algorithm) for one in jets if len(one)]))
    assert merges([], [], [], [], [0], algorithm).shape == (0, 2)


@pytest.mark.parametrize(
    ("row", "algorithm", "message"),
    [
        pytest.param([1, 0, 0, 1], "kT", r"no clustering algorithm 'kT': did you mean 'kt'", id="algorithm"),
        pytest.param([0, 0, 3, 3], "kt", "without pT", id="along the beam"),
        pytest.param([np.nan, 0, 0, 1], "descending_pt", "not finite", id="not a number"),
    ],
)
def test_what_cannot_be_clustered_is_an_error(row: list[float], algorithm: Any, message: str) -> None:
    with pytest.raises(SnakerootError, match=message):
        tree(np.array([[1.0, 1, 1, 2], row]), algorithm)


def test_missing_fastjet_is_explained_where_it_is_needed(tmp_path: Path) -> None:
    """Importing the module is free, and a chain needs nothing."""
    (tmp_path / "fastjet.py").write_text("raise ImportError('no such wheel')")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from snakeroot.physics.clustering import merges\n"
        "from snakeroot.errors import SnakerootError\n"
        "print([name for name in ('awkward', 'pythia8mc') if name in sys.modules])\n"
        "jet = [1, 2], [0, 0], [0, 0], [1, 2], [0, 2]\n"
        "print(merges(*jet, 'ascending_pt').tolist())\n"
        "try:\n    merges(*jet, 'kt')\nexcept SnakerootError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("[]\n[[1, 0]]\njets cannot be clustered here (no such wheel)")
    for words in ("aarch64 Linux", "Python 3.14", "3.11 to 3.13"):
        assert words in done.stdout
