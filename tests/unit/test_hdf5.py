"""HDF5 files: datasets, tables and groups as trees, the lecture's jet images, and bad files."""

from __future__ import annotations

import hashlib

import h5py
import numpy as np
import pytest
from data import real_file
from helpers import run_features, steps
from snakeroot.errors import SnakerootError
from snakeroot.networks import rows

IMAGES = np.random.default_rng(0).exponential(1, (7, 3, 4))
COLUMNS = {
    "run": np.full(7, 1, np.int32),
    "event": np.arange(7),
    "x": np.arange(7, dtype=">f4") / 2,
    "name": np.array([f"event {number}".encode() for number in range(7)]),
    "pt": np.random.default_rng(1).exponential(1, (7, 5)),
}


@pytest.fixture
def file(tmp_path):
    """A file with branches at its root and in a group, a table, and a dataset that stands alone."""
    with h5py.File(tmp_path / "a.h5", "w") as opened:
        for group in (opened, opened.create_group("inner")):
            for name, values in COLUMNS.items():
                group[name] = values
        opened["long"] = np.zeros(8)
        opened["version"] = 3
        table = np.zeros(7, [("run", "i4"), ("event", "i8"), ("x", "f4")])
        for name in table.dtype.names:
            table[name] = COLUMNS[name]
        opened["table"] = table
        opened.create_dataset("images", data=IMAGES, chunks=(2, 1, 4), compression="lzf")
        opened["empty"] = np.zeros((0, 3))
        lists = opened.create_dataset("lists/pt", 7, h5py.vlen_dtype(np.float32))
        opened["lists/event"] = np.arange(7)
        for number in range(7):
            lists[number] = np.arange(number) + 0.5
    return tmp_path / "a.h5"


def fails(path, says, **changed):
    with pytest.raises(SnakerootError, match=says) as error:
        run_features(path, **changed)
    assert str(error.value).startswith(f"{path}: ")
    assert not list(path.parent.glob("output/*"))


@pytest.mark.parametrize("tree", ["/", "inner", "table"])
@pytest.mark.parametrize("chunk", [2, 100])
def test_groups_and_tables_are_trees(file, tree, chunk):
    table, flow = run_features(file, tree=tree, features={"x": "x"}, selection="x > 0.6", chunk=chunk)
    assert table["x"].to_pylist() == [1, 1.5, 2, 2.5, 3]
    assert table["entry"].to_pylist() == table["id_event"].to_pylist() == [2, 3, 4, 5, 6]
    assert steps(flow) == {"read": 7, "(x > 0.6)": 5, "finite": 5, "written": 5}


def test_text_arrays_and_lists(file):
    table, _ = run_features(file, tree="/", event_id=["name"], features={"n": "count(pt[pt > 1])"})
    assert table["id_name"].to_pylist() == [f"event {number}" for number in range(7)]
    assert table["n"].to_pylist() == (COLUMNS["pt"] > 1).sum(axis=1).tolist()
    table, _ = run_features(file, tree="lists", event_id=["event"], features={"sum": "sum(pt)"}, chunk=3)
    assert table["sum"].to_pylist() == [number**2 / 2 for number in range(7)]
    table, _ = run_features(file, tree="/", event_id=["event"], features={"x": "branch('inner/x')"})
    assert table["x"].to_pylist() == (COLUMNS["x"] * 1).tolist()


def test_images_are_their_own_identity(file):
    wanted = {"tree": "images", "event_id": ["data"], "features": {}}
    image = {"dataset": "data", "pixels": [3, 4]}
    found = [run_features(file, **wanted, images={"jet": image}, chunk=chunk)[0] for chunk in (2, 100)]
    assert found[0].equals(found[1])
    assert np.array_equal(rows.numbers(found[0]["jet"]), IMAGES.reshape(7, 12).astype(np.float32))
    identity = found[0]["id_data"].to_pylist()
    assert identity == [hashlib.blake2b(one.tobytes(), digest_size=16).hexdigest() for one in IMAGES]
    for changed in (IMAGES[::-1], np.concatenate([IMAGES, IMAGES])):
        with h5py.File(file, "a") as opened:
            del opened["images"]
            opened["images"] = changed
        expected = identity[::-1] if len(changed) == 7 else identity * 2
        assert run_features(file, **wanted, images={"jet": image})[0]["id_data"].to_pylist() == expected
    changed = np.nextafter(IMAGES, np.where(np.arange(4) == 3, 1e9, IMAGES))
    with h5py.File(file, "a") as opened:
        del opened["images"]
        opened["images"] = changed
    assert not {*run_features(file, **wanted, images={"jet": image})[0]["id_data"].to_pylist()} & {*identity}


