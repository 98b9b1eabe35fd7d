"""What is checked of a ROOT file that uproot takes as it is: sizes, places, offsets, and the checksums of pages.

uproot and its libraries verify what ROOT has checksums for in a TTree: blocks of zlib (Adler-32), lzma (CRC-32) and LZ4
(XXH64). Blocks of zstd, and what is not compressed, have none. Of an RNTuple uproot verifies anchor, header and footer;
the checksums of page lists and pages are verified here.

All else that a damaged file says is about sizes and places, which uproot hands on to NumPy and to compiled code. What
does not agree with itself is refused here, before: a basket with its branch, lists with their values, blocks with the
size of the whole. What would unpack to far more than the file has is refused by features/limits.py.
"""

from __future__ import annotations

import struct
import threading
from pathlib import Path
from typing import Any

import numpy as np
import xxhash
from uproot.compression import decompress
from uproot.interpretation.jagged import AsJagged
from uproot.models import RNTuple
from uproot.models.TBasket import Model_TBasket

from snakeroot.features import limits

_HEADER = struct.Struct("2sB3s3s")
"""Of a compressed block: algorithm, method, bytes in the file, bytes unpacked."""

_CODECS = (b"ZL", b"XZ", b"L4", b"ZS", b"CS")
"""The last has not been written for twenty years, and uproot says so."""

_CHECKSUM = struct.Struct("<Q")
_unpacked = threading.local()


class UnsoundError(Exception):
    """A file that does not agree with itself."""


def install() -> None:
    """Have uproot's own hooks look at what it reads in this process."""
    decompress.hook_before_block = _before_block
    decompress.hook_after_block = _after_block
    Model_TBasket.hook_after_read_members = _basket
    AsJagged.hook_after_basket_array = staticmethod(_lists)
    RNTuple.Model_ROOT_3a3a_RNTuple.read_page = _page
    RNTuple.PageLink.read = _page_list


def begin() -> None:
    """Count anew what is unpacked to far more than it is in the file: a chunk of entries begins."""
    _unpacked.bytes = 0


def places(branch: Any) -> None:
    """Check where the baskets of a TTree's branch are, and those of the branch that says how long its lists are.

    Raises:
        UnsoundError: if they overlap, are outside the file, or their entries are not those of the branch.
    """
    if not hasattr(branch, "entry_offsets"):  # a field of an RNTuple, whose places have a checksum
        return
    if (counts := branch.count_branch) is not None:
        places(counts)
    entries = np.asarray(branch.entry_offsets, np.int64)
    if entries[0] != 0 or (np.diff(entries) < 0).any():
        raise UnsoundError("the entries of its baskets are out of order")
    number = branch.num_baskets - len(branch.embedded_baskets)
    begin = np.asarray(branch.member("fBasketSeek")[:number], np.int64)
    size = np.asarray(branch.member("fBasketBytes")[:number], np.int64)
    if (begin < 0).any() or (size <= 0).any() or (number and (begin + size).max() > _size(branch)):
        raise UnsoundError("a basket is outside the file")
    order = np.argsort(begin, kind="stable")
    if (begin[order][1:] < (begin + size)[order][:-1]).any():
        raise UnsoundError("two baskets overlap")


def _size(branch: Any) -> int:
    return Path(branch.file.file_path).stat().st_size


def _before_block(
    chunk: Any, cursor: Any, compressed_bytes: int, uncompressed_bytes: int, start: Any, filled: int, **_: Any
) -> None:
    """Look at the header of a block before it is unpacked."""
    if filled == 0 and uncompressed_bytes > limits.EXPANDING * compressed_bytes:
        before = getattr(_unpacked, "bytes", 0)
        limits.check_unpacked(compressed_bytes, uncompressed_bytes, before)
        _unpacked.bytes = before + uncompressed_bytes
    cursor = cursor.copy()
    codec, _method, inside, outside = _HEADER.unpack(cursor.bytes(chunk, _HEADER.size, {}).tobytes())
    size = int.from_bytes(inside, "little")
    if cursor.displacement(start) + size > compressed_bytes:
        raise UnsoundError("a compressed block is larger than what it is in")
    if filled + int.from_bytes(outside, "little") > uncompressed_bytes:
        raise UnsoundError("a compressed block unpacks to more than what it is in")
    if codec not in _CODECS:
        raise UnsoundError(f"a compressed block begins with {codec!r}, which stands for nothing")
    if codec == b"L4":
        content = cursor.bytes(chunk, size, {})
        if xxhash.xxh64_digest(content[_CHECKSUM.size :]) != bytes(content[: _CHECKSUM.size]):
            raise UnsoundError("the checksum of a compressed block is another")


def _after_block(
    cursor: Any, start: Any, compressed_bytes: int, filled: int, uncompressed_bytes: int, **_: Any
) -> None:
    if cursor.displacement(start) >= compressed_bytes and filled != uncompressed_bytes:
        raise UnsoundError(f"it unpacks to {filled} bytes, not {uncompressed_bytes}")


def _basket(self: Any, context: Any, **_: Any) -> None:
    """Check a basket against its branch, and its offsets against its bytes."""
    if not context.get("read_basket", True):
        return
    if not self.is_embedded and (number := self.basket_num) is not None:
        begin, end = self.parent.basket_entry_start_stop(number)
        if self.num_entries != end - begin:
            raise UnsoundError(f"a basket has {self.num_entries} entries, and {end - begin} by its branch")
        if self.compressed_bytes != self.parent.basket_compressed_bytes(number):
            raise UnsoundError("a basket is of another size than its branch says")
    if not 0 <= self.border <= (len(self.data) if self.raw_data is None else len(self.raw_data)):
        raise UnsoundError("a basket ends outside of itself")
    if self.byte_offsets is not None and self.byte_offsets[0] != 0:
        raise UnsoundError("the first entry of a basket does not begin at its first byte")


def _lists(output: Any, **_: Any) -> None:
    """Check lists against their values: what they lack would be whatever is in memory.

    Whether they are in order is looked at when all baskets are together.
    """
    offsets = output.offsets
    if len(offsets) and (offsets[0] != 0 or offsets[-1] != len(output.content)):
        raise UnsoundError("its lists are longer, or shorter, than their values")


_read_page = RNTuple.Model_ROOT_3a3a_RNTuple.read_page


def _page(self: Any, destination: Any, cluster_idx: int, col_idx: int, page_idx: int, field_metadata: Any) -> None:
    """Verify the checksum of a page, if it has one, and read it."""
    described = self._ntuple.page_link_list[cluster_idx][col_idx].pages[page_idx]
    begin, size = described.locator.offset, described.locator.num_bytes
    if described.has_checksum:
        content = self.file.source.chunk(begin, begin + size + _CHECKSUM.size).raw_data
        if xxhash.xxh3_64_intdigest(content[:size]) != _CHECKSUM.unpack(bytes(content[size:]))[0]:
            raise UnsoundError("the checksum of a page is another")
    _read_page(self, destination, cluster_idx, col_idx, page_idx, field_metadata)


_read_page_list = RNTuple.PageLink.read


def _page_list(self: Any, chunk: Any, cursor: Any, context: Any) -> Any:
    """Read where the pages are, and verify the checksum of that, which is behind it."""
    content: Any = np.asarray(chunk.raw_data)[cursor.index - chunk.start :]
    found = _read_page_list(self, chunk, cursor, context)
    if found.checksum != xxhash.xxh3_64_intdigest(content[: -_CHECKSUM.size]):
        raise UnsoundError("the checksum of a list of pages is another")
    return found
