"""A seal on every byte of our Parquet files: a damaged one is an error, never other numbers.

Parquet's own checksums leave out the footer and the headers of pages, and are verified by few readers. The format lets
other bytes stand between the last column and the footer, which is where ours are, for any reader to skip: a digest of
each column of each row group, one after the other, and then one of the footer and what follows it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import pyarrow as pa
import pyarrow.parquet as pq

from snakeroot.errors import FaultError

DIGEST = 16
"""Bytes of a digest."""

END = 8
"""Bytes after the footer: its length, and the name of the format."""


def seal(path: Path) -> None:
    """Put the digests into a file that was just written."""
    metadata = pq.read_metadata(path)
    with path.open("r+b") as file:
        groups = range(metadata.num_row_groups)
        columns = [_digest(_bytes(file, chunk)) for group in groups for chunk in _chunks(metadata, group)]
        footer = _footer(file)
        file.seek(-len(footer), os.SEEK_END)
        file.write(b"".join([*columns, _digest(footer), footer]))


class Parquet:
    """An open file that was sealed: what is read from it is what was written.

    Attributes:
        schema_arrow: of its columns, each of which has numbers or texts, or lists of one size.
        metadata: rows and row groups.
    """

    def __init__(self, path: Path) -> None:
        """Open the file and verify its footer.

        Raises:
            FaultError: naming it, if it is damaged or was not sealed. So does what reads columns.
        """
        self._path = path
        try:
            with path.open("rb") as file:
                footer = _footer(file)
                _verify(footer, _before(file, len(footer) + DIGEST))
            self._file = pq.ParquetFile(path)
        except (OSError, pa.ArrowInvalid) as error:
            raise _damaged(path, error) from error
        self.metadata = self._file.metadata
        self.schema_arrow = self._file.schema_arrow
        self._first = len(footer) + DIGEST * (1 + self.num_row_groups * len(self.schema_arrow))

    @property
    def num_row_groups(self) -> int:
        """How many row groups there are."""
        return int(self.metadata.num_row_groups)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def read(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Read all rows, of all columns or of some."""
        self._verify_columns(range(self.num_row_groups), columns)
        return self._file.read(columns=columns and list(columns), use_threads=False)

    def read_row_group(self, number: int, columns: Sequence[str] | None = None) -> pa.Table:
        """Read the rows of one group."""
        self._verify_columns([number], columns)
        return self._file.read_row_group(number, columns=columns and list(columns), use_threads=False)

    def _verify_columns(self, groups: Iterable[int], columns: Sequence[str] | None) -> None:
        names = self.schema_arrow.names
        try:
            with self._path.open("rb") as file:
                for group in groups:
                    for place, chunk in enumerate(_chunks(self.metadata, group)):
                        if columns is None or names[place] in columns:
                            digest = _before(file, self._first - DIGEST * (group * len(names) + place))
                            _verify(_bytes(file, chunk), digest)
        except OSError as error:
            raise _damaged(self._path, error) from error


def _before(file: IO[bytes], end: int) -> bytes:
    """Return the digest that begins so many bytes before the end."""
    file.seek(-end, os.SEEK_END)
    return file.read(DIGEST)


def _verify(content: bytes, digest: bytes) -> None:
    if _digest(content) != digest:
        raise OSError("it is not as it was written: damaged")


def _damaged(path: Path, error: Exception) -> FaultError:
    return FaultError(f"{path}: cannot be read as Parquet ({error}); delete it and run again")


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()[:DIGEST]


def _footer(file: IO[bytes]) -> bytes:
    """Return the footer and what follows it; of another kind of file, OSError or any bytes."""
    file.seek(-END, os.SEEK_END)
    length = int.from_bytes(file.read(4), "little")
    file.seek(-END - length, os.SEEK_END)
    return file.read()


def _chunks(metadata: pq.FileMetaData, group: int) -> list[pq.ColumnChunkMetaData]:
    """Return where the columns of a row group are."""
    of_group = metadata.row_group(group)
    return [of_group.column(place) for place in range(of_group.num_columns)]


def _bytes(file: IO[bytes], chunk: pq.ColumnChunkMetaData) -> bytes:
    """Return all bytes of a column in a row group: pages and their headers, that of the dictionary first."""
    file.seek(chunk.dictionary_page_offset or chunk.data_page_offset)
    return file.read(chunk.total_compressed_size)