def test_pixels_that_are_not_finite_are_refused_or_counted(file):
    with h5py.File(file, "a") as opened:
        opened["images"][3, 1, 2] = np.nan
        opened["numbers"] = np.arange(7)
    wanted = {
        "tree": "/",
        "event_id": ["numbers"],
        "features": {},
        "images": {"jet": {"dataset": "images", "pixels": [3, 4]}},
    }
    fails(file, "the image 'jet' is NaN or infinite in 1 selected entries, the first of them entry 3", **wanted)
    fails(
        file,
        "event_id branch 'images' is NaN",
        **wanted | {"event_id": ["images"], "images": {}, "features": {"x": "1"}},
    )
    of_pixels = {"jet": {**wanted["images"]["jet"], "transform": "log(data - data)"}}
    fails(
        file,
        "the image 'jet' is NaN or infinite in 7 selected entries, .*entry 0: select",
        **wanted | {"images": of_pixels},
    )
    table, flow = run_features(file, **wanted, non_finite="drop")
    assert table["entry"].to_pylist() == [0, 1, 2, 4, 5, 6]
    assert flow["non_finite"] == {"jet": 1}


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"tree": "iner"}, "no group or dataset 'iner': did you mean 'inner'"),
        ({"tree": "inner", "features": {"x": "y"}}, "no branch 'y' in 'inner'.*Known: event, name"),
        ({"tree": "table", "features": {"x": "y"}}, "no branch 'y' in 'table'.*Known: run, event, x"),
        ({"tree": "/", "features": {"x": "long"}}, "'long' has 8 entries, and 'event' 7: not branches of one tree"),
        ({"tree": "/", "features": {"x": "version"}}, "no branch 'version'"),
        ({"tree": "empty", "features": {"x": "sum(data)"}, "event_id": ["data"]}, "'empty' has no entries"),
        ({"tree": "/", "images": {"i": {"dataset": "images", "pixels": [4, 3]}}}, "i: .* 'images' has the shape .3, 4"),
        ({"tree": "lists", "event_id": ["pt"], "features": {"x": "sum(pt)"}}, "'pt' holds a list per entry"),
    ],
)  # fmt: skip
def test_what_the_file_lacks_is_named(file, changed, says):
    fails(file, says, **changed)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", r"empty \(0 bytes\)"),
        (b"root" + bytes(100), "not an HDF5 file"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS pointer"),
        (b"\x89HDF\r\n\x1a\n" + bytes(200), "truncated or damaged"),
    ],
)
def test_a_file_that_is_no_hdf5(tmp_path, content, says):
    (tmp_path / "a.hdf5").write_bytes(content)
    fails(tmp_path / "a.hdf5", says, tree="/")


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.99])
def test_a_truncated_file(file, kept):
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * kept)])
    fails(file, "truncated or damaged", tree="images", event_id=["data"], features={"x": "sum(sum(data))"})


