"""No data is ever code: what could make it so is nowhere in the package, and does not happen to files made for it."""

from __future__ import annotations

import ast
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import onnx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from faults._watch import watched
from helpers import run_features
from house import HOUSE
from onnx import TensorProto, helper
from snakeroot.apply.model import load
from snakeroot.data import tables
from snakeroot.data.files import read_json
from snakeroot.errors import SnakerootError
from snakeroot.networks import weights

MODULES = ("pickle", "dill", "cloudpickle", "joblib", "marshal", "shelve", "code", "codeop", "xmlrpc", "telnetlib")
NAMES = ("eval", "exec", "compile", "__import__", "breakpoint", "input")
CALLS = (
    *(
        "os.system",
        "os.popen",
        "torch.load",
        "torch.jit.load",
        "torch.hub.load",
        "pd.read_pickle",
        "pandas.read_pickle",
    ),
    *("yaml.load", "yaml.load_all", "yaml.full_load", "yaml.unsafe_load", "yaml.Loader", "yaml.UnsafeLoader"),
    *("subprocess.getoutput", "subprocess.getstatusoutput", "tempfile.mktemp", "onnx.load", "Markup.format"),
)
"""With the modules as this house imports them."""


def found(text: str) -> Iterator[str]:
    """Yield what in a module could make code of data, or hand a text to a shell."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Import(names=names):
                yield from (f"import {one.name}" for one in names if one.name.split(".")[0] in MODULES)
            case ast.ImportFrom(module=str(module), names=names) if module.split(".")[0] in MODULES:
                yield f"from {module} import {names[0].name}"
            case ast.Call(func=ast.Name(id=name)) if name in NAMES:
                yield f"{name}(…)"
            case ast.Attribute() if (name := ast.unparse(node)) in CALLS:
                yield name
            case ast.Call(func=function, keywords=keywords):
                given = {one.arg: ast.unparse(one.value) for one in keywords}
                if given.get("shell", "False") != "False" or given.get("allow_pickle", "False") != "False":
                    yield ast.unparse(node)
                if ast.unparse(function) in ("np.load", "numpy.load") and "allow_pickle" not in given:
                    yield ast.unparse(node)


def test_nothing_in_the_package_makes_code_of_data() -> None:
    files = [path for path in HOUSE.parent.rglob("*.py") if "__pycache__" not in path.parts]
    assert len(files) > 300
    known = {path.name: list(found(path.read_text())) for path in files}
    assert {name: what for name, what in known.items() if what} == {}


@pytest.mark.parametrize(
    "text",
    [
        *("import pickle", "from joblib import load", "eval(x)", "exec(x)", "compile(x, '', 'exec')", "os.system(x)"),
        *("torch.load(x)", "yaml.load(x)", "yaml.load(x, Loader=yaml.Loader)", "np.load(x)", "os.popen(x)"),
        *("np.load(x, allow_pickle=True)", "subprocess.run(x, shell=True)", "h5py.File(x, allow_pickle=y)"),
    ],
)
def test_what_would_is_found(text: str) -> None:
    assert list(found(text))


class Evil:
    """Would write a file if it was unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (open, (str(self.path / "written"), "w"))


def of_objects(folder: Path) -> Callable[[], Any]:
    """NumPy's archive with a pickle in it, under its proper name and in place of an array."""
    np.savez(folder / "a.npz", event=np.arange(3), run=np.ones(3), x=np.array([Evil(folder)] * 3, dtype=object))
    return lambda: run_features(folder / "a.npz", tree=None, features={"x": "x"})


def of_torch(folder: Path) -> Callable[[], Any]:
    """What torch saves, called as our weights are."""
    torch.save({"layer": Evil(folder)}, folder / "model.safetensors")
    return lambda: weights.load(folder / "model.safetensors")


def of_pickle(folder: Path) -> Callable[[], Any]:
    """The same as a table."""
    torch.save({"layer": Evil(folder)}, folder / "rows.parquet")
    return lambda: tables.read(folder / "rows.parquet")


def of_outside(place: str) -> Callable[[Path], Callable[[], Any]]:
    """A model of ONNX whose numbers are in another file."""

    def make(folder: Path) -> Callable[[], Any]:
        (folder / "numbers.bin").write_bytes(np.arange(4, dtype=np.float32).tobytes())
        numbers = TensorProto(name="w", data_type=1, dims=[4], data_location=TensorProto.EXTERNAL)
        for key, value in {"location": place, "offset": "0", "length": "16"}.items():
            numbers.external_data.add(key=key, value=value)
        output = helper.make_tensor_value_info("y", 1, [4])
        graph = helper.make_graph([helper.make_node("Identity", ["w"], ["y"])], "g", [], [output], [numbers])
        made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.save(made, folder / "model.onnx")
        return lambda: load(folder / "model.onnx")

    return make


