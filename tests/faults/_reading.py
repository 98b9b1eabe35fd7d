"""Files of all kinds that can be damaged, and all that the readers find in them."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import os
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import awkward as ak
import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import uproot
from data import REPOSITORY
from helpers import branches, write_ntuple
from snakeroot.errors import SnakerootError
from snakeroot.features.ntuple import verify
from snakeroot.features.readers import READERS, kind

DATA = Path(os.environ.get("SNAKEROOT_TEST_DATA", REPOSITORY.parent / "shared/data"))
"""Real files; where there are none, files are written here."""

ROWS = 2000


ZSTD = "ROOT writes blocks of zstd without a checksum"
INCOMPRESSIBLE = "baskets that do not compress are stored as they are, without a checksum"


class Sound(NamedTuple):
    """A file.

    Attributes:
        name: its format, for the table.
        unnoticed: what of it has no checksum, if anything has none that a reader could verify.
        tree: which is read of it.
    """

    name: str
    path: Path
    unnoticed: str = ""
    tree: str | None = None


def everything(
    path: Path,
    tree: str | None,
    columns: Collection[str] | None = None,
    checksum: str | None = None,
    entries: int = 1000,
) -> dict[str, str]:
    """Return a digest of each column of a file, as features are read from it: by default of all that can be read.

    Raises:
        SnakerootError: for the first thing that is wrong.
    """
    reader = READERS.load(kind(path))
    verify(path, checksum, reader.KIND, reader.SIGNATURE)
    digests: dict[str, Any] = {}
    with reader.opened(path, tree) as opened:
        if columns is None:
            columns = [name for name in reader.columns(opened) if _readable(reader, path, opened, name)]
        for chunk in reader.chunks(path, opened, columns, entries):
            for name, values in chunk.items():
                digests.setdefault(name, hashlib.sha256()).update(_bytes(values))
    return {name: digest.hexdigest() for name, digest in digests.items()}


def _readable(reader: Any, path: Path, opened: Any, name: str) -> bool:
    """Whether its type can be read at all: what cannot is told at once, in a sound file too."""
    try:
        next(reader.chunks(path, opened, [name], 1))
    except SnakerootError as error:
        return "cannot be decoded" not in str(error)
    return True


def _bytes(values: Any) -> bytes:
    array = ak.to_packed(ak.Array(values))
    form, length, buffers = ak.to_buffers(array)
    return b"".join([form.to_json().encode(), str(length).encode(), *(one.tobytes() for one in buffers.values())])


def files(folder: Path) -> Iterator[Sound]:
    """Write, or copy, a file of each kind."""
    folder.mkdir(exist_ok=True)
    values = branches(ROWS, 3)
    for codec in ("zlib", "lzma", "lz4", "zstd"):
        path = _hzz(folder, codec, values)
        real = (DATA / f"edge/uproot-HZZ-{codec}.root").exists()
        unnoticed = ZSTD if codec == "zstd" else "" if real and codec != "lz4" else INCOMPRESSIBLE
        yield Sound(f"TTree, {codec}", path, unnoticed, "events")
    yield Sound("TTree, uncompressed", _plain(folder, values), "no checksum", "events")
    staff = DATA / "edge/ntpl001_staff_rntuple_v1-0-1-0.root"
    if staff.exists():
        (folder / "staff.root").write_bytes(staff.read_bytes())
        yield Sound("RNTuple of ROOT", folder / "staff.root", tree="Staff")
    path = write_ntuple(folder / "rntuple.root", values, "RNTuple")
    yield Sound("RNTuple of uproot", path, "pages without checksums", "events")
    for name, write in _OTHERS.items():
        suffix = name.split(",")[0]
        path = folder / f"{len(name)}{suffix}"
        write(path, values)
        yield Sound(name, path, _UNNOTICED.get(name, ""), "/" if suffix == ".h5" else None)


def _hzz(folder: Path, codec: str, values: dict[str, Any]) -> Path:
    path, real = folder / f"{codec}.root", DATA / f"edge/uproot-HZZ-{codec}.root"
    if real.exists():
        path.write_bytes(real.read_bytes())
        return path
    return _tree(path, values, getattr(uproot, codec.upper())(4))


def _plain(folder: Path, values: dict[str, Any]) -> Path:
    return _tree(folder / "plain.root", values, None)


def _tree(path: Path, values: dict[str, Any], compression: Any) -> Path:
    with uproot.recreate(path, compression=compression) as file:
        file.mktree("events", {name: str(array.type.content) for name, array in values.items()}).extend(values)
    return path


def _flat(values: dict[str, Any]) -> dict[str, Any]:
    return {name: ak.to_list(array) for name, array in values.items() if array.ndim == 1}


def _hdf5(path: Path, values: dict[str, Any], **options: Any) -> None:
    with h5py.File(path, "w") as file:
        for name, column in _flat(values).items():
            text = isinstance(column[0], str)
            file.create_dataset(name, data=column, **({} if text else options))


def _parquet(path: Path, values: dict[str, Any], checksum: bool) -> None:
    pq.write_table(
        pa.table({n: pa.array(ak.to_list(a)) for n, a in values.items()}), path, write_page_checksum=checksum
    )


def _npz(path: Path, values: dict[str, Any]) -> None:
    np.savez_compressed(path, **{name: np.array(column) for name, column in _flat(values).items()})


def _text(values: dict[str, Any]) -> bytes:
    text, flat = io.StringIO(), _flat(values)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(flat)
    writer.writerows(zip(*flat.values(), strict=True))
    return text.getvalue().encode()


def _csv(path: Path, values: dict[str, Any], compressed: bool) -> None:
    path.write_bytes(gzip.compress(_text(values), mtime=0) if compressed else _text(values))


_OTHERS: dict[str, Callable[[Path, dict[str, Any]], None]] = {
    ".h5": lambda path, values: _hdf5(path, values, compression="gzip"),
    ".h5, fletcher32": lambda path, values: _hdf5(path, values, fletcher32=True),
    ".parquet": lambda path, values: _parquet(path, values, False),
    ".parquet, page checksums": lambda path, values: _parquet(path, values, True),
    ".npz": _npz,
    ".csv.gz": lambda path, values: _csv(path, values, True),
    ".csv": lambda path, values: _csv(path, values, False),
}

_UNNOTICED = {
    ".h5": "gzip has a checksum, texts and descriptions have none",
    ".h5, fletcher32": "texts and descriptions have no checksum",
    ".parquet": "no checksum unless pages are written with theirs",
    ".parquet, page checksums": "the footer has no checksum",
    ".csv": "no checksum",
}
