"""A run of which every text and every name is as hostile as it may be: they come out as they are, and do nothing.

Files, trees and branches are called so, and labels, units, captions and expressions have it. What a run writes, and
what the commands say of it, is then read by what would obey: a parser of HTML and a browser, of Markdown, SVG and PDF,
the shell's rules of quoting, and the signs that a terminal obeys.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import browser as browsers
import numpy as np
import onnx
import projects
import pytest
import uproot
from faults._tally import SkippedError, Tally
from markdown_it import MarkdownIt
from snakeroot.apply.output import tree_name

FULL, SHORT = 1, 0
"""Of a whole run, or of what needs no figures."""

EVIL = "<script>alert(1)</script>"
TREE = f"ev\n```\n{EVIL}\n\x1b[31m'; touch PWNED; $(touch PWNED)".replace("/", "\\")
BRANCH = 'x"><img src=x onerror=alert(1)>\x1b]0;PWNED\x07$(touch PWNED)'
EVENT = "' onmouseover='alert(1)\x9b2J\u202e{wildcards.task}"
FILE = "$(touch PWNED)`touch PWNED`'\"; touch PWNED; #&|!~ %s [x](javascript:alert(1)) $HOME é.root"
LABEL = f"{EVIL}\"'><img src=x onerror=alert(1)>"
SHELL = r"'; touch PWNED; \$(touch PWNED)`touch PWNED`{wildcards}{{x}}%s"
LATEX = r"\input{/etc/passwd} \write18{touch PWNED} $\alpha<\beta$ &lt;b&gt; --><b>"
TASK, SAMPLE, MODEL, REGION = "t--help", "rm-rf", "con--", "SR__class__"

SOME = [
    f"results/{TASK}/models/{MODEL}/{name}"
    for name in ("card.md", "model.onnx", "friends/bkg", "templates/workspace.json")
]
WRITTEN = ("results", "logs", "provenance", "times", "records", "checkpoints", ".snakemake", "snapshots")
"""Folders below the project in which a run, and a snapshot of it, may write."""
ELEMENTS = {
    *("html", "head", "meta", "title", "style", "body", "a", "main", "header", "section", "article", "nav", "details"),
    *(
        "h1",
        "h2",
        "h3",
        "h4",
        "p",
        "div",
        "span",
        "ul",
        "li",
        "dl",
        "dt",
        "dd",
        "strong",
        "code",
        "pre",
        "sup",
        "table",
    ),
    *(
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "figure",
        "figcaption",
        "img",
        "summary",
        "dialog",
        "button",
        "script",
        "ins",
    ),
    *(
        "del",
        "math",
        "mi",
        "mo",
        "mn",
        "mrow",
        "msub",
        "msup",
        "msqrt",
        "mfrac",
        "mtext",
        "em",
        "br",
        "colgroup",
        "col",
    ),
    *("mover", "munder", "mstyle", "msubsup", "cite", "aside", "caption", "footer", "label", "input"),
}


def try_all(count: int, folder: Path) -> list[Tally]:
    """Make the run, and look at all that it has written and said."""
    made = _made(folder / "project")
    before = _listing(folder)
    said = {"snakemake": projects.run(made, *([] if count else SOME))}
    said |= {" ".join(words[:3]): _command(made, *words) for words in _commands(made, whole=bool(count))}
    return [
        _of("a page has hostile names and texts in it, read by a parser of HTML", made.glob("results/*.html"), _page),
        _of("the same by Chromium", made.glob("results/*.html"), _in_chromium),
        _of("a card has them, read by a parser of Markdown", made.glob("results/**/card.md"), _markdown),
        _of("JSON has them", _json_files(made), _json),
        _of("a figure has them (SVG)", made.glob("results/**/*.svg"), _svg),
        _of("a figure has them (PDF)", made.glob("results/**/*.pdf"), _pdf),
        _of("a model has them (ONNX)", made.glob("results/**/*.onnx"), _model),
        _of("a friend has them (ROOT)", made.glob("results/*/models/*/friends/*/*.root"), _friend),
        _of("a log has them", (path for path in made.glob("logs/**/*") if path.is_file()), _log),
        _of("a command tells of them", said.items(), _said),
        _of("a run or a command writes a file", _listing(folder) - before, lambda path: _written(folder, path)),
    ]


def _of(accident: str, things: Any, look: Any) -> Tally:
    tally = Tally(accident)
    for thing in things:
        with tally.attempt(str(thing)[-150:]):
            look(thing)
    if not tally.tried:
        tally.skipped = "of a whole run, by make test-faults"
    return tally


def _made(folder: Path) -> Path:
    files = {name: [f"ntu ples/{name}/{FILE}"] for name in (SAMPLE, "bkg", "third")}
    task = {
        "kind": "binary",
        "tree": TREE,
        "samples": {
            SAMPLE: {"class": "signal", "files": files[SAMPLE], "branches": {"x": BRANCH}},
            "bkg": {"class": "background", "files": files["bkg"], "branches": {"x": BRANCH}},
            "third": {"files": files["third"], "branches": {"x": BRANCH}},
        },
        "event_id": ["run", EVENT],
        "weight": f"branch({BRANCH + ' weight'!r})",
        "selection": f"(x > -99) & (branch({BRANCH!r}) < 99)",
        "features": {"x": "x", "y": f"branch({EVIL.replace('/', ':')!r})"},
        "spectators": ["z"],
        "luminosity": 1.0,
        "models": {MODEL: {"architecture": "gbdt", "training": {"max_epochs": 3}}},
        "friends": {"format": "TTree"},
        "systematics": {"jes": {"up": {"features": {"x": f"1.1 * branch({BRANCH!r})"}}}},
        "templates": {
            "background": ["bkg", "third"],
            "regions": {REGION: {"observable": "score", "binning": [0, 0.5, 1], "label": LABEL}},
        },
        "evaluation": {
            "bootstrap": 20,
            "importance": {"rows": 100, "repeats": 2},
            "experiment": f"{EVIL} {SHELL}",
            "status": LATEX,
            "origin": LABEL,
            "axes": {"x": {"label": LATEX, "unit": LABEL}, "y": {"label": SHELL}, "z": {"label": LABEL, "unit": SHELL}},
            "labels": {
                SAMPLE: LABEL,
                "bkg": SHELL,
                "third": LATEX,
                MODEL: LABEL,
                "signal": SHELL,
                "background": "<!--",
            },
        },
    }
    projects.create(folder, {TASK: task})
    for place, name in enumerate(files):
        _ntuple(folder / files[name][0], signal=name == SAMPLE, first=1000 * place)
    return folder


def _ntuple(path: Path, *, signal: bool, first: int) -> None:
    numbers = np.random.default_rng(first)
    path.parent.mkdir(parents=True)
    columns = {
        "run": np.full(500, 1, np.int32),
        EVENT: np.arange(first, first + 500),
        BRANCH: numbers.normal(float(signal), 1, 500),
        EVIL.replace("/", ":"): numbers.normal(float(signal), 1, 500),
        f"{BRANCH} weight": np.ones(500),
        "z": numbers.normal(0, 1, 500),
    }
    with uproot.recreate(path) as file:
        file.mktree(TREE, {name: column.dtype for name, column in columns.items()})
        file[TREE].extend(columns)


def _commands(made: Path, *, whole: bool) -> Iterator[list[str]]:
    ntuples = {name: str(next((made / "ntu ples" / name).iterdir()).relative_to(made)) for name in (SAMPLE, "bkg")}
    model = f"results/{TASK}/models/{MODEL}/model.onnx"
    yield ["inspect", ntuples[SAMPLE]]
    yield ["apply", model, ntuples[SAMPLE], "results/scores.root", "--tree", TREE]
    yield ["explain", model]
    if whole:
        yield ["inspect", ntuples[SAMPLE], "--json"]
        yield ["check"]
        yield ["snapshot", "kept"]
        yield ["compare", "kept", "--output", "results/compare.html"]
        yield ["crate", "--output", "results/crate.zip"]
        yield ["init", "drafted", "--signal", ntuples[SAMPLE], "--background", ntuples["bkg"]]


def _command(made: Path, *words: str) -> str:
    environment = projects._environment() | {"PYTHONPATH": str(made / "workflow"), "TERM": "xterm"}
    done = subprocess.run(
        [sys.executable, "-m", "snakeroot.cli", *words],
        cwd=made,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    return f"{done.stdout}{done.stderr}\nended with {done.returncode}"


def _listing(folder: Path) -> set[Path]:
    return {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}


def _written(folder: Path, path: Path) -> None:
    assert not path.name.startswith("PWNED")
    inner = path.parts[1] if len(path.parts) > 2 else path.name
    drafted = path.parts[1:] == ("config", "tasks", "drafted.yaml") or path.parts[1:] == ("config", "config.yaml")
    assert inner in WRITTEN or drafted or path.suffix == ".pyc", f"{path} is outside of {', '.join(WRITTEN)}"
    assert (folder / path).resolve().is_relative_to(folder.resolve())


class _Elements(HTMLParser):
    """What a page is made of: elements, their attributes, and the text of scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.known: Counter[str] = Counter()
        self.scripts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.known[tag] += 1
        assert tag in ELEMENTS, f"an element <{tag}>"
        for name, value in attrs:
            assert not name.startswith("on"), f"<{tag} {name}={value!r}>"
            assert name != "style", f"<{tag} {name}={value!r}>"
            if name in ("href", "src", "action", "formaction", "srcdoc", "data"):
                image = tag == "img" and str(value).startswith("data:image/svg+xml;base64,")
                assert image or not re.match(r"\s*(\w+:|//)", str(value)), f"<{tag} {name}={value!r}>"

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "script":
            self.scripts.append(data)


