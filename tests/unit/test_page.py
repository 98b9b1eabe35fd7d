"""The report in a browser: nothing to complain of, tables that sort, figures that zoom, on screens of any width."""

from __future__ import annotations

import json

import browser as browsers
import pytest
import reports
from reports import EVIL, KINDS
from snakeroot.data.files import read_json, write_json
from snakeroot.jobs.command import main
from snakeroot.report.__main__ import make

FIGURES = 2 * len(KINDS) + 1
TABLES = """() => {
  const tables = [...document.querySelectorAll(".scroll")].filter((one) => one.offsetParent);
  const wider = tables.map((one) => one.scrollWidth > one.clientWidth + 1);
  return [wider, tables.map((one) => one.nextElementSibling.offsetParent !== null)];
}"""
"""Which tables that are to be seen are wider than their place, and which have a hint below them."""
AREAS = {"mlp": 0.95, "cnn": 0.99, "forest": None, "deep": 0.985}


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """A report of two tasks with four models, one without a value, and names that would be scripts."""
    folder = tmp_path_factory.mktemp("page") / "results"
    folder.mkdir()
    arguments = reports.arguments(folder)
    metrics = read_json(arguments["metrics"][0])
    of_model = metrics["models"].pop("mlp")
    for name, area in AREAS.items():
        metrics["models"][name] = json.loads(json.dumps(of_model))
        metrics["models"][name]["test"]["auc"] = area
    write_json(metrics, arguments["metrics"][0])
    spec = json.loads(arguments["spec"][0])
    for section in spec["settings"]["sections"]:
        section["models"] = [{"name": name, "architecture": "mlp", "exported": [f"{name}.onnx"]} for name in AREAS]
    arguments["cards"] = arguments["cards"][:1] * 8
    (folder / "3.svg").write_text(reports.svg(3, width=950))
    main(make, reports.line({**arguments, "spec": [json.dumps(spec)]}))
    return arguments["report"][0]


@pytest.fixture(scope="module")
def browser():
    with browsers.started() as one:
        yield one


@pytest.mark.parametrize(("width", "scheme"), [(1400, "light"), (1400, "dark"), (768, "light"), (390, "dark")])
def test_page_is_whole_and_can_be_read_by_all(report, browser, width, scheme):
    """Nothing is said in the console, nothing asked of a network; no image is missing, and nothing is cut off."""
    with browsers.opened(browser, report, width, color_scheme=scheme) as (page, said):
        assert page.evaluate("[...document.images].filter(image => image.naturalWidth > 0).length") == FIGURES
        assert page.evaluate("document.documentElement.scrollWidth") == width
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        assert browsers.violations(page) == []
        assert said == []


def test_a_table_that_is_wider_than_the_screen_says_so(report, browser):
    for width in (1400, 390):
        with browsers.opened(browser, report, width) as (page, _):
            page.wait_for_timeout(50)  # until sizes were observed
            wider, told = page.evaluate(TABLES)
            assert len(wider) > 4
            assert told == wider
            assert any(wider) or width > 390, "or this proves nothing"


def models(page):
    return [cell.inner_text() for cell in page.locator("table.sortable").first.locator("tbody th").all()]


@pytest.mark.parametrize("key", [None, "Enter"])
def test_models_are_sorted_by_click_and_by_key(report, browser, key):
    with browsers.opened(browser, report, 1400) as (page, said):
        head = page.locator("table.sortable").first.locator("th", has_text="AUC").first
        button = head.get_by_role("button")

        def press():
            if key:
                button.focus()
                page.keyboard.press(key)
            else:
                button.click()

        assert head.get_attribute("aria-sort") == "none"
        assert models(page) == sorted(AREAS)  # JSON's order
        press()
        assert (models(page), head.get_attribute("aria-sort")) == (["mlp", "deep", "cnn", "forest"], "ascending")
        press()
        assert (models(page), head.get_attribute("aria-sort")) == (["cnn", "deep", "mlp", "forest"], "descending")
        page.locator("table.sortable").first.get_by_role("button", name="Model").click()
        assert (models(page), head.get_attribute("aria-sort")) == (sorted(AREAS), "none")
        assert said == []


@pytest.mark.parametrize(("width", "key"), [(1400, "Enter"), (390, None)])
def test_a_figure_zooms_and_esc_leads_back(report, browser, width, key):
    with browsers.opened(browser, report, width) as (page, said):
        link, dialog = page.locator("a.zoom").nth(2), page.locator("dialog")
        assert not dialog.is_visible()
        small = link.locator("img").bounding_box()["width"]
        link.focus()
        page.keyboard.press(key) if key else link.click()
        assert dialog.is_visible()
        assert page.url.endswith("report.html"), "the link was not followed"
        shown = dialog.locator("img")
        assert shown.evaluate("image => image.naturalWidth") > 0
        assert shown.bounding_box()["width"] > 1.2 * small
        assert dialog.locator("h2").inner_text() == link.get_attribute("data-title")
        assert browsers.violations(page) == []
        page.keyboard.press("Escape")
        assert not dialog.is_visible()
        assert page.evaluate("document.activeElement.classList.contains('zoom')")
        assert said == []


def test_without_scripts_nothing_is_missing(report, browser):
    with browsers.opened(browser, report, 390, java_script_enabled=False) as (page, said):
        assert page.locator("img").count() == FIGURES
        assert page.locator("table.sortable").first.is_visible()
        assert page.locator("th button").count() == 0, "no button that does nothing"
        assert page.locator(".hint").first.is_visible()
        page.locator("a.zoom").first.click()
        assert page.url.endswith("0.svg"), "the link leads to the figure"
        assert said == []


def test_what_others_have_written_does_not_run(report, browser):
    """The names in the page are scripts, and a script that was added does not run for the policy."""
    file = report.with_name("edited.html")
    file.write_text(report.read_text().replace("</main>", "<script>document.title = 'run'</script></main>"))
    assert EVIL not in report.read_text()
    with browsers.opened(browser, file, 1400) as (page, said):
        assert page.title() == "Higgs & friends"
        assert len(said) == 1
        assert "Content Security Policy" in said[0]


def test_print_has_no_column_cut_off(report, browser):
    """On paper nothing scrolls: each table is as wide as the page at most."""
    with browsers.opened(browser, report, 718) as (page, _):  # A4 between its margins
        page.emulate_media(media="print")
        cut = "one => [...one.querySelectorAll('table')].some(table => table.offsetWidth > one.clientWidth + 1)"
        tables = [table for table in page.locator(".scroll").all() if table.is_visible()]
        assert len(tables) > 4, "or this proves nothing"
        assert not any(table.evaluate(cut) for table in tables)
        assert not page.locator("nav").is_visible()
        assert page.pdf(format="A4").startswith(b"%PDF")
