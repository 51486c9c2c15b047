"""The script that pools again in the browser gives the library's numbers."""

import numpy as np
import pandas as pd
import pytest

import reviewlib as rl
from reviewlib.site.scripts import HERE

pytestmark = pytest.mark.browser

SOURCE = (HERE / "pool.js").read_text(encoding="utf-8")
POOLS = {
    "two alike": ([-2.6, -2.7], [3.3, 0.22]),
    "two apart": ([0.1, 0.9], [0.01, 0.02]),
    "three equal": ([0.3, 0.3, 0.3], [0.1, 0.2, 0.3]),
    "mixed": (
        [-0.89, -1.59, -1.35, -1.44, -0.22, -0.79, -1.62, 0.01],
        [0.33, 0.19, 0.42, 0.02, 0.05, 0.01, 0.22, 0.004],
    ),
    "large units": ([120.0, 180.0, 90.0, 260.0], [400.0, 900.0, 300.0, 2500.0]),
    "one is far": ([0.0, 0.01, -0.02, 4.0, 0.03], [0.01, 0.01, 0.01, 0.01, 0.01]),
    "tiny variance": ([0.001, 0.0012, 0.0009], [1e-8, 2e-8, 1e-8]),
    "forty": (
        list(np.random.default_rng(5).normal(0.2, 0.4, 40)),
        list(np.random.default_rng(6).uniform(0.01, 0.2, 40)),
    ),
}
RULES = {"house": "wider", "wald": "wald", "hksj": "hksj"}


@pytest.fixture(scope="module")
def scripted(browser):
    page = browser.new_page()
    page.set_content("<p>nothing to tick</p>")
    page.add_script_tag(content=SOURCE)
    yield page
    page.close()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("method", ["REML", "DL", "CE"])
@pytest.mark.parametrize("pool", POOLS)
def test_the_browser_pools_as_the_library(scripted, pool, method, rule):
    estimate, variance = POOLS[pool]
    studies = pd.DataFrame({"estimate": estimate, "variance": variance})
    want = rl.meta_analysis(studies, method=method, ci=RULES[rule])
    got = scripted.evaluate("([y, v, method, rule]) => pool(y, v, method, rule)", [estimate, variance, method, rule])
    scale = max(abs(want.ci.low), abs(want.ci.high))
    assert got["tau2"] == pytest.approx(want.tau2, rel=1e-6, abs=1e-9 * max(variance))
    for mine, ours in ((got["estimate"], want.estimate), (got["low"], want.ci.low), (got["high"], want.ci.high)):
        assert mine == pytest.approx(ours, rel=1e-6, abs=1e-7 * scale)


def test_quantiles_of_t_are_those_of_scipy(scripted):
    from scipy.special import stdtrit

    for df in (1, 2, 3, 4, 7, 12, 39):
        assert scripted.evaluate("df => quantile(df)", df) == pytest.approx(float(stdtrit(df, 0.975)), rel=1e-10)


@pytest.mark.filterwarnings("ignore")
def test_the_page_starts_from_the_printed_pool_and_follows_the_ticks(open_page):
    page = open_page("massage.html")
    topic = rl.load_evidence()["massage"]
    found = rl.findings(topic)["lbp-disability-short"]
    block = page.locator("#trials-massage-lbp-disability-short .pool-again")
    block.locator("summary").click()
    told = block.locator("output")
    assert float(told.get_attribute("data-estimate")) == pytest.approx(found.estimate, rel=1e-6)
    assert float(told.get_attribute("data-low")) == pytest.approx(found.ci.low, rel=1e-6)
    assert "2 of 2 trials" in told.inner_text()
    block.locator("input").first.uncheck()
    assert "One trial is left, nothing is pooled: " in told.inner_text() and "MD " in told.inner_text()
    assert told.get_attribute("data-estimate") is None
    block.locator("input").first.check()
    block.locator("select").last.select_option("hksj")
    wide = rl.meta_analysis(found.studies, ci="hksj")
    assert float(told.get_attribute("data-high")) == pytest.approx(wide.ci.high, rel=1e-6)
    assert "Weight" in page.locator("#trials-massage-lbp-disability-short .forest-plot thead").inner_text(), (
        "the picture stays"
    )


def test_the_script_is_small():
    assert len(SOURCE) < 8000
