"""What customers say and what opens doors is in no log: a contact with markers, then a search."""

import asyncpg
import pytest

from tests.hostile.attack import ANA, ROSA, attend
from tests.hostile.conftest import House
from tests.product import PASSWORD, browser, client_id, person

NAME, MAIL, PHONE = "Marcadora Zyxw", "zyxw.marca@cliente.example", "+51 999 000 111"
SAID, ANSWERED, NOTED = "zyxw-palabra-dicha", "zyxw-respuesta", "zyxw-nota-privada"
FILE = "zyxw-archivo.txt"


async def test_no_log_holds_what_customers_said_nor_what_opens_doors(
    house: House, capfd: pytest.CaptureFixture[str]
) -> None:
    secrets = [PASSWORD, "zyxw clave equivocada"]
    async with person(house.product, ANA) as ana, person(house.product, ROSA) as rosa:
        guest, case = await attend(
            house.product, house.key, ana, name=NAME, email=MAIL, phone=PHONE, topic="zyxw-tema"
        )
        secrets += [guest.token, *ana.http.cookies.values(), *rosa.http.cookies.values()]
        await guest.say(SAID)
        conversation = ana.conversation(case)
        path = f"/api/conversations/{conversation}/messages"
        await ana.post(path, {"client_id": client_id(), "body": ANSWERED})
        await ana.post(f"/api/cases/{case}/notes", {"client_id": client_id(), "body": NOTED})
        upload = f"/api/uploads?conversation={conversation}"
        await ana.http.post(upload, files={"file": (FILE, b"zyxw-contenido")})
        await ana.http.get(f"/api/cases?q={SAID}")
        await ana.http.patch("/api/me", content=b'{"name": "zyxw-\\u0000"}')
        await guest.say("zyxw \x00 " + SAID, attachments=["0198c000-0000-7000-8000-000000000000"])
        link = await rosa.post(f"/api/admin/users/{house.people[ANA]}/link", {"purpose": "reset"})
        secrets.append(link["url"].rsplit("/", 1)[1])
        async with browser(house.product) as http:
            wrong = {"email": MAIL, "password": "zyxw clave equivocada"}
            await http.post("/api/login", json=wrong)
        await ana.post(f"/api/cases/{case}/end", {"client_id": client_id()})
        await guest.close()
        await ana.presence("offline")
    shown = capfd.readouterr()
    written = house.log.read_text() + shown.out + shown.err
    for marker in (NAME, MAIL, PHONE, SAID, ANSWERED, NOTED, FILE, "zyxw", *secrets):
        assert marker not in written, marker


async def test_a_broken_statement_tells_no_row_to_the_log(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL's own sentences repeat the row that was refused."""
    start = house.log.stat().st_size
    async with person(house.product, ROSA) as rosa:
        real = house.product.web.now
        sentence = "-".join(("Failing row contains (zyxw", "fila)"))

        def broken() -> object:
            raise asyncpg.CheckViolationError(sentence)

        monkeypatch.setattr(house.product.web, "now", broken)
        assert (await rosa.http.get("/api/me")).status_code == 500
        monkeypatch.setattr(house.product.web, "now", real)
    with house.log.open("r+") as log:
        log.seek(start)
        told = log.read()
        log.truncate(start)
    assert "CheckViolationError" in told
    assert "zyxw-fila" not in told
    assert house.log.parent.stat().st_mode & 0o077 == 0
