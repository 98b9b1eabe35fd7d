"""Small files that declare far more than they hold."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import cramjam
import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import uproot


class Bomb(NamedTuple):
    """A file, how it is read, and a word of the refusal."""

    name: str
    path: Path
    says: str
    tree: str | None = None


def bombs(folder: Path, many: int) -> Iterator[Bomb]:
    """Write one of each kind, which declares so many entries, or unpacks to far more than it may."""
    declared, size = f"it declares {many:,} entries", "134,217,728 at once are the limit"
    yield Bomb("a TTree whose fEntries is edited", _entries(folder / "entries.root", many, 1), declared, "events")
    yield Bomb("a TTree and its branches, likewise", _entries(folder / "all.root", many, -1), declared, "events")
    yield Bomb("a basket of zeros (zlib)", _zeros(folder / "zlib.root", many), declared, "events")
    yield Bomb("a basket of zeros, in a file of noise (zstd)", _noisy(folder / "noisy.root"), size, "events")
    yield Bomb("a block of zstd that goes on after its size", _longer(folder / "zstd.root"), "damaged", "events")
    yield Bomb("a dataset that was never written (HDF5)", _never(folder / "never.h5", many), declared, "/")
    yield Bomb("a piece of zeros, in a file of noise (HDF5)", _piece(folder / "piece.h5"), size, "events")
    yield Bomb("an entry of many numbers (HDF5)", _wide(folder / "wide.h5"), "134,217,728 at most", "/")
    yield Bomb("an array's header alone (npz)", _npz(folder / "header.npz", many, 0), "another size than its header")
    yield Bomb("an array of zeros (npz)", _npz(folder / "zeros.npz", many, many), declared)
    yield Bomb("an array by columns, in a file of noise (npz)", _by_columns(folder / "columns.npz"), size)
    yield Bomb("rows of one value (Parquet)", _rows(folder / "rows.parquet", many), declared)
    yield Bomb("a list of one row (Parquet)", _list(folder / "list.parquet"), "values of a column")
    yield Bomb("a text that all rows share (Parquet)", _text(folder / "text.parquet"), size)
    yield Bomb("lines of one value (.csv.gz)", _lines(folder / "lines.csv.gz", many), "for each byte are the limit")
    yield Bomb("a line without an end (.csv.gz)", _line(folder / "line.csv.gz"), "is it CSV?")


def _tree(path: Path, columns: dict[str, Any], compression: Any = None) -> Path:
    with uproot.recreate(path, compression=compression) as file:
        file.mktree("events", {name: values.dtype for name, values in columns.items()}).extend(columns)
    return path


def _entries(path: Path, many: int, places: int) -> Path:
    """Another number where that of the entries stands: first in the tree, or in all that knows of it."""
    entries = 12345
    content = _tree(path, {"event": np.arange(entries), "x": np.ones(entries)}).read_bytes()
    path.write_bytes(content.replace(struct.pack(">q", entries), struct.pack(">q", many), places))
    return path


def _zeros(path: Path, many: int) -> Path:
    return _tree(path, {"event": np.zeros(many, np.int8), "x": np.zeros(many, np.int8)}, uproot.ZLIB(9))


def _noisy(path: Path) -> Path:
    """So many entries are possible in a file of this size; a basket is a bomb all the same."""
    with uproot.recreate(path, compression=uproot.ZSTD(1)) as file:
        for name, values in (("noise", np.random.default_rng(0).random(400_000)), ("events", np.zeros(2 * 10**7))):
            file.mktree(name, {"x": np.float64}).extend({"x": values})
    return path


def _longer(path: Path) -> Path:
    """A block of zstd that unpacks to 500 MB, where its header says 8000 bytes."""
    _tree(path, {"x": np.arange(1000.0)})
    content = path.read_bytes()
    with uproot.open(path) as file:
        branch = file["events"]["x"]
        basket = branch.basket(0)
        begin = int(branch.member("fBasketSeek")[0])
    keylen, size = int(basket.member("fKeylen")), int(basket.uncompressed_bytes - basket.member("fKeylen"))
    compressor, packed = cramjam.zstd.Compressor(), bytearray()
    for _ in range(32):
        compressor.compress(bytes(2**24))
        packed += bytes(compressor.flush())
    packed += bytes(compressor.finish())
    block = b"ZS\x01" + len(packed).to_bytes(3, "little") + size.to_bytes(3, "little") + bytes(packed)
    key = bytearray(content[begin : begin + keylen])
    key[0:4] = struct.pack(">i", keylen + len(block))
    end = len(content)
    changed = bytearray(content + bytes(key) + block)
    for kind in (">q", ">i"):  # where the basket is, and how many bytes it has, in the branch
        old, new = struct.pack(kind, begin), struct.pack(kind, end)
        changed = changed.replace(old, new)
    old = struct.pack(">i", keylen + size)
    changed = changed[:end].replace(old, struct.pack(">i", keylen + len(block))) + changed[end:]
    path.write_bytes(changed)
    return path


def _never(path: Path, many: int) -> Path:
    with h5py.File(path, "w") as file:
        for name in ("event", "x"):
            file.create_dataset(name, (many,), "f8", chunks=(10_000,), fillvalue=1.0)
    return path


def _piece(path: Path) -> Path:
    with h5py.File(path, "w") as file:
        file.create_dataset("noise", data=np.random.default_rng(0).random(100_000))
        shape = (10**6, 20)
        file.create_dataset(
            "events/x", shape, chunks=shape, compression="gzip", compression_opts=1, data=np.zeros(shape)
        )
    return path


def _wide(path: Path) -> Path:
    with h5py.File(path, "w") as file:
        file.create_dataset("event", (10, 10**8), "f8", chunks=(1, 1000))
    return path


def _array(path: Path, shape: tuple[int, ...], by_columns: bool, size: int, noise: bytes = b"") -> Path:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "|i1", "fortran_order": by_columns, "shape": shape})
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        with file.open("event.npy", "w", force_zip64=True) as member:
            member.write(header.getvalue())
            for _ in range(size // 10**6):
                member.write(bytes(10**6))
        file.writestr("noise", noise)
    return path


def _npz(path: Path, many: int, size: int) -> Path:
    return _array(path, (many,), False, size)


def _by_columns(path: Path) -> Path:
    return _array(path, (10**5, 2000), True, 2 * 10**8, np.random.default_rng(0).bytes(10**6))


def _rows(path: Path, many: int) -> Path:
    table = pa.table({"event": pa.array(np.zeros(10**7, np.int8))})
    with pq.ParquetWriter(path, table.schema) as writer:
        for _ in range(many // 10**7):
            writer.write_table(table)
    return path


def _list(path: Path) -> Path:
    values = 2 * 10**6
    array = pa.ListArray.from_arrays([0, values], pa.array(np.zeros(values, np.int8)))
    pq.write_table(pa.table({"event": [1], "x": array}), path)
    return path


def _text(path: Path) -> Path:
    text = pa.DictionaryArray.from_arrays(pa.array(np.zeros(10**5, np.int32)), pa.array(["x" * 10**5]))
    pq.write_table(pa.table({"event": text}), path, store_schema=False)
    return path


def _lines(path: Path, many: int) -> Path:
    with gzip.open(path, "wb", 1) as file:
        file.write(b"event\n")
        for _ in range(many // 10**6):
            file.write(b"0\n" * 10**6)
    return path


def _line(path: Path) -> Path:
    path.write_bytes(gzip.compress(b"event\n" + b"0" * 10**8, 1))
    return path


ABSURD: dict[str, Any] = {
    "chunk": 10**15,
    "split": {"folds": 10**6},
    "evaluation.bootstrap": 10**9,
    "images": {"i": {"pt": "pt", "eta": "eta", "phi": "phi", "pixels": [10**5, 10**5], "half_width": 1}},
    "sequences": {"s": {"order_by": "pt", "length": 10**8, "channels": {"pt": "pt"}}},
    "trees": {"t": {"pt": "pt", "eta": "eta", "phi": "phi", "length": 10**8}},
    "samples.vbf.generate.events": 10**15,
    "samples.vbf.generate.events_per_part": 10**15,
    "samples.vbf.generate": {"process": "vbf_h4mu", "events": 10**9, "events_per_part": 1},
    "models.mlp.hidden": [10**9],
    "models.mlp.hidden.layers": {"layers": 10**9, "units": 1},
    "models.mlp.hidden.many": [1] * 20_000,
    "models.mlp.replicas": 10**9,
    "models.mlp.training.batch_size": 10**15,
    "models.mlp.training.shuffle_window": 10**15,
    "models.mlp.training.max_epochs": 10**15,
    "models.mlp.tuning": {"rounds": 10**9, "space": {"training.learning_rate": {"float": [0.1, 1]}}},
    "models.mlp.tuning.trials": {"trials_per_round": 10**9, "space": {"dropout": {"float": [0.1, 0.5]}}},
    "models.mlp.tuning.grid": {
        "sampler": "grid",
        "space": {key: {"float": [0.1, 0.5], "points": 1000} for key in ("dropout", "training.l1", "training.l2")},
    },
}
"""Keys of a task, and values that nobody means; a last word that is no key tells two values of one key apart."""

VARIANTS = ("layers", "many", "trials", "grid")

ANCHORS = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 10)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
"""A thousand million values in a few lines."""
