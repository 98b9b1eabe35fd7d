"""Images: every step against what must hold of it, or against a calculation by hand."""

from __future__ import annotations

import awkward as ak
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jets import COLUMNS, branches, build, random_jets
from pydantic import ValidationError
from snakeroot.errors import SnakerootError
from snakeroot.features.blocks import stored
from snakeroot.features.blocks.image import _seen
from snakeroot.features.inputs import Image, StoredImage
from snakeroot.features.objects import Objects

CENTRES = ["none", "axis", "centroid", "leading", "subjet"]
SEEDS = st.integers(0, 10_000)


def image(**changed):
    return Image.model_validate({**COLUMNS, "pixels": (9, 11), "half_width": 2.0, **changed})


def seen(jets, **changed):
    """η and φ of each jet's constituents as they lie in the image, with their pt."""
    columns = {name: ak.to_numpy(ak.flatten(values)) for name, values in branches(jets).items()}
    objects = Objects(np.array([len(jet) for jet in jets]), columns).ordered("pt")
    eta, phi = _seen(image(**changed), objects)
    cut = objects.offsets[1:-1]
    return [np.split(values, cut) for values in (eta, phi, objects["pt"])]


def test_pixels_by_hand():
    jets = [[(3.0, -0.9, 0.1), (2.0, 0.9, 0.9), (1.0, 0.9, 0.99), (7.0, 1.0, 0.0), (5.0, 0.0, -1.01)], []]
    values, left_out = build(image(centre="none", pixels=(2, 4), half_width=1.0), jets)
    assert values[0, 0].tolist() == [[0, 0, 3, 0], [0, 0, 0, 3]]
    assert left_out.tolist() == [2, 0]  # the upper edge is outside
    assert not values[1].any()


def test_channels_are_sums_of_their_expressions():
    channels = {"pt": "pt", "count": "1", "hard": "pt * (pt > 2)"}
    jets = [[(3.0, -0.5, 0.1), (1.0, -0.5, 0.2), (1.5, 0.5, 0.2)]]
    block = image(centre="none", pixels=(2, 1), half_width=1.0, channels=channels)
    assert block.input("jet").channels == ["count", "hard", "pt"]
    values, _ = build(block, jets)
    assert values[0, :, :, 0].tolist() == [[2, 1], [3, 0], [4, 1.5]]


@given(SEEDS, st.sampled_from(CENTRES), st.booleans(), st.booleans())
def test_no_pt_is_lost_in_an_image_that_is_large_enough(seed, centre, rotate, flip):
    jets = random_jets(20, seed)
    values, left_out = build(image(centre=centre, rotate=rotate, flip=flip, half_width=10.0), jets)
    np.testing.assert_allclose(values.sum(axis=(1, 2, 3)), [sum(pt for pt, _, _ in jet) for jet in jets], rtol=1e-5)
    assert not left_out.any()


@given(SEEDS, st.sampled_from(CENTRES), st.booleans())
def test_the_order_of_the_constituents_changes_nothing_not_even_a_bit(seed, centre, turned):
    jets = random_jets(10, seed)
    random = np.random.default_rng(seed)
    shuffled = [[jet[i] for i in random.permutation(len(jet))] for jet in jets]
    block = image(centre=centre, rotate=turned, flip=turned, half_width=0.5)
    assert all(map(np.array_equal, build(block, jets), build(block, shuffled)))


@given(SEEDS, st.sampled_from(CENTRES[1:]), st.floats(-3, 3), st.floats(-10, 10))
def test_a_centred_image_does_not_depend_on_where_the_jet_is(seed, centre, eta, phi):
    """Boosts along the beam, for massless constituents, and turns about it only shift all of η and φ."""
    jets = random_jets(10, seed)
    moved = [[(pt, e + eta, (f + phi + np.pi) % (2 * np.pi) - np.pi) for pt, e, f in jet] for jet in jets]
    for one, other in zip(*(seen(known, centre=centre)[:2] for known in (jets, moved)), strict=True):
        np.testing.assert_allclose(np.concatenate(one), np.concatenate(other), atol=1e-6)


