"""Archives of NumPy: arrays of any shape and order, structured ones, and what would have to be unpickled."""

from __future__ import annotations

import zipfile
from types import SimpleNamespace

import kinds
import numpy as np
import pytest
from helpers import run_features
from snakeroot.features.readers import npz
from snakeroot.networks import rows

KNOWN = {"tree": None, "event_id": ["event"], "features": {"y": "event"}}
IMAGES = np.random.default_rng(0).exponential(1, (7, 3, 4))


def run(path, **changed):
    return run_features(path, **KNOWN | changed)[0]


def fails(path, says, **changed):
    kinds.fails(path, says, **KNOWN | changed)


@pytest.fixture(params=[np.savez, np.savez_compressed])
def archive(request, tmp_path):
    def written(**arrays):
        request.param(tmp_path / "a.npz", event=np.arange(7), **arrays)
        return tmp_path / "a.npz"

    return written


@pytest.mark.parametrize("chunk", [2, 100])
def test_arrays_of_all_shapes_orders_and_types(archive, chunk):
    path = archive(
        x=np.arange(7, dtype=">f4") / 2,
        half=np.arange(7, dtype=np.float16) / 4,
        wide=np.arange(7, dtype=np.longdouble),
        rows=np.asfortranarray(IMAGES),
        good=np.arange(7) > 3,
        u=np.arange(7, dtype=np.uint64) + 2**63,
        bytes=np.array([b"a", b"bc"] + [b""] * 5),
        text=np.array(["é", "bc"] + [""] * 5),
        scalar=3,
    )
    image = {"dataset": "rows", "pixels": [3, 4]}
    table = run(
        path,
        features={"x": "x", "half": "half", "wide": "wide", "sum": "sum(sum(rows))"},
        images={"image": image},
        spectators=["good", "u", "bytes", "text"],
        chunk=chunk,
    )
    assert table["x"].to_pylist() == [number / 2 for number in range(7)]
    assert table["half"].to_pylist() == [number / 4 for number in range(7)]
    assert table["wide"].to_pylist() == list(range(7))
    np.testing.assert_allclose(table["sum"].to_pylist(), IMAGES.sum(axis=(1, 2)), rtol=1e-6)
    assert np.array_equal(rows.numbers(table["image"]), IMAGES.reshape(7, 12).astype(np.float32))
    assert table["good"].to_pylist() == [number > 3 for number in range(7)]
    assert table["u"].to_pylist() == [2**63 + number for number in range(7)]
    assert table["bytes"].to_pylist()[:3] == ["a", "bc", ""]
    assert table["text"].to_pylist()[:3] == ["é", "bc", ""]


def test_structured_arrays_and_objects_that_are_valid(archive):
    tracks = np.zeros((7, 4), [("d0", "f4"), ("valid", "?")])
    tracks["d0"] = np.arange(28).reshape(7, 4)
    tracks["valid"] = np.arange(4) < np.arange(7)[:, None] % 5
    jets = np.zeros(7, [("pt", "f4"), ("id", "i8")])
    jets["pt"] = np.arange(7) + 0.5
    path = archive(tracks=tracks, jets=jets)
    texts = {"pt": "branch('jets.pt')", "n": "count(branch('tracks.d0'))", "sum": "sum(branch('tracks.d0'))"}
    for chunk in (3, 100):
        table = run(path, features=texts, chunk=chunk)
        assert table["pt"].to_pylist() == jets["pt"].tolist()
        assert table["n"].to_pylist() == tracks["valid"].sum(axis=1).tolist()
        assert table["sum"].to_pylist() == np.where(tracks["valid"], tracks["d0"], 0).sum(axis=1).tolist()
        objects = run(path, features={"d0": "branch('tracks.d0')"}, rows="tracks", chunk=chunk)
        assert objects["d0"].to_pylist() == tracks["d0"][tracks["valid"]].tolist()
    says = r"'jets' holds records \(pt, id\), not one value: write a part of it, as branch\('jets.pt'\)"
    fails(path, says, weight="jets")


