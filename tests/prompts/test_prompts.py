"""The administrator's audio: uploaded, heard, renamed, used, archived; by nobody else."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.product import Person, Product, found, person, running
from tests.prompts.files import HOSTILE, file, put, share


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def rosa(database: str, tmp_path_factory: "object") -> AsyncIterator[Person]:
    """The administrator of a founded company."""
    folder = Path(tmp_path_factory.mktemp("product"))  # type: ignore[attr-defined]
    async with running(database, folder) as product:
        await found(product)
        async with person(product, "rosa@nogal.example") as someone:
            yield someone


async def test_an_audio_is_uploaded_heard_renamed_and_archived(rosa: Person) -> None:
    made = await put(rosa, "Saludo de Navidad", file("MP3", "MPEG_LAYER_III", 44_100))
    assert made["value"].startswith("custom/saludo-de-navidad-")
    assert (made["kind"], made["used"]) == ("prompt", [])
    heard = await rosa.http.get(f"/api/admin/prompts/{made['id']}/audio")
    assert heard.headers["content-type"] == "audio/wav"
    assert share(heard.content, 700) > 0.95
    body = {"version": made["version"], "name": "Navidad"}
    renamed = await rosa.call("PATCH", f"/api/admin/prompts/{made['id']}", body)
    assert (renamed["name"], renamed["value"]) == ("Navidad", made["value"])
    await rosa.call("DELETE", f"/api/admin/prompts/{made['id']}")
    assert (await rosa.get("/api/admin/prompts"))["items"] == []
    await rosa.post(f"/api/admin/prompts/{made['id']}/restore")
    listed = (await rosa.get("/api/admin/prompts"))["items"]
    assert [each["name"] for each in listed] == ["Navidad"]
    acts = {each["action"] for each in (await rosa.get("/api/admin/audit"))["items"]}
    assert {"prompt.created", "prompt.changed", "prompt.archived", "prompt.restored"} <= acts


async def test_what_a_number_uses_is_not_archived(rosa: Person) -> None:
    said = await put(rosa, "Bienvenida", file())
    music = await put(rosa, "Cumbia", file(seconds=2), kind="music")
    queue = (await rosa.get("/api/admin/queues"))["items"][0]["id"]
    number = {"number": "+5117002000", "greeting": said["value"], "music": music["value"]}
    body = {"channel": "voice", "name": "Central", "queue_id": queue, "config": number}
    account = await rosa.post("/api/admin/channel-accounts", body)
    for made in (said, music):
        listed = (await rosa.get("/api/admin/prompts"))["items"]
        assert next(each["used"] for each in listed if each["id"] == made["id"]) == ["Central"]
        answer = await rosa.call("DELETE", f"/api/admin/prompts/{made['id']}", status=409)
        assert answer["key"] == "in_use_numbers"
    await rosa.call("DELETE", f"/api/admin/channel-accounts/{account['id']}")
    await rosa.call("DELETE", f"/api/admin/prompts/{said['id']}")


async def test_what_is_no_audio_leaves_nothing_behind(rosa: Person) -> None:
    blobs = rosa.product.settings.blobs_dir  # type: ignore[attr-defined]

    def kept() -> set[Path]:
        return {path for path in blobs.rglob("*") if path.is_file()}

    before = kept()
    for name, content in HOSTILE.items():
        answer = await rosa.http.post(
            "/api/admin/prompts",
            data={"name": name, "kind": "prompt"},
            files={"file": ("audio.wav", content, "audio/wav")},
        )
        assert answer.status_code in (415, 422), (name, answer.text)
    await put(rosa, "Dos veces", file())
    taken = await put(rosa, "Dos veces", file(), 409)
    assert taken["fields"] == {"name": "taken"}
    assert len(kept() - before) == 1
    await put(rosa, "", file(), 422)
    await put(rosa, "x" * 200, file(), 422)
    await put(rosa, "Otra", file(), 422, kind="program")
    without = await rosa.http.post("/api/admin/prompts", data={"name": "x", "kind": "prompt"})
    assert without.json()["key"] == "file_empty"


async def test_the_products_sentences_are_listed_and_heard(rosa: Person) -> None:
    told = (await rosa.get("/api/admin/prompts"))["sentences"]
    assert {each["language"] for each in told} == {"es", "en"}
    greeting = next(s for s in told if s["value"] == "custom/es/greeting")
    assert greeting["text"].startswith("Gracias por llamar")
    heard = await rosa.http.get("/api/admin/sentences/es/greeting")
    assert heard.content.startswith(b"OggS")
    for wrong in ("es/nothing", "de/greeting", "es/..%2Fspoken.es.json", "..%2Fes/greeting"):
        assert (await rosa.http.get(f"/api/admin/sentences/{wrong}")).status_code == 404


async def test_agents_and_supervisors_have_no_part_in_it(rosa: Person) -> None:
    product: Product = rosa.product  # type: ignore[assignment]
    for email in ("ana@nogal.example", "sonia@nogal.example"):
        async with person(product, email) as other:
            await other.get("/api/admin/prompts", 403)
            await other.get("/api/admin/sentences/es/greeting", 403)
            await put(other, "Mía", file(), 403)