def test_centres():
    for number, jet in enumerate(random_jets(20)):
        pt, eta, phi = map(np.array, zip(*jet, strict=True))
        hardest = np.argsort(-pt)
        found = {centre: [values[0] for values in seen([jet], centre=centre)] for centre in CENTRES}
        assert found["leading"][0][0] == found["leading"][1][0] == 0
        for axis in range(2):
            assert abs((found["centroid"][2] * found["centroid"][axis]).sum()) < 1e-9 * pt.sum()
        px, py = (pt * np.cos(phi)).sum(), (pt * np.sin(phi)).sum()
        rapidity = np.arctanh((pt * np.sinh(eta)).sum() / (pt * np.cosh(eta)).sum())
        np.testing.assert_allclose(found["axis"][0], eta[hardest] - rapidity, atol=1e-9)
        offset = (found["axis"][1] - phi[hardest] + np.arctan2(py, px)) / (2 * np.pi)
        np.testing.assert_allclose(offset, np.round(offset), atol=1e-12)
        assert np.array_equal(found["none"][0], eta[hardest]), number


def test_the_hardest_subjet_is_at_the_centre():
    near = [(20.0, 0.01, 0.02), (20.0, -0.01, 0.02), (20.0, 0.0, -0.04)]
    jet = [*near, (30.0, 0.8, 0.0), (25.0, 0.0, 0.9)]
    eta, phi, pt = (values[0] for values in seen([jet], centre="subjet"))
    assert np.abs(np.stack([eta, phi])[:, pt == 20]).max() < 0.05
    eta, phi, pt = (values[0] for values in seen([jet], centre="subjet", subjet_radius=0.001))
    assert np.hypot(eta, phi)[pt == 30] < 1e-12


@given(SEEDS, st.sampled_from(CENTRES), st.booleans())
def test_the_principal_axis_is_vertical_after_the_rotation(seed, centre, flip):
    for eta, phi, pt in zip(*seen(random_jets(20, seed), centre=centre, rotate=True, flip=flip), strict=True):
        [[vertical, mixed], [_, horizontal]] = (
            np.cov(eta, phi, aweights=pt, ddof=0) if len(pt) > 1 else np.zeros((2, 2))
        )
        assert abs(mixed) < 1e-9
        assert vertical >= horizontal - 1e-9
        assert (pt * eta**3).sum() <= 1e-9


@given(SEEDS, st.booleans())
def test_the_flip_puts_more_pt_on_the_right_and_changes_nothing_else(seed, rotate):
    jets = random_jets(20, seed)
    before, after = (seen(jets, rotate=rotate, flip=flip) for flip in (False, True))
    for (eta, phi, pt), (same, flipped, _) in zip(zip(*before, strict=True), zip(*after, strict=True), strict=True):
        assert pt[flipped > 0].sum() >= pt[flipped < 0].sum() - 1e-9
        assert np.array_equal(eta, same)
        assert np.array_equal(np.abs(phi), np.abs(flipped))
        assert len({*np.sign(phi * flipped)} - {0}) <= 1


@pytest.mark.parametrize(
    ("by", "norm"),
    [("none", lambda _: 1.0), ("sum", np.sum), ("max", np.max), ("norm", lambda pixels: np.sqrt(np.sum(pixels**2)))],
)
def test_each_channel_is_normalised_by_itself(by, norm):
    channels = {"pt": "pt", "soft": "pt * (pt < 1)"}
    plain, _ = build(image(channels=channels), [*random_jets(30), []])
    found, _ = build(image(channels=channels, normalise=by), [*random_jets(30), []])
    assert not found[-1].any()
    for before, after in zip(plain.reshape(-1, 99), found.reshape(-1, 99), strict=True):
        np.testing.assert_allclose(after, before / norm(before) if before.any() else before, rtol=1e-5)


