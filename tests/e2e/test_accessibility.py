"""axe finds nothing on any screen in any state, on a desk and on a phone, in both themes.

On the phone, besides, everything that is touched is large enough.
"""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from tests.e2e.at_desk import Agent
from tests.e2e.at_shop import Visitor
from tests.e2e.axe import small_targets, violations
from tests.e2e.conftest import Company
from tests.e2e.stage import PHONE, WIDE, Browsers, House, house
from tests.gallery import tour

pytestmark = pytest.mark.e2e

SUPERVISOR, ADMINISTRATOR = "Lucía Benavides", "Patricia Echeverri"
#: How many states each tour passes, at least: a tour that ends early is a failure.
FEWEST = {"entry": 3, "setup": 7, "desk": 16, "floor": 3, "search": 4, "admin": 28, "chat": 7}


@pytest.fixture(scope="module", params=[PHONE, WIDE], ids=["phone", "desk"])
def page(request: pytest.FixtureRequest, chrome: Browsers) -> Callable[[], Page]:
    return lambda: chrome.seat(request.param).page


def clean(page: Page, steps: Iterator[str], fewest: int) -> None:
    """Every state of a tour, looked at by axe."""
    seen = []
    found = []
    for name in steps:
        seen.append(name)
        found += [[name, *one] for one in violations(page)]
        if page.evaluate("() => document.documentElement.scrollWidth > innerWidth"):
            found.append([name, "scrolls sideways"])
        if page.viewport_size == {"width": PHONE[0], "height": PHONE[1]}:
            found += [[name, "too small to touch", *one] for one in small_targets(page)]
    assert found == [], "\n".join(str(f)[:300] for f in found)
    assert len(seen) >= fewest, seen


def test_the_way_in(demo_house: House, page: Callable[[], Page]) -> None:
    here = page()
    clean(here, tour.entry(here, demo_house.url), FEWEST["entry"])


def test_the_first_start(page: Callable[[], Page]) -> None:
    here = page()
    with house() as fresh:
        clean(here, tour.setup(here, fresh.link()), FEWEST["setup"])


def test_the_desk_and_the_chat(
    company: Company, page: Callable[[], Page], arrives: Callable[[str], Visitor]
) -> None:
    def enter(agent: Agent) -> None:
        agent.enter(company.house.url, "ana@nogal.example")

    here = page()
    clean(here, tour.desk(here, enter, arrives), FEWEST["desk"])
    there = page()
    clean(there, tour.widget(there, company.shop.url, tour.answering(here)), FEWEST["chat"])


def test_the_floor_and_past_gestiones(demo_house: House, page: Callable[[], Page]) -> None:
    here = page()
    clean(here, tour.floor(here, demo_house.url, SUPERVISOR), FEWEST["floor"])
    clean(here, tour.search(here, demo_house.url), FEWEST["search"])


def test_the_administration(demo_house: House, page: Callable[[], Page]) -> None:
    here = page()
    clean(here, tour.administration(here, demo_house.url, ADMINISTRATOR), FEWEST["admin"])


def test_axe_sees_a_fault_that_is_planted(page: Callable[[], Page]) -> None:
    """The control: what passes above would not pass with faults in it, in either theme."""
    here = page()
    here.set_content("<main><h1>Título</h1><button></button><p id=p>gris</p></main>")
    here.add_style_tag(content="[data-theme=dark] #p { color: #777; background: #666 }")
    found = {(theme, rule) for theme, rule, *_ in violations(here)}
    assert ("light", "button-name") in found
    assert ("dark", "color-contrast") in found
