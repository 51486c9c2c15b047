"""The built pages in a real browser, offline, at the width of a desk and of a phone."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "_site"
WIDTHS = {"desk": (1280, 900), "phone": (390, 844), "narrow": (320, 800)}


def opened(browser, name, device, **options):
    """A page of the site in a context of its own, with the requests and messages of its opening."""
    width, height = WIDTHS[device]
    page = browser.new_context(viewport={"width": width, "height": height}, **options).new_page()
    page.requested, page.messages = [], []
    page.on("request", lambda request: page.requested.append(request.url))
    page.on("console", lambda message: page.messages.append(message.text))
    page.goto((SITE / name).as_uri())
    return page


@pytest.fixture
def open_page(browser):
    """Open a page of the site for a test that acts on it; the requests it makes are collected in `page.requested`."""
    contexts = []

    def open_page(name, device="desk", **options):
        page = opened(browser, name, device, **options)
        contexts.append(page.context)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def still_page(browser):
    """Open a page once for all tests that only look and leave it as it opened; `page.requested` is the opening's."""
    pages = {}

    def still_page(name, device="desk"):
        if (name, device) not in pages:
            pages[name, device] = opened(browser, name, device)
        return pages[name, device]

    yield still_page
    for page in pages.values():
        page.context.close()


@pytest.fixture
def broken_rules():
    """Run axe on a page as it stands, with its folds open, or on a part; return (rule, element) of each violation."""
    everything = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")

    def broken_rules(page, rules=everything, *, unfolded=False, without=(), part=None):
        from axe_playwright_python.sync_playwright import Axe

        if unfolded:
            page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        options = {"runOnly": list(rules), "resultTypes": ["violations"], "selectors": False}
        options["rules"] = {name: {"enabled": False} for name in without}
        found = Axe().run(page, context=part, options=options).response["violations"]
        return [(rule["id"], node["html"][:200]) for rule in found for node in rule["nodes"]]

    return broken_rules


def pytest_generate_tests(metafunc):
    """One test a page of the site; a site that was not built is one failing test, not none."""
    if "name" in metafunc.fixturenames:
        metafunc.parametrize("name", sorted(path.name for path in SITE.glob("*.html")) or ["index.html"])


def pytest_collection_modifyitems(items):
    """The tests of one page run in one process, which opens it once."""
    for item in items:
        called = getattr(item, "callspec", None)
        name = called and (called.params.get("name") or called.params.get("topic"))
        if name:
            item.add_marker(pytest.mark.xdist_group(name))
