"""Reading and writing that overlap with computing: the same bytes and errors, and no library that is not needed."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import zlib

import numpy as np
import projects
import pyarrow.parquet as pq
import pytest
from helpers import branches, features_settings, write_ntuple
from snakeroot.data import tables
from snakeroot.data.files import to_json
from snakeroot.data.overlap import ahead, behind
from snakeroot.errors import SnakerootError
from snakeroot.features.__main__ import features
from snakeroot.jobs.provenance import Ahead, sha256
from uproot import compression

SETTINGS = {
    "chunk": 64,
    "weight": "w",
    "selection": "good & (x > -1)",
    "features": {"x": "x", "n": "n", "ht": "sum(pt)"},
    "spectators": ["name", "n"],
}


def test_items_come_in_order_and_one_is_made_ahead() -> None:
    made: list[int] = []
    items = ahead(made.append(number) or number for number in range(5))
    assert next(items) == 0
    time.sleep(0.05)
    assert made == [0, 1]
    assert list(items) == [1, 2, 3, 4]


def test_an_error_of_what_is_made_ahead_comes_in_its_place() -> None:
    def numbers():
        yield 1
        raise SnakerootError("the second")

    items = ahead(numbers())
    assert next(items) == 1
    with pytest.raises(SnakerootError, match="the second"):
        next(items)


def test_closing_waits_for_what_is_being_made() -> None:
    made: list[int] = []

    def numbers():
        for number in range(9):
            time.sleep(0.02)
            made.append(number)
            yield number

    items = ahead(numbers())
    next(items)
    items.close()
    count = len(made)
    time.sleep(0.05)
    assert len(made) == count


def test_work_is_done_in_order_and_all_of_it() -> None:
    done: list[int] = []
    with behind() as give:
        for number in range(5):
            give(lambda number=number: (time.sleep(0.005), done.append(number))[1])
    assert done == list(range(5))


def test_an_error_of_work_is_raised() -> None:
    def fail() -> None:
        raise SnakerootError("no room")

    with pytest.raises(SnakerootError, match="no room"), behind() as give:
        give(fail)


def test_two_threads_write_the_bytes_of_one(tmp_path) -> None:
    ntuple = write_ntuple(tmp_path / "n.root", branches(1000))
    written = []
    for threads in (1, 2):
        files = [tmp_path / f"{threads}.{suffix}" for suffix in ("parquet", "json")]
        features(features_settings(**SETTINGS), [ntuple], [], *files, threads)
        written.append([file.read_bytes() for file in files])
    assert written[0] == written[1]


@pytest.mark.parametrize("threads", [1, 2])
def test_a_damaged_basket_is_an_error_that_names_file_and_branch_and_leaves_no_table(tmp_path, threads) -> None:
    ntuple = write_ntuple(tmp_path / "n.root", branches(20_000))
    content = bytearray(ntuple.read_bytes())
    place = content.rindex(b"ZL\x08")  # a block of the last basket
    content[place + 100] ^= 0xFF
    ntuple.write_bytes(content)
    with pytest.raises(SnakerootError, match=r"n\.root: the branch '\w+' cannot be read: truncated or damaged"):
        features(features_settings(**SETTINGS), [ntuple], [], tmp_path / "t.parquet", tmp_path / "c.json", threads)
    assert not list(tmp_path.glob("*.parquet"))


def test_a_late_mistake_is_the_same_error_with_two_threads(tmp_path) -> None:
    ntuple = write_ntuple(tmp_path / "n.root", branches(1000))
    settings = features_settings(**SETTINGS | {"features": {"x": "log(x - 1.5)"}, "selection": "x > -9"})
    with pytest.raises(SnakerootError, match=r"n\.root: the feature 'x'"):
        features(settings, [ntuple], [], tmp_path / "t.parquet", tmp_path / "c.json", 2)


def test_digests_are_computed_meanwhile(tmp_path) -> None:
    (tmp_path / "a").write_text("a")
    assert Ahead([tmp_path / "a", tmp_path / "none", tmp_path]).known() == {tmp_path / "a": sha256(tmp_path / "a")}


def test_zlib_is_decompressed_to_the_same_bytes_and_damage_is_seen() -> None:
    inflate = compression._decompress_ZLIB
    assert type(inflate).__name__ == "Inflate"
    content = np.random.default_rng(1).normal(size=10_000).astype(">f4").tobytes()
    packed = np.frombuffer(zlib.compress(content), np.uint8)
    assert bytes(inflate.decompress(packed, len(content))) == content
    for wrong in (packed[:-1], packed[:-8], packed[5:]):
        with pytest.raises(Exception, match=r".") as error:
            inflate.decompress(wrong, len(content))
        assert type(error.value).__name__ == "DeflateError"


def test_a_job_imports_neither_pandas_nor_pyarrow_compute(tmp_path) -> None:
    """A quarter of a second, and a tenth."""
    write_ntuple(tmp_path / "n.root", {name: values for name, values in branches(100).items() if name != "name"})
    spec = to_json({"settings": features_settings(features={"x": "x"}, selection="x > -1").model_dump(mode="json")})
    words = ["--spec", spec, "--ntuple", "n.root", "--metadata", "--table", "t.parquet", "--cut-flow", "c.json"]
    program = (
        "import json, sys\nfrom snakeroot.features.__main__ import features\nfrom snakeroot.jobs.command import main\n"
        f"main(features, {[*words, '--threads', '1']})\n"
        "print(json.dumps(sorted({'pandas', 'pyarrow.compute', 'sympy', 'torch'} & sys.modules.keys())))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert json.loads(done.stdout) == []


def test_numbers_are_written_byte_by_byte_and_texts_as_dictionaries(tmp_path) -> None:
    ntuple = write_ntuple(tmp_path / "n.root", branches(1000))
    features(features_settings(**SETTINGS), [ntuple], [], tmp_path / "t.parquet", tmp_path / "c.json")
    group = pq.ParquetFile(tmp_path / "t.parquet").metadata.row_group(0)
    encodings = {group.column(n).path_in_schema: group.column(n).encodings for n in range(group.num_columns)}
    split = {name for name, one in encodings.items() if "BYTE_STREAM_SPLIT" in one}
    assert split == {"id_run", "id_event", "entry", "weight", "x", "n", "ht"}
    assert all("RLE_DICTIONARY" in encodings[name] for name in ("sample", "part", "target", "name"))
    assert tables.read(tmp_path / "t.parquet").num_rows > 0


def test_a_job_has_two_threads_where_cores_would_be_idle(tmp_path) -> None:
    folder = projects.create(tmp_path / "p", {"one": projects.task()})
    for name in ("sig", "bkg_0"):
        projects.ntuple(folder / f"ntuples/{name}.root", signal=name == "sig", events=10)
    for cores, threads in ((2, 1), (3, 2)):
        said = projects.dry_run(folder, "-p", "--cores", str(cores), "--until", "features")
        assert said.count(f"--threads {threads}") == 2
