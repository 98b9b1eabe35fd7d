"""What the system refuses while the config is read: one line with the path and the reason, at its place."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path

import pytest
from snakeroot import plan
from snakeroot.config import check_file
from snakeroot.errors import SnakerootError
from tasks import TASK, edited, load

NOBODY = 65534


@pytest.fixture(autouse=True)
def ntuples(tmp_path, monkeypatch):
    """Ntuples below the current folder, which others may enter."""
    tmp_path.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    for name in ("data/a", "closed/deep/a", "open/a"):
        (tmp_path / f"{name}.root").parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / f"{name}.root").touch()
    load(TASK)  # imports what is imported late


@contextmanager
def mode(path, permissions):
    """A folder with these permissions, met by somebody for whom they count."""
    usual = path.stat().st_mode
    path.chmod(permissions)
    user = os.geteuid()
    try:
        if user == 0:
            os.seteuid(NOBODY)
        yield
    finally:
        os.seteuid(user)
        path.chmod(usual)


def lines(files):
    with pytest.raises(SnakerootError) as error:
        load_again(edited("samples.zz.files", files))
    return str(error.value).splitlines()


def load_again(text):
    """Load a task whose text is put there by whoever may."""
    user = os.geteuid()
    os.seteuid(os.getuid())
    try:
        Path("tasks/task0.yaml").write_text(text)
    finally:
        os.seteuid(user)
    return plan.load({"tasks": ["task0"], "task_folder": "tasks"})


@pytest.mark.parametrize(
    ("permissions", "pattern", "named"),
    [
        (0o000, "closed/deep/a.root", "closed/deep/a.root"),
        (0o644, "closed/deep/a.root", "closed/deep/a.root"),
        (0o000, "closed/*.root", "closed/"),
        (0o644, "closed/*", "closed/"),
        (0o000, "closed/*/a.root", "closed/"),
        (0o000, "*/a.root", "closed/"),
        (0o000, "**/a.root", "closed/"),
        (0o311, "**/a.root", "closed/"),
        (0o000, "**", "closed/"),
        (0o644, "*/deep/a.root", "closed/"),
        (0o000, "$HERE/closed/a.root", "./closed/a.root"),
    ],
)
def test_a_folder_that_may_not_be_looked_into(tmp_path, monkeypatch, permissions, pattern, named):
    monkeypatch.setenv("HERE", ".")
    with mode(tmp_path / "closed", permissions):
        [line] = lines([pattern, "data/a.root"])
    assert line.startswith("tasks/task0.yaml:")
    assert f": samples.zz: {named!r}: cannot be read: Permission denied" in line


def test_a_folder_through_which_one_may_go_but_not_look_around(tmp_path):
    with mode(tmp_path / "closed", 0o711):
        project = load_again(edited("samples.zz.files", ["closed/deep/*.root", "[d]ata/a.root"]))
        assert sorted(project.parts["task0"]["zz"].values()) == ["closed/deep/a.root", "data/a.root"]
        [line] = lines(["closed/*/a.root"])
    assert "'closed/': cannot be read: Permission denied" in line


@pytest.mark.parametrize("name", ["x" * 300 + ".root", "x/" * 3000, "$HERE/" + "x" * 300])
def test_a_name_that_is_too_long(monkeypatch, name):
    monkeypatch.setenv("HERE", "data/")
    [line] = lines([name])
    assert line.startswith("tasks/task0.yaml:")
    assert line.endswith(": cannot be read: File name too long")


@pytest.mark.parametrize("pattern", ["*/" * 2000, "**/" * 2000, "**/**/**/**/a.root", "a/" * 200 + "*"])
def test_a_pattern_of_very_many_folders(pattern):
    [line] = lines([pattern])
    assert line.startswith("tasks/task0.yaml:")
    assert line.endswith(": 100 folders within each other and 3 '**' at most")


def test_a_task_folder_and_a_config_that_cannot_be_reached(tmp_path):
    for folder, reason in (("x" * 300, "File name too long"), ("closed/deep", "Permission denied")):
        with mode(tmp_path / "closed", 0o000), pytest.raises(SnakerootError) as error:
            plan.load({"tasks": ["a", "b"], "task_folder": folder})
        assert str(error.value).splitlines() == [f"{folder}/{name}.yaml: cannot be read: {reason}" for name in "ab"]
        with mode(tmp_path / "closed", 0o000), pytest.raises(SnakerootError, match=f": cannot be read: {reason}"):
            check_file(Path(folder, "config.yaml"))
    with mode(tmp_path / "tasks/task0.yaml", 0o000), pytest.raises(SnakerootError) as error:
        plan.load({"tasks": ["task0"], "task_folder": "tasks"})
    assert str(error.value) == "tasks/task0.yaml: cannot be read: Permission denied"
    with mode(tmp_path / "tasks", 0o311), pytest.raises(SnakerootError, match="tasks: cannot be read: Permission"):
        plan.load({"tasks": ["task0"], "task_folder": "tasks"}).all_tasks()