def _page(path: Path) -> None:
    elements = _Elements()
    elements.feed(path.read_text())
    elements.close()
    assert elements.known["script"] == 1
    own = (projects.REPOSITORY / "workflow/snakeroot/report/page/page.js").read_text()
    assert "".join(elements.scripts) == own


def _in_chromium(path: Path) -> None:
    with _unless_skipped(), browsers.started() as browser, browsers.opened(browser, path, 1400) as (page, said):
        page.wait_for_timeout(500)
        assert said == []
        assert page.evaluate("document.querySelectorAll('img[onerror], [onmouseover], main script').length") == 0


@contextmanager
def _unless_skipped() -> Iterator[None]:
    try:
        yield
    except pytest.skip.Exception as why:
        raise SkippedError(str(why)) from why


def _markdown(path: Path) -> None:
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(path.read_text())
    every = [inner for token in tokens for inner in (token, *(token.children or ()))]
    assert not {token.type for token in every} & {"html_block", "html_inline", "link_open", "image"}
    fences = [token.content for token in every if token.type == "fence"]
    assert len(fences) == 1, fences
    words = shlex.split(fences[0])
    assert words[:2] == ["snakeroot", "apply"]
    assert any(FILE in word for word in words)


def _json_files(made: Path) -> Iterator[Path]:
    yield from (path for top in ("results", "provenance", "times") for path in made.glob(f"{top}/**/*.json"))


