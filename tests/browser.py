"""Pages as a browser shows them: the system's Chromium, driven by Playwright; and what axe-core says of them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python import base as axe
from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""What Chromium is called; the variable `SNAKEROOT_CHROMIUM` names another one, which then has to be there."""
SERIOUS = {"serious", "critical"}


def chromium() -> str:
    """Return the program; where none is named, and there is none, the test is skipped, and says so."""
    named = os.environ.get("SNAKEROOT_CHROMIUM")
    found = next((path for name in ([named] if named else NAMES) if (path := shutil.which(name))), None)
    if not found and named:
        pytest.fail(f"there is no {named}, which SNAKEROOT_CHROMIUM names")
    if not found:
        pytest.skip(f"there is no Chromium here ({', '.join(NAMES)}), and SNAKEROOT_CHROMIUM names none")
    return found


@contextmanager
def started() -> Iterator[Browser]:
    """Yield a browser without a window."""
    program = chromium()
    with sync_playwright() as driver:
        # a container's root cannot have Chromium's sandbox; the pages are our own
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def opened(
    browser: Browser, file: Path, width: int, height: int = 900, **options: Any
) -> Iterator[tuple[Page, list[str]]]:
    """Yield a file as a page of this size, and what it says: its console, its errors, what it wants of a network."""
    context = browser.new_context(viewport={"width": width, "height": height}, **options)
    page, said = context.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on(
        "request", lambda request: said.append(request.url) if not request.url.startswith(("file:", "data:")) else None
    )
    page.goto(file.resolve().as_uri())
    yield page, said
    context.close()


def violations(page: Page) -> list[tuple[str, str]]:
    """Return which rules of accessibility a page breaks in a way that is serious, and where first."""
    page.evaluate(Path(axe.__file__).with_name("axe.min.js").read_text())
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    return [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in SERIOUS]