class Evil:
    """Would write a file if it was unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


@pytest.mark.parametrize(
    ("array", "says"),
    [
        (np.zeros(7, "M8[s]"), "'x' holds dates, neither numbers nor text"),
        (np.zeros(7, "m8[s]"), "'x' holds times, neither"),
        (np.zeros(7, complex), "'x' holds complex numbers, neither"),
        (np.zeros(7, "V4"), r"'x' holds opaque bytes \(\|V4\), neither"),
        (np.zeros(6), "'x' has 6 entries, and 'event' 7: not branches of one tree"),
        (np.float64(1), "no branch 'x'"),
        (np.array([b"\xff"] * 7), r"'x' holds text that is not UTF-8 \(b'\\xff'\)"),
        (np.zeros(7, [("a", "O")]), "'x' holds objects of Python|holds records"),
    ],
)
def test_what_cannot_be_read(archive, array, says):
    fails(archive(x=array), says, spectators=["x"])


def test_nothing_is_unpickled(archive, tmp_path):
    path = archive(x=np.array([Evil(tmp_path / "written")] * 7), s=np.zeros(7, [("a", "O"), ("b", "f4")]))
    fails(path, "'x' holds objects of Python, which would be pickled", spectators=["x"])
    fails(path, "branch 's.b' holds objects of Python", features={"x": "branch('s.b')"})
    assert run(path)["y"].to_pylist() == list(range(7))
    assert not (tmp_path / "written").exists()


def test_archives_of_other_things(tmp_path):
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "hello")
    fails(path, "the archive has no arrays; write its columns by name, with numpy.savez")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("event.npy", b"\x93NUMPY\x01\x00and more")
    fails(path, r"truncated or damaged \(.*\); fetch it again")
    np.savez(path, event=np.zeros(0))
    fails(path, "the arrays have no entries; take the file out of the sample")


def test_an_array_that_is_shorter_than_it_says(tmp_path):
    with (tmp_path / "event.npy").open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "<f8", "fortran_order": False, "shape": (10**12,)})
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.write(tmp_path / "event.npy", "event.npy")
    fails(tmp_path / "a.npz", "'event.npy' is of another size than its header says")


@pytest.mark.parametrize("name", ["c", "f"])
def test_a_byte_that_was_changed_is_known_by_the_checksum(tmp_path, name):
    np.savez(tmp_path / "a.npz", event=np.arange(7), c=IMAGES, f=np.asfortranarray(IMAGES))
    content = bytearray((tmp_path / "a.npz").read_bytes())
    place = content.index(IMAGES.tobytes() if name == "c" else IMAGES.tobytes("F")) + 100
    content[place] ^= 1
    (tmp_path / "a.npz").write_bytes(content)
    for chunk in (2, 100):
        says = f"truncated or damaged .*CRC-32 for file '{name}.npy'.*fetch it again"
        fails(tmp_path / "a.npz", says, features={"x": f"sum(sum({name}))"}, chunk=chunk)


def test_no_array_is_whole_in_memory(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.zeros((100, 1000)))
    with npz.opened(tmp_path / "a.npz", None) as tree:
        chunks = npz.chunks(tmp_path / "a.npz", tree, ["x"], 10)
        assert next(chunks)["x"].nbytes == 10 * 1000 * 8


def test_an_array_by_columns_that_does_not_fit_where_it_is_unpacked(tmp_path, monkeypatch):
    np.savez(tmp_path / "a.npz", event=np.arange(7), x=np.asfortranarray(IMAGES))
    monkeypatch.setattr(npz.shutil, "disk_usage", lambda _: SimpleNamespace(free=10))
    says = "stored column by column, and its .* bytes do not fit into .*ascontiguousarray"
    fails(tmp_path / "a.npz", says, features={"x": "sum(sum(x))"})