def _json(path: Path) -> None:
    text = path.read_text()
    json.loads(text)
    assert all(sign.isprintable() or sign == "\n" or sign in EVENT for sign in text), "a sign that a terminal obeys"


def _svg(path: Path) -> None:
    for element in ET.parse(path).iter():  # noqa: S314 - our own figures
        name = str(element.tag).rpartition("}")[2]
        assert name not in ("script", "foreignObject", "a", "iframe", "animate", "set"), name
        for key, value in element.attrib.items():
            assert not key.startswith("on"), (key, value)
            assert not key.endswith("href") or value.startswith(("#", "data:image/png;base64,")), (key, value)


def _pdf(path: Path) -> None:
    content = path.read_bytes()
    for word in (b"/JavaScript", b"/JS", b"/Launch", b"/URI", b"/OpenAction", b"/EmbeddedFile"):
        assert word not in content, word


def _model(path: Path) -> None:
    known = {one.key: one.value for one in onnx.load(path).metadata_props}
    described = json.loads(known["snakeroot"])
    assert BRANCH in json.dumps(described, ensure_ascii=False).encode().decode("unicode_escape") or EVIL in str(
        described
    )
    assert TREE in (str(described.get("tree")), TREE)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(one)


def _friend(path: Path) -> None:
    with uproot.open(path) as file:
        [name] = file.keys(cycle=False)
        assert name == tree_name(TREE)
        assert all(re.fullmatch(r"\w+", one) for one in file[name].keys())  # noqa: SIM118 - it is a tree


def _log(path: Path) -> None:
    _no_commands(path.read_text(encoding="utf-8"))


def _said(item: tuple[str, str]) -> None:
    name, text = item
    if name != "snakemake":
        assert text.rstrip().endswith("ended with 0"), text[-1500:]
    assert "Traceback" not in text, text
    _no_commands(text)


def _no_commands(text: str) -> None:
    found = re.search(r"[^\n]*?([\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069])", text)
    assert not found, f"{found and found[1]!r} in {found and found[0][-200:]!r}"
