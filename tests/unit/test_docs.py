"""Pages and pictures that are made from the code say what the code says."""

from __future__ import annotations

import re
import runpy
import sys
import textwrap
from pathlib import Path

import pytest
from projects import REPOSITORY
from snakeroot.config.read import read_task
from snakeroot.config.reference import reference

STAGES = ("generate", "features", "split", "scale", "tune", "train", "predict", "evaluate", "report")


def test_the_table_of_keys_is_up_to_date() -> None:
    assert (REPOSITORY / "docs/config.md").read_text() == reference(), "run `make docs`"


OTHERWISE = {"blocks", "rung", "tuning_front", "prediction", "residuals", "response"}
"""Rules of what the default tasks have none of: images, sequences or trees; a search with several objectives; one that
stops trials early; a regression."""


def test_the_picture_has_every_rule() -> None:
    rules = {rule for path in (REPOSITORY / "workflow/rules").glob("*.smk") for rule in _rules(path.read_text())}
    drawn = set(re.findall(r"<text[^>]*>(\w+)</text>", (REPOSITORY / "docs/workflow.svg").read_text()))
    assert drawn == (rules | {"all"}) - OTHERWISE, "run `make docs`"


def _rules(text: str) -> list[str]:
    return re.findall(r"^(?:use rule \w+ as|rule) (\w+)", text, flags=re.MULTILINE)


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


def test_the_task_in_the_readme_is_one(tmp_path: Path) -> None:
    [text] = re.findall(r"```yaml\n(.*?)```", (REPOSITORY / "README.md").read_text(), flags=re.DOTALL)
    (tmp_path / "mine.yaml").write_text(textwrap.dedent(text))
    read = read_task("mine", tmp_path)
    assert list(read.task.features) == ["leading_pt", "ht", "met"]
    assert list(read.models) == ["mlp"]


def test_relative_links_of_the_documents_lead_somewhere() -> None:
    for page in [REPOSITORY / "README.md", *(REPOSITORY / "docs").glob("*.md")]:
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / link).exists(), f"{page.name} links to {link}"