@pytest.mark.parametrize("centre", CENTRES)
@pytest.mark.parametrize("bad", [(np.nan, 0.0, 0.0), (1.0, np.inf, 0.0), (1.0, 0.0, np.nan)])
def test_a_row_with_what_is_not_finite_is_nan_and_no_other(centre, bad):
    jets = random_jets(5)
    jets[2] = [*jets[2], bad]
    values, _ = build(image(centre=centre, rotate=True, flip=True), jets)
    assert np.isnan(values).reshape(5, -1).all(axis=1).tolist() == [False, False, True, False, False]
    assert np.isfinite(np.delete(values, 2, axis=0)).all()


@pytest.mark.parametrize("centre", ["axis", "subjet"])
def test_an_angle_without_a_momentum_is_not_finite(centre):
    values, _ = build(image(centre=centre), [[(1.0, 999.0, 0.0)], [(1.0, 0.0, 0.0)]])
    assert np.isnan(values).reshape(2, -1).all(axis=1).tolist() == [True, False]


def test_lists_of_different_lengths_are_refused():
    columns = branches([[(1.0, 0.0, 0.0)], [(1.0, 0.0, 0.0)] * 3]) | {"all": ak.Array([[1.0], [1.0]])}
    with pytest.raises(
        SnakerootError, match=r"block.eta \(all\) has another number .* in 1 rows: 1 and 3 in the first"
    ):
        build(image(eta="all"), columns)
    with pytest.raises(SnakerootError, match=r"block.pt \(sum\(pt\)\) is one number per row; a list of objects"):
        build(image(pt="sum(pt)"), columns)


def test_pixels_of_the_file_are_taken_as_they_are():
    pixels = np.arange(2 * 3 * 4 * 2.0).reshape(2, 3, 4, 2)
    two = StoredImage(dataset="x", channels=["a", "b"], pixels=(3, 4))
    first = StoredImage(dataset="x", channels=["a", "b"], pixels=(3, 4), channels_last=False)
    for block, given_ in ((two, pixels), (first, np.moveaxis(pixels, 3, 1))):
        assert stored.build(block, given_)[0].reshape(2, 2, 3, 4).tolist() == np.moveaxis(pixels, 3, 1).tolist()
    for given_ in (pixels[..., 0], pixels[..., :1]):
        assert (
            stored.build(StoredImage(dataset="x", pixels=(3, 4)), given_)[0].tolist()
            == pixels[..., 0].reshape(2, 12).tolist()
        )
    assert stored.build(StoredImage(dataset="x", pixels=(3, 4), normalise="sum"), pixels[..., 0])[
        0
    ].sum() == pytest.approx(2)
    with pytest.raises(SnakerootError, match=r"'x' has the shape \(3, 4, 2\) per row, and not \(4, 3, 2\): change"):
        stored.build(StoredImage(dataset="x", channels=["a", "b"], pixels=(4, 3)), pixels)


def test_pixels_of_the_file_are_transformed_one_by_one():
    pixels = np.random.default_rng(3).integers(0, 255, (5, 3, 4, 2)).astype(np.uint8)
    block = StoredImage(dataset="x", channels=["a", "b"], pixels=(3, 4), transform="log(data + 1) / 2")
    expected = np.moveaxis(np.log1p(pixels.astype(float)) / 2, 3, 1)
    np.testing.assert_allclose(stored.build(block, pixels)[0].reshape(5, 2, 3, 4), expected, rtol=1e-6)
    summed = StoredImage(dataset="x", pixels=(3, 4), transform="sqrt(data)", normalise="sum")
    np.testing.assert_allclose(stored.build(summed, pixels[..., 0])[0].sum(axis=1), 1, rtol=1e-6)
    assert "transform" not in StoredImage(dataset="x", pixels=(3, 4)).model_dump()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("log(x)", "called 'data', and nothing else is known here: not 'x'"),
        ("data / sum(data)", "sum is of a list, and 'data' is one number; 'normalise' is of all pixels"),
        ("data[0]", "'data' is one number"),
        ("data > 3", "'data' is one number"),
        ("lgo(data)", "no function 'lgo'"),
    ],
)
def test_a_transform_is_of_one_pixel(text, says):
    with pytest.raises(ValidationError, match=says):
        StoredImage(dataset="x", pixels=(3, 4), transform=text)
