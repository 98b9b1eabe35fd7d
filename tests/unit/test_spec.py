"""The spec: it changes with what a stage runs and may know, and with nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import packages_distributions, version

import pytest
from pydantic import Field
from snakeroot.jobs import spec as specs
from snakeroot.jobs.spec import spec
from snakeroot.settings import Settings

PACKAGE = {
    "__init__.py": '"""All."""\n',
    "stage/__init__.py": '"""Stage."""\nNAME = 1\n',
    "stage/__main__.py": "from snakeroot.stage.core import run\n\nrun()\n",
    "stage/core.py": (
        '"""Core."""\nLIMIT = 3\n"""GeV."""\nfrom snakeroot import helper\n'
        'def run():\n    """Run."""\n    helper.half(4)\n'
    ),
    "stage/template.html": "<p>\n",
    "helper.py": "import numpy\n\n\ndef half(x):\n    from snakeroot.deep.down import two\n\n    return x / two()\n",
    "deep/__init__.py": "",
    "deep/down.py": "def two():\n    return 2  # for now\n",
    "deep/beside.py": "import yaml\n",
    "other.py": "import torch\n\nimport snakeroot.stage.core\n",
    "kinds/__init__.py": "",
    "kinds/round.py": "SIDES = 1\n",
    "kinds/square.py": "SIDES = 4\n",
}


class Known(Settings):
    """Settings of a stage."""

    sizes: dict[str, int] = Field({})
    name: str = "é"


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package in the place of the real one."""
    for name, text in PACKAGE.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(specs, "ROOT", tmp_path)
    yield tmp_path
    forget()


def forget():
    """Another process would begin without what this one has read."""
    for name, function in vars(specs).items():
        if hasattr(function, "cache_clear") and name != "_distributions":
            function.cache_clear()


def current(*entries, settings=None):
    forget()
    return spec(settings or Known(), "snakeroot.stage", *entries)


def edit(package, name, old, new):
    text = (package / name).read_text()
    assert old in text
    (package / name).write_text(text.replace(old, new))


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("stage/core.py", "4", "5"),
        ("stage/__init__.py", "NAME = 1", "NAME = 2"),
        ("stage/__main__.py", "run()", "run(), run()"),
        ("helper.py", "x /", "x *"),
        ("deep/down.py", "return 2", "return 3"),
        ("deep/__init__.py", "", "x = 1\n"),
        ("__init__.py", '"""All."""', "import math"),
        ("stage/template.html", "<p>", "<b>"),
        ("kinds/round.py", "1", "2"),
    ],
)
def test_code_that_the_stage_runs_changes_it(package, name, old, new):
    before = current("snakeroot.kinds.round")
    edit(package, name, old, new)
    assert current("snakeroot.kinds.round") != before


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("deep/down.py", "  # for now", "# then\n# more"),
        ("deep/down.py", "    return 2", "\n    return (\n        2\n    )"),
        ("deep/down.py", "    return 2", '    """Two."""\n    return 2'),
        ("stage/core.py", '"""Run."""', '"""Run it\n\n    all."""'),
        ("stage/core.py", '    """Run."""\n', ""),
        ("stage/core.py", '"""Core."""\n', ""),
        ("stage/core.py", '"""GeV."""', '"""In GeV."""'),
        ("other.py", "import torch", "import math"),
        ("deep/beside.py", "import yaml", "import math"),
        ("kinds/square.py", "4", "5"),
    ],
)
def test_comments_layout_docstrings_and_other_code_do_not(package, name, old, new):
    before = current("snakeroot.kinds.round")
    edit(package, name, old, new)
    assert current("snakeroot.kinds.round") == before


SYNTAX = """
return x / two() | return x // two() | return x / -two() | return x / (not two()) | x / two() | return x | return
return None | return ... | return 'None' | return b'None' | return 'Ellipsis' | return 1 | return 1.0 | return True
return 1j | return '1' | return x1 | return [1] | return {1} | return 1, | return {1: x} | return {**x} | return [*x]
return x[1] | return x[1:] | return x[:1] | x = 1 | x: int = 1 | x: int | x += 1 | x -= 1 | del x | (x := 1) | x == 1
x is 1 | x < 1 < 2 | x and 1 | x or 1 | x or 1 or 2 | (x or 1) or 2 | x.y | x.y = 1 | x.z = 1 | 1 if x else 2
x(1) | x(y=1) | x(z=1) | x(*y) | x(**y) | x(1, 2) | f'{x}' | f'{x!r}' | f'{x:>3}' | f'x' | lambda: 1 | lambda y: 1
lambda y=1: 1 | lambda *, y: 1 | lambda *, y=1: 1 | lambda *y: 1 | [y for y in x] | {y for y in x} | (y for y in x)
[y for y in x if y] | {y: y for y in x} | yield x | yield from x | assert x | assert x, 1 | raise | raise x
raise x from y | global y | pass | import math | import math as y | from math import pi | from math import tau
from math import pi as y | while x: pass | while x: break | for y in x: pass | if x: pass | with x: pass
with x as y: pass | def y(): pass | async def y(): pass | class y: pass | class y(x): pass | def y(z, /): pass
def y(z): pass | def y(z: int): pass | def y() -> x: pass | @x; def y(): pass | for y in x: pass; else: pass
try: x; finally: z | try: x; except: z | try: x; except y: z | try: x; except y as w: z | try: x; except* y: z
match x:; case 1: y | match x:; case None: y | match x:; case True: y | match x:; case z: y | match x:; case _: y
"""
"""Pieces of code between bars or in lines of their own; a semicolon begins a new line, a case is indented."""