def test_damaged_bytes_in_the_middle(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as opened:
        opened.create_dataset("images", data=IMAGES, compression="gzip", fletcher32=True)
        chunk = opened["images"].id.get_chunk_info(0)
    content = bytearray((tmp_path / "a.h5").read_bytes())
    content[chunk.byte_offset + chunk.size // 2] ^= 1
    (tmp_path / "a.h5").write_bytes(content)
    fails(tmp_path / "a.h5", "truncated or damaged", tree="images", event_id=["data"], features={"x": "sum(sum(data))"})


def test_the_jet_images_of_the_lecture(tmp_path):
    (tmp_path / "a.h5").symlink_to(real_file("real/jet_images_das.h5"))
    for tree, count in (("QCD", 3305), ("TT", 1722)):
        table, flow = run_features(
            tmp_path / "a.h5", tree=tree, event_id=["data"], features={},
            images={"jet": {"dataset": "data", "pixels": [30, 30], "normalise": "sum"}},
        )  # fmt: skip
        with h5py.File(tmp_path / "a.h5") as opened:
            known = opened[tree][..., 0]
        assert steps(flow)["written"] == table.num_rows == len({*table["id_data"].to_pylist()}) == count
        assert table.schema.field("jet").type.list_size == 900
        expected = known / known.sum(axis=(1, 2), keepdims=True)
        np.testing.assert_allclose(rows.numbers(table["jet"]), expected.reshape(count, 900), rtol=1e-6)


def test_the_end_of_a_path_is_enough_where_it_is_unambiguous(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["event"] = np.arange(2)
        file["jets/pt"], file["jets/eta"], file["muons/pt"] = np.array([1.0, 2.0]), np.array([0.5, 0.25]), np.zeros(2)
    more = {"tree": "/", "event_id": ["event"]}
    table, _ = run_features(tmp_path / "a.h5", features={"eta": "eta", "pt": "branch('jets/pt')"}, **more)
    assert table["eta"].to_pylist() == [0.5, 0.25]
    assert table["pt"].to_pylist() == [1, 2]
    with pytest.raises(SnakerootError, match=r"'pt' may be any of 2 branches of '/'"):
        run_features(tmp_path / "a.h5", features={"pt": "pt"}, **more)


def test_what_is_neither_numbers_nor_text_is_named_and_no_damage(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["n"] = np.arange(3)
        file["fixed"] = np.array([b"\xff\xfe", b"a", b"b"])
        file["text"] = np.array([b"a", b"\xe9t\xe9", b"b"], h5py.string_dtype("utf-8"))
        file["opaque"] = np.array([b"abcd"] * 3, "V4")
        file["refs"] = np.array([file["n"].ref] * 3, h5py.ref_dtype)
        file.create_dataset("lists", 3, h5py.vlen_dtype(h5py.vlen_dtype("f4")))
        file["table"] = np.zeros(3, [("opaque", "V4"), ("n", "i4")])
    for tree, name, what in (
        ("/", "fixed", r"text that is not UTF-8 \(b'\\xff\\xfe'\); write it as UTF-8"),
        ("/", "text", r"text that is not UTF-8 \(b'\\xe9t"),
        ("/", "opaque", r"opaque bytes \(\|V4\), neither numbers nor text"),
        ("/", "refs", "references to other datasets, neither"),
        ("/", "lists", "lists of other things than numbers, neither"),
        ("table", "opaque", "opaque bytes"),
    ):
        fails(
            tmp_path / "a.h5",
            f"the branch '{name}' holds {what}",
            tree=tree,
            event_id=["n"],
            features={"x": "n"},
            spectators=[name],
        )


def test_fields_of_a_table_in_a_group_are_branches(tmp_path):
    table = np.zeros(3, [("n", "i4"), ("p", [("x", "f4"), ("y", "f4", (2,))])])
    table["n"], table["p"]["x"], table["p"]["y"] = [4, 5, 6], [1, 2, 3], [[1, 2], [3, 4], [5, 6]]
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["event"], file["comp"], file["g/inner"] = np.arange(3), table, table
    more = {"tree": "/", "event_id": ["event"]}
    fails(tmp_path / "a.h5", r"holds records \(n, p\).* as branch\('comp.n'\)", **more, features={"x": "comp"})
    fails(tmp_path / "a.h5", r"holds records .* as branch\('comp.p.x'\)", **more, features={"x": "branch('comp.p')"})
    texts = {
        "n": "branch('comp.n')",
        "x": "branch('comp.p.x')",
        "y": "branch('comp.p.y')[1]",
        "i": "branch('inner.n')",
        "j": "branch('g/inner.p.x')",
    }
    found, _ = run_features(tmp_path / "a.h5", **more, features=texts, chunk=2)
    assert [found[name].to_pylist() for name in texts] == [[4, 5, 6], [1, 2, 3], [2, 4, 6], [4, 5, 6], [1, 2, 3]]
    found, _ = run_features(tmp_path / "a.h5", tree="comp", event_id=["n"], features={"x": "branch('p.x')"}, chunk=2)
    assert found["x"].to_pylist() == [1, 2, 3]


@pytest.fixture
def jets(tmp_path):
    """Jets with tracks of four places, as umami and salt use them, events of another number, and other jets."""
    tracks = np.zeros((6, 4), [("d0", "f4"), ("valid", "?"), ("cov", "f4", (2,))])
    tracks["d0"] = np.arange(24).reshape(6, 4)
    tracks["cov"] = np.stack([tracks["d0"], -tracks["d0"]], axis=-1)
    tracks["valid"] = [[1, 1, 0, 0], [0, 0, 0, 0], [1, 1, 1, 1], [1, 0, 0, 0], [1, 0, 1, 0], [1, 1, 1, 0]]
    table = np.zeros(6, [("pt", "f4"), ("eventNumber", "i8"), ("flavour", "i4")])
    table["pt"], table["eventNumber"], table["flavour"] = np.arange(6) + 0.5, np.arange(6), [5, 0, 5, 0, 4, 0]
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("jets", data=table, compression="lzf")
        file.create_dataset("tracks", data=tracks, compression="gzip", chunks=(2, 4))
        file["eventwise"] = np.zeros(2, [("mu", "f4")])
        file["numbers"] = np.arange(6)
    return tmp_path / "a.h5", tracks


@pytest.mark.parametrize("chunk", [1, 4, 100])
@pytest.mark.parametrize("tree", ["jets", "/"])
def test_tracks_beside_jets_are_a_collection_of_the_valid_ones(jets, tree, chunk):
    path, tracks = jets
    own = "{}" if tree == "jets" else "branch('jets.{}')"
    texts = {
        "pt": own.format("pt"),
        "n": "count(branch('tracks.d0'))",
        "sum": "sum(branch('tracks.d0'))",
        "valid": "sum(where(branch('tracks.valid'), 1, 0))",
        "cov": "sum(sum(branch('tracks.cov')))",
        "number": "branch('numbers')",
    }
    more = {"tree": tree, "event_id": ["eventNumber" if tree == "jets" else "jets.eventNumber"], "chunk": chunk}
    table, _ = run_features(path, features=texts, selection=f"{own.format('flavour')} != 4", **more)
    kept = [0, 1, 2, 3, 5]
    valid, d0 = tracks["valid"][kept], tracks["d0"][kept]
    assert table["pt"].to_pylist() == [number + 0.5 for number in kept]
    assert table["n"].to_pylist() == table["valid"].to_pylist() == valid.sum(axis=1).tolist()
    assert table["sum"].to_pylist() == np.where(valid, d0, 0).sum(axis=1).tolist()
    assert table["cov"].to_pylist() == [0] * 5
    assert table["number"].to_pylist() == kept
    sequence = {"order_by": "branch('tracks.d0')", "length": 3, "channels": {"d0": "branch('tracks.d0')"}}
    table, flow = run_features(path, features={}, sequences={"tracks": sequence}, **more)
    expected = [sorted(one[there], reverse=True)[:3] for one, there in zip(tracks["d0"], tracks["valid"], strict=True)]
    assert [one[:3] for one in table["tracks"].to_pylist()] == [[*one, 0, 0, 0][:3] for one in expected]
    assert flow["clipped"] == {"tracks": 1}
    rows_of, _ = run_features(path, features={"d0": "branch('tracks.d0')"}, rows="tracks", **more)
    assert rows_of["d0"].to_pylist() == tracks["d0"][tracks["valid"]].tolist()


def test_what_lies_beside_a_table_is_named_in_full(jets):
    path, _ = jets
    more = {"tree": "jets", "event_id": ["eventNumber"]}
    fails(path, r"no branch 'd0' in 'jets'; beside it there is branch\('tracks.d0'\)", features={"x": "d0"}, **more)
    fails(path, "'eventwise.mu' has 2 entries, and 'eventNumber' 6", features={"x": "branch('eventwise.mu')"}, **more)


@pytest.mark.parametrize(
    ("kind", "valid", "says"),
    [
        ("i1", [[1, 0], [1, 1], [0, 0]], None),
        ("u8", [[1, 0], [1, 1], [0, 0]], None),
        ("i1", [[1, 0], [1, 2], [0, 0]], "the field 'valid' beside 'tracks.d0' should say which objects there are"),
        ("f4", [[1, 0], [1, 1], [0, 0]], "the field 'valid' beside 'tracks.d0' should say which objects there are"),
    ],
)
def test_valid_may_be_0_and_1_and_nothing_else(tmp_path, kind, valid, says):
    tracks = np.zeros((3, 2), [("d0", "f4"), ("valid", kind)])
    tracks["valid"] = valid
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["event"], file["tracks"] = np.arange(3), tracks
    more = {"tree": "/", "event_id": ["event"], "features": {"n": "count(branch('tracks.d0'))"}}
    if says:
        fails(tmp_path / "a.h5", says, **more)
    else:
        assert run_features(tmp_path / "a.h5", **more)[0]["n"].to_pylist() == [1, 2, 0]


def test_a_name_that_is_no_text(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["event"] = np.arange(3)
        file[b"\xff"] = np.arange(3)
    more = {"tree": "/", "event_id": ["event"]}
    assert run_features(tmp_path / "a.h5", features={"x": "event"}, **more)[0]["x"].to_pylist() == [0, 1, 2]
    with pytest.raises(SnakerootError, match=r"no branch 'y' in '/'.*Known: event, �"):
        run_features(tmp_path / "a.h5", features={"x": "y"}, **more)
    with pytest.raises(SnakerootError, match="no group or dataset 'evnt': did you mean 'event'"):
        run_features(tmp_path / "a.h5", tree="evnt", event_id=["event"])
