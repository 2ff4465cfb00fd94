"""The HTML report in a browser: it loads and runs nothing, and is readable in light, in dark and on a phone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from migguard.reports.formats import render
from tests.reports.browser import Browser, find_browser, started
from tests.reports.made import HERE, NASTY, ROOT, everywhere, sample

pytestmark = pytest.mark.browser
RELATIVE_LUMINANCE = """
(() => {
  const light = c => { const p = c.match(/[\\d.]+/g).slice(0, 3).map(v => { v /= 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return .2126*p[0] + .7152*p[1] + .0722*p[2]; };
  const behind = e => { for (; e; e = e.parentElement) { const b = getComputedStyle(e).backgroundColor;
    if (!b.endsWith(', 0)')) return b; } return 'rgb(255, 255, 255)'; };
  let worst = 99;
  for (const e of document.body.querySelectorAll('*:not(svg *)')) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
    const [a, b] = [light(getComputedStyle(e).color), light(behind(e))];
    worst = Math.min(worst, (Math.max(a, b) + .05) / (Math.min(a, b) + .05));
  }
  return worst;
})()
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium. A missing one skips, except on CI, where it fails."""
    command = find_browser()
    if command is None:
        if os.environ.get("CI") == "true":
            pytest.fail("there is no Chromium; CI must have it")
        pytest.skip("there is no Chromium")
    with started(command) as running:
        yield running


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the sample."""
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(render("html", sample(), ROOT), encoding="utf-8")
    return path


def test_it_asks_for_nothing_and_complains_of_nothing(browser: Browser, page: Path) -> None:
    browser.open(page)
    assert browser.requests == [page.as_uri()]
    assert browser.complaints == []
    assert browser.run("document.title").startswith("migguard: ")
    assert "Building ix_orders_placed_at blocks every write" in browser.run("document.body.innerText")


def test_hostile_text_runs_nothing(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    text = (
        "".join(one for one in NASTY if "\ud800" not in one)
        + "<img src=x onerror=alert(1)><style>*{display:none}</style>"
    )
    path.write_text(render("html", everywhere(text), HERE), encoding="utf-8")
    browser.open(path)
    assert browser.requests == [path.as_uri()]
    assert browser.complaints == []
    assert browser.run("document.querySelectorAll('script, img, iframe, link, object').length") == 0
    assert "<img src=x onerror=alert(1)>" in browser.run("document.body.innerText")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_what_is_behind_it(browser: Browser, page: Path, scheme: str) -> None:
    """At least 4.5 to 1, as https://www.w3.org/TR/WCAG22/#contrast-minimum asks."""
    browser.scheme(scheme)
    browser.open(page)
    browser.run("document.querySelectorAll('details').forEach(d => { d.open = true })")
    assert browser.run(RELATIVE_LUMINANCE) >= 4.5
    dark = browser.run("getComputedStyle(document.body).backgroundColor") == "rgb(13, 17, 23)"
    assert dark is (scheme == "dark")


def test_a_phone_need_not_scroll_sideways(browser: Browser, page: Path) -> None:
    browser.size(390, 844)
    browser.open(page)
    browser.run("document.querySelectorAll('details').forEach(d => { d.open = true })")
    assert browser.run("document.documentElement.scrollWidth") <= 390
    assert browser.run("parseFloat(getComputedStyle(document.body).fontSize)") >= 16