def test_every_piece_of_syntax_counts(package):
    """No two are the same code, in place of the helper's last line."""
    digests = {}
    for piece in SYNTAX.strip().replace("\n", " | ").split(" | "):
        lines = piece.replace("; case", "\n        case").replace("; ", "\n    ")
        (package / "helper.py").write_text(PACKAGE["helper.py"].replace("return x / two()", lines))
        assert digests.setdefault(json.loads(current())["code"], piece) == piece
    assert len(digests) > 100


def test_new_modules_and_what_tools_leave_behind_do_not_change_it(package):
    before = current("snakeroot.kinds.round")
    for name in (
        "kinds/new.py",
        "new.py",
        ".helper.py.swp",
        "stage/.DS_Store",
        "stage/template.html~",
        "stage/#core.py#",
    ):
        (package / name).write_text("x")
    (package / "stage/__pycache__").mkdir()
    (package / "stage/__pycache__/core.cpython-311.pyc").write_text("x")
    assert current("snakeroot.kinds.round") == before
    (package / "stage/style.css").write_text("x")
    assert current("snakeroot.kinds.round") != before


def test_registry_entries_are_told_apart(package):
    found = {current("snakeroot.kinds.round"), current("snakeroot.kinds.square"), current()}
    assert len(found) == 3


def test_moved_code_is_other_code(package):
    before = current()
    down, beside = ((package / f"deep/{name}.py").read_text() for name in ("down", "beside"))
    (package / "deep/down.py").write_text(beside + down)
    assert current() != before


def test_packages_are_those_that_the_code_imports_without_local_labels(package, monkeypatch):
    known = version("numpy")
    assert json.loads(current())["packages"] == {"numpy": known}
    before = current()
    installed = type(specs._distributions()["numpy"][0])  # of Python, or of the package importlib_metadata
    monkeypatch.setattr(installed, "version", known + "+cu130")
    assert current() == before
    monkeypatch.setattr(installed, "version", known + ".1")
    assert current() != before


def test_every_module_that_can_be_imported_is_of_its_distributions(monkeypatch):
    # torch's compiler imports setuptools, which puts what it has brought along on the path
    monkeypatch.setattr(sys, "path", [folder for folder in sys.path if not folder.endswith("_vendor")])
    known = {module: sorted(set(names)) for module, names in packages_distributions().items()}
    found = {
        module: sorted({one.metadata["Name"] for one in distributions})
        for module, distributions in specs._distributions().items()
    }
    assert {"numpy", "sklearn", "yaml", "typing_extensions"} < set(known)
    assert {module: found.get(module) for module in known} == known


def test_relative_imports_and_missing_modules_are_refused(package):
    with pytest.raises(ModuleNotFoundError, match=r"snakeroot\.none"):
        current("snakeroot.none")
    edit(package, "helper.py", "import numpy", "from .deep import down")
    with pytest.raises(ValueError, match="relative import"):
        current()


def test_settings_are_canonical(package):
    one, other = Known(sizes={"a": 1, "b": 2}), Known(sizes={"b": 2, "a": 1})
    assert current(settings=one) == current(settings=other)
    assert current(settings=one) != current(settings=Known(sizes={"a": 2, "b": 1}))
    assert json.loads(current())["settings"] == {"sizes": {}, "name": "é"}
    assert current() == current(settings=Known(name="é"))


def test_every_process_finds_the_same_spec_of_the_real_stages():
    code = (
        "import sys; from snakeroot.jobs.spec import spec; from snakeroot.settings import Settings;"
        "stages = 'features split scale train predict generate report evaluate.metrics'.split();"
        "print([spec(Settings(), f'snakeroot.{stage}', 'snakeroot.networks.architectures.mlp') for stage in stages],"
        " 'torch' in sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    found = [
        subprocess.run(
            [sys.executable, "-c", code], env=environment | {"PYTHONHASHSEED": seed}, capture_output=True, check=True
        )
        for seed in "12"
    ]
    assert found[0].stdout == found[1].stdout
    assert found[0].stdout.endswith(b"False\n")  # planning does not pay for torch
