"""Captions: reStructuredText of the workflow's own, rendered to HTML that holds text and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docutils.core import publish_parts
from docutils.nodes import Element
from docutils.utils import SystemMessage
from docutils.writers import html5_polyglot
from markupsafe import Markup

from snakeroot.errors import SnakerootError

SETTINGS = {
    "raw_enabled": False,
    "file_insertion_enabled": False,
    "halt_level": 2,  # a warning is a mistake in the caption, and ends as an error that names it
    "report_level": 5,
    "math_output": "MathML",
    "_disable_config": True,  # or a docutils.conf in the working directory would count
}


class Text(html5_polyglot.HTMLTranslator):  # type: ignore[misc]
    """Writes links as their text, and refuses images: the report refers to nothing outside itself."""

    def visit_reference(self, node: Element) -> None:
        """Begin a link: nothing to write."""

    def depart_reference(self, node: Element) -> None:
        """End a link: nothing to write."""

    def visit_image(self, node: Element) -> None:
        """Refuse an image."""
        raise SnakerootError(f"a caption holds text only; remove the image {node['uri']!r}")


def render(path: Path) -> Markup:
    """Return the caption in an .rst file as HTML.

    Raises:
        SnakerootError: if it is not valid reStructuredText, includes a file, or holds raw HTML or an image.
    """
    writer: Any = html5_polyglot.Writer()
    writer.translator_class = Text
    try:
        parts = publish_parts(path.read_text(encoding="utf-8"), writer=writer, settings_overrides=SETTINGS)
    except (SystemMessage, SnakerootError) as error:
        raise SnakerootError(f"{path}: {error}") from error
    # docutils escapes what it writes, and was left no way to pass HTML through.
    return Markup(parts["body"])  # noqa: S704
