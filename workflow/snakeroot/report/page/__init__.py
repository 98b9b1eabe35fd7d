"""Pages that need nothing beside them: their style and their script are in them, and a policy lets nothing else run."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

FOLDER = Path(__file__).parent


def render(template: str, folder: Path = FOLDER, **values: Any) -> str:
    """Return a page from a template in a folder, which extends `base.html`; whatever is filled in is escaped."""
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=FileSystemLoader([folder, FOLDER]),
    )
    style, script = (_own(name) for name in ("page.css", "page.js"))
    return environment.get_template(template).render(style=style, script=script, policy=policy(style, script), **values)


def policy(style: str, script: str) -> str:
    """Return the Content-Security-Policy of a page with this style and this script: these two by their digests, images
    that are in the page, and nothing else, from nowhere.
    """
    return (
        f"default-src 'none'; img-src data:; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _own(name: str) -> Markup:
    # a file of ours, beside this one
    return Markup((FOLDER / name).read_text(encoding="utf-8"))  # noqa: S704


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
