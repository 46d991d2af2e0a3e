"""What the demo's virtual people say: dialogues as text, filled in with a person's own values.

The files `talks/<team>.txt` hold one dialogue after another:

    == Topic of the case
    outcome: Branch > Leaf            the tipificación that closes it
    C: Good day / my order is late    the customer; " / " parts what is sent as two messages
    A: Let me look, {nombre}.         the agent
    N: Asked the warehouse.           a private note
    C: [foto] here it is              the customer sends a photo; [pdf] sends a document

Visitors read the lines C, the virtual agents the lines A and N (they recognise by its words what
a visitor wrote, so that they also answer people), and the history is written from both.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files

TEAMS = ("atencion", "ventas", "cobranzas")
SPEAKERS = {"C": "customer", "A": "agent", "N": "note"}
FILES = re.compile(r"\[(foto|pdf)\]\s*")
HOLE = re.compile(r"\{[a-z]+\}")
WAIT = re.compile(
    r"\b(momento|espere|permítame|permitame|minuto|revisando|déjeme|enseguida)\b", re.I
)

PRODUCTS = (
    "comedor Tayrona",
    "sofá cama Guatapé",
    "escritorio Chicamocha",
    "bifé Mompox",
    "velador Paracas",
    "ropero Cusco",
    "librero Oaxaca",
    "sillón Chicaque",
    "centro de entretenimiento Valdivia",
    "banco Chía",
)
DAYS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
MONTHS = (
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"
).split()


@dataclass(frozen=True, slots=True)
class Turn:
    """One line: who speaks, what, and the file that goes with it ("", "foto" or "pdf")."""

    who: str
    text: str
    file: str = ""

    def bubbles(self, values: Mapping[str, str]) -> list[str]:
        return [part.strip() for part in filled(self.text, values).split(" / ")]


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A whole conversation and how its case is closed."""

    team: str
    topic: str
    outcome: tuple[str, ...]
    turns: tuple[Turn, ...]

    def of(self, who: str) -> list[Turn]:
        return [turn for turn in self.turns if turn.who == who]


@dataclass(frozen=True, slots=True)
class Values:
    """What fills a dialogue's holes, and the figures an outcome may require."""

    words: Mapping[str, str]
    date: str
    amount: int  # minor units


@cache
def dialogues(team: str) -> tuple[Dialogue, ...]:
    """Every dialogue of a team."""
    text = files("atiende.demo").joinpath("talks", f"{team}.txt").read_text(encoding="utf-8")
    return tuple(_dialogue(team, block) for block in text.split("\n== ")[1:])


def _dialogue(team: str, block: str) -> Dialogue:
    topic, outcome, *lines = [line.strip() for line in block.splitlines() if line.strip()]
    if not outcome.startswith("outcome: "):
        raise ValueError(f"a dialogue without outcome: {topic}")
    path = tuple(part.strip() for part in outcome.removeprefix("outcome: ").split(" > "))
    return Dialogue(team, topic, path, tuple(_turn(line) for line in lines))


def _turn(line: str) -> Turn:
    who, _, text = line.partition(": ")
    found = FILES.search(text)
    return Turn(SPEAKERS[who], FILES.sub("", text).strip(), found.group(1) if found else "")


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its holes filled; an unknown hole is a mistake in the data."""
    return text.format_map(values)


def values_for(name: str, agent: str, now: datetime, place: tuple[str, str, str]) -> Values:
    """A customer's own order, product and figures: always the same for the same name, so that the
    visitor and the agent who answers him speak of the same things. `place` = (country, city,
    address)."""
    rng = random.Random(f"values {name}")
    country, city, address = place
    unit = {"CO": 1000, "PE": 1, "MX": 5, "AR": 300}.get(country, 1)
    sign = {"PE": "S/ "}.get(country, "$ ")
    price, months = rng.randrange(690, 3900, 10) * unit, rng.choice((6, 10, 12))
    quota = max(1, price // months)
    day = (now + timedelta(days=rng.randint(2, 6))).date()
    if day.weekday() == 6:
        day += timedelta(days=1)
    words = {
        "nombre": first_name(name),
        "agente": first_name(agent),
        "pedido": f"NG{rng.randint(10000, 99999)}",
        "producto": rng.choice(PRODUCTS),
        "monto": money(sign, price),
        "cuota": money(sign, quota),
        "fecha": f"{DAYS[day.weekday()]} {day.day} de {MONTHS[day.month - 1]}",
        "ciudad": city,
        "direccion": address,
    }
    return Values(words, day.isoformat(), quota * 100)


def first_name(name: str) -> str:
    """How a person is addressed; a company (its name ends in "S.A.S.") by its whole name."""
    words = name.split()
    if not words:
        return "cliente"
    return " ".join(words[:-1]) if words[-1].endswith(".") else words[0]


def money(sign: str, amount: int) -> str:
    """1249000 as "$ 1.249.000"."""
    return sign + f"{amount:,}".replace(",", "." if sign == "$ " else " ")


def folded(text: str) -> frozenset[str]:
    """The words that carry a sentence: without accents, the short ones left out."""
    plain = unicodedata.normalize("NFKD", HOLE.sub(" ", text).lower())
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    return frozenset(word for word in re.findall(r"[a-z]+", letters) if len(word) > 3)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in which dialogue a visitor is: the number of his line among all turns."""

    dialogue: Dialogue
    turn: int


@cache
def _lines() -> tuple[tuple[Place, frozenset[str]], ...]:
    return tuple(
        (Place(dialogue, number), folded(turn.text))
        for team in TEAMS
        for dialogue in dialogues(team)
        for number, turn in enumerate(dialogue.turns)
        if turn.who == "customer"
    )


def recognised(said: str, before: Place | None = None) -> Place | None:
    """The line of a dialogue that says what a visitor said; None when nothing is near.

    Inside a dialogue that was recognised `before`, its own next lines weigh more: a "thank you"
    is then the thank-you of that story.
    """
    words = folded(said)
    best, found = 0.0, None
    for place, line in _lines():
        follows = (
            before is not None and place.dialogue is before.dialogue and place.turn > before.turn
        )
        score = len(words & line) / max(3, len(line)) + (0.35 if follows else 0.0)
        if follows and before is not None and place.turn - before.turn > 3:
            score -= 0.1
        if score > best:
            best, found = score, place
    return found if best >= 0.45 else _next(before)


def _next(before: Place | None) -> Place | None:
    """The visitor's next line of a story that is under way: "592" says nothing by itself."""
    if before is None:
        return None
    for number in range(before.turn + 1, len(before.dialogue.turns)):
        if before.dialogue.turns[number].who == "customer":
            return Place(before.dialogue, number)
    return None


def answer(place: Place) -> tuple[Sequence[Turn], bool]:
    """What the agent says and notes after a visitor's line, and whether the story ends there."""
    rest = place.dialogue.turns[place.turn + 1 :]
    turns: list[Turn] = []
    for turn in rest:
        if turn.who == "customer":
            break
        turns.append(turn)
    return turns, not any(turn.who == "customer" for turn in rest)


def asks_to_wait(text: str) -> bool:
    """True for "one moment, please": the visitor then waits instead of going on."""
    return len(text) < 120 and WAIT.search(text) is not None and not text.rstrip().endswith("?")
