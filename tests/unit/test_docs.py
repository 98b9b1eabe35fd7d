"""Pages and pictures that are made from the code say what the code says."""

from __future__ import annotations

import re
import runpy
import sys
import textwrap
from collections import Counter
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator
from projects import REPOSITORY
from rules import rules
from snakeroot.config.json_schemas import schemas
from snakeroot.config.read import read_task
from snakeroot.config.reference import ARCHITECTURES, reference
from snakeroot.tune.samplers import SAMPLERS

STAGES = (
    "generate",
    "features",
    "split",
    "scale",
    "reweight",
    "tune",
    "train",
    "calibrate",
    "predict",
    "evaluate",
    "importance",
    "systematics",
    "templates",
    "report",
    "records",
)


def test_the_table_of_keys_is_up_to_date() -> None:
    assert (REPOSITORY / "docs/config.md").read_text() == reference(), "run `make docs`"


OTHERWISE = {
    *("block", "occlusion", "rung", "shortlist", "confirm", "tuning_front", "prediction", "residuals", "response"),
    *("data_input", "data_score", "discriminant", "profiles", "pull", "coverage", "systematics", "variations"),
    *("reweight", "reweighting", "trade_off", "parameter"),
    *(f"{name}_other" for name in ("roc", "scores", "calibration", "prediction", "residuals", "response")),
    *("ancestry", "calibrate", "report_all", "mlflow", "tensorboard"),
}
"""Rules of what the default tasks have none of: images, sequences or trees; recorded events; discriminants; a search
with several objectives; one that stops trials early or trains the best again; a regression; systematics of a task;
weights or penalties for independence of a variable; physics parameters; targets beside the main one; models that begin
with others; calibrated scores; the report of all tasks; records for other tools."""


def test_the_picture_has_every_rule() -> None:
    drawn = set(re.findall(r"<text[^>]*>(\w+)</text>", (REPOSITORY / "docs/workflow.svg").read_text()))
    assert drawn == (set(rules()) | {"all"}) - OTHERWISE, "run `make docs`"


@pytest.mark.filterwarnings("ignore:.* found in sys.modules")
@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_has_its_three_rooms_and_help(
    stage: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (REPOSITORY / f"workflow/rules/{stage}.smk").read_text().startswith('"""'), "a rule file says its contract"
    monkeypatch.setattr(sys, "argv", ["", "--help"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module(f"snakeroot.{stage}", run_name="__main__", alter_sys=True)
    assert not ended.value.code
    assert f"python -m snakeroot.{stage}" in capsys.readouterr().out


PAGES = [
    *(REPOSITORY / f"{name}.md" for name in ("README", "CONTRIBUTING", "SECURITY")),
    *sorted((REPOSITORY / "docs").glob("*.md")),
]
FENCED = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", flags=re.DOTALL | re.MULTILINE)
EXAMPLES = [
    (page, textwrap.dedent(block[3]))
    for page in PAGES
    for block in FENCED.finditer(page.read_text())
    if block[2] == "yaml"
]


class EditorLoader(yaml.SafeLoader):
    """YAML 1.2, by which editors read: 1e-3 is a number there, and pydantic takes it for one."""


EditorLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[-+]?[\d.]+e[-+]?\d+"), list("-+.0123456789")
)


@pytest.mark.parametrize(("page", "text"), EXAMPLES, ids=[page.name for page, _ in EXAMPLES])
def test_the_tasks_in_the_documents_pass_the_check(page: Path, text: str, tmp_path: Path) -> None:
    """What is no whole task is to stand in that of the README."""
    whole = next(task for where, task in EXAMPLES if where.name == "README.md")
    shown = yaml.safe_load(whole) | yaml.safe_load(text)
    (tmp_path / "mine.yaml").write_text(text if "kind" in yaml.safe_load(text) else yaml.safe_dump(shown))
    assert read_task("mine", tmp_path).models
    Draft202012Validator(schemas()["task.schema.json"]).validate(
        yaml.load((tmp_path / "mine.yaml").read_text(), EditorLoader)  # noqa: S506 - a SafeLoader
    )


@pytest.mark.parametrize("name", ["README", "ntuples", "models", "tuning", "report"])
def test_a_page_for_users_has_a_whole_task(name: str) -> None:
    assert [text for page, text in EXAMPLES if page.stem == name and text.startswith("kind:")]


def test_the_pages_have_every_architecture_with_its_inputs_and_every_sampler() -> None:
    called = {"scalar": "features", "image": "images", "sequence": "sequences", "tree": "trees"}
    text = (REPOSITORY / "docs/models.md").read_text()
    for name in ARCHITECTURES.names():
        module = ARCHITECTURES.load(name)
        first, *others = (called[kind] for kind in module.TAKES)
        row = f"| `{name}` |" if "unsupervised" in module.LEARNS else f"| `{name}` | {first} | {', '.join(others)}"
        assert row in text, f"docs/models.md has no row {row}"
    for name in SAMPLERS.names():
        assert f"| `{name}` |" in (REPOSITORY / "docs/tuning.md").read_text()


def test_links_of_the_documents_lead_to_files_and_headings() -> None:
    for page in PAGES:
        for link in re.findall(r"\]\(([^)\s:]+)\)", FENCED.sub("", page.read_text())):
            path, _, heading = link.partition("#")
            target = page.parent / path if path else page
            assert target.exists(), f"{page.name} links to {link}"
            assert not heading or heading in _headings(target), f"{page.name} links to {link}, which is no heading"


def _headings(page: Path) -> set[str]:
    """Return the names of a page's headings in links, as GitHub and the site make them."""
    found: Counter[str] = Counter()
    names = set()
    for heading in re.findall(r"^#+ +(.*?) *$", FENCED.sub("", page.read_text()), flags=re.MULTILINE):
        name = re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
        names.add(f"{name}-{found[name]}" if found[name] else name)
        found[name] += 1
    return names


def test_the_site_has_all_pages() -> None:
    chapters = runpy.run_path(str(REPOSITORY / "docs/conf.py"))["PAGES"]
    pages = ["README", *(page for chapter in chapters.values() for page in chapter)]
    assert sorted(pages) == sorted(str(page.relative_to(REPOSITORY).with_suffix("")) for page in PAGES)


def test_the_files_that_a_contributor_copies_and_runs_are_there() -> None:
    text = (REPOSITORY / "CONTRIBUTING.md").read_text()
    named = [path for path in re.findall(r"`([\w/]+\.py)`", text) if "/" in path or path.startswith("test_")]
    assert len(named) > 20
    for path in named:
        places = (REPOSITORY / folder / path for folder in ("", "workflow/snakeroot", "tests/unit"))
        assert any(place.exists() for place in places), f"CONTRIBUTING.md names {path}"
