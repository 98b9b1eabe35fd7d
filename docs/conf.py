"""The site that `make site` builds: these pages and those of the folder above, as they are, in order."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ROOT = Path(__file__).parents[1]

PAGES = {
    "Use": [
        "docs/start",
        "docs/ntuples",
        "docs/expressions",
        "docs/models",
        "docs/reweighting",
        "docs/parameterised",
        "docs/several-targets",
        "docs/tuning",
        "docs/report",
        "docs/systematics",
        "docs/templates",
        "docs/applying",
        "docs/records",
        "docs/farms",
        "docs/remote",
        "docs/config",
        "docs/glossary",
    ],
    "How it works": [
        "docs/design",
        "docs/reliability",
        "SECURITY",
        "docs/performance",
        "docs/scaling",
        "docs/dependencies",
        "CONTRIBUTING",
    ],
    "Examples": ["docs/lecture", "docs/results"],
}
"""The pages by chapter; before them comes the start, the README."""

project = "Snakeroot"
root_doc = "README"
extensions = ["myst_parser"]
include_patterns = ["README.md", "SECURITY.md", "CONTRIBUTING.md", "docs/*.md"]
exclude_patterns = [
    path.name for path in ROOT.iterdir() if path.name not in ("README.md", "SECURITY.md", "CONTRIBUTING.md", "docs")
]
myst_heading_anchors = 3  # links to headings, named as GitHub names them
highlight_language = "text"  # of blocks that do not say what they are
nitpicky = True

html_theme = "furo"  # system fonts; nothing is loaded from elsewhere
html_title = project
html_show_sourcelink = html_copy_source = html_show_copyright = html_use_index = False


def _read(app: Sphinx, page: str, text: list[str]) -> None:
    """Append the table of contents to the start; leave folders unlinked, which a site has none of."""
    folder = Path(app.env.doc2path(page)).parent
    link = r"\[([^\]]+)\]\(([^)#:]+)\)"
    text[0] = re.sub(link, lambda found: found[1] if (folder / found[2]).is_dir() else found[0], text[0])
    if page == root_doc:
        for chapter, pages in PAGES.items():
            text[0] += "\n".join(["", "```{toctree}", ":hidden:", f":caption: {chapter}", "", *pages, "```", ""])


def _finish(app: Sphinx, error: Exception | None) -> None:
    """Write index.html, which leads to the start."""
    if error is None:
        start = f'<meta http-equiv="refresh" content="0; url={root_doc}.html"><a href="{root_doc}.html">{project}</a>\n'
        Path(app.outdir, "index.html").write_text(f"<!DOCTYPE html><title>{project}</title>{start}")


def setup(app: Sphinx) -> None:
    """Let Sphinx call the functions above."""
    app.connect("source-read", _read)
    app.connect("build-finished", _finish)
