"""The report: one page that refers to nothing outside itself, with everything in it and nothing let through."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest
import reports
from reports import EVIL, KINDS, TIMELINE, WORKFLOW, line, split_metrics, svg
from snakeroot.data.files import read_json, write_json
from snakeroot.errors import SnakerootError
from snakeroot.evaluate.catalogue import figures
from snakeroot.jobs.command import main
from snakeroot.report import captions, performance, summaries
from snakeroot.report.__main__ import make

NARROW_SPACE = "\N{NARROW NO-BREAK SPACE}"
VOID = {"meta", "img", "br", "hr"}


@pytest.fixture
def arguments(tmp_path):
    return reports.arguments(tmp_path)


class Page(HTMLParser):
    """Collects what a page refers to, its anchors, and complains of tags that are not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags, self.sources, self.links, self.anchors, self.texts = [], [], [], set(), []
        self.open: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        self.sources += [given["src"]] if "src" in given else []
        self.links += [given["href"]] if "href" in given else []
        if "id" in given:
            assert given["id"] not in self.anchors
            self.anchors.add(given["id"])

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def test_traps_stand_at_the_head_of_a_task(arguments):
    text = build(arguments)
    head = text.split('id="one.events"')[0].split('id="one"')[1]
    told = [html.unescape(line) for line in re.findall("Attention:</strong> (.*)</p>", head)]
    assert [line.split(":")[0] for line in told[:4]] == [
        f"the feature {EVIL!r} is a weight of the events, which says how they were made and nothing of what happened",
        "the feature 'f_run' is a part of the events' identity, which says how they were made and nothing of what "
        "happened",
        "the feature 'f_run' alone tells signal from all else (AUC 1.0000), which no observable does",
        "86 % of the values of 'massjj' are -999, far from all others",
    ]
    assert told[4].startswith("the class 'signal' has 213 events to train on, fewer than 500")


def build(arguments):
    main(make, line(arguments))
    return arguments["report"][0].read_text()


def test_page_needs_nothing_outside_itself(arguments):
    """Images are in it, and all that it has of other files is links: relative ones, to what lies beside it."""
    text = build(arguments)
    page = Page(text)
    assert all(source.startswith("data:image/svg+xml;base64,") for source in page.sources)
    inner = [link for link in page.links if link.startswith("#")]
    assert all(link[1:] in page.anchors for link in inner)
    beside = set(page.links) - set(inner)
    assert {"0.svg", "0.csv", "0.pdf", "0.png", "../provenance/0.svg.json", TIMELINE} <= beside
    assert "one/models/mlp/model.onnx" in beside
    assert not [link for link in beside if "//" in link or link.startswith("/")]
    assert page.tags.count("script") == 1
    assert not {"link", "iframe", "object", "embed", "form", "base"} & set(page.tags)
    rest = re.sub(r"base64,[A-Za-z0-9+/=]+", "", text).replace("http-equiv", "")
    assert not re.search(r"https?:|@import|url\(| on\w+=| style=", rest)


