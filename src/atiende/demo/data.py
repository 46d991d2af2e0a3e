"""The demo's data as values: the company, its customers, its quick replies (JSON beside this)."""

from __future__ import annotations

import json
import random
from functools import cache
from importlib.resources import files
from typing import Any

#: Names of people who are not customers yet: the virtual visitors that come for the first time.
FIRST = (
    "Adriana Alejandra Bárbara Brenda Carolina Cecilia Débora Fabiola Graciela Ivonne Jimena "
    "Leticia Marisol Mónica Noelia Renata Verónica Alonso Benjamín Cristóbal Damián Eduardo "
    "Felipe Gonzalo Hernán Ignacio Joaquín Leandro Marcelo Patricio Renzo Rubén Simón Vicente"
).split()
LAST = (
    "Acosta Aguirre Albornoz Barrios Bermúdez Cáceres Calderón Córdova Delgadillo Escobar "
    "Farfán Galván Góngora Ibáñez Jaramillo Lazarte Luján Márquez Noriega Olórtegui Pacheco "
    "Ponce Quiroga Ramírez Sepúlveda Tejada Urbina Valenzuela Villanueva Yáñez Zúñiga"
).split()


@cache
def _read(name: str) -> Any:
    return json.loads(files("atiende.demo").joinpath(name).read_text(encoding="utf-8"))


def company() -> dict[str, Any]:
    found: dict[str, Any] = _read("company.json")
    return found


def customers() -> list[dict[str, str]]:
    found: list[dict[str, str]] = _read("customers.json")
    return found


def quick_replies() -> list[tuple[str, str, str]]:
    return [(shortcut, title, body) for shortcut, title, body in _read("replies.json")]


def place_of(name: str) -> tuple[str, str, str]:
    """(country, city, address) of a person: a customer's own, else always the same for a name."""
    known = next((c for c in customers() if c["name"] == name), None)
    chosen = known or random.Random(f"place {name}").choice(customers())
    return chosen["country"], chosen["city"], chosen["address"]


def email_of(name: str) -> str:
    """An address under a domain that nobody can own."""
    plain = name.lower().translate(str.maketrans("áéíóúüñ", "aeiouun"))
    words = ["".join(c for c in word if c.isascii() and c.isalnum()) for word in plain.split()]
    return ".".join([w for w in words if w][:3]) + "@correo.example"


def stranger(rng: random.Random) -> str:
    """A name that no customer has."""
    last = rng.sample(LAST, 2)
    return f"{rng.choice(FIRST)} {last[0]} {last[1]}"