def of_links(folder: Path) -> Callable[[], Any]:
    """HDF5 with datasets that are elsewhere, in a file of the system's."""
    with h5py.File(folder / "a.h5", "w") as file:
        file["event"], file["run"] = np.arange(3), np.ones(3)
        file["x"] = h5py.ExternalLink("/etc/passwd", "/x")
        file["y"] = h5py.SoftLink("/nowhere")
    return lambda: run_features(folder / "a.h5", tree="/", features={"x": "x"})


def of_others(folder: Path) -> Callable[[], Any]:
    """HDF5 with a dataset that is put together of others."""
    with h5py.File(folder / "b.h5", "w") as file:
        file["z"] = np.arange(3.0)
    with h5py.File(folder / "a.h5", "w") as file:
        file["event"], file["run"] = np.arange(3), np.ones(3)
        layout = h5py.VirtualLayout((3,), "f8")
        layout[:] = h5py.VirtualSource("b.h5", "z", shape=(3,))
        file.create_virtual_dataset("x", layout)
    return lambda: run_features(folder / "a.h5", tree="/", features={"x": "x"})


def of_a_tree(folder: Path) -> Callable[[], Any]:
    """HDF5 whose tree is that of another file."""
    with h5py.File(folder / "b.h5", "w") as file:
        file["t/event"], file["t/run"], file["t/x"] = np.arange(3), np.ones(3), np.arange(3.0)
    with h5py.File(folder / "a.h5", "w") as file:
        file["events"] = h5py.ExternalLink("b.h5", "/t")
    return lambda: run_features(folder / "a.h5", features={"x": "x"})


def of_raw(folder: Path) -> Callable[[], Any]:
    """HDF5 with a dataset whose bytes are those of a file of the system's."""
    with h5py.File(folder / "a.h5", "w") as file:
        file["event"], file["run"] = np.arange(64), np.ones(64)
        file.create_dataset("x", (64,), "u1", external=[("/etc/passwd", 0, h5py.h5f.UNLIMITED)])
    return lambda: run_features(folder / "a.h5", tree="/", features={"x": "x"})


def of_pandas(folder: Path) -> Callable[[], Any]:
    """Parquet with a note for pandas, which is no such note."""
    made = pa.table({"x": [1.0]}).replace_schema_metadata({b"pandas": b"__import__('os').system('touch written')"})
    pq.write_table(made, folder / "rows.parquet")
    return lambda: tables.read(folder / "rows.parquet")


def of_archives(folder: Path) -> Callable[[], Any]:
    """An archive whose members would be written elsewhere if it was unpacked."""
    with zipfile.ZipFile(folder / "a.npz", "w") as archive:
        archive.writestr("../../written.npy", b"\x93NUMPY")
        archive.writestr("/written", b"x")
    return lambda: run_features(folder / "a.npz", tree=None)


def of_json(folder: Path) -> Callable[[], Any]:
    """JSON that names classes."""
    (folder / "a.json").write_text(json.dumps({"py/object": "os.system", "__class__": "os", "$ref": "/etc/passwd"}))
    return lambda: read_json(folder / "a.json")


MADE = [of_objects, of_torch, of_pickle, of_links, of_raw, of_others, of_a_tree, of_pandas, of_archives, of_json]
MADE += [of_outside(place) for place in ("numbers.bin", "../numbers.bin", "/etc/passwd")]


@pytest.mark.parametrize("make", MADE)
def test_a_file_made_for_it_runs_nothing_and_has_nothing_else_read(
    make: Callable[[Path], Callable[[], Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "inner").mkdir()
    monkeypatch.chdir(tmp_path / "inner")
    read = make(tmp_path / "inner")
    with watched() as events:
        try:
            read()
            refused = None
        except (SnakerootError, ValueError) as error:  # whoever reads weights adds the name
            refused = str(error)
    started = (
        "pickle.",
        "os.system",
        "subprocess.",
        "socket.connect",
        "socket.getaddrinfo",
        "os.exec",
        "os.posix_spawn",
    )
    assert not [event for event in events if event.startswith(started) or "etc/passwd" in event]
    assert not list(tmp_path.rglob("written*"))
    assert refused is not None or make in (of_pandas, of_json)