def test_nothing_runs_but_the_script_of_the_page(arguments):
    """The policy has the digests of script and style, as a browser computes them, and allows nothing else."""
    text = build(arguments)
    policy = html.unescape(re.search('Content-Security-Policy" content="([^"]*)"', text)[1])
    allowed = dict(one.strip().split(" ", 1) for one in policy.split(";"))
    for kind in ("style", "script"):
        [inside] = re.findall(f"<{kind}>(.*?)</{kind}>", text, flags=re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert allowed.pop(f"{kind}-src") == f"'sha256-{digest}'"
    assert allowed == {"default-src": "'none'", "img-src": "data:", "base-uri": "'none'", "form-action": "'none'"}


def test_templates_have_their_yields_and_what_a_model_is_worth(arguments):
    text = build(arguments)
    assert 'id="one.templates"' not in text
    shown = text.split('id="two.templates"')[1].split("<h3")[0]
    for cell in ("4.56 ± 0.25", f"1{NARROW_SPACE}234 ± 0.25 ± 172", f"1{NARROW_SPACE}199", "1.75", "1.69"):
        assert f"<td>{cell}</td>" in shown, cell
    assert '<td>1.39 <span class="interval">[0.921, 2.15]</span></td>' in shown
    assert "<td>–</td>" in shown
    assert f"mlp: bin 0 {html.escape(EVIL, quote=False)}" in shown.replace("&#39;", "'")
    assert "that of the fit" in shown


def test_without_a_fit_the_formula_stands_alone(arguments):
    known = read_json(arguments["fit-results"][0])
    write_json({**known, "expected": None}, arguments["fit-results"][0])
    shown = build(arguments).split('id="two.templates"')[1].split("<h3")[0]
    assert "1.75" in shown
    assert "Limit" not in shown
    assert "that of the fit" not in shown


def test_variations_have_their_shifts_with_the_errors_of_these(arguments):
    text = build(arguments)
    assert 'id="one.variations"' not in text
    shown = text.split('id="two.variations"')[1].split("<h3")[0]
    minus = "\N{MINUS SIGN}"
    for cell in ("0.9000 ± 0.01", f"{minus}0.0123 ± 0.002", "4.0000 ± 0.01", "+2.50 ± – %"):
        assert f"<td>{cell}</td>" in shown, cell
    assert f"{html.escape(EVIL, quote=False)} up" in shown.replace("&#39;", "'")
    assert "Hidden" not in shown


def test_all_figures_are_there_in_order_with_their_captions(arguments):
    text = build(arguments)
    embedded = [base64.b64decode(source.split(",")[1]).decode() for source in Page(text).sources]
    assert embedded == [svg(number) for number in range(2 * len(KINDS) + 1)]
    titles = re.findall(r'<a class="zoom" href="(\d+)\.svg" data-title="(.*?)">', text)
    headings = 2 * [f"Of {kind}: about {kind}" for kind in KINDS] + ["Generated events"]
    assert titles == [(str(number), heading) for number, heading in enumerate(headings)]
    words = " ".join(text.split())
    assert words.count("area under each curve") == 2
    assert words.count("leading-order toy") == 1


def test_a_caption_stands_once_for_all_figures_of_its_kind(arguments, tmp_path):
    known = json.loads(arguments["spec"][0])
    entries = [{"kind": "input", "title": "Inputs", "subject": f"x{number}"} for number in range(len(KINDS))]
    known["settings"]["sections"][0]["figures"] = entries
    (tmp_path / "3.svg").write_text(svg(3, width=900))
    text = build({**arguments, "spec": [json.dumps(known)]})
    first = text.split('id="one"')[1].split('id="two"')[0]
    assert first.count("Distribution of one feature") == 1
    assert first.count("<h4>Inputs</h4>") == 1
    assert re.findall("<figcaption><strong>(.*?)</strong>", first) == [f"x{number}" for number in range(len(KINDS))]
    [wide] = re.findall(r'<figure class="wide">\s*<a class="zoom" href="(.*?)"', first)
    assert wide == "3.svg", "panels side by side need both columns"
    assert f"<code>snakeroot explain {tmp_path}/3.svg</code>" in first


def test_config_and_versions_of_a_task(arguments):
    text = build(arguments)
    shown = text.split('id="one.config"')[1].split("</section>")[0]
    assert f"kind: binary # {EVIL}" in html.unescape(shown)
    assert EVIL not in shown
    assert "Snakeroot 0.1.0, seed 7, torch&nbsp;2.13.0." in shown
    assert f"snakeroot explain {arguments['metrics'][0]}" in shown
    assert 'href="../provenance/one/metrics.json.json"' in shown


def test_every_figure_has_a_title_and_a_caption():
    assert set(figures()) == {path.stem for path in (WORKFLOW / "report").glob("*.rst")}
    assert all(figure.title for figure in figures().values())


def test_tables_add_up_the_parts_and_show_all_counts(arguments):
    text = build(arguments).replace(NARROW_SPACE, " ")
    text = re.sub(r' <span class="interval">(.*?)</span>', r" \1", text)
    for shown in ["17", "6 000", "5 000", "1 234", "501", "0.9500 [0.9500, 0.9500]", "60 [60, 60]", "∞ [∞, ∞]", "1.25"]:
        assert f">{shown}</td>" in text
    assert "duplicates within vbf: 41" in text
    assert "of these in a test split: 1234" in text
    assert "events in two splits: 0" in text
    assert "none, scored" in text


def test_what_float32_loses_stands_at_the_head_of_a_task(arguments):
    text = build(arguments)
    head = text[text.index('<h2 id="one">') : text.index('<h3 id="one.events">')]
    assert "589 different values of &#39;time&#39; became equal to others in float32" in head
    assert text.count("different values of") == 4
    for path in arguments["cut-flows"]:
        write_json(read_json(path) | {"rounded": {}, "inexact": {"definitions.t": 7}}, path)
    text = build(arguments)
    assert "different values of" not in text
    assert text.count("14 different whole numbers in &#39;definitions.t&#39; became equal to others in float64") == 2


def test_remarks_stand_below_the_performance(arguments):
    text = build(arguments)
    assert text.count('<p class="note">mlp, test: auc not in [0, 1] &lt;script') == 2
    assert text.count("not in [0, 1]") == 2


def test_own_cuts_of_each_sample_stand_where_they_are_made():
    """The steps of several samples in one table: none below the last, none before the first."""
    flows = {
        "vbf": ["read", "(own > 1)", "(x > 0)", "finite", "written"],
        "zz": ["read", "(other > 1)", "(third > 1)", "(x > 0)", "finite", "written"],
        "data": ["read", "(x > 0)", "(late > 0)", "finite", "written"],
    }
    parts = [
        {"sample": name, "steps": [{"step": step, "entries": n, "weight": 1.0} for n, step in enumerate(steps)]}
        for name, steps in flows.items()
    ]
    table = summaries.cut_flow(list(flows), parts, {"samples": {name: {"factor": 1.0} for name in flows}})
    assert list(table.index) == [
        *("read", "(own > 1)", "(other > 1)", "(third > 1)", "(x > 0)", "(late > 0)", "finite", "written")
    ]
    assert table["zz", "Entries"].tolist() == ["0", "–", "1", "2", "3", "–", "4", "5"]
    again = summaries.cut_flow(list(flows), [*parts, *parts], {"samples": {name: {"factor": 1.0} for name in flows}})
    assert list(again.index) == list(table.index)


def test_rows_are_called_what_they_are(arguments):
    assert "Expected events" in build(arguments)
    known = json.loads(arguments["spec"][0])
    known["settings"]["sections"][1]["rows"] = "Jet objects"
    text = build({**arguments, "spec": [json.dumps(known)]})
    expected = re.findall(r"Expected [a-zA-Z ]+?(?= are|<)", text)
    assert [name for name in expected if name != "Expected"] == ["Expected events"] * 2 + ["Expected Jet objects"] * 2


def test_searches_are_told_with_their_best_trial_and_their_failures(arguments):
    text = build(arguments).replace(NARROW_SPACE, " ")
    assert text.count('<h3 id="one.searches">') == 1
    assert "two.searches" not in text
    for shown in [
        "gp",
        "0.1234",
        "–",
        "1 501",
        "0.01235",
        "12",
        "true",
        "trial 3: 0.1260 (of 2); trial 1: – (of 0, 2 failed)",
    ]:
        assert f"<td>{shown}</td>" in text
    found = [line for line in text.splitlines() if "failed: " in line]
    assert found[0] == '<p class="note">mlp: 2 failed: out of memory</p>'
    assert found[1].startswith('<p class="note">mlp: 1 failed: diverged &lt;script')


def test_splits_of_several_folds_have_a_row_each(arguments):
    audit = read_json(arguments["audits"][0])
    write_json(audit | {"folds": audit["folds"] * 2}, arguments["audits"][0])
    text = build(arguments)
    for fold in ("fold 0", "fold 1"):
        assert text.count(f">{fold}</th>") == 2


def test_replicas_are_shown_with_their_spread_and_their_ensemble():
    found = split_metrics()
    spreads = {"auc": 0.0021, "accuracy": 0.03, "loss": 0.01, "rejection_at_50": 4.0, "significance": 0.1234}
    of_replicas = {**found, **{f"{name}_spread": value for name, value in spreads.items()}}
    of_replicas |= {"rejection_at_80_spread": None, "unweighted": {"auc": 0.94, "auc_spread": 0.002}}
    names = ("train", "validation", "test")
    model = dict.fromkeys(names, of_replicas) | {"ensemble": dict.fromkeys(names, found)}
    table = performance.table({"kind": "binary", "models": {"cnn": model, "mlp": dict.fromkeys(names, found)}})
    assert list(table.index.get_level_values(0).unique()) == ["cnn", "cnn, ensemble", "mlp"]
    shown = table.loc["cnn", "Test"].to_dict()
    assert shown == {
        "AUC": "0.9500 ± 0.0021 [0.9500, 0.9500]",
        "AUC unweighted": "0.9400 ± 0.0020",
        "Accuracy": "0.9000 ± 0.0300",
        "Loss": "0.3000 ± 0.0100",
        "Rejection at 50 %": "60 ± 4 [60, 60]",
        "Rejection at 80 %": "∞ [∞, ∞]",
        "Significance": "1.25 ± 0.12",
    }
    assert table.loc["cnn, ensemble", "Test"].to_dict() == table.loc["mlp", "Test"].to_dict()
    assert "±" not in table.loc["mlp"].to_string()


def test_performance_of_each_kind_is_told_by_its_own_metrics():
    areas = {f"auc{end}": {"b": 0.9, "g": 0.8} for end in ("", "_low", "_high")}
    macro = {f"auc_macro{end}": 0.85 for end in ("", "_low", "_high")}
    of_classes = {**areas, **macro, "accuracy": 0.7, "loss": 0.5, "unweighted": {"accuracy": 0.6}}
    numbers = {
        f"{name}{end}": 1.5 for name in ("rmse", "mae", "r2", "bias", "resolution") for end in ("", "_low", "_high")
    }
    lying = {"error": 0.3, "error_low": 0.2, "error_high": 0.4, "silhouette": None}
    shown = {}
    for kind, found in (("multiclass", of_classes), ("regression", numbers), ("unsupervised", lying)):
        splits = dict.fromkeys(("train", "validation", "test"), found)
        more = {"reference": {"column": "measured", **splits}} if kind == "regression" else {}
        shown[kind] = performance.table({"kind": kind, "models": {"net": splits}, **more})
    row = shown["multiclass"].loc["net", "Test"]
    assert (row["Macro AUC"], row["AUC of g"]) == ("0.8500 [0.8500, 0.8500]", "0.8000 [0.8000, 0.8000]")
    assert list(shown["regression"].index.get_level_values(0).unique()) == ["net", "measured (reference)"]
    assert shown["regression"].loc["net", "Train"]["Resolution"] == "1.5 [1.5, 1.5]"
    assert shown["unsupervised"].loc["net", "Test"].to_dict() == {"Error": "0.3000 [0.2000, 0.4000]", "Silhouette": "–"}


def test_where_there_are_no_classes_no_sample_is_without_one(arguments):
    arguments["spec"] = [arguments["spec"][0].replace('"parts": 2', '"parts": 2, "kind": "regression"')]
    metrics = read_json(arguments["metrics"][0])
    numbers = {
        f"{name}{end}": 1.5 for name in ("rmse", "mae", "r2", "bias", "resolution") for end in ("", "_low", "_high")
    }
    for name in ("train", "validation", "test"):
        metrics["models"]["mlp"][name] = numbers
    write_json(metrics | {"kind": "regression"}, arguments["metrics"][0])
    text = build(arguments)
    assert "only shown" not in text
    assert ">Class<" not in text
    assert "half of its central 68 % interval" in text
    assert "Significance is the Asimov" not in text


def test_names_steps_and_titles_are_escaped(arguments):
    flow = arguments["cut-flows"][0]
    write_json(json.loads(json.dumps(read_json(flow)).replace("(x > -999)", json.dumps(EVIL)[1:-1])), flow)
    arguments["cut-flows"] = [flow] * 4
    arguments["spec"] = [arguments["spec"][0].replace("about roc", EVIL).replace("Higgs & friends", EVIL)]
    text = build(arguments)
    page = Page(text)
    assert page.tags.count("script") == 1
    assert text.count("&lt;script&gt;") >= 6
    assert EVIL in "".join(page.texts)


def test_caption_is_text_without_links(tmp_path):
    path = tmp_path / "roc.rst"
    path.write_text(f"See https://example.org and `this <https://example.org>`_: **bold** {EVIL}")
    html = captions.render(path)
    assert "<strong>bold</strong>" in html
    assert "href" not in html
    assert "<script" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize(
    "text",
    [
        f".. raw:: html\n\n   {EVIL}",
        ".. include:: /etc/hostname",
        ".. csv-table::\n   :file: /etc/hostname",
        ".. image:: https://example.org/x.png",
        ".. figure:: x.png\n\n   Words.",
        f".. role:: raw-html(raw)\n   :format: html\n\n:raw-html:`{EVIL}`",
        "An *unfinished caption",
        ".. nonsense:: x",
    ],
)
def test_caption_with_more_than_text_is_an_error_that_names_it(tmp_path, text):
    path = tmp_path / "roc.rst"
    path.write_text(text)
    with pytest.raises(SnakerootError, match=r"roc\.rst"):
        captions.render(path)


def test_broken_input_leaves_no_report(arguments):
    arguments["metrics"][0].write_text("{")
    with pytest.raises(SystemExit, match=r"m\.json"):
        build(arguments)
    assert not arguments["report"][0].exists()


def test_bytes_are_the_same_in_another_process(arguments):
    pages = []
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(WORKFLOW)}
        subprocess.run([sys.executable, "-m", "snakeroot.report", *line(arguments)], env=environment, check=True)
        pages.append(arguments["report"][0].read_bytes())
    assert pages[0] == pages[1]


@pytest.mark.parametrize(
    ("value", "shown"), [(None, "–"), (0.012346, "0.01235"), (999.94, "999.9"), (1234.4, "1 234"), (-1e6, "-1 000 000")]
)
def test_numbers_are_short(value, shown):
    assert summaries.number(value).replace(NARROW_SPACE, " ") == shown
