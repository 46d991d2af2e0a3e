"""A door of our own into the demo: whoever comes through it rings at one agent's desk only.

The demo's floor lives: its virtual agents would take our visitors, and its virtual visitors would
fill our agent's hands. So the agent gets a queue that nobody else serves, and what our visitors ask
with the key of the demo's shop is asked with that of a chat of this queue.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, Route

from tests.e2e.at_desk import Insider
from tests.e2e.stage import Browsers, Seat

ASK = """async ([method, path, body]) => {
    const answer = await fetch(path, {
        method,
        headers: { 'Content-Type': 'application/json', 'X-Atiende': '1' },
        body: body === null ? undefined : JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
    return await answer.json();
}"""
#: What a queue and a chat are made with; the rest is as in the demo's own.
OF_A_QUEUE = ("campaign_id", "hours_id", "sl_target_s", "sl_goal_pct", "wrapup_mode", "wrapup_s")
OF_A_CHAT = ("channel", "hours_id", "config")
LIKE = ("Atención", "Nogal · Ayuda")
PATIENT_S = 60


def own_door(
    browser: Browsers, base: str, administrator: str, agent: str, queue_name: str
) -> Callable[[Page], None]:
    """What readies a visitor's page, before it opens the demo's shop."""
    page = browser.seat().page
    Insider(Seat(page)).enter_demo(base, administrator)

    def ask(method: str, path: str, body: object = None) -> Any:
        return page.evaluate(ASK, [method, f"/api/admin/{path}", body])

    def named(path: str, name: str) -> Any:
        return next(x for x in ask("GET", path)["items"] if x["name"].startswith(name))

    like, person = named("queues", LIKE[0]), named("users", agent)
    queue = ask(
        "POST",
        "queues",
        {key: like[key] for key in OF_A_QUEUE} | {"name": queue_name, "offer_timeout_s": PATIENT_S},
    )
    theirs = named("channel-accounts", LIKE[1])
    made = {key: theirs[key] for key in OF_A_CHAT} | {
        "name": f"Nogal · {queue_name}",
        "queue_id": queue["id"],
    }
    ours = ask("POST", "channel-accounts", made)
    serves = person["agent"] | {"queues": [queue["id"]]}
    ask("PATCH", f"users/{person['id']}", {"version": person["version"], "agent": serves})
    page.context.close()

    def swapped(route: Route) -> None:
        asked = route.request
        told = (asked.post_data or "").replace(theirs["public_key"], ours["public_key"])
        url = asked.url.replace(theirs["public_key"], ours["public_key"])
        route.continue_(url=url, post_data=told or None)

    def ready(visitor: Page) -> None:
        visitor.route(re.compile("/chat/(config|start)"), swapped)

    return ready
