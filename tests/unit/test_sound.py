"""ROOT files that do not agree with themselves are refused, before uproot or compiled code follows them anywhere."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import awkward as ak
import numpy as np
import pytest
import uproot
import xxhash
from data import real_file
from helpers import write_ntuple
from snakeroot.errors import SnakerootError
from snakeroot.features.readers import _sound, root
from uproot.interpretation.jagged import AsJagged, JaggedArray

ENTRIES, SIZES = 600, np.arange(600) % 3


@pytest.fixture
def ntuple(tmp_path: Path) -> Path:
    """Three baskets of a flat branch, and of lists with the branch of their lengths; nothing is compressed."""
    columns = {"x": np.arange(ENTRIES) * 1.5, "pt": ak.unflatten(np.arange(SIZES.sum()) * 0.5, SIZES)}
    with uproot.recreate(tmp_path / "a.root", compression=None) as file:
        file.mktree("events", {"x": "float64", "pt": "var * float64"})
        for start in range(0, ENTRIES, 200):
            file["events"].extend({name: values[start : start + 200] for name, values in columns.items()})
    return tmp_path / "a.root"


def read(path: Path, tree: str = "events") -> dict[str, list[object]]:
    found: dict[str, list[object]] = {}
    with root.opened(path, tree) as opened:
        for chunk in root.chunks(path, opened, root.columns(opened), 250):
            for name, values in chunk.items():
                found.setdefault(name, []).extend(ak.to_list(values))
    return found


def baskets(path: Path, name: str) -> tuple[list[int], list[int]]:
    """Where the baskets of a branch begin in the file, and their bytes."""
    with uproot.open(path) as file:
        branch = file["events"][name]
        number = branch.num_baskets
        return branch.member("fBasketSeek")[:number].tolist(), branch.member("fBasketBytes")[:number].tolist()


def edit(path: Path, change: Callable[[bytearray], None]) -> None:
    content = bytearray(path.read_bytes())
    change(content)
    path.write_bytes(content)


def replaced(path: Path, old: bytes, new: bytes) -> None:
    content = path.read_bytes()
    assert content.count(old) == 1
    path.write_bytes(content.replace(old, new))


def fails(path: Path, says: str, tree: str = "events") -> None:
    with pytest.raises(SnakerootError, match=says) as error:
        read(path, tree)
    assert str(error.value).startswith(f"{path}: ")


def test_a_sound_file_is_read(ntuple: Path) -> None:
    found = read(ntuple)
    assert found["x"] == (np.arange(ENTRIES) * 1.5).tolist()
    assert list(map(len, found["pt"])) == SIZES.tolist()  # type: ignore[arg-type]


def test_two_baskets_in_one_place_are_no_reason_to_wait_for_ever(ntuple: Path) -> None:
    (first, second, *_), _ = baskets(ntuple, "x")
    replaced(ntuple, struct.pack(">2q", first, second), struct.pack(">2q", first, first))
    fails(ntuple, "the branch 'x' cannot be read: .*two baskets overlap")


@pytest.mark.parametrize(("seek", "says"), [(10**12, "outside the file"), (-5, "outside the file|negative")])
def test_a_basket_outside_the_file(ntuple: Path, seek: int, says: str) -> None:
    (first, second, *_), _ = baskets(ntuple, "x")
    replaced(ntuple, struct.pack(">2q", first, second), struct.pack(">2q", first, seek))
    fails(ntuple, f"the branch 'x' cannot be read: .*({says})")


def test_entries_of_baskets_that_are_out_of_order_or_of_another_number(ntuple: Path) -> None:
    whole = ntuple.read_bytes()
    old = struct.pack(">4q", 0, 200, 400, 600)
    for second, says in ((900, "out of order"), (201, "a basket has 200 entries, and 201 by its branch")):
        ntuple.write_bytes(whole.replace(old, struct.pack(">4q", 0, second, 400, 600)))
        fails(ntuple, says)


def test_offsets_of_lists_rise_and_end_where_their_values_do(ntuple: Path) -> None:
    (start, *_), (size, *_) = baskets(ntuple, "pt")
    with uproot.open(ntuple) as file:
        begin = start + file["events"]["pt"].basket(0).member("fLast")

    def lower(content: bytearray) -> None:
        offsets = np.frombuffer(bytes(content[begin : start + size]), ">i4").copy()
        assert offsets[0] == 201, "their number comes first"
        offsets[100] = offsets[10]
        content[begin : start + size] = offsets.tobytes()

    edit(ntuple, lower)
    fails(ntuple, "the branch 'pt' cannot be read: truncated or damaged .*start\\[i\\] > stop\\[i\\]")


@pytest.mark.parametrize("offsets", [[0, 2, 5], [0, 2, 3], [1, 2, 4]])
def test_lists_longer_than_their_values_are_not_filled_with_what_is_in_memory(offsets: list[int]) -> None:
    """As where the lengths of the lists stand in a branch of their own, and ROOT has left out the offsets."""
    with pytest.raises(_sound.UnsoundError, match="longer, or shorter, than their values"):
        AsJagged.hook_after_basket_array(output=JaggedArray(np.array(offsets), np.zeros(4)))
    AsJagged.hook_after_basket_array(output=JaggedArray(np.array([0, 1, 4]), np.zeros(4)))


@pytest.mark.parametrize("place", [-12, -3])
def test_pages_of_an_rntuple_have_their_checksums_verified(tmp_path: Path, place: int) -> None:
    path = tmp_path / "a.root"
    path.write_bytes(real_file("edge/ntpl001_staff_rntuple_v1-0-1-0.root").read_bytes())
    with uproot.open(path) as file:
        page = file["Staff"].page_link_list[0][0].pages[0]
        assert page.has_checksum
        end = page.locator.offset + page.locator.num_bytes + 8
    assert len(read(path, "Staff")) == 11

    def flipped(content: bytearray) -> None:
        content[end + place] ^= 1

    edit(path, flipped)
    fails(path, "the checksum of a page is another", "Staff")


def test_the_list_of_pages_of_an_rntuple_has_its_checksum_verified(tmp_path: Path) -> None:
    path = write_ntuple(tmp_path / "a.root", {"x": np.arange(5.0)}, "RNTuple")
    with uproot.open(path) as file:
        locator = file["events"].footer.cluster_group_records[0].page_list_link.locator
        begin, end = locator.offset, locator.offset + locator.num_bytes
    content = path.read_bytes()
    assert struct.unpack("<Q", content[end - 8 : end])[0] == xxhash.xxh3_64_intdigest(content[begin : end - 8])

    def flipped(content: bytearray) -> None:
        content[end - 1] ^= 1

    edit(path, flipped)
    fails(path, "the checksum of a list of pages is another")
