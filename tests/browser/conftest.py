"""The built pages in a real browser, offline, at the width of a desk and of a phone."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "_site"
WIDTHS = {"desk": (1280, 900), "phone": (390, 844), "narrow": (320, 800)}


@pytest.fixture
def open_page(browser):
    """Open a page of the site; the requests it makes are collected in `page.requested`."""
    contexts = []

    def open_page(name, device="desk", **options):
        width, height = WIDTHS[device]
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.requested, page.messages = [], []
        page.on("request", lambda request: page.requested.append(request.url))
        page.on("console", lambda message: page.messages.append(message.text))
        page.goto((SITE / name).as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def broken_rules():
    """Run axe on a page as it stands, or with its folds open; return (rule, element) of each violation."""
    everything = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")

    def broken_rules(page, rules=everything, *, unfolded=False, without=()):
        from axe_playwright_python.sync_playwright import Axe

        if unfolded:
            page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        options = {"runOnly": list(rules), "resultTypes": ["violations"], "selectors": False}
        options["rules"] = {name: {"enabled": False} for name in without}
        found = Axe().run(page, options=options).response["violations"]
        return [(rule["id"], node["html"][:200]) for rule in found for node in rule["nodes"]]

    return broken_rules


def pytest_generate_tests(metafunc):
    """One test a page of the site; a site that was not built is one failing test, not none."""
    if "name" in metafunc.fixturenames:
        metafunc.parametrize("name", sorted(path.name for path in SITE.glob("*.html")) or ["index.html"])
