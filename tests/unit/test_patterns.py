"""What `files` may name beside files: folders, lists of files, and files of kinds that have no trees."""

from __future__ import annotations

from pathlib import Path

import pytest
from snakeroot import plan
from tasks import TASK, edited, load, refused, settings


@pytest.fixture(autouse=True)
def ntuples(tmp_path, monkeypatch):
    """Ntuples and other files below the current folder."""
    monkeypatch.chdir(tmp_path)
    for name in ("data/a.root", "data/b.ROOT", "data/inner/deep/c.root", "data/.hidden.root", "data/README.md"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).touch()


def named(*files):
    return edited("samples.zz.files", list(files))


def parts(*files):
    return load(named(*files)).parts["task0"]["zz"]


def listed(name, *lines):
    Path(name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return name


def test_a_folder_stands_for_the_ntuples_in_it_at_any_depth():
    everything = ["data/a.root", "data/b.ROOT", "data/inner/deep/c.root"]
    for written in ("data", "data/", "./data"):
        assert sorted(map(str, map(Path, parts(written).values()))) == everything
    assert parts("data") == parts("data/**/*.root", "data/*.ROOT")
    before = parts("data")
    Path("data/inner/0.root").touch()
    assert before.items() <= parts("data").items()


def test_a_folder_in_every_home(tmp_path, monkeypatch):
    found = []
    for home in ("x", "y"):
        (tmp_path / home / "store").mkdir(parents=True)
        (tmp_path / home / "store/a.root").touch()
        monkeypatch.setenv("HOME", str(tmp_path / home))
        found.append(parts("~/store"))
        assert list(found[-1].values()) == [str(tmp_path / home / "store/a.root")]
    assert list(found[0]) == list(found[1])


def test_folders_that_are_no_sample():
    Path("empty").mkdir()
    refused(
        r"samples.zz: the folder 'empty' has no file that ends in .root, .*; name files by a pattern", named("empty")
    )
    refused(r"samples.zz: 'data/inn\*' matches folders alone; end it with /\*", named("data/inn*"))
    Path("data/a.parquet").touch()
    refused(
        r"the folder 'data' has ntuples of several kinds, which may be of the same events: data/a.parquet, "
        r"data/a.root; write which, as 'data/\*\*/\*.parquet'",
        named("data"),
    )
    refused("'data/a.root' is matched twice", named("data/a.root", "data/**/*.root"))


def test_a_list_stands_for_what_its_lines_name(tmp_path, monkeypatch):
    monkeypatch.setenv("STORE", "data")
    url = "https://host.example/c.root"
    listed("some.txt", "# signal", "", "data/a.root  # the first", "$STORE/b.ROOT", "data/inner", url)
    found = parts("some.txt")
    assert sorted(found.values()) == ["data/a.root", "data/b.ROOT", "data/inner/deep/c.root", url]
    assert found == parts("data/a.root", "$STORE/b.ROOT", "data/inner", url)
    listed("data/more.list", "data/*.root")
    assert parts("data/*.list") == parts("data/*.root")
    Path("some.txt").write_bytes("\ufeffdata/a.root\r\n".encode())
    assert parts("some.txt") == parts("data/a.root")


def test_each_mistake_in_a_list_has_its_line():
    checked = r"^tasks/task0.yaml:7:35: samples.zz: some.txt"
    text = TASK.replace("files: [data/*.root]", "files: [some.txt]")
    listed("some.txt", "none.root", "data/a.root", "http://host.example/a.root", "data/*.zip", "a\tb")
    for says in (
        ":1: 'none.root' matches no file",
        ":3: .*: nothing proves what comes by http",
        r":4: 'data/\*.zip' matches no file",
        r":5: 'a\\tb' is no path or URL of a file",
    ):
        refused(checked + says, text)
    listed("some.txt", "data/a.root", "data/*.root")
    refused(checked + ":2: 'data/a.root' is matched twice", text)
    listed("other.txt", "data/a.root")
    listed("some.txt", "other.txt")
    refused(checked + ":1: 'other.txt': a list names ntuples, and no other list", text)
    listed("some.txt", "# nothing")
    refused(checked + ": names no file; write one in each line", text)
    listed("some.txt", "a\0b")
    refused(checked + r":1: 'a\\x00b' is no path or URL", text)
    Path("some.txt").write_bytes(b"event,x\n\xff")
    refused(checked + r": lists files, but is no text of UTF-8; a table is called .csv", text)
    Path("some.txt").write_bytes(b"1,2\n" * 1_100_000)
    refused(checked + ": lists files, but has more than 4,000,000 characters; a table is called .csv", text)
    refused(
        r"'https://h.example/l.txt': a list is read while jobs are planned: copy it", named("https://h.example/l.txt")
    )


def test_a_checksum_of_a_file_in_a_list():
    listed("some.txt", "data/a.root")
    text = edited("samples.zz.checksum", {"data/a.root": f"adler32:{8 * '1'}"}, named("some.txt"))
    assert load(text).checksums["task0"]["zz"] == {"data/a.root": f"adler32:{8 * '1'}"}
    refused("'some.txt' is no file of the sample", text.replace("    data/a.root: adler32", "    some.txt: adler32"))


KNOWN = {"class": "signal", "cross_section": 1.0, "generated": 1}


def test_files_without_trees_have_none_and_the_others_one():
    for name in ("b.csv", "c.parquet"):
        Path(name).touch()
    mixed = edited("samples.vbf", {"files": ["b.csv"], **KNOWN})
    project = load(mixed)
    [part] = project.parts["task0"]["vbf"]
    assert settings(plan.features.features(project, "task0", "vbf", part))["tree"] is None
    [part, *_] = project.parts["task0"]["zz"]
    assert settings(plan.features.features(project, "task0", "zz", part))["tree"] == "HZZ4LeptonsAnalysisReduced"
    refused(
        r"task0.yaml:\d+:\d+: samples.zz.files: 'data/a.root' may have several trees: write the name of "
        "the one to read as 'tree' of the sample, or of the task",
        edited("tree", None, mixed),
    )
    load(edited("samples.zz.tree", "Events", edited("tree", None, mixed)))
    none = "files of this kind have no trees, as ROOT and HDF5 files have; remove it"
    refused(rf"task0.yaml:\d+:\d+: samples.vbf.tree: {none}", edited("samples.vbf.tree", "Events", mixed))
    bare = edited("samples.zz.files", ["c.parquet"], mixed)
    refused(rf"task0.yaml:2:1: tree: {none}", bare)
    load(edited("tree", None, bare))


def test_a_generated_sample_knows_its_tree():
    bare = edited("samples.zz.tree", "Events", edited("tree", None))
    project = load(bare)
    spec = plan.features.features(project, "task0", "vbf", "part0000")
    assert spec == plan.features.features(load(TASK), "task0", "vbf", "part0000")
    refused("the generated sample 'vbf' has the tree 'HZZ4LeptonsAnalysisReduced', not 'x'", edited("tree", "x"))


def test_several_samples_of_one_table():
    Path("b.csv").touch()
    signal = {"files": ["b.csv"], "selection": "label == 1", **KNOWN}
    load(edited("tree", None, edited("samples.vbf", signal, named("b.csv"))))
    del signal["selection"]
    refused("'b.csv' is in the sample 'vbf' too", edited("tree", None, edited("samples.vbf", signal, named("b.csv"))))
