"""`snakeroot crate` of a finished run: what the profile Provenance Run Crate requires, files, and what is refused.

With a network, `rocrate-validator validate --profile-identifier provenance-run-crate-0.5 crate.zip` checks the same and
more; docs/start.md says what it said.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import projects
import pytest
from snakeroot.cli.app import app
from snakeroot.errors import SnakerootError
from typer.testing import CliRunner

pytest.importorskip("rocrate", reason="the extra 'crate' is not installed")

Entity = dict[str, Any]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    task = projects.task()
    task["samples"]["bkg"]["files"] = ["../of somebody/bkg.root"]
    folder = projects.create(tmp_path_factory.mktemp("crate") / "project", {"my": task})
    shutil.copy2(projects.REPOSITORY / "CITATION.cff", folder)
    projects.ntuple(folder / "ntuples/sig.root", signal=True, events=600)
    projects.ntuple(folder / "../of somebody/bkg.root", signal=False, events=600)
    projects.run(folder)
    return folder


def crate(folder: Path, *words: str) -> str:
    """Return what the command says; its error is raised."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        done = CliRunner().invoke(app, ["crate", *words])
    if done.exception:
        raise done.exception
    return done.output


@pytest.fixture(scope="module")
def archive(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("archive") / "crate.zip"
    people = ("--author", "Ada Lovelace https://orcid.org/0000-0002-1825-0097", "--author", "A. N. Other")
    said = crate(finished, "--output", str(path), "--license", "CC-BY-4.0", *people)
    assert said.startswith(f"{path}: ")
    assert "note" not in said
    return path


@pytest.fixture(scope="module")
def entities(archive: Path) -> dict[str, Entity]:
    with zipfile.ZipFile(archive) as opened:
        metadata = json.loads(opened.read("ro-crate-metadata.json"))
    assert metadata["@context"] == [
        "https://w3id.org/ro/crate/1.1/context",
        "https://w3id.org/ro/terms/workflow-run/context",
    ]
    found = {entity["@id"]: entity for entity in metadata["@graph"]}
    assert len(found) == len(metadata["@graph"])
    return found


def many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def ids(entity: Entity, key: str) -> set[str]:
    return {one["@id"] for one in many(entity.get(key))}


def of_type(entities: dict[str, Entity], kind: str) -> list[Entity]:
    return [entity for entity in entities.values() if kind in many(entity["@type"])]


def test_the_crate_says_what_it_is(entities: dict[str, Entity]) -> None:
    root = entities["./"]
    for profile in ("process/0.5", "workflow/0.5", "provenance/0.5"):
        assert entities[f"https://w3id.org/ro/wfrun/{profile}"]["@type"] == "CreativeWork"
        assert f"https://w3id.org/ro/wfrun/{profile}" in ids(root, "conformsTo")
    assert root["name"] == "Snakeroot: my"
    assert ids(root, "license") == {"https://spdx.org/licenses/CC-BY-4.0"}
    assert ids(root, "author") == {"https://orcid.org/0000-0002-1825-0097", "#person-A.%20N.%20Other"}
    assert root["datePublished"] == max(job["endTime"] for job in of_type(entities, "CreateAction"))
    assert ids(root, "mainEntity") == {"Snakefile"}
    assert ids(entities["ro-crate-metadata.json"], "about") == {"./"}


def test_all_that_is_referred_to_is_described(entities: dict[str, Entity]) -> None:
    outside = {"https://w3id.org/ro/crate/1.1", "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"}
    for entity in entities.values():
        for value in entity.values():
            for one in many(value):
                if isinstance(one, dict):
                    assert one["@id"] in entities or one["@id"] in outside, f"{entity['@id']}: {one}"
    assert ids(entities["./"], "hasPart") == {entity["@id"] for entity in of_type(entities, "File")}


def test_the_workflow_its_tools_its_steps_and_each_job_are_as_the_profile_wants_them(
    entities: dict[str, Entity], finished: Path
) -> None:
    main = entities["Snakefile"]
    assert set(main["@type"]) == {"File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"}
    actions = of_type(entities, "CreateAction")
    assert all(
        entity["@type"] == "ComputerLanguage" for entity in [entities[one] for one in ids(main, "programmingLanguage")]
    )
    assert [action["@id"] for action in actions if ids(action, "instrument") == {"Snakefile"}] == ["#run"]
    for tool in ids(main, "hasPart"):
        assert entities[tool]["@type"] == "SoftwareApplication"
        assert any(ids(action, "instrument") == {tool} for action in actions)
    assert {entity["@id"] for entity in of_type(entities, "HowToStep")} == ids(main, "step")
    assert all(ids(entities[step], "workExample") <= ids(main, "hasPart") for step in ids(main, "step"))
    controls = of_type(entities, "ControlAction")
    assert all(ids(control, "instrument") <= ids(main, "step") for control in controls)
    assert {job for control in controls for job in ids(control, "object")} == {
        action["@id"] for action in actions if action["@id"] != "#run"
    }
    [engine] = of_type(entities, "OrganizeAction")
    assert ids(engine, "object") == {control["@id"] for control in controls}
    assert ids(engine, "result") == {"#run"}
    assert len(controls) == len(list((finished / "provenance").rglob("*.json")))
    for parameter in of_type(entities, "FormalParameter"):
        assert parameter["additionalType"] == "File"
    packages = {one for tool in ids(main, "hasPart") for one in ids(entities[tool], "softwareRequirements")}
    assert any(package.startswith("https://pypi.org/project/torch/") for package in packages)


def test_files_are_those_that_were_made_and_rows_are_only_described(
    archive: Path, entities: dict[str, Entity], finished: Path
) -> None:
    with zipfile.ZipFile(archive) as opened:
        digests = {name: hashlib.sha256(opened.read(name)).hexdigest() for name in opened.namelist()}
    del digests["ro-crate-metadata.json"]
    files = {entity["@id"]: entity["sha256"] for entity in of_type(entities, "File")}
    assert digests == {unquote(name): digest for name, digest in files.items() if "://" not in name}
    packed = {name for name in digests if name.startswith("results/")}
    assert {"results/report.html", "results/my/metrics.json", "results/my/plots/roc.pdf"} < packed
    assert not any("/features/" in name and name.endswith(".parquet") for name in packed)
    named = {entity["name"]: entity for entity in of_type(entities, "File") if "://" in entity["@id"]}
    ntuple = hashlib.sha256((finished / "ntuples/sig.root").read_bytes()).hexdigest()
    assert named["ntuples/sig.root"]["sha256"] == ntuple
    assert named["bkg.root"]["@id"].startswith("ni:///sha-256;"), "of a folder that is nobody's business"
    [features] = [entity for name, entity in named.items() if "features/sig" in name]
    [job] = [action for action in of_type(entities, "CreateAction") if features["@id"] in ids(action, "result")]
    assert {named["ntuples/sig.root"]["@id"]} < ids(job, "object")
    [settings] = [entities[one] for one in ids(job, "object") if one.startswith("#settings/")]
    assert json.loads(settings["value"])["features"] == {"x": "x", "y": "y"}


def test_neither_user_nor_host_nor_folders_are_told(archive: Path, finished: Path) -> None:
    record = json.loads((finished / "provenance/my/metrics.json.json").read_text())
    with zipfile.ZipFile(archive) as opened:
        text = opened.read("ro-crate-metadata.json").decode()
    assert record["directory"] not in text
    assert f'"{record["host"]}"' not in text
    assert "somebody" not in text.replace("../of somebody/bkg.root", "")


def test_it_is_the_same_again_and_can_be_run(archive: Path, finished: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.zip"
    people = ("--author", "Ada Lovelace https://orcid.org/0000-0002-1825-0097", "--author", "A. N. Other")
    crate(finished, "-o", str(again), "--license", "CC-BY-4.0", *people)
    assert again.read_bytes() == archive.read_bytes()
    crate(finished, "-o", str(again), "--rows")
    folder = tmp_path / "else"
    with zipfile.ZipFile(again) as opened:
        opened.extractall(folder)
    assert any((folder / "results/my/features").rglob("*.parquet"))
    shutil.copytree(finished / "ntuples", folder / "ntuples")
    shutil.copytree(finished / "../of somebody", tmp_path / "of somebody")
    planned = projects.plan(folder, "--forceall")
    assert planned == projects.plan(finished, "--forceall")


def test_what_is_not_finished_or_not_as_it_was_made_is_refused(finished: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(finished, tmp_path / "project", symlinks=True))
    shutil.copytree(finished / "../of somebody", tmp_path / "of somebody")
    figure = folder / "results/my/plots/roc.pdf"
    figure.write_bytes(figure.read_bytes() + b"%")
    with pytest.raises(SnakerootError, match=r"results/my/plots/roc.pdf: is not as it was made"):
        crate(folder)
    (folder / "provenance/my/metrics.json.json").unlink()
    with pytest.raises(SnakerootError, match=r"results/my/metrics.json: there is no record of what made it"):
        crate(folder)
    (folder / "results/my/metrics.json").unlink()
    with pytest.raises(SnakerootError, match=r"the run is not finished: \d+ jobs would run, for .*: snakeroot run"):
        crate(folder)
    assert not (folder / "crate.zip").exists()
    with pytest.raises(SnakerootError, match=r"--author 'https://orcid\.org/1': write the name"):
        crate(finished, "--author", "https://orcid.org/1", "-o", str(tmp_path / "x.zip"))


def test_it_says_what_a_publisher_should_state(finished: Path, tmp_path: Path) -> None:
    said = crate(finished, "-o", str(tmp_path / "a.zip"))
    assert Counter(line.split(":")[0] for line in said.splitlines())["note"] == 2
    with zipfile.ZipFile(tmp_path / "a.zip") as opened:
        assert "No license is stated: all rights reserved" in opened.read("ro-crate-metadata.json").decode()
